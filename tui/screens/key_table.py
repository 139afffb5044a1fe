"""Every key of the app as a Markdown table, made from the bindings."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import format_key

from tui.screens.compare import ComparePage
from tui.screens.dialog import Dialog
from tui.screens.export import ExportScreen
from tui.screens.form import FormPage
from tui.screens.main import MainScreen
from tui.screens.problems import ProblemList
from tui.screens.profiles import ProfileList, ProfilesPage
from tui.screens.settings import ProfileOptions
from tui.screens.text_dialog import TextDialog
from tui.screens.usage import UsagePage
from tui.widgets.candidates import Contenders
from tui.widgets.chat_pane import ChatPane
from tui.widgets.field_row import FieldRow
from tui.widgets.key_row import KeyRow
from tui.widgets.limit_row import LimitRow
from tui.widgets.options import Options
from tui.widgets.picker import Picker
from tui.widgets.secret_input import SecretInput


def key_table(app: type[App[None]]) -> str:
    """Rows of key, place and effect; the app's own keys first."""
    places: tuple[tuple[str, type[DOMNode]], ...] = (
        ("everywhere", app),
        ("everywhere", MainScreen),
        ("form", FormPage),
        ("field", FieldRow),
        ("options", Options),
        ("list", Picker),
        ("Profile", ProfileOptions),
        ("profiles", ProfileList),
        ("profiles", ProfilesPage),
        ("API Key", KeyRow),
        ("API Key", SecretInput),
        ("chat", ChatPane),
        ("question", Dialog),
        ("system prompt", TextDialog),
        ("problems", ProblemList),
        ("export", ExportScreen),
        ("compare", ComparePage),
        ("list of profiles", Contenders),
        ("Usage", UsagePage),
        ("spending limit", LimitRow),
    )
    rows = [f"| {_keys(binding)} | {where} | {binding.tooltip} |" for where, owner in places for binding in _own(owner)]
    return "\n".join(["| key | where | what |", "|---|---|---|", *rows])


def _own(owner: type[DOMNode]) -> Iterator[Binding]:
    for binding in owner.__dict__.get("BINDINGS", ()):
        if isinstance(binding, Binding) and binding.tooltip:
            yield binding


def _keys(binding: Binding) -> str:
    return ", ".join(f"`{_spelled(key)}`" for key in binding.key.split(",") if not key.startswith("super+"))


def _spelled(key: str) -> str:
    return "+".join("Ctrl" if part == "ctrl" else format_key(part).title() for part in key.split("+"))
