"""A shortest list of edits → one that reads as a lawyer would have made it."""

from __future__ import annotations

from collections.abc import Sequence

from publisher.redline.sequences import Stretch
from publisher.redline.tokens import is_word

CONFETTI = 4
"""How many words, at most, are struck out and written in again to make one change of several."""

_SENTENCE = frozenset(".!?…。！？")
_PAUSE = frozenset(",;:–—、，；：")


def readable(found: Sequence[Stretch], old: Sequence[str], new: Sequence[str]) -> list[Stretch]:
    """Return stretches with runs of tiny edits as one change, each where a reader looks for it."""
    merged = _merged(found, old, new)
    for at in range(len(merged)):
        _shift(merged, at, old, new)
    return [each for each in merged if each.old[0] < each.old[1] or each.new[0] < each.new[1]]


def _merged(found: Sequence[Stretch], old: Sequence[str], new: Sequence[str]) -> list[Stretch]:
    """Dissolve what stayed where that is less than what was changed on either side of it."""
    merged: list[Stretch] = []
    for each in found:
        merged.append(each)
        while len(merged) >= 3 and not merged[-1].same and _tiny(merged[-3:], old, new):
            ahead, _, behind = merged[-3:]
            merged[-3:] = [
                Stretch(False, (ahead.old[0], behind.old[1]), (ahead.new[0], behind.new[1]))
            ]
    return merged


def _tiny(three: Sequence[Stretch], old: Sequence[str], new: Sequence[str]) -> bool:
    sizes = [
        max(_words(old, each.old), _words(new, each.new)) if not each.same else 0 for each in three
    ]
    stayed = _words(old, three[1].old)
    return stayed <= CONFETTI and (stayed <= min(sizes[0], sizes[2]))


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
    return sum(map(is_word, tokens[slice(*span)]))
