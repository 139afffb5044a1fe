"""Two profiles beside each other in a real terminal, on two servers of different speed."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.opened import WITH_LITELLM, opened
from tests.fake_provider import FakeProvider, Gate, Reply

FILE = """\
[core]
[llm]
model = "openai/gpt-4o"
base_url = "{quick}"

[llm.cheap]
model = "openai/gpt-4o-mini"
base_url = "{cheap}"
"""


def test_two_profiles_answer_at_the_same_time_and_the_better_is_named(tmp_path: Path) -> None:
    path, gate = tmp_path / "config.toml", Gate()
    with FakeProvider() as quick, FakeProvider() as cheap:
        path.write_text(FILE.format(quick=quick.base_url, cheap=cheap.base_url), encoding="utf-8")
        quick.script(Reply.stream("Paris", " is", " it."))
        cheap.script(Reply.stream("It is", gate, " Paris."))
        with opened("--config", str(path), env=WITH_LITELLM) as terminal:
            terminal.press("f4")
            terminal.wait("Ask the model")
            terminal.press("ctrl+t")
            terminal.wait("Ask all of them", "cheap  openai/gpt-4o-mini")
            terminal.type("Capital of France?")
            terminal.press("enter")
            terminal.wait("Paris is it.", "done", "It is", "answering", within_s=30)
            gate.open()
            terminal.wait("It is Paris.", "fastest", "cheapest", "first token")
            assert terminal.text.index("fastest") < terminal.text.index("cheapest")
            assert quick.posts == cheap.posts == 1
            terminal.press("ctrl+q")
            assert terminal.leave(within_s=5) == 0
