"""The company of the example: its policy is the lawyers' text, to the word, in every format."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from conftest import ROOT
from markdown_it import MarkdownIt
from pypdf import PdfReader

from publisher.archive.get import get
from publisher.archive.verify.verify import verify
from publisher.build.check import check
from publisher.compose import compose
from publisher.errors import ShallowClone
from publisher.policy.json import read_policy
from publisher.policy.words import clause_words, words_digest
from publisher.repository.source import FolderSource
from publisher.workspace import load

TEXT = (Path(__file__).parents[1] / "data" / "cloudnovi-privacy-policy.txt").read_text()
BRANDS = ("cloudnovi", "kgb-hosting", "netvpx")


def plain(text: str) -> str:
    """Return `text` without marks of list items, and with white space folded."""
    return " ".join(re.sub(r"(?m)^\s*[-•]\s+", "", text).split())


LAWYERS = plain(TEXT)


def test_the_html_says_the_lawyers_text_to_the_word(example: Path) -> None:
    soup = BeautifulSoup((example / "cloudnovi/en/policy.html").read_text(), "html.parser")
    assert soup.main is not None
    for date in soup.main.select("section > p.changed:last-child:has(> time[datetime])"):
        date.decompose()  # the toolkit's, and none of the words
    for each in soup.main.find_all(["p", "li", "h2"]):
        each.append("\n")
    assert plain(soup.main.get_text()) == LAWYERS


def test_the_pdf_says_the_lawyers_text_to_the_word(example: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.fail("pdftotext is missing: run `make test`, or install poppler-utils")
    # The body of each page: its running header and footer lie in the margins.
    body = ["-x", "0", "-y", "70", "-W", "600", "-H", "705"]
    said = subprocess.run(
        ["pdftotext", *body, "-nopgbrk", example / "cloudnovi/en/policy.pdf", "-"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    said = re.sub("\u2010\\s+", "", said)  # which part words at the ends of lines
    contents = said.index("Contents")
    start = said.index("The short version", said.index("How to reach us", contents))
    assert plain(said[start:]) == LAWYERS
    block = plain(said[:contents])
    assert block.startswith("Cloudnovi Privacy Policy ")
    assert " Cloudnovi BV, Kernenergiestraat 19, 2610 Antwerpen, Belgium " in block


def test_the_markdown_says_the_lawyers_text_to_the_word(example: Path) -> None:
    text = (example / "cloudnovi/en/policy.md").read_text()
    _, first, body = text.partition("## The short version {#short-version}")
    html = MarkdownIt("commonmark").render(re.sub(r" \{#[a-z-]+\}", "", first + body))
    assert plain(BeautifulSoup(html, "html.parser").get_text()) == LAWYERS


def test_the_json_says_the_lawyers_text_to_the_word(example: Path) -> None:
    policy = json.loads((example / "cloudnovi/en/policy.json").read_text())

    def said(node: object) -> str:
        if isinstance(node, list):
            return "".join(said(each) for each in node)
        if not isinstance(node, dict):
            return ""
        text = node.get("text", "") + said(node.get("children", []))
        kind = node.get("type")
        text += said(node.get("items", []))
        return text + ("\n" if kind in ("Paragraph", "LineBreak") else "")

    clauses = "".join(f"{each['title']}\n{said(each['blocks'])}" for each in policy["clauses"])
    assert plain(clauses) == LAWYERS


def test_its_archive_verifies_and_answers(tmp_path: Path) -> None:
    try:
        assert verify(ROOT).findings == ()
    except ShallowClone:
        pytest.skip("the history is not here")
    now = datetime(2026, 12, 1, 12, tzinfo=UTC)
    found = get(ROOT, "cloudnovi", now, output=tmp_path, format="json")
    assert found.version.version == "2026-11-22"
    said = read_policy(found.data)
    assert words_digest(said) == found.version.locales["en"].words
    assert found.version.change == "first"


def test_every_section_of_the_text_is_a_clause(example: Path) -> None:
    policy = json.loads((example / "cloudnovi/en/policy.json").read_text())
    lines = TEXT.splitlines()
    assert [clause["title"] for clause in policy["clauses"]] == [
        line for line in lines if line in {each["title"] for each in policy["clauses"]}
    ]
    assert len(policy["clauses"]) == 15


def test_nothing_is_typed_twice() -> None:
    facts = ("Kernenergiestraat", "0727 732 404", "info@cloudnovi.com", "kgbhosting.com",
             "Belgian Data Protection Authority", "24 months", "7 years", "Odoo S.A.",
             "dataprotectionauthority.be", "Kernenergiestraat 19")  # fmt: skip
    files = [f for folder in ("brands", "shared") for f in (ROOT / folder).rglob("*.*")]
    texts = {f: f.read_text() for f in files if f.suffix in (".md", ".yaml")}
    for fact in facts:
        # A question to legal may name what it asks about.
        lines = [
            line
            for text in texts.values()
            for line in text.splitlines()
            if fact in line and "?" not in line
        ]
        assert len(lines) == 1, fact


def test_the_drafts_say_nothing_that_is_not_known(example: Path) -> None:
    for brand in ("kgb-hosting", "netvpx"):
        policy = json.loads((example / brand / "en/policy.json").read_text())
        assert policy["status"] == "draft"
        assert policy["last_updated"] is None
        assert any("payment providers" in q["text"] for q in policy["questions"])
        text = (example / brand / "en/policy.html").read_text()
        assert "info@cloudnovi.com" not in text


def test_the_workspace_has_questions_and_remarks_and_nothing_else() -> None:
    problems = check(ROOT).problems
    assert {each.severity for each in problems} == {"warning", "note", "question"}
    assert {each.severity for each in problems if each.grounds is None} == {"question"}


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("shared/company.yaml", "Kernenergiestraat 19", "Kerkstraat 1"),
        ("shared/clauses/en/changes.md", "Past versions", "Older versions"),
        ("shared/clauses/en/security.md", "TLS everywhere", "TLS here"),
    ],
)
def test_shared_means_shared(tmp_path: Path, file: str, before: str, after: str) -> None:
    for folder in ("brands", "shared"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    old = load(FolderSource(tmp_path))
    text = (tmp_path / file).read_text()
    assert text.count(before) == 1
    (tmp_path / file).write_text(text.replace(before, after))
    new = load(FolderSource(tmp_path))
    for brand in BRANDS:
        one = clause_words(compose(old, brand, "en"))
        other = clause_words(compose(new, brand, "en"))
        changed = [id for id in one if one[id] != other[id]]
        assert len(changed) == 1
        assert other[changed[0]] == one[changed[0]].replace(before, after)


# --- the documents -------------------------------------------------------------------------------


@pytest.mark.parametrize("brand", BRANDS)
def test_the_pdf_has_its_metadata_bookmarks_and_only_our_fonts(example: Path, brand: str) -> None:
    reader = PdfReader(example / brand / "en/policy.pdf")
    names = {"cloudnovi": "Cloudnovi", "kgb-hosting": "KGB Hosting", "netvpx": "NETVPX"}
    assert reader.metadata is not None
    assert str(reader.metadata.title).endswith(f"eleased: Privacy Policy – {names[brand]}")
    assert reader.metadata.author == "Cloudnovi BV"
    assert reader.trailer["/Root"]["/Lang"] == "en"
    titles = [item["/Title"] for item in reader.outline if not isinstance(item, list)]
    policy = json.loads((example / brand / "en/policy.json").read_text())
    expected = [clause["title"] for clause in policy["clauses"]]
    assert titles == [*expected, "Open questions"] if policy["questions"] else titles == expected
    fonts = {
        font.get_object()["/BaseFont"].split("+")[1]
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts <= {"Noto-Sans", "Noto-Sans-Bold", "Noto-Sans-Italic", "Noto-Sans-Bold-Italic"}


@pytest.mark.parametrize("brand", BRANDS)
def test_each_page_has_its_number_and_the_watermark_is_no_text(example: Path, brand: str) -> None:
    reader = PdfReader(example / brand / "en/policy.pdf")
    pages = [page.extract_text() for page in reader.pages]
    for number, text in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in " ".join(text.split())
        assert "DRAFT" not in text
        assert ("Draft · Not released" if brand != "cloudnovi" else "Not released") in text
    if brand != "cloudnovi":
        assert "Open questions" in pages[-1] or "Open questions" in pages[-2]


def test_what_is_not_released_has_a_watermark_on_every_page(example: Path, tmp_path: Path) -> None:
    def marked(pdf: Path) -> list[bool]:
        subprocess.run(["pdftoppm", "-r", "40", pdf, tmp_path / pdf.parts[-3]], check=True)
        # The watermark's colour, and no other thing's, is #f1ecec.
        pages = sorted(tmp_path.glob(f"{pdf.parts[-3]}-*.ppm"))
        return [page.read_bytes().count(b"\xf1\xec\xec") > 500 for page in pages]

    assert all(marked(example / "kgb-hosting/en/policy.pdf"))
    assert all(marked(example / "cloudnovi/en/policy.pdf"))
    assert not any(marked(ROOT / "versions/cloudnovi/2026-11-22/en/policy.pdf"))
