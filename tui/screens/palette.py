"""The command palette's list: the actions in the order in which they are declared, the most used first.

Names may hold text from the file, so they are text here, not markup; help texts are the app's own.
"""

from __future__ import annotations

from textual.command import DiscoveryHit, Hit, Hits
from textual.content import Content
from textual.system_commands import SystemCommandsProvider

from tui.text import visible_line


class PaletteCommands(SystemCommandsProvider):
    """Textual's own list, which would be in alphabetical order: "Discard all edits" before all else."""

    async def discover(self) -> Hits:
        """What is listed before anything is typed."""
        for name, help_text, callback, _ in self.app.get_system_commands(self.screen):
            yield DiscoveryHit(Content(visible_line(name)), callback, text=name, help=help_text)

    async def search(self, query: str) -> Hits:
        """What matches, with the letters that do."""
        matcher = self.matcher(query)
        for name, help_text, callback, _ in self.app.get_system_commands(self.screen):
            score, offsets = matcher.fuzzy_search.match(query, name)
            if score > 0:
                title = Content(visible_line(name))
                for at in offsets:
                    title = title.stylize(matcher.match_style, at, at + 1)
                yield Hit(score, title, callback, text=name, help=help_text)
