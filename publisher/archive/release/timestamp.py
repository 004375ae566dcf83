"""``publisher timestamp``: have a time-stamping authority certify an entry (RFC 3161).

In two steps, without a network: the first writes a query, which the user sends to an authority; the
second appends the authority's reply, as a new entry of the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from publisher.archive.entries import Timestamp, sha256
from publisher.archive.folder import archived_brands
from publisher.archive.ledger import Ledger
from publisher.archive.lineage import Lineage
from publisher.archive.release.append import AppendOptions, AppendResult, LedgerWriter, writer
from publisher.archive.store import Addition
from publisher.archive.trust.timestamp_check import verify_reply
from publisher.archive.trust.timestamp_reply import SKEW, NoReply, Reply, query, read_reply
from publisher.archive.trust.trust_files import AUTHORITIES, authorities_file
from publisher.errors import AskedWrongly, CannotWrite, Refused, UnknownName
from publisher.files.named import Unread, read_named
from publisher.files.output import refuse_own, write_document
from publisher.policy.characters import LARGEST
from publisher.repository.source import ArchiveFolder


@dataclass(frozen=True, slots=True)
class Queried:
    """A query at `path` about an entry, by its name and SHA-256."""

    brand: str
    entry: str
    digest: str
    path: Path


@dataclass(frozen=True, slots=True)
class Stamped:
    """A time-stamp that was appended; `checked` says that a trusted authority made it."""

    appended: AppendResult
    checked: bool


def write_query(
    root: Path, brand: str, version: str | None, path: Path, *, dry_run: bool = False
) -> Queried:
    """Write the query about the entry of a version, or about the newest entry of a brand.

    The same entry gives the same query. No other file at `path` is overwritten. Raises
    `NeverReleased`, `UnknownName`, `ArchiveDamaged`, `AskedWrongly`, `CannotWrite`.
    """
    archive = ArchiveFolder(root)
    lineage = Lineage(archive)
    if brand not in archived_brands(archive):
        raise lineage.never_released(brand)
    ledger = lineage.ledger(brand)
    number = _numbered(ledger, version) or len(ledger)
    if number == 0:
        raise AskedWrongly(
            f"the ledger of {brand} has no entry to prove; run `publisher release {brand}` first"
        )
    queried = Queried(brand, ledger.entry(number).name, ledger.digest(number), path)
    refuse_own(root, path)
    if not dry_run:
        _write(path, query(queried.digest))
    return queried


def take_in(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    version: str | None,
    file: Path,
    asked: AppendOptions,
    *,
    authorities: Path | None = None,
) -> Stamped:
    """Append an authority's reply, which proves an entry of the ledger, from a file.

    With a version, it must prove that version's entry. `authorities` is a file of certificates to
    trust instead of the workspace's. Raises `Refused`, `UnknownName`, `InvalidTrust`,
    `StampsUnchecked`, and everything that `writer` raises.
    """
    data = _read(file)
    try:
        reply = read_reply(data)
    except NoReply as fault:
        raise Refused(f"{file} {fault}") from fault
    with writer(root, brand, asked) as prepared:
        number = _proven(prepared.ledger, version, reply, file)
        _refuse_time(prepared, number, reply, file)
        for entry in prepared.ledger.of(Timestamp):
            if entry.reply == sha256(data):
                raise Refused(f"{file} is in the archive already, as entry {entry.sequence}")
        with TemporaryDirectory() as folder:
            trusted = authorities_file(prepared.working, authorities, Path(folder))
            doubt = verify_reply(reply, data, trusted)
        if doubt is not None:
            add = f", or add its root certificate to {AUTHORITIES}" if trusted else ""
            raise Refused(f"{file} {doubt}; ask again, or another authority{add}")
        return Stamped(_append(prepared, number, reply, data), trusted is not None)


def _append(writer: LedgerWriter, number: int, reply: Reply, data: bytes) -> AppendResult:
    entry = writer.entry(
        Timestamp,
        entry=number,
        digest=writer.ledger.digest(number),
        time=reply.time.astimezone(writer.now.tzinfo),
        authority=reply.authority,
        reply=sha256(data),
    )
    message = (
        f"Time-stamp entry {number} of {writer.brand}\n\n"
        f"There by {_moment(reply.time)}, says {reply.authority}."
    )
    return writer.append(Addition(entry, reply=data), message)


def _numbered(ledger: Ledger, version: str | None) -> int | None:
    """Return the number of a version's entry; raises `UnknownName`."""
    if version is None:
        return None
    entry = ledger.version(version)
    if entry is None:
        raise UnknownName("version", version, ledger.version_ids)
    return entry.sequence


def _proven(ledger: Ledger, version: str | None, reply: Reply, file: Path) -> int:
    """Return the number of the entry that a reply proves; raises `Refused`."""
    wanted = _numbered(ledger, version)
    newest_first = range(len(ledger), 0, -1)
    proven = next((number for number in newest_first if reply.proves(ledger.data(number))), None)
    if proven is None:
        raise Refused(
            f"{file} is for another text: no entry of {ledger.brand} has the hash that it "
            f"certifies, {reply.imprint.hex()}; ask with the query that `publisher timestamp "
            f"{ledger.brand} --query FILE` writes"
        )
    if wanted is not None and proven != wanted:
        raise Refused(
            f"{file} proves entry {proven}, {ledger.entry(proven).name}, and not entry {wanted}, "
            f"the entry of {version}; leave the version out to take it in"
        )
    return proven


def _refuse_time(writer: LedgerWriter, number: int, reply: Reply, file: Path) -> None:
    """Refuse a moment in the future, or before the entry was recorded."""
    recorded = writer.ledger.entry(number).recorded_at
    if reply.time > writer.now + SKEW:
        raise Refused(
            f"{file} says that it was made at {_moment(reply.time)}, and the clock here says "
            f"{_moment(writer.now)}; set the clock, or ask another authority",
            4,
        )
    if reply.time < recorded - SKEW:
        raise Refused(
            f"{file} says that it was made at {_moment(reply.time)}, and entry {number} was "
            f"recorded at {_moment(recorded)}: one of the two clocks is wrong; set the clock here, "
            "or ask another authority"
        )


def _moment(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _read(file: Path) -> bytes:
    """Return the file of a reply; raises `Refused`."""
    try:
        return read_named(file, LARGEST)
    except Unread as fault:
        raise Refused(f"{file} {fault}; name the reply of a time-stamping authority") from fault


def _write(path: Path, data: bytes) -> None:
    """Write a query; another file is not overwritten."""
    try:
        if path.exists():
            if not path.is_file() or path.read_bytes() != data:
                raise AskedWrongly(f"{path} exists already, and is a different file; name another")
            return
        write_document(path, data)
    except (OSError, CannotWrite) as fault:
        reason = str(fault).partition("; ")[0]
        raise Refused(f"{reason}; free space, or name another file with --query", 4) from fault
