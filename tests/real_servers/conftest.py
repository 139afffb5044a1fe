"""Without the variable that asks for them, these tests are not even collected."""

from __future__ import annotations

import os

collect_ignore_glob = [] if os.environ.get("LLM_BACKENDS_REAL_SERVERS") else ["test_*.py"]
