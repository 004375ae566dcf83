"""The subject of rules: one brand's policy with the company's own facts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from publisher.checks.catalogue import countries, matches, word
from publisher.checks.sentences import Sentence, sentences
from publisher.policy.tree import Policy, inlines_in
from publisher.workspace.facts import (
    Brand,
    Controller,
    Ids,
    Processor,
    Purpose,
    Retention,
    Right,
    UnconfirmedIds,
    UnconfirmedText,
    bases_of,
)
from publisher.workspace.parsed import Parsed, Workspace

Spot = tuple[str, int]
"""A file and a line in it."""


@dataclass(frozen=True, eq=False)
class Subject:
    """One brand's policy in its first language, and what is on record about it.

    Unconfirmed lists and facts are left out: they have questions already.
    """

    workspace: Workspace
    id: str
    policy: Policy

    @property
    def file(self) -> Parsed[Brand]:
        """The brand's file."""
        return self.workspace.brands[self.id]

    @property
    def own(self) -> Brand:
        """The content of the brand's file."""
        return self.file.content

    @property
    def company_file(self) -> Parsed[Controller]:
        """The file of the company behind the brand."""
        return self.workspace.company_of(self.id)

    @property
    def company(self) -> Controller:
        """The company behind the brand."""
        return self.company_file.content

    @property
    def name(self) -> str:
        """The name of the brand."""
        return self.own.name

    @property
    def language(self) -> str:
        """The language of the policy: ``nl`` of ``nl-BE``."""
        return self.policy.locale.partition("-")[0]

    @property
    def draft(self) -> bool:
        """Whether the policy is a draft, which may still add what is missing."""
        return self.policy.draft

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Every sentence of the policy."""
        return sentences(self.policy)

    @cached_property
    def confirmed(self) -> tuple[Sentence, ...]:
        """The sentences about which nothing is asked."""
        return tuple(sentence for sentence in self.sentences if not sentence.asked)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The text of every sentence, the title of every clause, and where links lead."""
        titles = (clause.title for clause in self.policy.clauses)
        links = (
            target
            for clause in self.policy.clauses
            for inline in inlines_in(clause)
            if (target := getattr(inline, "target", ""))
        )
        return (*(sentence.text for sentence in self.sentences), *titles, *links)

    @cached_property
    def whole(self) -> str:
        """All text of the policy, in small letters."""
        return "\n".join(self.texts).casefold()

    @cached_property
    def covers(self) -> frozenset[str]:
        """The topics that the clauses of the policy cover, by their front matter."""
        return frozenset(
            id for clause in self.policy.clauses for id in self.covered(clause.id, clause.path)
        )

    def covered(self, id: str, path: str) -> tuple[str, ...]:
        """Return the topics of a clause; a translation has those of its original."""
        return self._front("covers", id, path)

    def asserted(self, id: str, path: str) -> tuple[str, ...]:
        """Return the assertions of a clause; a translation has those of its original."""
        return self._front("asserts", id, path)

    def declares(self, claim: str, id: str, path: str) -> bool:
        """Return whether a clause's front matter says if it makes a claim.

        It names the claim under `asserts`, or has an empty list there: none.
        """
        clause = self.workspace.clauses.get(path)
        front = clause.value.front.value if clause is not None and clause.value else None
        asserted = self.asserted(id, path)
        named = any(one.partition(":")[0] == claim for one in asserted)
        return named or (not asserted and isinstance(front, Mapping) and "asserts" in front)

    def _front(self, key: str, id: str, path: str) -> tuple[str, ...]:
        master = self.workspace.company.content.master_locale
        folders = (path.rpartition("/clauses/")[0], f"brands/{self.id}", "shared")
        paths = (path, *(f"{folder}/clauses/{master}/{id}.md" for folder in folders))
        for candidate in dict.fromkeys(paths):
            clause = self.workspace.clauses.get(candidate)
            if clause is not None and clause.value is not None and getattr(clause.value, key):
                return tuple(getattr(clause.value, key))
        return ()

    @cached_property
    def processors(self) -> Mapping[str, Processor]:
        """Those in use, by id."""
        return self._entries(self.own.processors, self.workspace.processors)

    @cached_property
    def retention(self) -> Mapping[str, Retention]:
        """The categories that are kept, by id."""
        return self._entries(self.own.retention, self.workspace.retention)

    @cached_property
    def purposes(self) -> Mapping[str, Purpose]:
        """The purposes of data, by id; empty if they are not recorded."""
        return self._entries(self.own.purposes, self.workspace.purposes)

    @property
    def rights(self) -> Mapping[str, Right]:
        """The rights of the persons concerned, by id."""
        return self.workspace.rights.content.root

    def _entries(self, ids: Ids, registry: Parsed[Any]) -> Mapping[str, Any]:
        if isinstance(ids, UnconfirmedIds):
            return {}
        return {id: registry.content.root[id] for id in ids if id in registry.content.root}

    def resting_on(self, *bases: str) -> tuple[tuple[str, Purpose], ...]:
        """Return the purposes that rest on one of some legal bases."""
        return tuple(
            (id, purpose)
            for id, purpose in self.purposes.items()
            if not set(bases).isdisjoint(bases_of(purpose))
        )

    def text(self, value: Any) -> str:
        """Return a fact in the policy's language; nothing for a missing or unconfirmed one."""
        if isinstance(value, UnconfirmedText) or value is None:
            return ""
        if isinstance(value, Mapping):
            return str(value.get(self.policy.locale, ""))
        return str(value)

    def word(self, name: str) -> Any:
        """Return the pattern with a name, in the policy's language."""
        return word(name, self.language)

    def names(self, id: str) -> tuple[str, ...]:
        """Return the names of a processor in texts: its name, and the first word of a long one."""
        name = self.text(self.processors[id].name)
        first = name.split()[0] if name else ""
        several = len(name.split()) > 1 and len(first) > 3
        plain = not several or first.casefold() in _COMMON or matches(self.word("our"), [name])
        return (name,) if plain else (name, first)

    def outside(self, processor: Processor) -> tuple[str, ...]:
        """Return the countries outside the EEA in which a processor has the data."""
        return tuple(c for c in processor.countries or () if c not in countries().eea)


_COMMON = ("bank", "banque", "the", "group", "groupe", "data", "cloud", "mail", "post")


def articles_of(text: str) -> frozenset[int]:
    """Return the articles that a text names: 18 and 21 of ``Art. 18 and 21(1)``."""
    return frozenset(int(number) for number in re.findall(r"(?<![(\d])\b(\d{1,9})\b", text))


def entry(subject: Subject, file: Parsed[Any], *where: str) -> str:
    """Return the content of a file at a place, for a remark's fingerprint.

    Translations are left out: adding one does not bring back an accepted remark.
    """
    value: Any = file.document.value
    for part in where:
        value = value.get(part) if isinstance(value, Mapping) else None
    value = _untranslated(value, subject.policy.locale)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _untranslated(value: Any, locale: str) -> Any:
    if not isinstance(value, Mapping):
        return value
    if locale in value:
        return {locale: value[locale]}
    return {key: _untranslated(inner, locale) for key, inner in value.items()}


def spot(file: Parsed[Any], *where: str | int) -> Spot:
    """Return the place of a value in a file."""
    return file.path, file.line(*where)


def first_of(subject: Subject, name: str) -> Spot | None:
    """Return the beginning of the clause whose id or title has a word, if there is one."""
    pattern = subject.word(name)
    if pattern is None:
        return None
    for attribute in ("id", "title"):
        for clause in subject.policy.clauses:
            if pattern.search(getattr(clause, attribute)) and clause.places:
                place = clause.places[0][0]
                return place.path, place.line
    return None


def quoted(text: str, subject: Subject) -> bool:
    """Return whether the policy's text has some text, in capitals or not."""
    return text.casefold() in subject.whole


def listed(names: Iterator[str] | tuple[str, ...]) -> str:
    """Return names with commas between them."""
    return ", ".join(dict.fromkeys(names))
