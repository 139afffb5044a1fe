"""Files, file names and variables that are full of hostile text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tui.config.schema import FIELDS

_TEXTS: Final = tuple(
    name
    for name, field in FIELDS.items()
    if field.kind == "text" and not field.secret and name not in ("model", "base_url", "custom_llm_provider")
)
_VARIABLES: Final = (
    "LLM_TEMPERATURE", "LLM_TOP_P", "LLM_API_VERSION", "LLM_AWS_REGION_NAME", "LLM_OPENROUTER_APP_NAME",
)  # fmt: skip
_OF_VARIABLES: Final = tuple(name.removeprefix("LLM_").lower() for name in _VARIABLES)
HOSTILE: Final = tuple(dict.fromkeys((*_OF_VARIABLES, *_TEXTS)))
"""The fields with hostile text in the file or the environment."""
_NAME_BYTES: Final = 120


def toml_text(text: str) -> str:
    """A TOML string with everything escaped but letters and digits."""
    return '"' + "".join(char if char.isascii() and char.isalnum() else f"\\U{ord(char):08X}" for char in text) + '"'


def hostile_file(sequences: Sequence[str], base_url: str) -> str:
    """A file that has them as values, profile names and, as far as TOML allows, comments around `timeout`."""
    harmless = "".join(text for text in sequences if not any(char < " " or char == "\x7f" for char in text))
    values = "".join(f"{name} = {toml_text(text)}\n" for name, text in zip(_TEXTS, sequences, strict=False))
    comments = f"# {harmless}\ntimeout = 60  # {harmless}\n# {harmless}\n"
    profiles = "".join(
        f"[llm.{toml_text(text)}]\nmodel = {toml_text(text)}\n" for text in dict.fromkeys(sequences) if text
    )
    return f'[llm]\nmodel = "openai/m"\nbase_url = "{base_url}"\n{comments}{values}\n{profiles}'


def variables(sequences: Sequence[str]) -> Mapping[str, str]:
    """`LLM_*` with those that a variable can hold: as values that fit and as values that don't."""
    held = [text for text in sequences if "\x00" not in text]
    return dict(zip(_VARIABLES, held, strict=False))


def file_name(text: str) -> str:
    """The text as a file name can hold it."""
    name = text.replace("/", "").replace("\x00", "").encode("utf-8", "surrogateescape")[:_NAME_BYTES]
    return name.decode("utf-8", "ignore") or "x"
