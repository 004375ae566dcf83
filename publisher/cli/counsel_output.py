"""Remarks on what policies say, as counsel gets them: a Word table or CSV, to be filled in."""

from __future__ import annotations

import csv
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.cli.remarks_output import as_of
from publisher.cli.terminal import line
from publisher.errors import AskedWrongly, LibraryMissing
from publisher.files.output import write_document

if TYPE_CHECKING:
    from publisher.build.check import CheckReport
    from publisher.problem import Problem

_HEADER = ("Severity", "Where", "Remark", "What to do", "Authority", "Rule", "Decision")
_WIDTHS = (8, 17, 28, 22, 17, 11, 12)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def export(report: CheckReport, format: str, output: Path | None, now: datetime) -> None:
    """Write remarks for counsel to a file, CSV also to standard output.

    Raises `AskedWrongly`, `CannotWrite`, `LibraryMissing`.
    """
    ranked = [
        problem
        for severity in ("error", "warning", "note")
        for problem in report.problems
        if problem.severity == severity
    ]
    rows = [_HEADER, *map(_row, ranked)]
    if format == "csv":
        data = _csv(rows)
    elif output is None:
        raise AskedWrongly("a Word document goes into a file; name one with --output")
    else:
        data = _word(rows, now)
    if output is None:
        line(data.decode("utf-8-sig").rstrip("\n"))
        return
    write_document(output, data)
    line(str(output))


def _row(problem: Problem) -> tuple[str, ...]:
    grounds = problem.grounds
    places = grounds.places if grounds is not None else ((problem.path, problem.line),)
    where = "\n".join(path if number is None else f"{path}:{number}" for path, number in places)
    authority = "\n".join(map(str, grounds.authority)) if grounds is not None else ""
    rule = f"{problem.rule}\n{grounds.fingerprint}" if grounds is not None else problem.rule
    decision = grounds.accepted if grounds is not None else ""
    return (problem.severity, where, problem.message, problem.fix, authority, rule, decision)


def _csv(rows: list[tuple[str, ...]]) -> bytes:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in rows:
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")


def _word(rows: list[tuple[str, ...]], now: datetime) -> bytes:
    try:
        from publisher.redline.word.sheet import sheet
    except ModuleNotFoundError as missing:
        reason = f"there is no module '{missing.name}'"
        fix = "install policy-publisher[word], which brings it along"
        raise LibraryMissing("python-docx", reason, fix) from missing
    return sheet("Remarks on the policies", rows, _WIDTHS, as_of(), now)
