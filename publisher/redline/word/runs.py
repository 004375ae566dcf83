"""Running text → pieces: stretches of one look that are tracked in one way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from publisher.redline.values import Move, Segment, Side
from publisher.render.word.content import Piece, RunFormat, Track, plain_pieces

ALONE: Mapping[Side, Track] = {"old": Track.REMOVED, "new": Track.ADDED}
"""How content is tracked that only one of the policies has."""


class Pieces:
    """Cuts running text into pieces; `unknown` stands for values without a proposal."""

    def __init__(self, unknown: str) -> None:
        self.unknown = unknown
        self.ends: Counter[Move] = Counter()

    def of(self, run: Iterable[Segment], track: Track) -> tuple[Piece, ...]:
        """Return text that is tracked in one way, or whose changes are tracked if it stays."""
        segments = tuple(run)
        cut: list[Piece] = []
        for segment in segments:
            pieces = self.segment(segment, track, last=segment is segments[-1])
            cut += self.moved(segment.move, pieces) if segment.move else pieces
        return tuple(cut)

    def segment(self, segment: Segment, track: Track, *, last: bool) -> Iterable[Piece]:
        """Return the pieces of a segment within text that is tracked in one way."""
        old, new = (tuple(plain_pieces(text, self.unknown)) for text in (segment.old, segment.new))
        if track in (Track.REMOVED, Track.FROM):
            return tracked(old, track.removed if _replaced(segment) else track)
        if track == Track.ADDED:
            return tracked(new, track)
        ends: tuple[Piece, ...] = ()
        if last and segment.kind != "changed":
            old, new, ends = _cut(old, new, track)
        return (*_segment(segment, old, new, track), *ends)

    def moved(self, move: Move, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Yield removed or added pieces as an end of a move.

        If words changed during the move, it has several stretches, each with its own name.
        """
        self.ends[move] += 1
        name = f"{move_name(move)}.{self.ends[move]}"
        for piece in pieces:
            yield replace(
                piece, track=Track.FROM if piece.track == Track.REMOVED else Track.TO, move=name
            )


def move_name(move: Move) -> str:
    """Return the name that both ends of a move have."""
    return f"move{move.number}"


def tracked(pieces: Iterable[Piece], track: Track) -> Iterator[Piece]:
    """Yield pieces, tracked in one way."""
    return (replace(piece, track=track) for piece in pieces)


def one_sided(pieces: Iterable[Piece], side: Side) -> tuple[Piece, ...]:
    """Return the pieces that one of the policies has, as removed or added."""
    return tuple(
        replace(
            piece,
            track=ALONE[side],
            was=None,
            remark="",
            move="",
            ink=piece.was if piece.was and side == "old" else piece.ink,
        )
        for piece in pieces
        if piece.track.stands(side)
    )


def _cut(
    old: tuple[Piece, ...], new: tuple[Piece, ...], track: Track
) -> tuple[tuple[Piece, ...], tuple[Piece, ...], tuple[Piece, ...]]:
    """Return text without the white space at its end that only one policy has, and that space.

    At a split of a paragraph, it was between two sentences. A space is not tracked there: it is
    invisible, and it stays when a paragraph is split in Word.
    """
    last, other = _joined(old)[-1:], _joined(new)[-1:]
    if last.isspace() == other.isspace():
        return old, new, ()
    (old, old_space), (new, new_space) = map(_trimmed, (old, new))
    if "\n" not in _joined((*old_space, *new_space)):
        return old, new, (Piece(" ", RunFormat(), track),)
    return old, new, (*_removed(old_space, track), *tracked(new_space, track.added))


def _trimmed(pieces: tuple[Piece, ...]) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return pieces without the white space at their end, and that space."""
    size = len(_joined(pieces).rstrip())
    kept: list[Piece] = []
    rest: list[Piece] = []
    for piece in pieces:
        text, space = piece.text[:size], piece.text[size:]
        size -= len(text)
        kept += [replace(piece, text=text)] if text else []
        rest += [replace(piece, text=space)] if space else []
    return tuple(kept), tuple(rest)


def _replaced(segment: Segment) -> bool:
    """Return whether a segment is written again: a link's target is part of its text in Word."""
    return segment.kind == "changed" or "link" in segment.restyled


def _segment(
    segment: Segment, old: tuple[Piece, ...], new: tuple[Piece, ...], track: Track
) -> Iterable[Piece]:
    """Return a segment where it stays, or where it moved to."""
    if segment.kind == "same":
        return _renumbered(old, new, track)
    if not _replaced(segment) and _joined(old) == _joined(new):
        return _restyled(old, new, track)
    if segment.kind == "restyled":
        new = _remarked(old, new)
    return (*_removed(old, track), *tracked(new, track.added))


def _removed(pieces: Iterable[Piece], track: Track) -> Iterable[Piece]:
    return () if track == Track.TO else tracked(pieces, track.removed)


def _joined(pieces: Iterable[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def _renumbered(old: Iterable[Piece], new: Iterable[Piece], track: Track) -> Iterator[Piece]:
    """Yield text that stays, in which the numbers of references may change."""
    before = iter([piece for piece in old if piece.counted])
    for piece in new:
        was = next(before, piece) if piece.counted else piece
        yield from exchanged(was, piece, track)


def exchanged(old: Piece | None, new: Piece | None, track: Track) -> Iterator[Piece]:
    """Yield a piece that stays if its text does; if not, the old and the new one."""
    if old is not None and track == Track.FROM:
        yield replace(old, track=track)
    elif old is not None and (new is None or old.text != new.text):
        yield from _removed([old], track)
    if new is not None:
        stays = old is not None and old.text == new.text
        yield replace(new, track=track if stays else track.added)


def _restyled(old: Iterable[Piece], new: Iterable[Piece], track: Track) -> Iterator[Piece]:
    """Yield text that stays, cut wherever the look changes in either policy."""
    before = [was.ink for was in old for _ in was.text]
    at = 0
    for piece in new:
        first = at
        for ink, group in groupby(before[first : first + len(piece.text)]):
            text = piece.text[at - first :][: len(list(group))]
            was = replace(ink, link=piece.ink.link)
            other = was if was != piece.ink else None
            yield replace(piece, text=text, track=track, was=other)
            at += len(text)


def _remarked(old: tuple[Piece, ...], new: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Return text with a remark on its old and its new target, which are invisible."""
    targets = (dict.fromkeys(piece.ink.link or "–" for piece in side) for side in (old, new))
    was, now = (", ".join(ends) for ends in targets)
    if was == now or not new:
        return new
    return (replace(new[0], remark=f"{was} → {now}"), *new[1:])
