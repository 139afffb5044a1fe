"""A disk that hangs, or fails, under each caller of `aside`: a sentence, nothing lost, and it works again afterwards.

The callers are found in the source, so a new one without a scenario here fails the first test.
"""

from __future__ import annotations

import ast
import errno
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, TypeVar

import msgspec
import pytest
from textual.widgets import OptionList

import tui
from tests.app.fakes import CONFIG, Bench, running
from tests.app.test_chat_tools import TURNS, chatting, chosen
from tests.app.test_recovering import RETRIES, drafts
from tests.app.test_usage import opened, row
from tests.chat.fakes import Parts, settings
from tests.checkup.checking import GOOD, LOCAL, made, outcomes, ran
from tests.config.test_recovery import leave
from tests.usage.test_ledger import entry
from tests.vault.fakes import CANARY, OPENAI, FakeStore, make_vault
from tui.chat.transcript import load
from tui.chat.transcript_files import default_folder
from tui.checkup.stages.certificate import shake_hands
from tui.checkup.stages.connection import Target, look_up
from tui.cli.deferred_imports import import_late
from tui.cli.shutdown import forget, keep
from tui.clipboard import Clipboard
from tui.config.errors import StorageError
from tui.config.preferences import PreferencesFile
from tui.config.recovery import DraftKeeper
from tui.config.resolve import Set
from tui.config.schema import LLM
from tui.config.secret import Secret
from tui.config.storage import read
from tui.llm.events import Message
from tui.providers.recent import Recent
from tui.request.key import wanted_key
from tui.request.prepare import ready_provider
from tui.screens.catalogue_models import CatalogueModels
from tui.screens.checkup import CheckupPage
from tui.screens.disk import read_aside, write_aside
from tui.screens.export import ExportScreen
from tui.screens.guide import in_short
from tui.screens.vault_keys import VaultKeys
from tui.threads import StalledError, aside
from tui.usage.accounting import Books
from tui.usage.ledger import Ledger
from tui.usage.price import load_of
from tui.usage.question import NotReadyError, UnknownPriceError
from tui.vault.keyring_store import KeyringStore
from tui.vault.trouble import KeyringTimeoutError
from tui.vault.vault import Vault

T = TypeVar("T")
How: TypeAlias = Literal["hangs", "fails"]
Scenario: TypeAlias = Callable[["Disk", Path], Awaitable[None]]

SCENARIOS: Final[dict[str, Scenario]] = {}
NEVER_FAILS: Final = {
    "tui.vault.keyring_store:KeyringStore.unlock",  # these turn what they get into errors of their own in the thread
    "tui.vault.keyring_store:KeyringStore._call",
    "tui.screens.disk:read_aside",
    "tui.screens.disk:write_aside",
    "tui.clipboard:Clipboard.copy",
    "tui.screens.problems_controller:ProblemsController._check",  # this one touches no disk but for an import
}
"""Callers whose work raises no `OSError`."""


class Disk:
    """What hangs or fails for one caller of `aside`, and for no other."""

    def __init__(self, how: How, caller: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hit = 0
        self._how = how
        module, _, self._function = caller.partition(":")
        self._module = import_module(module)
        self._monkeypatch = monkeypatch
        self.release = threading.Event()

    @contextmanager
    def broken(self) -> Iterator[None]:
        """Meanwhile the caller's work does not end, or ends with an error of the system."""
        before = self.hit
        with self._monkeypatch.context() as patch:
            patch.setattr(self._module, "aside", self._aside)
            yield
        assert self.hit > before, "the scenario did not get to the caller"

    async def _aside(self, work: Callable[[], T], bound_s: float) -> T:
        if sys._getframe(1).f_code.co_qualname != self._function:
            return await aside(work, bound_s)
        self.hit += 1
        return await aside(self._stuck, 0.01)

    def _stuck(self) -> Any:
        if self._how == "fails":
            raise OSError(errno.EIO, "Input/output error")
        self.release.wait()
        raise AssertionError("nobody waits for this any more")


def callers() -> set[str]:
    """Every function that calls `aside`, as `module:Class.method`."""
    found: set[str] = set()
    root = Path(tui.__file__).parent
    for path in root.rglob("*.py"):
        module = ".".join(("tui", *path.relative_to(root).with_suffix("").parts))
        found |= {f"{module}:{name}" for name in _calling(ast.parse(path.read_text()), "")}
    return found


def _calling(node: ast.AST, inside: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _calling(child, f"{inside}.{child.name}".lstrip("."))
        else:
            if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id == "aside":
                yield inside
            yield from _calling(child, inside)


def at(caller: str) -> Callable[[Scenario], Scenario]:
    """The scenario of this caller."""

    def add(scenario: Scenario) -> Scenario:
        SCENARIOS[caller] = scenario
        return scenario

    return add


def test_every_caller_has_a_scenario() -> None:
    assert callers() == set(SCENARIOS)


@pytest.mark.parametrize("how", ["hangs", "fails"])
@pytest.mark.parametrize("caller", sorted(callers()))
async def test_a_disk_that_hangs_or_fails_ends_nothing(
    caller: str, how: How, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "fails" and caller in NEVER_FAILS:
        return
    disk = Disk(how, caller, monkeypatch)
    try:
        await SCENARIOS[caller](disk, tmp_path)
    finally:
        disk.release.set()


async def test_a_hang_is_an_error_of_the_disk_and_says_a_sentence() -> None:
    release = threading.Event()
    with pytest.raises(OSError, match=r"There was no answer within 0\.01 s") as caught:
        await aside(release.wait, 0.01)
    release.set()
    assert isinstance(caught.value, StalledError)
    assert caught.value.errno == errno.ETIMEDOUT
    assert caught.value.strerror


async def test_a_timeout_of_the_work_itself_is_not_taken_for_a_hang() -> None:
    def work() -> None:
        raise TimeoutError("the socket's own")

    with pytest.raises(TimeoutError, match="the socket's own"):
        await aside(work, 10)


# Keys


@at("tui.vault.keyring_store:KeyringStore._call")
async def _keyring(disk: Disk, _: Path) -> None:
    with disk.broken(), pytest.raises(KeyringTimeoutError):
        await KeyringStore().get(OPENAI)


@at("tui.vault.keyring_store:KeyringStore.unlock")
async def _unlock(disk: Disk, _: Path) -> None:
    with disk.broken(), pytest.raises(KeyringTimeoutError):
        await KeyringStore().unlock()


@at("tui.vault.vault:Vault._disk")
async def _index(disk: Disk, folder: Path) -> None:
    store = FakeStore()
    vault = make_vault(folder, store)
    with disk.broken():
        await vault.keep(OPENAI, Secret(CANARY))
        assert "Check that disk." in vault.problem
        assert store.secrets == {OPENAI: Secret(CANARY)}
    await vault.keep(OPENAI, Secret(CANARY))
    assert not vault.problem
    assert [stored.place for stored in await vault.places()] == [OPENAI]


@at("tui.screens.vault_keys:VaultKeys.look")
async def _key_row(disk: Disk, folder: Path) -> None:
    vault: Vault = make_vault(folder)
    keys, resolved = VaultKeys(vault, wanted_key), settings()
    with disk.broken():
        state = await keys.look(resolved)
        assert (state.kind, state.serious) == ("none", True)
        assert "Try again." in state.note
    vault.keep_for_session(OPENAI, Secret(CANARY))
    assert (await keys.look(resolved)).kind == "found"


# The chat, the check-up and the books


@at("tui.request.prepare:ready_provider")
async def _readiness(disk: Disk, _: Path) -> None:
    asked = LLM(model="openai/gpt-4o")
    with disk.broken(), pytest.raises(NotReadyError, match=r"Check the disk, then send again\."):
        await ready_provider(asked, {})
    assert (await ready_provider(asked, {})).name == "openai"


def _target() -> Target:
    return Target("https", "host.invalid", 443)


@at("tui.checkup.stages.certificate:shake_hands")
async def _certificate(disk: Disk, _: Path) -> None:
    with disk.broken():
        verdict = await shake_hands(_target())
    assert (verdict.outcome, verdict.cause) == ("fail", "network")
    assert verdict.next_step.startswith("Check ")


@at("tui.checkup.stages.connection:look_up")
async def _name(disk: Disk, _: Path) -> None:
    with disk.broken():
        verdict = await look_up(_target())
    assert (verdict.outcome, verdict.cause) == ("fail", "network")
    assert verdict.next_step.startswith("Check ")


def _checkup_page(parts: Parts) -> Callable[[Any], CheckupPage]:
    held = settings(LOCAL)
    return lambda _: CheckupPage(parts.backend, lambda: held, {})


async def _on_the_page(disk: Disk, folder: Path, *words: str) -> None:
    parts = Parts()
    parts.worker.plays(*GOOD.values(), *GOOD.values())
    async with running(folder / "config.toml", pages={"checkup": _checkup_page(parts)}) as bench:
        with disk.broken():
            await bench.press("f5")
            await bench.sees(*words)
            await bench.press("enter")
            await bench.sees("Done: nothing failed")
        await bench.press("enter")
        await bench.until(lambda: len(parts.worker.closed) == 2 * len(GOOD))
        await bench.sees("Done: nothing failed")


@at("tui.checkup.runner:Checkup.estimate")
async def _estimate(disk: Disk, folder: Path) -> None:
    await _on_the_page(disk, folder, "What it will send and cost is not known")


@at("tui.checkup.runner:Checkup._look_up")
async def _facts(disk: Disk, folder: Path) -> None:
    await _on_the_page(disk, folder, "Enter runs it")


@at("tui.checkup.runner:Checkup._run")
async def _versions(disk: Disk, _: Path) -> None:
    parts = Parts()
    parts.worker.plays(*GOOD.values(), *GOOD.values())
    checkup = made(parts)
    with disk.broken():
        await ran(checkup)
    assert "versions unknown" in checkup.report.text()
    assert "fail" not in outcomes(checkup.report).values()
    again = made(parts)
    await ran(again)
    assert again.report.versions


def _books() -> Books:
    return Books(Ledger(), PreferencesFile())


@at("tui.usage.accounting:Books.look")
async def _limits(disk: Disk, _: Path) -> None:
    books = _books()
    with disk.broken():
        await books.look()
    assert books.trouble == ["The record of usage can't be kept: the disk does not answer. Requests go on without it."]
    await books.look()


@at("tui.usage.accounting:Books._write")
async def _record(disk: Disk, _: Path) -> None:
    books = _books()
    with disk.broken():
        await books._write(entry())
    assert "Requests go on without it." in books.trouble[0]
    await books._write(entry())
    assert len(books.ledger.rows("SELECT 1 FROM requests WHERE at > ?", datetime.fromtimestamp(0, UTC))) == 1


@at("tui.usage.accounting:Books._look_up")
async def _price(disk: Disk, _: Path) -> None:
    parts, books = Parts(), _books()
    prepared = await parts.backend.prepare(settings())
    load_ = load_of((Message("user", "hi"),))
    with disk.broken(), pytest.raises(UnknownPriceError):  # which the chat asks about
        await books.check(prepared, load_)
    assert await books._look_up("openai/gpt-4o") is not None


@at("tui.clipboard:Clipboard.copy")
async def _copy(disk: Disk, _: Path) -> None:
    clipboard = Clipboard({})
    with disk.broken():
        assert (await clipboard.copy("x")).trouble == "the clipboard did not answer"
    assert not (await clipboard.copy("x")).trouble


# Beginning and end


@at("tui.cli.deferred_imports:import_late")
async def _late(disk: Disk, _: Path) -> None:
    with disk.broken():
        await import_late()


@at("tui.cli.shutdown:forget")
async def _forget(disk: Disk, folder: Path) -> None:
    keeper = DraftKeeper(folder / "config.toml", folder / "drafts")
    with disk.broken():
        await forget(keeper)
    await forget(keeper)
    keeper.close()


@at("tui.cli.shutdown:keep")
async def _keep(disk: Disk, folder: Path) -> None:
    keeper = DraftKeeper(folder / "config.toml", folder / "drafts")
    with disk.broken():
        await keep(keeper)
    await keep(keeper)
    keeper.close()


# The form


@at("tui.app:LLMBackendsApp._keep")
async def _theme(disk: Disk, folder: Path) -> None:
    async with running(folder / "config.toml") as bench:
        with disk.broken():
            bench.app._wear("llm-backends-light")
            await bench.sees("The theme holds until the app ends.")
        bench.app._wear("llm-backends-dark")
        await bench.until(lambda: PreferencesFile().read().preferences.theme == "dark")


@at("tui.screens.catalogue_models:CatalogueModels.load")
async def _catalogue(disk: Disk, _: Path) -> None:
    models = CatalogueModels()
    with disk.broken():
        await models.load()
    assert "type the model as provider/model" in models.facts("openai/gpt-4o", "")
    await models.load()
    assert models.models("openai", "gpt-4o").lines


@at("tui.screens.catalogue_models:CatalogueModels.used")
async def _recent(disk: Disk, folder: Path) -> None:
    models = CatalogueModels(recent=Recent(folder))
    await models.load()
    with disk.broken():
        await models.used("openai/gpt-4o")
    assert models.models("openai", "gpt-4o").lines
    await models.used("openai/gpt-4o")
    assert Recent(folder).all() == ("openai/gpt-4o",)


@at("tui.screens.problems_controller:ProblemsController._check")
async def _lint(disk: Disk, folder: Path) -> None:
    async with running(folder / "config.toml") as bench:
        with disk.broken():
            await bench.replace("num_retries", "7")
            await bench.until(lambda: bench.main.problems.found is not None and bench.main.problems.found.note)
        await bench.replace("num_retries", "8")
        await bench.until(lambda: bench.main.problems.found is not None and not bench.main.problems.found.note)
        assert bench.main.workspace.edits == {"num_retries": Set(8)}


@at("tui.screens.saving:Saving.save")
async def _preview(disk: Disk, folder: Path) -> None:
    async with running(folder / "config.toml") as bench:
        await bench.replace("num_retries", "7")
        with disk.broken():
            await bench.press("ctrl+s")
            await bench.sees("The change can't be made", "Your edits are kept here")
        await bench.press("enter")
        await _saves(bench)


@at("tui.screens.saving:Saving._mend")
async def _restore(disk: Disk, folder: Path) -> None:
    copy = folder / "copy"
    copy.write_bytes(b"[llm]\nnum_retries = 6\n")
    async with running(folder / "config.toml") as bench:
        workspace = bench.main.workspace
        workspace.reload(msgspec.structs.replace(workspace.snapshot, before=copy))
        with disk.broken():
            bench.main.file.offer_left()
            await bench.sees("was cut off")
            await bench.press("enter")
            await bench.sees("The file was not restored")
            await bench.press("enter")
        bench.main.file.offer_left()
        await bench.sees("was cut off")
        await bench.press("enter")
        await bench.until(lambda: bench.path.read_bytes() == b"[llm]\nnum_retries = 6\n")


@at("tui.screens.disk:write_aside")
async def _write(disk: Disk, folder: Path) -> None:
    snapshot = read(_file(folder))
    with disk.broken(), pytest.raises(StorageError, match="Reload it before the next save"):
        await write_aside(snapshot, b"")
    assert (await write_aside(snapshot, b"# new\n")).raw == b"# new\n"


@at("tui.screens.disk:read_aside")
async def _read(disk: Disk, folder: Path) -> None:
    with disk.broken(), pytest.raises(StorageError, match="Try again"):
        await read_aside(_file(folder))
    assert (await read_aside(_file(folder))).raw == CONFIG.encode()


@at("tui.screens.recovering:Recovering._did")
async def _draft(disk: Disk, folder: Path) -> None:
    keeper = DraftKeeper(folder / "config.toml", folder / "drafts")
    async with running(folder / "config.toml", drafts=keeper) as bench:
        with disk.broken():
            await bench.replace("num_retries", "7")
            await bench.sees("Unsaved edits can't be kept")
        await bench.replace("num_retries", "8")
        await bench.until(lambda: not keeper.behind)
        assert len(drafts(folder)) == 1
    keeper.close()


@at("tui.screens.recovering:Recovering._next")
async def _left(disk: Disk, folder: Path) -> None:
    leave(folder, edits=(RETRIES,))
    keeper = DraftKeeper(folder / "config.toml", folder / "drafts")
    with disk.broken():
        async with running(folder / "config.toml", drafts=keeper) as bench:
            await bench.sees("Edits of earlier sessions can't be looked for")
            await bench.replace("num_retries", "7")
            await _saves(bench)
    async with running(folder / "config.toml", config=None, drafts=keeper) as bench:
        await bench.sees("1 edit from", "was not saved")
    keeper.close()


# Pages and dialogs


@at("tui.screens.usage:UsagePage._read")
async def _usage(disk: Disk, folder: Path) -> None:
    Ledger().add(entry(model="openai/own"))
    async with running(folder / "config.toml") as bench:
        with disk.broken():
            await bench.press("f6")
            await bench.sees("The disk does not answer. ^r tries again.")
        await bench.press("ctrl+r")
        await bench.sees("openai/own")


@at("tui.screens.usage:UsagePage._save")
async def _limit(disk: Disk, folder: Path) -> None:
    async with running(folder / "config.toml") as bench:
        await opened(bench)
        await bench.press("tab")
        with disk.broken():
            await bench.type("5")
            await bench.press("enter")
            await bench.sees("not saved")
        assert row(bench, "session_usd").has_focus_within
        await bench.press("enter")
        await bench.until(lambda: PreferencesFile().read().preferences.limits.session_usd)


@at("tui.screens.export:ExportScreen._write")
async def _export(disk: Disk, folder: Path) -> None:
    async with running(folder / "config.toml") as bench:
        with disk.broken():
            await bench.press("f12")
            await bench.sees("It can't be written:")
        await bench.press("right")
        screen = bench.app.screen
        assert isinstance(screen, ExportScreen)
        await bench.until(lambda: screen._text)


@at("tui.screens.guide:GuidePage._fill")
async def _guides(disk: Disk, folder: Path) -> None:
    async with running(folder / "config.toml") as bench:
        with disk.broken():
            await bench.press("f7")
            await bench.sees("come back to try again")
        await bench.press("f2", "f7")
        await bench.until(lambda: bench.main.query_one("#guides", OptionList).option_count)


@at("tui.screens.guide:in_short")
async def _short_guide(disk: Disk, _: Path) -> None:
    with disk.broken():
        assert not await in_short("anthropic")
    assert "F7 shows the whole guide." in await in_short("anthropic")


@at("tui.screens.chat_tools:ChatTools._suggested")
async def _name_of_chat(disk: Disk, folder: Path) -> None:
    async with chatting(folder / "config.toml") as (bench, pane):
        with disk.broken():
            await chosen(bench, "save")
            await bench.sees("Save the chat")
        await bench.type("own")
        await bench.press("enter")
        await bench.sees("Saved as")
        assert pane.conversation.turns == TURNS


@at("tui.screens.chat_tools:ChatTools._written")
async def _save_chat(disk: Disk, folder: Path) -> None:
    async with chatting(folder / "config.toml") as (bench, pane):
        with disk.broken():
            await chosen(bench, "save")
            await bench.sees("Save the chat")
            await bench.press("enter")
            await bench.sees("The chat was not saved")
        assert pane.conversation.turns == TURNS
        await bench.press("enter")
        await bench.sees("Save the chat")
        await bench.press("enter")
        await bench.sees("Saved as")
        (saved,) = default_folder().glob("[!.]*")
        assert load(saved.read_bytes()).conversation.turns == TURNS


@at("tui.screens.chat_tools:ChatTools.load")
async def _list_chats(disk: Disk, folder: Path) -> None:
    async with chatting(folder / "config.toml", ()) as (bench, _):
        with disk.broken():
            await chosen(bench, "load")
            await bench.sees("Load a chat")
        await bench.press("escape")
        await chosen(bench, "load")
        await bench.sees("Load a chat")


@at("tui.screens.chat_tools:ChatTools._read")
async def _load_chat(disk: Disk, folder: Path) -> None:
    async with chatting(folder / "config.toml") as (bench, pane):
        await chosen(bench, "save")
        await bench.sees("Save the chat")
        await bench.press("enter")
        await bench.sees("Saved as")
        with disk.broken():
            await chosen(bench, "load")
            await bench.sees("Load a chat")
            await bench.press("enter")
            await bench.sees("The chat was not loaded")
        assert pane.conversation.turns == TURNS
        await bench.press("enter")
        await bench.sees("Load a chat")
        await bench.press("enter")
        await bench.sees("Loaded 2 turns")


def _file(folder: Path) -> Path:
    path = folder / "config.toml"
    if not path.exists():
        path.write_text(CONFIG)
    return path


async def _saves(bench: Bench) -> None:
    await bench.press("ctrl+s")
    await bench.sees("+num_retries = 7")
    await bench.press("enter")
    await bench.sees("Saved config.toml")
    assert "num_retries = 7" in bench.path.read_text()
