"""What a check-up will send and cost at most: said before it starts."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tui.checkup.budget import LIMIT, ROOMS
from tui.checkup.stages.vision import picture_tokens
from tui.config.resolve import Resolved
from tui.config.schema import LLM
from tui.providers.catalogue import Model
from tui.request.prepare import check_complete, checked_settings, known_provider, origin_of
from tui.text import visible_line
from tui.usage.price import price_of
from tui.usage.question import NotReadyError
from tui.vault.places import is_loopback, shown_host

_ROUND_TO = 100
_CENT = 0.01


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """Upper bounds."""

    requests: int
    tokens: int
    """Rounded up."""
    cost_usd: float | None
    """None where a price is not known."""
    model: str
    host: str
    """Empty where only the provider's own library knows it."""
    local: bool = False

    @property
    def words(self) -> str:
        """In a sentence: what is sent where, and what it costs at most."""
        where = f" at {self.host}" if self.host else ""
        sent = f"The check-up sends up to {self.requests} short requests to {visible_line(self.model)}{where}"
        return f"{sent}: about {self.tokens:,} tokens at most, {self._cost}."

    @property
    def _cost(self) -> str:
        if self.cost_usd is None:
            return (
                "to a server on this machine, whose price is not known"
                if self.local
                else "at a price that is not known"
            )
        if self.cost_usd == 0:
            return "which cost nothing"
        shown = max(_CENT, -(-self.cost_usd // _CENT) * _CENT)
        return f"for less than ${shown:.2f}"


def estimate(resolved: Mapping[str, Resolved], facts: Model | None, env: Mapping[str, str]) -> Estimate | None:
    """The bounds for these settings; None if they are not complete enough to send anything."""
    try:
        settings = checked_settings(resolved)
        provider = known_provider(settings)
        check_complete(settings, provider, env)
        origin = origin_of(settings, provider)
    except NotReadyError:
        return None
    asked = [name for name in ROOMS if not _left_out(name, settings, facts)]
    thinks = bool(facts and facts.reasoning)
    prompts = sum(ROOMS[name].prompt for name in asked)
    prompts += picture_tokens(settings.model) if "vision" in asked and picture_tokens(settings.model) < LIMIT else 0
    answers = sum(ROOMS[name].answer_for(thinks=thinks) for name in asked)
    tokens = -(-(prompts + answers) // _ROUND_TO) * _ROUND_TO
    return Estimate(
        requests=len(asked),
        tokens=min(tokens, LIMIT),
        cost_usd=price.cost_usd(prompts, answers) if (price := price_of(settings, facts)) else None,
        model=settings.model,
        host=shown_host(origin) if origin else "",
        local=origin is not None and is_loopback(origin),
    )


def _left_out(name: str, settings: LLM, facts: Model | None) -> bool:
    """Whether settings or catalogue say before that the stage sends nothing."""
    if name == "tools":
        return settings.native_tool_calling is False or bool(facts and facts.tools is False)
    return name == "vision" and (bool(settings.disable_vision) or bool(facts and facts.vision is False))
