"""Keys in the operating system's keyring: every call has a bound, runs in a daemon thread and fails in words.

Only `unlock` makes the system ask for a password. Reading and writing look first whether the keyring is open, because
the libraries below would otherwise put up a prompt that nobody expects, and wait for it without a bound.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Final, TypeVar

from tui.config.secret import Secret
from tui.threads import StalledError, aside
from tui.vault.places import Place
from tui.vault.trouble import (
    INSTEAD,
    KeyringError,
    KeyringFailedError,
    KeyringLockedError,
    KeyringTimeoutError,
    NeverUnlockedError,
    NoKeyringError,
)

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

__all__ = ["KeyringError", "KeyringStore"]

T = TypeVar("T")

SERVICE: Final = "llm-backends"
"""The name under which the keyring lists the app's keys; each one's user name is `provider|origin`."""

CALL_S: Final = 3.0
"""How long a keyring may take to answer."""
UNLOCK_S: Final = 60.0
"""How long the user may take to answer the system's prompt."""
IMPATIENT_S: Final = 0.3
"""How long to wait while an earlier call still hangs, so that a dead keyring does not delay every request anew."""

_SECRETS: Final = "keyring.backends.SecretService.Keyring"
_ALLOWED: Final = {
    "linux": (
        _SECRETS,
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.kwallet.DBusKeyringKWallet4",
    ),
    "darwin": ("keyring.backends.macOS.Keyring",),
    "win32": ("keyring.backends.Windows.WinVaultKeyring",),
}
"""Backends that protect what they keep; plugins that write plain files would otherwise be picked without a word."""
_CHAINER: Final = "keyring.backends.chainer.ChainerBackend"


class KeyringStore:
    """The keyring of this user. Every method but `state` raises `KeyringError`, within its bound."""

    def __init__(self, call_s: float = CALL_S, unlock_s: float = UNLOCK_S) -> None:
        """Touches nothing yet: even importing the library may block, so that happens in the first call."""
        self._call_s = call_s
        self._unlock_s = unlock_s
        self._hanging: list[threading.Event] = []

    async def get(self, place: Place) -> Secret | None:
        """The key for the place, or None if the keyring has none."""
        return await self._call(lambda: _get(place))

    async def set(self, place: Place, secret: Secret) -> None:
        """Store the key for the place, in place of any that is there."""
        await self._call(lambda: _set(place, secret))

    async def delete(self, place: Place) -> bool:
        """Remove the key for the place; whether there was one."""
        return await self._call(lambda: _delete(place))

    async def unlock(self) -> None:
        """Have the system ask the user for the keyring's password; makes the keyring if there is none."""
        try:
            await aside(lambda: _in_words(_unlock), self._unlock_s)
        except StalledError as error:
            raise KeyringTimeoutError(self._unlock_s) from error

    async def state(self) -> KeyringError | None:
        """Why the keyring can't be used now, or None if it can. Asks the user nothing."""
        try:
            await self._call(_open)
        except KeyringError as error:
            return error
        return None

    async def _call(self, work: Callable[[], T]) -> T:
        self._hanging = [ended for ended in self._hanging if not ended.is_set()]
        again = bool(self._hanging)
        bound_s = min(IMPATIENT_S, self._call_s) if again else self._call_s
        ended = threading.Event()

        def run() -> T:
            try:
                return _in_words(work)
            finally:
                ended.set()

        try:
            return await aside(run, bound_s)
        except StalledError as error:
            self._hanging.append(ended)
            raise KeyringTimeoutError(bound_s, again=again) from error


# What follows runs in a daemon thread.


def _in_words(work: Callable[[], T]) -> T:
    from keyring import errors  # noqa: PLC0415  # may block, so it must not happen at start-up

    try:
        return work()
    except KeyringError:
        raise
    except errors.KeyringLocked as error:
        raise KeyringLockedError(tried=True) from _without_frames(error)
    except Exception as error:  # noqa: BLE001  # each library below raises its own, and a vanished service almost anything
        raise KeyringFailedError(str(error) or type(error).__name__) from _without_frames(error)


def _without_frames(error: BaseException) -> BaseException:
    """The error and what led to it, without tracebacks: the library's frames hold the key in a local variable."""
    if error.__context__ is not None:
        _without_frames(error.__context__)
    if error.__cause__ is not None and error.__cause__ is not error.__context__:
        _without_frames(error.__cause__)
    return error.with_traceback(None)


def _get(place: Place) -> Secret | None:
    text = _open().get_password(SERVICE, _user(place))
    return None if text is None else Secret(text)


def _set(place: Place, secret: Secret) -> None:
    try:
        secret.reveal().encode()
    except UnicodeEncodeError:  # the error carries the whole text, so it must not be chained
        raise KeyringFailedError("the key has a character that is no text, enter it again") from None
    _open().set_password(SERVICE, _user(place), secret.reveal())


def _delete(place: Place) -> bool:
    backend = _open()
    if backend.get_password(SERVICE, _user(place)) is None:
        return False
    backend.delete_password(SERVICE, _user(place))
    return True


def _unlock() -> None:
    backend = _backend()
    if _name(backend) != _SECRETS:
        backend.get_password(SERVICE, "unlock")  # the others ask when they are read
        return
    import secretstorage  # noqa: PLC0415  # as above; and it is there on Linux only

    with closing(secretstorage.dbus_init()) as bus:
        path = getattr(backend, "preferred_collection", None)
        try:
            collection = secretstorage.Collection(bus, path) if path else secretstorage.get_default_collection(bus)
        except secretstorage.PromptDismissedException as error:
            raise NeverUnlockedError(tried=True) from error
        if collection.is_locked():
            collection.unlock()
        if collection.is_locked():
            raise KeyringLockedError(tried=True)


def _user(place: Place) -> str:
    return f"{place.provider}|{place.origin}"


def _open() -> KeyringBackend:
    """The backend, once it is known that it will not ask the user anything."""
    backend = _backend()
    if _name(backend) == _SECRETS:
        _check_secret_service(getattr(backend, "preferred_collection", None))
    return backend


def _backend() -> KeyringBackend:
    """The allowed backend that fits this system best. Others are not even loaded, let alone asked."""
    allowed = _ALLOWED.get(sys.platform, ())
    if (chosen := _configured()) and chosen != _CHAINER:
        if chosen not in allowed:
            raise NoKeyringError(
                "not allowed",
                f"The keyring library is set to {chosen}, which is not one that is known to protect keys.",
                f"Remove that setting (PYTHON_KEYRING_BACKEND or keyringrc.cfg), {INSTEAD}",
            )
        allowed = (chosen,)
    viable = [kind for kind in map(_load, allowed) if kind.viable]
    if not viable:
        if _SECRETS in allowed:
            _check_secret_service(None)
        raise NoKeyringError("no service", "This system has no keyring that can be used here.")
    return max(viable, key=lambda kind: float(kind.priority))()


def _configured() -> str:
    """The backend that the user has set for every program that uses the library; empty if none."""
    import configparser  # noqa: PLC0415  # only in the thread

    from keyring.util import platform_  # noqa: PLC0415  # as above

    if name := os.environ.get("PYTHON_KEYRING_BACKEND"):
        return name
    parser = configparser.RawConfigParser()
    parser.read(platform_.config_root() / "keyringrc.cfg", encoding="utf-8")
    return parser.get("backend", "default-keyring", fallback="").strip()


def _load(name: str) -> type[KeyringBackend]:
    import importlib  # noqa: PLC0415  # only in the thread

    module, _, kind = name.rpartition(".")
    loaded: type[KeyringBackend] = getattr(importlib.import_module(module), kind)
    return loaded


def _name(backend: KeyringBackend) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def _check_secret_service(path: str | None) -> None:
    """Raises the error that tells the state, unless the collection is open. Reads only, so nobody is prompted."""
    import secretstorage  # noqa: PLC0415  # as above; and it is there on Linux only
    from secretstorage.collection import DEFAULT_COLLECTION  # noqa: PLC0415

    if not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        raise NoKeyringError("no bus", "There is no session bus (usual over SSH): no keyring.")
    try:
        bus = secretstorage.dbus_init()
    except (secretstorage.SecretStorageException, OSError, RuntimeError) as error:
        raise NoKeyringError(
            "no bus", "The session bus of DBUS_SESSION_BUS_ADDRESS can't be reached: no keyring."
        ) from error
    with closing(bus):
        if not secretstorage.check_service_availability(bus):
            raise NoKeyringError("no service", "No keyring service, such as gnome-keyring, is installed here.")
        try:
            collection = secretstorage.Collection(bus, path or DEFAULT_COLLECTION)
        except secretstorage.ItemNotFoundException as error:
            raise NeverUnlockedError from error
        if collection.is_locked():
            raise KeyringLockedError
