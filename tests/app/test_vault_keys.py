"""What the form is told of keys, over a real vault with a keyring in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.vault.fakes import FakeStore
from tui.config.resolve import Resolved
from tui.config.secret import Secret
from tui.config.storage import Snapshot
from tui.config.workspace import Workspace
from tui.request.key import wanted_key
from tui.request.keyless import why_keyless
from tui.screens.vault_keys import VaultKeys
from tui.vault.approvals import Approvals
from tui.vault.index import Index
from tui.vault.places import Place
from tui.vault.session import SessionStore
from tui.vault.trouble import KeyringLockedError, NoKeyringError
from tui.vault.vault import Vault

PLACE = Place("anthropic", "https://api.anthropic.com")


class MemoryStore(FakeStore):
    """A keyring that may be locked, and whose prompt may be dismissed."""

    def __init__(self, *, locked: bool = False) -> None:
        super().__init__(KeyringLockedError() if locked else None)
        self.dismissed = False

    async def unlock(self) -> None:
        if self.dismissed:
            raise KeyringLockedError(tried=True)
        await super().unlock()


def _resolved(text: str = "", env: Mapping[str, str] | None = None) -> Mapping[str, Resolved]:
    raw = f'[llm]\nmodel = "anthropic/claude-x"\n{text}'.encode()
    return Workspace(Snapshot(Path("config.toml"), raw), env or {}).resolved()


def _keys(store: MemoryStore, env: Mapping[str, str] | None = None) -> VaultKeys:
    vault = Vault(store, SessionStore(), Approvals(), Index(), env or {})
    return VaultKeys(vault, wanted_key, lambda resolved: why_keyless(resolved, env or {}))


async def test_a_typed_key_counts_at_once_and_is_stored_with_the_save() -> None:
    store = MemoryStore()
    keys, resolved = _keys(store), _resolved()
    assert (await keys.look(resolved)).kind == "none"
    assert not keys.hold(resolved, Secret("k"))
    assert keys.waiting(resolved) == "api.anthropic.com"
    assert (await keys.look(resolved)).origin == "session"
    assert not await keys.store(resolved)
    assert store.secrets == {PLACE: Secret("k")}
    assert not keys.waiting(resolved)
    assert (await keys.look(resolved)).origin == "keyring"


async def test_with_a_locked_keyring_the_key_stays_for_the_session_and_the_form_says_why() -> None:
    keys, resolved = _keys(MemoryStore(locked=True)), _resolved()
    assert (await keys.look(resolved)).serious
    keys.hold(resolved, Secret("k"))
    assert "locked" in await keys.store(resolved)
    state = await keys.look(resolved)
    assert (state.origin, state.serious) == ("session", True)
    assert "locked" in state.note
    assert not keys.waiting(resolved)
    assert keys.forget(resolved)
    assert (await keys.look(resolved)).kind == "none"


@pytest.mark.parametrize(
    ("text", "env", "origin"),
    [
        ('api_key = "k"\n', {}, "file:3"),
        ("", {"LLM_API_KEY": "k"}, "env LLM_API_KEY"),
        ("", {"ANTHROPIC_API_KEY": "k"}, "env ANTHROPIC_API_KEY"),
    ],
)
async def test_each_source_is_named(text: str, env: Mapping[str, str], origin: str) -> None:
    state = await _keys(MemoryStore(), env).look(_resolved(text, env))
    assert (state.kind, state.origin, state.can_move) == ("found", origin, origin == "file:3")


async def test_after_unlocking_a_key_that_the_keyring_did_not_take_waits_to_be_stored() -> None:
    store, resolved = MemoryStore(locked=True), _resolved()
    keys = _keys(store)
    keys.hold(resolved, Secret("k"))
    assert await keys.store(resolved)
    assert (await keys.look(resolved)).can_unlock
    store.dismissed = True
    assert "still locked" in await keys.unlock()
    assert (await keys.look(resolved)).can_unlock
    store.dismissed = False
    assert not await keys.unlock()
    assert keys.waiting(resolved) == "api.anthropic.com"
    assert not (await keys.look(resolved)).can_unlock
    assert not await keys.store(resolved)
    assert store.secrets == {PLACE: Secret("k")}


@pytest.mark.parametrize(
    ("env", "kind"), [({}, "not needed"), ({"ANTHROPIC_API_KEY": "k"}, "not needed"), ({"LLM_API_KEY": "k"}, "found")]
)
async def test_where_no_key_is_needed_the_row_says_so_unless_one_would_be_sent(
    env: Mapping[str, str], kind: str
) -> None:
    resolved = _resolved('base_url = "http://127.0.0.1:1/v1"\n', env)
    state = await _keys(MemoryStore(), env).look(resolved)
    assert (state.kind, state.serious) == (kind, False)


async def test_without_an_address_the_reason_why_no_key_is_needed_counts() -> None:
    raw = b'[llm]\nmodel = "bedrock/anthropic.claude-x"\n'
    resolved = Workspace(Snapshot(Path("config.toml"), raw), {}).resolved()
    state = await _keys(MemoryStore()).look(resolved)
    assert state.kind == "not needed"
    assert "AWS" in state.note


async def test_that_there_is_no_keyring_is_said_calmly_and_that_it_is_locked_is_not() -> None:
    store = MemoryStore(locked=True)
    locked = await _keys(store).look(_resolved())
    assert (locked.serious, locked.can_unlock) == (True, True)
    store.error = NoKeyringError("no bus", "There is no session bus.")
    absent = await _keys(store).look(_resolved())
    assert (absent.serious, absent.can_unlock) == (False, False)


async def test_the_key_of_the_file_moves() -> None:
    store = MemoryStore()
    assert not await _keys(store).move(_resolved('api_key = "k"\n'))
    assert store.secrets == {PLACE: Secret("k")}


async def test_without_a_place_a_key_is_not_taken() -> None:
    resolved = _resolved('base_url = "not a url"\n')
    keys = _keys(MemoryStore())
    assert "not taken" in keys.hold(resolved, Secret("k"))
    assert (await keys.look(resolved)).kind == "none"
