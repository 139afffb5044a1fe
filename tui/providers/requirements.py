"""What is still missing before anything can be sent, and which variables a provider gets from the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

import msgspec

from tui.config.installation import this_installation
from tui.config.schema import FIELDS, LLM
from tui.providers.builtin_providers import AWS, GOOGLE
from tui.providers.provider import Provider

Place: TypeAlias = Literal["settings", "advanced", "environment", "installation"]

_KEYS: Final[Mapping[Place, str]] = {"settings": "Settings (F2)", "advanced": "Advanced (F3)"}
_WORDS: Final[Mapping[str, str]] = {"base_url": "a base URL", "api_version": "an API version", "api_key": "an API key"}
_EXAMPLES: Final[Mapping[str, str]] = {"base_url": "https://… without /chat/completions", "api_version": "2024-10-21"}


class Missing(msgspec.Struct, frozen=True):
    """One thing that is missing."""

    name: str
    """The field of `[llm]`, the environment variable, or the package."""
    where: Place
    sentence: str
    """What is missing and where to put it: "Azure OpenAI needs an API version: Advanced (F3), such as 2024-10-21."."""
    blocks: bool = True
    """False where it may be found at another place, such as a credentials file; then the request may be tried."""


def is_installed(module: str) -> bool:
    """Whether a module could be imported; its parent packages are, itself is not."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def missing(
    settings: LLM,
    provider: Provider | None,
    *,
    has_key: bool,
    env: Mapping[str, str],
    installed: Callable[[str], bool] = is_installed,
) -> tuple[Missing, ...]:
    """What must be given before `settings` can be sent, most important first; nothing if they can.

    Args:
        settings: effective settings.
        provider: the provider they are sent to, from `provider_of`.
        has_key: whether any source has a key for it.
        env: the app's environment.
        installed: whether a module can be imported.
    """
    if not settings.model.strip():
        return (Missing("model", "settings", "No model is chosen: Settings (F2)."),)
    if provider is None:
        return (_unknown(settings),)
    found = [_field(name, provider) for name in provider.needs if not getattr(settings, name)]
    if provider.needs_key and not has_key and _goes_home(settings, provider):
        found.append(_key(provider))
    if provider.module and not installed(provider.module):
        command = this_installation(env).add(provider.install)
        sentence = f"{provider.title} needs another package. Install it with: {command}"
        found.append(Missing(provider.install, "installation", sentence))
    return (*found, *_from_environment(settings, provider, env))


def told(provider: Provider | None, lacks: Sequence[Missing]) -> str:
    """All of `lacks` in a line: "Azure OpenAI needs a base URL and an API version: Advanced (F3)."; "" for nothing."""
    fields = [item for item in lacks if item.name in _WORDS]
    rest = [item.sentence for item in lacks if item.name not in _WORDS]
    *first, last = [_WORDS[item.name] for item in fields] or [""]
    if not first or provider is None:
        return " ".join(item.sentence for item in lacks)
    screens = dict.fromkeys(_KEYS[item.where] for item in fields)
    line = f"{provider.title} needs {', '.join(first)} and {last}: {' and '.join(screens)}."
    return " ".join([line, *rest])


def env_for(provider: Provider, env: Mapping[str, str]) -> dict[str, str]:
    """The provider's own variables that are set, and no others. An empty one counts as not set."""
    return {name: env[name] for name in provider.env_auth if env.get(name)}


def _unknown(settings: LLM) -> Missing:
    if settings.custom_llm_provider:
        sentence = (
            f"LiteLLM knows no provider {settings.custom_llm_provider!r}: correct Custom provider, Advanced (F3)."
        )
        return Missing("custom_llm_provider", "advanced", sentence)
    example = f"openai/{settings.model}" if settings.base_url else f"anthropic/{settings.model}"
    sentence = (
        f"LiteLLM can't tell whose model {settings.model!r} is: "
        f"choose a provider, or write it in front, such as {example}: Settings (F2)."
    )
    return Missing("model", "settings", sentence)


def _field(name: str, provider: Provider) -> Missing:
    field = FIELDS[name]
    sentence = f"{provider.title} needs {_WORDS[name]}: {_KEYS[field.screen]}, such as {_EXAMPLES[name]}."
    return Missing(name, field.screen, sentence)


def _key(provider: Provider) -> Missing:
    variable = f", or {provider.key_env[0]} in the environment" if provider.key_env else ""
    return Missing("api_key", "settings", f"{provider.title} needs an API key: Settings (F2){variable}.")


def _goes_home(settings: LLM, provider: Provider) -> bool:
    """Whether the request goes to the provider itself. A server of one's own may take any key or none."""
    if not settings.base_url or provider.home is None:
        return True
    return urlsplit(settings.base_url).hostname == urlsplit(provider.home).hostname


def _from_environment(settings: LLM, provider: Provider, env: Mapping[str, str]) -> list[Missing]:
    given = env_for(provider, env)
    if provider.env_auth == AWS:
        return _aws(settings, provider, given)
    if provider.env_auth == GOOGLE:
        return _google(provider, given)
    if provider.env_auth and not given:
        names = " or ".join(provider.env_auth)
        return [Missing(provider.env_auth[0], "environment", f"{provider.title} needs {names} in the environment.")]
    if provider.sign_in:
        sentence = f"{provider.title} signs in through a web browser; this works only after LiteLLM has done so once."
        return [Missing("", "environment", sentence, blocks=False)]
    return []


def _aws(settings: LLM, provider: Provider, given: Mapping[str, str]) -> list[Missing]:
    pair = (("aws_access_key_id", "AWS_ACCESS_KEY_ID"), ("aws_secret_access_key", "AWS_SECRET_ACCESS_KEY"))
    has = [bool(getattr(settings, field)) or variable in given for field, variable in pair]
    if any(has) and not all(has):
        field, variable = pair[has.index(False)]
        title = FIELDS[field].title
        sentence = f"{provider.title} needs both halves of the key: {title} on Advanced (F3), or {variable}."
        return [Missing(field, "advanced", sentence)]
    if all(has) or given.keys() - {"AWS_REGION_NAME", "AWS_REGION", "AWS_DEFAULT_REGION"}:
        return []
    sentence = (
        f"{provider.title} finds no AWS credentials: Access key ID and Secret access key on Advanced (F3), "
        "or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE. "
        "Without them it tries ~/.aws and the machine's own role."
    )
    return [Missing("AWS_ACCESS_KEY_ID", "environment", sentence, blocks=False)]


def _google(provider: Provider, given: Mapping[str, str]) -> list[Missing]:
    found: list[Missing] = []
    if not given.keys() & {"GOOGLE_APPLICATION_CREDENTIALS", "VERTEXAI_CREDENTIALS"}:
        sentence = (
            f"{provider.title} finds no GOOGLE_APPLICATION_CREDENTIALS in the environment (the path of a key file). "
            "Without it, it tries what `gcloud auth application-default login` has left."
        )
        found.append(Missing("GOOGLE_APPLICATION_CREDENTIALS", "environment", sentence, blocks=False))
    for name, what, fallback in (
        ("VERTEXAI_PROJECT", "the Google Cloud project that pays", "the project that the credentials name"),
        ("VERTEXAI_LOCATION", "the region that serves the model", "us-central1"),
    ):
        if name not in given:
            sentence = f"{provider.title} finds no {name} in the environment ({what}). Without it, it takes {fallback}."
            found.append(Missing(name, "environment", sentence, blocks=False))
    return found
