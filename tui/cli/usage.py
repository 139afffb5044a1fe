"""`usage`: what requests have used and cost, from the ledger, as tables or JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click
import msgspec

from tui.cli.exits import CommandFailed
from tui.cli.json_text import json_text
from tui.cli.manual import Manual
from tui.cli.table import table
from tui.config.preferences import Limits, PreferencesFile
from tui.format import dollars
from tui.text import visible, visible_line
from tui.usage.chart import bar
from tui.usage.ledger import Ledger, LedgerError
from tui.usage.statement import Statement, Sum, cost_words, read_statement, today, token_words

_HEAD = ("REQUESTS", "TOKENS IN", "OUT", "CACHED", "COST")
_BAR = 20
_MOST_DAYS = 3_660
_TOKENS = ("input_tokens", "output_tokens", "cached_tokens")


@click.command("usage", cls=Manual)
@click.option(
    "--days", type=click.IntRange(1, _MOST_DAYS), default=30, show_default=True, help="How many days to look back."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: null for what is not known, costs in USD.")
def usage_command(*, days: int, as_json: bool) -> None:
    """Print what your requests of chat, check-up and ping have used and cost, by model and by day.

    A cost that is not known is counted apart, never taken for zero. Days are those of your own clock.
    """
    ledger, preferences = Ledger(), PreferencesFile()
    loaded = preferences.read()
    try:
        statement = read_statement(ledger, days, today())
    except LedgerError as error:
        raise CommandFailed(str(error)) from error
    for words in (*loaded.problems, ledger.news):
        if words:
            click.echo(visible(words), err=True)
    limits = loaded.preferences.limits
    if as_json:
        click.echo(json_text(_as_dict(statement, days, limits)))
    elif not statement.groups:
        click.echo(f"No request is recorded in the last {days} days. Those of chat, check-up and ping will be.")
    else:
        click.echo("\n".join(_lines(statement, days)))
        click.echo(f"\n{_limit_words(statement, limits)} {visible_line(str(preferences.path))} holds the limits.")


def _lines(statement: Statement, days: int) -> Iterator[str]:
    periods = sorted({1, min(7, days), days})
    yield from table(("PERIOD", *_HEAD), [(_period(period), *_cells(statement.over(period))) for period in periods])
    yield ""
    models = [(visible_line(model), *_cells(spent)) for model, spent in statement.by_model(days)]
    yield from table(("MODEL", *_HEAD), models)
    yield ""
    used = [(day, spent) for day, spent in statement.by_day(days) if spent.requests]
    bars = _bars([spent for _, spent in used])
    rows = [(day.isoformat(), *_cells(spent), line) for (day, spent), line in zip(used, bars, strict=True)]
    yield from table(("DAY", *_HEAD, ""), rows)


def _period(days: int) -> str:
    return "today" if days == 1 else f"last {days} days"


def _cells(spent: Sum) -> tuple[str, ...]:
    counts = (spent.input_tokens, spent.output_tokens, spent.cached_tokens)
    return (f"{spent.requests:,}", *(token_words(count, spent) for count in counts), cost_words(spent))


def _bars(sums: list[Sum]) -> list[str]:
    """Of cost where any is known, else of tokens."""
    costs = any(spent.cost_usd for spent in sums)
    values = [spent.cost_usd if costs else float(spent.input_tokens + spent.output_tokens) for spent in sums]
    most = max(values) or 1.0
    return [bar(value / most, _BAR, plain=_plain()).rstrip("·.") for value in values]


def _plain() -> bool:
    """Whether the output can show nothing but ASCII."""
    try:
        "█·".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return True
    return False


def _limit_words(statement: Statement, limits: Limits) -> str:
    session = "no limit for a session" if limits.session_usd is None else f"{dollars(limits.session_usd)} for a session"
    day = "no limit for a day" if limits.day_usd is None else f"{dollars(limits.day_usd)} for a day"
    spent = dollars(statement.over(1).cost_usd)
    return f"Spending limits: {session}, {day}; {spent} spent today."


def _as_dict(statement: Statement, days: int, limits: Limits) -> dict[str, object]:
    return {
        "days": days,
        "today": _sum_dict(statement.over(1)),
        "total": _sum_dict(statement.over(days)),
        "by_model": [{"model": model, **_sum_dict(spent)} for model, spent in statement.by_model(days)],
        "by_day": [
            {"day": day.isoformat(), **_sum_dict(spent)} for day, spent in statement.by_day(days) if spent.requests
        ],
        "limits": msgspec.to_builtins(limits),
    }


def _sum_dict(spent: Sum) -> dict[str, object]:
    """A cost is null where no request had a price; tokens are null where nobody counted any."""
    told: dict[str, object] = msgspec.to_builtins(spent)
    counted = spent.tokens_unknown < spent.requests or not spent.requests
    return told | {
        "cost_usd": spent.cost_usd if spent.cost_known or not (spent.cost_unknown or spent.local) else None,
        **{name: told[name] if counted or told[name] else None for name in _TOKENS},
    }
