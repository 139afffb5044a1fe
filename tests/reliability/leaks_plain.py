"""Point five, plain mode in processes of its own: by hand in a pseudo-terminal, and from a script.

The hands type keys at the prompt that does not show them. A script has no terminal that repeats what comes in, so
there the key may also stand where it does not belong, and must not come out again.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from tests.e2e.opened import descendants
from tests.fake_provider import Reply
from tests.reliability.canaries import IN_FILE, TYPED, leaked, leaked_files, leaked_processes
from tests.reliability.leaks_in_processes import command_line, crash_script, environment, watched, without_controls
from tests.reliability.leaks_shared import EchoProvider, any_reply, config
from tests.terminal import ScreenTimeoutError, Terminal

_ANSWER_S: Final = 40.0
"""For a worker that starts and a request that times out."""
_ASKING_S: Final = 20.0
_SCRIPTS: Final = 0.4
_CRASHES: Final = 0.1
_ACTIONS: Final = (3, 7)
_QUESTIONS: Final = (" or no:", " or back:")
_LINES: Final[Sequence[str]] = (
    "show", "show all", "get api_key", "get model", "set timeout 33", "set num_retries 1", "unset timeout", "profile",
    "diff", "check", "undo", "help",
)  # fmt: skip
_QUICK_CHAT: Final = "set timeout 2\nchat hello"
_MISPLACED: Final[Sequence[str]] = (
    TYPED, f"{TYPED} key", f"key {TYPED}\n{TYPED}", f"get {TYPED}", f"unset {TYPED}", f"set api_key {TYPED}",
    f"set {TYPED}", f"set {TYPED} 1", f"set timeout {TYPED}", f"profile {TYPED}",
)  # fmt: skip


class Session(msgspec.Struct, kw_only=True):
    """Plain mode in a terminal, and what was found in it so far."""

    terminal: Terminal
    chance: random.Random
    server: EchoProvider
    found: list[str]
    ended: bool = False

    def look(self) -> None:
        """Search the screen and the processes."""
        self.found += [f"{key[:15]} on the terminal's screen" for key in leaked(self.terminal.text)]
        self.found += leaked_processes(descendants(self.terminal.pid))
        self.found += [f"{key[:15]} in a command line" for key in leaked(command_line(self.terminal.pid))]

    def enter(self, line: str) -> None:
        """Write a line at once, as a paste does."""
        self.terminal.send(f"{line}\n".encode())
        self.terminal._pass(0.1)

    def settle(self) -> None:
        """Answer what is asked, one way or the other, until the prompt is back; a wait that is too long is stopped."""
        end = time.monotonic() + _ANSWER_S
        while (last := self.last) != ">" and not self.ended:
            if last.endswith(_QUESTIONS):
                self.enter(self.chance.choice(("yes", "yes", "no")))
            if time.monotonic() > end:
                raise ScreenTimeoutError(f"no prompt; the screen was:\n{self.terminal.text}")
            self.ended = not self.terminal._read(0.05)
        self.look()

    @property
    def last(self) -> str:
        """The last line on the screen that is not empty."""
        return next((line for line in reversed(self.terminal.text.splitlines()) if line), "")


Action: TypeAlias = Callable[[Session], None]


def _settings(session: Session) -> None:
    for line in session.chance.sample(_LINES, 3):
        session.enter(line)
        session.settle()


def _save(session: Session) -> None:
    session.enter("save")
    session.settle()


def _asked_for_key(session: Session) -> None:
    """Type nothing before the terminal has stopped to repeat what is typed."""
    session.enter("key")
    end = time.monotonic() + _ASKING_S
    while not session.last.endswith("not shown:"):
        if time.monotonic() > end:
            raise ScreenTimeoutError(f"not asked for a key; the screen was:\n{session.terminal.text}")
        session.terminal._read(0.05)


def _type_key(session: Session) -> None:
    _asked_for_key(session)
    session.terminal.type(TYPED[: session.chance.choice((12, len(TYPED)))])
    session.look()
    session.terminal.press(session.chance.choice(("enter", "enter", "ctrl+c")))
    session.settle()


def _paste_key(session: Session) -> None:
    """With what a clipboard may hold besides: blanks, a second line."""
    _asked_for_key(session)
    session.enter(session.chance.choice((TYPED, f"  {TYPED} ", f"{TYPED}\n{TYPED}")))
    session.settle()


def _chat(session: Session) -> None:
    session.server.always = any_reply(session.chance)
    session.enter("chat hello")
    _stopped_if_it_takes_long(session)


def _stop(session: Session) -> None:
    session.server.always = Reply.hang()
    posts = session.server.posts
    session.enter("chat hello")
    _until(session, lambda: session.server.posts > posts)
    session.terminal.press("ctrl+c")
    session.settle()


def _check_up(session: Session) -> None:
    session.server.always = any_reply(session.chance)
    session.enter("checkup")
    _stopped_if_it_takes_long(session)


def _stopped_if_it_takes_long(session: Session) -> None:
    _until(session, lambda: False, 4)
    if session.last != ">":
        session.terminal.press("ctrl+c")
    session.settle()


def _until(session: Session, holds: Callable[[], bool], within_s: float = _ASKING_S) -> None:
    """Answer yes and look, until something holds, the prompt is back, or it has been long enough."""
    end = time.monotonic() + within_s
    while not holds() and session.last != ">" and time.monotonic() < end:
        if session.last.endswith(_QUESTIONS):
            session.enter("yes")
        session.terminal._read(0.05)
        session.look()


ALL: Final[Sequence[Action]] = (_settings, _save, _type_key, _paste_key, _chat, _chat, _stop, _check_up)


def plain_run(folder: Path, chance: random.Random, actions: Sequence[Action] = ALL) -> list[str]:
    """One session; what was found where."""
    crash = chance.random() < _CRASHES
    with EchoProvider() as server:
        server.always = any_reply(chance)
        path = config(folder, chance, server.base_url)
        start = ["-c", crash_script(folder)] if crash else ["-m", "tui"]
        command, env = [sys.executable, *start, "--plain"], environment(folder, chance)
        if chance.random() < _SCRIPTS:
            said, found = watched(command, folder, env, _script(chance, crash=crash))
        else:
            with Terminal(command, env=env, cwd=folder, size=(120, 36)) as terminal:
                said, found = _by_hand(terminal, chance, server, [_chat] if crash else actions)
    found += [f"{key[:15]} in what plain mode wrote" for key in leaked(said)]
    if crash and "made a mistake and had to stop" not in said:
        found.append(f"a crash was not told: {said[-200:]}")
    return [*found, *leaked_files(folder, [(path, IN_FILE)])]


def _script(chance: random.Random, *, crash: bool) -> str:
    lines = [*chance.sample(_LINES, 3), *chance.sample(_MISPLACED, 3), f"key\n{TYPED}", _QUICK_CHAT, "save"]
    chance.shuffle(lines)
    return "\n".join([*([_QUICK_CHAT] if crash else lines), "quit", ""])


def _by_hand(
    terminal: Terminal, chance: random.Random, server: EchoProvider, actions: Sequence[Action]
) -> tuple[str, list[str]]:
    """What the terminal received, and what was found on the way."""
    session = Session(terminal=terminal, chance=chance, server=server, found=[])
    terminal.wait("Type help for the commands", within_s=30)
    for action in [_begin, *chance.choices(actions, k=chance.randint(*_ACTIONS)), chance.choice((_leave, _break_off))]:
        if not session.ended:
            action(session)
    return without_controls(terminal.raw), session.found


def _begin(session: Session) -> None:
    session.settle()


def _leave(session: Session) -> None:
    """As often as it takes: who answers at random may save, and then not write."""
    while not session.ended:
        session.enter("quit")
        session.settle()


def _break_off(session: Session) -> None:
    """Killed, or its terminal closed, in the middle of a key, of an answer, or of a question."""
    if session.chance.random() < 0.5:
        _asked_for_key(session)
        session.terminal.type(TYPED[:20])
    else:
        session.enter(session.chance.choice(("chat hello", "checkup")))
        session.terminal._pass(session.chance.random())
    session.look()
    session.chance.choice((session.terminal.kill, session.terminal.hang_up))()
