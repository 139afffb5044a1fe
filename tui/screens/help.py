"""The help: the focused field in full, and every key that works, made from the bindings."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Markdown, Static

from tui.text import visible
from tui.widgets.box import Box
from tui.widgets.row import Help, Row

_KEY_WIDTH = 18


class HelpScreen(ModalScreen[None]):
    """Scrolls with the arrows; esc or F1 closes it."""

    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        #help-text { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
        #help-text > Static { height: auto; }
        Markdown { padding: 0; margin: 0 0 1 0; background: transparent; }
        MarkdownH1 { content-align: left top; margin: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Back", id="help.back", tooltip="Close the help"),
    ]

    def __init__(self, about: Screen[object], guide: str = "") -> None:
        """`about` is the screen below; `guide` what stands before all else, as Markdown."""
        super().__init__()
        self._about = about
        self._guide = guide

    def compose(self) -> ComposeResult:
        """The provider's guide first, then the field, then the keys."""
        with Box(id="help"), VerticalScroll(id="help-text"):
            if self._guide:
                yield Markdown(self._guide, open_links=False)
            yield Static(self._text())

    def on_mount(self) -> None:
        """The arrows scroll."""
        self.query_one("#help-text").focus()

    def _text(self) -> Content:
        focused = self._about.focused
        row = (
            None
            if focused is None
            else next((node for node in focused.ancestors_with_self if isinstance(node, Row)), None)
        )
        field = [_field(row.label, row.help), Content("")] if row is not None else []
        origins = () if self._about.is_modal else (*_ORIGINS, Content(""))
        keys = (Content.styled("Keys", "bold $primary"), *self._keys(), _moving())
        return Content("\n").join([*field, *origins, *keys])

    def _keys(self) -> list[Content]:
        by_what: dict[str, list[str]] = {}
        for active in self._about.active_bindings.values():
            binding = active.binding
            if binding.id and (what := binding.tooltip or binding.description):
                by_what.setdefault(what, []).append(self.app.get_key_display(binding))
        return [
            Content.assemble((", ".join(dict.fromkeys(keys)).ljust(_KEY_WIDTH), "$primary"), " ", what)
            for what, keys in by_what.items()
        ]


def _moving() -> Content:
    return Content.assemble(
        ("h j k l g G".ljust(_KEY_WIDTH), "$primary"), " ", "Move as the arrows, Home and End, where no text is typed"
    )


def _field(label: str, about: Help) -> Content:
    lines = [Content.styled(visible(label), "bold $primary"), Content(visible(" · ".join((about.name, *about.facts))))]
    lines += [Content(visible(about.text))] if about.text else []
    lines += [Content.styled(visible(about.problem), "$error")] if about.problem else []
    lines += [Content.styled(visible(note), "$warning") for note in about.notes]
    return Content("\n").join(lines)


_ORIGINS = (
    Content.styled("Where values come from", "bold $primary"),
    Content("default · file:LINE · profile:LINE · env NAME · edited; each one wins over those before it."),
    Content("In a profile, inherited · file:LINE is what it has from [llm]; ^l resets a field to that."),
    Content("Emptying a field takes its key out of the file. Env variables count for [llm], not for profiles."),
)
