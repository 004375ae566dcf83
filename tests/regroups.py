"""Edits that put text in other groups: split, joined, made a heading or a list, wrapped in one."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import strategies as st
from policies import Maker, policy

from publisher.model.policy import Clause, Heading, List, Paragraph, Policy, Quote, Table, Text

SYLLABLES = ["da", "ta", "pri", "vi", "con", "sent", "keep", "er", "ase", "con", "tract", "law"]
BLOCKS = (Paragraph, Heading, List, Quote)
Blocks = tuple[Any, ...]


class Regrouper(Maker):
    """Makes policies of sentences, and edits most of which regroup them."""

    def words(self) -> str:
        return " ".join(self.sentence() for _ in range(self.chance.randint(1, 3)))

    def sentence(self) -> str:
        said = " ".join(self.word() for _ in range(self.chance.randint(2, 12)))
        return f"{said.capitalize()}{self.one_of(['.', '.', ';', '!'])}"

    def word(self) -> str:
        return "".join(self.chance.choices(SYLLABLES, k=2))

    def clause(self, id: str) -> Clause:
        made = super().clause(id)
        paragraph = Paragraph((Text(self.words()),))
        return replace(made, title=f"{self.word()} {self.word()}",
                       blocks=(paragraph, *made.blocks, paragraph))  # fmt: skip

    def inline(self, depth: int) -> Any:
        return super().inline(depth) if self.chance.randint(0, 4) == 0 else Text(self.words())

    def edited(self, old: Policy) -> Policy:
        clauses = old.clauses
        for _ in range(self.chance.randint(1, 3)):
            clauses = self.inside(clauses)
        made = policy(tuple({clause.id: clause for clause in clauses}.values()), old.title)
        return super().edited(made) if self.chance.randint(0, 2) == 0 else made

    def inside(self, children: Blocks) -> Blocks:
        """Return nodes beside each other, some of which, or what is in one, are regrouped."""
        if not children:
            return children
        first = self.chance.randrange(len(children))
        last = self.chance.randint(first + 1, min(len(children), first + 3))
        some = children[first:last]
        made: Blocks = ()
        if isinstance(some[0], Clause):
            one = replace(some[0], blocks=self.inside(some[0].blocks))
            made = self.clauses(some) if self.chance.randint(0, 4) == 0 else (one, *some[1:])
        elif isinstance(some[0], tuple):
            made = self.items(some) or (self.inside(some[0]), *some[1:])
        elif isinstance(some[0], List) and self.one_of([0, 1]):
            made = (replace(some[0], items=self.inside(some[0].items)), *some[1:])
        elif isinstance(some[0], Quote) and self.one_of([0, 1]):
            made = (Quote(self.inside(some[0].blocks)), *some[1:])
        elif all(isinstance(child, BLOCKS) for child in some):
            made = self.regrouped(some)
        elif isinstance(some[0], Paragraph):
            made = self.sentence_moved(some)
        return (*children[:first], *(made or some), *children[last:])

    def regrouped(self, blocks: Blocks) -> Blocks:
        """Return blocks beside each other in other groups; none where there is nothing to do."""
        one = blocks[0]
        texts = [block for block in blocks if isinstance(block, Paragraph | Heading)]
        match self.chance.randint(0, 8):
            case 0 | 1 if texts:
                return self.split(blocks)
            case 2 | 3 if len(texts) == len(blocks) > 1:
                space = (Text(self.one_of(["", " "])),)
                inlines = [inline for text in texts for inline in (*space, *text.children)]
                return (replace(one, children=tuple(inlines[1:])),)
            case 4 if isinstance(one, Paragraph):
                return (Heading(3, one.children), *blocks[1:])
            case 4 if isinstance(one, Heading):
                return (self.one_of([Paragraph(one.children), replace(one, level=4)]), *blocks[1:])
            case 5:
                return (self.listed(blocks),)
            case 6:
                return (Quote(blocks),) if self.one_of([0, 1]) else self.listed_apart(blocks)
            case 7:
                return self.sentence_moved(blocks)
            case _:
                return self.opened(blocks)

    def split(self, blocks: Blocks) -> Blocks:
        """Return blocks in which texts are in pieces, at the end of a sentence or elsewhere."""
        found: list[Any] = []
        for block in blocks:
            inlines = block.children if isinstance(block, Paragraph | Heading) else ()
            texts = [at for at, inline in enumerate(inlines) if isinstance(inline, Text)]
            if not texts:
                found.append(block)
                continue
            at = self.one_of(texts)
            words = inlines[at].text.split(" ")
            ends = [i for i, word in enumerate(words, 1) if word.endswith((".", ";", "!"))]
            cut = self.one_of([*ends, *ends, self.chance.randint(0, len(words))])
            ahead, behind = Text(" ".join(words[:cut])), Text(" ".join(words[cut:]))
            second = self.one_of([Paragraph, Paragraph, lambda each: Heading(3, each)])
            found += [replace(block, children=(*inlines[:at], ahead)),
                      second((behind, *inlines[at + 1 :]))]  # fmt: skip
        return tuple(found)

    def sentence_moved(self, blocks: Blocks) -> Blocks:
        """Return blocks of which the first has given a sentence to the last, or to a cell of it."""
        *ahead, last = blocks
        match ahead, last:
            case [Paragraph((Text(text), *inlines)), *between], Paragraph(children):
                one, rest = self.sentence_of(text)
                moved: Any = Paragraph((*children, Text(f" {one}")))
            case [Paragraph((Text(text), *inlines)), *between], Table(_, ((cell, *cells), *rows)):
                one, rest = self.sentence_of(text)
                moved = replace(last, rows=(((*cell, Text(one)), *cells), *rows))
            case _:
                return ()
        return (Paragraph((Text(rest), *inlines)), *between, moved)

    def sentence_of(self, text: str) -> tuple[str, str]:
        """Return a sentence of a text, perhaps with other words, and the rest of the text."""
        sentences = re.split("(?<=[.;!]) ", text)
        one = sentences.pop(self.chance.randrange(len(sentences)))
        one = self.one_of([one, one.replace(" ", f" {self.word()} ", 1)])
        return one, " ".join(sentences)

    def listed(self, blocks: Blocks) -> List:
        style = self.one_of(["", "(a)"])
        return List(tuple((block,) for block in blocks), 1 if style else None, style=style)

    def listed_apart(self, blocks: Blocks) -> Blocks:
        """Return blocks of which the first is followed by its other pieces in a list."""
        ahead, *behind = self.split(blocks)
        return (ahead, self.listed(tuple(behind))) if behind else ()

    def opened(self, blocks: Blocks) -> Blocks:
        """Return blocks without lists and quotes around them, or in one list or in two."""
        match blocks:
            case (List(), List()):
                return (replace(blocks[0], items=blocks[0].items + blocks[1].items),)
            case (List(), between, List()):
                items = (*blocks[0].items, (between,), *blocks[2].items)
                return (replace(blocks[0], items=items),)
            case (List(items), *rest) if len(items) > 1 and self.one_of([0, 1]):
                cut = self.chance.randint(1, len(items) - 1)
                ahead, behind = (
                    replace(blocks[0], items=part) for part in (items[:cut], items[cut:])
                )
                between = self.one_of([(), (), (self.block(2),)])
                return (ahead, *between, behind, *rest)
            case (List(items), *rest):
                return (*(block for item in items for block in item), *rest)
            case (Quote(inside), *rest):
                return (*inside, *rest)
        return ()

    def items(self, items: Blocks) -> Blocks:
        """Return items of a list, split, joined, or a step further in."""
        inside = tuple(block for item in items for block in item)
        match self.chance.randint(0, 2):
            case 0 if len(items) > 1:
                return (inside,)
            case 1 if len(items) > 1:
                return ((*items[0], List(items[1:], None)),)
            case _ if all(isinstance(block, BLOCKS) for block in inside):
                return tuple((block,) for block in self.split(inside))
        return ()

    def clauses(self, clauses: Blocks) -> Blocks:
        """Return clauses, divided at a heading, or joined below one."""
        one = clauses[0]
        if len(clauses) > 1:
            heading = Heading(3, (Text(clauses[1].title),))
            blocks = (*one.blocks, heading, *clauses[1].blocks)
            return (replace(one, blocks=blocks, notes=one.notes + clauses[1].notes), *clauses[2:])
        cut = self.chance.randint(0, len(one.blocks))
        title = f"{self.word()} {self.word()}"
        second = replace(one, id=f"{one.id}y", title=title, blocks=one.blocks[cut:], notes=())
        return (replace(one, blocks=one.blocks[:cut]), second)


def regrouped(chance: Random) -> tuple[Policy, Policy]:
    """Return two policies, of which either came from the other by such edits."""
    maker = Regrouper(chance)
    old = maker.policy()
    both = (old, maker.edited(old))
    return both if maker.one_of([0, 1]) else both[::-1]


def regroups() -> Any:
    """Return a strategy for two policies that have text in other groups."""
    return st.randoms(use_true_random=False).map(regrouped)
