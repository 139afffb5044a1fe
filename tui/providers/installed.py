"""What the installed LiteLLM package says of itself, read from its files: importing it would take seconds.

Each reader answers with nothing where a file is not there or reads otherwise than expected; then the providers that we
declare ourselves remain. Tests compare the answers with the imported package.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec

_TYPES: Final = "types/utils.py"
_COMPATIBLE: Final = "llms/openai_like/providers.json"
_ENDPOINTS: Final = "provider_endpoints_support_backup.json"
_MEMBER: Final = re.compile(r'^    [A-Z0-9_]+ = "([^"]+)"', re.MULTILINE)


class Compatible(msgspec.Struct, frozen=True):
    """An OpenAI-compatible provider as LiteLLM's own data describes it."""

    base_url: str
    api_key_env: str


class _Endpoints(msgspec.Struct, frozen=True):
    display_name: str


class _EndpointsFile(msgspec.Struct, frozen=True):
    providers: dict[str, _Endpoints]


@cache
def package() -> Path | None:
    """The folder of the installed LiteLLM; None if there is none. Looking for it does not import it."""
    spec = find_spec("litellm")
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def _read(name: str) -> bytes:
    folder = package()
    try:
        return b"" if folder is None else (folder / name).read_bytes()
    except FileNotFoundError:
        return b""


def provider_names() -> frozenset[str]:
    """The members of `LlmProviders`, taken from its source text."""
    source = _read(_TYPES).decode()
    _, _, body = source.partition("class LlmProviders(str, Enum):\n")
    return frozenset(_MEMBER.findall(body.split("\n\n\n", 1)[0]))


def compatible() -> dict[str, Compatible]:
    """The providers that LiteLLM declares as data, by name, with the base URL and the key variable of each."""
    try:
        return msgspec.json.decode(_read(_COMPATIBLE) or b"{}", type=dict[str, Compatible])
    except msgspec.DecodeError:
        return {}


def titles() -> dict[str, str]:
    """Names in words, by provider; LiteLLM has them for most."""
    try:
        file = msgspec.json.decode(_read(_ENDPOINTS) or b'{"providers": {}}', type=_EndpointsFile)
    except msgspec.DecodeError:
        return {}
    return {name: entry.display_name.split(" (`", 1)[0] for name, entry in file.providers.items()}
