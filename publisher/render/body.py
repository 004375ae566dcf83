"""The tree → HTML: clauses only, no page around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import groupby, pairwise

from markupsafe import Markup, escape

from publisher.policy.kinds import ByKind
from publisher.policy.tree import (
    Block,
    Clause,
    Code,
    DefinitionList,
    Emphasis,
    Heading,
    Inline,
    LineBreak,
    Link,
    List,
    NoteReference,
    Paragraph,
    Question,
    Quote,
    Table,
    Text,
    Unconfirmed,
    walk,
)
from publisher.render.breaks import LONG, at_signs_or_in_groups, words

_NOTHING = Markup("")
_BLOCK = re.compile("<(?:ul|ol|dl|div|blockquote)[ >]")
_ADDRESS = re.compile(r"\w[.@]\w|//")
_HYPHENABLE = re.compile(r"[^\W\d_]{8}")
_WHOLE = Markup('<span class="whole">{}</span>')
_MARK = re.compile(r"(?:[-*•·●○◦▪–—]|(\(?(?:\d{1,2}|[a-z]|[ivx]{1,5})[.)]))\s", re.IGNORECASE)
"""The beginning of an item of a list in a cell: a bullet, or a label."""
_NARROW = 5
"""The characters of a label that fit the usual indentation of a list."""


class Body(ByKind[Markup]):
    """Writes clauses as HTML, given the toolkit's labels and the numbers of open questions.

    `printed` is for PDFs, in which a link may have no element in it, and whose lines are broken in
    another way.
    """

    def __init__(
        self, labels: Mapping[str, str], numbers: Mapping[Question, int], *, printed: bool
    ) -> None:
        self.labels = labels
        self.numbers = numbers
        self.printed = printed
        self.referred: set[int] = set()
        self.tables = 0

    def clause(self, clause: Clause) -> Markup:
        """Return the blocks of a clause, and its notes after them."""
        body = self.blocks(clause.blocks)
        if not clause.notes:
            return body
        notes = Markup("").join(
            Markup('<li id="_note-{}">{}</li>\n').format(note.number, self.blocks(note.blocks))
            for note in clause.notes
        )
        listed = Markup('<ol class="notes" start="{}" aria-label="{}">\n{}</ol>\n')
        return body + listed.format(clause.notes[0].number, self.labels["notes"], notes)

    def blocks(self, blocks: Iterable[Block], *, tight: bool = False) -> Markup:
        """Return blocks, one a line; in a `tight` list item a paragraph has no element."""
        return _NOTHING.join(
            self.run(block.children)
            if tight and isinstance(block, Paragraph)
            else self.block(block) + Markup("\n")
            for block in blocks
        )

    def paragraph(self, paragraph: Paragraph) -> Markup:
        """Return a paragraph."""
        return Markup("<p>{}</p>").format(self.run(paragraph.children))

    def heading(self, heading: Heading) -> Markup:
        """Return a heading, with its anchor as the element's id."""
        id = Markup(' id="{}"').format(heading.anchor) if heading.anchor else _NOTHING
        return Markup("<h{0}{1}>{2}</h{0}>").format(heading.level, id, self.run(heading.children))

    def quote(self, quote: Quote) -> Markup:
        """Return a quotation."""
        return Markup("<blockquote>\n{}</blockquote>").format(self.blocks(quote.blocks))

    def definitions(self, whole: DefinitionList) -> Markup:
        """Return terms, each with its meanings after it."""
        written = []
        for definition in whole.definitions:
            written.append(Markup("<dt>{}</dt>\n").format(self.run(definition.term)))
            for blocks in definition.descriptions:
                meaning = self.blocks(blocks, tight=len(blocks) == 1)
                written.append(Markup("<dd>{}</dd>\n").format(meaning))
        return Markup("<dl>\n{}</dl>").format(_NOTHING.join(written))

    def list(self, whole: List) -> Markup:
        """Return a list, ordered if it has a first number, with labels unlike a page's."""
        inside = [self.blocks(item, tight=whole.tight) for item in whole.items]
        if whole.style:
            labels = [whole.label(index) for index in range(len(inside))]
            return labelled(labels, map(self.labelled, labels, inside))
        items = _NOTHING.join(Markup("<li>{}</li>\n").format(item) for item in inside)
        if whole.start is None:
            return Markup("<ul>\n{}</ul>").format(items)
        first = _NOTHING if whole.start == 1 else Markup(' start="{}"').format(whole.start)
        return Markup("<ol{}>\n{}</ol>").format(first, items)

    def labelled(self, label: str, inside: Markup, attributes: Markup = _NOTHING) -> Markup:
        """Return an item with its label: in a PDF as its marker, which is tagged as a label.

        On a screen it is text, which any browser shows, reads out and copies.
        """
        if self.printed:
            item = Markup("""<li style="list-style-type: '{}  '"{}>{}</li>\n""")
            return item.format(label, attributes, inside)
        mark = Markup('<span class="label">{}</span> ').format(label)
        if inside.startswith("<p>"):
            inside = Markup("<p>") + mark + inside.removeprefix("<p>")
        elif _BLOCK.match(inside):
            inside = Markup("<p>{}</p>\n{}").format(mark, inside)
        else:
            inside = mark + inside
        return Markup("<li{}>{}</li>\n").format(attributes, inside)

    def table(self, table: Table) -> Markup:
        """Return a table, in a frame that scrolls on a narrow screen."""
        head = self.row("th", table.header, table.alignments, Markup(' scope="col"'))
        rows = _NOTHING.join(self.row("td", row, table.alignments) for row in table.rows)
        whole = Markup("{}<table>\n<thead>\n{}</thead>\n<tbody>\n{}</tbody>\n</table></div>")
        return whole.format(self.frame(table), head, rows)

    def frame(self, table: Table) -> Markup:
        """Return the start of the frame of a table, which the keyboard can scroll, with a name."""
        self.tables += 1
        if self.printed:
            return Markup('<div class="scroll">')
        columns = ", ".join(filter(None, map(_plain, table.header)))
        name = f"{self.labels['table']} {self.tables}" + (
            f"{self.labels['colon']} {columns}" if columns else ""
        )
        return Markup('<div class="scroll" role="region" tabindex="0" aria-label="{}">').format(
            name
        )

    def row(
        self,
        name: str,
        cells: tuple[tuple[Inline, ...], ...],
        alignments: tuple[str, ...],
        attribute: Markup = _NOTHING,
    ) -> Markup:
        """Return a row of cells, each an element `name`."""
        written = (
            Markup("<{0}{1}{2}>{3}</{0}>").format(
                *(name, attribute) if cell or self.printed else ("td", ""),
                Markup(' class="{}"').format(aligned) if aligned in ("center", "right") else "",
                self.cell(cell),
            )
            for cell, aligned in zip(cells, alignments, strict=True)
        )
        return Markup("<tr>{}</tr>\n").format(_NOTHING.join(written))

    def cell(self, cell: tuple[Inline, ...]) -> Markup:
        """Return the content of a cell: lines that begin with marks hang, as in a list."""
        lines = [
            tuple(line)
            for broken, line in groupby(cell, lambda inline: isinstance(inline, LineBreak))
            if not broken
        ]
        marks = [_MARK.match(_plain(line) + " ") for line in lines]
        if len([mark for mark in marks if mark]) < 2:
            return self.run(cell)
        return Markup("<br>\n").join(
            Markup('<span class="{}">{}</span>').format(
                "item wide" if mark[1] else "item", self.run(line)
            )
            if mark
            else self.run(line)
            for mark, line in zip(marks, lines, strict=True)
        )

    def run(self, inlines: Iterable[Inline]) -> Markup:
        """Return a run of inlines."""
        return _NOTHING.join(self.inline(inline) for inline in inlines)

    def inline(self, inline: Inline) -> Markup:
        """Return one inline."""
        match inline:
            case Text(text):
                return escape(text) if self.printed else breakable(text)
            case Code(text):
                return Markup("<code>{}</code>").format(text)
            case LineBreak():
                return Markup("<br>\n")
            case Emphasis(children, strong):
                name = "strong" if strong else "em"
                return Markup("<{0}>{1}</{0}>").format(name, self.run(children))
            case Link(target, children, number):
                if number is not None:
                    children = (Text(str(number)),)
                link = self.link(target, children)
                questions = _questions(children)
                marked = Markup("<mark>{}</mark>").format(link) if questions else link
                return marked + self.marks(questions)
            case NoteReference(number):
                return self.note_reference(number)
            case Unconfirmed(children, question):
                text = self.run(self.unmarked((inline,)))
                asked = dict.fromkeys((question, *_questions(children)))
                return Markup("<mark>{}</mark>").format(text) + self.marks(asked)

    def link(self, target: str, children: tuple[Inline, ...]) -> Markup:
        """Return a link, without marks on unconfirmed facts in it."""
        inside = self.unmarked(children)
        if self.printed:
            return self.links(target, inside)
        return Markup('<a href="{}">{}</a>').format(target, self.run(inside))

    def links(self, target: str, inlines: tuple[Inline, ...]) -> Markup:
        """Return a link as one or more, with elements around them and none in them.

        With an element in it, a link would have two annotations in PDF.
        """
        written = []
        for plain, group in groupby(inlines, lambda inline: isinstance(inline, Text)):
            for inline in (Text("".join(map(_text, group))),) if plain else group:
                match inline:
                    case Text(text):
                        written.append(_anchor(target, text))
                    case Code(text):
                        written.append(Markup("<code>{}</code>").format(_anchor(target, text)))
                    case Emphasis(children, strong):
                        name, inside = "strong" if strong else "em", self.links(target, children)
                        written.append(Markup("<{0}>{1}</{0}>").format(name, inside))
                    case _:
                        written.append(self.inline(inline))
        return _NOTHING.join(written)

    def unmarked(self, inlines: tuple[Inline, ...]) -> tuple[Inline, ...]:
        """Return inlines without marks, which come after the element around them."""
        unmarked: list[Inline] = []
        for inline in inlines:
            match inline:
                case Unconfirmed(children):
                    unknown = Text(f"[{self.labels['to_be_confirmed']}]")
                    unmarked += self.unmarked(children) or (unknown,)
                case Emphasis(children, strong):
                    unmarked.append(Emphasis(self.unmarked(children), strong))
                case _:
                    unmarked.append(inline)
        return tuple(unmarked)

    def marks(self, questions: Iterable[Question]) -> Markup:
        """Return links to open questions, to come after what they are about."""
        written = []
        for question in questions:
            number = self.numbers[question]
            name = self.labels["question"].replace("{number}", str(number))
            link = Markup('<sup><a href="#_question-{0}" aria-label="{1}">{0}</a></sup>')
            written.append(link.format(number, name))
        return _NOTHING.join(written)

    def note_reference(self, number: int) -> Markup:
        """Return a link to a footnote."""
        anchor = _NOTHING if number in self.referred else Markup(' id="_ref-{}"').format(number)
        self.referred.add(number)
        link = Markup('<sup><a href="#_note-{0}"{1} role="doc-noteref">{0}</a></sup>')
        return link.format(number, anchor)


def labelled(labels: Iterable[str], items: Iterable[Markup]) -> Markup:
    """Return a list of items with these labels, indented by as much as the widest needs."""
    wide = Markup(" wide") if any(len(label) > _NARROW for label in labels) else _NOTHING
    return Markup('<ol class="labelled{}">\n{}</ol>').format(wide, _NOTHING.join(items))


def breakable(text: str) -> Markup:
    """Return text for a screen of any width: long words may be broken where it reads best.

    An address is marked, so that it is not hyphenated.
    """
    written, cut = [], 0
    for start, end in words(text):
        word = text[start:end]
        if _ADDRESS.search(word) and _HYPHENABLE.search(word):
            written += [escape(text[cut:start]), _WHOLE.format(_broken(word))]
        elif len(word) >= LONG:
            written += [escape(text[cut:start]), _broken(word)]
        else:
            continue
        cut = end
    return _NOTHING.join([*written, escape(text[cut:])])


def _broken(word: str) -> Markup:
    places = at_signs_or_in_groups(word) if len(word) >= LONG else ()
    return Markup("<wbr>").join(word[a:b] for a, b in pairwise([0, *places, len(word)]))


def _anchor(target: str, text: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(target, text)


def _plain(inlines: tuple[Inline, ...]) -> str:
    texts = (inline.text for inline in walk(inlines) if isinstance(inline, Text | Code))
    return "".join(texts).strip()


def _text(inline: Inline) -> str:
    return inline.text if isinstance(inline, Text) else ""


def _questions(inlines: tuple[Inline, ...]) -> tuple[Question, ...]:
    questions = (inline.question for inline in walk(inlines) if isinstance(inline, Unconfirmed))
    return tuple(dict.fromkeys(questions))
