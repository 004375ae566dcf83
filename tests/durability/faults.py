"""A fault at every system call by which a release writes: the archive is the old or the new one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from support.archives import archive, released
from support.keys import key_pair
from support.workspaces import Repo

from durability.aftermath import BRAND, aftermath, versions
from durability.figures import Figure, figure
from durability.tracing import FAULTS, WHO, Call, calls, injected, traced, wrappers

ATTEMPTS = 5
"""How often a fault is tried that was not injected: the calls of two runs are not quite the same.

How many folders git makes for its objects, for one, depends on their hashes.
"""
ABSENT = 0.02
"""The share of calls that may not come again in any of these runs, at most."""


@dataclass(frozen=True)
class Stage:
    """A repository to release from, a key to sign with, and programs that can be traced."""

    root: Path
    key: Path
    programs: Path

    def copy(self, name: str) -> Repo:
        """Return a repository of its own."""
        root = self.root.parent / name
        shutil.copytree(self.root, root, symlinks=True)
        return Repo.of(root)


def trials(folder: Path) -> Iterator[Figure]:
    """Yield the figure of each fault."""
    key = key_pair(folder / "key")
    programs = wrappers(folder / "programs")
    stages = []
    for name, before in (("first", False), ("second", True)):
        repo = archive(folder / name)
        if before:
            released(repo, "2024-03-01")
            repo.commit({"shared/clauses/en/data.md": "---\ntitle: Data\n---\nMore.\n"})
        stages.append(Stage(repo.root, key, programs))
    planned = [(stages[1], call) for call in plan(stages[1])]
    planned += [
        (stages[0], call)
        for call in plan(stages[0], ("publisher",))
        if not call.path.startswith("/")
    ]
    with ThreadPoolExecutor(2) as pool:
        for fault in FAULTS:
            tried = list(pool.map(lambda each, fault=fault: attempt(*each, fault), planned))
            told = [each for each in tried if each is not None]
            absent = len(tried) - len(told)
            if absent > ABSENT * len(tried):
                told.append(f"{absent} calls did not come again")
            said = (
                f"writing system calls of a release: the archive is the old or the new one ({fault}"
            )
            yield figure(
                "faults", told, f"{said}; {absent} did not come again)" if absent else f"{said})"
            )


def plan(stage: Stage, processes: Iterable[str] = WHO) -> Iterator[Call]:
    """Yield the calls by which processes of a release write.

    The first release makes folders that later ones find: its own calls differ.
    """
    for number, who in enumerate(processes):
        repo = stage.copy(f"{stage.root.name}-plan-{number}")
        log = repo.root.with_suffix(".log")
        code, output = run(stage, repo, who, log)
        if code:
            raise RuntimeError(output)
        yield from calls(who, log, repo.root)
        shutil.rmtree(repo.root)


def attempt(stage: Stage, call: Call, fault: str) -> str | None:
    """Return what is wrong after a release with a fault at a call, or nothing.

    None where the call did not come again, in any of some runs.
    """
    for number in range(ATTEMPTS):
        repo = stage.copy(
            f"{stage.root.name}-{call.who.replace(' ', '-')}-{call.name}-{call.number}-{fault}-{number}"
        )
        log = repo.root.with_suffix(".log")
        before = versions(repo.workspace)
        code, output = run(
            stage, repo, call.who, log, f"{call.name}:{FAULTS[fault]}:when={call.number}"
        )
        if injected(log):
            wrong = aftermath(repo, before, code, output)
            shutil.rmtree(repo.root)
            return f"{fault} at {call}: {wrong}" if wrong else ""
        shutil.rmtree(repo.root)
    return None


def run(stage: Stage, repo: Repo, who: str, log: Path, inject: str = "") -> tuple[int, str]:
    """Release from a repository, with a process of it traced; return how that ended, and all said."""
    before, environment = traced(who, log, inject, stage.programs)
    environment |= {"PUBLISHER_CACHE": str(stage.root.parent / "cache")}
    command = [
        *before,
        sys.executable,
        "-m",
        "publisher",
        "release",
        BRAND,
        "--sign",
        str(stage.key),
    ]
    done = subprocess.run(
        command, cwd=repo.workspace, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr
