"""A clause of a redline → the same with marks where its text was regrouped.

Where a paragraph was split, its first half ends in an added paragraph mark; where two were joined,
the first one ends in a removed mark. Other changes of a node are remarks: now a heading, lists
joined.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import cast

from publisher.policy.fragments import Fragment
from publisher.policy.kinds import text_of
from publisher.policy.tree import List, Text
from publisher.redline.sides import one_side
from publisher.redline.values import SIDES, TEXTS, Marking, Part, Segment, Side, opened

PILCROW = (Fragment(Text("¶"), (), (0,)),)
"""The mark at the end of a paragraph, as text of only one policy; it is not a word."""
_SPLIT = Segment("changed", (), PILCROW)
_JOINED = Segment("changed", PILCROW, ())


def marked(part: Part) -> Part:
    """Return a clause, or a part of one, with paragraph marks and remarks."""
    return _ended(_remarked(part), dict.fromkeys(SIDES, False))


def rows(part: Part) -> list[int]:
    """Return for each part of a clause the place of the first part in its row.

    Parts that are one node in either policy share a row.
    """
    parts = opened(part).parts
    firsts = list(range(len(parts)))
    last: dict[Side, int] = {}
    for at, inner in enumerate(parts[1:], 1):  # the title has no row
        for side in SIDES:
            first = one_side([inner], side)[:1]
            if first and side in first[0].continued and side in last:
                begun = firsts[last[side]]
                firsts[begun : at + 1] = [begun] * (at + 1 - begun)
            if first:
                last[side] = at
    return firsts


# --- both policies in one text -------------------------------------------------------------------


def one_text(parts: Iterable[Part], *, items: bool = False) -> tuple[Part, ...]:
    """Return parts, of a list its `items`, with both policies in one text.

    The text has the structure of the new policy. Joined parts are one if nothing is between them;
    removed parts keep their place.
    """
    shown: list[Part] = []
    for part in _unwrapped(parts, None, items=items):
        if shown and _goes_on(shown[-1], part):
            before, after = opened(shown[-1]), opened(part)
            inside, run = before.parts + after.parts, before.run + _noted(after)
            shown[-1] = replace(before, parts=inside, run=run)
        else:
            shown.append(part)
    return tuple(shown)


def _goes_on(before: Part, part: Part) -> bool:
    if "new" not in part.continued or not before.standing("new"):
        return False
    return before.kind == part.kind or {before.kind, part.kind} <= set(TEXTS)


def _noted(part: Part) -> tuple[Segment, ...]:
    """Return the running text of a part with its remarks after the words."""
    if not part.remarks:
        return part.run
    words = part.run[:-1] if part.run[-1:] in ((_SPLIT,), (_JOINED,)) else part.run
    remark = Segment("restyled", (), (), cast("tuple[Marking, ...]", part.remarks))
    return (*words, remark, *part.run[len(words) :])


def _unwrapped(parts: Iterable[Part], around: Part | None, *, items: bool) -> Iterator[Part]:
    """Yield parts without the nodes that only the old policy has `around` them."""
    for part in parts:
        if part.new is None and part.wrapping:
            inner = part if part.kind == "list" else around
            yield from _unwrapped(part.parts, inner, items=items)
        elif items == (part.kind == "item"):
            yield part
        elif items:
            yield Part("item", (), None if part.new is None else (), (part,))
        elif around is not None:
            yield replace(around, parts=(part,), continued=())


# --- paragraph marks -----------------------------------------------------------------------------


def _ended(part: Part, goes_on: dict[Side, bool]) -> Part:
    """Return a part with the marks at the ends of its paragraphs.

    `goes_on` tells for each policy whether the next part continues this one; afterwards, whether
    this part continues the one before.
    """
    if part.same or part.move is not None:
        inner = part if part.same else _within(part, dict.fromkeys(SIDES, False))
        goes_on |= {side: False for side in SIDES if part.standing(side)}
        return inner
    if part.parts or text_of(part.kind, part.node) is None:
        return _within(part, goes_on)
    there = [side for side in SIDES if part.standing(side)]
    if len(there) > 1 and goes_on["old"] != goes_on["new"]:
        part = replace(part, run=(*part.run, _SPLIT if goes_on["old"] else _JOINED))
    goes_on |= {side: side in part.continued for side in there}
    return part


def _within(part: Part, goes_on: dict[Side, bool]) -> Part:
    inside = [_ended(inner, goes_on) for inner in reversed(part.parts)]
    return replace(part, parts=tuple(reversed(inside)))


# --- remarks -------------------------------------------------------------------------------------


def _remarked(part: Part) -> Part:
    """Return a part with remarks on it, and on the parts in it."""
    if part.same:
        return part
    counted = dict.fromkeys(SIDES, 0)
    parts = [_shifted(inner, counted) for inner in part.parts]
    noted = []
    for at, inner in enumerate(parts):
        keys = tuple(dict.fromkeys(_keys(inner, parts[:at], parts[at + 1 :])))
        noted.append(_noted_on(_remarked(inner), keys) if keys else _remarked(inner))
    return replace(part, parts=tuple(noted))


def _shifted(part: Part, counted: dict[Side, int]) -> Part:
    """Return a list that continues another, with the number that its first item then has.

    `counted` has the number of items of either policy before it in the same list.
    """
    for side in SIDES:
        shell = part.on(side)
        if not isinstance(shell, List):
            continue
        if side not in part.continued:
            counted[side] = 0
        elif shell.start is not None and counted[side]:
            shell = replace(shell, start=shell.start + counted[side])
            part = replace(part, old=shell) if side == "old" else replace(part, new=shell)
        items = one_side(opened(part).parts, side)
        counted[side] += sum(side not in item.continued for item in items)
    return part


def _noted_on(part: Part, keys: tuple[str, ...]) -> Part:
    """Return a part with remarks, on itself or, if the text does not show it, on a part in it."""
    inner = next((p for p in part.parts if p.standing("new") or p.wrapping), None)
    if inner is None or (part.standing("new") and "new" not in part.continued):
        return replace(part, remarks=tuple(dict.fromkeys((*keys, *part.remarks))))
    parts = tuple(_noted_on(p, keys) if p is inner else p for p in part.parts)
    return replace(part, parts=parts)


def _keys(part: Part, before: Sequence[Part], behind: Sequence[Part]) -> Iterator[str]:
    """Yield the remarks on a part that is between others."""
    if part.was is not None:
        yield f"no_{part.was}" if part.kind == "paragraph" else f"now_{part.kind}"
    elif part.reshaped and part.kind == "heading":
        yield "relevelled"
    if part.kind not in ("list", "item", "quote"):
        return
    if part.wrapping:
        key = _wrapped(part, behind)
        if key:
            yield key
    elif part.continued and part.both:
        yield from _regrouped(part, part.continued[0], before)
    if part.reshaped:
        yield "renumbered"


def _regrouped(part: Part, side: Side, before: Sequence[Part]) -> Iterator[str]:
    """Yield the remarks on a part that continues one before it, unless its text has the mark."""
    if any(side in first.continued for first in one_side(part.parts, side)[:1]):
        return
    key = {
        "list": ("list_divided", "lists_joined"),
        "item": ("own_item", "in_item"),
        "quote": ("quote_divided", "quotes_joined"),
    }[part.kind]
    for neighbour in reversed(before):  # if there is none, text was put ahead of a list
        if neighbour.kind == part.kind and neighbour.both:
            yield key[SIDES.index(side)]
            return
        if side not in neighbour.continued and neighbour.standing(side):
            return


def _wrapped(part: Part, behind: Sequence[Part]) -> str | None:
    """Return the remark on a node of only one policy around parts of both."""
    side: Side = "new" if part.old is None else "old"
    inner = one_side(part.parts, "old" if part.old is None else "new")
    now = "now" if side == "new" else "no"
    if part.kind == "quote":
        return f"{now}_quote"
    if part.kind == "item":
        nested = any(first.kind == "list" and first.wrapping for first in part.parts[:1])
        whole = nested or side not in part.continued
        return None if whole else "in_item" if side == "new" else "out_of_item"
    if any(child.kind == "item" for child in inner):
        return "list_in" if side == "new" else "list_out"
    if any(side in first.continued for first in part.parts[:1]):
        return None  # the item has the remark
    after = next((neighbour for neighbour in behind if neighbour.standing(side)), None)
    joined = side in part.continued or (after is not None and side in after.continued)
    return f"{now}_item" if joined else f"{now}_list"
