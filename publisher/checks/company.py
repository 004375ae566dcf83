"""The controller, the readers, and other mandatory information (Art. 13, 14)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from publisher.checks.catalogue import countries, matches
from publisher.checks.remarks import Remark, on_sentence, once, remark, shortened
from publisher.checks.subject import Subject, entry, first_of, quoted, spot
from publisher.checks.wording import hits
from publisher.workspace.facts import UnconfirmedText
from publisher.workspace.scalars import FORM

NAME = "{{ company.name }}"


def controller(subject: Subject) -> Iterator[Remark]:
    """Yield a remark if the text does not name the company, or a way to reach it."""
    contact = subject.text(subject.own.contact)
    form = contact.startswith(FORM)
    link = "{{ brand.contact_link }}" if form else "{{ brand.contact }}"
    facts = (
        (subject.company_file, "name", "the company's name", subject.company.name, NAME),
        (subject.file, "contact", "its web form" if form else "its mailbox", contact, link),
    )
    for file, key, kind, value, fact in facts:
        if value and not subject.draft and not quoted(value, subject):
            yield remark(
                "controller",
                subject,
                spot(file, key),
                entry(subject, file, key),
                what=f"{kind}, {value}",
                fact=fact,
            )


def company_number(subject: Subject) -> Iterator[Remark]:
    """Yield a remark if the check digits of a Belgian number do not fit."""
    file = subject.company_file
    number = subject.text(subject.company.vat)
    digits = re.sub(r"\D", "", number)
    belgian = subject.company.country == "BE" and len(digits) == 10
    if belgian and 97 - int(digits[:8]) % 97 != int(digits[8:]):
        yield remark(
            "company-number", subject, spot(file, "vat"), entry(subject, file, "vat"), number=number
        )


def representative(subject: Subject) -> Iterator[Remark]:
    """Yield a remark if a company outside the EEA names nobody in it."""
    country, file = subject.company.country, subject.company_file
    if country and country not in countries().eea and not subject.company.representative:
        name = subject.company.name
        yield remark(
            "representative",
            subject,
            spot(file, "country"),
            entry(subject, file, "country"),
            name=name,
        )


def elsewhere(subject: Subject) -> Iterator[Remark]:
    """Yield remarks by laws that are only checked if the company names them."""
    file, company = subject.company_file, subject.company
    if company.country not in (None, "GB") and not company.representative:
        where = spot(file, "country")
        yield remark("uk-representative", subject, where, name=company.name)
    if subject.draft:
        return
    if not matches(_ICO, subject.texts):
        yield remark("uk-authority", subject, spot(file, "authority"))
    if first_of(subject, "changes") is None and "gdpr-13-3" not in subject.covers:
        yield remark("us-ca-changes", subject, spot(subject.file, "name"))
    lacks = [] if any(hits(subject, "company-register")) else ["the register of legal persons"]
    number = subject.text(company.vat)
    lacks += [] if not number or quoted(number, subject) else ["the company's number"]
    if lacks:
        lack = " and ".join(lacks)
        yield remark("company-register", subject, spot(file, "name"), lack=lack)


_ICO = re.compile(r"\bICO\b|\bInformation Commissioner\b")


def officer(subject: Subject) -> Iterator[Remark]:
    """Yield a remark if it is unknown whether there is an officer, or the text quotes none."""
    file, dpo = subject.company_file, subject.company.dpo
    if subject.draft or isinstance(dpo, UnconfirmedText) or dpo == "none":
        return
    if dpo is None:
        yield remark("dpo", subject, spot(file, "name"))
    elif not quoted(dpo, subject):
        yield remark(
            "dpo-unsaid", subject, spot(file, "dpo"), entry(subject, file, "dpo"), contact=dpo
        )


def automation(subject: Subject) -> Iterator[Remark]:
    """Yield a remark if the facts or the text do not mention automated decisions."""
    own = subject.own.automated_decisions
    file = subject.company_file if own is None else subject.file
    decided = subject.company.automated_decisions if own is None else own
    if subject.draft or isinstance(decided, UnconfirmedText) or decided == "none":
        return
    if decided is None:
        yield remark("automation", subject, spot(file, "name"))
    elif "gdpr-13-2-f" not in subject.covers:
        key = "automated_decisions"
        what = shortened(subject.text(decided))
        yield remark(
            "automation unsaid", subject, spot(file, key), entry(subject, file, key), what=what
        )


def language(subject: Subject) -> Iterator[Remark]:
    """Yield a remark if the languages of the readers are unknown, or one is missing."""
    own, country = subject.own, subject.company.country or ""
    spoken = {locale.partition("-")[0] for locale in own.locales}
    official = countries().languages.get(country, ())
    if subject.draft:
        return
    if own.languages:
        missing = [tag for tag in own.languages if tag.partition("-")[0] not in spoken]
        if missing:
            lack = f"addresses people in {', '.join(missing)}, but has no policy in that language"
            yield remark(
                "language",
                subject,
                spot(subject.file, "languages"),
                entry(subject, subject.file, "languages"),
                lack=lack,
            )
    elif official and spoken.isdisjoint(official):
        lack = (
            f"is published in {', '.join(own.locales)} only, by a company in {country} "
            f"({', '.join(official)}); the languages in which it addresses readers are not recorded"
        )
        yield remark(
            "language",
            subject,
            spot(subject.file, "locales"),
            entry(subject, subject.file, "locales"),
            lack=lack,
        )


def provision(subject: Subject) -> Iterator[Remark]:
    """Yield a remark if the text does not say whether people must give their data."""
    given = [purpose for purpose in subject.purposes.values() if purpose.provision != "none"]
    if given and not subject.draft and "gdpr-13-2-e" not in subject.covers:
        yield remark(
            "provision", subject, first_of(subject, "collection") or spot(subject.file, "purposes")
        )


def source(subject: Subject) -> Iterator[Remark]:
    """Yield a remark if data comes from others, and the text does not say from whom."""
    if subject.draft or "gdpr-14-2-f" in subject.covers:
        return
    indirect = [
        (id, p) for id, p in subject.purposes.items() if p.collected in ("indirectly", "both")
    ]
    sources = [subject.text(purpose.source) for _, purpose in indirect]
    if sources and all(text and quoted(text, subject) for text in sources):
        return
    remarks = [
        on_sentence(
            "source",
            subject,
            hit.sentence,
            hit.at,
            what=hit.match[0][:1].upper() + hit.match[0][1:],
        )
        for hit in hits(subject, "source")
    ]
    yield from once(remarks)
    registry = subject.workspace.purposes
    for id, purpose in indirect if not remarks else ():
        what = subject.text(purpose.people) or subject.text(purpose.name)
        what = what[:1].upper() + what[1:]
        yield remark(
            "source",
            subject,
            spot(registry, id, "collected"),
            entry(subject, registry, id),
            what=what,
        )


RULES = (
    controller,
    company_number,
    representative,
    elsewhere,
    officer,
    automation,
    language,
    provision,
    source,
)
