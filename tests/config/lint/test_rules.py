"""What each rule says; whether OpenHands does so is asked of OpenHands, in `tests.openhands`."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.corpus import INVALID, TEMPLATES
from tests.config.lint.finding import found, one
from tests.config.made import toml_files
from tests.openhands.claims import CLAIMS, Claim
from tui.config.lint.check import lint
from tui.config.lint.targets import TARGETS, chosen

CANARY = "sk-canary-31415"
GOOD = '[core]\n\n[llm]\nmodel = "openai/gpt-4o"\ntimeout = 30\n'


def test_a_good_file_has_no_problem_for_any_version() -> None:
    assert found(GOOD) == ()
    assert all(found(GOOD, target=name) == () for name in TARGETS)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.rule)
def test_every_example_is_found_for_the_versions_it_is_about(claim: Claim) -> None:
    for target in claim.targets:
        problem = next(item for item in found(claim.toml, env=claim.env, target=target) if item.rule == claim.rule)
        assert problem.title
        assert problem.effect.endswith(".")
        assert problem.fix.endswith(".")
        assert problem.line or problem.table == "environment"


def test_openhands_is_asked_about_every_rule() -> None:
    sources = [path.read_text() for path in files("tui.config.lint").iterdir() if path.name.endswith(".py")]
    rules = {name for source in sources for name in re.findall(r'rule="([a-z-]+)"', source)}
    assert rules == {claim.rule for claim in CLAIMS}


@given(toml_files(), st.dictionaries(st.sampled_from(["LLM_MODEL", "LLM_DROP_PARAMS", "LLM_X"]), st.text()))
def test_any_file_can_be_checked(raw: bytes, env: dict[str, str]) -> None:
    for problem in lint(raw, env, chosen(None)):
        assert problem.severity in ("error", "warning")
        assert 0 <= problem.line <= raw.count(b"\n") + 1


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_a_file_that_is_no_toml_is_one_problem(path: object) -> None:
    problems = lint(path.read_bytes(), {}, chosen(None))  # type: ignore[attr-defined]  # a Path
    assert [problem.rule for problem in problems] == ["syntax"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_the_templates_lose_nothing_in_the_version_they_are_for(path: object) -> None:
    version = "latest" if "0.40" in str(path) else "0.26"
    raw = path.read_bytes()  # type: ignore[attr-defined]  # a Path
    lost = [item for item in lint(raw, {}, chosen(version)) if item.loses in ("table", "profile")]
    assert lost == []


def test_an_unknown_key_names_its_line_and_the_nearest_known_one() -> None:
    problem = one(GOOD + "num_retires = 3\n", "unknown-key")
    assert (problem.severity, problem.line, problem.table, problem.loses) == ("error", 6, "llm", "table")
    assert "num_retries" in problem.fix
    assert "ignores all of [llm]" in problem.effect
    assert "base_url" in one(GOOD + "api_base = 'x'\n", "unknown-key").fix


def test_a_profile_loses_only_itself() -> None:
    problem = one(f"{GOOD}[llm.cheap]\nfoo = 1\n[agent]\nllm_config = 'cheap'\n", "unknown-key")
    assert (problem.table, problem.loses) == ("llm.cheap", "profile")


def test_what_only_some_versions_do_is_a_warning_until_one_is_chosen() -> None:
    text = GOOD + 'embedding_model = "local"\n'
    assert found(text, target="0.26") == ()
    assert one(text, "unknown-key", target="0.29").severity == "error"
    every = one(text, "unknown-key")
    assert every.severity == "warning"
    assert "0.29 and newer" in every.effect
    assert one("[llm]\n", "no-core").severity == "warning"
    assert one("[llm]\n", "no-core", target="0.26").severity == "error"
    assert found("[llm]\n", target="0.29") == ()
    assert "0.29 and older" in one(GOOD + "seed = 1\n", "unknown-key").effect


def test_a_list_of_tables_in_llm_is_an_unknown_key() -> None:
    assert one(GOOD + "[[llm.extra]]\nx = 1\n", "unknown-key").key == "extra"


def test_values_are_judged_as_openhands_takes_them() -> None:
    assert one(GOOD + "num_retries = '4'\n", "converted").severity == "warning"
    assert one(GOOD + "num_retries = '-4'\n", "converted").severity == "error"
    assert one(GOOD + "num_retries = 'four'\n", "wrong-type").loses == "table"
    assert one(GOOD + "temperature = -1\n", "out-of-range").loses == "nothing"
    assert found(GOOD + "temperature = 1\n") == ()


def test_none_names_the_line_and_the_way_out() -> None:
    problem = one(GOOD + "native_tool_calling = None\n", "syntax")
    assert (problem.line, problem.loses, problem.can_fix) == (6, "file", True)
    assert "None" in problem.fix


def test_a_key_in_plain_text_is_named_and_never_shown() -> None:
    text = f'{GOOD}api_key = "{CANARY}"\n[llm.cheap]\napi_key = "{CANARY}"\n'
    problems = [item for item in found(text) if item.rule == "plain-key"]
    assert [item.line for item in problems] == [6, 8]
    assert "keys move" in problems[0].fix
    assert "--profile cheap keys move" in problems[1].fix
    assert CANARY not in repr(found(text))
    assert CANARY not in repr(found(f'{GOOD}api_key = ["{CANARY}"]\n'))


def test_a_server_on_this_machine_may_have_any_word_as_its_key() -> None:
    assert found('[core]\n[llm]\napi_key = "none"\nbase_url = "http://localhost:1234/v1"\n') == ()


def test_a_group_is_looked_for_wherever_it_is_named() -> None:
    text = f"{GOOD}[llm.a]\n[llm.b]\n[agent]\nllm_config = 'a'\n[agent.X]\nllm_config = 'nobody'\n"
    problem = one(text, "unknown-group")
    assert (problem.table, problem.line) == ("agent.X", 11)
    assert "a, b" in problem.fix
    assert one(text, "unused-group").table == "llm.b"
    assert one(text.replace("'nobody'", "'b'"), "unknown-group", env={"AGENT_LLM_CONFIG": "c"}).table == "environment"
    assert found(f"{GOOD}[llm.draft_editor]\n") == ()


def test_the_prefix_of_a_group_is_named_as_such() -> None:
    problem = one(f"{GOOD}[llm.a]\n[agent]\nllm_config = 'llm.a'\n", "unknown-group")
    assert "prefix" in problem.title
    assert problem.can_fix


def test_variables_are_checked_by_name_and_by_value() -> None:
    assert "LLM_BASE_URL" in one(GOOD, "unknown-variable", env={"LLM_API_BASE": "x"}).fix
    assert "false" in one(GOOD, "misread-variable", env={"LLM_DROP_PARAMS": "on"}).effect
    assert found(GOOD, env={"LLM_DROP_PARAMS": "off", "LLM_CACHING_PROMPT": "1", "LLM_X": "", "PATH": "/bin"}) == ()
    assert one(GOOD, "shadowed", env={"LLM_TIMEOUT": "9"}).line == 5
    assert found(GOOD, env={"LLM_BACKENDS_TEST": "1"}) == ()


def test_a_secret_in_a_variable_is_not_shown() -> None:
    assert CANARY not in repr(found(GOOD, env={"LLM_API_KEY": CANARY, "LLM_API_KEYS": CANARY}))


def test_a_doubled_path_is_found_in_the_file_and_in_the_environment() -> None:
    url = "https://host.example/v1/chat/completions"
    assert one(f"{GOOD}base_url = '{url}/'\n", "doubled-path").line == 6
    problem = one(GOOD, "doubled-path", env={"LLM_BASE_URL": url})
    assert (problem.table, problem.key, problem.can_fix) == ("environment", "LLM_BASE_URL", False)


def test_retry_bounds_are_compared_with_what_is_inherited() -> None:
    assert one(f"{GOOD}retry_min_wait = 40\n", "retry-bounds").line == 6
    text = f"{GOOD}retry_max_wait = 60\n[llm.draft_editor]\nretry_min_wait = 61\n"
    assert one(text, "retry-bounds").table == "llm.draft_editor"


def test_text_from_the_file_can_not_reach_the_terminal_as_it_is() -> None:
    assert "\x1b" not in repr([item.title for item in found(f'{GOOD}"a\\u001b[2J" = 1\n')])
