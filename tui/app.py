"""The app: puts the one screen up, and keeps what every screen shares: themes, filter, palette, leaving."""

from __future__ import annotations

import tui.terminal.frames  # noqa: F401  # Textual reads it once, when it is imported

# isort: split

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import ClassVar, Final

from rich.console import RenderableType
from rich.segment import Segments
from rich.text import Text
from textual import events, on, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.driver import Driver
from textual.filter import LineFilter
from textual.geometry import Size
from textual.screen import Screen
from textual.theme import Theme
from textual.worker import WorkerFailed, active_worker

from tui.basic_theme import BASIC, has_colours
from tui.config.errors import ConfigError
from tui.config.workspace import Workspace
from tui.screens.answer import Answer
from tui.screens.main import MainScreen
from tui.screens.ordered import OrderedApp
from tui.screens.services import Services
from tui.terminal.driver import SlimDriver, slim_driver
from tui.terminal.window import at_least, is_too_small, notice_update
from tui.text import visible_line
from tui.theme import DARK, LIGHT, own_variables
from tui.threads import aside
from tui.widgets.clean import ControlFilter
from tui.widgets.mono import MonoFilter
from tui.widgets.signs import AsciiFilter, shows_unicode
from tui.widgets.vi import as_move

__all__ = ["LLMBackendsApp", "Services"]

_AT_ONCE: Final = ("ctrl+q", "ctrl+c")
"""Keys that work before the first field is there."""
_THEMES: Final[Mapping[str, Theme]] = {"dark": DARK, "light": LIGHT}
_DISK_S: Final = 5.0
_LEAVE: Final = (Answer("save", "Save and quit"), Answer("discard", "Discard and quit"))


def _too_late(error: Exception) -> bool:
    """Whether this comes of work for something that is being removed.

    Textual cancels such work only once the children are gone; until then it may find no place to show its outcome.
    """
    under_way = active_worker.get(None)
    if not isinstance(error, WorkerFailed) or under_way is None:
        return False
    return under_way.node._pruning  # noqa: SLF001  # Textual has no public word for "being removed"


def _palette_commands() -> type[Provider]:
    from tui.screens.palette import PaletteCommands  # noqa: PLC0415  # only who opens the palette pays for it

    return PaletteCommands


class LLMBackendsApp(OrderedApp):
    """Edits one file. The caller closes what it hands in, and exits with `return_code`."""

    TITLE = "llm-backends"
    CSS_PATH = "app.tcss"
    CLOSE_TIMEOUT = 0.7
    ENABLE_COMMAND_PALETTE = True
    COMMANDS = {_palette_commands}  # noqa: RUF012  # Textual's declaration
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help", id="app.help", tooltip="The focused field, and all keys", priority=True),
        Binding("ctrl+p", "command_palette", "Palette", id="app.palette", tooltip="Any action by name", priority=True),
        Binding("ctrl+q", "quit", "Quit", id="app.quit", tooltip="Leave; twice leaves at once", priority=True),
    ]  # fmt: skip

    def __init__(
        self,
        workspace: Workspace,
        services: Services,
        theme: str = "dark",
        keep_theme: Callable[[str], None] = lambda _: None,
    ) -> None:
        """An app over one file.

        Args:
            workspace: the file.
            services: all that the screen works with.
            theme: "dark", "light", or the name of a theme of Textual's.
            keep_theme: writes down a theme that the user has chosen; it may wait for a disk, or raise `ConfigError`.
        """
        super().__init__()
        self.main = MainScreen(workspace, services)
        self.left = False
        """Whether the user has left, so that edits that were not saved are not wanted any more."""
        self._gates: list[LineFilter] = [ControlFilter()]
        if not shows_unicode(workspace.env):
            self._gates.append(AsciiFilter())
        if not has_colours(workspace.env):
            self._gates.append(MonoFilter())
        self._window = Size(0, 0)
        """Of the terminal; what the app is laid out in, `size`, may be larger."""
        self._leaving = False
        self._early: list[events.Key] | None = []
        self._keep_theme = keep_theme
        for own in (*_THEMES.values(), BASIC):
            self.register_theme(own)
        wanted = _THEMES[theme].name if theme in _THEMES else theme
        self._no_theme = "" if wanted in self.available_themes else wanted
        few = "TERM" in workspace.env and self.console.color_system == "standard"
        self._basic = few or not has_colours(workspace.env)
        self.theme = BASIC.name if self._basic else DARK.name if self._no_theme else wanted

    def on_mount(self) -> None:
        """From now on a theme that changes is one that the user has chosen."""
        self.theme_changed_signal.subscribe(self, self._keep)
        if self._no_theme:
            words = f"There is no theme {visible_line(self._no_theme)}. Choose one in the palette (^p)."
            self.notify(words, severity="warning", markup=False, timeout=8)

    def get_default_screen(self) -> Screen[None]:
        """The one screen."""
        return self.main

    def get_driver_class(self) -> type[Driver]:
        """Textual's choice, made to send little; on a Unix terminal, the one that stands a bad line."""
        chosen = super().get_driver_class()
        if sys.platform != "win32" and chosen.__name__ == "LinuxDriver":
            from tui.terminal.line import LineDriver  # noqa: PLC0415  # the class it is made from exists on Unix alone

            return slim_driver(LineDriver)
        return slim_driver(chosen)

    @property
    def size(self) -> Size:
        """What the screens are laid out in: the window, but never less than what is usable."""
        size = super().size
        if self._size is None:  # the first event of a size has what this returns
            self._window = size
        return at_least(size)

    def _resized(self, event: events.Resize) -> events.Resize:
        """Note the size of the window; the event as it concerns the screens."""
        if self._size is not None:
            self._window = event.size
        size = at_least(event.size)
        return events.Resize(size, size, size, event.pixel_size)

    def on_resize(self) -> None:
        """Draw everything: what the terminal shows after a change of its size is not known."""
        self._redraw()

    @on(Driver.SignalResume)
    def _redraw(self) -> None:
        """Draw everything, because somebody else may have written to the terminal."""
        if isinstance(self._driver, SlimDriver):
            self._driver.forget()
        self.refresh()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Show a line instead in a window that is too small; leave out what was laid out for another size.

        A screen that has yet to take a new size draws all of itself once it has.
        """
        if renderable is not None and is_too_small(self._window):
            super()._display(screen, notice_update(self._window))
        elif screen.outer_size == self.size:
            super()._display(screen, renderable)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, and those that let nothing out that the terminal should not get."""
        return [*super().get_line_filters(), *self._gates]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002  # Textual's signature
        """Every action, as the palette lists it."""
        yield from self.main.commands()
        for name, theme in _THEMES.items():
            if self.theme != theme.name and not self._basic:
                yield SystemCommand(
                    f"Theme: {name}", f"Show the app in {name} colours", partial(self._wear, theme.name)
                )
        if not self._basic:
            yield SystemCommand("Theme: others", "Choose among all themes", self.search_themes)
        yield SystemCommand("Help", "What the focused field is, and all keys", self.action_help)
        yield SystemCommand("Quit", "Leave the app", lambda: self.run_action("quit"))

    def refresh_css(self, animate: bool = True) -> None:  # noqa: FBT001, FBT002  # Textual's signature
        """Before the first screen there is nothing to style: take the theme's colours, and read the styles once."""
        if self.screen_stack:
            super().refresh_css(animate=animate)
        else:
            self.stylesheet.set_variables(self.get_css_variables())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """What our styles use and other themes do not define."""
        return own_variables(self.current_theme)

    @staticmethod
    def key_table() -> str:
        """Every key as a Markdown table, for the README."""
        from tui.screens.key_table import key_table  # noqa: PLC0415  # it imports all that has keys, the chat as well

        return key_table(LLMBackendsApp)

    def _wear(self, theme: str) -> None:
        self.theme = theme

    @work(exclusive=True, group="theme")
    async def _keep(self, theme: Theme) -> None:
        """Write down the theme that the user has chosen, in whatever way."""
        name = next((name for name, own in _THEMES.items() if own.name == theme.name), theme.name)
        try:
            await aside(partial(self._keep_theme, name), _DISK_S)
        except (ConfigError, OSError) as error:
            self.notify(f"The theme holds until the app ends. {error}", severity="warning", markup=False)

    def action_help(self) -> None:
        """Show or hide the help."""
        from tui.screens.help import HelpScreen  # noqa: PLC0415  # only who asks for it pays for it

        if isinstance(self.screen, HelpScreen):
            self.screen.dismiss()
        else:
            self._open_help(self.screen)

    @work(exclusive=True, group="help")
    async def _open_help(self, about: Screen[object]) -> None:
        from tui.screens.help import HelpScreen  # noqa: PLC0415  # as above

        guide = await self.main.guide_in_short() if about is self.main else ""
        self.push_screen(HelpScreen(about, guide))

    def action_help_quit(self) -> None:
        """Ctrl+C ends most programs, but copies in a text field: say what ends this one."""
        self.notify("Ctrl+Q leaves the app.", markup=False, timeout=3)

    async def on_event(self, event: events.Event) -> None:
        """Keep what is typed before the first field is there, and hand it on when it is."""
        if isinstance(event, events.Resize):
            event = self._resized(event)
        elif isinstance(event, events.MouseEvent) and is_too_small(self._window):
            return  # it points at what can't be seen
        if self._early is not None and isinstance(event, events.Key) and event.key not in _AT_ONCE:
            self._early.append(event)
        else:
            await super().on_event(event)

    def meant(self, key: events.Key) -> events.Key:
        """The vi keys move where no text is typed."""
        return as_move(key, self.focused)

    @on(MainScreen.Ready)
    async def _hand_on(self, event: MainScreen.Ready) -> None:
        event.stop()
        early, self._early = self._early, None
        for key in early or ():
            await super().on_event(key)

    async def action_quit(self) -> None:
        """Leave; with unsaved edits ask first, but only once."""
        if self._leaving or not self.main.unsaved:
            self._leave()
            return
        self._leaving = True
        self._ask_before_leaving()

    @work(exclusive=True, group="leave")
    async def _ask_before_leaving(self) -> None:
        from tui.screens.dialog import Dialog  # noqa: PLC0415  # it comes when there is something to ask

        count = self.main.unsaved
        title = f"{count} unsaved {'edit' if count == 1 else 'edits'}"
        answer = await self.push_screen_wait(
            Dialog(title, "Save before you leave? ^q again leaves without saving.", _LEAVE)
        )
        self._leaving = False
        if answer == "discard" or (answer == "save" and await self.main.file.save_all()):
            self._leave()

    def _leave(self) -> None:
        self.left = True
        self.exit()

    def _handle_exception(self, error: Exception) -> None:
        """What fails while the app takes itself apart, or the screen it was meant for, is no crash."""
        if not self._exit and not _too_late(error):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Report a crash without any value, which may be a key."""
        from tui.crash import report  # noqa: PLC0415  # only a crash needs it

        self.bell()
        error = sys.exception() or self._exception
        lines = report(error) if error is not None else ""
        self._exit_renderables.append(Segments(self.console.render(Text(lines), self.console.options)))
        self._close_messages_no_wait()
