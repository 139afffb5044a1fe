"""Rules on values that are valid and still do something else: addresses, versions, retry bounds, plain keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from tui.config.lint.case import Case, header
from tui.config.lint.problem import ENVIRONMENT, Problem, Repair, SetTo
from tui.config.resolve import DEFAULT_TABLE, Resolved, Table
from tui.config.schema import FIELDS
from tui.text import visible_line

_APPENDED: Final = ("/chat/completions", "/completions", "/v1/messages", "/responses", "/embeddings")
"""Ends of an address that LiteLLM appends by itself."""
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0", "host.docker.internal"})  # noqa: S104  # compared, not bound


def _tables(case: Case) -> tuple[Table, ...]:
    """All tables, and the default one also where the file has none: the environment alone may fill it."""
    return case.tables if DEFAULT_TABLE in case.tables else (DEFAULT_TABLE, *case.tables)


def _place(case: Case, table: Table, item: Resolved) -> Mapping[str, str | int]:
    """Where a value of the table stands: its line, or the variable."""
    if item.origin.kind == "env":
        return {"table": ENVIRONMENT, "key": item.env_name}
    return {"line": case.line(table, item.field.name), "table": header(table), "key": item.field.name}


def _set_here(case: Case, table: Table, item: Resolved) -> bool:
    return item.field.name in case.own(table) or (table == DEFAULT_TABLE and item.origin.kind == "env")


def base_urls(case: Case) -> Iterator[Problem]:
    """LiteLLM appends the last part of the path itself."""
    for table in _tables(case):
        item = case.resolved(table)["base_url"]
        if not _set_here(case, table, item) or not isinstance(item.value, str) or not item.value.strip():
            continue
        url, path = item.value.strip(), item.value.strip().rstrip("/")
        end = next((end for end in _APPENDED if path.endswith(end)), "")
        if end:
            fixed: Repair | None = SetTo(table, "base_url", path.removesuffix(end))
            yield Problem(
                rule="doubled-path", severity="error", **_place(case, table, item),  # type: ignore[arg-type]  # str but for line
                title=f"base_url ends in {end}",
                effect="LiteLLM appends that itself, so that requests go to a doubled path and fail.",
                fix=visible_line(f"End it before {end}."), repair=None if item.origin.kind == "env" else fixed,
            )  # fmt: skip
        if not url.lower().startswith(("http://", "https://")):
            yield Problem(
                rule="no-scheme", severity="error", **_place(case, table, item),  # type: ignore[arg-type]  # as above
                title="base_url does not start with http:// or https://",
                effect="OpenHands hands it on as it is, and no request goes out.",
                fix="Write the whole address, such as http://localhost:8000/v1.",
            )  # fmt: skip


def azure_versions(case: Case) -> Iterator[Problem]:
    """OpenHands fills in a version for a model that the file calls azure, and none for one from a variable."""
    for table in _tables(case):
        resolved = case.resolved(table)
        model = resolved["model"]
        if not str(model.value).startswith("azure") or resolved["api_version"].value is not None:
            continue
        if not _set_here(case, table, model):
            continue
        versions = dict.fromkeys(target.azure_api_version for target in case.targets)
        fills = f"OpenHands fills in {' or '.join(versions)}{', by its version' if len(versions) > 1 else ''}."
        none = "OpenHands sends none with a model that comes from a variable, and Azure refuses the request."
        yield Problem(
            rule="azure-version", severity="warning", **_place(case, table, model),  # type: ignore[arg-type]  # as above
            title="an azure model without api_version", effect=none if model.origin.kind == "env" else fills,
            fix="Set api_version to the version that your deployment is made for.",
        )  # fmt: skip


def retry_bounds(case: Case) -> Iterator[Problem]:
    """If the shortest wait is above the longest, it wins."""
    for table in _tables(case):
        resolved = case.resolved(table)
        low, high = resolved["retry_min_wait"], resolved["retry_max_wait"]
        own = next((item for item in (low, high) if _set_here(case, table, item)), None)
        if own is not None and isinstance(low.value, int) and isinstance(high.value, int) and low.value > high.value:
            yield Problem(
                rule="retry-bounds", severity="error", **_place(case, table, own),  # type: ignore[arg-type]  # as above
                title=f"retry_min_wait ({low.value}) is above retry_max_wait ({high.value})",
                effect=f"OpenHands waits {low.value} s before every retry; the longest wait does not count.",
                fix="Make retry_min_wait the smaller one.",
            )  # fmt: skip


def plain_keys(case: Case) -> Iterator[Problem]:
    """A secret in the file is read by whoever can read the file."""
    for table in case.tables:
        for name, value in case.own(table).items():
            if name not in FIELDS or not FIELDS[name].secret or not isinstance(value, str) or not value.strip():
                continue
            if name == "api_key" and _local(case, table):
                continue
            profile = f" --profile {visible_line(table[1])}" if len(table) > 1 else ""
            move = f"Run `llm-backends{profile} keys move`: it puts the key into the keyring, and takes it out here."
            aws = f"Set {name.upper()} in the environment, and remove it here."
            yield Problem(
                rule="plain-key", severity="warning", line=case.line(table, name), table=header(table), key=name,
                title=f"{name} stands in the file in plain text",
                effect="OpenHands uses it; so can everybody who sees the file or a copy of it.",
                fix=move if name == "api_key" else aws,
            )  # fmt: skip


def _local(case: Case, table: Table) -> bool:
    """Whether requests stay on this machine, where a key is a word that the server wants to see."""
    url = case.resolved(table)["base_url"].value
    try:
        return isinstance(url, str) and urlsplit(url).hostname in _HERE
    except ValueError:
        return False
