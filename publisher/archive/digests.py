"""What is known of a file of the archive once it has been read: its hashes; seldom its bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from publisher.archive.entries import sha256
from publisher.archive.folder import NAME
from publisher.archive.ledger import HEAD, ledger_folder


@dataclass(frozen=True, slots=True)
class Held:
    """A file: its SHA-256, and the id that git gives to its bytes.

    `data` are the bytes of what is small, and read further: the ledger's files, and SHA256SUMS.
    Those of documents are not kept, so that an archive of any size fits into memory.
    """

    sha256: str
    blob: str
    data: bytes | None = field(repr=False)


def held(path: str, data: bytes) -> Held:
    """Return what is to be known of a file, by its path from the workspace."""
    small = path.split("/")[2] in ("ledger", HEAD) or path.endswith(f"/{NAME}")
    return Held(sha256(data), blob_id(data), data if small else None)


def names(root: Path, brand: str) -> frozenset[str]:
    """Return the names in a brand's folder and its ledger: a command that appends changes them."""
    found: set[str] = set()
    for folder in (root / ledger_folder(brand), (root / ledger_folder(brand)).parent):
        try:
            found.update(path.name for path in folder.iterdir())
        except OSError:
            continue
    return frozenset(found)


def blob_id(data: bytes) -> str:
    """Return the id that git gives to a file: SHA-1, with a header (gitformat-loose)."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
