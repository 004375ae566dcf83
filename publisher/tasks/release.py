"""``publisher release``: freeze what the newest commit says, as a version in the archive.

Brand by brand, each all or nothing. The documents are rendered from the commit, with the version's
id and the day on which it comes into force; what would be wrong is refused before anything is
written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from publisher.archive.sums import NAME, sums_bytes
from publisher.archive.timeline import Timeline
from publisher.checks.questions import open_questions
from publisher.checks.unused import unordered_clauses
from publisher.checks.vanished import vanished_texts
from publisher.errors import InvalidPolicy, PublisherError, Refused
from publisher.model.dating import Dating, Released
from publisher.model.facts import Brand
from publisher.model.fields import next_version
from publisher.model.ledger import Change, ClauseChanges, Release, sha256
from publisher.model.moments import takes_effect
from publisher.model.policy import Policy
from publisher.model.problem import Problem
from publisher.model.redline import Origin
from publisher.model.words import has_words, words_digest
from publisher.model.workspace import Workspace
from publisher.repository.tags import tags
from publisher.source import FolderSource
from publisher.tasks.appending import (
    Appended,
    Appending,
    Desk,
    desk,
)
from publisher.tasks.built import Progress
from publisher.tasks.dates import Dates
from publisher.tasks.diff import Difference
from publisher.tasks.freezing import frozen_documents, recorded_tools
from publisher.tasks.lineage import Lineage
from publisher.tasks.policies import brand_names, compose_all, load_brands
from publisher.tasks.remarks import grown, refusals
from publisher.tasks.signing import refuse_signer
from publisher.tasks.since import recorded_changes, since
from publisher.tasks.terms import Terms, checked, refuse_day, refuse_short_notice
from publisher.tasks.uncommitted import uncommitted
from publisher.workspace import load


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one brand: what was appended, or why nothing was.

    `differences` are from the version before, one for each locale that it has, too.
    `back` are the locales that had been retired, and are in force again with the version.
    """

    brand: str
    appended: Appended | None = None
    differences: tuple[Difference, ...] = ()
    fault: PublisherError | None = None
    back: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What is to become a version: policies and their dates, by locale.

    `before` is the version before, be it under a former name of the brand; `tags` are its locales,
    by the tags that they have today, and `ended` those that are retired by the day on which this
    one comes into force. `last` is what the latest version that has a policy says of it.
    """

    lineage: Lineage
    policies: Mapping[str, Policy]
    datings: Mapping[str, Dating]
    before: Release | None
    tags: Mapping[str, str]
    last: Mapping[tuple[str, str], Released]
    ended: frozenset[str]

    @property
    def comes_back(self) -> bool:
        """Whether nothing of the brand would be in force without this version."""
        return self.before is not None and self.ended == set(self.tags)

    @property
    def same(self) -> bool:
        """Whether it would say in every locale what the version before says."""
        if self.before is None or set(self.tags) != set(self.policies):
            return False
        said = ((each, self.last[each.brand.id, each.locale]) for each in self.policies.values())
        return all(has_words(each, last.words, redacted=last.redacted) for each, last in said)


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
    if desk.about is None:
        raise Refused(
            f"the newest commit has no brand '{desk.brand}'; commit brands/{desk.brand}", 1
        )
    common = desk.common
    workspace = load_brands(desk.head.source, (desk.brand,))
    published = desk.now.date()
    in_force = terms.in_force or published
    candidate = _candidate(desk, desk.about, _publishable(desk, workspace), in_force)
    _refuse_same(desk, candidate, terms)
    change = _change(desk, candidate, terms)
    refuse_day(desk, candidate.before, in_force, published)
    if change == "material":
        refuse_short_notice(desk, in_force, published, terms.short_notice)
    version = next_version(published, frozenset(desk.ledger.version_ids))
    tag = f"{desk.brand}/{version}" if terms.tag else None
    _refuse_tag(desk, tag)
    head = Origin("HEAD", "commit", desk.brand, desk.head.commit or "", published)
    differences = since(candidate.lineage, desk.brand, candidate.policies, head)
    recorded = {locale: recorded_changes(found) for locale, found in differences.items()}
    datings = {
        locale: replace(dating, status="released", version=version, in_force=in_force)
        for locale, dating in _dates(desk, candidate, recorded, terms).items()
    }
    files = frozen_documents(desk.head, workspace, candidate.policies, datings)
    sums = sums_bytes(files)
    about = {
        "kind": "release",
        "version": version,
        "origin": "released",
        "change": change,
        "published": published,
        "in_force_from": in_force,
        "locales": _said(candidate.policies, datings),
        "source": desk.head.commit,
        "changes": recorded,
        "tools": recorded_tools(),
        "sums": sha256(sums),
    }
    entry = Release.model_validate(common | about | _recorded(terms))
    appended = desk.append(entry, _message(entry), {**files, NAME: sums}, tag)
    problems = tuple(problem for dating in datings.values() for problem in dating.problems)
    before = candidate.before
    if before is not None:
        problems += grown(desk.head, desk.brand, before.version, before.source, published)
    back = tuple(locale for locale in candidate.policies if locale in candidate.ended)
    return Outcome(desk.brand, appended, tuple(differences.values()), back=back, problems=problems)


def _recorded(terms: Terms) -> dict[str, object]:
    """Return what an entry takes over from the terms."""
    return {
        "reason": terms.reason,
        "short_notice": terms.short_notice,
        "summary": terms.summary,
        "approvals": terms.approvals,
    }


def _said(policies: Mapping[str, Policy], datings: Mapping[str, Dating]) -> dict[str, object]:
    """Return what an entry tells of each locale."""
    return {
        locale: {"last_updated": datings[locale].last_updated, "words": words_digest(policy)}
        for locale, policy in policies.items()
    }


def _candidate(
    desk: Desk, about: Brand, policies: Mapping[str, Policy], in_force: date
) -> _Candidate:
    """Return what is to become a version, with its dates."""
    lineage = Lineage(desk.working.archive)
    before = next(lineage.releases(desk.brand), None)
    begins = takes_effect(in_force, desk.now, desk.timezone)
    tags = lineage.locales(before) if before is not None else {}
    last = lineage.latest(policies.values())
    ended = frozenset(
        locale
        for locale, tag in tags.items()
        if before is not None
        and Timeline(lineage.ledger(before.brand)).ended(before, begins, tag) is not None
    )
    datings = _dated(desk, about, policies, last)
    return _Candidate(lineage, policies, datings, before, tags, last, ended)


def _publishable(desk: Desk, workspace: Workspace) -> dict[str, Policy]:
    """Return the brand's policies by locale, if all can be published as they are committed."""
    composed = compose_all(workspace)
    problems = [problem for each in composed for problem in each.problems]
    policies = {each.locale: each.policy for each in composed if each.policy and each.locale}
    problems += unordered_clauses(load(desk.head.source), (desk.brand,))
    files = frozenset(path for each in policies.values() for path in each.files)
    problems += vanished_texts(workspace, files)
    problems += refusals(desk.head.source, desk.brand, desk.now.date())
    problems += [question for each in policies.values() for question in open_questions([each])]
    if problems:
        raise InvalidPolicy(tuple(dict.fromkeys(problems)))
    changed = uncommitted(desk.working.source, desk.head.source, desk.brand)
    if changed:
        raise Refused(
            f"uncommitted changes reach the policy of {desk.brand}: {', '.join(changed)}; commit "
            "them, or put them aside with `git stash`, then release",
            1,
        )
    return policies


def _refuse_same(desk: Desk, candidate: _Candidate, terms: Terms) -> None:
    """Refuse a version that would say what the one before it says."""
    before = candidate.before
    if before is None or terms.editorial or candidate.comes_back:
        return
    if candidate.same:
        name = "" if before.brand == desk.brand else f", released as {before.brand},"
        raise Refused(
            f"{desk.brand} says what its version {before.version}{name} says: there is nothing to "
            "release; released versions never change. To issue the same words again, say to mend "
            "an inaccessible PDF, add --editorial --reason TEXT"
        )


def _dated(
    desk: Desk,
    about: Brand,
    policies: Mapping[str, Policy],
    last: Mapping[tuple[str, str], Released],
) -> dict[str, Dating]:
    pairs = [(policy, about) for policy in policies.values()]
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
        earlier = last.get((desk.brand, locale))
        if earlier is not None and dating.last_updated < earlier.last_updated:
            raise Refused(
                f"the words of {desk.brand} in {locale} were last updated on "
                f"{dating.last_updated}, before those of version {earlier.version} "
                f"({earlier.last_updated}): commit {(dating.commit or '')[:10]} has a false date; "
                "make the change anew",
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


def _change(desk: Desk, candidate: _Candidate, terms: Terms) -> Change:
    """Return what kind of change a version is; editorial only if the terms, or all commits, say so.

    A locale that comes or goes is material, and so is a brand that comes back. The first version
    under another name is compared with the last one under the former.
    """
    before = candidate.before
    if before is None:
        if terms.editorial:
            raise Refused("the first version of a policy cannot be editorial")
        return "first"
    if terms.editorial:
        return "editorial"
    if candidate.comes_back or set(candidate.tags) != set(candidate.policies):
        return "material"
    settled = all(
        (desk.brand, locale) in candidate.last
        and dating.commit == candidate.last[desk.brand, locale].source
        for locale, dating in candidate.datings.items()
    )
    return "editorial" if settled else "material"


def _dates(
    desk: Desk, candidate: _Candidate, differences: Mapping[str, ClauseChanges], terms: Terms
) -> Mapping[str, Dating]:
    """Return the dates to be shown: those of the version before, where this is called editorial."""
    if not terms.editorial:
        return candidate.datings
    kept = {}
    for locale, dating in candidate.datings.items():
        last = candidate.last.get((desk.brand, locale))
        if last is not None:
            renamed = differences[locale].renamed if locale in differences else ()
            old = {new: old for old, new in renamed}
            days = {id: last.clauses.get(old.get(id, id), last.last_updated)
                    for id in dating.clauses}  # fmt: skip
            kept[locale] = replace(dating, last_updated=last.last_updated, clauses=days)
    return {**candidate.datings, **kept}


def _refuse_tag(desk: Desk, tag: str | None) -> None:
    if tag is not None and any(each.name == tag for each in tags(desk.repository, tag)):
        raise Refused(f"there is a tag {tag} already; delete it, or leave out --tag")
    if tag is not None and desk.asked.sign is not None:
        refuse_signer(desk.working, desk.ledger, desk.asked.sign, desk.now, tag=True)


def _message(entry: Release) -> str:
    subject = f"Release {entry.brand} {entry.version}"
    body = f"In force from {entry.in_force_from}; {entry.change}."
    return "\n\n".join([subject, *([entry.summary] if entry.summary else []), body])
