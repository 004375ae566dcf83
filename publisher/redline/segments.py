"""Two versions of running text → segments: unchanged, restyled or replaced.

`Cut` cuts fragments into stretches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, get_args

from publisher.policy.fragments import Fragment, plain
from publisher.policy.tree import Code, Text
from publisher.redline.lcs import Stretch, stretches
from publisher.redline.nodes import Node, Style, style
from publisher.redline.tokens import divided, is_word, signs
from publisher.redline.values import Marking, Segment


class Cut:
    """Cuts fragments, from first to last, into stretches of so many characters."""

    def __init__(self, fragments: Sequence[Fragment]) -> None:
        self.fragments = fragments
        self.at = 0
        self.used = 0

    def take(self, length: int) -> tuple[Fragment, ...]:
        """Return the next `length` characters, and fragments without characters after them."""
        taken: list[Fragment] = []
        while self.at < len(self.fragments):
            first = self.fragments[self.at]
            text = plain(first.leaf)
            left = len(text) - self.used
            if left > length:
                if length:
                    taken.append(_part(first, text[self.used : self.used + length]))
                    self.used += length
                break
            taken.append(_part(first, text[self.used :]) if self.used else first)
            length -= left
            self.at, self.used = self.at + 1, 0
        return tuple(taken)


def _part(fragment: Fragment, text: str) -> Fragment:
    leaf = Code(text) if isinstance(fragment.leaf, Code) else Text(text)
    return Fragment(leaf, fragment.marks, fragment.path)


_PLAIN: Style = (None,)
_PLACE = re.compile(r"[a-z] (?=[a-z])")
_MARGIN = 16
"""Equal characters that are compared token by token on both sides of a difference."""


def segments(
    old: Node | None, new: Node | None, locale: str, *, confetti: bool = False
) -> tuple[Segment, ...]:
    """Return two versions of running text as segments; None stands for no text.

    With `confetti`, every word that can be kept is kept, even if little is left around it.
    """
    if old is None or new is None:
        there = (old.fragments if old else (), new.fragments if new else ())
        return (Segment("changed", *there),) if any(there) else ()
    one, other = _Run(old), _Run(new)
    ahead, behind = _alike(one, other)
    for run in (one, other):
        run.divide(ahead, behind, locale)
    common = stretches(one.keys, other.keys)
    if not confetti:
        common = _readable(common, one.keys, other.keys)
    spans = _Spans(plain=not (one.styles or other.styles))
    spans.add("same", ahead, ahead)
    _stretches(one, other, common, spans)
    spans.add("same", behind, behind)
    parts = tuple(_cut(spans.resolved(), old.fragments, new.fragments))
    if all(segment.kind == "same" for segment in parts) and old.text_words != new.text_words:
        # Word by word nothing differs: for example, one link became two.
        return (Segment("restyled", old.fragments, new.fragments, ("link",)),)
    return parts


class _Run:
    """Running text, with the style of each character if any is marked, and a part in tokens.

    Tokens are compared by their `keys` and begin at `starts`; the part is from `first` to `last`.
    """

    def __init__(self, node: Node) -> None:
        self.text = node.text
        self.styles: list[Style] = []
        if not node.unmarked:
            for fragment in node.fragments:
                self.styles += [style(fragment, node.form)] * len(plain(fragment.leaf))

    def divide(self, ahead: int, behind: int, locale: str) -> None:
        """Divide the text into tokens, without the characters `ahead` and `behind`."""
        self.first, self.last = ahead, len(self.text) - behind
        text = self.text[self.first : self.last]
        self.tokens, self.keys, self.starts = divided(text, locale, self.first)

    def start(self, at: int) -> int:
        """Return where a token starts; the one after the last starts where the part ends."""
        return self.starts[at] if at < len(self.tokens) else self.last

    def end(self, at: int) -> int:
        """Return where a token ends; token -1 ends where the part begins."""
        return self.first if at < 0 else self.starts[at] + len(self.tokens[at])

    def style(self, at: int) -> list[Style]:
        """Return the style of each character of a token; empty if no text is marked."""
        return self.styles[self.starts[at] : self.end(at)]


def _alike(one: _Run, other: _Run) -> tuple[int, int]:
    """Return how many characters at either end are equal and need no tokens.

    They end between two words, some way from the first difference.
    """
    if one.styles or other.styles:
        return 0, 0
    from rapidfuzz.distance import Postfix, Prefix

    same = Prefix.similarity(one.text, other.text)
    ahead = _between_words(one.text, max(same - _MARGIN, 0))
    same = min(
        Postfix.similarity(one.text, other.text), min(len(one.text), len(other.text)) - ahead
    )
    behind = _between_words(one.text[::-1], max(same - _MARGIN, 0))
    return ahead, behind


def _between_words(text: str, at: int) -> int:
    """Return the last place up to `at` between two plain words, which no token holds together."""
    ends = [place.end() for place in _PLACE.finditer(text, max(at - 100, 0), at)]
    return ends[-1] if ends else 0


_SpanKind = Literal["same", "restyled", "changed", "space"]


class _Span(NamedTuple):
    """A number of characters of each text, and how they changed; ``space`` is between words."""

    kind: _SpanKind
    old: int
    new: int
    restyled: tuple[Marking, ...] = ()


class _Spans:
    """The spans of two texts, in order; in unmarked text, space counts as words."""

    def __init__(self, *, plain: bool) -> None:
        self.plain = plain
        self.spans: list[_Span] = []

    def add(self, kind: _SpanKind, old: int, new: int, restyled: tuple[Marking, ...] = ()) -> None:
        """Add characters; they extend the last span if they are of its kind."""
        if not (old or new):
            return
        if self.plain and kind == "space":
            kind = "same"
        last = self.spans[-1] if self.spans else None
        if last is not None and last.kind == kind and last.restyled == restyled:
            self.spans[-1] = _Span(kind, last.old + old, last.new + new, restyled)
        else:
            self.spans.append(_Span(kind, old, new, restyled))

    def resolved(self) -> list[_Span]:
        """Return the spans, with white space as part of its neighbours."""
        if self.plain:
            return self.spans
        spans = _Spans(plain=True)
        for at, span in enumerate(self.spans):
            around = self.spans[max(at - 1, 0) : at + 2 : 2]
            ways = {neighbour.restyled for neighbour in around}
            if span.kind == "space" and at and len(around) == 2 and len(ways) == 1:
                way = ways.pop()
                spans.add("restyled" if way else "same", span.old, span.new, way)
            else:
                spans.add(*span)
        return spans.spans


def _stretches(one: _Run, other: _Run, common: Iterable[Stretch], spans: _Spans) -> None:
    """Add what two texts consist of."""
    before = (-1, -1)
    for stretch in common:
        if stretch.same:
            _between(one, other, (before, (stretch.old[0], stretch.new[0])), spans)
            _stayed(one, other, stretch, spans)
            before = (stretch.old[1] - 1, stretch.new[1] - 1)
    _between(one, other, (before, (len(one.tokens), len(other.tokens))), spans)


def _stayed(one: _Run, other: _Run, stretch: Stretch, spans: _Spans) -> None:
    """Add a stretch that stayed: in one, or token by token where anything but words differs."""
    was = slice(one.start(stretch.old[0]), one.end(stretch.old[1] - 1))
    now = slice(other.start(stretch.new[0]), other.end(stretch.new[1] - 1))
    if one.text[was] == other.text[now] and one.styles[was] == other.styles[now]:
        spans.add("same", was.stop - was.start, now.stop - now.start)
        return
    before = None
    for i, j in zip(range(*stretch.old), range(*stretch.new), strict=True):
        if before is not None:
            _between(one, other, (before, (i, j)), spans)
        restyled = _restyled(one.style(i), other.style(j))
        for differ, was_read, now_read in signs(one.tokens[i], other.tokens[j]):
            kind: _SpanKind = "changed" if differ else "restyled" if restyled else "same"
            ways = () if differ else restyled
            spans.add(kind, len(was_read), len(now_read), ways)
        before = (i, j)


def _restyled(old: list[Style], new: list[Style]) -> tuple[Marking, ...]:
    """Return how the marks of a word's characters changed."""
    if old == new:
        return ()
    old, new = old or [_PLAIN] * len(new), new or [_PLAIN] * len(old)
    return tuple(marking for marking in get_args(Marking) if _of(marking, old) != _of(marking, new))


def _of(marking: Marking, styles: list[Style]) -> list[list[tuple[str, str | bool]]]:
    return [[mark for mark in marks if mark is not None and mark[0] == marking] for marks in styles]


def _between(
    one: _Run, other: _Run, ends: tuple[tuple[int, int], tuple[int, int]], spans: _Spans
) -> None:
    """Add what is between two tokens that stayed: white space, and what was replaced."""
    before, behind = ends
    was = one.text[one.end(before[0]) : one.start(behind[0])]
    now = other.text[other.end(before[1]) : other.start(behind[1])]
    if was == now and (not was or was.isspace()):
        spans.add("space", len(was), len(now))
        return
    at_start = before == (-1, -1) and not one.first
    at_end = behind == (len(one.tokens), len(other.tokens)) and one.last == len(one.text)
    if not was.strip() and not now.strip():
        same = bool(was) == bool(now) or at_start or at_end
        spans.add("space" if same else "changed", len(was), len(now))
        return
    ahead = len(was) - len(was.lstrip()), len(now) - len(now.lstrip())
    if not (all(ahead) or at_start):
        ahead = (0, 0)
    was, now = was[ahead[0] :], now[ahead[1] :]
    past = len(was) - len(was.rstrip()), len(now) - len(now.rstrip())
    if not (all(past) or at_end):
        past = (0, 0)
    spans.add("space", *ahead)
    spans.add("changed", len(was) - past[0], len(now) - past[1])
    spans.add("space", *past)


def _cut(
    spans: Iterable[_Span], old: Sequence[Fragment], new: Sequence[Fragment]
) -> Iterator[Segment]:
    """Yield the segments that the spans are."""
    one, other = Cut(old), Cut(new)
    for kind, was, now, restyled in spans:
        before, after = one.take(was), other.take(now)
        yield Segment(kind, before, after, restyled)  # type: ignore[arg-type]
    rest = one.take(0), other.take(0)
    if any(rest):
        yield Segment("same", *rest)


# --- a shortest list of edits → one that reads as a lawyer would have made it ---------------------

_CONFETTI = 2
"""The most unchanged words that are replaced to make one change of several."""

_LONG = 12
"""The number of tokens in which words are counted: longer stretches have enough of them."""
_SENTENCE = frozenset(".!?…。！？")
_PAUSE = frozenset(",;:–—、，；：")


def _readable(common: Sequence[Stretch], old: Sequence[str], new: Sequence[str]) -> list[Stretch]:
    """Return stretches with runs of tiny edits as one change, each where a reader expects it."""
    merged = _dissolved(common, old, new)
    for at in range(len(merged)):
        _shift(merged, at, old, new)
    return [stretch for stretch in merged if stretch.size]


def _dissolved(common: Sequence[Stretch], old: Sequence[str], new: Sequence[str]) -> list[Stretch]:
    """Dissolve short unchanged stretches between changes, one after the other."""
    if sum(not stretch.same for stretch in common) < 2:
        return list(common)
    sizes = [_size(stretch, old, new) for stretch in common]
    run = _runs(common, sizes)
    merged: list[Stretch] = []
    weights: list[int] = []
    for at, stretch in enumerate(common):
        merged.append(stretch)
        weights.append(sizes[at])
        while len(merged) >= 3 and not stretch.same and (run[at - 1] or _tiny(weights[-3:])):
            ahead, behind = merged[-3], merged[-1]
            weights[-3:] = [weights[-3] + weights[-1]]
            merged[-3:] = [
                Stretch(False, (ahead.old[0], behind.old[1]), (ahead.new[0], behind.new[1]))
            ]
            run[at - 1] = False
    return merged


def _tiny(three: Sequence[int]) -> bool:
    """Return whether an unchanged stretch is short compared with its neighbours, in words."""
    ahead, stayed, behind = three
    return stayed == 0 or (stayed <= min(_CONFETTI, ahead, behind) and 4 * stayed < ahead + behind)


def _runs(common: Sequence[Stretch], sizes: Sequence[int]) -> list[bool]:
    """Return for each stretch whether it stayed within three changes or more, a word apart."""
    inside = [False] * len(common)
    single = [
        stretch.same and 0 < at < len(common) - 1 and sizes[at] <= 1
        for at, stretch in enumerate(common)
    ]
    for at in range(len(common)):
        if single[at] and (single[at - 2 : at - 1] == [True] or single[at + 2 : at + 3] == [True]):
            inside[at] = True
    return inside


def _size(stretch: Stretch, old: Sequence[str], new: Sequence[str]) -> int:
    """Return how many words a stretch has, in the text with more of them."""
    return max(_words(old, stretch.old), _words(new, stretch.new))


def _shift(merged: list[Stretch], at: int, old: Sequence[str], new: Sequence[str]) -> None:
    """Move text that was only added, or only removed, to the edges of sentences if possible.

    In "a b a b" either "a b" may be the added one; a reader expects a whole sentence.
    """
    edit = merged[at]
    side = "old" if edit.new[0] == edit.new[1] else "new"
    if edit.same or (side == "new" and edit.old[0] != edit.old[1]):
        return
    text, (first, last) = (old if side == "old" else new), getattr(edit, side)
    room = [_room(merged, at - 1, at - 2), _room(merged, at + 1, at + 2)]
    back = forth = 0
    while back < room[0] and text[first - back - 1] == text[last - back - 1]:
        back += 1
    while forth < room[1] and text[first + forth] == text[last + forth]:
        forth += 1
    scores = {
        by: _edge(text, first + by) + _edge(text, last + by) for by in range(-back, forth + 1)
    }
    by = max(scores, key=lambda by: (scores[by], -abs(by)))
    if by:
        merged[at] = Stretch(False, _by(edit.old, by, by), _by(edit.new, by, by))
        for near, ends in ((at - 1, (0, by)), (at + 1, (by, 0))):
            if 0 <= near < len(merged):
                neighbour = merged[near]
                merged[near] = Stretch(True, _by(neighbour.old, *ends), _by(neighbour.new, *ends))


def _room(merged: Sequence[Stretch], near: int, beyond: int) -> int:
    """Return how far an edit may move into the neighbouring stretch and stay apart from others."""
    if not 0 <= near < len(merged):
        return 0
    first, last = merged[near].old
    return last - first - (1 if 0 <= beyond < len(merged) else 0)


def _edge(text: Sequence[str], at: int) -> int:
    """Return how well a change can begin, or end, before a token."""
    if at in (0, len(text)) or text[at - 1] in _SENTENCE:
        return 3
    return 2 if text[at - 1] in _PAUSE else 1


def _by(span: tuple[int, int], first: int, last: int) -> tuple[int, int]:
    return span[0] + first, span[1] + last


def _words(tokens: Sequence[str], span: tuple[int, int]) -> int:
    """Return how many words there are in a span, or in its beginning if it is long."""
    return sum(map(is_word, tokens[span[0] : min(span[1], span[0] + _LONG)]))
