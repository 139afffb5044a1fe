"""The strip at the bottom: what the focused field is, what is wrong with it, what holds now."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.config.visible import visible_line
from tui.widgets.row import Help


class HelpStrip(Widget):
    """Problems first, because the strip has three lines and the text may be longer."""

    DEFAULT_CSS = """
    HelpStrip { height: 4; padding: 0 1; border-top: solid $border; color: $quiet; }
    """

    help_: reactive[Help] = reactive(Help(""))

    def render(self) -> Content:
        """As many lines as fit; a text that is cut ends in an ellipsis."""
        about, height = self.help_, max(1, self.size.height)
        name = Content.styled(visible_line(about.name), "bold $foreground")
        plain = Content(" · ").join(
            [name, *(Content(visible_line(part)) for part in (*about.facts, about.text) if part)]
        )
        notes = [Content.styled(visible_line(note), "$warning") for note in about.notes]
        whole = Content("  ").join([plain, *notes])
        if about.problem:
            whole = Content("\n").join([Content.styled("✗ " + visible_line(about.problem), "$error"), whole])
        width = max(10, self.size.width)
        lines = self._with_keys(whole.wrap(width), width)
        if len(lines) > height:
            lines = [*lines[: height - 1], lines[height - 1].rstrip().right_crop(1).append("…")]
        return Content("\n").join(lines)

    def _with_keys(self, lines: list[Content], width: int) -> list[Content]:
        """The keys after the text; a key stays with its words."""
        for key, what in self.help_.keys:
            entry = Content.assemble((key, "$primary"), " ", what)
            last = lines[-1].rstrip()
            if last.cell_length + 2 + entry.cell_length <= width:
                lines = [*lines[:-1], last.append("  ").append(entry)]
            else:
                lines = [*lines, *entry.wrap(width)]
        return lines
