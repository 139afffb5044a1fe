"""A worker that can't start: the cause is reported, and it is not started again and again."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from tests.engine.scripted_worker import scripted, starts_of
from tests.llm.asking import ask
from tui.config.schema import LLM
from tui.engine.client import START_TRIES, Engine
from tui.engine.process import COMMAND
from tui.llm.events import Failed, Finished, ListFailed, ListModels, TurnEvent


@asynccontextmanager
async def engine_with(env: dict[str, str], command: tuple[str, ...] = COMMAND) -> AsyncIterator[Engine]:
    engine = Engine(os.environ | env, command=command)
    try:
        yield engine
    finally:
        await engine.close()


async def last(engine: Engine, turn_id: str = "t1") -> TurnEvent:
    async with aclosing(engine.turn(ask(id=turn_id, model="x/finish"))) as events:
        return [event async for event in events][-1]


async def failure(engine: Engine, turn_id: str = "t1") -> Failed:
    end = await last(engine, turn_id)
    assert isinstance(end, Failed)
    assert end.cause == "setup"
    assert end.advice
    assert "starts by itself" not in end.message
    return end


def listing(number: int) -> ListModels:
    return ListModels(id=f"l{number}", provider="finish", settings=LLM(model="x/y"), key=None)


@pytest.mark.parametrize(("start", "word"), [("refuse", "HTTPS_PROXY"), ("exit", "tokenizers"), ("kill", "memory")])
async def test_each_turn_reports_the_cause_and_starts_the_worker_once(tmp_path: Path, start: str, word: str) -> None:
    starts = tmp_path / "starts"
    async with engine_with({}, scripted(starts, start)) as engine:
        for number in range(1, 5):
            assert word in (await failure(engine, f"t{number}")).message
            assert starts_of(starts) == number


@pytest.mark.parametrize("start", ["refuse", "exit", "kill"])
async def test_what_nobody_asked_for_does_not_start_it_again_and_again(tmp_path: Path, start: str) -> None:
    starts = tmp_path / "starts"
    async with engine_with({}, scripted(starts, start)) as engine:
        for number in range(6):
            await engine.start()
            failed = await engine.models(listing(number))
            assert isinstance(failed, ListFailed)
            assert failed.reason == "setup"
        assert starts_of(starts) <= START_TRIES + 1  # a start and a list may share one
        before = starts_of(starts)
        await failure(engine)
        assert starts_of(starts) == before + 1


async def test_a_worker_that_starts_after_all_is_used_and_lists_are_asked_for_again(tmp_path: Path) -> None:
    starts, program = tmp_path / "starts", tmp_path / "python"
    async with engine_with({}, (str(program), *scripted(starts)[1:])) as engine:
        for number in range(4):
            assert (await failure(engine, f"a{number}")).message.startswith(f"{program} is gone")
        assert isinstance(await engine.models(listing(0)), ListFailed)
        program.symlink_to(sys.executable)
        assert isinstance(await engine.models(listing(1)), ListFailed)
        assert isinstance(await last(engine), Finished)
        assert not isinstance(await engine.models(listing(2)), ListFailed)


async def test_several_turns_share_a_start_and_its_failure(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    async with engine_with({}, scripted(starts, "refuse")) as engine:
        await asyncio.gather(*(failure(engine, f"t{number}") for number in range(5)))
        assert starts_of(starts) == 1


@pytest.mark.skipif(os.name == "nt", reason="files have no execute bit there")
async def test_a_program_that_can_not_be_run_is_named(tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text("#!/nowhere/at/all\n")
    for mode in (0o600, 0o700):
        program.chmod(mode)
        async with engine_with({}, (str(program),)) as engine:
            assert str(program) in (await failure(engine)).message


async def test_what_a_package_prints_while_python_starts_is_no_event(tmp_path: Path) -> None:
    async with engine_with({}, scripted(tmp_path / "starts", "print")) as engine:
        assert isinstance(await last(engine), Finished)


def _no_litellm(folder: Path) -> None:
    (folder / "litellm").mkdir()
    (folder / "litellm" / "__init__.py").write_text("import a_package_that_is_not_there\n")


def _syntax(folder: Path) -> None:
    (folder / "litellm").mkdir()
    (folder / "litellm" / "__init__.py").write_text("def broken(:\n")


def _raises(folder: Path) -> None:
    (folder / "litellm").mkdir()
    (folder / "litellm" / "__init__.py").write_text("import os\nos.no_such_thing\n")


def _exits(folder: Path) -> None:
    (folder / "litellm").mkdir()
    (folder / "litellm" / "__init__.py").write_text("raise SystemExit(0)\n")


@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        (_no_litellm, ("a_package_that_is_not_there", "Install")),
        (_syntax, ("litellm", "PYTHONPATH")),
        (_raises, ("litellm", "PYTHONPATH")),
        (_exits, ("litellm", "PYTHONPATH")),
    ],
    ids=lambda case: getattr(case, "__name__", ""),
)
async def test_a_package_that_can_not_be_imported_is_named(
    tmp_path: Path, breaks: Callable[[Path], None], words: tuple[str, ...]
) -> None:
    """With the real worker, which comes no further than the broken package."""
    breaks(tmp_path)
    async with engine_with({"PYTHONPATH": str(tmp_path)}) as engine:
        message = (await failure(engine)).message
        assert all(word in message for word in words), message


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("HTTPS_PROXY", "foo:bar", ""),
        ("https_proxy", "http://user:Pa55-word@proxy:port", "Pa55-word"),
        ("SSL_CERT_FILE", "/no/such/file.pem", ""),
    ],
)
async def test_a_variable_that_keeps_the_real_worker_from_starting_is_named(name: str, value: str, secret: str) -> None:
    async with engine_with({name: value}) as engine:
        failed = await failure(engine)
        assert failed.message.startswith(name)
        assert not secret or secret not in repr(failed)
