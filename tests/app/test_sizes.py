"""Every page and every dialog, in windows of any size: nothing fails, and nothing is lost."""

from __future__ import annotations

import importlib
import pkgutil
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events
from textual.command import CommandPalette
from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen

import tui.screens
import tui.widgets
from tests.app.fakes import Bench, running
from tests.chat.fakes import CANARY, FakeModels, ScriptedWorker
from tests.chat.fakes import FakeKeys as FakeVault
from tui.config.secret import Secret
from tui.llm.events import Ask, Attempting, Delta, Failed, Finished, Retrying, TurnEvent, Usage
from tui.request.backend import Backend
from tui.screens.answer import Answer
from tui.screens.checkup import CheckupPage
from tui.screens.choosing import ChoiceDialog, Line, LoadPathDialog, SavePathDialog
from tui.screens.compare import ComparePage
from tui.screens.dialog import Dialog, DiffDialog
from tui.screens.export import ExportScreen
from tui.screens.help import HelpScreen
from tui.screens.late_page import LatePage, PageMaker
from tui.screens.main import MainScreen
from tui.screens.name_dialog import NameDialog
from tui.screens.pages import TABS
from tui.screens.text_dialog import TextDialog
from tui.screens.welcome import Welcome
from tui.terminal.window import LEAST, at_least, notice, notice_update
from tui.vault.vault import FoundKey
from tui.widgets.approval import Approval
from tui.widgets.chat_pane import ChatPane
from tui.widgets.markdown.blocks import Code
from tui.widgets.markdown.reading import Fenced, Reader

Scene: TypeAlias = Callable[[Bench], Awaitable[object]]

CONFIG: Final = """\
[core]
[llm]
model = "openai/quick"
base_url = "http://127.0.0.1:9/v1/chat/completions"
num_retries = "6"
max_tokens = 4096
nonsense = 1

[llm.cheap]
model = "openai/cheap"

[llm.judge]
model = "openai/judge"
"""
MARKED: Final = """\
# A heading that is longer than a narrow window is wide

Prose with `code`, **bold**, a [link](http://a.example) and 漢字かな交じり文の長い一行 🎉🎉🎉.

| name | 漢字 | a long heading of a column |
|:-----|:----:|---------------------------:|
| one  | 二   | a cell with many words in it, and `code` |
| unbreakableunbreakableunbreakableunbreakable | 漢字漢字漢字漢字 | 3 |

1. one
   - two
     - three
       > quoted
       > > twice

```python
def answer() -> int:
\treturn 42  # a comment that goes on and on and on and on and on and on and on and on and on
```

---
"""
_TEXT: Final = "A text of some length, with 漢字 in it, that has to be broken in most windows. " * 3
_ANSWERS: Final = (Answer("yes", "Save and quit"), Answer("no", "Discard and quit"))
_DIFF: Final = ("--- config.toml", "+++ config.toml", "@@ -1,2 +1,2 @@", "-old = 1", "+new = '漢字' # " + "x" * 200)
_EDGES: Final = ((11, 40), (1, 1), (LEAST.width, LEAST.height))


def sizes(seed: str) -> list[tuple[int, int]]:
    """The awkward sizes in one step each, and some that nobody thought of, another choice for each seed."""
    chance = random.Random(seed)  # noqa: S311  # a test that fails must fail again
    narrow = [(chance.randint(40, 80), chance.randint(10, 24)) for _ in range(2)]
    huge = (300, 100) if seed == "chat" else (chance.randint(1, 200), chance.randint(1, 60))
    return [*_EDGES, *narrow, huge]


async def resize(bench: Bench, size: tuple[int, int]) -> None:
    """Give the window another size, and wait until the screen has taken it."""
    bench.app.post_message(events.Resize(Size(*size), Size(*size)))
    await bench.until(lambda: bench.app._window == Size(*size) and bench.app.screen.size == at_least(Size(*size)))
    await bench.settle()


def page(name: str) -> Scene:
    return lambda bench: bench.main.action_tab(name)


def dialog(screen: Callable[[Bench], Screen[Any]]) -> Scene:
    async def show(bench: Bench) -> None:
        await bench.app.push_screen(screen(bench))

    return show


async def chat(bench: Bench) -> None:
    """Turns of every kind, the last one still under way."""
    await bench.main.action_tab("chat")
    pane = bench.main.query_one(ChatPane)
    for count, prompt in enumerate(("answer", "nothing", "fail", "break"), 1):
        await bench.type(prompt)
        await bench.press("enter")
        await bench.until(partial(_over, pane, count), prompt)
    await bench.type("wait")
    await bench.press("enter")
    await bench.sees("attempt 2 of 5")


def _over(pane: ChatPane, turns: int) -> bool:
    return len(pane.conversation.turns) == turns and not pane.busy


async def streaming(bench: Bench) -> None:
    """An answer that has no end yet."""
    await bench.main.action_tab("chat")
    await bench.type("go on")
    await bench.press("enter")
    await bench.sees("answer()")


async def approval(bench: Bench) -> None:
    """The question whether a key may go to another host."""
    await bench.main.action_tab("chat")
    await bench.type("ask first")
    await bench.press("enter")
    await bench.until(lambda: bench.main.query(Approval))


async def compared(bench: Bench) -> None:
    """Two sides, with an answer each."""
    await bench.main.action_tab("compare")
    await bench.type("answer")
    await bench.press("enter")
    await bench.sees("answer()")


async def picker(bench: Bench) -> None:
    """The list of models is open."""
    await bench.main.action_tab("settings")
    await bench.press("down", "enter")


async def checked(bench: Bench) -> None:
    """A check-up under way."""
    await bench.main.action_tab("checkup")
    await bench.press("enter")


async def noticed(bench: Bench) -> None:
    """A notice over the page."""
    bench.main.tell(_TEXT, serious=True)
    await bench.settle()


PAGES: Final[Mapping[str, Scene]] = {
    "settings": page("settings"),
    "advanced": page("advanced"),
    "chat": chat,
    "checkup": checked,
    "usage": page("usage"),
    "guide": page("guide"),
    "problems": page("problems"),
    "profiles": page("profiles"),
    "compare": compared,
}
"""By the name of the page."""

DIALOGS: Final[Mapping[type[Screen[Any]], Scene]] = {
    Dialog: dialog(lambda _: Dialog("A title that is longer than some windows", _TEXT, _ANSWERS)),
    DiffDialog: dialog(lambda _: DiffDialog("Save?", _TEXT, _ANSWERS, _DIFF * 9)),
    NameDialog: dialog(lambda _: NameDialog("Name", _TEXT, "Add", "cheap", lambda _: _TEXT)),
    TextDialog: dialog(lambda _: TextDialog("System prompt", _TEXT, MARKED)),
    ChoiceDialog: dialog(lambda _: ChoiceDialog("Choose", _TEXT, [Line(_TEXT, "mark  ")] * 30)),
    SavePathDialog: dialog(lambda _: SavePathDialog("Save the chat", _TEXT, f"/home/{'漢字' * 40}.md")),
    LoadPathDialog: dialog(
        lambda _: LoadPathDialog("Load a chat", _TEXT, [Path(f"/{number}.md") for number in range(40)])
    ),
    ExportScreen: dialog(lambda bench: ExportScreen(bench.main.workspace.resolved(), {}, "[llm]")),
    HelpScreen: dialog(lambda bench: HelpScreen(bench.app.screen, MARKED)),
    Welcome: dialog(lambda _: Welcome("config.toml")),
    CommandPalette: lambda bench: bench.press("ctrl+p"),
}

OTHERS: Final[Mapping[str, Scene]] = {
    "streaming": streaming,
    "approval": approval,
    "picker": picker,
    "notice": noticed,
    "filter": lambda bench: bench.press("ctrl+f"),
}
"""What a page shows at times."""

SCENES: Final[Mapping[str, Scene]] = {
    **PAGES,
    **{screen.__name__: scene for screen, scene in DIALOGS.items()},
    **OTHERS,
}


def kinds(base: type[Any]) -> Iterator[type[Any]]:
    """All classes of the app's below a class."""
    for package in (tui.screens, tui.widgets):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    children: list[type[Any]] = base.__subclasses__()
    for kind in children:
        if kind.__module__.startswith("tui."):
            yield kind
        yield from kinds(kind)


def test_every_page_is_among_the_scenes() -> None:
    with_tab = {tab.name for tab in TABS}
    assert with_tab <= PAGES.keys()
    assert len(PAGES.keys() - {"settings", "advanced", "chat"}) == len(set(kinds(LatePage)))


def test_every_dialog_is_among_the_scenes() -> None:
    assert {kind for kind in kinds(Screen) if not issubclass(kind, MainScreen)} <= DIALOGS.keys()


def played(ask: Ask) -> Sequence[TurnEvent]:
    """What a turn does, as its prompt says."""
    turn = ask.id
    answer = [Delta(id=turn, text=_TEXT, thinking=True), Delta(id=turn, text=MARKED)]
    failed = Failed(id=turn, cause="server", message=_TEXT, detail=MARKED)
    turns: Mapping[str, Sequence[TurnEvent]] = {
        "answer": [Attempting(id=turn, attempt=1, of=5), *answer, Finished(id=turn, usage=Usage())],
        "nothing": [Finished(id=turn, usage=Usage())],
        "fail": [failed],
        "break": [*answer, failed],
        "wait": [Retrying(id=turn, attempt=2, of=5, wait_s=900, status=429, reason="rate limited (429)", detail=_TEXT)],
        "go on": answer,
    }
    return turns.get(str(ask.messages[-1].content), [])


@asynccontextmanager
async def opened(path: Path, name: str, size: tuple[int, int] = (120, 40)) -> AsyncGenerator[Bench, None]:
    """The app with a model that does as the prompt says."""
    found = FoundKey(secret=Secret(CANARY), source="keyring", question=_TEXT if name == "approval" else "")
    backend = Backend(FakeVault(found), FakeModels(), ScriptedWorker(played), {})
    pages: Mapping[str, PageMaker] = {
        "compare": lambda screen: ComparePage(backend, screen.workspace),
        "checkup": lambda screen: CheckupPage(backend, screen.workspace.resolved, {}),
    }
    pane = partial(ChatPane, backend)
    async with running(path / "config.toml", config=CONFIG, size=size, pages=pages, pane=pane) as bench:
        yield bench


@pytest.mark.parametrize("name", SCENES)
async def test_no_sequence_of_sizes_breaks_anything_or_loses_what_was_typed(tmp_path: Path, name: str) -> None:
    async with opened(tmp_path, name) as bench:
        bench.main.draft.put("temperature", 0.5)
        await SCENES[name](bench)
        await bench.settle()
        pane = bench.main.query_one(ChatPane)
        prompt = pane.prompt
        prompt.text = "an unsent draft"
        before = state(bench)
        for size in sizes(name):
            await resize(bench, size)
            assert bench.app._exception is None, size
        await resize(bench, (120, 40))
        assert state(bench) == before
        assert prompt.text == "an unsent draft"


def state(bench: Bench) -> tuple[object, ...]:
    """What the user has put into the app, and where they are in it."""
    turns = bench.main.query_one(ChatPane).conversation.turns
    unsaved = bench.main.workspace.unsaved
    return bench.app.screen, bench.app.focused, bench.main.tab, [(turn.prompt, turn.reply) for turn in turns], unsaved


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_can_be_opened_in_the_smallest_window(tmp_path: Path, name: str) -> None:
    async with opened(tmp_path, name, (1, 1)) as bench:
        await bench.main.action_tab(name)
        await bench.settle()
        await resize(bench, (120, 40))
        assert bench.main.tab == name
        assert "F2" in bench.text


@settings(deadline=None)
@given(st.text(st.sampled_from("ab 漢🎉`*|>-#1.\n\t[]()"), max_size=80), st.integers(0, 12))
def test_an_answer_has_lines_at_any_width(text: str, width: int) -> None:
    for read in Reader(lambda code, _: Content(code)).read(MARKED + text):
        block = Code(Content(read.block.code)) if isinstance(read.block, Fenced) else read.block
        assert not any("\n" in line.content.plain for line in block.lines(width))


@pytest.mark.parametrize("width", range(60))
def test_the_notice_says_what_is_needed_as_far_as_it_fits(width: int) -> None:
    words = notice(width)
    assert len(words) <= width
    assert width < len("40x10") or "40x10" in words
    rows = [list(row) for row in notice_update(Size(width, 2)).strips]
    assert [[strip.cell_length for strip in row] for row in rows] == [[width], [width]]
