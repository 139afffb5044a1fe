"""Unpacks an answer that comes compressed without having been asked for, piece by piece: a bomb can't fill memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

KNOWN: Final = frozenset({"gzip", "x-gzip", "deflate"})
PIECE_BYTES: Final = 64_000
"""The most that is unpacked at once, whatever the ratio."""
_GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS
_RAW: Final = -zlib.MAX_WBITS
_MAGIC: Final = b"\x1f\x8b"


class UnpackError(Exception):
    """What came can't be unpacked."""


def codings(header: str) -> tuple[str, ...]:
    """The codings of a `Content-Encoding` header, in the order in which they were applied; none for "identity"."""
    names = (name.strip().lower() for name in header.split(","))
    return tuple(name for name in names if name not in ("", "identity"))


class Unpacker:
    """One coding of one answer. gzip may have several members; deflate comes with zlib's frame, or bare."""

    def __init__(self) -> None:
        self._engine = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._begun = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """What `data` unpacks to, at most `PIECE_BYTES` at a time.

        Raises:
            UnpackError: it is not what the header says.
        """
        while data:
            if self._engine.eof:
                data = data.lstrip(b"\0")  # gzip may be padded, and have another member
                if not data.startswith(_MAGIC):
                    return
                self._engine = zlib.decompressobj(_GZIP_OR_ZLIB)
            piece = self._step(data)
            self._begun = True
            if piece:
                yield piece
            data = self._engine.unused_data if self._engine.eof else self._engine.unconsumed_tail

    def all_pieces(self, parts: Iterator[bytes]) -> Iterator[bytes]:
        """`pieces` of each of several parts."""
        for part in parts:
            yield from self.pieces(part)

    def _step(self, data: bytes) -> bytes:
        try:
            return self._engine.decompress(data, PIECE_BYTES)
        except zlib.error as error:
            if self._begun:
                raise UnpackError(str(error)) from error
        self._engine = zlib.decompressobj(_RAW)
        try:
            return self._engine.decompress(data, PIECE_BYTES)
        except zlib.error as error:
            raise UnpackError(str(error)) from error
