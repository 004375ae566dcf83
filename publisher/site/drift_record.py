"""Keeps what a page on the web showed: always beside the versions; in the ledger if it is new.

The capture is committed before the entry is appended: a command that is killed between the two
leaves a capture, and the next one appends the entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from publisher.archive.captures import (
    HEADERS,
    RECORD,
    Captured,
    capture_folder,
    capture_id,
    record_bytes,
)
from publisher.archive.entries import Capture, sha256
from publisher.archive.release.append import AppendOptions, AppendResult, LedgerWriter, writer
from publisher.archive.store import Addition
from publisher.errors import AskedWrongly, CommitFailed, GitFailed
from publisher.files.output import write_folder
from publisher.repository.source import FOLDER
from publisher.repository.writing import commit
from publisher.site.drift import Drift

_ENDINGS = {"html": "html", "pdf": "pdf", "markdown": "md", "text": "txt"}


@dataclass(frozen=True, slots=True)
class Recorded:
    """A capture: its folder, and the entry that was appended if the page shows something new."""

    folder: Path
    appended: AppendResult | None


def record(root: Path, drift: Drift, asked: AppendOptions) -> Recorded:
    """Keep a page that was fetched, with its verdict; append an entry if the verdict is new.

    Raises `AskedWrongly` for a saved file, and what every command that appends raises.
    """
    if drift.fetched is None:
        raise AskedWrongly("--record keeps what the web shows, not a saved file; name an address")
    with writer(root, drift.archive, asked) as prepared:
        captured, files = _captured(drift, prepared)
        id = capture_id(captured.captured, captured.locale)
        folder = capture_folder(drift.archive, id)
        if (root / folder).exists():
            raise AskedWrongly(f"{folder} was recorded in this second. Try again")
        write_folder(root / folder, files)
        if asked.commit:
            _commit(prepared, folder, files)
        if not _differs(prepared, captured):
            return Recorded(root / folder, None)
        entry = prepared.entry(
            Capture,
            capture=id,
            locale=captured.locale,
            url=captured.url,
            shown=captured.shown,
            version=captured.version,
            record=sha256(files[RECORD]),
        )
        message = f"Capture {drift.archive} in {captured.locale}: {captured.shown}"
        appended = prepared.append(Addition(entry), f"{message}\n\n{captured.url}")
        return Recorded(root / folder, appended)


def _captured(drift: Drift, prepared: LedgerWriter) -> tuple[Captured, dict[str, bytes]]:
    """Return the record of a page, and the files to keep."""
    fetched = drift.fetched
    if fetched is None:
        raise LookupError("a saved file has no headers")
    lines = (f"{name}: {' '.join(value.split())}" for name, value in fetched.headers)
    files = {
        f"page.{_ENDINGS[fetched.format]}": fetched.data,
        HEADERS: ("\n".join((f"HTTP {fetched.status}", *lines)) + "\n").encode(),
    }
    captured = Captured(
        format=1,
        brand=drift.archive,
        locale=drift.tag,
        url=fetched.url,
        captured=prepared.now.replace(microsecond=0),
        status=fetched.status,
        shown=drift.verdict,
        version=drift.version,
        current=drift.current,
        differences=len(drift.differences),
        files={name: sha256(data) for name, data in files.items()},
    )
    return captured, {**files, RECORD: record_bytes(captured)}


def _differs(prepared: LedgerWriter, captured: Captured) -> bool:
    """Return whether a page shows something different from the newest entry on its locale."""
    entries = (e for e in prepared.ledger.of(Capture) if e.locale == captured.locale)
    last = next(entries, None)
    return last is None or (last.shown, last.version) != (captured.shown, captured.version)


def _commit(prepared: LedgerWriter, folder: str, files: dict[str, bytes]) -> None:
    paths = [f"{folder}/{name}" for name in files]
    message = f"Keep what the web shows of {prepared.brand}"
    try:
        commit(prepared.repository, paths, message, prepared.now)
    except GitFailed as fault:
        where = f"{FOLDER}/{prepared.brand}"
        raise CommitFailed(folder, str(fault), where) from fault
