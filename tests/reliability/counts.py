"""How often the harness does what: few times in the ordinary test run, many times in the full one."""

from __future__ import annotations

from typing import Final

import msgspec


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How often each part is played."""

    made_edits: int
    """Edits of files that are made up."""
    valid_edits: int
    """Edits of the files of toml-test's valid set."""
    template_edits: int
    """Edits of OpenHands' templates and of the project's samples."""
    naive_edits: int
    """Edits by tomlkit alone, which has to be caught."""
    kills: int
    races: int
    every_bad: int
    """One in so many bad files goes through the command line; all go through the workspace."""
    bad_in_app: int
    """How many bad files the app is opened on."""
    all_keyrings: bool
    """Every state of the keyring, or two."""
    key_set_ups: int
    redirects: int
    split_sequences: int
    """Cuts of hostile sequences, out of some 1,000."""
    form_sequences: int
    random_strings: int
    raw_packs: int
    """Packs of hostile sequences that a real terminal receives."""
    raw_commands: int
    """How many commands each pack goes through, besides the app."""
    wire_cases: int
    """Faults, each in one dialect and asked for in one way."""
    wire_cancels: int
    leak_runs: int
    quick_prompts: int
    """Prompts in quick succession; the ordinary test run plays them in `tests/e2e/test_staying.py`."""
    chat_turns: int
    chat_warm: int
    """After so many of these turns nothing may grow any more."""
    window_sizes: int
    window_stops: int
    seed: int = 4


FAST: Final = Counts(
    made_edits=400, valid_edits=150, template_edits=100, naive_edits=100, kills=25, races=12,
    every_bad=25, bad_in_app=3, all_keyrings=False,
    key_set_ups=60, redirects=15, split_sequences=160, form_sequences=16, random_strings=200,
    raw_packs=1, raw_commands=4, wire_cases=24, wire_cancels=2, leak_runs=5,
    quick_prompts=0, chat_turns=20, chat_warm=10, window_sizes=12, window_stops=4,
)  # fmt: skip
FULL: Final = Counts(
    made_edits=7_000, valid_edits=1_500, template_edits=1_500, naive_edits=1_000, kills=1_000, races=200,
    every_bad=1, bad_in_app=30, all_keyrings=True,
    key_set_ups=10_000, redirects=1_000, split_sequences=10_000, form_sequences=1_000, random_strings=10_000,
    raw_packs=8, raw_commands=20, wire_cases=10_000, wire_cancels=60, leak_runs=500,
    quick_prompts=400, chat_turns=1_000, chat_warm=100, window_sizes=300, window_stops=200,
)  # fmt: skip
