"""The stage "Streams": whether an answer comes in pieces while it is made, with a count of tokens at its end."""

from __future__ import annotations

from typing import Final

from tui.checkup.budget import ROOMS
from tui.checkup.outcome import Verdict, not_supported, passed, skipped, turn_failed
from tui.checkup.stage_context import Bench, only_thought
from tui.checkup.stage_request import Answer
from tui.format import seconds
from tui.llm.events import Failed, Finished, Message

_ASK: Final = Message("user", "Count from 1 to 9 in digits, with a space between them. Write nothing else.")
_WORTH_CUTTING: Final = 3
"""An answer of fewer tokens may come in one piece from any server."""


async def streams(bench: Bench) -> Verdict:
    """Ask for a short streamed answer and count its pieces."""
    if (dear := bench.too_dear(ROOMS["stream"])) is not None:
        return dear
    tokens = bench.answer_tokens("stream")
    answer = await bench.asker.ask(_ASK, max_tokens=tokens, most=bench.most("stream"), stream=True)
    bench.learn(answer)
    if isinstance(answer.end, Failed):
        return turn_failed(answer.end, answer.spent)
    return _judged(answer, answer.end, tokens)


def _judged(answer: Answer, end: Finished, tokens: int) -> Verdict:
    usage, spent = end.usage, answer.spent
    if end.pieces > 1:
        first = "" if usage.first_token_s is None else f", the first after {seconds(usage.first_token_s)}"
        uncounted = (
            " The server sends no token count at the end: tokens and cost are estimates."
            if usage.tokens_estimated
            else ""
        )
        return passed(f"The answer came in {end.pieces} pieces{first}.{uncounted}", spent=spent)
    if answer.only_thought:
        return only_thought(answer, tokens, spent)
    if (usage.output_tokens or 0) < _WORTH_CUTTING:
        return skipped(f"The answer was too short to tell: {answer.quote}.", spent=spent)
    reason = (
        "The whole answer came in one piece: the provider, or a proxy before it, holds it back until it is complete."
    )
    return not_supported(
        reason, next_step="The chat works; it shows nothing until the end of each answer.", spent=spent
    )
