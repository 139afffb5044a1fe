"""One answer as it streams in: Markdown, added to ten times a second, with what is still open shown as plain text."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Final, assert_never

from markdown_it import MarkdownIt
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Markdown, Static

from tui.chat.pieces import Break, Cutter, Hold, Keep, Piece, Settle, Show

FLUSH_S: Final = 0.1
_SHARE: Final = 2
"""A flush that took t seconds is followed by at least this many times t without one."""
_SLICE_CHARS: Final = 600
"""So much is drawn at a time, so that a key never waits long, and more where far more waits (a `_LEFT`-th of it)."""
_LEFT: Final = 20
_PLAIN_CHARS: Final = 1_000


def _parser() -> MarkdownIt:
    """GitHub's Markdown; HTML is text, else Textual would leave it out, and addresses are not made into links."""
    return MarkdownIt("gfm-like", {"html": False, "linkify": False})


class _Part(Markdown):
    """A stretch of the answer whose blocks are not touched again once the next part begins."""

    DEFAULT_CSS = """
    _Part { padding: 0; }
    _Part.-goes-on > MarkdownList { margin-bottom: 0; }
    """

    def __init__(self) -> None:
        super().__init__(parser_factory=_parser, open_links=False)


class _Plain(Vertical):
    """Text that is not Markdown yet, in pieces small enough to be drawn again on each addition."""

    DEFAULT_CSS = """
    _Plain { height: auto; & > Static { height: auto; } }
    """

    def __init__(self) -> None:
        super().__init__()
        self._last = ""

    async def add(self, text: str) -> None:
        for start in range(0, len(text), _PLAIN_CHARS):
            await self._add(text[start : start + _PLAIN_CHARS])

    async def _add(self, text: str) -> None:
        if not self._last or len(self._last) > _PLAIN_CHARS:
            self._last = text
            await self.mount(Static(Content(text)))
        else:
            self._last += text
            self.query(Static).last().update(Content(self._last.removesuffix("\n")))


class Reply(Vertical):
    """Takes text at any rate; `finish` shows the rest, `flatten` turns the whole into one cheap block."""

    DEFAULT_CSS = """
    Reply { height: auto; & > Static { height: auto; } }
    """

    def __init__(self, clock: Callable[[], float] = perf_counter, *, flush_s: float = FLUSH_S) -> None:
        """`clock` measures what a flush costs, in seconds; `flush_s` is the time between two."""
        super().__init__()
        self._flush_s = flush_s
        self._clock = clock
        self._cutter = Cutter()
        self._buffer: list[str] = []
        self._text: list[str] = []
        self._held: list[str] = []
        self._part: _Part | None = None
        self._plain: _Plain | None = None
        self._flat = False
        self._not_before = 0.0
        self._timer: Timer | None = None
        self._lock = asyncio.Lock()

    def on_mount(self) -> None:
        """Start the flushes."""
        self._timer = self.set_interval(self._flush_s, self._tick)

    @property
    def text(self) -> str:
        """Everything taken so far."""
        return "".join(self._text)

    def take(self, text: str) -> None:
        """More of the answer, safe to show; it is drawn with the next flush."""
        self._buffer.append(text)
        self._text.append(text)

    async def finish(self) -> None:
        """Show all that came, the held text included, and stop the flushes."""
        async with self._lock:  # stopping the timer cancels a flush of its own that is under way
            if self._timer is not None:
                self._timer.stop()
        await self._flush(at_end=True)

    async def flatten(self) -> None:
        """Replace the Markdown by its text, for an answer that has scrolled far away."""
        async with self._lock:
            if self._flat:
                return
            self._flat = True
            await self.remove_children()
            self._part = self._plain = None
            await self.mount(Static(Content(self.text)))

    async def _tick(self) -> None:
        if self._buffer and self._clock() >= self._not_before:
            await self._flush()

    async def _flush(self, *, at_end: bool = False) -> None:
        async with self._lock:
            spent_s = await self._draw_next()
            while at_end and self._buffer:
                await asyncio.sleep(spent_s)  # for the keys that wait
                spent_s = await self._draw_next()
            if at_end:
                await self._draw(self._cutter.end())
            self._not_before = self._clock() + _SHARE * spent_s

    async def _draw_next(self) -> float:
        """Draw some of what came; the seconds that it took."""
        began = self._clock()
        text = "".join(self._buffer)
        size = max(_SLICE_CHARS, len(text) // _LEFT)
        self._buffer = [text[size:]] if len(text) > size else []
        await self._draw(self._cutter.take(text[:size]))
        return self._clock() - began

    async def _draw(self, pieces: Iterable[Piece]) -> None:
        shown: list[str] = []
        fresh: list[str] = []
        for piece in pieces:
            match piece:
                case Show(text):
                    shown.append(text)
                case Hold(text):
                    fresh.append(text)
                case Settle():
                    shown += [*self._held, *fresh]
                    self._held, fresh = [], []
                    await self._drop_plain(shown)
                    shown = []
                case Keep():
                    await self._append(shown)
                    await self._hold(fresh)
                    shown, fresh, self._held = [], [], []
                    self._part = self._plain = None
                case Break(in_list=in_list):
                    await self._append(shown)
                    self._end_part(goes_on=in_list)
                    shown = []
                case _:
                    assert_never(piece)
        await self._append(shown)
        await self._hold(fresh)

    def _end_part(self, *, goes_on: bool) -> None:
        if self._part is not None:
            self._part.set_class(goes_on, "-goes-on")
        self._part = None

    async def _append(self, texts: list[str]) -> None:
        if not texts:
            return
        if self._part is None:
            self._part = _Part()
            await self.mount(self._part)
        await self._part.append("".join(texts))

    async def _hold(self, texts: list[str]) -> None:
        if not texts:
            return
        self._held += texts
        if self._plain is None:
            self._plain = _Plain()
            await self.mount(self._plain)
        await self._plain.add("".join(texts))

    async def _drop_plain(self, texts: list[str]) -> None:
        with self.app.batch_update():
            if self._plain is not None:
                await self._plain.remove()
                self._plain = None
            await self._append(texts)
