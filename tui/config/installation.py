"""How this installation of the app gets more and newer packages: the command for the kind of environment it is in.

    kind       recognised by               more packages                           newer ones
    pipx       `pipx_metadata.json`        pipx inject NAME PACKAGE                pipx runpip NAME install --upgrade
    uv-tool    `uv-receipt.toml`           uv tool install --with PACKAGE NAME     uv tool upgrade NAME
    pip        an importable pip           PYTHON -m pip install PACKAGE           the same with --upgrade
    uv         neither, and uv is found    uv pip install --python PYTHON PACKAGE  the same with --upgrade
    bare       none of these               PYTHON -m ensurepip, then as with pip   the same with --upgrade

NAME is that of the environment: pipx can hold the app more than once.
"""

from __future__ import annotations

import re
import shutil
import site
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from shlex import join, quote
from typing import Final, Literal, TypeAlias
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import msgspec

Kind: TypeAlias = Literal["pipx", "uv-tool", "pip", "uv", "bare"]

_APP: Final = "llm-backends"
_PIPX: Final = "pipx_metadata.json"
_UV: Final = "uv-receipt.toml"


class Wanted(msgspec.Struct, frozen=True):
    """One package in the receipt of uv: where it came from, in one of several ways."""

    name: str
    extras: tuple[str, ...] = ()
    specifier: str = ""
    path: str = ""
    directory: str = ""
    editable: str = ""
    url: str = ""
    git: str = ""
    """A URL; the query has the revision."""

    @property
    def requirement(self) -> str:
        """As `uv tool install` takes it."""
        place = self.path or self.directory or self.editable
        if place and not self.extras:
            return place
        named = self.name + (f"[{','.join(self.extras)}]" if self.extras else "")
        if place:
            return f"{named} @ {Path(place).as_uri()}"
        if self.git:
            return f"{named} @ {_git(self.git)}"
        return f"{named} @ {self.url}" if self.url else f"{named}{self.specifier}"


class _Tool(msgspec.Struct, frozen=True):
    requirements: tuple[Wanted, ...] = ()
    python: str = ""


class _Receipt(msgspec.Struct, frozen=True):
    tool: _Tool


class Installation(msgspec.Struct, frozen=True, kw_only=True):
    """The environment that the app runs in."""

    kind: Kind
    name: str = _APP
    """What pipx or uv calls the environment."""
    python: str = sys.executable
    options: tuple[str, ...] = ()
    """Options without which pip refuses: for a Python that the system manages."""
    variables: tuple[str, ...] = ()
    """Assignments in front of the command: where pipx or uv keeps its environments, if not at the usual place."""
    wanted: tuple[Wanted, ...] = ()
    """What uv installed: it drops all that its next `install` does not name."""
    wanted_python: str = ""
    """The Python that uv was told to take."""

    def add(self, *requirements: str) -> str:
        """The command that installs these packages beside the app, for a POSIX shell."""
        match self.kind:
            case "pipx":  # it takes `litellm[google]` for installed where LiteLLM is, and injects no pip
                parts = [part for wish in requirements for part in _parts(wish)]
                if any(re.match(r"pip\b(?!-)", part) for part in parts):
                    return self._line("pipx", "runpip", self.name, "install", *parts)
                return self._line("pipx", "inject", self.name, *parts)
            case "uv-tool":
                return self._line("uv", "tool", "install", *self._kept(requirements))
            case _:
                return self._pip(*requirements)

    def upgrade(self, requirement: str) -> str:
        """The command that installs the newest version of one package that `requirement` allows."""
        match self.kind:
            case "pipx":
                return self._line("pipx", "runpip", self.name, "install", "--upgrade", requirement)
            case "uv-tool":
                return self._line("uv", "tool", "upgrade", self.name)
            case _:
                return self._pip("--upgrade", requirement)

    def _line(self, *words: str) -> str:
        return " ".join([*self.variables, join(words)])

    def _pip(self, *words: str) -> str:
        if self.kind == "uv":
            return self._line("uv", "pip", "install", "--python", self.python, *self.options, *words)
        line = self._line(self.python, "-m", "pip", "install", *self.options, *words)
        return f"{quote(self.python)} -m ensurepip && {line}" if self.kind == "bare" else line

    def _kept(self, more: Sequence[str]) -> Iterator[str]:
        if self.wanted_python:
            yield from ("--python", self.wanted_python)
        main = next((item for item in self.wanted if item.name == self.name), Wanted(self.name))
        beside = [item for item in self.wanted if item is not main]
        for item in beside:
            if item.requirement not in more:
                yield from ("--with-editable" if item.editable else "--with", item.requirement)
        for requirement in more:
            yield from ("--with", requirement)
        yield from ("--editable", main.editable) if main.editable else (main.requirement,)


def this_installation(env: Mapping[str, str]) -> Installation:
    """The one that this process runs in; `env` is the user's environment."""
    return installation(Path(sys.prefix), env, python=sys.executable, has_pip=find_spec("pip") is not None)


def installation(prefix: Path, env: Mapping[str, str], *, python: str, has_pip: bool) -> Installation:
    """The installation in the environment `prefix`. A receipt that can't be read counts as one without contents.

    Args:
        prefix: the environment's folder.
        env: where uv is looked for, and where pipx and uv keep their environments.
        python: the environment's interpreter.
        has_pip: whether pip can be imported there.
    """
    if (prefix / _PIPX).is_file():
        return Installation(kind="pipx", name=prefix.name, python=python, variables=_pipx_home(prefix, env))
    if (prefix / _UV).is_file():
        tool = _receipt(prefix / _UV)
        return Installation(
            kind="uv-tool",
            name=prefix.name,
            python=python,
            variables=_uv_home(prefix, env),
            wanted=tool.requirements,
            wanted_python=tool.python,
        )
    kind: Kind = "pip" if has_pip else "uv" if shutil.which("uv", path=env.get("PATH")) else "bare"
    return Installation(kind=kind, python=python or "python3", options=_forced(prefix))


def add_extra(extra: str, env: Mapping[str, str]) -> str:
    """The command that installs what one of the app's own extras adds.

    It names the packages, not the extra: the app itself need not come from a package index.
    """
    return this_installation(env).add(*_parts(f"{_APP}[{extra}]"))


def upgrade_litellm(env: Mapping[str, str]) -> str:
    """The command that installs the newest LiteLLM that the app takes, and with it the newest prices."""
    ours = (wish.partition(";")[0].strip() for wish in _requires(_APP))
    bounds = next((wish for wish in ours if re.match(r"litellm\b(?!-)", wish)), "litellm")
    return this_installation(env).upgrade(bounds)


def _parts(requirement: str) -> list[str]:
    """What an extra of an installed package adds; the requirement itself where that is not known."""
    match = re.fullmatch(r"([\w.-]+)\[([\w.-]+)\]", requirement)
    return (_extra(match[1], match[2]) if match else []) or [requirement]


def _extra(package: str, extra: str) -> list[str]:
    wishes = (wish.partition(";") for wish in _requires(package))
    return [wish.strip() for wish, _, when in wishes if when.replace('"', "'").strip() == f"extra == '{extra}'"]


def _requires(package: str) -> list[str]:
    from importlib.metadata import PackageNotFoundError, requires  # noqa: PLC0415  # 15 ms, which a start saves

    try:
        return requires(package) or []
    except PackageNotFoundError:
        return []


def _receipt(file: Path) -> _Tool:
    try:
        return msgspec.toml.decode(file.read_bytes(), type=_Receipt).tool
    except (OSError, msgspec.MsgspecError, ValueError):
        return _Tool()


def _git(url: str) -> str:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    revision = query.get("rev") or query.get("tag") or query.get("branch")
    folder = f"#subdirectory={query['subdirectory']}" if "subdirectory" in query else ""
    return f"git+{urlunsplit(parts._replace(query='', fragment=''))}{f'@{revision}' if revision else ''}{folder}"


def _pipx_home(prefix: Path, env: Mapping[str, str]) -> tuple[str, ...]:
    home, given = prefix.parents[1], env.get("PIPX_HOME")
    usual = (Path(given),) if given else (_data(env) / "pipx", Path.home() / ".local/pipx")
    return () if home in usual else (f"PIPX_HOME={quote(str(home))}",)


def _uv_home(prefix: Path, env: Mapping[str, str]) -> tuple[str, ...]:
    given = env.get("UV_TOOL_DIR")
    usual = Path(given) if given else _data(env) / "uv/tools"
    return () if prefix.parent == usual else (f"UV_TOOL_DIR={quote(str(prefix.parent))}",)


def _data(env: Mapping[str, str]) -> Path:
    given = env.get("XDG_DATA_HOME")
    return Path(given) if given else Path.home() / ".local/share"


def _forced(prefix: Path) -> tuple[str, ...]:
    """Options for a Python that is no environment of its own, as PEP 668 has it."""
    if prefix != Path(sys.base_prefix) or not Path(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED").is_file():
        return ()
    by_user = Path(__file__).is_relative_to(site.getusersitepackages())
    return ("--break-system-packages", *(("--user",) if by_user else ()))
