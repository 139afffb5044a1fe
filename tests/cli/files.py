"""Files for commands that talk to a model."""

from __future__ import annotations

import json
from pathlib import Path


def config(folder: Path, **fields: object) -> Path:
    """A file with these fields; a request goes to a model of a server of one's own, once."""
    path = folder / "config.toml"
    given = {"model": "openai/fake-model", "num_retries": 0, **fields}
    lines = [f"{name} = {json.dumps(value)}" for name, value in given.items()]
    path.write_text("\n".join(["[core]", "[llm]", *lines, ""]), encoding="utf-8")
    return path
