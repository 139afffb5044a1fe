"""A month of requests for the picture of the Usage page."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from tui.config.preferences import PreferencesFile
from tui.usage.accounting import Books
from tui.usage.ledger import Entry, Ledger

_MODELS: Final = (
    ("openai/gpt-4o", False, 0.006),
    ("anthropic/claude-sonnet-4-5", False, 0.011),
    ("openai/our-own-finetune", False, None),
    ("openai/smollm2-135m-instruct", True, None),
)


def month(folder: Path, today: date) -> Books:
    """Books over a ledger with thirty days in it, the same each time."""
    ledger = Ledger(folder / "usage.db")
    ledger.path.unlink(missing_ok=True)
    chance = random.Random(5)  # noqa: S311  # a picture, not a secret
    for back in range(30):
        for _ in range(chance.choice((0, 2, 5, 9, 14))):
            model, local, price = chance.choices(_MODELS, (6, 5, 1, 2))[0]
            ledger.add(
                Entry(
                    at=datetime.combine(today - timedelta(days=back), time(12)).astimezone(),
                    purpose="chat",
                    provider=model.partition("/")[0],
                    model=model,
                    local=local,
                    outcome="done",
                    attempts=1,
                    input_tokens=chance.randint(20, 4_000),
                    output_tokens=chance.randint(20, 900),
                    cached_tokens=chance.choice((0, 0, 1_024)),
                    cost_usd=None if price is None else price * chance.uniform(0.5, 3),
                )
            )
    return Books(ledger, PreferencesFile(folder / "preferences.toml"), day=lambda: today)
