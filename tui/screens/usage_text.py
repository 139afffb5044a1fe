"""The Usage page's tables and chart as text, for any width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from textual.content import Content

from tui.format import dollars
from tui.providers.catalogue import tokens
from tui.text import visible_line
from tui.usage.chart import columns
from tui.usage.statement import Statement, Sum, cost_words, token_words

PERIODS: Final = ((1, "Today"), (7, "7 days"), (30, "30 days"))
"""Days and title."""
DAYS: Final = PERIODS[-1][0]

_NAME: Final = 12
"""A table gives names at least so much room."""
_GAP: Final = "  "
_MARK: Final = "▸ "
_HEAD: Final = ("", "Requests", "Tokens in", "Out", "Cached", "Cost")
_SHORT_HEAD: Final = ("", "Req.", "In", "Out", "Cached", "Cost")
_SHORTEST_HEAD: Final = ("", "Req.", "In", "Out", "Cost")

Line = tuple[str, ...]


def period_table(statement: Statement, chosen: int, width: int) -> Content:
    """A line for each period; that of `chosen` days is marked."""
    names = [(_MARK if days == chosen else "  ") + title for days, title in PERIODS]
    rows = [(name, statement.over(days)) for name, (days, _) in zip(names, PERIODS, strict=True)]
    styles = ["bold $primary" if days == chosen else "" for days, _ in PERIODS]
    return _table(rows, styles, width)


def model_table(statement: Statement, days: int, width: int) -> Content:
    """A line for each model of the last days; a long name has one of its own."""
    rows = [(f"  {visible_line(model)}", spent) for model, spent in statement.by_model(days)]
    return _table(rows, [""] * len(rows), width) if rows else Content("  no requests")


def day_chart(statement: Statement, width: int, height: int, *, plain: bool) -> Content:
    """Bars for the last 30 days, with the largest named: of cost where any is known, else of tokens."""
    days = statement.by_day(DAYS)
    costs = any(spent.cost_usd for _, spent in days)
    values = [spent.cost_usd if costs else float(spent.input_tokens + spent.output_tokens) for _, spent in days]
    most = max(values)
    each = max(min((width - 4) // len(days), 4), 1)
    gap = 1 if each > 1 else 0
    title = f"{'Cost' if costs else 'Tokens'} by day, the last {DAYS} days"
    top = (
        f"most {dollars(most) if costs else tokens(round(most))} on {_day(days[values.index(most)][0])}" if most else ""
    )
    bars = columns(values, height, width=each - gap, gap=gap, plain=plain)
    span = max(len(bars[0]), 20)
    foot = f"{_day(days[0][0])}{'today':>{span - len(_day(days[0][0]))}}"
    return Content("\n").join(
        [
            Content.assemble((title, "bold $primary"), (f"  {top}", "$quiet")),
            *(Content.styled(f"  {line}", "$primary") for line in bars),
            Content.styled(f"  {foot}", "$quiet"),
        ]
    )


def _table(rows: Sequence[tuple[str, Sum]], styles: Sequence[str], width: int) -> Content:
    """In the fullest form that fits; where even the shortest does not, names have lines of their own."""
    forms = ((_HEAD, _full), (_SHORT_HEAD, _short), (_SHORTEST_HEAD, _shortest))
    for head, cells in forms:
        lines = [(name, *cells(spent)) for name, spent in rows]
        sizes = [max(len(line[at]) for line in (head, *lines)) for at in range(len(head))]
        room = width - sum(sizes[1:]) - len(_GAP) * (len(head) - 1)
        if room >= min(sizes[0], _NAME):
            break
    first = min(sizes[0], max(room, _NAME))
    shown = [Content.styled(next(_lines(head, sizes, first)), "$quiet")]
    for line, style in zip(lines, styles, strict=True):
        shown += [Content.styled(text, style) for text in _lines(line, sizes, first)]
    return Content("\n").join(shown)


def _lines(line: Line, sizes: Sequence[int], first: int) -> Iterator[str]:
    name = line[0]
    if len(name) > first:
        yield name
        name = ""
    middle = (f"{text:>{size}}" for text, size in zip(line[1:-1], sizes[1:-1], strict=True))
    yield _GAP.join((f"{name:<{first}}", *middle, line[-1]))


def _full(spent: Sum) -> Line:
    counts = (spent.input_tokens, spent.output_tokens, spent.cached_tokens)
    return (f"{spent.requests:,}", *(token_words(count, spent) for count in counts), cost_words(spent))


def _short(spent: Sum) -> Line:
    counts = (spent.input_tokens, spent.output_tokens, spent.cached_tokens)
    told = (tokens(count) if count or not spent.tokens_unknown else "?" for count in counts)
    return (tokens(spent.requests), *told, cost_words(spent).replace(" of unknown price", " unknown"))


def _shortest(spent: Sum) -> Line:
    requests, put_in, got_out, _cached, cost = _short(spent)
    return requests, put_in, got_out, cost


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"
