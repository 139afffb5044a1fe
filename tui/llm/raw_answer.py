"""Reads an answer on its way to LiteLLM, whatever its protocol, and puts into shape what LiteLLM would misread.

LiteLLM makes up a finish reason where there is none, forgets the provider's own where it has no word for it, drops
refusals and content that is a list, and takes a whole answer for an empty stream. So each line of a stream, or the
whole body, is looked at before:

seen        end mark, finish reason, model, usage, an error inside                          -> attributes of `RawAnswer`
rewritten   refusals and lists of content to text; `reasoning` to `reasoning_content`; a whole answer to a stream
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from tui.llm.event_stream import EventMessage, EventReader
from tui.llm.words import Words, error_in

WHOLE_BYTES: Final = 16_000_000
"""The longest whole answer that is looked at; a longer one is passed on as it comes."""
_EVENT_STREAM: Final = "application/vnd.amazon.eventstream"
_LINES: Final = ("text/event-stream", "application/x-ndjson", "application/jsonl", "application/stream+json")
_EMPTY: Final[Mapping[str, Any]] = {}
_NEWLINE: Final = b"\n"


class RawAnswer:
    """What one answer said so far."""

    def __init__(self, content_type: str, *, streamed: bool) -> None:
        """`streamed` is whether a stream was asked for."""
        self.finish = ""
        """The provider's own finish reason."""
        self.model = ""
        """The model that answered, as the provider names it."""
        self.usage: Mapping[str, Any] = {}
        """The counts as they came; of several the last, with what only the earlier ones have."""
        self.words: Words | None = None
        """The first error inside the answer."""
        self.refused = False
        """Whether any text was marked as a refusal."""
        self.ended = False
        """Whether the answer says that it is over."""
        self.needs_end = False
        """Whether it is in a protocol whose answers always say so."""
        self.has_data = False
        """Whether anything but comments and an end mark came."""
        self._streamed = streamed
        self._events = EventReader() if content_type.startswith(_EVENT_STREAM) else None
        self._by_line: bool | None = True if content_type.startswith(_LINES) else None
        self._parts: list[bytes] = []
        self._size = 0
        self._passing = False

    def feed(self, part: bytes) -> bytes:
        """Look at a part of the body; gives what LiteLLM should get now, mostly whole lines."""
        if self._passing or not part:
            return part
        if self._events is not None:
            self._fed_binary(self._events.messages(part))
            return part
        if self._by_line is None:
            self._by_line = self._guess(part)
        if not self._by_line:
            return self._fed_whole(part)
        head, newline, tail = part.rpartition(_NEWLINE)
        if not newline:
            self._hold(part)
            return b""
        text = b"".join((*self._parts, head, newline))
        self._parts, self._size = [], 0
        self._hold(tail)
        return b"".join(map(self._line, text.splitlines(keepends=True)))

    def end(self) -> bytes:
        """The body is complete: what LiteLLM should get last."""
        rest, self._parts = b"".join(self._parts), []
        if not rest or self._passing:
            return b""
        return self._line(rest) if self._by_line else self._whole(rest)

    def _hold(self, part: bytes) -> None:
        if part:
            self._parts.append(part)
            self._size += len(part)

    def _guess(self, part: bytes) -> bool | None:
        """Whether the body is read by line, where its content type does not tell."""
        start = b"".join((*self._parts, part)).lstrip()[:8]
        if not start:
            return None
        return self._streamed and not start.startswith((b"{", b"["))

    def _fed_whole(self, part: bytes) -> bytes:
        self._hold(part)
        if self._streamed and _NEWLINE in part and self._is_lines():
            self._by_line = True
            held, self._parts, self._size = b"".join(self._parts), [], 0
            return self.feed(held)
        if self._size > WHOLE_BYTES:
            held, self._parts, self._passing = b"".join(self._parts), [], True
            return held
        return b""

    def _is_lines(self) -> bool:
        """Whether the first line is an object by itself: Ollama's kind of stream under another content type."""
        first, newline, rest = b"".join(self._parts).lstrip().partition(_NEWLINE)
        return bool(newline) and (isinstance(_decoded(first), dict)) and (bool(rest.strip()) or b'"done"' in first)

    def _line(self, line: bytes) -> bytes:
        bare = line.strip()
        if not bare or bare.startswith((b":", b"event:", b"id:", b"retry:")):
            return line
        body = bare[5:].lstrip() if bare.startswith(b"data:") else bare
        if body == b"[DONE]":
            self.ended = True
            return line
        self.has_data = True
        data = _decoded(body)
        if data is None:
            return line
        changed = self._note(data)
        if isinstance(data, dict) and data.get("done") is True and (text := _apart(data)):
            return msgspec.json.encode(text) + _NEWLINE + msgspec.json.encode(data) + _NEWLINE
        if not changed:
            return line
        return (b"data: " if bare is not body else b"") + msgspec.json.encode(data) + _NEWLINE

    def _whole(self, body: bytes) -> bytes:
        data = _decoded(body)
        if data is None:
            self.has_data = True
            return body
        self.has_data = bool(data)
        items = data if isinstance(data, list) else [data]
        changed = [self._note(item) for item in items]
        if isinstance(data, dict) and "choices" in data and "service_tier" not in data:
            data["service_tier"] = None  # LiteLLM's Groq fails without it
            changed.append(True)
        if self.words is None and self._streamed and (events := list(_as_stream(data))):
            return b"".join(events)
        return msgspec.json.encode(data) if any(changed) else body

    def _fed_binary(self, messages: Iterable[EventMessage]) -> None:
        for message in messages:
            self.has_data = self.needs_end = True
            if not message.failed:
                self._note_event(message.kind, _decoded(message.payload))
            elif self.words is None:
                self.words = Words(message.text, message.kind)

    def _note_event(self, kind: str, data: Any) -> None:
        """One event of AWS: of Converse, or a chunk that holds another protocol's event."""
        if not isinstance(data, dict):
            return
        if kind == "chunk" and isinstance(data.get("bytes"), str):
            self._note(_decoded(base64.b64decode(data["bytes"])))
        elif kind == "messageStop":
            self._finish(data.get("stopReason"))
        elif kind == "metadata":
            self._count(data.get("usage"))

    def _note(self, data: Any) -> bool:
        """Note what one object says; whether it was changed."""
        if not isinstance(data, dict):
            return False
        if self.words is None and (data.get("error") or "choices" not in data or "base_resp" in data):
            self.words = error_in(data)
        if isinstance(data.get("choices"), list):
            return self._note_choices(data)
        kind = data.get("type")
        if isinstance(kind, str):
            return self._note_typed(kind, data)
        self._note_other(data)
        return False

    def _note_choices(self, data: dict[str, Any]) -> bool:
        self.needs_end = True
        changed = False
        if not self.model and isinstance(model := data.get("model"), str):
            self.model = model
        if usage := data.get("usage"):
            self._count(usage)
        for choice in data["choices"]:
            if not isinstance(choice, dict):
                continue
            if finish := choice.get("finish_reason"):
                self._finish(finish)
            said = choice.get("delta") or choice.get("message")
            if isinstance(said, dict):
                changed = self._mend(said) or changed
            if usage := choice.get("usage"):  # Moonshot
                self._count(usage)
        return changed

    def _mend(self, said: dict[str, Any]) -> bool:
        """Put a message, or a part of one, into the form that LiteLLM reads; whether there was a need to."""
        content, changed = said.get("content"), False
        if isinstance(content, list):
            text, thinking = _split(content)
            said["content"], changed = text, True
            if thinking:
                said["reasoning_content"] = (said.get("reasoning_content") or "") + thinking
        if isinstance(refusal := said.get("refusal"), str) and refusal:
            said["content"] = (said.get("content") or "") + refusal
            said["refusal"], self.refused, changed = None, True, True
        if isinstance(thought := said.get("reasoning"), str) and thought and not said.get("reasoning_content"):
            said["reasoning_content"], changed = thought, True
        return changed

    def _note_typed(self, kind: str, data: dict[str, Any]) -> bool:
        """An event, or an answer, that says which it is: Anthropic, OpenAI's Responses, Cohere."""
        if kind.startswith("response."):
            return self._note_response(kind, data)
        match kind:
            case "message_start":
                self._note_message(data.get("message"))
                self.ended, self.finish = False, ""
            case "message":
                self._note_message(data)
            case "message_delta":
                self._finish((data.get("delta") or _EMPTY).get("stop_reason"))
                self._count(data.get("usage"))
            case "message_stop" | "message-end":
                self.ended = True
                self._finish((data.get("delta") or _EMPTY).get("finish_reason"))
        return False

    def _note_message(self, message: Any) -> None:
        self.needs_end = True
        if isinstance(message, dict):
            self.model = str(message.get("model") or self.model)
            self._count(message.get("usage"))
            self._finish(message.get("stop_reason"))

    def _note_response(self, kind: str, data: dict[str, Any]) -> bool:
        self.needs_end = True
        if kind == "response.refusal.delta":
            data["type"], self.refused = "response.output_text.delta", True
            return True
        response = data.get("response")
        if isinstance(response, dict):
            return self._note_whole_response(response)
        return False

    def _note_whole_response(self, response: dict[str, Any]) -> bool:
        self.model = str(response.get("model") or self.model)
        self._count(response.get("usage"))
        status = response.get("status")
        if status in ("completed", "incomplete"):
            reason = (response.get("incomplete_details") or _EMPTY).get("reason")
            self._finish(reason or ("stop" if status == "completed" else "incomplete"))
        return self._mend_output(response.get("output"))

    def _mend_output(self, output: Any) -> bool:
        changed = False
        for item in output if isinstance(output, list) else ():
            for part in item.get("content") or () if isinstance(item, dict) else ():
                if isinstance(part, dict) and part.get("type") == "refusal":
                    part.update(type="output_text", text=str(part.pop("refusal", "")), annotations=[])
                    self.refused = changed = True
        return changed

    def _note_other(self, data: dict[str, Any]) -> None:
        """Gemini, Ollama, Converse, Cohere's first version, and a whole answer of Responses."""
        if data.get("object") == "response":
            self.needs_end = True
            self._note_whole_response(data)
        elif isinstance(candidates := data.get("candidates"), list) or "promptFeedback" in data:
            self.needs_end = True
            for candidate in candidates if isinstance(candidates, list) else ():
                if isinstance(candidate, dict):
                    self._finish(candidate.get("finishReason"))
            self._finish((data.get("promptFeedback") or _EMPTY).get("blockReason"))
            self._count(data.get("usageMetadata"))
            self.model = str(data.get("modelVersion") or self.model)
        elif "done" in data:
            self.needs_end = True
            self.model = str(data.get("model") or self.model)
            if data["done"]:
                self._finish(data.get("done_reason") or "stop")
                self._count({key: value for key, value in data.items() if key.endswith("eval_count")})
        elif data.get("is_finished"):
            self._finish(data.get("finish_reason") or "stop")
            self._count((data.get("response") or _EMPTY).get("meta", _EMPTY).get("billed_units"))
        else:
            self._finish(data.get("stopReason") or data.get("finish_reason"))
            self._count(data.get("usage"))

    def _finish(self, reason: Any) -> None:
        if isinstance(reason, str) and reason:
            self.finish, self.ended = reason, True

    def _count(self, usage: Any) -> None:
        if isinstance(usage, dict):
            self.usage = {**self.usage, **usage}


def _decoded(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        pass
    try:
        return json.loads(text)  # NaN, and surrogates that stand alone
    except (ValueError, RecursionError):
        return None


def _split(content: list[Any]) -> tuple[str, str]:
    """(text, thinking) of content that is a list of parts."""
    text, thinking = list[str](), list[str]()
    for part in content:
        if isinstance(part, str):
            text.append(part)
        elif isinstance(part, dict):
            inner = part.get("thinking", part.get("reasoning"))
            if isinstance(inner, list):
                thinking.append(_split(inner)[0])
            elif isinstance(inner, str):
                thinking.append(inner)
            said = part.get("text", part.get("refusal"))
            if isinstance(said, str):
                text.append(said)
    return "".join(text), "".join(thinking)


def _as_stream(data: Any) -> Iterator[bytes]:
    """A whole answer as the stream that was asked for; nothing where its shape is not known."""
    if isinstance(data, list):  # Gemini without `alt=sse`
        yield from (_sse(item) for item in data if isinstance(item, dict) and "candidates" in item)
    elif not isinstance(data, dict):
        return
    elif isinstance(data.get("choices"), list):
        yield _sse(_as_chunk(data))
        yield b"data: [DONE]\n\n"
    elif data.get("type") == "message":
        yield from _as_messages(data)
    elif "candidates" in data:
        yield _sse(data)
    elif data.get("object") == "response":
        yield from _as_response(data)
    elif data.get("done") is True and (text := _apart(data)):
        yield from (msgspec.json.encode(one) + _NEWLINE for one in (text, data))


def _apart(data: dict[str, Any]) -> dict[str, Any] | None:
    """Ollama's last line without its text, and that as a line before it: LiteLLM reads none in the last."""
    head = {"model": data.get("model", ""), "created_at": data.get("created_at", ""), "done": False}
    if isinstance(text := data.get("response"), str) and text:
        data["response"] = ""
        return head | {"response": text}
    message = data.get("message")
    if isinstance(message, dict) and (message.get("content") or message.get("thinking")):
        data["message"] = {"role": "assistant", "content": ""}
        return head | {"message": message}
    return None


def _as_chunk(data: dict[str, Any]) -> dict[str, Any]:
    choices = []
    for choice in data["choices"]:
        if isinstance(choice, dict):
            said = dict(choice.get("message") or choice.get("delta") or {"content": choice.get("text", "")})
            for at, call in enumerate(said.get("tool_calls") or ()):
                if isinstance(call, dict):
                    call.setdefault("index", at)
            choices.append({**choice, "delta": said, "finish_reason": choice.get("finish_reason") or "stop"})
            choices[-1].pop("message", None)
    return {"id": "whole", "created": 0, "model": "", **data, "object": "chat.completion.chunk", "choices": choices}


def _as_messages(data: dict[str, Any]) -> Iterator[bytes]:
    head = {**data, "content": [], "stop_reason": None}
    head.setdefault("usage", {"input_tokens": 0, "output_tokens": 0})
    yield _sse({"type": "message_start", "message": head})
    for at, block in enumerate(data.get("content") or ()):
        kind = block.get("type") if isinstance(block, dict) else ""
        if kind == "text":
            empty: dict[str, Any] = {"type": "text", "text": ""}
            delta = {"type": "text_delta", "text": block.get("text", "")}
        elif kind == "thinking":
            empty = {"type": "thinking", "thinking": ""}
            delta = {"type": "thinking_delta", "thinking": block.get("thinking", "")}
        elif kind == "tool_use":
            empty = {**block, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block.get("input", {}))}
        else:
            continue
        yield _sse({"type": "content_block_start", "index": at, "content_block": empty})
        yield _sse({"type": "content_block_delta", "index": at, "delta": delta})
        yield _sse({"type": "content_block_stop", "index": at})
    stop = {"stop_reason": data.get("stop_reason") or "end_turn", "stop_sequence": None}
    yield _sse({"type": "message_delta", "delta": stop, "usage": data.get("usage") or {"output_tokens": 0}})
    yield _sse({"type": "message_stop"})


def _as_response(data: dict[str, Any]) -> Iterator[bytes]:
    yield _sse({"type": "response.created", "response": {**data, "output": [], "status": "in_progress"}})
    for at, item in enumerate(data.get("output") or ()):
        parts = item.get("content") or () if isinstance(item, dict) else ()
        for number, part in enumerate(parts):
            if isinstance(part, dict) and isinstance(part.get("text"), str):
                place = {"item_id": str(item.get("id", at)), "output_index": at, "content_index": number}
                yield _sse({"type": "response.output_text.delta", **place, "delta": part["text"]})
    yield _sse({"type": "response.completed", "response": data})


def _sse(data: Mapping[str, Any]) -> bytes:
    return b"data: " + msgspec.json.encode(data) + b"\n\n"
