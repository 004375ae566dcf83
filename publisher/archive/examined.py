"""A brand's archive, looked at: what is there, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from publisher.archive.beside import Beside
from publisher.archive.folder import read_plain, version_folder
from publisher.archive.held import Held
from publisher.model.ledger import Entry, Redact, Release, Version


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the archive that is not as it was released, and where."""

    path: str
    message: str
    version: str | None = None

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth knowing of the archive that is no fault."""

    text: str


@dataclass(frozen=True, slots=True)
class Examined:
    """A brand's archive, looked at.

    `entries` are those that could be read, by the paths of their files; `files` all files, by path;
    `beside` what lies beside entries; `digests` the SHA-256 of each entry's file, by its number.
    `notes` are no faults. `root` is that of the workspace.
    """

    root: Path
    brand: str
    findings: tuple[Finding, ...]
    notes: tuple[Note, ...]
    entries: Mapping[str, Entry]
    digests: Mapping[int, str]
    beside: Mapping[str, Beside]
    files: Mapping[str, Held] = field(repr=False)

    @property
    def releases(self) -> tuple[Release, ...]:
        """The entries of versions that were released, oldest first."""
        return tuple(entry for entry in self.entries.values() if isinstance(entry, Release))

    @property
    def versions(self) -> tuple[Version, ...]:
        """The entries of versions of all origins, oldest first."""
        return tuple(entry for entry in self.entries.values() if isinstance(entry, Version))

    def read(self, path: str) -> bytes:
        """Return the bytes of a file; none where it is no ordinary one."""
        return (read_plain(self.root / path) or b"") if path in self.files else b""

    @property
    def redacted(self) -> dict[str, Redact]:
        """The entries that took files out of the archive, by the paths of these."""
        return redactions(self.entries.values())


def redactions(entries: Iterable[Entry]) -> dict[str, Redact]:
    """Return the entries that took files out of the archive, by the paths of these."""
    return {
        f"{version_folder(each.brand, each.version)}/{each.file}": each
        for each in entries
        if isinstance(each, Redact)
    }
