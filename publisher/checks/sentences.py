"""A policy's text, sentence by sentence, each with the place where it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from publisher.policy.tree import (
    Block,
    Clause,
    DefinitionList,
    Heading,
    Inline,
    List,
    Paragraph,
    Policy,
    Quote,
    Table,
    Unconfirmed,
    asked_of_whole,
    plain_text,
    walk,
)

_PLAIN = str.maketrans("\u2019\u2018\u201c\u201d\u201e\u00ab\u00bb\u00a0\u202f", '\'\'"""""  ')
"""Typographic signs as on keyboards, which patterns use. Positions stay the same."""
_SHORT = "".join(
    rf"(?<!\b{short})"
    for short in (r"e\.g", r"i\.e", r"S\.A", r"N\.V", "Art", "No", "bzw", r"z\.B", "incl", r"p\.ex")
)
_END = re.compile(rf"(?:{_SHORT}\.|[!?])[\"')]*\s+(?=[\"'(]*[A-ZÀ-ÖØ-Þ])")
_QUOTED = re.compile(r"\"[^\"]*\"")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a clause; `parts` are what is between its semicolons.

    `context` is the line above the list that it is an item of. `asked`: something in it, or its
    whole clause, is unconfirmed. It begins at `at` in the run of text with a number.
    """

    text: str
    clause: Clause
    context: str
    asked: bool
    at: int
    run: int

    @property
    def parts(self) -> Iterator[tuple[int, str]]:
        """The parts between semicolons, each with its place in the sentence."""
        at = 0
        for part in self.text.split(";"):
            yield at, part
            at += len(part) + 1

    def place(self, at: int = 0) -> tuple[str, int]:
        """Return where the character `at` of the sentence was written."""
        place = self.clause.place(self.run, self.at + at)
        return place.path, place.line

    def without_quotations(self) -> str:
        """Return the text with its quotations blanked out: a quotation is not a claim."""
        return _QUOTED.sub(lambda quoted: " " * len(quoted[0]), self.text)


def sentences(policy: Policy) -> tuple[Sentence, ...]:
    """Return all sentences of a policy, in reading order."""
    return tuple(sentence for clause in policy.clauses for sentence in _of_clause(clause))


def _of_clause(clause: Clause) -> Iterator[Sentence]:
    asked = bool(asked_of_whole(clause))
    blocks = (*clause.blocks, *(block for note in clause.notes for block in note.blocks))
    for index, (run, context) in enumerate(_runs(blocks, "")):
        text = plain_text(run).translate(_PLAIN)
        unsure = asked or any(isinstance(inline, Unconfirmed) for inline in walk(run))
        for at, sentence in split(text):
            yield Sentence(sentence, clause, context.translate(_PLAIN), unsure, at, index)


def split(text: str) -> Iterator[tuple[int, str]]:
    """Yield the sentences of a run of text, each with the place where it begins."""
    begin = 0
    for end in [*(match.end() for match in _END.finditer(text)), len(text)]:
        sentence = text[begin:end].strip()
        if sentence:
            yield begin + text[begin:end].index(sentence[0]), sentence
        begin = end


def _runs(blocks: tuple[Block, ...], context: str) -> Iterator[tuple[tuple[Inline, ...], str]]:
    """Yield every run of text in reading order, each with the line above its list."""
    above = context
    for block in blocks:
        match block:
            case Paragraph(children) | Heading(_, children):
                yield children, context
                above = plain_text(children)
            case List(items):
                for item in items:
                    yield from _runs(item, above)
            case Quote(inside):
                yield from _runs(inside, context)
            case Table(header, rows):
                yield from ((cell, context) for row in (header, *rows) for cell in row)
            case DefinitionList(definitions):
                for definition in definitions:
                    yield definition.term, context
                    for description in definition.descriptions:
                        yield from _runs(description, plain_text(definition.term))
