"""Every turn goes into the ledger, whoever sends it and however it ends; a limit stops a running answer."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.chat.fakes import CANARY, Parts, Script, Step, settings
from tests.checkup.checking import row, says
from tui.config.preferences import PreferencesFile
from tui.llm.events import Attempting, Cancelled, Delta, Failed, Finished, Message, TurnEvent, Usage
from tui.providers.catalogue import Model
from tui.request.backend import Backend
from tui.usage.accounting import Books
from tui.usage.ledger import Ledger, Purpose
from tui.usage.price import load_of
from tui.usage.question import OverLimitError, UnknownPriceError

PROMPT = (Message("user", "tell me the canary of the prompt"),)
ROWS = """
SELECT purpose, provider, model, local, outcome, attempts, input_tokens, output_tokens, estimated, cost_usd
FROM requests WHERE at > ?
"""
PRICED = row(input_price=0.0, output_price=1_000_000.0, max_output=1)
"""A token of the answer costs a dollar."""


class Bench:
    """A backend with books in a folder of their own."""

    def __init__(self, folder: Path, facts: Model | None = PRICED) -> None:
        self.parts = Parts()
        self.books = Books(Ledger(folder / "usage.db"), PreferencesFile(folder / "p.toml"), facts=lambda _: facts)
        self.backend = Backend(self.parts.keys, self.parts.models, self.parts.worker, {}, self.books)
        self.told: list[str] = []
        self.books.on_trouble = self.told.append

    def limit(self, text: str) -> None:
        self.books.preferences.path.write_text(f"[spending]\n{text}\n", encoding="utf-8")

    async def turn(
        self, *scripts: Script, purpose: Purpose = "chat", file: dict[str, object] | None = None
    ) -> list[TurnEvent]:
        self.parts.worker.plays(*scripts)
        prepared = await self.backend.prepare(settings(file), load=load_of(PROMPT))
        async with aclosing(self.backend.turn(prepared, PROMPT, purpose=purpose)) as events:
            return [event async for event in events]

    async def rows(self) -> list[tuple[Any, ...]]:
        await self.books.close()
        return list(self.books.ledger.rows(ROWS, datetime(2000, 1, 1, tzinfo=UTC)))


def played(*steps: Callable[[str], Step]) -> Script:
    """An attempt, then these steps."""
    return lambda turn: [Attempting(id=turn, attempt=1, of=5), *(step(turn) for step in steps)]


def text(words: str) -> Callable[[str], Step]:
    return lambda turn: Delta(id=turn, text=words)


async def test_an_answer_is_a_row_with_what_the_provider_counted(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.turn(says(cost_usd=0.01), purpose="check-up")
    assert await bench.rows() == [("check-up", "openai", "openai/gpt-4o", 0, "done", 1, 20, 10, 0, 0.01)]
    assert bench.books.spending.spent_usd("session") == 0.01


async def test_times_are_recorded_in_utc(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    before = time.time()
    await bench.turn(says(total_s=1.5))
    await bench.books.close()
    query = "SELECT at, latency_s, first_token_s FROM requests WHERE at > ?"
    ((at, latency_s, first_s),) = bench.books.ledger.rows(query, datetime(2000, 1, 1, tzinfo=UTC))
    assert str(at).endswith("Z")
    assert before - 1 <= datetime.fromisoformat(str(at)).timestamp() <= time.time()
    assert (latency_s, first_s) == (1.5, 0.2)


async def test_a_failed_turn_counts_and_what_is_unknown_stays_so(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.turn(played(lambda turn: Failed(id=turn, cause="key", message="No.")))
    assert await bench.rows() == [("chat", "openai", "openai/gpt-4o", 0, "failed", 1, None, None, 0, None)]


async def test_a_turn_that_sent_nothing_is_no_row(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.turn(lambda turn: [Failed(id=turn, cause="settings", message="No.")])
    assert await bench.rows() == []


async def test_a_stopped_turn_counts_what_came_by_our_own_count(tmp_path: Path) -> None:
    bench = Bench(tmp_path, row(input_price=1.0, output_price=2.0))
    events = await bench.turn(played(text("four"), lambda turn: Cancelled(id=turn, usage=Usage(total_s=2))))
    end = events[-1]
    assert isinstance(end, Cancelled)
    assert (end.usage.output_tokens, end.usage.tokens_estimated) == (1, True)
    ((*_, outcome, attempts, put_in, got_out, estimated, cost),) = await bench.rows()
    assert (outcome, attempts, got_out, estimated) == ("stopped", 1, 1, 1)
    assert cost == pytest.approx(put_in * 1e-6 + 2e-6)


async def test_a_turn_that_its_reader_leaves_counts_as_stopped(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.parts.worker.plays(played(text("Hel"), lambda _: asyncio.Event()))
    prepared = await bench.backend.prepare(settings())
    async with aclosing(bench.backend.turn(prepared, PROMPT)) as events:
        async for event in events:
            if isinstance(event, Delta):
                break
    assert bench.parts.worker.closed == [bench.parts.worker.asks[0].id]
    assert [line[4] for line in await bench.rows()] == ["stopped"]


async def test_neither_prompt_nor_answer_nor_key_is_in_any_file(tmp_path: Path) -> None:
    bench = Bench(tmp_path, row())
    await bench.turn(says("the canary of the answer"), file={"model": f"openai/{CANARY}"})
    await bench.turn(played(lambda turn: Failed(id=turn, cause="key", message="canary of the error", detail=CANARY)))
    assert len(await bench.rows()) == 2
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir())  # noqa: ASYNC240  # after all is done
    assert b"openai" in raw
    assert b"canary" not in raw


async def test_a_request_that_may_pass_the_limit_asks_first_and_goes_out_after_a_yes(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.limit("session_usd = 0.5")
    with pytest.raises(OverLimitError) as caught:
        await bench.turn()
    assert bench.parts.worker.asks == []
    await bench.backend.approve(caught.value)
    assert isinstance((await bench.turn(says()))[-1], Finished)


async def test_an_unknown_price_asks_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path, facts=None)
    with pytest.raises(UnknownPriceError) as caught:
        await bench.turn()
    await bench.backend.approve(caught.value)
    await bench.turn(says())
    await bench.turn(says())
    assert len(await bench.rows()) == 2


async def test_what_another_instance_spent_today_counts(tmp_path: Path) -> None:
    bench, other = Bench(tmp_path), Bench(tmp_path)
    bench.limit('day_usd = 5\nsession_usd = "none"')
    await other.turn(says(cost_usd=4.5))
    await other.books.close()
    with pytest.raises(OverLimitError, match=r"\$4\.50 spent"):
        await bench.turn()


async def test_a_running_answer_that_passes_the_limit_is_stopped_keeps_its_text_and_says_so(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.limit("session_usd = 2")
    gate = asyncio.Event()
    events = await bench.turn(played(text("more than two "), lambda _: gate, text("never")))
    assert [event.text for event in events if isinstance(event, Delta)] == ["more than two "]
    end = events[-1]
    assert isinstance(end, Failed)
    assert (end.cause, end.partial, end.usage.output_tokens, end.usage.cost_usd) == ("limit", True, 4, 4.0)
    assert end.message == (
        "This answer was stopped: what was spent in this session has reached your limit of $2.00. "
        "Raise the limit in Usage (F6), or send again and say yes."
    )
    assert [line[4:] for line in await bench.rows()] == [("limit", 1, end.usage.input_tokens, 4, 1, 4.0)]
    with pytest.raises(OverLimitError):
        await bench.turn()


async def test_an_answer_that_ends_before_the_stop_arrives_is_complete(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.limit("session_usd = 2")
    bench.parts.worker.deaf = True
    events = await bench.turn(played(text("more than two "), lambda turn: Finished(id=turn, usage=Usage())))
    assert isinstance(events[-1], Finished)


async def test_a_ledger_that_can_not_be_written_is_told_once_and_fails_no_turn(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.books.ledger.path.mkdir()
    for _ in range(2):
        assert isinstance((await bench.turn(says(cost_usd=0.5)))[-1], Finished)
        await bench.books.close()
    assert len(bench.told) == len(set(bench.told)) == 2  # reading, writing
    assert all("Check its rights and its disk" in words for words in bench.told)
    assert bench.books.spending.spent_usd("day") == 1.0


async def test_a_damaged_ledger_is_told(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.books.ledger.path.write_bytes(b"no database at all" * 100)
    await bench.turn(says())
    assert len(await bench.rows()) == 1
    (told,) = bench.told
    assert "was damaged. It is kept as usage-corrupt-" in told


async def test_the_event_loop_never_waits_for_the_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path)
    add, loop = bench.books.ledger.add, asyncio.get_running_loop()
    went_on = threading.Event()
    seen: list[bool] = []

    def until_the_loop_goes_on(entry: Any) -> None:
        loop.call_soon_threadsafe(went_on.set)
        seen.append(went_on.wait(20))
        add(entry)

    monkeypatch.setattr(bench.books.ledger, "add", until_the_loop_goes_on)
    await bench.turn(says())
    assert len(await bench.rows()) == 1
    assert seen == [True]
