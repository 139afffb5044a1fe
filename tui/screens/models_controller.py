"""The screen's work with the list of models: what the server of the settings serves, and what was used before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from tui.config.resolve import Resolved
from tui.screens.host import Host
from tui.screens.live_models import Listing, Live, LiveModels
from tui.screens.settings import SettingsPage


class ModelsController:
    """Asks a server only when somebody opens the list."""

    def __init__(
        self,
        models: Listing,
        live: LiveModels | None,
        page: SettingsPage,
        host: Host,
        settings: Callable[[], Mapping[str, Resolved]],
    ) -> None:
        """Without `live` no server is asked; `settings` gives those of the draft."""
        self._models = models
        self._live = live
        self._page = page
        self._host = host
        self._settings = settings
        self._served_for: object = None
        self.loaded = False
        """Whether the catalogue has been read."""

    async def load(self) -> None:
        """Read the catalogue."""
        await self._models.load()
        self.loaded = True

    def follow(self, resolved: Mapping[str, Resolved]) -> None:
        """Forget what another server said."""
        server = (self._page.model_row.provider, resolved["base_url"].value)
        if server != self._served_for:
            self._served_for = server
            self._host.cancel("live")
            self._models.serve(None)
            self._say("")

    def list_opened(self, provider: str) -> None:
        """Show what the server is known to serve; else ask it."""
        live, resolved = self._live, self._settings()
        if live is None or not self.loaded:
            return
        known = live.known(resolved, provider)
        self._show(known, provider)
        if known is None and (host := live.wanted(resolved, provider)):
            self._say(f"Asking {host} which models it serves …")
            self._host.start(partial(self._ask, live, provider), "live", exclusive=True)

    def remember(self, model: str) -> None:
        """The model was saved or has answered: lists show it before others from now on."""
        self._host.start(partial(self._models.used, model), "recent")

    async def _ask(self, live: LiveModels, provider: str) -> None:
        self._show(await live.ask(self._settings(), provider), provider)

    def _show(self, served: Live | None, provider: str) -> None:
        if self._page.model_row.provider != provider:
            return
        self._models.serve(served)
        self._page.catalogue_came()
        self._say(served.news if served else "", serious=served is not None and not served.models)

    def _say(self, news: str, *, serious: bool = False) -> None:
        self._page.model_row.say_news(news, serious=serious)
        self._host.refresh_help()
