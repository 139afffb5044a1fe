"""What can be done with a conversation: another answer, an edited prompt, a system prompt, a loaded chat, copying."""

from __future__ import annotations

import asyncio
import weakref

import pytest

from tests.chat.fakes import Script, Step
from tests.widgets.chat_host import ChatHost, ended, hint, last, said, say, screen, until
from tui.chat.conversation import Conversation, Turn
from tui.clipboard import Copied
from tui.llm.events import Attempting, Delta, Failed, Finished, Message, Usage
from tui.widgets.chat_pane import ChatPane
from tui.widgets.exchange import Exchange
from tui.widgets.past_turn import PastTurn

FULL = Usage(input_tokens=12, output_tokens=412, cost_usd=0.0031, first_token_s=1.2, total_s=8)


def answer(text: str) -> Script:
    return lambda turn: [Attempting(id=turn, attempt=1, of=5), Delta(id=turn, text=text), Finished(id=turn, usage=FULL)]


def failing(turn: str) -> list[Step]:
    return [Attempting(id=turn, attempt=1, of=5), Failed(id=turn, cause="rate_limit", message="Too busy.")]


def thoughtful(turn: str) -> list[Step]:
    return [Delta(id=turn, text="why", thinking=True), Delta(id=turn, text="so"), Finished(id=turn, usage=FULL)]


def host(*scripts: Script) -> ChatHost:
    app = ChatHost()
    app.parts.worker.plays(*scripts)
    return app


def sent(app: ChatHost) -> list[str]:
    return [message.content for message in app.parts.worker.asks[-1].messages]


async def test_ctrl_n_asks_for_another_answer_and_shows_the_old_one_as_replaced() -> None:
    app = host(answer("A"), answer("B"), answer("B2"), answer("C"))
    async with app.run_test(size=(100, 40)) as pilot:
        await say(pilot, "a")
        await ended(pilot)
        await say(pilot, "b")
        await ended(pilot, 2)
        await pilot.press("ctrl+n")
        await ended(pilot, 3)
        assert sent(app) == ["a", "A", "b"]
        await said(pilot, "replaced below")
        assert [one.has_class("-replaced") for one in app.query(Exchange)] == [False, True, False]
        await say(pilot, "c")
        await ended(pilot, 4)
        assert sent(app) == ["a", "A", "b", "B2", "c"]
        assert "$0.0124" in screen(app).splitlines()[0]


async def test_a_failed_second_answer_leaves_the_first_where_it_was_and_ctrl_r_tries_again() -> None:
    app = host(answer("A"), failing, answer("A2"))
    async with app.run_test(size=(100, 40)) as pilot:
        await say(pilot, "a")
        await ended(pilot)
        await pilot.press("ctrl+n")
        await ended(pilot, 2)
        await said(pilot, "No new answer came, so the earlier one still counts.")
        assert app.pane.conversation.messages("x")[1] == Message("assistant", "A")
        await pilot.press("ctrl+r")
        await ended(pilot, 3)
        assert sent(app) == ["a"]
        assert [one.has_class("-replaced") for one in app.query(Exchange)] == [True, True, False]


async def test_an_earlier_prompt_is_edited_and_cuts_the_conversation_there() -> None:
    app = host(answer("A"), answer("B"), answer("X"))
    async with app.run_test(size=(100, 40)) as pilot:
        for turn, prompt in enumerate("ab", 1):
            await say(pilot, prompt)
            await ended(pilot, turn)
        await pilot.press("d")  # a draft
        app.pane.edit(0)
        assert app.pane.prompt.text == "a"
        await said(pilot, "editing prompt 1 of 2")
        assert "Enter sends it" in hint(app)
        await say(pilot, "y")
        await ended(pilot, 3)
        assert sent(app) == ["ay"]
        await said(pilot, "> ay")
        assert [turn.replaced for turn in app.pane.conversation.turns] == [True, True, False]
        await pilot.press("up", "up")
        assert app.pane.prompt.text == "d"


async def test_esc_leaves_an_edited_prompt_and_the_conversation_as_it_is() -> None:
    app = host(answer("A"), answer("B"))
    async with app.run_test() as pilot:
        await say(pilot, "a")
        await ended(pilot)
        app.pane.edit(0)
        await pilot.press("escape")
        await until(pilot, lambda: not app.pane.prompt.text and not hint(app))
        assert "editing" not in screen(app)
        await say(pilot, "b")
        await ended(pilot, 2)
        assert sent(app) == ["a", "A", "b"]


async def test_a_system_prompt_goes_first_and_stands_in_the_title_and_outlasts_a_clear() -> None:
    app = host(answer("A"), answer("B"))
    async with app.run_test() as pilot:
        app.pane.tell("Be brief.")
        await said(pilot, "Chat · system prompt")
        await say(pilot, "a")
        await ended(pilot)
        assert app.parts.worker.asks[-1].messages == (Message("system", "Be brief."), Message("user", "a"))
        await pilot.press("ctrl+l")
        await until(pilot, lambda: not app.pane.conversation.turns)
        await say(pilot, "b")
        await ended(pilot)
        assert sent(app) == ["Be brief.", "b"]
        app.pane.tell("")
        await until(pilot, lambda: "system" not in screen(app))


@pytest.mark.parametrize(
    ("width", "told"), [(100, "system prompt · 424 tok · $0.0031"), (38, "Chat · system  "), (30, "Chat")]
)
async def test_the_title_says_what_there_is_room_for(width: int, told: str) -> None:
    app = host(answer("A"))
    async with app.run_test(size=(width, 20)) as pilot:
        app.pane.tell("Be brief.")
        await say(pilot, "a")
        await ended(pilot)
        await said(pilot, told)
        assert "saved settings" in screen(app).splitlines()[0]


TURNS = (
    Turn(prompt="old\x1b", reply="**bold** \x1b[31mred", thinking="hm", status="done", usage=FULL),
    Turn(prompt="two", reply="gone", status="done", replaced=True),
    Turn(prompt="two", reply="kept", status="cut", usage=FULL),
)


async def test_a_loaded_chat_is_shown_harmlessly_and_goes_to_the_model_as_it_was() -> None:
    app = host(answer("A"))
    async with app.run_test(size=(100, 40)) as pilot:
        await app.pane.restore(Conversation(TURNS, system="Be brief.", loaded=3))
        await said(pilot, "> old␛")
        await said(pilot, "bold ␛[31mred")
        await said(pilot, "cut off at the token limit")
        shown = screen(app)
        assert "▸ thinking, 2 characters" in shown
        assert "replaced below" in shown
        assert "Chat · system prompt" in shown
        assert "tok" not in shown.splitlines()[0]
        await pilot.press("up")
        assert app.pane.prompt.text == "two"
        await pilot.press("escape", "enter")
        await ended(pilot, 4)
        assert sent(app) == ["Be brief.", "old\x1b", "**bold** \x1b[31mred", "two", "kept", "two"]


async def test_the_old_turns_of_a_long_loaded_chat_are_plain_and_can_be_replaced_too() -> None:
    app = host(answer("A"))
    turns = tuple(Turn(prompt=f"p{number}", reply="**b**", status="done") for number in range(210))
    async with app.run_test(size=(80, 24)) as pilot:
        await app.pane.restore(Conversation(turns, loaded=210))
        assert (len(app.query(PastTurn)), len(app.query(Exchange))) == (188, 12)
        assert last(app).query("Prose")
        await until(pilot, lambda: app.pane.transcript.is_vertical_scroll_end)
        app.pane.edit(1)
        await pilot.press("enter")
        await ended(pilot, 211)
        assert sent(app) == ["p0", "**b**", "p1"]
        await until(pilot, lambda: "replaced below" in str(app.query(PastTurn).first().render()))


async def test_a_turn_that_scrolled_far_away_becomes_plain_unless_there_is_something_in_it_to_open() -> None:
    app = host(answer("*r1*"), thoughtful, *[answer("*r*")] * 14)
    async with app.run_test(size=(80, 24)) as pilot:
        for number in range(1, 16):
            await say(pilot, f"p{number}")
            await ended(pilot, number)
        first, second, third, *others = app.query("#turns > *")
        assert [type(first), type(second), type(third)] == [PastTurn, Exchange, PastTurn]
        assert {type(one) for one in others} == {Exchange}
        assert not second.query("Prose")
        assert last(app).query("Prose")
        assert str(first.render()).splitlines()[:2] == ["> p1", "*r1*"]
        app.pane.edit(1)
        await pilot.press("enter")
        await ended(pilot, 16)
        await until(pilot, lambda: "replaced below" in str(app.query(PastTurn)[1].render()))


async def test_what_scrolled_far_away_does_not_stay_in_memory() -> None:
    app = host(*[answer("*r*")] * 30)
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "p1")
        await ended(pilot)
        first = weakref.ref(app.query(Exchange).first())
        for number in range(2, 31):
            await say(pilot, f"p{number}")
            await ended(pilot, number)
        await until(pilot, lambda: first() is None)


async def test_nothing_changes_the_conversation_while_an_answer_comes() -> None:
    app = host(lambda _: [asyncio.Event()])
    async with app.run_test() as pilot:
        await say(pilot, "a")
        await until(pilot, lambda: bool(app.parts.worker.asks))
        await pilot.press("ctrl+n")
        await said(pilot, "An answer is still coming")
        assert len(app.parts.worker.asks) == 1


async def test_keys_of_an_empty_chat_say_what_to_do() -> None:
    app = host()
    async with app.run_test() as pilot:
        await pilot.press("ctrl+n")
        await said(pilot, "There is no answer yet")
        await pilot.press("ctrl+o")
        await said(pilot, "There is no reply to copy yet.")


class Desktop:
    """A clipboard that takes everything, or says why not."""

    def __init__(self, copied: Copied) -> None:
        self.copied, self.texts = copied, list[str]()

    async def copy(self, text: str) -> Copied:
        self.texts.append(text)
        return self.copied


@pytest.mark.parametrize(
    ("copied", "words"),
    [
        (Copied(command="xclip"), "Copied with xclip, and sent to the terminal's clipboard."),
        (Copied(), "Sent to the terminal's clipboard; not confirmed."),
        (Copied(trouble="xclip failed with code 1"), "not confirmed. The desktop's did not take it: xclip failed"),
    ],
)  # fmt: skip
async def test_a_copy_claims_no_more_than_is_known(copied: Copied, words: str) -> None:
    app, desktop = host(answer("A")), Desktop(copied)
    async with app.run_test() as pilot:
        app.pane._clipboard = desktop  # type: ignore[assignment]  # it has all that is used
        await say(pilot, "a")
        await ended(pilot)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: words in hint(app))
        assert app.copied == desktop.texts == ["A"]


async def test_keys_that_take_a_dialog_are_asked_of_the_screen() -> None:
    wanted: list[str] = []

    class Asked(ChatHost):
        def on_chat_pane_wanted(self, event: ChatPane.Wanted) -> None:
            wanted.append(event.what)

    app = Asked()
    async with app.run_test() as pilot:
        await pilot.press("ctrl+b", "ctrl+y")
        await until(pilot, lambda: len(wanted) == 2)
        assert wanted == ["code", "menu"]
