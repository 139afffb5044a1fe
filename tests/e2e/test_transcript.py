"""A chat that outlasts the app: saved, loaded in a new process, gone on with."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.opened import config, opened
from tests.fake_provider import FakeProvider, Reply
from tests.terminal import Terminal


def test_a_saved_chat_goes_on_in_a_new_process_where_it_ended(tmp_path: Path, home: Path) -> None:
    with FakeProvider() as server:
        server.script(Reply.stream("Paris", " it is."), Reply.stream("Two", " million."))
        path = config(tmp_path, server.base_url)
        with opened("--config", str(path)) as terminal:
            terminal.press("f4")
            terminal.wait("Ask the model")
            _choose(terminal, 2)
            terminal.wait("It goes before the conversation")
            terminal.type("Be brief.")
            terminal.press("ctrl+s")
            terminal.wait("Chat · system prompt")
            terminal.type("Capital of France?")
            terminal.press("enter")
            terminal.wait("Paris it is.", "to first token", within_s=20)
            _choose(terminal, 0)
            terminal.wait("Save the chat", "gpt-4o.md")
            terminal.press("enter")
            terminal.wait("Saved as")
            terminal.press("ctrl+q")
            assert terminal.leave(within_s=5) == 0
        saved = list((home / ".local/share/llm-backends/transcripts").iterdir())
        assert [file.stat().st_mode & 0o777 for file in saved] == [0o600]
        with opened("--config", str(path)) as terminal:
            terminal.press("f4")
            terminal.wait("Ask the model")
            _choose(terminal, 1)
            terminal.wait("Load a chat", saved[0].name)
            terminal.press("enter")
            terminal.wait("Loaded 1 turn", "Paris it is.", "Chat · system prompt")
            terminal.type("How many live there?")
            terminal.press("enter")
            terminal.wait("Two million.", within_s=20)
            terminal.press("ctrl+q")
            assert terminal.leave(within_s=5) == 0
        told = [(message["role"], message["content"]) for message in server.requests[-1].json["messages"]]
        assert told == [
            ("system", "Be brief."),
            ("user", "Capital of France?"),
            ("assistant", "Paris it is."),
            ("user", "How many live there?"),
        ]


def _choose(terminal: Terminal, line: int) -> None:
    """Choose from the chat's menu."""
    terminal.press("ctrl+y")
    terminal.wait("Save the transcript", "Load a transcript", "System prompt")
    terminal.press(*["down"] * line, "enter")
