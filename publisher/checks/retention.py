"""How long data is kept (GDPR Art. 13(2)(a))."""

from __future__ import annotations

import re
from collections.abc import Iterator

from publisher.checks.catalogue import catalogue, countries, matches
from publisher.checks.remarks import Remark, on_sentence, remark, shortened
from publisher.checks.subject import Subject, entry, spot
from publisher.checks.wording import hits
from publisher.policy.periods import parse_period
from publisher.workspace.facts import Retention

_PERIOD = re.compile(r"\{\{\s*entry\.period\s*\}\}")


def kept(subject: Subject) -> Iterator[Remark]:
    """Yield a remark on each purpose that names no period."""
    registry = subject.workspace.purposes
    for id, purpose in subject.purposes.items():
        if not purpose.kept:
            name = f"'{subject.text(purpose.name)}'"
            yield remark(
                "kept", subject, spot(registry, id), entry(subject, registry, id), name=name
            )


def kept_vague(subject: Subject) -> Iterator[Remark]:
    """Yield a remark on each period that no reader can work out, in the registry or the text."""
    registry = subject.workspace.retention
    for id, category in subject.retention.items():
        if _vague(subject, category):
            text = f"{subject.text(category.name)}: {subject.text(category.words)}"
            quote = shortened(text)
            yield remark(
                "kept-vague", subject, spot(registry, id), entry(subject, registry, id), quote=quote
            )
    for hit in hits(subject, "kept-vague"):
        if hit.spot[0] != registry.path:
            yield on_sentence("kept-vague", subject, hit.sentence, hit.at)


def _vague(subject: Subject, category: Retention) -> bool:
    """Return whether a category's published words give neither its period nor a criterion."""
    if category.criterion is not None or category.personal == "no":
        return False
    period = subject.text(category.period)
    patterns = catalogue().rules["kept-vague"].words.get(subject.language, ())
    words = [_PERIOD.sub(lambda _: period, subject.text(category.words))]
    counted = any(matches(pattern.unless, words) for pattern in patterns)
    if matches(subject.word("open_period"), words) and not counted:
        return True
    return any(matches(p.find, words) and not matches(p.unless, words) for p in patterns)


def kept_law(subject: Subject) -> Iterator[Remark]:
    """Yield a remark on each period that is shorter than its law requires."""
    registry = subject.workspace.retention
    for id, category in subject.retention.items():
        law = countries().keep.get(category.law or "")
        typed = subject.text(category.period)
        period = parse_period(typed)
        if law is None or period is None or period.years >= law.years:
            continue
        yield remark(
            "kept-law",
            subject,
            spot(registry, id, "period"),
            entry(subject, registry, id),
            name=subject.text(category.name),
            period=typed,
            years=str(law.years),
            what=law.what,
            start=law.start,
        )


RULES = (kept, kept_vague, kept_law)
