"""The chat's dialogs: saving, loading, the system prompt, an earlier prompt, a block of code; by key and by name."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.widgets import OptionList, TextArea

from tests.app.fakes import Bench, running
from tests.chat.fakes import CANARY, settings
from tui.chat.conversation import Conversation, Turn
from tui.chat.transcript import load
from tui.chat.transcript_files import default_folder
from tui.llm.events import Usage
from tui.screens import chat_tools
from tui.screens.chat_tools import MENU
from tui.widgets.chat_pane import ChatPane

CODE = "Run\n\n```sh\npip install x\n```\n\nthen\n\n```python\nimport x\n```\n"
TURNS = (
    Turn(prompt="first", reply="one", status="done", usage=Usage(input_tokens=1, output_tokens=2)),
    Turn(prompt="second", reply=CODE, status="done", model="anthropic/claude-x"),
)


@asynccontextmanager
async def chatting(path: Path, turns: Sequence[Turn] = TURNS) -> AsyncGenerator[tuple[Bench, ChatPane], None]:
    """The app with a conversation that no file has yet, in the chat."""
    async with running(path) as bench:
        await bench.press("f4")
        pane = bench.main.query_one(ChatPane)
        await pane.restore(Conversation(tuple(turns)))
        await bench.settle()
        yield bench, pane


async def chosen(bench: Bench, what: str) -> None:
    """Choose from the chat's menu."""
    await bench.press("ctrl+y")
    await bench.sees("System prompt", "esc back")
    await bench.press(*["down"] * [name for name, _ in MENU].index(what), "enter")


async def tells(bench: Bench, *words: str) -> None:
    """Wait until all words are on the screen, wherever the lines break."""
    await bench.until(
        lambda: all(word in " ".join(bench.text.replace("│", " ").split()) for word in words), repr(words)
    )


def saved() -> list[Path]:
    return sorted(default_folder().glob("[!.]*"))  # not the hidden one that a save makes first


async def test_a_chat_is_saved_and_loaded_again_and_its_system_prompt_with_it(tmp_path: Path) -> None:
    async with chatting(tmp_path / "config.toml") as (bench, pane):
        pane.tell("Be brief.")
        await chosen(bench, "save")
        await bench.sees("Save the chat", "claude-x.md", "never a key")
        await bench.press("enter")
        await bench.sees("Saved as")
        assert len(saved()) == 1
        assert load(saved()[0].read_bytes()).conversation.turns == TURNS
        pane.tell("")
        await bench.press("ctrl+l")
        await bench.sees("Ask the model something")
        await chosen(bench, "load")
        await bench.sees("Load a chat", saved()[0].name)
        await bench.press("enter")
        await bench.sees("Loaded 2 turns", "> second", "Chat · system prompt")
        assert pane.conversation == Conversation(TURNS, system="Be brief.", loaded=2)


async def test_saving_again_offers_the_same_file_and_asks_before_it_is_replaced(tmp_path: Path) -> None:
    async with chatting(tmp_path / "config.toml") as (bench, pane):
        await chosen(bench, "save")
        await bench.sees("Save the chat")
        await bench.press("enter")
        await bench.sees("Saved as")
        before = saved()[0].read_bytes()
        pane.tell("More.")
        await chosen(bench, "save")
        await bench.sees("Save the chat", saved()[0].name)
        await bench.press("enter")
        await bench.sees("Replace the file?", "is already there.")
        await bench.press("escape")
        await bench.sees("Save the chat")
        assert saved()[0].read_bytes() == before
        await bench.press("enter")
        await bench.sees("Replace the file?")
        await bench.press("right", "enter")
        await bench.until(lambda: load(saved()[0].read_bytes()).conversation.system == "More.", "the new file")
        assert len(saved()) == 1


async def test_a_typed_path_counts_and_a_failure_says_what_to_do_and_asks_again(tmp_path: Path) -> None:
    (tmp_path / "shut").touch()
    async with chatting(tmp_path / "config.toml") as (bench, _):
        await chosen(bench, "save")
        await bench.sees("Save the chat")
        await bench.type(f"{tmp_path}/shut/a.md")
        await bench.press("enter")
        await tells(bench, "The chat was not saved", "Correct the path")
        await bench.press("enter")
        await bench.sees("Save the chat", "shut/a.md")
        await bench.press("ctrl+u")
        await bench.type(f"{tmp_path}/new/a")
        await bench.press("enter")
        await bench.sees("Saved as")
        assert (tmp_path / "new" / "a.md").stat().st_mode & 0o777 == 0o600


async def test_what_is_no_chat_is_told_with_its_line_and_nothing_is_lost(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("# Notes\n")
    async with chatting(tmp_path / "config.toml") as (bench, pane):
        await chosen(bench, "load")
        await bench.sees("Load another chat?", "There are 2 turns here that no file has.")
        await bench.press("enter")
        await bench.sees("Load a chat", "No chat has been saved there yet.")
        await bench.type(f"{tmp_path}/notes.md")
        await bench.press("enter")
        await tells(bench, "The chat was not loaded", "notes.md, line 1: this is no saved chat")
        await bench.press("enter")
        await bench.sees("Load a chat")
        await bench.press("escape")
        await bench.settle()
        assert pane.conversation.turns == TURNS


async def test_the_list_is_newest_first_and_narrows_as_one_types(tmp_path: Path) -> None:
    async with chatting(tmp_path / "config.toml", ()) as (bench, _):
        default_folder().mkdir(parents=True)
        for age, name in enumerate(("b-new.md", "c-mid.md", "a-old.md")):
            (default_folder() / name).write_text("no chat")
            os.utime(default_folder() / name, (1000 - age, 1000 - age))
        await chosen(bench, "load")
        await bench.sees("b-new.md", "c-mid.md", "a-old.md")
        lines = bench.app.screen.query_one(OptionList)
        assert [str(option.prompt) for option in lines.options] == ["b-new.md", "c-mid.md", "a-old.md"]
        await bench.type("MID")
        assert [str(option.prompt) for option in lines.options] == ["c-mid.md"]
        await bench.press("down", "enter")
        await bench.sees("c-mid.md, line 1")


async def test_a_saved_chat_never_has_the_key_in_it(tmp_path: Path) -> None:
    turns = (Turn(prompt="hi", reply="ho", status="done"),)
    async with chatting(tmp_path / "config.toml", turns) as (bench, pane):
        for name in ("model", "api_key", "base_url"):
            await bench.main.action_tab("chat")
            field = settings({"model": "m"})[name].field
            value = CANARY if name != "base_url" else f"https://x:{CANARY}@h.example/{CANARY}"
            bench.main.workspace.edit(name, value)
            assert field.name == name
        pane.focus_prompt()
        await chosen(bench, "save")
        await bench.sees("Save the chat", "-chat.md")
        await bench.press("enter")
        await bench.sees("Saved as")
        assert CANARY not in saved()[0].read_text()


async def test_the_system_prompt_is_edited_and_removed(tmp_path: Path) -> None:
    async with chatting(tmp_path / "config.toml") as (bench, pane):
        await chosen(bench, "system")
        await bench.sees("System prompt", "Use it")
        assert "Remove it" not in bench.text
        await bench.type("Be brief.")
        await bench.press("enter")
        await bench.type("Be kind.")
        await bench.press("ctrl+s")
        await bench.sees("The next request carries the system prompt.")
        assert pane.conversation.system == "Be brief.\nBe kind."
        await chosen(bench, "system")
        await bench.sees("Remove it")
        assert bench.app.screen.query_one(TextArea).text == "Be brief.\nBe kind."
        await bench.press("tab", "tab", "enter")
        await bench.sees("There is no system prompt.")
        assert pane.conversation.system == ""


async def test_an_earlier_prompt_is_chosen_from_a_list_the_last_one_first(tmp_path: Path) -> None:
    async with chatting(tmp_path / "config.toml") as (bench, pane):
        await chosen(bench, "edit")
        await bench.sees("Edit which prompt?", "2  second", "1  first")
        await bench.press("down", "enter")
        await bench.sees("editing prompt 1 of 2")
        assert pane.prompt.text == "first"
        assert pane.prompt.has_focus


async def test_one_block_of_code_is_chosen_and_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    async with chatting(tmp_path / "config.toml") as (bench, _):
        monkeypatch.setattr(bench.app, "copy_to_clipboard", copied.append)
        await bench.press("ctrl+b")
        await bench.sees("Copy which block of code?", "sh      pip install x", "python  import x")
        await bench.press("down", "enter")
        await bench.sees("Sent to the terminal's clipboard; not confirmed.")
        assert copied == ["import x"]


async def test_an_empty_chat_says_what_there_is_not(tmp_path: Path) -> None:
    async with chatting(tmp_path / "config.toml", ()) as (bench, _):
        for what, words in (("save", "nothing to save"), ("edit", "no prompt to edit"), ("code", "no block of code")):
            await chosen(bench, what)
            await bench.sees(words)


async def test_the_palette_does_all_of_it_from_anywhere(tmp_path: Path) -> None:
    async with chatting(tmp_path / "config.toml") as (bench, pane):
        named = {command.title: command.callback for command in bench.main.commands()}
        assert len([title for title in named if title.startswith("Chat: ")]) == 8
        await bench.press("f2")
        await named["Chat: save the transcript"]()
        await bench.sees("Save the chat")
        await bench.press("escape")
        await named["Chat: clear"]()
        await bench.until(lambda: not pane.conversation.turns)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
async def test_a_chat_is_saved_whatever_number_a_file_or_a_variable_holds(tmp_path: Path, text: str) -> None:
    config = f'[llm]\nmodel = "openai/gpt-4o"\ntop_p = {text}\ninput_cost_per_token = {text}\n'
    env = {"LLM_TEMPERATURE": text}
    async with running(tmp_path / "config.toml", config=config, env=env) as bench:
        await bench.press("f4")
        await bench.main.query_one(ChatPane).restore(Conversation(TURNS))
        await bench.settle()
        await chosen(bench, "save")
        await bench.sees("Save the chat")
        await bench.press("enter")
        await bench.sees("Saved as")
        loaded = load(saved()[0].read_bytes())
        assert loaded.conversation.turns == TURNS
        for name in ("top_p", "input_cost_per_token", "temperature"):
            assert str(loaded.facts.settings[name]) == text


async def test_a_mistake_while_a_chat_is_saved_costs_neither_the_app_nor_the_chat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> bytes:
        raise ZeroDivisionError

    async with chatting(tmp_path / "config.toml") as (bench, pane):
        with monkeypatch.context() as patch:
            patch.setattr(chat_tools, "dump", breaks)
            await chosen(bench, "save")
            await bench.sees("Save the chat")
            await bench.press("enter")
            await tells(bench, "The chat was not saved", "llm-backends made a mistake (ZeroDivisionError)")
        assert pane.conversation.turns == TURNS
        assert not saved()
        await bench.press("enter")
        await bench.sees("Save the chat")
        await bench.press("enter")
        await bench.sees("Saved as")
        assert load(saved()[0].read_bytes()).conversation.turns == TURNS
