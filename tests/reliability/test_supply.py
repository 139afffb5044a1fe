"""What would slip into an installation is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reliability.supply import LOCKS, ROOT, environment, requirements, unexpected, withdrawn

DISTUTILS = (
    "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; "
    "enabled and __import__('_distutils_hack').add_shim(); "
)


def test_this_environment_runs_nothing_unexpected_at_start() -> None:
    assert list(unexpected(environment())) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("litellm_init.pth", "import os\n"),
        ("anything.pth", ""),
        ("distutils-precedence.pth", f"{DISTUTILS}\nimport evil\n"),
        ("_virtualenv.pth", "import _virtualenv; import evil"),
        ("_llm_backends.pth", "/somewhere/else"),
    ],
)
def test_a_file_that_would_run_at_start_is_seen(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert [file.name for file in unexpected([tmp_path])] == [name]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("distutils-precedence.pth", DISTUTILS),
        ("_virtualenv.pth", "import _virtualenv\n"),
        ("_llm_backends.pth", f"{ROOT}\n"),
        ("_editable_impl_llm_backends.pth", str(ROOT)),
        ("__editable__.llm_backends-0.1.0.pth", str(ROOT)),
    ],
)
def test_what_an_installation_of_this_project_brings_is_expected(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert list(unexpected([tmp_path])) == []


def test_no_withdrawn_litellm_can_be_installed_is_locked_or_is_here() -> None:
    assert list(withdrawn()) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_lock_file_names_no_address_and_no_option(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert not [line for line in requirements(text) if line.startswith("-") or " @ " in line]
