"""How the app ends when it is not its user who ends it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.e2e.opened import config, descendants, edit_retries, gone, opened
from tests.terminal import KEYS

GONE_S = 30.0
APART = ("setsid", "--wait")
"""Without a controlling terminal, so that no signal tells of its end."""


def drafts() -> list[Path]:
    return sorted((Path(os.environ["XDG_STATE_HOME"]) / "llm-backends" / "drafts").glob("*.json"))


def test_sigterm_puts_the_terminal_in_order_and_keeps_the_last_key(tmp_path: Path) -> None:
    with opened("--config", str(config(tmp_path, "http://127.0.0.1:9/v1"))) as terminal:
        edit_retries(terminal, "7")
        children = descendants(terminal.pid)
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.leave(within_s=10) == 128 + signal.SIGTERM
        assert gone(children, within_s=GONE_S) == []
        assert bytes(terminal.raw).count(b"\x1b[?1049l") == 1  # the screen of before is back
        assert b"\x1b[?25h" in bytes(terminal.raw)  # and the cursor
    (draft,) = drafts()
    assert b'"num_retries","value":7' in draft.read_bytes()
    assert draft.stat().st_mode & 0o777 == 0o600


def test_a_terminal_that_nobody_reads_does_not_keep_the_app_from_ending(tmp_path: Path) -> None:
    with opened("--config", str(config(tmp_path, "http://127.0.0.1:9/v1"))) as terminal:
        edit_retries(terminal, "7")
        terminal.send((KEYS["f3"] + KEYS["f2"]).encode() * 100)  # each paints a page: soon the app waits to be read
        children = descendants(terminal.pid)
        os.kill(terminal.pid, signal.SIGTERM)
        assert gone([terminal.pid, *children], within_s=GONE_S) == []
    assert len(drafts()) == 1


@pytest.mark.real("setsid")
def test_a_terminal_that_is_gone_ends_the_app_even_if_no_signal_says_so(tmp_path: Path) -> None:
    with opened("--config", str(config(tmp_path, "http://127.0.0.1:9/v1")), under=APART) as terminal:
        edit_retries(terminal, "7")
        everything = [terminal.pid, *descendants(terminal.pid)]
        terminal.hang_up()
        assert gone(everything, within_s=GONE_S) == []
    assert len(drafts()) == 1


def test_bytes_that_are_no_text_disturb_nobody(tmp_path: Path) -> None:
    with opened("--config", str(config(tmp_path, "http://127.0.0.1:9/v1"))) as terminal:
        edit_retries(terminal, "7")
        terminal.send(b"\xe9\xff")
        terminal.type("3")
        terminal.wait("1 try + 73 retries")
