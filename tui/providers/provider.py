"""What the app knows of one provider: its name, its home, the variables and fields that it needs."""

from __future__ import annotations

import msgspec


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """One provider that LiteLLM can chat with."""

    name: str
    """As LiteLLM names it and as a model's prefix spells it: `openai`."""
    title: str
    """In words: "OpenAI"."""
    home: str | None = None
    """Its own base URL's origin, such as `https://api.openai.com`; None if there is none or it is not known."""
    key_env: tuple[str, ...] = ()
    """The variables that usually hold its key, in order."""
    needs: tuple[str, ...] = ()
    """Fields of `[llm]` without which nothing can be sent, besides the model: ("base_url", "api_version")."""
    needs_key: bool = True
    """False for servers that take any key, and for providers that authenticate through the environment."""
    env_auth: tuple[str, ...] = ()
    """The variables of a provider that authenticates through the environment; the worker gets exactly these."""
    nested: bool = False
    """Whether names of its models hold names of other providers, as OpenRouter's `anthropic/claude-…` do."""
    module: str = ""
    """A module that must be installed beside LiteLLM."""
    install: str = ""
    """What `pip install` wants for that module."""
    words: str = ""
    """More that people look for it by, such as "local"."""
    sent_as: str = ""
    """The provider that LiteLLM knows, for one that OpenHands made up: `litellm_proxy`, at `base_url`."""
    base_url: str = ""
    """Where requests of such a provider go unless `[llm]` says otherwise."""
    sign_in: bool = False
    """Whether LiteLLM signs in through a web browser instead of taking a key."""

    @property
    def local(self) -> bool:
        """Whether its home is this machine."""
        return self.home is not None and self.home.startswith(("http://localhost", "http://127.0.0.1"))
