"""Compares the archive with its witnesses: a clone, a revision, a tag, the SHA-256 of an entry.

A ledger that was cut off or rewritten is consistent in itself, but differs from copies elsewhere.
The newest commit is a witness, too: it is compared with the disk, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from publisher.archive.clocks import clock_note, right_times
from publisher.archive.entries import Clock, Entry, Release, entry_name, sha256
from publisher.archive.folder import archived_brands
from publisher.archive.ledger import HEAD, head_path, in_order, ledger_folder
from publisher.archive.trust.signatures import AllowedSigners
from publisher.archive.trust.timestamp_reply import SKEW
from publisher.archive.verify.findings import Examined, Finding, Note
from publisher.errors import ArchiveDamaged, AskedWrongly, GitFailed, UnknownRevision
from publisher.repository.moment import Moment, source_at
from publisher.repository.reading import Repository
from publisher.repository.source import FOLDER, ArchiveFolder, Source, Unreadable, bytes_of
from publisher.repository.tags import Tags
from publisher.repository.witness import missing

Digests = Mapping[str, Mapping[int, tuple[str, ...]]]
"""The SHA-256 of each entry, by its number, of each brand; several in a fork."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


def compared_with(
    moment: Moment, ledgers: Digests, other: str, *, whole: bool
) -> Iterator[Finding | Note]:
    """Compare ledgers with another copy of them; `whole` says that these are all.

    Raises `AskedWrongly` if there is no such copy.
    """
    if _SHA256.fullmatch(other):
        yield _entry(ledgers, other)
        return
    with _witness(moment, other) as source:
        there = _brands(source, ledgers, other)
        for brand, digests in ledgers.items():
            yield _compared(brand, digests, ledger_digests(source, brand), other)
        for brand in there:
            if whole and brand not in ledgers:
                yield Finding(ledger_folder(brand), f"is missing; {other} has it")


def _brands(source: Source, ledgers: Digests, other: str) -> tuple[str, ...]:
    """Return the brands of another copy; raises `AskedWrongly` if it cannot be compared."""
    try:
        for brand in ledgers:
            source.list(ledger_folder(brand))
        return archived_brands(source)
    except Unreadable as fault:
        what = f"{ledger_folder(brand)} {fault.reason}"
    except ArchiveDamaged as fault:
        what = fault.what
    raise AskedWrongly(f"in {other}, {what}. Name a copy that is whole")


def ledger_digests(archive: Source, brand: str) -> dict[int, tuple[str, str]]:
    """Return the name and the SHA-256 of each entry's file, by its number."""
    digests = {}
    try:
        for name in in_order(archive.list(ledger_folder(brand))):
            parsed = entry_name(name)
            data = archive.read(f"{ledger_folder(brand)}/{name}") if parsed else None
            if parsed is not None and data is not None:
                digests[parsed.sequence] = (name, sha256(data))
    except Unreadable:
        return {}
    return digests


@contextmanager
def _witness(moment: Moment, other: str) -> Iterator[Source]:
    """Open the archive that `other` names: a folder, or a revision of this repository."""
    folder = Path(other)
    prefix = moment.repository.prefix if moment.repository is not None else ""
    for root in (folder / prefix, folder):
        if other and (root / FOLDER).is_dir():
            yield ArchiveFolder(root)
            return
    if other and _has_git(folder, prefix):
        with Repository.bare(folder, prefix) as repository:
            yield source_at(repository, repository.resolve("HEAD"))
        return
    try:
        commit = moment.repository.resolve(other) if moment.repository is not None else None
    except UnknownRevision:
        commit = None
    if moment.repository is None or commit is None:
        raise AskedWrongly(
            f"'{other}' is not a folder with a clone, a revision of this repository, or the "
            "SHA-256 of an entry (64 hexadecimal digits). Name one of them"
        )
    yield source_at(moment.repository, commit)


def _has_git(folder: Path, prefix: str) -> bool:
    """Return whether a folder is a repository, or in one; raises `GitFailed` if git refuses it."""
    if not folder.is_dir():
        return False
    try:
        Repository.bare(folder, prefix).close()
    except GitFailed as fault:
        if "not a git repository" in str(fault):
            return False
        raise
    return True


def _entry(ledgers: Digests, digest: str) -> Finding | Note:
    for brand, digests in ledgers.items():
        for number, known in digests.items():
            if digest in known:
                return Note(f"{digest} is entry {number} of {brand}")
    message = f"has no entry with the SHA-256 {digest}: an entry was altered or cut off"
    return Finding(FOLDER, message)


def _compared(
    brand: str,
    here: Mapping[int, tuple[str, ...]],
    witness: Mapping[int, tuple[str, str]],
    other: str,
) -> Finding | Note:
    """Return where two copies of a ledger differ: this one must begin with all of the other."""
    for number, (name, digest) in witness.items():
        own = here.get(number, ())
        if digest not in own:
            what = "is missing here" if not own else "is different here"
            message = f"{what}: from entry {number} on, {other} differs"
            return Finding(f"{ledger_folder(brand)}/{name}", message)
    if not witness:
        return Note(f"{other} has no entry of {brand}: nothing was compared")
    more = len(here) - len(witness)
    since = f", and {more} more since" if more else ""
    return Note(f"{brand}: as in {other} up to entry {len(witness)}{since}")


def tags_moved(tags: Tags, one: Examined, allowed: AllowedSigners | None) -> Iterator[Finding]:
    """Yield what is wrong with the tags of a brand's versions.

    A tag's message holds the SHA-256 of an entry; the commit that it names must have that entry,
    and so must the ledger here. One that was signed must still be.
    """
    paths = {entry.about: path for path, entry in one.entries.items() if entry.kind == "release"}
    for tag in tags.of(f"{one.brand}/"):
        version = tag.name.removeprefix(f"{one.brand}/")
        path = paths.get(version)
        if path is None or one.is_forked(path):
            continue
        digest = one.files[path].sha256
        where = f"tag {tag.name}"
        if digest not in tag.message:
            yield Finding(where, f"does not hold the SHA-256 of {path}, {digest}", version)
            continue
        if sha256(bytes_of(source_at(tags.repository, tag.commit), path) or b"") != digest:
            yield Finding(where, f"names a commit that does not have {path}", version)
        signer = one.entries[path].signer
        if signer is not None and not tag.signed:
            yield Finding(where, "is not signed; its version is", version)
        elif tag.signed and allowed is not None and not tag.verifies(allowed.file):
            yield Finding(where, "is not signed by a key that may sign for `git`", version)


def clocks_doubted(repository: Repository, commit: str, one: Examined) -> Iterator[Finding | Note]:
    """Yield the corrections of clocks, and where commits contradict them.

    An entry is recorded before the commit that has it. A version is recorded after its source
    commit, unless that has the date of the wrong clock.
    """
    entries = right_times(one.entries)
    for path, by in entries.items():
        if not isinstance(by, Clock):
            continue
        added = repository.added(commit, path)
        committed = repository.time(added) if added is not None else None
        if committed is not None and committed < (by.recorded_at - SKEW).timestamp():
            yield Finding(path, f"was recorded after commit {(added or '')[:10]}, which has it")
        yield from _corrected(repository, path, by, entries.values())


def _corrected(
    repository: Repository, path: str, by: Clock, entries: Iterable[Entry]
) -> Iterator[Finding | Note]:
    for entry in entries:
        if entry.clock != by.as_written:
            continue
        yield Note(f"{ledger_folder(entry.brand)}/{entry.name} was {clock_note(entry)}")
        source = entry.source if isinstance(entry, Release) else None
        if source is None or source in missing(repository, [source]):
            continue
        stamp, right = repository.time(source), entry.recorded_at.timestamp()
        if stamp is not None and right < stamp <= by.recorded_at.timestamp():
            yield Finding(
                path,
                f"says a time for entry {entry.sequence} before its source commit "
                f"{source[:10]} was made",
            )


Blobs = Mapping[str, tuple[str, str]]
"""Git's mode and id of the files of a brand in the newest commit, by their paths."""


def differing(committed: Blobs, examined: Examined) -> Iterator[Finding]:
    """Yield where a brand's files differ from the newest commit; the head may differ."""
    redacted, head = examined.redacted, head_path(examined.brand)
    for path, (mode, id) in committed.items():
        file = examined.files.get(path)
        if path == head or (file is None and path in redacted) or examined.is_forked(path):
            continue  # an entry, a redaction or a merge that is not committed yet
        if mode == "120000":
            yield Finding(path, "is a symbolic link in the newest commit", version_of(path))
        elif file is None:
            yield Finding(path, "is in the newest commit, but missing here", version_of(path))
        elif file.blob != id:
            yield Finding(path, "differs from the newest commit", version_of(path))


def uncommitted(committed: Blobs, examined: Examined) -> tuple[str, ...]:
    """Return the files of a brand that no commit has yet, the ledger's files first.

    Those that do not belong there are left out, being findings already.
    """
    known = {*committed, *(finding.path for finding in examined.findings)}
    return tuple(path for path in {**examined.entries, **examined.files} if path not in known)


def version_of(path: str) -> str | None:
    """Return the version that a file of the archive belongs to; None for the ledger's."""
    about = (*path.split("/"), "", "")[2]
    return about if about not in ("", "ledger", HEAD) else None
