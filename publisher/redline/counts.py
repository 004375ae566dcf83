"""A part of a redline → how much differs in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from publisher.model.fragments import Fragment, plain
from publisher.model.redline import Counts, Part, Segment, opened
from publisher.redline.tokens import counted


def counts(part: Part, locale: str) -> Counts:
    """Return what differs in a part; a move counts where it moved to."""
    found = _counted(part, locale, moved=False)
    if part.kind != "clause":
        return found
    renamed = part.old is not None and part.new is not None and part.old.id != part.new.id
    return found + Counts(
        clauses_added=part.status == "added",
        clauses_removed=part.status == "removed",
        clauses_changed=part.status in ("changed", "to") and bool(replace(found, words_moved=0)),
        clauses_moved=part.status == "to",
        clauses_renamed=part.status != "from" and renamed,
    )


def _counted(part: Part, locale: str, *, moved: bool) -> Counts:
    moved = moved or part.move is not None
    if part.status == "from" or (part.same and not moved):
        return Counts()
    part = opened(part)
    found = sum((_counted(each, locale, moved=moved) for each in part.parts), Counts())
    found = sum((_segment(each, locale, moved=moved) for each in part.run), found)
    hollow = part.status in ("added", "removed") and not (part.parts or part.run)
    return found + Counts(
        passages_moved=part.status == "to" and part.kind != "clause",
        structure_changed=part.reshaped or (hollow and part.kind != "title"),
    )


def _segment(segment: Segment, locale: str, *, moved: bool) -> Counts:
    if segment.kind != "changed":
        return Counts(
            words_moved=_words(segment.new, locale)[0] if moved else 0,
            emphasis_changed="emphasis" in segment.restyled,
            links_changed="link" in segment.restyled,
            confirmed_changed="unconfirmed" in segment.restyled,
        )
    removed, added = (_words(side, locale) for side in (segment.old, segment.new))
    if not any((*removed, *added)):  # white space, which divides what was one word
        removed, added = (0, int(any(segment.old))), (0, int(any(segment.new)))
    return Counts(
        words_added=added[0],
        words_removed=removed[0],
        punctuation_added=added[1],
        punctuation_removed=removed[1],
    )


def _words(fragments: Iterable[Fragment], locale: str) -> tuple[int, int]:
    return counted("".join(plain(each.leaf) for each in fragments), locale)
