"""The list of models: what the server says it serves, what was used before, what may be meant."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.app.fakes import CONFIG, FakeModels, running
from tui.config.resolve import Resolved, Set
from tui.config.secret import Secret
from tui.llm.events import Listed, ListFailed, Served
from tui.request.consent import ApprovalNeededError
from tui.usage.question import NotReadyError
from tui.vault.places import Place
from tui.vault.vault import FoundKey, Wanted

LOCAL = '[llm]\nmodel = "openai/gpt-mini"\nbase_url = "http://127.0.0.1:1234/v1"\n'
HOST = "127.0.0.1:1234"
_QUESTION = ApprovalNeededError(
    FoundKey(secret=Secret("k"), source="file"),
    Wanted(place=Place("openai", "https://h"), title="OpenAI", home=None, base_url_from="edited"),
    "Send it?",
)


class FakeServer:
    """A backend whose server has two models, or answers as it is told."""

    def __init__(self, answer: ListFailed | Exception | None = None) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def models(self, resolved: Mapping[str, Resolved], provider: str = "") -> Listed | ListFailed:  # noqa: ARG002
        self.asked.append(provider)
        await self.gate.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        served = (Served(name="own-one", context=4096), Served(name="own-two"))
        return self.answer or Listed(id="1", models=served, server="llama.cpp")


async def test_what_the_server_serves_stands_above_the_catalogue_and_can_be_chosen(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(tmp_path / "config.toml", config=LOCAL, served=server) as bench:
        await bench.go_to("model")
        await bench.press("enter")
        await bench.sees(f"served by {HOST}", "own-one", "own-two", "all others", f"{HOST} (llama.cpp) serves 2 models")
        await bench.type("two")
        await bench.press("enter")
        await bench.until(lambda: bench.main.workspace.edits == {"model": Set("openai/own-two")})
        assert server.asked == ["openai"]


async def test_an_answer_is_asked_for_again_only_after_a_while_and_never_for_another_address(tmp_path: Path) -> None:
    server = FakeServer()
    async with running(tmp_path / "config.toml", config=LOCAL, served=server) as bench:
        await bench.go_to("model")
        for _ in range(2):
            await bench.press("enter")
            await bench.sees("own-one")
            await bench.press("escape")
        assert len(server.asked) == 1
        await bench.replace("base_url", "http://127.0.0.1:9/v1")
        await bench.until(lambda: bench.main._services.models.models("openai", "").lines[0].title == "gpt-mini")
        await bench.go_to("model")
        await bench.press("enter")
        await bench.sees("served by 127.0.0.1:9")
        assert len(server.asked) == 2


async def test_while_the_server_is_silent_the_list_is_there_and_the_strip_says_who_is_asked(tmp_path: Path) -> None:
    server = FakeServer()
    server.gate.clear()
    async with running(tmp_path / "config.toml", config=LOCAL, served=server) as bench:
        await bench.go_to("model")
        await bench.press("enter")
        await bench.sees("gpt-[/]", f"Asking {HOST} which models it serves")
        await bench.press("down")
        server.gate.set()
        await bench.sees("own-one")
        await bench.press("enter")  # the line that was gone to is still the one
        await bench.until(lambda: bench.main.workspace.edits == {"model": Set("openai/gpt-[/]")})


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (ListFailed(id="1", reason="refused", cause="network", message="Nothing listens there."), "Nothing listens"),
        (NotReadyError("No key for OpenAI: enter one."), "No key for OpenAI"),
        (_QUESTION, "send a prompt first"),
    ],
)
async def test_a_failure_is_told_and_costs_only_the_server_s_list(
    tmp_path: Path, answer: ListFailed | Exception, words: str
) -> None:
    server = FakeServer(answer)
    async with running(tmp_path / "config.toml", config=LOCAL, served=server) as bench:
        await bench.go_to("model")
        await bench.press("enter")
        await bench.sees(words, "gpt-[/]")


@pytest.mark.parametrize(
    "config",
    [CONFIG, '[llm]\nmodel = "openai/smollm2-135m-instruct"\nbase_url = "http://127.0.0.1:1234/v1"\n'],
    ids=["the provider's own address", "the built-in model"],
)
async def test_nobody_is_asked_without_a_server_of_one_s_own(tmp_path: Path, config: str) -> None:
    server = FakeServer()
    async with running(tmp_path / "config.toml", config=config, served=server) as bench:
        await bench.go_to("model")
        await bench.press("enter")
        await bench.sees("claude-y" if config is CONFIG else "gpt-mini")
        assert not server.asked


async def test_a_name_that_is_not_known_gets_the_nearest_right_ones(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.go_to("model")
        await bench.type("claud-x")
        await bench.press("enter", "up")
        await bench.sees("Not in the catalogue; the nearest: anthropic/claude-x")


async def test_a_model_of_another_provider_typed_in_full_switches_the_provider(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.go_to("model")
        await bench.type("openai/gpt-mini")
        await bench.press("enter")
        await bench.until(lambda: bench.main.workspace.edits == {"model": Set("openai/gpt-mini")})
        assert bench.main.settings.model_row.provider == "openai"


async def test_a_saved_model_is_remembered(tmp_path: Path) -> None:
    models = FakeModels()
    async with running(tmp_path / "config.toml", models=models) as bench:
        await bench.go_to("model")
        await bench.type("claude-y")
        await bench.press("enter", "ctrl+s")
        await bench.sees("+model")
        assert not models.remembered
        await bench.press("enter")
        await bench.until(lambda: models.remembered == ["anthropic/claude-y"])
