"""The row of one field of `[llm]`, made from the schema: which control it gets, what it says, what it sends up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import msgspec
from textual import events, on
from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from tui.config.resolve import Edit, Origin, Resolved, Set, Unset
from tui.config.schema import Field, InvalidValueError, Value, parsed, shown
from tui.config.secret import Secret
from tui.widgets.bindings import hidden
from tui.widgets.line_input import LineInput
from tui.widgets.options import Options
from tui.widgets.row import Help, Row
from tui.widgets.secret_input import SecretInput

NOT_SET: Final = "not set"


def titled(field: Field) -> str:
    """The title, with the unit where a bare number would not tell it."""
    return f"{field.title} (s)" if field.unit == "s" else field.title


def say_value(field: Field, value: Value | None) -> str:
    """A value in a sentence: text in quotes, an absent one as "not set"."""
    if value is None:
        return NOT_SET
    text = shown(field, value)
    return f'"{text}"' if field.kind == "text" and not field.secret else text


def say_origin(origin: Origin, file_name: str) -> str:
    """An origin in a sentence: "(config.toml line 15)", "([llm], config.toml line 15)" where it is inherited."""
    where = str(msgspec.structs.replace(origin, inherited=False))
    if origin.kind in ("file", "profile"):
        where = f"{file_name} line {origin.line}" if origin.line else file_name
    return f"([llm], {where})" if origin.inherited else f"({where})"


class FieldRow(Row):
    """Shows a `Resolved`; sends up edits, never applies them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("ctrl+o", "back", "field.back", "Forget this field's edit: back to the saved value"),
        hidden(
            "ctrl+l",
            "clear",
            "field.clear",
            "Take this field out of its table: back to what it inherits, or its default",
        ),
    ]

    @dataclass
    class Edited(Message):
        """The user gave the field a value, or cleared it (None)."""

        row: FieldRow
        value: Value | None

        @property
        def control(self) -> FieldRow:
            """The row that was edited."""
            return self.row

    @dataclass
    class Rejected(Message):
        """What was typed does not fit the field; the draft is as it was before the typing."""

        row: FieldRow

        @property
        def control(self) -> FieldRow:
            """The row that was edited."""
            return self.row

    @dataclass
    class BackAsked(Message):
        """The user wants the saved value back."""

        row: FieldRow

    @dataclass
    class Left(Message):
        """The user is done with the field: enter was pressed."""

        row: FieldRow

    def __init__(self, field: Field, control: Widget | None = None) -> None:
        self.field = field
        self.resolved: Resolved | None = None
        self.edit: Edit | None = None
        self.file_name = ""
        self.needed_by = ""
        self._problem = ""
        self._found = ""
        super().__init__(titled(field), control or _control(field), id=f"field-{field.name}")

    def show(self, resolved: Resolved, edit: Edit | None, file_name: str, *, keep_text: bool = False) -> None:
        """Show what holds now.

        Args:
            resolved: the field's effective value.
            edit: the draft's edit of this field, if there is one.
            file_name: how messages name the file.
            keep_text: leave what the user is typing as it is.
        """
        self.resolved, self.edit, self.file_name = resolved, edit, file_name
        if not keep_text and not self._problem:
            self._put(resolved)
        self._mark()

    def need(self, by: str) -> None:
        """Mark the field as needed by this provider, in words; "" takes the mark away."""
        if by == self.needed_by:
            return
        self.needed_by = by
        if self.resolved is not None:
            if not self.has_focus_within and not self._problem:
                self._put(self.resolved)
            self._mark()

    def show_found(self, words: str) -> None:
        """Mark a value that fits the field and still does not work, in words; "" takes the mark away."""
        if words != self._found:
            self._found = words
            self._mark()

    def forget_text(self) -> None:
        """Whatever was typed and does not fit goes with the next `show`."""
        self._problem = ""

    @property
    def types_text(self) -> bool:
        """Whether edits come letter by letter."""
        return isinstance(self.control, LineInput)

    @property
    def problem(self) -> str:
        """What is wrong with the text that was typed."""
        return self._problem

    @property
    def help(self) -> Help:
        """Name, what it takes, its variable, its help, and what holds."""
        field = self.field
        if self.resolved is None:
            return Help(field.name, (field.expects, field.env_name), field.help)
        needed = (f"needed by {self.needed_by}",) if self.needed_by else ()
        return Help(
            field.name,
            (field.expects, field.env_name, *needed),
            " ".join(part for part in (field.help, self._was(), self._beneath()) if part),
            self._problem or self.resolved.problem or self._found,
            tuple(self._notes(self.resolved)),
            tuple(self._keys(self.resolved)),
        )

    def action_back(self) -> None:
        """Ask for the saved value."""
        self.post_message(self.BackAsked(self))

    def action_clear(self) -> None:
        """Take the field out of its table, and show at once what holds without it."""
        self._problem = ""
        if isinstance(self.control, LineInput) and self.resolved is not None:
            self.control.put("", shown(self.field, self.resolved.beneath) or self._absent())
        self.post_message(self.Edited(self, None))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._take(event.value)

    @on(Options.Changed)
    def _chosen(self, event: Options.Changed) -> None:
        event.stop()
        self._take("" if event.value == NOT_SET else event.value)

    @on(SecretInput.Submitted)
    def _secret(self, event: SecretInput.Submitted) -> None:
        event.stop()
        if event.secret:
            self.post_message(self.Edited(self, event.secret))
        self.post_message(self.Left(self))

    def take_secret(self) -> Secret | None:
        """A secret that was typed and not entered yet, once."""
        return self.control.take() if isinstance(self.control, SecretInput) else None

    def on_descendant_blur(self, _event: events.DescendantBlur) -> None:
        """Leaving a secret field takes what was typed."""
        if (typed := self.take_secret()) is not None:
            self.post_message(self.Edited(self, typed))

    @on(Input.Blurred)
    def _tidy(self, event: Input.Blurred) -> None:
        event.stop()
        if not self._problem and self.resolved is not None:
            self._put(self.resolved)

    @on(Input.Submitted)
    def _done(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Left(self))

    def _take(self, text: str) -> None:
        try:
            value = parsed(self.field, text) if text else None
        except InvalidValueError as error:
            self._problem = str(error)
            self._mark()
            self.post_message(self.Rejected(self))
            return
        self._problem = ""
        self.post_message(self.Edited(self, value))

    def _put(self, resolved: Resolved) -> None:
        own = resolved.origin.kind != "default" and not resolved.origin.inherited and not isinstance(self.edit, Unset)
        text = shown(self.field, resolved.value)
        match self.control:
            case LineInput() as control:
                control.put(text if own else "", "" if own else text or self._absent())
            case Options() as control:
                control.offer(_options(self.field), text or NOT_SET, dimmed=not own)
            case SecretInput() as control:
                control.set_class(resolved.value is None, "-empty")
                control.placeholder = text or NOT_SET

    def _mark(self) -> None:
        resolved = self.resolved
        if resolved is None:
            return
        shadowed = bool(resolved.env_name)
        self.set_class(bool(self._problem or self._found), "-invalid")
        self.set_class(self.edit is not None, "-edited")
        self.set_class(shadowed or bool(resolved.problem) or self._is_lacking(resolved), "-shadowed")
        self.control.set_class(bool(self._problem), "-wrong")
        self.say_origin(self._origin_text(resolved))

    def _origin_text(self, resolved: Resolved) -> str:
        if self._problem:
            return "✗ not valid"
        if resolved.env_name and self.edit is not None:
            return "edited, env wins"
        if isinstance(self.edit, Unset):
            return "reset to inherited" if resolved.in_profile else "removed"
        if self._found or (resolved.problem and resolved.origin.kind == "default"):
            return f"✗ {resolved.origin}"
        return "needed" if self._is_lacking(resolved) else str(resolved.origin)

    def _is_lacking(self, resolved: Resolved) -> bool:
        return bool(self.needed_by) and resolved.value in (None, "")

    def _absent(self) -> str:
        return f"needed by {self.needed_by}" if self.needed_by else NOT_SET

    def _was(self) -> str:
        if self.edit is None or self.resolved is None:
            return ""
        saved = self.resolved
        return f"Was {say_value(self.field, saved.saved)} {say_origin(saved.saved_origin, self.file_name)}."

    def _beneath(self) -> str:
        """What a field of a profile overrides, or inherits again."""
        resolved = self.resolved
        if resolved is None or not resolved.in_profile or resolved.origin == resolved.beneath_origin:
            return ""
        value = f"{say_value(self.field, resolved.beneath)} {say_origin(resolved.beneath_origin, self.file_name)}"
        return f"{'Inherits' if isinstance(self.edit, Unset) else 'Overrides'} {value}."

    def _notes(self, resolved: Resolved) -> list[str]:
        notes = []
        if resolved.env_name:
            notes.append(f"{resolved.env_name} is set and wins over the file: saving this field changes nothing.")
        if self.field.secret and isinstance(self.edit, Set):
            notes.append("Saving writes it to the file, where others may read it.")
        if self.field.until:
            notes.append(f"OpenHands after {self.field.until} ignores all of [llm] if the file has this key.")
        return notes

    def _keys(self, resolved: Resolved) -> list[tuple[str, str]]:
        keys = [("^o", "back to saved")] if self.edit is not None or self._problem else []
        if isinstance(self.edit, Unset):
            return keys
        own = resolved.saved_origin.kind in ("file", "profile") and not resolved.saved_origin.inherited
        clear = "reset to inherited" if resolved.in_profile else "clear"
        return [*keys, ("^l", clear)] if own or resolved.env_name or isinstance(self.edit, Set) else keys


def _options(field: Field) -> tuple[str, ...]:
    options = field.choices or ("true", "false")
    return (*options, NOT_SET) if field.optional else options


def _control(field: Field) -> Widget:
    if field.secret:
        return SecretInput()
    return Options(_options(field)) if field.kind in ("switch", "choice") else LineInput()
