"""The command palette's list: the actions in the order in which they are declared, the most used first."""

from __future__ import annotations

from textual.command import DiscoveryHit, Hits
from textual.system_commands import SystemCommandsProvider


class PaletteCommands(SystemCommandsProvider):
    """Textual's own list, which would be in alphabetical order: "Discard all edits" before all else."""

    async def discover(self) -> Hits:
        """What is listed before anything is typed."""
        for name, help_text, callback, _ in self.app.get_system_commands(self.screen):
            yield DiscoveryHit(name, callback, help=help_text)
