"""The stages "Key accepted" and "Model answers": one short request, judged twice."""

from __future__ import annotations

import re
from typing import Final

from msgspec.structs import replace

from tui.checkup.outcome import Verdict, failed, passed, skipped, turn_failed
from tui.checkup.stage_context import Bench
from tui.checkup.stage_request import Answer
from tui.llm.events import Failed, Finished, Message
from tui.text import visible_line

_ASK: Final = Message("user", "Reply with the word OK and nothing else.")
_AFTER_THE_KEY: Final = frozenset({"rate_limit", "quota", "context", "policy"})
"""Failures that a provider only has for someone whom it knows."""


async def key_accepted(bench: Bench) -> Verdict:
    """Send the request, and tell from its outcome whether the key is good."""
    answer = await bench.asker.ask(_ASK, max_tokens=bench.answer_tokens("model"), most=bench.most("model"))
    bench.first = answer
    bench.learn(answer)
    end = answer.end
    if isinstance(end, Failed) and end.cause == "key":
        return turn_failed(end, answer.spent, ends=True)
    if isinstance(end, Failed) and not (
        end.cause in _AFTER_THE_KEY or (end.cause == "not_found" and end.field == "model")
    ):
        return skipped("It can't be told, because the request failed for another reason: see the next stage.")
    return _accepted(bench)


def _accepted(bench: Bench) -> Verdict:
    prepared = bench.prepared
    if prepared.provider.env_auth:
        return passed("The credentials from the environment were accepted.")
    if prepared.key is None:
        return skipped("No key was sent, and none was asked for.")
    return passed(
        "A server on this machine took it; such a server may take any." if prepared.local else "The provider took it."
    )


async def model_answers(bench: Bench) -> Verdict:
    """Judge the same answer by its words."""
    answer = bench.first
    if answer is None:
        return skipped("No request was sent.")
    if isinstance(answer.end, Failed):
        return replace(turn_failed(answer.end, answer.spent, ends=True), time_s=answer.time_s)
    return _judged(answer, answer.end, bench)


def _judged(answer: Answer, end: Finished, bench: Bench) -> Verdict:
    own = {"spent": answer.spent, "time_s": answer.time_s}
    if answer.only_thought:
        reason = "It answers, though no word came: it spent all tokens of this test thinking. A chat gives it more."
        return passed(reason, **own)
    if not answer.text.strip():
        next_step = "Try it in the chat (F4); if it stays silent there, choose another model (Settings, F2)."
        return failed(
            "The model ended its answer without a word.", next_step, cause="protocol", field="model", ends=True, **own
        )
    asked_for = re.search(r"\bok(ay)?\b", answer.text, re.IGNORECASE) is not None
    wrote = (
        f"It wrote {answer.quote}."
        if asked_for
        else f"It answers, but not as asked: for the word OK it wrote {answer.quote}."
    )
    name = visible_line(end.model)
    as_other = f" It calls itself {name}." if name and name not in bench.settings.model else ""
    return passed(wrote + as_other, **own)
