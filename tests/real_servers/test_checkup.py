"""What the check-up says of each server, by the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.real_servers.servers import Real, built_in_model, litellm_proxy, llama_cpp, oai2ollama
from tui.cli.exits import Exit

__all__ = ["built_in_model", "litellm_proxy", "llama_cpp", "oai2ollama"]

pytestmark = [pytest.mark.real("llama.cpp"), pytest.mark.timeout(900)]
ROOT = Path(__file__).parents[2]
REACHED = ("settings", "host", "model", "stream")


def check_up(folder: Path, server: Real, *, path: str = "", provider: str = "") -> tuple[int, dict[str, Any]]:
    config = folder / "config.toml"
    model = f"{provider or server.provider}/{server.model}"
    fields = f'model = "{model}"\nbase_url = "{server.base_url}{path}"\nnum_retries = 0\n'
    config.write_text(f"[core]\n[llm]\n{fields}", encoding="utf-8")
    line = [sys.executable, "-m", "tui", "--config", str(config), "ping", "--checkup", "--json"]
    env = dict(os.environ)
    if server.key:
        env["LLM_API_KEY"] = server.key
        line += ["--send-key-to", server.base_url]
    done = subprocess.run(line, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    told: dict[str, Any] = json.loads(done.stdout)
    assert server.key is None or server.key not in done.stdout + done.stderr
    return done.returncode, {stage["stage"]: stage for stage in told["stages"]} | {"all": told}


def outcomes(found: dict[str, Any], *names: str) -> list[str]:
    return [found[name]["outcome"] for name in names]


def test_llama_cpp_and_the_built_in_model(tmp_path: Path, llama_cpp: Real) -> None:
    code, found = check_up(tmp_path, llama_cpp)
    assert code == Exit.PROBLEM
    assert outcomes(found, *REACHED) == ["pass"] * 4
    assert outcomes(found, "json", "tools", "vision") == ["fail", "fail", "not supported"]
    assert "malformed JSON in an agent" in found["json"]["reason"]
    assert found["all"]["tokens"] < 2_000


def test_a_litellm_proxy(tmp_path: Path, litellm_proxy: Real) -> None:
    code, found = check_up(tmp_path, litellm_proxy)
    assert code == Exit.PROBLEM
    assert outcomes(found, *REACHED, "key") == ["pass"] * 5
    assert outcomes(found, "json", "tools") == ["fail", "fail"]
    assert found["vision"]["outcome"] == "not supported"
    assert found["all"]["tokens"] < 2_000


def test_a_litellm_proxy_with_a_wrong_key(tmp_path: Path, litellm_proxy: Real) -> None:
    wrong = Real(litellm_proxy.provider, litellm_proxy.model, litellm_proxy.base_url, "sk-some-other-key-77")
    code, found = check_up(tmp_path, wrong)
    assert (code, found["all"]["first_failed"]) == (Exit.KEY, "key")


def test_ollama_s_lists_over_openai_s_way(tmp_path: Path, oai2ollama: Real) -> None:
    code, found = check_up(tmp_path, oai2ollama, path="/v1", provider="openai")
    assert code == Exit.PROBLEM
    assert outcomes(found, *REACHED) == ["pass"] * 4
    assert outcomes(found, "json", "tools", "vision") == ["fail", "fail", "fail"]
    assert "It was sent a picture; without one it answered." in found["vision"]["reason"]
