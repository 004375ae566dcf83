"""Changes of the archive → the terminal."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.archive.entries import (
    Absence,
    Capture,
    Clock,
    Endorse,
    Entry,
    Import,
    Notified,
    Reconstruct,
    Redact,
    Release,
    Reschedule,
    Retire,
    Timestamp,
    entry_bytes,
    sha256,
)
from publisher.archive.fork import listed
from publisher.archive.moments import day_in, day_or_clock, takes_effect
from publisher.cli.diff_output import difference, differences
from publisher.cli.proofs_output import UNCHECKED, lines, numbered_entries
from publisher.cli.terminal import (
    clause_changes,
    console,
    counted,
    failure,
    plain,
    print_line,
    print_problems,
    print_rows,
    quoted,
)
from publisher.errors import CommitFailed, Refused, TagFailed
from publisher.repository.writing import committing

if TYPE_CHECKING:
    from rich.console import Console

    from publisher.archive.release.append import AppendResult
    from publisher.archive.release.release import Outcome
    from publisher.archive.release.timestamp import Queried, Stamped
    from publisher.archive.verify.verify import Verified


def release(root: Path, outcomes: Iterable[Outcome], shown: Collection[Outcome] = ()) -> None:
    """Print the result for each brand; refusals go to standard error.

    Those that were `shown` before are named in the last line only.
    """
    outcomes = tuple(outcomes)
    for outcome in outcomes:
        if outcome not in shown:
            _outcome(root, outcome)
    refused = [outcome for outcome in outcomes if outcome.appended is None]
    released = [outcome.brand for outcome in outcomes if outcome.appended is not None]
    if released and refused:
        named = ", ".join(f"{outcome.brand}{_in_brackets(outcome)}" for outcome in refused)
        failure(f"released: {', '.join(released)}; not released: {named}")


def _outcome(root: Path, outcome: Outcome) -> None:
    problems = [problem for problem in outcome.problems if problem.severity != "question"]
    print_problems(problems, console(stderr=True))
    if outcome.appended is None:
        _refusal(outcome)
        return
    appended(outcome.appended)
    if not outcome.appended.paths:
        differences(outcome.differences, full=False, summary=False)
    elif isinstance(outcome.appended.entry, Release):
        print_rows(_from_now_on(root, outcome.appended.entry))
    _locales(outcome, console())


def _locales(outcome: Outcome, out: Console) -> None:
    """Print which locales come back, and which are left out."""
    if outcome.back:
        line = f"  retired before, in force again: {', '.join(outcome.back)}"
        out.print(f"[yellow]{line}[/]")
    if outcome.proposed:
        out.print(f"  skipped, as they are only proposed: {', '.join(outcome.proposed)}")


def _refusal(outcome: Outcome) -> None:
    """Print why a brand was not released."""
    if isinstance(outcome.fault, CommitFailed | TagFailed):
        failure(str(outcome.fault))
    elif outcome.problems:
        failure(f"{outcome.brand} was not released: {_unready(outcome)}. Nothing was written")
    else:
        failure(f"{outcome.brand} was not released: {outcome.fault}")


def _unready(outcome: Outcome) -> str:
    if any(problem.severity == "error" for problem in outcome.problems):
        return "it has errors. Fix them and commit, then release"
    return (
        f"it is a draft{_in_brackets(outcome)}. `publisher check {outcome.brand}` lists the "
        "questions; write the confirmed values in their places and commit, then release"
    )


def _in_brackets(outcome: Outcome) -> str:
    """Return how many open questions stop a brand, if any do."""
    questions = sum(problem.severity == "question" for problem in outcome.problems)
    return f" ({counted(questions, 'open question')})" if questions else ""


def _from_now_on(root: Path, entry: Release) -> dict[str, str]:
    """Return what people have to do after a release: publish, and tell customers."""
    from publisher.repository.source import FolderSource
    from publisher.workspace import load

    brand = load(FolderSource(root), (entry.brand,)).brands[entry.brand].value
    folder = f"versions/{entry.brand}/{entry.version}"
    files = ", ".join(f"{folder}/{locale}/policy.html and .pdf" for locale in entry.locales)
    where = f" on {brand.domain}" if brand is not None else ""
    named = {"businesses": "business customers"}
    kinds = listed(named.get(kind, kind) for kind in brand.audience) if brand else "your readers"
    short = entry.change != "material" or entry.short_notice is not None
    days = 0 if brand is None or short else brand.notice_days or 0
    whom = f"{kinds}, by {entry.in_force_from - timedelta(days=days)}"
    if entry.change == "material":
        whom += f": `publisher notices prepare {entry.brand} {entry.version}`"
    return {
        "publish": f"{files}{where}, from {entry.in_force_from}",
        "tell": "nobody: the change is editorial" if entry.change == "editorial" else whom,
        "approved by": ", ".join(entry.approvals) or "nobody named: --approved-by NAME records who",
    }


# --- asked before it is done ---------------------------------------------------------------------

_FOR_EVER = (
    "A released version stays for ever: no command can change, withdraw or delete it. Only another "
    "version corrects a mistake."
)


def agreed(preview: Iterable[Outcome]) -> tuple[str, ...]:
    """Show on a terminal what would be released, and ask; return the brands if the answer is yes.

    For what would be refused, there is no question.
    """
    from typer import confirm

    out, ready = console(stderr=True), []
    for outcome in preview:
        result = outcome.appended
        entry = result.entry if result is not None else None
        print_problems([p for p in outcome.problems if p.severity != "question"], out)
        if result is None or not isinstance(entry, Release):
            _refusal(outcome)
            continue
        ready.append(outcome.brand)
        out.print(f"[bold]{entry.brand} {entry.version}[/] would be released")
        rows = {**_released(entry, "would be"), "not signed": _unsigned(entry)}
        print_rows(_present(rows), stderr=True)
        _notes(result, stderr=True)
        for pair in outcome.differences:
            difference(pair, out, summary=True)
        _locales(outcome, out)
    if not ready:
        return ()
    out.print(_FOR_EVER)
    if confirm(f"Release {', '.join(ready)}?", err=True):
        return tuple(ready)
    failure("nothing was released, and nothing was written")
    return ()


def refuse_changed(root: Path, preview: Iterable[Outcome], now: datetime) -> None:
    """Raise `Refused` if the release would differ from the one that was shown."""
    from publisher.repository.reading import Repository

    entries = [outcome.appended.entry for outcome in preview if outcome.appended is not None]
    repository = Repository.find(root) if entries else None
    if repository is None:
        return
    with repository:
        head = repository.head()
    for entry in entries:
        if isinstance(entry, Release) and (
            entry.source != head or entry.published != day_in(now, entry.timezone)
        ):
            raise Refused(
                "HEAD, or the day, has changed since you were asked; run the command again"
            )


def _present(rows: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in rows.items() if value}


# --- entries -------------------------------------------------------------------------------------


def appended(result: AppendResult) -> None:
    """Print an entry, and where it is."""
    entry = result.entry
    title, particulars = _summary(entry, "is" if result.paths else "would be")
    rows = {
        **particulars,
        "signed by": entry.signer,
        "not signed": entry.unsigned or _unsigned(entry),
        "tag": result.tag,
    }
    if result.paths:
        where = f"git push origin HEAD {result.tag or ''}".rstrip()
        root = next(path for path in result.paths if path.name == entry.name).parents[3]
        add = committing(root, f"versions/{entry.brand}")
        rows |= {
            "entry": f"versions/{entry.brand}/ledger/{entry.name}",
            "sha256": sha256(entry_bytes(entry)),
            "commit": result.commit[:10] if result.commit else None,
            "now": where if result.commit else f"{add} (in a branch, for a pull request)",
        }
    console().print(f"[bold]{title}")
    print_rows(_present(rows))
    _notes(result)


def _notes(result: AppendResult, *, stderr: bool = False) -> None:
    for note in result.notes:
        console(stderr=stderr).print(f"[yellow]{plain(note)}[/]")


def _unsigned(entry: Entry) -> str | None:
    """Return a hint for a release without a key, which a later entry cannot sign."""
    unsigned = isinstance(entry, Release) and not entry.signer and not entry.unsigned
    return "--sign KEY says who releases it; nobody can sign it later" if unsigned else None


def _summary(entry: Entry, verb: str) -> tuple[str, dict[str, str | None]]:
    """Return a summary of an entry, and its details by their names."""
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
            what = f"{entry.brand} in {entry.locale}" if entry.locale else entry.brand
            return f"{what}[/] {verb} retired from {_from(entry, entry.on, verb)}", {
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
        case Capture():
            return f"{entry.brand}[/]: a page on the web {verb} recorded", {
                "page": entry.url,
                "shows": f"{entry.shown}: {entry.version} in {entry.locale}",
            }
        case Notified():
            return f"{entry.brand} {entry.version}[/]: its notice {verb} recorded", _notified(entry)
        case Endorse() | Clock():
            return _about_others(entry, verb), _clock(entry) | {"reason": entry.reason}
        case Redact():
            return f"{entry.brand} {entry.version}, {entry.file},[/] {verb} redacted", _redacted(
                entry
            )


def _notified(entry: Notified) -> dict[str, str | None]:
    return {
        "channel": entry.channel,
        "accepted": f"{entry.accepted} (accepted is not read)",
        "refused": str(entry.refused),
        "bounced": str(entry.bounced),
        "tells": f"in force from {entry.in_force_from}",
    }


def _about_others(entry: Endorse | Clock, verb: str) -> str:
    numbers = [other.entry for other in entry.entries]
    which = f"{entry.brand}, {numbered_entries(numbers)}"
    if isinstance(entry, Clock):
        return f"{which}:[/] the clock {verb} corrected"
    return f"{which},[/] {'are' if verb == 'is' and len(numbers) > 1 else verb} endorsed"


def _clock(entry: Endorse | Clock) -> dict[str, str | None]:
    """Return when each entry was really made; nothing for an endorsement."""
    if isinstance(entry, Endorse):
        return {}
    rows: dict[str, str | None] = {}
    for right in entry.entries:
        starts = f", in force from {right.takes_effect}" if right.takes_effect else ""
        rows[f"entry {right.entry}"] = f"made at {right.time.isoformat()}{starts}"
    if any(right.takes_effect for right in entry.entries):
        rows["documents"] = "have the wrong day; `publisher release` with --editorial issues others"
    return rows


def _redacted(entry: Redact) -> dict[str, str | None]:
    return {
        "reason": entry.reason,
        "authority": entry.authority,
        "its sha256": entry.digest,
        "others": "the version's other files may have the same words; redact them, too, if they "
        "must go",
        "git": "its history still has the bytes; docs/redact.md says how to purge them",
    }


def _from(entry: Release | Reschedule | Retire, day: date, verb: str) -> str:
    """Return when an entry takes effect: with a day, or at once within a day."""
    if verb != "is" and day == day_in(entry.recorded_at, entry.timezone):
        return f"{day}, at once"
    moment = takes_effect(day, entry.recorded_at, entry.timezone)
    return day_or_clock(day, moment, entry.timezone)


def _imported(entry: Import) -> dict[str, str | None]:
    return {
        "asserted": f"in force from {entry.claimed_date or 'an unknown date'}",
        "source": entry.provenance,
        "controller": entry.controller,
        "locale": entry.locale,
        "files": ", ".join(file.name for file in entry.files.values()),
        "text": None if entry.words else "none could be extracted",
        "corrects": entry.corrects,
    }


def _released(entry: Release, verb: str) -> dict[str, str | None]:
    locales = (
        f"{name} (last updated {words.last_updated})" for name, words in entry.locales.items()
    )
    return {
        "in force from": _from(entry, entry.in_force_from, verb),
        "change": entry.change + (f" ({entry.reason})" if entry.reason else ""),
        "locales": ", ".join(locales),
        **{f"clauses {name}": clause_changes(changes) for name, changes in entry.changes.items()},
        "summary": entry.summary,
        "approved by": ", ".join(entry.approvals) if verb != "is" else None,
        "short notice": entry.short_notice,
        "source": entry.source[:10],
    }


def verify(verified: Verified) -> None:
    """Print findings and notes."""
    out = console()
    if verified.unwitnessed:
        out.print(f"[bold yellow]warning:[/] {plain(verified.unwitnessed)}")
    for finding in verified.findings:
        print_line(f"[bold red]{plain(finding.path)}[/]: {plain(finding.message)}", out)
    for text in verified.newer:
        print_line(f"[bold yellow]{plain(text)}[/]", out)
    for note in (*verified.notes, *verified.answers):
        print_line(f"[dim]note:[/] {plain(note)}", out)
    for proven in (text for brand_proofs in verified.proofs for text in lines(brand_proofs)):
        out.print(plain(proven), soft_wrap=True)
    counts = f"{counted(verified.versions, 'version')} and {counted(verified.entries, 'entry')}"
    brands = counted(len(verified.brands), "brand")
    if verified.findings:
        unsettled = len(verified.forked) + len(verified.unverified)
        fix = ": restore what was altered from git or from another clone"
        failure(
            f"{counts} of {brands}: {counted(len(verified.findings), 'finding')}; nothing was "
            f"repaired{fix if len(verified.findings) > unsettled else ''}"
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


def queried(query: Queried, version: str | None) -> None:
    """Print what was written, and the commands that continue with it."""
    file = quoted(query.path)
    brand = " ".join(filter(None, (query.brand, version)))
    console().print(f"[bold]{query.brand}[/]: a query about {query.entry}")
    print_rows(
        {
            "sha256": query.digest,
            "file": str(query.path),
            "now": "curl -H 'Content-Type: application/timestamp-query' "
            f"--data-binary @{file} URL > reply.tsr",
            "then": f"publisher timestamp {brand} --tsa-reply reply.tsr",
        }
    )


def stamped(stamp: Stamped) -> None:
    """Print an entry that proves another one."""
    appended(stamp.appended)
    if not stamp.checked:
        console().print(f"[yellow]  the authority says so; {UNCHECKED}[/]", soft_wrap=True)
