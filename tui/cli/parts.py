"""The one place where the parts are put together: vault, worker, built-in model, books, and the backend over them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import click
import msgspec

from tui.config.preferences import PreferencesFile
from tui.engine.client import Engine
from tui.local.runner import LocalModels
from tui.request.backend import Backend
from tui.text import visible
from tui.usage.accounting import Books
from tui.usage.ledger import Ledger
from tui.vault.approvals import Approvals
from tui.vault.index import Index
from tui.vault.keyring_store import KeyringStore
from tui.vault.session import SessionStore
from tui.vault.vault import Vault


class Parts(msgspec.Struct, frozen=True):
    """What the app and the commands that send something work with."""

    vault: Vault
    engine: Engine
    local: LocalModels
    backend: Backend
    books: Books


def make_vault(env: Mapping[str, str]) -> Vault:
    """The vault over the real keyring and the user's data directory."""
    return Vault(KeyringStore(), SessionStore(), Approvals(), Index(), env)


def assemble(env: Mapping[str, str], preferences: PreferencesFile | None = None) -> Parts:
    """All parts; nothing is started yet. The caller closes `engine`, `local` and `books`.

    Args:
        env: the environment of the app or the command.
        preferences: what the books read; None is the user's own file.
    """
    vault, engine, local = make_vault(env), Engine(env), LocalModels()
    books = Books(Ledger(), preferences or PreferencesFile())
    return Parts(vault, engine, local, Backend(vault, local, engine, env, books), books)


@asynccontextmanager
async def assembled(env: Mapping[str, str]) -> AsyncGenerator[Parts, None]:
    """All parts for one command, closed at its end."""
    parts = assemble(env)
    try:
        yield parts
    finally:
        await parts.engine.close()
        await parts.local.close()
        await parts.books.close()
        for words in parts.books.trouble:
            click.echo(visible(words), err=True)
