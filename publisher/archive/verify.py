"""Looks at all of a brand's archive, and lists everything that is not as it was released.

Nothing here repairs. A chain of hashes finds what was altered in it, but not that its end was cut
off, or that all of it was written anew: against that stand git and copies elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from publisher.archive.beside import NOBODY, Trust, look_beside
from publisher.archive.damage import damage
from publisher.archive.examined import Examined, Finding, Note, redactions
from publisher.archive.folder import FOLDER, by_number, read_plain, version_folder
from publisher.archive.held import Held, held, names
from publisher.archive.ledger import BESIDE, EntryName, entry_name, ledger_folder
from publisher.archive.possible import impossible
from publisher.archive.store import Leftover, leftovers
from publisher.archive.sums import NAME, read_sums
from publisher.model.ledger import (
    KINDS,
    Entry,
    Redact,
    Version,
    entry_bytes,
    read_entry,
    sha256,
)

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
        self.left(left)
        self.ledger()
        self.redacted = redactions(self.entries.values())
        for folder in self.empty:
            if not any(path.startswith(f"{folder}/") for path in self.redacted):
                self.find(folder, "is an empty folder, and does not belong there")
        versions = [entry for entry in self.entries.values() if isinstance(entry, Version)]
        expected = {path for version in versions for path in self.version(version)}
        small = {path: file.data for path, file in self.files.items() if file.data is not None}
        beside = look_beside(self.root, self.entries, small, trust)
        for there in beside.values():
            expected |= {*there.expected}
            for where, message in there.faults:
                self.find(where, message)
        for path in sorted(set(self.files) - expected - set(self.entries)):
            if not path.startswith(f"{ledger_folder(self.brand)}/") or path.endswith(BESIDE):
                self.find(path, "is in no entry of the ledger, and does not belong there")
        return Examined(
            self.root,
            self.brand,
            tuple(self.findings),
            tuple(self.notes),
            self.entries,
            self.digests,
            beside,
            self.files,
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
            self.digests[name.sequence] = self.files[path].sha256
            self.entry(path, name, previous)
            previous = self.digests[name.sequence]
        self.succession()

    def entry(self, path: str, name: EntryName, previous: str | None) -> None:
        """Look at one entry, which must follow the one with the SHA-256 `previous`."""
        data = self.files[path].data or b""
        if name.kind not in KINDS:
            message = f"is of the kind '{name.kind}', which is not known here; update publisher"
            self.find(path, message)
            return
        try:
            entry = read_entry(data)
        except ValueError as fault:
            reason = damage(data, "", {}) or _first(fault)
            self.find(path, f"is no entry of a ledger: {reason}")
            return
        self.entries[path] = entry
        written = entry_bytes(entry)
        if written != data:
            how = damage(data, sha256(written), {})
            said = f": {how}" if how else ""
            self.find(path, f"is not in the one form that an entry has{said}")
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
        file = self.files.get(where)
        if file is None:
            self.find(where, "is missing")
            return {path for path in self.files if path.startswith(f"{folder}/")}
        sums = file.data or b""
        if file.sha256 != release.sums:
            reason = damage(sums, release.sums, {}) or f"its SHA-256 is not that in {release.name}"
            self.find(where, f"is altered: {reason}")
        digests = read_sums(sums)
        if digests is None:
            self.find(where, "is not in the one form that sha256sum writes")
            digests = {}
        for path, digest in digests.items():
            self.document(f"{folder}/{path}", digest, digests)
        if {path.partition("/")[0] for path in digests} != set(release.locales):
            self.find(where, f"has other locales than {release.name}")
        return {where, *(f"{folder}/{path}" for path in digests)}

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


def _first(fault: ValueError) -> str:
    """Return what is wrong first, on one line."""
    errors = getattr(fault, "errors", None)
    if errors is None:
        return " ".join(str(fault).split())
    first = errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])
