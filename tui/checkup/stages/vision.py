"""The stage "Vision": whether the model tells the colour of a small picture."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from typing import Final

from msgspec.structs import replace

from tui.checkup.budget import ROOMS, Room
from tui.checkup.outcome import Verdict, failed, not_supported, passed, skipped, turn_failed
from tui.checkup.stage_context import Bench, only_thought
from tui.checkup.stage_request import Answer
from tui.llm.events import Failed, Message, Retrying

SIDE_PX: Final = 64
"""Large enough for models that refuse pictures below 28 pixels; one to four patches for those that count these."""
_RED: Final = b"\xff\x00\x00"
_ASK: Final = "Which colour is this picture? Answer with one word."
_REFUSED: Final = re.compile(
    r"image|vision|visual|multi-?modal|mmproj|content.{0,20}(type|part|string|list|array)", re.IGNORECASE | re.DOTALL
)
_COUNTED_AS: Final = ((re.compile(r"gpt-4o-mini"), 2_833), (re.compile(r"gemini-3"), 1_120))
"""What models count a small picture as, where it is much: the providers' own price pages."""
_USUAL: Final = 300
_BLIND: Final = "Set disable_vision to true (Advanced, F3), or choose a model that sees (Settings, F2)."


def picture_tokens(model: str) -> int:
    """What the picture is counted as, at most."""
    return next((tokens for name, tokens in _COUNTED_AS if name.search(model)), _USUAL)


def room(model: str) -> Room:
    """What the stage can use: the prompt's share and the picture's."""
    plain = ROOMS["vision"]
    return Room(plain.prompt + picture_tokens(model), plain.answer, plain.thinking_answer)


def red_picture() -> str:
    """A red square as a PNG in a data URL."""
    row = b"\x00" + _RED * SIDE_PX
    header = struct.pack(">IIBBBBB", SIDE_PX, SIDE_PX, 8, 2, 0, 0, 0)
    parts = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(row * SIDE_PX)), _chunk(b"IEND", b""))
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(parts)).decode()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


async def sees(bench: Bench) -> Verdict:
    """Show the picture and judge the colour."""
    if bench.settings.disable_vision:
        return skipped("disable_vision is true: no pictures are sent.")
    if bench.facts is not None and bench.facts.vision is False:
        return not_supported("The catalogue says that this model takes no pictures.")
    needs = room(bench.settings.model)
    if needs.most(thinks=False) >= bench.asker.budget.limit:
        return skipped(
            f"This model counts even a small picture as {needs.prompt:,} tokens: more than a check-up may use."
        )
    if (dear := bench.too_dear(needs)) is not None:
        return dear
    tokens = bench.answer_tokens("vision")
    message = Message("user", _ASK, (red_picture(),))
    answer = await bench.asker.ask(message, max_tokens=tokens, most=needs.most(thinks=bench.thinks), hopeless=_hopeless)
    bench.learn(answer)
    if isinstance(answer.end, Failed):
        return _refused(answer.end, answer)
    return only_thought(answer, tokens, answer.spent) if answer.only_thought else _judged(answer)


def _hopeless(event: Retrying) -> bool:
    return (event.status or 0) >= 500 and bool(_REFUSED.search(event.detail))  # noqa: PLR2004  # server errors


def _refused(end: Failed, answer: Answer) -> Verdict:
    if end.cause in ("request", "settings", "server", "not_found") and _REFUSED.search(end.detail):
        return not_supported("The provider takes no pictures for this model.", detail=end.detail, spent=answer.spent)
    verdict = turn_failed(end, answer.spent)
    if end.cause != "server":
        return verdict
    reason = f"{verdict.reason} It was sent a picture; without one it answered."
    return replace(verdict, reason=reason, next_step=_BLIND, field="disable_vision")


def _judged(answer: Answer) -> Verdict:
    if re.search(r"\b(red|crimson|scarlet)\b", answer.text, re.IGNORECASE):
        return passed(f"It saw that the picture is red: {answer.quote}.", spent=answer.spent)
    reason = f"The picture is red; the model wrote {answer.quote}. It does not see pictures, though it takes them."
    return failed(reason, _BLIND, cause="protocol", field="disable_vision", spent=answer.spent)
