"""A brand's archive, looked at: what is there, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from publisher.archive.beside import Beside
from publisher.archive.folder import FOLDER, read_plain, version_folder
from publisher.archive.held import Held
from publisher.archive.ledger import entry_name
from publisher.model.fork import Fork
from publisher.model.ledger import Entry, Redact, Release, Version
from publisher.model.reading import Newer


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
    `beside` what lies beside entries; `digests` the SHA-256 of each entry's file, by its number:
    there are several where the ledger has a `fork`. `newer` are the entries of a newer publisher,
    by their paths. `notes` are no faults. `root` is that of the workspace.
    """

    root: Path
    brand: str
    findings: tuple[Finding, ...]
    notes: tuple[Note, ...]
    entries: Mapping[str, Entry]
    digests: Mapping[int, tuple[str, ...]]
    beside: Mapping[str, Beside]
    files: Mapping[str, Held] = field(repr=False)
    newer: Mapping[str, Newer] = field(default_factory=dict)
    fork: Fork | None = None

    def is_forked(self, path: str) -> bool:
        """Return whether a file belongs to an entry of a fork: git may have merged two into it."""
        folder = f"{FOLDER}/{self.brand}"
        branches = self.fork.branches if self.fork is not None else ()
        names = [name for branch in branches for name in branch.names]
        versions = (told.about for name in names if (told := entry_name(name)) is not None)
        return path.startswith(
            (*(f"{folder}/ledger/{name}" for name in names), *(f"{folder}/{v}/" for v in versions))
        )

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
