"""Purposes and their legal bases (GDPR Art. 5(1)(b), 6, 13(1)(c) and (d))."""

from __future__ import annotations

from collections.abc import Iterator

from publisher.checks.catalogue import matches
from publisher.checks.remarks import Remark, joined, on_sentence, once, remark, shortened
from publisher.checks.subject import Subject, articles_of, entry, spot
from publisher.checks.wording import hits
from publisher.workspace.facts import Purpose, UnconfirmedIds, bases_of

CONTRACT, LAW, INTEREST = "contract", "legal-obligation", "legitimate-interests"


def purposes_missing(subject: Subject) -> Iterator[Remark]:
    """Yield a remark on a brand that names no purposes."""
    if not subject.own.purposes and not subject.draft:
        yield remark("purposes-missing", subject, spot(subject.file, "name"))


def purpose(subject: Subject) -> Iterator[Remark]:
    """Yield a remark on each processor in use that no purpose names."""
    if not subject.purposes:
        return
    named = {id for purpose in subject.purposes.values() for id in purpose.recipients}
    registry = subject.workspace.processors
    for id, processor in subject.processors.items():
        if id not in named:
            name = subject.text(processor.name)
            yield remark(
                "purpose", subject, spot(registry, id), entry(subject, registry, id), name=name
            )


def _on(subject: Subject, rule: str, id: str, *where: str, **values: str) -> Remark:
    registry = subject.workspace.purposes
    name = f"'{subject.text(subject.purposes[id].name)}'"
    place = spot(registry, id, *where)
    return remark(rule, subject, place, entry(subject, registry, id), name=name, **values)


def basis(subject: Subject) -> Iterator[Remark]:
    """Yield a remark on each purpose without a basis; without purposes, on the text."""
    for id, purpose in subject.purposes.items():
        if not bases_of(purpose):
            yield _on(subject, "basis", id)
    if not subject.purposes and not isinstance(subject.own.purposes, UnconfirmedIds):
        for hit in hits(subject, "basis"):
            name = f'"{shortened(hit.sentence.text)}"'
            yield on_sentence("basis", subject, hit.sentence, hit.at, name=name)


def basis_blended(subject: Subject) -> Iterator[Remark]:
    """Yield a remark on each purpose with several bases that are not explained.

    Without purposes, yield one on each sentence that names one basis or another.
    """
    for id, purpose in subject.purposes.items():
        if _blended(purpose):
            yield _on(subject, "basis-blended", id, "basis", bases=joined(bases_of(purpose)))
    if not subject.own.purposes:
        for hit in hits(subject, "basis-blended"):
            name = f'"{shortened(hit.sentence.text)}"'
            bases = f"{hit.match['one']} or {hit.match['other']}"
            yield on_sentence(
                "basis-blended", subject, hit.sentence, hit.at, name=name, bases=bases
            )


def _blended(purpose: Purpose) -> bool:
    return isinstance(purpose.basis, tuple) and len(purpose.basis) > 1


def basis_contract(subject: Subject) -> Iterator[Remark]:
    """Yield a remark on each purpose that rests on contract, where customers are companies."""
    if subject.own.audience != ("businesses",):
        return
    for id, purpose in subject.resting_on(CONTRACT):
        if INTEREST not in bases_of(purpose):
            yield _on(subject, "basis-contract", id, "basis")


def basis_law(subject: Subject) -> Iterator[Remark]:
    """Yield a remark on each purpose that rests on a law without naming its provision."""
    for id, purpose in subject.resting_on(LAW):
        reasons = purpose.basis if isinstance(purpose.basis, dict) else {}
        text = subject.text(reasons.get("legal-obligation"))
        if not _blended(purpose) and not matches(subject.word("provision"), [text]):
            yield _on(subject, "basis-law", id, "basis", LAW)


def interest(subject: Subject) -> Iterator[Remark]:
    """Yield a remark on each purpose that rests on unnamed legitimate interests."""
    for id, purpose in subject.resting_on(INTEREST):
        if not isinstance(purpose.basis, dict) and not _blended(purpose):
            yield _on(subject, "interest", id, "basis")


def basis_unsaid(subject: Subject) -> Iterator[Remark]:
    """Yield a remark on each basis that no clause names."""
    if subject.draft:
        return
    for id, purpose in subject.purposes.items():
        for name in bases_of(purpose):
            pattern = subject.word(f"bases.{name}")
            if pattern is not None and not matches(pattern, subject.texts):
                yield _on(subject, "basis-unsaid", id, "basis", name, basis=name)


def consent_withdrawal(subject: Subject) -> Iterator[Remark]:
    """Yield a remark on each purpose that rests on consent, if its withdrawal is not explained."""
    if "gdpr-13-2-c" in subject.covers:
        return
    lack = ""
    if not any(7 in articles_of(right.article) for right in subject.rights.values()):
        lack = f"{subject.workspace.rights.path} has no right to withdraw it"
    elif not subject.draft and not matches(subject.word("lawful"), subject.texts):
        lack = "the text does not say that processing before the withdrawal stays lawful"
    if lack:
        for id, _ in subject.resting_on("consent"):
            yield _on(subject, "consent-withdrawal", id, "basis", lack=lack)


def withdrawal_idle(subject: Subject) -> Iterator[Remark]:
    """Yield a remark if the text offers to withdraw a consent on which nothing rests."""
    registry = subject.workspace.rights
    if not subject.purposes or subject.resting_on("consent"):
        return
    for id, right in subject.rights.items():
        if 7 in articles_of(right.article):
            yield remark(
                "withdrawal-idle", subject, spot(registry, id), entry(subject, registry, id)
            )


def purpose_implied(subject: Subject) -> Iterator[Remark]:
    """Yield a remark if the text speaks of sales or marketing, and no purpose does."""
    if not subject.purposes or any(
        _sells(subject, purpose) for purpose in subject.purposes.values()
    ):
        return
    remarks = [
        on_sentence(
            "purpose-implied",
            subject,
            hit.sentence,
            hit.at,
            quote=hit.match[0],
            what=hit.pattern.more["what"],
            kind=hit.pattern.more["kind"],
        )
        for hit in hits(subject, "purpose-implied")
    ]
    yield from once(remarks)


def _sells(subject: Subject, purpose: Purpose) -> bool:
    texts = (subject.text(purpose.name), subject.text(purpose.data))
    return purpose.marketing == "yes" or matches(subject.word("sales"), texts)


RULES = (
    purposes_missing,
    purpose,
    basis,
    basis_blended,
    basis_contract,
    basis_law,
    interest,
    basis_unsaid,
    consent_withdrawal,
    withdrawal_idle,
    purpose_implied,
)
