"""The worker's environment, by allow-list: LiteLLM reads some three hundred variables, keys among them, by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_NAMES: Final = frozenset(
    {
        "PATH", "HOME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONPATH",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
        "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
        "SYSTEMROOT", "WINDIR", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PATHEXT",
    }
)  # fmt: skip
_LOCALE: Final = "LC_"


def scrubbed(env: Mapping[str, str]) -> dict[str, str]:
    """What of `env` the worker needs to run, reach the network and trust certificates."""
    return {name: value for name, value in env.items() if name.upper() in _NAMES or name.startswith(_LOCALE)}
