"""``publisher release``: freeze what the newest commit says, as a version in the archive.

Brand by brand, each all or nothing. The documents are rendered from the commit, with the version's
id and the day on which it comes into force; what would be wrong is refused before anything is
written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from publisher.archive.sums import NAME, sums_bytes
from publisher.checks.questions import open_questions
from publisher.errors import InvalidPolicy, PublisherError, Refused
from publisher.model.changes import changes
from publisher.model.dating import Dating, Released
from publisher.model.ledger import (
    Change,
    ClauseChanges,
    Release,
    Said,
    next_version,
    sha256,
)
from publisher.model.policy import Policy
from publisher.model.problem import Problem
from publisher.model.words import words_digest
from publisher.model.workspace import Workspace
from publisher.source import FolderSource
from publisher.tasks.appending import (
    Appended,
    Appending,
    Desk,
    desk,
    refuse_filters,
)
from publisher.tasks.archived import archived_policy, latest
from publisher.tasks.dates import Dates
from publisher.tasks.freezing import frozen_documents, recorded_tools
from publisher.tasks.policies import brand_names, compose_all, load_brands
from publisher.tasks.terms import Terms, checked, refuse_day, refuse_short_notice
from publisher.tasks.uncommitted import uncommitted

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one brand: what was appended, or why nothing was."""

    brand: str
    appended: Appended | None = None
    fault: PublisherError | None = None
    problems: tuple[Problem, ...] = ()


def release(
    root: Path,
    brands: Iterable[str],
    terms: Terms,
    asked: Appending,
    progress: Progress = lambda *_: None,
) -> tuple[Outcome, ...]:
    """Release the policies of brands in the workspace in `root`; a refusal stops no other brand.

    Raises `AskedWrongly`, `Refused` and `UnknownName` where the terms hold for no brand.
    """
    terms = checked(terms)
    brands = brand_names(FolderSource(root), brands)
    outcomes = []
    for at, brand in enumerate(brands):
        progress(at, len(brands), brand)
        try:
            with desk(root, brand, asked) as prepared:
                outcomes.append(_release(prepared, terms))
        except InvalidPolicy as fault:
            outcomes.append(Outcome(brand, fault=fault, problems=fault.problems))
        except PublisherError as fault:
            outcomes.append(Outcome(brand, fault=fault))
    progress(len(brands), len(brands), "")
    return tuple(outcomes)


def _release(desk: Desk, terms: Terms) -> Outcome:
    workspace = load_brands(desk.head.source, (desk.brand,))
    policies = _publishable(desk, workspace)
    last = latest(desk.working.archive, policies.values())
    before = next(desk.ledger.releases(), None)
    _refuse_same(desk, policies, before, terms)
    datings = _dated(desk, policies, last)
    change = _change(policies, datings, last, before, terms)
    if terms.editorial:
        datings = {each: _kept(datings[each], last.get((desk.brand, each))) for each in datings}
    published = desk.now.date()
    version = next_version(published, frozenset(desk.ledger.version_ids))
    in_force = terms.in_force or published
    refuse_day(desk, in_force, published)
    if change == "material":
        refuse_short_notice(desk, in_force, published, terms.short_notice)
    refuse_filters(desk, version, tuple(policies))
    datings = {
        locale: replace(dating, status="released", version=version, in_force=in_force)
        for locale, dating in datings.items()
    }
    files = frozen_documents(desk.head, workspace, policies, datings)
    sums = sums_bytes(files)
    entry = Release.model_validate(
        desk.common
        | {
            "kind": "release",
            "version": version,
            "origin": "released",
            "change": change,
            "reason": terms.reason,
            "published": published,
            "in_force_from": in_force,
            "short_notice": terms.short_notice,
            "locales": {
                locale: Said(last_updated=_day(dating), words=words_digest(policies[locale]))
                for locale, dating in datings.items()
            },
            "source": desk.head.commit,
            "summary": terms.summary,
            "changes": _changes(desk, policies, before),
            "approvals": terms.approvals,
            "tools": recorded_tools(),
            "sums": sha256(sums),
        }
    )
    tag = f"{desk.brand}/{version}" if terms.tag else None
    appended = desk.append(entry, _message(entry), {**files, NAME: sums}, tag)
    problems = tuple(problem for dating in datings.values() for problem in dating.problems)
    return Outcome(desk.brand, appended, problems=problems)


def _publishable(desk: Desk, workspace: Workspace) -> dict[str, Policy]:
    """Return the brand's policies by locale, if all can be published as they are committed."""
    composed = compose_all(workspace)
    problems = [problem for each in composed for problem in each.problems]
    policies = {each.locale: each.policy for each in composed if each.policy and each.locale}
    problems += [question for each in policies.values() for question in open_questions([each])]
    if problems:
        raise InvalidPolicy(tuple(dict.fromkeys(problems)))
    changed = uncommitted(desk.working, desk.head, desk.brand)
    if changed:
        raise Refused(
            f"uncommitted changes reach the policy of {desk.brand}: {', '.join(changed)}; commit "
            "them, or put them aside with `git stash`, then release",
            1,
        )
    return policies


def _refuse_same(
    desk: Desk, policies: Mapping[str, Policy], before: Release | None, terms: Terms
) -> None:
    """Refuse a version that would say what the one before it says."""
    if before is None or terms.editorial:
        return
    digests = {locale: words_digest(policy) for locale, policy in policies.items()}
    if digests == {locale: said.words for locale, said in before.locales.items()}:
        raise Refused(
            f"{desk.brand} says what its version {before.version} says: there is nothing to "
            "release; released versions never change. To issue the same words again, say to mend "
            "an inaccessible PDF, add --editorial --reason TEXT"
        )


def _dated(
    desk: Desk, policies: Mapping[str, Policy], last: Mapping[tuple[str, str], Released]
) -> dict[str, Dating]:
    pairs = [(policy, desk.about) for policy in policies.values()]
    datings = dict(zip(policies, Dates(desk.head).of(pairs, last), strict=True))
    errors = [p for dating in datings.values() for p in dating.problems if p.severity == "error"]
    if errors:
        raise InvalidPolicy(tuple(dict.fromkeys(errors)))
    for locale, dating in datings.items():
        if dating.last_updated is None:
            raise Refused(
                f"the policy of {desk.brand} in {locale} has no date: "
                f"{dating.problems[0] if dating.problems else 'no commit dates it'}",
                4,
            )
        if dating.last_updated > desk.now.date():
            raise Refused(
                f"the words of {desk.brand} in {locale} were last updated in the future, on "
                f"{dating.last_updated}: commit {(dating.commit or '')[:10]} has a false date; "
                "make the change anew",
                4,
            )
    return datings


def _change(
    policies: Mapping[str, Policy],
    datings: Mapping[str, Dating],
    last: Mapping[tuple[str, str], Released],
    before: Release | None,
    terms: Terms,
) -> Change:
    """Return what kind of change a version is; editorial only if the terms, or all commits, say so.

    A locale that comes or goes is material.
    """
    if before is None:
        if terms.editorial:
            raise Refused("the first version of a policy cannot be editorial")
        return "first"
    if terms.editorial:
        return "editorial"
    known = {locale: released.source for (_, locale), released in last.items()}
    settled = all(dating.commit == known.get(locale) for locale, dating in datings.items())
    return "editorial" if settled and set(before.locales) == set(policies) else "material"


def _kept(dating: Dating, last: Released | None) -> Dating:
    """Return the dates of the version before, where the new one is declared editorial."""
    if last is None:
        return dating
    clauses = {id: last.clauses.get(id, last.last_updated) for id in dating.clauses}
    return replace(dating, last_updated=last.last_updated, clauses=clauses)


def _changes(
    desk: Desk, policies: Mapping[str, Policy], before: Release | None
) -> dict[str, ClauseChanges]:
    """Return how the clauses of each locale differ from the version before, where it has it."""
    if before is None:
        return {}
    archive = desk.working.archive
    return {
        locale: clause_changes(archived_policy(archive, before, locale), policy)
        for locale, policy in policies.items()
        if locale in before.locales
    }


def clause_changes(before: Policy, after: Policy) -> ClauseChanges:
    """Return how the clauses of a policy differ, by their ids."""
    found = changes(before, after)
    return ClauseChanges(
        added=found.added,
        changed=found.changed,
        removed=found.removed,
        moved=found.moved,
        renamed=found.renamed,
    )


def _day(dating: Dating) -> date:
    if dating.last_updated is None:
        raise ValueError("a released policy has a date")
    return dating.last_updated


def _message(entry: Release) -> str:
    subject = f"Release {entry.brand} {entry.version}"
    body = f"In force from {entry.in_force_from}; {entry.change}."
    return "\n\n".join([subject, *([entry.summary] if entry.summary else []), body])
