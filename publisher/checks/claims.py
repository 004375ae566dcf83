"""A policy's claims, compared with the company's own facts (GDPR Art. 5(1)(a))."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter

from publisher.checks.catalogue import claim, countries, matches
from publisher.checks.remarks import Remark, on_sentence, once, remark, shortened
from publisher.checks.sentences import Sentence
from publisher.checks.subject import Spot, Subject, listed
from publisher.policy.tree import Clause
from publisher.workspace.facts import Processor, bases_of


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim made by a sentence, at a character of it, or by a clause's front matter.

    `about` are the ids of the processors that it is about, none if it is about everything. `named`
    says that the sentence itself names them.
    """

    quote: str
    spot: Spot
    about: tuple[str, ...]
    named: bool
    sentence: Sentence | None
    at: int
    clause: Clause

    def remark(self, rule: str, subject: Subject, **values: str) -> Remark:
        """Return a remark on the claim."""
        values = {"quote": self.quote, **values}
        if self.sentence is not None:
            return on_sentence(rule, subject, self.sentence, self.at, **values)
        return remark(rule, subject, self.spot, self.quote, **values)


def claims(subject: Subject, name: str) -> Iterator[Claim]:
    """Yield the claims of a policy: those in its clauses' front matter, or in their words."""
    pattern = claim(name, subject.language)
    for sentence in subject.confirmed:
        texts = (sentence.context, sentence.text)
        if pattern is None or matches(pattern.unless, texts):
            continue
        if matches(subject.word("exception"), texts):
            continue
        if pattern.needs is not None and not matches(pattern.needs, texts):
            continue
        if subject.declares(name, sentence.clause.id, sentence.clause.path):
            continue
        text = sentence.without_quotations()
        match = pattern.find.search(text)
        if match is not None and ";" not in match[0]:
            about, named = _about(subject, sentence)
            at = match.start()
            quote = shortened(sentence.text)
            yield Claim(quote, sentence.place(at), about, named, sentence, at, sentence.clause)
    for clause in subject.policy.clauses:
        for asserted in subject.asserted(clause.id, clause.path):
            kind, _, id = asserted.partition(":")
            if kind == name and (not id or id in subject.processors):
                file = subject.workspace.clauses.get(clause.path)
                line = file.value.front.line(("asserts",)) if file and file.value else 1
                about = (id,) if id else ()
                yield Claim(
                    f"asserts: {asserted}", (clause.path, line), about, True, None, 0, clause
                )


def _about(subject: Subject, sentence: Sentence) -> tuple[tuple[str, ...], bool]:
    """Return the processors that a sentence is about, and whether it names them itself."""
    for text in (sentence.text, sentence.context):
        named = tuple(id for id in subject.processors if _names(subject, id, text))
        if named:
            return named, True
    if not matches(subject.word("pronoun"), [sentence.text]):
        return (), True
    last: tuple[str, ...] = ()
    for other in subject.sentences:
        if other is sentence:
            break
        if other.clause is sentence.clause:
            named = tuple(id for id in subject.processors if _names(subject, id, other.text))
            last = named or last
    return last, False


def _names(subject: Subject, id: str, text: str) -> bool:
    return any(name in text for name in subject.names(id))


def claim_personal(subject: Subject) -> Iterator[Remark]:
    """Yield a remark if data with a legal basis is called no personal data."""
    remarks: dict[str, list[tuple[bool, Remark]]] = {}
    for one in claims(subject, "no-personal-data"):
        for id, purpose in subject.purposes.items():
            if bases_of(purpose) and not set(one.about).isdisjoint(purpose.recipients):
                fact = (
                    f"'{subject.text(purpose.name)}' has a legal basis "
                    f"({', '.join(bases_of(purpose))}), which only personal data needs"
                )
                claimed = one.remark("claim-personal", subject, fact=fact)
                remarks.setdefault(id, []).append((not one.named, claimed))
    for ranked in remarks.values():
        yield from once([claimed for _, claimed in sorted(ranked, key=itemgetter(0))])


def claim_ip(subject: Subject) -> Iterator[Remark]:
    """Yield a remark if addresses are said to be hidden from others, but a network sees them."""
    for one in claims(subject, "no-ip"):
        for processor in subject.processors.values():
            words = subject.text(processor.words)
            pattern = subject.word("network")
            match = pattern.search(words) if pattern else None
            if match is not None:
                name = subject.text(processor.name)
                yield one.remark("claim-ip", subject, name=name, what=f"the {match[0]}")
                break


def device(subject: Subject) -> Iterator[Remark]:
    """Yield a remark if the text denies all cookies, and not everything was checked."""
    names = [
        subject.text(processor.name)
        for processor in subject.processors.values()
        if processor.device is None and processor.cookies is None
        if matches(subject.word("page"), [subject.text(processor.words)])
    ]
    remarks = [
        one.remark("device", subject, names=listed(tuple(names)))
        for one in claims(subject, "no-cookies")
        if names and not one.about
    ]
    yield from once(remarks)


def contradicted(subject: Subject) -> Iterator[Remark]:
    """Yield a remark on each claim that a hard fact contradicts."""
    for name, facts in _FACTS.items():
        remarks: dict[str, list[Remark]] = {}
        for one in claims(subject, name):
            among = {id: subject.processors[id] for id in one.about or subject.processors}
            for fact in facts(subject, among):
                remarks.setdefault(fact, []).append(one.remark("claim", subject, fact=fact))
        for same in remarks.values():
            yield from once(same)


Among = dict[str, Processor]


def _audience(subject: Subject, _: Among) -> Iterator[str]:
    if "consumers" in subject.own.audience:
        where = f"{subject.file.path}:{subject.file.line('audience')}"
        yield f"the audience of {subject.name} includes consumers ({where})"


def _cookies(subject: Subject, among: Among) -> Iterator[str]:
    for processor in among.values():
        name = subject.text(processor.name)
        if processor.cookies == "some":
            yield f"{name} sets cookies"
        elif isinstance(processor.device, dict):
            what = shortened(subject.text(processor.device))
            yield f"{name} stores or reads on the device: {what}"


def _abroad(subject: Subject, among: Among) -> Iterator[str]:
    for processor in among.values():
        outside = ", ".join(subject.outside(processor))
        if outside:
            yield f"{subject.text(processor.name)} has data in {outside}"


def _hosted(subject: Subject, among: Among) -> Iterator[str]:
    for processor in among.values():
        known = processor.countries or ()
        if known and len(among) < len(subject.processors) and countries().eea.isdisjoint(known):
            yield f"{subject.text(processor.name)} has data in {', '.join(known)} only"


def _special(subject: Subject, _: Among) -> Iterator[str]:
    for purpose in subject.purposes.values():
        if purpose.special:
            yield f"'{subject.text(purpose.name)}' does: {subject.text(purpose.special)}"


def _automated(subject: Subject, _: Among) -> Iterator[str]:
    own = subject.own.automated_decisions
    decided = subject.company.automated_decisions if own is None else own
    if isinstance(decided, dict):
        yield f"by the facts {shortened(subject.text(decided))}"


def _marketing(subject: Subject, _: Among) -> Iterator[str]:
    for purpose in subject.purposes.values():
        if purpose.marketing == "yes":
            yield f"'{subject.text(purpose.name)}' is marketing"


def _disclosed(subject: Subject, _: Among) -> Iterator[str]:
    names = [
        subject.text(processor.name)
        for processor in subject.processors.values()
        if processor.role in ("controller", "joint-controller")
    ]
    if names:
        yield f"{listed(tuple(names))} receives data and decides itself what for"


def _controllers(subject: Subject, _: Among) -> Iterator[str]:
    for processor in subject.processors.values():
        if processor.role != "processor":
            yield f"{subject.text(processor.name)} is a {processor.role.replace('-', ' ')}"


_FACTS: dict[str, Callable[[Subject, Among], Iterable[str]]] = {
    "b2b-only": _audience,
    "no-cookies": _cookies,
    "eu-only": _abroad,
    "eu-hosted": _hosted,
    "no-special": _special,
    "no-automation": _automated,
    "no-marketing": _marketing,
    "no-disclosure": _disclosed,
    "all-processors": _controllers,
}

RULES = (claim_personal, claim_ip, device, contradicted)
