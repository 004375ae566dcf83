"""Tells which trailers ``Policy-Change`` do not do what they were written for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from publisher.model.dating import Commit, Released
from publisher.model.problem import Problem, warning
from publisher.model.trailers import Fault
from publisher.repository import Repository

SHOWN = 3
"""Commits that are named where a message is about many."""


def trailer_problems(
    repository: Repository, commit: str, brand: str, start: str | None, version: Released | None
) -> Iterator[Problem]:
    """Yield what is wrong with the trailers that `commit` has and `start` does not.

    Only of commits that can have been about a policy of `brand`, whose latest version is `version`.
    """
    remarks = repository.remarks(commit)
    by = {remark.by for on in remarks.on.values() for remark in on}
    asked = {each.id for each, _ in remarks.faults} | by
    if not asked:
        return
    newer = asked if start is None else repository.beyond(start, asked | {*remarks.on})
    for each, fault in remarks.faults:
        if each.id in newer and _is_about(brand, each.changed):
            yield _problem(each, fault)
    if version is None or start != version.source or not by & newer:
        return
    frozen = [id for id, on in remarks.on.items() if id not in newer and on[0].by in newer]
    named: dict[str, list[str]] = {}
    for each in repository.commits(frozen, remarks.on):
        if each.changed and _is_about(brand, each.changed):
            named.setdefault(each.remarks[0].by, []).append(each.id[:10])
    for by_id, ids in named.items():
        yield _frozen(by_id, ids, brand, version)


def _is_about(brand: str, changed: Iterable[str]) -> bool:
    """Return whether a commit can have been about a brand's policy.

    It can if it changed what the policy may read, or nothing that any policy reads: then it only
    says something.
    """
    read = [path for path in changed if path.startswith(("brands/", "shared/"))]
    own = f"brands/{brand}/"
    return not read or any(
        path.startswith((own, "shared/")) or path.endswith("/brand.yaml") for path in read
    )


def _problem(commit: Commit, fault: Fault) -> Problem:
    """Return what is wrong with a trailer of a commit, and what to write instead."""
    id = (commit.id if fault.about is None else fault.about)[:10] or "ID"
    change = fault.meant or "editorial"
    command = f'git commit --allow-empty -m "Correct {id}" -m "Policy-Change: {change} {id}"'
    mend = f"say in a later commit what is meant: `{command}`"
    if fault.about == "":
        mend += "; `publisher history` shows the ids"
    elif fault.meant is None:
        mend += ", or with `material`"
    else:
        mend = f"did you mean `{change}`? Then say so in a later commit: `{command}`"
    return warning("trailer", f"commit {commit.id[:10]}", None, fault.message, mend)


def _frozen(by: str, named: list[str], brand: str, version: Released) -> Problem:
    """Return that commits are named that a version has already."""
    more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
    message = (
        f"names {', '.join(named[:SHOWN])}{more}, which {brand} {version.version} has already, so "
        "its date stays"
    )
    mend = "nothing is to be done: a released version never changes"
    return warning("trailer", f"commit {by[:10]}", None, message, mend)
