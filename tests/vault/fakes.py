"""A keyring in memory that can be made to fail, and the vault over it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tui.config.secret import Secret
from tui.vault.approvals import Approvals
from tui.vault.index import Index
from tui.vault.places import Place
from tui.vault.session import SessionStore
from tui.vault.trouble import KeyringError
from tui.vault.vault import Vault

HOME = "https://api.openai.com"
OPENAI = Place("openai", HOME)
CANARY = "sk-canary-0123456789abcdef"


class FakeStore:
    """What `KeyringStore` does, without a keyring."""

    def __init__(self, error: KeyringError | None = None) -> None:
        self.error = error
        self.secrets: dict[Place, Secret] = {}
        self.asked = 0

    async def get(self, place: Place) -> Secret | None:
        self._check()
        return self.secrets.get(place)

    async def set(self, place: Place, secret: Secret) -> None:
        self._check()
        self.secrets[place] = secret

    async def delete(self, place: Place) -> bool:
        self._check()
        return self.secrets.pop(place, None) is not None

    async def unlock(self) -> None:
        self.error = None

    async def state(self) -> KeyringError | None:
        return self.error

    def _check(self) -> None:
        self.asked += 1
        if self.error:
            raise self.error


def make_vault(folder: Path, store: FakeStore | None = None, env: Mapping[str, str] | None = None) -> Vault:
    """A vault with its files in `folder`; two over one folder are two runs of the app."""
    return Vault(store or FakeStore(), SessionStore(), Approvals(folder), Index(folder), env or {})
