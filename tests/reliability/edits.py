"""Point one: random edits of all kinds of TOML files, each judged by `judge`."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path as File
from typing import Any, Final, TypeAlias

import msgspec
import tomlkit
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.config.corpus import INVALID, TEMPLATES, VALID
from tests.config.made import toml_files
from tests.config.oracle import BOM
from tests.reliability.blocks import Path
from tests.reliability.counts import Counts
from tests.reliability.figures import Figure, tell
from tests.reliability.judge import Edit, judged
from tui.config.schema import FIELDS, Plain
from tui.config.toml.document import Document, EditRefusedError

IN_A_ROW: Final = 6
"""How many edits one file takes, each on top of the one before."""
MOST_REFUSED: Final = 0.01

_VALID_NAME: Final = "toml-test's valid files" if INVALID else "our samples"
_TEMPLATE_NAME: Final = "OpenHands' templates and our samples" if INVALID else "our samples"

Editor: TypeAlias = Callable[[bytes, Edit], bytes]
"""Gives the file with the edit, or raises `EditRefusedError`."""

_KEYS: Final = (*FIELDS, *FIELDS, "x", "a b", "é", "ключ", "1", "", 'say "it"', "a.b", "🐍", "new-key")
_TABLES: Final[Sequence[Path]] = (
    ("llm",), ("llm", "fresh"), ("llm", "a b"), ("llm", "ü.ö"), ("core",), ("agent", "Y"), (), ("all", "new"),
)  # fmt: skip
_TEXTS: Final = (
    "", "gpt-4o", "anthropic/claude", 'a "quoted" one', "it's", "C:\\dir\\new", "# no comment", "[llm]", "x = 1",
    "a\nb", "tab\tbed", "\x00\x1b[2J\x7f", "naïve 中文 🐍", "\u202eback", "\ufeff", '"""', "'''", "a" * 300,
)  # fmt: skip
_NUMBERS: Final[Sequence[Plain]] = (
    0, -1, 7, 2**63 - 1, -(2**63), 0.0, -0.0, 0.25, 1e-07, 1e300, float("inf"), float("nan"), True, False,
)  # fmt: skip


def by_document(raw: bytes, edit: Edit) -> bytes:
    """The edit as the app makes it."""
    document = Document(raw)
    if edit.value is None:
        return document.unset(edit.table, edit.key).raw
    return document.set(edit.table, edit.key, edit.value).raw


def by_tomlkit(raw: bytes, edit: Edit) -> bytes:
    """The edit as the usual library alone makes it: it has to be caught, or the harness proves nothing."""
    try:
        data: Any = tomlkit.parse(raw.decode())
        place = data
        for name in edit.table:
            place = place.setdefault(name, tomlkit.table())
        if edit.value is None:
            del place[edit.key]
        else:
            place[edit.key] = edit.value
        return tomlkit.dumps(data).encode()
    except Exception as error:  # whatever it raises, it did not edit the file
        raise EditRefusedError(repr(error)) from error


class Tally:
    """What came of the edits so far."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.done = 0
        self.files = 0
        self.refused: list[str] = []
        self.wrong: list[str] = []

    def play(self, raw: bytes, chance: random.Random, most: int = IN_A_ROW) -> None:
        """Edit one file up to `most` times in a row."""
        self.files += 1
        for _ in range(most):
            edit = _random_edit(raw, chance)
            self.done += 1
            try:
                after = self.editor(raw, edit)
            except EditRefusedError as error:
                self.refused.append(str(error))
                if not str(error):
                    self.wrong.append(f"refused without a reason: {edit} in {raw!r}")
                continue
            if problem := judged(raw, after, edit):
                self.wrong.append(f"{problem}: {edit} in {raw!r} gave {after!r}")
                return
            raw = after

    def caught(self, what: str) -> Figure:
        """The figure of an editor whose faults have to be found."""
        result = f"{len(self.wrong)} files spoiled, {len(self.refused)} edits not possible: faults are seen"
        what = f"the same over {self.files:,} {what}"
        return Figure(part="Edits", what=what, count=self.done, result=result, passed=bool(self.wrong))

    def figure(self, what: str, most_refused: float) -> Figure:
        """The figure of what was played."""
        few = len(self.refused) <= most_refused * self.done
        fine = f"0 other bytes changed, 0 keys under another heading, {len(self.refused)} edits refused"
        what = f"random set, unset, add over {self.files:,} {what}"
        result = tell(self.wrong, fine if few else f"{fine}, such as: {self.refused[0]}")
        return Figure(part="Edits", what=what, count=self.done, result=result, passed=few and not self.wrong)


def figures(counts: Counts) -> Iterator[Figure]:
    """The edits of made files, of the valid set, and of templates."""
    yield of_made_files(counts).figure("made files", MOST_REFUSED)
    tally = _of_files(VALID, counts.valid_edits, random.Random(counts.seed), lambda raw: raw)  # noqa: S311  # no secret
    yield tally.figure(f"copies of {_VALID_NAME}", MOST_REFUSED)
    chance = random.Random(counts.seed)  # noqa: S311  # as above
    tally = _of_files(TEMPLATES, counts.template_edits, chance, lambda raw: _disguised(raw, chance))
    yield tally.figure(f"copies of {_TEMPLATE_NAME}, as they are, with CRLF, BOM, no last newline", 0)
    naive = msgspec.structs.replace(counts, made_edits=counts.naive_edits)
    yield of_made_files(naive, by_tomlkit).caught("made files with tomlkit alone")


def of_made_files(counts: Counts, editor: Editor = by_document) -> Tally:
    """Edits of files that hypothesis makes up."""
    tally = Tally(editor)

    @seed(counts.seed)
    @settings(
        max_examples=-(-counts.made_edits // IN_A_ROW),
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(toml_files(), st.integers(0, 2**32))
    def play(raw: bytes, number: int) -> None:
        tally.play(raw, random.Random(number), min(IN_A_ROW, counts.made_edits - tally.done))  # noqa: S311  # as above

    play()
    chance = random.Random(counts.seed)  # noqa: S311  # as above
    while tally.done < counts.made_edits:  # the strategies may have run out of new files
        tally.play(b"[llm]\n", chance, counts.made_edits - tally.done)
    return tally


def _of_files(files: Sequence[File], count: int, chance: random.Random, disguise: Callable[[bytes], bytes]) -> Tally:
    tally = Tally(by_document)
    while tally.done < count:
        for file in chance.sample(files, len(files)):
            if tally.done < count:
                tally.play(disguise(file.read_bytes()), chance, min(IN_A_ROW, count - tally.done))
    return tally


def _disguised(raw: bytes, chance: random.Random) -> bytes:
    raw = raw.replace(b"\n", b"\r\n") if chance.random() < 0.4 else raw
    raw = raw.rstrip(b"\r\n") if chance.random() < 0.4 else raw
    return BOM + raw if chance.random() < 0.4 else raw


def _random_edit(raw: bytes, chance: random.Random) -> Edit:
    """An edit that makes sense: no value takes the place of a table, and no table that of a value."""
    data = tomllib.loads(raw.removeprefix(BOM).decode())
    tables = dict(_tables(data))
    there = [(table, key) for table, members in tables.items() for key, value in members.items() if not _holds(value)]
    action = chance.choice(("set", "add", "unset"))
    if there and action != "add":
        table, key = chance.choice(there)
        return Edit(table, key, None if action == "unset" else _value(chance))
    places = [place for place in _TABLES if place in tables or _can_be_made(data, place)]
    table = chance.choice([*places, *tables])
    key = chance.choice([key for key in _KEYS if key not in tables.get(table, {})])
    return Edit(table, key, _value(chance))


def _tables(value: dict[str, Any], path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    yield path, value
    for key, item in value.items():
        if isinstance(item, dict):
            yield from _tables(item, (*path, key))


def _holds(value: object) -> bool:
    """Whether it is a table or a list of tables."""
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict) for item in value))


def _can_be_made(data: object, place: Path) -> bool:
    for name in place:
        if not isinstance(data, dict):
            return False
        data = data.get(name, {})
    return isinstance(data, dict)


def _value(chance: random.Random) -> Plain:
    return chance.choice(_TEXTS) if chance.random() < 0.5 else chance.choice(_NUMBERS)
