"""What came is what is shown: whole answers to streaming requests, refusals, thinking, cut and empty ones."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any, Final

import pytest

from tests.fake_provider import FakeProvider, Reply
from tests.llm.asking import THEIR_WARNINGS, ask, run, text
from tui.config.secret import Secret
from tui.llm.events import Ask, Delta, Failed, Finished, TurnEvent

pytestmark = THEIR_WARNINGS
CLAUDE: Final = "anthropic/claude-sonnet-4-5"
GEMINI: Final = "gemini/gemini-2.5-flash"
RESPONSES: Final = "openai/responses/gpt-5.3-codex"
BEDROCK: Final = "bedrock/anthropic.claude-3-haiku-20240307-v1:0"
USAGE: Final = {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}
MESSAGE: Final = {"id": "m", "type": "message", "role": "assistant", "model": "m", "stop_sequence": None}
COUNTED: Final = {"input_tokens": 5, "output_tokens": 3}


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice], **more}


def whole(message: dict[str, Any], finish: str | None = "stop", **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    head = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "usage": USAGE}
    return {**head, "choices": [choice], **more}


def sse(*events: dict[str, Any] | str, headers: dict[str, str] | None = None) -> Reply:
    lines = (event if isinstance(event, str) else json.dumps(event) for event in events)
    body = "".join(f"data: {line}\n\n" for line in lines)
    return Reply.raw(200, body, content_type="text/event-stream", headers=headers)


def as_json(body: Any, headers: dict[str, str] | None = None) -> Reply:
    return Reply.raw(200, json.dumps(body), content_type="application/json", headers=headers)


def response_delta(kind: str, words: str) -> dict[str, Any]:
    place = {"item_id": "i", "output_index": 0, "content_index": 0}
    return {"type": f"response.{kind}.delta", **place, "delta": words}


def candidate(text: str, finish: str | None = None, **more: Any) -> dict[str, Any]:
    end = {"finishReason": finish} if finish else {}
    return {"candidates": [{"index": 0, "content": {"role": "model", "parts": [{"text": text}]}, **end}], **more}


def response(status: str, output: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    head = {"id": "r", "object": "response", "created_at": 1, "model": "m", "status": status, "output": output}
    return head | more


def said_in(kind: str, words: str) -> dict[str, Any]:
    part: dict[str, Any] = {"type": kind, "text" if kind == "output_text" else "refusal": words}
    part |= {"annotations": []} if kind == "output_text" else {}
    return {"type": "message", "id": "i", "role": "assistant", "status": "completed", "content": [part]}


def event(kind: str, payload: dict[str, Any], *, failed: bool = False) -> bytes:
    """One message of AWS's event stream."""
    names = {":message-type": "exception" if failed else "event", ":content-type": "application/json"}
    names[":exception-type" if failed else ":event-type"] = kind
    headers = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack("!H", len(value)) + value.encode()
        for name, value in names.items()
    )
    body = json.dumps(payload).encode()
    prelude = struct.pack("!II", len(headers) + len(body) + 16, len(headers))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers + body
    return message + struct.pack("!I", zlib.crc32(message))


def converse(*events: bytes) -> Reply:
    return Reply.raw(200, b"".join(events), content_type="application/vnd.amazon.eventstream")


def to(server: FakeProvider, model: str = "openai/m", **changes: Any) -> Ask:
    base_url = server.origin if model.startswith(("anthropic/", "gemini/", "ollama/", "bedrock/")) else server.base_url
    if model.startswith("bedrock/"):
        keys = {"aws_access_key_id": Secret("AKIACANARY00"), "aws_secret_access_key": Secret("s3cr3t-canary")}
        changes = {"key": None, "aws_region_name": "us-east-1", **keys, **changes}
    return ask(server, model=model, base_url=base_url, num_retries=0, **changes)


async def finished(request: Ask) -> tuple[Finished, list[TurnEvent]]:
    events = await run(request)
    assert isinstance(events[-1], Finished), events[-1]
    return events[-1], events


async def failed(request: Ask) -> Failed:
    last = (await run(request))[-1]
    assert isinstance(last, Failed), last
    return last


def thinking(events: list[TurnEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta) and event.thinking)


WHOLE: Final[dict[str, tuple[str, Any]]] = {
    "OpenAI": ("openai/m", whole({"content": "Hello there."})),
    "OpenAI, without usage": ("openai/m", {"choices": whole({"content": "Hello there."})["choices"]}),
    "Groq": ("groq/m", whole({"content": "Hello there."})),
    "Azure": ("azure/m", whole({"content": "Hello there."})),
    "Anthropic": (
        CLAUDE,
        {**MESSAGE, "stop_reason": "end_turn", "usage": COUNTED, "content": [{"type": "text", "text": "Hello there."}]},
    ),
    "Gemini": (GEMINI, candidate("Hello there.", "STOP", usageMetadata={"promptTokenCount": 5})),
    "Gemini, a list": (GEMINI, [candidate("Hello "), candidate("there.", "STOP")]),
    "Ollama": ("ollama/q", {"model": "q", "response": "Hello there.", "done": True, "eval_count": 3}),
    "Responses": (RESPONSES, response("completed", [said_in("output_text", "Hello there.")], usage=COUNTED)),
}


@pytest.mark.parametrize("name", WHOLE)
async def test_a_whole_answer_to_a_streaming_request_is_shown(server: FakeProvider, name: str) -> None:
    model, body = WHOLE[name]
    server.script(as_json(body))
    end, events = await finished(to(server, model, api_version="2024-10-21"))
    assert text(events) == "Hello there."
    assert (end.finish_reason, end.note) == ("stop", "")


async def test_a_whole_answer_over_several_lines_is_shown(server: FakeProvider) -> None:
    body = json.dumps(whole({"content": "Hello there."}), indent=2)
    server.script(Reply.raw(200, body, content_type="text/plain"))
    assert text((await finished(to(server)))[1]) == "Hello there."


async def test_a_stream_of_lines_under_another_content_type_is_read_by_line(server: FakeProvider) -> None:
    lines = ({"model": "q", "response": word, "done": word == ""} for word in ("Hello ", "there.", ""))
    body = "".join(json.dumps(line) + "\n" for line in lines)
    server.script(Reply.raw(200, body, content_type="application/json"))
    assert text((await finished(to(server, "ollama/q")))[1]) == "Hello there."


@pytest.mark.parametrize("model", ["openai/m", "mistral/magistral-medium-2509", "groq/m"])
@pytest.mark.parametrize("stream", [True, False])
async def test_content_that_is_a_list_is_shown(server: FakeProvider, model: str, *, stream: bool) -> None:
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}
    content = [thought, {"type": "text", "text": "Hello "}, {"type": "text", "text": "there."}]
    streamed = sse(chunk({"content": content[:2]}), chunk({"content": content[2:]}), chunk({}, "stop"), "[DONE]")
    server.script(streamed if stream else as_json(whole({"content": content})))
    _, events = await finished(to(server, model, stream=stream))
    assert (thinking(events), text(events)) == ("Hm.", "Hello there.")


@pytest.mark.parametrize("model", ["openai/m", "hosted_vllm/m", "openrouter/a/m"])
async def test_reasoning_by_another_name_is_thinking(server: FakeProvider, model: str) -> None:
    server.script(sse(chunk({"reasoning": "Hm."}), chunk({"content": "Yes."}), chunk({}, "stop"), "[DONE]"))
    _, events = await finished(to(server, model))
    assert (thinking(events), text(events)) == ("Hm.", "Yes.")


REFUSED: Final[dict[str, tuple[str, Reply]]] = {
    "a stream": (
        "openai/m",
        sse(chunk({"refusal": "I can't "}), chunk({"refusal": "help."}), chunk({}, "stop"), "[DONE]"),
    ),
    "whole": ("openai/m", as_json(whole({"content": None, "refusal": "I can't help."}))),
    "Responses": (
        RESPONSES,
        sse(
            {"type": "response.created", "response": response("in_progress", [])},
            response_delta("refusal", "I can't "),
            response_delta("refusal", "help."),
            {
                "type": "response.completed",
                "response": response("completed", [said_in("refusal", "I can't help.")], usage=COUNTED),
            },
        ),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_refusal_is_shown_and_called_one(server: FakeProvider, name: str) -> None:
    model, reply = REFUSED[name]
    server.script(reply)
    end, events = await finished(to(server, model))
    assert text(events) == "I can't help."
    assert "refused" in end.note


@pytest.mark.parametrize("cut", [1, 3, 100])
@pytest.mark.parametrize("tags", [("<think>", "</think>"), ("<thinking>", "</thinking>"), ("[THINK]", "[/THINK]")])
async def test_thinking_between_tags_is_thinking_however_it_is_cut(
    server: FakeProvider, tags: tuple[str, str], cut: int
) -> None:
    said = f"\n{tags[0]}\nIt is <b>.{tags[1]}\n\nThe tag is <think>."
    pieces = [said[at : at + cut] for at in range(0, len(said), cut)]
    server.script(Reply.stream(*pieces))
    _, events = await finished(to(server))
    assert (thinking(events), text(events)) == ("It is <b>.", "The tag is <think>.")


@pytest.mark.parametrize("answer", ["a < b", "<", "<p>Hi</p>", "<thin", "  <think"])
async def test_what_only_looks_like_a_tag_is_text(server: FakeProvider, answer: str) -> None:
    server.script(Reply.stream(*answer))
    assert text((await finished(to(server)))[1]) == answer


@pytest.mark.parametrize(
    ("delta", "note"), [({}, "is empty"), ({"content": ""}, "is empty"), ({"reasoning_content": "Hm."}, "only thought")]
)
@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_without_text_says_so(
    server: FakeProvider, delta: dict[str, Any], note: str, *, stream: bool
) -> None:
    streamed = sse(chunk(delta), chunk({}, "stop", usage=USAGE), "[DONE]")
    server.script(streamed if stream else as_json(whole({"content": None} | delta)))
    end, events = await finished(to(server, stream=stream))
    assert text(events) == ""
    assert note in end.note


CUT: Final[dict[str, tuple[str, Reply]]] = {
    "OpenAI": ("openai/m", sse(chunk({"content": "Half"}))),
    "Groq": ("groq/m", sse(chunk({"content": "Half"}))),
    "Anthropic": (
        CLAUDE,
        sse(
            {"type": "message_start", "message": {**MESSAGE, "stop_reason": None, "content": [], "usage": COUNTED}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Half"}},
        ),
    ),
    "Gemini": (GEMINI, sse(candidate("Half"))),
    "Ollama": (
        "ollama/q",
        Reply.raw(200, '{"model": "q", "response": "Half", "done": false}', content_type="application/x-ndjson"),
    ),
    "Responses": (
        RESPONSES,
        sse(
            {"type": "response.created", "response": response("in_progress", [])},
            response_delta("output_text", "Half"),
        ),
    ),
    "Bedrock": (
        BEDROCK,
        converse(
            event("messageStart", {"role": "assistant"}),
            event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Half"}}),
        ),
    ),
}


@pytest.mark.parametrize("name", CUT)
async def test_an_answer_without_its_end_mark_was_cut(server: FakeProvider, name: str) -> None:
    model, reply = CUT[name]
    server.script(reply)
    events = await run(to(server, model))
    assert text(events) == "Half"
    assert isinstance(events[-1], Failed)
    assert (events[-1].cause, events[-1].partial) == ("protocol", True)
    assert "cut off" in events[-1].message


def ends(name: str, reason: str) -> tuple[str, Reply]:
    """An answer that ends for this reason."""
    if name == "Anthropic":
        start: dict[str, Any] = {**MESSAGE, "stop_reason": None, "content": [], "usage": COUNTED}
        return CLAUDE, sse(
            {"type": "message_start", "message": start},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Half"}},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": COUNTED},
            {"type": "message_stop"},
        )
    if name == "Bedrock":
        return BEDROCK, converse(
            event("messageStart", {"role": "assistant"}),
            event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Half"}}),
            event("messageStop", {"stopReason": reason}),
        )
    if name == "Gemini":
        return GEMINI, sse(candidate("Half", reason))
    return name, sse(chunk({"content": "Half"}), chunk({}, reason, usage=USAGE), "[DONE]")


@pytest.mark.parametrize(
    ("name", "reason", "full"),
    [
        ("openai/m", "length", False),
        ("Anthropic", "max_tokens", False),
        ("Gemini", "MAX_TOKENS", False),
        ("Bedrock", "max_tokens", False),
        ("mistral/m", "model_length", True),
        ("Anthropic", "model_context_window_exceeded", True),
        ("Bedrock", "model_context_window_exceeded", True),
    ],
)
async def test_an_answer_cut_by_a_limit_says_by_which(
    server: FakeProvider, name: str, reason: str, *, full: bool
) -> None:
    model, reply = ends(name, reason)
    server.script(reply)
    end, events = await finished(to(server, model))
    assert (text(events), end.finish_reason) == ("Half", "length")
    assert ("context window" in end.note) is full


@pytest.mark.parametrize(
    ("name", "reason", "cause"),
    [
        ("deepseek/m", "insufficient_system_resource", "server"),
        ("zai/m", "network_error", "server"),
        ("Gemini", "MALFORMED_FUNCTION_CALL", "server"),
        ("zai/m", "sensitive", "policy"),
        ("openai/m", "content_filter", "policy"),
        ("Anthropic", "refusal", "policy"),
        ("Gemini", "SAFETY", "policy"),
        ("Bedrock", "guardrail_intervened", "policy"),
    ],
)
async def test_an_answer_that_the_provider_broke_off_says_why(
    server: FakeProvider, name: str, reason: str, cause: str
) -> None:
    model, reply = ends(name, reason)
    server.script(reply)
    last = await failed(to(server, model))
    assert (last.cause, last.partial) == (cause, True)


INSIDE: Final[dict[str, tuple[str, Reply, str, int]]] = {
    "OpenAI": ("openai/m", sse({"error": {"message": "slow", "code": "rate_limit_exceeded"}}), "rate_limit", 429),
    "OpenAI, whole": ("openai/m", as_json({"error": {"message": "Insufficient credits", "code": 402}}), "quota", 402),
    "OpenRouter, in the middle": (
        "openrouter/a/m",
        sse(
            chunk({"content": "Half"}),
            chunk({"content": ""}, "error", error={"code": 502, "message": "Provider disconnected"}),
            "[DONE]",
        ),
        "server",
        502,
    ),
    "Anthropic": (
        CLAUDE,
        sse({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
        "server",
        529,
    ),
    "Gemini": (GEMINI, sse({"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}), "server", 503),
    "Responses": (
        RESPONSES,
        sse(
            {
                "type": "response.failed",
                "response": response("failed", [], error={"code": "insufficient_quota", "message": "quota"}),
            }
        ),
        "quota",
        429,
    ),
    "Responses, an event": (
        RESPONSES,
        sse({"type": "error", "code": "rate_limit_exceeded", "message": "slow", "param": None, "sequence_number": 1}),
        "rate_limit",
        429,
    ),
    "Bedrock": (
        BEDROCK,
        converse(
            event("messageStart", {"role": "assistant"}),
            event("throttlingException", {"message": "Too many tokens, please wait"}, failed=True),
        ),
        "rate_limit",
        429,
    ),
    "Ollama": (
        "ollama/q",
        Reply.raw(200, json.dumps({"error": "out of memory"}), content_type="application/x-ndjson"),
        "server",
        500,
    ),
    "MiniMax": (
        "openai/m",
        as_json({"choices": None, "base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}),
        "quota",
        500,
    ),
}


@pytest.mark.parametrize("name", INSIDE)
async def test_an_error_inside_an_answer_is_the_providers_error(server: FakeProvider, name: str) -> None:
    model, reply, cause, status = INSIDE[name]
    server.script(reply)
    last = await failed(to(server, model))
    assert (last.cause, last.status) == (cause, status)


async def test_an_invoked_bedrock_model_has_its_chunks_read(server: FakeProvider) -> None:
    start: dict[str, Any] = {
        "type": "message_start",
        "message": {**MESSAGE, "stop_reason": None, "content": [], "usage": COUNTED},
    }
    data = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Half"}}
    chunks = (event("chunk", {"bytes": base64.b64encode(json.dumps(one).encode()).decode()}) for one in (start, data))
    server.script(converse(*chunks))
    last = await failed(to(server, BEDROCK.replace("bedrock/", "bedrock/invoke/")))
    assert last.cause == "protocol"


async def test_the_model_that_answered_is_named(server: FakeProvider) -> None:
    server.script(Reply.stream("Hi", model="anthropic/claude-sonnet-5"))
    assert (await finished(to(server, "openrouter/auto")))[0].model == "anthropic/claude-sonnet-5"
