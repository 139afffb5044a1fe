"""The check-up as a whole: order, what stops it, what it spends, what its report says."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from tests.chat.fakes import CANARY, FakeModels, Parts, Step, settings
from tests.checkup.checking import GOOD, LOCAL, fails, found, made, outcomes, ran, report_of, row, says
from tui.checkup.budget import LIMIT, ROOMS
from tui.checkup.outcome import TITLES, StageEnded, StageNews, StageStarted
from tui.checkup.report import stage_lines
from tui.checkup.runner import Checkup
from tui.config.secret import Secret
from tui.llm.events import Attempting, Finished, Retrying, Usage
from tui.usage.question import NeedsYesError
from tui.vault.vault import FoundKey


async def test_stages_start_and_end_in_their_order() -> None:
    parts = Parts()
    parts.worker.plays(*GOOD.values())
    events = await ran(made(parts, facts=row()))
    told = [(type(event), event.stage) for event in events if not isinstance(event, StageNews)]
    assert told == [(kind, stage) for stage in TITLES for kind in (StageStarted, StageEnded)]


async def test_a_capable_model_passes() -> None:
    report, _ = await report_of()
    assert outcomes(report) == dict.fromkeys(TITLES, "pass") | {"tls": "skipped", "cache": "not supported"}
    assert report.complete
    assert report.first_failed is None
    assert report.as_dict()["ok"] is True


async def test_requests_go_out_with_the_drafts_settings_and_the_key() -> None:
    _, parts = await report_of(temperature=0.7, num_retries=2)
    assert {(ask.settings.temperature, ask.settings.num_retries) for ask in parts.worker.asks} == {(0.7, 2)}
    assert {ask.key for ask in parts.worker.asks} == {Secret(CANARY)}
    assert [ask.stream for ask in parts.worker.asks] == [False, True, False, False, False]


async def test_settings_that_are_not_complete_fail_first_and_send_nothing() -> None:
    parts = Parts()
    checkup = made(parts, settings({"model": "azure/mine"}))
    assert await checkup.estimate() is None
    await ran(checkup)
    failed = checkup.report.first_failed
    assert failed is not None
    assert (failed.stage, failed.cause) == ("settings", "settings")
    assert "Advanced (F3)" in failed.reason
    assert set(outcomes(checkup.report).values()) == {"fail", "skipped"}
    assert parts.worker.asks == []


async def test_a_refused_key_ends_the_check_up() -> None:
    report, parts = await report_of({"model": fails("key", "No. Do this.")})
    assert len(parts.worker.asks) == 1
    key = found(report, "key")
    assert (key.outcome, key.reason, key.next_step, key.cause) == ("fail", "No.", "Do this.", "key")
    later = [stage for stage in report.stages if list(TITLES).index(stage.stage) > list(TITLES).index("key")]
    assert {(stage.outcome, stage.reached, stage.time_s) for stage in later} == {("skipped", False, None)}
    assert "“Key accepted” failed" in later[0].reason


@pytest.mark.parametrize("cause", ["quota", "rate_limit", "network", "worker"])
async def test_what_the_next_request_would_fail_of_too_ends_the_check_up(cause: str) -> None:
    report, parts = await report_of({"json": fails(cause)})
    assert report.first_failed == found(report, "json")
    assert len(parts.worker.asks) == 3
    assert not found(report, "tools").reached


async def test_a_stage_that_fails_by_itself_lets_the_others_run() -> None:
    report, parts = await report_of({"json": says("no"), "tools": says("no"), "stream": fails("server")})
    assert len(parts.worker.asks) == len(ROOMS)
    assert found(report, "vision").outcome == "pass"
    assert report.first_failed == found(report, "stream")


async def test_a_key_that_may_not_go_there_is_not_sent() -> None:
    parts = Parts()
    parts.keys.found = FoundKey(secret=Secret(CANARY), source="keyring", question="Send it to other.example?")
    checkup = made(parts)
    await ran(checkup)
    settings_stage = found(checkup.report, "settings")
    assert settings_stage.reason == "The key was not sent. Send it to other.example?"
    assert (settings_stage.next_step, settings_stage.cause) == ("Say yes.", "key")
    assert parts.worker.asks == []


async def test_a_yes_lets_the_key_go() -> None:
    parts = Parts()
    parts.keys.found = FoundKey(secret=Secret(CANARY), source="keyring", question="Send it?")
    parts.worker.plays(*GOOD.values())
    asked: list[str] = []

    async def yes(needed: NeedsYesError) -> str:
        asked.append(needed.question)
        return ""

    checkup = Checkup(parts.backend, settings(LOCAL), {}, yes, facts=lambda _: row())
    await ran(checkup)
    assert asked == ["Send it?"]
    assert parts.worker.asks[0].key == Secret(CANARY)


async def test_the_way_of_the_built_in_model_is_told() -> None:
    parts = Parts(models=FakeModels(wanted=True))
    parts.worker.plays(*GOOD.values())
    events = await ran(made(parts, facts=row()))
    news = [event.words for event in events if isinstance(event, StageNews)]
    assert news[:2] == ["starting the built-in model", "fetching the built-in model 34 of 93 MB (37%)"]


async def test_a_wait_before_a_retry_is_told_and_can_be_cut_short() -> None:
    parts = Parts()

    def slow(turn_id: str) -> list[Step]:
        retry = Retrying(id=turn_id, attempt=2, of=5, wait_s=30, status=429, reason="rate limited (429)")
        end = Finished(id=turn_id, usage=Usage(), finish_reason="stop")
        return [Attempting(id=turn_id, attempt=1, of=5), retry, None, end]

    parts.worker.plays(slow)
    checkup = made(parts)
    async with aclosing(checkup.events()) as events:
        async for event in events:
            if isinstance(event, StageNews) and event.retrying:
                assert event.words == "rate limited (429): attempt 2 of 5 in 30 s"
                await asyncio.sleep(0)
                checkup.retry_now()
            if isinstance(event, StageEnded) and event.stage == "key":
                break
    assert parts.worker.hurried.is_set()


async def test_closing_the_events_ends_the_request_under_way() -> None:
    parts = Parts()
    gate = asyncio.Event()
    parts.worker.plays(lambda turn_id: [Attempting(id=turn_id, attempt=1, of=5), gate])
    checkup = made(parts)
    async with aclosing(checkup.events()) as events:
        async for event in events:
            if isinstance(event, StageNews):
                break
    assert parts.worker.closed == [parts.worker.asks[0].id]
    assert [stage.stage for stage in checkup.report.stages] == ["settings", "host", "tls"]
    assert not checkup.report.complete
    assert checkup.report.total_words.endswith("stopped")


async def test_an_error_of_ours_is_not_swallowed() -> None:
    def broken(_: str) -> None:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        await ran(Checkup(Parts().backend, settings(LOCAL), {}, lambda _: asyncio.sleep(0, ""), facts=broken))


class TestBudget:
    async def test_every_answer_is_bounded(self) -> None:
        _, parts = await report_of()
        assert [ask.max_tokens for ask in parts.worker.asks] == [room.answer for room in ROOMS.values()]

    async def test_a_model_that_thinks_gets_more_room(self) -> None:
        _, parts = await report_of(facts=row(reasoning=True))
        assert [ask.max_tokens for ask in parts.worker.asks] == [room.thinking_answer for room in ROOMS.values()]

    async def test_a_model_that_turns_out_to_think_gets_more_room_from_then_on(self) -> None:
        _, parts = await report_of({"model": says("", thinking="hm", finish="length")})
        assert parts.worker.asks[0].max_tokens == ROOMS["model"].answer
        assert parts.worker.asks[1].max_tokens == ROOMS["stream"].thinking_answer

    async def test_the_stages_of_a_plain_model_fit_the_limit_at_their_most(self) -> None:
        assert sum(room.most(thinks=False) for room in ROOMS.values()) + 300 < LIMIT

    @pytest.mark.parametrize("tokens", [100, 400, 700, 1_500, 1_950, 5_000])
    async def test_a_stage_that_could_go_over_the_limit_is_skipped(self, tokens: int) -> None:
        greedy = {name: says("OK", input_tokens=tokens, output_tokens=0) for name in ROOMS}
        report, parts = await report_of({"model": greedy["model"], "stream": greedy["stream"], "json": greedy["json"]})
        left = LIMIT
        for ask, room in zip(parts.worker.asks, ROOMS.values(), strict=False):
            assert ask is parts.worker.asks[0] or room.most(thinks=False) < left
            left -= tokens if ask in parts.worker.asks[:3] else 30
        gone = [
            stage for stage in report.stages if stage.outcome == "skipped" and "that a check-up may use" in stage.reason
        ]
        assert bool(gone) == (tokens > 400)

    async def test_tokens_that_are_not_told_count_as_the_most_that_can_be(self) -> None:
        quiet: dict[Any, Any] = dict.fromkeys(ROOMS, says("x", input_tokens=None, output_tokens=None, cost_usd=None))
        report, _ = await report_of(quiet)
        assert report.as_dict()["tokens"] is None
        assert report.as_dict()["cost_usd"] is None
        assert found(report, "model").tokens is None


class TestReport:
    async def test_it_names_versions_model_host_and_every_stage(self) -> None:
        report, _ = await report_of()
        text = report.text()
        assert text.startswith("Check-up of openai/gpt-4o at 127.0.0.1:9\nllm-backends ")
        assert all(name in text for name in ("LiteLLM 1.", "Python 3.", *TITLES.values()))
        assert "In all: " in text
        assert "150 tok" in text

    async def test_no_key_is_in_it_wherever_a_server_puts_it(self) -> None:
        plays: dict[Any, Any] = {
            "model": says(f"OK your key is {CANARY}"),
            "json": says(f"Bearer {CANARY}"),
            "tools": says(f"get_weather {CANARY}"),
            "vision": says(f"{CANARY}"),
        }
        report, _ = await report_of(plays, api_key=CANARY)
        assert CANARY not in report.text() + str(report.as_dict()) + repr(report)

    async def test_escape_sequences_of_a_model_stay_harmless(self) -> None:
        report, _ = await report_of({"json": says("\x1b]52;c;AAAA\x07\x9b2J")})
        assert "\x1b" not in report.text() + str(report.as_dict())
        assert "\x9b" not in report.text()

    async def test_a_failed_stage_is_told_with_its_reason_and_the_next_step(self) -> None:
        report, _ = await report_of({"stream": fails("server", "It broke. Do this.", detail="over\nloaded")})
        lines = stage_lines(found(report, "stream"))
        assert lines[1:] == ["    It broke.", "    Do this.", "    The provider says: over loaded"]
        assert "fail" in lines[0]

    async def test_an_unknown_price_is_never_zero(self) -> None:
        report, _ = await report_of({"stream": says("1 2", cost_usd=None)})
        assert found(report, "stream").cost_usd is None
