"""A part of a redline → its plain text, and the pieces of text that its page shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from publisher.policy.fragments import Fragment
from publisher.policy.tree import Code, Link, Text
from publisher.redline.values import Part, Redline, Shell, Side, opened
from publisher.redline.views.groups import marked


def plain_text(part: Part, side: Side) -> str:
    """Return the characters of the running text of a part, as one of the policies has it."""
    pieces = (_pieces(getattr(each, side)) for each in opened(part).run)
    return "".join(text for texts in pieces for text in texts)


def name(part: Part) -> str:
    """Return the title of a clause: the newer one that there is."""
    title = opened(part).parts[0]
    return plain_text(title, "old" if title.new is None else "new")


def shown(redline: Redline) -> Iterator[tuple[str, str]]:
    """Yield the pieces of text that a page shows, in order, each with the file that says so.

    Of a clause that did not change, or that moved away, that is its title.
    """
    for clause in redline.clauses:
        whole: Shell = clause.part.new or clause.part.old
        if clause.part.status == "from" or not clause.differs:
            yield whole.path, name(clause.part)
            continue
        for text in _in_order(marked(clause.part), None):
            yield whole.path, text


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
    for each in part.parts:
        yield from _in_order(each, end)


def _pieces(fragments: Iterable[Fragment]) -> Iterator[str]:
    for each in fragments:
        match each.leaf:
            case Text(text) | Code(text):
                yield text
            case Link(number=int(number)):
                yield str(number)
