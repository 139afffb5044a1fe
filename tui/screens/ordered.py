"""Keys take effect in the order in which they were typed, however fast they come: over a slow link they come in bursts.

Textual gives a key to the widget that has the focus, and what the widget does not use (all but letters) goes up from
parent to parent until the app looks for a binding. A letter that was typed meanwhile is in the widget already: after
"backspace, b" the b is deleted, after "down, 5" the 5 stands in the field above. So a key that is no letter is followed
by a message along the same way, and what is typed next waits until that has come up.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import Final

from textual import events, on
from textual.app import App
from textual.message import Message
from textual.timer import Timer

_PATIENCE_S: Final = 1.5
"""A widget that goes away takes the message with it; the next key does not wait longer than this."""


class OrderedApp(App[None]):
    """An app that hands a key on when the one before it has had its effect."""

    class Passed(Message):
        """The key before this message has had its effect."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Key | events.Paste] = deque()
        self._passing: OrderedApp.Passed | None = None
        self._patience: Timer | None = None

    async def on_event(self, event: events.Event) -> None:
        """Hand on what is typed, or keep it until the key before it has passed."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._passing is not None:
            self._typed.append(event)
        else:
            await self._hand_over(event)

    def meant(self, key: events.Key) -> events.Key:
        """What a key stands for, now that it is its turn and the focus is where it will have its effect."""
        return key

    async def _hand_over(self, event: events.Key | events.Paste) -> None:
        if isinstance(event, events.Key):
            event = self.meant(event)
        target = self.focused or self.screen
        await super().on_event(event)
        if isinstance(event, events.Paste) or event.is_printable:
            return
        passed = self.Passed()
        if target.post_message(passed):
            self._passing = passed
            self._patience = self.set_timer(_PATIENCE_S, partial(self._go_on, passed))

    @on(Passed)
    async def _go_on(self, passed: Passed) -> None:
        if passed is not self._passing:
            return
        self._passing = None
        if self._patience is not None:
            self._patience.stop()
        while self._typed and self._passing is None:
            await self._hand_over(self._typed.popleft())
