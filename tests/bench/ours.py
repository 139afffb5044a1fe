"""Our app and its baselines as the benches open them: a home of its own, a file, a pseudo-terminal."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from tests.app.fakes import running
from tests.bench.watched import SIZE, Watched

ROOT: Final = Path(__file__).parents[2]
NOWHERE: Final = "http://127.0.0.1:9/v1"
SHOWN: Final = "fake-model"
"""What stands on the Settings screen as soon as it is filled."""
_FILE: Final = """\
# how my agent is set up
[core]
workspace = "~/work"

[llm]
model = "openai/fake-model"
base_url = "BASE_URL"
api_key = "sk-of-the-bench"
num_retries = 4  # the provider is busy at noon

[sandbox]
timeout = 120
"""


class Home(msgspec.Struct, frozen=True):
    """A place to run in."""

    folder: Path
    base_url: str = NOWHERE

    @property
    def config(self) -> Path:
        """The file that the app opens."""
        return self.folder / "config.toml"

    @property
    def env(self) -> dict[str, str]:
        """Nothing of the user's but the path; no keyring."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
        nobody = "unix:path=/nonexistent"
        return kept | {"HOME": str(self.folder), "DBUS_SESSION_BUS_ADDRESS": nobody, "PYTHONPATH": str(ROOT)}

    @property
    def app(self) -> list[str]:
        """The command that opens the app on the file."""
        return [*self.command, "--config", str(self.config)]

    @property
    def command(self) -> list[str]:
        """Ours, without arguments."""
        return [sys.executable, "-m", "tui"]

    def open(self, size: tuple[int, int] = SIZE) -> Watched:
        """Our app."""
        return Watched(self.app, self.env, ROOT, size)

    def bare(self, *args: str | int, size: tuple[int, int] = SIZE) -> Watched:
        """A baseline."""
        return Watched([sys.executable, "-m", "tests.bench.bare", *map(str, args)], self.env, ROOT, size)


@contextmanager
def home(base_url: str = NOWHERE) -> Iterator[Home]:
    """A folder with a file whose model answers at `base_url`."""
    with tempfile.TemporaryDirectory() as folder:
        place = Home(Path(folder), base_url)
        place.config.write_text(_FILE.replace("BASE_URL", base_url), encoding="utf-8")
        yield place


def widgets(tab: str = "settings") -> int:
    """How many widgets the screen has when a tab is shown, without the chat beside it."""
    return asyncio.run(_widgets(tab))


async def _widgets(tab: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder) / "config.toml", size=SIZE) as bench:
            await bench.app.main.action_tab(tab)
            await bench.pilot.pause()
            every = bench.app.screen.query("*")
            return sum(not any(above.id == "side" for above in widget.ancestors) for widget in every)
