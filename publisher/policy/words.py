"""The words of a policy: the canonical form that decides whether two policies say the same.

Words are the title, clause titles, text, list and table structure and link targets, in Unicode's
NFC with white space folded. Not words: clause ids, emphasis, dates, line breaks, the marks on
unconfirmed text, the toolkit's own labels. A link to another clause counts as a link to that
clause's title, so that renaming a clause's file changes no words; the same holds for a link to a
heading. Of an ordered list, the first number and the style of the labels are words, ``(a)``, since
texts refer to them; but ``1.`` and ``1)`` are one style.

White space counts if readers see it: a space inside a link, at its edge, divides words like one
outside, and a paragraph of spaces counts as nothing. The digest that ledgers hold is older than
that rule and has its own form, `_Recorded`, which never changes. The two forms differ only for
texts with such a space or such a paragraph.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import takewhile
from operator import is_
from typing import Generic, TypeVar

from publisher.policy.kinds import ByKind
from publisher.policy.memory import remembered
from publisher.policy.tree import (
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
    Quote,
    Table,
    Text,
    Unconfirmed,
    headings_in,
    inlines_of,
    plain_text,
)

T = TypeVar("T")

_ORDINARY = 200
"""About the characters of a block."""
UNKNOWN = "[?]"
"""Stands in the words for an unconfirmed fact that has no proposed value."""
Piece = str | int | Sequence["Piece"]
Words = list[Piece]
"""A block or a link, with its kind first; or the parts of a run."""


def fold(text: str) -> str:
    """Return `text` in NFC with every run of white space as one space, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def words(policy: Policy) -> str:
    """Return the words of `policy` as one line of JSON; equal exactly if the words are."""
    return _whole(policy)


def same_words(one: Policy, other: Policy) -> bool:
    """Return whether two policies have the same `words`, looking only at what differs."""
    both = zip(one.clauses, other.clauses, strict=False)
    pairs = [(clause, then) for clause, then in both if clause is not then]
    if len(one.clauses) != len(other.clauses) or any(_titles(a) != _titles(b) for a, b in pairs):
        return words(one) == words(other)
    if fold(one.title) != fold(other.title):
        return False
    changed = [pair for pair in pairs if not _same_text(*pair)]
    known = tuple(link_titles(one).items()) if changed else ()
    return all(
        _clause_words(_Identical(clause), known, recorded=False)
        == _clause_words(_Identical(then), known, recorded=False)
        for clause, then in changed
    )


def _same_text(one: Clause, other: Clause) -> bool:
    """Return whether two clauses with the same title have the same words, and the same links.

    Others can have the same words, too, if a link leads to another clause with the same title.
    """
    if _first_note(one) != _first_note(other) or len(one.notes) != len(other.notes):
        return False
    texts = [(note.blocks, then.blocks) for note, then in zip(one.notes, other.notes, strict=True)]
    texts += _pairs(one.blocks, other.blocks)
    return all(_AS_LINKED.blocks(blocks) == _AS_LINKED.blocks(others) for blocks, others in texts)


Blocks = tuple[Block, ...]


def _pairs(one: Blocks, other: Blocks) -> Iterator[tuple[Blocks, Blocks]]:
    """Yield the blocks that decide whether two texts have the same words: all must have."""
    match _unlike(one, other):
        case (List(items) as mine,), (List(others) as theirs,) if len(items) == len(others) and (
            (mine.start, mine.style) == (theirs.start, theirs.style)
        ):
            for item, then in zip(items, others, strict=True):
                yield from _pairs(item, then)
        case texts:
            yield texts


def _unlike(one: Blocks, other: Blocks) -> tuple[Blocks, Blocks]:
    """Return two texts without the same blocks at their beginnings and ends."""
    begin = sum(1 for _ in takewhile(bool, map(is_, one, other)))
    one, other = one[begin:], other[begin:]
    end = sum(1 for _ in takewhile(bool, map(is_, reversed(one), reversed(other))))
    return one[: len(one) - end], other[: len(other) - end]


def _first_note(clause: Clause) -> int:
    return clause.notes[0].number if clause.notes else 1


def _titles(clause: Clause) -> tuple[tuple[str, str], ...]:
    """Return the words for a link to a clause, and to each heading in it."""
    return ((f"#{clause.id}", f"#{fold(clause.title)}"), *_heading_titles(_Identical(clause)))


def words_digest(policy: Policy) -> str:
    """Return the digest that ledgers and documents hold: SHA-256, 64 lower-case hex digits.

    It stays the same for ever. Policies can share it although a space at a link's edge differs:
    comparisons use `words`, or their `reading_digest`.
    """
    return _sha256(_whole(policy, recorded=True))


def reading_digest(policy: Policy) -> str:
    """Return the SHA-256 of the words; equal exactly if the words are."""
    return _sha256(words(policy))


def has_words(policy: Policy, digest: str, *, redacted: bool) -> bool:
    """Return whether a policy has the words of a version, by the known `digest`.

    It is their `reading_digest`, or, if the version's text was redacted, the one in the ledger.
    """
    return (words_digest if redacted else reading_digest)(policy) == digest


def clause_words(policy: Policy) -> Mapping[str, str]:
    """Return the words of each clause by its id."""
    return _clauses(policy)


def _whole(policy: Policy, *, recorded: bool = False) -> str:
    clauses = ",".join(_clauses(policy, recorded=recorded).values())
    return f"[{_json(fold(policy.title))},[{clauses}]]"


def _clauses(policy: Policy, *, recorded: bool = False) -> Mapping[str, str]:
    titles = tuple(link_titles(policy).items())
    return {
        clause.id: _clause_words(_Identical(clause), titles, recorded=recorded)
        for clause in policy.clauses
    }


def link_titles(policy: Policy) -> dict[str, str]:
    """Return the words for a link to each clause, and to each heading in one."""
    titles = {f"#{clause.id}": f"#{fold(clause.title)}" for clause in policy.clauses}
    for clause in policy.clauses:
        titles.update(_heading_titles(_Identical(clause)))
    return titles


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def one_by_one(policy: Policy, clause: Clause) -> tuple[str, ...]:
    """Return the words of one of the policy's clauses one by one, its title first.

    A link's target is a word after the text of the link. Structure is left out.
    """
    form = Form(link_titles(policy), _first_note(clause))
    blocks = (*clause.blocks, *(block for note in clause.notes for block in note.blocks))
    runs = (form.run(run) for block in blocks for run in inlines_of(block))
    return (*fold(clause.title).split(), *(word for run in runs for word in _words_of_run(run)))


def _words_of_run(run: Words) -> Iterator[str]:
    for piece in run:
        match piece:
            case str():
                yield from piece.split()
            case ["a", str(target), *rest]:
                yield from _words_of_run(rest)
                yield target
            case ["note", number]:
                yield f"[{number}]"


class _Identical(Generic[T]):
    """A node as a key: equal only to itself, without comparing its content."""

    __slots__ = ("node",)

    def __init__(self, node: T) -> None:
        self.node = node

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identical) and other.node is self.node

    def __hash__(self) -> int:
        return id(self.node)


@lru_cache(maxsize=1024)
def _heading_titles(key: _Identical[Clause]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (f"#{heading.anchor}", f"#{fold(plain_text(heading.children))}")
        for heading in headings_in(key.node)
        if heading.anchor
    )


@remembered(4096, lambda key, *_, **__: len(key.node.blocks) * _ORDINARY)
def _clause_words(
    key: _Identical[Clause], titles: tuple[tuple[str, str], ...], *, recorded: bool
) -> str:
    clause = key.node
    form = (_Recorded if recorded else Form)(dict(titles), _first_note(clause))
    return _json(_clause(clause, form))


def _json(value: Piece) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _clause(clause: Clause, form: Form) -> Words:
    notes = [form.blocks(note.blocks) for note in clause.notes]
    return [fold(clause.title), form.blocks(clause.blocks), *([notes] if notes else [])]


class Form(ByKind[Words]):
    """Writes a clause's blocks and inlines as nested lists.

    Notes count from 1 in each clause, so that a note in one clause changes no other clause's words.
    """

    def __init__(self, titles: Mapping[str, str], first_note: int) -> None:
        self.titles = titles
        self.first_note = first_note

    def blocks(self, blocks: Iterable[Block]) -> Words:
        """Return each of some blocks as a list; those without words are left out."""
        return [
            words
            for block in blocks
            for words in (self.block(block),)
            if words[1:] or not isinstance(block, Paragraph | Heading)
        ]

    def paragraph(self, paragraph: Paragraph) -> Words:
        """Return the words of a paragraph."""
        return ["p", *self.run(paragraph.children)]

    def heading(self, heading: Heading) -> Words:
        """Return the words of a heading; its level is one."""
        return [f"h{heading.level}", *self.run(heading.children)]

    def list(self, whole: List) -> Words:
        """Return the words of a list, among them its first number and the style of its labels."""
        styled = [whole.style] if whole.lettered else []
        name: Piece = "ul" if whole.start is None else ["ol", whole.start, *styled]
        return [name, *(self.blocks(item) for item in whole.items)]

    def quote(self, quote: Quote) -> Words:
        """Return the words of a quotation."""
        return ["quote", *self.blocks(quote.blocks)]

    def table(self, table: Table) -> Words:
        """Return the words of a table, cell by cell."""
        rows = (table.header, *table.rows)
        return ["table", *([self.run(cell) for cell in row] for row in rows)]

    def definitions(self, whole: DefinitionList) -> Words:
        """Return the words of terms and of their meanings."""
        return [
            "dl",
            *(
                [self.run(definition.term), *map(self.blocks, definition.descriptions)]
                for definition in whole.definitions
            ),
        ]

    def run(self, inlines: Iterable[Inline]) -> Words:
        """Return a run of inlines: strings, ``["a", target, …]`` and ``["note", n]``."""
        return self.folded(self.merged(inlines))

    def merged(self, inlines: Iterable[Inline]) -> Words:
        """Return the parts of a run, with strings joined, before white space is folded."""
        merged: Words = []
        for piece in self.pieces(inlines):
            if isinstance(piece, str) and merged and isinstance(merged[-1], str):
                merged[-1] += piece
            else:
                merged.append(piece)
        return merged

    def pieces(self, inlines: Iterable[Inline]) -> Iterable[Piece]:
        """Yield the parts of a run, before strings are joined and white space is folded."""
        for inline in inlines:
            match inline:
                case Text(text) | Code(text):
                    yield text
                case LineBreak():
                    yield " "
                case Emphasis(children):
                    yield from self.pieces(children)
                case Unconfirmed(children):
                    yield from self.pieces(children) if children else (UNKNOWN,)
                case Link(target, children):
                    yield from self.link(self.titles.get(target, target), self.merged(children))
                case NoteReference(number):
                    yield ["note", number - self.first_note + 1]

    def link(self, target: str, pieces: Words) -> Iterable[Piece]:
        """Yield a link with the white space at its edges moved outside, where it divides words."""
        if _spaced(pieces[:1], 0):
            yield " "
        yield ["a", target, *self.folded(pieces)]
        if _spaced(pieces[-1:], -1):
            yield " "

    def folded(self, pieces: Words) -> Words:
        """Return a run with its white space folded, none at the ends."""
        folded = _fold_run(pieces)
        return folded[:-1] if folded[-1:] == [" "] else folded


class _AsLinked(Form):
    """The form in which a link has its own target, not the title of its target."""

    def block(self, block: Block) -> Words:
        """Return the words of a block; policies share most blocks."""
        return _as_linked(_Identical(block))


_AS_LINKED = _AsLinked({}, first_note=1)


@lru_cache(maxsize=512)
def _as_linked(key: _Identical[Block]) -> Words:
    return Form({}, first_note=1).block(key.node)


class _Recorded(Form):
    """The form of the digest that ledgers hold, in which white space at a link's edges is lost."""

    def blocks(self, blocks: Iterable[Block]) -> Words:
        """Return each of some blocks as a list, paragraphs of spaces too."""
        return [self.block(block) for block in blocks]

    def link(self, target: str, pieces: Words) -> Iterable[Piece]:
        """Yield a link without the white space at its edges."""
        yield ["a", target, *self.folded(pieces)]

    def folded(self, pieces: Words) -> Words:
        """Return a run with its white space folded; some may come after a last link or note."""
        return _fold_run(pieces)


def _spaced(pieces: Words, at: int) -> bool:
    """Return whether the piece at an edge is text with white space there."""
    return any(isinstance(piece, str) and piece[at:][:1].isspace() for piece in pieces)


def _fold_run(pieces: Words) -> Words:
    """Fold white space in the strings of a run, keeping single spaces next to links and notes."""
    folded: Words = []
    for index, piece in enumerate(pieces):
        if not isinstance(piece, str):
            folded.append(piece)
            continue
        text = fold(piece)
        if index > 0 and piece[:1].isspace():
            text = f" {text}"
        if text.strip() and index < len(pieces) - 1 and piece[-1:].isspace():
            text = f"{text} "
        if text:
            folded.append(text)
    return folded
