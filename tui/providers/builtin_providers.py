"""The providers that we know by name, declared one by one: titles, homes, key variables, needed fields.

A key travels to a provider's home without asking. So a home stands here only if LiteLLM itself sends to it when no base
URL is given; a test makes LiteLLM send to each and compares. Providers that LiteLLM describes in its own data
(`llms/openai_like/providers.json`) are read from there and need no line here.
"""

from __future__ import annotations

import re
from typing import Final

from tui.providers.provider import Provider

AWS: Final = (
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    "AWS_REGION_NAME", "AWS_REGION", "AWS_DEFAULT_REGION",
    "AWS_PROFILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE",
    "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_BEARER_TOKEN_BEDROCK",
)  # fmt: skip
"""Who the caller is, for AWS. Variables that move the endpoint are left out: credentials must not follow them."""

GOOGLE: Final = (
    "GOOGLE_APPLICATION_CREDENTIALS", "VERTEXAI_CREDENTIALS", "CLOUDSDK_CONFIG",
    "VERTEXAI_PROJECT", "GOOGLE_CLOUD_PROJECT", "VERTEXAI_LOCATION", "VERTEX_LOCATION",
)  # fmt: skip
"""Who the caller is, for Google Cloud, and which project and region pay and serve."""

_OPEN: Final = re.compile(
    r"(REGION|REGION_NAME|PROFILE|PROJECT|PROJECT_ID|LOCATION|SPACE_ID|ACCOUNT_ID|ROLE_ARN|SESSION_NAME|_URI|_FILE"
    r"|CLOUDSDK_CONFIG)$"
)


def is_secret(name: str, value: str) -> bool:
    """Whether a provider's variable holds a secret, which is masked wherever it is repeated.

    A region, a project, a profile or a path is none: masked, it would spoil the very sentence that names it.
    """
    return not _OPEN.search(name) and (not name.endswith("CREDENTIALS") or value.lstrip().startswith("{"))


GUIDED: Final = (
    Provider(name="openai", title="OpenAI", home="https://api.openai.com", key_env=("OPENAI_API_KEY",)),
    Provider(name="anthropic", title="Anthropic", home="https://api.anthropic.com", key_env=("ANTHROPIC_API_KEY",)),
    Provider(
        name="gemini",
        title="Google AI Studio",
        home="https://generativelanguage.googleapis.com",
        key_env=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    ),
    Provider(
        name="vertex_ai",
        title="Google Vertex AI",
        needs_key=False,
        env_auth=GOOGLE,
        module="google.auth",
        install="litellm[google]",
    ),
    Provider(
        name="azure",
        title="Azure OpenAI",
        key_env=("AZURE_API_KEY", "AZURE_OPENAI_API_KEY"),
        needs=("base_url", "api_version"),
    ),
    Provider(name="bedrock", title="AWS Bedrock", needs_key=False, env_auth=AWS),
    Provider(name="groq", title="Groq", home="https://api.groq.com", key_env=("GROQ_API_KEY",), nested=True),
    Provider(
        name="openrouter",
        title="OpenRouter",
        home="https://openrouter.ai",
        key_env=("OPENROUTER_API_KEY", "OR_API_KEY"),
        nested=True,
    ),
    Provider(
        name="litellm_proxy",
        title="LiteLLM Proxy",
        key_env=("LITELLM_PROXY_API_KEY",),
        needs=("base_url",),
        needs_key=False,
        nested=True,
    ),
    Provider(
        name="ollama_chat",
        title="Ollama",
        words="local",
        home="http://localhost:11434",
        key_env=("OLLAMA_API_KEY",),
        needs_key=False,
        nested=True,
    ),
    Provider(
        name="ollama",
        title="Ollama (generate API)",
        words="local",
        home="http://localhost:11434",
        key_env=("OLLAMA_API_KEY",),
        needs_key=False,
        nested=True,
    ),
    Provider(
        name="lm_studio",
        title="LM Studio",
        words="local",
        key_env=("LM_STUDIO_API_KEY",),
        needs=("base_url",),
        needs_key=False,
        nested=True,
    ),
    Provider(
        name="hosted_vllm",
        title="vLLM",
        words="local",
        key_env=("HOSTED_VLLM_API_KEY",),
        needs=("base_url",),
        needs_key=False,
        nested=True,
    ),
    Provider(
        name="llamafile",
        title="llama.cpp, llamafile",
        words="local",
        home="http://127.0.0.1:8080",
        needs_key=False,
        nested=True,
    ),
)
"""Those with a guide, in the order in which lists show them."""


def _plain(name: str, title: str, home: str | None, *key_env: str, nested: bool = False) -> Provider:
    return Provider(name=name, title=title, home=home, key_env=key_env, nested=nested)


# fmt: off
_KEYED: Final = (
    _plain("ai21", "AI21", None, "AI21_API_KEY"),  # a name that LiteLLM does not know goes to OpenAI: no home
    _plain("ai21_chat", "AI21 Chat", "https://api.ai21.com", "AI21_API_KEY"),
    _plain("aiml", "AI/ML API", "https://api.aimlapi.com", "AIML_API_KEY", "AIMLAPI_KEY", nested=True),
    _plain("amazon_nova", "Amazon Nova", "https://api.nova.amazon.com", "AMAZON_NOVA_API_KEY"),
    _plain("anthropic_text", "Anthropic Text", "https://api.anthropic.com", "ANTHROPIC_API_KEY"),
    _plain("baseten", "Baseten", "https://inference.baseten.co", "BASETEN_API_KEY", nested=True),
    _plain("bigmodel", "BigModel (Zhipu AI)", "https://open.bigmodel.cn", "BIGMODEL_API_KEY"),
    _plain("bytez", "Bytez", "https://api.bytez.com", "BYTEZ_API_KEY", nested=True),
    _plain("cerebras", "Cerebras", "https://api.cerebras.ai", "CEREBRAS_API_KEY"),
    _plain("clf_ai_gateway", "CLF AI Gateway", "https://api.clfaigateway.dev", "CLF_AI_GATEWAY_API_KEY", nested=True),
    _plain("codestral", "Codestral", "https://codestral.mistral.ai", "CODESTRAL_API_KEY"),
    _plain("cohere", "Cohere", "https://api.cohere.com", "COHERE_API_KEY", "CO_API_KEY"),
    _plain("cohere_chat", "Cohere Chat", "https://api.cohere.com", "COHERE_API_KEY", "CO_API_KEY"),
    _plain("cometapi", "CometAPI", "https://api.cometapi.com", "COMETAPI_KEY", "COMETAPI_API_KEY"),
    _plain("compactifai", "CompactifAI", "https://api.compactif.ai", "COMPACTIFAI_API_KEY"),
    _plain("dashscope", "Alibaba DashScope", "https://dashscope.aliyuncs.com", "DASHSCOPE_API_KEY"),
    _plain("deepinfra", "DeepInfra", "https://api.deepinfra.com", "DEEPINFRA_API_KEY", nested=True),
    _plain("deepseek", "DeepSeek", "https://api.deepseek.com", "DEEPSEEK_API_KEY"),
    _plain("edenai", "Eden AI", "https://api.edenai.run", "EDENAI_API_KEY", nested=True),
    _plain(
        "featherless_ai",
        "Featherless AI",
        "https://api.featherless.ai",
        "FEATHERLESS_AI_API_KEY",
        "FEATHERLESS_API_KEY",
        nested=True,
    ),
    _plain(
        "fireworks_ai",
        "Fireworks AI",
        "https://api.fireworks.ai",
        "FIREWORKS_AI_API_KEY",
        "FIREWORKS_API_KEY",
        "FIREWORKSAI_API_KEY",
        "FIREWORKS_AI_TOKEN",
    ),
    _plain("friendliai", "FriendliAI", "https://api.friendli.ai", "FRIENDLIAI_API_KEY", "FRIENDLI_TOKEN", nested=True),
    _plain("galadriel", "Galadriel", "https://api.galadriel.com", "GALADRIEL_API_KEY"),
    _plain("gigachat", "GigaChat", None, "GIGACHAT_API_KEY"),  # the key goes to a sign-in server at another origin
    _plain("github", "GitHub Models", "https://models.inference.ai.azure.com", "GITHUB_API_KEY"),
    _plain("huggingface", "Hugging Face", None, "HUGGINGFACE_API_KEY", nested=True),
    _plain("hyperbolic", "Hyperbolic", "https://api.hyperbolic.xyz", "HYPERBOLIC_API_KEY", nested=True),
    _plain("inception", "Inception", "https://api.inceptionlabs.ai", "INCEPTION_API_KEY"),
    _plain("lambda_ai", "Lambda AI", "https://api.lambda.ai", "LAMBDA_API_KEY"),
    _plain("maritalk", "MariTalk", "https://chat.maritaca.ai", "MARITALK_API_KEY"),
    _plain("meta_llama", "Meta Llama API", "https://api.llama.com", "LLAMA_API_KEY"),
    _plain("minimax", "MiniMax", "https://api.minimax.io", "MINIMAX_API_KEY"),
    _plain("mistral", "Mistral", "https://api.mistral.ai", "MISTRAL_API_KEY"),
    _plain("modelscope", "ModelScope", "https://api-inference.modelscope.cn", "MODELSCOPE_API_KEY", nested=True),
    _plain("moonshot", "Moonshot", "https://api.moonshot.ai", "MOONSHOT_API_KEY"),
    _plain("morph", "Morph", "https://api.morphllm.com", "MORPH_API_KEY"),
    _plain("nadir", "Nadir", "https://api.getnadir.com", "NADIR_API_KEY"),
    _plain("nebius", "Nebius", "https://api.studio.nebius.ai", "NEBIUS_API_KEY", nested=True),
    _plain("nlp_cloud", "NLP Cloud", "https://api.nlpcloud.io", "NLP_CLOUD_API_KEY"),
    _plain("novita", "Novita AI", "https://api.novita.ai", "NOVITA_API_KEY", nested=True),
    _plain("nscale", "Nscale", "https://inference.api.nscale.com", "NSCALE_API_KEY", nested=True),
    _plain("nvidia_nim", "NVIDIA NIM", "https://integrate.api.nvidia.com", "NVIDIA_NIM_API_KEY", nested=True),
    _plain("opencode_go", "OpenCode Go", "https://opencode.ai", "OPENCODE_GO_API_KEY", "OPENCODE_API_KEY"),
    _plain("ovhcloud", "OVHcloud AI Endpoints", "https://oai.endpoints.kepler.ai.cloud.ovh.net", "OVHCLOUD_API_KEY"),
    _plain(
        "perplexity",
        "Perplexity",
        "https://api.perplexity.ai",
        "PERPLEXITYAI_API_KEY",
        "PERPLEXITY_API_KEY",
        nested=True,
    ),
    _plain(
        "qwen_ai_platform",
        "Qianwen AI Platform",
        "https://dashscope.aliyuncs.com",
        "QWEN_AI_PLATFORM_API_KEY",
        "DASHSCOPE_API_KEY",
    ),
    _plain("qwencloud", "Qwen Cloud", "https://dashscope-intl.aliyuncs.com", "QWENCLOUD_API_KEY", "DASHSCOPE_API_KEY"),
    _plain(
        "replicate", "Replicate", "https://api.replicate.com", "REPLICATE_API_KEY", "REPLICATE_API_TOKEN", nested=True
    ),
    _plain("sambanova", "SambaNova", "https://api.sambanova.ai", "SAMBANOVA_API_KEY"),
    _plain("tencent", "Tencent", "https://tokenhub-intl.tencentcloudmaas.com", "TENCENT_API_KEY"),
    _plain(
        "together_ai",
        "Together AI",
        "https://api.together.ai",
        "TOGETHER_API_KEY",
        "TOGETHER_AI_API_KEY",
        "TOGETHERAI_API_KEY",
        "TOGETHER_AI_TOKEN",
        nested=True,
    ),
    _plain("v0", "v0", "https://api.v0.dev", "V0_API_KEY"),
    _plain(
        "vercel_ai_gateway",
        "Vercel AI Gateway",
        "https://ai-gateway.vercel.sh",
        "VERCEL_AI_GATEWAY_API_KEY",
        nested=True,
    ),
    _plain("volcengine", "Volcengine", "https://ark.cn-beijing.volces.com", "VOLCENGINE_API_KEY", "ARK_API_KEY"),
    _plain("wandb", "W&B Inference", "https://api.inference.wandb.ai", "WANDB_API_KEY", nested=True),
    _plain("xai", "xAI", "https://api.x.ai", "XAI_API_KEY"),
    _plain("zai", "Z.AI", "https://api.z.ai", "ZAI_API_KEY"),
)
# fmt: on

OTHERS: Final = (
    *_KEYED,
    Provider(name="azure_ai", title="Azure AI Foundry", key_env=("AZURE_AI_API_KEY",), needs=("base_url",)),
    Provider(name="bedrock_mantle", title="AWS Bedrock Mantle", key_env=("BEDROCK_MANTLE_API_KEY",)),
    Provider(name="chatgpt", title="ChatGPT subscription", needs_key=False, sign_in=True),
    Provider(
        name="cloudflare",
        title="Cloudflare Workers AI",
        home="https://api.cloudflare.com",
        key_env=("CLOUDFLARE_API_KEY",),
        env_auth=("CLOUDFLARE_ACCOUNT_ID",),
    ),
    Provider(name="custom_openai", title="OpenAI-compatible server", needs=("base_url",), needs_key=False, nested=True),
    Provider(name="databricks", title="Databricks", key_env=("DATABRICKS_API_KEY",), needs=("base_url",)),
    Provider(name="docker_model_runner", title="Docker Model Runner", home="http://localhost:22088", needs_key=False),
    Provider(name="github_copilot", title="GitHub Copilot", needs_key=False, sign_in=True),
    Provider(name="heroku", title="Heroku", key_env=("HEROKU_API_KEY",), needs=("base_url",)),
    Provider(name="lemonade", title="Lemonade", home="http://localhost:8000", needs_key=False),
    Provider(
        name="openhands",
        title="OpenHands",
        home="https://llm-proxy.app.all-hands.dev",
        sent_as="litellm_proxy",
        base_url="https://llm-proxy.app.all-hands.dev/",
    ),
    Provider(name="sagemaker", title="AWS SageMaker", needs_key=False, env_auth=AWS),
    Provider(name="sagemaker_chat", title="AWS SageMaker Chat", needs_key=False, env_auth=AWS),
    Provider(name="sagemaker_nova", title="AWS SageMaker Nova", needs_key=False, env_auth=AWS),
    Provider(name="snowflake", title="Snowflake", key_env=("SNOWFLAKE_JWT",), needs=("base_url",)),
    Provider(
        name="vertex_ai_beta",
        title="Google Vertex AI beta",
        needs_key=False,
        env_auth=GOOGLE,
        module="google.auth",
        install="litellm[google]",
    ),
    Provider(
        name="watsonx",
        title="IBM watsonx.ai",
        key_env=("WATSONX_APIKEY", "WATSONX_API_KEY", "WX_API_KEY"),
        needs=("base_url",),
        env_auth=("WATSONX_PROJECT_ID", "WATSONX_SPACE_ID", "WATSONX_DEPLOYMENT_SPACE_ID"),
    ),
    Provider(
        name="xinference", title="Xinference", key_env=("XINFERENCE_API_KEY",), needs=("base_url",), needs_key=False
    ),
)
"""Those without a guide."""

KNOWN: Final = {provider.name: provider for provider in (*GUIDED, *OTHERS)}

NO_CHAT: Final = frozenset({
    "a2a_agent", "auto_router", "aws_polly", "aws_textract", "azure_speech", "bespoke", "black_forest_labs", "cursor",
    "deepgram", "dotprompt", "elevenlabs", "eu_jev", "humanloop", "infinity", "jina_ai", "langfuse", "laya",
    "litellm_agent", "manus", "milvus", "mongodb", "nace", "nvidia_riva", "openai_like", "opensearch", "parallel_ai",
    "pg_vector", "recraft", "reducto", "runwayml", "s3_vectors", "soniox", "stability", "strands_decider", "topaz",
    "transcribe", "typesafe", "valkey", "voyage",
})  # fmt: skip
"""Names in LiteLLM's list with which it can't chat: pictures, voices, search, prompt stores."""

BARE: Final = frozenset({
    "openai", "text-completion-openai", "anthropic", "bedrock", "cohere_chat", "vertex_ai", "ai21_chat", "nlp_cloud",
})  # fmt: skip
"""Providers whose models LiteLLM also finds by a name without prefix, such as `gpt-4o`. Others need theirs."""
