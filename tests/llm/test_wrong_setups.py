"""The table of wrong set-ups: what each is told, and what to do about it."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any, Final

import pytest

from tests.certificates import DAY, LOOPBACK, NOW, Authority, Listener, context
from tests.chat.fakes import Parts, settings
from tests.fake_provider import FakeProvider, Reply
from tests.guides.internet import Internet
from tests.llm.asking import CANARY, THEIR_WARNINGS, ask, run
from tui.config.schema import LLM
from tui.llm import protocol_probe
from tui.llm.events import Ask, Failed
from tui.llm.exchange import Limits
from tui.llm.refusals import no_key
from tui.llm.request_context import Situation
from tui.usage.question import NotReadyError

pytestmark = THEIR_WARNINGS


class Servers:
    """What can be talked to."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.stack = stack
        self.authority = Authority(folder)
        self.plain = stack.enter_context(FakeProvider())

    def answering(self, reply: Reply) -> FakeProvider:
        """The plain server, with one answer for everything."""
        self.plain.always = reply
        return self.plain

    def with_tls(self, certificate: Path) -> FakeProvider:
        """A server that speaks TLS with this certificate."""
        return self.stack.enter_context(FakeProvider(tls=context(certificate)))

    def listening(self, plain: bytes | None = None) -> Listener:
        """A port that says only this, or nothing."""
        return self.stack.enter_context(Listener(plain=plain))


@pytest.fixture
def servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    with ExitStack() as stack:
        made = Servers(tmp_path, stack)
        monkeypatch.setenv("SSL_CERT_FILE", str(made.authority.pem))
        yield made


def free_port() -> int:
    with closing(socket.create_server((LOOPBACK, 0))) as free:
        return int(free.getsockname()[1])


def told(status: int, message: str, code: str = "") -> Reply:
    """An error as the provider itself words it."""
    return Reply.error(status, message, code=code)


def deployment_not_found(servers: Servers) -> dict[str, Any]:
    words = "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait."  # noqa: E501
    base_url = servers.answering(told(404, words, "DeploymentNotFound")).origin
    return {"model": "azure/gpt-4o", "base_url": base_url, "api_version": "2024-10-21"}


def at(servers: Servers, path: str, reply: Reply | None = None) -> dict[str, Any]:
    return {"base_url": servers.answering(reply or Reply.error(404, "Not Found")).origin + path}


def secure(servers: Servers, certificate: Path, host: str = LOOPBACK) -> dict[str, Any]:
    return {"base_url": servers.with_tls(certificate).base_url.replace(LOOPBACK, host)}


def wants_tls(servers: Servers) -> dict[str, Any]:
    return {"base_url": servers.with_tls(servers.authority.issue(LOOPBACK)).base_url.replace("https:", "http:")}


def wants_http(servers: Servers) -> dict[str, Any]:
    return {"base_url": servers.plain.base_url.replace("http:", "https:")}


@dataclasses.dataclass(frozen=True)
class Wrong:
    """One set-up and what it is told; HOST stands for host and port of the server."""

    make: Callable[[Servers], dict[str, Any]]
    """The fields of `[llm]` that differ from a right set-up."""
    sentence: str
    next_step: str
    field: str
    cause: str = "network"
    more: dict[str, Any] = dataclasses.field(default_factory=dict)
    """What differs of the request itself."""


WRONG: Final = {
    "wrong key": Wrong(
        lambda servers: {"base_url": servers.answering(told(401, "Incorrect API key", "invalid_api_key")).base_url},
        "HOST does not accept the API key",
        "Enter a valid one under API Key (Settings, F2).",
        "api_key",
        "key",
    ),
    "no key": Wrong(
        lambda servers: {"base_url": servers.answering(told(401, "You didn't provide an API key")).base_url},
        "HOST wants an API key, and none is set for it",
        "Enter it under API Key (Settings, F2).",
        "api_key",
        "key",
        {"key": None},
    ),
    "base URL without /v1": Wrong(
        lambda servers: at(servers, ""),
        "HOST has no page /chat/completions (404)",
        "base_url probably has to end in /v1 (Advanced, F3).",
        "base_url",
        "not_found",
    ),
    "base URL with /v1 twice": Wrong(
        lambda servers: at(servers, "/v1/v1"),
        "HOST has no page /v1/v1/chat/completions (404)",
        "base_url holds /v1 twice: remove one (Advanced, F3).",
        "base_url",
        "not_found",
    ),
    "base URL with the full path": Wrong(
        lambda servers: at(servers, "/v1/chat/completions"),
        "HOST has no page /v1/chat/completions/chat/completions (404)",
        "base_url holds the full path: remove /chat/completions from its end (Advanced, F3).",
        "base_url",
        "not_found",
    ),
    "http on an https port": Wrong(
        wants_tls,
        "HOST speaks TLS, and base_url begins with http://",
        "Write https:// in base_url (Advanced, F3).",
        "base_url",
    ),
    "http on an https port that says so": Wrong(
        lambda servers: at(servers, "/v1", Reply.raw(400, "Client sent an HTTP request to an HTTPS server.\n")),
        "HOST speaks TLS, and base_url begins with http://",
        "Write https:// in base_url (Advanced, F3).",
        "base_url",
    ),
    "https on an http port": Wrong(
        wants_http,
        "HOST does not speak TLS",
        "Write http:// instead of https:// in base_url (Advanced, F3).",
        "base_url",
    ),
    "wrong model": Wrong(
        lambda servers: at(servers, "/v1", told(404, "The model `m` does not exist", "model_not_found")),
        "HOST does not have the model openai/fake-model (404)",
        "Check the model's name (Settings, F2). The list there shows what the server has.",
        "model",
        "not_found",
    ),
    "the model's name for the deployment's": Wrong(
        deployment_not_found,
        "HOST has no deployment gpt-4o (404)",
        "Azure wants azure/ and the name of your deployment, not the model's (Settings, F2).",
        "model",
        "not_found",
    ),
    "closed port": Wrong(
        lambda _: {"base_url": f"http://{LOOPBACK}:{free_port()}/v1"},
        "Nothing answers at HOST (connection refused)",
        "Start the server, or check base_url (Advanced, F3).",
        "base_url",
    ),
    "host that is not known": Wrong(
        lambda _: {"base_url": "https://nowhere.invalid/v1"},
        "The name nowhere.invalid could not be found",
        "Check base_url (Advanced, F3), and the network connection.",
        "base_url",
    ),
    "expired certificate": Wrong(
        lambda servers: secure(servers, servers.authority.issue(LOOPBACK, start=NOW - 9 * DAY, end=NOW - DAY)),
        "The certificate of HOST has expired",
        "Its owner has to renew it. Check this machine's clock, too: a wrong date looks the same.",
        "base_url",
    ),
    "certificate that begins tomorrow": Wrong(
        lambda servers: secure(servers, servers.authority.issue(LOOPBACK, start=NOW + DAY)),
        "The certificate of HOST is not valid yet",
        "Check this machine's clock; if it is right, the server's certificate has to be replaced.",
        "base_url",
    ),
    "self-signed certificate": Wrong(
        lambda servers: secure(servers, servers.authority.self_signed(LOOPBACK)),
        "The certificate of HOST is self-signed: nobody vouches for it",
        "If the server is yours, point SSL_CERT_FILE at its certificate (a PEM file) and start this program again; "
        "else don't send a key there.",
        "base_url",
    ),
    "certificate for another host": Wrong(
        lambda servers: secure(servers, servers.authority.issue("other.example"), "localhost"),
        "The certificate of HOST is for another host name",
        "Check the host in base_url (Advanced, F3): the certificate has to name it.",
        "base_url",
    ),
    "certificate for a name, at an address": Wrong(
        lambda servers: secure(servers, servers.authority.issue("other.example")),
        "The certificate of HOST is not for this IP address",
        "Write the host's name instead of its address in base_url (Advanced, F3).",
        "base_url",
    ),
}

SAME: Final = {"http on an https port that says so"}
"""Another way to the sentence of the line above."""


@asynccontextmanager
async def waiting_http_server() -> AsyncIterator[int]:
    """The port of a server that answers a whole line of HTTP, and waits for the end of anything else."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.read(100)
        if head.startswith((b"HEAD ", b"POST ")):
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, LOOPBACK, 0) as server:
        yield server.sockets[0].getsockname()[1]


async def failed(request: Ask) -> Failed:
    last = (await run(request))[-1]
    assert isinstance(last, Failed), last
    return last


@pytest.mark.parametrize("setup", WRONG)
async def test_each_wrong_set_up_has_its_sentence_and_its_next_step(servers: Servers, setup: str) -> None:
    wrong = WRONG[setup]
    fields = wrong.make(servers)
    host = fields["base_url"].split("/")[2]
    end = await failed(ask(**{"model": "openai/fake-model", "num_retries": 0, **fields, **wrong.more}))
    assert end.message == f"{wrong.sentence.replace('HOST', host)}. {wrong.next_step}"
    assert (end.cause, end.field, end.advice) == (wrong.cause, wrong.field, wrong.next_step)
    assert CANARY not in repr(end)
    assert servers.plain.posts <= 1


def test_no_two_wrong_set_ups_are_told_the_same() -> None:
    sentences = {(wrong.sentence, wrong.next_step) for name, wrong in WRONG.items() if name not in SAME}
    assert len(sentences) == len(WRONG) - len(SAME)
    assert len({sentence for sentence, _ in sentences}) == len(sentences)


BEFORE: Final[dict[str, tuple[dict[str, object], str, str]]] = {
    "no api_version": (
        {"model": "azure/mine", "base_url": "https://r.openai.azure.com"},
        "Azure OpenAI needs an API version: Advanced (F3), such as 2024-10-21.",
        "api_version",
    ),
    "no base URL": (
        {"model": "azure/mine", "api_version": "2024-10-21"},
        "Azure OpenAI needs a base URL: Advanced (F3), such as https://… without /chat/completions.",
        "base_url",
    ),
    "neither": (
        {"model": "azure/mine"},
        "Azure OpenAI needs a base URL and an API version: Advanced (F3).",
        "base_url",
    ),
    "no scheme": (
        {"model": "openai/m", "base_url": "localhost:8000/v1"},
        (
            "The URL has no http:// or https:// in front. Enter the whole address, such as https://api.example.com/v1. "
            "The field is Base URL in Advanced (F3)."
        ),
        "base_url",
    ),
}


@pytest.mark.parametrize("setup", BEFORE)
async def test_what_can_be_known_before_is_told_before_anything_is_sent(setup: str) -> None:
    fields, sentence, name = BEFORE[setup]
    parts = Parts()
    with pytest.raises(NotReadyError) as error:
        await parts.backend.prepare(settings(fields))
    assert (error.value.message, error.value.field) == (sentence, name)
    assert parts.worker.asks == []


async def test_a_name_that_no_provider_has_gets_the_nearest_right_ones_before_anything_is_sent() -> None:
    with pytest.raises(NotReadyError) as error:
        await Parts().backend.prepare(settings({"model": "gtp-4o"}))
    assert error.value.field == "model"
    assert "can't tell whose model 'gtp-4o' is" in error.value.message
    assert "The nearest in the catalogue: openai/gpt-4o, " in error.value.message


HOME: Final = {
    "openai/gtp-4o": (404, {"code": "model_not_found", "message": "The model `gtp-4o` does not exist"}),
    "anthropic/claude-sonet-4-5": (404, {"type": "not_found_error", "message": "model: claude-sonet-4-5"}),
    "gemini/gemini-2.5-flsh": (
        404,
        {"status": "NOT_FOUND", "message": "models/gemini-2.5-flsh is not found for API version v1beta"},
    ),
    "deepseek/deepseek-chatt": (400, {"code": "invalid_request_error", "message": "Model Not Exist"}),
    "groq/openai/gpt-oss-safegard-20b": (404, {"code": "model_not_found", "message": "The model `x` does not exist"}),
}
NEAREST: Final = {
    "openai/gtp-4o": "openai/gpt-4o",
    "anthropic/claude-sonet-4-5": "anthropic/claude-sonnet-4-5",
    "gemini/gemini-2.5-flsh": "gemini/gemini-2.5-flash",
    "deepseek/deepseek-chatt": "deepseek/deepseek-chat",
    "groq/openai/gpt-oss-safegard-20b": "groq/openai/gpt-oss-safeguard-20b",
}


@pytest.mark.parametrize("model", HOME)
async def test_a_model_that_its_provider_does_not_know_gets_the_nearest_right_ones(
    servers: Servers, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    """The provider's own address leads to the server, because a server of one's own may have any model."""
    host = {
        "openai": "api.openai.com", "anthropic": "api.anthropic.com", "gemini": "generativelanguage.googleapis.com",
        "deepseek": "api.deepseek.com", "groq": "api.groq.com",
    }[model.partition("/")[0]]  # fmt: skip
    status, error = HOME[model]
    net = servers.stack.enter_context(Internet(servers.authority.pem.parent, host))
    net.answer(Reply.raw(status, json.dumps({"error": error}), content_type="application/json"))
    for name, value in net.env.items():
        monkeypatch.setenv(name, value)
    end = await failed(ask(model=model, base_url=None, origin=f"https://{host}", num_retries=0))
    assert end.message.startswith(f"{host} does not have the model {model} ({status}). Check the model's name")
    assert f"The nearest in the catalogue: {NEAREST[model]}" in end.message
    assert (end.cause, end.field) == ("not_found", "model")


@pytest.mark.parametrize(
    "words",
    [
        "x/y is not a valid model ID",  # OpenRouter
        "/chat/completions: Invalid model name passed in model=x. Call `/v1/models`",  # a LiteLLM Proxy
        "The provided model identifier is invalid.",  # Bedrock
    ],
)
async def test_a_wrong_model_under_a_400_is_told_as_one(servers: Servers, words: str) -> None:
    end = await failed(ask(servers.answering(told(400, words))))
    assert (end.cause, end.field) == ("not_found", "model")


@pytest.mark.parametrize(
    ("provider", "what", "next_step"),
    [("bedrock", "AWS credentials", "API Key stays empty"), ("vertex_ai", "Google", "GOOGLE_APPLICATION_CREDENTIALS")],
)
def test_where_something_else_stands_in_for_a_key_nobody_is_sent_to_the_key_field(
    provider: str, what: str, next_step: str
) -> None:
    situation = Situation(LLM(model=f"{provider}/m"), provider, has_key=False, secrets=())
    for host, verb in (("", "LiteLLM finds no"), ("host.example", "host.example does not accept the")):
        trouble = no_key(host, situation)
        assert trouble.happened.startswith(f"{verb} {what}")
        assert next_step in trouble.advice
        assert trouble.field != "api_key"


@pytest.mark.parametrize("make", [wants_tls, wants_http])
async def test_a_wrong_scheme_is_not_retried(servers: Servers, make: Callable[[Servers], dict[str, Any]]) -> None:
    end = await failed(ask(num_retries=3, **make(servers)))
    assert end.usage.attempts == 1


async def test_http_is_found_behind_a_port_that_only_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain server that reads a TLS handshake as the beginning of a line says nothing."""
    quick = Limits(connect_s=0.3)
    monkeypatch.setattr(Limits, "of", lambda *_, **__: quick)
    async with waiting_http_server() as port:
        end = await failed(ask(base_url=f"https://{LOOPBACK}:{port}/v1", num_retries=0))
    assert end.message.startswith(f"{LOOPBACK}:{port} does not speak TLS.")


@pytest.mark.slow
async def test_looking_what_a_silent_port_speaks_takes_no_longer_than_its_bound(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = Limits(connect_s=0.3)
    monkeypatch.setattr(Limits, "of", lambda *_, **__: quick)
    monkeypatch.setattr(protocol_probe, "_BOUND_S", 0.3)
    started = time.monotonic()
    end = await failed(ask(base_url=f"https://{LOOPBACK}:{servers.listening().port}/v1", num_retries=0))
    assert time.monotonic() - started < 3
    assert end.message.startswith("No connection to")
