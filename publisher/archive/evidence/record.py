"""The letter's sections on the files of the version, and on the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from publisher.archive.entries import (
    Absence,
    Clock,
    Endorse,
    Entry,
    Import,
    Notified,
    Redact,
    Release,
    Reschedule,
    Retire,
)
from publisher.archive.evidence.letter_sentences import (
    Words,
    code,
    digest,
    moment,
    recorded_day,
    shown,
)
from publisher.archive.evidence.values import Evidence, File, Recorded
from publisher.archive.trust.trust_files import ALLOWED_SIGNERS

SUMS = code("SHA256SUMS")


@dataclass(frozen=True, slots=True)
class Row:
    """A fact: its name, and its paragraphs."""

    name: Markup
    texts: tuple[Markup, ...]


def extracted(evidence: Evidence, words: Words) -> Markup | None:
    """Return which files have only the text of an imported document; None if there are none."""
    names = [file.path for file in evidence.files if "/extracted." in file.path]
    if not names or not isinstance(evidence.version, Import):
        return None
    return words("extracted", files=Markup(", ").join(map(code, names)))


def redactions(evidence: Evidence, words: Words) -> Iterator[Markup]:
    """Yield a sentence on each redacted file."""
    for file in evidence.files:
        if file.redacted is not None:
            yield _redacted(file, file.redacted, words)


def _redacted(file: File, entry: Redact, words: Words) -> Markup:
    return words(
        "redacted_said",
        file=code(file.path),
        number=f"{entry.sequence:04}",
        day=words.day(recorded_day(entry)),
        sha256=digest(file.sha256),
        reason=entry.reason,
        authority=entry.authority,
        sums=SUMS,
    )


def rows(evidence: Evidence, words: Words) -> Iterator[Row]:
    """Yield the facts of the version's entry, then the facts of the ledger."""
    record, version = evidence.record, evidence.version

    def row(name: str, *texts: Markup | str) -> Row:
        return Row(words(name, sums=SUMS), tuple(map(shown, texts)))

    yield row("entry", f"{version.sequence:04}")
    yield row("entry_file", code(f"versions/{version.brand}/ledger/{version.name}"))
    yield row("entry_sha256", digest(record.of.sha256))
    yield row("sums", digest(version.sums))
    if isinstance(version, Release):
        yield row("published", words.day(version.published))
        yield row("change", change(version, words))
        if version.short_notice is not None:
            yield row("short_notice", version.short_notice)
    if isinstance(version, Import):
        labels, company = words.labels, version.controller
        lines = (f"{labels['controller']}{labels['colon']} {company}",) if company else ()
        yield row("provenance", version.provenance, *lines)
    else:
        yield row("source", digest(version.source))
    yield row("recorded_at", moment(version.as_written.recorded_at))
    yield row("recorded_by", version.recorded_by)
    if isinstance(version, Release):
        yield row("approved_by", *(version.approvals or (words("approved_none"),)))
    yield row("signed_by", signer(record.of, words))
    yield row("stamps", *_stamps(evidence, words))
    about = evidence.subject.brand.name, evidence.locale
    events = tuple(event(recorded.entry, *about, words) for recorded in record.events)
    yield row("events", *(events or (words("events_none"),)))
    yield row("ledger", str(record.entries))
    newest = record.newest.entry
    yield row("newest", code(newest.name), words.recorded(newest.recorded_at))
    yield row("newest_sha256", digest(record.newest.sha256))


def change(version: Release, words: Words) -> Markup:
    """Return the kind of change that a version is."""
    if version.change == "editorial" and version.reason is not None:
        return words("change_editorial_reason", reason=version.reason)
    return words(f"change_{version.change}")


def signer(recorded: Recorded, words: Words) -> Markup:
    """Return in a sentence who signed an entry, if anybody did."""
    key, reason = recorded.entry.signer, recorded.entry.unsigned
    if key is None:
        return words("signed_none_reason", reason=reason) if reason else words("signed_none")
    if recorded.principal is None:
        return words("signed_key", key=code(key))
    file = code(ALLOWED_SIGNERS)
    return words("signed_principal", key=code(key), principal=recorded.principal, file=file)


def _stamps(evidence: Evidence, words: Words) -> Iterator[Markup]:
    record = evidence.record
    if not record.stamps:
        yield words("stamps_none")
        return
    yield words("stamps_said", count=record.stamped)
    for at, (stamp, _) in enumerate(record.stamps):
        if at:
            yield words("stamps_newest")
        yield words(
            "stamp",
            time=moment(stamp.time),
            authority=stamp.authority,
            number=f"{stamp.sequence:04}",
            proven=f"{stamp.entry:04}",
        )


def event(entry: Entry, brand: str, locale: str, words: Words) -> Markup:
    """Return a sentence on a later entry about a version of a brand in a locale."""
    sentence = partial(words, number=f"{entry.sequence:04}", moment=moment(entry.recorded_at))
    match entry:
        case Reschedule():
            day, instead = words.day(entry.in_force_from), words.day(entry.instead_of)
            return sentence("event_reschedule", day=day, instead=instead, reason=entry.reason)
        case Retire(locale=None):
            day = words.day(entry.on)
            return sentence("event_retire", day=day, brand=brand, reason=entry.reason)
        case Retire():
            day, retired = words.day(entry.on), code(entry.locale or "")
            return sentence("event_retire_locale", day=day, locale=retired, reason=entry.reason)
        case Absence():
            day, source = words.day(entry.on), code(entry.source)
            return sentence("event_absence", day=day, locale=code(locale), source=source)
        case Import():
            return sentence("event_correction", version=code(entry.version))
        case Redact():
            file, by = code(entry.file), entry.authority
            return sentence("event_redact", file=file, reason=entry.reason, authority=by)
        case Endorse():
            numbers = ", ".join(f"{endorsed.entry:04}" for endorsed in entry.entries)
            return sentence("event_endorse", entries=numbers, reason=entry.reason)
        case Clock():
            times = ((moment(right.time), f" ({right.entry:04})") for right in entry.entries)
            corrections = Markup("; ").join(Markup("").join(time) for time in times)
            return sentence("event_clock", entries=corrections, reason=entry.reason)
        case Notified():
            return _notice(entry, words, sentence)
        case _:
            raise TypeError(f"entry {entry.sequence} is not a later event")


def _notice(entry: Notified, words: Words, sentence: Callable[..., Markup]) -> Markup:
    return sentence(
        "event_notice",
        channel=code(entry.channel),
        day=words.day(entry.in_force_from),
        accepted=entry.accepted,
        refused=entry.refused,
        bounced=entry.bounced,
        first=moment(entry.first),
        last=moment(entry.last),
    )
