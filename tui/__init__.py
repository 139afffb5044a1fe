"""llm-backends: set up, check and try any LLM backend from a terminal."""

__version__ = "0.1.0"
