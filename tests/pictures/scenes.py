"""What the pictures show: for each the keys that lead there, what the model does, the size and the theme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from textual.pilot import Pilot

from tests.pictures.stage import TALL, WIDE, Scene, differs, limits, passes_most, refuses, text_of, until
from tui.widgets.prompt import Prompt

LOCAL: Final = """\
[llm]
model = "openai/gpt-4o"
base_url = "http://127.0.0.1:4000/v1"
"""

WRONG: Final = """\
[llm]
model = "openai/gpt-4o"
base_url = "http://127.0.0.1:4000/v1/chat/completions"
num_retries = "6"
max_tokens = 4096
"""


async def welcome(pilot: Pilot[None]) -> None:
    """The first start."""
    await until(pilot, lambda: "Try the built-in model" in text_of(pilot.app))


async def settings(pilot: Pilot[None]) -> None:
    """The screen as it opens, on the model."""
    await pilot.press("down")


async def models(pilot: Pilot[None]) -> None:
    """The list of models, narrowed."""
    await pilot.press("down", "enter")
    await pilot.press(*"gpt-5")


async def advanced(pilot: Pilot[None]) -> None:
    """The retry fields, one of them edited."""
    await pilot.press("f3")
    await pilot.pause()
    await pilot.press(*["down"] * 6, "end", "backspace", "6")


async def chat(pilot: Pilot[None]) -> None:
    """A question and its answer."""
    await asked(pilot, "tok/s")


async def retry(pilot: Pilot[None]) -> None:
    """A rate limit, counted down."""
    await asked(pilot, "attempt 2 of 5")


async def error(pilot: Pilot[None]) -> None:
    """A key that the provider refuses."""
    await asked(pilot, "does not accept")


async def checkup(pilot: Pilot[None]) -> None:
    """A check-up of a small model."""
    await pilot.press("f5")
    await until(pilot, lambda: "Enter runs it" in text_of(pilot.app))
    await pilot.press("enter")
    await until(pilot, lambda: "Done:" in text_of(pilot.app))


async def compare(pilot: Pilot[None]) -> None:
    """One question, two profiles."""
    await pilot.press("f4", "ctrl+t")
    await until(pilot, lambda: "cheap" in text_of(pilot.app) and isinstance(pilot.app.focused, Prompt))
    await typed(pilot, "what is a monad?")
    await until(pilot, lambda: "fastest" in text_of(pilot.app))


async def profiles(pilot: Pilot[None]) -> None:
    """The profiles of the file."""
    await pilot.press("f9")
    await until(pilot, lambda: "cheap" in text_of(pilot.app))
    await pilot.press("down")


async def problems(pilot: Pilot[None]) -> None:
    """What OpenHands would not do."""
    await pilot.press("f8")
    await until(pilot, lambda: "doubled path" in text_of(pilot.app))


async def export(pilot: Pilot[None]) -> None:
    """The settings that differ from the defaults, for docker compose."""
    await pilot.press("f12")
    await until(pilot, lambda: "export LLM_MODEL" in text_of(pilot.app))
    await pilot.press(*["right"] * 3, "down", "right")
    await until(pilot, lambda: "services:" in text_of(pilot.app) and "TOP_P" not in text_of(pilot.app))


async def help_(pilot: Pilot[None]) -> None:
    """The help of a field."""
    await advanced(pilot)
    await pilot.press("f1")


async def usage(pilot: Pilot[None]) -> None:
    """What a month has cost."""
    await pilot.press("f6")
    await until(pilot, lambda: "By model" in text_of(pilot.app))


async def guide(pilot: Pilot[None]) -> None:
    """The page of the chosen provider."""
    await pilot.press("f7")


async def diff(pilot: Pilot[None]) -> None:
    """What a save would write."""
    await advanced(pilot)
    await pilot.press("ctrl+s")


async def asked(pilot: Pilot[None], until_words: str) -> None:
    """Ask in the chat and wait for words."""
    await pilot.press("f4")
    await pilot.pause()
    await typed(pilot, "what is a monad?")
    await until(pilot, lambda: until_words in text_of(pilot.app))


async def typed(pilot: Pilot[None], text: str) -> None:
    """Type a prompt and send it."""
    await pilot.press(*[{" ": "space", "?": "question_mark"}.get(letter, letter) for letter in text], "enter")


SCENES: Final[Mapping[str, Scene]] = {
    "welcome": Scene(welcome, config=None),
    "settings": Scene(settings),
    "settings-light": Scene(settings, size=WIDE, light=True),
    "models": Scene(models),
    "advanced": Scene(advanced, size=WIDE),
    "advanced-small": Scene(advanced),
    "chat": Scene(chat, size=WIDE),
    "chat-light": Scene(chat, light=True),
    "retry": Scene(retry, limits),
    "error": Scene(error, refuses),
    "diff": Scene(diff),
    "checkup": Scene(checkup, passes_most, TALL, config=LOCAL),
    "compare": Scene(compare, differs, WIDE),
    "profiles": Scene(profiles),
    "problems": Scene(problems, config=WRONG),
    "export": Scene(export),
    "usage": Scene(usage, size=WIDE),
    "guide": Scene(guide, size=WIDE),
    "help": Scene(help_),
}
"""By the name of the picture's file."""
