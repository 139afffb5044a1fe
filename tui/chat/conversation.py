"""What a conversation is: its turns, the history that goes with the next prompt, and what it has used so far.

What the model says in this session has its controls made visible as it comes, so it may be shown and sent as it is; the
turns of a file are as the file has them, and made visible where they are shown.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, assert_never

import msgspec

from tui.llm.events import (
    Attempting,
    Cancelled,
    Delta,
    Failed,
    Finished,
    Message,
    Retrying,
    TurnEvent,
    Usage,
)
from tui.text import visible
from tui.usage.totals import Totals

Status: TypeAlias = Literal["running", "done", "cut", "stopped", "failed"]
"""`cut`: complete but for a length limit. `stopped`: the user ended it. What was said stays in each case."""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One prompt and what came of it."""

    prompt: str
    reply: str = ""
    thinking: str = ""
    status: Status = "running"
    usage: Usage | None = None
    attempts: int = 0
    """HTTP requests sent so far."""
    failure: Failed | None = None
    local: bool = False
    """Whether the model ran on this machine: an unknown price is then no surprise."""
    replaced: bool = False
    """Whether newer turns stand in its place: the prompt was sent again, or it or one before it was edited."""
    model: str = ""
    """The model that was asked; empty while nothing was sent."""
    answered: str = ""
    """The model that answered, as the server names it; empty if it does not."""
    note: str = ""
    """What the user should know of the answer; mostly empty."""

    @property
    def sendable(self) -> bool:
        """Whether the turn belongs to the history: it has an answer, if only a partial one."""
        return bool(self.reply) and not self.replaced

    @property
    def counts(self) -> bool:
        """Whether the turn may have used anything: a request was sent, and it did not fail without a word."""
        usage = self.usage or Usage()
        told = (usage.input_tokens, usage.output_tokens, usage.cost_usd) != (None, None, None)
        return bool(self.reply or told or (self.attempts and self.status != "failed"))


class Running:
    """The turn that is under way: collects its events at a cost that grows linearly with the answer."""

    def __init__(self, prompt: str) -> None:
        self._turn = Turn(prompt=prompt)
        self._reply: list[str] = []
        self._thinking: list[str] = []

    @property
    def partial(self) -> bool:
        """Whether any of the answer has come."""
        return bool(self._reply)

    def take(self, event: TurnEvent) -> str:
        """Note the event; gives the text that it adds to the answer or the thinking, safe to show."""
        match event:
            case Delta(text=text, thinking=thinking):
                shown = visible(text.replace("\r", ""))
                (self._thinking if thinking else self._reply).append(shown)
                return shown
            case Attempting(attempt=attempt):
                self._change(attempts=attempt)
            case Retrying():
                pass
            case Finished(usage=usage, finish_reason=reason):
                status = "cut" if reason == "length" else "done"
                self._change(status=status, usage=usage, answered=visible(event.model), note=visible(event.note))
            case Failed(usage=usage):
                self._change(status="failed", usage=usage, failure=event)
            case Cancelled(usage=usage):
                self._change(status="stopped", usage=usage)
            case _:
                assert_never(event)
        return ""

    def sent(self, *, local: bool, model: str = "") -> None:
        """The request is on its way: to a model on this machine, or to another one."""
        self._change(model=model, local=local)

    def stop(self) -> None:
        """The turn ended from this side, without an event that says so."""
        if self._turn.status == "running":
            self._change(status="stopped")

    def turn(self) -> Turn:
        """The turn as it is now."""
        return msgspec.structs.replace(self._turn, reply="".join(self._reply), thinking="".join(self._thinking))

    def _change(self, **changes: object) -> None:
        self._turn = msgspec.structs.replace(self._turn, **changes)


class Conversation(msgspec.Struct, frozen=True):
    """The turns so far, oldest first; adding one gives a new conversation."""

    turns: tuple[Turn, ...] = ()
    system: str = ""
    """What goes before everything else, as a message of the role `system`; none if it is empty."""
    loaded: int = 0
    """How many of the turns, from the first, came from a file: what they used was spent before."""

    def plus(self, turn: Turn) -> Conversation:
        """The conversation with one more turn."""
        return msgspec.structs.replace(self, turns=(*self.turns, turn))

    def told(self, system: str) -> Conversation:
        """The conversation with another system prompt."""
        return msgspec.structs.replace(self, system=system)

    def cut(self, at: int) -> Conversation:
        """The conversation as it goes on before turn `at`, from 0: that and the later ones stay, but are replaced."""
        gone = (msgspec.structs.replace(turn, replaced=True) for turn in self.turns[at:])
        return msgspec.structs.replace(self, turns=(*self.turns[:at], *gone))

    def messages(self, prompt: str) -> tuple[Message, ...]:
        """What to send: every turn with an answer, then the prompt. Prompts that got no answer are left out."""
        system = (Message("system", self.system),) if self.system else ()
        history = (
            message
            for turn in self.turns
            if turn.sendable
            for message in (Message("user", turn.prompt), Message("assistant", turn.reply))
        )
        return (*system, *history, Message("user", prompt))

    @property
    def standing(self) -> tuple[int, ...]:
        """The turns that nothing has replaced, by their place from 0."""
        return tuple(at for at, turn in enumerate(self.turns) if not turn.replaced)

    @property
    def last_reply(self) -> str:
        """The last answer that has any text; empty if there is none."""
        return next((turn.reply for turn in reversed(self.turns) if turn.reply), "")

    def totals(self) -> Totals:
        """What the turns of this session used together, the replaced ones too."""
        counted = [turn for turn in self.turns[self.loaded :] if turn.counts]
        usages = [turn.usage or Usage() for turn in counted]
        costs = [usage.cost_usd for usage in usages if usage.cost_usd is not None]
        local = sum(turn.local for turn, usage in zip(counted, usages, strict=True) if usage.cost_usd is None)
        return Totals(
            tokens=sum((usage.input_tokens or 0) + (usage.output_tokens or 0) for usage in usages),
            tokens_unknown=sum(usage.input_tokens is None or usage.output_tokens is None for usage in usages),
            tokens_estimated=any(usage.tokens_estimated for usage in usages),
            cost_usd=sum(costs),
            cost_known=len(costs),
            cost_unknown=len(counted) - len(costs) - local,
            cost_local=local,
        )
