"""The built-in model is there when settings name it, and nothing else is disturbed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.local.loopback import Answer, serving
from tui.config.schema import LLM
from tui.local.errors import ForeignServerError, NotInstalledError, ServerError
from tui.local.probe import listener
from tui.local.runner import LocalModels, LocalServer, free_port


def _settings(port: int) -> LLM:
    return LLM(model=LocalModels.BUILT_IN, base_url=f"http://127.0.0.1:{port}/v1")


def _silent(_done: int, _total: int) -> None:
    """No one watches."""


async def _never(_progress: object) -> Path:
    raise AssertionError("nothing was to be fetched")


def _from(path: Path) -> Callable[[object], asyncio.Future[Path]]:
    """A fetch that has the model at once."""

    def fetch(_progress: object) -> asyncio.Future[Path]:
        future: asyncio.Future[Path] = asyncio.get_running_loop().create_future()
        future.set_result(path)
        return future

    return fetch


def _openai(*models: str) -> Callable[[str], Answer]:
    body = json.dumps({"data": [{"id": name} for name in models]}).encode()
    return lambda _path: (200, "application/json", body)


@pytest.mark.parametrize(
    "base_url",
    ["http://127.0.0.1:8080/v1", "http://localhost:8080/v1/", "http://127.0.0.1:1", "HTTP://LOCALHOST:65535/v1"],
)
def test_the_built_in_model_at_a_port_of_this_machine_is_wanted(base_url: str) -> None:
    assert LocalModels().wants(LLM(model="openai/smollm2-135m-instruct", base_url=base_url))


@pytest.mark.parametrize(
    "base_url",
    [
        None,
        "",
        "http://127.0.0.1/v1",
        "https://127.0.0.1:8080/v1",
        "http://host.example:8080/v1",
        "http://127.0.0.1.host.example:8080/v1",
        "http://user@127.0.0.1:8080/v1",
        "http://127.0.0.1:0/v1",
        "http://127.0.0.1:99999/v1",
        "http://127.0.0.1:port/v1",
        "http://[::1:8080/v1",
        "127.0.0.1:8080",
    ],
)
def test_no_other_address_is_served(base_url: str | None) -> None:
    assert not LocalModels().wants(LLM(model=LocalModels.BUILT_IN, base_url=base_url))


async def test_other_settings_start_nothing() -> None:
    port = free_port()
    models = LocalModels(fetch=_never)
    await models.ensure(LLM(model="openai/gpt-4o", base_url=f"http://127.0.0.1:{port}/v1"), _silent)
    await models.ensure(LLM(model=LocalModels.BUILT_IN), _silent)
    assert await listener(port) is None


async def test_a_server_that_serves_it_already_is_used() -> None:
    with serving(_openai("other", "smollm2-135m-instruct")) as server:
        await LocalModels(fetch=_never).ensure(_settings(server.port), _silent)


async def test_a_server_of_something_else_is_an_error_that_says_so() -> None:
    with serving(_openai("other")) as server, pytest.raises(ForeignServerError, match="does not serve smollm2"):
        await LocalModels(fetch=_never).ensure(_settings(server.port), _silent)


async def test_a_server_that_is_still_loading_is_waited_for() -> None:
    asked = 0

    def answer(_path: str) -> Answer:
        nonlocal asked
        asked += 1
        return (503, "text/plain", b"") if asked < 3 else _openai("smollm2-135m-instruct")("")

    with serving(answer) as server:
        await LocalModels(fetch=_never).ensure(_settings(server.port), _silent)
    assert asked >= 3


async def test_without_llama_cpp_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(NotInstalledError, match=r"Install it with: .*xllamacpp"):
        await LocalModels(fetch=_never).ensure(_settings(free_port()), _silent)


async def test_cancelling_while_fetching_leaves_it_ready_for_the_next_try() -> None:
    started = asyncio.Event()

    async def slow(_progress: object) -> Path:
        started.set()
        await asyncio.Event().wait()
        raise AssertionError("never set")

    models = LocalModels(fetch=slow)
    ensuring = asyncio.create_task(models.ensure(_settings(free_port()), _silent))
    await started.wait()
    ensuring.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ensuring
    with serving(_openai("smollm2-135m-instruct")) as server:
        await models.ensure(_settings(server.port), _silent)


@pytest.mark.real("llama.cpp")
async def test_it_is_served_on_the_very_port_once_and_gone_after_close(built_in_model: Path) -> None:
    settings, models = _settings(free_port()), LocalModels(fetch=_from(built_in_model))
    port = int(str(settings.base_url).split(":")[2].split("/")[0])
    try:
        await asyncio.gather(*(models.ensure(settings, _silent) for _ in range(3)))
        found = await listener(port)
        assert found is not None
        assert found.models == {"smollm2-135m-instruct"}
    finally:
        await models.close()
    assert await listener(port) is None


@pytest.mark.real("llama.cpp")
async def test_two_windows_on_one_port_share_a_server(built_in_model: Path) -> None:
    settings = _settings(free_port())
    servers = [LocalServer(), LocalServer()]
    windows = [LocalModels(server, _from(built_in_model)) for server in servers]
    try:
        await asyncio.gather(*(window.ensure(settings, _silent) for window in windows))
        assert sum(server.alive for server in servers) == 1
    finally:
        for window in windows:
            await window.close()


@pytest.mark.real("llama.cpp")
async def test_a_server_that_died_is_replaced(built_in_model: Path) -> None:
    settings, server = _settings(free_port()), LocalServer()
    models = LocalModels(server, _from(built_in_model))
    try:
        await models.ensure(settings, _silent)
        first = server.pid
        assert first is not None
        if sys.platform != "win32":
            os.kill(first, signal.SIGKILL)
        await server.wait()
        await models.ensure(settings, _silent)
        assert server.alive
        assert server.pid != first
    finally:
        await models.close()


@pytest.mark.real("llama.cpp")
async def test_another_port_ends_the_server_before(built_in_model: Path) -> None:
    first, second = free_port(), free_port()
    models = LocalModels(fetch=_from(built_in_model))
    try:
        await models.ensure(_settings(first), _silent)
        await models.ensure(_settings(second), _silent)
        assert await listener(first) is None
        assert await listener(second) is not None
    finally:
        await models.close()


@pytest.mark.real("llama.cpp")
async def test_a_file_that_is_no_model_is_an_error_of_the_server(tmp_path: Path) -> None:
    (tmp_path / "no.gguf").write_text("no")
    with pytest.raises(ServerError, match="is not a GGUF file"):
        await LocalModels(fetch=_from(tmp_path / "no.gguf")).ensure(_settings(free_port()), _silent)
