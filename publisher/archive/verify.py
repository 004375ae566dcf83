"""Looks at all of a brand's archive, and lists everything that is not as it was released.

Nothing here repairs. A chain of hashes finds what was altered in it, but not that its end was cut
off, or that all of it was written anew: against that stand git and copies elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from publisher.archive.beside import NOBODY, Beside, Trust, look_beside
from publisher.archive.folder import FOLDER, by_number, read_plain, version_folder
from publisher.archive.ledger import BESIDE, EntryName, entry_name, ledger_folder
from publisher.archive.possible import impossible
from publisher.archive.store import leftovers
from publisher.archive.sums import NAME, read_sums
from publisher.model.ledger import (
    KINDS,
    Entry,
    Redact,
    Release,
    Version,
    entry_bytes,
    read_entry,
    sha256,
)

DEEPEST = 8
"""Folders in each other, at most."""
_POINTER = b"version https://git-lfs.github.com/spec/"


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
    `notes` are no faults.
    """

    brand: str
    findings: tuple[Finding, ...]
    notes: tuple[Note, ...]
    entries: Mapping[str, Entry]
    digests: Mapping[int, str]
    beside: Mapping[str, Beside]
    files: Mapping[str, bytes] = field(repr=False)

    @property
    def releases(self) -> tuple[Release, ...]:
        """The entries of versions that were released, oldest first."""
        return tuple(entry for entry in self.entries.values() if isinstance(entry, Release))

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
        f"{version_folder(each.brand, each.version)}/{each.file}": each
        for each in entries
        if isinstance(each, Redact)
    }


def examine(root: Path, brand: str, trust: Trust = NOBODY) -> Examined:
    """Return what is in a brand's archive in the workspace in `root`, and what is wrong with it."""
    return _Examination(root, brand).run(trust)


class _Examination:
    def __init__(self, root: Path, brand: str) -> None:
        self.root = root
        self.brand = brand
        self.folder = f"{FOLDER}/{brand}"
        self.findings: list[Finding] = []
        self.notes: list[Note] = []
        self.files: dict[str, bytes] = {}
        self.entries: dict[str, Entry] = {}
        self.digests: dict[int, str] = {}
        self.redacted: dict[str, Redact] = {}

    def run(self, trust: Trust) -> Examined:
        """Return what is to be said of the brand's part of the archive."""
        left = tuple(leftovers(self.root / self.folder))
        real = Path(os.path.realpath(self.root / self.folder))
        if real != self.root.resolve() / self.folder or (real.exists() and not real.is_dir()):
            self.find(self.folder, "is a link, or no folder")
        else:
            self.collect(self.folder, skip=frozenset(each.staging.name for each in left))
        self.ledger()
        self.redacted = redactions(self.entries.values())
        versions = [entry for entry in self.entries.values() if isinstance(entry, Version)]
        expected = {path for version in versions for path in self.version(version)}
        beside = look_beside(self.root, self.entries, self.files, trust)
        for there in beside.values():
            expected |= {*there.expected}
            for where, message in there.faults:
                self.find(where, message)
        for each in left:
            self.notes.append(
                Note(
                    f"{self.folder}/{each.staging.name} was left by a command that was "
                    "interrupted; the next release deletes it"
                )
            )
            for placed_path in each.placed:
                placed = placed_path.relative_to(self.root).as_posix()
                for name in [n for n in self.files if n == placed or n.startswith(f"{placed}/")]:
                    del self.files[name]  # no part of the archive
        for path in sorted(set(self.files) - expected - set(self.entries)):
            if not path.startswith(f"{ledger_folder(self.brand)}/") or path.endswith(BESIDE):
                self.find(path, "is in no entry of the ledger, and does not belong there")
        return Examined(
            self.brand, tuple(self.findings), tuple(self.notes), self.entries, self.digests,
            beside, self.files,
        )  # fmt: skip

    def find(self, path: str, message: str) -> None:
        """Take down what is wrong with a path, and with which version."""
        version = path.removeprefix(f"{self.folder}/").partition("/")[0]
        entry = self.entries.get(path)
        about = entry.about if entry is not None else None
        self.findings.append(Finding(path, message, about if version == "ledger" else version))

    def collect(self, folder: str, skip: frozenset[str] = frozenset()) -> None:
        """Read all files below a folder; report what is no ordinary file."""
        if folder.count("/") > DEEPEST:
            self.find(folder, "is nested too deeply, and does not belong there")
            return
        try:
            with os.scandir(f"{self.root}/{folder}") as found:
                entries = sorted(found, key=lambda each: each.name)
        except FileNotFoundError:
            return
        if not entries and folder.count("/") > 1 and not folder.endswith("/ledger"):
            self.find(folder, "is an empty folder, and does not belong there")
        for entry in entries:
            path = f"{folder}/{entry.name}"
            if entry.name in skip:
                continue
            if entry.is_symlink():
                self.find(path, "is a symbolic link")
            elif entry.is_dir(follow_symlinks=False):
                self.collect(path)
            else:
                data = read_plain(entry.path)
                if data is None:
                    self.find(path, "is no ordinary file, or cannot be read")
                else:
                    self.files[path] = data

    # --- the ledger ---

    def ledger(self) -> None:
        """Read the entries, and look at their chain."""
        folder = ledger_folder(self.brand)
        paths = [
            path
            for path in self.files
            if path.startswith(f"{folder}/") and not path.endswith(BESIDE)
        ]
        previous: str | None = None
        expected = 1
        for path in sorted(paths, key=lambda path: by_number(path.rpartition("/")[2])):
            name = entry_name(path.rpartition("/")[2])
            if name is None:
                self.find(path, "has a name that no entry has")
                continue
            if name.sequence < expected:
                self.find(path, f"is a second entry {name.sequence}")
            elif name.sequence > expected:
                gap = f"entry {expected}" + f" to {name.sequence - 1}" * (
                    name.sequence > expected + 1
                )
                self.find(path, f"stands behind a gap: {gap} is missing")
            expected = name.sequence + 1
            self.digests[name.sequence] = sha256(self.files[path])
            self.entry(path, name, previous)
            previous = self.digests[name.sequence]
        self.succession()

    def entry(self, path: str, name: EntryName, previous: str | None) -> None:
        """Look at one entry, which must follow the one with the SHA-256 `previous`."""
        data = self.files[path]
        if name.kind not in KINDS:
            message = f"is of the kind '{name.kind}', which is not known here; update publisher"
            self.find(path, message)
            return
        try:
            entry = read_entry(data)
        except ValueError as fault:
            pointer = data.startswith(_POINTER)
            reason = "it is a pointer of Git LFS" if pointer else _first(fault)
            self.find(path, f"is no entry of a ledger: {reason}")
            return
        self.entries[path] = entry
        if entry_bytes(entry) != data:
            self.find(path, "is not in the one form that an entry has")
        if entry.name != f"{name.sequence:04}-{name.kind}-{name.about}.json":
            self.find(path, f"says that it is {entry.name}")
        if entry.brand != self.brand:
            self.find(path, f"says that it is of the brand {entry.brand}")
        if entry.previous != previous:
            self.find(path, "does not hold the SHA-256 of the entry before it: one was altered")

    def succession(self) -> None:
        """Look at whether what the entries say, one after the other, can have been."""
        before: Entry | None = None
        for path, entry in self.entries.items():
            if before is not None and entry.recorded_at < before.recorded_at:
                self.find(path, "was recorded before the entry that stands before it")
            before = entry
        for path, message in impossible(self.entries):
            self.find(path, message)

    # --- versions ---

    def version(self, release: Version) -> set[str]:
        """Look at a version's files; return the paths that it must have."""
        folder = version_folder(self.brand, release.version)
        where = f"{folder}/{NAME}"
        sums = self.files.get(where)
        if sums is None:
            self.find(where, "is missing")
            return {path for path in self.files if path.startswith(f"{folder}/")}
        if sha256(sums) != release.sums:
            self.find(where, f"is altered: its SHA-256 is not the one in {release.name}")
        digests = read_sums(sums)
        if digests is None:
            self.find(where, "is not in the one form that sha256sum writes")
            digests = {}
        for path, digest in digests.items():
            self.document(f"{folder}/{path}", digest)
        if {path.partition("/")[0] for path in digests} != set(release.locales):
            self.find(where, f"has other locales than {release.name}")
        return {where, *(f"{folder}/{path}" for path in digests)}

    def document(self, path: str, digest: str) -> None:
        """Take down a document that is missing, or has not the hash that it was released with."""
        data, redacted = self.files.get(path), self.redacted.get(path)
        if redacted is not None:
            self.redaction(path, redacted, digest)
        elif data is None:
            if not any(finding.path == path for finding in self.findings):
                self.find(path, "is missing")
        elif sha256(data) != digest:
            pointer = data.startswith(_POINTER)
            reason = "it is a pointer of Git LFS" if pointer else f"its SHA-256 is not in {NAME}"
            self.find(path, f"is altered: {reason}")

    def redaction(self, path: str, entry: Redact, digest: str) -> None:
        """Take down that a document was taken out of the archive, and whether it was."""
        if entry.digest != digest:
            self.find(path, f"has another SHA-256 in {entry.name}, which redacts it")
        elif path in self.files:
            self.find(path, f"is here still, or again, though {entry.name} redacts it: delete it")
        else:
            by = f"entry {entry.sequence}, by authority of {entry.authority}: {entry.reason}"
            self.notes.append(Note(f"{path} was redacted by {by}"))


def _first(fault: ValueError) -> str:
    """Return what is wrong first, on one line."""
    errors = getattr(fault, "errors", None)
    if errors is None:
        return " ".join(str(fault).split())
    first = errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])
