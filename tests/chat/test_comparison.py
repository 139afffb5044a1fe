"""One prompt to several sides at the same time."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from tests.chat.comparing import FAST, SLOW, Bench, contender, fails, says
from tests.chat.fakes import CANARY
from tests.checkup.checking import row
from tui.chat.side import Counting, Ended
from tui.config.preferences import PreferencesFile
from tui.config.secret import Secret
from tui.llm.events import Attempting, Retrying
from tui.usage.accounting import Books
from tui.usage.ledger import Ledger
from tui.vault.vault import FoundKey

BOTH = (contender("quick"), contender("cheap"))


async def test_all_sides_are_asked_before_any_has_answered() -> None:
    bench = Bench()
    gate = asyncio.Event()
    bench.worker.plays("quick", says("here", FAST, gate))
    bench.worker.plays("cheap", says("there", SLOW, gate))
    async with aclosing(bench.comparison.ask("who?", BOTH)) as events:
        async for _ in events:
            if len(bench.worker.asks) == 2:
                gate.set()
    assert {ask.settings.model: ask.messages[-1].content for ask in bench.worker.asks} == {
        "openai/quick": "who?", "openai/cheap": "who?"
    }  # fmt: skip


async def test_the_fastest_and_the_cheapest_are_marked_in_words() -> None:
    bench = Bench()
    bench.worker.plays("quick", says("here", FAST))
    bench.worker.plays("cheap", says("there", SLOW))
    turns = await bench.round("who?", BOTH)
    assert {name: turn.reply for name, turn in turns.items()} == {"quick": "here", "cheap": "there"}
    assert [(one.name, one.model, one.marks) for one in bench.comparison.standings()] == [
        ("quick", "openai/quick", "fastest"), ("cheap", "openai/cheap", "cheapest")
    ]  # fmt: skip


async def test_each_side_has_a_history_of_its_own() -> None:
    bench = Bench()
    for name in ("quick", "cheap"):
        bench.worker.plays(name, says(f"I am {name}"), says("again"))
    await bench.round("who?", BOTH)
    await bench.round("who else?", BOTH)
    said = [message.content for message in bench.worker.asked("cheap")[1].messages]
    assert said == ["who?", "I am cheap", "who else?"]


async def test_one_sides_failure_leaves_the_others_alone() -> None:
    bench = Bench()
    bench.worker.plays("quick", fails("no such key"))
    bench.worker.plays("cheap", says("there", SLOW))
    turns = await bench.round("who?", (*BOTH, contender("nobody", model=" ")))
    assert (turns["quick"].status, turns["cheap"].reply) == ("failed", "there")
    assert turns["nobody"].failure is not None
    assert turns["nobody"].failure.field == "model"
    assert [one.marks for one in bench.comparison.standings()] == ["failed", "", "failed"]
    assert bench.comparison.unanswered == ("quick", "nobody")


async def test_what_failed_is_sent_again_without_its_failure_in_the_history() -> None:
    bench = Bench()
    bench.worker.plays("quick", fails("busy"), says("now"))
    bench.worker.plays("cheap", says("there"))
    await bench.round("who?", BOTH)
    turns = await bench.round(bench.comparison.prompt, BOTH[:1])
    assert turns["quick"].reply == "now"
    assert [message.content for message in bench.worker.asked("quick")[1].messages] == ["who?"]
    assert bench.comparison.unanswered == ()
    assert len(bench.comparison.standings()) == 2


async def test_one_side_is_stopped_and_the_other_goes_on() -> None:
    bench = Bench()
    gate = asyncio.Event()
    bench.worker.plays("quick", says("never", FAST, asyncio.Event()))
    bench.worker.plays("cheap", says("there", SLOW, gate))
    ended: dict[str, str] = {}
    async with aclosing(bench.comparison.ask("who?", BOTH)) as events:
        async for event in events:
            if len(bench.worker.asks) == 2 and not ended:
                bench.comparison.stop("quick")
            if isinstance(event, Ended):
                ended[event.side] = event.turn.status
                gate.set()
    assert ended == {"quick": "stopped", "cheap": "done"}


async def test_all_are_stopped_together_while_they_wait_for_their_keys() -> None:
    bench = Bench()
    bench.keys.gate = asyncio.Event()
    round_ = asyncio.create_task(bench.round("who?", BOTH))
    async with asyncio.timeout(30):
        while len(bench.keys.asked) < 2:  # noqa: ASYNC110  # the fake vault has no event for it
            await asyncio.sleep(0)
    bench.comparison.stop()
    assert [turn.status for turn in (await round_).values()] == ["stopped", "stopped"]
    assert bench.worker.asks == []
    assert not bench.comparison.busy


async def test_closing_the_round_stops_every_side() -> None:
    bench = Bench()
    for name in ("quick", "cheap"):
        bench.worker.plays(name, says("more", FAST, asyncio.Event()))
    async with aclosing(bench.comparison.ask("who?", BOTH)) as events:
        async for _ in events:
            if len(bench.worker.asks) == 2:
                break
    assert sorted(bench.worker.closed) == ["openai/cheap", "openai/quick"]
    assert not bench.comparison.busy


async def test_a_wait_before_a_retry_is_told_and_ended_on_one_side_alone() -> None:
    bench = Bench()
    for name in ("quick", "cheap"):
        bench.worker.plays(
            name,
            lambda turn: [
                Attempting(id=turn, attempt=1, of=5),
                Retrying(id=turn, attempt=2, of=5, wait_s=20, status=429, reason="rate limited (429)"),
                None,
                *says("at last")(turn),
            ],
        )
    waiting: set[str] = set()
    async with aclosing(bench.comparison.ask("who?", BOTH)) as events:
        async for event in events:
            if isinstance(event, Counting):
                waiting.add(event.side)
                if len(waiting) == 2:
                    bench.comparison.retry_now("quick")
            if isinstance(event, Ended) and event.side == "quick":
                assert event.turn.reply == "at last"
                assert bench.comparison.retrying
                bench.comparison.retry_now()
    assert bench.comparison.standings()[1].turn.reply == "at last"


class TestQuestions:
    """A key that goes to another place than the one it came with."""

    FAR = tuple(contender(name, base_url="https://elsewhere.example/v1") for name in ("quick", "cheap"))

    @pytest.fixture
    def bench(self) -> Bench:
        bench = Bench()
        bench.keys.found = FoundKey(secret=Secret(CANARY), source="keyring", question="Send it there?")
        for name in ("quick", "cheap"):
            bench.worker.plays(name, says("here"))
        return bench

    async def test_they_come_one_after_the_other(self, bench: Bench) -> None:
        bench.answers = [True, True]
        turns = await bench.round("who?", self.FAR)
        assert sorted(bench.questions) == ["cheap", "quick"]
        assert [turn.reply for turn in turns.values()] == ["here", "here"]

    async def test_a_no_ends_that_side_alone(self, bench: Bench) -> None:
        bench.answers = [False, True]
        turns = await bench.round("who?", self.FAR)
        refused, other = bench.questions
        failure = turns[refused].failure
        assert failure is not None
        assert "The key was not sent" in failure.message
        assert turns[other].reply == "here"
        assert len(bench.worker.asks) == 1

    async def test_a_yes_that_holds_for_the_next_side_too_is_not_asked_for_again(self, bench: Bench) -> None:
        bench.answers = [True]
        approve = bench.keys.approve

        async def remember(found: FoundKey, wanted: object) -> None:
            await approve(found, wanted)  # type: ignore[arg-type]  # the vault's own type
            bench.keys.found = FoundKey(secret=Secret(CANARY), source="keyring")

        bench.keys.approve = remember  # type: ignore[method-assign]  # a vault that remembers
        await bench.round("who?", self.FAR)
        assert len(bench.questions) == 1
        assert len(bench.worker.asks) == 2


class TestLimits:
    """Sides that fit below a spending limit one by one, but not together."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        """Each side may cost a dollar, and costs next to nothing; the limit is $1.50."""
        preferences = PreferencesFile(tmp_path / "p.toml")
        preferences.path.write_text("[spending]\nsession_usd = 1.5\n", encoding="utf-8")
        priced = row(input_price=0.0, output_price=1_000_000.0, max_output=1)
        return Bench(Books(Ledger(tmp_path / "usage.db"), preferences, facts=lambda _: priced))

    async def test_the_side_that_would_pass_it_beside_the_other_asks_first(self, bench: Bench) -> None:
        gate = asyncio.Event()
        for name in ("quick", "cheap"):
            bench.worker.plays(name, says("here", SLOW, gate))
        bench.answers = [True]
        async with aclosing(bench.comparison.ask("who?", BOTH)) as events:
            async for _ in events:
                if len(bench.worker.asks) == 2:
                    gate.set()
        assert len(bench.questions) == 1
        assert "$1.50 for this session ($0 spent, up to $1.00 under way)" in bench.asked[0]

    async def test_a_no_leaves_the_other_alone_and_what_it_cost_less_is_free_again(self, bench: Bench) -> None:
        gate = asyncio.Event()
        for name in ("quick", "cheap"):
            bench.worker.plays(name, says("here", SLOW, gate), says("again", SLOW))
        bench.answers = [False]
        statuses: list[str] = []
        async with aclosing(bench.comparison.ask("who?", BOTH)) as events:
            async for event in events:
                if isinstance(event, Ended):
                    statuses.append(event.turn.status)
                    gate.set()
        assert statuses == ["failed", "done"]
        refused = next(one for one in BOTH if one.name == bench.questions[0])
        turns = await bench.round("who?", (refused,))
        assert turns[refused.name].status == "done"
        assert len(bench.questions) == 1
