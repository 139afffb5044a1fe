"""A block of code of an answer: coloured, and scrolled sideways where it is too wide."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.content import Content
from textual.highlight import ANSIDarkHighlightTheme, ANSILightHighlightTheme, HighlightTheme, highlight
from textual.widget import Widget
from textual.widgets import Label


def highlighted(app: App[object], code: str, language: str) -> Content:
    """The code in the colours of the app's theme."""
    theme = HighlightTheme
    if app.native_ansi_color:
        theme = ANSIDarkHighlightTheme if app.current_theme.dark else ANSILightHighlightTheme
    return highlight(code, language=language or None, theme=theme)


class Fence(Widget):
    """Code that is complete, or the last thing in an answer."""

    DEFAULT_CSS = """
    Fence {
        margin: 0 0 1 0;
        &.-first { margin-top: 1; }
        overflow: scroll hidden;
        scrollbar-size: 0 0;
        width: 1fr;
        height: auto;
        color: rgb(210,210,210);
        background: black 10%;
        &:light { background: white 30%; }
        &:ansi { background: transparent; }
        & > Label { padding: 1 2; }
        &:ansi > Label { padding: 1 0; }
    }
    """

    def __init__(self, code: str, language: str) -> None:
        super().__init__()
        self._code = code
        self._language = language

    def compose(self) -> ComposeResult:
        """The code."""
        yield Label(self._coloured(), expand=True)

    def show(self, code: str) -> None:
        """Other code, of which more has come."""
        if code != self._code:
            self._code = code
            self._draw()

    @property
    def allow_horizontal_scroll(self) -> bool:
        """With the mouse, though no bar is shown."""
        return True

    def notify_style_update(self) -> None:
        """Colour it anew, for another theme."""
        self._draw()
        super().notify_style_update()

    def _draw(self) -> None:
        for label in self.query(Label):  # none before it is composed
            label.update(self._coloured())

    def _coloured(self) -> Content:
        return highlighted(self.app, self._code, self._language)
