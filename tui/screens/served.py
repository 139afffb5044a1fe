"""The screen's work with the list of models: what the server of the settings says it serves, what was used before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import on, work

from tui.config.resolve import Resolved
from tui.config.workspace import Workspace
from tui.screens.keyed import KeyedScreen
from tui.screens.live_models import Live, LiveModels
from tui.screens.services import Services
from tui.widgets.model_rows import ModelRow

if TYPE_CHECKING:
    from tui.widgets.chat_pane import ChatPane  # its imports are for after the first paint


class ServedScreen(KeyedScreen):
    """Asks a server only when somebody opens the list."""

    def __init__(self, workspace: Workspace, services: Services) -> None:
        super().__init__(workspace, services)
        self._served_for: object = None

    def follow_server(self, resolved: Mapping[str, Resolved]) -> None:
        """Forget what another server said."""
        server = (self._settings.model_row.provider, resolved["base_url"].value)
        if server != self._served_for:
            self._served_for = server
            self._forget_served()

    @on(ModelRow.Opened)
    def _list_opened(self, event: ModelRow.Opened) -> None:
        event.stop()
        live, resolved = self._services.live, self.workspace.resolved()
        if live is None or not self._loaded:
            return
        self._show_served(live.known(resolved, event.provider), event.provider)
        if live.known(resolved, event.provider) is None and (host := live.wanted(resolved, event.provider)):
            self._say_served(f"Asking {host} which models it serves …")
            self._ask_server(live, event.provider)

    @work(exclusive=True, group="live")
    async def _ask_server(self, live: LiveModels, provider: str) -> None:
        self._show_served(await live.ask(self.workspace.resolved(), provider), provider)

    def _show_served(self, served: Live | None, provider: str) -> None:
        row = self._settings.model_row
        if row.provider != provider:
            return
        self._services.models.serve(served)
        self._settings.catalogue_came()
        self._say_served(served.news if served else "", serious=served is not None and not served.models)

    def _forget_served(self) -> None:
        self.workers.cancel_group(self, "live")
        self._services.models.serve(None)
        self._say_served("")

    def _say_served(self, news: str, *, serious: bool = False) -> None:
        self._settings.model_row.say_news(news, serious=serious)
        self._show_help()

    def on_chat_pane_answered(self, event: ChatPane.Answered) -> None:
        """A model that answered is worth remembering."""
        event.stop()
        self.remember(event.model)

    @work(group="recent")
    async def remember(self, model: str) -> None:
        """The model was saved or has answered: lists show it before others from now on."""
        await self._services.models.used(model)
