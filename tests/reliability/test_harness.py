"""The harness sees what it looks for: with a fault put in on purpose, each part says so."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest

from tests.reliability import keys
from tests.reliability.addresses import Address
from tests.reliability.canaries import CANARIES, TYPED, leaked, leaked_files, leaked_picture
from tests.reliability.grammar import wrong_bytes, wrong_text
from tests.reliability.sequences import CONTROLS, SEQUENCES, TERMINAL, UNICODE
from tests.reliability.set_ups import USERS, SetUp
from tests.reliability.wire_cases import cases, judged_events
from tests.reliability.wire_outcomes import Outcome
from tui.llm.events import Failed, Finished, Retrying, TurnEvent, Usage
from tui.vault import vault

SENT = Finished(id="t1", usage=Usage())
OWN: Mapping[bool, Collection[str]] = {
    True: ("\x1b[?25l", "\x1b[?1049l", "\x1b[?1000h", "\x1b[?2004h", "\x1b[?2026h", "\x1b[<u"),
    False: ("\x1b[31m", "a\tb"),
}
"""What the app, and what a command, writes itself: these are looked for in what the screen is made of."""
FAILED = Failed(id="t1", cause="server", message="It failed. Do this.")


async def test_a_vault_that_never_asks_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "_question", lambda *_: "")
    address = Address("https://evil.example/v1", "elsewhere", ("evil.example",))
    async with keys.world() as (net, engine, _):
        problem = await keys.judged(SetUp(USERS[0], "own variable", address), net, engine, tmp_path)
    assert problem == "sent with the key instead of asked"


@pytest.mark.parametrize("sequence", [*TERMINAL, *CONTROLS])
def test_a_sequence_that_reaches_the_terminal_is_caught(sequence: str) -> None:
    seen = [app for app in (True, False) if [*wrong_bytes(f"a{sequence}b".encode(), app=app)]]
    assert seen == [app for app in (True, False) if sequence not in OWN[app]]


@pytest.mark.parametrize("sequence", [text for text in UNICODE if not text.startswith("e")])
def test_text_that_nobody_sees_is_caught(sequence: str) -> None:
    assert [*wrong_text(sequence)]


def test_there_are_as_many_sequences_and_faults_as_promised() -> None:
    assert len(set(SEQUENCES)) >= 60
    assert len({case.fault.name for case in cases()}) >= 25


@pytest.mark.parametrize("key", CANARIES)
def test_a_part_of_a_key_is_found_in_every_form(key: str, tmp_path: Path) -> None:
    texts = [key[8:22], f"{key[:16]}\n  {key[16:]}", base64.b64encode(key.encode()).decode(), key[::-1]]
    assert all(key in leaked(text) for text in texts)
    assert leaked_picture(f"<tspan>{key[:15]}</tspan><tspan>{key[15:]}</tspan>") == [key]
    (tmp_path / "file").write_text(f"x = {key}")
    assert [*leaked_files(tmp_path)]
    assert not [*leaked_files(tmp_path, [(tmp_path / "file", key)])]


def test_what_all_keys_begin_with_is_no_leak() -> None:
    assert leaked("sk-canary-") == []
    assert leaked(TYPED, [TYPED]) == []


@pytest.mark.parametrize(
    ("events", "requests", "outcome"),
    [
        ([SENT], 1, Outcome(cause="server")),
        ([FAILED], 2, Outcome(cause="server")),
        ([FAILED], 1, Outcome(cause="key")),
        ([FAILED], 1, Outcome(cause="server", words="else")),
        ([FAILED], 1, Outcome(cause="server", partial=True)),
        ([FAILED], 1, Outcome()),
        ([Retrying(id="t1", attempt=2, of=3, wait_s=9, status=429, reason=""), FAILED], 1, Outcome(cause="server")),
    ],
)
def test_a_turn_that_ends_otherwise_is_caught(events: list[TurnEvent], requests: int, outcome: Outcome) -> None:
    assert judged_events(events, requests, outcome)


def test_a_turn_that_ends_as_it_should_is_fine() -> None:
    assert not judged_events([FAILED], 1, Outcome(cause="server", words="Do this"))
