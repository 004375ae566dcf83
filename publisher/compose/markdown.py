"""Markdown → the tree.

What a policy cannot have is left out with a warning if it has no words (rules across the page,
comments, ids, boxes of tasks), and is an error if it has words (raw HTML, images, ragged tables,
unused footnotes).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from typing import Any

from markdown_it.rules_block.table import escapedSplit
from markdown_it.tree import SyntaxTreeNode

from publisher.compose import placeholders
from publisher.compose.inlines import DEEPEST, Anchor, InlineBuilder
from publisher.compose.syntax import PARSER, TOO_LONG
from publisher.compose.written import ATTRIBUTES, TASK, run_together
from publisher.policy import numerals
from publisher.policy.memory import remembered
from publisher.policy.numerals import LABEL
from publisher.policy.tree import (
    Block,
    Definition,
    DefinitionList,
    Heading,
    Inline,
    List,
    Note,
    Paragraph,
    Place,
    Quote,
    Quoted,
    Table,
)
from publisher.problem import Problem

_HEADING = re.compile(r" {0,3}(?:> ?)*#{1,6}(?:[ \t]|$)")
_BREAKS = re.compile(r"(?:\s*</?br\s*/?>\s*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a clause's Markdown; `anchors` are its links inside the policy.

    `warnings` name what readers see differently from the source.
    """

    blocks: tuple[Block, ...]
    notes: tuple[Note, ...]
    anchors: tuple[Anchor, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()
    places: tuple[tuple[Place, ...], ...] = ()
    quoted: tuple[tuple[Quoted, ...], ...] = ()


_BEGINS = re.compile("[^\\W\\d_]|[#\ue000\ue002]")
"""How a line begins that, below an empty one, ends every list and quotation above it."""
_ITEM = re.compile("- [^\\W\\d_]|- [\ue000\ue002]")
"""How a line begins that is an item of a list, and ends the item above it."""
_TIED = re.compile(
    rf"[{{<\r]|\]:|\[\^|\[[ xX]\]|```|~~~|^[ \t]*(?:[:~]|(?:{LABEL.pattern})(?:[ \t]|$))",
    re.MULTILINE,
)
"""What may give lines of a text a part in lines far away: notes, targets, labels, HTML, code."""


def parse(
    text: str,
    locations: Sequence[placeholders.Location],
    first_note: int = 1,
    origins: Sequence[tuple[placeholders.Origin, ...]] = (),
) -> Content:
    """Return the tree that `text` describes; its notes count from `first_note`.

    `locations` has the file and line of each line of `text`, `origins` the words of registries in
    it. If its parts are independent of each other, each is remembered: an edit changes few of them,
    and many brands share most.
    """
    lines = text.split("\n")
    begins = [0]
    if not _TIED.search(text):
        begins += [
            at
            for at, (above, line) in enumerate(pairwise(lines), 1)
            if (not above.strip(" \t") and _BEGINS.match(line))
            or (_ITEM.match(above) and _ITEM.match(line))
        ]
    if len(begins) > 1:
        spans = [slice(*span) for span in pairwise((*begins, len(lines)))]
        parts = [
            _part("\n".join(lines[span]), tuple(locations[span]), tuple(origins[span]))
            for span in spans
        ]
        if not any(part.problems for part in parts):
            items = (at for at, begin in enumerate(begins) if at and _ITEM.match(lines[begin]))
            joined = _joined(parts, {*items})
            if joined is not None:
                return joined
    return _whole(text, locations, first_note, origins)


@remembered(4096, lambda text, *_: len(text))
def _part(
    text: str,
    locations: tuple[placeholders.Location, ...],
    origins: tuple[tuple[placeholders.Origin, ...], ...],
) -> Content:
    return _whole(text, locations, 1, origins)


def _joined(parts: Sequence[Content], further: Collection[int]) -> Content | None:
    """Return the content of texts without notes, one below the other.

    Those at the places `further` begin with an item of the list above; None if they do not.
    """
    rows: list[list[Block]] = []
    for at, part in enumerate(parts):
        own = part.blocks
        if at in further and rows:
            rows[-1] += own[:1]
            own = own[1:]
        rows += [[block] for block in own]
    blocks = [row[0] if len(row) == 1 else _one_list(row) for row in rows]
    if None in blocks:
        return None
    return Content(
        tuple(block for block in blocks if block is not None),
        (),
        tuple(anchor for part in parts for anchor in part.anchors),
        (),
        tuple(problem for part in parts for problem in part.warnings),
        tuple(place for part in parts for place in part.places),
        tuple(quoted for part in parts for quoted in part.quoted),
    )


def _one_list(parts: Sequence[Block]) -> List | None:
    """Return a list whose items were read one by one; None if they are not close together."""
    lists = [part for part in parts if isinstance(part, List) and part.tight and part.start is None]
    return List(tuple(chain(*(part.items for part in lists)))) if len(lists) == len(parts) else None


def _whole(
    text: str,
    locations: Sequence[placeholders.Location],
    first_note: int,
    origins: Sequence[tuple[placeholders.Origin, ...]],
) -> Content:
    builder = _Builder(text.split("\n"), locations, first_note, origins)
    builder.check_entities()
    builder.check_lengths()
    if builder.problems:
        return Content((), (), (), tuple(builder.problems))
    builder.take_marks()
    definitions: dict[str, Any] = {}
    try:
        tree = SyntaxTreeNode(PARSER.parse("\n".join(builder.lines), definitions))
        blocks = builder.identified(builder.blocks(tree.children, 0))
    except RecursionError:
        builder.problem("nesting", "is nested too deeply", "write it with fewer levels")
        blocks = ()
    if TOO_LONG in definitions:
        length, line = definitions[TOO_LONG]
        builder.too_long("paragraph", length, line, "paragraphs")
    builder.check_headings()
    builder.check_definitions(definitions)
    return Content(
        blocks,
        builder.numbered(),
        tuple(builder.anchors),
        tuple(builder.problems),
        tuple(builder.warnings),
        *builder.in_order(),
    )


Places = list[tuple[Place, ...]]
Facts = list[tuple[Quoted, ...]]
_AS_MANY = (
    "give every row as many cells as the header; put a backslash before a bar that a cell shows"
)


class _Builder(InlineBuilder):
    """Builds the blocks of one clause, with their inlines."""

    def __init__(
        self,
        lines: list[str],
        locations: Sequence[placeholders.Location],
        first_note: int,
        origins: Sequence[tuple[placeholders.Origin, ...]],
    ) -> None:
        super().__init__(lines, locations, first_note, origins)
        self.note_runs: dict[str, tuple[Places, Facts]] = {}
        self.headings: list[tuple[int, int]] = []
        self.ids: dict[int, str] = {}
        self.notes: dict[str, tuple[int, tuple[Block, ...]]] = {}
        self.defined: set[str] = set()

    def take_marks(self) -> None:
        """Take lists of attributes, and the boxes of tasks, out of the lines."""
        for number, line in enumerate(self.lines):
            attributes, task = ATTRIBUTES.search(line), TASK.match(line)
            if attributes is not None:
                self.lines[number] = line[: attributes.start()]
                self.take_attributes(number, attributes[1])
            elif task is not None:
                self.lines[number] = line.replace(task[0], task[1], 1)
                message = f"has the box of a task, which readers do not see: {task[2]}"
                fix = "leave it out, or say in words which task is done"
                self.warn("dropped", message, fix, number, [(number, f"{task[2]} ", "")])

    def take_attributes(self, number: int, attributes: str) -> None:
        """Keep the id that comes after a heading or below it; warn of other attributes."""
        id = next(
            (attribute[1:] for attribute in attributes.split() if attribute.startswith("#")), None
        )
        heading = number if self.lines[number].strip() else number - 1
        if id is not None and heading >= 0 and _HEADING.match(self.lines[heading]):
            self.ids[heading] = id
        else:
            message = f"has attributes, which readers do not see: {{: {attributes} }}"
            self.warn("dropped", message, "leave them out", number)

    def identified(self, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        """Return blocks in which a heading has the id that was written with it, if it is used."""
        targets = {anchor.target[1:] for anchor in self.anchors}
        used = {line: id for line, id in self.ids.items() if id in targets}
        for line, id in self.ids.items():
            if line not in used:
                message = f"has the id '{id}' after a heading, but no link here uses it"
                fix = f"leave {{#{id}}} out: links find headings by their titles"
                edits = [(line, f" {{#{id}}}", "")]
                self.warn("dropped", message, fix, line, edits)
        lines = iter([line for _, line in self.headings])
        return tuple(
            replace(block, anchor=used.get(next(lines, -1), ""))
            if isinstance(block, Heading)
            else block
            for block in blocks
        )

    def check_definitions(self, definitions: Mapping[str, Any]) -> None:
        """Warn of targets of links that nothing uses, and of second ones with the same label."""
        for label, definition in definitions.get("references", {}).items():
            if label not in self.linked:
                written = self.lines[definition["map"][0]].strip()[:40]
                message = f"has a link target that no link uses: {written}"
                fix = "write [text][label] where it belongs, or delete it"
                self.warn("definition", message, fix, definition["map"][0])
        for definition in definitions.get("duplicate_refs", ()):
            message = f"has a second target for [{definition['label'].lower()}]"
            fix = "delete one of the two: the first counts"
            self.warn("definition", message, fix, definition["map"][0])

    def blocks(self, nodes: Iterable[SyntaxTreeNode], depth: int) -> tuple[Block, ...]:
        """Return the blocks of nodes, without those that show nothing."""
        built = (self.block(node, depth) for node in nodes)
        return tuple(block for block in built if block is not None)

    def block(self, node: SyntaxTreeNode, depth: int) -> Block | None:
        """Return the block of a node; None if it is invisible or refused."""
        if node.map:
            self.line = node.map[0]
        if depth > DEEPEST:
            self.problem("nesting", "is nested too deeply", "write it with fewer levels")
            return None
        match node.type:
            case "paragraph":
                return self.paragraph(node)
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
                self.leave_out(node)
        return None

    def ordered(self, node: SyntaxTreeNode, depth: int) -> List:
        if node.meta.get("astray"):
            message = "has a list that is indented by less than the text of the item above"
            self.problem("nesting", message, "begin it below the first letter of that text")
        start = int(node.attrs.get("start", 1))
        return List(self.items(node, depth), start, _tight(node), _style(node))

    def leave_out(self, node: SyntaxTreeNode) -> None:
        """Leave out a node without words, with a warning; refuse one with words."""
        match node.type:
            case "hr":
                self.rule()
            case "html_block":
                self.html(node)
            case _:
                self.refuse(node)

    def paragraph(self, node: SyntaxTreeNode) -> Paragraph | None:
        content = node.children[0].content
        if _BREAKS.fullmatch(content):
            fix = "delete it: paragraphs have space between them"
            self.warn("dropped", "has a paragraph with only <br>", fix)
            return None
        shown = (placeholders.plain(line).replace("\n", " ") for line in content.split("\n"))
        for number, message, fix in run_together("\n".join(shown)):
            self.warn("run-together", message, fix, self.line + number)
        return Paragraph(self.run(node))

    def rule(self) -> None:
        """Warn of a line that Markdown would show as a rule."""
        written = self.lines[self.line].strip(" \t>")
        message = f"has a line across the page, which readers do not see: {written[:20]}"
        fix = "leave it out: titles divide a policy"
        self.warn("dropped", message, fix, edits=[(self.line, written, "")])

    def items(self, node: SyntaxTreeNode, depth: int) -> tuple[tuple[Block, ...], ...]:
        """Return the items of a list; report empty ones, and wrong numbers."""
        items = []
        if node.meta:
            self.check_labels(node)
        else:
            self.check_numbers(node)
        for item in node.children:
            line = item.map[0] if item.map else self.line
            items.append(self.blocks(item.children, depth + 1))
            if not items[-1]:
                self.problem("markdown", "has an empty list item", "fill it in, or delete it", line)
        return tuple(items)

    def check_labels(self, node: SyntaxTreeNode) -> None:
        """Report labels that readers would see differently."""
        for number, item in enumerate(node.children, int(node.attrs.get("start", 1))):
            label = numerals.label(_style(node), number)
            if item.info != label:
                message = f"has the label {item.info} where {label} comes next"
                fix = f"write {label}; or end the list with a paragraph, or indent an inner list"
                line = item.map[0] if item.map else self.line
                self.problem("numbering", message, fix, line)

    def check_numbers(self, node: SyntaxTreeNode) -> None:
        """Report numbers that readers would see differently.

        Items that all have the same number are counted, as Markdown does; a list that begins again
        below an empty line continues, with a warning.
        """
        items = [(int(i.info), i.map[0] if i.map else self.line) for i in node.children if i.info]
        if len({number for number, _ in items}) == 1:
            self.counted(items)
            return
        expected = items[0][0] if items else 0
        for at, (written, line) in enumerate(items):
            if written == items[0][0] != expected and not self.lines[line - 1].strip():
                shown = items[0][0] + at
                message = f"begins again at {written}, but is shown as {shown}: the list continues"
                fix = f"write {shown}, or, for a second list, a sentence between the two"
                self.warn("numbering", message, fix, line)
            elif written != expected:
                message = f"has the number {written} where {expected} comes next"
                fix = f"write {expected}, or end the list with a paragraph"
                self.problem("numbering", message, fix, line)
                expected += 1
                continue
            expected = written + 1

    def counted(self, items: Sequence[tuple[int, int]]) -> None:
        """Warn of a list whose items all have one number, unless a loop writes them."""
        places = {self.location(line) for _, line in items}
        if len(items) == 1 or len(places) < len(items):
            return
        first, last = items[0][0], items[0][0] + len(items) - 1
        message = f"has {first} in front of each item, but readers see {first} to {last}"
        edits = [
            (line, mark[0], mark[0].replace(str(number), str(first + at)))
            for at, (number, line) in enumerate(items)
            if (mark := re.search(r"\d+[.)]", self.lines[line])) and int(mark[0][:-1]) == number
        ]
        self.warn("numbering", message, "write the numbers that readers see", items[0][1], edits)

    def heading(self, node: SyntaxTreeNode, depth: int) -> Block | None:
        """Return a heading; None, with a problem, for one that no clause may have."""
        level = int(node.tag[1])
        if depth:
            self.problem("heading", "has a heading inside a list or quotation", "move it out")
        elif level == 1:
            self.problem("heading", "has a heading of level 1, which is the policy's", "use ##")
        elif level == 6:
            self.problem("heading", "has a heading of level 6", "use ##### at most")
        else:
            self.headings.append((level, self.line))
            self.check_underline(node)
            if node.markup != "-" and _ends_in_hashes(self.lines[self.line], node.markup):
                fix = "write \\# to keep it, or delete it"
                self.problem("heading", "has a heading that ends in #", fix)
            children = self.run(node)
            if not children:
                self.problem("heading", "has an empty heading", "fill it in, or delete it")
            return Heading(level + 1, children)
        return None

    def check_underline(self, node: SyntaxTreeNode) -> None:
        """Warn of a line of dashes that turns a paragraph into a heading."""
        content = node.children[0].content
        if node.markup == "-" and ("\n" in content or content.rstrip().endswith((".", ";", ","))):
            message = "has a line of dashes below it, which makes it a heading"
            fix = "for a heading, write ## in front; for a paragraph, delete the dashes"
            self.warn("underlined", message, fix)

    def check_headings(self) -> None:
        """Report headings that skip a level."""
        for (before, _), (level, line) in pairwise([(1, 0), *self.headings]):
            if level > before + 1:
                fix = f"use {'#' * (before + 1)}"
                message = f"has a heading of level {level} below one of level {before}"
                self.problem("heading", message, fix, line)

    def table(self, node: SyntaxTreeNode) -> Table:
        """Return a table; report rows with more or fewer cells than the header."""
        rows = [row for part in node.children for row in part.children]
        width = len(rows[0].children)
        for row in rows[1:]:
            line = row.map[0] if row.map else self.line
            written = self.lines[line].strip(" \t>").removeprefix("|").removesuffix("|")
            count = len(escapedSplit(written))
            if count != width:
                message = f"has a table row with {count} cells under a header with {width}"
                self.problem("table", message, _AS_MANY, line)
        cells = tuple(self.row(row) for row in rows)
        aligned = (str(cell.attrs.get("style", "")) for cell in rows[0].children)
        return Table(cells[0], cells[1:], tuple(a.removeprefix("text-align:") for a in aligned))

    def row(self, row: SyntaxTreeNode) -> tuple[tuple[Inline, ...], ...]:
        """Return the cells of a row."""
        cells = []
        self.cell = True
        for cell in row.children:
            self.line = row.map[0] if row.map else self.line
            cells.append(self.run(cell))
        self.cell = False
        return tuple(cells)

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
        """Keep a footnote, and the places of its text, by its label."""
        label = node.meta["label"]
        if label in self.defined:
            self.problem("footnote", f"has two footnotes [^{label}]", "rename one of them")
        self.defined.add(label)
        line, before = self.line, len(self.places)
        blocks = self.blocks(node.children, depth + 1)
        self.note_runs[label] = self.places[before:], self.quoted[before:]
        del self.places[before:], self.quoted[before:]
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
                message = f"refers to a footnote [^{label}] that does not exist"
                self.problem("footnote", message, "add it, or write \\[ for a bracket", line)
        return tuple(
            Note(number, self.notes[label][1])
            for label, (number, _) in self.referred.items()
            if label in self.notes
        )

    def in_order(self) -> tuple[tuple[tuple[Place, ...], ...], tuple[tuple[Quoted, ...], ...]]:
        """Return where each run was written, and its facts, those of notes last, by number."""
        noted = [self.note_runs[label] for label in self.referred if label in self.note_runs]
        places = chain(self.places, *(places for places, _ in noted))
        return tuple(places), tuple(chain(self.quoted, *(quoted for _, quoted in noted)))


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


def _ends_in_hashes(line: str, markup: str) -> bool:
    """Return whether Markdown drops hashes at the end that may be text."""
    text = line.rstrip()
    hashes = re.search(r"(?<![\\#])#+$", text)
    return hashes is not None and not (hashes[0] == markup and text[: hashes.start()].endswith(" "))
