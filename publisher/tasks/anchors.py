"""Other tellings of the archive: a clone, a revision, a tag, the SHA-256 of an entry.

A ledger that was cut off or written anew is consistent in itself; it parts from what others keep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from publisher.archive.folder import ArchiveFolder, archived_brands, by_number
from publisher.archive.ledger import entry_name, ledger_folder
from publisher.archive.verify import Examined, Finding
from publisher.errors import AskedWrongly, UnknownRevision
from publisher.model.ledger import sha256
from publisher.model.source import Source, Unreadable
from publisher.repository import Repository
from publisher.repository.tags import tags
from publisher.tasks.workspaces import Moment, source_at

_SHA256 = re.compile(r"[0-9a-f]{64}")


def against(
    moment: Moment,
    examined: Sequence[Examined],
    other: str,
    findings: list[Finding],
    notes: list[str],
) -> None:
    """Compare the ledgers with another telling; raises `AskedWrongly` where there is none."""
    if _SHA256.fullmatch(other):
        _entry(examined, other, findings, notes)
        return
    there = _telling(moment, other)
    for each in examined:
        _compare(each, ledger_digests(there, each.brand), other, findings, notes)
    known = {each.brand for each in examined}
    if len(examined) > 1:
        findings += [
            Finding(ledger_folder(brand), f"is missing; {other} has it")
            for brand in archived_brands(there)
            if brand not in known
        ]


def ledger_digests(archive: Source, brand: str) -> dict[int, tuple[str, str]]:
    """Return the name and the SHA-256 of each entry's file, by its number."""
    found = {}
    try:
        names = archive.list(ledger_folder(brand))
        for name in sorted(names, key=by_number):
            told = entry_name(name)
            data = archive.read(f"{ledger_folder(brand)}/{name}") if told else None
            if told is not None and data is not None:
                found[told.sequence] = (name, sha256(data))
    except Unreadable:
        return {}
    return found


def _telling(moment: Moment, other: str) -> Source:
    """Return the archive that `other` names: a folder, or a revision of this repository."""
    if Path(other).is_dir():
        return _clone(Path(other))
    if moment.repository is not None:
        try:
            return source_at(moment.repository, moment.repository.resolve(other))
        except UnknownRevision:
            pass
    raise AskedWrongly(
        f"'{other}' is no folder with a clone, no revision of this repository, and no SHA-256 of "
        "an entry (64 hexadecimal digits)"
    )


def _clone(folder: Path) -> Source:
    if (folder / "versions").is_dir():
        return ArchiveFolder(folder)
    repository = Repository.bare(folder)
    return source_at(repository, repository.resolve("HEAD"))


def _entry(
    examined: Sequence[Examined], digest: str, findings: list[Finding], notes: list[str]
) -> None:
    for each in examined:
        for number, found in each.digests.items():
            if found == digest:
                notes.append(f"{digest} is entry {number} of {each.brand}")
                return
    findings.append(
        Finding("versions", f"has no entry with the SHA-256 {digest}: one was altered or cut off")
    )


def _compare(
    each: Examined,
    there: Mapping[int, tuple[str, str]],
    other: str,
    findings: list[Finding],
    notes: list[str],
) -> None:
    """Find where two tellings of a ledger part: each must begin as the other does."""
    folder = ledger_folder(each.brand)
    for number, (name, digest) in there.items():
        mine = each.digests.get(number)
        if mine == digest:
            continue
        what = "is missing here" if mine is None else "says something else here"
        findings.append(
            Finding(f"{folder}/{name}", f"{what}: from entry {number} on, {other} tells otherwise")
        )
        return
    more = len(each.digests) - len(there)
    notes.append(
        f"{each.brand}: as in {other} up to entry {len(there)}"
        + (f", and {more} more since" if more else "")
    )


def tags_moved(
    repository: Repository, each: Examined, allowed_signers: Path | None
) -> Iterator[Finding]:
    """Yield what is wrong with the tags of a brand's versions.

    A tag's message holds the SHA-256 of an entry; the commit that it names must have that entry,
    and so must the ledger here. One that was signed must still be.
    """
    names = {release.version: path for path, release in each.entries.items()
             if release.kind == "release" for release in [release]}  # fmt: skip
    for tag in tags(repository, f"{each.brand}/"):
        version = tag.name.removeprefix(f"{each.brand}/")
        path = names.get(version)
        if path is None:
            continue
        digest = sha256(each.files[path])
        where = f"tag {tag.name}"
        if digest not in tag.message:
            yield Finding(where, f"does not hold the SHA-256 of {path}, {digest}", version)
            continue
        source = source_at(repository, tag.commit)
        if sha256(source.read(path) or b"") != digest:
            yield Finding(where, f"names a commit that does not have {path}", version)
        signer = each.entries[path].signer
        if signer is not None and not tag.signed:
            yield Finding(where, "is not signed; its version is", version)
        elif tag.signed and allowed_signers is not None and not tag.verifies(allowed_signers):
            yield Finding(where, "is not signed by a key that was allowed to", version)
