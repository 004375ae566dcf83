"""PDFs for decades: PDF/A-3a and PDF/UA-1 in one file, checked by veraPDF and by a look inside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from workspaces import EVERYTHING, SMALL, clause, small

from publisher.tasks.build import build

VERAPDF = Path(__file__).parents[1] / "validators" / "verapdf"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><path d="M0 0h120v40z" fill="#135"/></svg>'


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every construct of Markdown, as a draft and ready, in two languages, with a logo."""
    brand = SMALL["brands/alpha/brand.yaml"]
    root = small(
        tmp_path_factory.mktemp("documents"),
        {
            "brands/alpha/clauses/en/data.md": EVERYTHING,
            "brands/alpha/brand.yaml": brand + "facts: {unsure: {unconfirmed: Is it?}}\n",
            "brands/beta/clauses/en/data.md": EVERYTHING.replace("{{ facts.unsure }}", "it"),
            "brands/beta/brand.yaml": SMALL["brands/beta/brand.yaml"].replace("[en]", "[en, nl]"),
            "brands/beta/logo.svg": SVG,
            "shared/clauses/nl/who.md": clause("Wij zijn {{ company.name }}.", "Wie wij zijn"),
            "shared/clauses/nl/data.md": clause("1. Één\n\n   twee\n2. drie", "Uw gegevens"),
            "shared/clauses/nl/rights.md": clause("{% for r in rights %}{{ r.words }}{% endfor %}", "Rechten"),
        },
    )  # fmt: skip
    report = build(root, root / "build")
    assert not report.failed, report.problems
    return root / "build"


def elements(node: Any) -> Iterator[Any]:
    """Yield the structure elements of a PDF, in reading order."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if not isinstance(node, dict):
        return
    if node.get("/S"):
        yield node
    children = node.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        yield from elements(child)


def test_verapdf_finds_every_document_valid(documents: Path, example: Path) -> None:
    if shutil.which("javac") is None and not os.environ.get("CI"):
        pytest.skip("no JDK: `make test` installs it where it may")
    files = sorted([*documents.rglob("*.pdf"), *example.rglob("*.pdf")])
    assert len(files) == 6
    done = subprocess.run(
        [VERAPDF, "3a,ua1", *files],
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASS") == 12


def test_verapdf_would_find_a_fault(tmp_path: Path) -> None:
    if shutil.which("javac") is None and not os.environ.get("CI"):
        pytest.skip("no JDK: `make test` installs it where it may")
    from weasyprint import HTML

    bad = tmp_path / "bad.pdf"
    HTML(string="<p>plain</p>").write_pdf(bad)
    done = subprocess.run(
        [VERAPDF, "3a,ua1", bad],
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1


@pytest.mark.parametrize("name", ["alpha/en", "beta/en", "beta/nl"])
def test_the_structure_is_that_of_the_policy(documents: Path, name: str) -> None:
    root = PdfReader(documents / name / "policy.pdf").trailer["/Root"]
    found = list(elements(root["/StructTreeRoot"]))
    assert [e["/S"] for e in found].count("/H1") == 1
    for item in (e for e in found if e["/S"] == "/LI"):
        kinds = [child.get_object()["/S"] for child in item["/K"]]
        assert kinds in (["/Lbl", "/LBody"], ["/LBody"])
    for row in (e for e in found if e["/S"] == "/TR"):
        assert {child.get_object()["/S"] for child in row["/K"]} <= {"/TH", "/TD"}


def test_the_sources_are_attached_and_the_claims_are_made(documents: Path) -> None:
    reader = PdfReader(documents / "beta/en/policy.pdf")
    for file in ("policy.md", "policy.json"):
        (attached,) = reader.attachments[file]
        assert attached == (documents / "beta/en" / file).read_bytes()
    xmp = reader.trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert 'pdfaid:part="3"' in xmp
    assert 'pdfaid:conformance="A"' in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert "<policy:wordsDigest>" in xmp
