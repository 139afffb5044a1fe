"""The code in an answer, block by block, as it is copied."""

from __future__ import annotations

import msgspec
from markdown_it import MarkdownIt


class CodeBlock(msgspec.Struct, frozen=True):
    """One fenced or indented block."""

    text: str
    """Without the last line end: what is pasted into a shell is not run by it."""
    language: str = ""

    @property
    def title(self) -> str:
        """Its first line that is not blank, which tells it from others."""
        return next((line.strip() for line in self.text.split("\n") if line.strip()), "")


def code_blocks(reply: str) -> tuple[CodeBlock, ...]:
    """Every block of code in a Markdown text, those in lists and quotes too; one that has no end to the end."""
    tokens = MarkdownIt("commonmark").parse(reply)
    blocks = (
        CodeBlock(token.content.removesuffix("\n"), next(iter(token.info.split()), ""))
        for token in tokens
        if token.type in ("fence", "code_block")
    )
    return tuple(block for block in blocks if block.text.strip())
