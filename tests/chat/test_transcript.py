"""A saved chat: it comes back as it was, tells what is known, and never holds a key."""

from __future__ import annotations

import math
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chat.fakes import CANARY, settings
from tui.chat.conversation import Conversation, Status, Turn
from tui.chat.key_shaped import key_shaped
from tui.chat.transcript import NotATranscriptError, dump, load
from tui.config.resolve import Resolved
from tui.config.schema import FIELDS
from tui.config.secret import Secret
from tui.config.toml.edit_guard import same
from tui.llm.events import Failed, Usage
from tui.providers.catalogue import catalogue

NOON = datetime(2026, 11, 1, 12, 0, 5, tzinfo=UTC)
FULL = Usage(input_tokens=12, output_tokens=412, cached_tokens=0, cost_usd=0.0031, first_token_s=1.2, total_s=7.9)

NASTY = (
    "```", "```python\nx = 1", "~~~", "---", "+++", "+++\ntranscript = 1\n+++\n", "# Prompt 1", "## Answer 1",
    "\r\n", "\r", "\n", "\t", " ", "\\", '"""', "-->", "[[turns]]", "<!-- llm-backends", "<!-- llm-backends-2: end -->",
    "<!-- llm-backends: end -->", "\n<!-- llm-backends: end -->\n", "<!-- llm-backends: prompt 2 -->",
    "\x00", "\x1b[31m", "\x7f", "\x85", "\u2028", "\ufeff", "\u202e", "é", "𝄞", "e\u0301",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(NASTY) | st.text(max_size=12), max_size=6).map("".join)
COUNTS = st.none() | st.integers(0, 10**9)
SECONDS = st.floats(0, 1e6)
USAGES = st.builds(
    Usage, input_tokens=COUNTS, output_tokens=COUNTS, cached_tokens=COUNTS, cost_usd=st.none() | SECONDS,
    first_token_s=st.none() | SECONDS, total_s=SECONDS, waited_s=SECONDS, attempts=st.integers(0, 20),
    tokens_estimated=st.booleans(),
)  # fmt: skip
ENDED: tuple[Status, ...] = ("done", "cut", "stopped", "failed")
TURNS = st.builds(
    Turn, prompt=TEXTS, reply=TEXTS, thinking=TEXTS, status=st.sampled_from(ENDED), usage=st.none() | USAGES,
    attempts=st.integers(0, 20), failure=st.none(), local=st.booleans(), replaced=st.booleans(),
    model=st.sampled_from(["", "openai/gpt-4o", 'odd "name"\x7f\n+++\n\u2028']),
)  # fmt: skip
TALKS = st.builds(Conversation, turns=st.lists(TURNS, max_size=4).map(tuple), system=TEXTS)


def again(talk: Conversation, resolved: dict[str, Resolved] | None = None) -> Conversation:
    return load(dump(talk, resolved or settings(), NOON)).conversation


@given(TALKS)
def test_a_chat_comes_back_as_it_was_whatever_was_said_in_it(talk: Conversation) -> None:
    assert again(talk) == msgspec.structs.replace(talk, loaded=len(talk.turns))


@given(TALKS)
def test_an_editor_that_changes_every_line_end_spoils_no_chat(talk: Conversation) -> None:
    raw = dump(talk, settings(), NOON)
    changed = load(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")).conversation
    assert len(changed.turns) == len(talk.turns)
    assert changed.system.replace("\r", "") == talk.system.replace("\r", "")


def test_a_message_goes_to_the_model_as_it_was_before_the_chat_was_saved() -> None:
    talk = Conversation((Turn(prompt="a\r\n\x1b", reply="b```", status="done"),), system="Be brief.")
    assert again(talk).messages("c") == talk.messages("c")


HOSTILE: dict[str, st.SearchStrategy[object]] = {
    "text": TEXTS | st.sampled_from([math.nan, 7, True]),
    "choice": TEXTS | st.sampled_from(["high", "low"]),
    "integer": st.integers() | st.sampled_from([2**63, -(2**63), 10**400, 5.0, "12", " 7 ", True]),
    "number": st.floats() | st.integers() | st.sampled_from(["nan", "-inf", "1e999", 10**30, True]),
    "switch": st.booleans() | st.sampled_from([0, 1.0, "yes", "0", math.nan]),
}
"""What a file may hold for a field of each kind."""
SETTINGS = st.fixed_dictionaries({}, optional={name: HOSTILE[field.kind] for name, field in FIELDS.items()})
VARIABLES = st.dictionaries(
    st.sampled_from([field.env_name for field in FIELDS.values()]),
    TEXTS | st.sampled_from(["nan", "inf", "-Infinity", "1e999", "9" * 4000, "-0", "true"]),
    max_size=8,
)


@given(SETTINGS, VARIABLES, TALKS)
def test_a_chat_comes_back_whatever_is_set(file: dict[str, object], env: dict[str, str], talk: Conversation) -> None:
    resolved = settings(file, env=env)
    loaded = load(dump(talk, resolved, NOON))
    assert loaded.conversation == msgspec.structs.replace(talk, loaded=len(talk.turns))
    for name, value in loaded.facts.settings.items():
        held = resolved[name].value
        assert type(value) is type(held)
        assert isinstance(value, str) or same(value, held)


@pytest.mark.parametrize("name", [name for name, field in FIELDS.items() if field.kind == "number"])
@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
def test_a_number_that_is_none_is_saved_as_what_it_is(name: str, text: str) -> None:
    field = FIELDS[name]
    for resolved in (settings({name: float(text)}), settings({}, env={field.env_name: text})):
        assert same(load(dump(Conversation(), resolved, NOON)).facts.settings[name], float(text))


def test_a_chat_that_version_0_1_0_saved_is_still_read() -> None:
    loaded = load((Path(__file__).parent / "samples" / "chat-0.1.0.md").read_bytes())
    first, second, third = loaded.conversation.turns
    assert loaded.conversation.system == "Be brief."
    assert (first.prompt, first.reply) == ("What is a monad?\n+++\n<!-- llm-backends: end -->", 'A \x7f "thing".')
    assert (first.thinking, first.usage) == ("Hm.", msgspec.structs.replace(FULL, cost_usd=None))
    assert first.model == 'odd "name"\x7f\n+++\n\u2028'
    assert second.failure is not None
    assert (second.status, second.failure.cause, second.failure.status) == ("failed", "quota", 429)
    assert (third.status, third.local) == ("stopped", True)
    assert loaded.facts.settings["openrouter_app_name"] == 'caf\u00e9 \x01\\ "x"'
    assert loaded.facts.settings["max_output_tokens"] == 2**62


def front(talk: Conversation, resolved: dict[str, Resolved]) -> dict[str, object]:
    return tomllib.loads(dump(talk, resolved, NOON).decode().split("+++\n")[1])


def test_the_head_tells_what_a_reader_wants_to_know_and_unknown_is_not_zero() -> None:
    usage = msgspec.structs.replace(FULL, cost_usd=None)
    turns = (
        Turn(prompt="a", reply="A", status="done", usage=FULL),
        Turn(prompt="b", reply="B", status="done", usage=usage),
    )
    values = {"model": "openai/gpt-4o", "temperature": 0.3, "base_url": "https://Host.example:8443/v1/x?key=1#y"}
    head = front(Conversation(turns), settings(values))
    assert head["model"] == "openai/gpt-4o"
    assert head["base_url"] == "https://host.example:8443"
    assert head["saved"] == NOON
    assert head["used"] == "848 tok · $0.0031 + unknown"
    shared = head["settings"]
    assert isinstance(shared, dict)
    assert shared["temperature"] == 0.3
    assert shared["num_retries"] == 4
    told = head["turns"]
    assert isinstance(told, list)
    assert (told[0]["usage"]["cost_usd"], told[1]["usage"]["cost_usd"]) == (0.0031, "unknown")
    assert (told[0]["usage"]["first_token_s"], told[0]["usage"]["output_tokens"]) == (1.2, 412)


@pytest.mark.parametrize("name", [name for name, field in FIELDS.items() if field.kind == "text"])
def test_a_key_in_any_field_is_left_out(name: str) -> None:
    for key in (
        CANARY,
        f"https://api.example.com/{CANARY}/v1",
        f"https://{CANARY}@host.example/v1",
        f"openai/{CANARY}",
    ):
        resolved = settings({"model": "openai/gpt-4o", name: key})
        failed = Failed(id="", cause="key", message=f"{key} is no key", detail=key, field="api_key")
        turn = Turn(prompt="hi", status="failed", failure=failed, model=key)
        raw = dump(Conversation((turn,)), resolved, NOON).decode()
        assert CANARY not in raw
        assert not [part for part in (CANARY[3:], CANARY[:9]) if part in raw]


def test_a_key_without_any_shape_is_left_out_too_where_it_is_known() -> None:
    resolved = settings({"model": "hunter2", "api_key": "hunter2", "base_url": "hunter2"})
    assert isinstance(resolved["api_key"].value, Secret)
    assert "hunter2" not in dump(Conversation(), resolved, NOON).decode()


def test_only_fields_that_are_no_secret_are_written() -> None:
    head = front(Conversation(), settings({"model": "m", **{name: "x" for name, one in FIELDS.items() if one.secret}}))
    shared = head["settings"]
    assert isinstance(shared, dict)
    assert set(shared) <= {name for name, field in FIELDS.items() if not field.secret}


def test_an_address_with_a_password_in_it_is_left_out_whole() -> None:
    raw = dump(Conversation(), settings({"model": "m", "base_url": "https://user:pass@host.example/v1"}), NOON)
    assert b"pass" not in raw
    assert b"it is no address" in raw


@pytest.mark.parametrize(
    "key", [CANARY, "sk-ant-api03-abc_DEF", "gsk_abcdef", "AIzaSyA-0123456789", "hf_abcdefghijklmnopqrst",
            "AKIAIOSFODNN7EXAMPLE", "9f86d081884c7d659a2feaa0c55ad015", "0e3ad5e1-9c9c-4a1e-8f00-1b2c3d4e5f60"],
)  # fmt: skip
def test_keys_are_known_by_their_shape(key: str) -> None:
    assert key_shaped(key)
    assert key_shaped(f"openai/{key}")


def test_hardly_any_model_is_taken_for_a_key() -> None:
    models = [model.id for model in catalogue().models]
    taken = [model for model in models if key_shaped(model)]
    assert len(models) > 1000
    assert len(taken) < len(models) / 100, taken


def test_what_a_provider_said_about_a_failure_stays_out_of_the_file_but_its_cause_does_not() -> None:
    failed = Failed(id="1", cause="quota", message="organization org-123 is out of money", status=429, partial=True)
    talk = again(Conversation((Turn(prompt="hi", reply="ha", status="failed", failure=failed, usage=FULL),)))
    back = talk.turns[0].failure
    assert back is not None
    assert (back.cause, back.status, back.partial, back.usage) == ("quota", 429, True, FULL)
    assert "org-123" not in back.message


def at(words: str, text: str) -> int:
    """The line where the words begin."""
    return text.split(words, maxsplit=1)[0].count("\n") + 1


CHAT = dump(Conversation((Turn(prompt="hi", reply="ho", status="done", usage=FULL),)), settings(), NOON).decode()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "no saved chat"),
        ("# Notes\n\nhello\n", 1, "begins with something other than +++"),
        ("+++\ntitle = 1\n", 1, "no +++ line at their end"),
        ('+++\ntitle = "a post"\n+++\n\ntext', 2, "there is no `transcript = 1`"),
        ("+++\ntranscript = 1\nmodel = gpt\n+++\n", 3, "text needs quotes"),
        (CHAT.replace("transcript = 1", "transcript = 9"), 2, "Update"),
        (CHAT.replace("saved = 2026", "saved = 1 # "), 3, "saved"),
        (CHAT.replace('status = "done"', 'status = "sleeping"'), at("[[turns]]", CHAT), "turns[0].status"),
        (CHAT.replace("output_tokens = 412", "output_tokens = true"), at("[[turns]]", CHAT), "output_tokens"),
        (CHAT.replace("prompt 1 -->", "prompt 7 -->"), at("<!-- ", CHAT), "belongs to no turn"),
        (CHAT.replace("<!-- llm-backends: prompt 1 -->", ""), at("[[turns]]", CHAT), "prompt 1 is not"),
        (CHAT.replace("<!-- llm-backends: end -->", ""), at("<!-- ", CHAT), "has no end"),
        (CHAT.replace("reply 1", "prompt 1"), at("<!-- llm-backends: reply", CHAT), "twice"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_chat_is_refused_with_its_line_and_the_reason(text: str, line: int, words: str) -> None:
    with pytest.raises(NotATranscriptError) as caught:
        load(text.encode())
    assert caught.value.line == line
    assert f"line {line}: " in str(caught.value)
    assert words in str(caught.value)


def test_bytes_that_are_no_text_are_refused_with_their_line() -> None:
    with pytest.raises(NotATranscriptError, match="line 2: the text is not UTF-8"):
        load(b"+++\n\xff\n+++\n")


@given(st.binary(max_size=200) | st.text().map(lambda text: f"+++\ntranscript = 1\n{text}\n+++\n".encode()))
def test_any_other_file_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(NotATranscriptError):
        load(raw)
