"""Delivery reports (RFC 3464) → the people in a journal whose message did not arrive."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from publisher.errors import AskedWrongly
from publisher.files.named import Unread, read_named
from publisher.notices.journal import Journal, message_id, reopened

_ENVELOPE = re.compile(rb"^From [^\n]*\n?", re.MULTILINE)
"""The line that a message in a mailbox starts with (RFC 4155)."""
_ID = re.compile(r"<[0-9a-f]{16}\.[0-9a-f]{32}@[^<>\s]*>")


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report: the Message-IDs that it names, and why they did not arrive."""

    ids: frozenset[str]
    status: str


@dataclass(frozen=True, slots=True)
class Bounced:
    """The result of delivery reports: how many people are new, known already, or unknown.

    `others` counts messages that do not report a failure: delays, answers of people.
    """

    new: int
    known: int
    unknown: int
    others: int


def take_reports(journal: Path, files: Sequence[Path]) -> Bounced:
    """Note in a journal whose message did not arrive; raises `AskedWrongly`, `JournalUnwritten`."""
    every = [report for path in files for report in _reports(path)]
    reports = [report for report in every if report is not None]
    others = len(every) - len(reports)
    with reopened(journal) as log:
        people = {_prefix(log, who): who for who in log.states}
        locales = {event.who: event.locale for event in log.events}
        new = known = unknown = 0
        for report in reports:
            ids = {id.partition("@")[0] for id in report.ids}
            who = next((people[id] for id in ids if id in people), None)
            if who is None:
                unknown += 1
            elif log.states[who] == "bounced":
                known += 1
            else:
                log.write(who, "bounced", locales[who], report.status)
                new += 1
    return Bounced(new, known, unknown, others)


def _prefix(log: Journal, who: str) -> str:
    """Return the part of a person's Message-ID before the @."""
    return message_id(log.head.notice, who, "").partition("@")[0]


def _reports(path: Path) -> Iterator[Report | None]:
    """Yield what each message of a mailbox (mbox), or the one in a file, reports; see `failure_in`.

    Raises `AskedWrongly`, also for a message that Python's reader stops at, with whatever it
    raises: a parameter with two values (RFC 2231), parts nested too deeply.
    """
    try:
        data = read_named(path, 1 << 30)
    except Unread as fault:
        raise AskedWrongly(f"{path} {fault}. Name a mailbox (mbox), or messages (.eml)") from None
    envelopes = [*_ENVELOPE.finditer(data)] if data.startswith(b"From ") else []
    starts = [envelope.end() for envelope in envelopes] or [0]
    ends = [*(envelope.start() for envelope in envelopes[1:]), len(data)]
    for start, end in zip(starts, ends, strict=True):
        try:
            yield failure_in(message_from_bytes(data[start:end]))
        except (LookupError, RecursionError, TypeError, ValueError):
            line = data.count(b"\n", 0, start) + 1
            raise AskedWrongly(
                f"{path}:{line}: a message begins that cannot be read: its headers are damaged, or "
                "its parts are nested too deeply. Remove it from the file"
            ) from None


def failure_in(letter: Message) -> Report | None:
    """Return the content of a report of a failed delivery; None for any other message."""
    status = None
    text: list[str] = []
    for part in letter.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            status = _status(part) or status
        elif kind in {"message/rfc822", "text/rfc822-headers"} or part.get("Message-ID"):
            text += [str(part.get("Message-ID", "")), _plain(part)]
    if status is None:
        return None
    text += [str(letter.get("In-Reply-To", "")), str(letter.get("References", ""))]
    return Report(frozenset(_ID.findall("\n".join(text))), status)


def _status(part: Message) -> str | None:
    """Return why a delivery failed; None if it did not, or not yet (section 2.3.3)."""
    for fields in part.get_payload():
        if isinstance(fields, Message) and _field(fields, "Action").lower() == "failed":
            why = _field(fields, "Diagnostic-Code").partition(";")[2].strip()
            address = _field(fields, "Final-Recipient").partition(";")[2].strip()
            text = f"{_field(fields, 'Status')} {why}".strip()
            return text.replace(address, "<address>") if address else text
    return None


def _field(fields: Message, name: str) -> str:
    """Return a field, empty if it is missing; one with bytes that are not ASCII is no `str`."""
    return str(fields.get(name, "")).strip()


def _plain(part: Message) -> str:
    if part.is_multipart():
        return ""
    data = part.get_payload(decode=True)
    return data.decode("utf-8", "replace") if isinstance(data, bytes) else ""
