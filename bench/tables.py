"""Policies with tables, as they are typeset: long cells, and a notice with many of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.workspaces import workspace, write
from publisher.compose import compose
from publisher.policy.dating import Dating
from publisher.render.pdf import manuscript as manuscript_of
from publisher.render.pdf_job import PdfJob
from publisher.render.style import Style
from publisher.repository.source import FolderSource
from publisher.workspace import load


def sentences(characters: int) -> str:
    """Return so many characters of running text."""
    said = "Item {0} of the examples that the law gives. "
    return "".join(said.format(n) for n in range(2 + characters // 40))[:characters].strip()


def notice(rows: int, characters: int) -> str:
    """Return a table with a name, and three columns of so much text."""
    said = sentences(characters)
    names = ("Category", "Sources", "Purposes", "Recipients")
    return table(names, [(f"Category {n}", said, said, said) for n in range(rows)])


def table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = (names, ["---"] * len(names), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def manuscript(root: Path, text: str) -> PdfJob:
    """Return what the PDF of a policy with one clause of this text is made from."""
    files = workspace(1, clauses=1)
    files["shared/clauses/en/clause-01.md"] = f"---\ntitle: Clause\n---\n{text}\n"
    source = FolderSource(write(root, files))
    policy = compose(load(source, ("brand-001",)), "brand-001", "en")
    return manuscript_of(policy, Dating("undated"), Style(), source)
