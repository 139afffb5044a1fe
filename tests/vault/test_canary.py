"""No key in anything that is shown or written."""

from __future__ import annotations

import io
import logging
from pathlib import Path
from traceback import TracebackException

import pytest

from tests.vault.fakes import CANARY, OPENAI, FakeStore, make_vault
from tui.config.secret import Secret
from tui.vault.places import Place
from tui.vault.trouble import KeyringError, KeyringLockedError
from tui.vault.vault import Wanted

FOREIGN = Place("openai", "http://host.example")


async def a_day_with_the_vault(folder: Path, store: FakeStore) -> list[object]:
    """Everything that the vault gives to its callers in a day of use."""
    vault = make_vault(folder, store, env={"OPENAI_API_KEY": CANARY})
    wanted = Wanted(
        place=FOREIGN,
        title="OpenAI",
        home=OPENAI.origin,
        base_url_from="file",
        env_names=("OPENAI_API_KEY",),
        env_key=Secret(CANARY),
        file_key=Secret(CANARY),
    )
    seen: list[object] = [vault, wanted]
    search = await vault.find(wanted)
    seen.append(search)
    assert search.found is not None
    await vault.approve(search.found, wanted)
    vault.keep_for_session(OPENAI, Secret(CANARY))
    seen.append(vault.session)
    try:
        await vault.keep(FOREIGN, Secret(CANARY))
    except KeyringError as error:
        seen += [error, *TracebackException.from_exception(error, capture_locals=True).format()]
    seen += [await vault.places(), await vault.approved(), await vault.find(wanted), vault.problem]
    return seen


@pytest.mark.parametrize("error", [None, KeyringLockedError()], ids=["open", "locked"])
async def test_no_key_is_in_what_the_vault_gives_logs_or_writes(
    error: KeyringError | None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    out = io.StringIO()
    for item in await a_day_with_the_vault(tmp_path, FakeStore(error)):
        print(repr(item), str(item), f"{item}", file=out)
    assert "Send your OpenAI key" in out.getvalue()
    assert CANARY not in out.getvalue()
    assert CANARY not in caplog.text
    assert CANARY.encode() not in all_bytes(tmp_path)


def all_bytes(folder: Path) -> bytes:
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert files
    return b"".join(file.read_bytes() for file in files)
