"""What `check` found → SARIF, Markdown, a table for counsel; a rule explained; and links."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from publisher import __version__
from publisher.checks.catalogue import Rule, catalogue, unfilled
from publisher.cli.json import print_json, text
from publisher.cli.terminal import PLURALS, console, line, plain
from publisher.errors import AskedWrongly, UnknownName
from publisher.files.format import (
    CSV,
    DOCX,
    JSON,
    MARKDOWN,
    SARIF,
    csv_bytes,
    endings,
    output_format,
)
from publisher.files.output import file_in, write_document

if TYPE_CHECKING:
    from publisher.build.check import CheckReport
    from publisher.checks.links import OutsideLink
    from publisher.problem import Problem

_LEVELS = {"error": "error", "warning": "warning", "note": "note", "question": "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ACCEPT = """\
- remark: {id}
  of: 00000000        # the eight digits at the end of the remark
  because: …
  by: …
  until: 2027-11-26   # optional"""
_HEADER = ("Severity", "Where", "Remark", "What to do", "Authority", "Rule", "Decision")
_WIDTHS = (8, 17, 28, 22, 17, 11, 12)

APART = (
    "of other brands, only names, domains and contacts were looked for, as committed; run "
    "`publisher check` to judge all brands together"
)


def as_of() -> str:
    """Return the day of the catalogue of law, and that this is not legal advice."""
    known = catalogue()
    return (
        f"law as of {known.reviewed} (catalogue {known.version.partition(' ')[0]}); no legal advice"
    )


# --- one rule ------------------------------------------------------------------------------------


def explain(id: str, *, json: bool) -> None:
    """Print why a rule exists; raises `UnknownName`."""
    rules = [rule for rule in catalogue().rules.values() if rule.id.partition(" ")[0] == id]
    if not rules:
        known = (id for id in catalogue().rules if " " not in id)
        raise UnknownName("rule", id, known)
    if json:
        from publisher.cli.policies_json import OUTPUTS

        print_json(OUTPUTS["check-explain"], [_explained(rule) for rule in rules])
        return
    out = console()  # which breaks lines between words
    out.print(plain(f"{id}: {rules[0].why}"))
    for rule in rules:
        out.print()
        out.print(plain(f"It says ({rule.severity}): {unfilled(rule.say)}"))
        out.print(plain(f"How to fix it: {unfilled(rule.fix)}"))
    line("\nAuthority:")
    for authority in dict.fromkeys(authority for rule in rules for authority in rule.authority):
        doubt = "" if authority.seen else " (cited from memory, to be confirmed)"
        line(f"  {authority.cite}{doubt}: {authority.url}")
    line("\nHow to accept it:")
    if rules[0].severity == "error":
        line("  An error cannot be accepted: correct the text or the fact. If a clause was read")
        line("  wrongly, say in its front matter what it claims: `asserts: []` for nothing.")
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


FORMATS = endings(JSON, SARIF, MARKDOWN, CSV, DOCX)


def chosen_format(name: str | None, output: str | None) -> str:
    """Return the format that is meant; raises `UnknownName`, `AskedWrongly`."""
    format = output_format(name, output, FORMATS)
    if format == DOCX.name and output in (None, "-"):
        raise AskedWrongly("a Word document goes into a file; name one with --output")
    return format


def report(
    root: Path, checked: CheckReport, format: str, output: str | None, now: datetime
) -> None:
    """Print problems in a format other than text, or write them to a file.

    Raises `AskedWrongly` for a place among the company's own files, and `CannotWrite`.
    """
    data = _document(checked, format, now)
    if output in (None, "-"):
        line(data.decode("utf-8-sig").removesuffix("\n"))
        return
    path = file_in(root, output, f"remarks.{FORMATS[format]}")
    write_document(path, data)
    line(str(path))


def _document(checked: CheckReport, format: str, now: datetime) -> bytes:
    match format:
        case "json":
            from publisher.cli.policies_json import OUTPUTS

            return _bytes(text(OUTPUTS["check"], checked.problems))
        case "sarif":
            return _bytes(text(dict[str, Any], _sarif(checked)))
        case "markdown":
            return _bytes("\n".join(_markdown(checked)))
        case "csv":
            return csv_bytes(_rows(checked))
        case _:
            from publisher.render.word.sheet import sheet

            return sheet("Remarks on the policies", _rows(checked), _WIDTHS, as_of(), now)


def _markdown(checked: CheckReport) -> Iterator[str]:
    """Yield problems as lines of Markdown: a list per severity, for a comment on a change."""
    from publisher.redline.views.inert import inert

    for severity, plural in PLURALS.items():
        these = [problem for problem in checked.problems if problem.severity == severity]
        if these:
            yield f"## {plural.capitalize()} ({len(these)})\n"
        for problem in these:
            where, _, what = str(problem).partition(": ")
            yield f"- `{where}`: {inert(what)}"
        if these:
            yield ""
    if not checked.problems:
        yield "No problems.\n"
    if checked.accepted:
        yield f"{checked.accepted} accepted.\n"
    if checked.apart:
        yield f"{APART.capitalize()}.\n"
    yield f"_{as_of()}_"


def _sarif(checked: CheckReport) -> dict[str, Any]:
    """Return problems as SARIF 2.1.0, which code hosts show beside the lines."""
    rules = dict.fromkeys(problem.rule for problem in checked.problems)
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
        "results": [_result(problem, places) for problem in checked.problems],
        "properties": {"law": as_of(), "accepted": checked.accepted},
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


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


def _bytes(lines: str) -> bytes:
    return f"{lines}\n".encode(errors="backslashreplace")  # names of files may be no Unicode


def _rows(checked: CheckReport) -> list[tuple[str, ...]]:
    """Return problems as the rows of a table for counsel, to be filled in; questions stay out."""
    ranked = (
        problem
        for severity in ("error", "warning", "note")
        for problem in checked.problems
        if problem.severity == severity
    )
    return [_HEADER, *map(_row, ranked)]


def _row(problem: Problem) -> tuple[str, ...]:
    grounds = problem.grounds
    places = grounds.places if grounds is not None else ((problem.path, problem.line),)
    where = "\n".join(path if number is None else f"{path}:{number}" for path, number in places)
    authority = "\n".join(map(str, grounds.authority)) if grounds is not None else ""
    rule = f"{problem.rule}\n{grounds.fingerprint}" if grounds is not None else problem.rule
    decision = grounds.accepted if grounds is not None else ""
    return (problem.severity, where, problem.message, problem.fix, authority, rule, decision)


def links(outside: Iterable[OutsideLink], *, json: bool) -> None:
    """Print where links lead, each target with all places that have it."""
    by_target: dict[str, list[OutsideLink]] = {}
    for link in outside:
        by_target.setdefault(link.target, []).append(link)
    if json:
        targets = [{"target": target, "places": by_target[target]} for target in sorted(by_target)]
        from publisher.cli.policies_json import OUTPUTS

        print_json(OUTPUTS["check-links"], targets)
        return
    for target in sorted(by_target):
        line(target)
        for link in by_target[target]:
            line(f"  {link.path}:{link.line} ({link.brand}, {link.locale})")
