"""How OpenAI (and Azure), Anthropic and Gemini write an answer, whole or in pieces, and an error."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, Literal, TypeAlias

from tests.fake_replies import Reply, Step, Thinking, is_text, text_of

Protocol: TypeAlias = Literal["openai", "anthropic", "gemini"]


def protocol_of(path: str) -> Protocol:
    bare = path.partition("?")[0]
    if bare.endswith("/messages"):
        return "anthropic"
    return "gemini" if "enerateContent" in bare else "openai"


def asks_stream(path: str, body: bytes) -> bool:
    if "enerateContent" in path:
        return ":streamGenerateContent" in path
    try:
        return bool(json.loads(body).get("stream"))
    except ValueError:
        return False


def error_of(protocol: Protocol, reply: Reply) -> dict[str, Any]:
    body = dict(reply.problem or {})
    if protocol == "anthropic":
        return {"type": "error", "error": {"type": body["type"], "message": body["message"]}}
    if protocol == "gemini":
        status = body["code"] or body["type"]
        return {"error": {"code": reply.status, "message": body["message"], "status": status}}
    return {"error": {**body, "param": None}}


def _sse(data: Any, event: str = "") -> bytes:
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


class _OpenAI:
    """Chat completions."""

    @staticmethod
    def usage(reply: Reply) -> dict[str, Any]:
        sent, made, cached = reply.usage or (0, 0, 0)
        details = {"prompt_tokens_details": {"cached_tokens": cached}} if cached else {}
        return {"prompt_tokens": sent, "completion_tokens": made, "total_tokens": sent + made, **details}

    @classmethod
    def whole(cls, reply: Reply) -> dict[str, Any]:
        message = {"role": "assistant", "content": text_of(reply)}
        choice = {"index": 0, "message": message, "finish_reason": reply.finish}
        head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": reply.model}
        return {**head, "choices": [choice]} | ({"usage": cls.usage(reply)} if reply.usage else {})

    @classmethod
    def stream(cls, reply: Reply) -> Iterator[bytes | Step]:
        head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": reply.model}

        def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
            return _sse({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

        yield chunk({"role": "assistant", "content": ""})
        for step in reply.steps:
            if isinstance(step, Thinking):
                yield chunk({"reasoning_content": step.text})
            else:
                yield chunk({"content": step}) if is_text(step) else step
        if reply.finish is None:
            return
        yield chunk({}, reply.finish)
        if reply.usage:
            yield _sse({**head, "choices": [], "usage": cls.usage(reply)})
        yield b"data: [DONE]\n\n"


class _Anthropic:
    """Messages."""

    @staticmethod
    def whole(reply: Reply) -> dict[str, Any]:
        sent, made, _ = reply.usage or (0, 0, 0)
        return {
            "id": "msg_1", "type": "message", "role": "assistant", "model": reply.model, "stop_sequence": None,
            "stop_reason": "end_turn", "content": [{"type": "text", "text": text_of(reply)}],
            "usage": {"input_tokens": sent, "output_tokens": made},
        }  # fmt: skip

    @classmethod
    def stream(cls, reply: Reply) -> Iterator[bytes | Step]:
        start = cls.whole(replace(reply, steps=())) | {"content": []}
        yield _sse({"type": "message_start", "message": start | {"stop_reason": None}}, "message_start")
        block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        yield _sse(block, "content_block_start")
        for step in reply.steps:
            text = step.text if isinstance(step, Thinking) else step
            if not isinstance(text, str) or not is_text(text):
                yield step
                continue
            kind = "thinking" if isinstance(step, Thinking) else "text"
            delta = {"type": f"{kind}_delta", kind: text}
            yield _sse({"type": "content_block_delta", "index": 0, "delta": delta}, "content_block_delta")
        yield _sse({"type": "content_block_stop", "index": 0}, "content_block_stop")
        if reply.finish is None:
            return
        stop = {"stop_reason": "max_tokens" if reply.finish == "length" else "end_turn", "stop_sequence": None}
        made = {"output_tokens": reply.usage[1] if reply.usage else 0}
        yield _sse({"type": "message_delta", "delta": stop, "usage": made}, "message_delta")
        yield _sse({"type": "message_stop"}, "message_stop")


class _Gemini:
    """generateContent."""

    @staticmethod
    def _part(part: dict[str, Any], reply: Reply, finish: str | None = None) -> dict[str, Any]:
        candidate = {"index": 0, "content": {"role": "model", "parts": [part]}}
        if finish:
            candidate["finishReason"] = finish
        return {"candidates": [candidate], "modelVersion": reply.model}

    @staticmethod
    def _usage(reply: Reply) -> dict[str, Any]:
        sent, made, _ = reply.usage or (0, 0, 0)
        counts = {"promptTokenCount": sent, "candidatesTokenCount": made, "totalTokenCount": sent + made}
        return {"usageMetadata": counts} if reply.usage else {}

    @classmethod
    def whole(cls, reply: Reply) -> dict[str, Any]:
        return cls._part({"text": text_of(reply)}, reply, "STOP") | cls._usage(reply)

    @classmethod
    def stream(cls, reply: Reply) -> Iterator[bytes | Step]:
        for step in reply.steps:
            if isinstance(step, Thinking):
                yield _sse(cls._part({"text": step.text, "thought": True}, reply))
            elif isinstance(step, str) and is_text(step):
                yield _sse(cls._part({"text": step}, reply))
            else:
                yield step
        if reply.finish is not None:
            finish = "MAX_TOKENS" if reply.finish == "length" else "STOP"
            yield _sse(cls._part({"text": ""}, reply, finish) | cls._usage(reply))


RENDER: Final[Mapping[Protocol, type[_OpenAI | _Anthropic | _Gemini]]] = {
    "openai": _OpenAI,
    "anthropic": _Anthropic,
    "gemini": _Gemini,
}
