"""Policies go out to Word: to be edited, never published; and from the archive, as not issued."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import docx as docx_library
import pytest
from conftest import ROOT, Run
from lxml import etree
from support.archives import archive, noon
from support.intakes import docx as old_docx
from support.intakes import p
from support.soffice import run as soffice
from support.worddocs import NAMES, misordered
from support.workspaces import SMALL, Repo

from publisher.archive.get import get
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.import_version import import_version
from publisher.errors import AskedWrongly

TODAY = noon("2025-06-15")


def properties(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(BytesIO(data)) as package:
        root = etree.fromstring(package.read("docProps/custom.xml"))
    return {each.get("name"): "".join(each.itertext()) for each in root}


def shown(data: bytes) -> list[str]:
    return [paragraph.text for paragraph in docx_library.Document(BytesIO(data)).paragraphs]


def test_build_writes_word_documents_only_if_it_is_asked_to(repo: Repo, run: Run) -> None:
    done = run("build", "alpha", "--format", "html", cwd=repo.workspace)
    assert done.returncode == 0, done.stderr
    assert not [*repo.workspace.rglob("*.docx")]
    done = run("build", "--format", "word", "--format", "markdown", cwd=repo.workspace)
    assert done.returncode == 0, done.stderr
    names = {file.name for file in (repo.workspace / "build/beta/en").iterdir()}
    assert names == {"policy.docx", "policy.md"}
    data = (repo.workspace / "build/alpha/en/policy.docx").read_bytes()
    commit = repo.git("rev-parse", "HEAD").strip()
    assert properties(data)["publisher.source"] == f"working copy after {commit}"
    done = run("build", "alpha", "--format", "docx", "--at", "HEAD", cwd=repo.workspace)
    data = (repo.workspace / "build/alpha/en/policy.docx").read_bytes()
    assert properties(data)["publisher.source"] == commit


def test_word_documents_are_remembered_and_made_again_after_a_change(repo: Repo, run: Run) -> None:
    file = repo.workspace / "build/alpha/en/policy.docx"
    ask = ("build", "alpha", "--format", "docx")
    run(*ask, cwd=repo.workspace)
    first = file.read_bytes()
    file.unlink()
    run(*ask, cwd=repo.workspace)
    assert file.read_bytes() == first
    run(*ask, "--no-cache", cwd=repo.workspace)
    assert file.read_bytes() == first
    company = repo.workspace / "shared/company.yaml"
    company.write_text(SMALL["shared/company.yaml"].replace("Acme NV", "Acme Holding NV"))
    run(*ask, cwd=repo.workspace)
    assert any("Acme Holding NV" in text for text in shown(file.read_bytes()))


def test_an_imported_word_document_is_got_as_it_was(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    mine = tmp_path / "old.docx"
    mine.write_bytes(old_docx(p("We keep your name.")))
    asked = AppendOptions(noon("2025-03-02"))
    import_version(repo.workspace, "alpha", [mine], date(2019, 5, 25), "A letter", asked)
    got = get(repo.workspace, "alpha", TODAY, on=date(2019, 6, 1), format="docx", write=False)
    assert (got.derived, got.data) == ("", mine.read_bytes())


def test_an_imported_text_goes_to_word_as_what_it_is(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    mine = tmp_path / "old.md"
    mine.write_text("# Privacy\n\n## What we keep\n\nYour name.\n")
    asked = AppendOptions(noon("2025-03-02"))
    import_version(repo.workspace, "alpha", [mine], date(2019, 5, 25), "A letter", asked)
    got = get(repo.workspace, "alpha", TODAY, on=date(2019, 6, 1), format="docx", write=False)
    texts = shown(got.data)
    assert "What we keep" in texts
    line = "Text extracted on 2 March 2025 from an imported document; not the document itself"
    assert any(text.startswith(line) for text in texts)
    with pytest.raises(AskedWrongly, match="was not imported as html"):
        get(repo.workspace, "alpha", TODAY, on=date(2019, 6, 1), format="html", write=False)


def test_builds_of_other_formats_do_not_load_the_library(workspace: Path) -> None:
    code = (
        "import sys\nfrom publisher.cli.app import app_for\n"
        "for asked in (['--help'], ['build', '--format', 'html', '--workspace', sys.argv[1]]):\n"
        "    try: app_for(asked)(asked)\n    except SystemExit: pass\n"
        "print(*sorted({'docx', 'lxml'} & set(sys.modules)), file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, str(workspace)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == ""
    assert (workspace / "build/alpha/en/policy.html").exists()


# --- LibreOffice ---------------------------------------------------------------------------------


@pytest.mark.thorough
def test_libreoffice_opens_it_and_keeps_what_the_file_knows(tmp_path: Path, run: Run) -> None:
    """Saved again as Word and as PDF: text, bookmarks, controls, properties and tree are there."""
    made = tmp_path / "made"
    done = run(*("build", "--at", "HEAD", "--format", "docx", "--output", str(made)), cwd=ROOT)
    assert done.returncode == 0, done.stderr
    files = {f"{f.parts[-3]}-{f.parts[-2]}.docx": f.read_bytes() for f in made.rglob("*.docx")}
    assert len(files) == 6
    (tmp_path / "flat").mkdir()
    for name, data in files.items():
        assert not misordered(data)
        (tmp_path / "flat" / name).write_bytes(data)
    paths = [str(tmp_path / "flat" / name) for name in files]
    again = tmp_path / "again"
    kind = "docx:MS Word 2007 XML"
    soffice(tmp_path / "profile", "--convert-to", kind, "--outdir", str(again), *paths)
    for name, data in files.items():
        saved = (again / name).read_bytes()
        assert [t for t in shown(saved) if t] == [t for t in shown(data) if t]
        assert properties(saved).items() >= properties(data).items()
        assert bookmarks(saved) >= bookmarks(data)
        before, after = controls(data), controls(saved)
        assert [text for _, text in after] == [text for _, text in before]
        if any(tag for tag, _ in after):  # LibreOffice 7.4 writes controls without their tags
            assert after == before
        assert tree_in(saved) == tree_in(data)


def bookmarks(data: bytes) -> set[str]:
    names = _body(data).xpath("//w:bookmarkStart/@w:name", namespaces=NAMES)
    return {name for name in names if name.startswith(("clause_", "heading_"))}


def controls(data: bytes) -> list[tuple[str, str]]:
    found = _body(data).xpath("//w:p//w:sdt", namespaces=NAMES)
    return [
        (
            each.xpath("string(w:sdtPr/w:tag/@w:val)", namespaces=NAMES),
            "".join(each.xpath(".//w:t/text()", namespaces=NAMES)),
        )
        for each in found
    ]


def tree_in(data: bytes) -> str:
    with zipfile.ZipFile(BytesIO(data)) as package:
        (name,) = (n for n in package.namelist() if n.startswith("customXml/item") and "Props" not in n and "rels" not in n)  # fmt: skip
        return str(etree.fromstring(package.read(name)).text)


def _body(data: bytes) -> etree._Element:
    with zipfile.ZipFile(BytesIO(data)) as package:
        return etree.fromstring(package.read("word/document.xml"))
