"""The API key in the form: it reaches the keyring and nothing else."""

from __future__ import annotations

from pathlib import Path

from tests.app.fakes import CONFIG, Bench, FakeKeys, running
from tui.widgets.secret_input import SecretInput

CANARY = "sk-canary7"


async def _type_key(bench: Bench, end: str = "enter") -> None:
    bench.main.settings.go_to(bench.main.settings.key_row)
    await bench.type(CANARY)
    if end:
        await bench.press(end)


async def test_a_typed_key_goes_to_the_keyring_with_the_save_and_never_to_the_file_or_the_screen(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await _type_key(bench, end="")
        pictures = [bench.text, bench.app.export_screenshot()]
        assert "•••••••••" not in bench.text
        await bench.press("enter")
        await bench.sees("session", "1 unsaved")
        await bench.press("ctrl+s")
        await bench.sees("goes to the keyring, for host.example", "The file stays as it is")
        pictures += [bench.text, bench.app.export_screenshot()]
        await bench.press("enter")
        await bench.until(lambda: bench.keys.stored, "the key")
        await bench.sees("keyring")
        pictures += [bench.text, bench.app.export_screenshot()]
        assert bench.keys.stored is not None
        assert bench.keys.stored.reveal() == CANARY
        assert bench.path.read_text() == CONFIG
        assert not any(CANARY in picture for picture in pictures)


async def test_a_key_that_was_not_entered_yet_is_saved_as_well(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await _type_key(bench, end="")
        await bench.press("ctrl+s")
        await bench.sees("goes to the keyring")
        await bench.press("enter")
        await bench.until(lambda: bench.keys.stored)


async def test_without_a_keyring_the_key_is_kept_for_the_session_and_the_reason_is_told(tmp_path: Path) -> None:
    keys = FakeKeys(trouble="There is no keyring here.")
    async with running(tmp_path / "config.toml", keys=keys) as bench:
        await bench.sees("There is no keyring here.")
        await _type_key(bench)
        await bench.press("ctrl+s")
        await bench.sees("goes to the keyring")
        await bench.press("enter")
        await bench.sees("for this session only")
        assert keys.held is not None
        assert not bench.main.unsaved


async def test_a_key_in_the_file_moves_to_the_keyring(tmp_path: Path) -> None:
    config = CONFIG.replace("[llm]\n", f'[llm]\napi_key = "{CANARY}"\n')
    async with running(tmp_path / "config.toml", config=config) as bench:
        bench.main.settings.go_to(bench.main.settings.key_row)
        await bench.sees("^k move it to the keyring")
        await bench.press("ctrl+k")
        await bench.until(lambda: bench.keys.stored and bench.main.workspace.unsaved)
        await bench.press("ctrl+s")
        await bench.sees("-api_key")
        assert CANARY not in bench.text
        await bench.press("enter")
        await bench.until(lambda: bench.path.read_text() == CONFIG)


async def test_a_locked_keyring_can_be_unlocked_and_esc_stops_waiting_for_it(tmp_path: Path) -> None:
    keys = FakeKeys(trouble="The keyring is locked.", locked=True)
    async with running(tmp_path / "config.toml", keys=keys, size=(80, 24)) as bench:
        bench.main.settings.go_to(bench.main.settings.key_row)
        await bench.sees("The keyring is locked.", "^k unlock the keyring")
        await bench.press("ctrl+k")
        await bench.sees("The system asks for the keyring's password", "esc Stop")
        await bench.press("f3")  # waiting keeps nothing from being done
        await bench.sees("Base URL")
        await bench.press("escape")
        await bench.press("f2")
        await bench.sees("The keyring is locked.")
        await bench.press("ctrl+p")
        await bench.type("unlock")
        await bench.sees("Unlock the keyring")
        await bench.press("enter")
        await bench.sees("The system asks for the keyring's password")
        keys.prompt.set()
        await bench.sees("The keyring is unlocked.")
        await bench.until(lambda: not bench.main.key.can_unlock)


async def test_a_key_is_never_copied(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await _type_key(bench, end="")
        await bench.press("ctrl+c", "ctrl+x")
        assert bench.app.clipboard == ""
        assert CANARY not in repr(bench.main.query_one("#key SecretInput", SecretInput).__dict__)


async def test_a_keyring_that_hangs_leaves_the_form_usable(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", keys=FakeKeys(hangs=True)) as bench:
        await bench.sees("looking for a key")
        await bench.replace("timeout", "9")
        await bench.sees("1 unsaved")
