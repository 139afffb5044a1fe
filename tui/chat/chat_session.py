"""The conversation as it goes on: what the next prompt follows, and what a turn that has ended makes of it."""

from __future__ import annotations

from tui.chat.conversation import Conversation, Turn
from tui.llm.events import Message
from tui.usage.totals import Totals


class Talk:
    """One turn at a time: `begin`, then `end`. One that begins at an earlier place replaces what is there."""

    def __init__(self) -> None:
        self.conversation = Conversation()
        self._cleared = Totals()
        self._at = 0  # the place of the turn under way
        self._again: tuple[str, int] | None = None

    @property
    def totals(self) -> Totals:
        """What was used since the start, with what was cleared, cut and replaced, without what came from a file."""
        return self._cleared + self.conversation.totals()

    @property
    def last(self) -> tuple[str, int] | None:
        """The last prompt and its place, from 0; None if there is none."""
        standing = self.conversation.standing
        return self._again or ((self.conversation.turns[standing[-1]].prompt, standing[-1]) if standing else None)

    @property
    def unanswered(self) -> tuple[str, int] | None:
        """The last prompt and its place, if its answer is not complete."""
        turns = self.conversation.turns
        return self.last if turns and turns[-1].status != "done" else None

    def begin(self, prompt: str, at: int | None = None) -> tuple[Message, ...]:
        """What to send for a prompt at the end, or at the place of an earlier one."""
        self._at = len(self.conversation.turns) if at is None else at
        self._again = None
        return self.conversation.cut(self._at).messages(prompt)

    def end(self, turn: Turn) -> bool:
        """Take the turn in; False if it got no answer, so that the one that it was to replace still counts."""
        kept = not turn.reply and any(old.sendable for old in self.conversation.turns[self._at :])
        if kept:
            self._again = turn.prompt, self._at
        else:
            self.conversation = self.conversation.cut(self._at)
        self.conversation = self.conversation.plus(turn)
        return not kept

    def clear(self) -> None:
        """Forget every turn; the system prompt stays."""
        self.load(Conversation(system=self.conversation.system))

    def load(self, conversation: Conversation) -> None:
        """Go on with another conversation."""
        self._cleared = self.totals
        self._again = None
        self.conversation = conversation

    def tell(self, system: str) -> None:
        """Set the system prompt, from the next turn on."""
        self.conversation = self.conversation.told(system)
