"""What became of the archive → the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from publisher.archive.entries import (
    Absence,
    Endorse,
    Entry,
    Import,
    Reconstruct,
    Redact,
    Release,
    Reschedule,
    Retire,
    Timestamp,
    entry_bytes,
    sha256,
)
from publisher.archive.moments import day_in, day_or_clock, takes_effect
from publisher.cli.diff_output import differences
from publisher.cli.proofs_output import entries_said, lines
from publisher.cli.terminal import (
    clauses_said,
    console,
    counted,
    failure,
    plain,
    print_problems,
    print_rows,
)
from publisher.errors import CommitFailed, TagFailed

if TYPE_CHECKING:
    from publisher.archive.release.append import AppendResult
    from publisher.archive.release.release import Outcome
    from publisher.archive.verify.verify import Verified


def release(outcomes: Iterable[Outcome]) -> None:
    """Print what became of each brand; what was refused goes to standard error."""
    outcomes = tuple(outcomes)
    for outcome in outcomes:
        print_problems(outcome.problems, console(stderr=True))
        if outcome.appended is not None:
            appended(outcome.appended)
            if not outcome.appended.paths:
                differences(outcome.differences, full=False, summary=False)
            if outcome.back:
                line = f"  retired before, in force again: {', '.join(outcome.back)}"
                console().print(f"[yellow]{line}[/]")
        elif isinstance(outcome.fault, CommitFailed | TagFailed):
            failure(str(outcome.fault))
        elif outcome.problems:
            failure(f"{outcome.brand} was not released: {_unready(outcome)}. Nothing was written")
        else:
            failure(f"{outcome.brand} was not released: {outcome.fault}")
    refused = [each.brand for each in outcomes if each.appended is None]
    done = [each.brand for each in outcomes if each.appended is not None]
    if done and refused:
        failure(f"released: {', '.join(done)}; not released: {', '.join(refused)}")


def _unready(outcome: Outcome) -> str:
    if any(problem.severity == "error" for problem in outcome.problems):
        return "it has errors"
    return (
        "it is a draft with open questions; write the confirmed values in their places, "
        "commit, then release"
    )


def appended(done: AppendResult) -> None:
    """Print an entry, and where it went."""
    entry = done.entry
    title, said = _told(entry, "is" if done.paths else "would be")
    rows = {**said, "signed by": entry.signer, "not signed": entry.unsigned, "tag": done.tag}
    if done.paths:
        where = f"git push origin HEAD {done.tag or ''}".rstrip()
        add = f"git add --force versions/{entry.brand} && git commit"
        rows |= {
            "entry": f"versions/{entry.brand}/ledger/{entry.name}",
            "sha256": sha256(entry_bytes(entry)),
            "commit": done.commit[:10] if done.commit else None,
            "now": where if done.commit else f"{add} (in a branch, for a pull request)",
        }
    console().print(f"[bold]{title}")
    print_rows({name: value for name, value in rows.items() if value})


def _told(entry: Entry, verb: str) -> tuple[str, dict[str, str | None]]:
    """Return what an entry did, and its particulars by their names."""
    match entry:
        case Release():
            return f"{entry.brand} {entry.version}[/] {verb} released", _released(entry, verb)
        case Reschedule():
            return f"{entry.brand} {entry.version}[/] {verb} rescheduled", {
                "in force from": f"{_from(entry, entry.in_force_from, verb)}, not "
                f"{entry.instead_of}",
                "reason": entry.reason,
                "documents": f"say {entry.instead_of} still, as they were issued",
            }
        case Retire():
            return f"{entry.brand}[/] {verb} retired from {_from(entry, entry.on, verb)}", {
                "locale": entry.locale or "all",
                "reason": entry.reason,
            }
        case Import():
            return f"{entry.brand} {entry.version}[/] {verb} imported", _imported(entry)
        case Reconstruct():
            return f"{entry.brand} {entry.version}[/] {verb} reconstructed", {
                "from commit": entry.source[:10],
                "locales": ", ".join(entry.locales),
            }
        case Absence():
            return f"{entry.brand}[/] {verb} recorded as absent from {entry.on}", {
                "from commit": entry.source[:10],
                "locales": ", ".join(entry.locales),
            }
        case Timestamp():
            return f"{entry.brand}, entry {entry.entry},[/] {verb} time-stamped", {
                "time": entry.time.isoformat(),
                "authority": entry.authority,
            }
        case Endorse():
            numbers = [endorsed.entry for endorsed in entry.entries]
            verb = "are" if verb == "is" and len(numbers) > 1 else verb
            title = f"{entry.brand}, {entries_said(numbers)},[/] {verb} endorsed"
            return title, {"reason": entry.reason}
        case Redact():
            return f"{entry.brand} {entry.version}, {entry.file},[/] {verb} redacted", {
                "reason": entry.reason,
                "authority": entry.authority,
                "its sha256": entry.digest,
                "others": "the version's other files may have the same words: redact them, too, if "
                "they must go",
                "git": "its history has the bytes still: docs/redact.md says how to purge them",
            }


def _from(entry: Release | Reschedule | Retire, day: date, verb: str) -> str:
    """Return from when an entry takes effect: with a day, or within that on which it is made."""
    if verb != "is" and day == day_in(entry.recorded_at, entry.timezone):
        return f"{day}, at once"
    moment = takes_effect(day, entry.recorded_at, entry.timezone)
    return day_or_clock(day, moment, entry.timezone)


def _imported(entry: Import) -> dict[str, str | None]:
    return {
        "asserted": f"in force from {entry.claimed_date or 'an unknown date'}",
        "source": entry.provenance,
        "locale": entry.locale,
        "files": ", ".join(each.name for each in entry.files.values()),
        "text": None if entry.words else "none could be extracted",
        "corrects": entry.corrects,
    }


def _released(entry: Release, verb: str) -> dict[str, str | None]:
    locales = (f"{name} (last updated {said.last_updated})" for name, said in entry.locales.items())
    return {
        "in force from": _from(entry, entry.in_force_from, verb),
        "change": entry.change + (f" ({entry.reason})" if entry.reason else ""),
        "locales": ", ".join(locales),
        **{f"clauses {name}": clauses_said(each) for name, each in entry.changes.items()},
        "summary": entry.summary,
        "approved by": ", ".join(entry.approvals),
        "short notice": entry.short_notice,
        "source": entry.source[:10],
    }


def verify(verified: Verified) -> None:
    """Print what is wrong, and what is worth knowing."""
    out = console()
    for finding in verified.findings:
        out.print(f"[bold red]{plain(finding.path)}[/]: {plain(finding.message)}")
    for text in verified.newer:
        out.print(f"[bold yellow]{plain(text)}[/]")
    for note in (*verified.notes, *verified.answers):
        out.print(f"[dim]note:[/] {plain(note)}")
    for proven in (text for each in verified.proofs for text in lines(each)):
        out.print(plain(proven), soft_wrap=True)
    counts = f"{counted(verified.versions, 'version')} and {counted(verified.entries, 'entry')}"
    brands = counted(len(verified.brands), "brand")
    if verified.findings:
        fix = ": restore what was altered from git or from another clone"
        failure(
            f"{counts} of {brands}: {counted(len(verified.findings), 'finding')}; nothing was "
            f"repaired{fix if len(verified.findings) > len(verified.forked) else ''}"
        )
        return
    if verified.newer:
        failure(
            f"{counts} of {brands}: nothing is wrong as far as this publisher can read it. Update "
            "publisher, then verify again"
        )
        return
    out.print(f"[green]{counts} of {brands}: as released[/]")
    for brand, head in verified.heads.items():
        out.print(f"[dim]{brand}: newest entry[/] {head}", soft_wrap=True)
