"""A value of the file as OpenHands reads it: its own validation converts more than TOML's types promise.

The rules are pydantic's lax mode, which `LLMConfig` of OpenHands uses: text that spells a number counts as that
number, `true` counts as 1, 5.0 as 5. It knows no bounds and no choices. What it does not convert costs OpenHands the
whole table.
"""

from __future__ import annotations

import math
import re
from typing import Final

from tui.config.schema import Field, InvalidValueError, Value, checked
from tui.config.secret import Secret

_INTEGER: Final = re.compile(r"[+-]?[0-9]+(?:_[0-9]+)*(?:\.0+)?")
_NUMBER: Final = re.compile(r"(?i)[+-]?(?:inf(?:inity)?|nan|[0-9_.]+(?:e[+-]?[0-9_]+)?)")
_SWITCHES: Final = {
    **dict.fromkeys(("true", "t", "yes", "y", "on", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "off", "0"), False),
}
_LARGEST_WHOLE: Final = 2.0**63
"""From here on a float counts as too large for a whole number."""


def taken(field: Field, value: object) -> Value:
    """`value` as OpenHands takes it, whether or not it is within the field's bounds or one of its choices.

    Raises:
        InvalidValueError: OpenHands does not take it, and ignores the whole table because of it.
    """
    found = _taken(field, value)
    if found is None:
        checked(field, value)  # says what is wrong in the words of the field
        raise InvalidValueError(field, "the value is of another type")
    return found


def _taken(field: Field, value: object) -> Value | None:
    match field.kind:
        case "text" | "choice":
            return _text(field, value)
        case "integer":
            return _integer(value)
        case "number":
            return _number(value)
        case "switch":
            return _switch(value)


def _text(field: Field, value: object) -> Value | None:
    if not isinstance(value, str):
        return None
    return Secret(value) if field.secret else value


def _integer(value: object) -> int | None:
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _LARGEST_WHOLE else None
    if isinstance(value, str) and _INTEGER.fullmatch(text := value.strip()):
        try:
            return int(text.partition(".")[0])
        except ValueError:  # thousands of digits
            return None
    return None


def _number(value: object) -> float | None:
    try:
        if isinstance(value, (int, float)):
            return float(value)
        if isinstance(value, str) and _NUMBER.fullmatch(text := value.strip()):
            return float(text)
    except (ValueError, OverflowError):
        return None
    return None


def _switch(value: object) -> bool | None:
    if isinstance(value, (bool, int, float)):
        return bool(value) if not math.isnan(value) and value in (0, 1) else None
    return _SWITCHES.get(value.lower()) if isinstance(value, str) else None
