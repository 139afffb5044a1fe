"""Plain mode: settings and chat line by line, with no escape sequence, by hand or from a script."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.in_process import quick
from tests.e2e.opened import app_env
from tests.fake_provider import FakeProvider, Reply, Thinking
from tests.llm.asking import CANARY, THEIR_WARNINGS
from tests.terminal import Terminal
from tui.cli.exits import Exit
from tui.cli.main import command
from tui.cli.plain.sentences import Sentences
from tui.config import storage

pytestmark = [THEIR_WARNINGS, quick]

FILE = """\
# mine
[core]
[llm]
model = "openai/fake-model"
base_url = "BASE_URL"
api_key = "KEY"
num_retries = 1  # enough
retry_min_wait = 0
retry_max_wait = 0

[llm.cheap]
model = "openai/small"
"""


def config(folder: Path, base_url: str = "http://127.0.0.1:9/v1") -> Path:
    path = folder / "config.toml"
    path.write_text(FILE.replace("BASE_URL", base_url).replace("KEY", CANARY), encoding="utf-8")
    return path


def run(path: Path, *lines: str) -> Result:
    result = CliRunner().invoke(
        command, ["--config", str(path), "--plain"], input="".join(f"{line}\n" for line in lines)
    )
    assert CANARY not in result.output
    assert "\x1b" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def test_a_script_changes_a_setting_and_saves_only_that_line(tmp_path: Path) -> None:
    path = config(tmp_path)
    before = path.read_text()
    result = run(path, "set num_retries 7", "save", "quit")
    assert result.exit_code == Exit.FINE
    assert "num_retries: 7, edited. 1 unsaved edit." in result.output
    assert "removed: num_retries = 1  # enough\nadded: num_retries = 7  # enough\n" in result.output
    assert path.read_text() == before.replace("num_retries = 1", "num_retries = 7")


def test_show_and_get_say_what_holds_and_where_it_comes_from(tmp_path: Path) -> None:
    result = run(config(tmp_path), "show", "get LLM_TOP_P", "show all")
    assert "model: openai/fake-model, line 4 of the file\n" in result.output
    assert "api_key: set, not shown, line 6 of the file\n" in result.output
    assert "top_p: 1, the default\nTakes a number from 0 to 1. Variable LLM_TOP_P." in result.output
    assert "timeout: not set, the default\n" in result.output


def test_an_edit_is_undone_and_a_save_too(tmp_path: Path) -> None:
    path = config(tmp_path)
    before = path.read_text()
    assert "Undone: timeout." in run(path, "set timeout 60", "undo", "undo").output
    assert run(path, "unset num_retries", "save", "undo").exit_code == Exit.FINE
    assert path.read_text() == before


def test_a_profile_is_worked_on(tmp_path: Path) -> None:
    path = config(tmp_path)
    result = run(
        path, "profile", "profile cheap", "set top_p 0.5", "save", "profile none", "profile default", "get top_p"
    )
    assert "Profiles: default, cheap." in result.output
    assert "There is no profile 'none'" in result.output
    assert "top_p: 1, the default" in result.output
    assert path.read_text().endswith('model = "openai/small"\ntop_p = 0.5\n')


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("sve", "There is no command 'sve'. Did you mean save?"),
        ("set nm_retries 3", "Did you mean num_retries?"),
        ("set num_retries many", "'many' is not a whole number"),
        ("set num_retries", "unset takes it away"),
        (f"set api_key {CANARY}", "Use the command key."),
        ("set top_p 0.5", "Left with 1 unsaved edit."),
    ],
)
def test_what_goes_wrong_in_a_script_is_told_and_gives_exit_code_1(tmp_path: Path, line: str, words: str) -> None:
    result = run(config(tmp_path), line)
    assert words in result.output
    assert result.exit_code == Exit.PROBLEM


@pytest.mark.parametrize("line", ["KEY", "get KEY", "set timeout KEY", "set KEY 1", "profile KEY"])
def test_a_key_in_the_wrong_place_is_not_repeated(tmp_path: Path, line: str) -> None:
    result = run(config(tmp_path), line.replace("KEY", CANARY))  # which looks for it
    assert "a part of it looks like a key. The command key asks for keys" in result.output
    assert result.exit_code == Exit.PROBLEM


def test_a_file_that_changed_meanwhile_is_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = config(tmp_path)
    write = storage.write

    def late(snapshot: storage.Snapshot, raw: bytes) -> storage.Snapshot:
        monkeypatch.setattr(storage, "write", write)
        path.write_text(path.read_text().replace("# mine", "# ours"))
        return write(snapshot, raw)

    monkeypatch.setattr(storage, "write", late)
    result = run(path, "set num_retries 7", "save")
    assert "changed by another program" in result.output
    assert path.read_text().startswith("# ours")
    assert "num_retries = 7" in path.read_text()


def test_the_draft_is_checked_as_openhands_would_read_it(tmp_path: Path) -> None:
    output = run(config(tmp_path), "set retry_min_wait 60", "check").output
    assert "error: line 8, retry_min_wait (60) is above retry_max_wait (0). " in output
    assert "2 problems." in output


def test_each_line_of_a_chat_is_a_prompt_and_the_history_goes_along(tmp_path: Path, server: FakeProvider) -> None:
    server.script(Reply.stream("Hel", "lo. How", " are you?"), Reply.error(429), Reply.stream("Fine."))
    result = run(config(tmp_path, server.base_url), "chat", "hi", "and you", "", "quit")
    assert result.exit_code == Exit.FINE
    assert "Asking openai/fake-model.\nHello. How are you?\n" in result.output
    assert "rate limited (429): attempt 2 of 2 in 0 s. Ctrl+C gives up.\nFine.\n" in result.output
    assert [message["content"] for message in server.requests[-1].json["messages"]] == [
        "hi", "Hello. How are you?", "and you",
    ]  # fmt: skip


def test_a_refusal_is_told_and_is_a_failure_of_the_script(tmp_path: Path, server: FakeProvider) -> None:
    server.script(Reply.error(401, f"bad key {CANARY}\x1b[2J"))
    result = run(config(tmp_path, server.base_url), "chat hi")
    assert "key" in result.output.partition("Asking")[2]
    assert result.exit_code == Exit.PROBLEM


def test_whatever_is_not_as_it_should_be_in_an_answer_is_told(tmp_path: Path, server: FakeProvider) -> None:
    server.script(Reply.stream("Half", finish="length", usage=None, model="another"), Reply.stream(Thinking("Hm.")))
    output = run(config(tmp_path, server.base_url), "chat", "hi", "and you", "", "quit").output
    assert "cut off at the token limit, " in output
    assert "~1 tok" in output
    assert "answered by another" in output
    assert "The answer has no text: the model only thought." in output


def test_plain_goes_with_no_command(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--config", str(config(tmp_path)), "--plain", "get"])
    assert result.exit_code == Exit.USAGE


@given(st.lists(st.text(alphabet="ab .!\n", max_size=40)))
def test_sentences_lose_nothing_and_break_at_their_ends(pieces: list[str]) -> None:
    sentences = Sentences()
    given_out = [sentences.feed(piece) for piece in pieces]
    assert "".join(given_out) + sentences.rest() == "".join(pieces)
    assert all(out.endswith((".", "!", "\n", " ")) for out in given_out if out)


def test_by_hand_it_asks_before_it_writes_and_ctrl_c_stops_an_answer(tmp_path: Path) -> None:
    path = config(tmp_path)
    line = [sys.executable, "-m", "tui", "--config", str(path), "--plain"]
    with Terminal(line, env=app_env(), size=(80, 40)) as terminal:
        terminal.wait("Type help for the commands, quit to leave.")
        say(terminal, "set num_retries 7")
        terminal.wait("1 unsaved edit.")
        say(terminal, "chat hello")
        terminal.wait("Asking openai/fake-model.")
        terminal.press("ctrl+c")
        terminal.wait("Stopped.")
        say(terminal, "quit")
        terminal.wait("Save before you leave? yes, no or back:")
        say(terminal, "y")
        terminal.wait("Write this? yes or no:")
        say(terminal, "yes")
        assert terminal.leave(within_s=10) == 0
    assert b"\x1b" not in bytes(terminal.raw)
    assert "num_retries = 7" in path.read_text()


def say(terminal: Terminal, line: str) -> None:
    terminal.type(line)
    terminal.press("enter")
