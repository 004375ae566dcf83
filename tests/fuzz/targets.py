"""What is fuzzed: whatever the input, these return the problems that they find, and raise nothing."""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from support.workspaces import SMALL, Repo, small
from typer.main import get_command
from typer.testing import CliRunner

from fuzz.inputs import mutated
from publisher.build.check import check
from publisher.cli.app import app_for
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
from publisher.workspace.loader import decode, parse_clause
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


COMMANDS = (
    ("check", "--json"),
    ("status",),
    ("history", "alpha"),
    ("diff", "alpha", "HEAD^", "HEAD"),
    ("impact", "HEAD^"),
    ("release", "alpha", "beta", "--dry-run", "--yes", "--clock-is-right"),
    ("build", "--format", "html", "--format", "md", "--no-cache"),
    ("versions", "alpha"),
    ("verify",),
    ("get", "alpha"),
    ("reconstruct", "alpha", "--clock-is-right"),
)
"""What reads a workspace, its history or its archive, and writes nothing but a build."""
_NAMES = ("..", "x y", "-x", "é", "a\nb", "con", "x.md", ".hidden", "beta", "x" * 300, "\u202e")
_MESSAGES = (
    "x",
    "",
    "x\n\nPolicy-Change: editorial",
    "x\n\nPolicy-Change: ",
    "x\n\nReviewed: ../x",
)
_DATES = ("2024-03-01T12:00:00+0000", "@0 +0000", "@99999999999 +0000", "@253402300800 +9999")


class Workspaces:
    """Runs a command of `publisher` on a whole workspace with three versions of its files.

    What is done to the files, their names and their commits follows from the input.
    """

    def __init__(self) -> None:
        memory = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
        self.original = Repo(self.folder / "original")
        small(self.original.workspace, {".gitattributes": "versions/** -text -filter -ident\n"})
        self.original.commit(message="first")
        self.original.commit({"shared/clauses/en/data.md": "---\ntitle: Data\n---\nSecond.\n"})
        self.runner = CliRunner()
        self.publisher = get_command(app_for(()))

    def __call__(self, data: bytes) -> list[Problem]:
        """Change a copy of the workspace, and run a command on it; raises what it raises."""
        chance = random.Random(data)
        root = self.folder / "copy"
        shutil.copytree(self.original.root, root, symlinks=True)
        try:
            repo = Repo.of(root)
            for _ in range(chance.randint(1, 3)):
                self._change(repo.workspace, chance)
            if chance.random() < 0.7:
                self._commit(repo, chance)
            command = [*chance.choice(COMMANDS), "--workspace", str(repo.workspace)]
            self._run(command)
        finally:
            shutil.rmtree(root)
        return []

    def _run(self, command: list[str]) -> None:
        """Run a command; raises `AssertionError` for an exception that is no message to a user."""
        try:
            with self.runner.isolation():
                self.publisher(command)
        except (SystemExit, PublisherError, OSError):
            return
        except Exception as fault:
            raise AssertionError(f"{command} raised {fault!r}") from fault

    def _change(self, workspace: Path, chance: random.Random) -> None:
        """Change a file, or its name."""
        path = workspace / chance.choice(sorted(SMALL))
        if not path.is_file():
            return
        with suppress(OSError, ValueError):
            match chance.randint(0, 5):
                case 0:
                    path.rename(path.with_name(chance.choice(_NAMES)))
                case 1:
                    path.parent.rename(path.parent.with_name(chance.choice(_NAMES)))
                case 2:
                    path.unlink()
                case _:
                    path.write_bytes(mutated(chance, path.read_bytes()))

    def _commit(self, repo: Repo, chance: random.Random) -> None:
        """Commit what was changed, as somebody, on some day; or not, where git refuses."""
        with suppress(subprocess.CalledProcessError):
            repo.commit(message=chance.choice(_MESSAGES), date=chance.choice(_DATES))

    def close(self) -> None:
        """Delete the workspaces."""
        shutil.rmtree(self.folder)
