"""The paper of documents: A4, or US letter where a territory uses it."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree
from pypdf import PdfReader
from support.archives import archive, noon, released
from support.workspaces import SMALL, clause, policy, read, small

from publisher.archive.evidence.bundle import LETTER as LETTER_FILE
from publisher.archive.evidence.bundle import bundle
from publisher.archive.get import Request
from publisher.policy.dating import Dating
from publisher.redline import redline
from publisher.redline.values import Origin
from publisher.redline.views.page import manuscript as redline_manuscript
from publisher.redline.word import docx
from publisher.render.paint import Rectangle
from publisher.render.pdf import manuscript
from publisher.render.style import A4, LETTER, Paper, Style, paper_of
from publisher.render.typeset import typeset
from publisher.render.word import docx as policy_docx
from publisher.repository.source import FolderSource

ORIGINS = (Origin("a", "commit", "alpha", "a" * 40), Origin("draft", "draft", "alpha"))
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WIDE = "| " + " | ".join(["Unbreakable-heading"] * 9) + " |\n" + "| --- " * 9 + "|\n"
WIDE += "| " + " | ".join(["a whole sentence, of words"] * 9) + " |\n"


def workspace(root: Path, *, country: str = "", paper: str = "") -> Path:
    company = SMALL["shared/company.yaml"] + (f"country: {country}\n" if country else "")
    brand = SMALL["brands/alpha/brand.yaml"] + (f"paper: {paper}\n" if paper else "")
    return small(root, {"shared/company.yaml": company, "brands/alpha/brand.yaml": brand})


@pytest.mark.parametrize(
    ("locale", "country", "own", "paper"),
    [
        ("en", "", "", A4),
        ("en", "BE", "", A4),
        ("en", "US", "", LETTER),
        ("fr-CA", "BE", "", LETTER),
        ("fr-BE", "US", "", A4),
        ("es-419", "US", "", A4),
        ("zh-Hant-TW", "US", "", A4),
        ("zh-Hant", "US", "", LETTER),
        ("en-US", "US", "a4", A4),
        ("nl", "", "letter", LETTER),
        *((f"es-{territory}", "", "", LETTER) for territory in ("MX", "CO", "CL", "VE")),
        *((f"es-{territory}", "", "", A4) for territory in ("ES", "AR", "PE")),
    ],
)
def test_the_paper_is_that_of_the_brand_the_territory_or_the_country(
    tmp_path: Path, locale: str, country: str, own: str, paper: Paper
) -> None:
    root = workspace(tmp_path, country=country, paper=own)
    assert paper_of(read(root), "alpha", locale) == paper


def test_a_brand_that_is_gone_has_the_paper_of_the_company(tmp_path: Path) -> None:
    there = read(workspace(tmp_path, country="US", paper="a4"))
    assert paper_of(there, "gone", "en") == LETTER


@pytest.mark.parametrize("paper", [A4, LETTER])
def test_the_text_has_the_same_width_on_any_paper(paper: Paper) -> None:
    style = Style().on(paper)
    assert style.width == pytest.approx(Style().width, abs=0.3)
    assert 2 * style.side + style.width * 25.4 / 72 == pytest.approx(paper.width)
    assert paper.wider == pytest.approx((paper.height - paper.width) * 72 / 25.4, abs=0.1)
    assert style.plain.paper == paper


def sizes(pdf: bytes) -> set[tuple[int, int]]:
    boxes = [page.mediabox for page in PdfReader(io.BytesIO(pdf)).pages]
    return {(round(float(box.width)), round(float(box.height))) for box in boxes}


@pytest.mark.thorough
def test_each_page_of_a_policy_and_of_its_redline_is_on_that_paper(tmp_path: Path) -> None:
    before = policy(small(tmp_path / "old"))
    root = small(tmp_path / "new", {"shared/clauses/en/data.md": clause(WIDE)})
    style, source = Style().on(LETTER), FolderSource(root)
    made = typeset(manuscript(policy(root), Dating("undated"), style, source))
    assert sizes(made) == {(612, 792), (792, 612)}
    compared = redline(before, policy(root))
    assert sizes(typeset(redline_manuscript(compared, ORIGINS, style))) <= {(612, 792), (792, 612)}


def test_a_word_document_is_on_that_paper(tmp_path: Path) -> None:
    root = small(tmp_path, {"shared/clauses/en/data.md": clause(WIDE)})
    compared = redline(None, policy(root))
    for paper, size in ((A4, ("11906", "16838")), (LETTER, ("12240", "15840"))):
        style = Style(paper=paper)
        redlined = docx(compared, ORIGINS, "A", datetime(2026, 1, 1, tzinfo=UTC), style)
        for made in (redlined, policy_docx(policy(root), Dating("ready"), style)):
            with zipfile.ZipFile(io.BytesIO(made)) as parts:
                document = etree.fromstring(parts.read("word/document.xml"))
            (page,) = document.iter(f"{W}pgSz")
            assert (page.get(f"{W}w"), page.get(f"{W}h")) == size
            (margin,) = document.iter(f"{W}pgMar")
            room = int(size[0]) - int(margin.get(f"{W}left")) - int(margin.get(f"{W}right"))
            (table,) = document.iter(f"{W}tblW")
            assert int(table.get(f"{W}w")) == pytest.approx(room, abs=2)


def test_edges_that_touch_are_no_cover() -> None:
    left = Rectangle.sized(0.1, 0, 0.2, 1)
    right = Rectangle.sized(0.3, 0, 1, 1)
    assert left.right > right.left, "as floating-point numbers do"
    assert not left.meets(right)
    assert left.meets(Rectangle.sized(0.25, 0.5, 1, 1))


@pytest.mark.thorough
def test_the_letter_of_a_bundle_is_on_that_paper(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    brand = f"{SMALL['brands/alpha/brand.yaml']}paper: letter\n"
    repo.commit({"brands/alpha/brand.yaml": brand})
    released(repo, "2025-01-10")
    made = bundle(repo.workspace, Request("alpha", noon("2025-06-15"), write=False))
    with zipfile.ZipFile(io.BytesIO(made.data)) as files:
        (name,) = (name for name in files.namelist() if name.endswith(LETTER_FILE))
        assert sizes(files.read(name)) == {(612, 792)}
