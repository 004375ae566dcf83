"""``publisher release``: freeze what the newest commit says, as a version in the archive.

Brand by brand, each all or nothing. The documents are rendered from the commit, with the version's
id and the day on which it comes into force; what would be wrong is refused before anything is
written.

`ReleaseOptions` are what the user asks for.

A release records how its policies differ from the latest version of their brand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from publisher.archive.entries import Change, ClauseChanges, Release, sha256
from publisher.archive.fields import next_version
from publisher.archive.folder import NAME, sums_bytes
from publisher.archive.fork_origins import read_ledger
from publisher.archive.issued import archived_policy
from publisher.archive.law_checks import grown, refusals
from publisher.archive.lineage import Lineage
from publisher.archive.moments import takes_effect
from publisher.archive.release.append import (
    AppendOptions,
    AppendResult,
    LedgerWriter,
    checked_line,
    writer,
)
from publisher.archive.release.dirty_files import uncommitted
from publisher.archive.release.permission import refuse_signer
from publisher.archive.timeline import Timeline
from publisher.checks.policy_text import open_questions
from publisher.checks.unused import unordered_clauses
from publisher.checks.vanished import vanished_texts
from publisher.compose.brands import Progress, brand_names, compose_all, load_brands
from publisher.errors import AskedWrongly, InvalidPolicy, PublisherError, Redacted, Refused
from publisher.history.dates import Dates
from publisher.policy.dating import Dating, Released
from publisher.policy.tree import Policy
from publisher.policy.words import has_words, words_digest
from publisher.problem import Problem
from publisher.redline import redline
from publisher.redline.summary import changes
from publisher.redline.values import Difference, Origin
from publisher.render.documents import frozen_documents
from publisher.render.toolchain import recorded_tools
from publisher.repository.source import FolderSource
from publisher.repository.tags import tags
from publisher.workspace import load
from publisher.workspace.facts import Brand
from publisher.workspace.parsed import Workspace


def since(
    lineage: Lineage, brand: str, policies: Mapping[str, Policy], where: Origin
) -> dict[str, Difference]:
    """Return how policies, by locale, differ from the brand's latest version, if that has them.

    `where` is where the policies come from. What was redacted cannot be compared: it is left out.
    Raises `ArchiveDamaged`.
    """
    before = next(lineage.releases(brand), None)
    if before is None:
        return {}
    start = Timeline(lineage.ledger(before.brand)).start(before)
    origins = Origin(before.version, "version", before.brand, before.version, start), where
    differences = {}
    for locale, policy in policies.items():
        tag = lineage.tag(before, locale)
        if tag is not None:
            with suppress(Redacted):
                old = archived_policy(lineage.archive, before, tag)
                differences[locale] = Difference(redline(old, policy), origins, locale)
    return differences


def recorded_changes(found: Difference) -> ClauseChanges:
    """Return what a ledger's entry tells of a redline."""
    said = changes(found.redline)
    return ClauseChanges(**{name: getattr(said, name) for name in ClauseChanges.model_fields})


@dataclass(frozen=True, slots=True)
class ReleaseOptions:
    """On which terms a version is released; left out, `in_force` is the day of its publication.

    `editorial` says that the meaning has not changed, whatever commits say, and `reason` why;
    `short_notice` why a material version comes into force before its notice is up.
    """

    in_force: date | None = None
    summary: str | None = None
    editorial: bool = False
    reason: str | None = None
    short_notice: str | None = None
    approvals: tuple[str, ...] = ()
    tag: bool = False


def checked(terms: ReleaseOptions) -> ReleaseOptions:
    """Return terms with their texts trimmed; raises `AskedWrongly` and `Refused`."""
    if terms.editorial != (terms.reason is not None):
        raise AskedWrongly("--editorial needs --reason TEXT, and --reason is for --editorial only")
    return replace(
        terms,
        summary=checked_line("--summary", terms.summary),
        reason=checked_line("--reason", terms.reason),
        short_notice=checked_line("--short-notice", terms.short_notice),
        approvals=tuple(checked_line("--approved-by", each) or "" for each in terms.approvals),
    )


def refuse_day(
    writer: LedgerWriter, earlier: Release | None, in_force: date, published: date
) -> None:
    """Raise `Refused` for a day before publication, or before that of the version before."""
    if in_force < published:
        raise Refused(
            f"a version published on {published} cannot be in force from {in_force}, before it; "
            "give that day, or a later one, with --in-force"
        )
    if earlier is not None and published < earlier.published:
        raise Refused(
            f"in {writer.timezone} it is {published} still, and version {earlier.version} was "
            "published on a later day; release tomorrow",
            4,
        )
    if earlier is None:
        return
    start = Timeline(read_ledger(writer.working.archive, earlier.brand)).start(earlier)
    if start <= in_force:
        return  # the days of those before it are not later
    raise Refused(
        f"version {earlier.version} comes into force on {start}, and a later one cannot do so "
        f"before it, on {in_force}; give --in-force {start} or later, or move the earlier one with "
        f"`publisher reschedule {earlier.brand} {earlier.version}`"
    )


def refuse_short_notice(
    writer: LedgerWriter, in_force: date, published: date, short_notice: str | None
) -> None:
    """Raise `Refused` where a material version is in force sooner than the brand gives notice."""
    days = writer.about.notice_days if writer.about is not None else None
    if days is None or short_notice is not None:
        return
    earliest = published + timedelta(days=days)
    if in_force < earliest:
        raise Refused(
            f"{writer.brand} gives {days} days' notice of a material change: the earliest day is "
            f"{earliest}; give it with --in-force {earliest}, or say why it is sooner with "
            "--short-notice REASON"
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one brand: what was appended, or why nothing was.

    `differences` are from the version before, one for each locale that it has, too.
    `back` are the locales that had been retired, and are in force again with the version.
    """

    brand: str
    appended: AppendResult | None = None
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
    terms: ReleaseOptions,
    asked: AppendOptions,
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
            with writer(root, brand, asked) as prepared:
                outcomes.append(_release(prepared, terms))
        except InvalidPolicy as fault:
            outcomes.append(Outcome(brand, fault=fault, problems=fault.problems))
        except PublisherError as fault:
            outcomes.append(Outcome(brand, fault=fault))
    progress(len(brands), len(brands), "")
    return tuple(outcomes)


def _release(writer: LedgerWriter, terms: ReleaseOptions) -> Outcome:
    if writer.about is None:
        raise Refused(
            f"the newest commit has no brand '{writer.brand}'; commit brands/{writer.brand}", 1
        )
    common = writer.common
    workspace = load_brands(writer.head.source, (writer.brand,))
    published = writer.now.date()
    in_force = terms.in_force or published
    candidate = _candidate(writer, writer.about, _publishable(writer, workspace), in_force)
    _refuse_same(writer, candidate, terms)
    change = _change(writer, candidate, terms)
    refuse_day(writer, candidate.before, in_force, published)
    if change == "material":
        refuse_short_notice(writer, in_force, published, terms.short_notice)
    version = next_version(published, frozenset(writer.ledger.version_ids))
    tag = f"{writer.brand}/{version}" if terms.tag else None
    _refuse_tag(writer, tag)
    head = Origin("HEAD", "commit", writer.brand, writer.head.commit or "", published)
    differences = since(candidate.lineage, writer.brand, candidate.policies, head)
    recorded = {locale: recorded_changes(found) for locale, found in differences.items()}
    datings = {
        locale: replace(dating, status="released", version=version, in_force=in_force)
        for locale, dating in _dates(writer, candidate, recorded, terms).items()
    }
    files = frozen_documents(writer.head, workspace, candidate.policies, datings)
    sums = sums_bytes(files)
    about = {
        "kind": "release",
        "version": version,
        "origin": "released",
        "change": change,
        "published": published,
        "in_force_from": in_force,
        "locales": _said(candidate.policies, datings),
        "source": writer.head.commit,
        "changes": recorded,
        "tools": recorded_tools(),
        "sums": sha256(sums),
    }
    entry = Release.model_validate(common | about | _recorded(terms))
    appended = writer.append(entry, _message(entry), {**files, NAME: sums}, tag)
    problems = tuple(problem for dating in datings.values() for problem in dating.problems)
    before = candidate.before
    if before is not None:
        problems += grown(writer.head, writer.brand, before.version, before.source, published)
    back = tuple(locale for locale in candidate.policies if locale in candidate.ended)
    return Outcome(
        writer.brand, appended, tuple(differences.values()), back=back, problems=problems
    )


def _recorded(terms: ReleaseOptions) -> dict[str, object]:
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
    writer: LedgerWriter, about: Brand, policies: Mapping[str, Policy], in_force: date
) -> _Candidate:
    """Return what is to become a version, with its dates."""
    lineage = Lineage(writer.working.archive)
    before = next(lineage.releases(writer.brand), None)
    begins = takes_effect(in_force, writer.now, writer.timezone)
    tags = lineage.locales(before) if before is not None else {}
    last = lineage.latest(policies.values())
    ended = frozenset(
        locale
        for locale, tag in tags.items()
        if before is not None
        and Timeline(lineage.ledger(before.brand)).ended(before, begins, tag) is not None
    )
    datings = _dated(writer, about, policies, last)
    return _Candidate(lineage, policies, datings, before, tags, last, ended)


def _publishable(writer: LedgerWriter, workspace: Workspace) -> dict[str, Policy]:
    """Return the brand's policies by locale, if all can be published as they are committed."""
    composed = compose_all(workspace)
    problems = [problem for each in composed for problem in each.problems]
    policies = {each.locale: each.policy for each in composed if each.policy and each.locale}
    problems += unordered_clauses(load(writer.head.source), (writer.brand,))
    files = frozenset(path for each in policies.values() for path in each.files)
    problems += vanished_texts(workspace, files)
    problems += refusals(writer.head.source, writer.brand, writer.now.date())
    problems += [question for each in policies.values() for question in open_questions([each])]
    if problems:
        raise InvalidPolicy(tuple(dict.fromkeys(problems)))
    changed = uncommitted(writer.working.source, writer.head.source, writer.brand)
    if changed:
        raise Refused(
            f"uncommitted changes reach the policy of {writer.brand}: {', '.join(changed)}; commit "
            "them, or put them aside with `git stash`, then release",
            1,
        )
    return policies


def _refuse_same(writer: LedgerWriter, candidate: _Candidate, terms: ReleaseOptions) -> None:
    """Refuse a version that would say what the one before it says."""
    before = candidate.before
    if before is None or terms.editorial or candidate.comes_back:
        return
    if candidate.same:
        name = "" if before.brand == writer.brand else f", released as {before.brand},"
        raise Refused(
            f"{writer.brand} says what its version {before.version}{name} says: there is nothing "
            "to release; released versions never change. To issue the same words again, say to "
            "fix an inaccessible PDF, add --editorial --reason TEXT"
        )


def _dated(
    writer: LedgerWriter,
    about: Brand,
    policies: Mapping[str, Policy],
    last: Mapping[tuple[str, str], Released],
) -> dict[str, Dating]:
    pairs = [(policy, about) for policy in policies.values()]
    datings = dict(
        zip(policies, Dates(writer.head, writer.asked.cache).of(pairs, last), strict=True)
    )
    errors = [p for dating in datings.values() for p in dating.problems if p.severity == "error"]
    if errors:
        raise InvalidPolicy(tuple(dict.fromkeys(errors)))
    for locale, dating in datings.items():
        if dating.last_updated is None:
            raise Refused(
                f"the policy of {writer.brand} in {locale} has no date: "
                f"{dating.problems[0] if dating.problems else 'no commit dates it'}",
                4,
            )
        earlier = last.get((writer.brand, locale))
        if earlier is not None and dating.last_updated < earlier.last_updated:
            raise Refused(
                f"the words of {writer.brand} in {locale} were last updated on "
                f"{dating.last_updated}, before those of version {earlier.version} "
                f"({earlier.last_updated}): commit {(dating.commit or '')[:10]} has a false date; "
                "make the change anew",
                4,
            )
        if dating.last_updated > writer.now.date():
            raise Refused(
                f"the words of {writer.brand} in {locale} were last updated in the future, on "
                f"{dating.last_updated}: commit {(dating.commit or '')[:10]} has a false date; "
                "make the change anew",
                4,
            )
    return datings


def _change(writer: LedgerWriter, candidate: _Candidate, terms: ReleaseOptions) -> Change:
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
        (writer.brand, locale) in candidate.last
        and dating.commit == candidate.last[writer.brand, locale].source
        for locale, dating in candidate.datings.items()
    )
    return "editorial" if settled else "material"


def _dates(
    writer: LedgerWriter,
    candidate: _Candidate,
    differences: Mapping[str, ClauseChanges],
    terms: ReleaseOptions,
) -> Mapping[str, Dating]:
    """Return the dates to be shown: those of the version before, where this is called editorial."""
    if not terms.editorial:
        return candidate.datings
    kept = {}
    for locale, dating in candidate.datings.items():
        last = candidate.last.get((writer.brand, locale))
        if last is not None:
            renamed = differences[locale].renamed if locale in differences else ()
            old = {new: old for old, new in renamed}
            days = {
                id: last.clauses.get(old.get(id, id), last.last_updated) for id in dating.clauses
            }
            kept[locale] = replace(dating, last_updated=last.last_updated, clauses=days)
    return {**candidate.datings, **kept}


def _refuse_tag(writer: LedgerWriter, tag: str | None) -> None:
    if tag is not None and any(each.name == tag for each in tags(writer.repository, tag)):
        raise Refused(f"there is a tag {tag} already; delete it, or leave out --tag")
    if tag is not None and writer.asked.sign is not None:
        refuse_signer(writer.working, writer.ledger, writer.asked.sign, writer.now, tag=True)


def _message(entry: Release) -> str:
    subject = f"Release {entry.brand} {entry.version}"
    body = f"In force from {entry.in_force_from}; {entry.change}."
    return "\n\n".join([subject, *([entry.summary] if entry.summary else []), body])
