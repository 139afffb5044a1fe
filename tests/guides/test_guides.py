"""Each guide is followed to the letter in the whole app, and the provider gets the request that it describes."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.fake_provider import Recorded
from tests.guides.event_stream import converse
from tests.guides.expected import EXPECTED, HOSTS, KEY_HEADERS
from tests.guides.internet import Internet
from tests.guides.user import user
from tui.engine.client import Engine
from tui.providers.guides import all_guides
from tui.providers.requirements import is_installed

in_one_loop = pytest.mark.asyncio(loop_scope="module")

GUIDES = {guide.slug: guide for guide in all_guides()}
PATH = os.environ["PATH"]


class World:
    """One internet and one worker for all guides."""

    def __init__(self, net: Internet) -> None:
        self.net = net
        self.env = {"PATH": PATH, **net.env}
        self.engine = Engine(self.env)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    with Internet(tmp_path_factory.mktemp("internet"), *HOSTS) as net:
        made = World(net)
        await made.engine.start()
        yield made
        await made.engine.close()


def url_of(request: Recorded) -> tuple[str, str]:
    """(address, query); a request through a proxy without TLS has the whole address for its path."""
    path, _, query = request.path.partition("?")
    return path if path.startswith("http://") else f"https://{request.headers['host']}{path}", query


def test_every_guide_has_its_expectation() -> None:
    assert {*EXPECTED, "vertex_ai"} == GUIDES.keys()


@in_one_loop
@pytest.mark.parametrize("slug", EXPECTED)
async def test_what_a_guide_says_to_enter_makes_the_request_that_its_provider_takes(
    world: World, tmp_path: Path, slug: str
) -> None:
    expected = EXPECTED[slug]
    world.net.forget()
    if slug == "bedrock":
        world.net.answer(converse("Hello", " there", "."))
    async with user(tmp_path, world.engine, world.env) as person:
        await person.follow(GUIDES[slug])
        assert await person.say_hello() == "Hello there."
        (request,) = [request for request in world.net.requests if request.method == "POST"]
        assert url_of(request) == (expected.url, expected.query)
        assert request.json == expected.body
        name, pattern = expected.key
        assert {header for header in KEY_HEADERS if header in request.headers} == {name}
        assert re.fullmatch(pattern, request.headers[name])
        assert dict(request.headers) | dict(expected.headers) == dict(request.headers)
        assert request.headers["accept-encoding"] == "identity"  # it passed the guard


@in_one_loop
async def test_a_provider_that_needs_another_package_says_so_before_anything_is_sent(
    world: World, tmp_path: Path
) -> None:
    if is_installed("google.auth"):
        pytest.skip("Google's library is installed")
    world.net.forget()
    async with user(tmp_path, world.engine, world.env) as person:
        await person.follow(GUIDES["vertex_ai"])
        await person.bench.sees("! Google Vertex AI needs another package. Install it with: ")
        await person.say_hello()
        await person.bench.sees("▌ Google Vertex AI needs another package. Install it with: ")
        assert world.net.requests == []
