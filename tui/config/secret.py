"""The type of a value that must never be shown."""

from __future__ import annotations


class Secret:
    """A key or password; its text comes out by `reveal` alone, at the edge that sends or stores it.

    `repr`, `str`, `format` and pickling never give the text, its length or its prefix.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself. Call this only where it is sent to its origin or put into the keyring."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(••••••••)"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a secret is not pickled")
