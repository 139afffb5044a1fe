"""A worker without LiteLLM, for tests that are not about LiteLLM: it starts in a third of a second instead of three.

    Engine(os.environ | {"PYTHONPATH": light.PATH})

Everything else in the worker is the real thing: its reader thread, turns, retries, limits, HTTP and the pipe. Only
`tui.llm.client`, the one module that imports LiteLLM, is replaced, by `client.py` here. Python imports
`sitecustomize.py` by itself where this folder is on PYTHONPATH, so a worker that the app starts is light as well.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent

PATH: Final = os.pathsep.join([str(_FOLDER), str(_FOLDER.parents[1])])
"""What PYTHONPATH has to be."""
