"""Whether a clone is behind the branch that it pushes to, as of its last fetch.

A release in such a clone would make a second entry with the same number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from publisher.archive.entries import EntryName, entry_name
from publisher.archive.fork import listed
from publisher.errors import Refused
from publisher.repository.folder_history import apart, branch, upstream
from publisher.repository.reading import Repository
from publisher.repository.source import FOLDER
from publisher.repository.witness import blobs
from publisher.workspace.facts import Company

_SHOWN = 3
"""Entries that a message lists at most."""
_DID = {
    "release": "released",
    "reschedule": "rescheduled",
    "retire": "retired",
    "import": "imported",
    "reconstruct": "reconstructed",
    "timestamp": "time-stamped",
    "redact": "redacted",
    "endorse": "endorsed",
    "capture": "captured",
    "notice": "recorded the notice of",
    "absence": "recorded the absence of",
    "clock": "corrected the clock of",
}
_Named = tuple[str, EntryName]
"""A brand, and the name of an entry of it."""


@dataclass(frozen=True, slots=True)
class Behind:
    """The commits of a remote-tracking branch that a branch does not have.

    `own` and `missing` count commits; `entries` are the missing entries; `both` is a brand with an
    entry of the same number in both, and that number.
    """

    branch: str
    upstream: str
    own: int
    missing: int
    entries: tuple[_Named, ...]
    both: tuple[str, int] | None

    def __str__(self) -> str:
        did = [
            f"{_DID.get(name.kind, name.kind)} {brand} {name.about}" for brand, name in self.entries
        ]
        more = len(did) - _SHOWN
        if more > 0:
            did[_SHOWN:] = [f"{more} more entr{'y' if more == 1 else 'ies'}"]
        which = f", which has {listed(did)}" if did else ""
        parted = f", and has {_commits(self.own)} of its own" if self.own else ""
        return f"{self.branch} is {_commits(self.missing)} behind {self.upstream}{which}{parted}"

    @property
    def advice(self) -> str:
        """What to do now."""
        if not self.own:
            return "Run `git pull` first"
        if self.both is None:
            return "Run `git pull --no-rebase` first"
        brand, number = self.both
        return (
            f"Both have an entry {number} of {brand}: run `git pull --no-rebase`, which stops at a "
            "conflict, then `publisher verify`, which says how to undo the one that was not pushed"
        )


def refuse_branch(repository: Repository, company: Company, newest: str) -> None:
    """Refuse to append anywhere but at the end of the main branch."""
    on, followed = branch(repository)
    if on != company.main_branch:
        where = f"on the branch '{on}'" if on else "on no branch"
        raise Refused(
            f"versions come from the branch '{company.main_branch}', and the work tree is {where}; "
            f"run `git switch {company.main_branch}`, or set main_branch in shared/company.yaml"
        )
    if repository.merging():
        raise Refused(
            "a merge, or a cherry-pick, is under way; finish it with `git commit`, or leave it "
            "with `git merge --abort` or `git cherry-pick --abort`",
            1,
        )
    missed = behind(repository, newest, company.main_branch, followed)
    if missed is not None:
        raise Refused(f"{missed}. {missed.advice}")


def behind(repository: Repository, newest: str, main: str, followed: str) -> Behind | None:
    """Return the commits that a branch does not have of the one that it follows; None if none."""
    tracked = upstream(repository, followed)
    if tracked is None:
        return None
    name, theirs = tracked
    own, missing = apart(repository, newest, theirs)
    if not missing:
        return None
    here, remote = ({*blobs(repository, commit, FOLDER).items()} for commit in (newest, theirs))
    missed, added = _entries(remote - here), _entries(here - remote)
    ours = {brand: entry.sequence for brand, entry in reversed(added)}
    both = next(((brand, ours[brand]) for brand, _ in missed if brand in ours), None)
    return Behind(main, name, own, missing, missed, both)


def _entries(files: Iterable[tuple[str, object]]) -> tuple[_Named, ...]:
    """Return the entries among files of the archive, by brand and number."""
    entries = []
    for path, _ in files:
        parts = path.split("/")
        name = entry_name(parts[3]) if len(parts) == 4 and parts[2] == "ledger" else None
        if name is not None:
            entries.append((parts[1], name))
    return tuple(sorted(entries, key=lambda entry: (entry[0], entry[1].sequence)))


def _commits(number: int) -> str:
    return f"{number} commit{'' if number == 1 else 's'}"
