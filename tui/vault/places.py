"""Where a key belongs: a provider together with a canonical origin."""

from __future__ import annotations

import msgspec


class Place(msgspec.Struct, frozen=True, order=True):
    """The address under which a key is stored, and the only one it travels to."""

    provider: str
    """The provider as LiteLLM names it, such as `openai`."""
    origin: str
    """Canonical: lower-case scheme, IDNA host without a trailing dot, port where it is not the scheme's own."""

    def __str__(self) -> str:
        return f"{self.provider} at {self.origin.partition('://')[2]}"


class BadURLError(ValueError):
    """The text is no URL that a key could be sent to; the message says why and what to enter."""


def canonical_origin(url: str) -> str:
    """`scheme://host[:port]` of a base URL.

    Raises:
        BadURLError: no http or https scheme, no host, a bad port, or userinfo in it.
    """
    raise NotImplementedError
