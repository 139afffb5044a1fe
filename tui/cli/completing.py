"""What a shell can complete beyond commands and options: fields, their values, models, providers, profiles.

Each function has the signature that click gives a `shell_complete`. A shell waits for the answer, so what is slow to
import is imported where it is needed; whatever goes wrong completes nothing, because there is no place to say it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from tui.config.schema import FIELDS, Field

Items = list[CompletionItem[str]]


def fields(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Fields of `[llm]` that were not named yet."""
    return _fields(incomplete, _typed(context, parameter))


def pairs(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """A field, or after one its value."""
    typed = _typed(context, parameter)
    if len(typed) % 2 == 0:
        return _fields(incomplete, typed[::2])
    field = FIELDS.get(typed[-1])
    return [] if field is None else _values(field, incomplete)


def provider(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> Items:
    """Providers, as a model's prefix spells them."""
    from tui.providers.registry import providers  # noqa: PLC0415  # it reads files of LiteLLM

    return [CompletionItem(name, help=item.title) for name, item in providers().items() if name.startswith(incomplete)]


def profile(context: click.Context, _parameter: click.Parameter, incomplete: str) -> Items:
    """Profiles of the file that the call names."""
    from tui.config.lookup import locate  # noqa: PLC0415
    from tui.config.toml.document import ConfigError, Document  # noqa: PLC0415  # only a profile needs the file

    named = context.find_root().params.get("config")
    try:
        names = Document(locate(named and Path(named)).read_bytes()).profiles()
    except (ConfigError, OSError):
        return []
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _typed(context: click.Context, parameter: click.Parameter) -> Sequence[str]:
    return context.params.get(parameter.name or "") or ()


def _fields(incomplete: str, typed: Sequence[str]) -> Items:
    return [
        CompletionItem(name, help=field.title)
        for name, field in FIELDS.items()
        if name.startswith(incomplete) and name not in typed
    ]


def _values(field: Field, incomplete: str) -> Items:
    match field:
        case Field(name="model"):
            from tui.providers.catalogue import catalogue  # noqa: PLC0415  # it reads the price map: 60 ms

            names: Sequence[str] = [model.id for model in catalogue().models]
        case Field(name="custom_llm_provider"):
            from tui.providers.registry import providers  # noqa: PLC0415  # it reads files of LiteLLM

            names = list(providers())
        case Field(secret=True):
            return [CompletionItem("-", help="asked for, or read from standard input")]
        case Field(kind="switch"):
            names = ("true", "false")
        case _:
            names = field.choices
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]
