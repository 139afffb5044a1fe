"""One spending limit: a field for the amount, and how much of it is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from tui.config.preferences import NO_LIMIT, BadAmountError, LimitName, amount_of
from tui.format import dollars
from tui.usage.chart import bar
from tui.widgets.line_input import LineInput

_BAR: Final = 10
_NEAR: Final = 0.8
"""From this share on the gauge warns."""


class LimitRow(Horizontal):
    """Enter, or leaving the field, takes what was typed; what does not fit is told and stays."""

    DEFAULT_CSS = """
    LimitRow {
        height: 1;
        & > .limit--label { width: 18; height: 1; padding: 0 0 0 2; color: $quiet; }
        & > LineInput.-textual-compact { width: 10; background: $boost; padding: 0 1; }
        & > LineInput.-textual-compact:focus { background: $panel; }
        & > .limit--gauge { width: 1fr; height: 1; padding: 0 0 0 2; text-wrap: nowrap; text-overflow: ellipsis; }
        &:focus-within > .limit--label { color: $foreground; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="limit.back", tooltip="Forget what was typed into the limit"),
    ]

    field = getters.query_one(LineInput)

    @dataclass
    class Changed(Message):
        """The user entered a limit, in USD; None for none."""

        name: LimitName
        amount_usd: float | None

    @dataclass
    class Left(Message):
        """The user wants to go back to the page."""

    def __init__(self, name: LimitName, label: str) -> None:
        super().__init__(id=name)
        self.limit: LimitName = name
        self._label = label
        self._amount_usd: float | None = None
        self._used = Content("")
        self._gauge = Static("", classes="limit--gauge", markup=False)

    def compose(self) -> ComposeResult:
        """Label, amount, gauge."""
        yield Static(self._label, classes="limit--label", markup=False)
        yield LineInput()
        yield self._gauge

    def show(self, amount_usd: float | None, spent_usd: float, allowed_usd: float | None, *, plain: bool) -> None:
        """Show the limit, what is spent of it, and how far a yes has raised it; text that is being typed stays."""
        self._amount_usd = amount_usd
        if not self.field.has_focus:
            self.field.put(_text(amount_usd), NO_LIMIT)
        self._used = _gauge(amount_usd, spent_usd, allowed_usd, plain=plain)
        self._say_used()

    def say_wrong(self, reason: str) -> None:
        """The limit could not be taken; there is room for a few words."""
        self.field.add_class("-wrong")
        self._gauge.update(Content.styled(reason, "$error"))

    def action_back(self) -> None:
        """Show what holds."""
        self._say_used()
        self.field.put(_text(self._amount_usd), NO_LIMIT)
        self.post_message(self.Left())

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._take()

    @on(events.DescendantBlur)
    def _left(self) -> None:
        self._take()

    def _take(self) -> None:
        try:
            amount = amount_of(self.field.value)
        except BadAmountError as error:
            self.say_wrong(str(error))
            return
        self._say_used()
        if amount != self._amount_usd:
            self.post_message(self.Changed(self.limit, amount))

    def _say_used(self) -> None:
        self.field.remove_class("-wrong")
        self._gauge.update(self._used)


def _text(amount_usd: float | None) -> str:
    return (
        NO_LIMIT
        if amount_usd is None
        else f"{amount_usd:.2f}"
        if round(amount_usd, 2) == amount_usd
        else f"{amount_usd:g}"
    )


def _gauge(amount_usd: float | None, spent_usd: float, allowed_usd: float | None, *, plain: bool) -> Content:
    spent = f"{dollars(spent_usd)} spent"
    if amount_usd is None:
        return Content.styled(f"{spent}, no limit", "$quiet")
    raised = f", {dollars(allowed_usd)} allowed" if allowed_usd is not None and allowed_usd > amount_usd else ""
    whole = allowed_usd or amount_usd
    if not whole:
        return Content.styled(f"{spent}; asks before each request that costs anything", "$quiet")
    share = spent_usd / whole
    colour = "$warning" if share >= _NEAR else "$success"
    return Content.assemble((bar(share, _BAR, plain=plain), colour), (f" {share:.0%} · {spent}{raised}", "$quiet"))
