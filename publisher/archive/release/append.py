"""Appends entries to a brand's ledger: checks everything first, then writes and commits."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from publisher.archive.elsewhere import deleted
from publisher.archive.entries import KINDS, Entry, Version, entry_bytes, sha256
from publisher.archive.fields import EARLIEST, LATEST, is_line
from publisher.archive.folder import NAME, sums_bytes
from publisher.archive.fork_origins import forked, read_ledger
from publisher.archive.ledger import ATTACHED, Ledger, head_path
from publisher.archive.release.permission import refuse_signer, signed_or_not
from publisher.archive.release.upstream import refuse_branch
from publisher.archive.store import Addition, Store, locked, refuse_locked
from publisher.archive.timeline import Timeline
from publisher.archive.trust.signatures import sign
from publisher.archive.verify.examine import examine
from publisher.archive.verify.witnesses import differing, uncommitted
from publisher.errors import (
    ENDING,
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
from publisher.repository.source import FOLDER, bytes_of
from publisher.repository.tags import tags
from publisher.repository.witness import blobs, filtered
from publisher.repository.writing import commit, committing, identity, tag
from publisher.workspace import load
from publisher.workspace.facts import Brand, Company
from publisher.workspace.names import company_file
from publisher.workspace.parsed import Parsed

_LONG = timedelta(days=1827)
"""An entry made this long after everything else probably has the time of a wrong clock."""
_END = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())
"""Commits may have later dates, but nothing else."""
_BEGIN = int(datetime(EARLIEST, 1, 1, tzinfo=UTC).timestamp())
"""An earlier date of a commit is not true, and says nothing of the clock."""


@dataclass(frozen=True, slots=True)
class AppendOptions:
    """How to append an entry: the options that all commands share.

    `now` is the moment at which the command began, with its zone. `sign` is the file of an SSH key,
    `unsigned` the reason not to sign where earlier entries are signed. `cache` remembers how old
    policies were; nothing that is appended comes from it. `author`, as ``Name <address>``, records
    and commits the entry in place of the git user. `clock_is_right` confirms a `now` that is long
    after the newest commit.
    """

    now: datetime
    sign: str | None = None
    unsigned: str | None = None
    commit: bool = True
    dry_run: bool = False
    cache: Cache | None = None
    author: str | None = None
    clock_is_right: bool = False


@dataclass(frozen=True, slots=True)
class AppendResult:
    """An entry, and the paths of its files; no paths in a dry run.

    `commit` is the id of the commit that has them; `tag` the name of its tag. `notes` say what else
    follows from the entry.
    """

    entry: Entry
    paths: tuple[Path, ...]
    commit: str | None = None
    tag: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class LedgerWriter:
    """Appends to a brand's ledger, at the newest commit.

    `about` is None for a brand that has versions but is no longer in the workspace.
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
        """When each version of the ledger is in force."""
        return Timeline(self.ledger)

    def entry(self, model: type[Entry], /, **about: object) -> Entry:
        """Return the next entry of the ledger; `about` are the fields of its kind.

        Raises `Refused` for a day of a year outside the calendar of policies.
        """
        for day in about.values():
            if isinstance(day, date):
                refuse_year(day)
        common = {
            "format": 1,
            "sequence": len(self.ledger) + 1,
            "kind": next(kind for kind, known in KINDS.items() if known is model),
            "brand": self.brand,
            "recorded_at": self.now.replace(microsecond=0),
            "timezone": self.timezone,
            "recorded_by": self.asked.author or identity(self.repository),
            **signed_or_not(self.asked.sign, self.asked.unsigned),
            "previous": self.ledger.head,
        }
        return model.model_validate(common | about)

    def version(
        self, model: type[Version], content: Mapping[str, bytes], /, **about: object
    ) -> Addition:
        """Return the next entry for a version, with its files and their SHA256SUMS."""
        sums = sums_bytes(content)
        return Addition(self.entry(model, sums=sha256(sums), **about), {**content, NAME: sums})

    def append(self, addition: Addition, message: str, tag_name: str | None = None) -> AppendResult:
        """Append an entry and its files; commit and tag them."""
        (result,) = self.append_all([addition], message, tag_name)
        return result

    def append_all(
        self, additions: Sequence[Addition], message: str, tag_name: str | None = None
    ) -> tuple[AppendResult, ...]:
        """Append entries, each after the one before, in one commit, and tag that.

        Each is written whole or not at all. If one fails, those before it are committed.
        """
        for addition in additions:
            _refuse_filters(self.repository, self._paths(addition))
        if self.asked.dry_run:
            return tuple(AppendResult(addition.entry, ()) for addition in additions)
        with _uninterrupted():
            stored: list[tuple[Entry, list[Path]]] = []
            try:
                stored.extend((addition.entry, self._store(addition)) for addition in additions)
            except PublisherError:
                if stored:
                    self._commit(stored, message)
                raise
            commit = self._commit(stored, message, tag_name)
        return tuple(AppendResult(entry, tuple(paths), commit, tag_name) for entry, paths in stored)

    def _paths(self, addition: Addition) -> list[str]:
        """Return the paths of the files that an addition puts in place."""
        folder, entry = f"{FOLDER}/{self.brand}", addition.entry
        file = f"{folder}/ledger/{entry.name}"
        files = [f"{folder}/{entry.about}/{name}" for name in addition.files]
        return [*files, file, *(f"{file}{ending}" for ending in ATTACHED), head_path(self.brand)]

    def _store(self, addition: Addition) -> list[Path]:
        signing = partial(sign, key=self.asked.sign) if self.asked.sign else None
        return Store(self.root, self.brand).append(addition, signing)

    def _commit(
        self, stored: Sequence[tuple[Entry, list[Path]]], message: str, tag_name: str | None = None
    ) -> str | None:
        """Commit and tag the stored files; return the commit's id."""
        if not self.asked.commit:
            return None
        newest = stored[-1][0]
        relative = [path.relative_to(self.root).as_posix() for _, paths in stored for path in paths]
        digest = sha256(entry_bytes(newest))
        message += f"\n\nEntry {newest.sequence} of the ledger: SHA-256 {digest}"
        try:
            commit(self.repository, relative, message, self.now, self.asked.author)
        except GitFailed as fault:
            command = committing(self.root, f"{FOLDER}/{self.brand}")
            raise CommitFailed(newest.name, str(fault), command) from fault
        if tag_name is not None:
            self._tag(newest, message, tag_name)
        return self.repository.head()

    def _tag(self, entry: Entry, message: str, name: str) -> None:
        key = self.asked.sign
        try:
            tag(self.repository, name, message, key, self.now)
            if key and not any(known.signed for known in tags(self.repository, name)):
                raise GitFailed("git made the tag, but did not sign it")
        except GitFailed as fault:
            raise TagFailed(entry.name, str(fault), name, key) from fault


def refuse_year(day: date) -> None:
    """Raise `Refused` for a day, or a moment, of a year outside the calendar of policies."""
    if not EARLIEST <= day.year <= LATEST:
        years = f"{EARLIEST} to {LATEST}"
        raise Refused(f"{day} is in no year that a policy can be of; give one of {years}")


@contextmanager
def writer(
    root: Path, brand: str, asked: AppendOptions, zone: str = "", *, ahead: bool = False
) -> Iterator[LedgerWriter]:
    """Check the archive of a brand, and hold its lock while an entry is appended.

    `zone` is the time zone of a brand that only history has. With `ahead`, the newest entries and
    the newest commit may have later dates than now.
    """
    with open_workspace(root) as working, _alone(working.repository, asked):
        repository = working.repository
        newest = repository.head() if repository is not None else None
        if repository is None or newest is None:
            raise Refused(f"{root} has no commit, and a version needs one; commit first", 4)
        working = replace(working, commit=newest)  # noqa: PLW2901 - as it is now, under the lock
        repository.refuse_shallow()
        head = committed(repository, newest)
        company_yaml = company_file(None)
        if bytes_of(head.source, company_yaml) is None and bytes_of(working.source, company_yaml):
            raise Refused(f"the newest commit has no {company_yaml}; commit shared/", 1)
        company, about = _known(head, brand)
        refuse_branch(repository, company, newest)
        if asked.commit and (lock := repository.lock()):
            raise Refused(
                "git is locked: a git command runs here, or was killed. Wait for its end; if none "
                f"runs, delete {lock}",
                4,
            )
        Store(root, brand).refuse_unwritable()
        ledger = _intact(root, brand, working, sweep=not asked.dry_run)
        if about is not None:
            zone = about.timezone
        elif len(ledger):
            zone = ledger.entry(len(ledger)).timezone
        elif not zone:
            raise Refused(f"the newest commit has no brand '{brand}'; commit brands/{brand}", 1)
        now = asked.now.astimezone(ZoneInfo(zone))
        if not ahead:
            confirmed = asked.clock_is_right
            _refuse_clock(repository, newest, ledger, now, confirmed=confirmed)
        refuse_signer(working, ledger, asked.sign, now, unsigned=asked.unsigned)
        yield LedgerWriter(root, brand, asked, working, head, repository, about, zone, ledger, now)


def _known(head: Moment, brand: str) -> tuple[Company, Brand | None]:
    """Return the company, and the brand if the newest commit has it; raises `InvalidPolicy`."""
    workspace = load(head.source, (brand,))
    files: list[Parsed[Any]] = [workspace.company, *workspace.brands.values()]
    if any(file.value is None for file in files):
        raise InvalidPolicy(tuple(problem for file in files for problem in file.problems))
    about = workspace.brands.get(brand)
    return workspace.company.content, about.content if about is not None else None


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ignore ^C, and signals that end a command, while an entry is written and committed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _alone(repository: Repository | None, asked: AppendOptions) -> Iterator[None]:
    """Hold the lock of the repository, so that no other command changes the archive.

    A dry run only asks whether another command holds it.
    """
    if repository is None:
        yield
        return
    lock = repository.shared_folder() / "publisher.lock"
    if asked.dry_run:
        refuse_locked(lock)
        yield
        return
    with locked(lock):
        yield


def _refuse_filters(repository: Repository, paths: Sequence[str]) -> None:
    """Refuse files whose bytes git would change."""
    reason = filtered(repository, paths)
    if reason is not None:
        raise Refused(
            f"{reason}, so git would not keep archived files byte for byte; write "
            f"`{FOLDER}/** -text -filter -ident` as the last line of .gitattributes, take "
            f"{FOLDER}/ out of .gitignore, and commit that",
            4,
        )


def checked_text(option: str, text: str) -> str:
    """Return the text of an option, stripped; raises `Refused` for no text or several lines."""
    return checked_line(option, text) or ""


def checked_line(option: str, text: str | None) -> str | None:
    """Return the text of an option, stripped; raises `Refused` if it is not one line of text."""
    if text is None:
        return None
    text = text.strip()
    if not is_line(text):
        raise Refused(f"{option} takes text on one line")
    return text


def _intact(root: Path, brand: str, working: Moment, *, sweep: bool) -> Ledger:
    """Return the brand's ledger; raises if its archive is not committed, or was ever altered."""
    if working.repository is None or working.commit is None:
        return Ledger(brand, ())
    committed_files = blobs(working.repository, working.commit, f"{FOLDER}/{brand}")
    if sweep:
        Store(root, brand).sweep(committed_files)
    examined = examine(root, brand, repository=working.repository)
    if examined.fork is not None:
        raise forked(working.repository, examined.fork)
    findings = (*examined.findings, *differing(committed_files, examined))
    for finding in sorted(findings, key=lambda finding: finding.path == head_path(brand)):
        raise ArchiveDamaged(str(finding))  # the head last: the entry that it names may be damaged
    for path in uncommitted(committed_files, examined):
        raise Refused(
            f"{path} is recorded, but is not committed yet; run "
            f"`{committing(root, f'{FOLDER}/{brand}')}` first",
            1,
        )
    ledger = read_ledger(working.archive, brand)
    if not len(ledger):
        for fault in deleted(working.repository, working.commit, (brand,)).values():
            raise fault  # it would begin twice
    return ledger


def entries_ahead(ledger: Ledger, now: datetime) -> tuple[Entry, ...]:
    """Return the newest entries of a ledger if they were recorded later than now, oldest first."""
    entries: list[Entry] = []
    for number in range(len(ledger), 0, -1):
        if ledger.entry(number).recorded_at <= now:
            break
        entries.insert(0, ledger.entry(number))
    return tuple(entries)


def _refuse_clock(
    repository: Repository, newest: str, ledger: Ledger, now: datetime, *, confirmed: bool
) -> None:
    """Raise `Refused` if now is before the last entry or the newest commit, or long after both."""
    last = ledger.entry(len(ledger)).recorded_at if len(ledger) else None
    if last is not None and now < last:
        ahead = entries_ahead(ledger, now)
        which = "that entry was" if len(ahead) == 1 else f"the last {len(ahead)} entries were"
        raise Refused(
            f"the clock says {now:%Y-%m-%d %H:%M}, which is before the ledger's last entry, "
            f"{last:%Y-%m-%d %H:%M %z}; set the clock. If the clock is right, {which} made with a "
            f"wrong one: run `publisher correct-clock {ledger.brand}{' --at MOMENT' * len(ahead)} "
            "--reason TEXT`, with the moment at which "
            f"{'it was' if len(ahead) == 1 else 'each was'} really made",
            4,
        )
    stamp = repository.time(newest)
    if stamp is None or stamp < _BEGIN:
        return
    time = datetime.fromtimestamp(min(stamp, _END), UTC)
    if time > now:
        day = f"{time:%Y-%m-%d %H:%M} UTC" if stamp < _END else "after the year 9999"
        raise Refused(
            f"the newest commit, {newest[:10]}, is dated in the future ({day}); set the clock of "
            "the computer that made it, and commit again",
            4,
        )
    if now - max(time, last or time) > _LONG and not confirmed:
        raise Refused(
            f"the clock says {now:%Y-%m-%d}, which is more than five years after the newest "
            f"commit, {newest[:10]} of {time:%Y-%m-%d}; set the clock, or confirm with "
            "--clock-is-right that it is right",
            4,
        )
