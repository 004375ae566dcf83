"""Checks a brand's whole archive, and lists everything that is not as it was released.

Nothing here repairs. A chain of hashes finds what was altered in it, but not that its end was cut
off, or that all of it was rewritten: git and copies elsewhere can show that.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from functools import partial
from pathlib import Path

from publisher.archive.captures import RECORD, read_record
from publisher.archive.clocks import right_times
from publisher.archive.entries import (
    VERSIONS,
    Capture,
    Newer,
    Redact,
    Version,
    entry_name,
    sha256,
)
from publisher.archive.fields import CAPTURES
from publisher.archive.folder import ANOTHER_FORM, NAME, alteration, read_sums, version_folder
from publisher.archive.ledger import HEAD, head_path, is_attachment, ledger_folder
from publisher.archive.store import leftovers
from publisher.archive.trust.trust_files import NOBODY, Trust
from publisher.archive.verify.attachments import Fault, check_attachments
from publisher.archive.verify.chain import Chain
from publisher.archive.verify.findings import ArchivedFile, Examined, Finding, Note, redactions
from publisher.repository.folder_history import blob_id
from publisher.repository.reading import Repository
from publisher.repository.source import FOLDER, read_plain
from publisher.repository.sparse import left_out_of

DEEPEST = 8
"""The deepest nesting of folders."""
TRIES = 5
"""How often an archive that changes in the meantime is checked."""


def examine(
    root: Path, brand: str, trust: Trust = NOBODY, repository: Repository | None = None
) -> Examined:
    """Return the content of a brand's archive in the workspace in `root`, and its faults.

    Files that a sparse checkout leaves out are read from its `repository`. If a command appended to
    the archive in the meantime, it is checked again. Raises `GitFailed`.
    """
    for _ in range(TRIES):
        before = _names(root, brand)
        examined = _Examination(root, brand, repository).run(trust)
        if not examined.findings or _names(root, brand) == before:
            break
    return examined


def _names(root: Path, brand: str) -> frozenset[str]:
    """Return the names in a brand's folder and its ledger: a command that appends changes them."""
    names: set[str] = set()
    for folder in (root / ledger_folder(brand), root / FOLDER / brand):
        try:
            names.update(path.name for path in folder.iterdir())
        except OSError:
            continue
    return frozenset(names)


def _content(
    root: Path, repository: Repository | None, left_out: frozenset[str], path: str
) -> bytes | None:
    """Return the content of a file: git's own of one that a sparse checkout leaves out."""
    if repository is not None and path in left_out:
        return repository.staged_file(path)
    return read_plain(root / path)


class _Examination:
    """The files of a brand; `expected` are the paths of those that belong there."""

    def __init__(self, root: Path, brand: str, repository: Repository | None) -> None:
        self.root = root
        self.brand = brand
        self.folder = f"{FOLDER}/{brand}"
        self.left_out = left_out_of(root).below(self.folder)
        self.read = partial(_content, root, repository, frozenset(self.left_out))
        self.files: dict[str, ArchivedFile] = {}
        self.empty: list[str] = []
        self.unread: frozenset[str] = frozenset()
        self.notes: list[Note] = []
        self.chain = Chain(brand, self.files)
        self.redacted: dict[str, Redact] = {}
        self.expected: set[str] = set()

    def run(self, trust: Trust) -> Examined:
        """Return the content of the brand's archive, and its faults."""
        chain = self.chain
        faults = [*self._collect()]
        faults += chain.faults()
        self.notes += chain.notes
        self.redacted = redactions(chain.entries.values())
        faults += self._empty()
        self.unread = frozenset(path for path, _ in faults)
        faults += [*self._versions(), *self._captures()]
        small = {path: file.data for path, file in self.files.items() if file.data is not None}
        marked = {**chain.newer, **right_times(chain.entries)}
        attachments = check_attachments(marked, small, trust)
        for attached in attachments.values():
            self.expected.update(attached.expected)
            faults += attached.faults
        self.expected.update(marked, [head_path(self.brand)] if chain.digests else [])
        faults += self._strays()
        return Examined(
            self.root,
            self.brand,
            tuple(Finding(path, message, self._version(path)) for path, message in faults),
            tuple(self.notes),
            chain.entries,
            chain.digests,
            attachments,
            self.files,
            chain.newer,
            chain.fork,
            self.read,
            self.left_out,
        )

    def _version(self, path: str) -> str | None:
        """Return the version that a path is about, as far as it can be read."""
        version = path.removeprefix(f"{self.folder}/").partition("/")[0]
        entry = self.chain.entries.get(path)
        about = entry.about if entry is not None else None
        return about if version in ("ledger", HEAD) else version

    # --- files ---

    def _collect(self) -> Iterator[Fault]:
        """Read all files of the brand; yield what is not an ordinary file.

        The remains of an interrupted command do not belong to the archive, and are left out.
        """
        left = tuple(leftovers(self.root / self.folder))
        real = Path(os.path.realpath(self.root / self.folder))
        if real != self.root.resolve() / self.folder or (real.exists() and not real.is_dir()):
            yield self.folder, "is a link, or not a folder"
        else:
            yield from self._read(self.folder, frozenset(one.staging.name for one in left))
            for missing in self.left_out:
                self._add(missing, self.read(missing) or b"")
        for leftover in left:
            text = (
                f"{self.folder}/{leftover.staging.name} was left by a command that was "
                "interrupted, or is of one that is running; the next release deletes it"
            )
            self.notes.append(Note(text))
            for path in filter(None, (*leftover.placed, leftover.redacted)):
                placed = path.relative_to(self.root).as_posix()
                for name in (placed, *self._inside(placed)):
                    self.files.pop(name, None)

    def _read(self, folder: str, skip: frozenset[str] = frozenset()) -> Iterator[Fault]:
        """Read all files below a folder; yield what is not an ordinary file."""
        if folder.count("/") > DEEPEST:
            yield folder, "is nested too deeply, and does not belong in the archive"
            return
        try:
            with os.scandir(f"{self.root}/{folder}") as scanned:
                entries = sorted(scanned, key=lambda entry: entry.name)
        except FileNotFoundError:
            return
        if not entries and folder.count("/") > 1 and not folder.endswith("/ledger"):
            self.empty.append(folder)
        for entry in entries:
            path = f"{folder}/{entry.name}"
            if entry.name in skip:
                continue
            if entry.is_symlink():
                yield path, "is a symbolic link"
            elif entry.is_dir(follow_symlinks=False):
                yield from self._read(path)
            elif (data := read_plain(entry.path)) is None:
                yield path, "is not an ordinary file, or cannot be read"
            else:
                self._add(path, data)

    def _add(self, path: str, data: bytes) -> None:
        _, _, folder, *below = path.split("/")
        read = folder in ("ledger", HEAD) or below[-1:] == [NAME]
        self.files[path] = ArchivedFile(sha256(data), blob_id(data), data if read else None)

    def _inside(self, folder: str) -> set[str]:
        """Return the paths of the files in a folder."""
        return {path for path in self.files if path.startswith(f"{folder}/")}

    def _empty(self) -> Iterator[Fault]:
        for folder in self.empty:
            if not any(path.startswith(f"{folder}/") for path in self.redacted):
                yield folder, "is an empty folder, and does not belong in the archive"

    def _strays(self) -> Iterator[Fault]:
        for path in sorted(set(self.files) - self.expected):
            folder, _, name = path.rpartition("/")
            if folder != ledger_folder(self.brand) or is_attachment(name):
                yield path, "is in no entry of the ledger, and does not belong in the archive"

    # --- versions ---

    def _versions(self) -> Iterator[Fault]:
        """Yield what is wrong with the files of all versions.

        If two clones released one id, its files are left as a merge made them.
        """
        names = map(entry_name, self.chain.fork.names if self.chain.fork is not None else ())
        claimed = Counter(name.about for name in names if name and name.kind in VERSIONS)
        for about in claimed:
            if claimed[about] > 1:
                self.expected |= self._inside(version_folder(self.brand, about))
        for entry in self.chain.entries.values():
            if isinstance(entry, Version) and claimed[entry.version] < 2:
                yield from self._released(entry)
        for path, newer in self.chain.newer.items():
            self.expected.update(other for other in self.files if other.startswith(f"{path}."))
            if newer.known is None:
                yield from self._newer(path.rpartition("/")[2], newer)

    def _released(self, version: Version) -> Iterator[Fault]:
        """Yield what is wrong with a version's files."""
        folder = version_folder(self.brand, version.version)
        digests = yield from self._documents(folder, version.sums, version.name)
        if digests is None:
            self.expected |= self._inside(folder)
            return
        if {path.partition("/")[0] for path in digests} != set(version.locales):
            yield f"{folder}/{NAME}", f"has locales that differ from {version.name}"
        self.expected.update(f"{folder}/{path}" for path in (NAME, *digests))

    def _newer(self, name: str, entry: Newer) -> Iterator[Fault]:
        """Yield what is wrong with the files of a version of an unknown kind, if it is one."""
        parsed = entry_name(name)
        about = entry.version or (parsed.about if parsed is not None else "ledger")
        folder = version_folder(self.brand, about)
        if folder == ledger_folder(self.brand):
            return
        self.expected |= self._inside(folder)
        if entry.sums is not None and entry.version is not None:
            yield from self._documents(folder, entry.sums, name)

    def _documents(
        self, folder: str, digest: str, entry: str
    ) -> Generator[Fault, None, dict[str, str] | None]:
        """Yield what is wrong with a version's files, and its SHA256SUMS, which an entry has.

        Return their SHA-256, by their paths in the folder; None if SHA256SUMS does not have them.
        """
        where = f"{folder}/{NAME}"
        file = self.files.get(where)
        if file is None:
            yield where, "is missing"
            return None
        data = file.data or b""
        message = alteration(data, digest, entry)
        if message is not None:
            yield where, message
        digests = read_sums(data)
        if digests is None:
            yield where, ANOTHER_FORM
            return None
        for path in digests:
            message = self._document(f"{folder}/{path}", digests[path], NAME, digests)
            if message is not None:
                yield f"{folder}/{path}", message
        return digests

    def _document(
        self, path: str, digest: str, where: str, digests: Mapping[str, str]
    ) -> str | None:
        """Return what is wrong with a document, whose digest is in `where`.

        A redaction that was done is noted.
        """
        file, redacted = self.files.get(path), self.redacted.get(path)
        if redacted is not None and redacted.digest != digest:
            return f"has another SHA-256 in {redacted.name}, which redacts it"
        if redacted is not None and file is not None:
            return f"is still here, or has come back, though {redacted.name} redacts it; delete it"
        if redacted is not None:
            by = f"entry {redacted.sequence}, by authority of {redacted.authority}"
            self.notes.append(Note(f"{path} was redacted by {by}: {redacted.reason}"))
            return None
        if file is None:
            return "is missing" if path not in self.unread else None
        if file.sha256 == digest:
            return None
        return alteration(self.read(path) or b"", digest, where, digests)

    # --- captures ---

    def _captures(self) -> Iterator[Fault]:
        """Yield the faults of the captures of pages on the web."""
        entries = self.chain.entries.values()
        recorded = {entry.capture: entry for entry in entries if isinstance(entry, Capture)}
        folder = f"{self.folder}/{CAPTURES}"
        present = {path.split("/")[3] for path in self._inside(folder)}
        for id in sorted(present | recorded.keys()):
            path = f"{folder}/{id}/{RECORD}"
            data = self.read(path) or b""
            captured, entry = read_record(data, id), recorded.get(id)
            self.expected.update({path} & self.files.keys())
            if captured is None:
                yield path, "is altered, or missing"
                continue
            if entry is not None and sha256(data) != entry.record:
                yield path, f"is altered: its SHA-256 is not in {entry.name}"
            for name, digest in captured.files.items():
                self.expected.add(f"{folder}/{id}/{name}")
                message = self._document(f"{folder}/{id}/{name}", digest, RECORD, {})
                if message is not None:
                    yield f"{folder}/{id}/{name}", message
