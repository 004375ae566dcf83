"""The archive as it lies on the disk, or in any other `Source`.

``SHA256SUMS`` says what a version consists of, in the one form that `sha256sum` writes. ``sha256sum
-c`` itself is lenient: it takes upper case, and other orders. Here each line is 64 lower-case
hexadecimal digits, two spaces and a path; lines are sorted by path and end in LF.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from publisher.archive.entries import Record, Redact, Version, read_entry, sha256
from publisher.archive.fork import Forked, parted
from publisher.archive.ledger import Ledger, head_path, in_order, ledger_folder
from publisher.errors import ArchiveDamaged, NewerArchive, Redacted
from publisher.repository.source import FOLDER, Source, Unreadable, bytes_of

NAME = "SHA256SUMS"
"""The name of the file, in a version's folder, with the SHA-256 of all others there."""
ANOTHER_FORM = "is not in the one form that sha256sum writes"
"""What is wrong with other files of that name."""
_LINE = re.compile(r"([0-9a-f]{64})  ([^\n]+)\n")
_POINTER = b"version https://git-lfs.github.com/spec/"
_NAMED = re.compile(rb"[0-9a-f]{64}  ledger/([\x21-\x7e]+)\n")
_ALONE: Mapping[str, str] = MappingProxyType({})


def sums_bytes(files: Mapping[str, bytes]) -> bytes:
    """Return the ``SHA256SUMS`` of files by their paths."""
    return _written({path: sha256(data) for path, data in files.items()})


def read_sums(data: bytes) -> dict[str, str] | None:
    """Return the digests by path; None if `data` is not in the one form."""
    text = data.decode("utf-8", "replace")
    digests = {match[2]: match[1] for match in _LINE.finditer(text)}
    return digests if _written(digests) == data else None


def _written(digests: Mapping[str, str]) -> bytes:
    lines = (f"{digests[path]}  {path}\n" for path in sorted(digests))
    return "".join(lines).encode()


def archived_brands(archive: Source) -> tuple[str, ...]:
    """Return the brands that have a folder in the archive."""
    try:
        names = archive.list(FOLDER)
    except Unreadable as fault:
        raise ArchiveDamaged(f"{FOLDER} {fault.reason}") from fault
    return tuple(name.removesuffix("/") for name in names if name.endswith("/"))


def version_folder(brand: str, version: str) -> str:
    """Return the path of a version's folder in the workspace."""
    return f"{FOLDER}/{brand}/{version}"


def read_ledger(archive: Source, brand: str, *, before_fork: bool = False) -> Ledger:
    """Return a brand's ledger; raises `ArchiveDamaged`, `NewerArchive`, `Forked`.

    Every answer reads and hashes every entry: an index of them would not notice later alterations.
    With `before_fork`, a ledger that two clones continued is returned as it was before that.
    """
    folder = ledger_folder(brand)
    # The head is read before the entries: a release writes it after them.
    head = bytes_of(archive, head_path(brand))
    try:
        names = in_order(archive.list(folder))
    except Unreadable as fault:
        raise ArchiveDamaged(f"{folder} {fault.reason}") from fault
    if head is not None and not _has_named(head, names):
        raise ArchiveDamaged(f"{head_path(brand)} names an entry that is missing")
    records = []
    for name in names:
        data = bytes_of(archive, f"{folder}/{name}")
        if data is None:
            raise ArchiveDamaged(f"{folder}/{name} is not an ordinary file")
        records.append(Record(name, data))
    try:
        return Ledger(brand, records)
    except (ArchiveDamaged, NewerArchive):  # a fork is damage: a second entry, or one of two
        trunk, fork = parted(brand, records)
        if fork is None:
            raise
    if not before_fork:
        raise Forked(fork)
    return Ledger(brand, trunk, fork)


def _has_named(head: bytes, names: Sequence[str]) -> bool:
    """Return whether a ledger has the entry that its head names, if it names one."""
    named = _NAMED.fullmatch(head)
    return bool(names) and (named is None or named[1].decode() in names)


def read_document(archive: Source, version: Version, path: str) -> bytes:
    """Return a file of a version.

    Raises `ArchiveDamaged` unless it is as it was archived, and `Redacted` for one that was removed
    from the archive, even if its bytes are back.
    """
    where = f"{version_folder(version.brand, version.version)}/{path}"
    digests = document_digests(archive, version)
    if path not in digests:
        raise ArchiveDamaged(f"{where} is not in the version's {NAME}")
    _refuse_redacted(archive, version, path)
    data = bytes_of(archive, where)
    if data is None:
        raise ArchiveDamaged(f"{where} is missing, or not an ordinary file")
    return _proven(data, where, digests[path], NAME, digests)


def read_recorded(archive: Source, path: str, digest: str) -> bytes:
    """Return a file that has the SHA-256 `digest`; raises `ArchiveDamaged`."""
    data = bytes_of(archive, path)
    if data is None:
        raise ArchiveDamaged(f"{path} is missing")
    return _proven(data, path, digest, "the ledger")


def _proven(
    data: bytes, path: str, digest: str, where: str, others: Mapping[str, str] = _ALONE
) -> bytes:
    message = alteration(data, digest, where, others)
    if message is not None:
        raise ArchiveDamaged(f"{path} {message}")
    return data


def alteration(
    data: bytes, digest: str, where: str, others: Mapping[str, str] = _ALONE
) -> str | None:
    """Return how a file differs from the one with the SHA-256 `digest`; None if it is that file.

    `where` names the file that holds the digest. `others` are the SHA-256 of the files that were
    archived with it, by their paths.
    """
    if sha256(data) == digest:
        return None
    return f"is altered: {damage(data, digest, others) or f'its SHA-256 is not in {where}'}"


def damage(data: bytes, digest: str = "", others: Mapping[str, str] = _ALONE) -> str | None:
    """Return how a file was altered; None if its bytes do not show it."""
    if not data:
        return "it is empty"
    if data.startswith(_POINTER):
        return "it is a Git LFS pointer"
    if b"\r\n" in data and sha256(data.replace(b"\r\n", b"\n")) == digest:
        return "its line ends were converted to CRLF (git's core.autocrlf, or an editor)"
    if b"\n<<<<<<< " in b"\n" + data:
        return "git has left the marks of a conflict in it"
    own = sha256(data)
    return next((f"it is {path}" for path, other in others.items() if other == own), None)


def document_digests(archive: Source, version: Version) -> dict[str, str]:
    """Return the SHA-256 of a version's files by their paths, as its ``SHA256SUMS`` has them.

    Raises `ArchiveDamaged`, also where that is not in its one form.
    """
    path = f"{version_folder(version.brand, version.version)}/{NAME}"
    digests = read_sums(read_recorded(archive, path, version.sums))
    if digests is None:
        raise ArchiveDamaged(f"{path} {ANOTHER_FORM}")
    return digests


def document_names(archive: Source, version: Version) -> tuple[str, ...]:
    """Return the paths of a version's files, by its SHA256SUMS.

    There are none if that is altered: `read_document` raises what is wrong.
    """
    try:
        return tuple(document_digests(archive, version))
    except ArchiveDamaged:
        return ()


def _refuse_redacted(archive: Source, version: Version, path: str) -> None:
    """Raise `Redacted` if an entry of the ledger removed a file of a version from the archive.

    Only the entries whose names say that they redact a file of the version are read.
    """
    folder = ledger_folder(version.brand)
    try:
        names = archive.list(folder)
    except Unreadable as fault:
        raise ArchiveDamaged(f"{folder} {fault.reason}") from fault
    for name in names:
        if name.endswith(f"-redact-{version.version}.json"):
            try:
                entry = read_entry(bytes_of(archive, f"{folder}/{name}") or b"")
            except ValueError as fault:
                raise ArchiveDamaged(f"{folder}/{name} is not a valid entry") from fault
            if isinstance(entry, Redact) and entry.file == path:
                read_ledger(archive, version.brand)  # which two clones may have gone on with
                where = f"{version_folder(version.brand, version.version)}/{path}"
                raise Redacted(where, entry.name, entry.reason, entry.authority)
