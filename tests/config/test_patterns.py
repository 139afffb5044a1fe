"""The regular expressions that follow TOML."""

from __future__ import annotations

import re
import time
from types import ModuleType

import pytest

from tui.config import diff
from tui.config.toml import layout


@pytest.mark.parametrize("module", [layout, diff])
def test_none_is_possessive_or_atomic_because_the_first_pythons_3_11_miss_matches_of_those(module: ModuleType) -> None:
    patterns = [one.pattern for one in vars(module).values() if isinstance(one, re.Pattern)]
    assert len(patterns) > 3
    assert not [one for one in patterns if re.search(r"(?<!\\)[*+?}]\+|\(\?>", one)]


@pytest.mark.parametrize("piece", ["\\n", "#\n", "\n", 'a""b', "''", "x, ", "\\\\"])
def test_a_long_text_is_followed_in_linear_time(piece: str) -> None:
    def took_s(count: int) -> float:
        began = time.process_time()
        layout.scan(f'a = """{piece * count}"""\n' + "#\n" * count + "\n" * count)
        diff.masked(f'api_key = """{piece * count}\n'.encode())
        return time.process_time() - began

    took_s(10)
    assert took_s(80_000) < 40 * max(took_s(8_000), 0.002)
