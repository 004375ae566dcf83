"""Old documents come in whole: what their readers see is read, or a note names it."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.intakes import W, docx, every_word, listed, p, said, styled, taken, untagged
from support.intakes import shown as text_of

from publisher.intake import extract
from publisher.intake.draft import Extracted, Passage, page_number, without_page_number
from publisher.intake.second_reading import compared
from publisher.policy.tree import Clause, Link, Paragraph, Table, Text, inlines_in

# --- the second reading --------------------------------------------------------------------------

WORDS = st.lists(
    st.sampled_from(
        [
            "we",
            "keep",
            "your",
            "name",
            "and",
            "send",
            "it",
            "to",
            "nobody",
            "else",
            "for",
            "two",
            "years",
        ]
    )
)


def clause(text: str) -> Extracted:
    return Extracted("", (Clause("a", "", (Paragraph((Text(text),)),), (), (), ""),), ())


@given(WORDS, WORDS, st.lists(st.integers(1, 9).map(lambda n: f"lost{n}"), max_size=5))
def test_a_lost_word_is_noted_wherever_it_stood(
    before: list[str], after: list[str], lost: list[str]
) -> None:
    file = Passage("", " ".join((*before, *lost, *after)))
    notes = compared([file], clause(" ".join((*before, *after))))
    if not lost:
        assert notes == ()
        return
    (note,) = notes
    assert note.startswith(f"{len(lost)} word{'s' * (len(lost) > 1)} of the document")
    assert f"“{' '.join(lost)}”" in note
    assert f"after “{' '.join(before[-4:])}”" in note if before else "at the start" in note


@given(WORDS, st.permutations(["one two three four", "five six seven", "eight nine"]))
def test_words_in_another_order_are_not_lost(some: list[str], parts: list[str]) -> None:
    file = Passage("", " ".join([*some, "one two three four five six seven eight nine"]))
    assert compared([file], clause(" ".join([*parts, *some]))) == ()


def test_words_that_only_the_extraction_has_and_glued_ones_are_noted() -> None:
    assert compared([Passage("", "We keep your name.")], clause("We never keep your name.")) == (
        "1 word of the extracted text is missing in a plain reading of the document: “never” (after “We”)",
    )
    assert compared([Passage("", "We keep half of it.")], clause("We keep halfof it.")) == (
        "a plain reading divides words differently in 1 place: “halfof”",
    )
    assert compared(
        [Passage("", "1 We keep it until 1 2 3 4")], clause("We keep it until 1234")
    ) == (
        "1 word of the document is missing in the extracted text: “1” (at the start)",
        "a plain reading divides words differently in 1 place: “1234”",
    )
    assert compared([Passage("on page 2", "You are ≥ 16.")], clause("You are 16.")) == (
        "1 word of the document is missing in the extracted text: “≥” (on page 2)",
    )
    assert compared([Passage("", "for \ufffd\ufffd years")], clause("for \ufffd\ufffd years")) == (
        "2 characters could not be read; the extracted text has \ufffd there",
    )


def test_hyphens_at_the_ends_of_lines_are_no_difference() -> None:
    file = Passage("", "Some infor-\nmation on e-mail, ﬁrst pri\u00advacy, third-\nparty")
    assert compared([file], clause("Some information on e-mail, first privacy, third-party")) == ()


@pytest.mark.parametrize(
    "text", ["Page 2 of 3", "- 2 -", "2", "2/3", "Seite 4", "Pagina 1 van 2", "# / #"]
)
def test_page_numbers(text: str) -> None:
    assert page_number(text)
    assert without_page_number(f"Version 2.1, {text}") in ("Version 2.1", f"Version 2.1, {text}")


def test_what_is_no_page_number() -> None:
    for text in (
        "Invoices: 7 years",
        "Article 2",
        "25 May 2018",
        "2019",
        "Alpha – 2019",
        "Page on cookies",
    ):
        assert not page_number(text)
        assert without_page_number(text) == text
    assert without_page_number("Version 2.1 – Page 2 of 3") == "Version 2.1"


# --- HTML ----------------------------------------------------------------------------------------


def test_closed_panels_and_the_buttons_of_their_titles_are_part_of_the_document() -> None:
    found = taken(
        "p.html",
        "<main><h1>Privacy</h1><h2><button aria-controls=a>1. Data</button></h2><div id=a>Your name.</div>"
        "<h2><button>2. Bank</button></h2><div hidden>Our bank.</div><button aria-controls=c>Rights</button>"
        '<div style="display:none" role=tabpanel>Erasure.</div><button>Save</button></main>',
    )
    assert [(c.title, said(c)) for c in found.clauses] == [
        ("1. Data", ["Your name."]),
        ("2. Bank", ["Our bank.", "Rights", "Erasure."]),
    ]
    assert found.notes == (
        "2 hidden parts of the page were read, such as closed panels",
        "buttons and form fields were left out: “Save”",
    )


def test_a_page_header_with_the_title_is_read_and_the_rest_is_noted() -> None:
    found = taken(
        "p.html",
        "<body><nav>Home</nav><header><h1>Privacy</h1><p>Effective 25 May 2018</p></header><h2>Who</h2>Us."
        "<footer>Version 3.2</footer>",
    )
    assert [said(c) for c in found.clauses] == [["Effective 25 May 2018"], ["Us."]]
    assert found.notes == (
        "the navigation of the site was left out: “Home”",
        "the header and footer of the page were left out: “Version 3.2”",
    )


def cells(table: object) -> list[list[str]]:
    assert isinstance(table, Table)
    return [[text_of(cell) for cell in row] for row in (table.header, *table.rows)]


def test_merged_cells_keep_their_columns() -> None:
    page = (
        "<table><tr><th rowspan=2>Who</th><th colspan=2>Cookie</th></tr><tr><th>name<th>kept</tr>"
        "<tr><td rowspan=2>Statly<td>_a<td>1 day<tr><td>_b<td>2 days<tr><td>Acme<td>sid<td>1 hour</table>"
    )
    assert cells(taken("p.html", page).clauses[0].blocks[0]) == [
        ["Who", "Cookie", ""], ["", "name", "kept"],
        ["Statly", "_a", "1 day"], ["", "_b", "2 days"], ["Acme", "sid", "1 hour"],
    ]  # fmt: skip


def test_a_list_of_rights_is_no_table_of_contents() -> None:
    items = "<li>Access<li>Correction<li>Erasure"
    sections = "<h2>Access</h2>a<h2>Correction</h2>b<h2>Erasure</h2>c"
    for intro in ("<p>You have rights:</p>", ""):
        page = f"<h1>T</h1><h2>Your rights</h2>{intro}<ul>{items}</ul>{sections}"
        found = taken("p.html", page)
        assert found.clauses[0].title == "Your rights"
        assert every_word(found).count("Access") == 2
        assert found.notes == ()


def targets(extracted: Extracted) -> list[str]:
    return [i.target for c in extracted.clauses for i in inlines_in(c) if isinstance(i, Link)]


def test_hidden_addresses_are_decoded_and_links_may_be_what_clauses_may_have() -> None:
    code = "2a5a58435c4b49536a4b465a424b044f524b475a464f"  # privacy@alpha.example
    found = taken(
        "p.html",
        f'<p><a class="__cf_email__" data-cfemail="{code}">[email&#160;protected]</a>'
        f'<p><a href="/cdn-cgi/l/email-protection#{code}">us</a> <a href="tel:+32 9 000">call</a>'
        '<a href="mailto:a%40b.example?subject=x">mail</a> <a href="/cookies">cookies</a>',
    )
    mail = "mailto:privacy@alpha.example"
    assert targets(found) == [mail, mail, "tel:+329000", "mailto:a@b.example"]
    assert said(found.clauses[0])[0] == "privacy@alpha.example"
    assert found.notes == ("links to other pages of the site became text: “/cookies”",)


def test_lists_in_a_page_that_word_saved() -> None:
    def item(mark: str, level: int, text: str) -> str:
        label = f"<span style='mso-list:Ignore'>{mark}<span>&nbsp; </span></span>"
        return f"<p style='mso-list:l0 level{level} lfo1'><![if !supportLists]>{label}<![endif]>{text}</p>"

    page = item("&middot;", 1, "see") + item("o", 2, "all") + item("&sect;", 1, "erase")
    found = taken("p.html", f"{page}<p>Then:</p>{item('1.', 1, 'write')}{item('2.', 1, 'sign')}")
    bullets, _, steps = found.clauses[0].blocks
    assert (bullets.start, len(bullets.items), steps.start) == (None, 2, 1)  # type: ignore[union-attr]
    assert said(found.clauses[0]) == ["see", "all", "erase", "Then:", "write", "sign"]
    assert found.notes == ()


# --- Word ----------------------------------------------------------------------------------------


def numbering(*levels: tuple[str, str], more: str = "") -> str:
    written = "".join(
        f'<w:lvl w:ilvl="{at}"><w:numFmt w:val="{figures}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for at, (figures, text) in enumerate(levels)
    )
    return (
        f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0">{written}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>{more}</w:numbering>'
    )


def test_labels_that_no_list_has_stay_as_word_shows_them() -> None:
    levels = [("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)")]
    body = "".join(p(text, listed(1, at)) for at, text in enumerate(("Terms", "Data", "names")))
    found = taken("p.docx", docx(body + p("Law", listed(1, 1)), numbering=numbering(*levels)))
    assert said(found.clauses[0]) == ["Terms", "1.1 Data", "names", "1.2 Law"]
    assert found.notes == ()


def test_a_list_that_starts_again_does() -> None:
    again = (
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0">'
        '<w:startOverride w:val="1"/></w:lvlOverride></w:num>'
    )
    body = (
        p("a", listed(1, 0)) + p("b", listed(1, 0)) + p("Then:")
        + p("c", listed(2, 0)) + p("d", listed(2, 0))
    )  # fmt: skip
    found = taken("p.docx", docx(body, numbering=numbering(("decimal", "%1."), more=again)))
    starts = [getattr(block, "start", "") for block in found.clauses[0].blocks]
    assert starts == [1, "", 1]


SYMBOL = '<w:p><w:r><w:sym w:font="{}" w:char="{}"/></w:r><w:r><w:t> 16</w:t></w:r></w:p>'


def box(text: str) -> str:
    return f"<w:txbxContent>{p(text)}</w:txbxContent>"


WHOLE = {
    "symbol": (SYMBOL.format("Symbol", "F0B3"), ["≥", "16"], ()),
    "tick": (SYMBOL.format("Wingdings", "F0FE"), ["☑", "16"], ()),
    "unknown symbol": (
        SYMBOL.format("Own", "F0FE"), ["\ufffd", "16"],
        ("1 character could not be read; the extracted text has \ufffd there",),
    ),
    "boxes": (f"<w:p><w:r><w:drawing>{box('one')}{box('two')}</w:drawing></w:r></w:p>", ["one", "two"], ()),
    "embedded": (p("one") + "<w:altChunk/>", ["one"], ("a document that is embedded in it was left out",)),
    "formula": (
        '<w:p><m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:r><m:t>x≥1</m:t></m:r></m:oMath></w:p>',
        ["x≥1"], ("1 formula was read as plain text",),
    ),
    "unknown": (
        p("one") + '<w:p><x:new xmlns:x="urn:x"><x:said>two</x:said></x:new></w:p>', ["one"],
        ("1 word of the document is missing in the extracted text: “two” (after “one”)",),
    ),
    "deleted end": (
        p("our bank", "<w:rPr><w:del/></w:rPr>") + p(", and nobody"), ["our", "bank,", "and", "nobody"],
        ("the document has tracked changes: it was read as if all were accepted",),
    ),
    "grid": (
        f'<w:tbl><w:tr><w:tc>{p("a")}</w:tc><w:tc>{p("b")}</w:tc></w:tr><w:tr><w:trPr><w:gridBefore w:val="1"/></w:trPr>'
        f'<w:tc>{p("c")}</w:tc></w:tr></w:tbl>', ["a", "b", "c"], (),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("body", "words", "notes"), WHOLE.values(), ids=WHOLE)
def test_word_documents_are_read_whole(body: str, words: list[str], notes: tuple[str, ...]) -> None:
    found = taken("p.docx", docx(body))
    assert (every_word(found), found.notes) == (words, notes)


def test_columns_of_a_word_table() -> None:
    wide = f'<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>{p("needed")}</w:tc>'
    rows = (
        [f"<w:tc>{p(t)}</w:tc>" for t in ("name", "why", "kept")],
        [wide, f"<w:tc>{p('1 day')}</w:tc>"],
    )
    table = "".join(f"<w:tr>{''.join(row)}</w:tr>" for row in rows)
    found = taken("p.docx", docx(f"<w:tbl>{table}</w:tbl>"))
    assert cells(found.clauses[0].blocks[0]) == [["name", "why", "kept"], ["needed", "", "1 day"]]


def test_fields_that_are_links_and_headers_without_page_numbers() -> None:
    def field(asked: str, text: str) -> str:
        marks = [
            f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'
            for kind in ("begin", "separate", "end")
        ]
        asking = f"<w:r><w:instrText>{asked}</w:instrText></w:r>"
        return f"{marks[0]}{asking}{marks[1]}<w:r><w:t>{text}</w:t></w:r>{marks[2]}"

    link = f"<w:p>{field('HYPERLINK &quot;https://a.example/x&quot;', 'notice')}</w:p>"
    foot = f'<w:ftr xmlns:w="{W}"><w:p><w:r><w:t>Version 2.1 – page </w:t></w:r>{field(" PAGE ", "7")}</w:p></w:ftr>'
    found = taken("p.docx", docx(link, footer1=foot, footer2=foot))
    assert targets(found) == ["https://a.example/x"]
    assert [(c.id, said(c)) for c in found.clauses] == [
        ("preamble", ["notice"]),
        ("every-page", ["Version 2.1"]),
    ]
    assert found.notes == ()


CHANGED = (
    "<w:p><w:r><w:t>We keep </w:t></w:r><w:del><w:r><w:delText>two</w:delText></w:r></w:del>"
    "<w:ins><w:r><w:t>three</w:t></w:r></w:ins><w:r><w:t> years</w:t></w:r></w:p>"
    "<w:p><w:pPr><w:rPr><w:ins/></w:rPr></w:pPr><w:ins><w:r><w:t>New.</w:t></w:r></w:ins></w:p>"
)


@pytest.mark.parametrize(
    ("as_sent", "text"), [(False, ["We keep three years", "New."]), (True, ["We keep two years"])]
)
def test_tracked_changes_accepted_or_rejected(as_sent: bool, text: list[str]) -> None:
    found = extract(docx(CHANGED), "docx", as_sent=as_sent)
    assert said(found.clauses[0]) == text
    done = "rejected" if as_sent else "accepted"
    assert found.notes == (f"the document has tracked changes: it was read as if all were {done}",)


# --- titles --------------------------------------------------------------------------------------


def test_the_first_of_several_equal_headings_is_no_title() -> None:
    page = "<h1>Article I</h1><h2>Who</h2>a<h1>Article II</h1>b<h1>Article III</h1>c"
    found = taken("p.html", page)
    assert (found.title, len(found.clauses)) == ("", 3)


@pytest.mark.parametrize("format", ["docx", "html", "md"])
def test_bold_lines_are_titles_where_a_document_has_no_others(format: str) -> None:
    lines = [("Privacy notice", True)]
    for number, title in enumerate(("Who we are", "Your data", "Your rights"), 1):
        lines += [(f"{number}. {title}", True), ("We say it here.", False)]
    bold = {
        "docx": "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>{}</w:t></w:r></w:p>",
        "html": "<p><b>{}</b></p>",
        "md": "**{}**\n\n",
    }
    plain = {"docx": p("{}"), "html": "<p>{}</p>", "md": "{}\n\n"}
    text = "".join((bold if strong else plain)[format].format(line) for line, strong in lines)
    found = taken(f"p.{format}", docx(text) if format == "docx" else text)
    assert found.title == "Privacy notice"
    assert [c.title for c in found.clauses] == ["1. Who we are", "2. Your data", "3. Your rights"]


def test_the_bold_of_a_style_counts_and_can_be_switched_off() -> None:
    styles = (
        f'<w:styles xmlns:w="{W}"><w:style w:styleId="B"><w:rPr><w:b/></w:rPr></w:style></w:styles>'
    )
    body = "".join(p(f"{n}. Title {n}", styled("B")) + p("Some text.") for n in (1, 2))
    body += f'<w:p><w:pPr>{styled("B")}</w:pPr><w:r><w:rPr><w:b w:val="0"/></w:rPr><w:t>Three</w:t></w:r></w:p>'
    found = taken("p.docx", docx(body, styles=styles))
    assert [(c.title, said(c)) for c in found.clauses] == [
        ("1. Title 1", ["Some text."]),
        ("2. Title 2", ["Some text.", "Three"]),
    ]


def test_front_matter_in_toml() -> None:
    found = taken(
        "p.md", '+++\ntitle = "Privacy notice"\ndate = 2020-05-25\n+++\n\n## Who\n\nUs.\n'
    )
    assert (found.title, said(found.clauses[0])) == ("Privacy notice", ["Us."])
    assert found.notes == ("the front matter was left out, except the title: “date = 2020-05-25”",)


# --- PDF -----------------------------------------------------------------------------------------


def test_what_stands_on_every_page_of_a_pdf_is_kept_once_and_lines_that_differ_stay() -> None:
    pages = [
        [(16, 72, 780, f"Annex {country}"), (11, 72, 740, f"This says how long we keep data in {country}."),
         (11, 72, 724, f"Invoices: {years} years"), (9, 72, 40, "Version 2.1, in force from 25 May 2018"),
         (9, 500, 40, f"Page {number} of 3")]
        for number, (country, years) in enumerate((("Italy", 5), ("Spain", 6), ("Malta", 7)), 1)
    ]  # fmt: skip
    found = taken("p.pdf", untagged(pages))
    words = every_word(found)
    assert [words.count(year) for year in ("5", "6", "7", "2018", "Page")] == [1, 1, 1, 1, 0]
    assert found.clauses[-1].id == "every-page"
    assert found.notes == (
        "text at the top or bottom of several pages was kept once: “Version 2.1, in force from 25 May 2018”",
    )


def test_a_bullet_begins_an_item_behind_a_full_line() -> None:
    lines = [
        "We use your data for these purposes, and for no other purpose whatever:", "• Letters",
        "• Sending you push notices about payments and every important alert", "• Improving our app",
    ]  # fmt: skip
    page = [(11, 72, 740 - 14 * at, line) for at, line in enumerate(lines)]
    (clause,) = taken("p.pdf", untagged([page])).clauses
    assert len(clause.blocks[1].items) == 3  # type: ignore[union-attr]


def test_what_was_typed_onto_a_pdf_and_names_that_are_no_titles() -> None:
    note = (
        "<</Type/Annot/Subtype/FreeText/Rect[72 700 400 720]/Contents(In force from 25 May 2018)"
        "/DA(/Helv 11 Tf 0 g)>>"
    )
    page = [
        (11, 72, 780, "Privacy is what we keep for you."),
        (11, 72, 600, "We send it to nobody."),
    ]
    found = taken("p.pdf", untagged([page], note=note, title="\\(anonymous\\)"))
    assert found.title == ""
    assert [text for c in found.clauses for text in said(c)] == [
        "Privacy is what we keep for you.", "In force from 25 May 2018", "We send it to nobody.",
    ]  # fmt: skip
    assert found.notes == ()


def test_a_stamp_with_one_letter_below_the_other_is_no_text() -> None:
    stamp = [(11, 40, 700 - 12 * at, letter) for at, letter in enumerate("RECEIVED")]
    found = taken("p.pdf", untagged([[(11, 72, 740, "We keep your name for two years."), *stamp]]))
    assert every_word(found) == ["We", "keep", "your", "name", "for", "two", "years."]
    assert found.notes == (
        "text that is set with one letter below the other was left out: “RECEIVED”",
    )


def test_every_part_of_a_word_document_counts_in_the_second_reading() -> None:
    data = docx(p("We keep it.", styled("x")) + "<w:altChunk/>")
    with BytesIO(data) as made, ZipFile(made, "a") as package:
        package.writestr("word/charts/chart1.xml", "<c xmlns:a='urn:a'><a:t>two years</a:t></c>")
        package.writestr("word/c.html", "<p>and your <b>name</b></p>")
        package.close()
        found = taken("p.docx", made.getvalue())
    assert found.notes == (
        "a document that is embedded in it was left out",
        "5 words of the document are missing in the extracted text: “two years” (in its part charts/chart1); “and your name” (in its part c.html)",
    )


@pytest.mark.parametrize(
    ("row", "noted"),
    [
        (
            "<tr><th>Data</th><td>Name<td>Mail</tr><tr><th>Why</th><td><ul><li>A<li>B</ul><td>C",
            True,
        ),
        ("<tr><th>Data</th><td>Name</td></tr><tr><th>Why</th><td>To answer</td></tr>", False),
        ("<tr><td><h2>Menu</h2><td><p>Text</tr><tr><td>Left<td>Right</tr>", False),
    ],
    ids=["a list in a cell", "words alone", "the page's layout"],
)
def test_a_table_that_loses_its_columns_is_noted(row: str, noted: bool) -> None:
    extracted = extract(f"<h1>Policy</h1><p>We say.</p><table>{row}</table>".encode(), "html")
    assert any("without columns" in note for note in extracted.notes) is noted


def test_a_pdf_whose_title_ends_in_half_a_character() -> None:
    page = (11, 72, 740, "We keep your name for two years.")
    found = taken("p.pdf", untagged([[page]], title="\\376\\377\\000A\\330\\000"))
    assert found.title == "A\ufffd"
