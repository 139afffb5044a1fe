"""The real server: llama.cpp with the built-in model, on loopback."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest

from tests.local import asking
from tui.local.errors import NotInstalledError, PortInUseError, ServerError
from tui.local.runner import LocalServer, Running

pytestmark = pytest.mark.real("llama.cpp")

ROOT: Final = Path(__file__).parents[2]
LONG: Final = {"max_tokens": 4000, "ignore_eos": True}


@pytest.fixture
async def running(built_in_model: Path) -> AsyncIterator[Running]:
    server = LocalServer()
    yield await server.start(built_in_model)
    await server.close()


async def _until(condition: Callable[[], bool], bound_s: float = 30) -> None:
    async with asyncio.timeout(bound_s):
        while not condition():  # noqa: ASYNC110  # what is waited for happens in other processes
            await asyncio.sleep(0.01)


def _answers(base_url: str) -> bool:
    url = urlsplit(base_url)
    try:
        with socket.create_connection((str(url.hostname), url.port or 0), timeout=1):
            return True
    except OSError:
        return False


async def test_an_answer_streams_with_its_usage_and_the_models_name(running: Running) -> None:
    chunks = await asyncio.to_thread(lambda: list(asking.streamed(running.base_url, "Say hello.", max_tokens=30)))
    text = [choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"]]
    assert len([piece for piece in text if piece]) > 1
    assert "hello" in "".join(text).lower()
    assert {chunk["model"] for chunk in chunks} == {running.model} == {"smollm2-135m-instruct"}
    usage = chunks[-1]["usage"]
    assert usage["prompt_tokens"] > 0
    assert 0 < usage["completion_tokens"] <= 30


async def test_another_gguf_file_is_served_under_its_own_name(built_in_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "a folder" / "My Model.v2.gguf"
    path.parent.mkdir()
    path.symlink_to(built_in_model)
    server = LocalServer()
    try:
        assert (await server.start(path)).model == "My Model.v2"
    finally:
        await server.close()


async def test_it_listens_on_one_loopback_address_only(running: Running) -> None:
    port = urlsplit(running.base_url).port
    assert running.base_url == f"http://127.0.0.1:{port}/v1"
    assert not _answers(f"http://127.0.0.2:{port}")


async def test_it_shows_no_page_no_slots_and_lets_no_web_page_ask(running: Running) -> None:
    assert (await asyncio.to_thread(asking.get, running.base_url, "/"))[0] == 404
    assert (await asyncio.to_thread(asking.get, running.base_url, "/slots"))[0] == 501
    _, headers, _ = await asyncio.to_thread(asking.get, running.base_url, "/health", Origin="https://site.example")
    assert headers.get("Access-Control-Allow-Origin", "") == ""


async def test_it_starts_again_on_the_port_it_had(built_in_model: Path) -> None:
    server = LocalServer()
    first = await server.start(built_in_model)
    await asyncio.to_thread(lambda: list(asking.streamed(first.base_url, "Hi", max_tokens=2)))
    await server.close()
    again = await server.start(built_in_model, urlsplit(first.base_url).port or 0)
    await server.close()
    assert again == first


async def test_it_closes_at_once_even_in_the_middle_of_an_answer(built_in_model: Path) -> None:
    server = LocalServer()
    running = await server.start(built_in_model)
    answer = await asyncio.to_thread(asking.post, running.base_url, asking.question("Go", stream=True, **LONG))
    with answer:
        await asyncio.to_thread(answer.readline)
        await server.close()
        assert b"[DONE]" not in await asyncio.to_thread(asking.rest, answer)
    assert not server.alive
    assert not _answers(running.base_url)


async def test_it_dies_when_the_app_is_killed(built_in_model: Path) -> None:
    program = (
        "import asyncio, os, sys\n"
        "from pathlib import Path\n"
        "from tui.local.runner import LocalServer\n"
        "async def main():\n"
        "    server = LocalServer()\n"
        "    running = await server.start(Path(sys.argv[1]))\n"
        "    print(running.base_url, flush=True)\n"
        "    await server.wait()\n"
        "asyncio.run(main())\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    app = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(built_in_model), env=env, stdout=asyncio.subprocess.PIPE
    )
    assert app.stdout is not None
    base_url = (await app.stdout.readline()).decode().strip()
    assert _answers(base_url)
    app.kill()
    await app.wait()
    await _until(lambda: not _answers(base_url))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_run_by_hand_it_says_where_it_is_and_ends_on_a_signal(built_in_model: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "tui.local.server", "--gguf", str(built_in_model), "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as it:
        assert it.stdout
        assert it.stderr
        assert it.stdout.readline().startswith(b'{"base_url": "http://127.0.0.1:')
        it.send_signal(number)
        assert it.wait(5) == -number
        assert it.stderr.read() == b""


async def test_a_port_in_use_is_named(built_in_model: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUseError, match=f"Port {port} .* Choose another port"):
            await LocalServer().start(built_in_model, port)


async def test_the_server_gets_no_key(built_in_model: Path) -> None:
    server = LocalServer({**os.environ, "LLM_API_KEY": "canary", "OPENAI_API_KEY": "canary", "KEPT": "1"})
    await server.start(built_in_model)
    try:
        assert server.pid is not None
        seen = _environment(server.pid)
    finally:
        await server.close()
    assert b"KEPT=1" in seen
    assert b"canary" not in seen


def _environment(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


@pytest.mark.usefixtures("built_in_model")
async def test_a_damaged_file_is_refused_with_llama_cpps_reason(tmp_path: Path) -> None:
    path = tmp_path / "damaged.gguf"
    path.write_bytes(b"GGUF" + b"\xff" * 100)
    with pytest.raises(ServerError, match=r"can't load damaged\.gguf.*\n.*gguf_init"):
        await LocalServer().start(path)


async def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.gguf").write_text("notes")
    with pytest.raises(ServerError, match=r"notes\.gguf is not a GGUF file"):
        await LocalServer().start(tmp_path / "notes.gguf")


async def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="Check the path"):
        await LocalServer().start(tmp_path / "absent.gguf")


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    """What looks like a model until llama.cpp reads it."""
    path = tmp_path / "some.gguf"
    path.write_bytes(b"GGUF")
    return path


def _with_llama(folder: Path, text: str) -> dict[str, str]:
    """An environment in which `xllamacpp` is this text."""
    (folder / "xllamacpp.py").write_text(text)
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}


async def test_without_llama_cpp_the_message_says_how_to_install_it(gguf: Path, tmp_path: Path) -> None:
    env = _with_llama(tmp_path, "raise ImportError('no such library')")
    with pytest.raises(NotInstalledError, match=r"no such library.* Install it with: .*xllamacpp"):
        await LocalServer(env).start(gguf)


async def test_a_server_that_crashes_while_loading_gives_its_last_words(gguf: Path, tmp_path: Path) -> None:
    env = _with_llama(tmp_path, "import os, sys\nprint('out of memory', file=sys.stderr, flush=True)\nos._exit(9)")
    with pytest.raises(ServerError, match=r"some\.gguf ended with status 9 .*\nout of memory"):
        await LocalServer(env).start(gguf)


async def test_a_server_that_is_never_ready_is_given_up_and_killed(gguf: Path, tmp_path: Path) -> None:
    server = LocalServer(_with_llama(tmp_path, "import time\ntime.sleep(60)"), ready_s=1)
    with pytest.raises(ServerError, match="was not ready after 1 s"):
        await server.start(gguf)
    assert not server.alive


async def test_cancelling_a_start_kills_the_server(gguf: Path, tmp_path: Path) -> None:
    server = LocalServer(_with_llama(tmp_path, "import time\ntime.sleep(60)"))
    starting = asyncio.create_task(server.start(gguf))
    await _until(lambda: server.pid is not None)
    pid = server.pid
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not Path(f"/proc/{pid}").exists()  # noqa: ASYNC240  # no disk
