"""The pictures of `screenshots/`: the real app, on a fixed file, with a fixed clock and a scripted worker."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from tests.pictures.scenes import SCENES
from tests.pictures.stage import shown, text_of


def pictures() -> dict[str, str]:
    """Every picture by file name, as SVG."""
    return asyncio.run(_pictures())


async def _pictures() -> dict[str, str]:
    made = {}
    before = os.environ.get("HOME", "")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = folder
        try:
            for name, scene in SCENES.items():
                async with shown(Path(folder), scene) as pilot:
                    await scene.act(pilot)
                    await settled(pilot)
                    made[f"{name}.svg"] = portable(pilot.app.export_screenshot(title="llm-backends"))
        finally:
            os.environ["HOME"] = before
    return made


async def settled(pilot: Pilot[None]) -> None:
    """Wait until two looks at the screen are the same; a cursor that blinks never is."""
    for field in (*pilot.app.screen.query(Input), *pilot.app.screen.query(TextArea)):
        field.cursor_blink = False
    last = ""
    while (now := text_of(pilot.app)) != last:
        last = now
        await pilot.pause(0.3)


def portable(svg: str) -> str:
    """The SVG without fonts from the network (whoever looks has one) and without ids that change with every letter."""
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    return re.sub(r"terminal-\d+", "terminal", svg) + "\n"
