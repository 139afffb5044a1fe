"""The first start: what a newcomer can do, before there is any file."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.text import visible_line

_CHOICES: Final = (
    ("try", "Try the built-in model", "It runs on this machine: no account, no key. 93 MB, fetched once."),
    ("set up", "Set up a provider", "Who serves the model, which one, and a key. F7 has a guide for each."),
    ("look", "Look around", "Nothing is written before you save."),
)
_NO_FILE: Final = "There is no {name} yet: a save makes it."


class Welcome(ModalScreen[str]):
    """Answers "try", "set up" or "look"; esc is "look"."""

    DEFAULT_CSS = """
    Welcome {
        align: center middle;
        background: $background 60%;
        & > #welcome {
            width: 84;
            max-width: 96%;
            height: auto;
            padding: 1 2;
            border: round $border;
            background: $boost;
            & > Static { height: auto; }
            & > #welcome-title { color: $primary; text-style: bold; }
            & > #welcome-text { color: $quiet; margin-bottom: 1; }
            & > OptionList { height: auto; border: none; padding: 0; background: transparent; }
            & > OptionList > .option-list--option { padding: 0 1; }
            & > #welcome-keys { color: $quiet; margin-top: 1; }
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss('look')", "Look around", id="welcome.look", tooltip="Close the welcome"),
    ]

    def __init__(self, file_name: str) -> None:
        super().__init__()
        self._file_name = file_name

    def compose(self) -> ComposeResult:
        """What this is, what there is to do, the keys."""
        with Vertical(id="welcome"):
            yield Static("Set up, check and try any LLM backend", id="welcome-title")
            yield Static(Content(_NO_FILE.format(name=visible_line(self._file_name))), id="welcome-text")
            yield OptionList(*(_option(*choice) for choice in _CHOICES), markup=False)
            yield Static("↑ ↓ choose   ⏎ go on   esc look around   ^q quit", id="welcome-keys", markup=False)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option_id or "look")


def _option(name: str, title: str, what: str) -> Option:
    return Option(Content.assemble((title, "bold"), "\n", (what, "$quiet")), id=name)
