"""What is set besides the fields of Settings, in as many lines as there is room for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.config.resolve import Resolved
from tui.config.schema import FIELDS, shown
from tui.text import visible_line
from tui.widgets.field_row import titled

_LABEL: Final = 23
_LABEL_NARROW: Final = 20
"""As wide as the labels of the rows above."""
_INDENT: Final = 2
_GAP: Final = 2
_ABOVE: Final = 2
"""An empty line and the heading."""
_HEADING: Final = "Also set, on F3 Advanced"
_NOTHING: Final = (
    f"F3 Advanced has {sum(field.screen == 'advanced' for field in FIELDS.values())} more fields, none of them set."
)


class Also(msgspec.Struct, frozen=True):
    """A field that something sets."""

    name: str
    label: str
    value: str
    origin: str
    style: str
    """Of the origin."""


def also_set(resolved: Mapping[str, Resolved]) -> tuple[Also, ...]:
    """The fields of Advanced that a source sets or fails to set, in the order of that page."""
    return tuple(
        Also(
            name=name,
            label=titled(item.field),
            value=visible_line(shown(item.field, item.value)),
            origin=visible_line(str(item.origin)),
            style=_style(item),
        )
        for name, item in resolved.items()
        if item.field.screen == "advanced" and (item.origin.kind != "default" or item.problem)
    )


class AlsoSet(Widget):
    """A list to look at: the fields themselves are on Advanced. A click goes to one."""

    DEFAULT_CSS = """
    AlsoSet { height: 1fr; padding: 0 1 0 0; }
    """

    fields: reactive[tuple[Also, ...]] = reactive[tuple[Also, ...]](())
    failing: reactive[frozenset[str]] = reactive[frozenset[str]](frozenset())
    """Names of the fields whose values will not work."""

    @dataclass
    class Picked(Message):
        """A field was clicked."""

        name: str

    def __init__(self) -> None:
        super().__init__(id="also-set")

    def render(self) -> Content:
        """An empty line, what this is, and the fields; those for which there is no room are counted."""
        room = self.size.height - _ABOVE
        if room < 0:
            return Content("")
        fitting = self._fitting()
        lines = [Content(""), _aside(_HEADING if self.fields else _NOTHING), *map(self._line, fitting)]
        if room and (left := len(self.fields) - len(fitting)):
            lines.append(_aside(f"and {left} more"))
        return Content("\n").join(lines)

    def on_click(self, event: events.Click) -> None:
        """Ask for the field under the pointer."""
        at = event.y - _ABOVE
        if 0 <= at < len(fitting := self._fitting()):
            self.post_message(self.Picked(fitting[at].name))

    def _fitting(self) -> tuple[Also, ...]:
        room = max(0, self.size.height - _ABOVE)
        return self.fields if len(self.fields) <= room else self.fields[: max(0, room - 1)]

    def _line(self, also: Also) -> Content:
        width = _LABEL_NARROW if self.screen.has_class("-narrow") else _LABEL
        label = Content.styled(" " * _INDENT + also.label, "$quiet").truncate(width - 1, ellipsis=True, pad=True)
        fails = also.name in self.failing
        origin = f"✗ {also.origin}" if fails else also.origin
        room = max(0, self.size.width - width - len(origin) - _GAP)
        value = Content(also.value).truncate(room, ellipsis=True, pad=True)
        return Content.assemble(label, " ", value, " " * _GAP, (origin, "$error" if fails else also.style))


def _aside(text: str) -> Content:
    return Content.styled(" " * _INDENT + text, "$faint")


def _style(item: Resolved) -> str:
    if item.problem:
        return "$error"
    if item.env_name:
        return "$warning"
    return "$primary" if item.origin.kind == "edited" else "$faint"
