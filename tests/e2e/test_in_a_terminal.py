"""The main job, by keyboard alone, in a real 80x24 terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.opened import FILE, WITH_LITELLM, ask, config, descendants, gone, leaves_at_once, opened
from tests.fake_provider import FakeProvider, Reply

GONE_S = 30.0


def test_a_retry_option_is_changed_seen_in_the_diff_and_saved_alone(tmp_path: Path) -> None:
    path = config(tmp_path, "http://127.0.0.1:9/v1")
    with opened("--config", str(path)) as terminal:
        terminal.press("f3")
        terminal.wait("Base URL")
        terminal.press("ctrl+f")
        terminal.type("num_retries")
        terminal.press("enter")
        terminal.wait("1 try + 4 retries: wait 5, 5, 8, 16 s")
        terminal.press("end", "backspace")
        terminal.type("2")
        terminal.wait("1 try + 2 retries: wait 5, 5 s", "1 unsaved")
        terminal.press("ctrl+s")
        terminal.wait("-num_retries = 4  # the provider is busy at noon", "+num_retries = 2")
        terminal.press("enter")
        terminal.wait("Saved config.toml")
        terminal.press("ctrl+q")
        assert terminal.leave(within_s=5) == 0
    expected = FILE.replace("BASE_URL", "http://127.0.0.1:9/v1").replace("num_retries = 4", "num_retries = 2")
    assert path.read_text() == expected


def test_a_rate_limit_is_counted_down_and_retried_at_once_on_request(tmp_path: Path) -> None:
    with FakeProvider() as server:
        server.script(Reply.error(429, retry_after=25), Reply.stream("Paris", " is", " it."))
        path = config(tmp_path, server.base_url)
        with opened("--config", str(path), env=WITH_LITELLM) as terminal:
            ask(terminal, "Capital of France?")
            terminal.wait("rate limited (429): attempt 2 of 5 in 2", "^r Retry", within_s=20)
            assert server.posts == 1
            terminal.press("ctrl+r")
            terminal.wait("Paris is it.", "to first token", "tok", "^o Copy reply")
            assert "^r Retry" not in terminal.text
            assert server.posts == 2
            terminal.press("ctrl+q")
            assert terminal.leave(within_s=5) == 0


def test_escape_gives_a_wait_up_at_once(tmp_path: Path) -> None:
    with FakeProvider() as server:
        server.script(Reply.error(429, retry_after=25))
        path = config(tmp_path, server.base_url)
        with opened("--config", str(path)) as terminal:
            ask(terminal)
            terminal.wait("attempt 2 of 5", within_s=20)
            terminal.press("escape")
            terminal.wait("stopped", gone="attempt 2 of 5")
            assert server.posts == 1


@pytest.mark.slow
def test_ctrl_q_leaves_within_a_second_while_a_request_hangs(tmp_path: Path) -> None:
    with FakeProvider() as server:
        server.script(Reply.hang())
        with opened("--config", str(config(tmp_path, server.base_url)), env=WITH_LITELLM) as terminal:
            ask(terminal)
            server.wait_seen(1)
            leaves_at_once(terminal)


@pytest.mark.slow
def test_ctrl_q_leaves_within_a_second_while_a_retry_waits(tmp_path: Path) -> None:
    with FakeProvider() as server:
        server.script(Reply.error(429, retry_after=25))
        with opened("--config", str(config(tmp_path, server.base_url))) as terminal:
            ask(terminal)
            terminal.wait("attempt 2 of 5", within_s=20)
            leaves_at_once(terminal)


@pytest.mark.slow
def test_ctrl_q_leaves_within_a_second_while_the_worker_loads(tmp_path: Path) -> None:
    with opened("--config", str(config(tmp_path, "http://127.0.0.1:9/v1")), env=WITH_LITELLM) as terminal:
        leaves_at_once(terminal)


def test_nothing_is_left_behind_when_the_app_is_killed(tmp_path: Path) -> None:
    with FakeProvider() as server:
        server.script(Reply.hang())
        with opened("--config", str(config(tmp_path, server.base_url)), env=WITH_LITELLM) as terminal:
            ask(terminal)
            server.wait_seen(1)
            children = descendants(terminal.pid)
            assert children
            terminal.kill()
            assert gone(children, within_s=GONE_S) == []
