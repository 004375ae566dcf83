"""Sentences removed in one place and added in another → moves."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, count

from publisher.policy.fragments import Fragment, characters
from publisher.redline.align import MOVED, TELLING
from publisher.redline.lcs import stretches
from publisher.redline.segments import Cut
from publisher.redline.tokens import divided, is_word
from publisher.redline.values import SIDES, Move, Part, Segment, Side, mapped

_CLOSING = "[\"'”’»)\\]]*"
_END = rf"[.!?…]{_CLOSING}(?=$|\s+(?![a-zß-öø-ÿ]))|[。！？]{_CLOSING}"
_SENTENCE = re.compile(rf"\S(?:(?!{_END}).)*?(?:.(?:{_END})|(?:{_END})|$)\s*", re.DOTALL)
_MANY = 10_000
"""The number of pairs of sentences above which only equal ones are matched."""

Spot = tuple[int, int]
"""A text, by its number, and a segment of it."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence in a segment, from a character of it on; `starts` are where its tokens start."""

    spot: Spot
    keys: tuple[str, ...]
    starts: tuple[int, ...]

    def words(self, first: int, last: int) -> int:
        """Return how many words there are from one token to another."""
        return sum(map(is_word, self.keys[first:last]))


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Characters of a segment that moved, with the number of the move."""

    first: int
    last: int
    number: int


_Moved = Mapping[Spot, list[_Stretch]]


def moved_sentences(parts: Sequence[Part], locale: str, *, swapped: bool) -> list[Part]:
    """Return parts in which sentences that are elsewhere now are marked as moved.

    Both directions match them alike. Words that changed during the move stay removed and added, so
    one move can have several stretches at either end.
    """
    texts = list(_texts(parts))
    sides: tuple[Side, Side] = ("new", "old") if swapped else ("old", "new")
    removed, added = (_sentences(texts, side, locale) for side in sides)
    moved: tuple[dict[Spot, list[_Stretch]], ...] = (defaultdict(list), defaultdict(list))
    numbers = count(-1, -1)
    for one, other in _pairs(removed, added):
        number = next(numbers)
        for stretch in stretches(one.keys, other.keys):
            if stretch.same and one.words(*stretch.old) >= TELLING:
                for sentence, span, spots in zip(
                    (one, other), (stretch.old, stretch.new), moved, strict=True
                ):
                    first, last = (sentence.starts[at] for at in span)
                    spots[sentence.spot].append(_Stretch(first, last, number))
    if not moved[0]:
        return list(parts)
    ends = dict(zip(sides, moved, strict=True))
    changed = {id(part): _divided(at, part, ends) for at, part in enumerate(texts)}
    return [mapped(part, lambda inner: changed.get(id(inner), inner)) for part in parts]


def _texts(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield the changed texts that have not moved whole, and are in no renamed row."""
    for part in parts:
        other_row = part.kind == "row" and part.status in ("added", "removed")
        if part.move is None and not part.same and not other_row:
            if any(segment.kind == "changed" for segment in part.run):
                yield part
            yield from _texts(part.parts)


def _sentences(texts: Sequence[Part], side: Side, locale: str) -> list[_Sentence]:
    """Return the sentences that one of the policies alone has."""
    sentences = []
    for at, part in enumerate(texts):
        pieces = [characters(segment.on(side)) for segment in part.run]
        if not any(map(_long, pieces, part.run)):
            continue
        whole = "".join(pieces)
        spans = [sentence.span() for sentence in _SENTENCE.finditer(whole)]
        ends = accumulate(map(len, pieces))
        for to, (segment, end) in enumerate(zip(part.run, ends, strict=True)):
            start = end - len(pieces[to])
            if segment.kind != "changed":
                continue
            inside = [span for span in spans if start <= span[0] and span[1] <= end]
            for first, last in inside or [(start, end)]:
                text = divided(whole[first:last], locale, first - start)
                sentence = _Sentence((at, to), tuple(text.keys), tuple(text.starts))
                if sentence.words(0, len(sentence.keys)) >= TELLING:
                    sentences.append(sentence)
    return sentences


def _long(text: str, segment: Segment) -> bool:
    """Return whether a segment may have a whole sentence: a quick look."""
    return segment.kind == "changed" and (text.count(" ") >= TELLING - 1 or not text.isascii())


def _pairs(
    removed: Sequence[_Sentence], added: Sequence[_Sentence]
) -> Iterator[tuple[_Sentence, _Sentence]]:
    """Yield pairs of sentences: equal ones first, then the most alike."""
    left: dict[tuple[str, ...], list[_Sentence]] = defaultdict(list)
    for sentence in added:
        left[sentence.keys].append(sentence)
    others = []
    for sentence in removed:
        if left[sentence.keys]:
            yield sentence, left[sentence.keys].pop(0)
        else:
            others.append(sentence)
    rest = [sentence for sentences in left.values() for sentence in sentences]
    if len(others) * len(rest) > _MANY:
        return
    bags = [[Counter(filter(is_word, s.keys)) for s in sentences] for sentences in (others, rest)]
    ranked = []
    for i, one in enumerate(bags[0]):
        for j, other in enumerate(bags[1]):
            share = 2 * (one & other).total() / (one.total() + other.total())
            if share >= MOVED and others[i].spot != rest[j].spot:
                ranked.append((-share, i, j))
    taken: tuple[set[int], set[int]] = (set(), set())
    for _, i, j in sorted(ranked):
        if i not in taken[0] and j not in taken[1]:
            taken[0].add(i)
            taken[1].add(j)
            yield others[i], rest[j]


# --- the segments of a text that has them ---------------------------------------------------------


def _divided(at: int, part: Part, moved: Mapping[Side, _Moved]) -> Part:
    """Return a text with its segments divided where sentences moved."""
    run: list[Segment] = []
    for to, segment in enumerate(part.run):
        old, new = (moved[side].get((at, to), ()) for side in SIDES)
        if old or new:
            run += _side_by_side(_cut(segment.old, old), _cut(segment.new, new))
        else:
            run.append(segment)
    return replace(part, run=tuple(run))


_Piece = tuple[tuple[Fragment, ...], int]


def _cut(fragments: Sequence[Fragment], moved: Iterable[_Stretch]) -> list[_Piece]:
    """Return text in pieces, each with the number of its move; 0 where it has not moved."""
    text = characters(fragments)
    cut, at = Cut(fragments), 0
    pieces: list[_Piece] = []
    for stretch in sorted(moved, key=lambda stretch: stretch.first):
        first = stretch.first if text[at : stretch.first].strip() else at
        pieces.append((cut.take(first - at), 0))
        pieces.append((cut.take(stretch.last - first), stretch.number))
        at = stretch.last
    pieces.append((cut.take(len(text) - at), 0))
    return [piece for piece in pieces if piece[0]]


def _side_by_side(olds: list[_Piece], news: list[_Piece]) -> Iterator[Segment]:
    """Yield two texts as segments: moved text alone, replaced text beside its replacement."""
    olds, news = olds[::-1], news[::-1]
    while olds or news:
        if olds and olds[-1][1]:
            old, number = olds.pop()
            yield Segment("changed", old, (), move=Move(number, "from"))
        elif news and news[-1][1]:
            new, number = news.pop()
            yield Segment("changed", (), new, move=Move(number, "to"))
        else:
            old, new = (pieces.pop()[0] if pieces else () for pieces in (olds, news))
            yield Segment("changed", old, new)
