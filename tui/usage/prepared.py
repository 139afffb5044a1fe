"""Settings that can be sent."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tui.config.schema import LLM
from tui.config.secret import Secret
from tui.providers.registry import Provider


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """Settings that can be sent, with the key that may go along."""

    settings: LLM
    """Without the key in it."""
    provider: Provider
    origin: str | None
    """Where requests go; None where only the provider's own library knows it."""
    key: Secret | None
    local: bool
    """Whether the request stays on this machine."""
    env: Mapping[str, str]
    """The variables of a provider that authenticates through the environment."""
