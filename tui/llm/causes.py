"""What providers say when they refuse a request, as data: which words mean which cause, and what to do about each.

`ROWS` is read from top to bottom, and the first row that matches decides. A row looks at the code, the type and the
message of an error, without the links in it. What no row knows is judged by its status alone (`tui.llm.refusals`).
Recorded bodies for every row are in `tests/llm/causes/recorded.json`, each with its source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import msgspec

from tui.llm.events import Cause
from tui.llm.problem import ADVANCED, SETTINGS
from tui.llm.words import Words

Kind: TypeAlias = Literal[
    "rate",  # a limit per minute: passes by waiting
    "too_large",  # one request larger than the limit per minute: never passes
    "period",  # a limit per day, week or month
    "quota",  # credit, balance, budget or spending limit
    "key",  # wrong, expired or missing
    "access",  # the key is right, but its account may not use this
    "region",  # the provider does not serve the user's country
    "no_model",
    "retired",
    "other_api",  # the model exists, but is served by another endpoint
    "profile",  # Bedrock: the model needs an inference profile
    "context",
    "output",  # max_tokens above the model's own limit
    "policy",
    "memory",  # a local server that can't hold the model
    "path",  # the server says itself that nothing is at this path
    "gateway",  # a page of something in front of the server
]


class Meaning(msgspec.Struct, frozen=True):
    """What a kind of refusal is called and what to do about it; `{host}`, `{model}` and `{status}` are filled in."""

    cause: Cause
    happened: str
    advice: str
    field: str = ""
    may_pass: bool = False


class Row(msgspec.Struct, frozen=True):
    """One way in which providers word a cause."""

    kind: Kind
    says: re.Pattern[str]
    source: str
    """Where the wording is documented or reported."""
    statuses: frozenset[int] = frozenset()
    """Empty: any."""
    providers: frozenset[str] = frozenset()
    """As LiteLLM names them; empty: any, for gateways pass on the words of others."""
    waits: bool = False
    """Only where the provider says as well how long to wait."""

    def matches(self, status: int, said: str, provider: str, *, waits: bool) -> bool:
        """Whether the row knows these words under this status."""
        if (self.statuses and status not in self.statuses) or (self.providers and provider not in self.providers):
            return False
        return (waits or not self.waits) and self.says.search(said) is not None


WAIT: Final = f"Wait a while, or raise num_retries {ADVANCED}."
MEANINGS: Final[Mapping[Kind, Meaning]] = {
    "rate": Meaning("rate_limit", "Rate limited ({status})", WAIT, "num_retries", may_pass=True),
    "too_large": Meaning(
        "rate_limit",
        "The request is too large for the account's limit per minute ({status})",
        f"Waiting does not help: send less, clear the chat, or lower max_output_tokens {ADVANCED}.",
        "max_output_tokens",
    ),
    "period": Meaning(
        "rate_limit",
        "The account's limit for this day, week or month is used up ({status})",
        "Wait until the provider resets it, or use another key or model.",
        "model",
    ),
    "quota": Meaning(
        "quota",
        "The account's quota or credit is used up ({status})",
        "Check the account's plan and billing at the provider, or use another key or model.",
        "api_key",
    ),
    "access": Meaning(
        "key",
        "The API key's account may not use {model} at {host} ({status})",
        f"Ask for access at the provider, or choose another model or key {SETTINGS}.",
        "model",
    ),
    "region": Meaning(
        "request",
        "{host} does not serve this country or region ({status})",
        f"Use a provider that does, or a server of your own as base_url {ADVANCED}.",
        "base_url",
    ),
    "retired": Meaning(
        "not_found", "{host} has retired the model {model} ({status})", f"Choose a newer model {SETTINGS}.", "model"
    ),
    "other_api": Meaning(
        "not_found",
        "{host} does not serve {model} through this API ({status})",
        f"Choose a chat model {SETTINGS}; the details say which API this one needs.",
        "model",
    ),
    "profile": Meaning(
        "not_found",
        "{host} serves {model} through an inference profile only ({status})",
        f"Put us., eu., apac. or global. before the model's id {SETTINGS}.",
        "model",
    ),
    "context": Meaning(
        "context",
        "The conversation is longer than the model's context window",
        f"Clear the chat, send less, or choose a model with a larger window {SETTINGS}.",
        "model",
    ),
    "output": Meaning(
        "request",
        "max_output_tokens is more than the model can write ({status})",
        f"Lower max_output_tokens {ADVANCED}.",
        "max_output_tokens",
    ),
    "policy": Meaning(
        "policy",
        "The provider's content policy stopped the request",
        f"Word the message differently, or choose another model {SETTINGS}.",
    ),
    "memory": Meaning(
        "server",
        "{host} has too little memory for {model} ({status})",
        f"Choose a smaller model {SETTINGS}, or free memory on the server.",
        "model",
    ),
    "gateway": Meaning(
        "protocol",
        "A gateway in front of {host} blocked the request ({status})",
        f"Nothing says that the API key is wrong: check base_url {ADVANCED}, and the network, VPN or proxy.",
        "base_url",
    ),
}
"""Those that are not here depend on more than a template: `tui.llm.refusals` has them."""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE | re.DOTALL)


_NO_MINUTE: Final = r"\A(?:(?!per.?min|/ ?min|\bTPM\b|\bRPM\b|per.?second).)*?"
"""Before a longer period is named: else it may be advice beside a limit per minute."""
_LIMIT: Final = frozenset({400, 402, 403, 413, 429})
_BAD: Final = frozenset({400, 422})
_LONG: Final = frozenset({400, 413, 422, 500})
_MISSING: Final = frozenset({400, 403, 404, 410, 422, 500})

ROWS: Final = (
    Row(
        "too_large",
        _any(
            r"request too large for\b.{0,300}(tokens per|\bTPM\b|Limit \d)", r"tokens must be reduced in order to run"
        ),
        "https://console.groq.com/docs/rate-limits; https://github.com/vanna-ai/vanna-flask/issues/11",
        frozenset({400, 413, 429}),
    ),
    Row(
        "quota",
        _any(
            r"insufficient[_ -]?(usd|paid|account|account_)?.{0,10}(quota|balance|credit|fund)",
            r"(balance|credits?) (is|are|was) (too low|insufficient|exhausted|depleted|not enough)",
            r"not[_ ]enough[_ ](balance|credits?|funds)",
        ),
        "https://platform.openai.com/docs/guides/error-codes; https://api-docs.deepseek.com/quick_start/error_codes;"
        " https://docs.claude.com/en/api/errors; https://docs.z.ai/api-reference/api-code",
    ),
    Row(
        "quota",
        _any(
            r"out of credits",
            r"(used|spent) all (available|your|its) .{0,20}credits",
            r"requires? more credits",
            r"does ?n.t have (any|enough) credits",
            r"exceeded your (monthly )?included credits",
            r"credits? (have|has) (run out|expired|been (used|exhausted))",
            r"credit[_ ]limit",
        ),
        "https://docs.x.ai/docs/key-information/billing; https://huggingface.co/docs/inference-providers/pricing;"
        " https://openrouter.ai/docs/api-reference/errors; https://docs.together.ai/docs/error-codes",
    ),
    Row(
        "quota",
        _any(
            r"spend(ing)?[_ -]limit",
            r"(specified|your) (API )?usage limits?\b",
            r"monthly[_ ]spend",
            r"billing[_ ](hard[_ ]limit|limit|not[_ ]active)",
            r"billing.{0,40}(disabled|not enabled|to be enabled)",
            r"budget[_ ](has been )?exceeded",
            r"exceeded[_ ]?budget",
            r"over budget",
            r"crossed budget",
        ),
        "https://docs.fireworks.ai/guides/quotas_usage/rate-limits; https://docs.claude.com/en/api/rate-limits;"
        " https://docs.litellm.ai/docs/proxy/users",
    ),
    Row(
        "quota",
        _any(
            r"arrearage",
            r"account.{0,30}(good standing|overdue|suspended due to)",
            r"past invoices",
            r"payment required",
            r"please (recharge|top up)",
            r"top up (and|your)",
            r"余额不足|欠费|账户已欠费|请充值",
        ),
        "https://help.aliyun.com/zh/model-studio/error-code; https://platform.moonshot.ai/docs/api/chat#error-description;"
        " https://docs.bigmodel.cn/cn/faq/api-code",
    ),
    Row(
        "quota",
        _any(r"free[_ ](tier|quota|allocated quota).{0,60}(exhausted|exceeded|used up|only)", r"FreeTierOnly"),
        "https://help.aliyun.com/zh/model-studio/error-code",
        _LIMIT,
    ),
    Row(
        "quota",
        _any(r"quota exceeded for metric:.{0,160}limit: 0\b"),
        "https://github.com/continuedev/continue/issues/10062",
        frozenset({429}),
    ),
    Row(
        "period",
        _any(
            _NO_MINUTE + r"(per[ _-]?(day|week|month|86400 ?s)|/ ?(day|week|month)\b|\b(TPD|RPD)\b)",
            _NO_MINUTE + r"\b(daily|weekly|monthly)\b.{0,60}(limit|quota|allowance|allocation|usage|cap)",
            _NO_MINUTE
            + r"(limit|quota|allowance|allocation).{0,60}\b(today|daily|this (day|week|month)|for the (day|month))\b",
            r"PerDayPer|UserByModelByDay|MONTHLY_REQUEST_COUNT|free_tier_daily",
            r"\d+-hour usage limit|usage limit (reached|exceeded)",
            r"今日|每日|每周|每月|本月",
        ),
        "https://ai.google.dev/gemini-api/docs/rate-limits; https://openrouter.ai/docs/api-reference/limits;"
        " https://docs.cohere.com/docs/rate-limits; https://github.com/minorun365/agent-book/issues/29",
        _LIMIT,
    ),
    Row(
        "period",
        _any(
            r"ServiceQuotaExceededException", r"exceeded your (monthly|daily|premium request) (quota|limit|allowance)"
        ),
        "https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html;"
        " https://github.com/github/app/issues/3166",
        _LIMIT,
    ),
    Row(
        "rate",
        _any(
            r"PerMinutePer|PerMinute-",
            r"RESOURCE_EXHAUSTED.{0,40}(resource (has been )?exhausted|quota exceeded for)",
            r"[_ ]quota_exceeded\b.{0,200}per (minute|second)",
            r"per (minute|second) limit exceeded",
            r"\b(token|request)_quota_exceeded",
        ),
        "https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429;"
        " https://inference-docs.cerebras.ai/support/rate-limits",
        frozenset({429}),
    ),
    Row(
        "rate",
        _any(r"RESOURCE_EXHAUSTED"),
        "https://ai.google.dev/gemini-api/docs/rate-limits",
        frozenset({429}),
        waits=True,
    ),
    Row(
        "quota",
        _any(
            r"exceeded (your|the)[_ ]current[_ ]quota",
            r"exceeded_current_quota",
            r"quota (has been |is )?(exhausted|used up|depleted)",
            r"\b(out of|no more|no) quota\b",
            r"check your billing",
            r"\bquota_exceeded\b|\bQuotaExceeded\b",
        ),
        "https://platform.openai.com/docs/guides/error-codes; https://docs.github.com/en/copilot",
        _LIMIT,
    ),
    Row(
        "key",
        _any(
            r"api[_ -]?key[_ ](is )?(not[_ ]valid|invalid|not found|expired|could not be found)",
            r"(invalid|incorrect|wrong|expired|malformed|missing|valid)[_ ](x-)?api[_ -]?key",
            r"API_KEY_INVALID|CREDENTIALS_MISSING|ACCESS_TOKEN_EXPIRED|no_db_connection",
        ),
        "https://docs.x.ai/docs/guides/chat; https://ai.google.dev/gemini-api/docs/troubleshooting;"
        " https://docs.litellm.ai/docs/proxy/virtual_keys",
        frozenset({400, 401, 403, 404, 422, 500}),
    ),
    Row(
        "key",
        _any(
            r"UnrecognizedClientException|InvalidSignatureException|IncompleteSignature|ExpiredToken|InvalidClientTokenId",
            r"security token included in the request is (invalid|expired)",
            r"invalid[_ ](iam[_ ])?(access[_ ]|bearer[_ ]|auth\w*[_ ])?token\b",
            r"(access |auth\w* |bearer )token.{0,40}(is |has )?(invalid|expired|not valid)",
            r"invalid authentication credentials|invalid_grant|BXNIM\d+E",
            r"authorization failed|authentication[_ ](failed|error|required)|login fail|身份验证|令牌",
        ),
        "https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html;"
        " https://cloud.ibm.com/docs/account?topic=account-iam-error-codes;"
        " https://docs.api.nvidia.com/nim/reference",
        frozenset({400, 401, 403}),
    ),
    Row(
        "region",
        _any(
            r"unsupported_country_region_territory",
            r"user location is not supported",
            r"not (available|supported|accessible) (in|from) your (country|region|location)",
        ),
        "https://platform.openai.com/docs/supported-countries; https://ai.google.dev/gemini-api/docs/available-regions",
        frozenset({400, 403, 451}),
    ),
    Row(
        "profile",
        _any(r"with on-demand throughput is ?n.t supported"),
        "https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html",
        _BAD,
    ),
    Row(
        "other_api",
        _any(
            r"only supported in v1/responses",
            r"not a chat model",
            r"supported in the v1/(completions|responses) endpoint",
            r"unsupported_api_for_model",
            r"not (accessible|supported|available) (via|with|by|through|in|on) the .{0,40}(endpoint|API\b)",
            r"model.{0,80}does ?n.t support (chat|the converse|the messages|this api|generateContent)",
            r"is not supported for generateContent",
            r"model is (an )?embedding model|does not support chat",
        ),
        "https://github.com/n8n-io/n8n/issues/18352; https://github.com/micz/ThunderAI/issues/570",
        _MISSING,
    ),
    Row(
        "retired",
        _any(
            r"model_decommissioned|model_deprecated",
            r"\b(model|deployment)\b.{0,160}"
            r"(end[- ]of[- ](its )?life|decommissioned|discontinued"
            r"|been (retired|deprecated|removed|sunset|shut ?down)"
            r"|is (deprecated|retired|no longer (supported|available|served)))",
            r"(legacy|deprecated|retired) (model|version)|model is marked by provider as legacy",
        ),
        "https://console.groq.com/docs/deprecations; https://github.com/tashfeenahmed/freellmapi/issues/634;"
        " https://docs.aws.amazon.com/bedrock/latest/userguide/model-lifecycle.html",
        _MISSING,
    ),
    Row(
        "access",
        _any(
            r"matching your (data policy|guardrail)",
            r"don.?t have access to the model with the specified",
            r"does not have access to (the )?model",
            r"not allowed to (access|call|use) (the )?(this )?model|model_access_denied",
            r"must be verified to",
            r"SERVICE_DISABLED|has not been used in project .{0,80}before or it is disabled",
            r"not authorized to perform: bedrock|not authorized to invoke this model",
        ),
        "https://docs.aws.amazon.com/bedrock/latest/userguide/model-access.html;"
        " https://help.openai.com/en/articles/10910291-api-organization-verification;"
        " https://docs.litellm.ai/docs/proxy/model_access",
        frozenset({400, 401, 403, 404}),
    ),
    Row(
        "no_model",
        _any(
            r"model_not_found|model_not_supported|model_not_available|invalid_model|unknown_model|DeploymentNotFound"
            r"|ENDPOINT_NOT_FOUND|ModelNotFound",
            r"not a valid model|model not exist|model identifier is invalid|no such model|模型不存在",
            r"invalid model\b|unknown model\b|unable to access non-serverless model",
            r"\bmodels?\W(?:(?!param|value|feature|tool|image|role|field|function|stream|option).){0,160}?"
            r"(do(es)? ?n[o']t exist|not found|could not be found|not (currently )?supported"
            r"|is ?n.t supported|is not available|not deployed)",
            r"not found the model|no endpoints found|no models? (is )?loaded|failed to load model",
            r"Function '?[\w-]+'?: not found for account",
        ),
        "https://openrouter.ai/docs/api-reference/errors; https://docs.mistral.ai/api;"
        " https://docs.fireworks.ai/guides/inference-error-codes; https://docs.ollama.com/api/errors;"
        " https://github.com/Alishahryar1/free-claude-code/issues/1021",
        _MISSING,
    ),
    Row(
        "context",
        _any(r"exceed context limit|maximum context length"),
        "https://docs.claude.com/en/api/errors; https://platform.openai.com/docs/guides/error-codes",
        _LONG,
    ),
    Row(
        "output",
        _any(
            r"max_(completion_|new_|output_)?tokens\W{0,4} ?(is too large|exceeds?|must be (less|at most)|should be)",
            r"maximum (allowed )?number of output tokens",
            r"maximum tokens you requested exceed",
            r"range of max_tokens",
        ),
        "https://docs.claude.com/en/api/errors; https://github.com/RooCodeInc/Roo-Code/issues/248",
        _BAD,
    ),
    Row(
        "context",
        _any(
            r"context[_ ](length|window|size|limit)|maximum context|string_above_max_length|request_too_large",
            r"(prompt|input|inputs|messages?|request) (is|are) too long|too many (input |prompt )?tokens",
            r"maximum (prompt|input|sequence) length|max_model_len|tokens_limit_reached",
            r"(token count|input tokens?|prompt tokens?|tokens).{0,60}exceeds?",
            r"tokens? \W*\+\W* .{0,12}max_new_tokens",
            r"exceed(ed|s)? (the )?(model|maximum|max).{0,30}(token|length|limit)",
            r"range of input length|trying to keep the first \d+ tokens|prompt contains \d+ tokens",
            r"超长|tokens 超过",
            r"reduce the length of (the|your) (messages|prompt|input)",
        ),
        "https://docs.vllm.ai; https://github.com/ggml-org/llama.cpp/pull/15780; https://docs.claude.com/en/api/errors;"
        " https://docs.github.com/en/github-models; https://docs.together.ai/docs/error-codes",
        _LONG,
    ),
    Row(
        "policy",
        _any(
            r"content[_ ]?(filter|policy|management|exists risk|checker)|responsible ?ai|moderation|safety system",
            r"flagged|prohibited_content|data_?inspection_?failed|inappropriate content",
            r"敏感|不安全|(?<!case.)sensitive",
            r"blocked by .{0,30}(guardrail|policy|safety)|GUARDRAIL|usage polic(y|ies)|invalid_prompt",
        ),
        "https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter;"
        " https://help.aliyun.com/zh/model-studio/error-code; https://openrouter.ai/docs/api-reference/errors",
        frozenset({400, 403, 422, 451}),
    ),
    Row(
        "memory",
        _any(
            r"requires more (system|GPU|VRAM)? ?memory",
            r"out of memory",
            r"insufficient (system )?(memory|resources to load)",
        ),
        "https://github.com/ollama/ollama/issues/4185",
        frozenset({400, 500, 503}),
    ),
    Row(
        "path",
        _any(r"unexpected endpoint or method"),
        "https://lmstudio.ai/docs/app/api/endpoints/openai",
    ),
)

_LINK: Final = re.compile(r"https?://\S+|\bwww\.\S+")
_JUDGED_CHARS: Final = 8_000


def row_of(status: int, words: Words, provider: str) -> Row | None:
    """The first row that knows these words; None if there is none."""
    said = _LINK.sub(" ", f"{words.labels} | {words.message}"[:_JUDGED_CHARS])
    waits = words.asked_s is not None
    return next((row for row in ROWS if row.matches(status, said, provider, waits=waits)), None)
