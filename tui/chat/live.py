"""What an endpoint said it serves, as rows beside those of the catalogue."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from tui.llm.events import Listed, Served
from tui.providers.catalogue import Catalogue, Model
from tui.providers.registry import join_model

_FACTS: Final = ("context", "max_output", "input_price", "output_price")


def live_models(listed: Listed, provider: str, known: Catalogue | None = None) -> tuple[Model, ...]:
    """The rows of a list; what the server does not say is unknown.

    Args:
        listed: what the endpoint said.
        provider: the provider that the settings name; ids begin with it.
        known: the catalogue, if the list is from the provider's own address: it then fills in what the server leaves
            out. For any other address leave it out, since limits and prices are then that server's.
    """
    return tuple(_row(served, provider, known) for served in listed.models)


def _row(served: Served, provider: str, known: Catalogue | None) -> Model:
    model = join_model(provider, served.name)
    row = known.get(model) if known is not None else None
    if row is None:
        row = Model(id=model, provider=provider, name=served.name)
    told = {name: value for name in _FACTS if (value := getattr(served, name)) is not None}
    return replace(row, id=model, provider=provider, name=served.name, **told)
