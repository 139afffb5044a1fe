"""Keeping, listing and forgetting keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vault.fakes import CANARY, OPENAI, FakeStore, make_vault
from tui.config.secret import Secret
from tui.vault.places import Place
from tui.vault.trouble import KeyringError, KeyringFailedError, KeyringLockedError, KeyringTimeoutError, NoKeyringError
from tui.vault.vault import Stored, Wanted

GROQ = Place("groq", "https://api.groq.com")
WANTED = Wanted(place=OPENAI, title="OpenAI", home=OPENAI.origin, base_url_from="default")


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_a_kept_key_is_found_and_listed_by_later_runs(tmp_path: Path) -> None:
    store = FakeStore()
    await make_vault(tmp_path, store).keep(OPENAI, Secret(CANARY))
    later = make_vault(tmp_path, store)
    found = (await later.find(WANTED)).found
    assert found is not None
    assert (found.source, found.secret) == ("keyring", Secret(CANARY))
    assert await later.places() == (Stored(OPENAI, "keyring"),)


async def test_a_kept_key_replaces_the_one_of_the_session(tmp_path: Path) -> None:
    vault = make_vault(tmp_path)
    vault.keep_for_session(OPENAI, Secret("old"))
    await vault.keep(OPENAI, Secret("new"))
    found = (await vault.find(WANTED)).found
    assert found is not None
    assert found.secret == Secret("new")


async def test_a_session_key_is_gone_with_the_run(tmp_path: Path) -> None:
    vault = make_vault(tmp_path)
    vault.keep_for_session(OPENAI, Secret(CANARY))
    assert await vault.places() == (Stored(OPENAI, "session"),)
    assert await make_vault(tmp_path).places() == ()
    assert files_in(tmp_path) == []


async def test_places_are_listed_in_order_without_asking_the_keyring(tmp_path: Path) -> None:
    store = FakeStore()
    vault = make_vault(tmp_path, store)
    await vault.keep(OPENAI, Secret("1"))
    await vault.keep(GROQ, Secret("2"))
    vault.keep_for_session(OPENAI, Secret("3"))
    store.error, before = KeyringLockedError(), store.asked
    assert await vault.places() == (Stored(GROQ, "keyring"), Stored(OPENAI, "keyring"), Stored(OPENAI, "session"))
    assert store.asked == before


async def test_a_key_that_another_program_stored_is_listed_once_it_is_found(tmp_path: Path) -> None:
    store = FakeStore()
    store.secrets[OPENAI] = Secret(CANARY)
    vault = make_vault(tmp_path, store)
    await vault.find(WANTED)
    assert await vault.places() == (Stored(OPENAI, "keyring"),)


async def test_forgetting_removes_every_copy_and_says_where_they_were(tmp_path: Path) -> None:
    vault = make_vault(tmp_path)
    await vault.keep(OPENAI, Secret("1"))
    vault.keep_for_session(OPENAI, Secret("2"))
    assert await vault.forget(OPENAI) == ("session", "keyring")
    assert await vault.forget(OPENAI) == ()
    assert await vault.places() == ()
    assert (await vault.find(WANTED)).found is None


async def test_a_session_key_is_forgotten_where_there_is_no_keyring(tmp_path: Path) -> None:
    vault = make_vault(tmp_path, FakeStore(NoKeyringError("no bus", "There is no session bus.")))
    vault.keep_for_session(OPENAI, Secret(CANARY))
    assert await vault.forget(OPENAI) == ("session",)


async def test_a_key_that_the_keyring_does_not_let_go_stays_listed(tmp_path: Path) -> None:
    store = FakeStore()
    vault = make_vault(tmp_path, store)
    await vault.keep(OPENAI, Secret(CANARY))
    store.error = KeyringLockedError()
    with pytest.raises(KeyringLockedError):
        await vault.forget(OPENAI)
    assert await vault.places() == (Stored(OPENAI, "keyring"),)


@pytest.mark.parametrize(
    ("error", "listed"),
    [(KeyringLockedError(), ()), (KeyringTimeoutError(3), (Stored(OPENAI, "keyring"),))],
    ids=["refused", "perhaps stored"],
)
async def test_a_key_that_could_not_be_kept_is_listed_only_if_it_may_be_there(
    error: KeyringError, listed: tuple[Stored, ...], tmp_path: Path
) -> None:
    vault = make_vault(tmp_path, FakeStore(error))
    with pytest.raises(type(error)):
        await vault.keep(OPENAI, Secret(CANARY))
    assert await vault.places() == listed


class ForgetfulStore(FakeStore):
    """A keyring that takes keys and keeps none."""

    async def get(self, place: Place) -> Secret | None:  # noqa: ARG002
        return None


async def test_a_key_counts_as_kept_only_if_it_can_be_read_back(tmp_path: Path) -> None:
    """Whoever moves a key out of the file deletes the only other copy next."""
    vault = make_vault(tmp_path, ForgetfulStore())
    with pytest.raises(KeyringFailedError, match="did not give back"):
        await vault.keep(OPENAI, Secret(CANARY))
