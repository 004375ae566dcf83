"""Sentences that were struck out in one place and written in another → moves."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, count

from publisher.model.fragments import Fragment, plain
from publisher.model.redline import Move, Part, Segment, Side
from publisher.redline.align import TELLING
from publisher.redline.cut import Cut
from publisher.redline.tokens import is_word, key, tokens

_SENTENCE = re.compile(
    r"\S(?:[^.!?…。！？]|[.!?…](?![\"'”’»)\]]*(?:\s|$)))*(?:[.!?…。！？]+[\"'”’»)\]]*|$)\s*"
)
Spot = tuple[int, int]
"""A text, by its number, and a segment of it."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence in a segment, from one character of it to another."""

    spot: Spot
    first: int
    last: int


def moved_sentences(parts: Sequence[Part], locale: str) -> list[Part]:
    """Return parts in which sentences that are elsewhere now are said to have moved."""
    texts = [part for part in _texts(parts) if any(each.kind == "changed" for each in part.run)]
    gone, come = (_sentences(texts, side, locale) for side in _SIDES)
    numbers = count(-1, -1)
    moved: dict[Side, dict[Spot, list[tuple[_Sentence, int]]]] = {
        side: defaultdict(list) for side in _SIDES
    }
    for words, olds in gone.items():
        for old, new in zip(olds, come.get(words, ()), strict=False):
            number = next(numbers)
            moved["old"][old.spot].append((old, number))
            moved["new"][new.spot].append((new, number))
    if not moved["old"]:
        return list(parts)
    changed = {id(part): _divided(at, part, moved) for at, part in enumerate(texts)}
    return [_with(part, changed) for part in parts]


_SIDES: tuple[Side, Side] = ("old", "new")


def _texts(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield the running texts that have not moved as a whole."""
    for part in parts:
        if part.move is None and not part.same:
            if part.run:
                yield part
            yield from _texts(part.parts)


def _sentences(
    texts: Sequence[Part], side: Side, locale: str
) -> Mapping[tuple[str, ...], list[_Sentence]]:
    """Return the sentences that one of the policies alone has, by their words."""
    found: dict[tuple[str, ...], list[_Sentence]] = defaultdict(list)
    for at, part in enumerate(texts):
        pieces = ["".join(plain(each.leaf) for each in getattr(s, side)) for s in part.run]
        ends = list(accumulate(map(len, pieces)))
        sentences = list(_SENTENCE.finditer("".join(pieces)))
        for to, (segment, end) in enumerate(zip(part.run, ends, strict=True)):
            start = end - len(pieces[to])
            if segment.kind != "changed" or start == end:
                continue
            for sentence in sentences:
                if sentence.start() >= start and sentence.end() <= end:
                    words = tuple(map(key, tokens(sentence[0], locale)[1]))
                    if sum(map(is_word, words)) >= TELLING:
                        first, last = sentence.start() - start, sentence.end() - start
                        found[words].append(_Sentence((at, to), first, last))
    return found


def _divided(
    at: int, part: Part, moved: Mapping[Side, Mapping[Spot, list[tuple[_Sentence, int]]]]
) -> Part:
    """Return a text whose segments are divided where sentences moved."""
    run: list[Segment] = []
    for to, segment in enumerate(part.run):
        ends = {side: moved[side].get((at, to), []) for side in _SIDES}
        if not any(ends.values()):
            run.append(segment)
            continue
        olds = _cut(segment.old, ends["old"])
        news = _cut(segment.new, ends["new"])
        run += _beside(olds, news)
    return replace(part, run=tuple(run))


_Cut = tuple[tuple[Fragment, ...], int | None]


def _cut(fragments: Sequence[Fragment], ends: list[tuple[_Sentence, int]]) -> list[_Cut]:
    """Return text in stretches, each with the number of its move if it moved."""
    cut, at = Cut(fragments), 0
    found: list[_Cut] = []
    for sentence, number in sorted(ends, key=lambda each: each[0].first):
        found += [
            (cut.take(sentence.first - at), None),
            (cut.take(sentence.last - sentence.first), number),
        ]
        at = sentence.last
    found.append((cut.take(sum(len(plain(each.leaf)) for each in fragments) - at), None))
    return [each for each in found if each[0]]


def _beside(olds: list[_Cut], news: list[_Cut]) -> Iterator[Segment]:
    """Yield two texts as segments: what moved alone, what was replaced beside what replaced it."""
    olds, news = olds[::-1], news[::-1]
    while olds or news:
        if olds and olds[-1][1] is not None:
            yield Segment("changed", olds[-1][0], (), move=Move(olds.pop()[1] or 0, "from"))
        elif news and news[-1][1] is not None:
            yield Segment("changed", (), news[-1][0], move=Move(news.pop()[1] or 0, "to"))
        else:
            old, new = (each.pop()[0] if each else () for each in (olds, news))
            yield Segment("changed", old, new)


def _with(part: Part, changed: Mapping[int, Part]) -> Part:
    if id(part) in changed:
        return changed[id(part)]
    parts = tuple(_with(each, changed) for each in part.parts)
    stayed = all(one is other for one, other in zip(part.parts, parts, strict=True))
    return part if stayed else replace(part, parts=parts)
