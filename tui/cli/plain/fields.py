"""The fields in plain mode: shown one a line, edited in the draft."""

from __future__ import annotations

from tui.cli.edit import named_field
from tui.cli.exits import CommandFailed
from tui.cli.plain.lines import Lines
from tui.config.resolve import Origin, Resolved
from tui.config.schema import InvalidValueError, parsed, shown
from tui.config.workspace import Workspace
from tui.text import visible_line


class Fields:
    """`show`, `get`, `set`, `unset` and `profile`."""

    def __init__(self, workspace: Workspace, lines: Lines) -> None:
        self._workspace = workspace
        self._lines = lines

    def show(self, rest: str) -> None:
        """Print the fields that differ from their defaults, or with `all` every field."""
        resolved = self._workspace.resolved().values()
        items = [item for item in resolved if rest == "all" or item.origin.kind != "default"]
        self._lines.say(f"{self._where()}, {self.state()}.")
        for item in items:
            self._lines.say(_line(item))
        if rest != "all":
            self._lines.say("All others have their defaults; show all prints them too.")

    def get(self, rest: str) -> None:
        """Print one field: its value, where that comes from, what it takes, what it is for."""
        item = self._workspace.resolved()[named_field(rest).name]
        self._lines.say(_line(item))
        self._lines.say(f"Takes {item.field.expects}. Variable {item.field.env_name}. {item.field.help}")
        for note in (item.problem, f"{item.env_name} is set and wins over the file." if item.env_name else ""):
            if note:
                self._lines.say(visible_line(note))

    def set(self, rest: str) -> None:
        """Give a field a value in the draft."""
        name, _, text = rest.partition(" ")
        field = named_field(name)
        if field.secret:
            raise CommandFailed(
                f"{field.name} is a secret: what you type here stays on the screen. Use the command key."
            )
        if not text.strip():
            raise CommandFailed(f"set takes a field and a value, as in: set {field.name} VALUE. unset takes it away.")
        try:
            self._workspace.edit(field.name, parsed(field, text.strip()))
        except InvalidValueError as error:
            raise CommandFailed(str(error)) from error
        self._edited(field.name)

    def unset(self, rest: str) -> None:
        """Take a field out of the file, back to its default."""
        name = named_field(rest).name
        self._workspace.clear(name)
        self._edited(name)

    def profile(self, rest: str) -> None:
        """Work on the table of this profile; `default` is [llm] itself. Without a name, list them."""
        names = self._workspace.profiles
        if not rest:
            self._lines.say(f"Profiles: {', '.join(('default', *map(visible_line, names)))}. {self._where()}.")
        elif rest != "default" and rest not in names:
            raise CommandFailed(f"There is no profile {rest!r}. There are: {', '.join(('default', *names))}.")
        else:
            self._workspace.profile = None if rest == "default" else rest
            self._lines.say(f"{self._where()}.")

    def state(self) -> str:
        """How many edits wait to be saved, in words."""
        count = self._workspace.unsaved
        if not count:
            return "nothing unsaved"
        return "1 unsaved edit" if count == 1 else f"{count} unsaved edits"

    def _edited(self, name: str) -> None:
        item = self._workspace.resolved()[name]
        self._lines.say(f"{_line(item)}. {self.state().capitalize()}.")
        if item.env_name:
            self._lines.say(f"{item.env_name} is set and wins over the file.")

    def _where(self) -> str:
        table = ".".join(self._workspace.table)
        return f"File {visible_line(str(self._workspace.snapshot.path))}, table {visible_line(table)}"


def _line(item: Resolved) -> str:
    value = visible_line(shown(item.field, item.value)) or "not set"
    return f"{item.field.name}: {value}, {visible_line(_origin(item.origin))}"


def _origin(origin: Origin) -> str:
    if origin.kind in ("file", "profile"):
        return f"line {origin.line} of the file" if origin.line else "from the file"
    if origin.kind == "env":
        return f"from the variable {origin.name}"
    return "the default" if origin.kind == "default" else origin.kind
