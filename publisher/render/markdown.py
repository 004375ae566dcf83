"""A policy → Markdown, for people and for git hosts; each heading with its clause id."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from publisher.model.dating import Dating
from publisher.model.policy import (
    Block,
    Clause,
    Code,
    Definition,
    DefinitionList,
    Emphasis,
    Heading,
    Inline,
    LineBreak,
    Link,
    List,
    NoteReference,
    Paragraph,
    Policy,
    Question,
    Quote,
    Table,
    Text,
    Unconfirmed,
)
from publisher.render.labels import labels, long_date

_SPECIAL = re.compile(r"([\\`*_\[\]<>|])|(&)(?=#?\w+;)")
_AT_START = re.compile(r"^(\s*)([#+\-=:~>]|\d+[.)])", re.MULTILINE)


def markdown(policy: Policy, dating: Dating) -> bytes:
    """Return the policy as Markdown: CommonMark with tables, footnotes and definition lists."""
    own = labels(policy.locale)
    states = {"ready": "not_released", "uncommitted": "not_committed"}
    state = own[states.get(dating.status, dating.status)]
    updated = long_date(dating.last_updated, policy.locale) if dating.last_updated else "–"
    controller = ", ".join((policy.controller.name, *policy.controller.address))
    parts = [
        f"# {_text(policy.title)}",
        f"{_text(policy.brand.name)} · {policy.brand.domain}\\\n"
        f"{own['last_updated']}: {updated} ({state})\\\n"
        f"{own['controller']}: {_text(controller)}",
    ]
    numbers = {question: number for number, question in enumerate(policy.questions, 1)}
    writer = _Writer(own["to_be_confirmed"], numbers)
    parts += [writer.clause(clause) for clause in policy.clauses]
    if policy.questions:
        parts.append(f"## {own['questions']}")
        parts.append(
            "\n".join(
                f"{number}. {_start(_text(question.text))} ({question.path}:{question.line})"
                for question, number in numbers.items()
            )
        )
    return ("\n\n".join(parts) + "\n").encode()


class _Writer:
    def __init__(self, unknown: str, numbers: Mapping[Question, int]) -> None:
        self.unknown = unknown
        self.numbers = numbers

    def clause(self, clause: Clause) -> str:
        notes = [
            f"[^{note.number}]: " + _indent(self.blocks(note.blocks), 4) for note in clause.notes
        ]
        title = f"## {_text(clause.title)} {{#{clause.id}}}"
        return "\n\n".join([title, self.blocks(clause.blocks), *notes])

    def blocks(self, blocks: Iterable[Block], *, tight: bool = False) -> str:
        written: list[str] = []
        last: Block | None = None
        other = False
        for block in blocks:
            # Two lists of one kind in a row would read as one, but for another mark.
            other = not other and isinstance(block, List) and _same_kind(last, block)
            written.append(self.block(block, other=other))
            last = block
        return ("\n" if tight else "\n\n").join(written)

    def block(self, block: Block, *, other: bool = False) -> str:
        match block:
            case Paragraph(children):
                return _start(self.run(children))
            case Heading(level, children):
                return f"{'#' * level} {self.run(children)}"
            case List():
                return self.list(block, other=other)
            case Quote(blocks):
                return "\n".join(f"> {line}".rstrip() for line in self.blocks(blocks).split("\n"))
            case Table():
                return self.table(block)
            case DefinitionList(definitions):
                return "\n\n".join(self.definition(each) for each in definitions)

    def list(self, block: List, *, other: bool) -> str:
        items = []
        for number, blocks in enumerate(block.items, block.start or 0):
            bullet, stop = ("*", ")") if other else ("-", ".")
            mark = bullet if block.start is None else f"{number}{stop}"
            text = self.blocks(blocks, tight=block.tight)
            items.append(f"{mark} {_indent(text, len(mark) + 1)}")
        return ("\n" if block.tight else "\n\n").join(items)

    def definition(self, definition: Definition) -> str:
        meanings = (f": {_indent(self.blocks(text), 2)}" for text in definition.descriptions)
        return "\n".join([_start(self.run(definition.term)), *meanings])

    def table(self, table: Table) -> str:
        rules = {"": "---", "left": ":---", "right": "---:", "center": ":---:"}
        rows = [[self.run(cell) for cell in row] for row in (table.header, *table.rows)]
        rows.insert(1, [rules[alignment] for alignment in table.alignments])
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)

    def run(self, inlines: Iterable[Inline]) -> str:
        return "".join(self.inline(inline) for inline in inlines)

    def inline(self, inline: Inline) -> str:
        match inline:
            case Text(text):
                return _text(text)
            case Code(text):
                fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
                pad = " " if text.startswith("`") or text.endswith("`") else ""
                return f"{fence}{pad}{text}{pad}{fence}"
            case LineBreak():
                return "\\\n"
            case Emphasis(children, strong):
                mark = "**" if strong else "*"
                return f"{mark}{self.run(children)}{mark}"
            case Link(target, children):
                return f"[{self.run(children)}]({_target(target)})"
            case NoteReference(number):
                return f"[^{number}]"
            case Unconfirmed(children, question):
                text = self.run(children) or f"\\[{self.unknown}\\]"
                return f"**{text}** ({self.numbers[question]})"


def _same_kind(last: Block | None, block: List) -> bool:
    return isinstance(last, List) and (last.start is None) is (block.start is None)


def _text(text: str) -> str:
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", text)


def _start(text: str) -> str:
    """Return a paragraph whose lines do not begin as something else does."""

    def escaped(found: re.Match[str]) -> str:
        mark = found[2]
        return found[1] + (f"\\{mark}" if len(mark) == 1 else f"{mark[:-1]}\\{mark[-1]}")

    return _AT_START.sub(escaped, text)


def _target(target: str) -> str:
    return f"<{target}>" if re.search(r"[()\s]", target) else target


def _indent(text: str, width: int) -> str:
    """Return `text` with every line indented, but for the first and empty ones."""
    return re.sub(r"\n(?=[^\n])", "\n" + " " * width, text)
