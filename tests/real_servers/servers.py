"""Installs and runs the servers. Import the fixtures where they are wanted; see this package's docstring."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from urllib.request import urlopen

import msgspec
import pytest

from tests.local_model import built_in_model
from tui.local.pinned import cache_folder

__all__ = ["BUILT_IN", "Real", "built_in_model", "litellm_proxy", "llama_cpp", "oai2ollama"]

# Read at import: each test is cut off from the user's home and environment.
_ENV: Final = dict(os.environ)
_VENVS: Final = Path(_ENV.get("LLM_BACKENDS_TEST_CACHE") or cache_folder()) / "real-servers"
_ROOT: Final = Path(__file__).parents[2]
BUILT_IN: Final = "smollm2-135m-instruct"
START_S: Final = 120.0
_KEY: Final = "sk-master-of-the-proxy-5d2e"
_OLDEST: Final = (3, 12)
_CONFIG: Final = """\
model_list:
  - model_name: smol
    litellm_params: {{model: openai/{model}, api_base: "{base_url}", api_key: none}}
  - model_name: gpt-4o
    litellm_params: {{model: openai/gpt-4o, api_key: none}}
  - model_name: embed
    litellm_params: {{model: openai/text-embedding-3-small, api_key: none}}
general_settings: {{master_key: {key}}}
"""


class Real(msgspec.Struct, frozen=True):
    """What has to be entered to use a server."""

    provider: str
    model: str
    """As the server names it."""
    base_url: str
    key: str | None = None


@pytest.fixture(scope="session")
def llama_cpp(built_in_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    """The built-in model's own server."""
    port = _free_port()
    command = [sys.executable, "-m", "tui.local.server", "--gguf", str(built_in_model), "--port", str(port)]
    log = tmp_path_factory.mktemp("llama-cpp") / "log"
    with _running(command, f"http://127.0.0.1:{port}/v1/models", log, {"PATH": _ENV["PATH"], "PYTHONPATH": str(_ROOT)}):
        yield Real("openai", BUILT_IN, f"http://127.0.0.1:{port}/v1")


@pytest.fixture(scope="session")
def litellm_proxy(llama_cpp: Real, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    """A LiteLLM Proxy with a master key and three models; the first is the built-in one."""
    python = _venv("litellm-proxy", sys.executable, "litellm[proxy]>=1.110.2,<2")
    folder, port = tmp_path_factory.mktemp("proxy"), _free_port()
    config = folder / "config.yaml"
    config.write_text(_CONFIG.format(model=BUILT_IN, base_url=llama_cpp.base_url, key=_KEY), encoding="utf-8")
    command = [str(python.with_name("litellm")), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    env = {"PATH": _ENV["PATH"], "HOME": str(folder), "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    with _running(command, f"http://127.0.0.1:{port}/health/liveliness", folder / "log", env):
        yield Real("litellm_proxy", "smol", f"http://127.0.0.1:{port}", _KEY)


@pytest.fixture(scope="session")
def oai2ollama(llama_cpp: Real, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    """Ollama's lists over llama.cpp's. It chats in OpenAI's way only: provider `openai`, base URL with `/v1`."""
    python = _venv("oai2ollama", _new_python(), "oai2ollama>=1.2")
    folder, port = tmp_path_factory.mktemp("oai2ollama"), _free_port()
    command = [str(python), "-m", "uvicorn", "oai2ollama:app", "--host", "127.0.0.1", "--port", str(port)]
    env = {"PATH": _ENV["PATH"], "HOME": str(folder), "OPENAI_API_KEY": "none", "OPENAI_BASE_URL": llama_cpp.base_url}
    with _running(command, f"http://127.0.0.1:{port}/api/version", folder / "log", env):
        yield Real("ollama_chat", BUILT_IN, f"http://127.0.0.1:{port}")


def _new_python() -> str:
    if sys.version_info >= _OLDEST:
        return sys.executable
    for minor in (13, 12, 14):
        found = shutil.which(f"python3.{minor}", path=_ENV["PATH"])
        if found and subprocess.run([found, "--version"], check=False, capture_output=True, env=_ENV).returncode == 0:
            return found
    pytest.fail("oai2ollama wants Python 3.12 or newer: put a python3.12 on the PATH")


def _venv(name: str, python: str, requirement: str) -> Path:
    """The interpreter of an environment with a package, made once."""
    folder = _VENVS / name
    done = folder / "requirement.txt"
    inside = folder / "bin" / "python"
    if not (done.exists() and done.read_text(encoding="utf-8") == requirement):
        subprocess.run([python, "-m", "venv", "--clear", str(folder)], check=True, env=_ENV)
        subprocess.run([str(inside), "-m", "pip", "install", "--quiet", requirement], check=True, env=_ENV)
        done.write_text(requirement, encoding="utf-8")
    return inside


@contextmanager
def _running(command: Sequence[str], url: str, log: Path, env: Mapping[str, str]) -> Iterator[None]:
    """A server, from its first answer at `url` on; it ends with the block, and llama.cpp's with its standard input."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=out, stderr=out, env=dict(env), cwd=log.parent
        )
        try:
            _wait(process, url, log)
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin is not None:
                process.stdin.close()


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + START_S
    while not _answers(url):
        if process.poll() is not None or time.monotonic() > end:
            pytest.fail(f"the server did not start:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.2)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2):  # noqa: S310  # loopback
            return True
    except OSError:  # urllib's errors are of this kind, also that of a server that is still loading
        return False


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        return int(free.getsockname()[1])
