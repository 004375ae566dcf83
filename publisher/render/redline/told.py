"""The text of one of two policies → HTML, with links that lead somewhere on their common page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from markupsafe import Markup

from publisher.model.policy import Emphasis, Inline, Link, NoteReference, Question, Table, walk
from publisher.render.body import Body

_NOTHING = Markup("")


def scrolled(labels: Mapping[str, str]) -> Markup:
    """Return the start of the frame of a table.

    It is no region, as a table is on the page more than once, and regions have names of their own.
    """
    frame = Markup('<div class="scroll" role="group" tabindex="0" aria-label="{}">')
    return frame.format(labels["table"])


class Told(Body):
    """Writes blocks and running text of one of two policies.

    `sections` and `notes` are the ids of the elements that clauses and notes have on the page; what
    refers to another is no link. No element gets an id: a text is on the page more than once.
    """

    def __init__(
        self,
        labels: Mapping[str, str],
        sections: Mapping[str, str],
        notes: Mapping[int, str],
        *,
        printed: bool,
    ) -> None:
        super().__init__(labels, {}, printed=printed)
        self.sections = sections
        self.notes = notes

    def link(self, target: str, children: tuple[Inline, ...]) -> Markup:
        """Return a link, or its text alone where it would lead nowhere."""
        inside = _bare(self.unmarked(children))
        if target.startswith("#"):
            place = self.sections.get(target[1:].partition(".")[0])  # a heading's clause
            target = f"#{place}" if place else ""
        if not target or not self.run(inside).strip():
            return self.run(inside)
        noted = any(isinstance(each, NoteReference) for each in walk(inside))
        return self.links(target, inside) if noted else super().link(target, inside)

    def frame(self, table: Table) -> Markup:  # noqa: ARG002
        """Return the start of the frame of a table."""
        return scrolled(self.labels)

    def marks(self, questions: Iterable[Question]) -> Markup:  # noqa: ARG002
        """Return nothing: the page lists no questions."""
        return _NOTHING

    def note_reference(self, number: int) -> Markup:
        """Return a link to a footnote, where it is on the page."""
        place = self.notes.get(number)
        if place is None:
            return Markup("<sup>{}</sup>").format(number)
        link = Markup('<sup><a href="#{}" role="doc-noteref">{}</a></sup>')
        return link.format(place, number)


def _bare(inlines: Iterable[Inline]) -> tuple[Inline, ...]:
    """Return what may stand in a link: no links of its own."""
    found: list[Inline] = []
    for inline in inlines:
        match inline:
            case Link(_, children):
                found += _bare(children)
            case Emphasis(children, strong):
                found.append(Emphasis(_bare(children), strong))
            case _:
                found.append(inline)
    return tuple(found)
