"""The app's end of the pipe: starts the worker, sends requests, hands each turn its own events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping

from tui.llm.events import Ask, TurnEvent


class Engine:
    """One worker process, started when first wanted, replaced when it dies, gone when this closes or the app is killed."""

    def __init__(self, env: Mapping[str, str]) -> None:
        """`env` is the app's environment; the worker gets only what it needs of it (no key, no LLM_*)."""

    async def start(self) -> None:
        """Start the worker in the background, at low priority, unless it runs; returns before it is ready."""
        raise NotImplementedError

    @property
    def ready(self) -> bool:
        """Whether LiteLLM is loaded in the worker."""
        raise NotImplementedError

    def turn(self, ask: Ask, provider_env: Mapping[str, str] | None = None) -> AsyncGenerator[TurnEvent, None]:
        """The events of one turn, ending in exactly one of Finished, Failed, Cancelled; closing it cancels the turn.

        Args:
            ask: the request.
            provider_env: variables of a provider that authenticates through the environment (Vertex, Bedrock).
        """
        raise NotImplementedError

    def retry_now(self, turn_id: str) -> None:
        """End the wait that the turn is in."""
        raise NotImplementedError

    def cancel(self, turn_id: str) -> None:
        """End the turn; its events end with Cancelled within 100 ms, whatever the worker does."""
        raise NotImplementedError

    async def close(self) -> None:
        """End the worker, within 0.5 s."""
        raise NotImplementedError
