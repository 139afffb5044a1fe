"""Plain requests to a local server, as any client might send them."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen


def question(text: str, **options: object) -> dict[str, object]:
    return {"model": "any", "messages": [{"role": "user", "content": text}], "temperature": 0, **options}


def post(base_url: str, body: dict[str, object]) -> http.client.HTTPResponse:
    headers = {"Content-Type": "application/json", "Authorization": "Bearer unused"}
    request = Request(f"{base_url}/chat/completions", json.dumps(body).encode(), headers)  # noqa: S310  # loopback
    return urlopen(request, timeout=60)  # type: ignore[no-any-return]  # noqa: S310  # typed as Any


def rest(answer: http.client.HTTPResponse) -> bytes:
    """What is left of an answer, to its end or to where it was cut off."""
    try:
        return answer.read()
    except http.client.IncompleteRead as error:
        return error.partial
    except OSError:
        return b""


def streamed(base_url: str, text: str, **options: object) -> Iterator[dict[str, Any]]:
    """The chunks of a streamed answer, with usage."""
    body = question(text, stream=True, stream_options={"include_usage": True}, **options)
    with post(base_url, body) as answer:
        for line in answer:
            if line.startswith(b"data: ") and line.strip() != b"data: [DONE]":
                yield json.loads(line.removeprefix(b"data: "))


def get(base_url: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a GET request."""
    connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()
