"""What is missing on this machine is named, with its cure, and is no provider's error."""

from __future__ import annotations

import httpx
import pytest

from tui.config.schema import LLM
from tui.llm.errors import classify
from tui.llm.exchange import Exchange, Limits
from tui.llm.problem import Trouble
from tui.llm.request_context import Situation
from tui.providers.builtin_providers import is_secret


def trouble(said: str, provider: str = "bedrock", error: type[Exception] = ValueError) -> Trouble:
    http = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200)))  # nothing is sent
    exchange = Exchange(http, Limits(), None, lambda: None)
    return classify(error(said), exchange, Situation(LLM(model=f"{provider}/m"), provider, has_key=False, secrets=()))


@pytest.mark.parametrize(
    ("said", "cause", "named"),
    [
        ("The config profile (work) could not be found", "settings", "work"),
        ("Error loading SSO Token: the SSO session has expired or is otherwise invalid.", "key", "sign-in has expired"),
        ("You must specify a region.", "settings", "region"),
        ("Unable to locate credentials", "key", "AWS credentials"),
        ("Your default credentials were not found. To set up ADC, see", "key", "Google credentials"),
        ("File /nowhere/key.json was not found.", "settings", "/nowhere/key.json"),
        ("('invalid_grant: Invalid JWT Signature.', {'error': 'invalid_grant'})", "key", "sign-in server"),
        ("{'errorCode': 'BXNIM0415E', 'errorMessage': 'Provided API key could not be found.'}", "key", "sign-in"),
        ("No module named 'google.auth'", "settings", "package"),
        ("Please install it: pip install litellm[google]", "settings", "package"),
    ],
)
def test_a_local_failure_is_named(said: str, cause: str, named: str) -> None:
    found = trouble(said)
    assert found.cause == cause
    assert named in found.happened


def test_the_package_to_install_is_named() -> None:
    assert "litellm[google]" in trouble("Please run `pip install 'litellm[google]'`", "vertex_ai").advice


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("AWS_SECRET_ACCESS_KEY", "x", True),
        ("AWS_SESSION_TOKEN", "x", True),
        ("AWS_BEARER_TOKEN_BEDROCK", "x", True),
        ("VERTEXAI_CREDENTIALS", '{"private_key": "x"}', True),
        ("VERTEXAI_CREDENTIALS", "/home/me/key.json", False),
        ("GOOGLE_APPLICATION_CREDENTIALS", "/home/me/key.json", False),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/home/me/token", False),
        ("AWS_REGION", "us-east-1", False),
        ("AWS_PROFILE", "work", False),
        ("VERTEXAI_PROJECT", "my-project", False),
        ("WATSONX_PROJECT_ID", "1-2", False),
        ("CLOUDFLARE_ACCOUNT_ID", "1", False),
    ],
)
def test_a_project_a_region_a_profile_and_a_path_are_no_secrets(name: str, value: str, *, secret: bool) -> None:
    assert is_secret(name, value) is secret
