"""PDFs for decades: PDF/A-3a and PDF/UA-1 in one file, checked by veraPDF and by a look inside."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from support.archives import noon
from support.documents import LANGUAGES, WORD
from support.odd import odd_archive
from support.workspaces import clause as written
from support.workspaces import small

from publisher.archive.evidence.bundle import bundle
from publisher.archive.get import Request
from publisher.build.build import build
from publisher.compare.diff import diff
from publisher.compare.redlines import Look, document

VERAPDF = Path(__file__).parents[1] / "validators" / "verapdf"


def walk(node: Any) -> Iterator[dict[str, Any]]:
    """Yield what has a type in a policy's JSON, in reading order."""
    if isinstance(node, list):
        for each in node:
            yield from walk(each)
    elif isinstance(node, dict):
        if "type" in node:
            yield node
        for each in node.values():
            yield from walk(each)


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


def old_texts(folder: Path) -> Path:
    """Write the redline and the letter of old documents with characters of every script."""
    root, now = odd_archive(folder).workspace, noon("2025-06-15")
    versions = {"old": "2019-05-25-imported", "new": "2020-05-25-imported"}
    (found,) = diff(root, "alpha", now, **versions)
    (folder / "redline.pdf").write_bytes(document(root, found, Look("pdf", now, "A")))
    evidence = bundle(root, Request("alpha", now, version=versions["old"], write=False))
    with zipfile.ZipFile(BytesIO(evidence.data)) as zipped:
        (letter,) = (name for name in zipped.namelist() if name.endswith("evidence-letter.pdf"))
        (folder / "letter.pdf").write_bytes(zipped.read(letter))
    return folder


@pytest.mark.thorough
def test_verapdf_finds_every_document_valid(
    documents: Path, example: Path, archived: Path, tmp_path: Path
) -> None:
    if shutil.which("javac") is None and not os.environ.get("CI"):
        pytest.skip("no JDK: `make test` installs it where it may")
    files = [file for each in (documents, example, archived) for file in each.rglob("*.pdf")]
    files += old_texts(tmp_path).glob("*.pdf")
    assert len(files) == 20
    done = subprocess.run(
        [VERAPDF, "3a,ua1", *files],
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASS") == 2 * len(files)


@pytest.mark.thorough
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


NAMES = ["alpha/en", "long/en", *(f"beta/{locale}" for locale in ("en", *LANGUAGES))]


@pytest.mark.parametrize("name", NAMES)
def test_the_structure_is_that_of_the_policy(documents: Path, name: str) -> None:
    reader = PdfReader(documents / name / "policy.pdf")
    root = reader.trailer["/Root"]
    assert root["/Lang"] == name.partition("/")[2]
    found = list(elements(root["/StructTreeRoot"]))
    assert [e["/S"] for e in found].count("/H1") == 1
    levels = [int(e["/S"][2]) for e in found if e["/S"] in ("/H1", "/H2", "/H3", "/H4", "/H5")]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    policy = json.loads((documents / name / "policy.json").read_text())
    blocks = [block for clause in policy["clauses"] for block in walk(clause)]
    expected = Counter(block["type"] for block in blocks)
    kinds = Counter(e["/S"] for e in found)
    assert kinds["/Table"] == expected["Table"]
    assert kinds["/BlockQuote"] == expected["Quote"]
    links = [block for block in blocks if block["type"] == "Link"]
    assert kinds["/Link"] >= len(links)
    for item in (e for e in found if e["/S"] == "/LI"):
        kinds = [child.get_object()["/S"] for child in item["/K"]]
        assert kinds in (["/Lbl", "/LBody"], ["/LBody"])
    for row in (e for e in found if e["/S"] == "/TR"):
        assert {child.get_object()["/S"] for child in row["/K"]} <= {"/TH", "/TD"}


@pytest.mark.parametrize("name", NAMES)
def test_the_words_can_be_taken_out_in_reading_order(documents: Path, name: str) -> None:
    said = subprocess.run(
        ["pdftotext", "-raw", documents / name / "policy.pdf", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    there, at = re.sub(r"[\s\u00ad-]+", "", said), 0
    policy = json.loads((documents / name / "policy.json").read_text())
    for clause in policy["clauses"]:
        for node in walk(clause):
            if node["type"] in ("Text", "Code") and len(node["text"]) < 60:
                text = re.sub(r"[\s\u00ad-]+", "", node["text"])
                found = there.find(text, at)
                assert found >= 0, node["text"]
                at = found


def test_labels_are_shown_and_tagged_as_they_are_written(tmp_path: Path) -> None:
    text = "(c) one\n(d) two:\n\n    viii. three\n    ix. four\n\n1) five\n\n   A. six\n   B. seven\n2) eight"
    labels = ["(c)", "(d)", "viii.", "ix.", "1)", "A.", "B.", "2)"]
    root = small(tmp_path / "w", {"brands/alpha/clauses/en/data.md": written(text)})
    assert not build(root, tmp_path / "out", brands=["alpha"], formats=["pdf"]).failed
    pdf = tmp_path / "out/alpha/en/policy.pdf"
    said = subprocess.run(
        ["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True
    )
    lines = [line.split() for line in said.stdout.splitlines() if line.split()]
    assert [line[0] for line in lines if line[0] in labels] == labels
    tagged = subprocess.run(
        ["pdfinfo", "-struct-text", pdf], capture_output=True, text=True, check=True
    )
    found = re.findall(r'Lbl \(block\)\s+Span[^"]*"([^"]*)"', tagged.stdout)
    assert [label.strip() for label in found if label.strip() != "•"] == labels


def test_a_list_begins_with_its_own_number(tmp_path: Path) -> None:
    files = {"brands/alpha/clauses/en/data.md": written("7. seven\n8. eight")}
    root = small(tmp_path / "w", files)
    report = build(root, tmp_path / "out", brands=["alpha"], formats=["pdf"])
    assert not report.failed
    said = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "out/alpha/en/policy.pdf", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert re.findall(r"\d\. \w+", said) == ["7. seven", "8. eight"]


def test_a_long_policy_breaks_over_many_pages(documents: Path) -> None:
    reader = PdfReader(documents / "long/en/policy.pdf")
    assert len(reader.pages) >= 60
    said = "".join(page.extract_text() for page in reader.pages[:3])
    assert WORD[:50] in said.replace("\n", "")


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
