"""The archive on the disk, compared with that in the newest commit, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from publisher.archive.examined import Examined, Finding
from publisher.archive.folder import FOLDER
from publisher.archive.ledger import HEAD, head_path

Blobs = Mapping[str, tuple[str, str]]
"""Git's mode and id of files, by their paths."""


def differing(committed: Blobs, examined: Examined) -> Iterator[Finding]:
    """Yield where a brand's files are not those of the newest commit; its head may be another."""
    redacted, head = examined.redacted, head_path(examined.brand)
    for path, (mode, id) in _of(committed, examined.brand).items():
        file = examined.files.get(path)
        if path == head or (file is None and path in redacted) or examined.is_forked(path):
            continue  # an entry, a redaction or a merge that is not committed yet
        if mode == "120000":
            yield Finding(path, "is a symbolic link in the newest commit", version_of(path))
        elif file is None:
            yield Finding(path, "is in the newest commit, and not here", version_of(path))
        elif file.blob != id:
            yield Finding(path, "differs from the newest commit", version_of(path))


def uncommitted(committed: Blobs, examined: Examined) -> tuple[str, ...]:
    """Return the files of a brand that no commit has yet, those of the ledger first.

    Those that have no business there are left out: they are findings.
    """
    there = {*_of(committed, examined.brand), *(each.path for each in examined.findings)}
    return tuple(
        dict.fromkeys(path for path in (*examined.entries, *examined.files) if path not in there)
    )


def version_of(path: str) -> str | None:
    """Return the version that a file of the archive belongs to; None for the ledger's."""
    about = path.split("/")[2]
    return about if about not in ("ledger", HEAD) else None


def _of(committed: Blobs, brand: str) -> dict[str, tuple[str, str]]:
    folder = f"{FOLDER}/{brand}/"
    return {path: found for path, found in committed.items() if path.startswith(folder)}
