"""The guides: for each provider a page that says what to enter where, where to get a key, and what goes wrong.

A page is a file of `guide_pages/`: TOML between two `+++` lines, then Markdown. `common.md` ends every guide.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from tui.config.schema import FIELDS
from tui.providers.builtin_providers import GUIDED

_FENCE: Final = "+++\n"
_COMMON: Final = "common.md"


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field to fill in."""

    field: str
    """A field of `[llm]`."""
    value: str
    """An example that would work as it stands, but for the key and the names of one's own."""
    note: str


class Variable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One environment variable to set before the app starts."""

    name: str
    value: str
    note: str


class _Front(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    providers: tuple[str, ...]
    model: str
    key: str
    traps: tuple[str, ...]
    enter: tuple[Entry, ...]
    variables: tuple[Variable, ...] = ()
    key_url: str = ""


class Guide(msgspec.Struct, frozen=True, kw_only=True):
    """One guide."""

    slug: str
    """The file's name without `.md`."""
    title: str
    providers: tuple[str, ...]
    """Names of the providers that it is for."""
    model: str
    """How the model is named: "azure/<name of your deployment>"."""
    key: str
    """Where to get a key, or why there is none."""
    key_url: str
    """That page's address; "" if there is none."""
    enter: tuple[Entry, ...]
    variables: tuple[Variable, ...]
    traps: tuple[str, ...]
    body: str
    """What the provider is and how it is set up, as Markdown."""
    common: str
    """What holds for every provider, as Markdown."""

    @property
    def short(self) -> str:
        """What to enter and where to get a key."""
        parts = [f"# {self.title}", _enter(self.enter)]
        if self.variables:
            parts += ["Set in the environment before you start the app:", _variables(self.variables)]
        return "\n\n".join([*parts, f"**Key**: {self.key} {self.key_url}".rstrip()])

    @property
    def markdown(self) -> str:
        """The whole page."""
        key = f"{self.key}\n\n{self.key_url}" if self.key_url else self.key
        parts = [f"# {self.title}", self.body, "## What to enter", _enter(self.enter)]
        if self.variables:
            parts += ["Set in the environment before you start the app:", _variables(self.variables)]
        parts += ["## The model's name", f"`{self.model.replace('`', '')}`", "## The key", key]
        parts += ["## What goes wrong", "\n".join(f"- {trap}" for trap in self.traps), "## In every case", self.common]
        return "\n\n".join(parts) + "\n"


def _enter(entries: tuple[Entry, ...]) -> str:
    screens = {"settings": "Settings, F2", "advanced": "Advanced, F3"}
    lines = []
    for entry in entries:
        field = FIELDS[entry.field]
        lines.append(f"- **{field.title}** ({screens[field.screen]}): `{entry.value}`  \n  {entry.note}")
    return "\n".join(lines)


def _variables(variables: tuple[Variable, ...]) -> str:
    return "\n".join(f"- `{item.name}`: `{item.value}`  \n  {item.note}" for item in variables)


def _parse(slug: str, text: str, common: str) -> Guide:
    _, front, body = text.split(_FENCE, 2)
    head = msgspec.toml.decode(front, type=_Front)
    return Guide(
        slug=slug,
        title=head.title,
        providers=head.providers,
        model=head.model,
        key=head.key,
        key_url=head.key_url,
        enter=head.enter,
        variables=head.variables,
        traps=head.traps,
        body=body.strip(),
        common=common,
    )


@cache
def all_guides() -> tuple[Guide, ...]:
    """Every guide, in the order of the providers. Reads the files once: call it off the event loop."""
    folder = files("tui.providers") / "guide_pages"
    pages = {item.name: item.read_text(encoding="utf-8") for item in folder.iterdir() if item.name.endswith(".md")}
    common = pages.pop(_COMMON).strip()
    guides = [_parse(name.removesuffix(".md"), text, common) for name, text in pages.items()]
    rank = {provider.name: number for number, provider in enumerate(GUIDED)}
    return tuple(sorted(guides, key=lambda guide: rank[guide.providers[0]]))


def guide_for(provider: str) -> Guide | None:
    """The guide for a provider by its name, `azure`; None if there is none."""
    return next((guide for guide in all_guides() if provider in guide.providers), None)
