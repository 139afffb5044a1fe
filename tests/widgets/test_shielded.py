"""Nothing cuts the removal of widgets short: neither a newer turn, nor another conversation, nor any cancelled work."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

import tui
from tests.chat.fakes import Step
from tests.widgets.chat_host import ChatHost, say, until
from tui.chat.conversation import Conversation, Turn
from tui.llm.events import Attempting, Delta, Finished, Usage
from tui.widgets import transcript
from tui.widgets.exchange import Exchange
from tui.widgets.past_turn import PastTurn, turns_in
from tui.widgets.shielded import shielded

RICH, SHOWN = 2, 4
TURNS = 24
REMOVING = ("remove", "remove_children", "recompose", "pop_screen", "dismiss", "switch_screen")
"""What gives something whose cancellation takes message pumps along."""


def at_once(turn: str) -> list[Step]:
    return [Attempting(id=turn, attempt=1, of=5), Delta(id=turn, text="Hello."), Finished(id=turn, usage=Usage())]


@pytest.fixture(autouse=True)
def _early_pruning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcript, "_RICH_TURNS", RICH)
    monkeypatch.setattr(transcript, "_SHOWN_TURNS", SHOWN)


def prompts(app: ChatHost) -> list[str]:
    """Of the turns on the screen, the oldest first."""
    return [_turn(one).prompt for one in turns_in(app.query_one("#turns"))]


def _turn(shown: Exchange | PastTurn) -> Turn:
    turn = shown.ended if isinstance(shown, Exchange) else shown._turn
    return turn or Turn(prompt="")


async def steps(count: int) -> None:
    """Let everything that is due take so many steps."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_the_next_prompt_may_come_at_every_moment_of_the_end_of_a_turn() -> None:
    app = ChatHost()
    async with app.run_test() as pilot:
        for number in range(TURNS):
            app.parts.worker.plays(at_once)
            await app.pane.begin(str(number))
            await _ended_and(app, number)
        await until(pilot, lambda: prompts(app) == [str(number) for number in range(TURNS - SHOWN, TURNS)])
        await until(pilot, lambda: len(app.query(Exchange)) == RICH)
        app.parts.worker.plays(at_once)
        await say(pilot, "x")
        await until(pilot, lambda: prompts(app)[-1] == "x")
        assert app.return_code is None


async def _ended_and(app: ChatHost, further: int) -> None:
    while app.pane.busy:  # noqa: ASYNC110  # every step counts
        await asyncio.sleep(0)
    await steps(further)


async def test_another_conversation_may_take_its_place_at_every_moment_of_the_end_of_a_turn() -> None:
    app = ChatHost()
    saved = Conversation(tuple(Turn(prompt=f"saved {at}", reply="x", status="done") for at in range(5)))
    async with app.run_test() as pilot:
        for moment in range(0, 40, 4):
            app.parts.worker.plays(at_once)
            await app.pane.begin("one more, so that older ones are put away")
            await _ended_and(app, moment)
            loading = asyncio.create_task(app.pane.restore(saved))
            await steps(1 + moment)
            loading.cancel()  # as by the next wish to load one
            await until(pilot, lambda: prompts(app) == [f"saved {at}" for at in range(1, 5)])
        assert app.pane.conversation == saved
        assert app.return_code is None


async def test_whoever_removes_widgets_may_be_cancelled_at_every_moment() -> None:
    class Host(App[None]):
        def compose(self) -> ComposeResult:
            yield Vertical()

    @shielded
    async def cleared(place: Vertical) -> None:
        await place.remove_children()

    app = Host()
    async with app.run_test():
        place = app.query_one(Vertical)
        for moment in range(20):
            await place.mount(Vertical(Static("a"), Static("b")), Static("c"))
            clearing = asyncio.create_task(cleared(place))
            for _ in range(moment):
                await asyncio.sleep(0)
                clearing.cancel()
            done, _ = await asyncio.wait((clearing,))
            assert done
            assert not place.children
        assert app.return_code is None


async def test_cancelled_work_ends_as_cancelled_but_not_before_the_change_is_complete() -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()
    done = []

    @shielded
    async def change(_widget: Static) -> None:
        begun.set()
        await may_end.wait()
        done.append(1)

    work = asyncio.create_task(change(Static()))
    await begun.wait()
    work.cancel()
    await steps(5)
    assert not work.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert done


def test_nobody_waits_for_a_removal_without_a_shield() -> None:
    found = {name for path in Path(tui.__file__).parent.rglob("*.py") for name in _unshielded(path)}
    assert found == set()


def test_the_search_for_unshielded_removals_finds_them(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "async def a(w): await w.remove()\n"
        "async def b(w): return w.query('x').remove()\n"
        "async def c(w):\n  going = w.remove_children()\n  await going\n"
        "@shielded\nasync def d(w): await w.remove()\n"
        "def e(w): w.remove()\n"
        "async def f(w): await w.app.pop_screen()\n"
    )
    assert [name.split()[-1] for name in _unshielded(module)] == ["a", "b", "c", "f"]


def _unshielded(path: Path) -> Iterator[str]:
    """Functions that do more with a removal than to start it, and are not decorated."""
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef):
            continue
        shields = any(isinstance(one, ast.Name) and one.id == "shielded" for one in function.decorator_list)
        started = {id(node.value) for node in ast.walk(function) if isinstance(node, ast.Expr)}
        calls = (node for node in ast.walk(function) if isinstance(node, ast.Call) and _removes(node))
        if not shields and any(id(call) not in started for call in calls):
            yield f"{path.name}: {function.name}"


def _removes(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in REMOVING
