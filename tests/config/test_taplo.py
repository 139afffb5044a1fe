"""The JSON Schema in taplo's hands, as editors use it: the first line of the file names it.

taplo is no dependency: `pip install taplo` puts it on the PATH where there is a wheel, and `.ci/run` does so, in
the lane that reports what the newest releases of others do.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.config.corpus import TEMPLATES
from tui.config.json_schema import json_schema

pytestmark = pytest.mark.real("taplo")


def lint(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """What taplo says of a file whose first line names the schema."""
    (folder / "llm-schema.json").write_text(json.dumps(json_schema()))
    (folder / "config.toml").write_text(f"#:schema ./llm-schema.json\n{text}", encoding="utf-8")
    return subprocess.run(
        ["taplo", "lint", "config.toml"], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_templates_and_samples_are_fine(tmp_path: Path, path: Path) -> None:
    done = lint(tmp_path, path.read_text(encoding="utf-8"))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[llm]\nnum_retires = 3\n", 3),
        ("[llm]\ntop_p = 1.5\n", 3),
        ("[llm]\nreasoning_effort = 'huge'\n", 3),
        ("[llm.cheap]\ntimeout = '5'\n", 3),
        ("[agent]\nllm_config = 'llm.cheap'\n", 3),
    ],
)
def test_what_does_not_fit_is_told_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    done = lint(tmp_path, text)
    assert done.returncode == 1
    assert f"config.toml:{line}:" in done.stderr
