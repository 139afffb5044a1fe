"""Plain mode itself: reads a line, does what it says, until `quit` or the end of the input."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Final

import click

from tui.cli.exits import CommandFailed, Exit
from tui.cli.misplaced import NOT_REPEATED, repeats_key
from tui.cli.opened import Choice
from tui.cli.plain.backend import Talk
from tui.cli.plain.fields import Fields
from tui.cli.plain.file import File
from tui.cli.plain.lines import Lines
from tui.config.toml.document import ConfigError

Command = tuple[Callable[[str], None], str, str]
"""What it does with the rest of the line, that rest in capitals, and what it is for."""

_ELSEWHERE: Final = "The command key asks for keys and does not show them."


def run_plain(context: click.Context, choice: Choice) -> Exit:
    """Do what standard input says on the file that the options choose."""
    context.color = False
    plain = Plain(choice)
    try:
        return plain.run()
    finally:
        plain.close()


class Plain:
    """The commands over one draft."""

    def __init__(self, choice: Choice) -> None:
        self._lines = Lines()
        self._workspace = choice.workspace()
        self._fields = Fields(self._workspace, self._lines)
        self._file = File(self._workspace, self._lines)
        self._talk = Talk(self._workspace, self._lines)
        self._left = False
        self._failed = False
        self._commands = self._table()

    def _table(self) -> dict[str, Command]:
        return {
            "show": (self._fields.show, "[all]", "the settings that are not defaults, or all"),
            "get": (self._fields.get, "FIELD", "one setting, where it comes from, and what it is for"),
            "set": (self._fields.set, "FIELD VALUE", "give a setting a value"),
            "unset": (self._fields.unset, "FIELD", "back to its default"),
            "profile": (self._fields.profile, "[NAME]", "work on a profile; default is the table llm itself"),
            "diff": (self._file.diff, "", "what a save would change"),
            "save": (self._file.save, "[in-place|replace]", "write the edits to the file"),
            "undo": (self._file.undo, "", "take the last edit or the last save back"),
            "check": (self._file.check, "", "what OpenHands would not do as the file says"),
            "key": (self._talk.key, "", "enter the API key; it is not shown"),
            "checkup": (self._talk.checkup, "", "test the backend in stages"),
            "chat": (self._talk.chat, "[TEXT]", "talk to the model, with the settings as they stand here"),
            "help": (self._help, "", "these commands"),
            "quit": (self._leave, "", "leave"),
        }

    def run(self) -> Exit:
        """Read and do; the exit code is 1 if a script's command failed, or edits were left unsaved by one."""
        if self._lines.interactive:
            self._fields.show("")
            self._lines.say("Type help for the commands, quit to leave.")
        while not self._left:
            try:
                line = self._lines.read("> ")
                self._do("quit" if line is None else line.strip())
            except KeyboardInterrupt:
                self._lines.say("\nType quit to leave.")
        return Exit.PROBLEM if self._failed else Exit.FINE

    def close(self) -> None:
        """End what runs besides."""
        self._talk.close()

    def _do(self, line: str) -> None:
        name, _, rest = line.partition(" ")
        if not name or name.startswith("#"):
            return
        try:
            self._command(name.lower())(rest.strip())
        except (CommandFailed, ConfigError) as error:
            words = error.message if isinstance(error, CommandFailed) else str(error)
            self._lines.say(f"{NOT_REPEATED} {_ELSEWHERE}" if repeats_key(line, words) else words)
            self._failed = True
        self._failed = (self._failed or self._talk.failed) and not self._lines.interactive

    def _command(self, name: str) -> Callable[[str], None]:
        if name in self._commands:
            return self._commands[name][0]
        near = difflib.get_close_matches(name, self._commands, n=1)
        hint = f"Did you mean {near[0]}?" if near else "help lists them."
        raise CommandFailed(f"There is no command {name!r}. {hint}")

    def _help(self, _rest: str) -> None:
        for name, (_, takes, what) in self._commands.items():
            self._lines.say(f"{' '.join(filter(None, (name, takes)))}: {what}.")

    def _leave(self, _rest: str) -> None:
        """Leave; ask about unsaved edits first, or tell of them where nobody can answer."""
        if self._workspace.unsaved and not self._lines.interactive:
            self._left = True
            raise CommandFailed(f"Left with {self._fields.state()}. The command save writes them.")
        if self._workspace.unsaved:
            question = f"{self._fields.state().capitalize()}. Save before you leave?"
            answer = self._lines.choose(question, "yes", "no", "back")
            if answer == "yes":
                self._file.save()
            self._left = answer == "no" or not self._workspace.unsaved
        else:
            self._left = True
