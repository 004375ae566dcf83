"""Archives of many versions, each a day after the one before."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from bench.workspaces import WORDS, Files, git, workspace
from bench.workspaces import commit as as_commit
from publisher.archive.entries import Release, entry_bytes, sha256
from publisher.archive.folder import NAME, sums_bytes
from publisher.policy.dating import Dating
from publisher.policy.json import json
from publisher.policy.tree import BrandName, Clause, Controller, Paragraph, Policy, Text
from publisher.policy.words import words_digest
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


def _versions(brand: str, number: int, clauses: int) -> Iterator[Files]:
    """Yield the files of each version of a brand, with the entry on it."""
    documents = {f"en/policy.{end}": f"{end}\n" * 200 for end in ("html", "md", "pdf")}
    previous = policy = None
    for sequence in range(1, number + 1):
        if policy is None or clauses > 1:
            policy = _policy(f"{brand} {sequence}", clauses) if clauses > 1 else POLICY
            documents["en/policy.json"] = json(policy, Dating("released")).decode()
            digest = words_digest(policy)
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
