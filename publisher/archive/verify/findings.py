"""A brand's archive, looked at: what is there, and what is wrong with it.

`damage` says how a file changed, where the bytes tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from publisher.archive.digests import Held
from publisher.archive.entries import Entry, Import, Redact, Release, Version, sha256
from publisher.archive.entry_reader import Newer
from publisher.archive.folder import version_folder
from publisher.archive.fork import Fork
from publisher.archive.issued import text_path
from publisher.archive.ledger import entry_name
from publisher.archive.verify.attachments import Beside
from publisher.policy.json import read_policy
from publisher.policy.words import words_digest
from publisher.repository.source import FOLDER, read_plain


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


def misquoted(each: Examined, version: Version, locale: str) -> Iterator[Finding]:
    """Yield whether the archived policy has other words than the ledger says."""
    path = f"{version_folder(each.brand, version.version)}/{text_path(version, locale)}"
    said = version.words if isinstance(version, Import) else version.locales[locale].words
    if path in each.redacted or (said is None and path not in each.files):
        return
    try:
        digest = words_digest(read_policy(each.read(path)))
    except ValueError:
        digest = None
    if digest != said:
        yield Finding(path, f"has other words than {version.name} says", version.version)


POINTER = b"version https://git-lfs.github.com/spec/"


def damage(data: bytes, digest: str, others: Mapping[str, str]) -> str | None:
    """Return what became of a file that had the SHA-256 `digest`; None where nobody can say.

    `others` are the SHA-256 of the files that were archived with it, by their paths.
    """
    if not data:
        return "it is empty"
    if data.startswith(POINTER):
        return "it is a pointer of Git LFS"
    if b"\r\n" in data and sha256(data.replace(b"\r\n", b"\n")) == digest:
        return "its line ends were converted to CRLF (git's core.autocrlf, or an editor)"
    if b"\n<<<<<<< " in b"\n" + data:
        return "git has left the marks of a conflict in it"
    found = sha256(data)
    return next((f"it is {path}" for path, other in others.items() if other == found), None)
