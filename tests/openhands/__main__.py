"""`python -m tests.openhands`: OpenHands' own loader as the referee of what this app says.

Needs a Python 3.12 and a package index; makes an environment of its own the first time (about a minute) and keeps it.
For three versions of OpenHands: 300 generated configurations field by field, the `export --format dotenv` of each, and
an example of every problem that `check` knows.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from tests.openhands.claims import CLAIMS, Answer
from tests.openhands.environment import PACKAGES, asked, find_python, made
from tests.openhands.expected import differences, expected, exported
from tests.openhands.generated import Made, configurations
from tui.config.export import collected, written
from tui.config.lint.check import lint
from tui.config.lint.targets import TARGETS
from tui.config.resolve import DEFAULT_TABLE, Source, resolve
from tui.config.schema import FIELDS, plain
from tui.config.secret import Secret
from tui.config.toml.document import Document

_SHOWN: Final = 5
"""How many failures of a kind are printed."""

Failures = list[str]


def main() -> None:
    """Run all comparisons; exit with 1 if one fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.openhands", description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="how many configurations to generate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", choices=list(PACKAGES), action="append", help="ask this version only; repeatable")
    parser.add_argument("--environment", type=Path, help="where to make or find the referee's environment")
    options = parser.parse_args()
    python = find_python()
    if python is None:
        sys.exit("No Python 3.12 was found: OpenHands runs on no other. Install it as python3.12, or with pyenv.")
    folder = made(python, options.environment)
    cases = configurations(options.seed, options.count)
    targets = options.target or list(PACKAGES)
    passed = failed = 0
    with ThreadPoolExecutor(len(targets)) as threads:  # each waits for a process of its own
        results = list(threads.map(lambda target: _all(folder, target, cases), targets))
    for target, result in zip(targets, results, strict=True):
        for title, count, failures in result:
            print(f"OpenHands {PACKAGES[target]}, {title}: {count - len(failures)} passed, {len(failures)} failed")  # noqa: T201  # a command
            print("\n".join(failures[:_SHOWN]), end="\n" if failures else "")  # noqa: T201
            passed, failed = passed + count - len(failures), failed + len(failures)
    print(f"{passed} passed, {failed} failed")  # noqa: T201
    sys.exit(1 if failed else 0)


def _all(folder: Path, target: str, cases: Sequence[Made]) -> list[tuple[str, int, Failures]]:
    claims = [claim for claim in CLAIMS if target in claim.targets]
    exports = [_export(case) for case in cases]
    asks = [case.asks() for case in cases]
    asks += [{"toml": None, "env": env, "dotenv": text} for text, env, _ in exports]
    asks += [{"toml": claim.toml, "env": dict(claim.env), "dotenv": None} for claim in claims]
    first, *answers = asked(folder, target, asks)
    defaults, count = first["defaults"], len(cases)
    found = [
        ("configurations", count, _configurations(cases, answers[:count], target, defaults)),
        ("their exports as .env", count, _exports(exports, answers[count : 2 * count], target, defaults)),
        ("what check says", len(claims), _claims(claims, answers[2 * count :], target, defaults)),
    ]
    if target == "0.26":  # the version that the schema describes
        found.append(("defaults", len(FIELDS), _defaults(defaults)))
    return found


def _configurations(cases: Sequence[Made], answers: Sequence[Any], target: str, defaults: Any) -> Failures:
    failures = []
    for case, answer in zip(cases, answers, strict=True):
        wanted = expected(case.raw, case.env, TARGETS[target], defaults)
        lines = [answer["crashed"]] if "crashed" in answer else []
        if not lines and answer["llms"].keys() != wanted.keys():
            lines.append(f"profiles: OpenHands has {list(answer['llms'])}, we say {list(wanted)}")
        for name in wanted.keys() & answer.get("llms", {}).keys():
            lines += [f"[{name}] {line}" for line in differences(answer["llms"][name], wanted[name])]
        if lines:
            failures.append("\n".join(["", *lines, f"  with {dict(case.env)} and", case.raw.decode()]))
    return failures


def _export(case: Made) -> tuple[str, dict[str, str], dict[str, Any]]:
    """The `.env` file, the secrets that it names, and the settings it was made from."""
    document = Document(case.raw)
    source = Source(document.table(DEFAULT_TABLE), document.lines(DEFAULT_TABLE))
    resolved = resolve(source, env=case.env, edits={})
    named = {
        item.field.env_name: str(plain(item.value)) for item in resolved.values() if isinstance(item.value, Secret)
    }
    return written(collected(resolved), "dotenv"), named, dict(resolved)


def _exports(
    exports: Sequence[tuple[str, dict[str, str], dict[str, Any]]], answers: Sequence[Any], target: str, defaults: Any
) -> Failures:
    failures = []
    for (text, _, resolved), answer in zip(exports, answers, strict=True):
        wanted = exported(resolved, TARGETS[target], defaults)
        if lines := [answer["crashed"]] if "crashed" in answer else differences(answer["llms"]["llm"], wanted):
            failures.append("\n".join(["", *lines, text]))
    return failures


def _claims(claims: Sequence[Any], answers: Sequence[Any], target: str, defaults: Any) -> Failures:
    failures = []
    for claim, answer in zip(claims, answers, strict=True):
        rules = {problem.rule for problem in lint(claim.toml.encode(), claim.env, (TARGETS[target],))}
        if claim.rule not in rules:
            failures.append(f"\n{claim.rule} is not found in {claim.toml!r} with {claim.env}; found {sorted(rules)}")
        elif "crashed" in answer or not claim.holds(
            Answer(defaults, answer["llms"], answer["agents"], tuple(answer["waits"]))
        ):
            failures.append(f"\n{claim.rule} does not hold for {claim.toml!r} with {claim.env}: {answer}")
    return failures


def _defaults(defaults: Any) -> Failures:
    ours = {name: field.default for name, field in FIELDS.items() if name != "log_completions_folder"}
    return differences(defaults, ours)


if __name__ == "__main__":
    main()
