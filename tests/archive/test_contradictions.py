"""A version whose documents say something else than its policy, although all hashes agree."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.archives import archive, forge, released, say
from support.documents import documents
from support.realsized import ccpa, cookies, terms
from support.workspaces import Repo

from publisher.archive.verify.contradictions import _Expected
from publisher.archive.verify.verify import verify
from publisher.build.build import build
from publisher.intake import extract
from publisher.policy.tree import Clause, Table

ONE, TWO = "2025-01-10", "2025-01-20"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repo = archive(tmp_path_factory.mktemp("documents") / "repo")
    released(repo, ONE)
    say(repo, "Second [letter](https://alpha.example/letter).", date="2025-01-11T12:00:00+0000")
    released(repo, TWO)
    return repo.root


@pytest.fixture
def repo(original: Path, tmp_path: Path) -> Repo:
    """A repository with two versions, of this test's own."""
    shutil.copytree(original, tmp_path / "repo", symlinks=True)
    return Repo.of(tmp_path / "repo")


def replaced(name: str, old: bytes, new: bytes) -> Callable[[Path], object]:
    def replace(folder: Path) -> None:
        data = (folder / name).read_bytes()
        assert old in data
        (folder / name).write_bytes(data.replace(old, new))

    return replace


def swapped(folder: Path) -> None:
    """Give the newer version the PDF of the older one."""
    shutil.copy(folder.parent.parent / ONE / "en/policy.pdf", folder / "policy.pdf")


FIRST = "says “We keep your name. Who receives it: Mailer Ltd sends Alpha's letters. … (20 words)”"


def test_the_pdf_of_another_version(repo: Repo) -> None:
    """All that it says differently is named, also in the sources that are attached to it."""
    forge(repo, TWO, swapped)
    link = "has no link to https://alpha.example/letter; policy.json has one"
    assert [str(finding) for finding in verify(repo.workspace).findings] == [
        f"versions/alpha/{TWO}/en/policy.pdf: {message}"
        for message in (
            f"{FIRST}; policy.json says “Second letter.”",
            link,
            "has words that differ from policy.json, in the attached policy.json",
            f"{FIRST}; policy.json says “Second letter.”, in the attached policy.md",
            f"{link}, in the attached policy.md",
        )
    ]


def test_older_versions_are_read_on_demand(repo: Repo) -> None:
    forge(repo, ONE, replaced("policy.md", b"We keep", b"We sell"))
    assert verify(repo.workspace).findings == ()
    (finding,) = verify(repo.workspace, documents=True).findings
    assert (finding.path, finding.version) == (f"versions/alpha/{ONE}/en/policy.md", ONE)


def test_what_the_toolkit_kept_of_every_kind(tmp_path: Path) -> None:
    kept = Path(__file__).parents[1] / "data/archives/1"
    shutil.copytree(kept, tmp_path / "kept")
    (tmp_path / "kept/brands").mkdir(exist_ok=True)
    (tmp_path / "kept/shared").mkdir(exist_ok=True)
    verified = verify(tmp_path / "kept", documents=True)
    assert verified.versions == 5
    assert [str(finding) for finding in verified.findings if "policy.json" in finding.message] == []


@pytest.mark.thorough
def test_no_document_of_any_language_is_said_to_differ(tmp_path: Path) -> None:
    output = tmp_path / "out"
    formats = {"html": "html", "md": "markdown", "pdf": "pdf"}
    build(documents(tmp_path / "ws"), output, brands=["alpha", "beta"], formats=[*formats, "json"])
    compared = 0
    for tree in output.glob("*/*/policy.json"):
        expected = _Expected(tree.read_bytes())
        for ending, format in formats.items():
            data = tree.with_suffix(f".{ending}").read_bytes()
            assert list(expected.differences(format, data)) == [], (tree, format)
            compared += 1
    assert compared == 30


@pytest.mark.thorough
@pytest.mark.parametrize(
    "text", [ccpa(14), cookies(60), terms(20)], ids=["ccpa", "cookies", "terms"]
)
def test_a_table_that_goes_on_over_pages_says_the_same(tmp_path: Path, text: str) -> None:
    repo = archive(tmp_path / "repo")
    say(repo, f"{text}\n\n1. one\n2. two", date="2024-01-05T12:00:00+0000")
    released(repo, "2025-01-10")
    assert [str(finding) for finding in verify(repo.workspace).findings] == []
    folder = repo.workspace / "versions/alpha/2025-01-10/en"
    read = extract((folder / "policy.pdf").read_bytes(), "pdf")
    same = extract((folder / "policy.md").read_bytes(), "markdown")
    assert list(map(rows, read.clauses)) == list(map(rows, same.clauses))
    assert not [note for note in read.notes if "missing" in note]


def rows(clause: Clause) -> list[int]:
    return [len(block.rows) for block in clause.blocks if isinstance(block, Table)]
