"""What a person sees of a change, and what nobody may see."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.corpus import TEMPLATES
from tui.config.diff import BULLETS, masked, unified

CANARY = "sk-canary-31415"


@pytest.mark.parametrize(
    "text",
    [
        f'[llm]\napi_key = "{CANARY}"\n',
        f"[llm.p]\n  'api_key'='{CANARY}' # note\n",
        f'#api_key = "{CANARY}"\n',
        f"# api_key = {CANARY}\n",
        f'llm.api_key = "{CANARY}"\n',
        f'llm = {{ model = "m", api_key = "{CANARY}" }}\n',
        f'aws_secret_access_key = """\na\n{CANARY}\n"""\n',
        f"aws_access_key_id = '''{CANARY}\n{CANARY}'''\n",
        f'api_key = "a\\"{CANARY}"\n',
        f'[core]\ne2b_api_key = "{CANARY}"\nmodal_api_token_id = "{CANARY}"\njwt_secret = "{CANARY}"\n',
        f'[sandbox]\nenv = {{ OPENAI_API_KEY = "{CANARY}", DB_PASSWORD = "{CANARY}" }}\n',
        f'headers = {{ Authorization = "Bearer {CANARY}", "X-Api-Key" = "{CANARY}" }}\n',
        f'tokens = ["{CANARY}", "{CANARY}"]\n',
        f'tokens = [\n"x",\n"{CANARY}"\n]\n',
        f'githubToken = "{CANARY}"\n',
        f'base_url = "https://me:{CANARY}@host.example/v1"\n',
        # not TOML
        f'api_key = "{CANARY}\nmodel = 1\n',
        f'api_key = """\n{CANARY}\n',
        f"api_key = '''\n{CANARY}",
        f"api_key = {CANARY}\n",
        f'api_key = "a"{CANARY}\n',
        f'api_key = "a" "{CANARY}"\n',
        f"api_key={CANARY}",
        f"api_key = [{CANARY}\n",
    ],
)
def test_no_secret_is_in_the_masked_lines(text: str) -> None:
    for raw in (
        text.encode(),
        text.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + text.encode(),
        b"\xff" + text.encode(),
    ):
        lines = masked(raw)
        assert CANARY not in "\n".join(lines)
        assert BULLETS in "\n".join(lines)
        assert len(lines) == raw.count(b"\n") + (not raw.endswith(b"\n"))


@pytest.mark.parametrize(
    "line",
    [
        "max_input_tokens = 4000",
        "input_cost_per_token = 1e-06",
        'custom_tokenizer = "x/y"',
        "token_limit = 5",
        "use_api_key = true",
        'api_key = ""',
        "# API key to use: see the guide",
        'model = "openai/gpt-4o"  # the key = a fast model',
        'base_url = "https://host.example/v1?user=a@b"',
        "[llm.keys]",
    ],
)
def test_what_is_no_secret_is_shown(line: str) -> None:
    assert masked(line.encode()) == [line] or line.startswith("model")
    assert BULLETS not in masked(line.encode())[0] or line.startswith("model")


def test_the_rest_of_the_line_of_a_secret_stays() -> None:
    assert masked(b'#api_key = "x"  # from the wiki\r\n') == [f"#api_key = {BULLETS}  # from the wiki"]
    assert masked(b'a = {api_key="x", model="m"}\n') == [f'a = {{api_key={BULLETS}, model="m"}}']


def test_control_characters_are_made_visible() -> None:
    assert masked(b"# \x1b[31mred\x07\n") == ["# ␛[31mred␇"]


def test_a_changed_secret_shows_as_a_changed_line() -> None:
    assert unified(b'[llm]\napi_key = "a"\nx = 1\n', b'[llm]\napi_key = "b"\nx = 1\n', "config.toml") == [
        "--- config.toml",
        "+++ config.toml",
        "@@ -1,3 +1,3 @@",
        " [llm]",
        f"-api_key = {BULLETS}",
        f"+api_key = {BULLETS}",
        " x = 1",
    ]


def test_nothing_changed_is_no_diff() -> None:
    assert unified(b"a = 1\n", b"a = 1\n", "x") == []
    assert unified(b"", b"", "x") == []


def test_a_new_file_is_all_added() -> None:
    assert unified(b"", b"[core]\n\n[llm]\n", "x") == ["--- x", "+++ x", "@@ -0,0 +1,3 @@", "+[core]", "+", "+[llm]"]


_SOME_LINES = st.lists(st.sampled_from(["a = 1", "b = 2", "", "# c", "[d]"]), max_size=14)


@settings(max_examples=150)
@given(_SOME_LINES, _SOME_LINES)
def test_the_diff_turns_the_one_file_into_the_other(before: list[str], after: list[str]) -> None:
    old, new = ("".join(f"{line}\n" for line in lines).encode() for lines in (before, after))
    diff = unified(old, new, "x")
    rest, result = list(before), list[str]()
    for line in diff[2:]:
        if found := re.fullmatch(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@", line):
            start = int(found[1]) - (found[2] != "0")
            upto = start - (len(before) - len(rest))
            result, rest = [*result, *rest[:upto]], rest[upto:]
        else:
            if line[0] in " -":
                assert rest.pop(0) == line[1:]
            if line[0] in " +":
                result.append(line[1:])
    assert result + rest == after


def test_the_numbers_of_lines_are_those_of_difflib() -> None:
    before = "".join(f"line {n}\n" for n in range(60))
    after = before.replace("line 3\n", "").replace("line 30\n", "x\ny\n").replace("line 59\n", "line 59\nz\n")
    expected = difflib.unified_diff(before.splitlines(), after.splitlines(), "x", "x", lineterm="", n=2)
    assert unified(before.encode(), after.encode(), "x") == list(expected)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_shows_its_lines_but_for_its_secrets(path: Path) -> None:
    raw = path.read_bytes()
    lines = raw.decode().splitlines()
    changed = [line for line, shown in zip(lines, masked(raw), strict=True) if line != shown]
    assert all(re.search(r"key|secret|token|sample-\d", line) for line in changed)
    assert not re.search(r"sample-\d|your-api-key", "\n".join(masked(raw)))
