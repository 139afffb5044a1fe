"""The scratch configuration of `llm-backends demo`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tui.config.schema import Value
from tui.local.pinned import BUILT_IN

_TEMPLATE: Final = """\
# A scratch configuration for a look around: it goes away when the app closes.
# The settings are those that OpenHands reads from its config.toml.

[core]

[llm]
# SmolLM2-135M-Instruct, a small model that runs on this machine. It needs no key and no network.
model = "{model}"
base_url = "http://127.0.0.1:{port}/v1"

# A hosted model needs its provider's key. The app keeps keys in the keyring, so there is none in this file.

# How freely the model chooses its words. This one makes more sense when it does not.
temperature = 0.0
#top_p = 1.0

# A model this small may not find an end by itself.
max_output_tokens = 400

# What to do when a provider is busy: how often to retry, and how many seconds to wait.
num_retries = 4
retry_min_wait = 5
retry_max_wait = 30
retry_multiplier = 2
#timeout = 120

# What a token costs, in USD, where the price list does not know the model. This one runs here and costs nothing.
#input_cost_per_token = 0.0
#output_cost_per_token = 0.0
"""


def settings(port: int) -> Mapping[str, Value]:
    """Settings with which the built-in model answers on this port, for a file that has others or none."""
    return {"model": BUILT_IN, "base_url": f"http://127.0.0.1:{port}/v1", "max_output_tokens": 400}


def scratch_config(port: int) -> Path:
    """Make a temporary folder with a `config.toml` for the built-in model on this port; gives the file's path.

    The caller removes the folder, `path.parent`.
    """
    path = Path(tempfile.mkdtemp(prefix="llm-backends-demo-")) / "config.toml"
    text = _TEMPLATE.format(model=BUILT_IN, port=port)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    return path
