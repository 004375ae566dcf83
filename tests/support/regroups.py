"""Policies of sentences, and edits that put these in other groups, down to the items of lists."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import strategies as st

from publisher.policy.tree import Clause, List, Paragraph, Policy, Quote, Table, Text
from support.policies import Maker, policy

SYLLABLES = ["da", "ta", "pri", "vi", "con", "sent", "keep", "er", "ase", "tract", "law"]
Blocks = tuple[Any, ...]


class Regrouper(Maker):
    """Makes policies whose texts have several sentences, most of which are in no element."""

    def words(self) -> str:
        words = [self.word() for _ in range(self.chance.randint(2, 12))]
        return f"{' '.join(words).capitalize()}{self.one_of('..;!')} "

    def word(self) -> str:
        return "".join(self.chance.choices(SYLLABLES, k=2))

    def inline(self, depth: int) -> Any:
        return super().inline(depth) if self.chance.randint(0, 4) == 0 else Text(self.words())

    def clause(self, id: str) -> Clause:
        made = super().clause(id)
        paragraph = Paragraph((*self.run(), Text(self.words())))
        title = f"{self.word()} {self.word()}"
        return replace(made, title=title, blocks=(paragraph, *made.blocks, Paragraph(self.run())))

    def edited(self, old: Policy) -> Policy:
        clauses = old.clauses
        for _ in range(self.chance.randint(1, 3)):
            clauses = self.one_of([self.regrouped, self.regrouped, self.divided])(clauses)
        made = policy(tuple({clause.id: clause for clause in clauses}.values()), old.title)
        return super().edited(made) if self.chance.randint(0, 2) == 0 else made

    def grouped(self, blocks: Blocks) -> Blocks:
        """Return blocks with one in other groups, or what is in it."""
        if not blocks or self.one_of([True, False]):
            return super().grouped(blocks)
        at = self.chance.randrange(len(blocks))
        ahead, block, behind = blocks[:at], blocks[at], blocks[at + 1 :]
        match block:
            case List(items) if items:
                return (*ahead, replace(block, items=self.items(items)), *behind)
            case Quote(inside):
                return (*ahead, *self.one_of([inside, (Quote(self.grouped(inside)),)]), *behind)
            case Paragraph((Text() as sentence, *rest)):
                return (*ahead, Paragraph(tuple(rest)), *self.with_sentence(behind, sentence))
        return super().grouped(blocks)

    def items(self, items: Blocks) -> Blocks:
        """Return items of a list, of which one was split or joined, or has other groups in it."""
        at = self.chance.randrange(len(items))
        ahead, item, behind = items[:at], items[at], items[at + 1 :]
        if behind and self.one_of([True, False]):
            return (*ahead, (*item, *behind[0]), *behind[1:])
        inside = self.grouped(item)
        return (*ahead, *self.one_of([(inside,), tuple((block,) for block in inside)]), *behind)

    def with_sentence(self, blocks: Blocks, sentence: Text) -> Blocks:
        """Return blocks of which a paragraph or cell has one more sentence, perhaps reworded."""
        text = sentence.text.replace(" ", f" {self.word()} ", self.one_of([0, 1]))
        for at, block in enumerate(blocks):
            match block:
                case Paragraph(children):
                    more: Any = Paragraph((*children, Text(text)))
                case Table(_, ((cell, *cells), *rows)):
                    more = replace(block, rows=(((*cell, Text(text)), *cells), *rows))
                case _:
                    continue
            return (*blocks[:at], more, *blocks[at + 1 :])
        return blocks


def regrouped(chance: Random) -> tuple[Policy, Policy]:
    """Return two policies, of which either came from the other by such edits."""
    maker = Regrouper(chance)
    old = maker.policy()
    both = (old, maker.edited(old))
    return both if maker.one_of([True, False]) else both[::-1]


def regroups() -> Any:
    """Return a strategy for two policies that have text in other groups."""
    return st.randoms(use_true_random=False).map(regrouped)
