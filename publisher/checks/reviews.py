"""Facts that should have been reviewed by now."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from publisher.checks.catalogue import countries
from publisher.checks.remarks import Remark, on_sentence, once
from publisher.checks.subject import Subject
from publisher.checks.wording import hits
from publisher.policy.tree import Policy
from publisher.problem import Problem
from publisher.workspace.parsed import Workspace

_MARKED = 600
"""The most characters of a change that are shown."""


Rule = Literal["override-behind", "translation-behind"]


@dataclass(frozen=True, slots=True)
class Behind:
    """An override or a translation whose source changed after the last review of both.

    `followed` names that text. `changed` and `reviewed` name the commits, or are empty without one;
    `marked` shows the change, and `now` is the text of today.
    """

    rule: Rule
    brands: tuple[str, ...]
    clause: str
    path: str
    line: int
    followed: str
    changed: str
    reviewed: str
    marked: str
    now: str


@dataclass(frozen=True, slots=True)
class OverTime:
    """What is known of the history: when policies last changed, and which notices are missing.

    `updated` has the day for each brand whose policy, in its first language, has one. `unnoticed`
    has, for a brand, a material version in force without a recorded notice, and its day.
    """

    updated: Mapping[str, date] = field(default_factory=dict)
    unnoticed: Mapping[str, tuple[str, date]] = field(default_factory=dict)


def aged(workspace: Workspace, over_time: OverTime, today: date) -> Iterator[Remark]:
    """Yield a remark on each policy that nobody has updated for a year.

    A brand whose folder has a new name since the newest commit has a date, but is not there.
    """
    for brand, day in over_time.updated.items():
        old = (today.year - day.year, today.month, today.day) > (1, day.month, day.day)
        if old and brand in workspace.brands:
            where = (workspace.brands[brand].path, workspace.brands[brand].line("name"))
            yield Remark("us-ca-updated", where, str(day), (("day", str(day)),), (brand,))


def promises_notice(workspace: Workspace, policy: Policy) -> bool:
    """Return whether a policy promises to announce changes."""
    return any(True for _ in hits(Subject(workspace, policy.brand.id, policy), "promise-notice"))


def unkept(
    workspace: Workspace, policies: Iterable[Policy], over_time: OverTime
) -> Iterator[Remark]:
    """Yield a remark where a policy promises notice of changes, but none of a version is recorded.

    If it promises it more than once, there is one remark.
    """
    for policy in policies:
        version, day = over_time.unnoticed.get(policy.brand.id, ("", date.min))
        if version:
            subject = Subject(workspace, policy.brand.id, policy)
            values = {"version": version, "day": str(day)}
            remarks = [
                on_sentence("promise-notice", subject, hit.sentence, hit.at, **values)
                for hit in hits(subject, "promise-notice")
            ]
            yield from (replace(one, about=f"{version} {one.about}") for one in once(remarks))


def fallen(followers: Iterable[Behind]) -> Iterator[Remark]:
    """Yield a remark on each override and translation that fell behind."""
    for behind in followers:
        values = {
            "path": behind.path,
            "followed": behind.followed,
            "changed": behind.changed,
            "reviewed": behind.reviewed,
            "marked": textwrap.shorten(behind.marked, _MARKED, placeholder=" …"),
        }
        pairs = tuple(values.items())
        spot = (behind.path, behind.line)
        for brand in behind.brands:
            yield Remark(behind.rule, spot, behind.now, pairs, (brand,), clause=behind.clause)


def overdue(workspace: Workspace, today: date) -> Iterator[Remark]:
    """Yield a remark for each entry and clause whose day of review has passed."""
    registries = (workspace.processors, workspace.retention, workspace.purposes)
    for registry in registries:
        for id, entry in registry.value.root.items() if registry.value else ():
            if entry.review_by is not None and entry.review_by < today:
                line = registry.line(id, "review_by")
                yield _due(registry.path, line, id, entry.review_by)
    for clause in workspace.clauses.values():
        due = clause.value.review_by if clause.value is not None else None
        if clause.value is not None and due is not None and due < today:
            yield _due(clause.path, clause.value.front.line(("review_by",)), "", due)


def _due(path: str, line: int, about: str, day: date) -> Remark:
    return Remark("review-due", (path, line), f"{about} {day}", (("day", str(day)),), ())


def stale(workspace: Workspace, today: date) -> Iterator[Problem]:
    """Yield a note if the toolkit's own lists of law are due for a review."""
    due = countries().review_by
    if due < today:
        message = f"is checked by lists of countries and periods that were due for review on {due}"
        path = workspace.company.path
        yield Problem("note", "catalogue", path, None, message, "update the toolkit")
