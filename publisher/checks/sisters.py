"""What policies of several brands say about each other."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from publisher.checks.remarks import Remark, on_sentence, remark, shortened
from publisher.checks.subject import Spot, Subject, entry, spot
from publisher.checks.wording import hits
from publisher.policy.tree import Clause, Inline, Link, Policy, plain_text, runs_in, walk
from publisher.repository.source import Source
from publisher.workspace import brands_in, identity
from publisher.workspace.facts import BrandIdentity
from publisher.workspace.parsed import Workspace
from publisher.workspace.scalars import FORM

_WORD = re.compile(r"\w+")
_REFERENCE = re.compile(r"""\{%[-+]?\s*(?:extends|include)\s+["'](shared|brand)/([^"']+)["']""")


Masters = Callable[[str], Policy | None]
"""Returns the policy of a brand in the master locale, if it can be composed."""


@dataclass(frozen=True, slots=True)
class _Sign:
    """A text that reveals a brand: its kind, the brand's id, and its name."""

    text: str
    kind: str
    brand: str
    name: str


class Signs:
    """The signs of brands, each under its rarest word, so that a text is compared with few."""

    def __init__(self, names: Mapping[str, BrandIdentity]) -> None:
        signs = [sign for id, identity in names.items() for sign in _signs(id, identity)]
        signs.sort(key=lambda sign: -len(sign.text))
        self.order = {sign: at for at, sign in enumerate(signs)}
        words = {sign: _WORD.findall(sign.text) or [""] for sign in signs}
        often = Counter(word for own in words.values() for word in {*own})
        self.by_word: dict[str, list[_Sign]] = defaultdict(list)
        for sign, own in words.items():
            self.by_word[min(own, key=often.__getitem__)].append(sign)

    def among(self, text: str) -> list[_Sign]:
        """Return the signs that may be in a text, longest first."""
        words = {"", *_WORD.findall(text)} & self.by_word.keys()
        signs = (sign for word in words for sign in self.by_word[word])
        return sorted(signs, key=self.order.__getitem__)


def _signs(id: str, identity: BrandIdentity) -> Iterator[_Sign]:
    contact, name = identity.contact, identity.name
    if contact is not None:
        kind = "the web form" if contact.startswith(FORM) else "the mailbox"
        yield _Sign(contact, kind, id, name)
    yield _Sign(identity.domain, "the domain", id, name)
    yield _Sign(name, "the name", id, name)


def signs_of(source: Source) -> Signs:
    """Return the signs of the brands of a workspace; one brand's file is in memory at a time."""
    names = ((brand, identity(source, brand)) for brand in brands_in(source))
    return Signs({brand: known for brand, known in names if known is not None})


def readable(policies: Iterable[Policy]) -> str:
    """Return all text and all targets of links of policies, a run of text on each line."""
    runs = (run for policy in policies for clause in policy.clauses for run in runs_in(clause))
    return "\n".join(part for run in runs for part in _parts(run))


def _parts(run: tuple[Inline, ...]) -> list[str]:
    links = [inline.target for inline in walk(run) if isinstance(inline, Link)]
    return [plain_text(run), *links]


def leaks(workspace: Workspace, policies: Iterable[Policy], signs: Signs) -> Iterator[Remark]:
    """Yield a remark for each name, domain or mailbox of another brand in a brand's policy.

    `signs` are those of other brands. In a proposal that is a warning, as it misleads nobody yet.
    """
    for policy in policies:
        own = workspace.brands[policy.brand.id].content
        for clause in policy.clauses:
            free = {policy.brand.id, *own.mentions}
            if "brand.sisters" in _template(workspace, policy, clause.path, frozenset()):
                free |= {*own.sisters}
            yield from _in_clause(workspace, policy, clause, signs, free)


def _in_clause(
    workspace: Workspace, policy: Policy, clause: Clause, signs: Signs, free: Collection[str]
) -> Iterator[Remark]:
    company = workspace.company_of(policy.brand.id).content.name
    proposed = policy.locale in workspace.brands[policy.brand.id].content.proposed
    rule = "leak proposed" if proposed else "leak"
    mine = workspace.brands[policy.brand.id].content
    own = workspace.names.get(policy.brand.id)
    same = {str(mine.contact), mine.domain, own.name if own else mine.name}
    for index, run in enumerate(runs_in(clause)):
        text, *links = _parts(run)
        rest = "\n".join([text, *links])
        for whole in (company, mine.name, str(mine.contact)):
            rest = _without(rest, whole)
        for sign in signs.among(rest):
            if sign.brand in free or sign.text in same or sign.text not in rest:
                continue
            match = re.search(rf"(?<![\w.@-]){re.escape(sign.text)}(?![\w-])", rest)
            if match is None:
                continue
            at = match.start() if match.start() < len(text) else 0
            place = clause.place(index, at)
            where: Spot = (place.path, place.line)
            subject = Subject(workspace, policy.brand.id, policy)
            quote = shortened(_around(text, at))
            values = {"what": sign.kind, "other": sign.name, "quote": quote}
            yield remark(rule, subject, where, quote, **values)
            rest = _without(rest, sign.text)


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
    """Yield remarks where a brand's policy says more about its sisters than their policies do."""
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
        how = f"write `sisters: [{subject.id}]` in {other.path}, or delete {id} here"
        where = spot(subject.file, "sisters", at)
        yield remark(
            "sister", subject, where, entry(subject, subject.file, "sisters"), lack=lack, how=how
        )
