"""The chat pane over a scripted worker."""

from __future__ import annotations

import asyncio
import time

import pytest
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import TextArea

from tests.chat.fakes import CANARY, Script, Step, settings
from tests.widgets.chat_host import ChatHost, ended, hint, last, said, say, screen, until
from tui.config.resolve import Set
from tui.config.secret import Secret
from tui.llm.events import Attempting, Delta, Failed, Finished, Message, Retrying, Usage
from tui.vault.vault import FoundKey
from tui.widgets.approval import Approval
from tui.widgets.chat_pane import ChatPane
from tui.widgets.fold import Fold
from tui.widgets.prompt import Prompt

FULL = Usage(input_tokens=12, output_tokens=412, cost_usd=0.0031, first_token_s=1.2, total_s=1.2 + 411 / 61)
SIZES = [(100, 30), (60, 20), (38, 20)]


def answer(text: str = "Hello there.", usage: Usage = FULL) -> Script:
    def steps(turn: str) -> list[Step]:
        deltas = [Delta(id=turn, text=text[at : at + 4]) for at in range(0, len(text), 4)]
        return [Attempting(id=turn, attempt=1, of=5), *deltas, Finished(id=turn, usage=usage)]

    return steps


def host(*scripts: Script) -> ChatHost:
    app = ChatHost()
    app.parts.worker.plays(*scripts)
    return app


def waiting(turn: str) -> list[Step]:
    """Rate limited; goes on when told to."""
    return [
        Attempting(id=turn, attempt=1, of=5),
        Retrying(id=turn, attempt=2, of=5, wait_s=4, status=429, reason="rate limited (429)", asked_s=4),
        None,
        Attempting(id=turn, attempt=2, of=5),
        Delta(id=turn, text="At last."),
        Finished(id=turn, usage=Usage(output_tokens=3, attempts=2, waited_s=4)),
    ]


def failing(turn: str) -> list[Step]:
    detail = "Rate limit reached for gpt-4o in organization org-x. " * 8
    message = "The rate limit held through 5 tries. Raise Retries or wait."
    return [
        Attempting(id=turn, attempt=1, of=5),
        Failed(id=turn, cause="rate_limit", message=message, detail=detail, status=429, field="num_retries"),
    ]


@pytest.mark.parametrize("size", SIZES)
async def test_an_answer_streams_in_with_its_usage_below_and_the_totals_above(size: tuple[int, int]) -> None:
    app = host(answer())
    async with app.run_test(size=size) as pilot:
        await said(pilot, "Ask the model something")
        await say(pilot, "hi")
        await said(pilot, "412 tok")
        shown = screen(app)
        assert "> hi" in shown
        assert "Hello there." in shown
        assert "1.2 s to first token · 61 tok/s" in shown
        assert "$0.0031" in shown.splitlines()[0]
        assert "saved settings" in shown.splitlines()[0]
        assert all(len(line) <= size[0] for line in shown.splitlines())


async def test_the_next_prompt_carries_the_history() -> None:
    app = host(answer("A"), answer("B"))
    async with app.run_test() as pilot:
        await say(pilot, "a")
        await ended(pilot)
        await say(pilot, "b")
        await ended(pilot, 2)
        assert app.parts.worker.asks[1].messages == (
            Message("user", "a"),
            Message("assistant", "A"),
            Message("user", "b"),
        )


async def test_the_title_tells_a_draft_from_saved_settings() -> None:
    app = host()
    app.resolved = settings(edits={"temperature": Set(0.5)})
    async with app.run_test() as pilot:
        await said(pilot, "draft, not saved")
        app.resolved = settings()
        app.pane.settings_changed()
        await said(pilot, "saved settings")


async def test_every_wait_is_said_in_words() -> None:
    gate, token = asyncio.Event(), asyncio.Event()
    app = host(lambda turn: [gate, Attempting(id=turn, attempt=1, of=5), token, Finished(id=turn, usage=Usage())])
    app.parts.worker.ready = False
    app.parts.keys.gate = key = asyncio.Event()
    async with app.run_test() as pilot:
        await say(pilot, "hi")
        await said(pilot, "checking settings and key…")
        key.set()
        await said(pilot, "starting the worker (LiteLLM loads once, about 3 s)…")
        gate.set()
        await said(pilot, "waiting for the first token… 0 s")
        app.clock.now_s += 1.2
        await said(pilot, "waiting for the first token… 1.2 s")
        token.set()
        await until(pilot, lambda: not last(app).strip.display)


async def test_fetching_the_built_in_model_shows_a_bar() -> None:
    app = host(answer())
    app.parts.models.wanted, app.parts.models.gate = True, asyncio.Event()
    app.resolved = settings({"model": "openai/x", "base_url": "http://127.0.0.1:9/v1"})
    async with app.run_test() as pilot:
        await say(pilot, "hi")
        await said(pilot, "━━━━━━╌╌╌╌╌╌╌╌╌╌ fetching the built-in model 34 of 93 MB")
        app.parts.models.gate.set()
        await said(pilot, "Hello there.")


async def test_a_retry_counts_down_and_ctrl_r_sends_at_once() -> None:
    app = host(waiting)
    async with app.run_test() as pilot:
        await say(pilot, "hi")
        await said(pilot, "⟳ rate limited (429): attempt 2 of 5 in 4 s (the provider asks for 4 s)")
        assert "^r now   esc give up" in screen(app)
        app.clock.now_s += 1.5
        await said(pilot, "attempt 2 of 5 in 3 s")
        await pilot.press("ctrl+r")
        await said(pilot, "At last.")
        await said(pilot, "2 tries, waited 4 s")


@pytest.mark.slow
async def test_esc_gives_up_a_wait_within_100_ms() -> None:
    app = host(*[waiting] * 3)
    took_s, idle_s = [], []
    async with app.run_test() as pilot:
        for turn in range(3):  # the fastest of three, beside a key that does nothing: the machine may have other work
            await say(pilot, "hi")
            await until(pilot, lambda: app.pane.busy and last(app).strip.retrying)
            began_s = time.monotonic()
            await pilot.press("f20")
            idle_s.append(time.monotonic() - began_s)
            began_s = time.monotonic()
            await pilot.press("escape")
            await ended(pilot, turn + 1)
            took_s.append(time.monotonic() - began_s)
        assert min(took_s) - min(idle_s) < 0.1
        await said(pilot, "stopped")


async def test_esc_stops_an_answer_and_keeps_its_text() -> None:
    app = host(lambda turn: [Delta(id=turn, text="Half an ans"), asyncio.Event()])
    app.parts.worker.on_cancel = Usage(output_tokens=3, tokens_estimated=True)
    async with app.run_test() as pilot:
        await say(pilot, "hi")
        await said(pilot, "Half an ans")
        await pilot.press("escape")
        await said(pilot, "stopped · ~3 tok · cost unknown")
        assert app.pane.conversation.last_reply == "Half an ans"
        assert app.parts.worker.closed == [app.parts.worker.asks[0].id]


async def test_esc_ends_a_turn_that_still_looks_for_its_key() -> None:
    app = host()
    app.parts.keys.gate = asyncio.Event()
    async with app.run_test() as pilot:
        await say(pilot, "hi")
        await said(pilot, "checking settings and key…")
        await pilot.press("escape")
        await until(pilot, lambda: not app.pane.busy)
        await said(pilot, "stopped")
        assert app.parts.worker.asks == []


async def test_a_second_esc_does_not_wait_for_a_worker_that_does_not_answer() -> None:
    app = host(lambda _: [asyncio.Event()])
    app.parts.worker.deaf = True
    async with app.run_test() as pilot:
        await say(pilot, "hi")
        await until(pilot, lambda: bool(app.parts.worker.asks))
        await pilot.press("escape")
        assert app.pane.busy
        await pilot.press("escape")
        await until(pilot, lambda: not app.pane.busy)


@pytest.mark.parametrize("size", SIZES)
async def test_a_failure_says_what_to_do_and_where(size: tuple[int, int]) -> None:
    app = host(failing)
    async with app.run_test(size=size) as pilot:
        await say(pilot, "hi")
        await said(pilot, "Change Retries: Advanced (F3)")
        shown = " ".join(screen(app).replace("▌", " ").split())
        assert "The rate limit held through 5 tries. Raise Retries or wait." in shown
        assert "▸ the provider says: Rate limit reached" in shown
        assert shown.count("organization") < 8


async def test_the_providers_own_words_open_with_enter() -> None:
    app = host(failing)
    async with app.run_test(size=(60, 40)) as pilot:
        await say(pilot, "hi")
        await said(pilot, "▸ the provider says")
        app.query_one(Fold).focus()
        await pilot.press("enter")
        await until(pilot, lambda: screen(app).count("organization") == 8)


async def test_ctrl_r_sends_the_last_prompt_again_after_a_failure_and_leaves_the_failed_turn_out() -> None:
    app = host(lambda turn: [Delta(id=turn, text="Ha"), *failing(turn)], answer("Whole."))
    async with app.run_test() as pilot:
        await say(pilot, "hi")
        await said(pilot, "incomplete")
        await pilot.press("ctrl+r")
        await said(pilot, "Whole.")
        assert app.parts.worker.asks[1].messages == (Message("user", "hi"),)
        assert "Ha" in screen(app)


async def test_ctrl_r_does_not_repeat_a_complete_answer() -> None:
    app = host(answer())
    async with app.run_test() as pilot:
        await say(pilot, "hi")
        await ended(pilot)
        await pilot.press("ctrl+r")
        await said(pilot, "nothing to retry")
        assert len(app.parts.worker.asks) == 1


async def test_what_is_missing_is_said_as_a_failure_and_nothing_is_sent() -> None:
    app = host()
    app.parts.keys.found = None
    async with app.run_test() as pilot:
        await say(pilot, "hi")
        await said(pilot, "No key for OpenAI: enter one in Settings (F2), or set OPENAI_API_KEY.")
        await said(pilot, "Change API Key: Settings (F2)")
        assert app.parts.worker.asks == []


async def test_a_prompt_can_be_typed_but_not_sent_while_an_answer_comes() -> None:
    app = host(lambda _: [asyncio.Event()])
    async with app.run_test() as pilot:
        await say(pilot, "hi")
        await until(pilot, lambda: bool(app.parts.worker.asks))
        await say(pilot, "more")
        await said(pilot, "An answer is still coming")
        assert app.pane.prompt.text == "more"
        assert len(app.parts.worker.asks) == 1


async def test_clear_stops_the_answer_and_empties_the_conversation_but_not_the_totals() -> None:
    app = host(answer(), lambda turn: [Delta(id=turn, text="More"), asyncio.Event()])
    async with app.run_test() as pilot:
        await say(pilot, "hi")
        await ended(pilot)
        await say(pilot, "again")
        await said(pilot, "More")
        await pilot.press("ctrl+l")
        await said(pilot, "Ask the model something")
        assert not app.pane.busy
        assert app.pane.conversation.turns == ()
        assert "Hello" not in screen(app)
        assert "$0.0031 + unknown" in screen(app)


async def test_copy_sends_the_last_reply_to_the_terminal_and_claims_no_more() -> None:
    app = host(answer("\x1b[31mred"))
    async with app.run_test() as pilot:
        await say(pilot, "hi")
        await ended(pilot)
        await pilot.press("ctrl+o")
        assert app.copied == ["␛[31mred"]
        assert hint(app) == "Sent to the terminal's clipboard; not confirmed."


async def test_thinking_is_folded_away_until_it_is_opened() -> None:
    app = host(lambda turn: [Delta(id=turn, text="hmm " * 9, thinking=True), *answer()(turn)])
    async with app.run_test() as pilot:
        await say(pilot, "hi")
        await said(pilot, "▸ thinking, 36 characters")
        assert "hmm" not in screen(app)
        app.query_one(Fold).focus()
        await pilot.press("enter")
        await said(pilot, "hmm hmm hmm")


@pytest.mark.parametrize(("keys", "sent"), [(["enter"], False), (["right", "enter"], True)])
async def test_a_key_goes_somewhere_new_only_after_a_yes(keys: list[str], *, sent: bool) -> None:
    app = host(answer())
    question = "Send your OpenAI key to other.example?"
    app.parts.keys.found = FoundKey(secret=Secret(CANARY), source="env", question=question)
    async with app.run_test() as pilot:
        await say(pilot, "hi")
        await said(pilot, question)
        assert app.parts.worker.asks == []
        await pilot.press("enter")  # too soon to have been meant
        assert app.pane.busy
        app.clock.now_s += 1
        await until(pilot, lambda: not app.query(".-active"))  # a button shows for a moment that it was pressed
        await pilot.press(*keys)
        await said(pilot, "Hello there." if sent else "The key was not sent.")
        assert len(app.parts.keys.approved) == sent
        assert app.pane.prompt.has_focus
        assert CANARY not in screen(app)


async def test_letters_typed_into_a_question_answer_nothing() -> None:
    app = host(answer())
    app.parts.keys.found = FoundKey(secret=Secret(CANARY), source="env", question="Send your key?")
    async with app.run_test() as pilot:
        await say(pilot, "hi")
        await said(pilot, "Send your key?")
        app.clock.now_s += 1
        await pilot.press(*"yny")
        assert app.pane.busy
        assert app.parts.worker.asks == []


async def test_a_prompt_may_have_several_lines_and_is_recalled_with_up() -> None:
    app = host(answer(), answer())
    async with app.run_test() as pilot:
        await pilot.press("a", "ctrl+j", "b")
        assert app.pane.prompt.text == "a\nb"
        await pilot.press("enter")
        await ended(pilot)
        assert app.parts.worker.asks[0].messages == (Message("user", "a\nb"),)
        await say(pilot, "second")
        await ended(pilot, 2)
        prompt = app.query_one(Prompt)
        await pilot.press("up")
        assert prompt.text == "second"
        await pilot.press("up")
        assert prompt.text == "a\nb"
        await pilot.press("down")
        assert prompt.text == "second"
        await pilot.press("down")
        assert prompt.text == ""


async def test_a_blank_prompt_is_not_sent() -> None:
    app = host()
    async with app.run_test() as pilot:
        await pilot.press("space", "enter")
        assert not app.pane.busy


async def test_the_view_follows_the_answer_unless_somebody_scrolled_up() -> None:
    gate = asyncio.Event()
    app = host(lambda turn: [Delta(id=turn, text="line\n\n" * 60), gate, *answer("line\n\n" * 60)(turn)])
    async with app.run_test(size=(60, 20)) as pilot:
        transcript = app.pane.transcript
        await say(pilot, "hi")
        await until(pilot, lambda: transcript.max_scroll_y > 50 and transcript.scroll_y == transcript.max_scroll_y)
        await pilot.press("pageup")
        await until(pilot, lambda: transcript.scroll_y < transcript.max_scroll_y)
        where = transcript.scroll_y
        gate.set()
        await ended(pilot)
        assert transcript.scroll_y == where


async def test_a_short_conversation_starts_at_the_top() -> None:
    app = host(answer())
    async with app.run_test(size=(60, 30)) as pilot:
        await say(pilot, "hi")
        await said(pilot, "412 tok")
        assert screen(app).splitlines()[1].strip() == "> hi"


async def test_leaving_the_app_cancels_the_turn() -> None:
    app = host(lambda turn: [Delta(id=turn, text="Half"), asyncio.Event()])
    async with app.run_test() as pilot:
        await say(pilot, "hi")
        await said(pilot, "Half")
    assert app.parts.worker.closed == [app.parts.worker.asks[0].id]


def test_every_binding_has_an_id_and_a_tooltip() -> None:
    inherited = {id(one) for one in TextArea.BINDINGS}
    for widget in (ChatPane, Prompt, Fold, Approval):
        own = [one for one in widget.BINDINGS if isinstance(one, Binding) and id(one) not in inherited]
        assert own
        assert all(one.id and one.tooltip for one in own)


async def test_what_is_asked_of_the_pane_before_it_is_there_comes_with_it() -> None:
    class Late(ChatHost):
        def compose(self) -> ComposeResult:
            yield from ()

        def on_mount(self) -> None:
            pane = ChatPane(self.parts.backend, lambda: self.resolved)
            self.mount(pane)
            pane.focus_prompt()
            pane.settings_changed()

    app = Late()
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.focused, Prompt))
        assert app.pane.title.state == "saved settings"
