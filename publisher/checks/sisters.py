"""What policies of several brands say of each other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from publisher.checks.remarks import Remark, on_sentence, remark, shortened
from publisher.checks.subject import Spot, Subject, entry, spot
from publisher.checks.wording import hits
from publisher.policy.tree import Clause, Link, Place, Policy, plain_text, runs_in, walk
from publisher.repository.source import Source
from publisher.workspace import brands_in, identity, parsed_brand
from publisher.workspace.parsed import Workspace
from publisher.workspace.scalars import FORM

_REFERENCE = re.compile(r"""\{%[-+]?\s*(?:extends|include)\s+["'](shared|brand)/([^"']+)["']""")


@dataclass(frozen=True, slots=True)
class Marks:
    """What betrays a brand in the policy of another one."""

    name: str
    domain: str
    contact: str | None


Masters = Callable[[str], Policy | None]
"""Returns the policy of a brand in the master locale, if it can be composed."""


def marks_of(source: Source) -> dict[str, Marks]:
    """Return what betrays each brand of a workspace; one brand's file is in memory at a time."""
    marks = {}
    for brand in brands_in(source):
        known, file = identity(source, brand), parsed_brand(source, brand).value
        contact = file.contact if file is not None else None
        if known is not None:
            text = contact if isinstance(contact, str) else None
            marks[brand] = Marks(known.name, known.domain, text)
    return marks


def leaks(
    workspace: Workspace, policies: Iterable[Policy], marks: Mapping[str, Marks]
) -> Iterator[Remark]:
    """Yield a remark for each name, domain or mailbox of another brand in a brand's policy.

    `marks` are those of all brands. In a proposal that is a warning, as nobody is misled by it yet.
    """
    for policy in policies:
        own = workspace.brands[policy.brand.id].content
        for clause in policy.clauses:
            free = {*own.mentions}
            if "brand.sisters" in _template(workspace, policy, clause.path, frozenset()):
                free |= {*own.sisters}
            signs = _signs(workspace, policy.brand.id, free, marks)
            yield from _in_clause(workspace, policy, clause, signs)


def _signs(
    workspace: Workspace, brand: str, free: set[str], marks: Mapping[str, Marks]
) -> list[tuple[str, str, str]]:
    """Return what betrays another brand, longest first, with its kind and the brand's name."""
    own, signs = workspace.names.get(brand), []
    for id, other in marks.items():
        if id == brand or id in free:
            continue
        if other.contact is not None:
            kind = "the web form" if other.contact.startswith(FORM) else "the mailbox"
            signs.append((other.contact, kind, other.name))
        signs.append((other.domain, "the domain", other.name))
        signs.append((other.name, "the name", other.name))
    mine = workspace.brands[brand].content
    same = {str(mine.contact), mine.domain, own.name if own else mine.name}
    return sorted((s for s in signs if s[0] not in same), key=lambda sign: -len(sign[0]))


def _in_clause(
    workspace: Workspace, policy: Policy, clause: Clause, signs: Sequence[tuple[str, str, str]]
) -> Iterator[Remark]:
    company = workspace.company_of(policy.brand.id).content.name
    proposed = policy.locale in workspace.brands[policy.brand.id].content.proposed
    rule = "leak proposed" if proposed else "leak"
    mine = workspace.brands[policy.brand.id].content
    for index, run in enumerate(runs_in(clause)):
        text = plain_text(run)
        links = [inline.target for inline in walk(run) if isinstance(inline, Link)]
        rest = "\n".join([text, *links])
        for whole in (company, mine.name, str(mine.contact)):
            rest = _without(rest, whole)
        places = clause.places[index] if index < len(clause.places) else ()
        for sign, what, other in signs:
            if sign not in rest:
                continue
            match = re.search(rf"(?<![\w.@-]){re.escape(sign)}(?![\w-])", rest)
            if match is None:
                continue
            at = match.start() if match.start() < len(text) else 0
            before = [place for place in places if place.at <= at]
            place = before[-1] if before else Place(0, clause.path, 1)
            where: Spot = (place.path, place.line)
            subject = Subject(workspace, policy.brand.id, policy)
            quote = shortened(_around(text, at))
            yield remark(rule, subject, where, quote, what=what, other=other, quote=quote)
            rest = _without(rest, sign)


def _without(text: str, sign: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(sign)}(?!\w)", lambda match: " " * len(match[0]), text)


def _around(text: str, at: int) -> str:
    """Return a text from the beginning of the sentence that a character is in."""
    return text[max(text.rfind(". ", 0, at) + 1, 0) :].strip()


def _template(workspace: Workspace, policy: Policy, path: str, seen: frozenset[str]) -> str:
    """Return the template of a clause with all that it extends and includes."""
    file = workspace.clauses.get(path)
    if file is None or file.value is None or path in seen:
        return ""
    body = file.value.body
    for layer, name in _REFERENCE.findall(body):
        folder = "shared" if layer == "shared" else f"brands/{policy.brand.id}"
        inner = f"{folder}/clauses/{policy.locale}/{name}"
        body += _template(workspace, policy, inner, seen | {path})
    return body


def sisters(subject: Subject, others: Masters) -> Iterator[Remark]:
    """Yield remarks on what a brand's policy says of its sisters'."""
    for hit in hits(subject, "sister"):
        lacks = _promised(subject, others, hit.sentence.clause.id)
        if lacks:
            yield on_sentence("sister", subject, hit.sentence, hit.at, **lacks)
    for clause in subject.policy.clauses:
        for asserted in subject.asserted(clause.id, clause.path):
            kind, _, id = asserted.partition(":")
            lacks = _promised(subject, others, id) if kind == "sister" else None
            if lacks:
                file = subject.workspace.clauses[clause.path].content
                where = (clause.path, file.front.line(("asserts",)))
                yield remark("sister", subject, where, asserted, **lacks)
    yield from _one_sided(subject)


def _promised(subject: Subject, others: Masters, clause: str) -> dict[str, str] | None:
    """Return what is wrong with a promise that sisters have a clause; None if they do."""
    lacks, missing = [], False
    for id in subject.own.sisters:
        policy = others(id)
        if policy is None:
            continue
        name = policy.brand.name
        there = next((other for other in policy.clauses if other.id == clause), None)
        if there is None:
            missing = True
            lacks.append(f"{name} has no clause '{clause}'")
        elif there.questions:
            question = there.questions[0]
            lacks.append(f"the clause of {name} is unconfirmed ({question.path}:{question.line})")
    if not lacks:
        return None
    how = "write" if missing else "confirm"
    what = f"promises that sister brands' policies deal with {clause}; {' and '.join(lacks)}"
    return {"lack": what, "how": f"{how} those clauses, or leave the promise out"}


def _one_sided(subject: Subject) -> Iterator[Remark]:
    for at, id in enumerate(subject.own.sisters):
        other = subject.workspace.brands.get(id)
        if other is None or other.value is None or subject.id in other.value.sisters:
            continue
        lack = (
            f"names {other.value.name} as a sister brand, but that brand does not name "
            f"{subject.name} in return"
        )
        how = f"write `sisters: [{subject.id}]` in {other.path}, or take {id} out here"
        where = spot(subject.file, "sisters", at)
        yield remark(
            "sister", subject, where, entry(subject, subject.file, "sisters"), lack=lack, how=how
        )
