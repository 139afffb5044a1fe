"""The chat's own title line: what has been spent, and whether the settings it uses are saved."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.usage.totals import Totals, cost_words, totals_words


class ChatTitle(Widget):
    """`Chat · system prompt · 1,240 tok · $0.0031        draft, not saved`, as far as there is room."""

    DEFAULT_CSS = """
    ChatTitle { height: 1; padding: 0 1; }
    """

    state: reactive[str] = reactive("")
    totals: reactive[Totals] = reactive(Totals())
    told: reactive[bool] = reactive(default=False)
    """Whether there is a system prompt."""

    def render(self) -> Content:
        """All that fits."""
        state = Content.styled(self.state, "$text-warning" if self.state.startswith("draft") else "$text-muted")
        left = Content.assemble(("Chat", "bold"), (self._facts(), "$text-muted"))
        return Content.assemble(left, " " * max(1, self.size.width - left.cell_length - state.cell_length), state)

    def _facts(self) -> str:
        """As much as there is room for: the tokens go first, the system prompt last."""
        told = ("system prompt", "system") if self.told else ("", "")
        whole, cost = totals_words(self.totals), cost_words(self.totals)
        choices = ((told[0], whole), (told[0], cost), (told[1], cost), (told[1], ""), ("", ""))
        texts = ("".join(f" · {fact}" for fact in facts if fact) for facts in choices)
        return next(text for text in texts if not text or self._fits(text))

    def _fits(self, words: str) -> bool:
        return len("Chat") + len(words) + 2 + len(self.state) <= self.size.width
