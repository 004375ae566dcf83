"""The results for a workspace's policies, and for a change to them → JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from publisher.build.report import Built
from publisher.cli.doctor import Finding
from publisher.cli.json import Form, derived, named, of, print_json
from publisher.compare.impact import Untouched
from publisher.problem import Severity
from publisher.redline.values import Counts, Difference, Origin
from publisher.redline.views.json import RedlineForm, form
from publisher.redline.views.marked_lines import in_marks

if TYPE_CHECKING:
    from publisher.compare.revisions import PolicyHistory
    from publisher.history.overrides import Override


class AuthorityForm(Form):
    """A provision, guideline or decision; one not `confirmed` was cited from memory."""

    cite: str
    url: str
    confirmed: bool = of("seen")


class PlaceForm(Form):
    """A line of a file."""

    path: str
    line: int


class ProblemForm(Form):
    """One thing wrong, where it is, and how to fix it."""

    severity: Severity
    rule: str
    path: str
    line: int | None
    message: str
    fix: str


class RemarkForm(ProblemForm):
    """A remark on a policy, with its grounds."""

    authority: tuple[AuthorityForm, ...] = of("grounds.authority")
    fingerprint: str = of("grounds.fingerprint")
    places: tuple[Annotated[PlaceForm, named("path", "line")], ...] = of("grounds.places")
    brands: tuple[str, ...] = of("grounds.brands")
    catalogue: str = of("grounds.catalogue")
    accepted: Annotated[str | None, derived(lambda accepted: accepted or None)] = of(
        "grounds.accepted"
    )


Day = date  # a field has the name
Problems = tuple[Annotated[RemarkForm | ProblemForm, Field(union_mode="left_to_right")], ...]


class RuleForm(Form):
    """Why a rule exists, and its text."""

    rule: str
    severity: Severity
    why: str
    message: str
    fix: str
    authority: tuple[AuthorityForm, ...]
    acceptable: bool
    catalogue: str


class LinkPlaceForm(PlaceForm):
    """Where a link is written, and whose policy has it."""

    brand: str
    locale: str


class LinkForm(Form):
    """A target of links, with all places that have it."""

    target: str
    places: tuple[LinkPlaceForm, ...]


class RenamedForm(Form):
    """The ids of a clause, or the files that it moved between."""

    before: str
    after: str


class ClausesForm(Form):
    """Changed clauses, by their ids."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[str, ...]
    renamed: tuple[Annotated[RenamedForm, named("before", "after")], ...]


class AfterwardsForm(Form):
    """What a later commit says that a commit is."""

    change: str
    commit: str
    by: str
    author: str
    date: Day | None = of("day")


class RevisionForm(Form):
    """One line of a history: a revision, or a commit at which the policy was broken."""

    brand: str = of("policy.brand")
    locale: str = of("policy.locale")
    clause: str | None = of("policy.clause")
    kind: str = of("entry.kind")
    date: Day | None = of("entry.day")
    commit: str = of("entry.commit")
    author: str = of("entry.author")
    subject: str = of("entry.subject")
    clauses: ClausesForm | None = of("entry.changes")
    title_changed: bool | None = of("entry.changes.title", default=None)
    counts: Annotated[dict[str, int | bool] | None, derived(asdict)] = of(
        "entry.changes.counts", default=None
    )
    files: Annotated[RenamedForm | None, named("before", "after")] = of("entry.files")
    problems: Problems = of("entry.problems")
    said_afterwards: tuple[AfterwardsForm, ...] = of("entry.afterwards")


class SeenForm(Form):
    """A commit; null in all for a change that is not committed yet."""

    commit: Annotated[str | None, derived(lambda commit: commit or None)]
    date: Day | None = of("day")
    subject: Annotated[str | None, derived(lambda subject: subject or None)]


class OverrideForm(Form):
    """A brand's clause in place of a shared one, and what has changed there since a review."""

    brand: str
    locale: str
    clause: str
    path: str
    overrides: str = of("followed")
    blocks: tuple[str, ...]
    reviewed: SeenForm | None = of("since.reviewed")
    behind: bool
    changed: SeenForm | None = of("since.changed")
    differences: Annotated[str | None, derived(in_marks)] = of("since.redline")


def _redline(difference: Difference) -> RedlineForm:
    return form(difference.redline, difference.origins)


class ReachedForm(Form):
    """A policy whose words a change reaches."""

    brand: str
    locale: str
    change: Annotated[
        Literal["editorial", "material"],
        derived(lambda editorial: "editorial" if editorial else "material"),
    ] = of("editorial")
    earliest_in_force: Day | None = of("earliest")
    notice_days: int | None
    draft: bool
    broken_before: bool = of("broken")
    counts: Counts = of("difference.redline.counts")
    redline: Annotated[RedlineForm, derived(_redline)] = of("difference")


class FailedForm(Form):
    """A policy that has errors after a change."""

    brand: str
    locale: str | None


class ImpactForm(Form):
    """What a change does to every policy."""

    old: Annotated[Origin, derived(lambda origins: origins[0])] = of("origins")
    new: Annotated[Origin, derived(lambda origins: origins[1])] = of("origins")
    files: tuple[str, ...]
    reached: tuple[ReachedForm, ...]
    not_reached: tuple[Untouched, ...] = of("untouched")
    failed: tuple[Annotated[FailedForm, named("brand", "locale")], ...]
    problems: Problems
    remarks_brought: Problems = of("brought")
    remarks_taken_away: Problems = of("taken")


OUTPUTS: dict[str, Any] = {
    "build": tuple[Built, ...],
    "check": Problems,
    "check-explain": tuple[RuleForm, ...],
    "check-links": tuple[LinkForm, ...],
    "diff": tuple[RedlineForm, ...],
    "doctor": tuple[Finding, ...],
    "history": tuple[RevisionForm, ...],
    "history-overrides": tuple[OverrideForm, ...],
    "impact": ImpactForm,
}
"""The forms of what is printed, by command."""


def overrides(listed: Iterable[Override]) -> None:
    """Print overrides, with what changed since each was reviewed."""
    print_json(OUTPUTS["history-overrides"], tuple(listed))


def history(policies: Iterable[PolicyHistory]) -> None:
    """Print the revisions of policies, newest first."""
    revisions = [
        SimpleNamespace(policy=policy, entry=entry)
        for policy in policies
        for entry in policy.entries
    ]
    print_json(OUTPUTS["history"], revisions)
