"""The stage "Prompt caching": told by the catalogue and by what the answers so far say; tested where that is cheap."""

from __future__ import annotations

from typing import Final

from tui.checkup.budget import LIMIT, Room
from tui.checkup.outcome import Verdict, not_supported, passed, skipped, turn_failed
from tui.checkup.stage_context import Bench
from tui.llm.events import Failed, Finished, Message
from tui.usage.totals import Totals

_CHEAP: Final = frozenset({"deepseek"})
"""Providers that cache prompts of 64 tokens and more; for the others it is 1,024 at least."""
_USUAL_PREFIX: Final = 1_024
_WORDS: Final = " ".join(f"Line {number}: a b c d." for number in range(1, 17))
_ASK: Final = Message("user", f"{_WORDS} Reply with OK.")
_ROOM: Final = Room(420, 32, 320)
"""Both requests together."""


async def caches(bench: Bench) -> Verdict:
    """Say what is known; send the same prompt twice where that stays within the limit."""
    settings, known = bench.settings, bench.facts.prompt_caching if bench.facts else None
    if not settings.caching_prompt:
        return skipped("caching_prompt is false (Advanced, F3).")
    if bench.cached_tokens:
        return _seen(bench, Totals())
    if known is False:
        return not_supported("The catalogue says that this model has no prompt caching.")
    if known is None:
        return skipped("The catalogue does not know whether this model caches prompts, and no answer so far says so.")
    if bench.prepared.provider.name in _CHEAP:
        return bench.too_dear(_ROOM) or await _tested(bench)
    return skipped(
        f"The catalogue says that it can. A test takes two prompts of at least {_USUAL_PREFIX:,} tokens, more than the "
        f"{LIMIT:,} that a check-up may use; in a long chat the line under each answer tells what came from the cache."
    )


async def _tested(bench: Bench) -> Verdict:
    tokens = _ROOM.answer_for(thinks=bench.thinks) // 2
    spent = Totals()
    for _ in range(2):
        answer = await bench.asker.ask(_ASK, max_tokens=tokens, most=_ROOM.most(thinks=bench.thinks) // 2)
        spent += answer.spent
        bench.learn(answer)
        if isinstance(answer.end, Failed):
            return turn_failed(answer.end, spent)
        if isinstance(answer.end, Finished) and bench.cached_tokens:
            return _seen(bench, spent)
    return skipped(
        "The same prompt was sent twice, and nothing came from the cache yet: it may take a while to fill.", spent=spent
    )


def _seen(bench: Bench, spent: Totals) -> Verdict:
    return passed(f"{bench.cached_tokens:,} tokens of a prompt came from the provider's cache.", spent=spent)
