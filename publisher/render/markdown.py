"""A policy → Markdown, for people and for git hosts; each heading with its clause id."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from string import punctuation

from publisher.policy.dating import Dating
from publisher.policy.kinds import ByKind
from publisher.policy.numerals import LABEL, readings
from publisher.policy.tree import (
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
    asked_of_all,
    asked_of_whole,
)
from publisher.render.languages import labels_of, long_date
from publisher.render.page import state

_SPECIAL = re.compile(r"([\\`*_\[\]<>|])|(&)(?=#?\w+;)|(!)(?=\[|$)|(\{)(?=[:#])|^(:)")
_AT_START = re.compile(rf"^(\s*)([#+\-=:~>]|\d+[.)]|{LABEL.pattern}(?=\s|$))", re.MULTILINE)


def markdown(policy: Policy, dating: Dating) -> bytes:
    """Return the policy as Markdown: CommonMark with tables, footnotes and definition lists."""
    own = labels_of(policy)
    dated = _dated(policy, dating)
    heading = [f"{escaped(policy.brand.name)} · {policy.brand.domain}", dated]
    if policy.controller.name:
        controller = ", ".join((policy.controller.name, *policy.controller.address))
        heading.append(f"{own['controller']}{own['colon']} {escaped(controller)}")
    parts = [f"# {escaped(policy.title)}", "\\\n".join(heading)]
    kind = "proposed" if dating.status == "proposed" else "draft"
    if policy.draft or kind == "proposed":
        parts.append(f"**{own[kind]}.** {own[f'{kind}_notice']}")
    numbers = {question: number for number, question in enumerate(policy.questions, 1)}
    common = asked_of_all(policy)
    writer = _Writer(own, numbers, common)
    parts += writer.asked_line(common)
    parts += [writer.clause(clause) for clause in policy.clauses]
    if policy.questions:
        parts.append(f"## {own['questions']}")
        parts.append(
            "\n".join(
                f"{number}. {started(escaped(question.text))} ({question.path}:{question.line})"
                for question, number in numbers.items()
            )
        )
    return ("\n\n".join(parts) + "\n").encode()


def _dated(policy: Policy, dating: Dating) -> str:
    """Return the lines on the policy's age and state."""
    own, locale = labels_of(policy), policy.locale
    if dating.status == "released" and dating.last_updated and dating.in_force:
        return (
            f"{own['last_updated']}{own['colon']} {long_date(dating.last_updated, locale)}\\\n"
            f"{own['in_force']}{own['colon']} {long_date(dating.in_force, locale)}\\\n"
            f"{own['version']}{own['colon']} {dating.version}"
        )
    status = state(policy, dating)
    version = f"\\\n{own['version']}{own['colon']} {dating.version}" if dating.frozen else ""
    if dating.last_updated:
        day = long_date(dating.last_updated, locale)
        return f"{own['last_updated']}{own['colon']} {day} ({status}){version}"
    return f"{own['status']}{own['colon']} {status}{version}"


class _Writer(ByKind[str]):
    def __init__(
        self,
        labels: Mapping[str, str],
        numbers: Mapping[Question, int],
        common: Collection[Question],
    ) -> None:
        self.labels = labels
        self.numbers = numbers
        self.common = common

    def asked(self, questions: Iterable[Question]) -> str:
        """Return which open questions these are: "Question 1, Question 4"."""
        label = self.labels["question"]
        numbers = sorted(self.numbers[question] for question in questions)
        return ", ".join(label.replace("{number}", str(number)) for number in numbers)

    def asked_line(self, questions: Iterable[Question]) -> list[str]:
        """Return the line that says which questions are open, if there are any."""
        asked = self.asked(questions)
        return [f"*{self.labels['asked']}{self.labels['colon']} {asked}*"] if asked else []

    def clause(self, clause: Clause) -> str:
        """Return a clause: its title, its questions, its text, its notes."""
        notes = [
            f"[^{note.number}]: " + _indent(self.blocks(note.blocks), 4) for note in clause.notes
        ]
        number = "" if clause.number is None else f"{clause.number}. "
        heading = f"## {number}{escaped(clause.title)} {{#{clause.id}}}"
        title = [heading] if clause.title else []
        asked = self.asked_line(q for q in asked_of_whole(clause) if q not in self.common)
        return "\n\n".join([*title, *asked, self.blocks(clause.blocks), *notes])

    def blocks(self, blocks: Iterable[Block], *, tight: bool = False) -> str:
        """Return blocks, with an empty line between them unless they are tight."""
        written: list[str] = []
        mark = ""
        for block in blocks:
            mark = _mark(block, mark) if isinstance(block, List) else ""
            written.append(self.list(block, mark) if isinstance(block, List) else self.block(block))
        return ("\n" if tight else "\n\n").join(written)

    def paragraph(self, paragraph: Paragraph) -> str:
        return started(self.run(paragraph.children))

    def heading(self, heading: Heading) -> str:
        text = self.run(heading.children)
        text = text.removesuffix("#") + ("\\#" if text.endswith("#") else "")
        return f"{'#' * heading.level} {text}" + (
            f" {{#{heading.anchor}}}" if heading.anchor else ""
        )

    def quote(self, quote: Quote) -> str:
        lines = self.blocks(quote.blocks).split("\n")
        return "\n".join(f"> {line}".rstrip() for line in lines)

    def definitions(self, whole: DefinitionList) -> str:
        return "\n\n".join(map(self.definition, whole.definitions))

    def list(self, block: List, mark: str) -> str:
        """Return a list. CommonMark has only numbers as labels: others are text after a bullet."""
        items = []
        for index, blocks in enumerate(block.items):
            bullet = mark if mark in "-*" else block.label(index)[:-1] + mark
            tight = block.tight and all(isinstance(inner, List) for inner in blocks[1:])
            text = self.blocks(blocks, tight=tight)
            if block.lettered:
                apart = " " if isinstance(blocks[0], Paragraph) else "\n\n"
                text = f"{block.label(index)}{apart}{text}"
            items.append(f"{bullet} {_indent(text, len(bullet) + 1)}")
        return ("\n" if block.tight else "\n\n").join(items)

    def definition(self, definition: Definition) -> str:
        meanings = (f": {_indent(self.blocks(text), 2)}" for text in definition.descriptions)
        return "\n".join([started(self.run(definition.term)), *meanings])

    def table(self, table: Table) -> str:
        rules = {"": "---", "left": ":---", "right": "---:", "center": ":---:"}
        rows = [[self.cell(cell) for cell in row] for row in (table.header, *table.rows)]
        rows.insert(1, [rules[alignment] for alignment in table.alignments])
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)

    def cell(self, inlines: tuple[Inline, ...]) -> str:
        """Return a cell: its bars escaped, its line breaks as <br>."""
        return re.sub(r"(?<!\\)\|", r"\\|", self.run(inlines)).replace("\\\n", "<br>")

    def run(self, inlines: tuple[Inline, ...], before: str = "") -> str:
        """Return a run of inlines that comes after the text `before`."""
        written = ""
        for index, inline in enumerate(inlines):
            text = self.inline(inline, before + written)
            if isinstance(inline, Emphasis):
                after = self.run(inlines[index + 1 : index + 2])
                text = _emphasised(written, text, after, "**" if inline.strong else "*")
            written += text
        return written

    def inline(self, inline: Inline, before: str) -> str:
        """Return one inline; an emphasis without its marks, which depend on what is around it."""
        match inline:
            case Text(text):
                return escaped(text)
            case Code(text) if before.endswith("`"):
                return escaped(text)  # or the two would be read as one
            case Code(text):
                fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
                pad = " " if text.strip() != text or "`" in (text[:1], text[-1:]) else ""
                return f"{fence}{pad}{text}{pad}{fence}"
            case LineBreak():
                return "\\\n"
            case Emphasis(children):
                return self.run(children, before)
            case Link(target, children, number):
                text = self.run(children) if number is None else str(number)
                return f"[{text}]({_target(target)})"
            case NoteReference(number):
                return f"[^{number}]"
            case Unconfirmed(children, question):
                text = self.run(children) or f"\\[{self.labels['to_be_confirmed']}\\]"
                return f"{text} ({self.asked([question])})"


def _emphasised(before: str, text: str, after: str, mark: str) -> str:
    """Return `text` between marks of emphasis, or without, where they would be read as stars.

    CommonMark 6.2: a mark opens if no white space is after it, and white space or punctuation
    before it, unless a letter is after it; closing is the mirror image.
    """
    sides = ((before[-1:], text[:1]), (after[:1], text[-1:]))
    return f"{mark}{text}{mark}" if all(_marks(*side) for side in sides) else text


def _marks(outside: str, inside: str) -> bool:
    """Return whether a mark of emphasis between two characters is read as one, on that side."""
    if not inside or inside.isspace() or inside in "*_" or outside in {"*", "_", "\\"}:
        return False
    if not outside or outside.isspace() or outside in punctuation:
        return True
    return inside.isalnum() and not outside.isalnum()


def _mark(block: List, before: str) -> str:
    """Return a list's bullet, or the end of its numbers: not the one of a list just before it.

    Two lists in a row with the same bullet would read as one.
    """
    one, other = ("-", "*") if block.start is None or block.lettered else (".", ")")
    if block.style == "1)":
        one, other = other, one
    return other if before == one else one


def escaped(text: str) -> str:
    """Return `text` with backslashes before everything that Markdown would read as markup."""
    return _SPECIAL.sub(lambda match: f"\\{match[0]}", text)


def started(text: str) -> str:
    """Return a paragraph without lines that begin like another kind of block."""

    def marked(match: re.Match[str]) -> str:
        mark = match[2]
        if mark[0].isalpha() and not readings(mark):
            return match[0]
        return match[1] + (f"\\{mark}" if len(mark) == 1 else f"{mark[:-1]}\\{mark[-1]}")

    return _AT_START.sub(marked, text)


def _target(target: str) -> str:
    target = re.sub(r"&(?=#?\w+;)", "&amp;", target)
    return f"<{target}>" if re.search(r"[()\s]", target) else target


def _indent(text: str, width: int) -> str:
    """Return `text` with every line indented, except for the first and empty ones."""
    return re.sub(r"\n(?=[^\n])", "\n" + " " * width, text)
