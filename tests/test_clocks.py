"""No test of the ordinary run judges by the clock: on a busy machine that tells of the machine."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from hypothesis import HealthCheck, settings

TESTS = Path(__file__).parent
CLOCKS = {"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "leaves_at_once"}


def marked_slow(node: ast.AST) -> bool:
    return "mark.slow" in ast.unparse(node)


def reads_a_clock(node: ast.AST) -> bool:
    names = {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
    return bool(CLOCKS & (names | {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}))


def judges_by_the_clock(text: str) -> Iterator[str]:
    """The tests in a file that read a clock and are not marked `slow`."""
    tree = ast.parse(text)
    if any(isinstance(node, ast.Assign) and marked_slow(node) for node in tree.body):
        return
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    for test in functions:
        unmarked = test.name.startswith("test_") and not any(map(marked_slow, test.decorator_list))
        if unmarked and reads_a_clock(test):
            yield test.name


def test_a_test_that_reads_a_clock_is_marked_slow() -> None:
    files = [*TESTS.rglob("test_*.py")]
    assert len(files) > 100
    assert not [f"{path.name}: {name}" for path in files for name in judges_by_the_clock(path.read_text("utf-8"))]


def test_a_property_is_not_judged_by_the_time_that_an_example_takes() -> None:
    assert settings.default is not None
    assert settings.default.deadline is None
    assert HealthCheck.too_slow in settings.default.suppress_health_check


def test_one_that_reads_a_clock_unmarked_is_found() -> None:
    text = "def test_it():\n    began = time.monotonic()\n    assert time.monotonic() - began < 1\n"
    assert [*judges_by_the_clock(text)] == ["test_it"]
    assert not [*judges_by_the_clock(f"@pytest.mark.slow\n{text}")]
    assert not [*judges_by_the_clock(f"pytestmark = pytest.mark.slow\n{text}")]
