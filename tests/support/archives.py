"""Repositories with an archive, and the commands on it at a moment of the test's choice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

from publisher.archive.entries import KINDS, Entry, Release, entry_bytes, read_entry, sha256
from publisher.archive.folder import NAME, read_ledger, sums_bytes
from publisher.archive.ledger import head_bytes, head_path, ledger_folder
from publisher.archive.release.append import AppendOptions, AppendResult
from publisher.archive.release.release import Outcome, ReleaseOptions, release
from publisher.archive.trust.signatures import fingerprint, sign
from publisher.errors import PublisherError
from publisher.repository.source import FOLDER, ArchiveFolder
from support import kept
from support.workspaces import Repo, clause, small

DATA = "shared/clauses/en/data.md"
ATTRIBUTES = {".gitattributes": "* text=auto\nversions/** -text -filter -ident\n"}


def noon(day: str) -> datetime:
    """Return noon UTC of a day."""
    return datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)


def archive(root: Path, workspace: str = "") -> Repo:
    """Return a repository whose workspace, committed on 2 January 2024, can be released.

    It is made once in each process of a run, and then copied.
    """
    if not kept.FOLDER or root.exists():
        return _archive(root, workspace)
    made = kept.FOLDER[0] / f"archive-{os.getpid()}-{workspace.replace('/', '-')}"
    if not made.exists():
        _archive(made, workspace)
    repo = Repo.of(shutil.copytree(made, root), day=1)
    repo.workspace = root / workspace
    return repo


def _archive(root: Path, workspace: str) -> Repo:
    repo = Repo(root, workspace)
    small(repo.workspace, ATTRIBUTES)
    repo.git("config", "user.name", "Ops")
    repo.git("config", "user.email", "ops@acme.example")
    repo.commit(message="first")
    return repo


def try_release(repo: Repo, day: str | datetime, brand: str = "alpha", **terms: Any) -> Outcome:
    """Release a brand at noon of a day; return what became of it."""
    now = noon(day) if isinstance(day, str) else day
    options = ("sign", "unsigned", "commit", "dry_run", "clock_is_right")
    how = {name: terms.pop(name) for name in options if name in terms}
    (outcome,) = release(
        repo.workspace, [brand], ReleaseOptions(**terms), AppendOptions(now, **how)
    )
    return outcome


def released(repo: Repo, day: str | datetime, brand: str = "alpha", **terms: Any) -> Release:
    """Release a brand at noon of a day; return the entry.

    The same release of the same repository is made once in a run of the tests, and then copied;
    `try_release` always releases.
    """
    kept.step(
        repo.root,
        f"release {repo.workspace.relative_to(repo.root)} {day} {brand} {sorted(terms.items())}",
        lambda: appended(try_release(repo, day, brand, **terms)),
    )
    return next(read_ledger(ArchiveFolder(repo.workspace), brand).releases())


def refused(repo: Repo, day: str | datetime, brand: str = "alpha", **terms: Any) -> PublisherError:
    """Try to release a brand; return why it was refused, with nothing written."""
    before = state(repo)
    outcome = try_release(repo, day, brand, **terms)
    assert outcome.appended is None
    assert outcome.fault is not None
    assert state(repo) == before
    return outcome.fault


def forge(repo: Repo, version: str, change: Callable[[Path], object]) -> None:
    """Change a version's documents, and write hashes, ledger and git's history to fit.

    `change` gets the folder of the version's documents in English.
    """
    folder = repo.workspace / FOLDER / "alpha"
    change(folder / version / "en")
    documents = (folder / version / "en").iterdir()
    sums = sums_bytes({f"en/{file.name}": file.read_bytes() for file in documents})
    (folder / version / NAME).write_bytes(sums)
    previous, name = None, ""
    for file in sorted((folder / "ledger").glob("*.json")):
        entry = read_entry(file.read_bytes())
        update: dict[str, object] = {"previous": previous}
        if entry.kind == "release" and entry.about == version:
            update["sums"] = sha256(sums)
        name, data = file.name, entry_bytes(entry.model_copy(update=update))
        file.write_bytes(data)
        previous = sha256(data)
    (repo.workspace / head_path("alpha")).write_bytes(head_bytes(name, previous or ""))
    branch = repo.git("symbolic-ref", "HEAD").strip()
    repo.git("update-ref", "-d", branch)
    repo.commit(message="first", date="2025-02-03T12:00:00+0000")


def by_hand(
    repo: Repo, kind: str, day: str = "2025-06-01", key: Path | None = None, **about: Any
) -> Entry:
    """Append and commit an entry that no command of today makes, such as one without a signature."""
    ledger = read_ledger(ArchiveFolder(repo.workspace), "alpha")
    common = {"format": 1, "sequence": len(ledger) + 1, "kind": kind, "brand": "alpha"}
    common |= {"recorded_at": noon(day), "timezone": "Europe/Brussels"}
    common |= {"signer": fingerprint(str(key)) if key is not None else None}
    common |= {"recorded_by": "Ops <ops@acme.example>", "previous": ledger.head}
    entry = KINDS[kind].model_validate(common | about)
    file = repo.workspace / ledger_folder("alpha") / entry.name
    file.write_bytes(entry_bytes(entry))
    head = head_bytes(entry.name, sha256(entry_bytes(entry)))
    (repo.workspace / head_path("alpha")).write_bytes(head)
    if key is not None:
        sign(file, str(key))
    repo.commit({}, "Append", f"{day}T12:00:00+0000")
    return entry


def say(repo: Repo, text: str, message: str = "change", date: str | None = None) -> str:
    """Commit another text of a shared clause."""
    return repo.commit({DATA: clause(text)}, message, date)


@dataclass(frozen=True)
class State:
    """All that a command could have changed: the files, the newest commit, what is staged."""

    files: dict[str, bytes]
    status: str


def state(repo: Repo) -> State:
    """Return the state of a repository, to compare."""
    files = {}
    for folder, folders, names in os.walk(repo.root):
        if ".git" in folders:
            folders.remove(".git")
        for path in (Path(folder, name) for name in names):
            if path.is_file() and not path.is_symlink():
                files[str(path.relative_to(repo.root))] = path.read_bytes()
    status = ""
    with suppress(CalledProcessError):  # a repository that is damaged has none
        status = repo.git("status", "--porcelain=v2", "--branch")
    return State(files, status)


def appended(outcome: Outcome) -> AppendResult:
    """Return what was appended."""
    assert outcome.appended is not None, outcome
    return outcome.appended
