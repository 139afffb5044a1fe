"""Dialogs that ask for one of several lines, or for a path."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

import msgspec
from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.screens.dialog import Answer, Dialog
from tui.text import visible_line
from tui.widgets.line_input import LineInput

SAVE: Final = Answer("save", "Save")


class Line(msgspec.Struct, frozen=True):
    """One line to choose."""

    text: str
    mark: str = ""
    """What stands before it, such as its number."""


class _Lines(OptionList):
    """A list without a frame, as high as its lines while there is room."""

    DEFAULT_CSS = """
    _Lines {
        height: auto;
        max-height: 12;
        border: none;
        padding: 0;
        background: transparent;
        scrollbar-size-vertical: 1;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        super().__init__(markup=False, compact=True)
        self._given = tuple(lines)

    def on_mount(self) -> None:
        """Begin with the first line."""
        self.show(self._given)

    def show(self, lines: Sequence[Line]) -> None:
        """Show other lines."""
        self.clear_options()
        self.add_options([Option(Content.assemble((line.mark, "$quiet"), visible_line(line.text))) for line in lines])
        self.highlighted = 0 if lines else None
        self.display = bool(lines)


class _PathInput(LineInput):
    """A line that is seen to be one."""

    DEFAULT_CSS = """
    _PathInput, _PathInput.-textual-compact, _PathInput:focus { background: $panel; padding: 0 1; margin-bottom: 1; }
    """


class ChoiceDialog(Dialog):
    """Answers the number of the line, from 0."""

    HINT: ClassVar[str] = "↑ ↓ choose   ⏎ take   esc back"

    def __init__(self, title: str, text: str, lines: Sequence[Line]) -> None:
        super().__init__(title, text, ())
        self._lines = _Lines(lines)

    def content(self) -> Sequence[Widget]:
        """The text and the lines."""
        return [*super().content(), self._lines]

    def first(self) -> Widget:
        """The list."""
        return self._lines

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(str(event.option_index))


class SavePathDialog(Dialog):
    """Asks under which name to save: answers "save", and `path` has what was typed."""

    def __init__(self, title: str, text: str, path: str) -> None:
        super().__init__(title, text, (SAVE,))
        self.path = path
        self._field = _PathInput(id="path")

    def content(self) -> Sequence[Widget]:
        """The text and the field."""
        return [*super().content(), self._field]

    def first(self) -> Widget:
        """The field, with the name selected: typing replaces it."""
        self._field.put(visible_line(self.path), "a name, or a path")
        return self._field

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.path = event.value

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(SAVE.value)


class LoadPathDialog(Dialog):
    """Lists the files of a folder, newest first, narrowed by what is typed; a path can be typed too.

    Answers the path.
    """

    HINT: ClassVar[str] = "⏎ load   ↓ the list   esc back"

    def __init__(self, title: str, text: str, files: Sequence[Path]) -> None:
        super().__init__(title, text, ())
        self._files = self._shown = tuple(files)
        self._field = _PathInput(id="path")
        self._lines = _Lines(_named(files))

    def content(self) -> Sequence[Widget]:
        """The text, the field, the files."""
        return [*super().content(), self._field, self._lines, Static(id="no-file", markup=False)]

    def first(self) -> Widget:
        """The field; down goes on to the list."""
        self._field.put("", "type to narrow, or type a path")
        self._say()
        return self._field

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        words = event.value.lower().split()
        self._shown = tuple(path for path in self._files if all(word in path.name.lower() for word in words))
        self._lines.show(_named(self._shown))
        self._say()

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _take(self, event: Input.Submitted | OptionList.OptionSelected) -> None:
        """What is highlighted; else what was typed."""
        event.stop()
        at = self._lines.highlighted
        if path := self._field.value.strip() if at is None else str(self._shown[at]):
            self.dismiss(path)

    def _say(self) -> None:
        words = "No name matches: Enter takes it as a path." if self._files else "No chat has been saved there yet."
        none = self.query_one("#no-file", Static)
        none.update(words)
        none.display = not self._shown


def _named(files: Sequence[Path]) -> list[Line]:
    return [Line(path.name) for path in files]
