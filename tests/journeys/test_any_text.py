"""Whatever an old document says, it can be taken in, compared in every format, and proven."""

from __future__ import annotations

import subprocess
import time
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from conftest import Run
from docx import Document
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.archives import archive, noon
from support.odd import SHOWN, WRITTEN_OUT, odd_archive, page
from support.workspaces import Repo, clause

from publisher.archive.get import get
from publisher.build.build import build
from publisher.intake import extract, policy_of
from publisher.policy.tree import BrandName
from publisher.redline import redline
from publisher.redline.values import Origin
from publisher.redline.views.json import json
from publisher.redline.views.markdown import markdown
from publisher.redline.views.page import html, manuscript
from publisher.redline.word import docx
from publisher.render.fonts import page_written_out, spelled, without_gaps
from publisher.render.style import plain_style
from publisher.render.typeset import typeset

NOW = noon("2025-06-15")
anything = st.characters(codec=None, exclude_categories=())


def said(pdf: bytes) -> str:
    """Return the text that anybody's tool takes out of a PDF, without its white space."""
    done = subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return "".join(done.stdout.decode().split())


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """An archive with two imported versions, whose names, titles, sources and texts are odd."""
    return odd_archive(tmp_path_factory.mktemp("odd"))


@pytest.mark.parametrize("format", ["pdf", "html", "docx", "markdown", "json"])
def test_it_is_compared_in_every_format(odd: Repo, tmp_path: Path, run: Run, format: str) -> None:
    asked = ("alpha", "2019-05-25-imported", "2020-05-25-imported", "--format", format)
    done = run("diff", *asked, "--output", str(tmp_path / "redline"), cwd=odd.workspace)
    assert done.returncode == 0, done.stderr
    data = (tmp_path / "redline").read_bytes()
    match format:
        case "pdf":
            text = said(data)
            for written in WRITTEN_OUT.values():
                assert written.replace("\u200d", "") in text.replace("\u200d", ""), written
            for shown in "≥≤→←✓✗●○■□☑☐☒★∀①₹":
                assert shown in text
            assert "[U+1F6E1][U+FE0F]Privacy≥16" in text
        case "docx":
            document = Document(BytesIO(data))
            assert "隐私" in "".join(p.text for p in document.paragraphs)
        case _:
            assert "隐私" in data.decode() or format == "markdown"
            assert "June" in data.decode()


def test_it_is_compared_in_the_terminal(odd: Repo, run: Run) -> None:
    asked = ("alpha", "2019-05-25-imported", "2020-05-25-imported")
    done = run("diff", *asked, cwd=odd.workspace, LC_ALL="C", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr


def test_evidence_of_it_is_handed_out(odd: Repo, tmp_path: Path, run: Run) -> None:
    path = tmp_path / "evidence.zip"
    asked = ("get", "alpha", "--on", "2019-06-01", "--bundle", "--output", str(path))
    done = run(*asked, cwd=odd.workspace)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(path) as bundle:
        (letter,) = (name for name in bundle.namelist() if name.endswith("evidence-letter.pdf"))
        text = said(bundle.read(letter))
    assert "[U+1F6E1][U+FE0F]Privacy≥16–[U+9690][U+79C1]" in text
    assert "[U+7F51][U+7AD9]≥[U+1F6E1][U+FE0F]" in text
    assert get(odd.workspace, "alpha", NOW, on=date(2019, 6, 1), write=False)


@settings(max_examples=10, deadline=None)
@example("x", "Notice " * 60)
@given(st.text(anything, max_size=60), st.text(anything, max_size=400))
def test_no_text_is_refused(text: str, title: str) -> None:
    compared = of(text, title)
    origins = (Origin("a", "version", "alpha", "a"), Origin("b", "version", "alpha", "b"))
    style = plain_style()
    assert html(compared, origins, style).startswith(b"<!doctype html>")
    assert docx(compared, origins, "A", NOW)
    assert markdown(compared, origins).encode()
    assert json(compared, origins)
    for *_, shown in manuscript(compared, origins, style).texts:
        assert without_gaps(shown) == shown


@settings(max_examples=2, deadline=None)
@given(st.text(anything, min_size=60, max_size=120), st.text(anything, max_size=40))
def test_no_text_is_refused_in_print(text: str, title: str) -> None:
    origins = (Origin("a", "version", "alpha", "a"), Origin("b", "version", "alpha", "b"))
    assert typeset(manuscript(of(text, title), origins, plain_style()))


def of(text: str, title: str) -> object:
    """Return how two documents with a text and a title differ."""
    brand = BrandName("alpha", "Alpha", "alpha.example")
    old, new = (
        policy_of(extract(page(text or "x", title=title, last=last), "html"), brand, "en")
        for last in ("May", "June")
    )
    return redline(old, new)


@given(st.text(anything))
def test_what_no_font_has_is_written_out_once(text: str) -> None:
    shown = without_gaps(text)
    assert without_gaps(shown) == shown
    assert shown.encode().decode() == shown
    assert without_gaps(spelled(text)) == spelled(text)


def test_only_the_text_of_a_page_is_written_out() -> None:
    page = '<a href="https://例え.jp/法" title="法">法 ≥</a><style>a > b { content: "x" }</style>'
    assert page_written_out(page) == page.replace(">法 ≥<", ">[U+6CD5] ≥<")


def test_a_large_picture_takes_no_time_to_pass_over() -> None:
    picture = f"<style>a > b {{}}</style><img src='data:,{'A' * 1_000_000}'>"
    start = time.process_time()
    assert page_written_out(f"{picture}<p>法</p>") == f"{picture}<p>[U+6CD5]</p>"
    assert time.process_time() - start < 1


def test_authors_may_use_what_the_fonts_have(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    repo.commit({"shared/clauses/en/data.md": clause(f"If you are {SHOWN}.")})
    report = build(repo.workspace, tmp_path / "out", brands=["alpha"], formats=["pdf"])
    assert not report.problems
    text = said((tmp_path / "out/alpha/en/policy.pdf").read_bytes())
    assert "≥≤→←✓✗●○■□☑☐☒•★™∀" in text
