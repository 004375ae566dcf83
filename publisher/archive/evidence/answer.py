"""The letter's question and answer: which version, its period, and how certain it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from publisher.archive.entries import Absence, Import, Reconstruct, Release, Retire, Version
from publisher.archive.evidence.letter_sentences import Words, code, recorded_day
from publisher.archive.evidence.values import Evidence
from publisher.archive.moments import Asked, Period, retired_at


def title_of(evidence: Evidence, words: Words) -> str:
    """Return the title of the document, or a general name if the title is unknown."""
    return evidence.subject.title or str(words("policy"))


def asked(evidence: Evidence, words: Words) -> Markup:
    """Return the question that the letter answers."""
    brand = evidence.subject.brand
    about = {
        "title": title_of(evidence, words),
        "brand": brand.name,
        "domain": brand.domain,
        "locale": code(evidence.locale),
    }
    if evidence.asked is None:
        return words("asked_version", version=code(evidence.version.version), **about)
    return words("asked_day", day=_when(evidence.asked, words), **about)


def answer(evidence: Evidence, words: Words) -> Iterator[Markup]:
    """Yield the paragraphs of the answer."""
    yield _which(evidence, words)
    yield from _texts(evidence, words)
    yield Markup(" ").join(_period(evidence, words))
    yield _origin(evidence, words)
    if evidence.others:
        named = ", ".join(version.version for version in evidence.others)
        yield words("others", versions=code(named))
    if evidence.document is not None and not isinstance(evidence.version, Reconstruct):
        version = evidence.version
        path = code(f"versions/{version.brand}/{version.version}/{evidence.document}")
        yield words("taken_in" if isinstance(version, Import) else "issued", file=path)


def _which(evidence: Evidence, words: Words) -> Markup:
    version = code(evidence.version.version)
    asked = evidence.asked
    if asked is None:
        return words("answer_version", version=version)
    key = _kind("answer_day", evidence.version)
    if key == "answer_day" and asked.begins_within(evidence.period):
        key = "answer_day_last"
    return words(key, day=_when(asked, words), version=version)


def _when(asked: Asked, words: Words) -> Markup:
    """Return the day or the moment in question."""
    return words.day(asked.on) if asked.on is not None else words.moment(asked.first, asked.zone)


def _texts(evidence: Evidence, words: Words) -> Iterator[Markup]:
    """Yield each text of a day, if the released version was in force only for its last hours."""
    asked = evidence.asked
    if asked is None or not evidence.texts[1:] or not isinstance(evidence.version, Release):
        return
    yield words("texts", day=_when(asked, words))
    for text in evidence.texts:
        hours = _hours(asked, text.period, words)
        yield words(_kind("text", text.version), version=code(text.version.version), hours=hours)


def _hours(asked: Asked, period: Period, words: Words) -> Markup:
    """Return the hours of a day that are within a period."""
    put = {}
    if asked.begins_within(period) and period.begins is not None:
        put["since"] = _clock(period.begins, asked.zone)
    if asked.ends_within(period) and period.ends is not None:
        put["until"] = _clock(period.ends, asked.zone)
    key = {"since": "hours_from", "until": "hours_until"}
    return words(key[next(iter(put))] if len(put) == 1 else "hours_from_until", **put)


def _clock(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).isoformat().partition("T")[2]


def _kind(key: str, version: Version) -> str:
    """Return the key of a sentence for versions of an origin."""
    match version:
        case Import():
            return f"{key}_imported"
        case Reconstruct():
            return f"{key}_reconstructed"
        case _:
            return key


def _period(evidence: Evidence, words: Words) -> Iterator[Markup]:
    period = evidence.period
    if period.state == "corrected" and isinstance(period.ended_by, Import):
        number = _number(period.ended_by.sequence)
        yield words("period_corrected", number=number, version=code(period.ended_by.version))
        return
    if period.begins is None:
        yield words("period_unknown")
        return
    yield _span(evidence, period.begins, words)
    yield from _ended(evidence, words)
    moved, version = evidence.moved, evidence.version
    if isinstance(version, Release):
        frozen = version.as_written.in_force_from
        changed = version.clock if version.in_force_from != frozen else None
        by = moved or changed
        if by is not None:
            text = "moved" if moved else "moved_by_clock"
            yield words(text, number=_number(by.sequence), day=words.day(frozen))
    newest = evidence.record.newest.entry
    if not period.empty and period.begins > newest.recorded_at:
        yield words("not_yet")
    yield words("zone", zone=period.zone)


def _span(evidence: Evidence, begins: datetime, words: Words) -> Markup:
    """Return the period in words."""
    period = evidence.period
    since = words.from_(begins, period.zone)
    if period.empty:
        return words("period_empty", since=since)
    key = {"asserted": "period_asserted", "reconstructed": "period_reconstructed"}.get(
        period.state, "period"
    )
    if period.ends is None or period.until is None:
        newest = _number(evidence.record.newest.entry.sequence)
        return words(f"{key}_open", since=since, newest=newest)
    if period.ends_within:
        until = words.moment(period.ends, period.zone)
        return words(f"{key}_to_moment", since=since, until=until)
    until = words.day(period.until)
    return words(f"{key}_to_end" if period.begins_within else key, since=since, until=until)


def _ended(evidence: Evidence, words: Words) -> Iterator[Markup]:
    """Yield the entry that ends the period, if one does."""
    period, entry = evidence.period, evidence.period.ended_by
    if entry is None or period.ends is None:
        return
    if isinstance(entry, Release):
        version = code(entry.version)
        if period.ends_within and isinstance(evidence.version, Release):
            yield words("replaced", version=version)
        else:
            yield words("superseded", version=version, day=words.from_(period.ends, period.zone))
    elif isinstance(entry, Absence):
        yield words(
            "absent",
            number=_number(entry.sequence),
            day=words.day(entry.on),
            locale=code(evidence.locale),
            source=code(entry.source),
        )
        back = evidence.back
        if back is not None:
            yield words("returned", day=words.day(back.revised), version=code(back.version))
    elif isinstance(entry, Retire):
        day = words.from_(retired_at(entry), entry.timezone)
        ended = {"number": _number(entry.sequence), "day": day, "reason": entry.reason}
        if entry.locale is None:
            yield words("retired_brand", brand=evidence.subject.brand.name, **ended)
        else:
            yield words("retired_locale", locale=code(entry.locale), **ended)


def _origin(evidence: Evidence, words: Words) -> Markup:
    version = evidence.version
    day = words.day(recorded_day(version))
    match version:
        case Import():
            return words(
                "origin_imported", day=day, by=version.recorded_by, provenance=version.provenance
            )
        case Reconstruct():
            return words("origin_reconstructed", day=day, source=code(version.source))
        case _:
            number = _number(version.sequence)
            return words("origin_released", day=words.day(version.published), number=number)


def _number(sequence: int) -> str:
    return f"{sequence:04}"
