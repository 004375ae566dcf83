"""The journal of a notice: the result for each person, on the disk before the work continues.

It has no addresses, only keyed digests (HMAC-SHA-256); with the key and a list, one can find the
person. It belongs to one notice and one list, and one sender at a time writes it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import Any, Literal, get_args

from publisher.archive.fields import EARLIEST, LATEST
from publisher.archive.store import locked
from publisher.errors import ArchiveLocked, AskedWrongly, PublisherError, Refused
from publisher.files.named import Unread, read_named
from publisher.files.output import sync
from publisher.notices.customers import Customers, comparable
from publisher.notices.values import Notice, Tally

State = Literal["trying", "accepted", "refused", "deferred", "suppressed", "bounced"]
"""The state of a person.

`trying` is written before a message goes out: if nothing follows, the message may have been
accepted. `bounced` comes after `accepted`.
"""
FINAL: frozenset[State] = frozenset(["accepted", "refused", "bounced"])
"""The states in which no further message is sent."""
_STATES = get_args(State)
_FORMAT = 1
_LINE = 10_000
"""Bytes of a journal's first line, at most."""
_BEGINNING = b'{"brand":'
"""The beginning of a journal."""


def clock() -> datetime:
    """Return the time now: a run may last for hours, so the time is needed again and again."""
    return datetime.now(UTC)


class JournalUnwritten(PublisherError):
    """A line could not be written to the journal, so no message goes out."""

    def __init__(self, path: Path, fault: OSError) -> None:
        reason = (fault.strerror or str(fault)).lower()
        super().__init__(
            f"cannot write {path}: {reason}; no message is sent without its line in the journal. "
            "Free some "
            "space, or fix the permissions, then run the same command again"
        )


@dataclass(frozen=True, slots=True)
class Head:
    """The first line of a journal: which notice, and which list. `list` and `key` are digests."""

    brand: str
    version: str
    notice: str
    list: str
    key: str
    people: int
    format: int = _FORMAT


@dataclass(frozen=True, slots=True)
class Event:
    """A line of a journal: `who` is a keyed digest, `answer` what a server said."""

    at: datetime
    who: str
    state: State
    locale: str
    answer: str = ""


@dataclass(frozen=True)
class Log:
    """A journal as it was read."""

    path: Path
    head: Head
    events: tuple[Event, ...]

    @cached_property
    def last(self) -> Mapping[str, Event]:
        """The last event of each person."""
        return {event.who: event for event in self.events}

    @cached_property
    def states(self) -> Mapping[State, int]:
        """How many people are in each state."""
        return Counter(event.state for event in self.last.values())

    @property
    def tally(self) -> Tally | None:
        """The counts for the ledger; None before the first answer of a server."""
        moments = [event.at for event in self.events if event.state in {"accepted", "refused"}]
        if not moments:
            return None
        states = self.states
        return Tally(
            "mail",
            states.get("accepted", 0),
            states.get("refused", 0),
            states.get("bounced", 0),
            min(moments).replace(microsecond=0),
            max(moments).replace(microsecond=0),
            self.head.list,
        )


class Journal:
    """A journal that is open for one sender."""

    def __init__(self, path: Path, head: Head, events: Iterable[Event]) -> None:
        self.path = path
        self.head = head
        self.events = [*events]
        self.states = {event.who: event.state for event in self.events}
        self.done = sum(state in FINAL for state in self.states.values())
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
        self._file = os.open(path, flags, 0o600)

    def write(self, who: str, state: State, locale: str, answer: str = "") -> None:
        """Write an event to the disk; raises `JournalUnwritten`."""
        now = clock()
        at = now.replace(microsecond=now.microsecond // 1000 * 1000)
        event = Event(at, who, state, locale, " ".join(answer.split())[:300])
        self._append(_line({**asdict(event), "at": at.isoformat(timespec="milliseconds")}))
        self.events.append(event)
        self.done += (state in FINAL) - (self.states.get(who) in FINAL)
        self.states[who] = state

    def begin(self) -> None:
        """Write the first line, and the file's name, to the disk."""
        self._append(_line(asdict(self.head)))
        sync(self.path.parent)

    def log(self) -> Log:
        """Return the journal as it is now."""
        return Log(self.path, self.head, tuple(self.events))

    def accepted_since(self, moment: datetime) -> list[datetime]:
        """Return when messages were accepted from a moment on, the newest first."""
        recent = takewhile(lambda event: event.at >= moment, reversed(self.events))
        return [event.at for event in recent if event.state == "accepted"]

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _append(self, line: bytes) -> None:
        try:
            while line:
                line = line[os.write(self._file, line) :]
            os.fsync(self._file)
        except OSError as fault:
            raise JournalUnwritten(self.path, fault) from fault


@contextmanager
def open_journal(
    path: Path, key_file: Path, notice: Notice, customers: Customers
) -> Iterator[tuple[Journal, bytes]]:
    """Yield the journal of a notice and a list, and the key; both are made if they are missing.

    Raises `Refused` if another sender has the journal open, it is one of another notice, list or
    key, or its key is missing, `AskedWrongly` for what is no journal, and `JournalUnwritten`.
    """
    with _alone(path, new=not path.exists()):
        log = _healed(path) if _is_begun(path) else None
        known = log is not None or key_file.exists()
        key = read_key(key_file) if known else _new_key(key_file)
        everyone = [keyed(key, person.address) for person in customers.everyone]
        head = Head(
            notice.brand,
            notice.version,
            notice.digest,
            digest_of(everyone),
            _check_of(key),
            len(everyone),
        )
        if log is not None:
            _refuse_other(log, head)
        try:
            journal = Journal(path, head, log.events if log is not None else ())
        except OSError as fault:
            raise JournalUnwritten(path, fault) from fault
        try:
            if log is None:
                journal.begin()
            yield journal, key
        finally:
            journal.close()


@contextmanager
def reopened(path: Path) -> Iterator[Journal]:
    """Yield a journal for reports that come in later; raises `Refused`, `AskedWrongly`."""
    with _alone(path):
        log = _healed(path)
        journal = Journal(path, log.head, log.events)
        try:
            yield journal
        finally:
            journal.close()


@contextmanager
def _alone(path: Path, *, new: bool = False) -> Iterator[None]:
    """Hold the lock of a journal; raises `Refused`, and `AskedWrongly` for what cannot be one."""
    if not new:
        _bytes_of(path)  # before anything is made beside it
    try:
        with locked(_lock(path)):
            yield
    except ArchiveLocked as fault:
        raise Refused(
            f"another command writes {path}: {fault.holder}; wait until it is done, then try again",
            4,
        ) from fault


def _is_begun(path: Path) -> bool:
    """Return whether a file has a line that is not the beginning of a journal, which is cut off."""
    if not path.exists():
        return False
    data = _bytes_of(path)
    if b"\n" in data or not _BEGINNING.startswith(data[: len(_BEGINNING)]):
        return True
    os.truncate(path, 0)
    return False


def _lock(path: Path) -> Path:
    return path.parent / f"{path.name}.lock"


def _refuse_other(log: Log, head: Head) -> None:
    """Raise `Refused` for the journal of another notice, key or list."""
    name, before = log.path, log.head
    if (before.brand, before.version) != (head.brand, head.version):
        raise Refused(
            f"{name} is the journal of {before.brand} {before.version}. Name another for "
            f"{head.brand} {head.version}"
        )
    if before.notice != head.notice:
        raise Refused(
            f"{name} is the journal of another text of this notice ({before.notice[:8]}, not "
            f"{head.notice[:8]}). Approve that text again, or name a new journal for the new one"
        )
    if before.key != head.key:
        raise Refused(f"{name} was written with another key. Name that key with --key")
    if before.list != head.list:
        raise Refused(
            f"{name} was begun with another list, of {before.people} people, not {head.people}. "
            "Name that list; put people who came later on a list, and in a journal, of their own"
        )


def _bytes_of(path: Path) -> bytes:
    """Return the content of a journal; raises `AskedWrongly`."""
    try:
        return read_named(path, 1 << 30)
    except Unread as fault:
        raise AskedWrongly(f"{path} {fault}. Name the journal of the notice") from None


def read_log(path: Path) -> Log:
    """Return a journal; a last line that is torn is left out. Raises `AskedWrongly`."""
    data = _bytes_of(path)
    whole = data[: data.rfind(b"\n") + 1]
    lines = whole.splitlines()
    try:
        number = 1
        head = _head(json.loads(lines[0]))
        events = []
        for number, line in enumerate(lines[1:], 2):  # noqa: B007 - the message names it
            events.append(_event(json.loads(line)))
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        raise AskedWrongly(
            f"{path}:{number}: is not a line of a journal that publisher wrote. Restore the file"
        ) from None
    return Log(path, head, tuple(events))


def _head(fields: Mapping[str, Any]) -> Head:
    """Return the first line of a journal; raises `ValueError` or `TypeError` for any other line."""
    head = Head(**fields)
    _encoded(text for text in fields.values() if isinstance(text, str))
    kinds = {name: int if name in ("people", "format") else str for name in fields}
    if not all(isinstance(fields[name], kind) for name, kind in kinds.items()):
        raise TypeError(fields)
    return head


def _event(fields: Mapping[str, Any]) -> Event:
    """Return a further line of a journal; raises `ValueError`, `TypeError` or `KeyError`."""
    event = Event(**{**fields, "at": datetime.fromisoformat(fields["at"])})
    texts = (event.who, event.locale, event.answer)
    if event.state not in _STATES or not all(isinstance(text, str) for text in texts):
        raise TypeError(fields)
    _encoded(texts)
    if event.at.tzinfo is None or not EARLIEST <= event.at.year <= LATEST:
        raise ValueError(fields)
    return event


def _encoded(texts: Iterable[str]) -> bytes:
    """Return texts in UTF-8; raises `ValueError` for half a character, which JSON can name."""
    return "".join(texts).encode()


def _healed(path: Path) -> Log:
    """Return a journal, and cut off a last line that is torn."""
    log = read_log(path)
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        os.truncate(path, whole)
        sync(path)
    return log


def _line(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def keyed(key: bytes, address: str) -> str:
    """Return the keyed digest of an address (HMAC-SHA-256), 64 hexadecimal digits."""
    return hmac.new(key, comparable(address).encode(), hashlib.sha256).hexdigest()


def digest_of(everyone: Iterable[str]) -> str:
    """Return the SHA-256 over the sorted keyed digests of a list, a line each."""
    text = "".join(f"{who}\n" for who in sorted(everyone))
    return hashlib.sha256(text.encode()).hexdigest()


def message_id(notice: str, who: str, domain: str) -> str:
    """Return the Message-ID of a person's message: the same one, however often it is sent."""
    return f"<{notice[:16]}.{who[:32]}@{domain}>"


def _check_of(key: bytes) -> str:
    return hmac.new(key, b"publisher notices", hashlib.sha256).hexdigest()[:16]


def read_key(path: Path) -> bytes:
    """Return the key in a file; raises `Refused`."""
    try:
        text = read_named(path).decode("ascii").strip()
        exposed = os.name != "nt" and path.stat().st_mode & 0o077
        key = bytes.fromhex(text)
    except Unread as fault:
        raise Refused(
            f"the key {path} {fault}. Name the key with which the notice was sent"
        ) from None
    except ValueError:
        key = b""
    if len(key) != 32:
        raise Refused(f"{path} is not a key of 64 hexadecimal digits. Name the key of the notice")
    if exposed:
        raise Refused(f"others can read the key {path}. Run `chmod 600 {path}`")
    return key


def _new_key(path: Path) -> bytes:
    """Make a key that only its owner can read, in one step."""
    key = secrets.token_bytes(32)
    staging = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(staging, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
            file.write(key.hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        staging.rename(path)
        sync(path.parent)
    except OSError as fault:
        with suppress(OSError):
            staging.unlink()
        raise JournalUnwritten(path, fault) from fault
    return key


def forget(
    journal: Path, key: Path, now: datetime, days: int, *, dry_run: bool = False
) -> Path | None:
    """Delete a journal and its key, if the notice was sent long enough ago; raises `Refused`.

    Returns another journal beside the two for which the key stays, if there is one.
    """
    with _alone(journal):
        log = read_log(journal)
        if _check_of(read_key(key)) != log.head.key:
            raise Refused(f"{key} is not the key of {journal}. Name its key")
        newest = max((event.at for event in log.events), default=None)
        if newest is not None and now - newest < timedelta(days=days):
            raise Refused(
                f"{journal} was last written on {newest.date()}, and stays for {days} days. Delete "
                f"it after {(newest + timedelta(days=days)).date()}, or give fewer --days"
            )
        other = next(_others(log.head.key, journal, key), None)
        if dry_run:
            return other
        for path in (journal,) if other else (journal, key):
            path.unlink()
        sync(journal.parent)
    _lock(journal).unlink(missing_ok=True)
    return other


def _others(check: str, journal: Path, key: Path) -> Iterator[Path]:
    """Yield the other journals beside a journal, or its key, that were written with that key."""
    folders = dict.fromkeys(path.resolve().parent for path in (journal, key))
    for path in (path for folder in folders for path in sorted(folder.iterdir())):
        if path.is_file() and not path.samefile(journal):
            with suppress(OSError, ValueError, TypeError), path.open("rb") as file:
                if _head(json.loads(file.readline(_LINE))).key == check:
                    yield path
