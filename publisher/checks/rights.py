"""The rights of the persons concerned (GDPR Art. 13(2)(b), 15 to 22, 77)."""

from __future__ import annotations

from collections.abc import Iterator

from publisher.checks.purposes import CONTRACT, INTEREST
from publisher.checks.remarks import Remark, joined, remark
from publisher.checks.subject import Subject, articles_of, entry, listed, spot

ALWAYS = {
    15: "access",
    16: "rectification",
    17: "erasure",
    18: "restriction",
    77: "complaint",
}
"""The rights that everybody has, by article."""
OF_BASES = {
    20: ("portability", ("consent", CONTRACT)),
    21: ("objection", (INTEREST, "public-task")),
}
"""Those that depend on the legal basis."""


def rights(subject: Subject) -> Iterator[Remark]:
    """Yield a remark if a right is missing from the registry."""
    registry = subject.workspace.rights
    there = {article for right in subject.rights.values() for article in articles_of(right.article)}
    needed = dict(ALWAYS)
    needed |= {at: name for at, (name, bases) in OF_BASES.items() if subject.resting_on(*bases)}
    names = [f"{needed[at]} (Art. {at})" for at in sorted(needed) if at not in there]
    if names and not subject.draft:
        yield remark("rights", subject, (registry.path, 1), names=joined(names))


def objection(subject: Subject) -> Iterator[Remark]:
    """Yield a remark if the right to object is only listed among others."""
    purposes = subject.resting_on(INTEREST, "public-task")
    if not purposes or "gdpr-21-4" in subject.covers:
        return
    registry = subject.workspace.rights
    for id, right in subject.rights.items():
        if 21 in articles_of(right.article):
            names = listed(tuple(f"'{subject.text(purpose.name)}'" for _, purpose in purposes))
            yield remark(
                "objection", subject, spot(registry, id), entry(subject, registry, id), names=names
            )


RULES = (rights, objection)
