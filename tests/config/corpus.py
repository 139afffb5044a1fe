"""TOML files for the tests: the project's own samples, and the shared corpus beside the project where there is one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_CORPUS: Final = Path(__file__).parents[2].parent / "shared" / "corpus"

TEMPLATES: Final = sorted(
    [*(Path(__file__).parent / "samples").glob("*.toml"), *_CORPUS.glob("openhands-templates/*.toml")]
)
"""Commented configurations as people have them."""

VALID: Final = [*TEMPLATES, *sorted((_CORPUS / "toml-test" / "valid").rglob("*.toml"))]
"""All kinds of valid TOML."""

INVALID: Final = sorted((_CORPUS / "toml-test" / "invalid").rglob("*.toml"))
"""All kinds of texts that are not TOML; none where the corpus is not there."""
