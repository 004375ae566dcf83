"""The facts that a clause may quote, laid out for one brand and locale.

They are text, lists and mappings, and have no methods that act.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, get_args

from publisher.compose import placeholders, unconfirmed
from publisher.compose.grammar import VOCABULARY, comments
from publisher.compose.markdown import parse
from publisher.compose.templates import Missing, render_words
from publisher.compose.terms import term
from publisher.errors import did_you_mean
from publisher.policy.tree import OwnTexts, Question, inlines_of, plain_text
from publisher.problem import Problem, error
from publisher.render.own_texts import own_texts
from publisher.workspace.facts import (
    Brand,
    BrandIdentity,
    Controller,
    Ids,
    LocalisedFact,
    Processors,
    Purpose,
    Purposes,
    RetentionPeriods,
    Rights,
    UnconfirmedIds,
    UnconfirmedText,
    bases_of,
)
from publisher.workspace.parsed import Parsed, Workspace
from publisher.workspace.scalars import Audience, Localised, link_to

_PURPOSE_FACTS = ("name", "people", "data", "collected", "source", "provision", "special")
_TERMS = ("role", "period")
_ENTRY_FACTS = (
    "name",
    "role",
    "purpose",
    "location",
    "safeguard",
    "notice",
    "cookies",
    "period",
    "ground",
    "article",
    "criterion",
    "device",
    "own_use",
)


@dataclass(frozen=True, slots=True)
class Given:
    """The sources of all facts. `names` has the sisters; `known` are the ids of all brands.

    `left_out` are sisters that a sparse checkout leaves out, each with the command that checks it
    out. `texts` are the workspace's own in
    the locale.
    """

    brand: str
    locale: str
    company: Parsed[Controller]
    processors: Parsed[Processors]
    retention: Parsed[RetentionPeriods]
    rights: Parsed[Rights]
    purposes: Parsed[Purposes]
    own: Parsed[Brand]
    names: tuple[tuple[str, BrandIdentity | None], ...]
    known: frozenset[str]
    left_out: tuple[tuple[str, str], ...]
    texts: OwnTexts | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """The facts that a policy's clauses may quote, laid out from what is `given`.

    All who compose from the same files share it, so nothing in it changes: each run of a template
    sees the facts through a `Noted` of its own. `unsure` are the names of the facts with something
    unconfirmed in them. Equal only to itself, so that lookups in caches are quick.
    """

    given: Given
    facts: Mapping[str, Any]
    unsure: tuple[str, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]

    def noted(self) -> unconfirmed.Noted:
        """Return the facts for one run."""
        return unconfirmed.Noted(self.facts, self.unsure)


def lay_out(workspace: Workspace, brand: str, locale: str) -> Context:
    """Return the facts for a brand and locale; the workspace's files must have their values.

    The same files give the same context again.
    """
    own = workspace.brands[brand]
    names = tuple((name, workspace.names.get(name)) for name in own.content.sisters)
    return _laid_out(
        Given(
            brand=brand,
            locale=locale,
            company=workspace.company_of(brand),
            processors=workspace.processors,
            retention=workspace.retention,
            rights=workspace.rights,
            purposes=workspace.purposes,
            own=own,
            names=names,
            known=workspace.known,
            left_out=tuple(workspace.left_out.items()),
            texts=own_texts(workspace.texts, locale)[0],
        )
    )


@lru_cache(maxsize=64)
def _laid_out(given: Given) -> Context:
    layout = _Layout(given)
    layout.company()
    layout.brand()
    layout.free_facts()
    layout.registries()
    facts = layout.facts
    unsure = tuple(name for name, value in facts.items() if _is_unsure(value))
    return Context(
        given, MappingProxyType(facts), unsure, tuple(layout.problems), tuple(layout.warnings)
    )


def _is_unsure(value: Any) -> bool:
    """Return whether a fact has something unconfirmed in it."""
    match value:
        case unconfirmed.UnconfirmedFact():
            return True
        case unconfirmed.Words():
            return bool(value.questions)
        case dict():
            return any(map(_is_unsure, value.values()))
        case list():
            return any(map(_is_unsure, value))
    return False


def localised(text: Localised | None, locale: str) -> str | None:
    """Return a text in `locale`: plain text is valid in every locale."""
    return text.get(locale) if isinstance(text, dict) else text


class _Layout:
    def __init__(self, given: Given) -> None:
        self.given = given
        self.locale = given.locale
        self.facts: dict[str, Any] = {"locale": given.locale}
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def problem(self, file: Parsed[Any], where: tuple[str | int, ...], what: str, fix: str) -> None:
        """Note an error at a line of a file."""
        self.problems.append(error("fact", file.path, file.line(*where), what, fix))

    def text(
        self, file: Parsed[Any], where: tuple[str | int, ...], value: LocalisedFact | None
    ) -> str | unconfirmed.UnconfirmedFact | Missing:
        """Return a fact: its text, or the proposed text; `Missing` without one."""
        if value is None:
            return Missing(".".join(map(str, where)), file.path)
        if isinstance(value, UnconfirmedText):
            line = file.line(*where, "unconfirmed")
            question = Question(value.unconfirmed, file.path, line)
            return unconfirmed.UnconfirmedFact(value.value or "", question)
        if isinstance(value, dict) and self.locale not in value:
            what = f"'{'.'.join(map(str, where))}' has no text for locale {self.locale}"
            self.problem(file, where, what, f"add a line `{self.locale}: …`")
            return ""
        inside = (*where, self.locale) if isinstance(value, dict) else where
        place = (file.path, file.line(*inside))
        return unconfirmed.PlacedFact(localised(value, self.locale) or "", place)

    def company(self) -> None:
        """Add the facts of the company and its authority."""
        file = self.given.company
        company = file.content
        self.facts["company"] = {
            "name": self.text(file, ("name",), company.name),
            "address": [
                self.text(file, ("address", at), line) for at, line in enumerate(company.address)
            ],
            **{
                name: self.text(file, (name,), getattr(company, name))
                for name in ("visits", "vat", "dpo", "representative")
            },
        }
        self.facts["authority"] = {
            name: self.text(file, ("authority", name), getattr(company.authority, name, None))
            for name in ("name", "site", "address")
        }

    def brand(self) -> None:
        """Add the facts of the brand."""
        brand = self.given.own.content
        decided = self.given.own if brand.automated_decisions else self.given.company
        contact = self.text(self.given.own, ("contact",), brand.contact)
        self.facts["brand"] = {
            "id": self.given.brand,
            "name": self.text(self.given.own, ("name",), brand.name),
            "domain": self.text(self.given.own, ("domain",), brand.domain),
            "contact": contact,
            "contact_link": _link_to(contact),
            "audience": list(brand.audience),
            "automated_decisions": self.text(
                decided, ("automated_decisions",), decided.content.automated_decisions
            ),
            "sisters": [
                sister
                for index, name in enumerate(brand.sisters)
                if (sister := self.sister(index, name)) is not None
            ],
        }

    def sister(self, index: int, name: str) -> dict[str, str] | None:
        """Return the facts of a sister brand; report one that cannot be quoted."""
        identity = dict(self.given.names)[name]
        if identity is None or name == self.given.brand:
            self.problem(self.given.own, ("sisters", index), *self.not_quoted(name))
            return None
        return {"id": name, "name": identity.name, "domain": identity.domain}

    def not_quoted(self, name: str) -> tuple[str, str]:
        """Return why a sister brand cannot be quoted, and what to do."""
        commands = dict(self.given.left_out)
        if name in commands:
            return (
                f"the sister brand '{name}' is not checked out here, as the checkout is sparse",
                f"run `{commands[name]}`, then try again",
            )
        if name not in self.given.known:
            near = did_you_mean(name, self.given.known - {self.given.brand})
            return f"there is no brand '{name}'", near or "fix the name, or delete it"
        own = "delete it: a brand is not its own sister"
        fix = own if name == self.given.brand else f"fix brands/{name}/brand.yaml"
        return f"the sister brand '{name}' has no usable name and domain", fix

    def free_facts(self) -> None:
        """Lay out the company's further facts, and the brand's own over them."""
        self.facts["facts"] = {
            name: self.text(file, ("facts", name), value)
            for file in (self.given.company, self.given.own)
            for name, value in file.content.facts.items()
        }

    def registries(self) -> None:
        """Lay out the lists from the registries, and their entries by id."""
        given, brand = self.given, self.given.own.content
        lists = (
            ("processors", "processor", given.processors, brand.processors),
            ("retention", "kept", given.retention, brand.retention),
            ("rights", "right", given.rights, tuple(given.rights.content.root)),
        )
        laid: list[tuple[str, Parsed[Any], dict[str, dict[str, Any]]]] = []
        for plural, singular, file, ids in lists:
            entries = {id: self.entry(file, id) for id in self.ids(plural, ids, file)}
            laid.append((singular, file, entries))
            question = self.question(plural, ids)
            self.facts[plural] = _asking([*entries.values()], question)
            self.facts[singular] = _asking(entries, question)
            if plural != "rights":
                self.facts["brand"][plural] = _asking([*entries], question)
        self.all_words(laid)
        if brand.purposes or given.purposes.document.value is not None:
            self.purposes()
        self.facts[VOCABULARY] = {
            ("brand", "audience"): get_args(Audience),
            ("brand", "processors"): tuple(given.processors.content.root),
            ("brand", "retention"): tuple(given.retention.content.root),
        }

    def all_words(self, laid: Iterable[tuple[str, Parsed[Any], dict[str, dict[str, Any]]]]) -> None:
        """Give entries their published words, which may quote those before them."""
        noted = unconfirmed.Noted({**self.facts}, tuple(self.facts))
        for _, file, entries in laid:
            for id, entry in entries.items():
                entry["words"] = self.words(file, id, noted, entry)
                noted.of(entry)["words"] = noted.of(entry["words"])

    def question(self, key: str, ids: Ids) -> Question | None:
        """Return the question on a list of the brand's, if it is unconfirmed."""
        if not isinstance(ids, UnconfirmedIds):
            return None
        own = self.given.own
        return Question(ids.unconfirmed, own.path, own.line(key, "unconfirmed"))

    def ids(self, key: str, ids: Ids, registry: Parsed[Any]) -> list[str]:
        """Return the ids in a list of the brand's that `registry` has."""
        where: tuple[str | int, ...] = (key,)
        if isinstance(ids, UnconfirmedIds):
            where, ids = (key, "value"), ids.value
        return self.known(self.given.own, where, ids, registry)

    def known(
        self,
        file: Parsed[Any],
        where: tuple[str | int, ...],
        ids: Iterable[str],
        registry: Parsed[Any],
    ) -> list[str]:
        """Return the ids that `registry` has; report the others at their place in `file`."""
        entries = registry.content.root
        for index, id in enumerate(ids):
            if id not in entries:
                fix = did_you_mean(id, entries) or f"enter it in {registry.path}"
                self.problem(file, (*where, index), f"'{id}' is not in {registry.path}", fix)
        return [id for id in ids if id in entries]

    def entry(self, file: Parsed[Any], id: str) -> dict[str, Any]:
        """Return the facts of an entry of a registry."""
        entry = file.content.root[id]
        names = (name for name in _ENTRY_FACTS if hasattr(entry, name))
        facts = {n: self.text(file, (id, n), getattr(entry, n)) for n in names}
        return {"id": id, **facts, **{n: self.term(facts[n]) for n in _TERMS if facts.get(n)}}

    def term(self, fact: Any) -> Any:
        """Return a fact that the toolkit can write in the locale's words."""
        if isinstance(fact, unconfirmed.UnconfirmedFact):
            proposed = str(fact.value)
            return replace(
                fact,
                value=getattr(term(proposed, self.locale, self.given.texts), "shown", proposed),
            )
        return term(fact, self.locale, self.given.texts)

    def purposes(self) -> None:
        """Lay out the purposes of a brand, with recipients and periods of retention."""
        file, ids = self.given.purposes, self.given.own.content.purposes
        laid = [self.purpose(file, id) for id in self.ids("purposes", ids, file)]
        self.facts["purposes"] = _asking(laid, self.question("purposes", ids))

    def purpose(self, file: Parsed[Purposes], id: str) -> dict[str, Any]:
        """Return the facts of a purpose."""
        purpose = file.content.root[id]
        facts = {n: self.text(file, (id, n), getattr(purpose, n)) for n in _PURPOSE_FACTS}
        recipients = self.named(file, id, "recipients", self.given.processors)
        kept = self.named(file, id, "kept", self.given.retention)
        return {
            "id": id,
            **facts,
            "bases": self.bases(file, id, purpose),
            "recipients": [entry["name"] for entry in recipients],
            "kept": [self.kept(entry) for entry in kept],
        }

    def bases(self, file: Parsed[Purposes], id: str, purpose: Purpose) -> list[dict[str, Any]]:
        """Return the legal bases of a purpose, each with its interest or law."""
        basis = purpose.basis
        named = basis if isinstance(basis, dict) else dict.fromkeys(bases_of(purpose))
        return [
            {
                "id": name,
                "name": self.term(name),
                "what": self.text(file, (id, "basis", name), what),
            }
            for name, what in named.items()
        ]

    def named(
        self, file: Parsed[Purposes], id: str, key: str, registry: Parsed[Any]
    ) -> list[dict[str, Any]]:
        """Return the entries of a registry that a purpose names."""
        ids = self.known(file, (id, key), getattr(file.content.root[id], key), registry)
        return [self.entry(registry, name) for name in ids]

    def kept(self, entry: dict[str, Any]) -> Any:
        """Return how long a category is kept, in published words."""
        noted = unconfirmed.Noted({**self.facts}, tuple(self.facts))
        return self.words(self.given.retention, entry["id"], noted, entry)

    def words(
        self, file: Parsed[Any], id: str, noted: unconfirmed.Noted, entry: dict[str, Any]
    ) -> str | Missing:
        """Return an entry's published words, if it has any, with the facts that they quote."""
        text = self.text(file, (id, "words"), file.content.root[id].words)
        if isinstance(text, Missing):
            return text
        if not isinstance(text, str) or not text:
            return ""
        line = file.line(id, "words", self.locale)
        self.warnings += comments(file.path, line, text)
        result = render_words(file.path, line, text, noted, {"entry": noted.of(entry)})
        if isinstance(result, Problem):
            self.problems.append(result)
            return ""
        content = parse(result, [(file.path, line)])
        self.problems.extend(content.problems)
        if content.problems:
            return ""
        runs = [run for block in content.blocks for run in inlines_of(block)]
        origin = placeholders.origin(file.path, line, plain_text(runs[0])) if runs else ""
        return unconfirmed.Words(result, result.questions, origin)


def _link_to(contact: Any) -> Any:
    """Return the target of links to a contact; empty while the contact is unconfirmed."""
    if isinstance(contact, unconfirmed.UnconfirmedFact):
        proposed = str(contact.value)
        return replace(contact, value=link_to(proposed) if proposed else "")
    return link_to(contact)


def _asking(value: list[Any] | dict[str, Any], question: Question | None) -> Any:
    return value if question is None else unconfirmed.UnconfirmedFact(value, question)
