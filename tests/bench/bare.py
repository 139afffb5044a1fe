"""The baselines that are Textual apps: a bare form, and a transcript with Textual's own ways to show a stream.

python -m tests.bench.bare form WIDGETS          a form of so many widgets, four of them inputs
python -m tests.bench.bare stream HOW KIND COUNT  a key starts so many deltas, 1,000 a second; then "DONE" is shown
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Final

from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Static

INPUTS: Final = 4
RATE: Final = 1_000
_IN_ROW: Final = 4  # the row itself, label, input, origin


class Form(App[None]):
    """What a form costs in Textual, without anything that ours does: rows of label, input and origin, then lines."""

    CSS = """
    .row { height: 1; }
    .row Static { width: 20; }
    Input { width: 1fr; }
    Static { height: 1; }
    """

    def __init__(self, widgets: int) -> None:
        super().__init__()
        self._lines = max(0, widgets - INPUTS * _IN_ROW - 1)

    def compose(self) -> ComposeResult:
        with Vertical():
            for row in range(INPUTS):
                with Horizontal(classes="row"):
                    yield Static(f"Field {row}")
                    yield Input("value", compact=True, id=f"input{row}", select_on_focus=False)
                    yield Static("default")
            for line in range(self._lines):
                yield Static(f"Line {line}")


class Stream(App[None]):
    """Shows deltas in a scrolling transcript: `update` parses all text again each time, `stream` is MarkdownStream."""

    def __init__(self, how: str, kind: str, count: int) -> None:
        super().__init__()
        self._how = how
        self._kind = kind
        self._count = count

    def compose(self) -> ComposeResult:
        from textual.widgets import Markdown  # noqa: PLC0415  # the form has no use for it

        with VerticalScroll(id="transcript"):
            yield Markdown("", id="reply", open_links=False)
            yield Static("READY", id="state")

    def on_mount(self) -> None:
        self.query_one("#transcript", VerticalScroll).anchor()

    def on_key(self) -> None:
        self.run_worker(self._feed())

    async def _feed(self) -> None:
        from textual.widgets import Markdown  # noqa: PLC0415

        from tests.bench.texts import deltas  # noqa: PLC0415  # as above

        reply = self.query_one("#reply", Markdown)
        stream = Markdown.get_stream(reply) if self._how == "stream" else None
        began, text = time.perf_counter(), ""
        for number, delta in enumerate(deltas(self._kind, self._count)):
            text += delta
            await (reply.update(text) if stream is None else stream.write(delta))
            await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
        if stream is not None:
            await stream.stop()
        self.query_one("#state", Static).update("DONE")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["form", widgets]:
            Form(int(widgets)).run()
        case ["stream", how, kind, count]:
            Stream(how, kind, int(count)).run()
