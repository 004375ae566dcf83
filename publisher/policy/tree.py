"""The policy: what one brand says in one locale, composed and not yet rendered.

A tree of clauses, blocks and inlines. Every output, the words digest, redlines and checks read this
tree; rendered HTML or Markdown is never parsed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from operator import is_
from typing import Any, NamedTuple, TypeVar

from publisher.policy.numerals import label
from publisher.problem import Problem

T = TypeVar("T")

# --- inlines -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """A run of characters."""

    text: str


@dataclass(frozen=True, slots=True)
class LineBreak:
    """A line that ends here; layout, not words."""


@dataclass(frozen=True, slots=True)
class Code:
    """Text quoted as a computer writes it."""

    text: str


@dataclass(frozen=True, slots=True)
class Emphasis:
    """Stressed text; `strong` is the stronger of the two kinds."""

    children: tuple[Inline, ...]
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A link. `target` is an absolute URL, ``mailto:…``, ``tel:…``, or ``#clause-id``.

    One without text shows the `number` of the clause that it leads to: a label, not a word. One to
    a heading inside a clause is ``#`` and the heading's anchor.
    """

    target: str
    children: tuple[Inline, ...]
    number: int | None = None


@dataclass(frozen=True, slots=True)
class NoteReference:
    """Where the text refers to the footnote with this number."""

    number: int


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """Text that nobody entitled to has confirmed; empty if no text was proposed."""

    children: tuple[Inline, ...]
    question: Question


Inline = Text | LineBreak | Code | Emphasis | Link | NoteReference | Unconfirmed


# --- blocks --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    children: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a clause: level 3 to 6, the clause's own title being level 2.

    `anchor` is the id that links lead to, if any do: ``clause-id.heading``. It is not among the
    words.
    """

    level: int
    children: tuple[Inline, ...]
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class List:
    """A list; `start` is the first number of an ordered one, None for bullets.

    `tight` says whether its items are close together: layout, not words. `style` is how the labels
    of an ordered list are written, as its first would be: ``(a)``, ``i.``; empty for ``1.``.
    """

    items: tuple[tuple[Block, ...], ...]
    start: int | None = None
    tight: bool = True
    style: str = ""

    @property
    def lettered(self) -> bool:
        """Whether the style of its labels is among the words: ``1.`` and ``1)`` are one."""
        return self.style not in ("", "1)")

    def label(self, index: int) -> str:
        """Return the label of the item at an index; empty for bullets."""
        return "" if self.start is None else label(self.style, self.start + index)


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: every row has as many cells as `header`; `alignments` holds left, right, … or ''."""

    header: tuple[tuple[Inline, ...], ...]
    rows: tuple[tuple[tuple[Inline, ...], ...], ...]
    alignments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """A term and what it means."""

    term: tuple[Inline, ...]
    descriptions: tuple[tuple[Block, ...], ...]


@dataclass(frozen=True, slots=True)
class DefinitionList:
    """Terms with their meanings."""

    definitions: tuple[Definition, ...]


Block = Paragraph | Heading | List | Quote | Table | DefinitionList


# --- the policy ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Question:
    """A question to legal about something unconfirmed, and its place."""

    text: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote; `number` counts through the policy from 1."""

    number: int
    blocks: tuple[Block, ...]


class Place(NamedTuple):
    """Where text was written: from the character `at` of its run on, in that line of a file."""

    at: int
    path: str
    line: int


class Quoted(NamedTuple):
    """A fact in a run of text, from one character to another, and where the fact was written."""

    begin: int
    end: int
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Clause:
    """One section. `path` is the file that its text was read from.

    `number` is its place among the clauses if they are numbered: a label, not a word. `places` say
    of each run of text, in reading order, where it was written, and `quoted` which facts are in it;
    a clause that was read from the archive has neither.
    """

    id: str
    title: str
    blocks: tuple[Block, ...]
    notes: tuple[Note, ...]
    questions: tuple[Question, ...]
    path: str
    number: int | None = None
    places: tuple[tuple[Place, ...], ...] = field(default=(), compare=False, repr=False)
    quoted: tuple[tuple[Quoted, ...], ...] = field(default=(), compare=False, repr=False)

    def place(self, run: int, at: int) -> Place:
        """Return where the character `at` of a run of text was written."""
        places = self.places[run] if run < len(self.places) else ()
        before = [place for place in places if place.at <= at]
        return before[-1] if before else Place(0, self.path, 1)


@dataclass(frozen=True, slots=True)
class BrandName:
    """How a brand is known to the public."""

    id: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class Controller:
    """The company responsible for the processing (GDPR Art. 4(7)), as the title block shows it."""

    name: str
    address: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnTexts:
    """The workspace's own texts for a language, in place of the toolkit's.

    `path` is their file; `kinds` has them by kind (``exports``, ``labels``, ``letters``,
    ``site``, ``terms``) and key.
    """

    path: str
    kinds: Mapping[str, Mapping[str, str]] = field(hash=False, repr=False)


@dataclass(frozen=True, slots=True)
class Policy:
    """What one brand says in one locale.

    `questions` are all that are open, in the order of their first appearance; a policy with any is
    a draft. `files` are the workspace paths that composing looked up, found or not: a change that
    touches none of them cannot change the policy. `warnings` name content of its files that readers
    do not see, or see differently. `own_texts` are the workspace's own texts around its words, if
    it has them.
    """

    brand: BrandName
    locale: str
    title: str
    controller: Controller
    clauses: tuple[Clause, ...]
    questions: tuple[Question, ...]
    files: frozenset[str]
    warnings: tuple[Problem, ...] = field(default=(), compare=False)
    own_texts: OwnTexts | None = None

    @property
    def draft(self) -> bool:
        """Whether anything in the policy is unconfirmed."""
        return bool(self.questions)


def inlines_of(block: Block) -> Iterator[tuple[Inline, ...]]:
    """Yield every run of inlines in `block`, nested ones too, in reading order."""
    match block:
        case Paragraph(children) | Heading(_, children):
            yield children
        case Quote(blocks):
            yield from _inlines_of_all(blocks)
        case List(items):
            for item in items:
                yield from _inlines_of_all(item)
        case Table(header, rows):
            yield from header
            for row in rows:
                yield from row
        case DefinitionList(definitions):
            for definition in definitions:
                yield definition.term
                for description in definition.descriptions:
                    yield from _inlines_of_all(description)


def _inlines_of_all(blocks: tuple[Block, ...]) -> Iterator[tuple[Inline, ...]]:
    for block in blocks:
        yield from inlines_of(block)


def walk(inlines: tuple[Inline, ...]) -> Iterator[Inline]:
    """Yield every inline of a run, nested ones too, in reading order."""
    for inline in inlines:
        yield inline
        if isinstance(inline, Emphasis | Link | Unconfirmed):
            yield from walk(inline.children)


def with_parts(node: T, change: Callable[[Any], Any]) -> T:
    """Return a node, or a tuple of nodes, with its parts changed by `change`.

    A node's parts are its fields that are tuples. Unchanged values are returned as they are.
    """
    if isinstance(node, tuple):
        parts = tuple(map(change, node))
        return node if all(map(is_, parts, node)) else parts  # type: ignore[return-value]
    if not is_dataclass(node) or isinstance(node, type):
        return node
    values = {field.name: getattr(node, field.name) for field in fields(node)}
    changed = {
        name: new
        for name, value in values.items()
        if isinstance(value, tuple) and (new := change(value)) is not value
    }
    return replace(node, **changed) if changed else node


def headings_in(clause: Clause) -> Iterator[Heading]:
    """Yield the headings of a clause, in reading order; none is inside another block."""
    return (block for block in clause.blocks if isinstance(block, Heading))


def plain_text(inlines: tuple[Inline, ...]) -> str:
    """Return the characters of a run of inlines."""
    return "".join(
        i.text if isinstance(i, Text | Code) else " " if isinstance(i, LineBreak) else ""
        for i in walk(inlines)
    )


def runs_in(clause: Clause) -> Iterator[tuple[Inline, ...]]:
    """Yield every run of text of a clause and its notes, in reading order."""
    notes = (block for note in clause.notes for block in note.blocks)
    yield from _inlines_of_all((*clause.blocks, *notes))


def inlines_in(clause: Clause) -> Iterator[Inline]:
    """Yield every inline of a clause and its notes, in reading order."""
    for run in runs_in(clause):
        yield from walk(run)


def text_of(clause: Clause) -> str:
    """Return the characters of a clause's text, its notes after it, one run after the other."""
    return "\n".join(i.text for i in inlines_in(clause) if isinstance(i, Text | Code))


def asked_of_all(policy: Policy) -> frozenset[Question]:
    """Return the questions that all clauses of a policy with several clauses share."""
    if len(policy.clauses) < 2:
        return frozenset()
    return frozenset.intersection(*(frozenset(asked_of_whole(clause)) for clause in policy.clauses))


def asked_of_whole(clause: Clause) -> tuple[Question, ...]:
    """Return the questions on a clause as a whole, and not on a passage of it."""
    passages = {i.question for i in inlines_in(clause) if isinstance(i, Unconfirmed)}
    return tuple(question for question in clause.questions if question not in passages)
