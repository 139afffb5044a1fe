"""What commands print with `--json`: strict JSON in ASCII, which every reader takes and no terminal reacts to."""

from __future__ import annotations

import json
import math


def json_text(value: object, *, indent: int | None = 2) -> str:
    """`value` as JSON. It has no sign for a number that is not finite: such a one is null, as what is not known is."""
    return json.dumps(_strict(value), indent=indent, allow_nan=False)


def _strict(value: object) -> object:
    if isinstance(value, dict):
        return {name: _strict(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_strict(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
