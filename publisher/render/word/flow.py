"""A policy → a Word document: its title block, its clauses, its open questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from itertools import pairwise, zip_longest

from publisher.policy.dating import Dating
from publisher.policy.fragments import Fragment, fragments
from publisher.policy.json import json
from publisher.policy.kinds import BLOCKS, ByKind, Run
from publisher.policy.tree import (
    Block,
    Clause,
    Code,
    DefinitionList,
    Heading,
    LineBreak,
    List,
    Note,
    NoteReference,
    Paragraph,
    Policy,
    Question,
    Quote,
    Table,
    Text,
    Unconfirmed,
    asked_of_all,
    asked_of_whole,
    plain_text,
    runs_in,
)
from publisher.policy.words import words_digest
from publisher.render.languages import labels_of, long_date
from publisher.render.page import banner, running_date, state, watermark
from publisher.render.style import Style
from publisher.render.word.content import (
    OWN,
    Around,
    ClauseEnd,
    Contents,
    Grid,
    Item,
    Line,
    ParagraphFormat,
    Piece,
    Row,
    RunFormat,
    Track,
    plain_pieces,
)
from publisher.render.word.elements import Elements, written_by
from publisher.render.word.package import WordFile

_NARROW = 5
"""Characters of a label that fit before a list that is indented as others are."""
_STRONG, _SOFT = RunFormat(strong=True), RunFormat(soft=True)
_AUTHOR = "publisher"
_REGISTRY = (".yaml", ".yml")

Span = tuple[int, int, str]
"""A stretch of a run of text, from and to, and where it was written."""


def document(policy: Policy, dating: Dating, style: Style, source: str) -> bytes:
    """Return a policy as a Word document: see `publisher.render.word.docx`."""
    when = datetime.combine(dating.last_updated or date(1970, 1, 1), time(), tzinfo=UTC)
    file = WordFile(policy.locale, style)
    flow = Flow(policy)
    flow.front(dating)
    flow.clauses()
    flow.open_questions()
    flow.colophon(style)
    file.number(flow.lists, flow.titles)
    elements = Elements(file, written_by(_AUTHOR), headings=True)
    file.fill(elements.body(flow.items))
    _write_notes(file, flow, elements)
    file.logo(policy.brand.name, policy.brand.id)
    warning = flow.labels["derived"] if dating.frozen else banner(policy, dating)
    header = (policy.brand.name, warning, running_date(policy, dating))
    file.page(header, f"{policy.title} – {policy.brand.domain}", flow.labels)
    drawn = watermark(policy, dating)
    file.across(flow.labels[drawn] if drawn else "")
    named = f"{policy.title} – {policy.brand.name}"
    title = f"{warning}{flow.labels['colon']} {named}" if warning else named
    file.describe(title, policy.controller.name, when, f"{policy.brand.name}: {policy.title}")
    file.properties(_properties(policy, dating, source))
    file.tree(json(policy, dating))
    return file.packed(when)


def _properties(policy: Policy, dating: Dating, source: str) -> dict[str, str]:
    """Return the properties on a file's origin, so that an edited copy can be compared with it."""
    values = {
        "brand": policy.brand.id,
        "locale": policy.locale,
        "words": words_digest(policy),
        "status": dating.status,
        "version": dating.version if dating.frozen else None,
        "source": source,
    }
    return {f"publisher.{name}": value for name, value in values.items() if value}


def _write_notes(file: WordFile, flow: Flow, elements: Elements) -> None:
    """Write the footnotes of a policy into their part of the file."""
    notes = flow.notes.values()
    if notes:
        inside = Elements(
            file,
            elements.by,
            link=file.link_in_note,
            numbers=elements.numbers,
            headings=True,
        )
        for note in notes:
            file.note(note.id, inside.body(note.items))


@dataclass(slots=True)
class Footnote:
    """A footnote that the text refers to: its id, and its paragraphs."""

    id: int
    mark: str
    items: list[Item] = field(default_factory=list)


class Flow(ByKind[None]):
    """Lays a policy out.

    `lists` has each list, and its depth; `titles` is the number of that of the clauses, 0 if they
    have no numbers. `notes` has the footnotes by their numbers in the policy.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.labels = labels_of(policy)
        self.unknown = f"[{self.labels['to_be_confirmed']}]"
        self.items: list[Item] = []
        self.lists: list[tuple[List, int]] = []
        self.notes: dict[int, Footnote] = {}
        self.numbers = {note.number for clause in policy.clauses for note in clause.notes}
        self.noted = False
        self.counted = 0
        self.titles = 0
        self.ids: tuple[str, ...] = ()
        self.remarks: list[str] = []
        self.asked: set[Question] = set()
        self.spans: Iterator[tuple[Span, ...]] = iter(())

    # --- the title block, and what comes after the clauses -------------------------------------

    def front(self, dating: Dating) -> None:
        """Lay out the title block: brand, title, dates, controller, state, and the contents."""
        policy = self.policy
        self.line("Brand", Piece(policy.brand.name, RunFormat()))
        self.remark(asked_of_all(policy))
        self.text((Text(policy.title),), ParagraphFormat("Heading1"))
        for label, value, bold in self.particulars(dating):
            pieces = Piece(f"{self.labels[label]}\t", _SOFT), Piece(value, RunFormat())
            self.line("Particulars", *pieces, *([Piece(bold, _STRONG)] if bold else []))
        for strong, text in self.notices(dating):
            self.line("Notice", Piece(f"{strong}. ", _STRONG), Piece(text, RunFormat()))
        self.line("FrontRule")
        titled = [clause for clause in policy.clauses if clause.title]
        if len(titled) > 1:
            numbers = ["" if c.number is None else f"{c.number}. " for c in titled]
            entries = [(c.id, f"{n}{c.title}") for c, n in zip(titled, numbers, strict=True)]
            self.items.append(Contents(self.labels["contents"], tuple(entries)))

    def particulars(self, dating: Dating) -> Iterator[tuple[str, str, str]]:
        """Yield the lines on dates, state and controller: label, text, and what is in bold."""
        locale, controller = self.policy.locale, self.policy.controller
        line = state(self.policy, dating)
        if dating.last_updated is not None:
            shown = f" · {line}" if line and dating.status != "reconstructed" else ""
            yield "last_updated", long_date(dating.last_updated, locale), shown
        elif line:
            yield "status", "", line
        if dating.in_force is not None:
            yield "in_force", long_date(dating.in_force, locale), ""
        if dating.frozen and dating.version:
            yield "version", dating.version, ""
        if controller.name:
            yield "controller", ", ".join((controller.name, *controller.address)), ""

    def notices(self, dating: Dating) -> Iterator[tuple[str, str]]:
        """Yield what a reader must know of the document's state: in one word, and in a sentence."""
        own, line = self.labels, state(self.policy, dating)
        if dating.frozen:
            yield own["derived"], own["derived_notice"]
            if line:
                yield line, ""
        elif dating.status in ("draft", "proposed"):
            questions = f" {own['questions']}{own['colon']} {len(self.policy.questions)}"
            count = questions if self.policy.questions else ""
            yield own[dating.status], own[f"{dating.status}_notice"] + count
        else:
            yield line, own["not_released_notice"]

    def open_questions(self) -> None:
        """Lay out the questions that are open, on a page of their own."""
        if not self.policy.questions:
            return
        self.line("QuestionsHeading", Piece(self.labels["questions"], RunFormat()))
        self.lists.append((List((), 1), 0))
        look = ParagraphFormat("ListParagraph", 1, (len(self.lists), 0))
        for question in self.policy.questions:
            asked = Piece(f"\n{self.place(question)}", _SOFT)
            pieces = (Piece(question.text, RunFormat()), asked)
            self.items.append(Line(look, look, pieces))

    def colophon(self, style: Style) -> None:
        """Lay out the lines that the brand has below its policy."""
        lines = style.footer(self.policy.locale)
        if lines:
            self.line("ColophonRule")
        for line in lines:
            self.line("Colophon", Piece(line.text, RunFormat(link=line.url)))

    def line(self, style: str, *pieces: Piece) -> None:
        """Lay out a paragraph of the toolkit's own."""
        look = ParagraphFormat(style)
        self.items.append(Line(look, look, pieces))

    # --- questions -------------------------------------------------------------------------------

    def place(self, question: Question) -> str:
        """Return where a question is asked, in words."""
        where = f"{question.path}:{question.line}"
        return self.labels["asked_in"].replace("{place}", where)

    def remark(self, questions: Iterable[Question]) -> None:
        """Attach comments with questions to the next text, each question once."""
        for question in sorted(questions, key=self.policy.questions.index):
            if question in self.asked:
                continue
            self.asked.add(question)
            number = str(self.policy.questions.index(question) + 1)
            name = self.labels["question"].replace("{number}", number)
            text = f"{name}{self.labels['colon']} {question.text}\n{self.place(question)}"
            self.remarks.append(text)

    # --- clauses ---------------------------------------------------------------------------------

    def clauses(self) -> None:
        """Lay out all clauses; Word counts those with a number, in a list of their own."""
        numbered = any(clause.number is not None for clause in self.policy.clauses)
        if numbered:
            self.lists.append((List((), 1), 0))
            self.titles = len(self.lists)
        common = asked_of_all(self.policy)
        for clause in self.policy.clauses:
            self.ids = (clause.id,)
            self.remark(question for question in asked_of_whole(clause) if question not in common)
            own = None if clause.number is None else (self.titles, 0)
            if clause.title:
                self.text((Text(clause.title),), ParagraphFormat("Heading2", number=own))
            self.clause(clause)
            self.items.append(ClauseEnd(clause.id))

    def clause(self, clause: Clause) -> None:
        """Lay out the text of a clause, and its notes."""
        self.spans = iter(_spans(clause))
        self.blocks(clause.blocks, Around())
        for note in clause.notes:
            self.note(note)

    def note(self, note: Note) -> None:
        """Lay out a note: as a footnote, or below its clause if the text does not refer to it."""
        footnote = self.notes.get(note.number)
        if footnote is None or footnote.items:
            self.numbers.discard(note.number)
            self.item(note.blocks, Around(ParagraphFormat("Note"), lead=f"{note.number} "))
            return
        body, self.items, self.noted = self.items, footnote.items, True
        mark = Piece(footnote.mark, RunFormat(), note=OWN)
        self.item(
            note.blocks, Around(ParagraphFormat("FootnoteText")), mark, Piece(" ", RunFormat())
        )
        self.items, self.noted = body, False

    def blocks(self, blocks: Iterable[Block], around: Around) -> None:
        """Lay out blocks, one after the other."""
        for block in blocks:
            self.by_kind(BLOCKS[type(block)], block, around)

    def item(self, blocks: Sequence[Block], around: Around, *lead: Piece) -> None:
        """Lay out blocks whose first paragraph has a mark; without one, an empty one is added.

        `lead` is text before the first paragraph.
        """
        before = (*lead, *filter(None, (around.led_by(),)))
        first, rest = (blocks[0] if blocks else None), blocks[1:]
        if isinstance(first, Paragraph | Heading):
            self.text(first.children, around.look_of(BLOCKS[type(first)], first), *before)
        else:
            self.text(None, around.look, *before)
            rest = blocks
        self.blocks(rest, around.bare())

    def paragraph(self, paragraph: Paragraph, around: Around) -> None:
        """Lay out a paragraph."""
        self.text(paragraph.children, around.look)

    def heading(self, heading: Heading, around: Around) -> None:
        """Lay out a heading, with a bookmark if a link leads to it."""
        self.ids += (heading.anchor,) if heading.anchor else ()
        self.text(heading.children, around.look_of("heading", heading))

    def quote(self, quote: Quote, around: Around) -> None:
        """Lay out a quotation."""
        self.blocks(quote.blocks, around.within().styled("Quote"))

    def definitions(self, whole: DefinitionList, around: Around) -> None:
        """Lay out terms, each with its meanings."""
        for definition in whole.definitions:
            self.text(definition.term, around.look_of("term", definition.term))
            for meaning in definition.descriptions:
                self.blocks(meaning, around.within())

    def list(self, whole: List, around: Around) -> None:
        """Lay out a list."""
        self.lists.append((replace(whole, items=()), around.depth))
        inside = around.listed(len(self.lists))
        wide = any(len(whole.label(index)) > _NARROW for index in range(len(whole.items)))
        inside = replace(inside, look=replace(inside.look, wide=wide))
        for item in whole.items:
            self.item(item, inside)
        end = self.items[-1] if self.items and around.depth == 0 else None
        if isinstance(end, Line) and end.new and end.new.style == inside.look.style:
            look = replace(end.new, last=True)
            self.items[-1] = replace(end, old=look, new=look)

    def table(self, table: Table, around: Around) -> None:
        """Lay out a table, and a space after it: Word joins tables that touch."""
        rows = [self.row(table.header, "TableHead", table.alignments)]
        rows += [self.row(row, "TableText", table.alignments) for row in table.rows]
        self.items.append(Grid(tuple(rows), around.look.indent))
        self.line("AfterTable")

    def row(self, cells: tuple[Run, ...], style: str, alignments: tuple[str, ...]) -> Row:
        """Return a row of a table."""
        looks = (ParagraphFormat(style, align=align) for align in alignments)
        lines = [
            Line(look, look, self.pieces(cell)) for cell, look in zip(cells, looks, strict=True)
        ]
        return Row(tuple(lines), Track.STAYS, style == "TableHead")

    # --- running text ----------------------------------------------------------------------------

    def text(self, run: Run | None, look: ParagraphFormat, *lead: Piece) -> None:
        """Lay out running text after a `lead`, as a paragraph; the next clause begins in it."""
        pieces = (*lead, *(self.pieces(run) if run is not None else ()))
        self.items.append(Line(look, look, pieces, ids=self.ids))
        self.ids = ()

    def pieces(self, run: Run) -> tuple[Piece, ...]:
        """Return running text as pieces; the first one has the pending comments."""
        written: list[Piece] = []
        for fragment, control in _controlled(run, next(self.spans, ())):
            marks = [mark for mark in fragment.elements if isinstance(mark, Unconfirmed)]
            if not self.noted:  # Word has no comments in footnotes
                self.remark(mark.question for mark in marks)
            if isinstance(fragment.leaf, NoteReference):
                written.append(self.reference(fragment.leaf.number))
                continue
            asked = [f"{mark.question.path}:{mark.question.line}" for mark in marks[-1:]]
            for piece in plain_pieces([fragment], self.unknown):
                remark, self.remarks = "\n".join(self.remarks), []
                tag = control or "".join(asked)
                written.append(replace(piece, control=tag, remark=remark))
        return tuple(written)

    def reference(self, number: int) -> Piece:
        """Return the reference to a note; Word counts footnotes itself, from 1."""
        raised = Piece(str(number), RunFormat(raised=True), counted=True)
        if self.noted or number in self.notes or number not in self.numbers:
            return raised
        mark = "" if number == self.counted + 1 else str(number)
        self.counted += not mark
        self.notes[number] = Footnote(len(self.notes) + 1, mark)
        return Piece(mark, RunFormat(), note=len(self.notes))


def _spans(clause: Clause) -> Iterator[tuple[Span, ...]]:
    """Yield, for each run of a clause, the stretches from a registry or a fact."""
    runs = zip_longest(runs_in(clause), clause.places, clause.quoted, fillvalue=())
    for run, places, quoted in runs:
        ends = [*(place.at for place in places[1:]), len(plain_text(run))]
        words = [
            (place.at, end, f"{place.path}:{place.line}")
            for place, end in zip(places, ends, strict=False)
            if place.path.endswith(_REGISTRY) and place.at < end
        ]
        facts = [(fact.begin, fact.end, f"{fact.path}:{fact.line}") for fact in quoted]
        yield (*words, *facts)


def _controlled(run: Run, spans: Sequence[Span]) -> Iterator[tuple[Fragment, str]]:
    """Yield the fragments of a run, cut where a span begins or ends, each with its origin."""
    at = 0
    for fragment in fragments(run):
        leaf = fragment.leaf
        size = len(leaf.text) if isinstance(leaf, Text | Code) else isinstance(leaf, LineBreak)
        inside = {edge for span in spans for edge in span[:2] if at < edge < at + size}
        for begin, end in pairwise(sorted({at, at + size} | inside) if size else (at, at)):
            tag = next((tag for first, last, tag in spans if first <= begin and end <= last), "")
            part = leaf
            if isinstance(leaf, Text | Code):
                part = type(leaf)(leaf.text[begin - at : end - at])
            yield fragment._replace(leaf=part), tag if size else ""
        at += size
