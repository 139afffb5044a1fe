"""Runs inside OpenHands' own environment, and imports nothing of this project: what does its loader make of a case?

Reads one JSON object a line: `toml` (the file, or null), `env` (the variables), `dotenv` (a file of them, or null).
Answers each with one line: `llms` by name, `agents` with the settings that each gets, or `crashed`.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

from dotenv import dotenv_values  # LiteLLM reads the variable above when it is imported
from openhands.core.config import utils  # type: ignore[import-not-found]  # there, not here
from openhands.core.config.llm_config import LLMConfig  # type: ignore[import-not-found]  # as above
from pydantic import SecretStr
from tenacity import RetryCallState, wait_exponential

try:
    from openhands.core.config import AppConfig as Config
except ImportError:  # what later versions call it
    from openhands.core.config import OpenHandsConfig as Config


def fields(config: LLMConfig) -> dict[str, Any]:
    """Every field of one configuration, secrets in the open: they are made up."""
    found = {name: getattr(config, name) for name in type(config).model_fields}
    return {k: v.get_secret_value() if isinstance(v, SecretStr) else v for k, v in found.items()}


def waits(config: LLMConfig) -> list[float]:
    """What its retries wait, in seconds: the call that `openhands.llm.retry_mixin` makes."""
    wait = wait_exponential(config.retry_multiplier, max=config.retry_max_wait, min=config.retry_min_wait)
    states = [RetryCallState(None, None, (), {}) for _ in range(3)]  # type: ignore[arg-type]  # it asks for the number only
    for number, state in enumerate(states, 1):
        state.attempt_number = number
    try:
        return [float(wait(state)) for state in states]
    except (TypeError, ValueError, OverflowError):  # a made-up configuration that no retry survives
        return []


def loaded(case: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What OpenHands has after it has read the file and the variables, as it does when it starts."""
    path, config = folder / "config.toml", Config()
    path.unlink(missing_ok=True)
    if case["toml"] is not None:
        path.write_bytes(case["toml"].encode())
    utils.load_from_toml(config, str(path))
    env = dict(case["env"])
    if case["dotenv"] is not None:
        (folder / ".env").write_bytes(case["dotenv"].encode())
        env |= dotenv_values(folder / ".env")
    utils.load_from_env(config, env)
    config.get_llm_config()
    agents = {name: fields(config.get_llm_config(agent.llm_config or "llm")) for name, agent in config.agents.items()}
    return {
        "waits": waits(config.get_llm_config()),
        "llms": {name: fields(value) for name, value in config.llms.items()},
        "agents": agents,
    }


def main() -> None:
    """Answer until the input ends."""
    logging.disable(logging.CRITICAL)
    out, sys.stdout = sys.stdout, sys.stderr
    out.write(json.dumps({"defaults": fields(LLMConfig())}) + "\n")
    with tempfile.TemporaryDirectory() as name:
        for line in sys.stdin:
            try:
                answer = loaded(json.loads(line), Path(name))
            except Exception as error:  # noqa: BLE001  # whatever it is, it is an answer: OpenHands would not start
                answer = {"crashed": repr(error)}
            out.write(json.dumps(answer, default=str) + "\n")
            out.flush()


if __name__ == "__main__":
    main()
