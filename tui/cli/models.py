"""`models`: the catalogue, or with --live what the endpoint of the settings says it serves, as a table or JSON."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

import click

from tui.cli import completing
from tui.cli.exits import BY_CAUSE, CommandFailed, Exit
from tui.cli.json_text import json_text
from tui.cli.manual import Manual
from tui.cli.opened import Choice, chosen
from tui.cli.table import table
from tui.config.installation import upgrade_litellm
from tui.local.pinned import BUILT_IN, BUILT_IN_WORDS, CONTEXT_TOKENS
from tui.providers.catalogue import Catalogue, Model, catalogue, dollars, tokens
from tui.providers.marks import Marks, load_marks
from tui.providers.price_age import price_age
from tui.providers.registry import providers
from tui.providers.search import Finder, nearest
from tui.text import visible, visible_line

_HEAD = ("MODEL", "CONTEXT", "OUTPUT", "IN/1M", "OUT/1M", "MARKS")
_BUILT_IN = Model(
    id=BUILT_IN,
    provider="openai",
    name=BUILT_IN.partition("/")[2],
    context=CONTEXT_TOKENS,
    input_price=0,
    output_price=0,
)
_FACTS = (
    "id", "provider", "name", "context", "max_output", "input_price", "output_price", "vision", "tools", "json_schema",
    "prompt_caching", "reasoning", "deprecated",
)  # fmt: skip


@click.command("models", cls=Manual)
@click.argument("query", nargs=-1, metavar="[QUERY]")
@click.option(
    "--provider",
    metavar="NAME",
    shell_complete=completing.provider,
    help="Only this provider's models; NAME as a model's prefix spells it.",
)
@click.option("--live", is_flag=True, help="Ask the endpoint of the settings which models it serves.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: null for what is not known, prices in USD per 1M.")
@click.option(
    "--send-key-to",
    metavar="ORIGIN",
    help="With --live: let the key go to this origin (https://host) although it came from elsewhere.",
)
@click.pass_context
def models_command(
    context: click.Context,
    query: tuple[str, ...],
    provider: str | None,
    *,
    live: bool,
    as_json: bool,
    send_key_to: str | None,
) -> None:
    """List models: context window, longest answer, and prices in USD per 1M tokens. A dash means unknown.

    QUERY narrows the list as typing does in the app: words in any order, letters may be left out. Verified models
    come first. With --live the list is the server's own: run it to see what your base_url serves.
    """
    if provider is not None and provider not in providers():
        near = difflib.get_close_matches(provider, providers(), n=3)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise CommandFailed(f"LiteLLM knows no provider {provider!r}.{hint}", Exit.USAGE)
    words, known = " ".join(query), catalogue()
    marks = load_marks(known)
    if live:
        pool = _live(chosen(context), provider or "", send_key_to, known)
        found = Finder(pool).find(words)
    else:
        pool = known.of(provider) if provider else known.models
        more = (_BUILT_IN,) if words and not provider else ()
        every = (*known.models, *marks.withdrawn, *more)
        finder = Finder(every, marks.standing(_today()), today=_today(), words={BUILT_IN: BUILT_IN_WORDS})
        found = finder.find(words, provider=provider or "")
    if as_json:
        click.echo(json_text([_as_json(model, marks) for model in found]))
    elif found:
        _print(found, marks)
        if not live:
            _print_age(os.environ)
    if not found:
        raise CommandFailed(_nothing(words, pool), Exit.PROBLEM)


def _print(found: Sequence[Model], marks: Marks) -> None:
    for line in table(_HEAD, [_row(model, marks) for model in found]):
        click.echo(line)
    click.echo(f"{len(found):,} model{'' if len(found) == 1 else 's'}", err=True)


def _print_age(env: Mapping[str, str]) -> None:
    click.echo(f"Prices and limits: {price_age(_today()).words}. To renew them:\n  {upgrade_litellm(env)}", err=True)


def _row(model: Model, marks: Marks) -> tuple[str, ...]:
    limits = ("-" if count is None else tokens(count) for count in (model.context, model.max_output))
    prices = ("-" if price is None else dollars(price) for price in (model.input_price, model.output_price))
    return (visible_line(model.id), *limits, *prices, ", ".join(_marks(model, marks)))


def _marks(model: Model, marks: Marks) -> list[str]:
    return [mark.text.partition(":")[0] for mark in marks.of(model.id, _today())]


def _today() -> date:
    return datetime.now(tz=UTC).astimezone().date()


def _as_json(model: Model, marks: Marks) -> dict[str, object]:
    facts: dict[str, object] = {name: getattr(model, name) for name in _FACTS}
    return facts | {"marks": [mark.kind for mark in marks.of(model.id, _today())]}


def _nothing(words: str, pool: Sequence[Model]) -> str:
    if not words:
        return "there is no model to list. Any model can be typed by name."
    near = nearest(words, (model.id for model in pool))
    hint = f" The nearest: {', '.join(near)}." if near else ""
    return f"no model matches {words!r}.{hint} Any model can be typed by name."


def _live(choice: Choice, provider: str, send_key_to: str | None, known: Catalogue) -> tuple[Model, ...]:
    from tui.cli.running import run  # noqa: PLC0415  # the catalogue alone answers without

    return run(_listed(choice, provider, send_key_to, known))


async def _listed(choice: Choice, provider: str, send_key_to: str | None, known: Catalogue) -> tuple[Model, ...]:
    from tui.chat.live import live_models  # noqa: PLC0415  # this and the worker's client: only for --live
    from tui.cli.consent import Consent, with_consent  # noqa: PLC0415
    from tui.cli.parts import assembled  # noqa: PLC0415
    from tui.llm.events import ListFailed  # noqa: PLC0415
    from tui.request.prepare import checked_settings, known_provider  # noqa: PLC0415
    from tui.usage.question import NotReadyError  # noqa: PLC0415

    resolved = choice.workspace().resolved()
    async with assembled(choice.env) as parts:
        try:
            listed = await with_consent(
                parts.backend,
                lambda approved: parts.backend.models(resolved, provider, approved=approved),
                Consent(send_key_to),
            )
            name = provider or known_provider(checked_settings(resolved)).name
        except NotReadyError as error:
            raise CommandFailed(error.message, BY_CAUSE.get(error.cause, Exit.PROBLEM)) from error
    if isinstance(listed, ListFailed):
        detail = f"\n{listed.detail}" if listed.detail else ""
        raise CommandFailed(f"{listed.message}{detail}", BY_CAUSE.get(listed.cause, Exit.PROVIDER))
    click.echo(f"{listed.server}, asked just now. {visible(listed.note)}".rstrip(), err=True)
    return live_models(listed, name, None if resolved["base_url"].value else known)
