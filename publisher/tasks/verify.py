"""``publisher verify``: whether the archive is as it was released, with git as a witness."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from publisher.archive.folder import FOLDER, ArchiveFolder, archived_brands
from publisher.archive.ledger import ledger_folder
from publisher.archive.verify import Examined, Finding, examine
from publisher.errors import AskedWrongly, UnknownName
from publisher.repository import Repository
from publisher.repository.witness import altered, blobs, missing
from publisher.tasks.anchors import against as compare_with
from publisher.tasks.anchors import tags_moved
from publisher.tasks.rebuilding import rebuilt
from publisher.tasks.workspaces import open_workspace


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at: `findings` are what is wrong, `notes` what is worth knowing.

    `heads` holds the SHA-256 of the newest entry of each brand: whoever keeps it elsewhere can tell
    later whether the ledger was cut off or written anew. `versions` and `entries` count.
    """

    brands: tuple[str, ...]
    entries: int
    versions: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    heads: dict[str, str]


def verify(
    root: Path,
    brands: Iterable[str] = (),
    *,
    against: str | None = None,
    allowed_signers: Path | None = None,
    rebuild: bool = False,
) -> Verified:
    """Look at the archive of the workspace in `root`, or at that of `brands`; repair nothing.

    `against` names another telling of it: a clone, a revision, or the SHA-256 of an entry.
    `allowed_signers` is OpenSSH's file of keys that may sign. `rebuild` composes each version again
    from its source commit. Raises `UnknownName`, `AskedWrongly`, `ShallowClone`, `GitFailed`.
    """
    if allowed_signers is not None and not allowed_signers.is_file():
        raise AskedWrongly(f"{allowed_signers} is no file of allowed signers")
    archive = ArchiveFolder(root)
    there = archived_brands(archive)
    wanted = tuple(dict.fromkeys(brands)) or there
    for brand in wanted:
        if brand not in there:
            raise UnknownName("brand with versions", brand, there)
    with open_workspace(root) as moment:
        examined = [examine(root, brand, allowed_signers) for brand in wanted]
        findings = [finding for each in examined for finding in each.findings]
        notes = [note for each in examined for note in each.notes]
        repository, head = moment.repository, moment.commit
        if repository is None or head is None:
            notes.append("the workspace is not in git: nothing but the hashes was looked at")
        else:
            repository.refuse_shallow()
            findings += _history(repository, head, brands=tuple(brands))
            for each in examined:
                _compare_with_head(repository, head, each, findings, notes)
                notes += _unknown_sources(repository, each)
                findings += tags_moved(repository, each, allowed_signers)
            if rebuild:
                for each in examined:
                    rebuilt(repository, each, findings, notes)
        if against is not None:
            compare_with(moment, examined, against, findings, notes)
    return Verified(
        wanted,
        sum(len(each.entries) for each in examined),
        sum(len(each.releases) for each in examined),
        tuple(dict.fromkeys(findings)),
        tuple(dict.fromkeys(notes)),
        {each.brand: each.digests[max(each.digests)] for each in examined if each.digests},
    )


def _history(repository: Repository, head: str, brands: tuple[str, ...]) -> Iterator[Finding]:
    """Yield what commits did to the archive other than to add to it."""
    for each in altered(repository, head, FOLDER):
        parts = each.path.split("/")
        if len(parts) < 3 or (brands and parts[1] not in brands):
            continue  # the archive is in folders of brands
        version = parts[2] if parts[2] != "ledger" else None
        yield Finding(each.path, f"was {each.what} by commit {each.commit[:10]}", version)


def _compare_with_head(
    repository: Repository, head: str, each: Examined, findings: list[Finding], notes: list[str]
) -> None:
    """Compare a brand's files with those in the newest commit, byte for byte."""
    there = blobs(repository, head, f"{FOLDER}/{each.brand}")
    for path, (mode, id) in there.items():
        data = each.files.get(path)
        about = path.split("/")[2]
        version = about if about != "ledger" else None
        if mode == "120000":
            findings.append(Finding(path, "is a symbolic link in the newest commit", version))
        elif data is None:
            findings.append(Finding(path, "is in the newest commit, and not here", version))
        elif _blob(data) != id:
            findings.append(Finding(path, "differs from the newest commit", version))
    new = [release for release in each.entries if release not in there]
    new += [path for path in each.files if path not in there and path not in new]
    if new:
        notes.append(
            f"{new[0]}{f' and {len(new) - 1} more files' if new[1:] else ''} not committed yet; "
            f"run `git add --force {FOLDER}/{each.brand}` and `git commit`"
        )


def _blob(data: bytes) -> str:
    """Return the id that git gives a file: SHA-1, with a header (gitformat, loose objects)."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _unknown_sources(repository: Repository, each: Examined) -> Iterator[str]:
    """Yield which versions come from commits that are not here: said, and no fault."""
    unknown = missing(repository, (release.source for release in each.releases))
    for release in each.releases:
        if release.source in unknown:
            yield (
                f"{ledger_folder(each.brand)}/{release.name}: its source commit "
                f"{release.source[:10]} is not in this repository"
            )
