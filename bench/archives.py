"""Archives of many versions, each a day after the one before."""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path

from bench.measure import BIN, Figure, command, publisher, seconds, spent
from bench.workspaces import WORDS, Files, git, workspace
from bench.workspaces import commit as as_commit
from publisher.archive.entries import Release, entry_bytes, sha256
from publisher.archive.folder import NAME, sums_bytes
from publisher.policy.dating import Dating
from publisher.policy.json import json
from publisher.policy.tree import BrandName, Clause, Controller, Paragraph, Policy, Text
from publisher.policy.words import words_digest
from publisher.render.markdown import markdown
from publisher.render.page import html
from publisher.render.style import plain_style
from publisher.render.toolchain import tools

POLICY = Policy(
    brand=BrandName("a", "A", "a.example"),
    locale="en",
    title="Privacy Policy",
    controller=Controller("A", ("B",)),
    clauses=(Clause("c", "C", (Paragraph((Text("Words."),)),), (), (), "shared/c.md"),),
    questions=(),
    files=frozenset(),
)
FIRST = date(1999, 1, 1)


def archive(root: Path, versions: int, *, apart: bool, brands: int = 1, clauses: int = 1) -> Path:
    """Make a repository whose `brands` have many versions each, in one commit, or in one each.

    A version with more than one clause says something that no other version says.
    """
    root.mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    git(
        root,
        "fast-import",
        "--quiet",
        stdin="".join(_stream(versions, brands, clauses, apart=apart)),
    )
    git(root, "reset", "--quiet", "--hard")
    return root


def _stream(versions: int, brands: int, clauses: int, *, apart: bool) -> Iterator[str]:
    files = workspace(brands)
    yield as_commit(0, "first", files)
    all: dict[str, str] = {}
    names = sorted(path.split("/")[1] for path in files if path.endswith("brand.yaml"))
    for at, released in enumerate(
        (each for name in names for each in _versions(name, versions, clauses)), 1
    ):
        if apart:
            yield as_commit(at, "release", released)
        all |= released
    if not apart:
        yield as_commit(1, "release", all)


def _policy(seed: str, clauses: int) -> Policy:
    """Return a policy of so many clauses of 100 words, which end with the seed and their number."""
    chance, words = random.Random(seed), WORDS.split()
    texts = (f"{' '.join(chance.choices(words, k=100))} {seed} {at}." for at in range(clauses))
    parts = (
        Clause(f"c{at}", f"C {at}", (Paragraph((Text(text),)),), (), (), "shared/c.md")
        for at, text in enumerate(texts)
    )
    return replace(POLICY, clauses=tuple(parts))


def _dating(policy: Policy) -> Dating:
    return Dating("released", FIRST, clauses={clause.id: FIRST for clause in policy.clauses})


def _true_documents(policy: Policy) -> dict[str, str]:
    """Return documents that say what the policy says, as verify wants them of a newest version."""
    dating = _dating(policy)
    return {
        "en/policy.html": html(policy, dating, plain_style()).decode(),
        "en/policy.json": json(policy, dating).decode(),
        "en/policy.md": markdown(policy, dating).decode(),
    }


def _versions(brand: str, number: int, clauses: int) -> Iterator[Files]:
    """Yield the files of each version of a brand, with the entry on it."""
    documents = {f"en/policy.{end}": f"{end}\n" * 200 for end in ("html", "md", "pdf")}
    previous = policy = None
    for sequence in range(1, number + 1):
        if policy is None or clauses > 1:
            policy = _policy(f"{brand} {sequence}", clauses) if clauses > 1 else POLICY
            documents["en/policy.json"] = json(policy, _dating(policy)).decode()
            digest = words_digest(policy)
        if sequence == number:
            documents = _true_documents(policy)
        sums = sums_bytes({path: text.encode() for path, text in documents.items()})
        day = FIRST + timedelta(days=sequence)
        entry = Release.model_validate(
            {
                "format": 1,
                "sequence": sequence,
                "kind": "release",
                "brand": brand,
                "recorded_at": datetime.combine(day, time(12), UTC),
                "timezone": "UTC",
                "recorded_by": "A <a@b.example>",
                "signer": None,
                "version": day.isoformat(),
                "origin": "released",
                "change": "first" if sequence == 1 else "material",
                "reason": None,
                "published": day,
                "in_force_from": day,
                "short_notice": None,
                "locales": {"en": {"last_updated": day, "words": digest}},
                "source": "0" * 40,
                "summary": "What is different from the version before, in a line",
                "changes": {"en": {"changed": ["retention"]}},
                "approvals": ["Legal"],
                "tools": tools(),
                "sums": sha256(sums),
                "previous": previous,
            }
        )
        data = entry_bytes(entry)
        previous = sha256(data)
        folder = f"versions/{brand}"
        yield {
            f"{folder}/ledger/{entry.name}": data.decode(),
            f"{folder}/{entry.version}/{NAME}": sums.decode(),
            **{f"{folder}/{entry.version}/{path}": text for path, text in documents.items()},
        }


def commits_apart(folder: Path) -> Iterator[Figure]:
    """Verify versions that have a commit each: CPU beyond git's pass, and how often git runs.

    Git's own pass grows with the square of their number: each commit has a tree of all of them.
    """
    few, many = (500, 1_000) if "--quick" in sys.argv else (2_000, 8_000)
    each, floor, runs = {}, {}, {}
    for number in (few, many):
        root = archive(folder / str(number), number, apart=True)
        # The documents are none, and verify says so of the newest.
        verify = publisher("verify", cwd=root, cache=folder / "cache", ends=(0, 3))
        helps = publisher("--help", cwd=root, cache=folder / "cache")
        works = (verify, partial(_pass, root), helps)
        used, floor[number], help = (seconds(work, spent) for work in works)
        each[number] = (used - floor[number] - help) / number
        runs[number] = _counted(root, folder / f"git-{number}")
    note = f"{each[few] * 1000:.2f} ms, {each[many] * 1000:.2f} ms; git {floor[many]:.1f} s"
    name = f"verify, a version of {many} / of {few}"
    yield Figure(name, each[many] / each[few], 1.3, note=note)
    yield Figure(f"git's runs for {many} / for {few}", runs[many] / runs[few], 1.0,
                 note=f"{runs[many]}, {runs[few]}")  # fmt: skip


def _pass(root: Path) -> None:
    """Compare each commit with its parent, as git does."""
    git(root, "diff-tree", "--stdin", "-m", "-r", "--raw", "--diff-filter=MDT",
        stdin=git(root, "rev-list", "HEAD"))  # fmt: skip


def _counted(root: Path, folder: Path) -> int:
    """Return how often verify runs git."""
    own = shutil.which("git")
    folder.mkdir()
    (folder / "git").write_text(f'#!/bin/sh\necho >> {folder}/runs\nexec {own} "$@"\n')
    (folder / "git").chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    command(str(BIN / "publisher"), "verify", cwd=root, ends=(0, 3), PATH=path)()
    return (folder / "runs").read_text().count("\n")
