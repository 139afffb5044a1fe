"""The parts of the system that some tests need, how each is found, and what Debian calls its package.

    @pytest.mark.real("tmux")

skips a test where tmux is missing, with a reason that names it, and fails it where `LLM_BACKENDS_REQUIRE_REAL` is set,
as in CI: there a skipped test would be a promise that nobody checks. `conftest.py` applies the mark.

`python -m tests.parts` prints the packages that are missing here. It needs nothing but the standard library.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

REQUIRED: Final = bool(os.environ.get("LLM_BACKENDS_REQUIRE_REAL"))
"""Whether a missing part is a failure. Read once: tests run without the variable."""
_SYSTEM: Final = ("/usr/sbin", "/usr/local/sbin")
"""Where servers are installed, which is not on everyone's PATH."""


@dataclass(frozen=True)
class Part:
    """Something that is installed beside Python, or not."""

    programs: Mapping[str, str]
    """Each program that it takes, and the Debian package that has it; "" where Debian has none."""
    module: str = ""
    """The Python package that it is, for one that is."""

    def missing(self) -> Iterator[str]:
        """The programs and modules that are not here."""
        yield from (name for name in self.programs if program(name) is None)
        if self.module and find_spec(self.module) is None:
            yield self.module


PARTS: Final[Mapping[str, Part]] = {
    "Secret Service": Part({"dbus-daemon": "dbus", "gnome-keyring-daemon": "gnome-keyring"}),
    "sshd": Part({"sshd": "openssh-server", "ssh": "openssh-client", "ssh-keygen": "openssh-client"}),
    "tmux": Part({"tmux": "tmux"}),
    "setsid": Part({"setsid": "util-linux"}),
    "bash": Part({"bash": "bash"}),
    "zsh": Part({"zsh": "zsh"}),
    "fish": Part({"fish": "fish"}),
    "taplo": Part({"taplo": ""}),
    "llama.cpp": Part({}, module="xllamacpp"),
}


def program(name: str) -> str | None:
    """Where a program is, on the PATH or where servers are installed."""
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), *_SYSTEM]))


def absent(name: str) -> str:
    """Why tests that need this part can't run here; "" if they can.

    Raises:
        KeyError: no part has this name.
    """
    missing = [*PARTS[name].missing()]
    return f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed" if missing else ""


def packages() -> list[str]:
    """The Debian packages that would bring all parts that are missing."""
    wanted = {part.programs.get(name, "") for part in PARTS.values() for name in part.missing()}
    return sorted(wanted - {""})


if __name__ == "__main__":
    sys.stdout.write(" ".join(packages()))
