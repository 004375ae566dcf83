"""Policies as Word documents: what counsel opens, and what the file says of its origin."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import docx as docx_library
import pytest
from conftest import examples
from hypothesis import given, settings
from lxml import etree
from support.growth import grows_in_step
from support.policies import QUESTION, policies, written
from support.worddocs import NAMES, W, misordered
from support.workspaces import EVERYTHING, SMALL, policy, small

from publisher.intake.formats import extract
from publisher.policy.dating import Dating
from publisher.policy.json import json, read_policy
from publisher.policy.tree import (
    Clause,
    Code,
    DefinitionList,
    Heading,
    Link,
    List,
    NoteReference,
    Paragraph,
    Policy,
    Quote,
    Text,
    Unconfirmed,
    runs_in,
    walk,
    with_parts,
)
from publisher.policy.words import words, words_digest
from publisher.render.languages import labels, languages
from publisher.render.logo import logo_url
from publisher.render.style import Style
from publisher.render.word import docx
from publisher.render.word.elements import element
from publisher.render.word.package import WordFile
from publisher.workspace.theme import Linked, Theme

READY = Dating("ready", date(2026, 11, 22))
RELEASED = Dating("released", date(2026, 11, 22), version="2026-11-22", in_force=date(2026, 12, 22))
STYLE = Style(Theme(accent="#8a2432", heading_weight="regular", type_size="11"))


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def tree(data: bytes, name: str = "word/document.xml") -> Any:
    return etree.fromstring(parts(data)[name])


def found(root: Any, path: str) -> list[Any]:
    return root.xpath(path, namespaces=NAMES)


def text_of(element: Any) -> str:
    return "".join(text.text for text in element.iter(f"{W}t"))


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """A policy with every construct, whose clauses are numbered, and in which one fact is open."""
    outline = "title: {en: Privacy Policy}\norder: [who, data, rights]\nnumbering: clauses\n"
    registry = "Who gets it: {% for p in processors %}{{ p.name }} {{ p.words }} {% endfor %}\n"
    files = {
        "shared/policy.yaml": outline,
        "shared/clauses/en/rights.md": f"---\ntitle: Recipients\n---\n{registry}See section [](#who).\n",
        "shared/clauses/en/data.md": EVERYTHING + "\nSee [more](#a-heading).\n",
        "shared/company.yaml": SMALL["shared/company.yaml"]
        + "  unsure: {unconfirmed: Is it so?}\n",
    }
    return policy(small(tmp_path_factory.mktemp("everything"), files))


# --- what counsel sees ---------------------------------------------------------------------------


def test_headings_lists_tables_and_notes_are_those_of_word(everything: Policy) -> None:
    data = docx(everything, READY, STYLE)
    document = docx_library.Document(BytesIO(data))
    headings = [(p.style.name, p.text) for p in document.paragraphs if "eading" in p.style.name]
    assert headings == [
        ("Heading 1", "Privacy Policy"),
        ("Heading 2", "Who we are"),
        ("Heading 2", "Your data"),
        ("Heading 3", "A heading"),
        ("Heading 4", "Deeper"),
        ("Heading 2", "Recipients"),
        ("Questions Heading", "Open questions"),
    ]
    body, numbering = tree(data), tree(data, "word/numbering.xml")
    (table,) = found(body, "//w:tbl")
    assert len(found(table, "w:tr[1]/w:trPr/w:tblHeader")) == 1
    assert found(table, "w:tr[2]/w:tc[2]/w:p/w:pPr/w:jc/@w:val") == ["right"]
    labelled = {
        (found(level, "w:numFmt/@w:val")[0], found(level, "w:lvlText/@w:val")[0])
        for level in found(numbering, "//w:lvl")
    }
    assert {("lowerLetter", "(%1)"), ("lowerRoman", "(%2)"), ("bullet", "•")} <= labelled
    assert found(body, "//w:footnoteReference/@w:id") == ["1"]
    (note,) = found(tree(data, "word/footnotes.xml"), "w:footnote[@w:id=1]")
    assert text_of(note).strip() == "The note."
    assert not misordered(data)


def test_clauses_are_numbered_and_marked_and_links_lead_to_them(everything: Policy) -> None:
    data = docx(everything, READY, STYLE)
    body = tree(data)
    titles = found(body, "//w:p[w:pPr/w:pStyle/@w:val='Heading2']")
    assert len({found(title, "string(w:pPr/w:numPr/w:numId/@w:val)") for title in titles}) == 1
    starts = {
        found(start, "string(@w:name)"): found(start, "string(@w:id)")
        for start in found(body, "//w:bookmarkStart")
    }
    assert [*starts] == ["clause_who", "clause_data", "heading_data_a_heading", "clause_rights"]
    ends = found(body, "//w:bookmarkEnd/@w:id")
    assert sorted(ends) == sorted(starts.values())
    anchors = found(body, "//w:hyperlink/@w:anchor")
    assert {*anchors} <= {*starts}
    assert anchors[-2:] == ["heading_data_a_heading", "clause_who"]
    inside = found(body, "//w:bookmarkStart[@w:name='clause_data']/parent::w:p")[0]
    between = []
    while inside.tag != f"{W}bookmarkEnd":
        between.append(text_of(inside))
        inside = inside.getnext()
    assert (between[0], between[-1]) == ("Your data", "See more.")


def test_changes_are_tracked_and_nothing_is_locked(everything: Policy) -> None:
    data = docx(everything, READY, STYLE)
    settings = tree(data, "word/settings.xml")
    assert len(found(settings, "w:trackRevisions")) == 1
    assert not found(settings, "w:documentProtection | w:writeProtection")
    assert not found(tree(data), "//w:lock | //w:ins | //w:del | //w:permStart")


def test_facts_and_words_of_a_registry_say_where_they_were_written(
    everything: Policy,
) -> None:
    data = docx(everything, READY, STYLE)
    controls = {
        found(control, "string(w:sdtPr/w:tag/@w:val)"): text_of(control)
        for control in found(tree(data), "//w:sdt[w:sdtPr/w:tag]")
    }
    assert controls["shared/processors.yaml:5"] == "sends Alpha's letters."
    assert controls["shared/company.yaml:1"] == "Acme NV"
    assert controls["shared/retention.yaml:3"] == "10 years"
    (question,) = everything.questions
    assert controls[f"{question.path}:{question.line}"] == "[to be confirmed]"
    ids = found(tree(data), "//w:sdtPr/w:id/@w:val")
    assert len(ids) == len({*ids})
    (comment,) = found(tree(data, "word/comments.xml"), "w:comment")
    assert text_of(comment).startswith(f"Question 1: {question.text}")


def test_a_control_stands_in_a_link_or_around_it() -> None:
    linked = Link("https://x.example", (Text("see "), Unconfirmed((Text("Odoo"),), QUESTION)))
    made = written(("a", "A", "x"))
    (clause,) = made.clauses
    paragraph = replace(clause.blocks[0], children=(linked, Text("."), Unconfirmed((), QUESTION)))
    whole = replace(made, clauses=(replace(clause, blocks=(paragraph,)),), questions=(QUESTION,))
    body = tree(docx(whole, READY, STYLE))
    (link,) = found(body, "//w:hyperlink[w:r]")
    assert text_of(link) == "see Odoo"
    assert [text_of(control) for control in found(link, "w:sdt")] == ["Odoo"]


@pytest.mark.parametrize("locale", languages())
@pytest.mark.parametrize(
    ("dating", "open", "banner", "mark"),
    [
        (READY, False, "not_released", "not_released"),
        (Dating("draft"), True, "draft", "watermark"),
        (Dating("proposed"), False, "proposed", "proposed_watermark"),
        (RELEASED, False, "derived", ""),
    ],
)
def test_each_page_says_what_the_document_is(
    locale: str, dating: Dating, open: bool, banner: str, mark: str
) -> None:
    own = labels(locale)
    made = replace(written(("a", "A", "x")), locale=locale, questions=(QUESTION,) * open)
    data = docx(made, dating, STYLE)
    section = docx_library.Document(BytesIO(data)).sections[0]
    for header in (section.header, section.first_page_header):
        assert own[banner] in header.paragraphs[0].text
    notices = [
        p.text for p in docx_library.Document(BytesIO(data)).paragraphs if p.style.name == "Notice"
    ]
    assert notices[0].startswith(f"{own[banner]}. ")
    drawn = re.findall(r'string="([^"]*)"', "".join(
        text.decode() for name, text in parts(data).items() if "header" in name
    ))  # fmt: skip
    assert drawn == ([own[mark]] * 2 if mark else [])
    assert f'<w:lang w:val="{locale}"' in parts(data)["word/styles.xml"].decode()


def test_the_title_block_tells_dates_version_and_controller() -> None:
    data = docx(written(("a", "A", "x"), ("b", "B", "y")), RELEASED, STYLE)
    shown = [p.text for p in docx_library.Document(BytesIO(data)).paragraphs]
    assert shown[:9] == [
        "Alpha",
        "Privacy policy",
        "Last updated\t22 November 2026",
        "In force from\t22 December 2026",
        "Version\t2026-11-22",
        "Controller\tExample BV, Street 1, 2000 Antwerp",
        "Made from the archived text, not issued. This Word document was made from the archived text "
        "for editing. The documents that were issued are in the archive.",
        "",
        "A",
    ]
    (contents,) = found(tree(data), "//w:sdt[w:sdtPr/w:docPartObj]")
    assert [text_of(p) for p in found(contents, ".//w:p")] == ["Contents", "A", "B"]


def test_the_theme_of_the_brand_is_that_of_the_document() -> None:
    footer = (Linked(text="Imprint", url="https://x.example/imprint"), "All rights reserved")
    style = Style(Theme(accent="#8a2432", type_size="9", heading_weight="regular", footer=footer))
    data = docx(written(("a", "A", "x")), READY, style)
    styles = tree(data, "word/styles.xml")
    assert found(styles, "w:style[@w:styleId='Hyperlink']/w:rPr/w:color/@w:val") == ["8a2432"]
    assert found(styles, "w:docDefaults//w:sz/@w:val") == ["18"]
    assert found(styles, "w:style[@w:styleId='Heading2']/w:rPr/w:b/@w:val") == ["0"]
    assert "$" not in parts(data)["word/styles.xml"].decode()
    section = docx_library.Document(BytesIO(data)).sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert round(section.left_margin.mm, 1) == style.side
    colophon = [
        p for p in docx_library.Document(BytesIO(data)).paragraphs if p.style.name == "Colophon"
    ]
    assert [p.text for p in colophon] == ["Imprint", "All rights reserved"]


def test_a_logo_stands_in_place_of_the_name() -> None:
    shapes = '<circle cx="15" cy="15" r="14" fill="#0b5cad"/><path d="M40 1h79v28h-79z"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 30">{shapes}</svg>'
    url, problems = logo_url("brands/alpha/logo.svg", svg.encode())
    assert not problems
    made, style = written(("a", "A", "x")), Style(logo=url)
    data = docx(made, READY, style)
    assert data == docx(made, READY, style)
    document = docx_library.Document(BytesIO(data))
    (picture,) = document.inline_shapes
    assert picture._inline.docPr.get("descr") == "Alpha"
    assert document.paragraphs[0].text == ""
    assert round(picture.width / picture.height, 1) == round(118 / 28, 1)
    assert picture.height.mm <= 14
    assert parts(data)["word/media/image1.png"].startswith(b"\x89PNG")


# --- what the file says of itself ----------------------------------------------------------------


def test_the_file_knows_what_it_was_made_from(everything: Policy) -> None:
    data = docx(everything, READY, STYLE, "0123abcd")
    assert properties(data) == {
        "publisher.brand": "alpha",
        "publisher.locale": "en",
        "publisher.words": words_digest(everything),
        "publisher.status": "ready",
        "publisher.source": "0123abcd",
    }
    assert properties(docx(everything, RELEASED, STYLE))["publisher.version"] == "2026-11-22"
    item = etree.fromstring(parts(data)["customXml/item1.xml"])
    assert item.text.encode() == json(everything, READY)
    assert words(read_policy(item.text.encode())) == words(everything)
    core = docx_library.Document(BytesIO(data)).core_properties
    assert (core.title, core.author) == ("Not released: Privacy Policy – Alpha", "Acme NV")
    assert core.created == datetime(2026, 11, 22, tzinfo=UTC)


def properties(data: bytes) -> dict[str, str]:
    root = etree.fromstring(parts(data)["docProps/custom.xml"])
    return {each.get("name"): "".join(each.itertext()) for each in root}


def test_a_document_is_filled_in_step_with_its_paragraphs() -> None:
    assert grows_in_step(
        lambda many: [element("p") for _ in range(many)],
        lambda paragraphs: WordFile("en", Style()).fill(paragraphs),
        5_000,
    )


def test_the_same_policy_gives_the_same_bytes(everything: Policy) -> None:
    data = docx(everything, READY, STYLE, "0123abcd")
    assert data == docx(everything, READY, STYLE, "0123abcd")
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert {each.date_time for each in archive.infolist()} == {(2026, 11, 22, 0, 0, 0)}
    with zipfile.ZipFile(BytesIO(docx(everything, Dating("draft"), STYLE))) as archive:
        assert {each.date_time[0] for each in archive.infolist()} == {1980}


# --- read back -----------------------------------------------------------------------------------


def letters(clauses: tuple[Clause, ...]) -> str:
    """Return the text of clauses without white space, with what stands for an unknown fact."""
    runs = [run for clause in clauses for run in ((Text(clause.title),), *runs_in(clause))]
    shown = "".join(
        "[to be confirmed]" if isinstance(i, Unconfirmed) and not i.children else i.text
        for run in runs
        for i in walk(run)
        if isinstance(i, Text | Code | Unconfirmed) and (not isinstance(i, Unconfirmed) or not i.children)
    )  # fmt: skip
    return "".join(shown.split())


def plainer(node: Any) -> Any:
    """Return a node without references to notes, and without headings inside other blocks."""
    if isinstance(node, tuple):
        node = tuple(part for part in node if not isinstance(part, NoteReference))
    if isinstance(node, List | Quote | DefinitionList):
        node = with_parts(node, _unheaded)
    return with_parts(node, plainer)


def _unheaded(node: Any) -> Any:
    return Paragraph(node.children) if isinstance(node, Heading) else with_parts(node, _unheaded)


@settings(max_examples=examples(60))
@given(policies(shrinking=False))
def test_every_word_comes_back(made: Policy) -> None:
    clauses = tuple(replace(plainer(clause), notes=()) for clause in made.clauses)
    asked = replace(made, clauses=clauses, questions=(QUESTION,))
    back = extract(docx(asked, READY, STYLE), "docx")
    assert letters(asked.clauses) in "".join([*back.title.split(), letters(back.clauses)])


@settings(max_examples=examples(60))
@given(policies(shrinking=False))
def test_every_note_is_a_footnote_or_stands_below_its_clause(made: Policy) -> None:
    clauses = tuple(replace(clause, notes=plainer(clause.notes)) for clause in made.clauses)
    data = docx(replace(made, clauses=clauses, questions=(QUESTION,)), READY, STYLE)
    body, names = tree(data), parts(data)
    texts = ["".join(text_of(body).split())]
    references = found(body, "//w:footnoteReference/@w:id")
    if references:
        notes = found(tree(data, "word/footnotes.xml"), "w:footnote[@w:id > 0]")
        assert [note.get(f"{W}id") for note in notes] == references
        assert all(note.find(f"{W}p") is not None for note in notes)
        texts += ["".join(text_of(note).split()) for note in notes]
    assert ("word/footnotes.xml" in names) == bool(references)
    for clause in clauses:
        for note in clause.notes:
            bare = replace(clause, title="", blocks=note.blocks, notes=())
            assert any(letters((bare,)) in text for text in texts)
    assert not misordered(data)


KINDS = """Text with *emphasis*, **more**, a [link](https://x.example/a?b=c&d), and a note.[^n]

## A heading

- a list
  1. in a list
  2. of two
- and <https://auto.example>

(a) a label
(b) another:
    (i) inside
    (ii) and inside

| Purpose | Period |
|---------|-------:|
| a & b   | ten years |

Line one\\
line two, see [above](#b).

[^n]: The note."""


def test_the_words_come_back_with_their_lists_tables_links_and_notes() -> None:
    made = written(("a", "A", KINDS), ("b", "B", "It ends."))
    back = extract(docx(replace(made, questions=(QUESTION,)), READY, STYLE), "docx").clauses
    assert words(replace(made, clauses=back)) == words(made)
