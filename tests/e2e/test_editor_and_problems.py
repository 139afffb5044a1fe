"""Problems, their repair and the user's editor, in a real terminal."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.opened import opened

FILE = '[core]\n\n[llm]\nmodel = "openai/gpt-4o"\nnum_retries = "4"\ntiemout = 5\n'


def test_the_editor_opens_at_the_fields_line_and_what_it_wrote_is_read(tmp_path: Path) -> None:
    path, editor = tmp_path / "config.toml", tmp_path / "nvim"
    path.write_text(FILE)
    editor.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/called\nsed -i s/tiemout/timeout/ "$2"\n')
    editor.chmod(0o755)
    with opened("--config", str(path), env={"EDITOR": str(editor)}) as terminal:
        terminal.wait("F8 Problems 2")
        terminal.press("down", "ctrl+g")
        terminal.wait("F8 Problems 1")
        terminal.press("f8")
        terminal.wait("line 5", "f does it")
        terminal.type("f")
        terminal.wait("+num_retries = 4")
        terminal.press("enter")
        terminal.wait("No problems")
        terminal.press("f12")
        terminal.wait("export LLM_TIMEOUT=5")
        terminal.press("escape", "ctrl+q")
        assert terminal.leave(10) == 0
    assert (tmp_path / "called").read_text() == f"+4 {path}\n"
    assert path.read_text() == FILE.replace("tiemout", "timeout").replace('"4"', "4")
