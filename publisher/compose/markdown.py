"""Markdown → the tree.

CommonMark with tables, footnotes and definition lists. What a policy has no use for, or what could
lose words unseen, is switched off (indented code, reference definitions, underlined headings) or is
a problem (raw HTML, images, ragged tables, unused footnotes).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.rules_block.table import escapedSplit
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from publisher.compose import tokens
from publisher.model.policy import (
    Block,
    Code,
    Definition,
    DefinitionList,
    Emphasis,
    Heading,
    Inline,
    LineBreak,
    Link,
    List,
    Note,
    NoteReference,
    Paragraph,
    Quote,
    Table,
    Text,
    Unconfirmed,
)
from publisher.model.problem import Problem, error

DEEPEST = 12
"""Levels that blocks, and inlines, may be nested, at most."""

_TARGET = re.compile(r"(https?://[^/\s]|mailto:[^\s@]+@[^\s@]|tel:\+?[0-9]).*|#[a-z0-9-]+")
_UNDEFINED_NOTE = re.compile(r"\[\^([^\]\s]+)\]")
_REFUSED = {
    "html_block": ("has raw HTML", "write Markdown instead; to show a '<', write \\<"),
    "html_inline": ("has raw HTML", "write Markdown instead; to show a '<', write \\<"),
    "image": ("has an image", "say it in words: a clause has text only"),
    "fence": ("has a block of code", "write a paragraph or a list"),
    "hr": ("has a line across the page", "delete it: titles divide a policy"),
}


@dataclass(frozen=True, slots=True)
class Content:
    """What a clause's Markdown says; `anchors` are its links inside the policy, and where."""

    blocks: tuple[Block, ...]
    notes: tuple[Note, ...]
    anchors: tuple[tuple[str, tokens.Location], ...]
    problems: tuple[Problem, ...]


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table")
    parser.use(footnote_plugin, inline=False, move_to_end=False).use(deflist_plugin)
    parser.disable(["code", "lheading", "reference"])
    # What a link may lead to is decided when the tree is built, where a fault can be reported.
    parser.validateLink = lambda url: bool(url) or True  # type: ignore[method-assign]
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    return parser


_PARSER = _parser()


def parse(text: str, locations: Sequence[tokens.Location], first_note: int = 1) -> Content:
    """Return the tree that `text` describes; its notes count from `first_note`.

    `locations` says for each line of `text` which file and line it was written in.
    """
    builder = _Builder(text.split("\n"), locations, first_note)
    root = SyntaxTreeNode(_PARSER.parse(text))
    blocks = builder.blocks(root.children, 0)
    builder.check_headings()
    return Content(blocks, builder.numbered(), tuple(builder.anchors), tuple(builder.problems))


class _Builder:
    def __init__(
        self, lines: list[str], locations: Sequence[tokens.Location], first_note: int
    ) -> None:
        self.lines = lines
        self.locations = locations
        self.first_note = first_note
        self.line = 0
        self.anchors: list[tuple[str, tokens.Location]] = []
        self.problems: list[Problem] = []
        self.headings: list[tuple[int, int]] = []
        self.notes: dict[str, tuple[int, tuple[Block, ...]]] = {}
        self.referred: dict[str, int] = {}

    def problem(self, rule: str, message: str, mend: str, line: int | None = None) -> None:
        at = min(self.line if line is None else line, len(self.locations) - 1)
        self.problems.append(error(rule, *self.locations[at], message, mend))

    # --- blocks ---

    def blocks(self, nodes: Iterable[SyntaxTreeNode], depth: int) -> tuple[Block, ...]:
        built = (self.block(node, depth) for node in nodes)
        return tuple(block for block in built if block is not None)

    def block(self, node: SyntaxTreeNode, depth: int) -> Block | None:
        if node.map:
            self.line = node.map[0]
        if depth > DEEPEST:
            self.problem("nesting", "is nested too deeply", "write it flatter")
            return None
        match node.type:
            case "paragraph":
                return Paragraph(self.run(node))
            case "heading":
                return self.heading(node, depth)
            case "bullet_list":
                return List(self.items(node, depth), None, _tight(node))
            case "ordered_list":
                return List(self.items(node, depth), int(node.attrs.get("start", 1)), _tight(node))
            case "blockquote":
                return Quote(self.blocks(node.children, depth + 1))
            case "table":
                return self.table(node)
            case "dl":
                return self.definitions(node, depth)
            case "footnote_reference":
                self.note(node, depth)
            case _:
                self.refuse(node)
        return None

    def refuse(self, node: SyntaxTreeNode) -> None:
        message, mend = _REFUSED.get(node.type, (f"has a {node.type}", "write it another way"))
        if node.type.startswith("html_"):
            message = f"{message}: {tokens.plain(node.content).strip().splitlines()[0][:40]}"
        self.problem("markdown", message, mend)

    def items(self, node: SyntaxTreeNode, depth: int) -> tuple[tuple[Block, ...], ...]:
        for item in node.children:
            if not item.children:
                line = item.map[0] if item.map else self.line
                self.problem("markdown", "has an empty list item", "fill it in, or delete it", line)
        return tuple(self.blocks(item.children, depth + 1) for item in node.children)

    def heading(self, node: SyntaxTreeNode, depth: int) -> Block | None:
        level = int(node.tag[1])
        if depth:
            self.problem("heading", "has a heading inside a list or quotation", "move it out")
        elif level == 1:
            self.problem("heading", "has a heading of level 1, which is the policy's", "use ##")
        elif level == 6:
            self.problem("heading", "has a heading of level 6", "use ##### at most")
        else:
            self.headings.append((level, self.line))
            return Heading(level + 1, self.run(node))
        return None

    def check_headings(self) -> None:
        for (before, _), (level, line) in pairwise([(1, 0), *self.headings]):
            if level > before + 1:
                mend = f"use {'#' * (before + 1)}"
                message = f"has a heading of level {level} below one of level {before}"
                self.problem("heading", message, mend, line)

    def table(self, node: SyntaxTreeNode) -> Table:
        rows = [row for part in node.children for row in part.children]
        width = len(rows[0].children)
        for row in rows[1:]:
            line = row.map[0] if row.map else self.line
            written = self.lines[line].strip(" \t>").removeprefix("|").removesuffix("|")
            count = len(escapedSplit(written))
            if count != width:
                message = f"has a table row with {count} cells under a header with {width}"
                self.problem("table", message, "give every row as many cells as the header", line)
        cells = tuple(tuple(self.run(cell) for cell in row.children) for row in rows)
        aligned = (str(cell.attrs.get("style", "")) for cell in rows[0].children)
        return Table(cells[0], cells[1:], tuple(a.removeprefix("text-align:") for a in aligned))

    def definitions(self, node: SyntaxTreeNode, depth: int) -> DefinitionList:
        built: list[Definition] = []
        for child in node.children:
            if child.type == "dt":
                built.append(Definition(self.run(child), ()))
            elif built:
                last = built.pop()
                text = self.blocks(child.children, depth + 1)
                built.append(Definition(last.term, (*last.descriptions, text)))
        return DefinitionList(tuple(built))

    def note(self, node: SyntaxTreeNode, depth: int) -> None:
        label = node.meta["label"]
        if label in self.notes:
            self.problem("footnote", f"has two footnotes [^{label}]", "give one another name")
        line = self.line
        self.notes[label] = (line, self.blocks(node.children, depth + 1))

    def numbered(self) -> tuple[Note, ...]:
        """Return the notes by number, and report those that nothing refers to."""
        for label, (line, _) in self.notes.items():
            if label not in self.referred:
                message = f"has a footnote [^{label}] that nothing refers to"
                self.problem("footnote", message, "refer to it, or delete it", line)
        return tuple(
            Note(number, self.notes[label][1])
            for label, number in self.referred.items()
            if label in self.notes
        )

    # --- inlines ---

    def run(self, node: SyntaxTreeNode) -> tuple[Inline, ...]:
        """Return the inlines of a block that holds text."""
        if node.map:
            self.line = node.map[0]
        return self.inlines([n for child in node.children for n in child.children], 0)

    def inlines(self, nodes: Iterable[SyntaxTreeNode], depth: int) -> tuple[Inline, ...]:
        if depth > DEEPEST:
            self.problem("nesting", "is nested too deeply", "write it flatter")
            return ()
        built: list[Inline] = []
        for node in nodes:
            for inline in self.inline(node, depth):
                last = built[-1] if built else None
                if isinstance(inline, Text) and isinstance(last, Text):
                    built[-1] = Text(last.text + inline.text)
                else:
                    built.append(inline)
        return tuple(built)

    def inline(self, node: SyntaxTreeNode, depth: int) -> Iterable[Inline]:
        match node.type:
            case "text":
                return self.text(node.content)
            case "softbreak":
                self.line += 1
                return (Text(" "),)
            case "hardbreak":
                self.line += 1
                return (LineBreak(),)
            case "code_inline":
                return (self.unsure(Code(tokens.plain(node.content)), node.content),)
            case "em" | "strong":
                return (Emphasis(self.inlines(node.children, depth + 1), node.type == "strong"),)
            case "link":
                return self.link(node, depth)
            case "footnote_ref":
                label = node.meta["label"]
                number = self.referred.setdefault(label, self.first_note + len(self.referred))
                return (NoteReference(number),)
            case _:
                self.refuse(node)
                return ()

    def text(self, content: str) -> Iterable[Inline]:
        for label in _UNDEFINED_NOTE.findall(content):
            self.problem("footnote", f"refers to a footnote [^{label}] that is not there", "add it")
        if tokens.broken(content):
            self.problem("template", "a filter has cut an unconfirmed fact up", "quote it whole")
            return
        for piece in tokens.pieces(content):
            if isinstance(piece, str):
                yield Text(piece)
            else:
                value, question = piece
                yield Unconfirmed((Text(value),) if value else (), question)

    def link(self, node: SyntaxTreeNode, depth: int) -> Iterable[Inline]:
        children = self.inlines(node.children, depth + 1)
        href = str(node.attrs.get("href", ""))
        if any(not isinstance(p, str) and not p[0] for p in tokens.pieces(href)):
            # There is nothing to link to until the fact is known.
            questions = tokens.questions(href)
            if any(isinstance(child, Unconfirmed) for child in children):
                return children
            return (Unconfirmed(children, questions[0]),)
        target = normalizeLink(tokens.plain(href))
        if not _TARGET.fullmatch(target):
            mend = "write https://…, mailto:…, tel:… or #clause-id"
            self.problem("link", f"has a link to '{tokens.plain(href)}'", mend)
        elif not children:
            self.problem("link", f"has a link to '{target}' without text", "write [text](target)")
        elif target.startswith("#"):
            at = min(self.line, len(self.locations) - 1)
            self.anchors.append((target, self.locations[at]))
        return (self.unsure(Link(target, children), href),)

    def unsure(self, inline: Inline, written: str) -> Inline:
        """Return an inline, marked as unconfirmed if what it was `written` from is."""
        for question in tokens.questions(written):
            inline = Unconfirmed((inline,), question)
        return inline


def _tight(node: SyntaxTreeNode) -> bool:
    return all(
        child.hidden
        for item in node.children
        for child in item.children
        if child.type == "paragraph"
    )
