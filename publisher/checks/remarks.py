"""Remarks on policies: made by rules, merged over brands, and turned into problems."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from publisher.checks.catalogue import Catalogue, Rule, catalogue
from publisher.checks.sentences import Sentence
from publisher.checks.subject import Spot, Subject
from publisher.errors import did_you_mean
from publisher.problem import Grounds, Problem
from publisher.workspace.facts import Acceptance, Accepted
from publisher.workspace.parsed import Parsed

LONGEST = 90
"""The most characters of a sentence that are quoted."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark by a rule: `values` fill its message, `about` is the sentence or entry.

    `brands` share it. `clause` is the id of its clause, `also` has those of further clauses, and
    `places` their places.
    """

    rule: str
    spot: Spot
    about: str
    values: tuple[tuple[str, str], ...]
    brands: tuple[str, ...]
    clause: str = ""
    also: tuple[str, ...] = ()
    places: tuple[Spot, ...] = ()


def remark(rule: str, subject: Subject, spot: Spot, about: str = "", **values: str) -> Remark:
    """Return a remark on a brand; `about` is the entry, or nothing if something is missing."""
    return Remark(rule, spot, about, tuple(values.items()), (subject.id,))


def on_sentence(
    rule: str, subject: Subject, sentence: Sentence, at: int = 0, **values: str
) -> Remark:
    """Return a remark on a sentence, at the character where its fault is."""
    values = {"quote": shortened(sentence.text), **values}
    one = remark(rule, subject, sentence.place(at), sentence.text, **values)
    return replace(one, clause=sentence.clause.id)


def shortened(text: str) -> str:
    """Return the beginning of a text."""
    return textwrap.shorten(text, LONGEST, placeholder=" …")


def once(remarks: Sequence[Remark]) -> tuple[Remark, ...]:
    """Return one remark for several of one rule: the first, which names the others' clauses."""
    if not remarks:
        return ()
    first, *others = remarks
    also = dict.fromkeys(other.clause for other in others if other.clause != first.clause)
    return (replace(first, also=tuple(also), places=tuple(other.spot for other in others)),)


def merged(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """Return remarks; those that differ only in the brand become one."""
    by_key: dict[tuple[object, ...], list[Remark]] = {}
    for one in remarks:
        by_key.setdefault((one.rule, one.spot, one.about, one.values), []).append(one)
    return tuple(
        replace(
            alike[0],
            brands=tuple(dict.fromkeys(brand for one in alike for brand in one.brands)),
            also=tuple(dict.fromkeys(clause for one in alike for clause in one.also)),
            places=tuple(dict.fromkeys(place for one in alike for place in one.places)),
        )
        for alike in by_key.values()
    )


def fingerprint(one: Remark) -> str:
    """Return eight digits that stay the same while the rule, file, and sentence or entry do."""
    parts = "\0".join((one.rule, one.spot[0], " ".join(one.about.split())))
    return hashlib.sha256(parts.encode()).hexdigest()[:8]


def problem(one: Remark, names: Mapping[str, str]) -> Problem:
    """Return a remark as a problem; `names` has the names of the brands."""
    known = catalogue()
    rule = known.rules[one.rule]
    brands = [names[id] for id in one.brands]
    values = {**dict(one.values), "brand": joined(brands) if brands else ""}
    text = rule.say.format(**values) + _also(one.also)
    return Problem(
        rule.severity,
        rule.id.partition(" ")[0],
        *one.spot,
        text,
        rule.fix.format(**values),
        grounds=_grounds(one, rule, known),
    )


def _grounds(one: Remark, rule: Rule, known: Catalogue) -> Grounds:
    places = tuple(dict.fromkeys((one.spot, *one.places)))
    return Grounds(rule.authority, fingerprint(one), places, one.brands, known.version)


def _also(clauses: tuple[str, ...]) -> str:
    if not clauses:
        return ""
    verb, noun = ("does", "clause") if len(clauses) == 1 else ("do", "clauses")
    return f"; so {verb} the {noun} {joined(clauses)}"


def joined(names: Collection[str]) -> str:
    """Return names as a sentence has them: ``a, b and c``."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def settled(
    problems: Iterable[Problem], accepted: Parsed[Accepted], today: date
) -> tuple[tuple[Problem, ...], int]:
    """Return the remarks that nobody accepts, and how many are accepted.

    Errors cannot be accepted. The remark of an expired acceptance comes back.
    """
    entries = {(entry.remark, entry.of): entry for entry in _entries(accepted)}
    left: list[Problem] = []
    count = 0
    for one in problems:
        entry = entries.get(key_of(one))
        if entry is None or one.severity == "error":
            left.append(one)
        elif entry.until is not None and entry.until < today and one.grounds is not None:
            note = f"accepted by {entry.by} until {entry.until}: {entry.because}"
            left.append(replace(one, grounds=replace(one.grounds, accepted=note)))
        else:
            count += 1
    return tuple(left), count


def key_of(problem: Problem) -> tuple[str, str]:
    """Return the rule and the fingerprint of a remark."""
    return problem.rule, problem.grounds.fingerprint if problem.grounds is not None else ""


def _entries(accepted: Parsed[Accepted]) -> tuple[Acceptance, ...]:
    return () if accepted.value is None else accepted.value.root


def idle(accepted: Parsed[Accepted], problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield a remark on each acceptance that accepts none of all remarks of a workspace."""
    met = {key_of(problem): problem.severity for problem in problems}
    for at, entry in enumerate(_entries(accepted)):
        severity = met.get((entry.remark, entry.of))
        if severity in ("warning", "note"):
            continue
        spot = (accepted.path, accepted.line(at))
        values = (("lack", _lack(entry, error=severity == "error")),)
        yield problem(Remark("acceptance", spot, entry.of, values, ()), {})


def _lack(entry: Acceptance, *, error: bool) -> str:
    if entry.remark not in catalogue().rules:
        near = did_you_mean(entry.remark, catalogue().rules)
        hint = f" ({near})" if near else ""
        return f"accepts '{entry.remark}', but there is no rule of that name{hint}"
    if error:
        return f"accepts '{entry.remark} {entry.of}', which is an error and cannot be accepted"
    return f"accepts '{entry.remark} {entry.of}', but there is no such remark"
