"""From Markdown's text to blocks: GitHub's tables and strokes, no HTML, no addresses made into links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Final, NamedTuple, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from msgspec.structs import replace
from textual.content import Content, Span
from textual.style import Style

from tui.widgets.markdown.blocks import Code, Heading, Items, Quote, Rule, Text
from tui.widgets.markdown.lines import Block
from tui.widgets.markdown.table import Row, Side, Table

Highlight: TypeAlias = Callable[[str, str], Content]
"""Colours code of a language."""

_BULLETS: Final = ("• ", "▪ ", "‣ ", "⭑ ", "◦ ")
_SPACE: Final = re.compile(r"\s+")
_AROUND: Final = frozenset({"em", "strong", "s", "link"})
_STYLES: Final = {"em": ".prose--em", "strong": ".prose--strong", "s": ".prose--struck"}


class Fenced(NamedTuple):
    """Code that stands by itself, and scrolls sideways."""

    code: str
    language: str


class Read(NamedTuple):
    """One block of the text."""

    line: int
    """The line of the text where it begins."""
    block: Block | Fenced


@cache
def parser() -> MarkdownIt:
    """GitHub's Markdown; HTML is text, else it would be left out. One for all answers: it has 0.2 MB."""
    return MarkdownIt("gfm-like", {"html": False, "linkify": False})


class Reader:
    """Reads texts."""

    def __init__(self, highlight: Highlight) -> None:
        self._highlight = highlight

    def read(self, text: str) -> list[Read]:
        """The blocks in order."""
        found: list[Read] = []
        for node in SyntaxTreeNode(parser().parse(text)).children:
            line = node.map[0] if node.map else 0
            if node.type == "fence":
                found.append(Read(line, Fenced(node.content.rstrip(), node.info)))
            else:
                found += [Read(line, block) for block in self._block(node, 0)]
        return found

    def _inside(self, nodes: Iterable[SyntaxTreeNode], depth: int) -> tuple[Block, ...]:
        """The blocks of a list's item or a quote, where paragraphs and lists stand close."""
        blocks = (block for node in nodes for block in self._block(node, depth))
        return tuple(closed(block) for block in blocks)

    def _block(self, node: SyntaxTreeNode, depth: int) -> Iterator[Block]:
        """None or one; `depth` is the number of lists with bullets around it."""
        match node.type:
            case "paragraph":
                yield Text(_inline(node))
            case "heading":
                yield Heading(_inline(node), int(node.tag[1:]))
            case "hr":
                yield Rule()
            case "bullet_list" | "ordered_list":
                yield self._list(node, depth)
            case "blockquote":
                yield Quote(self._inside(node.children, depth))
            case "table":
                yield _table(node)
            case "fence" | "code_block":
                yield Code(self._highlight(node.content.rstrip(), node.info))
            case _:
                if node.content:
                    yield Text(Content(node.content))

    def _list(self, node: SyntaxTreeNode, depth: int) -> Items:
        ordered = node.type == "ordered_list"
        inner = depth if ordered else depth + 1
        count = len(node.children)
        if ordered:
            start = int(node.attrs.get("start", 1))
            marks = [f"{number}. " for number in range(start, start + count)]
            size = max(map(len, marks)) + 1
            marks = [mark.rjust(size) for mark in marks]
        else:
            marks = [_BULLETS[depth % len(_BULLETS)]] * count
        bodies = [self._inside(item.children, inner) for item in node.children]
        return Items(tuple(zip(marks, bodies, strict=True)))


def closed(block: Block) -> Block:
    """The same; a paragraph or a list without room below it."""
    return replace(block, below=0) if isinstance(block, (Items, Text)) else block


def _table(node: SyntaxTreeNode) -> Table:
    head, *body = node.children
    header = head.children[0].children
    rows = [row for part in body for row in part.children]
    return Table(_cells(header), tuple(_cells(row.children) for row in rows), tuple(map(_side, header)))


def _cells(nodes: Iterable[SyntaxTreeNode]) -> Row:
    return tuple(map(_inline, nodes))


def _side(node: SyntaxTreeNode) -> Side:
    style = str(node.attrs.get("style", ""))
    return "right" if style.endswith("right") else "center" if style.endswith("center") else "left"


def _inline(node: SyntaxTreeNode) -> Content:
    """The text of a block with its styles."""
    texts: list[str] = []
    spans: list[Span] = []
    _walk((child for inline in node.children for child in inline.children), texts, spans, 0)
    return Content("".join(texts), spans)


def _walk(nodes: Iterable[SyntaxTreeNode], texts: list[str], spans: list[Span], at: int) -> int:
    """Append what the nodes say; the length of the text after them."""
    for node in nodes:
        start = at
        if node.type in _AROUND:
            at = _walk(node.children, texts, spans, at)
        else:
            texts.append(_said(node))
            at += len(texts[-1])
        spans += [Span(start, at, style) for style in _styles(node) if at > start]
    return at


def _said(node: SyntaxTreeNode) -> str:
    match node.type:
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case "text":
            return _SPACE.sub(" ", node.content)
        case "image":
            return f"🖼  ({node.content})" if node.content else "🖼  "
        case _:
            return node.content


def _styles(node: SyntaxTreeNode) -> Iterator[Style | str]:
    if node.type == "code_inline":
        yield ".prose--inline"
    elif node.type in _STYLES:
        yield _STYLES[node.type]
    elif node.type in ("link", "image"):
        address = str(node.attrs.get("href" if node.type == "link" else "src", ""))
        yield ".prose--link"
        yield Style.from_meta({"@click": f"link({address!r})"})
