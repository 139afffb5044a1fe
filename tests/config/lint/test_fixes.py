"""What `check --fix` does to a file."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given

from tests.config.made import toml_files
from tui.config.lint.check import fixed, lint
from tui.config.lint.targets import chosen


def after(text: str, target: str | None = None) -> str:
    return fixed(text.encode(), {}, chosen(target)).decode()


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        ("[core]\n[llm]\nnative_tool_calling = None # why\n", "[core]\n[llm]\n#native_tool_calling = None # why\n"),
        ("[core]\n[llm]\ndrop_params = False\n", "[core]\n[llm]\ndrop_params = false\n"),
        ("[core]\r\n[llm]\r\nseed = None\r\nx = nil\r\n", "[core]\r\n[llm]\r\n#seed = None\r\n#x = nil\r\n"),
        ("\ufeff[core]\n[llm]\n", "[core]\n[llm]\n"),
        ("[llm]\ntimeout = 5", "[llm]\ntimeout = 5\n\n[core]\n"),
        ("[core]\n[llm]\nnum_retries = '4' # four\n", "[core]\n[llm]\nnum_retries = 4 # four\n"),
        ("[core]\n[llm]\ndrop_params = 'yes'\n", "[core]\n[llm]\ndrop_params = true\n"),
        ("[core]\n[llm]\nmax_output_tokens = ''\n", "[core]\n[llm]\n"),
        ("[core]\n[llm]\nBase-URL = 'http://x/v1'\n", '[core]\n[llm]\nbase_url = "http://x/v1"\n'),
        (
            "[core]\n[llm]\nbase_url = 'http://x/v1/chat/completions'\n",
            '[core]\n[llm]\nbase_url = "http://x/v1"\n',
        ),
        (
            "[core]\n[llm]\n[llm.a]\n[agent]\nllm_config = 'llm.a'\n",
            '[core]\n[llm]\n[llm.a]\n[agent]\nllm_config = "a"\n',
        ),
    ],
)
def test_what_is_safe_is_repaired(before: str, wanted: str) -> None:
    assert after(before) == wanted


def test_a_field_that_is_gone_is_removed_for_the_version_that_is_named() -> None:
    text = "[core]\n[llm]\nembedding_model = 'local'\n"
    assert after(text) == text
    assert after(text, "0.29") == "[core]\n[llm]\n"


@pytest.mark.parametrize(
    "text",
    [
        "[core]\n[llm]\nnum_retires = 3\n",
        "[core]\n[llm]\ntimeout = 'soon'\n",
        "[core]\n[llm]\ntop_p = 7\n",
        "[core]\n[llm]\nmodel = 'a'\nMODEL = 'b'\n",
        "[core]\n[llm]\napi_key = 'sk-1'\n",
        "[core\n",
    ],
)
def test_what_only_a_person_can_decide_stays(text: str) -> None:
    assert after(text) == text


@given(toml_files())
def test_repairs_end_and_leave_no_repairable_problem_that_is_not_refused(raw: bytes) -> None:
    done = fixed(raw, {}, chosen(None))
    assert fixed(done, {}, chosen(None)) == done
    tomllib.loads(done.decode("utf-8-sig"))
    assert len(lint(done, {}, chosen(None))) <= len(lint(raw, {}, chosen(None)))
