"""Who receives data (GDPR Art. 13(1)(e) and (f), 28)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from babel.core import Locale, UnknownLocaleError

from publisher.checks.catalogue import countries, kinds, matches, vendors
from publisher.checks.remarks import Remark, on_sentence, remark
from publisher.checks.sentences import Sentence
from publisher.checks.subject import Subject, entry, listed, quoted, spot
from publisher.checks.wording import Hit, hits
from publisher.workspace.facts import Processor, UnconfirmedIds

_NOT = re.compile(
    r"\b(not|never|no|neither|nor|without|niet|geen|nooit|ne|pas|nicht|keine?n?)\b|n't\b",
    re.IGNORECASE,
)

_AFTER = re.compile(
    r"( (is|are|was|were|has been) (not|never|no longer)| (wordt|worden) (niet|nooit)"
    r"| n'est (pas|jamais)| (wird|werden) (nicht|nie)"
    r"| (gebruiken|hebben|kennen|nutzen|verwenden|haben) (we|wij|wir)\b"
    r"[^.;,]{0,30} (niet|nooit|nicht|nie))\b",
    re.IGNORECASE,
)

_SHORT = ("US", "USA", "U.S.", "UK", "VS", "VK")
"""Other names of countries in texts."""


def _on(subject: Subject, rule: str, id: str, **values: str) -> Remark:
    registry = subject.workspace.processors
    values = {"name": subject.text(subject.processors[id].name), **values}
    return remark(rule, subject, spot(registry, id), entry(subject, registry, id), **values)


def _kinds(subject: Subject, processor: Processor) -> tuple[str, ...]:
    """Return why a processor by name must be a controller."""
    name = subject.text(processor.name)
    return tuple(why for pattern, why in kinds(subject.language) if pattern.search(name))


def recipient_unnamed(subject: Subject) -> Iterator[Remark]:
    """Yield a remark on each recipient that is only called "our …"."""
    for id, processor in subject.processors.items():
        name = subject.text(processor.name)
        one = matches(subject.word("our"), [name]) and not matches(subject.word("several"), [name])
        if one and not _kinds(subject, processor):
            yield _on(subject, "recipient-unnamed", id)


def recipient_role(subject: Subject) -> Iterator[Remark]:
    """Yield a remark on each processor whose work makes it a controller."""
    for id, processor in subject.processors.items():
        why = _kinds(subject, processor)
        if why and processor.role == "processor":
            yield _on(subject, "recipient-role", id, kind=" and ".join(why))


def recipient_contract(subject: Subject) -> Iterator[Remark]:
    """Yield a remark if the text mentions agreements that are not recorded."""
    names = [
        subject.text(processor.name)
        for processor in subject.processors.values()
        if processor.role == "processor" and not processor.contract
        if not _kinds(subject, processor)
    ]
    for hit in hits(subject, "recipient-contract"):
        if names:
            values = {"names": listed(tuple(names))}
            yield on_sentence("recipient-contract", subject, hit.sentence, hit.at, **values)


def recipient_unsaid(subject: Subject) -> Iterator[Remark]:
    """Yield a remark on each recipient in use that the text does not name."""
    for id in subject.processors:
        if not subject.draft and not any(quoted(name, subject) for name in subject.names(id)):
            yield _on(subject, "recipient-unsaid", id)


def recipient_unregistered(subject: Subject) -> Iterator[Remark]:
    """Yield a remark on each well-known company that the text names and no list has."""
    if isinstance(subject.own.processors, UnconfirmedIds):
        return
    known = " ".join(
        subject.text(processor.name) for processor in subject.processors.values()
    ).casefold()
    named = set()
    for sentence in subject.confirmed:
        for name, at in _vendors(sentence.text):
            denied = _NOT.search(sentence.text[:at]) or _NOT.search(sentence.context)
            denied = denied or _AFTER.match(sentence.text, at + len(name))
            if name in named or name.casefold() in known or denied:
                continue
            named.add(name)
            yield on_sentence("recipient-unregistered", subject, sentence, at, name=name)


def _vendors(text: str) -> Iterator[tuple[str, int]]:
    """Yield the companies that a text names; a single word may be an ordinary one."""
    taken = text
    for name in vendors():
        match = re.search(rf"\b{re.escape(name)}\b", taken) if name in taken else None
        if match is None or (match.start() == 0 and name in _WORDS):
            continue
        taken = taken.replace(name, " " * len(name))
        yield name, match.start()


_WORDS = ("Amplitude", "Segment", "Sentry", "Stripe", "Mollie", "Slack")
"""Names of vendors that are ordinary words, too."""


def transfer(subject: Subject) -> Iterator[Remark]:
    """Yield remarks on data outside the EEA: by the facts, or else by the text."""
    bare = [
        (id, subject.outside(processor))
        for id, processor in subject.processors.items()
        if processor.safeguard is None
        and not set(subject.outside(processor)) <= countries().adequate
    ]
    for id, outside in bare:
        name = subject.text(subject.processors[id].name)
        where = ", ".join(country for country in outside if country not in countries().adequate)
        lack = f"{name} has data in {where}, outside the EEA, but no safeguard is recorded"
        yield _on(subject, "transfer", id, lack=lack)
    vague = list(_vaguely(subject)) if not bare else []
    yield from vague
    if not bare and not vague and not subject.draft and not _copied(subject):
        for id, processor in subject.processors.items():
            if subject.outside(processor):
                name, where = subject.text(processor.name), ", ".join(subject.outside(processor))
                lack = f"{name} has data in {where}, but the text does not say where to get a copy"
                yield _on(subject, "transfer", id, lack=f"{lack} of the safeguards")


def _vaguely(subject: Subject) -> Iterator[Remark]:
    for hit in hits(subject, "transfer"):
        lacks = [*_unnamed(subject, hit)]
        if not _copied(subject):
            lacks.append("does not say where to get a copy of the safeguards")
        unknown = [
            subject.text(processor.name)
            for processor in subject.processors.values()
            if processor.countries is None and processor.location is None
        ]
        if unknown:
            lacks.append(f"where data is kept is not recorded for {listed(tuple(unknown))}")
        if lacks:
            lack = "; ".join(lacks)
            yield on_sentence("transfer", subject, hit.sentence, hit.at, lack=lack)


def _unnamed(subject: Subject, hit: Hit) -> Iterator[str]:
    text = hit.sentence.text
    named = any(name in text for id in subject.processors for name in subject.names(id))
    if not named and not _names_a_country(text, subject.policy.locale):
        yield "names neither country nor recipient"


def _copied(subject: Subject) -> bool:
    """Return whether the text says where to get a copy of the safeguards."""
    if "gdpr-13-1-f" in subject.covers:
        return True
    return any(_offers_copy(subject, sentence) for sentence in subject.sentences)


def _offers_copy(subject: Subject, sentence: Sentence) -> bool:
    clause = [other.text for other in subject.sentences if other.clause is sentence.clause]
    return matches(subject.word("copy"), [sentence.text]) and matches(
        subject.word("safeguard"), clause
    )


def _names_a_country(text: str, locale: str) -> bool:
    """Return whether a text names a country, in the language of a locale."""
    pattern = _country_names(locale)
    return pattern is not None and pattern.search(text) is not None


@lru_cache
def _country_names(locale: str) -> re.Pattern[str] | None:
    try:
        known = Locale.parse(locale, sep="-").territories
    except (UnknownLocaleError, ValueError):
        return None
    names = [
        name
        for code, name in known.items()
        if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN")
    ]
    return re.compile(rf"\b({'|'.join(map(re.escape, (*_SHORT, *names)))})(?!\w)")


RULES = (
    recipient_unnamed,
    recipient_role,
    recipient_contract,
    recipient_unsaid,
    recipient_unregistered,
    transfer,
)
