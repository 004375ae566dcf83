"""Words that a lawyer would not accept: matches of the catalogue's patterns in sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from publisher.checks.catalogue import Pattern, catalogue, countries, matches
from publisher.checks.remarks import Remark, on_sentence, once, shortened
from publisher.checks.sentences import Sentence
from publisher.checks.subject import Spot, Subject

PLAIN = (
    "consent-fiction",
    "vague",
    "service-unnamed",
    "fee",
    "complaint",
    "change-notice",
    "breach-promise",
    "device-reason",
)
"""Rules that consist only of patterns."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern found in a sentence, at a character of it."""

    sentence: Sentence
    at: int
    match: re.Match[str]
    pattern: Pattern

    @property
    def spot(self) -> Spot:
        """Where it was written."""
        return self.sentence.place(self.at)


def hits(subject: Subject, rule: str) -> Iterator[Hit]:
    """Yield the matches of a rule's patterns, one in a sentence."""
    patterns = catalogue().rules[rule].words.get(subject.language, ())
    for sentence in subject.confirmed:
        hit = next((h for pattern in patterns for h in _in(subject, sentence, pattern)), None)
        if hit is not None:
            yield hit


def _in(subject: Subject, sentence: Sentence, pattern: Pattern) -> Iterator[Hit]:
    if not _among(subject, sentence, pattern.among):
        return
    for at, part in sentence.parts:
        match = pattern.find.search(part)
        if match is None:
            continue
        if not matches(pattern.unless, (sentence.context, sentence.text)):
            whole = (other.text for other in subject.sentences if other.clause is sentence.clause)
            if not matches(pattern.unless_clause, whole):
                yield Hit(sentence, at + match.start(), match, pattern)
        return


def _among(subject: Subject, sentence: Sentence, where: str) -> bool:
    """Return whether a sentence is one of those that a pattern is for."""
    if where == "changes":
        clause = sentence.clause
        return matches(subject.word("changes"), (clause.id, clause.title))
    if where == "authority":
        authority = subject.company.authority
        names = (subject.text(authority.name), subject.text(authority.site)) if authority else ()
        return any(name and name.casefold() in sentence.text.casefold() for name in names)
    return True


def plain_words(subject: Subject) -> Iterator[Remark]:
    """Yield the remarks of rules that consist only of patterns."""
    for id in PLAIN:
        rule = catalogue().rules[id]
        remarks = []
        for hit in hits(subject, id):
            quote = hit.match[0] if rule.quote == "match" else shortened(hit.sentence.text)
            more = {key: value for key, value in hit.pattern.more.items() if key == "lack"}
            remarks.append(on_sentence(id, subject, hit.sentence, hit.at, **more, quote=quote))
        yield from remarks if not rule.once else once(remarks)


def hedged(subject: Subject) -> Iterator[Remark]:
    """Yield one remark if the company, or who receives data for it, "may" do something."""
    remarks = []
    remarked = [hit.sentence for id in ("vague", "service-unnamed") for hit in hits(subject, id)]
    for hit in hits(subject, "hedged"):
        before = hit.sentence.text[: hit.at].rstrip()
        other = any(hit.sentence is sentence for sentence in remarked)
        named = hit.match.groupdict().get("doer") or (before and _doer(subject, before))
        if named and not other:
            remarks.append(on_sentence("hedged", subject, hit.sentence, hit.at))
    if remarks:
        others = len(remarks) - 1
        more = f"; so do {others} other sentences" if others > 1 else ""
        more = "; so does another sentence" if others == 1 else more
        values = tuple({**dict(remarks[0].values), "more": more}.items())
        yield replace(remarks[0], values=values, places=tuple(other.spot for other in remarks[1:]))


def _doer(subject: Subject, before: str) -> bool:
    """Return whether a text ends in "we", or in the name of a recipient of data."""
    last = before.rsplit(maxsplit=1)[-1].casefold()
    if last in ("we", "wij", "we,", "nous", "wir"):
        return True
    names = (name for id in subject.processors for name in subject.names(id))
    return any(before.endswith(name) for name in names)


def reply(subject: Subject) -> Iterator[Remark]:
    """Yield a remark if an answer is promised within 29 days or more."""
    remarks = []
    for hit in hits(subject, "reply"):
        days = next(value for value in hit.match.groupdict().values() if value)
        if not days.isdigit() or len(days) > 4 or int(days) > 28:
            remarks.append(on_sentence("reply", subject, hit.sentence, hit.at, days=days))
    yield from once(remarks)


def child_age(subject: Subject) -> Iterator[Remark]:
    """Yield a remark if a clause names another age for children than the company's country has."""
    country = subject.company.country or ""
    law = countries().child_age.get(country)
    remarks = []
    for hit in hits(subject, "child-age"):
        age = hit.match["age"]
        if law is not None and int(age) != law:
            values = {"age": age, "country": country, "law": str(law)}
            remarks.append(on_sentence("child-age", subject, hit.sentence, hit.at, **values))
    yield from once(remarks)


RULES = (plain_words, hedged, reply, child_age)
