"""Keys for this session only: in memory, gone with the process."""

from __future__ import annotations

from tui.config.secret import Secret
from tui.vault.places import Place


class SessionStore:
    """The keys that the user typed in and did not want, or was not able, to keep."""

    def __init__(self) -> None:
        self._secrets: dict[Place, Secret] = {}

    def get(self, place: Place) -> Secret | None:
        """The key for the place, or None."""
        return self._secrets.get(place)

    def set(self, place: Place, secret: Secret) -> None:
        """Hold the key for the place, in place of any that is there."""
        self._secrets[place] = secret

    def delete(self, place: Place) -> bool:
        """Forget the key for the place; whether there was one."""
        return self._secrets.pop(place, None) is not None

    def places(self) -> tuple[Place, ...]:
        """The places that it holds a key for."""
        return tuple(self._secrets)
