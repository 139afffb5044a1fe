"""How old the prices and limits of models are: the LiteLLM they came with, its newest date, when it was installed.

The package says nowhere when it was made, and pip stamps files with the time of installation. So the newest date that
the map itself names is given: the map is at least that new.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, distribution
from typing import Final

import msgspec

from tui.providers.installed import package
from tui.providers.pricemap import read_map

_DATE: Final = re.compile(rb"20[2-9]\d-[01]\d-[0-3]\d")
_PLANNED: Final = re.compile(
    rb'(?:"deprecation_date": "|\b(?:until|through|before|by|retir\w+|ends?|ending|expir\w+)(?: on)? )$', re.IGNORECASE
)
"""A date behind this is when a model or a price ends, not when somebody wrote it."""
_BEFORE: Final = 24
"""So many bytes before a date say what it is."""
_NO_STAMP: Final = 1980
"""Images that are built to be the same each time have this year, or an earlier one, on every file."""


class PriceAge(msgspec.Struct, frozen=True):
    """Where the prices come from."""

    version: str
    """Of LiteLLM; "" if there is none."""
    newest: date | None
    """The newest date, up to the day of installation, that the map names; None if it names none."""
    installed: date | None
    """When LiteLLM was installed here; None if that can't be told."""

    @property
    def words(self) -> str:
        """In a line: "LiteLLM 1.110.2, whose newest date is 2026-11-19, installed on 2026-11-30"."""
        parts = [f"LiteLLM {self.version}".strip()]
        parts += [f"whose newest date is {self.newest}"] if self.newest else []
        return ", ".join([*parts, *([f"installed on {self.installed}"] if self.installed else [])])

    @property
    def short(self) -> str:
        """Where there is little room: "Prices: LiteLLM 1.110.2, 2026-11-19"."""
        return ", ".join([f"Prices: LiteLLM {self.version}".strip(), *([str(self.newest)] if self.newest else [])])


def price_age(today: date) -> PriceAge:
    """What is known of the installed map, in about 40 ms: call it off the event loop."""
    try:
        version = distribution("litellm").version
    except PackageNotFoundError:
        return PriceAge("", None, None)
    installed = _installed(version)
    last = min(installed or today, today)
    return PriceAge(version, max((day for day in dates(read_map()) if day <= last), default=None), installed)


def dates(raw: bytes) -> Iterator[date]:
    """The days that the text of a map names, without those on which models end."""
    for found in _DATE.finditer(raw):
        if _PLANNED.search(raw[max(0, found.start() - _BEFORE) : found.start()]):
            continue
        try:
            yield date.fromisoformat(found[0].decode())
        except ValueError:
            continue


def _installed(version: str) -> date | None:
    folder = package()
    if folder is None:
        return None
    try:
        stamp = (folder.parent / f"litellm-{version}.dist-info" / "RECORD").stat().st_mtime
    except OSError:
        return None
    day = datetime.fromtimestamp(stamp, tz=UTC).astimezone().date()
    return day if day.year > _NO_STAMP else None
