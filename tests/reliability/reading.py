"""Point three: files that are no configuration are shown with line and reason and never written over."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from click.testing import CliRunner
from textual.widgets import Button

from tests.app.fakes import CONFIG, Bench, running
from tests.config.corpus import INVALID
from tests.config.oracle import exact, sample_value
from tests.reliability.bad_files import BadFile, fingerprint, others, texts
from tests.reliability.counts import Counts
from tests.reliability.figures import Figure, tell
from tui.cli.main import command
from tui.config.resolve import Source, resolve
from tui.config.schema import FIELDS, Field, plain
from tui.config.storage import StorageError, opened, write
from tui.config.toml.document import BadFileError
from tui.config.workspace import Workspace

_FINE: Final = "line and reason told, nothing written over"
_WRONG_VALUES: Final = (["x"], {"a": [1]}, "", "soon", -1.5, 10**30, True)


def figures(counts: Counts) -> Iterator[Figure]:
    """The workspace and the command line on every such file, the app on a sample, and bad values among good ones."""
    bad = [*texts(), *others()]
    where = "toml-test's invalid set" if INVALID else "our samples"
    yield _figure(
        f"bad files ({where}, binary, 10 MB, a pipe, no permission, ...) opened, edited and saved", bad, _in_workspace
    )
    chosen = [file for number, file in enumerate(bad) if number % counts.every_bad == 0] + list(others())
    yield _figure("the same with the commands `get`, `set` and `unset`", chosen, _in_commands)
    what = "the same in the app: it opens, offers $EDITOR, and reads the file again once it is repaired"
    yield _figure(what, _sample(counts), _in_app)
    wrong = [problem for field in FIELDS.values() for problem in _hidden_by(field)]
    result = tell(wrong, "told with its line each time; every good value was still read")
    count = len(FIELDS) * len(_WRONG_VALUES)
    yield Figure(part="Bad files", what="one bad value in [llm]", count=count, result=result, passed=not wrong)


def _sample(counts: Counts) -> list[BadFile]:
    """Some of both kinds: as many of the odd ones as leave room for a text."""
    chance, odd = random.Random(counts.seed), list(others())  # noqa: S311  # no secret
    odd = chance.sample(odd, min(len(odd), counts.bad_in_app - 1))
    return chance.sample(list(texts()), counts.bad_in_app - len(odd)) + odd


def _figure(what: str, files: Sequence[BadFile], check: Callable[[BadFile, Path], str]) -> Figure:
    wrong = []
    for file in files:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "config.toml"
            file.put(path)
            with file.meanwhile(path):
                problem = check(file, path)
        if problem:
            wrong.append(f"{file.name}: {problem}")
    return Figure(part="Bad files", what=what, count=len(files), result=tell(wrong, _FINE), passed=not wrong)


def _in_workspace(file: BadFile, path: Path) -> str:
    before = fingerprint(path)
    draft = Workspace(opened(path), {})
    if draft.problem is None or file.says not in str(draft.problem) or not draft.problem.reason:
        return f"it says only: {draft.problem}"
    draft.edit("timeout", 5)
    try:
        write(draft.snapshot, draft.preview().after)
    except (BadFileError, StorageError):
        return "" if fingerprint(path) == before and draft.unsaved == 1 else "it was written over, or the edit lost"
    return "it was saved"


def _in_commands(file: BadFile, path: Path) -> str:
    before = fingerprint(path)
    for arguments in (["get"], ["set", "timeout", "5"], ["unset", "model"]):
        result = CliRunner().invoke(command, ["--config", str(path), *arguments], env={})
        if result.exit_code != 1 or file.says not in result.output:
            return f"{arguments[0]} ended with {result.exit_code} and said: {result.output}"
    return "" if fingerprint(path) == before else "it was written over"


def _in_app(file: BadFile, path: Path) -> str:
    try:
        asyncio.run(_open_in_app(file, path))
    except AssertionError as error:
        return str(error)
    return ""


async def _open_in_app(file: BadFile, path: Path) -> None:
    before = fingerprint(path)
    async with running(path, config=None) as bench:
        await bench.sees("$EDITOR", "Read it again", "can't be read")
        assert file.says in _unwrapped(bench), f"the screen does not say {file.says!r}:\n{bench.text}"
        await bench.press("ctrl+s", "x", "escape", "f3", "y", "ctrl+s")
        assert fingerprint(path) == before, "it was written over"
        if file.says == "line ":
            path.write_text(CONFIG)  # noqa: ASYNC240  # a few bytes
            bench.main.query_one("#banner-reload", Button).press()
            await bench.until(lambda: bench.main.workspace.problem is None, "the repaired file")


def _unwrapped(bench: Bench) -> str:
    """What the screen says, whatever line it is broken into."""
    return " ".join(bench.text.split())


def _hidden_by(field: Field) -> Iterator[str]:
    """Good values that a bad one of this field hides, or that it is not told."""
    good = {name: sample_value(other, None) for name, other in FIELDS.items()}
    lines = {name: number for number, name in enumerate(good, 2)}
    for value in _WRONG_VALUES:
        found = resolve(Source({**good, field.name: value}, lines), env={}, edits={})
        for name, item in found.items():
            if name != field.name and (item.problem or exact(plain(item.value or 0)) != exact(good[name] or 0)):
                yield f"{field.name} = {value!r} hides {name}"
        own = found[field.name]
        if not own.problem and own.origin.kind != "file":
            yield f"{field.name} = {value!r} is not told"
        elif own.problem and f"line {lines[field.name]}" not in own.problem:
            yield f"{field.name} = {value!r} is told without its line"
