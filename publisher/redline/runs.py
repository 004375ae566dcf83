"""Two versions of running text → segments: what stayed, what was restyled, what was replaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Literal, NamedTuple, get_args

from publisher.model.fragments import Fragment, plain
from publisher.model.redline import Marking, Segment
from publisher.redline.cut import Cut
from publisher.redline.readable import readable
from publisher.redline.sequences import Stretch, stretches
from publisher.redline.tokens import key, tokens
from publisher.redline.tree import Node, style

_PLAIN = (None,)


def segments(
    old: Node | None, new: Node | None, locale: str, *, confetti: bool = False
) -> tuple[Segment, ...]:
    """Return two versions of running text as segments; None stands for text that is not there.

    With `confetti`, each word that can stay stays, however little is left of the text around it.
    """
    if old is None or new is None:
        there = (old.fragments if old else (), new.fragments if new else ())
        return (Segment("changed", *there),) if any(there) else ()
    one, other = _Run(old, locale), _Run(new, locale)
    common = stretches(one.keys, other.keys)
    if not confetti:
        common = readable(common, one.keys, other.keys)
    found = tuple(_cut(_resolved(_spans(one, other, common)), old.fragments, new.fragments))
    if old.words != new.words and all(each.kind == "same" for each in found):
        # Word by word there is nothing to be seen: one link has become two, say.
        return (Segment("changed", old.fragments, new.fragments),)
    return found


class _Run:
    """Running text in tokens: `keys` are what they are compared by."""

    def __init__(self, node: Node, locale: str) -> None:
        first_note = node.form.first_note
        texts = [plain(each.leaf, first_note) for each in node.fragments]
        self.text = "".join(texts)
        before, self.tokens, spaces = tokens(self.text, locale)
        self.keys = list(map(key, self.tokens))
        self.starts = [len(before)]
        for token, space in zip(self.tokens, spaces, strict=True):
            self.starts.append(self.starts[-1] + len(token) + len(space))
        styles = [style(each, node.form) for each in node.fragments]
        self.styles: list[Any] = []
        if any(each != _PLAIN for each in styles):
            for each, text in zip(styles, texts, strict=True):
                self.styles += [each] * len(text)

    def start(self, at: int) -> int:
        """Return where a token starts; the one behind the last starts where the text ends."""
        return self.starts[at] if at < len(self.tokens) else len(self.text)

    def end(self, at: int) -> int:
        """Return where a token ends; token -1 ends where the text begins."""
        return 0 if at < 0 else self.starts[at] + len(self.tokens[at])

    def style(self, at: int) -> list[Any]:
        """Return how each character of a token is marked; nothing if nowhere any is."""
        return self.styles[self.starts[at] : self.end(at)]


class _Span(NamedTuple):
    """So many characters of each text, and what became of them; ``space`` is between words."""

    kind: Literal["same", "restyled", "changed", "space"]
    old: int
    new: int
    restyled: tuple[Marking, ...] = ()


def _spans(one: _Run, other: _Run, common: Iterable[Stretch]) -> Iterator[_Span]:
    """Yield what the texts consist of, from first to last."""
    before = (-1, -1)
    for stretch in common:
        if not stretch.same:
            continue
        for i, j in zip(range(*stretch.old), range(*stretch.new), strict=True):
            yield from _between(one, other, before, (i, j))
            lengths = len(one.tokens[i]), len(other.tokens[j])
            restyled = _restyled(one.style(i), other.style(j))
            yield _Span("restyled" if restyled else "same", *lengths, restyled)
            before = (i, j)
    yield from _between(one, other, before, (len(one.tokens), len(other.tokens)))


def _restyled(old: list[Any], new: list[Any]) -> tuple[Marking, ...]:
    """Return in which ways the characters of a word are marked otherwise than before."""
    if old == new:
        return ()
    old, new = old or [_PLAIN] * len(new), new or [_PLAIN] * len(old)
    return tuple(each for each in get_args(Marking) if _of(each, old) != _of(each, new))


def _of(marking: Marking, styles: list[Any]) -> list[list[Any]]:
    return [[each for each in said if each is not None and each[0] == marking] for said in styles]


def _between(
    one: _Run, other: _Run, before: tuple[int, int], behind: tuple[int, int]
) -> Iterator[_Span]:
    """Yield what is between two tokens that stayed: white space, and what was replaced."""
    was = one.text[one.end(before[0]) : one.start(behind[0])]
    now = other.text[other.end(before[1]) : other.start(behind[1])]
    at_start, at_end = before == (-1, -1), behind == (len(one.tokens), len(other.tokens))
    if not was.strip() and not now.strip():
        same = bool(was) == bool(now) or at_start or at_end
        yield _Span("space" if same else "changed", len(was), len(now))
        return
    ahead = tuple(len(gap) - len(gap.lstrip()) for gap in (was, now))
    if not (all(ahead) or at_start):
        ahead = (0, 0)
    was, now = was[ahead[0] :], now[ahead[1] :]
    behind_it = tuple(len(gap) - len(gap.rstrip()) for gap in (was, now))
    if not (all(behind_it) or at_end):
        behind_it = (0, 0)
    yield _Span("space", ahead[0], ahead[1])
    yield _Span("changed", len(was) - behind_it[0], len(now) - behind_it[1])
    yield _Span("space", behind_it[0], behind_it[1])


def _resolved(spans: Iterable[_Span]) -> Iterator[_Span]:
    """Yield the spans with each white space as what it stands between."""
    found = [span for span in spans if span.old or span.new]
    for at, span in enumerate(found):
        ahead, behind = found[max(at - 1, 0) : at], found[at + 1 : at + 2]
        ways = {each.restyled for each in (*ahead, *behind)}
        if span.kind != "space":
            yield span
        elif ahead and behind and len(ways) == 1 and () not in ways:
            yield span._replace(kind="restyled", restyled=ways.pop())
        else:
            yield span._replace(kind="same")


def _cut(
    spans: Iterable[_Span], old: Sequence[Fragment], new: Sequence[Fragment]
) -> Iterator[Segment]:
    """Yield the segments; spans of one kind beside each other are one."""
    one, other = Cut(old), Cut(new)
    for (kind, restyled), group in groupby(spans, lambda span: (span.kind, span.restyled)):
        together = list(group)
        lengths = (sum(each.old for each in together), sum(each.new for each in together))
        yield Segment(kind, one.take(lengths[0]), other.take(lengths[1]), restyled)
    rest = one.take(0), other.take(0)
    if any(rest):
        yield Segment("same", *rest)
