"""What is fuzzed: whatever the input, these return the problems that they find, and raise nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from support.workspaces import SMALL, small

from publisher.build.check import check
from publisher.compose import placeholders
from publisher.compose.context_facts import Context, lay_out
from publisher.compose.markdown import parse as parse_markdown
from publisher.compose.templates import render, render_words
from publisher.errors import NotADocument, PublisherError
from publisher.intake import FORMATS, extract, policy_of
from publisher.policy.dating import Dating
from publisher.policy.json import json, read_policy
from publisher.policy.tree import BrandName
from publisher.problem import Problem
from publisher.repository.source import FolderSource
from publisher.workspace import load
from publisher.workspace.facts import Brand, Company, Outline, Processors, RetentionPeriods, Rights
from publisher.workspace.load import decode, parse_clause
from publisher.workspace.validate import validate
from publisher.workspace.yaml import parse

MODELS = (Brand, Company, Outline, Processors, RetentionPeriods, Rights)


@lru_cache
def _context() -> Context:
    with tempfile.TemporaryDirectory() as folder:
        return lay_out(load(FolderSource(small(Path(folder)))), "alpha", "en")


def yaml(data: bytes) -> list[Problem]:
    """Read a YAML file, as each kind that there is."""
    text, problems = decode("x.yaml", data)
    found = [*problems]
    if not found:
        document, faults = parse("x.yaml", text)
        found += faults
        for model in MODELS:
            found += validate("x.yaml", model, document)[1]
    return found


def clause(data: bytes) -> list[Problem]:
    """Read a clause, run its template, and parse its Markdown."""
    source, faults = parse_clause("shared/clauses/en/x.md", data)
    if source is None:
        return [*faults]
    context = _context()

    def find(name: str) -> tuple[str, str] | None:
        if name == "shared/x.md":
            return source.path, source.body
        return ("shared/clauses/en/who.md", "We.\n") if name == "shared/who.md" else None

    title = render_words("x.md", 1, source.title or "", context.noted())
    found = [title] if isinstance(title, Problem) else []
    rendered, more = render("shared/x.md", context.noted(), find, ("shared/who.md",))
    found += more
    if rendered is not None:
        found += parse_markdown(*placeholders.take_lines(rendered.text, source.path)).problems
    return found


def markdown(data: bytes) -> list[Problem]:
    """Parse Markdown alone."""
    text, problems = decode("x.md", data)
    if problems:
        return [*problems]
    lines = [("x.md", line) for line in range(1, text.count("\n") + 2)]
    return [*parse_markdown(text, lines).problems]


def document(data: bytes) -> list[Problem]:
    """Take the text out of an old document, in the format that its length chooses, and write it."""
    formats = sorted({*FORMATS.values()})
    with suppress(NotADocument):
        extracted = extract(data, formats[len(data) % len(formats)])
        old = policy_of(extracted, BrandName("alpha", "Alpha", "alpha.example"), "en")
        assert read_policy(json(old, Dating("undated"))) == old
    return []


PARSERS: tuple[Callable[[bytes], list[Problem]], ...] = (yaml, clause, markdown, document)


class Checked:
    """Runs `publisher check` on the small workspace, one file of which is the input."""

    def __init__(self) -> None:
        memory = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
        self.root = small(self.folder / "workspace")
        self.paths = sorted(SMALL)

    def __call__(self, data: bytes) -> list[Problem]:
        """Put the input in the place of the file that its first byte chooses, and check."""
        path = self.paths[data[0] % len(self.paths)] if data else self.paths[0]
        (self.root / path).write_bytes(data)
        try:
            return [*check(self.root).problems]
        except PublisherError:
            return []
        finally:
            (self.root / path).write_text(SMALL[path])

    def close(self) -> None:
        """Delete the workspace."""
        shutil.rmtree(self.folder)
