"""What the app works with once its form stands: imported and put together after the first paint.

The vault, the worker's client, the books and the chat are a quarter of what the app imports. They come in a thread, so
that keys are answered meanwhile, and a moment after the paint, so that what was typed before comes first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Final

from tui.threads import aside

if TYPE_CHECKING:
    from tui.cli.parts import Parts
    from tui.config.resolve import Resolved
    from tui.llm.events import Listed, ListFailed

_MODULES: Final = ("tui.cli.parts", "tui.screens.vault_keys", "tui.widgets.chat_pane", "tui.clipboard")
_REST_S: Final = 0.05
_IMPORT_S: Final = 60.0
"""A disk that is slower is waited for where the modules are needed."""


class LateParts:
    """All parts, put together when first asked for. Close it at the end of the run."""

    def __init__(self, make: Callable[[], Parts]) -> None:
        self._make = make

    @cached_property
    def parts(self) -> Parts:
        """The parts; nothing of them is started yet."""
        return self._make()

    async def models(self, resolved: Mapping[str, Resolved], provider: str = "") -> Listed | ListFailed:
        """As of `Backend`."""
        return await self.parts.backend.models(resolved, provider)

    async def close(self) -> None:
        """Close what was made."""
        if "parts" in self.__dict__:
            parts = self.parts
            await asyncio.gather(parts.engine.close(), parts.local.close())
            await parts.books.close()


async def import_late() -> None:
    """Import what the parts and the chat consist of, beside the event loop; the first keys go before it."""
    await asyncio.sleep(_REST_S)
    with suppress(OSError):  # whoever needs a module imports it again
        await aside(_import, _IMPORT_S)


def _import() -> None:
    for name in _MODULES:
        import_module(name)
