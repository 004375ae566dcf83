"""Old documents as programs make them → the clauses that were written."""

from __future__ import annotations

import base64
import re
import zlib
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import docx
import pypdf
import pytest
from conftest import ROOT
from support import soffice
from support.browsers import launched
from support.intakes import every_word, said, taken
from weasyprint import HTML

from publisher.build.build import build
from publisher.compose.brands import compose_all, load_brands
from publisher.errors import NotADocument
from publisher.intake import Extracted, policy_of
from publisher.policy.tree import Link, List, Policy, Table, inlines_in, text_of
from publisher.policy.words import clause_words, one_by_one
from publisher.redline import redline
from publisher.repository.source import FolderSource

MARKS = re.compile(r"mailto:|https?:|#")


@pytest.fixture(scope="module")
def composed() -> Policy:
    (made,) = compose_all(load_brands(FolderSource(ROOT), ["cloudnovi"]))
    assert made.policy is not None
    return made.policy


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own documents of the real policy."""
    output = tmp_path_factory.mktemp("build")
    build(ROOT, output, brands=["cloudnovi"], formats=["html", "md", "pdf"])
    return output / "cloudnovi" / "en"


def page(composed: Policy, style: str = "") -> str:
    """Return the policy as a page that somebody might have written."""
    parts = [f"<title>x.doc</title><style>{style}</style><h1>{composed.title}</h1>"]
    for clause in composed.clauses:
        parts.append(f"<h2>{clause.title}</h2>")
        parts += map(_html, clause.blocks)
    return "".join(parts)


def _html(block: object) -> str:
    from publisher.policy.tree import Emphasis, LineBreak, Paragraph, Text

    def run(inlines: tuple[object, ...]) -> str:
        written = ""
        for each in inlines:
            match each:
                case Text(text):
                    written += text.replace("&", "&amp;").replace("<", "&lt;")
                case LineBreak():
                    written += "<br>"
                case Link(target, children):
                    written += f'<a href="{target}">{run(children)}</a>'
                case Emphasis(children):
                    written += run(children)
        return written

    match block:
        case Paragraph(children):
            return f"<p>{run(children)}</p>"
        case List(items):
            return "<ul>" + "".join(f"<li>{run(i[0].children)}</li>" for i in items) + "</ul>"
    raise AssertionError(block)


def words(policy: Policy) -> list[list[str]]:
    """Return the words of each clause, without where links lead to."""
    found = []
    for clause in policy.clauses:
        text = " ".join(w for w in one_by_one(policy, clause) if not MARKS.match(w))
        # A line may end behind a slash, and what follows then stands apart.
        found.append(re.sub(r"\s+(?=[.),])|(?<=[(/])\s+", "", text).split())
    return found


def compared(found: Extracted, composed: Policy) -> Policy:
    """Return what was extracted as a policy, which has the clauses and the words of another."""
    old = policy_of(found, composed.brand, composed.locale, composed.controller)
    if old.clauses[0].id == "preamble":
        old = policy_of(
            Extracted(found.title, found.clauses[1:], found.notes),
            composed.brand, composed.locale, composed.controller,
        )  # fmt: skip
    assert [clause.title for clause in old.clauses] == [each.title for each in composed.clauses]
    for one, other in zip(words(old), words(composed), strict=True):
        assert one == other
    return old


@pytest.mark.parametrize("name", ["policy.md", "policy.html", "policy.pdf"])
def test_our_own_documents_say_the_same(name: str, built: Path, composed: Policy) -> None:
    data = (built / name).read_bytes()
    if name.endswith("html"):
        data = re.sub(rb'<p class="changed">.*?</p>', b"", data, flags=re.DOTALL)
    old = compared(taken(name, data), composed)
    counts = redline(old, composed).counts
    assert (counts.words_added, counts.words_removed, counts.structure_changed) == (0, 0, 0)
    if name.endswith("pdf"):
        assert counts.links_changed == 1  # the one to another clause
    else:
        assert [*clause_words(old).values()] == [*clause_words(composed).values()]


STYLES = {
    "plain": "",
    "narrow": "@page { size: 11cm 15cm; @bottom-center { content: counter(page) } @top-left { content: 'Alpha – 2019' } } body { text-align: justify; hyphens: auto } h2 { text-align: left }",
    "columns": "body { columns: 2; font: 9pt serif }",
    "tight": "p { margin: 0 } h2 { font: bold 1em sans-serif } body { font: 12pt/1.2 sans-serif }",
}  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
def test_a_pdf_that_does_not_say_what_its_structure_is(style: str, composed: Policy) -> None:
    data = HTML(string=f"<html lang=en>{page(composed, STYLES[style])}").write_pdf()
    found = taken("old.pdf", data)
    assert found.title == composed.title
    if style == "narrow":
        *clauses, margins = found.clauses
        assert (margins.id, text_of(margins)) == ("every-page", "Alpha – 2019")
        found = replace(found, clauses=tuple(clauses))
    old = policy_of(found, composed.brand, "en", composed.controller)
    compared(found, composed)
    if style == "narrow":
        return  # where a page ends with a sentence, nobody can tell whether the paragraph does
    counts = redline(old, composed).counts
    assert (counts.words_added, counts.words_removed) == (0, 0)


def test_a_pdf_from_a_browser(composed: Policy) -> None:
    with launched() as browser:
        tab = browser.new_page()
        tab.set_content(page(composed))
        data = tab.pdf(display_header_footer=True)
    compared(taken("old.pdf", data), composed)


def test_a_word_document_and_the_pdf_that_libreoffice_makes_of_it(
    composed: Policy, tmp_path: Path
) -> None:
    document = docx.Document()
    document.add_heading(composed.title, 0)
    for clause in composed.clauses:
        document.add_heading(clause.title, 1)
        for block in clause.blocks:
            if isinstance(block, List):
                for item in block.items:
                    text = said(type(clause)("x", "", item, (), (), ""))[0]
                    document.add_paragraph(text, "List Bullet")
            else:
                document.add_paragraph(said(type(clause)("x", "", (block,), (), (), ""))[0])
    document.save(str(tmp_path / "old.docx"))
    compared(taken("old.docx", (tmp_path / "old.docx").read_bytes()), composed)
    soffice.run(
        tmp_path / "profile",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "old.docx"),
    )
    compared(taken("old.pdf", (tmp_path / "old.pdf").read_bytes()), composed)


# --- odd ones ------------------------------------------------------------------------------------

PIXEL = base64.b64encode(
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
).decode()  # fmt: skip


def pdf(html: str) -> bytes:
    data: bytes = HTML(string=html).write_pdf()
    return data


def encrypted(data: bytes, user: str, permissions: int) -> bytes:
    writer = pypdf.PdfWriter(BytesIO(data))
    writer.encrypt(user, "owner", permissions_flag=permissions, algorithm="RC4-128")
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def test_a_scanned_pdf_has_no_clauses_and_says_so() -> None:
    image = f'<img src="data:image/png;base64,{PIXEL}" style="width:10cm;height:10cm">'
    found = taken("p.pdf", pdf(image))
    assert found == Extracted("", (), ("the page has no text: it may be scanned",))
    parts = "<p style='break-before:page'>".join
    found = taken("p.pdf", pdf(parts([image, "words", image])))
    assert found.notes[0] == "pages 1, 3 have no text: they may be scanned"
    assert every_word(found) == ["words"]


def test_a_locked_pdf_is_refused() -> None:
    data = pdf("<p>words")
    with pytest.raises(NotADocument, match=r"p\.pdf is locked with a password; open it with"):
        taken("p.pdf", encrypted(data, "secret", -1))
    with pytest.raises(NotADocument, match=r"p\.pdf does not permit copying its text"):
        taken("p.pdf", encrypted(data, "", ~(1 << 4 | 1 << 9)))
    assert every_word(taken("p.pdf", encrypted(data, "", -1))) == ["words"]


def test_a_damaged_pdf_is_read_as_far_as_that_goes_or_refused() -> None:
    data = pdf("<h1>T</h1><p>words</p>" * 20)
    for cut in range(0, len(data), len(data) // 40):
        for broken in (
            data[:cut],
            data[:cut] + data[cut + 99 :],
            data[:cut] + b"\xff" * 9 + data[cut + 9 :],
        ):
            with suppress(NotADocument):
                taken("p.pdf", broken)


def test_lists_tables_and_links_of_a_pdf() -> None:
    rows = "<table><tr><th>What<th>Term<tr><td>Logs<td>30 days</table>"
    html = f"<h1>T</h1><h2>A</h2><ul><li>one<ul><li>two</ul><li><a href='https://a.example/x'>three</a></ul><ol start=3><li>c<li>d</ol><h2>B</h2>{rows}"
    found = taken("p.pdf", pdf(html))
    first, second = found.clauses
    assert [type(block) for block in first.blocks] == [List, List]
    assert every_word(found) == [
        "T",
        "A",
        "one",
        "two",
        "three",
        "c",
        "d",
        "B",
        "What",
        "Term",
        "Logs",
        "30",
        "days",
    ]
    assert Link("https://a.example/x", first.blocks[0].items[1][0].children[0].children) in [
        *inlines_in(first)
    ]  # type: ignore[union-attr]
    tagged: bytes = HTML(string=f"<html lang=en>{html}").write_pdf(pdf_tags=True)
    first, second = taken("p.pdf", tagged).clauses
    assert isinstance(second.blocks[0], Table)
    assert (
        first.blocks[0].items[0][1].items[0]
        == taken("p.html", html).clauses[0].blocks[0].items[0][1].items[0]
    )  # type: ignore[union-attr]


def test_an_old_pdf(tmp_path: Path) -> None:
    stream = b"BT /F1 18 Tf 72 720 Td (Privacy) Tj /F1 10 Tf 0 -30 Td (We keep \\223data\\224 of infor-) Tj 0 -12 Td (mation, and information \\226 no more.) Tj 0 -30 Td (\\225 one) Tj 0 -12 Td (\\225 two) Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Times-Roman/Encoding/WinAnsiEncoding>>>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(zlib.compress(stream)), zlib.compress(stream)),
    ]  # fmt: skip
    data = b"%PDF-1.3\n" + b"".join(b"%d 0 obj%s endobj\n" % each for each in enumerate(objects, 1))
    found = taken("p.pdf", data + b"trailer<</Root 1 0 R/Size 5>>\n%%EOF")
    assert found.title == "Privacy"
    assert said(found.clauses[0]) == [
        "We keep “data” of information, and information – no more.",
        "one",
        "two",
    ]
    assert isinstance(found.clauses[0].blocks[1], List)
