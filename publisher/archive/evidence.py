"""What is handed to an outsider of a brand's archive, each file of it proven before.

The documents of one version, the whole ledger with what lies beside its entries, and the
``SHA256SUMS`` of every version: with these, whoever has no clone can follow each hash to the newest
entry.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from publisher.archive import signatures
from publisher.archive.folder import read_document, version_folder
from publisher.archive.ledger import Ledger, ledger_folder
from publisher.archive.sums import NAME, read_sums
from publisher.errors import ArchiveDamaged
from publisher.model.evidence import File
from publisher.model.ledger import Entry, Redact, Timestamp, Version, sha256
from publisher.model.source import Source, Unreadable

_BEGINS, _ENDS = 1980, 2107
"""The years that a zip can tell."""
_MODE = 0o100644 << 16
_UNIX = 3


def chain_files(archive: Source, ledger: Ledger) -> dict[str, bytes]:
    """Return the ledger of a brand and the ``SHA256SUMS`` of its versions, by their paths.

    Raises `ArchiveDamaged` where an entry, what lies beside it, or a ``SHA256SUMS`` is not as it
    was recorded. Whose a signature is, is not looked at.
    """
    files: dict[str, bytes] = {}
    for number in range(1, len(ledger) + 1):
        entry = ledger.entry(number)
        path = f"{ledger_folder(ledger.brand)}/{entry.name}"
        files[path] = _as_recorded(archive, path, ledger.digest(number))
        files |= _beside(archive, path, entry, ledger)
        if isinstance(entry, Version):
            where = f"{version_folder(entry.brand, entry.version)}/{NAME}"
            files[where] = _as_recorded(archive, where, entry.sums)
    return files


def version_files(archive: Source, ledger: Ledger, version: Version) -> dict[File, bytes]:
    """Return the files of a version, each with its bytes; none for one that was redacted.

    What else lies in its folder is no part of it. Raises `ArchiveDamaged`.
    """
    folder = version_folder(version.brand, version.version)
    where = f"{folder}/{NAME}"
    digests = read_sums(_as_recorded(archive, where, version.sums))
    if digests is None:
        raise ArchiveDamaged(f"{where} is not in the one form that sha256sum writes")
    redacted = {each.file: each for each in ledger.of(Redact) if each.version == version.version}
    files = {}
    for path, digest in digests.items():
        entry = redacted.get(path)
        if entry is None:
            data = read_document(archive, version, path)
            files[File(path, digest, len(data))] = data
        elif entry.digest != digest:
            raise ArchiveDamaged(f"{folder}/{path} has another SHA-256 in {entry.name}")
        else:
            files[File(path, digest, None, entry)] = b""
    return files


def covering(ledger: Ledger, version: Version) -> tuple[Timestamp, ...]:
    """Return the entries that prove when a version's entry was there, the earliest first.

    One that proves a later entry proves all before it.
    """
    found = [each for each in ledger.of(Timestamp) if each.entry >= version.sequence]
    return tuple(sorted(found, key=lambda each: (each.time, each.sequence)))


def zipped(folder: str, files: Mapping[str, bytes], when: datetime) -> bytes:
    """Return a zip of files in a folder, whose bytes follow from these alone.

    They are sorted and stored as they are, and dated `when`, as far as a zip can tell that.
    """
    at = when.astimezone(UTC)
    moment = at.timetuple()[:6] if _BEGINS <= at.year <= _ENDS else (_BEGINS, 1, 1, 0, 0, 0)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            each = zipfile.ZipInfo(f"{folder}/{path}", moment)
            each.create_system, each.external_attr = _UNIX, _MODE
            archive.writestr(each, files[path])
    return written.getvalue()


def _beside(
    archive: Source, path: str, entry: Entry, ledger: Ledger
) -> Iterator[tuple[str, bytes]]:
    """Yield what lies beside an entry, by its path."""
    if entry.signer is not None:
        data = _read(archive, f"{path}.sig")
        if data is None or not signatures.canonical(data):
            raise ArchiveDamaged(f"{path}.sig is {'missing' if data is None else 'altered'}")
        yield f"{path}.sig", data
    if isinstance(entry, Timestamp):
        if entry.entry >= entry.sequence or ledger.digest(entry.entry) != entry.digest:
            raise ArchiveDamaged(f"{path} proves another entry {entry.entry} than that here")
        yield f"{path}.tsr", _as_recorded(archive, f"{path}.tsr", entry.reply)


def _as_recorded(archive: Source, path: str, digest: str) -> bytes:
    """Return a file that has a SHA-256; raises `ArchiveDamaged`."""
    data = _read(archive, path)
    if data is None or sha256(data) != digest:
        raise ArchiveDamaged(f"{path} is {'missing' if data is None else 'altered'}")
    return data


def _read(archive: Source, path: str) -> bytes | None:
    try:
        return archive.read(path)
    except Unreadable:
        return None
