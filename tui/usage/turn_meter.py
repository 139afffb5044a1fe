"""What one turn uses while it runs, and its row in the ledger when it has ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import assert_never

import msgspec

from tui.llm.events import Ask, Attempting, Cancelled, Delta, Failed, Finished, Retrying, TurnEvent, Usage
from tui.llm.masking import masked
from tui.usage.ledger import Entry, Outcome, Purpose
from tui.usage.prepared import Prepared
from tui.usage.price import Price, load_of, rough_tokens


class Tally:
    """Counts bytes, keeps no text."""

    def __init__(
        self, prepared: Prepared, ask: Ask, purpose: Purpose, price: Price | None, clock: Callable[[], float]
    ) -> None:
        """`price` is None where it is not known; `clock` is in seconds."""
        self._prepared = prepared
        self._purpose: Purpose = purpose
        self._price = price
        self._clock = clock
        load = load_of(ask.messages, max_tokens=ask.max_tokens, tools=ask.tools)
        self._prompt_tokens = load.prompt_tokens
        self._most_usd = 0.0 if price is None else price.most_usd(load)
        self._answer_bytes = 0
        self._attempts = 0
        self._sent_at = clock()
        self._end: Finished | Failed | Cancelled | None = None

    @property
    def so_far_usd(self) -> float:
        """What the answer has cost so far, by our own count; 0 while nothing came, or where no price is known."""
        if self._price is None or not self._answer_bytes:
            return 0.0
        return self._price.cost_usd(self._prompt_tokens, rough_tokens(self._answer_bytes))

    @property
    def to_come_usd(self) -> float:
        """What it may still cost at most, beside `so_far_usd`."""
        return max(self._most_usd - self.so_far_usd, 0.0)

    def take(self, event: TurnEvent) -> None:
        """Note what the event says of the turn."""
        match event:
            case Attempting(attempt=attempt):
                self._attempts, self._sent_at = attempt, self._clock()
            case Delta(text=text):
                self._answer_bytes += len(text.encode(errors="replace"))
            case Retrying():
                pass
            case Finished() | Failed() | Cancelled():
                self._end = event
            case _:
                assert_never(event)

    def told(self, usage: Usage) -> Usage:
        """`usage` with our own counts where an answer began and nobody counted it."""
        if usage.output_tokens is not None or not self._answer_bytes:
            return usage
        return msgspec.structs.replace(
            usage,
            input_tokens=self._prompt_tokens,
            output_tokens=rough_tokens(self._answer_bytes),
            cost_usd=None if self._price is None else self.so_far_usd,
            tokens_estimated=True,
        )

    def entry(self, at: datetime) -> Entry | None:
        """The turn's row; None if no request was sent."""
        end = self._end
        if not (self._attempts or self._answer_bytes or isinstance(end, Finished)):
            return None
        usage = self.told(Usage(total_s=self._clock() - self._sent_at) if end is None else end.usage)
        key = self._prepared.key
        return Entry(
            at=at,
            purpose=self._purpose,
            provider=self._prepared.provider.name,
            model=masked(self._prepared.settings.model, () if key is None else (key,)),
            local=self._prepared.local,
            outcome=_outcome(end),
            attempts=max(self._attempts, 1),
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cached_tokens=usage.cached_tokens,
            estimated=usage.tokens_estimated,
            cost_usd=usage.cost_usd if usage.limit_usd is None else usage.limit_usd,
            latency_s=usage.total_s,
            first_token_s=usage.first_token_s,
        )


def _outcome(end: Finished | Failed | Cancelled | None) -> Outcome:
    match end:
        case Finished(finish_reason=reason):
            return "cut" if reason == "length" else "done"
        case Failed(cause=cause):
            return "limit" if cause == "limit" else "failed"
        case Cancelled() | None:
            return "stopped"
        case _:
            assert_never(end)
