"""The app itself: `llm-backends` on the user's file, `llm-backends demo` on a scratch one."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, NoReturn

import click
import msgspec

from tui.app import LLMBackendsApp
from tui.cli.deferred_imports import LateParts, import_late
from tui.cli.exits import CommandFailed, Exit
from tui.cli.gc_tuning import settle
from tui.cli.manual import Manual
from tui.cli.opened import Choice, chosen
from tui.cli.shutdown import Departure, ended_by_itself, forget, keep
from tui.config.preferences import PreferencesFile
from tui.config.recovery import DraftKeeper
from tui.config.resolve import Resolved
from tui.config.schema import ENV_PREFIX, LLM, Value
from tui.config.workspace import Workspace
from tui.providers.recent import Recent
from tui.screens.catalogue_models import CatalogueModels
from tui.screens.keys import Keys, LateKeys
from tui.screens.live_models import LiveModels
from tui.screens.main import FIRST_QUESTION
from tui.screens.missing_fields import Lacking
from tui.screens.services import Services
from tui.text import visible

_NO_SCREEN: Final = ("", "dumb", "unknown")
"""What TERM is where the cursor can't be moved, or nobody knows how."""

if TYPE_CHECKING:
    from tui.cli.parts import Parts
    from tui.screens.late_page import LatePage, PageHost
    from tui.widgets.chat_pane import ChatPane


def run(choice: Choice) -> NoReturn:
    """Open the app on the file that the options choose, and leave with its exit code."""
    _need_terminal(choice.env)
    _leave(_to_its_end(choice.open(), choice.env, Recent()))


def _built_in() -> Mapping[str, Value]:
    from tui.local.demo import settings  # noqa: PLC0415  # only a first start has a use for these
    from tui.local.probe import free_port  # noqa: PLC0415

    return settings(free_port())


@click.command("demo", cls=Manual)
@click.pass_context
def demo_command(context: click.Context) -> None:
    """Open the app on a scratch file with the built-in model: no account, no key, nothing of yours is touched.

    The model (93 MB) is fetched when it is first asked something, once.
    """
    from tui.local.demo import scratch_config  # noqa: PLC0415  # the app has no use for these
    from tui.local.probe import free_port  # noqa: PLC0415

    env = {name: value for name, value in chosen(context).env.items() if not name.startswith(ENV_PREFIX)}
    _need_terminal(env)
    path = scratch_config(free_port())
    try:
        code = _to_its_end(Choice(path, None, env).open(), env, question=FIRST_QUESTION)
    finally:
        shutil.rmtree(path.parent, ignore_errors=True)
    _leave(code)


def _need_terminal(env: Mapping[str, str]) -> None:
    """Raise `CommandFailed` (wrong usage) where the app has no full screen to draw on."""
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):  # it is drawn on standard error
        why = "the app needs a terminal for input and output"
    elif os.name != "nt" and env.get("TERM", "").lower() in _NO_SCREEN:
        term = f"TERM={env['TERM']}" if env.get("TERM") else "TERM is not set"
        why = f"the app needs a terminal with a full screen, and this one says it has none ({term})"
    else:
        return
    raise CommandFailed(
        f"{why}. `llm-backends --plain` works without one, and so do the commands of `--help`.", Exit.USAGE
    )


def _to_its_end(
    workspace: Workspace, env: Mapping[str, str], recent: Recent | None = None, *, question: str = ""
) -> int:
    """Run the app; unlike `asyncio.run`, don't wait for threads that hang.

    Args:
        workspace: the file.
        env: the app's environment.
        recent: remembers models; None does not, greets nobody, and keeps no unsaved edits for the next start.
        question: stands in the chat's prompt at the start.
    """
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    return loop.run_until_complete(_run(workspace, env, recent, question))


async def _run(workspace: Workspace, env: Mapping[str, str], recent: Recent | None, question: str) -> int:
    preferences = PreferencesFile()
    late = LateParts(partial(_assembled, env, preferences))
    drafts = None if recent is None else DraftKeeper(workspace.snapshot.path)
    services = msgspec.structs.replace(_services(late, env, recent, question), drafts=drafts)
    theme = preferences.read().preferences.theme  # before the first paint: it would flash in the wrong colours
    app = LLMBackendsApp(workspace, services, theme, preferences.set_theme)
    try:
        with Departure(app, None if drafts is None else drafts.write), suppress(asyncio.CancelledError):
            await app.run_async()  # nobody cancels this task on purpose: an end like any other without a cause
    finally:
        await late.close()
    if drafts is not None:
        await (forget if app.left else keep)(drafts)
    if not app.left and not app.return_code:
        sys.stderr.write(ended_by_itself(kept=drafts is not None and drafts.keeps))
        return Exit.PROBLEM
    return app.return_code or 0


def _assembled(env: Mapping[str, str], preferences: PreferencesFile) -> Parts:
    from tui.cli.parts import assemble  # noqa: PLC0415  # what it imports is for after the first paint

    return assemble(env, preferences)


def _schedule(settings: LLM) -> tuple[float, ...]:
    from tui.llm.retry import schedule  # noqa: PLC0415  # Advanced shows it, which is not the first page

    return schedule(settings)


def _services(late: LateParts, env: Mapping[str, str], recent: Recent | None, question: str = "") -> Services:
    started: set[asyncio.Task[None]] = set()

    def chat(settings: Callable[[], Mapping[str, Resolved]]) -> ChatPane:
        """Called once, after the first paint: the time to start the worker too."""
        from tui.clipboard import Clipboard  # noqa: PLC0415  # what these import would delay the first paint
        from tui.widgets.chat_pane import ChatPane  # noqa: PLC0415

        settle()
        parts = late.parts
        started.add(asyncio.create_task(parts.engine.start()))
        pane = ChatPane(parts.backend, settings, clipboard=Clipboard(env))
        parts.books.on_trouble = lambda words: pane.notify(visible(words), severity="warning", markup=False, timeout=10)
        return pane

    def checkup(screen: PageHost) -> LatePage:
        from tui.screens.checkup import CheckupPage  # noqa: PLC0415  # the same

        return CheckupPage(late.parts.backend, screen.workspace.resolved, env)

    def compare(screen: PageHost) -> LatePage:
        from tui.screens.compare import ComparePage  # noqa: PLC0415  # the same

        return ComparePage(late.parts.backend, screen.workspace, profiles_page=screen.has_page("profiles"))

    def usage(_screen: PageHost) -> LatePage:
        from tui.screens.usage import UsagePage  # noqa: PLC0415  # the same

        return UsagePage(late.parts.books)

    def keys() -> Keys:
        from tui.request.key import wanted_key  # noqa: PLC0415  # the same
        from tui.request.keyless import why_keyless  # noqa: PLC0415
        from tui.screens.vault_keys import VaultKeys  # noqa: PLC0415

        return VaultKeys(late.parts.vault, wanted_key, lambda resolved: why_keyless(resolved, env))

    return Services(
        keys=LateKeys(keys),
        models=CatalogueModels(recent=recent, built_in=recent is not None),
        schedule=_schedule,
        import_late=import_late,
        chat=chat,
        pages={"checkup": checkup, "usage": usage, "compare": compare},
        lacking=Lacking(env),
        live=LiveModels(late),
        built_in=_built_in if recent is not None else None,
        question=question,
    )


def _leave(code: int) -> NoReturn:
    """End the process now: a thread that waits for a hanging disk would keep `sys.exit` from it."""
    with suppress(OSError):  # the terminal is gone
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
