"""One answer as it streams in: Markdown, added to ten times a second, with what is still open shown as plain text."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Final, assert_never

from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from tui.widgets.column import Column
from tui.widgets.markdown.blocks import Text
from tui.widgets.markdown.growing import Growing
from tui.widgets.markdown.lines import Lines
from tui.widgets.markdown.stream_splitter import Break, Cutter, Hold, Keep, Piece, Settle, Show
from tui.widgets.shielded import shielded

FLUSH_S: Final = 0.1
_SHARE: Final = 2
"""A flush that took t seconds is followed by at least this many times t without one."""
_SLICE_CHARS: Final = 600
"""So much is drawn at a time, so that a key never waits long, and more where far more waits (a `_LEFT`-th of it)."""
_LEFT: Final = 20
_PLAIN_CHARS: Final = 1_000


class _Plain(Lines):
    """Text that is not Markdown yet, in pieces small enough to be laid again on each addition."""

    def __init__(self) -> None:
        super().__init__()
        self._done = 0
        self._last = ""

    def add(self, text: str) -> None:
        """More of it."""
        pieces: list[Text] = []
        whole = self._last + text
        while len(whole) > _PLAIN_CHARS:
            end = whole.rfind("\n", 0, _PLAIN_CHARS) + 1 or _PLAIN_CHARS
            pieces.append(_plain(whole[:end]))
            whole = whole[end:]
        self._last = whole
        self.put(self._done, [*pieces, _plain(whole)])
        self._done += len(pieces)

    def clear(self) -> None:
        """Show nothing."""
        self._done, self._last = 0, ""
        self.put(0, [])


def _plain(text: str) -> Text:
    return Text(Content(text.removesuffix("\n")), below=0)


class Reply(Column):
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
        self._marked: Growing | None = None
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

    @shielded
    async def flatten(self) -> None:
        """Replace the Markdown by its text, for an answer that has scrolled far away."""
        async with self._lock:
            if self._flat:
                return
            self._flat = True
            await self.remove_children()
            self._marked = self._plain = None
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
        settled = False
        for piece in pieces:
            match piece:
                case Show(text):
                    shown.append(text)
                case Hold(text):
                    fresh.append(text)
                case Settle():
                    shown += [*self._held, *fresh]
                    self._held, fresh, settled = [], [], True
                case Keep():
                    await self._add(shown, settled=settled)
                    await self._hold(fresh)
                    shown, fresh, self._held, settled = [], [], [], False
                    self._marked = self._plain = None
                case Break(in_list=in_list):
                    await self._add(shown, settled=settled)
                    self._end_part(goes_on=in_list)
                    shown, settled = [], False
                case _:
                    assert_never(piece)
        await self._add(shown, settled=settled)
        await self._hold(fresh)

    def _end_part(self, *, goes_on: bool) -> None:
        if self._marked is not None:
            self._marked.cut(close=goes_on)

    async def _append(self, texts: list[str]) -> None:
        if not texts:
            return
        if self._marked is None:
            self._marked = Growing()
            await self.mount(self._marked)
        if not self._marked.is_attached:  # this answer is being removed
            return
        await self._marked.append("".join(texts))

    async def _hold(self, texts: list[str]) -> None:
        if not texts:
            return
        self._held += texts
        if self._plain is None:
            self._plain = _Plain()
            await self.mount(self._plain)
        self._plain.add("".join(texts))

    async def _add(self, texts: list[str], *, settled: bool) -> None:
        """Add Markdown; `settled`: what is shown plainly is part of it now."""
        with self.app.batch_update():
            if settled and self._plain is not None:
                self._plain.clear()
            await self._append(texts)
