"""Point four, redirects: a server that sends a request on to somebody else does not send the key with it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import msgspec

from tests.fake_replies import Reply
from tests.reliability.addresses import EVIL, Address
from tests.reliability.figures import Figure, tell
from tests.reliability.net import Net, holds
from tests.reliability.set_ups import CANARY, USERS, SetUp, User, sent
from tui.engine.client import Engine
from tui.llm.events import Failed, ListFailed
from tui.local.runner import LocalModels
from tui.request.backend import Backend

Way: TypeAlias = Literal["streamed", "whole", "list"]


class Redirect(msgspec.Struct, frozen=True):
    user: User
    status: int
    location: str
    way: Way


def redirects() -> list[Redirect]:
    """Servers that send a request on to somebody else; Azure has no list of models."""
    locations = (
        f"https://{EVIL}/v1",
        f"//{EVIL}/v1",
        "http://{host}/v1",
        "https://{host}:8443/v1",
        f"https://{{host}}@{EVIL}/",
    )
    return [
        Redirect(user, status, location.format(host=user.host), way)
        for user, status, location in product(USERS, (301, 302, 303, 307, 308), locations)
        for way in get_args(Way)
        if not (way == "list" and user.provider == "azure")
    ]


async def of_redirects(chosen: Sequence[Redirect], net: Net, engine: Engine, folder: Path) -> Figure:
    wrong = []
    for redirect in chosen:
        net.forget()
        net.home.always = net.home.elsewhere = Reply.redirect(redirect.location, redirect.status)
        problem = await _redirected(redirect, net, engine, folder)
        if problem or net.wrong:
            wrong.append(f"{redirect.user.provider}, {redirect.status} to {redirect.location}: {problem or 'followed'}")
    what = "answers 301, 302, 303, 307, 308 that point to another origin, to a chat and to a list of models"
    result = tell(wrong, "0 requests at the other origin, and the user is told")
    return Figure(part="Keys", what=what, count=len(chosen), result=result, passed=not wrong)


async def _redirected(redirect: Redirect, net: Net, engine: Engine, folder: Path) -> str:
    user = redirect.user
    set_up = SetUp(user, "keyring", Address(f"https://{user.host}", "home"))
    backend = Backend(set_up.vault(folder), LocalModels(), engine, {})
    resolved = set_up.resolved(folder, set_up.address.url)
    if redirect.way == "list":
        listed = await backend.models(resolved)
        told = listed.message if isinstance(listed, ListFailed) and listed.reason == "redirect" else ""
    else:
        last = (await sent(backend, await backend.prepare(resolved), stream=redirect.way == "streamed"))[-1]
        told = last.message if isinstance(last, Failed) else ""
    if not any(holds(request, CANARY) for request in net.home.requests):
        return "the provider itself did not get the key"
    return "" if "redirects" in told else f"it said {told!r}"
