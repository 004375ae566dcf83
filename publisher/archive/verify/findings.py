"""The checked archive of a brand: its files, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from publisher.archive.entries import Entry, Import, Newer, Redact, Version, entry_name
from publisher.archive.folder import version_folder
from publisher.archive.fork import Fork
from publisher.archive.issued import text_path
from publisher.archive.trust.signatures import Signature
from publisher.archive.verify.attachments import Attached
from publisher.policy.json import read_policy
from publisher.policy.words import words_digest
from publisher.repository.source import FOLDER


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
    """Something worth knowing about the archive that is not a fault."""

    text: str


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """A file: its SHA-256, and the id that git gives to its bytes.

    `data` are the bytes of small files that are read further: the ledger's, and SHA256SUMS. Those
    of documents are not kept, so that an archive of any size fits into memory.
    """

    sha256: str
    blob: str
    data: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Examined:
    """A brand's archive, checked.

    `entries` are those that could be read, by the paths of their files; `files` all files, by path;
    `attachments` the signatures and replies of entries; `digests` the SHA-256 of each entry's file,
    by its number: there are several where the ledger has a `fork`. `newer` are the entries of a
    newer publisher, by their paths. `notes` are not faults. `root` is the workspace's folder, and
    `read` returns the content of a file there, of those that a sparse checkout has `left_out` as
    git has it.
    """

    root: Path
    brand: str
    findings: tuple[Finding, ...]
    notes: tuple[Note, ...]
    entries: Mapping[str, Entry]
    digests: Mapping[int, tuple[str, ...]]
    attachments: Mapping[str, Attached]
    files: Mapping[str, ArchivedFile] = field(repr=False)
    newer: Mapping[str, Newer] = field(default_factory=dict)
    fork: Fork | None = None
    read: Callable[[str], bytes | None] = field(default=lambda _: None, repr=False)
    left_out: tuple[str, ...] = ()

    def is_forked(self, path: str) -> bool:
        """Return whether a file belongs to an entry of a fork: git may have merged two into it."""
        if self.fork is None:
            return False
        folder, names = f"{FOLDER}/{self.brand}", self.fork.names
        versions = (parsed.about for name in names if (parsed := entry_name(name)) is not None)
        return path.startswith(
            (*(f"{folder}/ledger/{name}" for name in names), *(f"{folder}/{v}/" for v in versions))
        )

    def signature(self, path: str) -> Signature | None:
        """Return the signature of the entry at a path, if it has one that holds."""
        attached = self.attachments.get(path)
        return attached.signature if attached is not None else None

    @property
    def versions(self) -> tuple[Version, ...]:
        """The entries of versions of all origins, oldest first."""
        return tuple(entry for entry in self.entries.values() if isinstance(entry, Version))

    @property
    def redacted(self) -> dict[str, Redact]:
        """The entries that took files out of the archive, by the paths of these."""
        return redactions(self.entries.values())


def redactions(entries: Iterable[Entry]) -> dict[str, Redact]:
    """Return the entries that took files out of the archive, by the paths of these."""
    return {
        f"{FOLDER}/{entry.brand}/{entry.path}": entry
        for entry in entries
        if isinstance(entry, Redact)
    }


def misquoted(one: Examined, version: Version, locale: str) -> Iterator[Finding]:
    """Yield whether the words of the archived policy differ from those in the ledger."""
    path = f"{version_folder(one.brand, version.version)}/{text_path(version, locale)}"
    words = version.words if isinstance(version, Import) else version.locales[locale].words
    if path in one.redacted or (words is None and path not in one.files):
        return
    try:
        digest = words_digest(read_policy(one.read(path) or b""))
    except ValueError:
        digest = None
    if digest != words:
        yield Finding(path, f"has words that differ from {version.name}", version.version)
