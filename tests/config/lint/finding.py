"""How the tests of the lint ask it."""

from __future__ import annotations

from collections.abc import Mapping

from tui.config.lint.check import lint
from tui.config.lint.problem import Problem
from tui.config.lint.targets import chosen


def found(text: str, *, env: Mapping[str, str] | None = None, target: str | None = None) -> tuple[Problem, ...]:
    """All problems of a file."""
    return lint(text.encode(), env or {}, chosen(target))


def one(text: str, rule: str, *, env: Mapping[str, str] | None = None, target: str | None = None) -> Problem:
    """The only problem of that rule."""
    problems = [problem for problem in found(text, env=env, target=target) if problem.rule == rule]
    assert len(problems) == 1, problems
    return problems[0]
