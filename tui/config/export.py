"""Effective settings in the formats that OpenHands can be started with. A secret is never in them, only its name.

shell     `eval "$(llm-backends export)"`
dotenv    a file for python-dotenv, which OpenHands reads `.env` with
docker    a `docker run` command
compose   a file for docker compose
toml      a config.toml
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

import msgspec

from tui.config.resolve import DEFAULT_TABLE, Resolved
from tui.config.schema import Plain, Value, plain
from tui.config.secret import Secret
from tui.config.toml.document import Document
from tui.config.workspace import NEW_FILE

Format: TypeAlias = Literal["shell", "dotenv", "docker", "compose", "toml"]

HOST: Final = "host.docker.internal"
"""What the host is called inside a container."""
_GATEWAY: Final = f"{HOST}:host-gateway"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:@%+,-]+")
_QUIET: Final = re.compile(r"[^'\\\x00-\x1f\x7f$]*")
_SURE: Final = re.compile("[ -~\u00a0-\u1fff\u3000-\ud7ff]")
"""Signs that every YAML reader takes as they are."""
_ESCAPES: Final = {"\n": r"\n", "\r": r"\r", "\t": r"\t", '"': r"\"", "\\": r"\\"}


class Item(msgspec.Struct, frozen=True):
    """One setting to export."""

    key: str
    variable: str
    value: Plain
    text: str
    """The value as the variable holds it."""


class Export(msgspec.Struct, frozen=True):
    """What is exported, before it has a format."""

    items: tuple[Item, ...]
    names: tuple[str, ...]
    """Variables that are passed on by name: secrets, and those of a provider that reads its own."""
    silent: tuple[str, ...]
    """Variables for a value that no variable can hold: empty text, which counts as unset, and NUL."""


def collected(resolved: Mapping[str, Resolved], names: Iterable[str] = (), *, changed: bool = False) -> Export:
    """What there is to export.

    Args:
        resolved: the effective settings.
        names: variables to pass on by name besides those of the secrets that are set.
        changed: leave out what has its default.
    """
    items, secrets, silent = [], [], []
    for item in resolved.values():
        if item.value is None or (changed and item.value == item.field.default):
            continue
        if isinstance(item.value, Secret):
            secrets += [item.field.env_name] if item.value else []
            continue
        made = Item(item.field.name, item.field.env_name, plain(item.value), as_text(item.value))
        items.append(made)
        silent += [made.variable] if not made.text or "\0" in made.text else []
    return Export(tuple(items), tuple(dict.fromkeys([*secrets, *names])), tuple(silent))


def as_text(value: Value) -> str:
    """A value as a variable holds it, so that OpenHands' cast gives it back."""
    value = plain(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def written(export: Export, form: Format, image: str = "IMAGE") -> str:
    """The export in a format, with a newline at its end; `image` is what `docker run` is to start."""
    forms: Mapping[Format, Callable[[], str]] = {
        "shell": lambda: _shell(export),
        "dotenv": lambda: _dotenv(export),
        "docker": lambda: _docker(export, image),
        "compose": lambda: _compose(export, image),
        "toml": lambda: _toml(export),
    }
    return forms[form]()


def _variables(export: Export) -> list[tuple[str, str]]:
    return [(item.variable, item.text) for item in export.items if item.variable not in export.silent]


def _shell(export: Export) -> str:
    lines = [f"export {name}={shlex.quote(text)}" for name, text in _variables(export)]
    return _lines(
        lines + [f"# {name} is not written here: set it, or use `llm-backends exec`" for name in export.names]
    )


def _dotenv(export: Export) -> str:
    lines = [f"{name}={dotenv_quoted(text)}" for name, text in _variables(export)]
    return _lines(
        lines + [f"# {name} is not written here: set it, or use `llm-backends exec`" for name in export.names]
    )


def _docker(export: Export, image: str) -> str:
    variables = _variables(export)
    contained = [(name, in_container(text)) for name, text in variables]
    words = ["docker", "run", "-it", "--rm"]
    for name, text in contained:
        words += ["-e", f"{name}={text}"]
    for name in export.names:
        words += ["-e", name]
    words += ["--add-host", _GATEWAY] if contained != variables else []
    return _lines([shlex.join([*words, image])])


def _compose(export: Export, image: str) -> str:
    variables = _variables(export)
    contained = [(name, in_container(text)) for name, text in variables]
    lines = ["services:", "  openhands:", f"    image: {yaml_quoted(image)}", "    environment:"]
    lines += [f"      {name}: {yaml_quoted(text.replace('$', '$$'))}" for name, text in contained]
    lines += [f"      {name}:" for name in export.names]
    if contained != variables:
        lines += ["    extra_hosts:", f"      - {yaml_quoted(_GATEWAY)}"]
    return _lines(lines)


def _toml(export: Export) -> str:
    document = Document(NEW_FILE)
    for item in export.items:
        document = document.set(DEFAULT_TABLE, item.key, item.value)
    notes = [f"# {name} is not written here: set it, or use `llm-backends keys set`" for name in export.names]
    return document.raw.decode() + _lines(notes)


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def in_container(text: str) -> str:
    """An address of this machine as a container reaches it; any other text as it is."""
    if not text.startswith(("http://", "https://")):
        return text
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return text
    if host not in _LOOPBACK:
        return text
    user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    before, after = text.split(parts.netloc, 1)
    return f"{before}{user}{HOST}{f':{port}' if port is not None else ''}{after}"


def dotenv_quoted(text: str) -> str:
    """`text` as python-dotenv reads it back.

    It expands `${NAME}` in any quotes and has no escape for it, and takes a backslash before the closing quote for an
    escaped quote. Both are written as the default of a variable without a name: `${:-$}` is `$`.
    """
    if _PLAIN.fullmatch(text):
        return text
    if _QUIET.fullmatch(text):
        return f"'{text}'"
    escaped = "".join(_ESCAPES.get(sign, sign) for sign in text)
    escaped = escaped.replace("${", "${:-$}{")
    return f'"{escaped[:-2]}${{:-\\\\}}"' if text.endswith("\\") else f'"{escaped}"'


def yaml_quoted(text: str) -> str:
    """`text` as a YAML string in double quotes: what is not surely printable is escaped by its number."""
    return '"' + "".join(map(_yaml_sign, text)) + '"'


def _yaml_sign(sign: str) -> str:
    return _ESCAPES.get(sign) or (sign if _SURE.fullmatch(sign) else f"\\U{ord(sign):08x}")
