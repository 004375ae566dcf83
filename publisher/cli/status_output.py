"""Where every policy stands → the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.archive.moments import retired_from
from publisher.archive.notified import in_words
from publisher.cli.terminal import (
    clause_changes,
    console,
    counted,
    plain,
    print_rows,
    print_states,
    print_table,
)
from publisher.redline.summary import Changes
from publisher.redline.views.phrases import counts_text

if TYPE_CHECKING:
    from publisher.archive.notified import VersionNotices
    from publisher.archive.release.status import Standing


def status(standings: Iterable[Standing]) -> None:
    """Print where every policy stands: a table, and below it what needs attention."""
    standings = tuple(standings)
    out = console()
    if standings:
        print_table(
            ("Brand", "Locale", "In force", "Next from", "Last updated", "State"),
            [_row(standing) for standing in standings],
        )
    print_states(standing.state for standing in standings)
    named: set[str] = set()
    for standing in standings:
        lines = [
            *_attention(standing),
            *(_of_notices(standing) if standing.brand not in named else ()),
        ]
        named.add(standing.brand)
        if lines:
            out.print(f"\n[bold]{standing.brand}/{standing.locale}[/]")
        for text in lines:
            out.print(f"  {plain(text)}")
    for text in dict.fromkeys(filter(None, (standing.behind for standing in standings))):
        out.print(f"\n[yellow]{plain(text)}[/]")


def _row(standing: Standing) -> tuple[str, ...]:
    force = standing.force
    return (
        standing.brand,
        standing.locale,
        force.version or ("retired" if force.ends else "–"),
        force.upcoming[0][1].isoformat() if force.upcoming else "–",
        standing.last_updated.isoformat() if standing.last_updated else "–",
        standing.state,
    )


def overview(root: Path, standings: Iterable[Standing]) -> None:
    """Print in five lines where a workspace stands, and what to do next."""
    standings = tuple(standings)
    policies = [standing for standing in standings if standing.state != "gone"]
    states = Counter[str](standing.state for standing in policies)
    in_force = sum(standing.force.version is not None for standing in policies)
    asked = sum(bool(standing.questions) for standing in policies)
    questions = f"open questions in {counted(asked, 'policy')}" if asked else "no open questions"
    remarked = counted(len({s.brand for s in standings if s.remarks}), "brand")
    uncommitted = sorted({path for standing in standings for path in standing.uncommitted})
    counted_states = ", ".join(f"{number} {state}" for state, number in states.items())
    brands = counted(len({standing.brand for standing in policies}), "brand")
    print_rows(
        {
            "workspace": f"{root} ({brands})",
            "policies": f"{len(policies)}: {counted_states}" if policies else "none",
            "in force": f"{in_force} of {len(policies)}",
            "to settle": f"{questions}, remarks on {remarked}",
            "uncommitted": ", ".join(uncommitted) or "nothing that reaches a policy",
        }
    )
    console().print(f"[bold]Next:[/] {_next(states, standings, uncommitted)}")


def _next(
    states: Mapping[str, int], standings: Sequence[Standing], uncommitted: Sequence[str]
) -> str:
    """Return what to do next in a workspace: the first thing that blocks the others."""
    if not standings:
        return "write brands/NAME/brand.yaml; docs/workspace.md says what goes into it"
    if states["errors"]:
        return "`publisher check` names the errors; fix them"
    if uncommitted:
        return "`publisher impact` shows which policies your changes reach; then commit them"
    if any(s.state == "gone" and s.force.ends is None for s in standings):
        return "`publisher status` names what is in the archive, but in no brand.yaml"
    changed = (s for s in standings if s.state in ("first", "material", "editorial"))
    ready = [s.brand for s in changed if s.force.ends is None]
    if ready:
        return f"`publisher release {ready[0]} --dry-run` shows what a release would freeze"
    if states["draft"]:
        return "`publisher check` lists the open questions; write in the answers"
    return "nothing: every policy is as released, or retired; `publisher help` lists the commands"


def _attention(standing: Standing) -> Iterable[str]:
    """Yield what needs attention in a policy."""
    for version, day in standing.force.upcoming:
        yield f"version {version} comes into force on {day}"
    if standing.force.retired:
        yield f"retired from {retired_from(standing.force.retired)}"
    if standing.state == "gone":
        yield "still in the archive, but in no brand.yaml; `publisher retire` ends it"
    if standing.state == "proposed" and standing.force.version is not None:
        yield (
            f"{standing.force.version} stays in force, and no release replaces it; move the "
            "language back to `locales`, or `publisher retire` ends it"
        )
    if standing.since is not None and standing.state not in ("released", "errors"):
        yield f"since {standing.latest}: {since(standing.since)}"
    if standing.questions:
        asked = counted(standing.questions, "open question")
        yield f"{asked}; see `publisher check {standing.brand}`"
    if standing.remarks:
        remarks = counted(standing.remarks, "remark")
        yield f"{remarks} of the legal rules; see `publisher check {standing.brand}`"
    if standing.uncommitted:
        yield f"uncommitted changes would reach it: {', '.join(standing.uncommitted)}"
    if standing.web is not None and standing.web.shown != "in-force":
        day, url = standing.web.captured.date(), standing.web.url
        yield f"on {day}, {url} showed {standing.web.version} ({standing.web.shown})"
    for problem in standing.problems:
        yield str(problem)


def _of_notices(standing: Standing) -> Iterable[str]:
    """Yield the notices of each version of a brand, which are for all its languages."""
    for version in standing.notices:
        yield from _notices(standing, version)


def _notices(standing: Standing, version: VersionNotices) -> Iterable[str]:
    """Yield the notices of a version, or the last day for one."""
    about, prepare = version.version, f"publisher notices prepare {standing.brand}"
    for entry in version.given:
        yield f"customers told about {about}: {in_words(entry)}"
    if version.given:
        return
    for entry in version.superseded[-1:]:
        yield (
            f"customers were told that {about} is in force from {entry.in_force_from}; it is from "
            f"{version.in_force_from}: `{prepare} {about}`"
        )
    if version.upcoming and version.late:
        yield f"the last day to tell customers about {about} was {version.until}; none is recorded"
    elif version.upcoming and version.until is not None:
        yield f"tell customers about {about} by {version.until}: `{prepare} {about}`"
    elif standing.promised:
        yield f"its text promises a notice, and none of {about} is recorded: `{prepare} {about}`"


def since(changes: Changes) -> str:
    """Return in words how a policy differs from another."""
    return f"{clause_changes(changes)}; {counts_text(changes.counts)}"
