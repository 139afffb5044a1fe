"""Point nine: what is installed is what was locked, and nothing runs by itself when Python starts."""

from __future__ import annotations

import re
import site
import sysconfig
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement

from tests.reliability.counts import Counts
from tests.reliability.figures import Figure, tell

ROOT: Final = Path(__file__).parents[2]
LOCKS: Final = (ROOT / "requirements.lock", ROOT / "tests" / "requirements.lock")

WITHDRAWN: Final = ("1.82.7", "1.82.8", *(f"1.107.{patch}" for patch in range(10)))
"""LiteLLM versions that were malicious (the first two ran code from a .pth file) or taken back."""

_PINNED: Final = re.compile(
    r"([A-Za-z0-9._-]+)(?:\[[a-z0-9,._-]+\])?==([^\s;]+)(?: ;[^\\]*?)?((?: --hash=sha256:[0-9a-f]{64})+)"
)
_EXPECTED: Final[Mapping[str, str]] = {
    r"distutils-precedence\.pth": (
        r"import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os\.environ\.get\(var, 'local'\) == 'local'; "
        r"enabled and __import__\('_distutils_hack'\)(\.add_shim\(\))?;?"
    ),
    r"_virtualenv\.pth": r"import _virtualenv",
    r"(__editable__\.|_editable_impl_|_)llm_backends(-[^/]*)?\.pth": re.escape(str(ROOT)),
}
"""Files that may be there, each with all that may stand in it: a .pth file runs what it imports at every start."""


def figures(_counts: Counts) -> Iterator[Figure]:
    """The lock files and this environment."""
    lines = [line for lock in LOCKS for line in requirements(lock.read_text())]
    wrong = [line for line in lines if not _PINNED.fullmatch(line)]
    fine = "each pins one version by its hashes; no address, no option"
    yield Figure(
        part="Supply", what="lines of the lock files", count=len(lines), result=tell(wrong, fine), passed=not wrong
    )
    folders = environment()
    files = [file for folder in folders for file in folder.glob("*.pth")]
    wrong = [str(file.name) for file in unexpected(folders)]
    result = tell(wrong, "none that is not expected, by name and content")
    what = "`.pth` files in the environment"
    yield Figure(part="Supply", what=what, count=len(files), result=result, passed=not wrong)
    wrong = list(withdrawn())
    result = tell(wrong, "none can be installed, none is locked, none is installed")
    what = "withdrawn versions of LiteLLM"
    yield Figure(part="Supply", what=what, count=len(WITHDRAWN), result=result, passed=not wrong)


def requirements(text: str) -> Iterator[str]:
    """The lines of a lock file, those that are continued as one, without blank ones and comments."""
    for line in re.sub(r"\s*\\\n\s*", " ", text).splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.strip()


def environment() -> list[Path]:
    """The directories whose .pth files run when this Python starts."""
    folders = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    if site.ENABLE_USER_SITE:
        folders.add(site.getusersitepackages())
    return [Path(folder) for folder in sorted(folders)]


def unexpected(folders: Iterable[Path]) -> Iterator[Path]:
    """The .pth files there that nobody expects, by name or by what stands in them."""
    for folder in folders:
        for file in sorted(folder.glob("*.pth")):
            lines = [line.strip() for line in file.read_text().splitlines() if line.strip()]
            patterns = [line for name, line in _EXPECTED.items() if re.fullmatch(name, file.name)]
            if not patterns or not all(re.fullmatch(patterns[0], line) for line in lines):
                yield file


def withdrawn() -> Iterator[str]:
    """Where a withdrawn version of LiteLLM would be taken."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    bounds = next(found for found in map(Requirement, project["dependencies"]) if found.name == "litellm")
    yield from (f"pyproject.toml takes {bad}" for bad in WITHDRAWN if bounds.specifier.contains(bad))
    for lock in LOCKS:
        pinned = [_PINNED.fullmatch(line) for line in requirements(lock.read_text())]
        versions = [found[2] for found in pinned if found and found[1] == "litellm"]
        yield from (f"{lock.relative_to(ROOT)} pins {bad}" for bad in versions if bad in WITHDRAWN)
        if len(versions) != 1:
            yield f"{lock.relative_to(ROOT)} pins {len(versions)} versions of litellm"
    if version("litellm") in WITHDRAWN:
        yield f"{version('litellm')} is installed"
