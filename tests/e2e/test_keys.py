"""Keys with a real Secret Service, without one, and with one that never answers; and that no key leaks on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.opened import WITH_LITELLM, ask, config, descendants, leaves_at_once, opened
from tests.fake_provider import FakeProvider
from tests.secret_service import secret_service
from tests.terminal import Terminal

CANARY = "sk-canary-5f0e9b27c1d84a63"


def give_key(terminal: Terminal) -> None:
    """Type the canary into the API key field and leave the field."""
    terminal.wait("provider ·")  # the first field has the focus
    terminal.press("down")
    terminal.wait("model ·")
    terminal.press("down")
    terminal.wait("api_key ·")
    terminal.type(CANARY)
    terminal.press("enter")


def assert_nowhere(terminal: Terminal, *folders: Path) -> None:
    """The canary is in no byte sent to the terminal, no file, no command line and no environment."""
    needle = CANARY.encode()
    assert needle not in bytes(terminal.raw)
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and path.suffix != ".keyring":
                assert needle not in path.read_bytes(), path
    for pid in [terminal.pid, *descendants(terminal.pid)]:
        for name in ("cmdline", "environ"):
            assert needle not in Path(f"/proc/{pid}/{name}").read_bytes(), (pid, name)


@pytest.mark.real("Secret Service")
def test_a_key_typed_in_settings_survives_a_restart_and_leaks_nowhere(tmp_path: Path, home: Path) -> None:
    with secret_service("unlocked") as env, FakeProvider(key=CANARY) as server:
        path = config(tmp_path, server.base_url)
        before = path.read_bytes()
        with opened("--config", str(path), env=env) as terminal:
            give_key(terminal)
            terminal.press("ctrl+s")
            terminal.wait("goes to the keyring")
            terminal.press("enter")
            terminal.wait("is in the keyring")
            assert_nowhere(terminal, tmp_path, home, Path(env["HOME"]))
            terminal.press("ctrl+q")
            assert terminal.leave(within_s=5) == 0
        with opened("--config", str(path), env={**env, **WITH_LITELLM}) as terminal:
            terminal.wait("keyring")
            ask(terminal)
            terminal.wait("Hello there.", within_s=20)
            assert_nowhere(terminal, tmp_path, home, Path(env["HOME"]))
        assert server.requests[-1].headers["authorization"] == f"Bearer {CANARY}"
        assert path.read_bytes() == before


def test_without_a_keyring_the_app_says_so_and_a_key_works_for_the_session(tmp_path: Path, home: Path) -> None:
    with FakeProvider(key=CANARY) as server:
        path = config(tmp_path, server.base_url)
        before = path.read_bytes()
        with opened("--config", str(path)) as terminal:
            terminal.wait("not needed")
            give_key(terminal)
            terminal.press("ctrl+s")
            terminal.press("enter")
            terminal.wait("for this session only", "session bus")
            ask(terminal)
            terminal.wait("Hello there.", within_s=20)
            assert_nowhere(terminal, tmp_path, home)
            terminal.press("ctrl+q")
            assert terminal.leave(within_s=5) == 0
        assert path.read_bytes() == before


@pytest.mark.slow
@pytest.mark.real("Secret Service")
def test_a_prompt_that_nobody_answers_freezes_neither_the_app_nor_its_exit(tmp_path: Path) -> None:
    with secret_service("prompting") as env, FakeProvider() as server:
        path = config(tmp_path, server.base_url)
        with opened("--config", str(path), env=env) as terminal:
            give_key(terminal)
            terminal.press("ctrl+s")
            terminal.wait("goes to the keyring")
            terminal.press("enter")
            terminal.wait("Kept for this session only", "locked", within_s=4)
            terminal.press("f3")
            terminal.wait("Base URL", within_s=2)
            leaves_at_once(terminal)


@pytest.mark.slow
@pytest.mark.real("Secret Service")
def test_a_service_that_stops_answering_freezes_neither_the_app_nor_its_exit(tmp_path: Path) -> None:
    with secret_service("frozen") as env, FakeProvider() as server:
        path = config(tmp_path, server.base_url)
        with opened("--config", str(path), env=env) as terminal:
            terminal.press("f3")
            terminal.wait("Base URL", within_s=2)
            leaves_at_once(terminal)
