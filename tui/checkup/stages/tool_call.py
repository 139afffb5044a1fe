"""The stage "Tool call": whether the model calls the one tool it is offered, with arguments that fit."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from tui.checkup.budget import ROOMS
from tui.checkup.outcome import Verdict, failed, not_supported, passed, skipped, turn_failed
from tui.checkup.stage_context import Bench, only_thought
from tui.checkup.stage_request import Answer
from tui.checkup.stages.json_answer import no_number
from tui.llm.events import Failed, Finished, Message, Retrying, Tool, ToolCall
from tui.text import visible_line

TOOL: Final = Tool(
    name="get_weather",
    description="Get the weather of a city.",
    parameters={
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
        "required": ["city", "unit"],
    },
)
_ASK: Final = Message("user", "What is the weather in Paris now, in celsius? Use the tool.")
_UNITS: Final = ("celsius", "fahrenheit")
_REFUSED: Final = re.compile(r"\btools?\b|tool_choice|tool[ -]call|function", re.IGNORECASE)
_OTHER_MODEL: Final = (
    "For agents, choose a model that calls tools (Settings, F2), or set native_tool_calling to false (Advanced, F3)."
)


async def calls_tool(bench: Bench) -> Verdict:
    """Offer the tool and judge what comes."""
    if bench.settings.native_tool_calling is False:
        return skipped("native_tool_calling is false: agents describe their tools to the model in words.")
    if bench.facts is not None and bench.facts.tools is False:
        return not_supported("The catalogue says that this model can't call tools.")
    if (dear := bench.too_dear(ROOMS["tools"])) is not None:
        return dear
    answer = await bench.asker.ask(
        _ASK, max_tokens=bench.answer_tokens("tools"), most=bench.most("tools"), tools=(TOOL,), hopeless=_hopeless
    )
    bench.learn(answer)
    if isinstance(answer.end, Failed):
        return _refused(answer.end, answer)
    return _judged(answer, answer.end, bench)


def _hopeless(event: Retrying) -> bool:
    return (event.status or 0) >= 500 and bool(_REFUSED.search(event.detail))  # noqa: PLR2004  # server errors


def _refused(end: Failed, answer: Answer) -> Verdict:
    if end.cause in ("request", "settings", "server", "not_found") and _REFUSED.search(end.detail):
        reason = "The provider does not take tools for this model."
        return not_supported(reason, next_step=_OTHER_MODEL, detail=end.detail, spent=answer.spent)
    return turn_failed(end, answer.spent)


def _judged(answer: Answer, end: Finished, bench: Bench) -> Verdict:
    if end.tool_calls:
        wrong = judge_call(end.tool_calls[0])
        called = f"It called {TOOL.name} with {visible_line(end.tool_calls[0].arguments[:80])}."
        return _bad(wrong, answer) if wrong else passed(called, spent=answer.spent)
    if answer.only_thought:
        return only_thought(answer, bench.answer_tokens("tools"), answer.spent)
    if not answer.text.strip():
        return _bad("The model neither called the tool nor wrote anything.", answer)
    if TOOL.name in answer.text:
        return _bad(f"The model wrote about the call instead of making it: {answer.quote}.", answer)
    return _bad(f"The model wrote text instead of calling the tool: {answer.quote}.", answer)


def _bad(happened: str, answer: Answer) -> Verdict:
    reason = f"{happened} An agent can't work with that."
    return failed(reason, _OTHER_MODEL, cause="protocol", field="model", spent=answer.spent)


def judge_call(call: ToolCall) -> str:
    """What is wrong with the call, in a sentence; empty if nothing is."""
    if call.name != TOOL.name:
        return f"The model called '{visible_line(call.name[:40])}', a tool that it was not offered."
    shown = visible_line(call.arguments[:80])
    try:
        given: Any = json.loads(call.arguments, parse_constant=no_number)
    except (ValueError, RecursionError):
        return f"The model called the tool, but its arguments are not JSON: '{shown}'."
    if not isinstance(given, dict):
        return f"The model called the tool, but its arguments are no object: '{shown}'."
    city = given.get("city")
    if not isinstance(city, str) or "paris" not in city.casefold():
        return f"The model called the tool, but for the wrong city: '{shown}'."
    return (
        ""
        if given.get("unit") in _UNITS
        else f"The model called the tool, but with a unit that the tool does not have: '{shown}'."
    )
