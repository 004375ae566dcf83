"""A shortest list of edits → one that reads as a lawyer would have made it."""

from __future__ import annotations

from collections.abc import Sequence

from publisher.redline.lcs import Stretch
from publisher.redline.tokens import is_word

CONFETTI = 2
"""How many words, at most, are struck out and written in again to make one change of several."""

_LONG = 12
"""Tokens, of which enough are words to make a stretch no confetti."""
_SENTENCE = frozenset(".!?…。！？")
_PAUSE = frozenset(",;:–—、，；：")


def readable(found: Sequence[Stretch], old: Sequence[str], new: Sequence[str]) -> list[Stretch]:
    """Return stretches with runs of tiny edits as one change, each where a reader looks for it."""
    merged = _merged(found, old, new)
    for at in range(len(merged)):
        _shift(merged, at, old, new)
    return [each for each in merged if each.old[0] < each.old[1] or each.new[0] < each.new[1]]


def _merged(found: Sequence[Stretch], old: Sequence[str], new: Sequence[str]) -> list[Stretch]:
    """Dissolve what little stayed between changes, one after the other."""
    if sum(not each.same for each in found) < 2:
        return list(found)
    sizes = [_size(each, old, new) for each in found]
    run = _runs(found, sizes)
    merged: list[Stretch] = []
    weights: list[int] = []
    for at, each in enumerate(found):
        merged.append(each)
        weights.append(sizes[at])
        while len(merged) >= 3 and not each.same and (run[at - 1] or _tiny(weights[-3:])):
            ahead, behind = merged[-3], merged[-1]
            weights[-3:] = [weights[-3] + weights[-1]]
            merged[-3:] = [
                Stretch(False, (ahead.old[0], behind.old[1]), (ahead.new[0], behind.new[1]))
            ]
            run[at - 1] = False
    return merged


def _tiny(three: Sequence[int]) -> bool:
    """Return whether what stayed is little beside the changes around it, all in words."""
    ahead, stayed, behind = three
    return stayed == 0 or (stayed <= min(CONFETTI, ahead, behind) and 4 * stayed < ahead + behind)


def _runs(found: Sequence[Stretch], sizes: Sequence[int]) -> list[bool]:
    """Return what stayed within a run of three changes or more, a word apart."""
    inside = [False] * len(found)
    single = [
        each.same and 0 < at < len(found) - 1 and sizes[at] <= 1 for at, each in enumerate(found)
    ]
    for at in range(len(found)):
        if single[at] and (single[at - 2 : at - 1] == [True] or single[at + 2 : at + 3] == [True]):
            inside[at] = True
    return inside


def _size(stretch: Stretch, old: Sequence[str], new: Sequence[str]) -> int:
    """Return how many words a stretch has, of whichever text has more."""
    return max(_words(old, stretch.old), _words(new, stretch.new))


def _shift(merged: list[Stretch], at: int, old: Sequence[str], new: Sequence[str]) -> None:
    """Move what was only added, or only removed, to where sentences begin and end, if it can be.

    In "a b a b" nobody can tell which "a b" was added; a reader expects a whole sentence.
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
    by = max(scores, key=lambda each: (scores[each], -abs(each)))
    if by:
        merged[at] = Stretch(False, _by(edit.old, by, by), _by(edit.new, by, by))
        for near, ends in ((at - 1, (0, by)), (at + 1, (by, 0))):
            if 0 <= near < len(merged):
                beside = merged[near]
                merged[near] = Stretch(True, _by(beside.old, *ends), _by(beside.new, *ends))


def _room(merged: Sequence[Stretch], near: int, beyond: int) -> int:
    """Return how far an edit may move into the stretch beside it, which divides it from others."""
    if not 0 <= near < len(merged):
        return 0
    first, last = merged[near].old
    return last - first - (1 if 0 <= beyond < len(merged) else 0)


def _edge(text: Sequence[str], at: int) -> int:
    """Return how well a change may begin, or end, ahead of a token."""
    if at in (0, len(text)) or text[at - 1] in _SENTENCE:
        return 3
    return 2 if text[at - 1] in _PAUSE else 1


def _by(span: tuple[int, int], first: int, last: int) -> tuple[int, int]:
    return span[0] + first, span[1] + last


def _words(tokens: Sequence[str], span: tuple[int, int]) -> int:
    """Return how many words there are in a span, or in its beginning if it is long."""
    return sum(map(is_word, tokens[span[0] : min(span[1], span[0] + _LONG)]))
