"""The Usage page: what requests have used and cost, by period, by day and by model, and the spending limits."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.config.errors import ConfigError
from tui.screens.late_page import LatePage
from tui.screens.usage_text import DAYS, PERIODS, day_chart, model_table, period_table
from tui.text import visible
from tui.threads import aside
from tui.usage.accounting import Books
from tui.usage.ledger import LedgerError
from tui.usage.question import Scope
from tui.usage.statement import Statement, read_statement
from tui.widgets.limit_row import LimitRow
from tui.widgets.row import Help

_BOUND_S: Final = 10.0
_READING: Final = "Reading the record of usage…"
_SLOW: Final = "The disk does not answer. ^r tries again."
_EMPTY: Final = (
    "Nothing is recorded yet. Ask something in Chat (F4) or run the Check-up (F5): from then on this page says what it "
    "used and what it cost. Prompts, answers and keys are not recorded."
)
_LOW: Final = 24
"""On a screen of fewer lines the chart is lower."""


class UsagePage(VerticalScroll, LatePage, can_focus=True):
    """Works by itself: needs only the books. Whoever shows it calls `enter`."""

    DEFAULT_CSS = """
    UsagePage {
        scrollbar-size-vertical: 1;
        padding: 0 1;
        & > Static { height: auto; margin-bottom: 1; display: none; }
        & > .-some { display: block; }
        & > #usage-trouble { color: $warning; }
        & > #limits-title { display: block; margin-bottom: 0; color: $primary; text-style: bold; }
        & > #day_usd { margin-bottom: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "period(1)", "Longer", id="usage.longer", tooltip="Show the models of a longer period"),
        Binding("left", "period(-1)", "Shorter", id="usage.shorter", tooltip="Show the models of a shorter period"),
        Binding("ctrl+r", "read", "Read again", id="usage.read", tooltip="Read the record of usage again"),
    ]

    ALONE = True

    def __init__(self, books: Books) -> None:
        super().__init__(id="usage")
        self._books = books
        self._statement: Statement | None = None
        self._days = DAYS

    def compose(self) -> ComposeResult:
        """Trouble, periods, limits, chart, models."""
        yield Static(id="usage-trouble", markup=False)
        yield Static(id="periods", markup=False)
        yield Static("Spending limits, in USD", id="limits-title", markup=False)
        yield LimitRow("session_usd", "This session")
        yield LimitRow("day_usd", "Each day")
        yield Static(id="day-chart", markup=False)
        yield Static(id="models", markup=False)

    @property
    def help(self) -> Help:
        """For the strip at the bottom."""
        if self.query("LimitRow:focus-within"):
            facts = ("an amount in USD, 0 to be asked each time, or none", "kept in preferences.toml")
            return Help("spending limit", facts, "Before a request may pass it, the app asks. Enter sets it.")
        return Help(
            "usage",
            ("chat, check-up and ping; no text and no keys",),
            "Left and right choose the period, tab goes to the spending limits.",
        )

    async def enter(self) -> None:
        """Take the focus, and read the record again."""
        self.focus()
        self.action_read()

    def on_resize(self) -> None:
        """Tables and chart fit the width."""
        self._show()

    def action_period(self, step: int) -> None:
        """Choose another period."""
        each = [days for days, _ in PERIODS]
        self._days = each[min(max(each.index(self._days) + step, 0), len(each) - 1)]
        self._show()

    def action_read(self) -> None:
        """Read the record."""
        if self._statement is None:
            self._say("periods", Content.styled(_READING, "$quiet"))
        self._read()

    @work(exclusive=True, group="usage")
    async def _read(self) -> None:
        trouble = ""
        await self._books.look()
        try:
            self._statement = await aside(
                partial(read_statement, self._books.ledger, DAYS, self._books.day()), _BOUND_S
            )
        except LedgerError as error:
            trouble = str(error)
        except OSError:
            trouble = _SLOW
        if trouble and self._statement is None:
            self._say("periods", Content(""))
        told = dict.fromkeys(filter(None, (*self._books.trouble, trouble)))
        self._say("usage-trouble", Content(visible("\n".join(told))))
        self._show_limits()
        self._show()

    @on(LimitRow.Changed)
    def _limit_changed(self, event: LimitRow.Changed) -> None:
        event.stop()
        self._save(event)

    @on(LimitRow.Left)
    def _limit_left(self, event: LimitRow.Left) -> None:
        event.stop()
        self.focus()

    @work(group="limits")
    async def _save(self, changed: LimitRow.Changed) -> None:
        write = partial(self._books.preferences.set_limit, changed.name, changed.amount_usd)
        try:
            await aside(write, _BOUND_S)
        except (ConfigError, OSError) as error:
            self.query_one(f"#{changed.name}", LimitRow).say_wrong("not saved")
            self.notify(visible(str(error)), severity="warning", markup=False, timeout=10)
            return
        await self._books.look()
        self._show_limits()
        self.notify("The spending limit holds from now on.", markup=False, timeout=3)

    def _show_limits(self) -> None:
        spending = self._books.spending
        for row in self.query(LimitRow):
            scope: Scope = "session" if row.limit == "session_usd" else "day"
            amount = getattr(spending.limits, row.limit)
            row.show(amount, spending.spent_usd(scope), spending.allowed_usd(scope), plain=self._plain)

    def _show(self) -> None:
        statement = self._statement
        width = self.scrollable_content_region.width
        if statement is None or not width:
            return
        if not statement.groups:
            self._say("periods", Content(_EMPTY))
            return
        height = 3 if self.app.size.height < _LOW else 6
        self._say("periods", period_table(statement, self._days, width))
        self._say("day-chart", day_chart(statement, width, height, plain=self._plain))
        title = next(title for days, title in PERIODS if days == self._days)
        heading = Content.styled(f"By model, {title.lower()}\n", "bold $primary")
        self._say("models", heading + model_table(statement, self._days, width))

    @property
    def _plain(self) -> bool:
        return self.app.console.options.ascii_only

    def _say(self, name: str, content: Content) -> None:
        line = self.query_one(f"#{name}", Static)
        line.update(content)
        line.set_class(bool(content.plain), "-some")
