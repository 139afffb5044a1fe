"""What a command costs before it does its work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("textual", "rich", "litellm", "httpx", "keyring", "openai", "pydantic")


@pytest.mark.parametrize(
    "args",
    [
        ["get"],
        ["--help"],
        ["set", "num_retries", "3"],
        ["keys", "--help"],
        ["check"],
        ["export"],
        ["export", "--format", "compose"],
        ["import"],
        ["exec", "--help"],
        ["schema"],
        ["usage"],
        ["usage", "--json"],
    ],
    ids=" ".join,
)
def test_a_command_without_a_screen_imports_neither_textual_nor_litellm(args: list[str], tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from tui.cli.main import command\n"
        f"try: command(['--config', {str(tmp_path / 'c.toml')!r}, *{args!r}])\n"
        "except SystemExit as exit: assert not exit.code, exit.code\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.strip().splitlines()[-1] == "[]"


def test_the_first_paint_imports_neither_the_chat_nor_what_sends_its_requests() -> None:
    program = (
        "import sys, tui.cli.main, tui.cli.run\n"
        "late = ('tui.checkup', 'tui.chat', 'tui.request', 'tui.usage', 'tui.engine', 'tui.llm', 'tui.vault.vault',\n"
        "        'tui.widgets.chat_pane', 'tui.screens.dialog', 'sqlite3', 'tenacity', 'markdown_it',\n"
        "        'textual.widgets._text_area')\n"
        "early = [name for name in late if name in sys.modules]\n"
        "from tui.cli.deferred_imports import _import\n"
        "_import()\n"
        "print(early, 'tui.widgets.chat_pane' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[] True\n"
