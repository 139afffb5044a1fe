"""What the repository holds that is made from the code: the tables of the READMEs and the pictures.

`python -m tests.generate` writes them, `python -m tests.generate --check` says which are stale and fails.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tests.pictures import pictures
from tui.config.schema import FIELDS, GROUPS, Field, shown

ROOT: Final = Path(__file__).parent.parent


def settings_table() -> str:
    """Every field of the schema, by group."""
    rows = ["| field | variable | takes | default | |", "|---|---|---|---|---|"]
    for group in GROUPS:
        rows.append(f"| **{group}** | | | | |")
        rows += [_row(field) for field in FIELDS.values() if field.group == group]
    return "\n".join(rows)


def _row(field: Field) -> str:
    default = f"`{shown(field, field.default)}`" if field.default is not None else "not set"
    gone = f" Gone after OpenHands {field.until}." if field.until else ""
    return f"| `{field.name}` | `{field.env_name}` | {field.expects} | {default} | {field.help}{gone} |"


def keys_table() -> str:
    """Every key binding that the app shows."""
    from tui.app import LLMBackendsApp  # noqa: PLC0415  # the tables of the schema need no Textual

    return LLMBackendsApp.key_table()


def reliability_table() -> str:
    """The figures of the full run that the repository holds."""
    from tests.reliability.figures import stored, table  # noqa: PLC0415  # as above

    return table(stored())


def performance_table() -> str:
    """The figures of the run of the benches that the repository holds."""
    from tests.bench.figures import stored, table  # noqa: PLC0415  # as above

    return table(stored())


TABLES: Final[Mapping[str, Mapping[str, Callable[[], str]]]] = {
    "tui/README.md": {"settings": settings_table, "keys": keys_table},
    "tests/README.md": {"reliability": reliability_table, "performance": performance_table},
}
"""The generated tables of each page, by the name in the comment that marks the place."""


def page(path: str) -> str:
    """A page with its generated parts made anew."""
    text = (ROOT / path).read_text(encoding="utf-8")
    for name, table in TABLES[path].items():
        pattern = rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)"
        made = table().replace("\\", r"\\")
        text, found = re.subn(pattern, rf"\g<1>{made}\n\g<2>", text, flags=re.DOTALL)
        if found != 1:
            sys.exit(f"{path} has {found} places for the table {name!r}; there has to be one")
    return text


def main() -> None:
    """Write, or compare, everything that is generated."""
    made = {ROOT / path: page(path) for path in TABLES}
    made |= {ROOT / "screenshots" / name: svg for name, svg in pictures().items()}
    stale = [path for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    stale += [path for path in (ROOT / "screenshots").glob("*.svg") if path not in made]
    if "--check" in sys.argv[1:]:
        for path in stale:
            sys.stderr.write(f"stale: {path.relative_to(ROOT)}; `python -m tests.generate` makes it anew\n")
        sys.exit(1 if stale else 0)
    for path in stale:
        if path in made:
            path.write_text(made[path], encoding="utf-8")
        else:
            path.unlink()
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
