"""A chat as one Markdown file, and back: facts in front matter, texts between comments that occur in none of them.

    +++                                      TOML: see `front_matter`
    transcript = 1
    +++

    ## Prompt 1

    <!-- llm-backends: prompt 1 -->
    What is a monad?
    <!-- llm-backends: end -->

A text stands in the file character for character, so whatever it holds, it comes back as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import count
from typing import Final, Literal, TypeAlias

import msgspec

from tui.chat.conversation import Conversation, Turn
from tui.chat.front_matter import VERSION, Facts, facts_of, turn_of, written
from tui.config.errors import BadFileError
from tui.config.resolve import Resolved
from tui.config.syntax import read_values

Kind: TypeAlias = Literal["system", "prompt", "thinking", "reply"]

_MARK: Final = "llm-backends"
_FENCE: Final = "+++"
_FOREIGN: Final = "this is no saved chat of llm-backends: it begins with something other than +++. Choose another file"
_OPENING: Final = r"^<!-- {mark}: (?P<kind>system|prompt|thinking|reply) ?(?P<turn>\d{{0,6}}) -->\n"
_HEADINGS: Final[Mapping[Kind, str]] = {
    "system": "System prompt", "prompt": "Prompt", "thinking": "Thinking", "reply": "Answer",
}  # fmt: skip
_AT_TURN: Final = re.compile(r"\$\.turns\[(\d+)\]")


class NotATranscriptError(Exception):
    """The file is no chat that could be gone on with; the message says where and why."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(f"line {line}: {reason}.")
        self.line = line


class Loaded(msgspec.Struct, frozen=True):
    """A chat from a file."""

    conversation: Conversation
    facts: Facts


def dump(talk: Conversation, settings: Mapping[str, Resolved], saved: datetime) -> bytes:
    """The file for this chat: never with a secret in it, except where somebody wrote one into a prompt or an answer."""
    texts = [text for turn in talk.turns for text in (turn.prompt, turn.thinking, turn.reply)]
    mark = _free_mark([talk.system, *texts])
    parts = [f"{_FENCE}\n{written(facts_of(talk, settings, saved, mark))}{_FENCE}\n", *_body(talk, mark)]
    return "\n".join(parts).encode("utf-8", "replace")


def load(raw: bytes) -> Loaded:
    """The chat that a file holds.

    Raises:
        NotATranscriptError: it holds none, or one that was changed so that it can't be told any more.
    """
    text = _decoded(raw)
    head, body_at = _head(text)
    facts = _facts(head)
    texts = _texts(text, body_at, facts)
    turns = tuple(_turn(facts, texts, at, head) for at in range(len(facts.turns)))
    system = texts.get(("system", 0), "")
    return Loaded(Conversation(turns, system=system, loaded=len(turns)), facts)


def _body(talk: Conversation, mark: str) -> Iterator[str]:
    if talk.system:
        yield _section("system", "", talk.system, mark)
    for number, turn in enumerate(talk.turns, 1):
        yield _section("prompt", f" {number}", turn.prompt, mark)
        if turn.thinking:
            yield _section("thinking", f" {number}", turn.thinking, mark)
        if turn.reply:
            yield _section("reply", f" {number}", turn.reply, mark)


def _section(kind: Kind, number: str, text: str, mark: str) -> str:
    return f"## {_HEADINGS[kind]}{number}\n\n<!-- {mark}: {kind}{number} -->\n{text}\n<!-- {mark}: end -->\n"


def _free_mark(texts: Iterable[str]) -> str:
    """A mark whose comments stand in none of the texts."""
    whole = "\n".join(texts)
    marks = (_MARK if number == 1 else f"{_MARK}-{number}" for number in count(1))
    return next(mark for mark in marks if f"<!-- {mark}:" not in whole)


def _decoded(raw: bytes) -> str:
    """The text; where a program has changed every line end, it is changed back."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotATranscriptError(
            "the text is not UTF-8. Choose another file", raw.count(b"\n", 0, error.start) + 1
        ) from error
    return text.replace("\r\n", "\n") if text.startswith(f"{_FENCE}\r\n") else text


def _head(text: str) -> tuple[str, int]:
    """The front matter, and where the rest begins."""
    if not text.startswith(f"{_FENCE}\n"):
        raise NotATranscriptError(_FOREIGN, 1)
    end = text.find(f"\n{_FENCE}\n", len(_FENCE))
    if end < 0:
        raise NotATranscriptError("the facts that begin here have no +++ line at their end. Put it back", 1)
    return text[len(_FENCE) + 1 : end + 1], end + len(_FENCE) + 2


def _facts(head: str) -> Facts:
    try:
        values = read_values(head)
    except BadFileError as error:
        raise NotATranscriptError(error.reason, error.line + 1) from error
    version = values.get("transcript")
    if not isinstance(version, int):
        raise NotATranscriptError(f"there is no `transcript = {VERSION}` here, so this is no saved chat", 2)
    if version > VERSION:
        raise NotATranscriptError("a newer llm-backends saved this chat. Update this one", _line_of("transcript", head))
    try:
        return msgspec.convert(values, Facts)
    except msgspec.ValidationError as error:
        raise _misfit(error, head) from error


def _turn(facts: Facts, texts: Mapping[tuple[str, int], str], at: int, head: str) -> Turn:
    own = {kind: text for (kind, number), text in texts.items() if number == at + 1}
    if "prompt" not in own:
        raise NotATranscriptError(f"the text of prompt {at + 1} is not in the file", _turn_line(at, head))
    try:
        return turn_of(facts.turns[at], own)
    except msgspec.ValidationError as error:
        raise NotATranscriptError(str(error).replace("`", ""), _turn_line(at, head)) from error


def _texts(text: str, start: int, facts: Facts) -> dict[tuple[str, int], str]:
    """Each text by its kind and turn, from 1; the system prompt as turn 0."""
    opening = re.compile(_OPENING.format(mark=facts.mark), re.MULTILINE)
    closing = f"\n<!-- {facts.mark}: end -->"
    found: dict[tuple[str, int], str] = {}
    while match := opening.search(text, start):
        kind, number = match["kind"], int(match["turn"] or 0)
        line = text.count("\n", 0, match.start()) + 1
        end = text.find(closing, match.end() - 1)
        if end < match.end() - 1 or opening.search(text, match.end(), max(end, match.end())):
            raise NotATranscriptError("the text that begins here has no end", line)
        if (kind, number) in found or (number == 0) != (kind == "system") or number > len(facts.turns):
            raise NotATranscriptError("this text belongs to no turn, or stands here twice", line)
        found[kind, number] = text[match.end() : end]
        start = end + len(closing)
    return found


def _misfit(error: msgspec.ValidationError, head: str) -> NotATranscriptError:
    reason = str(error).replace("`", "").replace("$.", "")
    if turn := _AT_TURN.search(str(error)):
        return NotATranscriptError(reason, _turn_line(int(turn[1]), head))
    key = re.search(r"\$\.(\w+)", str(error))
    return NotATranscriptError(reason, _line_of(key[1] if key else "", head))


def _turn_line(at: int, head: str) -> int:
    """Line of the file where the facts of turn `at`, from 0, begin."""
    places = [found.start() for found in re.finditer(r"(?m)^\[\[turns\]\]", head)]
    return head.count("\n", 0, places[at]) + 2 if at < len(places) else 1


def _line_of(key: str, head: str) -> int:
    found = re.search(rf"(?m)^\[?{key}\b", head) if key else None
    return head.count("\n", 0, found.start()) + 2 if found else 1
