"""What was asked, and the answer: which version, from when until when, and how certain that is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from markupsafe import Markup

from publisher.model.evidence import Evidence
from publisher.model.ledger import Import, Reconstruct, Release
from publisher.render.letter.words import Words, code, recorded_day


def title_of(evidence: Evidence, words: Words) -> str:
    """Return what the document is called; in general, where nothing tells."""
    return evidence.subject.title or str(words("policy"))


def asked(evidence: Evidence, words: Words) -> Markup:
    """Return the question."""
    brand = evidence.subject.brand
    about = {
        "title": title_of(evidence, words),
        "brand": brand.name,
        "domain": brand.domain,
        "locale": code(evidence.locale),
    }
    if evidence.day is None:
        return words("asked_version", version=code(evidence.version.version), **about)
    return words("asked_day", day=words.day(evidence.day), **about)


def answer(evidence: Evidence, words: Words) -> Iterator[Markup]:
    """Yield the paragraphs of the answer."""
    yield _which(evidence, words)
    yield Markup(" ").join(_period(evidence, words))
    yield _origin(evidence, words)
    if evidence.others:
        named = ", ".join(each.version for each in evidence.others)
        yield words("others", versions=code(named))
    if evidence.document is not None and not isinstance(evidence.version, Reconstruct):
        version = evidence.version
        path = code(f"versions/{version.brand}/{version.version}/{evidence.document}")
        yield words("taken_in" if isinstance(version, Import) else "issued", file=path)


def _which(evidence: Evidence, words: Words) -> Markup:
    version = code(evidence.version.version)
    if evidence.day is None:
        return words("answer_version", version=version)
    match evidence.version:
        case Import():
            key = "answer_day_imported"
        case Reconstruct():
            key = "answer_day_reconstructed"
        case _:
            key = "answer_day"
    return words(key, day=words.day(evidence.day), version=version)


def _period(evidence: Evidence, words: Words) -> Iterator[Markup]:
    if evidence.since is None:
        yield words("period_unknown")
        return
    yield _span(evidence, evidence.since, words)
    yield from _ended(evidence, words)
    moved, version = evidence.moved, evidence.version
    if moved is not None and isinstance(version, Release):
        frozen = words.day(version.in_force_from)
        yield words("moved", number=_number(moved.sequence), day=frozen)
    newest = evidence.record.newest.entry
    if not evidence.empty and evidence.since > recorded_day(newest):
        yield words("not_yet")
    yield words("zone", zone=version.timezone)


def _span(evidence: Evidence, since: date, words: Words) -> Markup:
    """Return the period in words."""
    if evidence.empty:
        return words("period_empty", since=words.day(since))
    match evidence.version:
        case Import():
            key = "period_asserted"
        case Reconstruct():
            key = "period_reconstructed"
        case _:
            key = "period"
    if evidence.until is not None:
        return words(key, since=words.day(since), until=words.day(evidence.until))
    newest = _number(evidence.record.newest.entry.sequence)
    return words(f"{key}_open", since=words.day(since), newest=newest)


def _ended(evidence: Evidence, words: Words) -> Iterator[Markup]:
    """Yield what ends the period, if an entry does."""
    entry = evidence.ended_by
    if entry is None:
        return
    if isinstance(entry, Release):
        starts = words.day(evidence.next_day or entry.in_force_from)
        yield words("superseded", version=code(entry.version), day=starts)
        return
    ended = {"number": _number(entry.sequence), "day": words.day(entry.on), "reason": entry.reason}
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
