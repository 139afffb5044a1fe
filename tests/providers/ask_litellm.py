"""A program that asks the real LiteLLM, with no network: whom it knows, what it accepts, and where it sends a key.

Standard input: {"ids": [...], "bare": [...]}. The last line of standard output: what `Answers` in the tests describes.
"""

from __future__ import annotations

import contextlib
import io
import json
import socket
import sys
from typing import Any, NoReturn

import httpx

KEY = "canary-key"
SIGN_IN = ("github_copilot", "chatgpt")  # for these, asking for the provider starts a sign-in through a browser


def _no_network(*_args: object, **_kwargs: object) -> NoReturn:
    raise OSError("no network in this test")


def _refusing(sent: list[tuple[str, bool]]) -> Any:
    def send(_client: httpx.Client, request: httpx.Request, **_kwargs: object) -> httpx.Response:
        carries = any(KEY in value for value in request.headers.values()) or KEY in str(request.url)
        sent.append((str(request.url), carries))
        return httpx.Response(400, request=request, json={"error": {"message": "refused by the test"}})

    return send


def _provider(litellm: Any, model: str) -> str:
    if model.partition("/")[0] in SIGN_IN:
        return model.partition("/")[0]
    try:
        return str(litellm.get_llm_provider(model)[1])
    except litellm.BadRequestError:
        return ""


def _chat(litellm: Any, name: str, sent: list[tuple[str, bool]]) -> dict[str, object]:
    """Where a chat with a model that nobody knows would go."""
    sent.clear()
    message = ""
    try:
        litellm.completion(
            model=f"{name}/vendor/some-model" if name == "replicate" else f"{name}/some-model",
            messages=[{"role": "user", "content": "x"}],
            api_key=KEY,
            max_retries=0,
            drop_params=True,
        )
    except Exception as error:  # whatever it is, the requests before it are the answer  # noqa: BLE001
        message = str(error)
    return {"keyed": [url for url, carries in sent if carries], "unmapped": "Unmapped LLM provider" in message}


def main() -> None:
    """Answer the questions on standard input."""
    questions = json.load(sys.stdin)
    sent: list[tuple[str, bool]] = []
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        socket.socket.connect = _no_network  # type: ignore[method-assign]  # nothing may leave this process
        socket.getaddrinfo = _no_network
        httpx.Client.send = _refusing(sent)  # type: ignore[method-assign]  # the last step before the network
        import litellm  # noqa: PLC0415  # after the network is gone
        from litellm.llms.openai_like.json_loader import JSONProviderRegistry  # noqa: PLC0415

        litellm.suppress_debug_info = True
        listed = sorted({str(getattr(item, "value", item)) for item in litellm.provider_list})
        compatible = sorted(JSONProviderRegistry.list_providers())
        answer = {
            "listed": listed,
            "compatible": compatible,
            "ids": {model: _provider(litellm, model) for model in questions["ids"]},
            "bare": {model: _provider(litellm, model) for model in questions["bare"]},
            "chats": {
                name: _chat(litellm, name, sent) for name in dict.fromkeys(listed + compatible) if name not in SIGN_IN
            },
        }
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
