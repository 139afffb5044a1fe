"""The ledger: nothing lost between instances, nothing lost in a damaged file, nothing in it that is private."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tui.usage.ledger import VERSION, Entry, Ledger, LedgerError
from tui.usage.statement import midnight, read_statement, spent_since, today

ROOT = Path(__file__).parents[2]
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def entry(**changes: Any) -> Entry:
    facts: dict[str, Any] = {
        "at": datetime.now(UTC), "purpose": "chat", "provider": "openai", "model": "openai/gpt-4o", "local": False,
        "outcome": "done", "attempts": 1, "input_tokens": 10, "output_tokens": 5, "cached_tokens": 0, "cost_usd": 0.25,
    }  # fmt: skip
    return Entry(**facts | changes)


def count(ledger: Ledger) -> int:
    return read_statement(ledger, 10_000, today()).over(10_000).requests


def test_reading_makes_no_file(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "none" / "usage.db")
    assert spent_since(ledger, LONG_AGO) == 0
    assert list(tmp_path.iterdir()) == []


def test_it_lives_in_the_users_data_directory(home: Path) -> None:
    assert Ledger().path == home / ".local" / "share" / "llm-backends" / "usage.db"


def test_it_and_what_sqlite_puts_beside_it_are_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        ledger = Ledger(tmp_path / "data" / "usage.db")
        ledger.add(entry())
        with sqlite3.connect(ledger.path) as held:  # keeps the files of WAL there
            held.execute("SELECT * FROM requests").fetchall()
            ledger.add(entry())
            modes = {path.name: path.stat().st_mode & 0o777 for path in ledger.path.parent.iterdir()}
        held.close()
    finally:
        os.umask(before)
    assert modes == {"usage.db": 0o600, "usage.db-wal": 0o600, "usage.db-shm": 0o600}
    assert ledger.path.parent.stat().st_mode & 0o777 == 0o700


def test_unknown_stays_unknown(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "usage.db")
    ledger.add(entry(input_tokens=None, output_tokens=None, cached_tokens=None, cost_usd=None))
    (row,) = ledger.rows(
        "SELECT input_tokens, output_tokens, cached_tokens, cost_usd FROM requests WHERE at > ?", LONG_AGO
    )
    assert row == (None, None, None, None)


def test_only_what_came_since_is_spent(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "usage.db")
    ledger.add(entry(at=midnight(today()) - timedelta(seconds=1), cost_usd=4.0))
    ledger.add(entry(at=midnight(today()), cost_usd=2.0))
    ledger.add(entry(cost_usd=None))
    assert spent_since(ledger, midnight(today())) == 2.0


WRITER = """
import sys
from pathlib import Path
from tests.usage.test_ledger import entry
from tui.usage.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    ledger.add(entry(model=sys.argv[3]))
"""


def test_two_instances_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "data" / "usage.db"
    names, each = ("openai/one", "openai/two"), 200
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(each), name], cwd=ROOT, stderr=subprocess.PIPE)
        for name in names
    ]
    for writer in writers:
        _, errors = writer.communicate(timeout=100)
        assert (writer.returncode, errors) == (0, b"")
    by_model = dict(read_statement(Ledger(path), 2, today()).by_model(2))
    assert {name: spent.requests for name, spent in by_model.items()} == dict.fromkeys(names, each)


def damage(ledger: Ledger, how: str) -> None:
    for _ in range(100):
        ledger.add(entry())
    raw = ledger.path.read_bytes()
    match how:
        case "text":
            ledger.path.write_bytes(b"this is no database, whatever its name says. " * 40)
        case "cut":
            ledger.path.write_bytes(raw[: len(raw) // 3])
        case "overwritten":
            ledger.path.write_bytes(raw[:4096] + os.urandom(len(raw) - 4096))
        case "another table":
            with sqlite3.connect(ledger.path) as connection:
                connection.execute("ALTER TABLE requests RENAME TO others")
            connection.close()


@pytest.mark.parametrize("how", ["text", "cut", "overwritten", "another table"])
@pytest.mark.parametrize("first", ["write", "read"])
def test_a_damaged_ledger_is_set_aside_and_said_and_a_new_one_is_begun(tmp_path: Path, how: str, first: str) -> None:
    ledger = Ledger(tmp_path / "usage.db")
    damage(ledger, how)
    damaged = ledger.path.read_bytes()
    if first == "read":
        assert count(ledger) == 0
    ledger.add(entry())
    assert count(ledger) == 1
    (kept,) = tmp_path.glob("usage-corrupt-*.db")
    assert kept.read_bytes() == damaged
    assert f"It is kept as {kept.name}" in ledger.news


def test_of_two_that_find_the_damage_only_one_sets_it_aside(tmp_path: Path) -> None:
    one, other = Ledger(tmp_path / "usage.db"), Ledger(tmp_path / "usage.db")
    damage(one, "text")
    one.add(entry())
    other._set_aside()
    other.add(entry())
    assert count(one) == 2
    assert other.news == ""


def test_a_ledger_of_a_newer_version_is_left_alone_and_said(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "usage.db")
    ledger.add(entry())
    with sqlite3.connect(ledger.path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    before = ledger.path.read_bytes()
    for act in (lambda: ledger.add(entry()), lambda: count(ledger)):
        with pytest.raises(LedgerError, match=r"written by a newer llm-backends \(format 2\).*Update llm-backends"):
            act()
    assert ledger.path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["usage.db"]


def test_a_place_that_can_not_be_written_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(LedgerError, match=r"can't be written: .*\. Check its rights and its disk\."):
        Ledger(tmp_path / "file" / "usage.db").add(entry())


def test_a_directory_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "usage.db").mkdir()
    with pytest.raises(LedgerError, match="can't be written"):
        Ledger(tmp_path / "usage.db").add(entry())
