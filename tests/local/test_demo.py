"""The scratch configuration of the demo."""

from __future__ import annotations

import shutil
import stat
import tomllib

from tui.config.schema import FIELDS, LLM, checked
from tui.local.demo import scratch_config
from tui.local.runner import LocalModels


def test_the_scratch_file_asks_for_the_built_in_model_on_the_port() -> None:
    path = scratch_config(4711)
    try:
        table = tomllib.loads(path.read_text())["llm"]
    finally:
        shutil.rmtree(path.parent)
    assert table["base_url"] == "http://127.0.0.1:4711/v1"
    assert LocalModels().wants(LLM(model=table["model"], base_url=table["base_url"]))


def test_every_line_of_the_scratch_file_is_one_that_openhands_accepts() -> None:
    path = scratch_config(1)
    try:
        text = path.read_text()
    finally:
        shutil.rmtree(path.parent)
    uncommented = "\n".join(line.removeprefix("#") if not line.startswith("# ") else "" for line in text.splitlines())
    tables = tomllib.loads(uncommented)
    assert set(tables) == {"core", "llm"}
    for name, value in tables["llm"].items():
        checked(FIELDS[name], value)


def test_the_scratch_file_is_for_the_user_alone_and_holds_no_key() -> None:
    path = scratch_config(1)
    try:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert "api_key" not in path.read_text()
    finally:
        shutil.rmtree(path.parent)
