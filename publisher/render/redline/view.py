"""Parts of a redline → HTML: what a clause has in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from publisher.model.policy import DefinitionList, Heading, List, Paragraph, Quote
from publisher.model.redline import Move, Part, Shell, Side, opened
from publisher.model.sides import one_side
from publisher.render.body import labelled
from publisher.render.redline.groups import SIDES, one_text, remarks
from publisher.render.redline.places import End, Places
from publisher.render.redline.runs import Runs
from publisher.render.redline.table import status, table

_NOTHING = Markup("")


@dataclass(frozen=True, slots=True)
class View:
    """Writes parts as one of the policies has them: `side`; None for both in one text.

    `clause` is the number of the clause that they are in; `end` is that of the move, if they are in
    something that moved.
    """

    runs: Runs
    places: Places
    clause: int
    side: Side | None = None
    end: End | None = None

    def shown(self, parts: Iterable[Part], *, items: bool = False) -> Iterator[Part]:
        """Yield those parts that this view has, and that readers see."""
        there = one_side(parts, self.side) if self.side else one_text(parts, items=items)
        return (each for each in there if not each.blank)

    def shell(self, part: Part) -> Shell:
        """Return the node that a part is written as."""
        return part.old if self.side == "old" or part.new is None else part.new

    def inside(self, part: Part) -> View:
        """Return the view of what is in a part."""
        if part.move is None:
            return self
        return replace(self, side="old" if part.move.end == "from" else None, end=part.move.end)

    def run(self, part: Part) -> Markup:
        """Return the running text of a part."""
        return self.runs.run(opened(part).run, self.side, self.end, self._moved)

    def head(self, part: Part) -> Markup:
        """Return what stands ahead of a part: where it moved, how it is built otherwise."""
        said = [self._moved(part.move)] if part.move else []
        keys = remarks(part) if self.side != "old" else ()
        if keys:
            said.append(escape(" · ".join(self.runs.labels[key] for key in keys)))
        return _NOTHING.join(
            Markup('<small class="remark">{}</small> ').format(each) for each in said
        )

    def _moved(self, move: Move) -> Markup:
        away = move.end == "from"
        other = self.places.ends[move.number, "to" if away else "from"]
        if other.clause == self.clause:
            text = self.runs.labels["moved_away" if away else "moved_here"]
        else:
            text = self.runs.labels["moved_to" if away else "moved_from"]
        link = Markup('<span class="move"><b>{}</b> <a href="#{}">{}</a></span>')
        return link.format(move.number, other.id, text.replace("{title}", other.title))

    # --- blocks ----------------------------------------------------------------------------------

    def pieces(self, parts: Iterable[Part]) -> Markup:
        """Return what stands directly in a clause beside each other."""
        return Markup("\n").join(map(self.piece, self.shown(parts)))

    def piece(self, part: Part) -> Markup:
        """Return what stands directly in a clause: a block, or a note."""
        if part.kind != "note":
            return self.block(part)
        blocks = self.blocks(opened(part).parts)
        number, name = self.shell(part).number, self.runs.labels["notes"]
        listed = Markup('<ol class="notes" start="{}" aria-label="{}">\n<li>{}</li>\n</ol>')
        return listed.format(number, name, blocks)

    def blocks(self, parts: Iterable[Part], *, tight: bool = False) -> Markup:
        """Return blocks; in a `tight` list item its only paragraph has no element."""
        shown = list(self.shown(parts))
        bare = tight and sum(each.kind == "paragraph" for each in shown) == 1
        return _NOTHING.join(
            self.head(each) + self.inside(each).run(each)
            if bare and each.kind == "paragraph"
            else self.block(each) + Markup("\n")
            for each in shown
        )

    def block(self, part: Part) -> Markup:
        """Return a block as one element; ahead of a list or a table, its head is one more."""
        view, head = self.inside(part), self.head(part)
        node = view.shell(part)
        match node:
            case Paragraph():
                return Markup("<p>{}{}</p>").format(head, view.run(part))
            case Heading(level):
                return Markup("<h{0}>{1}{2}</h{0}>").format(level, head, view.run(part))
        head = Markup('<p class="said">{}</p>\n').format(head) if head else head
        if part.same and view.end is None:
            return head + view.runs.told["old" if view.side == "old" else "new"].block(node)
        part = opened(part)
        match node:
            case List():
                return head + view.list(part, node)
            case Quote():
                inside = view.blocks(part.parts)
                return head + Markup("<blockquote>\n{}</blockquote>").format(inside)
            case DefinitionList():
                inside = _NOTHING.join(map(view.definition, view.shown(part.parts)))
                return head + Markup("<dl>\n{}</dl>").format(inside)
            case _:
                return head + table(view, part)

    # --- lists -----------------------------------------------------------------------------------

    def list(self, part: Part, node: List) -> Markup:
        """Return a list; each item of an ordered one has the label that its policy gives it."""
        wholes = {side: getattr(part, side) or node for side in SIDES}
        styled = any(whole.style for whole in wholes.values())
        counted = dict.fromkeys(SIDES, 0)
        items, labels = [], []
        for each in self.shown(part.parts, items=True):
            standing = [side for side in SIDES if each.standing(side)]
            side = self.side or standing[-1]
            labels.append(wholes[side].label(max(counted[side] - (side in each.continued), 0)))
            items.append(self.item(each, labels[-1], tight=node.tight, styled=styled))
            for side in standing:
                counted[side] += side not in each.continued
        if styled:
            return labelled(labels, items)
        name = "ul" if node.start is None else "ol"
        return Markup("<{0}>\n{1}</{0}>").format(name, _NOTHING.join(items))

    def item(self, part: Part, label: str, *, tight: bool, styled: bool) -> Markup:
        """Return an item of a list, in `styled` ones with its label as it is written."""
        inside = self.inside(part).blocks(opened(part).parts, tight=tight)
        if styled:
            own = self.runs.told[self.side or "new"]
            return own.labelled(label, _headed(self.head(part), inside), status(part))
        value = Markup(' value="{}"').format(label.removesuffix(".")) if label else _NOTHING
        item = Markup("<li{}{}>{}</li>\n")
        return item.format(value, status(part), _headed(self.head(part), inside))

    def definition(self, part: Part) -> Markup:
        """Return a term with its meanings."""
        view = self.inside(part)
        term, *meanings = opened(part).parts
        written = [Markup("<dt>{}{}</dt>\n").format(self.head(part), view.run(term))]
        for meaning in view.shown(meanings):
            blocks = opened(meaning).parts
            inside = view.blocks(blocks, tight=len(blocks) == 1)
            written.append(Markup("<dd{}>{}</dd>\n").format(status(meaning), inside))
        return _NOTHING.join(written)


def _headed(head: Markup, inside: Markup) -> Markup:
    """Return what is in an item, with its head on the first line."""
    if head and inside.startswith("<p>"):
        return Markup("<p>") + head + inside.removeprefix("<p>")
    return head + inside
