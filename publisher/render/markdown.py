"""A policy → Markdown, for people and for git hosts; each heading with its clause id."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from publisher.model.dating import Dating
from publisher.model.policy import (
    Block,
    Clause,
    Code,
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
        for block in blocks:
            if isinstance(last, List) and isinstance(block, List):
                written.append("<!-- -->")  # else the two lists would be read as one
            written.append(self.block(block))
            last = block
        return ("\n" if tight else "\n\n").join(written)

    def block(self, block: Block) -> str:
        match block:
            case Paragraph(children):
                return _start(self.run(children))
            case Heading(level, children):
                return f"{'#' * level} {self.run(children)}"
            case List(items, start, tight):
                return ("\n" if tight else "\n\n").join(
                    self.item(item, "-" if start is None else f"{start + index}.", tight=tight)
                    for index, item in enumerate(items)
                )
            case Quote(blocks):
                return "\n".join(f"> {line}".rstrip() for line in self.blocks(blocks).split("\n"))
            case Table():
                return self.table(block)
            case DefinitionList(definitions):
                return "\n\n".join(
                    "\n".join(
                        [
                            _start(self.run(each.term)),
                            *(f": {_indent(self.blocks(text), 2)}" for text in each.descriptions),
                        ]
                    )
                    for each in definitions
                )

    def item(self, blocks: tuple[Block, ...], mark: str, *, tight: bool) -> str:
        return f"{mark} {_indent(self.blocks(blocks, tight=tight), len(mark) + 1)}"

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
    """Return `text` with every line but the first indented."""
    return text.replace("\n", "\n" + " " * width)
