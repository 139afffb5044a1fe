"""What an error's sentence needs to know of the request that failed."""

from __future__ import annotations

from typing import Final

import msgspec

from tui.config.schema import LLM
from tui.config.secret import Secret
from tui.llm.problem import ADVANCED

_CHAT_PATH: Final = "/chat/completions"


class Situation(msgspec.Struct, frozen=True):
    """The request's side of a failure."""

    settings: LLM
    provider: str
    has_key: bool
    secrets: tuple[Secret, ...]
    """All that must not be repeated: the key and every other secret of the settings and the environment."""

    def misshapen(self, path: str) -> bool:
        """Whether the path that was asked for can't be right, whatever the server."""
        return path.count(_CHAT_PATH) > 1 or "/v1/v1" in path

    def base_url_hint(self, path: str) -> str:
        """What to change about base_url, judged by the path that was asked for; a sentence's end."""
        if path.count(_CHAT_PATH) > 1:
            return f"base_url holds the full path: remove {_CHAT_PATH} from its end {ADVANCED}."
        if "/v1/v1" in path:
            return f"base_url holds /v1 twice: remove one {ADVANCED}."
        if path == _CHAT_PATH:
            return f"base_url probably has to end in /v1 {ADVANCED}."
        return f"check base_url {ADVANCED}."
