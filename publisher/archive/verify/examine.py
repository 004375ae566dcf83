"""Looks at all of a brand's archive, and lists everything that is not as it was released.

Nothing here repairs. A chain of hashes finds what was altered in it, but not that its end was cut
off, or that all of it was written anew: against that stand git and copies elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from publisher.archive.digests import Held, held, names
from publisher.archive.entries import Entry, Redact, Version
from publisher.archive.entry_reader import Newer
from publisher.archive.folder import NAME, read_sums, version_folder
from publisher.archive.ledger import HEAD, entry_name, ledger_folder, lies_beside
from publisher.archive.store import Leftover, leftovers
from publisher.archive.trust.trust_files import NOBODY, Trust
from publisher.archive.verify.attachments import look_beside
from publisher.archive.verify.chain import Chain
from publisher.archive.verify.findings import Examined, Finding, Note, damage, redactions
from publisher.repository.source import FOLDER, read_plain

DEEPEST = 8
"""Folders in each other, at most."""
TRIES = 5
"""How often an archive is looked at that changes while it is looked at."""


def examine(root: Path, brand: str, trust: Trust = NOBODY) -> Examined:
    """Return what is in a brand's archive in the workspace in `root`, and what is wrong with it.

    Where a command appended to it in the meantime, it is looked at again.
    """
    for _ in range(TRIES):
        before = names(root, brand)
        examined = _Examination(root, brand).run(trust)
        if not examined.findings or names(root, brand) == before:
            break
    return examined


class _Examination:
    def __init__(self, root: Path, brand: str) -> None:
        self.root = root
        self.brand = brand
        self.folder = f"{FOLDER}/{brand}"
        self.findings: list[Finding] = []
        self.empty: list[str] = []
        self.notes: list[Note] = []
        self.files: dict[str, Held] = {}
        self.entries: dict[str, Entry] = {}
        self.chain = Chain(brand, {})
        self.redacted: dict[str, Redact] = {}

    def run(self, trust: Trust) -> Examined:
        """Return what is to be said of the brand's part of the archive."""
        left = tuple(leftovers(self.root / self.folder))
        real = Path(os.path.realpath(self.root / self.folder))
        if real != self.root.resolve() / self.folder or (real.exists() and not real.is_dir()):
            self.find(self.folder, "is a link, or no folder")
        else:
            self.collect(self.folder, skip=frozenset(each.staging.name for each in left))
        self.left(left)
        self.chain = Chain(self.brand, self.files)
        self.entries = self.chain.entries
        expected = self.chain.read()
        self.notes += self.chain.notes
        for where, message in self.chain.faults:
            self.find(where, message)
        self.redacted = redactions(self.entries.values())
        for folder in self.empty:
            if not any(path.startswith(f"{folder}/") for path in self.redacted):
                self.find(folder, "is an empty folder, and does not belong there")
        expected |= self.versions()
        small = {path: file.data for path, file in self.files.items() if file.data is not None}
        marked = {**self.chain.newer, **self.entries}
        beside = look_beside(self.root, marked, small, trust)
        for there in beside.values():
            expected |= {*there.expected}
            for where, message in there.faults:
                self.find(where, message)
        for path in sorted(set(self.files) - expected - set(marked)):
            folder, _, name = path.rpartition("/")
            if folder != ledger_folder(self.brand) or lies_beside(name):
                self.find(path, "is in no entry of the ledger, and does not belong there")
        return Examined(
            self.root,
            self.brand,
            tuple(self.findings),
            tuple(self.notes),
            self.entries,
            self.chain.digests,
            beside,
            self.files,
            self.chain.newer,
            self.chain.fork,
        )

    def left(self, leftovers: Iterable[Leftover]) -> None:
        """Leave out what commands that were interrupted have left: it is no part of the archive."""
        for each in leftovers:
            text = (
                f"{self.folder}/{each.staging.name} was left by a command that was interrupted, or "
                "is of one that is running; the next release deletes it"
            )
            self.notes.append(Note(text))
            for path in (*each.placed, *([each.redacted] if each.redacted else [])):
                placed = path.relative_to(self.root).as_posix()
                for name in [n for n in self.files if n == placed or n.startswith(f"{placed}/")]:
                    del self.files[name]

    def find(self, path: str, message: str) -> None:
        """Take down what is wrong with a path, and with which version."""
        version = path.removeprefix(f"{self.folder}/").partition("/")[0]
        entry = self.entries.get(path)
        about = entry.about if entry is not None else None
        self.findings.append(
            Finding(path, message, about if version in ("ledger", HEAD) else version)
        )

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
            self.empty.append(folder)
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
                    self.files[path] = held(path, data)

    # --- versions ---

    def versions(self) -> set[str]:
        """Look at the files of all versions; return the paths that they must have.

        What two clones released under one id is left as a merge has made it.
        """
        claimed = {about for about, times in self.chain.claimed.items() if times > 1}
        folders = (version_folder(self.brand, about) for about in claimed)
        expected = {path for folder in folders for path in self.inside(folder)}
        for entry in self.entries.values():
            if isinstance(entry, Version) and entry.version not in claimed:
                expected |= self.version(entry)
        for path, newer in self.chain.newer.items():
            expected |= {other for other in self.files if other.startswith(f"{path}.")}
            expected |= self.newer_version(path, newer) if newer.known is None else set()
        return expected

    def version(self, release: Version) -> set[str]:
        """Look at a version's files; return the paths that it must have."""
        folder = version_folder(self.brand, release.version)
        digests = self.sums(folder, release.sums, release.name)
        if digests is None:
            return self.inside(folder)
        if {path.partition("/")[0] for path in digests} != set(release.locales):
            self.find(f"{folder}/{NAME}", f"has other locales than {release.name}")
        return {f"{folder}/{path}" for path in (NAME, *digests)}

    def newer_version(self, path: str, entry: Newer) -> set[str]:
        """Look at the files of a version of an unknown kind; return the paths that it may have."""
        name = path.rpartition("/")[2]
        told = entry_name(name)
        folder = version_folder(self.brand, entry.version or (told.about if told else "ledger"))
        if folder == ledger_folder(self.brand):
            return set()
        if entry.sums is not None and entry.version is not None:
            self.sums(folder, entry.sums, name)
        return self.inside(folder)

    def inside(self, folder: str) -> set[str]:
        """Return the paths of the files in a folder."""
        return {path for path in self.files if path.startswith(f"{folder}/")}

    def sums(self, folder: str, digest: str, entry: str) -> dict[str, str] | None:
        """Look at a version's files, by its SHA256SUMS, which an entry has the SHA-256 of.

        Return their SHA-256, by their paths in the folder; None where there is no SHA256SUMS.
        """
        where = f"{folder}/{NAME}"
        file = self.files.get(where)
        if file is None:
            self.find(where, "is missing")
            return None
        data = file.data or b""
        if file.sha256 != digest:
            reason = damage(data, digest, {}) or f"its SHA-256 is not that in {entry}"
            self.find(where, f"is altered: {reason}")
        digests = read_sums(data)
        if digests is None:
            self.find(where, "is not in the one form that sha256sum writes")
        for path, wanted in (digests or {}).items():
            self.document(f"{folder}/{path}", wanted, digests or {})
        return digests or {}

    def document(self, path: str, digest: str, digests: Mapping[str, str]) -> None:
        """Take down a document that is missing, or has not the hash that it was archived with."""
        file, redacted = self.files.get(path), self.redacted.get(path)
        if redacted is not None:
            self.redaction(path, redacted, digest)
        elif file is None:
            if not any(finding.path == path for finding in self.findings):
                self.find(path, "is missing")
        elif file.sha256 != digest:
            data = read_plain(self.root / path) or b""
            reason = damage(data, digest, digests) or f"its SHA-256 is not in {NAME}"
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
