"""The catalogue of the rules that policies are checked by: data, read once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from publisher.files.packaged import packaged_yaml
from publisher.problem import Authority, Severity


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern to look for in a sentence, and what silences it there or in its clause.

    `needs` must also be in the sentence.
    """

    find: re.Pattern[str]
    unless: re.Pattern[str] | None
    unless_clause: re.Pattern[str] | None
    among: str
    more: Mapping[str, str]
    needs: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's data: `say` and `fix` have places in braces, `words` are by language.

    `once`: a policy gets one remark at most. `quote` says what of a sentence is quoted.
    """

    id: str
    severity: Severity
    profile: str
    authority: tuple[Authority, ...]
    why: str
    say: str
    fix: str
    words: Mapping[str, tuple[Pattern, ...]]
    once: bool
    quote: str


@dataclass(frozen=True, slots=True)
class Law:
    """A law that requires data to be kept."""

    country: str
    years: int
    what: str
    start: str


@dataclass(frozen=True, slots=True)
class Countries:
    """Lists in the law, by country."""

    review_by: date
    eea: frozenset[str]
    adequate: frozenset[str]
    languages: Mapping[str, tuple[str, ...]]
    child_age: Mapping[str, int]
    keep: Mapping[str, Law]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All rules by id, in the order of the file; `reviewed` is the day as of which the law is."""

    version: str
    reviewed: date
    rules: Mapping[str, Rule]


@lru_cache
def catalogue() -> Catalogue:
    """Return the catalogue."""
    data = _read("rules.yaml")
    known = {id: _authority(value) for id, value in _read("authorities.yaml").items()}
    rules = {id: _rule(id, value, known) for id, value in data["rules"].items()}
    for id, value in data["rules"].items():
        for variant in ("unsaid", "proposed"):
            if variant in value:
                rules[f"{id} {variant}"] = _rule(id, {**value, **value[variant]}, known)
    return Catalogue(f"{data['version']} ({data['reviewed']})", data["reviewed"], rules)


def _authority(value: Mapping[str, Any]) -> Authority:
    return Authority(value["cite"], value["url"], bool(value["seen"]))


def _rule(id: str, value: Mapping[str, Any], known: Mapping[str, Authority]) -> Rule:
    words = value.get("words", {})
    return Rule(
        id=id,
        severity=value["severity"],
        profile=value["profile"],
        authority=tuple(known[name] for name in value["authority"]),
        why=value["why"],
        say=value["say"],
        fix=value["fix"],
        words={language: tuple(map(_pattern, patterns)) for language, patterns in words.items()},
        once=value.get("once", False),
        quote=value.get("quote", "sentence"),
    )


def _pattern(value: Mapping[str, Any]) -> Pattern:
    unless, whole = value.get("unless"), value.get("unless_clause")
    return Pattern(
        find=regex(value["find"]),
        unless=None if unless is None else regex(unless),
        unless_clause=None if whole is None else regex(whole),
        among=value.get("in", ""),
        more={key: value[key] for key in ("lack", "what", "kind") if key in value},
        needs=regex(value["needs"]) if "needs" in value else None,
    )


def regex(pattern: str) -> re.Pattern[str]:
    """Return a pattern that ignores case."""
    return re.compile(pattern, re.IGNORECASE)


def unfilled(text: str) -> str:
    """Return a rule's message with dots where it is filled in."""
    if re.fullmatch(r"\{[a-z]+\}", text):
        return "(this depends on the case)"
    return re.sub(r"(?<!\{)\{[a-z]+\}(?!\})", "…", text).replace("{{", "{").replace("}}", "}")


@lru_cache
def countries() -> Countries:
    """Return the lists in the law."""
    data = _read("countries.yaml")
    return Countries(
        review_by=data["review_by"],
        eea=frozenset(data["eea"]),
        adequate=frozenset(data["adequate"]),
        languages={country: tuple(known) for country, known in data["languages"].items()},
        child_age=data["child_age"],
        keep={
            id: Law(law["country"], law["years"], law["what"], law["from"])
            for id, law in data["keep"].items()
        },
    )


@lru_cache
def vendors() -> tuple[str, ...]:
    """Return the names of companies that many sites use, longest first."""
    names = (files("publisher") / "data/law/vendors.txt").read_text(encoding="utf-8").split("\n")
    return tuple(sorted(filter(None, names), key=len, reverse=True))


@lru_cache
def word(name: str, language: str) -> re.Pattern[str] | None:
    """Return the pattern with a name, ``bases.consent``; None in other languages."""
    value: Any = _words()
    for part in name.split("."):
        value = value[part]
    return regex(value[language]) if language in value else None


@lru_cache
def kinds(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the kinds of companies that are controllers: their names, and why."""
    return tuple(
        (regex(kind["words"][language]), kind["kind"])
        for kind in _words()["kinds"]
        if language in kind["words"]
    )


@lru_cache
def claim(name: str, language: str) -> Pattern | None:
    """Return how a text makes a claim; None in languages that the catalogue does not have."""
    value = _words()["claims"][name]
    return _pattern(value[language]) if language in value else None


def matches(pattern: re.Pattern[str] | None, texts: Iterable[str]) -> bool:
    """Return whether a pattern occurs in one of some texts."""
    return pattern is not None and any(pattern.search(text) for text in texts)


@lru_cache
def _words() -> Any:
    return _read("words.yaml")


def _read(name: str) -> Any:
    return packaged_yaml(f"law/{name}")
