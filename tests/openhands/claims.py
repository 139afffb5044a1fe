"""For each rule of the lint a file that it names, and the question to OpenHands whether it does what we say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

CORE: Final = "[core]\n\n"


class Answer(msgspec.Struct, frozen=True):
    """What OpenHands made of a file."""

    defaults: Mapping[str, Any]
    llms: Mapping[str, Mapping[str, Any]]
    agents: Mapping[str, Mapping[str, Any]]

    waits: tuple[float, ...] = ()
    """The waits before the first retries of the default configuration, in seconds."""

    @property
    def llm(self) -> Mapping[str, Any]:
        """The default configuration."""
        return self.llms["llm"]

    def ignored(self, *names: str) -> bool:
        """Whether these fields have OpenHands' own defaults."""
        return all(self.llm[name] == self.defaults[name] for name in names)


class Claim(msgspec.Struct, frozen=True):
    """One file, the rule that must name it, and what must then be true."""

    rule: str
    toml: str
    holds: Callable[[Answer], bool]
    env: Mapping[str, str] = {}
    targets: tuple[str, ...] = ("0.26", "0.29", "latest")


_REST: Final = 'model = "openai/mine"\ntimeout = 77\n'
_IGNORED: Final[Callable[[Answer], bool]] = lambda answer: answer.ignored("model", "timeout")  # noqa: E731  # used often
_LATER: Final = ("0.29", "latest")

CLAIMS: Final = (
    Claim("syntax", f"{CORE}[llm]\n{_REST}native_tool_calling = None\n", _IGNORED),
    Claim("syntax", f"{CORE}[llm]\n{_REST}drop_params = False\n", _IGNORED),
    Claim("syntax", f"{CORE}[llm]\n{_REST}model = 'twice'\n", _IGNORED),
    Claim("unknown-key", f"{CORE}[llm]\n{_REST}num_retry = 3\n", _IGNORED),
    Claim("unknown-key", f"{CORE}[llm]\n{_REST}Base-Url = 'x'\n", _IGNORED),
    Claim("unknown-key", f"{CORE}[llm]\n{_REST}embedding_model = 'local'\n", _IGNORED, targets=_LATER),
    Claim("unknown-key", f"{CORE}[llm]\n{_REST}seed = 1\n", _IGNORED, targets=("0.26", "0.29")),
    Claim("unknown-key", f"{CORE}[llm]\n{_REST}[[llm.list]]\nx = 1\n", _IGNORED),
    Claim(
        "unknown-key", f"{CORE}[llm]\n{_REST}[llm.bad]\nfoo = 1\n[llm.good]\ntop_p = 0.5\n",
        lambda answer: "bad" not in answer.llms and answer.llms["good"]["timeout"] is None,
        targets=("0.26",),
    ),
    Claim(
        "unknown-key", f"{CORE}[llm]\n{_REST}[llm.bad]\nfoo = 1\n[llm.good]\ntop_p = 0.5\n",
        lambda answer: "bad" not in answer.llms and answer.llms["good"]["timeout"] == 77, targets=_LATER,
    ),
    Claim(
        "unknown-key", f"{CORE}[llm]\n{_REST}foo = 1\n[llm.good]\ntop_p = 0.5\n",
        lambda answer: _IGNORED(answer) and answer.llms["good"]["timeout"] is None,
    ),
    Claim("wrong-type", f"{CORE}[llm]\n{_REST}num_retries = 'soon'\n", _IGNORED),
    Claim("wrong-type", f"{CORE}[llm]\n{_REST}max_output_tokens = ''\n", _IGNORED),
    Claim("wrong-type", f"{CORE}[llm]\n{_REST}base_url = 5\n", _IGNORED),
    Claim("wrong-type", f"{CORE}[llm]\n{_REST}drop_params = 'maybe'\n", _IGNORED),
    Claim("converted", f"{CORE}[llm]\nnum_retries = '7'\n", lambda answer: answer.llm["num_retries"] == 7),
    Claim("converted", f"{CORE}[llm]\ntimeout = 7.0\n", lambda answer: answer.llm["timeout"] == 7),
    Claim("converted", f"{CORE}[llm]\ndrop_params = 'off'\n", lambda answer: answer.llm["drop_params"] is False),
    Claim("converted", f"{CORE}[llm]\nnum_retries = true\n", lambda answer: answer.llm["num_retries"] == 1),
    Claim("out-of-range", f"{CORE}[llm]\ntop_p = 1.5\n", lambda answer: answer.llm["top_p"] == 1.5),
    Claim("out-of-range", f"{CORE}[llm]\nnum_retries = -1\n", lambda answer: answer.llm["num_retries"] == -1),
    Claim(
        "out-of-range", f"{CORE}[llm]\nreasoning_effort = 'huge'\n",
        lambda answer: answer.llm["reasoning_effort"] == "huge",
    ),
    Claim("no-core", f"[llm]\n{_REST}", _IGNORED, targets=("0.26",)),
    Claim("table-name", f"{CORE}[LLM]\n{_REST}", lambda answer: answer.llm["timeout"] == 77, targets=("0.26",)),
    Claim("table-name", f"{CORE}[LLM]\n{_REST}", _IGNORED, targets=_LATER),
    Claim("not-a-table", f"llm = 5\n{CORE}", _IGNORED, targets=("0.26",)),
    Claim("not-a-table", f"{CORE}[[llm]]\n{_REST}", _IGNORED, targets=("0.26",)),
    Claim("misplaced", f"{_REST}{CORE}", _IGNORED),
    Claim("misplaced", f"[core]\n{_REST}", _IGNORED),
    Claim("misplaced", f"LLM_TIMEOUT = 77\n{CORE}", _IGNORED),
    Claim("misplaced", "LLM_TIMEOUT = 77\n", lambda answer: answer.llm["timeout"] == 77, targets=("0.26",)),
    Claim(
        "profile-name", f"{CORE}[llm]\n[llm.model]\ntimeout = 77\n",
        lambda answer: answer.ignored("model", "timeout") and answer.llms["model"]["timeout"] == 77,
    ),
    Claim(
        "nested-table", f"{CORE}[llm]\n{_REST}[llm.deep]\ntop_p = 0.5\n[llm.deep.x]\ny = 1\n",
        lambda answer: "deep" not in answer.llms and answer.llm["timeout"] == 77, targets=_LATER,
    ),
    Claim(
        "unknown-group", f"{CORE}[llm]\n{_REST}[llm.x]\ntimeout = 5\n[agent]\nllm_config = 'llm.x'\n",
        lambda answer: answer.agents["agent"]["timeout"] == 77,
    ),
    Claim(
        "unknown-group", f"{CORE}[llm]\n{_REST}[agent.Browser]\nllm_config = 'none'\n",
        lambda answer: answer.agents["Browser"]["timeout"] == 77,
    ),
    Claim(
        "unknown-group", f"{CORE}[llm]\n{_REST}", lambda answer: answer.agents["agent"]["timeout"] == 77,
        env={"AGENT_LLM_CONFIG": "nobody"},
    ),
    Claim("unused-group", f"{CORE}[llm]\n[llm.x]\ntimeout = 5\n", lambda answer: answer.llms["x"]["timeout"] == 5),
    Claim(
        "doubled-path", f"{CORE}[llm]\nbase_url = 'http://h.example/v1/chat/completions'\n",
        lambda answer: answer.llm["base_url"] == "http://h.example/v1/chat/completions",
    ),
    Claim("no-scheme", f"{CORE}[llm]\nbase_url = 'h.example'\n", lambda answer: answer.llm["base_url"] == "h.example"),
    Claim(
        "azure-version", f"{CORE}[llm]\nmodel = 'azure/x'\n",
        lambda answer: answer.llm["api_version"] == "2024-08-01-preview", targets=("0.26", "0.29"),
    ),
    Claim(
        "azure-version", f"{CORE}[llm]\nmodel = 'azure/x'\n",
        lambda answer: answer.llm["api_version"] == "2024-12-01-preview", targets=("latest",),
    ),
    Claim(
        "azure-version", CORE, lambda answer: answer.llm["api_version"] is None, env={"LLM_MODEL": "azure/x"},
    ),
    Claim(
        "retry-bounds", f"{CORE}[llm]\nretry_min_wait = 90\nretry_max_wait = 10\n",
        lambda answer: answer.waits == (90.0, 90.0, 90.0),
    ),
    Claim("plain-key", f"{CORE}[llm]\napi_key = 'made-up'\n", lambda answer: answer.llm["api_key"] == "made-up"),
    Claim("byte-order-mark", f"\ufeff{CORE}[llm]\n{_REST}", _IGNORED),
    Claim("mixed-list", f"{CORE}[llm]\n{_REST}[tool]\nx = [1, 'a']\n", _IGNORED),
    Claim("misread-text", CORE + '[llm]\nmodel = "\\""\n', lambda answer: answer.llm["model"] == ""),
    Claim("misread-text", CORE + '[llm]\nmodel = "\\"\\"x"\n', lambda answer: answer.llm["model"] != '""x'),
    Claim("unknown-variable", CORE, lambda answer: answer.ignored("base_url"), env={"LLM_API_BASE": "http://h"}),
    Claim("unknown-variable", CORE, lambda answer: "embedding_model" not in answer.llm,
          env={"LLM_EMBEDDING_MODEL": "x"}, targets=_LATER),
    Claim("misread-variable", CORE, lambda answer: not answer.llm["drop_params"], env={"LLM_DROP_PARAMS": "yes"}),
    Claim("misread-variable", CORE, lambda answer: not answer.llm["drop_params"], env={"LLM_DROP_PARAMS": " true"}),
    Claim("misread-variable", CORE, lambda answer: answer.ignored("timeout"), env={"LLM_TIMEOUT": "5.0"}),
    Claim("misread-variable", CORE, lambda answer: answer.llm["top_p"] == 9.0, env={"LLM_TOP_P": "9"}),
    Claim(
        "shadowed", f"{CORE}[llm]\n{_REST}[llm.x]\ntop_p = 0.5\n",
        lambda answer: answer.llm["timeout"] == 5 and answer.llms["x"]["timeout"] == 77, env={"LLM_TIMEOUT": "5"},
    ),
)  # fmt: skip
