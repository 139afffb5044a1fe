"""Point six, in this process: hostile text through every place where text from outside shows, split at every position.

What the screen is made of is judged strip by strip (`grammar`); what a real terminal receives is judged in `raw_bytes`.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias

from textual.pilot import Pilot

from tests.app.fakes import Bench, running
from tests.chat.fakes import Step
from tests.reliability.counts import Counts
from tests.reliability.figures import Figure, tell
from tests.reliability.grammar import wrong_strips
from tests.reliability.hostile_files import HOSTILE, file_name, hostile_file, variables
from tests.reliability.sequences import SEQUENCES, random_text, split
from tests.widgets.chat_host import ChatHost, ended, say
from tui.config.resolve import Resolved
from tui.llm.events import Attempting, Delta, Failed, Finished, Listed, ListFailed, Retrying, Served, Usage
from tui.text import visible, visible_line
from tui.widgets.fold import Fold
from tui.widgets.line_input import LineInput

Page: TypeAlias = Callable[[Bench], AsyncGenerator[str, None]]

_SIZE: Final = (100, 400)
_IN_A_TURN: Final = 80
_RANDOM_IN_A_TURN: Final = 100
_IN_A_FILE: Final = 16
_FORM: Final = "the form"
_START: Final = 15
"""So much of a value fits into every field."""


class _Server:
    """Serves models with these names."""

    def __init__(self, names: Sequence[str]) -> None:
        self._listed = Listed(id="1", models=tuple(map(Served, names)), server="OpenAI-compatible", note="".join(names))

    async def models(self, resolved: Mapping[str, Resolved], provider: str = "") -> Listed | ListFailed:  # noqa: ARG002  # the backend's signature
        return self._listed


class _Host(ChatHost):
    CSS = "ChatPane { height: 1fr; } Fold > .fold--body { max-height: 9999; }"


def figures(counts: Counts) -> Iterator[Figure]:
    """Split sequences in the chat, whole ones in the form, random text in both."""
    yield asyncio.run(_split_in_the_chat(counts))
    yield asyncio.run(_in_the_form(counts))
    yield asyncio.run(_at_random(counts))


@asynccontextmanager
async def _chatting() -> AsyncGenerator[tuple[_Host, Pilot[None]], None]:
    app = _Host()
    async with app.run_test(size=_SIZE) as pilot:
        yield app, pilot


async def _split_in_the_chat(counts: Counts) -> Figure:
    pieces = [pair for sequence in SEQUENCES for pair in (split(sequence) or ((sequence, ""),))]
    random.Random(counts.seed).shuffle(pieces)  # noqa: S311  # no secret
    pieces = pieces[: counts.split_sequences]
    wrong: list[str] = []
    async with _chatting() as (app, pilot):
        for start in range(0, len(pieces), _IN_A_TURN):
            wrong += await _turn_of(app, pilot, pieces[start : start + _IN_A_TURN])
    what = f"{len(SEQUENCES)} hostile sequences cut at every position, as answer, thinking, error, wait, model's name"
    result = tell(wrong, "shown as visible signs; no control, link or action on the screen")
    return Figure(part="Injection", what=what, count=len(pieces), result=result, passed=not wrong)


async def _turn_of(app: _Host, pilot: Pilot[None], pieces: Sequence[tuple[str, str]]) -> list[str]:
    """One answer, one failure, with these pieces in all their parts."""
    whole = " ".join(before + after for before, after in pieces)

    def answer(turn: str) -> list[Step]:
        deltas = [
            Delta(id=turn, text=text, thinking=thinking)
            for thinking in (True, False)
            for before, after in pieces
            for text in (before, after, " ")
            if text
        ]
        return [
            Attempting(id=turn, attempt=1, of=2),
            *deltas,
            Finished(id=turn, usage=Usage(), model=whole, note=whole),
        ]

    def failure(turn: str) -> list[Step]:
        again = Retrying(id=turn, attempt=2, of=2, wait_s=1, status=429, reason=whole, detail=whole)
        return [again, Failed(id=turn, cause="server", message=whole, advice=whole, detail=whole, field="model")]

    app.parts.worker.plays(answer, failure)
    wrong = await _turn(app, pilot, 1)
    shown = app.pane.conversation.last_reply
    if shown != visible("".join(f"{before}{after} " for before, after in pieces).replace("\r", "")):
        wrong.append(f"the answer is not what came, made visible: {shown[:200]!r}")
    wrong += await _turn(app, pilot, 2)
    await app.pane.action_clear()
    return wrong


async def _turn(app: _Host, pilot: Pilot[None], number: int) -> list[str]:
    await say(pilot, "hi")
    await ended(pilot, number)
    for fold in app.query(Fold):
        if not fold.open:
            fold.action_fold()
    await pilot.pause()
    return [*islice(wrong_strips(app.screen._compositor.render_strips()), 3)]


async def _in_the_form(counts: Counts) -> Figure:
    sequences = list(SEQUENCES)
    random.Random(counts.seed).shuffle(sequences)  # noqa: S311  # as above
    sequences = sequences[: counts.form_sequences]
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        for start in range(0, len(sequences), _IN_A_FILE):
            wrong += await _form_with(Path(name), sequences[start : start + _IN_A_FILE])
    what = "sequences as value, comment, profile, variable, file name, model of a server; in form, lists, diff, title"
    result = tell(wrong, "shown as visible signs; no control, link or action on the screen")
    return Figure(part="Injection", what=what, count=len(sequences), result=result, passed=not wrong)


async def _form_with(folder: Path, sequences: Sequence[str], pages: Sequence[Page] = ()) -> list[str]:
    path = folder / file_name("".join(sequences)) / f"{file_name(sequences[0])}.toml"
    path.parent.mkdir(exist_ok=True)
    server = _Server(sequences)
    wrong: list[str] = []
    text = hostile_file(sequences, "http://127.0.0.1:1234/v1")
    async with running(path, config=text, env=variables(sequences), size=(120, 100), served=server) as bench:
        for step in pages or PAGES:
            async for what in step(bench):
                strips = bench.app.screen._compositor.render_strips()
                wrong += [f"{what}: {problem}" for problem in islice(wrong_strips(strips), 3)]
                wrong += _unshown(bench) if what == _FORM else []
    return wrong


def _unshown(bench: Bench) -> list[str]:
    """Values whose beginning is not in their field, as signs or as it is."""
    shown = [(visible_line(field.value).strip(), field.render_line(0).text.strip()) for field in _fields(bench)]
    return [
        f"{value!r} is not shown: {line!r}"
        for value, line in shown
        if value and not (value.startswith(line) and len(line) >= min(len(value), _START))
    ]


def _fields(bench: Bench) -> list[LineInput]:
    return [field for field in bench.main.query(LineInput) if field.is_on_screen]


async def _advanced(bench: Bench) -> AsyncGenerator[str, None]:
    """All values, the title, the places where the values come from."""
    await bench.press("f3")
    await bench.sees("Base URL", "LLM_API_VERSION")
    yield _FORM


async def _helps(bench: Bench) -> AsyncGenerator[str, None]:
    """The help of the fields that hold such text, or say why it does not fit."""
    for name in HOSTILE:
        await bench.go_to(name)
        yield f"the help of {name}"


async def _models(bench: Bench) -> AsyncGenerator[str, None]:
    await bench.go_to("model")
    await bench.press("enter")
    await bench.sees("served by")
    yield "the list of models"
    await bench.press("escape")


async def _diff(bench: Bench) -> AsyncGenerator[str, None]:
    """The comments stand around `timeout`."""
    await bench.replace("timeout", "61")
    await bench.press("ctrl+s")
    await bench.sees("+timeout = 61")
    yield "the diff"
    await bench.press("escape")


async def _profiles(bench: Bench) -> AsyncGenerator[str, None]:
    await bench.press("f2")
    bench.main.settings.go_to(bench.main.settings.profile_row)
    for number in range(2, 5):
        await bench.press("right")
        yield f"profile {number}"


PAGES: Final[Sequence[Page]] = (_advanced, _helps, _models, _diff, _profiles)
"""Where such text shows; each opens one after the other and says what it is."""


async def _at_random(counts: Counts) -> Figure:
    chance = random.Random(counts.seed)  # noqa: S311  # as above
    wrong: list[str] = []
    done = 0
    async with _chatting() as (app, pilot):
        while done < counts.random_strings:
            texts = [random_text(chance) for _ in range(_RANDOM_IN_A_TURN)]
            done += len(texts)
            app.parts.worker.plays(_random_answer(texts), _random_failure(texts))
            for number in (1, 2):
                wrong += [f"{problem}, one of {texts!r}" for problem in await _turn(app, pilot, number)]
            await app.pane.action_clear()
    result = tell(wrong, "no exception, nothing but text on the screen")
    what = "random strings of escapes, markup and Markdown, as answer, thinking and error"
    return Figure(part="Injection", what=what, count=done, result=result, passed=not wrong)


def _random_answer(texts: Sequence[str]) -> Callable[[str], list[Step]]:
    def steps(turn: str) -> list[Step]:
        thoughts = [Delta(id=turn, text=text, thinking=True) for text in texts]
        return [*thoughts, *(Delta(id=turn, text=text) for text in texts), Finished(id=turn, usage=Usage())]

    return steps


def _random_failure(texts: Sequence[str]) -> Callable[[str], list[Step]]:
    return lambda turn: [Failed(id=turn, cause="server", message=texts[0], detail="".join(texts))]
