"""The export screen: the settings as they stand, in each format that OpenHands can be started with, to be copied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final, cast, get_args

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.clipboard import SENT
from tui.config.errors import ConfigError
from tui.config.export import Export, Format, collected, written
from tui.config.resolve import Resolved
from tui.config.schema import FIELDS
from tui.providers.passed_on import names_for
from tui.text import visible
from tui.threads import aside
from tui.widgets.bindings import hidden
from tui.widgets.options import Options
from tui.widgets.row import Row

_FORMATS: Final[tuple[str, ...]] = get_args(Format)
_ALL: Final = "all"
_CHANGED: Final = "changed only"
_KEY: Final = FIELDS["api_key"].env_name
_BOUND_S: Final = 10.0
_USES: Final[Mapping[str, str]] = {
    "shell": "to paste into a shell, or into a file that it reads",
    "dotenv": "for a .env file, as OpenHands reads one",
    "docker": "a command; write your image's name for IMAGE",
    "compose": "for compose.yaml; write your image's name for IMAGE",
    "toml": "for a config.toml of its own",
}


class ExportScreen(ModalScreen[None]):
    """Shows what `llm-backends export` would print for the draft; secrets by name only."""

    DEFAULT_CSS = """
    ExportScreen {
        align: center middle;
        background: $background 60%;
        & > #export {
            width: 100; max-width: 96%; height: 92%; max-height: 44; padding: 1 2; border: round $border;
            background: $boost;
        }
        & #export-title { color: $primary; text-style: bold; margin-bottom: 1; }
        & Row > .label { width: 12; }
        & #export-use { color: $quiet; height: auto; margin-top: 1; padding: 0 0 0 2; }
        & #export-box { height: 1fr; scrollbar-size-vertical: 1; margin: 1 0; padding: 0 0 0 2; }
        & #export-text { height: auto; }
        & #export-note { color: $warning; height: auto; padding: 0 0 0 2; }
        & #export-note.-none { display: none; }
        & #export-hint { color: $quiet; height: auto; padding: 0 0 0 2; margin-top: 1; }
        &.-low > #export { padding: 0 2; height: 100%; }
        &.-low #export-title, &.-low #export-use, &.-low #export-hint { margin: 0; }
    }
    """
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-high")]  # noqa: RUF012  # Textual's declaration
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back", id="export.back", tooltip="Close the export"),
        Binding("ctrl+o", "copy", "Copy", id="export.copy", tooltip="Copy the export through the terminal"),
        hidden("down", "app.focus_next", "export.next", "The next choice"),
        hidden("up", "app.focus_previous", "export.previous", "The previous choice"),
        hidden("pagedown", "scroll(1)", "export.page_down", "A page down the export"),
        hidden("pageup", "scroll(-1)", "export.page_up", "A page up the export"),
    ]

    def __init__(self, resolved: Mapping[str, Resolved], env: Mapping[str, str], table: str) -> None:
        """`resolved` are the effective settings of `table`, such as `[llm.cheap]`; `env` the app's environment."""
        super().__init__()
        self._resolved = resolved
        self._env = env
        self._table = table
        self._format = Options(_FORMATS, id="export-format")
        self._values = Options((_ALL, _CHANGED), id="export-values")
        self._text = ""

    def compose(self) -> ComposeResult:
        """The choices, then the text."""
        with Vertical(id="export"):
            yield Static(Content(visible(f"Export {self._table} as it stands here, saved or not")), id="export-title")
            yield Row("Format", self._format)
            yield Row("Values", self._values)
            yield Static("", id="export-use", markup=False)
            with VerticalScroll(id="export-box", can_focus=False):
                yield Static("", id="export-text", markup=False)
            yield Static("", id="export-note", markup=False)
            yield Static("←→ choose  ↑↓ next  pgdn more  ^o copy  esc back", id="export-hint", markup=False)

    def on_mount(self) -> None:
        """Begin with the shell."""
        self._format.offer(_FORMATS, _FORMATS[0])
        self._values.offer((_ALL, _CHANGED), _ALL)
        self._format.focus()
        self._write()

    @on(Options.Changed)
    def _chosen(self, event: Options.Changed) -> None:
        event.stop()
        self._write()

    @work(exclusive=True, group="export")
    async def _write(self) -> None:
        form, changed = cast("Format", self._format.chosen), self._values.chosen == _CHANGED

        def made() -> tuple[Export, str]:
            export = collected(self._resolved, names_for(self._resolved, self._env), changed=changed)
            return export, written(export, form)

        try:
            export, self._text = await aside(made, _BOUND_S)
        except (ConfigError, OSError) as error:
            self._text = ""
            self._show(form, f"It can't be written: {str(error).rstrip('.')}. Choose another format.")
            return
        self._show(form, " ".join(_notes(export, form)))

    def _show(self, form: str, note: str) -> None:
        self.query_one("#export-use", Static).update(Content(_USES[form]))
        self.query_one("#export-text", Static).update(Content(visible(self._text.rstrip("\n"))))
        self.query_one("#export-note", Static).update(Content(visible(note)))
        self.query_one("#export-note").set_class(not note, "-none")
        self.query_one("#export-box").scroll_home(animate=False)

    def action_copy(self) -> None:
        """Put the text on the clipboard, as far as the terminal plays along."""
        if self._text:
            self.app.copy_to_clipboard(self._text)
            self.notify(SENT, markup=False)

    def action_scroll(self, pages: int) -> None:
        """Scroll the text."""
        box = self.query_one("#export-box")
        box.scroll_relative(y=pages * max(1, box.size.height - 1), animate=False)


def _notes(export: Export, form: str) -> list[str]:
    """What is not in the text, and why; the words of the command."""
    notes = []
    if export.names:
        notes.append(f"Passed on by name only: {', '.join(export.names)}.")
        notes += ["`llm-backends exec` sets the key."] if _KEY in export.names else []
    if export.silent and form != "toml":
        notes.append(f"Left out, because no variable can hold it: {', '.join(export.silent)}.")
    return notes
