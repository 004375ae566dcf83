"""Segments of running text → HTML, with marks on added, removed, moved and restyled text.

`SideWriter` writes the text of one of the two policies, with links within their common page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import get_args

from markupsafe import Markup

from publisher.policy.fragments import Fragment, inlines, targets
from publisher.policy.tree import (
    Code,
    Emphasis,
    Inline,
    Link,
    NoteReference,
    Question,
    Table,
    Unconfirmed,
    walk,
)
from publisher.redline.values import End, Marking, Move, Segment, Side
from publisher.redline.views.groups import PILCROW
from publisher.render.body import Body


def scrolled(labels: Mapping[str, str]) -> Markup:
    """Return the start of the frame of a table.

    It is not a region: the page shows a table more than once, and each region needs a unique name.
    """
    frame = Markup('<div class="scroll" role="group" tabindex="0" aria-label="{}">')
    return frame.format(labels["table"])


class SideWriter(Body):
    """Writes blocks and running text of one of two policies.

    `sections` and `notes` are the ids of the elements of clauses and notes on the page; references
    to others are not links. No element gets an id, as the page shows a text more than once.
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
        """Return a link, or its text alone if the page does not have its target."""
        inside = _bare(self.unmarked(children))
        if target.startswith("#"):
            place = self.sections.get(target[1:].partition(".")[0])  # a heading's clause
            target = f"#{place}" if place else ""
        if not target or not self.run(inside).strip():
            return self.run(inside)
        noted = any(isinstance(inline, NoteReference) for inline in walk(inside))
        return self.links(target, inside) if noted else super().link(target, inside)

    def frame(self, table: Table) -> Markup:  # noqa: ARG002
        """Return the start of the frame of a table."""
        return scrolled(self.labels)

    def marks(self, questions: Iterable[Question]) -> Markup:  # noqa: ARG002
        """Return nothing: the page lists no questions."""
        return _NOTHING

    def note_reference(self, number: int) -> Markup:
        """Return a link to a footnote, or its number alone if the page does not have it."""
        place = self.notes.get(number)
        if place is None:
            return Markup("<sup>{}</sup>").format(number)
        link = Markup('<sup><a href="#{}" role="doc-noteref">{}</a></sup>')
        return link.format(place, number)


def _bare(inlines: Iterable[Inline]) -> tuple[Inline, ...]:
    """Return inlines without links in them."""
    bare: list[Inline] = []
    for inline in inlines:
        match inline:
            case Link(_, children):
                bare += _bare(children)
            case Emphasis(children, strong):
                bare.append(Emphasis(_bare(children), strong))
            case _:
                bare.append(inline)
    return tuple(bare)


_NOTHING = Markup("")
_MARKINGS = get_args(Marking)


@dataclass(frozen=True, slots=True)
class Runs:
    """Writes running text.

    `writers` write the text of either policy; `titles` are the titles of its clauses by id.
    """

    labels: Mapping[str, str]
    writers: Mapping[Side, SideWriter]
    titles: Mapping[Side, Mapping[str, str]]

    def run(
        self,
        segments: Sequence[Segment],
        side: Side | None,
        end: End | None,
        moved: Callable[[Move], Markup] = lambda _: _NOTHING,
    ) -> Markup:
        """Return running text as one of the policies has it, or with both in one text.

        At the `end` that a part moved from, all of its text is marked as removed; at the other end,
        text that was removed on the way is shown, too. `moved` writes what is before sentences that
        moved.
        """
        if end == "from":
            olds = (segment.old for segment in segments if segment.old != PILCROW)
            removed = tuple(chain.from_iterable(olds))
            return self._marked("del", "old", removed, "moved")
        written, seen = [], set[Move]()
        for segment in segments:
            move = segment.move
            text = self._segment(segment, side, end)
            if move is not None and move not in seen and text:
                seen.add(move)
                written.append(Markup(' <small class="remark">{}</small> ').format(moved(move)))
            written.append(text)
        return _NOTHING.join(written)

    def _segment(self, segment: Segment, side: Side | None, end: End | None) -> Markup:
        if segment.kind == "changed":
            way = "moved" if segment.move else ""
            removed = _NOTHING
            if side != "new":
                removed = self._marked("del", "old", segment.old, "on-the-way" if end else way)
            added = self._marked("ins", "new", segment.new, way) if side != "old" else _NOTHING
            return removed + added + self._retargeted(segment, side)
        shown: Side = "old" if side == "old" else "new"
        text = self._text(shown, segment.on(shown))
        remark = _NOTHING
        if segment.kind == "restyled":
            text = Markup('<span class="restyled">{}</span>').format(text) if text else text
            remark = _NOTHING if side == "old" else self._remark(self._ways(segment))
        if end == "to" and text.strip():
            text = self._element("ins", text, "moved")
        return text + remark

    def _text(self, side: Side, text: Iterable[Fragment]) -> Markup:
        return self.writers[side].run(inlines(text))

    def _marked(self, element: str, side: Side, text: Iterable[Fragment], name: str = "") -> Markup:
        if text == PILCROW:
            return self._element(element, self._pilcrow(side), "mark")
        inside = self._text(side, text)
        return self._element(element, inside, name) if inside else inside

    def _pilcrow(self, side: Side) -> Markup:
        """Return a paragraph mark, with a name for screen readers."""
        if self.writers["new"].printed:
            return Markup("¶")
        name = self.labels["joined_here" if side == "old" else "split_here"]
        return Markup('<span role="img" aria-label="{}">¶</span>').format(name)

    def _element(self, element: str, inside: Markup, name: str) -> Markup:
        if self.writers["new"].printed:  # in a PDF, where a line would go through the marks as well
            inside = Markup("<span>{}</span>").format(inside)
        named = Markup(' class="{}"').format(name) if name else _NOTHING
        return Markup("<{0}{1}>{2}</{0}>").format(element, named, inside)

    # --- in words, what is not a word ------------------------------------------------------------

    def _remark(self, remarks: Iterable[str]) -> Markup:
        text = "; ".join(remarks)
        return Markup(' <small class="remark">[{}]</small>').format(text) if text else _NOTHING

    def _retargeted(self, segment: Segment, side: Side | None) -> Markup:
        """Return a remark if both words and the target of their link were replaced."""
        if side == "old" or not (segment.old and segment.new):
            return _NOTHING
        old, new = self._targets(segment, "old"), self._targets(segment, "new")
        changed = old and new and old != new
        return self._remark([self._now("link", old, new)] if changed else [])

    def _ways(self, segment: Segment) -> Iterator[str]:
        """Yield how the marks of words changed, or the node around them."""
        yield from (self.labels[key] for key in segment.restyled if key not in _MARKINGS)
        if "link" in segment.restyled:
            old, new = self._targets(segment, "old"), self._targets(segment, "new")
            yield self._now("link", old, new)
        if "emphasis" in segment.restyled:
            yield self._now("emphasis", self._looks(segment.old), self._looks(segment.new))
        if "unconfirmed" in segment.restyled:
            yield self.labels[_confirmed(segment)]

    def _now(self, what: str, old: Sequence[str], new: Sequence[str]) -> str:
        was, now = (", ".join(targets) or self.labels["none"] for targets in (old, new))
        text = self.labels["was_now"].replace("{what}", self.labels[what])
        return text.replace("{old}", was).replace("{new}", now)

    def _targets(self, segment: Segment, side: Side) -> list[str]:
        """Return the targets of links: the titles of clauses, or addresses."""
        titles = {f"#{id}": f"“{title}”" for id, title in self.titles[side].items()}
        return [titles.get(target, target) for target in targets(segment.on(side))]

    def _looks(self, text: Iterable[Fragment]) -> list[str]:
        looks = (
            " + ".join(dict.fromkeys(self.labels[name] for name in _look(fragment)))
            for fragment in text
        )
        return list(dict.fromkeys(look or self.labels["plain"] for look in looks))


def _look(fragment: Fragment) -> Iterator[str]:
    for mark in fragment.marks:
        if isinstance(mark, Emphasis):
            yield "bold" if mark.strong else "italic"
    if isinstance(fragment.leaf, Code):
        yield "code"


def _confirmed(segment: Segment) -> str:
    was, now = (
        any(isinstance(mark, Unconfirmed) for fragment in text for mark in fragment.elements)
        for text in (segment.old, segment.new)
    )
    if was and now:
        return "question_changed"
    return "confirmed_now" if was else "unconfirmed_now"
