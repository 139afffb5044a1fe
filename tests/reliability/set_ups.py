"""Point four, who meets whom: eight users, the places where their keys may be, the addresses they are led to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import aclosing
from itertools import product
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

import msgspec

from tests.reliability.addresses import Address, addresses
from tests.vault.fakes import FakeStore, make_vault
from tui.config import storage
from tui.config.resolve import Resolved
from tui.config.secret import Secret
from tui.config.workspace import Workspace
from tui.llm.events import Message, TurnEvent
from tui.providers.registry import find
from tui.request.backend import Backend
from tui.usage.prepared import Prepared
from tui.vault.places import Place
from tui.vault.vault import Vault

CANARY: Final = "sk-canary-8c1f5a7e3b9d4260"

Source: TypeAlias = Literal[
    "session", "keyring", "LLM_API_KEY", "file", "file, address from LLM_BASE_URL", "own variable"
]
Ending: TypeAlias = Literal["sent with the key", "sent without a key", "asked", "no key", "refused"]


class User(msgspec.Struct, frozen=True):
    """Somebody who uses a provider."""

    provider: str
    model: str
    host: str
    """Where the key belongs."""
    variable: str

    @property
    def fixed(self) -> bool:
        """Whether the provider itself says where the key belongs."""
        known = find(self.provider)
        return known is not None and known.home is not None


USERS: Final = (
    User("openai", "openai/gpt-4o", "api.openai.com", "OPENAI_API_KEY"),
    User("anthropic", "anthropic/claude-sonnet-4-5", "api.anthropic.com", "ANTHROPIC_API_KEY"),
    User("azure", "azure/deployed", "mine.openai.azure.com", "AZURE_API_KEY"),
    User("gemini", "gemini/gemini-2.5-flash", "generativelanguage.googleapis.com", "GEMINI_API_KEY"),
    User("groq", "groq/llama-3.3-70b-versatile", "api.groq.com", "GROQ_API_KEY"),
    User("openrouter", "openrouter/openai/gpt-4o", "openrouter.ai", "OPENROUTER_API_KEY"),
    User("deepseek", "deepseek/deepseek-chat", "api.deepseek.com", "DEEPSEEK_API_KEY"),
    User("litellm_proxy", "litellm_proxy/m", "proxy.mine.example", "LITELLM_PROXY_API_KEY"),
)


class SetUp(msgspec.Struct, frozen=True):
    """A user whose key is somewhere, and an address that somebody else may have written."""

    user: User
    source: Source
    address: Address

    @property
    def name(self) -> str:
        """The set-up in words."""
        return f"{self.user.provider}, key in {self.source}, {self.address.url!r}"

    def resolved(self, folder: Path, url: str) -> Mapping[str, Resolved]:
        """The settings, from a real file."""
        from_env = self.source == "file, address from LLM_BASE_URL"
        values = {"model": self.user.model, "api_version": "2024-10-21", "num_retries": 0}
        values |= {} if from_env else {"base_url": url}
        values |= {"api_key": CANARY} if self.source.startswith("file") else {}
        path = folder / "config.toml"
        path.write_text("[llm]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()))
        env = {"LLM_API_KEY": CANARY} if self.source == "LLM_API_KEY" else {}
        return Workspace(storage.read(path), env | ({"LLM_BASE_URL": url} if from_env else {})).resolved()

    def vault(self, folder: Path) -> Vault:
        """Where the key is kept, unless it is in the settings."""
        place = Place(self.user.provider, f"https://{self.user.host}")
        store = FakeStore()
        vault = make_vault(folder, store, {self.user.variable: CANARY} if self.source == "own variable" else {})
        if self.source == "keyring":
            store.secrets[place] = Secret(CANARY)
        elif self.source == "session":
            vault.keep_for_session(place, Secret(CANARY))
        return vault

    @property
    def right(self) -> Ending:
        """What has to happen before anybody has said yes."""
        leads, source = self.address.leads, self.source
        if leads == "nowhere":
            return "refused"
        if source in ("session", "keyring"):
            without: Ending = "no key" if self._needs_key and leads != "loopback" else "sent without a key"
            return "sent with the key" if leads == "home" else without
        if source == "file":
            return "asked" if leads == "plain" else "sent with the key"
        if leads == "home" and self.user.fixed:
            return "sent with the key"
        homely = leads == "loopback" and source == "own variable" and self.user.fixed
        return "sent without a key" if homely else "asked"

    @property
    def _needs_key(self) -> bool:
        """A server of one's own may want none; Azure is somebody's own and always wants one."""
        return self.user.provider == "azure" or (self.user.fixed and self.address.same_host)


def set_ups() -> list[SetUp]:
    """All of them."""
    return [
        SetUp(user, source, address)
        for user, source in product(USERS, get_args(Source))
        for address in addresses(user.host)
    ]


async def sent(backend: Backend, prepared: Prepared, *, stream: bool = True) -> list[TurnEvent]:
    """The events of one turn."""
    async with aclosing(backend.turn(prepared, (Message("user", "hi"),), stream=stream)) as events:
        return [event async for event in events]
