"""Old documents → clauses: each format, odd and hostile ones, and that no word is lost."""

from __future__ import annotations

import re
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from conftest import ROOT, examples
from hypothesis import given, settings
from hypothesis import strategies as st
from support.growth import grows_in_step
from support.intakes import (
    NUMBERING,
    STYLES,
    W,
    docx,
    every_word,
    listed,
    p,
    policy,
    said,
    styled,
    taken,
)

from publisher.compose.brands import compose_all, load_brands
from publisher.errors import NotADocument
from publisher.intake import FORMATS, extract, format_of
from publisher.intake.clauses import slug
from publisher.intake.draft import without_page_number
from publisher.intake.formats import decoded
from publisher.intake.pdf.pdfium import attachments
from publisher.policy.characters import FORBIDDEN
from publisher.policy.dating import Dating
from publisher.policy.json import json, read_policy
from publisher.policy.tree import (
    Code,
    DefinitionList,
    Emphasis,
    Heading,
    LineBreak,
    Link,
    List,
    NoteReference,
    Paragraph,
    Quote,
    Table,
    Text,
)
from publisher.policy.words import one_by_one
from publisher.redline import redline
from publisher.repository.source import FolderSource

PLAIN = (Path(__file__).parents[1] / "data" / "cloudnovi-privacy-policy.txt").read_text()


def t(text: str) -> Paragraph:
    return Paragraph((Text(text),))


# --- which format --------------------------------------------------------------------------------

REFUSED = [
    ("policy.odt", b"x", "policy.odt has the ending .odt, which publisher cannot read; save it as one of .pdf, .html, .htm, .md, .markdown, .docx, .txt"),
    ("policy", b"x", "policy has no ending; save it as one of"),
    ("p.txt", b"", "p.txt is empty; take another copy of it"),
    ("p.txt", b" \n\t\n", "p.txt is empty"),
    ("p.pdf", b"<html>", "p.pdf is not a PDF; give it the ending of its format"),
    ("p.pdf", b"%PDF-1.4\nnothing", "p.pdf is damaged: it cannot be read as a PDF; take another copy of it"),
    ("p.docx", b"PK\x03\x04zip", "p.docx is not a Word document, or is damaged; open it in a word processor"),
    ("p.docx", b"\xd0\xcf\x11\xe0old", "p.docx is locked with a password, or in the format of Word before 2007"),
    ("p.txt", b"%PDF-1.4", "p.txt is not text, but a PDF; give it the ending of its format"),
    ("p.html", b"PK\x03\x04", "p.html is not text, but a ZIP archive"),
    ("p.md", b"\x89PNG\r\n", "p.md is not text, but an image"),
    ("p.txt", "ποιοι είμαστε".encode("iso8859-7"), "p.txt is in an unknown character set; save it as UTF-8 in a text editor"),
    ("p.txt", "Kim jesteśmy, łódź".encode("iso8859-2"), "p.txt is in an unknown character set"),
    ("p.txt", "caf\u00e9 na\u00efve".encode("cp850"), "p.txt is in an unknown character set"),
    ("p.html", b'<meta charset="nonsense">\xe9', "p.html is in an unknown character set"),
    ("p.html", b'<meta charset="unicode_escape">\xe9 \\u0041', "p.html is in an unknown character set"),
    ("p.txt", b"a\x00b\x00c\x00", "p.txt is in an unknown character set"),
    ("p.txt", b"x" * (3 << 20), "p.txt is larger than 2 MB; leave out everything but the policy"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "message"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_document_is_refused(name: str, data: bytes, message: str) -> None:
    with pytest.raises(NotADocument) as refused:
        format_of(name, data)
    assert str(refused.value).startswith(message)
    assert refused.value.exit_code == 2


def test_every_ending_has_a_format() -> None:
    for ending, format in FORMATS.items():
        if format in ("html", "markdown", "text"):
            assert format_of(f"Old Policy.v1.{ending.upper()}", b"x") == format


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("naïve – „“".encode(), "naïve – „“"),
        (b"\xef\xbb\xbf" + "é".encode(), "é"),
        ("é".encode("utf-16"), "é"),
        (b"\xfe\xff" + "é".encode("utf-16-be"), "é"),
        ("It’s our café’s policy – naïve €5".encode("cp1252"), "It’s our café’s policy – naïve €5"),
        ('<meta charset="iso-8859-1">“é”'.encode("cp1252"), '<meta charset="iso-8859-1">“é”'),
        (
            '<?xml version="1.0" encoding="iso-8859-7"?>ποιοι'.encode("iso8859-7"),
            '<?xml version="1.0" encoding="iso-8859-7"?>ποιοι',
        ),
    ],
)
def test_character_sets_that_are_known_for_sure(data: bytes, text: str) -> None:
    assert decoded(data, markup=True) == text


@pytest.mark.parametrize(
    ("title", "id"),
    [
        ("3. Who we are", "who-we-are"), ("Article 3 – Who we are", "who-we-are"),
        ("§ 3 Wer wir sind", "wer-wir-sind"), ("Artikel 4: Bewaartermijnen", "bewaartermijnen"),
        ("IV. Vos droits", "vos-droits"), ("3.1.2 À qui", "a-qui"), ("Größe & Maß", "grosse-mass"),
        ("Łódź, źródła", "lodz-zrodla"), ("Ποιοι είμαστε", "ποιοι-ειμαστε"), ("Article 3", "article-3"),
        ("What we don't do", "what-we-dont-do"), ("5", "5"), ("…", "section"), ("", "section"),
        ("I agree", "i-agree"), ("24/7 support", "24-7-support"), ("个人信息", "个人信息"),
    ],
)  # fmt: skip
def test_ids_are_titles_without_their_numbers(title: str, id: str) -> None:
    assert slug(title) == id


# --- text ----------------------------------------------------------------------------------------


def test_a_real_policy_in_plain_text() -> None:
    (made,) = compose_all(load_brands(FolderSource(ROOT), ["cloudnovi"]))
    composed = made.policy
    old = policy("policy.txt", PLAIN)
    assert [clause.title for clause in old.clauses] == [each.title for each in composed.clauses]
    for before, after in zip(old.clauses, composed.clauses, strict=True):
        links = re.compile(r"mailto:|https:|#")
        words = " ".join(word for word in one_by_one(composed, after) if not links.match(word))
        assert " ".join(one_by_one(old, before)).replace(" ", "") == words.replace(" ", "")
    found = redline(old, composed).counts
    assert (found.clauses_added, found.clauses_removed, found.clauses_moved) == (0, 0, 0)
    assert found.punctuation_added == found.punctuation_removed == found.structure_changed == 0


def test_titles_in_text_are_underlined_numbered_or_in_capitals() -> None:
    found = taken(
        "p.txt",
        "Our policy\n==========\n\nIntro.\n\nWho we are\n----------\nWe.\n\nDATA WE KEEP\n\nSome.\n\n3. Your rights\n\nMany.\n\n3.1 In the EU\n\nMore.\n",
    )
    assert found.title == "Our policy"
    assert [clause.title for clause in found.clauses] == [
        "",
        "Who we are",
        "DATA WE KEEP",
        "3. Your rights",
    ]
    assert [clause.id for clause in found.clauses] == [
        "preamble",
        "who-we-are",
        "data-we-keep",
        "your-rights",
    ]
    assert found.clauses[3].blocks == (t("Many."), Heading(3, (Text("3.1 In the EU"),)), t("More."))


def test_lines_that_were_wrapped_are_joined_and_others_stay() -> None:
    text = "THE LAW\n\nWe are a company whose text was wrapped by some-\none who liked short lines, to re-\nspect the third-\nparty rules; someone else did not respect them.\n\nAlpha BV\nStreet 1\n2000 Antwerp\n"
    (clause,) = taken("p.txt", text).clauses
    assert clause.blocks[0] == t(
        "We are a company whose text was wrapped by someone who liked short lines, to respect the third-party rules; someone else did not respect them."
    )
    assert clause.blocks[1] == Paragraph(
        (Text("Alpha BV"), LineBreak(), Text("Street 1"), LineBreak(), Text("2000 Antwerp"))
    )


def test_lists_in_text() -> None:
    text = "We keep:\n\n- names\n- logs\n  1. of today\n  2. of the day\n     before\n- more\n\n3. third\n4. fourth\n\nThe end of what we keep.\n"
    blocks = taken("p.txt", text).clauses[0].blocks
    inner = List(
        ((t("of today"),), (Paragraph((Text("of the day"), LineBreak(), Text("before"))),)), 1
    )
    assert blocks[1] == List(((t("names"),), (t("logs"), inner), (t("more"),)))
    assert blocks[2] == List(((t("third"),), (t("fourth"),)), 3)
    assert blocks[3] == t("The end of what we keep.")


def test_a_number_that_begins_a_wrapped_line_is_no_item() -> None:
    text = "We do not knowingly collect data from anyone under\n16. Our sister brands have another audience, and\n- as they say - other rules.\n"
    (clause,) = taken("p.txt", text).clauses
    assert " ".join(said(clause)[0].split()) == " ".join(text.split())


# --- HTML ----------------------------------------------------------------------------------------

PAGE = """<!doctype html><html><head><title>Alpha - Privacy</title><style>p{}</style><script>var a = "no";</script></head>
<body><header><a href=/>Home</a><h1>Privacy policy</h1></header><nav>Menu</nav>
<div id="cookie-banner">We use cookies <button>OK</button></div>
<main><p>Last updated 2019<h2 id=a>1. Who we are</h2><p>We are <b>Alpha</b>, <i>a</i> <a href="https://a.example/x">company</a><br>in <a href="javascript:x()">Antwerp</a>.
<h3>Where</h3>text <div>more <span hidden>no</span><span aria-hidden=true>no</span><span style="display:none">no</span></div>
<h2>2. Data</h2><ul><li>one<li>two <ol start=3><li><p>three</ol></ul>
<table><caption>Terms</caption><tr><th>What<th>How long<tr><td>Logs<td colspan=2>30<br>days</table>
<table role=presentation><tr><td>laid<td>out</table><blockquote><p>quoted</blockquote><dl><dt>Term<dd>meaning</dl>
<pre>a  b
c</pre><p>See <a href="#a">us</a>, <a href="#gone">there</a>, <a href="mailto:a@b.example?subject=x">us</a>, <code>x</code>. <img src=x alt=y><input></main>
<footer>Imprint</footer></body></html>"""


def test_a_page_without_the_furniture_of_its_site() -> None:
    found = taken("p.html", PAGE)
    assert found.title == "Privacy policy"
    assert [(c.id, c.title) for c in found.clauses] == [
        ("preamble", ""),
        ("who-we-are", "1. Who we are"),
        ("data", "2. Data"),
    ]
    assert found.notes == (
        "1 form field was left out",
        "1 image was left out",
        "the parts of the page around the document were left out: “Home Privacy policy Menu We use cookies OK Imprint”",
        "hidden text was left out: “no”",
    )
    assert not {"no", "Menu", "Imprint", "Home", "cookies"} & {*every_word(found)}


def test_what_html_has_is_kept() -> None:
    _, who, data = taken("p.html", PAGE).clauses
    company = Link("https://a.example/x", (Text("company"),))
    assert who.blocks == (
        Paragraph((Text("We are "), Emphasis((Text("Alpha"),), strong=True), Text(", "), Emphasis((Text("a"),)), Text(" "), company, LineBreak(), Text("in Antwerp."))),
        Heading(3, (Text("Where"),)), t("text"), t("more"),
    )  # fmt: skip
    assert data.blocks == (
        List(((t("one"),), (t("two"), List(((t("three"),),), 3, tight=False)))),
        t("Terms"),
        Table(((Text("What"),), (Text("How long"),), ()), (((Text("Logs"),), (Text("30"), LineBreak(), Text("days")), ()),), ("", "", "")),
        t("laid"), t("out"), Quote((t("quoted"),)),
        DefinitionList((type(data.blocks[6].definitions[0])((Text("Term"),), ((t("meaning"),),)),)),
        Paragraph((Text("a b"), LineBreak(), Text("c"))),
        Paragraph((Text("See "), Link("#who-we-are", (Text("us"),)), Text(", there, "), Link("mailto:a@b.example", (Text("us"),)), Text(", "), Code("x"), Text("."))),
    )  # fmt: skip


def test_a_page_without_main_loses_its_cookie_banner_with_a_note() -> None:
    found = taken(
        "p.html", "<div class='cookie-consent'>We bake.</div><h1>T</h1><h2>A</h2>a<h2>B</h2>b"
    )
    assert found.notes == ("a banner that asks for consent to cookies was left out: “We bake.”",)
    assert [clause.title for clause in found.clauses] == ["A", "B"]


def test_a_table_of_contents_is_left_out_with_a_note() -> None:
    contents = "<h2>Contents</h2><ol><li><a href=#a>A b</a><li>C d<li>E f</ol>"
    found = taken(
        "p.html", f"<h1>T</h1>{contents}<h2 id=a>1. A b</h2>x<h2>2. C d</h2>y<h2>3. E f</h2>z"
    )
    assert [clause.id for clause in found.clauses] == ["a-b", "c-d", "e-f"]
    assert found.notes == ("the table of contents was left out: “Contents A b C d E f”",)


def test_what_a_page_says_with_the_longest_numbers_and_with_names_of_notes() -> None:
    many = "9" * 5000
    said_twice = f"<p data-note='{many}'>a&#{many};</p><p>b<i data-note='1'>c</i></p>"
    assert said(taken("p.html", f"<main>{said_twice}</main>").clauses[0]) == ["a\ufffd", "bc"]
    assert said(taken("p.md", f"a&#{many};").clauses[0]) == [f"a&#{many};"]
    parted = f"a&#{many[:3000]}<b></b>{many[:3000]};"
    assert said(taken("p.html", f"<main>{parted}</main>").clauses[0]) == [f"a\ufffd{many[:3000]};"]


def test_ids_are_unique() -> None:
    found = taken("p.html", "<h1>T</h1><h2>A</h2>1<h2>A</h2>2<h2>A 2</h2>3")
    assert [clause.id for clause in found.clauses] == ["a", "a-2", "a-2-2"]


# --- Markdown ------------------------------------------------------------------------------------


def test_markdown_with_front_matter_footnotes_and_raw_html() -> None:
    text = "---\ntitle: 'Old ''policy'''\nlayout: page\n---\n\nIntro[^b].\n\n## Who {#who}\n\nWe[^a] *are* <b>here</b>.\n\n| a | b |\n|--|--|\n| c | d |\n\nTerm\n: what\n\n<div hidden>no</div>\n\n## Data\n\n1) a\n2) b\n\n> q\n\n    code line\n\n[^a]: The *company*.\n[^b]: First.\n[^c]: Never.\n"
    found = taken("p.md", text)
    assert found.title == "Old 'policy'"
    assert found.notes == (
        "1 hidden part of the page was read, such as closed panels",
        "footnotes that no text refers to are at the end",
        "the front matter was left out, except the title: “layout: page”",
    )
    first, who, data = found.clauses
    assert (first.id, who.id, who.title) == ("preamble", "who", "Who")
    assert first.blocks == (Paragraph((Text("Intro"), NoteReference(1), Text("."))),)
    assert [(note.number, note.blocks) for note in first.notes] == [(1, (t("First."),))]
    assert who.notes[0].number == 2
    assert who.blocks[1] == Table(
        ((Text("a"),), (Text("b"),)), (((Text("c"),), (Text("d"),)),), ("", "")
    )
    assert data.blocks[:3] == (List(((t("a"),), (t("b"),)), 1), Quote((t("q"),)), t("code line"))
    assert "no" in every_word(found)


def test_a_line_across_the_page_is_no_front_matter() -> None:
    assert every_word(taken("p.md", "---\nWe keep data.\n\n---\n\nMore.")) == [
        "We",
        "keep",
        "data.",
        "More.",
    ]


# --- Word ----------------------------------------------------------------------------------------


def test_a_word_document() -> None:
    changed = '<w:p><w:r><w:t>We </w:t></w:r><w:ins><w:r><w:t>now </w:t></w:r></w:ins><w:del><w:r><w:delText>never </w:delText></w:r></w:del><w:r><w:rPr><w:b/></w:rPr><w:t>keep</w:t></w:r><w:hyperlink r:id="r1"><w:r><w:t> it</w:t></w:r></w:hyperlink><w:r><w:footnoteReference w:id="5"/></w:r></w:p>'
    body = (
        p("Privacy", styled("Titel")) + p("Who", styled("Kop1")) + changed
        + p("a", listed(1, 0)) + p("b", listed(1, 1)) + p("c", listed(1, 1)) + p("d", listed(1, 0))
        + p("Where", styled("Kop2")) + p("Data", styled("Eigen"))
        + f"<w:tbl><w:tr><w:tc>{p('x')}</w:tc><w:tc>{p('y')}</w:tc></w:tr><w:tr><w:tc>{p('1')}{p('2')}</w:tc></w:tr></w:tbl>"
        + '<w:p><w:r><w:drawing/></w:r></w:p>'
    )  # fmt: skip
    notes = (
        f'<w:footnotes xmlns:w="{W}"><w:footnote w:id="5">{p("A note.")}</w:footnote></w:footnotes>'
    )
    rels = '<Relationships><Relationship Id="r1" Target="https://a.example/" TargetMode="External"/></Relationships>'
    data = docx(body, styles=STYLES, numbering=NUMBERING, footnotes=notes, header1="<a/>")
    with BytesIO(data) as made, zipfile.ZipFile(made, "a") as package:
        package.writestr("word/_rels/document.xml.rels", rels)
        package.close()
        found = taken("p.docx", made.getvalue())
    assert found.title == "Privacy"
    assert found.notes == (
        "1 image was left out",
        "the document has tracked changes: it was read as if all were accepted",
    )
    who, other = found.clauses
    assert (who.id, who.title, other.id, other.title) == ("who", "I. Who", "data", "II. Data")
    link = Link("https://a.example/", (Text(" it"),))
    assert who.blocks[0] == Paragraph(
        (Text("We now "), Emphasis((Text("keep"),), strong=True), link, NoteReference(1))
    )
    inner = List(((t("b"),), (t("c"),)), 3)
    assert who.blocks[1:] == (List(((t("a"), inner), (t("d"),))), Heading(3, (Text("Where"),)))
    assert said(who)[-1] == "A note."
    assert other.blocks == (
        Table(((Text("x"),), (Text("y"),)), (((Text("1"), LineBreak(), Text("2")), ()),), ("", "")),
    )


@pytest.mark.parametrize(
    "data",
    [
        docx("<w:tbl><w:tr><w:tc>" * 3000 + "</w:tc></w:tr></w:tbl>" * 3000),
        docx("<w:p><w:ins>" * 3000 + "</w:ins></w:p>" * 3000),
        docx("x" * (21 << 20)),
        docx("").replace(b"word/document.xml", b"word/nocument.xml"),
        docx("", numbering=NUMBERING.replace('ilvl="0"', f'ilvl="{"9" * 5000}"')),
    ],
    ids=["tables", "changes", "bomb", "none", "level"],
)
def test_a_hostile_word_document_takes_no_time(data: bytes) -> None:
    start = time.perf_counter()
    with suppress(NotADocument):
        taken("p.docx", data)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.txt", f"Title\n\na-{chr(10) * 100_000}."),
        ("p.md", f"---\ntitle: a{' ' * 100_000}b\n---\n\n# c\n\nd\n"),
        ("p.md", f"# a{' ' * 100_000}b\n\nc\n"),
        ("p.html", f"<ol style='{'list-style:' * 10_000}'><li>a</ol>"),
    ],
    ids=["lines", "title", "heading", "style"],
)
def test_long_rows_of_one_sign_take_no_time(name: str, text: str | bytes) -> None:
    start = time.perf_counter()
    taken(name, text)
    assert time.perf_counter() - start < 2


def test_a_part_that_is_beyond_the_end_of_all_files() -> None:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        package.writestr("word/document.xml", "<a/>")
        package.filelist[0].header_offset = 2**63
    with pytest.raises(NotADocument, match=r"its word/document.xml cannot be read"):
        taken("p.docx", made.getvalue())


def test_rows_in_any_number_of_controls_are_read() -> None:
    rows = "".join(f"<w:tr><w:tc>{p(text)}</w:tc><w:tc>{p(text)}</w:tc></w:tr>" for text in "ab")
    found = taken("p.docx", docx(f"<w:tbl>{'<w:sdt>' * 3000}{rows}{'</w:sdt>' * 3000}</w:tbl>"))
    assert said(found.clauses[0]) == ["a", "a", "b", "b"]


def test_a_part_that_is_packed_as_no_part_may_be() -> None:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_LZMA) as package:
        package.writestr("word/document.xml", "<a/>" * 100)
    data = bytearray(made.getvalue())
    data[60] ^= 0xFF
    with pytest.raises(NotADocument, match="is damaged"):
        taken("p.docx", bytes(data))


def test_entities_in_a_word_document_are_not_expanded() -> None:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        package.writestr(
            "word/document.xml", '<!DOCTYPE a [<!ENTITY b SYSTEM "/etc/passwd">]><a>&b;</a>'
        )
    with pytest.raises(NotADocument, match="is damaged"):
        taken("p.docx", made.getvalue())


# --- characters ----------------------------------------------------------------------------------


def test_what_is_not_seen_is_left_out_and_words_stay_whole() -> None:
    found = taken(
        "p.md",
        "## A\n\npri\u00advacy \u202eright\u202c zero\u200bwidth \ue000private &#xD800; نمی\u200cخواهم\n\n## B\n\nb",
    )
    assert said(found.clauses[0]) == ["privacy right zerowidth private \ufffd نمی\u200cخواهم"]
    assert found.notes[0].startswith("4 invisible characters were left out: U+")
    assert found.notes[1] == "1 character that no policy may have became a space: U+E000"


# --- any input -----------------------------------------------------------------------------------

WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=12)
SPACES = st.sampled_from([" ", " ", " ", "\n", "\n\n", "  ", "\n  "])


def bare(words: list[str]) -> str:
    return "".join(re.findall(r"[^\W_]", "".join(words)))


@pytest.mark.parametrize("format", ["text", "markdown", "html"])
@given(st.lists(st.tuples(WORDS, SPACES), min_size=1, max_size=60))
def test_all_words_come_out_in_order(format: str, given: list[tuple[str, str]]) -> None:
    text = "".join(word + space for word, space in given)
    data = f"<title></title><p>{text}" if format == "html" else text
    found = extract(data.encode(), format)
    lost = sum(word.isdecimal() for word, _ in given)  # a number with a full stop marks an item
    expected, there = bare([word for word, _ in given]), bare(every_word(found))
    assert there == expected or (lost and format != "html" and len(there) <= len(expected))


@pytest.mark.parametrize("format", sorted({*FORMATS.values()}))
@settings(max_examples=examples(100))
@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(str.encode)))
def test_any_bytes_are_extracted_or_refused(format: str, data: bytes) -> None:
    name = next(f"x.{ending}" for ending, each in FORMATS.items() if each == format)
    try:
        old = policy(name, data)
    except NotADocument:
        return
    written = json(old, Dating("undated"))
    assert read_policy(written) == old
    text = "".join(every_word(taken(name, data)))
    assert not FORBIDDEN.search(re.sub("[\u200c\u200d]", "", text))


HOSTILE = {
    "deep": ("p.html", "<div>" * 50_000),
    "formatting": ("p.html", "<p><b><i>x" * 2_500),
    "attributes": ("p.html", "<a " * 50_000),
    "tables": ("p.html", "<table><tr><td>" * 3_000),
    "brackets": ("p.md", "[" * 10_000),
    "stars": ("p.md", "*a **a " * 5_000),
    "quotes": ("p.md", "> " * 20_000),
    "footnotes": ("p.md", "".join(f"[^{n}]: x\n" for n in range(1_500))),
    "notes": ("p.md", "[^" * 5_000),
    "images": ("p.md", "![" * 5_000),
    "declarations": ("p.html", "<!" * 200_000),
    "lines": ("p.txt", "a\n" * 20_000),
    "items": ("p.txt", "".join(" " * n + "- a\n" for n in range(1_000))),
}


@pytest.mark.parametrize(("name", "text"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_document_takes_no_time(name: str, text: str) -> None:
    start = time.process_time()
    taken(name, text)
    assert time.process_time() - start < 5


def word_field(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def asking(text: str) -> str:
    return f"{word_field('begin')}<w:r><w:instrText>{text}</w:instrText></w:r>"


RUN = '<w:r><w:t xml:space="preserve">word </w:t></w:r>'
SHOWN = word_field("separate") + RUN
DELETED = p("word ", "<w:rPr><w:del/></w:rPr>")
AROUND = "<w:sdt><w:sdtContent>", "</w:sdtContent></w:sdt>"
PAGE_LINK, FILE_LINK = 'HYPERLINK "http://a.example/"', 'HYPERLINK "a.docx"'
GROWING = {
    "fields": lambda n: (word_field("begin") + RUN) * n,
    "links": lambda n: (asking(PAGE_LINK) + SHOWN) * n,
    "lost links": lambda n: (asking(FILE_LINK) + SHOWN) * n,
    "pages": lambda n: (asking("PAGE") + SHOWN) * n,
    "a field": lambda n: asking(PAGE_LINK[:-1] + 9 * n * "x") + SHOWN * n,
    "deleted ends": lambda n: f"</w:p>{DELETED * n}<w:p>",
}
"""Content of paragraphs of Word, damaged or hostile, by a size."""


@pytest.mark.parametrize("body", GROWING.values(), ids=GROWING)
def test_the_work_on_a_word_document_grows_with_its_size(body: Callable[[int], str]) -> None:
    assert grows_in_step(
        lambda n: docx(f"<w:p>{body(n)}</w:p>"), lambda data: taken("p.docx", data), 1_200
    )


def test_the_work_on_titles_that_are_all_the_same_grows_with_their_number() -> None:
    page = "<h1>Policy</h1>{}".format
    assert grows_in_step(
        lambda n: page("<h2>Same</h2><p>x" * n), lambda text: taken("p.html", text), 1_500
    )
    assert [c.id for c in taken("p.md", "# a\n\nx\n\n" * 3 + "# a 2\n\nx").clauses] == [
        "a",
        "a-2",
        "a-3",
        "a-2-2",
    ]


def test_the_head_of_a_table_is_bold_by_its_look() -> None:
    def cell(text: str, look: str = "") -> str:
        run = f"<w:r><w:rPr>{look}</w:rPr><w:t>{text}</w:t></w:r>"
        return f"<w:tc><w:p>{run}</w:p></w:tc>"

    head, body = cell("What", "<w:b/>") + cell("Why", "<w:b/>"), cell("a", "<w:b/>") + cell("b")
    rows = f"<w:tr>{head}</w:tr><w:tr>{body}</w:tr>"
    (clause,) = taken("p.docx", docx(f"<w:tbl>{rows}</w:tbl>")).clauses
    (table,) = clause.blocks
    assert isinstance(table, Table)
    assert table.header == ((Text("What"),), (Text("Why"),))
    assert table.rows == (((Emphasis((Text("a"),), strong=True),), (Text("b"),)),)


def test_elements_around_a_cell_may_be_any_number() -> None:
    before, behind = (5_000 * tag for tag in AROUND)
    row = f"<w:tr>{before}<w:tc>{p('one')}</w:tc>{behind}<w:tc>{p('two')}</w:tc></w:tr>"
    (clause,) = taken("p.docx", docx(f"<w:tbl>{row * 2}</w:tbl>")).clauses
    assert said(clause) == ["one", "two", "one", "two"]


@pytest.mark.parametrize(
    "rows", ["<tr><td>x<td>y" + "<td>z" * 199, "<tr><td colspan=99>x<td colspan=99>y" * 1_020]
)
def test_a_table_with_too_many_columns_or_cells_is_refused(rows: str) -> None:
    with pytest.raises(NotADocument, match="more than 200 columns, or 200000 cells; split the"):
        taken("p.html", f"<table>{rows}<tr><td>a<td>b</table>")


@pytest.mark.parametrize("sign", ["_", "\u00a0", "_\u00a0", ". "])
def test_the_work_on_a_line_with_a_leader_grows_with_its_length(sign: str) -> None:
    assert grows_in_step(
        lambda n: f"# T\n\na {sign * n} b\n", lambda text: taken("p.md", text), 2_500
    )


@pytest.mark.parametrize("line", ["_{}#x", "#{}x", " | {}x", "#_{}x"])
def test_the_work_on_a_line_in_a_margin_grows_with_its_length(line: str) -> None:
    assert grows_in_step(lambda n: line.format(line[0] * n) + "y", without_page_number, 4_000)


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("_" * 500, ""),
        (" - " * 200 + "Page 2 of 3" + " - " * 200, ""),
        ("Privacy policy | 3", "Privacy policy"),
        ("3 | " + "Privacy " * 50 + "| 12", ("Privacy " * 50 + "| 12")[:-5]),
        ("Privacy " * 50 + "Page # of #", ("Privacy " * 50).strip()),
    ],
)
def test_a_page_number_is_found_in_lines_of_any_length(line: str, left: str) -> None:
    assert without_page_number(line) == left


def test_a_file_in_a_pdf_that_cannot_be_read() -> None:
    made, pdf = BytesIO(), pypdfium2.PdfDocument.new()
    pdf.new_page(100, 100)
    pdf.new_attachment("policy.json")  # without any content
    pdf.save(made)
    with pytest.raises(NotADocument, match="has an attached file that cannot be read"):
        attachments(made.getvalue())
