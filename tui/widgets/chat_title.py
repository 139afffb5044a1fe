"""The chat's own title line: what has been spent, and whether the settings it uses are saved."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.chat.conversation import Totals
from tui.chat.words import cost_words, totals_words


class ChatTitle(Widget):
    """`Chat · 1,240 tok · $0.0031        draft, not saved`; the tokens give way first where it is narrow."""

    DEFAULT_CSS = """
    ChatTitle { height: 1; padding: 0 1; }
    """

    state: reactive[str] = reactive("")
    totals: reactive[Totals] = reactive(Totals())

    def render(self) -> Content:
        """All that fits."""
        state = Content.styled(self.state, "$text-warning" if self.state.startswith("draft") else "$text-muted")
        spent = next((words for words in (totals_words(self.totals), cost_words(self.totals)) if self._fits(words)), "")
        left = Content.assemble(("Chat", "bold"), (f" · {spent}" if spent else "", "$text-muted"))
        return Content.assemble(left, " " * max(1, self.size.width - left.cell_length - state.cell_length), state)

    def _fits(self, words: str) -> bool:
        return len("Chat · ") + len(words) + 2 + len(self.state) <= self.size.width
