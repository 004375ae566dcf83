"""Copies of web pages, kept beside a brand's versions, outside the chain.

Each capture is a folder in ``captures/``: the page, its headers without cookies, and
``capture.json``, which has the SHA-256 of both. Where a page differs from the capture before, an
entry of the ledger has the SHA-256 of ``capture.json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from publisher.archive.entries import Capture, Redact
from publisher.archive.fields import (
    CAPTURES,
    BrandId,
    CaptureId,
    FileName,
    Line,
    Locale,
    Moment,
    Sha256,
    Shown,
    VersionId,
)
from publisher.archive.folder import read_recorded
from publisher.archive.ledger import Ledger
from publisher.errors import ArchiveDamaged
from publisher.repository.source import FOLDER, Source, Unreadable

RECORD, HEADERS = "capture.json", "headers.txt"


class Captured(BaseModel):
    """What a page showed at a moment; `files` has the SHA-256 of the page, and of its headers."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    format: Literal[1]
    brand: BrandId
    locale: Locale
    url: Line
    captured: Moment
    status: int
    shown: Shown
    version: VersionId
    current: VersionId | None
    differences: int
    files: dict[FileName, Sha256] = Field(min_length=2)

    @property
    def id(self) -> CaptureId:
        """The name of its folder."""
        return capture_id(self.captured, self.locale)


def capture_id(moment: datetime, locale: str) -> CaptureId:
    """Return the name of the folder of a capture."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H%M%SZ}-{locale}"


def capture_folder(brand: str, id: str) -> str:
    """Return the path of a capture from the workspace."""
    return f"{FOLDER}/{brand}/{CAPTURES}/{id}"


def record_bytes(captured: Captured) -> bytes:
    """Return the ``capture.json`` of a capture."""
    return (captured.model_dump_json(indent=1) + "\n").encode()


def read_record(data: bytes, id: str) -> Captured | None:
    """Return the content of a ``capture.json``; None for a file that is not valid."""
    try:
        captured = Captured.model_validate_json(data)
    except ValidationError:
        return None
    return captured if captured.id == id and record_bytes(captured) == data else None


def captures(archive: Source, brand: str) -> tuple[Captured, ...]:
    """Return the captures of a brand, the newest first; raises `ArchiveDamaged`."""
    try:
        names = archive.list(f"{FOLDER}/{brand}/{CAPTURES}")
    except Unreadable as fault:
        raise ArchiveDamaged(f"{FOLDER}/{brand}/{CAPTURES} {fault.reason}") from fault
    records = []
    for id in (name[:-1] for name in names if name.endswith("/") and not name.startswith(".")):
        path = f"{capture_folder(brand, id)}/{RECORD}"
        captured = read_record(archive.read(path) or b"", id)
        if captured is None:
            raise ArchiveDamaged(f"{path} is altered, or missing")
        records.append(captured)
    return tuple(sorted(records, key=lambda captured: captured.captured, reverse=True))


def last_capture(archive: Source, ledger: Ledger, locale: str, now: datetime) -> Captured | None:
    """Return the newest capture of a locale; raises `ArchiveDamaged`.

    A capture that is dated after `now` is the newest only where there is no other: the clock that
    dated it was ahead.
    """
    right = corrected_times(ledger)

    def order(captured: Captured) -> tuple[bool, datetime]:
        time = right.get(captured.id, captured.captured)
        return time <= now, time

    own = [captured for captured in captures(archive, ledger.brand) if captured.locale == locale]
    return max(own, key=order, default=None)


def corrected_times(ledger: Ledger) -> dict[CaptureId, datetime]:
    """Return the right times of captures whose clocks were ahead, as a later entry says."""
    entries = ledger.of(Capture)
    return {entry.capture: entry.recorded_at for entry in entries if entry.clock is not None}


def capture_files(archive: Source, captured: Captured, ledger: Ledger) -> Mapping[str, bytes]:
    """Return the files of a capture, by their paths; raises `ArchiveDamaged`.

    A file that an entry of the brand's ledger redacts is left out, even if its bytes are back.
    """
    folder = capture_folder(captured.brand, captured.id)
    redacted = {f"{FOLDER}/{captured.brand}/{entry.path}" for entry in ledger.of(Redact)}
    files = {f"{folder}/{RECORD}": record_bytes(captured)}
    for name, digest in captured.files.items():
        path = f"{folder}/{name}"
        if path not in redacted:
            files[path] = read_recorded(archive, path, digest)
    return files
