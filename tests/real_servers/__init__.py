"""Servers that other people wrote, on loopback, with the built-in model behind each. Not part of a usual run.

    LLM_BACKENDS_REAL_SERVERS=1 python -m pytest tests/real_servers --timeout=900

    llama.cpp       the built-in model's own server, from `xllamacpp`
    LiteLLM Proxy   `litellm[proxy]`, with a master key, in front of llama.cpp
    oai2ollama      `oai2ollama`: Ollama's API in front of llama.cpp; wants a `python3.12` or newer on the PATH

Each package gets a virtual environment of its own in `$LLM_BACKENDS_TEST_CACHE`, or the user's cache folder, the first
time: about two minutes for the proxy. The fixtures in `servers.py` give what a config file needs to use a server.
"""
