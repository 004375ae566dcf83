"""Remarks on what policies say → SARIF, Markdown, an explanation; and the links of policies."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from publisher import __version__
from publisher.checks.catalogue import Rule, catalogue, unfilled
from publisher.cli.json import print_json
from publisher.cli.policies_json import OUTPUTS
from publisher.cli.terminal import PLURALS, line
from publisher.errors import UnknownName
from publisher.redline.views.inert import inert

if TYPE_CHECKING:
    from publisher.build.check import CheckReport
    from publisher.checks.links import OutsideLink
    from publisher.problem import Problem

_LEVELS = {"error": "error", "warning": "warning", "note": "note", "question": "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ACCEPT = """\
- remark: {id}
  of: 00000000        # the eight digits behind the remark
  because: …
  by: …
  until: 2027-11-26   # optional"""


def as_of() -> str:
    """Return as of which day the law is, and that nobody gives advice here."""
    known = catalogue()
    return (
        f"law as of {known.reviewed} (catalogue {known.version.partition(' ')[0]}); no legal advice"
    )


# --- one rule ------------------------------------------------------------------------------------


def explain(id: str, *, json: bool) -> None:
    """Print why a rule is there; raises `UnknownName`."""
    rules = [rule for rule in catalogue().rules.values() if rule.id.partition(" ")[0] == id]
    if not rules:
        known = (id for id in catalogue().rules if " " not in id)
        raise UnknownName("rule", id, known)
    if json:
        print_json(OUTPUTS["check-explain"], [_explained(rule) for rule in rules])
        return
    line(f"{id}: {rules[0].why}")
    for rule in rules:
        line(f"\nIt says ({rule.severity}): {unfilled(rule.say)}")
        line(f"How to fix it: {unfilled(rule.fix)}")
    line("\nAuthority:")
    for authority in dict.fromkeys(authority for rule in rules for authority in rule.authority):
        doubt = "" if authority.seen else " (cited from memory, to be confirmed)"
        line(f"  {authority.cite}{doubt}: {authority.url}")
    line("\nHow to accept it:")
    if rules[0].severity == "error":
        line("  An error cannot be accepted: correct the text or the fact.")
    else:
        line("  Write in shared/accepted.yaml:")
        for row in _ACCEPT.format(id=id).split("\n"):
            line(f"  {row}")
    line(f"\n{as_of()}")


def _explained(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.id.partition(" ")[0],
        "severity": rule.severity,
        "why": rule.why,
        "message": unfilled(rule.say),
        "fix": unfilled(rule.fix),
        "authority": rule.authority,
        "acceptable": rule.severity != "error",
        "catalogue": catalogue().version,
    }


# --- all remarks ---------------------------------------------------------------------------------


def markdown(report: CheckReport) -> None:
    """Print problems as Markdown: a list per severity, for a comment on a change."""
    for severity, plural in PLURALS.items():
        these = [problem for problem in report.problems if problem.severity == severity]
        if these:
            line(f"## {plural.capitalize()} ({len(these)})\n")
        for problem in these:
            where, _, what = str(problem).partition(": ")
            line(f"- `{where}`: {inert(what)}")
        if these:
            line("")
    if not report.problems:
        line("No problems.\n")
    if report.accepted:
        line(f"{report.accepted} accepted.\n")
    line(f"_{as_of()}_")


def sarif(report: CheckReport) -> None:
    """Print problems as SARIF 2.1.0, which code hosts show beside the lines."""
    rules = dict.fromkeys(problem.rule for problem in report.problems)
    places = {id: at for at, id in enumerate(rules)}
    driver = {
        "name": "publisher",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_sarif_rule(id) for id in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, places) for problem in report.problems],
        "properties": {"law": as_of(), "accepted": report.accepted},
    }
    print_json(dict[str, Any], {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _sarif_rule(id: str) -> dict[str, Any]:
    rule = catalogue().rules.get(id)
    if rule is None:
        return {"id": id}
    cited = "; ".join(map(str, rule.authority))
    return {
        "id": id,
        "shortDescription": {"text": rule.why},
        "help": {"text": f"{unfilled(rule.fix)} ({cited})"},
        "helpUri": rule.authority[0].url,
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(problem: Problem, places: Mapping[str, int]) -> dict[str, Any]:
    grounds = problem.grounds
    spots = grounds.places if grounds is not None else ((problem.path, problem.line),)
    parts = "\0".join((problem.rule, problem.path, problem.message))
    mark = grounds.fingerprint if grounds else hashlib.sha256(parts.encode()).hexdigest()[:8]
    return {
        "ruleId": problem.rule,
        "ruleIndex": places[problem.rule],
        "level": _LEVELS[problem.severity],
        "message": {"text": str(problem).partition(": ")[2] or problem.message},
        "locations": [_location(path, number) for path, number in spots],
        "partialFingerprints": {"publisher/1": mark},
    }


def _location(path: str, number: int | None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(path)}}
    if number is not None:
        physical["region"] = {"startLine": max(number, 1)}
    return {"physicalLocation": physical}


def links(outside: Iterable[OutsideLink], *, json: bool) -> None:
    """Print where links lead, each target with all places that have it."""
    by_target: dict[str, list[OutsideLink]] = {}
    for link in outside:
        by_target.setdefault(link.target, []).append(link)
    if json:
        told = [{"target": target, "places": by_target[target]} for target in sorted(by_target)]
        print_json(OUTPUTS["check-links"], told)
        return
    for target in sorted(by_target):
        line(target)
        for link in by_target[target]:
            line(f"  {link.path}:{link.line} ({link.brand}, {link.locale})")
