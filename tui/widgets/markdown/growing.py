"""Markdown that is added to at its end: reads only its last block again, and changes only that on the screen."""

from __future__ import annotations

from typing import Final

from tui.widgets.column import Column
from tui.widgets.markdown.fence import Fence, highlighted
from tui.widgets.markdown.lines import Block
from tui.widgets.markdown.prose import Prose
from tui.widgets.markdown.reading import Fenced, Reader, closed

_ROOM: Final = 1
"""Blank lines that each block leaves below it."""


class Growing(Column):
    """One widget for each block of code, and one for all between two of them."""

    def __init__(self) -> None:
        super().__init__()
        self._reader = Reader(lambda code, language: highlighted(self.app, code, language))
        self._open = ""
        """The text of the last block, which may still grow or become another."""
        self._prose: Prose | None = None
        self._at = 0
        """The place of that block in the prose."""
        self._fence: Fence | None = None
        """That block, if it is code."""

    async def append(self, text: str) -> None:
        """More of the text."""
        self._open += text
        found = self._reader.read(self._open)
        grows, self._fence = self._fence, None
        blocks: list[Block] = []
        for one in found:
            if isinstance(one.block, Fenced):
                await self._put(blocks)
                blocks = []
                self._fence = await self._put_code(one.block, grows)
            else:
                self._fence = None
                blocks.append(one.block)
            grows = None
        await self._put(blocks)
        if found:
            self._open = "\n".join(self._open.split("\n")[found[-1].line :])
            self._at = max(0, len(self._prose) - 1) if self._prose is not None else 0

    def cut(self, *, close: bool) -> None:
        """The last block is complete; `close`: what comes next stands close to it."""
        self._open, self._fence = "", None
        if self._prose is None:
            return
        if close and len(self._prose):
            self._prose.put(len(self._prose) - 1, [closed(self._prose.blocks[-1])])
        self._at = len(self._prose)

    async def _put(self, blocks: list[Block]) -> None:
        if not blocks:
            return
        if self._prose is None:
            self._prose, self._at = Prose(_ROOM if self.children else 0), 0
            await self.mount(self._prose)
        self._prose.put(self._at, blocks)
        self._at = len(self._prose)

    async def _put_code(self, fenced: Fenced, grows: Fence | None) -> Fence:
        """Show code, in the widget that shows its beginning if there is one."""
        if grows is not None:
            grows.show(fenced.code)
            return grows
        if self._prose is not None:
            self._prose.put(self._at, [])  # the open block was the beginning of this one
            self._prose = None
        fence = Fence(fenced.code, fenced.language)
        fence.set_class(not self.children, "-first")
        await self.mount(fence)
        return fence
