"""The app's own preferences, in `preferences.toml` of the user's configuration directory.

    theme = "dark"          # or "light", or the name of one of the other themes that the palette offers

    [spending]
    session_usd = 2.0       # ask before this run of the app costs more; "none": no limit; 0: ask each time
    day_usd = 5.0           # the same for all of today, over all runs

Nothing in it is fatal: a value that can't be used is told, and its default holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec

from tui.config import storage
from tui.config.errors import BadFileError, InPlaceNeededError, StorageError
from tui.config.folders import config_folder
from tui.config.toml.document import Document
from tui.text import visible_line

NAME: Final = "preferences.toml"
NO_LIMIT: Final = "none"

LimitName: TypeAlias = Literal["session_usd", "day_usd"]

_HEAD: Final = b"# Preferences of llm-backends; its README says what each of them means.\n"
_MOST_USD: Final = 1_000_000.0
_AMOUNT: Final = Annotated[float, msgspec.Meta(ge=0, le=_MOST_USD)] | Literal["none"]
_WANTED: Final = {
    "theme": 'the name of a theme, such as "dark" or "light"',
    "session_usd": 'an amount in USD such as 2.0, or "none"',
    "day_usd": 'an amount in USD such as 5.0, or "none"',
}


class Limits(msgspec.Struct, frozen=True):
    """How much requests may cost, in USD, before the app asks; None asks never, 0 before each that costs anything."""

    session_usd: float | None = 2.0
    """For one run of the app, or one command."""
    day_usd: float | None = 5.0
    """For one day of the user's own clock, over all runs."""

    @property
    def any(self) -> bool:
        """Whether anything is limited."""
        return (self.session_usd, self.day_usd) != (None, None)


class Preferences(msgspec.Struct, frozen=True):
    """What the user has chosen for the app itself."""

    theme: str = "dark"
    """"dark", "light" or the name of another theme; only who draws knows which there are."""
    limits: Limits = Limits()


class Loaded(msgspec.Struct, frozen=True):
    """The preferences that hold, and what could not be used."""

    preferences: Preferences
    problems: tuple[str, ...] = ()


class BadAmountError(ValueError):
    """What was typed is no limit; the message says what would be one."""


def amount_of(text: str) -> float | None:
    """The limit that a user typed: "1.50", "$2", "none".

    Raises:
        BadAmountError: it is neither an amount nor "none".
    """
    plain = text.strip().removeprefix("$").strip()
    if plain.casefold() == NO_LIMIT:
        return None
    try:
        return _amount(msgspec.convert(plain, _AMOUNT, strict=False))
    except msgspec.ValidationError as error:
        raise BadAmountError('Enter an amount or "none".') from error


class PreferencesFile:
    """The file. Plain file access: call it where waiting for a disk is allowed."""

    def __init__(self, path: Path | None = None) -> None:
        """`path` is in the user's configuration directory unless given; the file need not be there."""
        self._path = path

    @property
    def path(self) -> Path:
        """Where it is, or would be."""
        if self._path is None:
            self._path = config_folder() / NAME
        return self._path

    def read(self) -> Loaded:
        """What holds now. Never fails: what can't be used is told, and its default holds."""
        try:
            raw = storage.read(self.path).raw
            values = Document(raw).values if raw else {}
        except (StorageError, BadFileError) as error:
            told = str(error) if isinstance(error, StorageError) else f"{self._shown} can't be read: {error}."
            return Loaded(Preferences(), (f"{told} The default preferences hold.",))
        return self._chosen(values)

    def set_limit(self, name: LimitName, amount_usd: float | None) -> None:
        """Write one limit; everything else in the file stays as it is. Raises `ConfigError`."""
        self._set(("spending",), name, NO_LIMIT if amount_usd is None else float(amount_usd))

    def set_theme(self, theme: str) -> None:
        """Write the theme; everything else in the file stays as it is. Raises `ConfigError`."""
        self._set((), "theme", theme)

    def _set(self, table: tuple[str, ...], key: str, value: str | float) -> None:
        snapshot = storage.read(self.path)
        document = Document(_HEAD if snapshot.raw is None else snapshot.raw)
        raw = document.set(table, key, value).raw
        try:
            storage.write(snapshot, raw)
        except InPlaceNeededError:  # they can be chosen again, so that nobody is asked
            storage.save(snapshot, raw, in_place=True)

    @property
    def _shown(self) -> str:
        return visible_line(str(self.path))

    def _chosen(self, values: Mapping[str, object]) -> Loaded:
        problems: list[str] = []
        spending = values.get("spending", {})
        if not isinstance(spending, dict):
            problems.append(f"{self._shown}: spending has to be a table. Write [spending] on a line of its own.")
            spending = {}
        limits = Limits(
            *(
                _amount(self._one(spending, name, _AMOUNT, getattr(Limits(), name), problems))
                for name in Limits.__struct_fields__
            )
        )
        theme = self._one(values, "theme", str, Preferences().theme, problems)
        problems += self._unknown(values, ("theme", "spending")) + self._unknown(spending, Limits.__struct_fields__)
        return Loaded(Preferences(theme, limits), tuple(problems))

    def _one(self, values: Mapping[str, object], name: str, kind: Any, default: Any, problems: list[str]) -> Any:
        if name not in values:
            return default
        value = values[name]
        try:
            return msgspec.convert(float(value) if type(value) is int else value, kind)
        except (msgspec.ValidationError, OverflowError):
            shown = NO_LIMIT if default is None else default
            problems.append(f"{self._shown}: {name} has to be {_WANTED[name]}. Until it is, {shown} holds.")
            return default

    def _unknown(self, values: Mapping[str, object], known: tuple[str, ...]) -> list[str]:
        odd = [visible_line(name) for name in values if name not in known]
        return [f"{self._shown}: there is no preference {name!r}. It is ignored." for name in odd]


def _amount(value: object) -> float | None:
    return value if isinstance(value, float) else None
