"""Checks what commits did to the archive: they may only add to it, or choose between two ledgers.

If two clones appended to one ledger, one of the two is undone, by a merge or after it. That alters
no ledger: an earlier commit has the one that is kept, as it is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from itertools import combinations, groupby

from publisher.archive.entries import Redact, entry_name, read_entry
from publisher.archive.fork import listed
from publisher.archive.ledger import HEAD, head_path, ledger_folder
from publisher.archive.verify.findings import Finding, Note, redactions
from publisher.archive.verify.witnesses import version_of
from publisher.repository.folder_history import ids, touching
from publisher.repository.moment import source_at
from publisher.repository.reading import Repository
from publisher.repository.source import FOLDER, bytes_of
from publisher.repository.witness import Alteration, blobs

_HEAD = re.compile(rb"100644 " + re.escape(HEAD.encode()) + rb"\0.{20}", re.DOTALL)

Files = Mapping[str, str]
"""Git's ids of the files of a brand, by their paths."""


def altered_by_commits(
    repository: Repository,
    alterations: Iterable[Alteration],
    unsound: Collection[str],
) -> tuple[list[Finding | Note], frozenset[str]]:
    """Return changes other than additions, and the paths whose findings these explain.

    `unsound` are the brands whose archive has findings: if a merge mixed two ledgers, it caused
    them.
    """

    def about(alteration: Alteration) -> tuple[str, str]:
        return alteration.commit, alteration.path.split("/")[1]

    results: list[Finding | Note] = []
    covered: set[str] = set()
    for (commit, brand), group in groupby(sorted(alterations, key=about), about):
        change = _Change(repository, commit, brand)
        if change.chooses:
            results.append(Note(change.choice()))
            continue
        mixed = change.mixed()
        if mixed and brand in unsound:
            results.append(Finding(ledger_folder(brand), change.advice()))
            covered |= mixed | {head_path(brand)}
        elif mixed:
            results.append(Note(change.choice()))
        for alteration in group:
            if alteration.path not in mixed and not change.redacts(alteration):
                message = f"was {alteration.what} by commit {commit[:10]}"
                results.append(Finding(alteration.path, message, version_of(alteration.path)))
    return results, frozenset(covered)


class _Change:
    """What a commit did to the archive of a brand."""

    def __init__(self, repository: Repository, commit: str, brand: str) -> None:
        self.repository = repository
        self.commit = commit
        self.brand = brand
        self.folder = f"{FOLDER}/{brand}"
        self.lines = touching(repository, (commit,), self.folder)
        self.trees = ids(repository, self.lines, (self.folder,))
        self.parents = self.lines.get(commit, ())

    @cached_property
    def chooses(self) -> bool:
        """Whether the commit has one of two ledgers, as an earlier commit had it alone.

        A merge takes the one of a parent; a later commit may clean up what a merge left of two.
        Each removed entry is replaced by another one with its number: nothing is cut off.
        """
        merge = len(self.parents) > 1
        earlier = self.parents if merge else [line for line in self.lines if line != self.commit]
        if self._tree(self.commit) not in {self._tree(commit) for commit in earlier}:
            return False
        here = _entries(self._files(self.commit))
        removed = [_removed(_entries(self._files(parent)), here) for parent in self.parents]
        if any(numbers and min(numbers) not in here for numbers in removed):
            return False
        return any(removed) if merge else all(map(self._is_of_two, self.parents))

    def redacts(self, alteration: Alteration) -> bool:
        """Return whether the commit deleted a file for an entry in it that was undone since."""
        if not alteration.deleted:
            return False
        source = source_at(self.repository, self.commit)
        name = f"-redact-{version_of(alteration.path)}.json"
        paths = [path for path in self._files(self.commit) if path.endswith(name)]
        with suppress(ValueError):  # an invalid entry, which is a finding of its own
            entries = [read_entry(bytes_of(source, path) or b"") for path in paths]
            return alteration.path in redactions(
                entry for entry in entries if isinstance(entry, Redact)
            )
        return False

    def choice(self) -> str:
        """Return in words which of two ledgers the commit kept."""
        here = _entries(self._files(self.commit))
        removed: dict[tuple[str, str], None] = {}
        for parent in self.parents:
            earlier = _entries(self._files(parent))
            for number, names in sorted(_removed(earlier, here).items()):
                removed |= dict.fromkeys((name, earlier[number][name]) for name in names)
        entries = [f"{name} of commit {self._brought(name, id)}" for name, id in removed]
        return (
            f"{self.folder}: two clones had appended to one ledger, and commit {self.commit[:10]} "
            f"{'merged' if len(self.parents) > 1 else 'ended'} that; "
            f"{listed(entries) if entries else 'one of the two'} "
            f"{'was' if len(entries) < 2 else 'were'} taken back"
        )

    def mixed(self) -> frozenset[str]:
        """Return the paths at which a merge of two ledgers had to choose one; none for others."""
        files = [self._files(parent) for parent in self.parents]
        if not _part(files):
            return frozenset()
        paths = {path for parent in files for path in parent}
        return frozenset(path for path in paths if len({own.get(path) for own in files}) > 1)

    def advice(self) -> str:
        """Return how to clean up after a merge of two ledgers."""
        ways = " or ".join(
            f"`git checkout {parent[:10]} -- {self.folder}`" for parent in self.parents
        )
        return (
            f"is of two clones that appended to it, and commit {self.commit[:10]} merged parts of "
            f"both. Keep the one that was published: run `git rm -rfq {self.folder}`, then {ways}, "
            "and `git commit -m 'Undo the other ledger'`; then repeat the command that made the "
            "other one"
        )

    def _brought(self, name: str, id: str) -> str:
        """Return the commit that brought an entry."""
        path = f"{self.folder}/ledger/{name}"
        known = ids(self.repository, self.lines, (path,))
        commits = [commit for commit in self.lines if known.get((commit, path)) == id]
        return commits[-1][:10]

    def _is_of_two(self, commit: str) -> bool:
        """Return whether a commit has two ledgers at once, or parts of both."""
        if any(len(entries) > 1 for entries in _entries(self._files(commit)).values()):
            return True
        parents = self.lines.get(commit, ())
        trees = {self._tree(parent) for parent in parents}
        return self._tree(commit) not in trees and _part(map(self._files, parents))

    def _tree(self, commit: str) -> bytes | None:
        """Return the brand's folder in a commit, without the head of its ledger."""
        id = self.trees.get((commit, self.folder))
        return _HEAD.sub(b"", self.repository.object(id)) if id is not None else None

    def _files(self, commit: str) -> Files:
        files = blobs(self.repository, commit, self.folder)
        return {path: id for path, (_, id) in files.items()}


Entries = Mapping[int, Mapping[str, str]]
"""The ids of entries, by number and name."""


def _entries(files: Files) -> Entries:
    entries: dict[int, dict[str, str]] = defaultdict(dict)
    for path, id in files.items():
        file = path.rpartition("/")[2]
        name = entry_name(file) if "/ledger/" in path else None
        if name is not None:
            entries[name.sequence][file] = id
    return entries


def _removed(before: Entries, here: Entries) -> dict[int, list[str]]:
    """Return the names of entries that are missing or different here, by their numbers."""
    removed = {
        number: [name for name, id in names.items() if here.get(number, {}).get(name) != id]
        for number, names in before.items()
    }
    return {number: names for number, names in removed.items() if names}


def _part(files: Iterable[Files]) -> bool:
    """Return whether two ledgers differ in an entry with the same number."""
    return any(
        any(one[number] != other[number] for number in {*one} & {*other})
        for one, other in combinations(map(_entries, files), 2)
    )
