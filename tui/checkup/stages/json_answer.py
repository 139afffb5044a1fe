"""The stage "JSON": whether the model writes a JSON object with the keys and the types that it was asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from tui.checkup.budget import ROOMS
from tui.checkup.outcome import Verdict, failed, not_supported, passed, turn_failed
from tui.checkup.stage_context import Bench, only_thought
from tui.checkup.stage_request import Answer
from tui.llm.events import Failed, Message
from tui.text import visible_line
from tui.usage.totals import Totals

_ASK: Final = Message(
    "user",
    "Ada is 36 years old. She knows chess and Go. Write this as one JSON object with exactly the keys "
    '"name" (a string), "age" (a number) and "games" (a list of strings). Write only the JSON, without a code fence.',
)
_TYPES: Final[Mapping[str, tuple[type | tuple[type, ...], str]]] = {
    "name": (str, "a string"),
    "age": ((int, float), "a number"),
    "games": (list, "a list of strings"),
}
_FENCE: Final = re.compile(r"\A\s*```[a-zA-Z]*\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)
_REFUSED: Final = re.compile(r"response_format|json_object|json mode|json_schema|guided|grammar", re.IGNORECASE)
_AGENT: Final = "It will give malformed JSON in an agent, too."
_OTHER_MODEL: Final = "For agents, choose a stronger model (Settings, F2)."


async def writes_json(bench: Bench) -> Verdict:
    """Ask with the provider's JSON mode; where there is none, ask in words alone."""
    if (dear := bench.too_dear(ROOMS["json"])) is not None:
        return dear
    answer = await _ask(bench, mode=True)
    refused = answer.end
    if isinstance(refused, Failed) and _is_refusal(refused):
        plain = await _ask(bench, mode=False)
        return _without_mode(_judged(plain, bench, answer.spent + plain.spent), refused)
    return _judged(answer, bench, answer.spent)


async def _ask(bench: Bench, *, mode: bool) -> Answer:
    answer = await bench.asker.ask(
        _ASK,
        max_tokens=bench.answer_tokens("json"),
        most=bench.most("json"),
        response_format="json" if mode else "",
    )
    bench.learn(answer)
    return answer


def _is_refusal(failure: Failed) -> bool:
    """Whether the provider takes the prompt, but not the mode."""
    return failure.cause == "request" or (
        failure.cause in ("settings", "server") and bool(_REFUSED.search(failure.detail))
    )


def _without_mode(verdict: Verdict, refused: Failed) -> Verdict:
    if verdict.outcome != "pass":
        return verdict
    reason = "The provider has no JSON mode for this model. Asked in words alone, the model wrote proper JSON."
    return not_supported(reason, detail=refused.detail, spent=verdict.spent)


def _judged(answer: Answer, bench: Bench, spent: Totals) -> Verdict:
    if isinstance(answer.end, Failed):
        return turn_failed(answer.end, spent)
    if answer.only_thought:
        return only_thought(answer, bench.answer_tokens("json"), spent)
    wrong = judge_json(answer.text, answer.quote)
    if wrong and answer.end.finish_reason == "length":
        within = f"within {bench.answer_tokens('json')} tokens"
        wrong = f"The model did not come to the end of its JSON {within}: it wrote {answer.quote}. {_AGENT}"
    if wrong:
        return failed(wrong, _OTHER_MODEL, cause="protocol", field="model", spent=spent)
    return passed("Valid JSON with the keys and types that were asked for.", spent=spent)


def judge_json(text: str, quote: str) -> str:
    """What is wrong with `text` as an answer, in sentences; empty if nothing is.

    Args:
        text: the answer.
        quote: its beginning, in quotes.
    """
    if not text.strip():
        return f"The model wrote nothing where JSON was asked for. {_AGENT}"
    try:
        found: Any = json.loads(text, parse_constant=no_number)
    except (ValueError, RecursionError):
        return _no_json(text, quote)
    if not isinstance(found, dict):
        return f"The model wrote JSON, but not an object: {quote}. {_AGENT}"
    faults = [fault for key in _TYPES if (fault := _fault(found, key))]
    return f"The model wrote JSON, but {' and '.join(faults)}: {quote}. {_AGENT}" if faults else ""


def no_number(word: str) -> float:
    """For `parse_constant`: what Python reads as a number, and no other reader of JSON does."""
    raise ValueError(f"{word} is not JSON")


def _no_json(text: str, quote: str) -> str:
    fenced = _FENCE.match(text)
    if fenced and not judge_json(fenced[1], quote):
        return "The JSON is right, but the model put a code fence around it, though told not to: strict readers fail."
    return f"The model answered, but not with JSON: it wrote {quote}. {_AGENT}"


def _fault(found: Mapping[str, Any], key: str) -> str:
    if key not in found:
        return f'the key "{key}" is missing'
    value, (kind, words) = found[key], _TYPES[key]
    fits = isinstance(value, kind) and not isinstance(value, bool)
    if fits and isinstance(value, list):
        fits = all(isinstance(item, str) for item in value)
    return "" if fits else f'"{key}" is {_shown(value)} where {words} was asked for'


def _shown(value: object) -> str:
    return visible_line(json.dumps(value, ensure_ascii=False)[:40])
