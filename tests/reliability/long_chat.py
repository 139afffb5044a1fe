"""A long chat in a real terminal: prompts in quick succession end nothing, and 1,000 turns cost no more than 100."""

from __future__ import annotations

import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from tests.e2e.opened import FILE, descendants, edit_retries
from tests.fake_provider import FakeProvider
from tests.reliability.counts import Counts
from tests.reliability.figures import Figure, tell
from tests.reliability.leaks_in_processes import command_line
from tests.terminal import KEYS, ScreenTimeoutError, Terminal

PACE_S: Final = 0.15
"""Between two prompts: about the time in which an answer has come and its end is being shown."""
_ROOT: Final = Path(__file__).parents[2]
_START_S: Final = 180.0
"""A busy machine loads LiteLLM for so long."""
_TURN_S: Final = 60.0
_LETTERS: Final = "abcdefgh"
_MOST_MB: Final = 12.0
_MOST_DESCRIPTORS: Final = 2
"""More than after the first turns; a connection may be open or not when they are counted."""
_MOST_SLOWER: Final = 1.5
_NOISE_S: Final = 0.02


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What the app and its worker take after so many turns."""

    turns: int
    app_mb: float
    """Resident memory of the app's process."""
    worker_mb: float
    app_descriptors: int
    worker_descriptors: int
    key_s: float
    """Median time from a letter to its place on the screen."""


def figures(counts: Counts) -> Iterator[Figure]:
    """Prompts in quick succession, and a long chat."""
    if counts.quick_prompts:
        yield _of_quick_prompts(counts.quick_prompts)
    yield _of_long_chat(counts.chat_turns, counts.chat_warm)


def first_answer(terminal: Terminal) -> None:
    """Go to the chat and wait for a first answer, for which the worker has to start."""
    terminal.press("f4")
    terminal.wait("Ask the model")
    terminal.type("hello")
    terminal.press("enter")
    terminal.wait("Hello there.", "to first token", within_s=_START_S)


def quick_prompts(terminal: Terminal, count: int, pace_s: float) -> int:
    """Send prompts at a pace, answered or not; how many the app took before it was gone."""
    for sent in range(count):
        terminal.send(f"hello{KEYS['enter']}".encode())
        if not terminal.read(pace_s):
            return sent
    return count


def judged(samples: Sequence[Sample]) -> list[str]:
    """What has grown since the first sample, which is taken when everything has been used."""
    first, *later = samples
    wrong = []
    for name in ("app_mb", "worker_mb"):
        before, after = getattr(first, name), max(getattr(one, name) for one in later[-3:])
        if after > before + _MOST_MB:
            wrong.append(f"{name} grew from {before:.0f} to {after:.0f}")
    for name in ("app_descriptors", "worker_descriptors"):
        before, after = getattr(first, name), min(getattr(one, name) for one in later[-3:])
        if after > before + _MOST_DESCRIPTORS:
            wrong.append(f"{name} grew from {before} to {after}")
    before, after = first.key_s, statistics.median(one.key_s for one in later[-3:])
    if after > before * _MOST_SLOWER + _NOISE_S:
        wrong.append(f"a key takes {after * 1000:.0f} ms instead of {before * 1000:.0f}")
    return wrong


def _of_quick_prompts(count: int) -> Figure:
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as name, FakeProvider() as server, opened(Path(name), server) as terminal:
        edit_retries(terminal, "7")
        first_answer(terminal)
        if (taken := quick_prompts(terminal, count, PACE_S)) < count:
            wrong.append(f"the app was gone after {taken} prompts")
        elif "1 unsaved" not in terminal.text:
            wrong.append(f"the edit is not on the screen: {terminal.text}")
        if not any(b'"num_retries","value":7' in path.read_bytes() for path in Path(name).rglob("drafts/*.json")):
            wrong.append("the draft is not on the disk")
        answered = server.posts
    what = "prompts, one every 0.15 s, to a server that answers at once, with an edit that is not saved"
    result = tell(wrong, f"the app stays, {answered} were answered, the draft is on the disk")
    return Figure(part="Long chat", what=what, count=count, result=result, passed=not wrong)


def _of_long_chat(turns: int, warm: int) -> Figure:
    what = f"turns in one chat; memory, descriptors and the time of a key after {warm} turns and at the end"
    try:
        samples = _samples(turns, warm)
    except ScreenTimeoutError as error:
        return Figure(part="Long chat", what=what, count=turns, result=f"it stopped: {error}", passed=False)
    first, last, wrong = samples[0], samples[-1], judged(samples)
    words = (
        f"app {first.app_mb:.0f} and {last.app_mb:.0f} MB, worker {first.worker_mb:.0f} and {last.worker_mb:.0f} MB, "
        f"descriptors {first.app_descriptors} + {first.worker_descriptors} and {last.app_descriptors} + "
        f"{last.worker_descriptors}, a key {first.key_s * 1000:.0f} and {last.key_s * 1000:.0f} ms"
    )
    return Figure(part="Long chat", what=what, count=turns, result=tell(wrong, words), passed=not wrong)


def _samples(turns: int, warm: int) -> list[Sample]:
    with tempfile.TemporaryDirectory() as name, FakeProvider() as server, opened(Path(name), server) as terminal:
        first_answer(terminal)
        samples = []
        for turn in range(2, turns + 1):
            _turn(terminal, turn)
            if turn >= warm and (turn - warm) % max(1, (turns - warm) // 9) == 0:
                server.requests[:] = server.requests[-1:]  # they would fill the memory of this process
                samples.append(_sample(terminal, turn))
        return samples


def _turn(terminal: Terminal, number: int) -> None:
    """Send a prompt as a user does who waits for the answer's end."""
    terminal.send(f"turn {number}{KEYS['enter']}".encode())
    ended = re.compile(rf"> turn {number}\b.*to first token", re.DOTALL)
    end = time.monotonic() + _TURN_S
    while not ended.search(terminal.text):
        if time.monotonic() > end or not terminal._read():
            raise ScreenTimeoutError(f"turn {number} never ended; the screen was:\n{terminal.text}")


def _sample(terminal: Terminal, turns: int) -> Sample:
    times = []
    for at in range(len(_LETTERS)):
        began = time.perf_counter()
        terminal.send(_LETTERS[at].encode())
        terminal.wait(f"│ {_LETTERS[: at + 1]} ", within_s=_TURN_S)
        times.append(time.perf_counter() - began)
    terminal.press(*["backspace"] * len(_LETTERS))
    terminal.wait("Ask the model…")
    worker = _worker(terminal.pid)
    return Sample(
        turns=turns,
        app_mb=_memory_mb(terminal.pid),
        worker_mb=_memory_mb(worker),
        app_descriptors=_descriptors(terminal.pid),
        worker_descriptors=_descriptors(worker),
        key_s=statistics.median(times),
    )


def _worker(pid: int) -> int:
    """The process that talks to LiteLLM."""
    (worker,) = (child for child in descendants(pid) if "tui.engine" in command_line(child))
    return worker


def _memory_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


def _descriptors(pid: int) -> int:
    return len([*Path(f"/proc/{pid}/fd").iterdir()])


def opened(folder: Path, server: FakeProvider, start: Sequence[str] = ("-m", "tui")) -> Terminal:
    """The app on a file of its own, once the form is there; `start` is what Python is given to start it."""
    path = folder / "config.toml"
    path.write_text(FILE.replace("BASE_URL", server.base_url), encoding="utf-8")
    terminal = Terminal([sys.executable, *start, "--config", str(path)], env=environment(folder), cwd=_ROOT)
    terminal.wait("LLM Model", "provider ·", within_s=60)
    return terminal


def environment(folder: Path) -> dict[str, str]:
    """A home in `folder`, no keyring, Unicode."""
    kept = {name: os.environ[name] for name in ("PATH", "VIRTUAL_ENV") if name in os.environ}
    own = {"HOME": str(folder), "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent", "PYTHONPATH": str(_ROOT)}
    return kept | own | {"LANG": "C.UTF-8"}
