"""Two policies → their redline. A pure function, the same in both directions.

`counts` returns how much differs in a part of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import count, groupby, takewhile

from publisher.policy.fragments import Fragment, characters, targets
from publisher.policy.pairs import origins
from publisher.policy.tree import Policy
from publisher.redline.align import Pair, crossed, find_moves, side_by_side
from publisher.redline.moved_sentences import moved_sentences
from publisher.redline.nodes import clause_nodes, text_node
from publisher.redline.regroup import regroup
from publisher.redline.segments import segments
from publisher.redline.sides import one_side
from publisher.redline.tokens import counted
from publisher.redline.values import (
    TEXTS,
    ClauseRedline,
    Counts,
    Move,
    Part,
    Redline,
    Segment,
    Side,
    mapped,
    opened,
    walk,
)

_MOVED = "move "
"""Moved sentences are counted by this and their number: once, even in several pieces."""
_NOT_TEXT = ("words_moved", "clauses_moved", "clauses_renamed")


def counts(part: Part, locale: str) -> Counts:
    """Return how much differs in a part; a move counts where it moved to."""
    tally: Counter[str] = Counter()
    _count(part, locale, tally, moved=False)
    for name in [name for name in tally if name.startswith(_MOVED)]:
        tally["passages_moved"] += tally.pop(name)
    if part.kind == "clause":
        _clause(part, tally)
    return Counts(**tally)


def _clause(part: Part, tally: Counter[str]) -> None:
    ids = {clause.id for clause in part.clauses if clause}
    there = part.both and part.status != "from"
    lost = any(inner.moves for inner in walk(part) if inner is not part)
    changed = there and (lost or any(tally[name] for name in tally if name not in _NOT_TEXT))
    tally["clauses_added"] = part.status == "added"
    tally["clauses_removed"] = part.status == "removed"
    tally["clauses_changed"] = changed and not part.continued
    tally["clauses_moved"] = part.status == "to"
    tally["clauses_renamed"] = part.status != "from" and len(ids) > 1 and not part.continued


def _count(part: Part, locale: str, tally: Counter[str], *, moved: bool) -> None:
    moved = moved or part.move is not None
    if part.same and not moved:
        return
    status = part.status
    if status == "from" or part.blank:
        return
    part = opened(part)
    for inner in part.parts:
        _count(inner, locale, tally, moved=moved)
    for segment in part.run:
        _segment(segment, locale, tally, moved=moved)
    if part.kind == "header":  # the cells of a column move as one
        tally["passages_moved"] += sum(cell.status == "to" for cell in part.parts)
    if status == "to" and part.kind not in ("clause", "cell"):
        tally["passages_moved"] += 1
    seen = part.run or not all(inner.blank for inner in part.parts)
    hollow = status in ("added", "removed") and not seen
    if part.continued and part.both:
        _regrouped(part, tally)
    if part.reshaped or (hollow and part.kind != "title"):
        tally["structure_changed"] += 1
    if not part.wrapping:
        tally["structure_changed"] += sum(cell.wrapping for cell in part.parts)


def _regrouped(part: Part, tally: Counter[str]) -> None:
    """Count a part that continues the one before it, unless its first part does so, too."""
    if len(part.continued) > 1:  # it was neither divided nor joined
        tally["structure_changed"] += 1
        return
    (side,) = part.continued
    if any(side in first.continued for first in one_side(part.parts, side)[:1]):
        return
    divided = side == "old"
    match part.kind:
        case "clause":
            tally["clauses_divided" if divided else "clauses_joined"] += 1
        case "list":
            tally["lists_divided" if divided else "lists_joined"] += 1
        case kind if kind in TEXTS:
            tally["paragraphs_split" if divided else "paragraphs_joined"] += 1
        case _:
            tally["structure_changed"] += 1


def _segment(segment: Segment, locale: str, tally: Counter[str], *, moved: bool) -> None:
    if segment.move is not None:
        tally["words_moved"] += _words(segment.new, locale)[0]
        if segment.move.end == "to":
            tally[f"{_MOVED}{segment.move.number}"] = 1
        return
    if segment.kind == "changed":
        removed, added = (_words(side, locale) for side in (segment.old, segment.new))
        if not any((*removed, *added)):  # white space, which divides one word
            removed, added = (0, int(any(segment.old))), (0, int(any(segment.new)))
        tally["words_removed"] += removed[0]
        tally["words_added"] += added[0]
        tally["punctuation_removed"] += removed[1]
        tally["punctuation_added"] += added[1]
        links = targets(segment.old), targets(segment.new)
        tally["links_changed"] += all(links) and links[0] != links[1]
        return
    if moved:
        tally["words_moved"] += _words(segment.new, locale)[0]
    for way in segment.restyled:
        tally[{"link": "links", "unconfirmed": "confirmed"}.get(way, way) + "_changed"] += 1


def _words(fragments: Iterable[Fragment], locale: str) -> tuple[int, int]:
    return counted(characters(fragments), locale)


def redline(old: Policy | None, new: Policy | None, *, confetti: bool = False) -> Redline:
    """Return how `new` differs from `old`; None stands for no policy.

    With the policies swapped, the result is the mirror image: added text is removed. Two policies
    often have several shortest lists of edits, so both directions use the same one. With
    `confetti`, every word that can be kept is kept. Raises `ValueError` without any policy.
    """
    policy = new or old
    if policy is None:
        raise ValueError("there is no policy to compare")
    swapped = bool(old and new) and _ahead(
        *((policy.title, policy.clauses) for policy in (new, old) if policy is not None)
    )
    one, other = (new, old) if swapped else (old, new)
    clauses = _clauses(one, other)
    regroup(clauses, policy.locale)
    for pair in find_moves(clauses):
        regroup(pair.inside, policy.locale)
    title = _line(*(policy.title if policy else None for policy in (one, other)))
    controller = _line(_controller(one, other), _controller(other, one))
    drawn = _Drawn(policy.locale, confetti=confetti, swapped=swapped)
    marked = [drawn.part(pair) for pair in (title, controller, *clauses)]
    marked = moved_sentences(marked, policy.locale, swapped=swapped)
    numbers = count(1)
    by_pair: dict[int, int] = defaultdict(lambda: next(numbers))
    parts = [_numbered(part, by_pair) for part in (*marked[:2], *_titled(_ordered(marked[2:])))]
    redlines = [ClauseRedline(part, counts(part, policy.locale)) for part in parts[2:]]
    every = sum((clause.counts for clause in redlines), counts(parts[0], policy.locale))
    return Redline(_emptied(old), _emptied(new), parts[0], parts[1], tuple(redlines), every)


def _titled(clauses: Iterable[Part]) -> list[Part]:
    """Return clauses that begin with their titles.

    Parts before a title belong to the clause that was divided or joined there, so they go to the
    end of the clause before.
    """
    done: list[Part] = []
    for clause in clauses:
        ahead = tuple(takewhile(lambda part: "title" not in (part.kind, part.was), clause.parts))
        title = clause.parts[len(ahead) :][:1]
        if any(not part.both for part in title):
            # In the policy that has the title, nothing is before it.
            rest = clause.parts[len(ahead) + 1 :]
            done.append(replace(clause, parts=(*title, *ahead, *rest)) if ahead else clause)
            continue
        sides = [side for side in clause.continued if any(part.standing(side) for part in ahead)]
        before = next(
            (at for at in range(len(done) - 1, -1, -1) if sides and done[at].standing(sides[0])),
            None,
        )
        if before is None:
            done.append(clause)
            continue
        done[before] = replace(opened(done[before]), parts=(*opened(done[before]).parts, *ahead))
        done.append(replace(clause, parts=clause.parts[len(ahead) :]))
    return done


def _emptied(policy: Policy | None) -> Policy | None:
    return replace(policy, title="", clauses=()) if policy else None


def _ahead(one: object, other: object) -> bool:
    """Return whether one value comes before another, in an order of all values of the tree.

    The first difference decides, so that of two different values exactly one comes first.
    """
    if type(one) is not type(other):
        return type(one).__name__ < type(other).__name__
    if is_dataclass(one):
        names = [field.name for field in fields(one)]
        return _ahead(*(tuple(getattr(side, name) for name in names) for side in (one, other)))
    if not (isinstance(one, tuple) and isinstance(other, tuple)):
        return repr(one) < repr(other)
    for first, second in zip(one, other, strict=False):
        if first != second:
            return _ahead(first, second)
    return len(one) < len(other)


def _controller(policy: Policy | None, other: Policy | None) -> str | None:
    """Return a policy's controller as a line; the other's, where this one is unknown.

    For an imported document, the name may be known, but not the address.
    """
    if policy is None:
        return None
    known = policy.controller
    if other is not None and not known.address and known.name in ("", other.controller.name):
        known = other.controller
    return ", ".join((known.name, *known.address))


def _line(old: str | None, new: str | None) -> Pair:
    one, other = (None if text is None else text_node(text) for text in (old, new))
    return side_by_side(one, other)


def _clauses(old: Policy | None, new: Policy | None) -> list[Pair]:
    """Return the clauses side by side; clauses that crossed others are ends of moves."""
    olds, news = clause_nodes(old, new)
    places = (
        {clause.id: at for at, clause in enumerate(policy.clauses)} if policy else {}
        for policy in (old, new)
    )
    before, after = places
    known = [(before[source], after[id]) for id, source in origins(old, new).items()]
    return crossed(olds, news, known)


@dataclass(frozen=True)
class _Drawn:
    """Makes the parts of a redline from pairs; `swapped` pairs have the new policy first."""

    locale: str
    confetti: bool
    swapped: bool

    def part(self, pair: Pair) -> Part:
        """Return a pair, and the pairs in it, as a part."""
        sides = [pair.old, pair.new]
        run: tuple[Segment, ...] = ()
        if pair.node.run is not None and not pair.same:
            run = segments(pair.old, pair.new, self.locale, confetti=self.confetti)
        if self.swapped:
            sides.reverse()
            run = tuple(Segment(s.kind, s.new, s.old, s.restyled) for s in run)
        old, new = (
            None if side is None else side.whole if pair.same else side.shell for side in sides
        )
        inside = () if pair.same else _ordered(map(self.part, pair.inside))
        before, kind = (side.kind if side else None for side in sides)
        return Part(
            kind or pair.node.kind,
            old,
            new,
            inside,
            run,
            pair.same,
            self.move(pair),
            self.continued(pair),
            before if kind not in (before, None) else None,
        )

    def continued(self, pair: Pair) -> tuple[Side, ...]:
        """Return the policies in which a pair continues the one before it."""
        other: dict[Side, Side] = {"old": "new", "new": "old"}
        return tuple(other[side] if self.swapped else side for side in pair.continued)

    def move(self, pair: Pair) -> Move | None:
        """Return which end of a move a pair is; both ends have the same provisional number."""
        if pair.ends is None:
            return None
        return Move(
            id(pair.along or pair.ends), "from" if (pair is pair.ends[0]) != self.swapped else "to"
        )


def _ordered(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Return parts with removed ones before added ones, where nothing stayed between them."""
    given = list(parts)
    if all(part.both and not part.move for part in given):
        return tuple(given)
    ordered: list[Part] = []
    for stayed, group in groupby(given, _stays):
        members = list(group)
        if not stayed:
            members.sort(key=lambda part: part.status in ("added", "to"))
        ordered += members
    return tuple(ordered)


def _stays(part: Part) -> bool:
    return part.status in ("same", "changed") or part.wrapping


def _numbered(part: Part, numbers: Mapping[int, int]) -> Part:
    """Return a part with its moves numbered in reading order."""

    def numbered(part: Part) -> Part:
        if not part.moves:
            return part
        move, *moves = (
            end and replace(end, number=numbers[end.number])
            for end in (part.move, *(segment.move for segment in part.run))
        )
        run = (segment._replace(move=end) for segment, end in zip(part.run, moves, strict=True))
        return replace(part, move=move, run=tuple(run))

    return mapped(part, numbered)
