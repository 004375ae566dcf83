"""A part of a redline → its plain text, and the pieces of text that its page shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from publisher.policy.fragments import Fragment
from publisher.policy.tree import Code, Link, Text
from publisher.redline.values import Part, Redline, Side, opened
from publisher.redline.views.groups import marked


def plain_text(part: Part, side: Side | None = None) -> str:
    """Return the text of a part, as one of the policies has it; the newer one by default."""
    segments = opened(part).run
    return "".join(text for segment in segments for text in _pieces(segment.on(side or part.newer)))


def name(part: Part) -> str:
    """Return the title of a clause."""
    return plain_text(opened(part).parts[0])


def shown(redline: Redline) -> Iterator[tuple[str, str]]:
    """Yield the pieces of text that a page shows, in order, each with the file that it is from.

    A clause that did not change, or that moved away, shows its title only.
    """
    for clause in redline.clauses:
        path = clause.part.clause.path
        if clause.part.status == "from" or not clause.differs:
            yield path, name(clause.part)
        else:
            yield from ((path, text) for text in _in_order(marked(clause.part), None))


def _in_order(part: Part, end: str | None) -> Iterator[str]:
    if part.kind != "clause" and part.move is not None:
        end = part.move.end
    if end == "from" and part.old is None:
        return
    part = opened(part)
    if part.kind in ("header", "row"):  # whose cells stand in the order of the columns
        return
    for segment in part.run:
        if end == "from" or segment.kind == "changed":
            yield from _pieces(segment.old)
        if end != "from":
            yield from _pieces(segment.new)
    for inner in part.parts:
        yield from _in_order(inner, end)


def _pieces(fragments: Iterable[Fragment]) -> Iterator[str]:
    for fragment in fragments:
        match fragment.leaf:
            case Text(text) | Code(text):
                yield text
            case Link(number=int(number)):
                yield str(number)
