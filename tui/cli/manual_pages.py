"""What the help of each command tells after its options, by the command's name; "" is the program itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

CODES: Final[Mapping[int, str]] = {
    0: "fine",
    1: "a problem found: in the file, the settings or this machine",
    2: "wrong usage",
    3: "key missing or refused",
    4: "rate limit, quota or spending limit",
    5: "network",
    6: "other provider error",
    130: "interrupted with Ctrl+C",
}
"""What each exit code means, for all commands."""

FILES: Final[Mapping[str, str]] = {
    "config.toml": "the one that --config names, else ./config.toml if it is there, else llm-backends/config.toml in "
    "your configuration directory (~/.config on Linux)",
    "the keyring": "Secret Service, KWallet, macOS Keychain or Windows Credential Locker; no plain file",
    "approvals": "which key may go where, in llm-backends in your data directory (~/.local/share on Linux)",
    "usage.db": "what requests used and cost, in llm-backends in your data directory",
    "preferences.toml": "the spending limits, beside config.toml in your configuration directory",
    "drafts": "unsaved edits of a session that was cut off, without keys, in llm-backends in your state directory "
    "(~/.local/state on Linux)",
    "the model": "unpacked into llm-backends in your cache directory (~/.cache on Linux)",
}
ENVIRONMENT: Final[Mapping[str, str]] = {
    "LLM_MODEL, LLM_API_KEY, ...": "each wins over its field of [llm], as OpenHands reads them; profiles keep theirs",
    "OPENAI_API_KEY, ...": "the provider's usual variable, if no other key is found",
    "VISUAL, EDITOR": "the editor in which the app opens the file",
    "NO_COLOR": "set to anything, it keeps colours out of what is printed",
}

_FILE: Final = ("config.toml",)
_LLM: Final = ("LLM_MODEL, LLM_API_KEY, ...",)
_KEYS: Final = (*_LLM, "OPENAI_API_KEY, ...")
_COLOUR: Final = ("NO_COLOR",)


class Page(msgspec.Struct, frozen=True):
    """The sections of one command's help."""

    examples: Mapping[str, str] = {}
    """Command lines, each with what it is good for."""
    codes: tuple[int, ...] = (0, 1, 2)
    own_codes: Mapping[str, str] = {}
    """Exit codes that mean something else here than `CODES` says."""
    files: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()


PAGES: Final[Mapping[str, Page]] = {
    "": Page(
        {
            "llm-backends": "open the app",
            "llm-backends --config ~/agent/config.toml --profile cheap": "on the table [llm.cheap] of that file",
            "llm-backends get model": "print one value",
            "llm-backends --plain": "line by line instead of on a screen: for screen readers and scripts",
            "llm-backends COMMAND --help": "examples, exit codes, files and environment of a command",
        },
        tuple(CODES),
        files=tuple(FILES),
        environment=tuple(ENVIRONMENT),
    ),
    "demo": Page(
        {"llm-backends demo": "then type a question into the chat"},
        files=("the model",),
        environment=_COLOUR,
    ),
    "get": Page(
        {
            "llm-backends get": "all fields, as a table",
            "llm-backends get model": "the bare value, for a script",
            "llm-backends get --origin model num_retries": "with where each value comes from",
            "llm-backends --profile cheap get --json": "a profile's values, for a program",
        },
        files=_FILE,
        environment=_LLM,
    ),
    "set": Page(
        {
            "llm-backends set model openai/gpt-4o num_retries 6": "two fields at once",
            "llm-backends --profile cheap set temperature 0.2": "a field of [llm.cheap]",
            "llm-backends set --dry-run timeout 120": "only print the change",
            "llm-backends set --in-place timeout 120": "into a file that is mounted by itself, or has hard links",
            "pass show aws | llm-backends set aws_secret_access_key -": "a secret from another program",
        },
        files=_FILE,
        environment=(*_LLM, *_COLOUR),
    ),
    "unset": Page(
        {
            "llm-backends unset base_url": "back to the provider's own address",
            "llm-backends unset --dry-run top_p temperature": "only print the change",
        },
        files=_FILE,
        environment=(*_LLM, *_COLOUR),
    ),
    "check": Page(
        {
            "llm-backends check": "your file, and the environment",
            "llm-backends check --target 0.26": "as that version of OpenHands will read it",
            "llm-backends check --fix --dry-run": "what the safe repairs would change",
            "llm-backends check --no-env */config.toml": "files of a repository, as a pre-commit hook does",
            "llm-backends check --json | jq '.[].problems[].title'": "for a program",
        },
        (0, 2),
        {"1": "there is an error; warnings alone give 0"},
        files=_FILE,
        environment=(*_LLM, *_COLOUR),
    ),
    "ping": Page(
        {
            "llm-backends ping": "does the model answer?",
            'llm-backends --profile cheap ping "2 + 2?"': "ask a profile's model something",
            "llm-backends ping --checkup": "ten stages, from the settings to prompt caching",
            "llm-backends ping --json | jq .usage": "tokens, cost and times, for a program",
        },
        tuple(CODES),
        files=("config.toml", "the keyring", "approvals"),
        environment=(*_KEYS, *_COLOUR),
    ),
    "usage": Page(
        {
            "llm-backends usage": "the last 30 days, by model and by day",
            "llm-backends usage --days 1 --json": "for a program",
        },
        (0, 1, 2),
        files=("usage.db", "preferences.toml"),
    ),
    "models": Page(
        {
            "llm-backends models sonnet": "those whose name has it",
            "llm-backends models --provider groq": "one provider's",
            "llm-backends models --live": "what the server behind your base_url serves",
            "llm-backends models --json gpt-4o | jq '.[0].input_price'": "for a program",
        },
        (0, 1, 2, 3, 4, 5, 6),
        files=_FILE,
        environment=_KEYS,
    ),
    "keys": Page(
        {
            "llm-backends keys set": "for the provider of your model; asks for the key",
            "pass show openai | llm-backends keys set --provider openai": "from another program",
            "llm-backends keys move": "out of the file, into the keyring",
        },
        (0, 1, 2, 3),
        files=("config.toml", "the keyring", "approvals"),
        environment=_LLM,
    ),
    "keys list": Page(
        {"llm-backends keys list": "places and permissions, one a line, separated by tabs"},
        (0, 2, 3),
        files=("the keyring", "approvals"),
    ),
    "keys set": Page(
        {
            "llm-backends keys set": "asks, without echo",
            "llm-backends keys set --provider openai < key.txt": "the first line of standard input",
            "llm-backends keys set --provider azure --base-url https://mine.openai.azure.com": "for that address only",
        },
        (0, 1, 2, 3),
        files=("config.toml", "the keyring"),
    ),
    "keys delete": Page(
        {"llm-backends keys delete --provider openai": ""},
        (0, 1, 2, 3),
        files=("config.toml", "the keyring", "approvals"),
    ),
    "keys revoke": Page(
        {
            "llm-backends keys revoke --provider openai": "for that provider's own address",
            "llm-backends keys revoke --all": "every yes",
        },
        files=("config.toml", "approvals"),
    ),
    "keys move": Page(
        {
            "llm-backends keys move": "the key of [llm]",
            "llm-backends --profile cheap keys move": "the key of [llm.cheap]",
        },
        (0, 1, 2, 3),
        files=("config.toml", "the keyring"),
        environment=_COLOUR,
    ),
    "export": Page(
        {
            'eval "$(llm-backends export)"': "into this shell",
            "llm-backends export --format dotenv --changed > .env": "what differs from the defaults",
            "llm-backends exec -- $(llm-backends export --format docker --image NAME)": "run a container, with the key",
            "llm-backends export --format compose --image NAME > compose.yaml": "",
        },
        files=_FILE,
        environment=_LLM,
    ),
    "import": Page(
        {
            "llm-backends import .env": "from a file",
            "llm-backends import --dry-run": "what the environment would change",
        },
        files=_FILE,
        environment=(*_LLM, *_COLOUR),
    ),
    "exec": Page(
        {
            'llm-backends exec -- python -m openhands.core.main -t "write a test"': "",
            "llm-backends --profile cheap exec -- ./my-agent": "with the settings of [llm.cheap]",
            "llm-backends exec -- docker run -e LLM_MODEL -e LLM_API_KEY IMAGE": "",
        },
        (1, 2, 3),
        {"127": "there is no such command", "126": "it can't be run", "other": "what COMMAND itself exits with"},
        files=("config.toml", "the keyring", "approvals"),
        environment=_KEYS,
    ),
    "schema": Page(
        {
            "llm-backends schema > llm-schema.json": "once, beside your config.toml",
            "#:schema ./llm-schema.json": "then the first line of config.toml, for taplo and editors that use it",
            "taplo lint config.toml": "what does not fit, on the command line",
        },
        (0, 2),
    ),
    "completion": Page(
        {
            'eval "$(llm-backends completion bash)"': "in ~/.bashrc; bash 4.4 or newer",
            'eval "$(llm-backends completion zsh)"': "in ~/.zshrc, after compinit",
            "llm-backends completion fish > ~/.config/fish/completions/llm-backends.fish": "once",
        },
        (0, 2),
    ),
    "local": Page(
        {
            "llm-backends local pull": "fetch it now, before you are offline",
            "llm-backends local serve": "prints the model and base_url to enter elsewhere",
        },
        (0, 1, 2, 5),
        files=("the model",),
    ),
    "local pull": Page({"llm-backends local pull": ""}, (0, 1, 2, 5), files=("the model",)),
    "local serve": Page(
        {
            "llm-backends local serve --port 8000": "the built-in model; fetched first if it is not there",
            "llm-backends local serve ~/models/qwen.gguf": "any GGUF file",
        },
        (0, 1, 2, 5),
        files=("the model",),
    ),
    "local path": Page({'ls -l "$(llm-backends local path)"': ""}, files=("the model",)),
}
