"""The question that comes before a key goes to an address that it did not come with."""

from __future__ import annotations

from tui.usage.question import NeedsYesError
from tui.vault.vault import FoundKey, Wanted


class ApprovalNeededError(NeedsYesError):
    """The key that was found came from elsewhere than the address: the user has to be asked. Nothing was sent."""

    happened = "The key was not sent."
    instead = "Choose another address or key"
    cause = "key"
    field = "base_url"

    def __init__(self, found: FoundKey, wanted: Wanted, question: str) -> None:
        super().__init__(question, "A yes is remembered for this address.")
        self.found = found
        self.wanted = wanted
