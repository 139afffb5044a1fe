"""Point four: a key goes only where it belongs, whatever address a config in the current directory gives.

Every provider with its key in every place meets every hostile address: the real vault decides, the real worker sends.
Two servers count what arrives (`net`), and whether it has the key in it.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, get_args

from tests.reliability.addresses import addresses
from tests.reliability.counts import Counts
from tests.reliability.figures import Figure, tell
from tests.reliability.net import Net, holds
from tests.reliability.redirects import of_redirects, redirects
from tests.reliability.set_ups import CANARY, USERS, Ending, SetUp, sent, set_ups
from tests.reliability.wire import environment
from tui.config.resolve import Resolved
from tui.engine.client import Engine
from tui.llm.events import Finished
from tui.local.runner import LocalModels
from tui.request.backend import Backend
from tui.request.consent import ApprovalNeededError
from tui.usage.prepared import Prepared
from tui.usage.question import NotReadyError
from tui.vault.vault import Vault

_OTHER: Final = "http://other.example/v1"


def figures(counts: Counts) -> Iterator[Figure]:
    """The set-ups, and the redirects."""
    return iter(asyncio.run(_played(counts)))


async def _played(counts: Counts) -> list[Figure]:
    chance = random.Random(counts.seed)  # noqa: S311  # no secret
    async with world() as (net, engine, folder):
        chosen = set_ups()
        chance.shuffle(chosen)
        return [
            await _of_set_ups(chosen[: counts.key_set_ups], net, engine, folder),
            await of_redirects(
                chance.sample(redirects(), min(len(redirects()), counts.redirects)), net, engine, folder
            ),
        ]


@asynccontextmanager
async def world() -> AsyncGenerator[tuple[Net, Engine, Path], None]:
    """The servers, the worker, a folder."""
    hosts = {host for user in USERS for address in addresses(user.host) for host in address.hosts}
    with tempfile.TemporaryDirectory() as name, Net(Path(name), [user.host for user in USERS], sorted(hosts)) as net:
        engine = Engine({**environment(), **net.env})
        try:
            await engine.start()
            yield net, engine, Path(name)
        finally:
            await engine.close()


async def _of_set_ups(chosen: Sequence[SetUp], net: Net, engine: Engine, folder: Path) -> Figure:
    wrong, endings = [], dict.fromkeys(get_args(Ending), 0)
    for number, set_up in enumerate(chosen):
        own = folder / str(number)
        own.mkdir()
        endings[set_up.right] += 1
        if problem := await judged(set_up, net, engine, own):
            wrong.append(f"{set_up.name}: {problem}")
    shares = ", ".join(f"{count} {name}" for name, count in endings.items())
    result = tell(wrong, f"0 key bytes at a wrong server, 0 requests before a yes; as they should: {shares}")
    what = "set-ups: 8 providers, the key in 6 places, hostile base URLs (userinfo, IDN, case, dots, http, ports)"
    return Figure(part="Keys", what=what, count=len(chosen), result=result, passed=not wrong)


async def judged(set_up: SetUp, net: Net, engine: Engine, folder: Path) -> str:
    """What is wrong with how a set-up goes; empty if nothing is."""
    net.forget()
    vault = set_up.vault(folder)
    backend = Backend(vault, LocalModels(), engine, {})
    resolved = set_up.resolved(folder, set_up.address.url)
    ending, prepared = await _prepared(backend, resolved)
    if net.home.requests or net.wrong:
        return "something was sent before the question"
    if ending != set_up.right:
        return f"{ending} instead of {set_up.right}"
    if prepared is not None:
        return await _judged_sending(set_up, backend, prepared, net, with_key=ending == "sent with the key")
    return await _judged_yes(set_up, backend, vault, net, folder) if ending == "asked" else ""


async def _prepared(backend: Backend, resolved: Mapping[str, Resolved]) -> tuple[Ending, Prepared | None]:
    try:
        prepared = await backend.prepare(resolved)
    except ApprovalNeededError:
        return "asked", None
    except NotReadyError as error:
        if CANARY in error.message:
            raise
        return ("no key" if error.field == "api_key" else "refused"), None
    return ("sent with the key" if prepared.key else "sent without a key"), prepared


async def _judged_sending(set_up: SetUp, backend: Backend, prepared: Prepared, net: Net, *, with_key: bool) -> str:
    """Whether the request arrives where it should and nowhere else, with the key or without."""
    events = await sent(backend, prepared)
    right, wrong = (net.home.requests, net.wrong) if set_up.address.leads == "home" else (net.wrong, net.home.requests)
    if wrong:
        return f"{len(wrong)} requests arrived at the other server"
    if any(holds(request, CANARY) != with_key for request in right):
        return f"the key was {'not ' if with_key else ''}in the request"
    if set_up.address.proper and (len(right) != 1 or not isinstance(events[-1], Finished)):
        return f"{len(right)} requests arrived; the turn ended with {events[-1]!r}"
    return ""


async def _judged_yes(set_up: SetUp, backend: Backend, vault: Vault, net: Net, folder: Path) -> str:
    """After a yes the key goes there, without another question; another address, or a taken back yes, asks again."""
    resolved = set_up.resolved(folder, set_up.address.url)
    try:
        await backend.prepare(resolved)
    except ApprovalNeededError as needed:
        await backend.approve(needed)
    approval, *others = await vault.approved()
    if others or approval.place.provider != set_up.user.provider:
        return f"the yes was remembered as {approval} and {others}"
    other = _OTHER if set_up.source == "file" else _OTHER.replace("http:", "https:")
    if (await _prepared(backend, set_up.resolved(folder, other)))[0] != "asked":
        return "the yes counts for another address"
    ending, prepared = await _prepared(backend, resolved)
    if prepared is None:
        return f"{ending} in spite of the yes"
    if problem := await _judged_sending(set_up, backend, prepared, net, with_key=True):
        return f"after the yes: {problem}"
    await vault.revoke(approval)
    net.forget()
    if (await _prepared(backend, resolved))[0] != "asked" or net.wrong or net.home.requests:
        return "the yes counts although it was taken back"
    return ""
