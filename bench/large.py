"""Ten thousand brands in one repository: what a command about one brand costs, against git."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from bench.archives import POLICY, _versions
from bench.measure import Figure, in_turn, publisher, spent
from bench.measure import command as command_of
from bench.workspaces import EDITORIAL, Files, clause, commit, git, workspace
from publisher.archive.entries import Release, entry_bytes, sha256
from publisher.archive.folder import sums_bytes
from publisher.policy.dating import Dating
from publisher.policy.json import json

BRAND = "brand-010"
CLAUSES = 21
"""Of these, each brand overrides seven; with its own file, that makes eight files."""


COMMANDS = {
    "check": ("check", BRAND),
    "status": ("status", BRAND),
    "history": ("history", BRAND),
    "build": ("build", BRAND, "--format", "html", "--no-cache"),
    "release": ("release", BRAND, "--dry-run", "--clock-is-right"),
    "impact of a commit on": ("impact", "HEAD~1..HEAD"),
}


def at_size(folder: Path) -> Iterator[Figure]:
    """Commands on one brand of many, against the same of few, each less what git itself takes.

    What git takes is to look at the work tree, and at the history of the brand. CPU time is
    measured, so that a busy machine gives the same figures.
    """
    few, many = (100, 1_000) if "--quick" in sys.argv else (100, 10_000)
    times: dict[int, list[float]] = {}
    floors = {}
    for brands in (few, many):
        root = large(folder / str(brands), brands, 300)
        cache = folder / "cache"
        works = [publisher(*command, cwd=root, cache=cache) for command in COMMANDS.values()]
        looks = (("status", "--short"), ("log", "-1", "--", f"brands/{BRAND}"))
        floor = [command_of("git", *look, cwd=root) for look in looks]
        *times[brands], one, other = in_turn(3, *works, *floor, clock=spent)
        floors[brands] = one + other
    for name, slow, quick in zip(COMMANDS, times[many], times[few], strict=True):
        ratio = (slow - floors[many]) / (quick - floors[few])
        note = f"{slow:.2f} s, {quick:.2f} s; git {floors[many]:.2f} s, {floors[few]:.2f} s"
        yield Figure(f"{name} a brand of {many} / of {few}, less git's", ratio, 1.5, note=note)


def large(root: Path, brands: int = 10_000, commits: int = 3_000) -> Path:
    """Make a repository of many brands, of which every tenth has a version.

    Each commit after these changes a clause: one in ten a shared one, one in three editorially.
    """
    root.mkdir(parents=True)
    git(root, "init", "--quiet", "--initial-branch=main")
    files = workspace(brands, CLAUSES)
    files[".gitattributes"] = "versions/** -text -filter -ident\n"
    files[".gitignore"] = "/build/\n"
    _imported(root, iter([commit(0, "first", files)]))
    source = git(root, "rev-parse", "main").strip()
    names = sorted(path.split("/")[1] for path in files if path.endswith("/brand.yaml"))
    made = {path: text for name in names[9::10] for path, text in _version(name, source).items()}
    release = commit(1, "release", made).replace("\nM ", f"\nfrom {source}\nM ", 1)
    _imported(root, chain([release], _edits(sorted(files), commits)))
    git(root, "reset", "--quiet", "--hard")
    return root


def _version(brand: str, source: str) -> Files:
    """Return the files of a brand's version, made from the commit `source`."""
    files = dict(next(_versions(brand, 1, 1)))
    ledger, sums, *_ = files
    entry = Release.model_validate_json(files[ledger])
    day = entry.published
    dating = Dating("ready", day, source, clauses={clause.id: day for clause in POLICY.clauses})
    folder = sums.rpartition("/")[0]
    files[f"{folder}/en/policy.json"] = json(POLICY, dating).decode()
    rest = {p.removeprefix(f"{folder}/"): t.encode() for p, t in files.items() if "/en/" in p}
    summed = sums_bytes(rest)
    files[sums] = summed.decode()
    entry = entry.model_copy(update={"source": source, "sums": sha256(summed)})
    files[ledger] = entry_bytes(entry).decode()
    return files


def _edits(paths: list[str], commits: int) -> Iterator[str]:
    """Yield commits that change a clause each."""
    chance = random.Random(commits)
    own = [path for path in paths if path.startswith("brands/") and path.endswith(".md")]
    shared = [path for path in paths if path.startswith("shared/") and path.endswith(".md")]
    for at in range(2, commits):
        path = chance.choice(own if at % 10 else shared)
        seed = int(path.split("/")[1].rpartition("-")[2]) if path.startswith("brands/") else 0
        message = "change" if at % 3 else f"change\n\n{EDITORIAL}"
        yield commit(at, message, {path: clause(int(path[-5:-3]) - 1, seed, edits=at)})


def _imported(root: Path, stream: Iterator[str]) -> None:
    """Hand a stream to `git fast-import`, piece by piece."""
    arguments = ["git", "fast-import", "--quiet"]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    with subprocess.Popen(arguments, cwd=root, stdin=subprocess.PIPE, env=environment) as process:
        assert process.stdin is not None
        for piece in stream:
            process.stdin.write(piece.encode())
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments)
