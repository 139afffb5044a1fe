"""What the stages of one check-up share: the settings, the catalogue's row, the way to ask, what was learnt so far."""

from __future__ import annotations

from tui.checkup.budget import ROOMS, Room
from tui.checkup.outcome import StageName, Verdict, skipped
from tui.checkup.stage_request import Answer, Asker
from tui.config.schema import LLM
from tui.llm.events import Finished
from tui.providers.catalogue import Model
from tui.usage.prepared import Prepared
from tui.usage.totals import Totals


class Bench:
    """Made when the settings are complete."""

    def __init__(self, asker: Asker, facts: Model | None) -> None:
        """`facts` is the catalogue's row for the model; None if it has none."""
        self.asker = asker
        self.facts = facts
        self.thinks = bool(facts and facts.reasoning)
        """Whether the model needs room to think; corrected by its first answer."""
        self.cached_tokens = 0
        """The most that came from the provider's cache in one request."""
        self.first: Answer | None = None

    @property
    def prepared(self) -> Prepared:
        """What is sent with."""
        return self.asker.prepared

    @property
    def settings(self) -> LLM:
        """The draft's settings."""
        return self.prepared.settings

    def learn(self, answer: Answer) -> None:
        """Note what an answer shows beyond its stage's question."""
        self.thinks = self.thinks or answer.thought or answer.only_thought
        if isinstance(answer.end, Finished):
            self.cached_tokens = max(self.cached_tokens, answer.end.usage.cached_tokens or 0)

    def answer_tokens(self, stage: StageName) -> int:
        """The bound for the answer of this stage."""
        return ROOMS[stage].answer_for(thinks=self.thinks)

    def most(self, stage: StageName) -> int:
        """All tokens that this stage can use."""
        return ROOMS[stage].most(thinks=self.thinks)

    def too_dear(self, room: Room) -> Verdict | None:
        """The verdict for a stage that could go over the limit; None if it can't."""
        budget = self.asker.budget
        most = room.most(thinks=self.thinks)
        if budget.allows(most):
            return None
        return skipped(
            f"It may use {most:,} tokens; {budget.used:,} of the {budget.limit:,} that a check-up may use are gone."
        )


def only_thought(answer: Answer, tokens: int, spent: Totals) -> Verdict:
    """The verdict where nothing was left to judge."""
    reason = f"It can't be judged: the model spent all {tokens} tokens of this test thinking. An agent gives it more."
    return skipped(reason, spent=spent, time_s=answer.time_s)
