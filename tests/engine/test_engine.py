"""The app's end of the pipe, with a real worker process; without LiteLLM in it where a test is not about that."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Final

import pytest

from tests import light
from tests.fake_provider import FakeProvider, Gate, Reply
from tests.llm.asking import CANARY, ask, text, until
from tests.reliability import wire_cases
from tests.reliability.wire_server import WireServer
from tui.engine.client import Engine
from tui.llm.events import Attempting, Cancelled, Delta, Failed, Finished, Retrying, TurnEvent

ENV: Final[Mapping[str, str]] = {
    "OPENAI_API_KEY": "sk-from-the-environment", "ANTHROPIC_API_KEY": "sk-from-the-environment",
    "OPENAI_ORGANIZATION": "environment", "LLM_API_KEY": "sk-from-the-environment", "LITELLM_LOG": "DEBUG",
    "OPENAI_BASE_URL": "http://environment.invalid",
}  # fmt: skip
LIGHT: Final[Mapping[str, str]] = {**ENV, "PYTHONPATH": light.PATH}
PROC: Final = Path("/proc")
_GONE_S: Final = 20.0


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    """Its workers load no LiteLLM."""
    engine = Engine(os.environ | LIGHT)
    yield engine
    await engine.close()


@pytest.fixture
async def with_litellm() -> AsyncIterator[Engine]:
    """Its workers are those that users have."""
    engine = Engine(os.environ | ENV)
    yield engine
    await engine.close()


async def all_of(turn: AsyncGenerator[TurnEvent, None]) -> list[TurnEvent]:
    async with aclosing(turn):
        return [event async for event in turn]


async def gone(pid: int) -> None:
    async with asyncio.timeout(_GONE_S):
        while (PROC / str(pid)).exists() and "\nState:\tZ" not in (PROC / str(pid) / "status").read_text():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_session_with_one_worker(with_litellm: Engine, server: FakeProvider) -> None:
    """Start, an answer before it is ready, several turns at once, no key anywhere but in the request, the end."""
    engine = with_litellm
    await engine.start()
    ready_at_once = engine.ready
    assert ready_at_once is False

    server.script(Reply.stream("Hel", "lo"))
    assert text(await all_of(engine.turn(ask(server)))) == "Hello"
    assert engine.ready
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"

    await all_of(engine.turn(ask(server, id="t2", key=None)))
    assert "environment" not in repr([request.headers for request in server.requests])

    turns = [all_of(engine.turn(ask(server, id=f"many{n}", model=f"openai/m{n}"))) for n in range(5)]
    assert all(isinstance(events[-1], Finished) for events in await asyncio.gather(*turns))

    pid = engine.pid
    assert pid is not None
    process = PROC / str(pid)
    for file in ("cmdline", "environ"):
        data = (process / file).read_bytes()  # a line of /proc
        assert CANARY.encode() not in data
        assert b"environment" not in data
    if sys.platform != "win32":
        assert os.getpriority(os.PRIO_PROCESS, pid) > os.getpriority(os.PRIO_PROCESS, 0)

    await engine.close()
    await gone(pid)


async def test_cancel_retry_now_and_long_lines(engine: Engine, server: FakeProvider) -> None:
    server.script(Reply.stream("Hel", Gate()))
    async with aclosing(engine.turn(ask(server, id="a"))) as turn:
        await until(turn, Delta)
        engine.cancel("a")
        assert [type(event) async for event in turn] == [Cancelled]
    await server.until(lambda: server.disconnects == 1)

    server.script(Reply.error(429, retry_after=25), Reply.stream("Hello"))
    async with aclosing(engine.turn(ask(server, id="b"))) as turn:
        assert isinstance(waiting := await until(turn, Retrying), Retrying)
        assert waiting.wait_s == 25
        engine.retry_now("b")
        assert text([event async for event in turn]) == "Hello"

    server.script(Reply.stream(Gate()))
    turn = engine.turn(ask(server, id="c"))
    await until(turn, Attempting)
    await server.seen(4)
    await turn.aclose()
    await server.until(lambda: server.disconnects == 2)

    server.script(Reply.stream("x" * 1_500_000))
    assert len(text(await all_of(engine.turn(ask(server, id="d"))))) == 1_500_000


async def test_a_killed_worker_fails_the_turn_and_the_next_turn_has_a_new_one(
    engine: Engine, server: FakeProvider
) -> None:
    server.script(Reply.stream(CANARY[:4], Gate()))
    async with aclosing(engine.turn(ask(server, id="a"))) as turn:
        await until(turn, Delta)
        old = engine.pid
        assert old is not None
        if sys.platform != "win32":
            os.kill(old, signal.SIGKILL)
        rest = [event async for event in turn]
    assert isinstance(rest[-1], Failed)
    assert (rest[-1].cause, rest[-1].partial) == ("worker", True)
    assert "Send the message again" in rest[-1].message
    assert CANARY not in repr(rest)
    assert isinstance((await all_of(engine.turn(ask(server, id="b"))))[-1], Finished)
    assert engine.pid != old


async def test_a_stuck_worker_s_turn_is_cancelled_and_the_worker_replaced(engine: Engine, server: FakeProvider) -> None:
    server.script(Reply.stream("Hel", Gate()))
    async with aclosing(engine.turn(ask(server, id="a"))) as turn:
        await until(turn, Delta)
        stuck = engine.pid
        assert stuck is not None
        if sys.platform != "win32":
            os.kill(stuck, signal.SIGSTOP)
        engine.cancel("a")
        assert [type(event) async for event in turn] == [Cancelled]
    await gone(stuck)
    assert isinstance((await all_of(engine.turn(ask(server, id="b"))))[-1], Finished)


async def test_a_turn_that_a_stuck_worker_never_took_up_goes_to_the_next_one(
    engine: Engine, server: FakeProvider
) -> None:
    server.script(Reply.stream("Hel", Gate()))
    async with aclosing(engine.turn(ask(server, id="a"))) as turn:
        await until(turn, Delta)
        stuck = engine.pid
        assert stuck is not None
        if sys.platform != "win32":
            os.kill(stuck, signal.SIGSTOP)
        engine.cancel("a")
        assert [type(event) async for event in turn] == [Cancelled]
    assert engine.pid == stuck
    assert isinstance((await all_of(engine.turn(ask(server, id="b"))))[-1], Finished)
    assert engine.pid != stuck
    assert server.posts == 2


async def test_a_turn_is_cancelled_while_the_worker_still_starts(engine: Engine, server: FakeProvider) -> None:
    turn = engine.turn(ask(server, id="a"))
    first = asyncio.ensure_future(anext(turn))
    await asyncio.sleep(0)
    engine.cancel("a")
    assert isinstance(await first, Cancelled)
    await turn.aclose()
    assert isinstance((await all_of(engine.turn(ask(server, id="b"))))[-1], Finished)
    assert server.posts == 1


async def test_a_providers_variables_reach_a_worker_of_their_own(server: FakeProvider) -> None:
    engine = Engine(os.environ | LIGHT, idle_s=0.1)
    await all_of(engine.turn(ask(server, id="a"), {"AWS_SESSION_TOKEN": "token-canary-123"}))
    with_token = engine.pid
    assert b"token-canary-123" in (PROC / str(with_token) / "environ").read_bytes()
    server.script(Reply.error(400, "bad token-canary-123"))
    failed = (await all_of(engine.turn(ask(server, id="b"), {"AWS_SESSION_TOKEN": "token-canary-123"})))[-1]
    assert isinstance(failed, Failed)
    assert "canary" not in repr(failed)
    await all_of(engine.turn(ask(server, id="c")))
    assert engine.pid != with_token
    assert b"canary" not in (PROC / str(engine.pid) / "environ").read_bytes()
    assert with_token is not None
    await gone(with_token)
    await engine.close()


async def test_turns_with_different_provider_variables_go_on_at_the_same_time(server: FakeProvider) -> None:
    """Each set of variables has its own worker, which no turn of another takes away, and which the next turn finds."""
    engine = Engine(os.environ | LIGHT, idle_s=0.05)
    west, east = {"AWS_SESSION_TOKEN": "token-west-1"}, {"AWS_SESSION_TOKEN": "token-east-1"}
    gate = Gate()
    server.script(Reply.stream("we", gate, "st"), Reply.stream("ea", gate, "st"))
    async with (
        aclosing(engine.turn(ask(server, id="a"), west)) as in_west,
        aclosing(engine.turn(ask(server, id="b"), east)) as in_east,
    ):
        await until(in_west, Delta)
        west_pid = engine.pid
        await until(in_east, Delta)
        assert engine.pid != west_pid
        await asyncio.sleep(0.2)  # longer than an idle worker stays
        await all_of(engine.turn(ask(server, id="c"), west))
        assert engine.pid == west_pid
        gate.open()
        assert text([event async for event in in_west]) == "st"
        assert text([event async for event in in_east]) == "st"
    await engine.close()


async def test_closing_while_a_request_hangs_ends_its_turn(engine: Engine, server: FakeProvider) -> None:
    await all_of(engine.turn(ask(server, id="first")))
    server.script(Reply.hang())
    events = asyncio.ensure_future(all_of(engine.turn(ask(server))))
    await server.seen(2)
    await engine.close()
    assert isinstance((await events)[-1], Cancelled)
    assert isinstance((await all_of(engine.turn(ask(server, id="later"))))[-1], Failed)


async def test_a_file_in_the_working_directory_is_not_imported(
    engine: Engine, server: FakeProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('imported from the working directory')")
    monkeypatch.chdir(tmp_path)
    assert isinstance((await all_of(engine.turn(ask(server))))[-1], Finished)


async def test_a_request_that_the_worker_can_not_read_fails_its_turn_and_the_next_one_works(
    engine: Engine, server: FakeProvider
) -> None:
    server.script(Reply.stream("Hel", Gate()))
    async with aclosing(engine.turn(ask(server, id="bystander"))) as bystander:
        await until(bystander, Delta)
        pid = engine.pid
        last = (await all_of(engine.turn(ask(server, timeout=1.5))))[-1]
        assert isinstance(last, Failed)
        assert (last.cause, last.field) == ("settings", "timeout")
        assert isinstance((await all_of(engine.turn(ask(server, id="t2"))))[-1], Finished)
        assert engine.pid == pid


async def test_who_is_given_up_is_hung_up_on(with_litellm: Engine) -> None:
    """The worker's client stays open for the next request, so nothing else ends an answer that has no end."""
    case = next(case for case in wire_cases.cases() if case.name == "a line without end, anthropic, streamed")
    with WireServer() as provider:
        provider.play = case.fault.play
        assert isinstance((await all_of(with_litellm.turn(wire_cases.ask(provider.port, case))))[-1], Failed)
        assert await asyncio.to_thread(provider.idle, 10)


async def test_an_open_id_is_not_given_twice(engine: Engine, server: FakeProvider) -> None:
    first = engine.turn(ask(server))
    with pytest.raises(ValueError, match="open already"):
        engine.turn(ask(server))
    assert isinstance((await all_of(first))[-1], Finished)


async def test_the_worker_goes_when_the_app_is_killed(server: FakeProvider) -> None:
    """Even while its request hangs."""
    server.script(Reply.hang())
    code = (
        "import asyncio, os, sys\n"
        "from tests.llm.asking import ask\n"
        "from tui.engine.client import Engine\n"
        "async def main():\n"
        "    engine = Engine(os.environ)\n"
        "    await engine.start()\n"
        "    print(engine.pid, flush=True)\n"
        "    request = ask(base_url=sys.argv[1])\n"
        "    async for _ in engine.turn(request): pass\n"
        "asyncio.run(main())\n"
    )
    env = {**os.environ, "PYTHONPATH": light.PATH}
    with subprocess.Popen([sys.executable, "-c", code, server.base_url], env=env, stdout=subprocess.PIPE) as app:  # noqa: ASYNC220
        assert app.stdout is not None
        worker = int(await asyncio.to_thread(app.stdout.readline))
        await server.seen(1)
        app.kill()
    await gone(worker)
