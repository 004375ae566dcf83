"""Edits such as lawyers make: text in other groups, sentences elsewhere, a few other words."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from publisher.compose import compose
from publisher.policy.fragments import fragments, plain
from publisher.policy.tree import Heading, List, Paragraph, Policy, Text, inlines_of
from publisher.redline.lcs import stretches
from publisher.redline.tokens import is_word, key, tokens
from publisher.redline.values import Redline, walk
from publisher.repository.source import FolderSource
from publisher.workspace import load

_SENTENCE = re.compile(r"(?<=[.!?]) +")
_RUN = 4
"""Words in a row that are the same text, if they were both struck out and written in."""

Blocks = tuple[Any, ...]


def example(root: Path) -> Policy:
    """Return the policy of the example."""
    return compose(load(FolderSource(root), ("cloudnovi",)), "cloudnovi", "en")


def sentences(paragraph: Paragraph) -> list[str]:
    """Return the sentences of a paragraph without links and the like; none of another."""
    if not (len(paragraph.children) == 1 and isinstance(paragraph.children[0], Text)):
        return []
    return _SENTENCE.split(paragraph.children[0].text)


def _paragraph(*sentences: str) -> Paragraph:
    return Paragraph((Text(" ".join(sentences)),))


class Editor:
    """Makes edits by a source of chance; each takes blocks, and returns others or None."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance

    def _some(self, blocks: Blocks, wanted: Callable[[Any], Any]) -> int | None:
        places = [at for at, block in enumerate(blocks) if wanted(block)]
        return self.chance.choice(places) if places else None

    def split(self, blocks: Blocks) -> Blocks | None:
        """Split a paragraph in two."""
        at = self._some(blocks, _several)
        if at is None:
            return None
        said = sentences(blocks[at])
        cut = self.chance.randrange(1, len(said))
        return (*blocks[:at], _paragraph(*said[:cut]), _paragraph(*said[cut:]), *blocks[at + 1 :])

    def joined(self, blocks: Blocks) -> Blocks | None:
        """Join two paragraphs."""
        both = [at for at, (one, other) in enumerate(itertools.pairwise(blocks))
                if _plain(one) and _plain(other)]  # fmt: skip
        if not both:
            return None
        at = self.chance.choice(both)
        said = (*sentences(blocks[at]), *sentences(blocks[at + 1]))
        return (*blocks[:at], _paragraph(*said), *blocks[at + 2 :])

    def headed(self, blocks: Blocks) -> Blocks | None:
        """Make the first words of a paragraph a heading."""
        at = self._some(blocks, _several)
        if at is None:
            return None
        first, *rest = sentences(blocks[at])
        heading = Heading(3, (Text(first),))
        return (*blocks[:at], heading, _paragraph(*rest), *blocks[at + 1 :])

    def listed(self, blocks: Blocks) -> Blocks | None:
        """Make the sentences of a paragraph a list."""
        at = self._some(blocks, _several)
        if at is None:
            return None
        first, *rest = sentences(blocks[at])
        style = self.chance.choice(["", "(a)"])
        items = List(tuple((_paragraph(each),) for each in rest), 1, style=style)
        return (*blocks[:at], _paragraph(first), items, *blocks[at + 1 :])

    def unlisted(self, blocks: Blocks) -> Blocks | None:
        """Make the items of a list paragraphs."""
        at = self._some(blocks, lambda block: isinstance(block, List))
        if at is None:
            return None
        inside = (block for item in blocks[at].items for block in item)
        return (*blocks[:at], *inside, *blocks[at + 1 :])

    def in_items(self, blocks: Blocks) -> Blocks | None:
        """Split an item of a list in two, or join two."""
        at = self._some(blocks, lambda block: isinstance(block, List) and len(block.items) > 1)
        if at is None:
            return None
        items = blocks[at].items
        to = self.chance.randrange(len(items) - 1)
        made = self.chance.choice([self.split, self.joined])((*items[to], *items[to + 1]))
        if made is None:
            made = (*items[to], *items[to + 1])
            new = (*items[:to], made, *items[to + 2 :])
        else:
            new = (*items[:to], *((block,) for block in made), *items[to + 2 :])
        return (*blocks[:at], replace(blocks[at], items=new), *blocks[at + 1 :])

    def nested(self, blocks: Blocks) -> Blocks | None:
        """Put items of a list in a list of their own, below the item before them."""
        at = self._some(blocks, lambda block: isinstance(block, List) and len(block.items) > 2)
        if at is None:
            return None
        items = blocks[at].items
        first = self.chance.randrange(1, len(items) - 1)
        last = self.chance.randrange(first + 1, len(items))
        below = replace(blocks[at], items=items[first:last])
        new = (*items[: first - 1], (*items[first - 1], below), *items[last:])
        return (*blocks[:at], replace(blocks[at], items=new), *blocks[at + 1 :])

    def lists(self, blocks: Blocks) -> Blocks | None:
        """Divide a list with a paragraph that was in it, or take such a one into it."""
        at = self._some(blocks, lambda block: isinstance(block, List) and len(block.items) > 2)
        if at is None:
            return None
        items = blocks[at].items
        cut = self.chance.randrange(1, len(items) - 1)
        two = (replace(blocks[at], items=part) for part in (items[:cut], items[cut + 1 :]))
        one, other = two
        return (*blocks[:at], one, *items[cut], other, *blocks[at + 1 :])

    def renumbered(self, blocks: Blocks) -> Blocks | None:
        """Take an item out of a list."""
        at = self._some(blocks, lambda block: isinstance(block, List) and len(block.items) > 1)
        if at is None:
            return None
        items = blocks[at].items
        to = self.chance.randrange(len(items))
        new = replace(blocks[at], items=(*items[:to], *items[to + 1 :]))
        return (*blocks[:at], new, *blocks[at + 1 :])

    def sentence(self, blocks: Blocks) -> Blocks | None:
        """Move a sentence, within its paragraph or to another one."""
        at = self._some(blocks, _several)
        to = self._some(blocks, _plain)
        if at is None or to is None:
            return None
        texts = {place: sentences(blocks[place]) for place in (at, to)}
        moved = texts[at].pop(self.chance.randrange(len(texts[at])))
        texts[to].insert(self.chance.randint(0, len(texts[to])), moved)
        new = list(blocks)
        for place, said in texts.items():
            new[place] = _paragraph(*said)
        return tuple(new)

    def words(self, blocks: Blocks) -> Blocks | None:
        """Write other words, or more, or fewer."""
        at = self._some(blocks, _plain)
        if at is None:
            return None
        words = blocks[at].children[0].text.split(" ")
        for _ in range(self.chance.randint(1, 4)):
            to = self.chance.randrange(max(len(words), 1))
            words[to : to + self.chance.randint(0, 3)] = self.chance.choice(
                [["other", "words"], ["henceforth"], [], ["as", "the", "law", "requires"]]
            )
        return (*blocks[:at], _paragraph(" ".join(words) or "x"), *blocks[at + 1 :])

    EDITS = (split, joined, headed, listed, unlisted, in_items, nested, lists, renumbered, sentence)

    def edited(self, policy: Policy, edit: Callable[[Editor, Blocks], Blocks | None]) -> Policy:
        """Return a policy with an edit in a clause, and in half of them other words beside it."""
        clauses = list(policy.clauses)
        order = list(range(len(clauses)))
        self.chance.shuffle(order)
        for at in order:
            made = edit(self, clauses[at].blocks)
            if made is not None and made != clauses[at].blocks:
                if self.chance.random() < 0.5:
                    made = self.words(made) or made
                clauses[at] = replace(clauses[at], blocks=made)
                break
        return replace(policy, clauses=tuple(clauses))

    def divided(self, policy: Policy) -> Policy:
        """Make two clauses of one, as where a heading in it becomes the title of a clause."""
        places = [at for at, clause in enumerate(policy.clauses)
                  if len(clause.blocks) > 2 and not clause.notes]  # fmt: skip
        at = self.chance.choice(places)
        clause = policy.clauses[at]
        heads = [to for to, block in enumerate(clause.blocks) if isinstance(block, Heading) and to]
        cut = self.chance.choice(heads or [*range(1, len(clause.blocks))])
        rest = clause.blocks[cut:]
        title = "Further rules"
        if isinstance(rest[0], Heading):
            title, rest = "".join(map(_text, fragments(rest[0].children))), rest[1:]
        second = replace(clause, id=f"{clause.id}-2", title=title, blocks=rest)
        first = replace(clause, blocks=clause.blocks[:cut])
        return replace(
            policy, clauses=(*policy.clauses[:at], first, second, *policy.clauses[at + 1 :])
        )


def _text(fragment: Any) -> str:
    return plain(fragment.leaf)


def _plain(block: Any) -> bool:
    return isinstance(block, Paragraph) and bool(sentences(block))


def _several(block: Any) -> bool:
    return _plain(block) and len(sentences(block)) > 1


def pairs(policy: Policy, number: int, seed: int = 1) -> Iterator[tuple[str, Policy, Policy]]:
    """Yield so many edits of a policy, each with its name, there and back in turn."""
    editor = Editor(Random(seed))
    ways = [*(edit.__name__ for edit in Editor.EDITS), "divided"]
    for at in range(number):
        way = ways[at % len(ways)]
        if way == "divided":
            other = editor.divided(policy)
        else:
            other = editor.edited(policy, getattr(Editor, way))
        yield (way, policy, other) if at // len(ways) % 2 == 0 else (f"{way}, back", other, policy)


@dataclass
class Figures:
    """What is marked: words, the fewest possible, words that moved, words struck and written."""

    marked: int = 0
    fewest: int = 0
    moved: int = 0
    again: int = 0

    def add(self, redline: Redline, old: Policy, new: Policy) -> Figures:
        """Count what a redline marks."""
        counts = redline.counts
        self.marked += counts.words_added + counts.words_removed
        self.moved += counts.words_moved
        self.fewest += fewest(old, new)
        self.again += again(redline)
        return self


def fewest(old: Policy, new: Policy) -> int:
    """Return how many words are marked at least, if none moves: all texts of a policy as one."""
    one, other = (_all(policy) for policy in (old, new))
    both = stretches(list(map(key, one)), list(map(key, other)))
    return sum(
        sum(map(is_word, side[slice(*span)]))
        for stretch in both if not stretch.same
        for side, span in ((one, stretch.old), (other, stretch.new))
    )  # fmt: skip


def _all(policy: Policy) -> list[str]:
    runs = [(Text(policy.title),)]
    for clause in policy.clauses:
        runs.append((Text(clause.title),))
        notes = (block for note in clause.notes for block in note.blocks)
        runs += [run for block in (*clause.blocks, *notes) for run in inlines_of(block)]
    return [token for run in runs
            for token in tokens("".join(map(_text, fragments(run))), policy.locale)[1]]  # fmt: skip


def again(redline: Redline) -> int:
    """Return how many words are in text that was struck out and written in again."""
    found: dict[str, list[list[str]]] = {"old": [], "new": []}
    for clause in redline.clauses:
        for part in walk(clause.part):
            if part.move is not None:
                continue
            for segment in part.run:
                if segment.kind == "changed" and segment.move is None:
                    found["old"].append("".join(map(_text, segment.old)).casefold().split())
                    found["new"].append("".join(map(_text, segment.new)).casefold().split())
    rows = {tuple(words[at : at + _RUN]) for words in found["old"]
            for at in range(len(words) - _RUN + 1)}  # fmt: skip
    number = 0
    for words in found["new"]:
        inside: set[int] = set()
        for at in range(len(words) - _RUN + 1):
            if tuple(words[at : at + _RUN]) in rows:
                inside.update(range(at, at + _RUN))
        number += 2 * len(inside)
    return number
