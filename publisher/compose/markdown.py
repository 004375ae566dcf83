"""Markdown → the tree.

CommonMark with tables, footnotes and definition lists. What a policy has no use for, or what could
lose words unseen, is switched off (indented code, reference definitions, underlined headings) or is
a problem (raw HTML, images, ragged tables, unused footnotes).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.rules_block.table import escapedSplit
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from publisher.compose import tokens
from publisher.compose.inlines import DEEPEST, Anchor, InlineBuilder
from publisher.compose.labelled import labelled_lists
from publisher.model import numerals
from publisher.model.policy import (
    Block,
    Definition,
    DefinitionList,
    Heading,
    List,
    Note,
    Paragraph,
    Quote,
    Table,
)
from publisher.model.problem import Problem


@dataclass(frozen=True, slots=True)
class Content:
    """What a clause's Markdown says; `anchors` are its links inside the policy, and where."""

    blocks: tuple[Block, ...]
    notes: tuple[Note, ...]
    anchors: tuple[Anchor, ...]
    problems: tuple[Problem, ...]


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table")
    parser.use(footnote_plugin, inline=False, move_to_end=False, always_match_refs=True)
    parser.use(deflist_plugin)
    parser.use(labelled_lists)
    parser.disable(["code", "lheading", "reference"])
    # What a link may lead to is decided when the tree is built, where a fault can be reported.
    parser.validateLink = lambda url: bool(url) or True  # type: ignore[method-assign]
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    parser.parse("*now*")  # else threads would see its rules half put together, at first use
    return parser


_PARSER = _parser()


def parse(text: str, locations: Sequence[tokens.Location], first_note: int = 1) -> Content:
    """Return the tree that `text` describes; its notes count from `first_note`.

    `locations` says for each line of `text` which file and line it was written in.
    """
    builder = _Builder(text.split("\n"), locations, first_note)
    builder.check_entities()
    if builder.problems:
        return Content((), (), (), tuple(builder.problems))
    try:
        blocks = builder.blocks(SyntaxTreeNode(_PARSER.parse(text)).children, 0)
    except RecursionError:
        builder.problem("nesting", "is nested too deeply", "write it flatter")
        blocks = ()
    builder.check_headings()
    return Content(blocks, builder.numbered(), tuple(builder.anchors), tuple(builder.problems))


class _Builder(InlineBuilder):
    """Builds the blocks of one clause, with their inlines."""

    def __init__(
        self, lines: list[str], locations: Sequence[tokens.Location], first_note: int
    ) -> None:
        super().__init__(lines, locations, first_note)
        self.headings: list[tuple[int, int]] = []
        self.notes: dict[str, tuple[int, tuple[Block, ...]]] = {}
        self.defined: set[str] = set()

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
                return self.ordered(node, depth)
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

    def ordered(self, node: SyntaxTreeNode, depth: int) -> List:
        if node.meta.get("astray"):
            message = "has a list that is indented by less than the text of the item above"
            self.problem("nesting", message, "begin it below the first letter of that text")
        start = int(node.attrs.get("start", 1))
        return List(self.items(node, depth), start, _tight(node), _style(node))

    def items(self, node: SyntaxTreeNode, depth: int) -> tuple[tuple[Block, ...], ...]:
        items = []
        style = _style(node) if node.type == "ordered_list" else ""
        for number, item in enumerate(node.children, int(node.attrs.get("start", 1))):
            line = item.map[0] if item.map else self.line
            items.append(self.blocks(item.children, depth + 1))
            if not items[-1]:
                self.problem("markdown", "has an empty list item", "fill it in, or delete it", line)
            label = numerals.label(style, number)
            if node.meta and item.info != label:
                message = f"has the label {item.info} where {label} follows"
                mend = f"write {label}; or end the list with a paragraph, or indent an inner list"
                self.problem("numbering", message, mend, line)
            elif not node.meta and item.info and int(item.info) != number:
                message = f"has the number {int(item.info)} where {number} follows"
                mend = f"write {number}, or end the list with a paragraph"
                self.problem("numbering", message, mend, line)
        return tuple(items)

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
            if self.lines[self.line].rstrip().endswith("#"):
                mend = "write \\# to keep it, or delete it"
                self.problem("heading", "has a heading that ends in #", mend)
            children = self.run(node)
            if not children:
                self.problem("heading", "has an empty heading", "fill it in, or delete it")
            return Heading(level + 1, children)
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
        if label in self.defined:
            self.problem("footnote", f"has two footnotes [^{label}]", "give one another name")
        self.defined.add(label)
        line = self.line
        blocks = self.blocks(node.children, depth + 1)
        if not blocks:
            self.problem("footnote", f"has an empty footnote [^{label}]", "fill it in", line)
        self.notes[label] = (line, blocks)

    def numbered(self) -> tuple[Note, ...]:
        """Return the notes by number, and report those that nothing refers to."""
        for label, (line, _) in self.notes.items():
            if label not in self.referred:
                message = f"has a footnote [^{label}] that nothing refers to"
                self.problem("footnote", message, "refer to it, or delete it", line)
        for label, (_, line) in self.referred.items():
            if label not in self.notes:
                message = f"refers to a footnote [^{label}] that is not there"
                self.problem("footnote", message, "add it, or write \\[ for a bracket", line)
        return tuple(
            Note(number, self.notes[label][1])
            for label, (number, _) in self.referred.items()
            if label in self.notes
        )


def _style(node: SyntaxTreeNode) -> str:
    """Return the style of an ordered list's labels; empty for plain numbers."""
    style = str(node.meta.get("style") or f"1{node.markup}")
    return "" if style == numerals.DECIMAL else style


def _tight(node: SyntaxTreeNode) -> bool:
    return all(
        child.hidden
        for item in node.children
        for child in item.children
        if child.type == "paragraph"
    )
