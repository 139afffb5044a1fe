"""The keyring's edge without a keyring: which backends are taken, and what becomes of errors and hanging calls."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from traceback import TracebackException

import keyring.errors
import pytest

from tests.vault.fakes import CANARY, OPENAI
from tui.config.secret import Secret
from tui.threads import aside
from tui.vault import keyring_store
from tui.vault.keyring_store import KeyringStore
from tui.vault.trouble import KeyringError, KeyringFailedError, KeyringLockedError, KeyringTimeoutError, NoKeyringError

pytestmark = pytest.mark.contract


class FakeBackend:
    """A backend that raises what it is told to."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def get_password(self, _service: str, _username: str) -> str | None:
        raise self._error

    def set_password(self, _service: str, _username: str, password: str) -> None:
        try:
            self.store(password)
        except LookupError as error:
            raise self._error from error

    def store(self, password: str) -> None:
        raise LookupError(len(password))


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Set at the end of the test, so that no thread of it stays."""
    event = threading.Event()
    yield event
    event.set()


def hang_on(monkeypatch: pytest.MonkeyPatch, release: threading.Event) -> None:
    monkeypatch.setattr(keyring_store, "_open", release.wait)


async def test_the_test_s_own_bus_address_leads_nowhere() -> None:
    error = await KeyringStore().state()
    assert isinstance(error, NoKeyringError)
    assert error.state == "no bus"


@pytest.mark.parametrize(
    "name", ["keyring.backends.null.Keyring", "keyring.backends.fail.Keyring", "keyrings.alt.file.PlaintextKeyring"]
)
async def test_a_backend_that_is_not_known_to_protect_keys_is_not_even_loaded(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)
    error = await KeyringStore().state()
    assert isinstance(error, NoKeyringError)
    assert error.state == "not allowed"
    assert name in str(error)


async def test_a_backend_set_in_the_library_s_file_is_treated_alike(home: Path) -> None:
    folder = home / ".config/python_keyring"
    folder.mkdir(parents=True)
    (folder / "keyringrc.cfg").write_text("[backend]\ndefault-keyring = some.Plugin\n")
    error = await KeyringStore().state()
    assert isinstance(error, NoKeyringError)
    assert "some.Plugin" in str(error)


@pytest.mark.parametrize("name", ["keyring.backends.SecretService.Keyring", "keyring.backends.chainer.ChainerBackend"])
async def test_a_backend_that_is_allowed_may_be_set(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)
    error = await KeyringStore().state()
    assert error is not None
    assert error.state == "no bus"


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (keyring.errors.KeyringLocked("Failed to unlock the collection!"), KeyringLockedError),
        (keyring.errors.InitError("Failed to create the collection."), KeyringFailedError),
        (keyring.errors.PasswordSetError("Cancelled by user"), KeyringFailedError),
        (ConnectionResetError("the bus went away"), KeyringFailedError),
        (AssertionError(), KeyringFailedError),
        (TimeoutError("of the socket"), KeyringFailedError),
    ],
)
async def test_whatever_the_library_raises_becomes_one_of_ours(
    raised: Exception, told: type[KeyringError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring_store, "_open", lambda: FakeBackend(raised))
    store = KeyringStore()
    with pytest.raises(told) as caught:
        await store.get(OPENAI)
    assert caught.value.__cause__ is raised
    with pytest.raises(told) as caught:
        await store.set(OPENAI, Secret(CANARY))
    assert CANARY not in "".join(TracebackException.from_exception(caught.value, capture_locals=True).format())


async def test_a_key_that_is_no_text_is_refused_without_a_trace_of_it() -> None:
    with pytest.raises(KeyringFailedError) as caught:
        await KeyringStore().set(OPENAI, Secret(f"{CANARY}\udc80"))
    assert caught.value.__suppress_context__
    assert CANARY not in repr(caught.value)


async def test_a_call_that_hangs_ends_with_the_bound_and_the_next_one_sooner(
    monkeypatch: pytest.MonkeyPatch, release: threading.Event
) -> None:
    hang_on(monkeypatch, release)
    store, loop = KeyringStore(call_s=0.6), asyncio.get_running_loop()
    start = loop.time()
    with pytest.raises(KeyringTimeoutError, match=r"within 0\.6 s"):
        await store.get(OPENAI)
    middle = loop.time()
    with pytest.raises(KeyringTimeoutError, match="still does not answer"):
        await store.get(OPENAI)
    assert middle - start > 0.5 > loop.time() - middle


async def test_a_keyring_that_answers_again_gets_its_whole_bound_again(
    monkeypatch: pytest.MonkeyPatch, release: threading.Event
) -> None:
    hang_on(monkeypatch, release)
    store = KeyringStore(call_s=0.05)
    with pytest.raises(KeyringTimeoutError):
        await store.get(OPENAI)
    release.set()
    (ended,) = store._hanging
    assert ended.wait(5)
    monkeypatch.setattr(keyring_store, "_open", lambda: None)
    assert await store.state() is None
    assert store._hanging == []


async def test_a_call_that_is_cancelled_lets_go_at_once(
    monkeypatch: pytest.MonkeyPatch, release: threading.Event
) -> None:
    hang_on(monkeypatch, release)
    call = asyncio.create_task(KeyringStore().get(OPENAI))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


def test_a_thread_that_ends_after_its_loop_was_closed_harms_nobody(release: threading.Event) -> None:
    """An exception in the thread would be a warning, and warnings are errors here."""
    ended = threading.Event()

    def work() -> None:
        release.wait()
        ended.set()

    with pytest.raises(TimeoutError):
        asyncio.run(aside(work, 0.01))
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "aside"]
    release.set()
    thread.join(5)
    assert ended.is_set()
    assert not thread.is_alive()


@pytest.mark.parametrize("outcome", [lambda: 1, lambda: 1 / 0])
async def test_an_outcome_that_comes_after_the_bound_is_dropped(
    outcome: Callable[[], float], release: threading.Event
) -> None:
    def work() -> float:
        release.wait()
        return outcome()

    with pytest.raises(TimeoutError):
        await aside(work, 0.01)
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "aside"]
    release.set()
    await asyncio.to_thread(thread.join)
    await asyncio.sleep(0)  # what the thread left for the loop comes first
