"""What every command does that appends to the archive: refuse what would be wrong, and commit.

Nothing is written before all is known to be well.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from zoneinfo import ZoneInfo

from publisher.archive.entries import Entry, entry_bytes, sha256
from publisher.archive.fields import is_line
from publisher.archive.fork_origins import forked, read_ledger
from publisher.archive.ledger import ATTACHED, Ledger, head_path
from publisher.archive.release.permission import refuse_signer, signed_or_not
from publisher.archive.release.upstream import refuse_branch
from publisher.archive.store import Addition, Store, locked
from publisher.archive.timeline import Timeline
from publisher.archive.trust.signatures import sign
from publisher.archive.verify.examine import examine
from publisher.archive.verify.witnesses import differing, uncommitted
from publisher.errors import (
    ArchiveDamaged,
    CommitFailed,
    GitFailed,
    InvalidPolicy,
    PublisherError,
    Refused,
    TagFailed,
)
from publisher.files.cache import Cache
from publisher.repository.moment import Moment, committed, open_workspace
from publisher.repository.reading import Repository
from publisher.repository.source import FOLDER
from publisher.repository.tags import tags
from publisher.repository.witness import blobs, filtered
from publisher.repository.writing import commit, identity, tag
from publisher.workspace import brands_in, load
from publisher.workspace.facts import Brand, Company


@dataclass(frozen=True, slots=True)
class AppendOptions:
    """How an entry is to be appended: the same for every command.

    `sign` is the file of an SSH key, and `unsigned` the reason where there is none though entries
    are signed; `now` is the moment at which the command began, with its zone. `cache`
    remembers how old policies were; nothing that is appended comes from it.
    """

    now: datetime
    sign: str | None = None
    unsigned: str | None = None
    commit: bool = True
    dry_run: bool = False
    cache: Cache | None = None


@dataclass(frozen=True, slots=True)
class AppendResult:
    """An entry, and where it and what belongs to it were written; nowhere in a dry run.

    `commit` is the id of the commit that holds them; `tag` the name of its tag.
    """

    entry: Entry
    paths: tuple[Path, ...]
    commit: str | None = None
    tag: str | None = None


@dataclass(frozen=True)
class LedgerWriter:
    """Where an entry is prepared: the newest commit, the brand's ledger, and who works there.

    `about` is None for a brand that has versions, and that the workspace does not have any more.
    """

    root: Path
    brand: str
    asked: AppendOptions
    working: Moment
    head: Moment
    repository: Repository
    about: Brand | None
    timezone: str
    ledger: Ledger
    now: datetime

    @cached_property
    def timeline(self) -> Timeline:
        """What was, is and will be in force."""
        return Timeline(self.ledger)

    @property
    def common(self) -> dict[str, object]:
        """The fields of an entry that do not depend on what it is about."""
        return {
            "format": 1,
            "sequence": len(self.ledger) + 1,
            "brand": self.brand,
            "recorded_at": self.now.replace(microsecond=0),
            "timezone": self.timezone,
            "recorded_by": identity(self.repository),
            **signed_or_not(self.asked.sign, self.asked.unsigned),
            "previous": self.ledger.head,
        }

    def append(
        self,
        entry: Entry,
        message: str,
        files: Mapping[str, bytes],
        tag_name: str | None = None,
        *,
        reply: bytes | None = None,
    ) -> AppendResult:
        """Append an entry, with a version's files or an authority's `reply`; commit and tag it."""
        (appended,) = self.append_all([Addition(entry, files, reply)], message, tag_name)
        return appended

    def append_all(
        self, additions: Sequence[Addition], message: str, tag_name: str | None = None
    ) -> tuple[AppendResult, ...]:
        """Append entries, one behind the other, in one commit, and tag that.

        Each is whole or not there at all; where one fails, those before it are committed.
        """
        for each in additions:
            _refuse_filters(self.repository, self._paths(each))
        if self.asked.dry_run:
            return tuple(AppendResult(each.entry, ()) for each in additions)
        with _uninterrupted():
            done: list[tuple[Entry, list[Path]]] = []
            try:
                done.extend((each.entry, self._store(each)) for each in additions)
            except PublisherError:
                if done:
                    self._commit(done, message)
                raise
            commit = self._commit(done, message, tag_name)
        return tuple(AppendResult(entry, tuple(paths), commit, tag_name) for entry, paths in done)

    def _paths(self, addition: Addition) -> list[str]:
        """Return the paths of the files that an addition puts in place."""
        folder, entry = f"{FOLDER}/{self.brand}", addition.entry
        own = f"{folder}/ledger/{entry.name}"
        files = [f"{folder}/{entry.about}/{name}" for name in addition.files]
        beside = (f"{own}{ending}" for ending in ATTACHED)
        return [*files, own, *beside, head_path(self.brand)]

    def _store(self, addition: Addition) -> list[Path]:
        signing = partial(sign, key=self.asked.sign) if self.asked.sign else None
        return Store(self.root, self.brand).append(addition, signing)

    def _commit(
        self, done: Sequence[tuple[Entry, list[Path]]], message: str, tag_name: str | None = None
    ) -> str | None:
        """Commit and tag what was stored; return the commit's id."""
        if not self.asked.commit:
            return None
        newest = done[-1][0]
        relative = [path.relative_to(self.root).as_posix() for _, paths in done for path in paths]
        digest = sha256(entry_bytes(newest))
        message += f"\n\nEntry {newest.sequence} of the ledger: SHA-256 {digest}"
        try:
            commit(self.repository, relative, message, self.now)
        except GitFailed as fault:
            folder = f"{FOLDER}/{self.brand}"
            raise CommitFailed(newest.name, str(fault), folder) from fault
        if tag_name is not None:
            self._tag(newest, message, tag_name)
        return self.repository.head()

    def _tag(self, entry: Entry, message: str, name: str) -> None:
        key = self.asked.sign
        try:
            tag(self.repository, name, message, key, self.now)
            if key and not any(each.signed for each in tags(self.repository, name)):
                raise GitFailed("git made the tag, but did not sign it")
        except GitFailed as fault:
            raise TagFailed(entry.name, str(fault), name, key) from fault


@contextmanager
def writer(root: Path, brand: str, asked: AppendOptions, zone: str = "") -> Iterator[LedgerWriter]:
    """Prepare to append to a brand's archive, alone; `zone` is that of one only history has."""
    with _alone(root, asked), open_workspace(root) as working:
        repository, newest = working.repository, working.commit
        if repository is None or newest is None:
            raise Refused(f"{root} has no commit, and a version is made from one; commit first", 4)
        repository.refuse_shallow()
        head = committed(repository, newest)
        company, about = _known(head, brand)
        refuse_branch(repository, company, newest)
        ledger = _intact(root, brand, working, sweep=not asked.dry_run)
        last = ledger.entry(len(ledger)) if len(ledger) else None
        if about is None and last is None and not zone:
            raise Refused(f"the newest commit has no brand '{brand}'; commit brands/{brand}", 1)
        zone = about.timezone if about is not None else last.timezone if last is not None else zone
        now = asked.now.astimezone(ZoneInfo(zone))
        _refuse_clock(repository, newest, ledger, now)
        refuse_signer(working, ledger, asked.sign, now, unsigned=asked.unsigned)
        yield LedgerWriter(root, brand, asked, working, head, repository, about, zone, ledger, now)


def _known(head: Moment, brand: str) -> tuple[Company, Brand | None]:
    """Return the company, and the brand if the newest commit has it; raises `InvalidPolicy`."""
    there = brand in brands_in(head.source)
    workspace = load(head.source, (brand,) if there else ())
    company, about = workspace.company, workspace.brands.get(brand)
    if company.value is None or (about is not None and about.value is None):
        raise InvalidPolicy((*company.problems, *(about.problems if about is not None else ())))
    return company.value, about.value if about is not None else None


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let the user's ^C wait, for the moment that it takes to write and to commit."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _alone(root: Path, asked: AppendOptions) -> Iterator[None]:
    """Hold the lock of the repository, so that what is looked at stays as it is."""
    repository = None if asked.dry_run else Repository.find(root)
    if repository is None:
        yield
        return
    with repository, locked(repository.shared_folder() / "publisher.lock"):
        yield


def _refuse_filters(repository: Repository, paths: Sequence[str]) -> None:
    """Refuse to append files that git would keep as other bytes."""
    reason = filtered(repository, paths)
    if reason is not None:
        raise Refused(
            f"{reason}, so that archived files would not stay byte for byte; write "
            f"`{FOLDER}/** -text -filter -ident` as the last line of .gitattributes, take "
            f"{FOLDER}/ out of .gitignore, and commit that",
            4,
        )


def checked_text(option: str, text: str) -> str:
    """Return an option's text without white space around it; raises `Refused` for none."""
    return checked_line(option, text) or ""


def checked_line(option: str, text: str | None) -> str | None:
    """Return an option's text without white space around it; it must be one line of characters."""
    if text is None:
        return None
    text = text.strip()
    if not is_line(text):
        raise Refused(f"{option} takes text on one line")
    return text


def _intact(root: Path, brand: str, working: Moment, *, sweep: bool) -> Ledger:
    """Return the brand's ledger, if all of its archive is as it was released, and committed."""
    if working.repository is None or working.commit is None:
        return Ledger(brand, ())
    there = blobs(working.repository, working.commit, f"{FOLDER}/{brand}")
    if sweep:
        Store(root, brand).sweep(there)
    examined = examine(root, brand)
    if examined.fork is not None:
        raise forked(working.repository, examined.fork)
    findings = (*examined.findings, *differing(there, examined))
    for finding in sorted(findings, key=lambda finding: finding.path == head_path(brand)):
        raise ArchiveDamaged(str(finding))  # the head last: what it names may be at fault
    for path in uncommitted(there, examined):
        raise Refused(
            f"{path} is not committed yet; run `git add --force {FOLDER}/{brand}` and `git commit` "
            "first",
            1,
        )
    return read_ledger(working.archive, brand)


def _refuse_clock(repository: Repository, newest: str, ledger: Ledger, now: datetime) -> None:
    if len(ledger):
        last = ledger.entry(len(ledger)).recorded_at
        if now < last:
            raise Refused(
                f"the clock says {now:%Y-%m-%d %H:%M}, which is before the ledger's last entry, "
                f"{last:%Y-%m-%d %H:%M %z}; set the clock",
                4,
            )
    made = repository.stamp(newest).time
    if made is not None and made > now.timestamp():
        raise Refused(
            f"the newest commit, {newest[:10]}, is dated in the future "
            f"({datetime.fromtimestamp(made, UTC):%Y-%m-%d %H:%M} UTC); fix the clock that it was "
            "made by, and commit anew",
            4,
        )
