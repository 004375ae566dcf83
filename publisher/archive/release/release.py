"""``publisher release``: freeze the policies of the newest commit as a version in the archive.

Each brand is released whole or not at all. The documents are rendered from the commit, with the
version's id and the day on which it takes effect. Everything is checked before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from publisher.archive.entries import Change, ClauseChanges, Release, Retire
from publisher.archive.fields import next_version
from publisher.archive.fork_origins import read_ledger
from publisher.archive.issued import archived_policy
from publisher.archive.law_checks import grown, refusals, unordered
from publisher.archive.lineage import Lineage
from publisher.archive.moments import retired_at, takes_effect
from publisher.archive.release.append import (
    AppendOptions,
    AppendResult,
    LedgerWriter,
    checked_line,
    writer,
)
from publisher.archive.release.dirty_files import uncommitted
from publisher.archive.release.permission import refuse_signer
from publisher.archive.store import Addition
from publisher.archive.timeline import Timeline
from publisher.checks.policy_text import open_questions
from publisher.checks.vanished import vanished_texts
from publisher.compose.brands import Progress, brand_names, policies_at
from publisher.errors import AskedWrongly, InvalidPolicy, PublisherError, Redacted, Refused
from publisher.history.dates import Dates
from publisher.policy.dating import Dating, Released
from publisher.policy.tree import Policy
from publisher.policy.words import has_words, words_digest
from publisher.problem import Problem, errors
from publisher.redline import redline
from publisher.redline.summary import changes
from publisher.redline.values import Difference, Origin
from publisher.render.documents import frozen_documents
from publisher.render.toolchain import recorded_tools
from publisher.repository.source import FolderSource, Unreadable
from publisher.repository.tags import tags
from publisher.workspace.facts import Brand
from publisher.workspace.names import brand_file
from publisher.workspace.parsed import Workspace


@dataclass(frozen=True, slots=True)
class ReleaseOptions:
    """How to release a version; the default of `in_force` is the day of its publication.

    `editorial` says that the meaning has not changed, whatever commits say, and `reason` why;
    `short_notice` why a material version takes effect before the notice period ends.
    """

    in_force: date | None = None
    summary: str | None = None
    editorial: bool = False
    reason: str | None = None
    short_notice: str | None = None
    approvals: tuple[str, ...] = ()
    tag: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one brand: the entry that was appended, or the fault that stopped it.

    `differences` are from the version before, one for each locale that both have. `back` are the
    retired locales that the version brings back; `proposed` those that it leaves out, as they are
    only proposed.
    """

    brand: str
    appended: AppendResult | None = None
    differences: tuple[Difference, ...] = ()
    fault: PublisherError | None = None
    back: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    proposed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    """The policies of a future version, and their dates, by locale.

    `before` is the version before, also under a former name of the brand; `tags` are its locales,
    by the tags that they have today, and `ended` those that are retired by the day on which this
    one takes effect. `last` has the latest version of each policy.
    """

    lineage: Lineage
    workspace: Workspace
    policies: Mapping[str, Policy]
    datings: Mapping[str, Dating]
    before: Release | None
    tags: Mapping[str, str]
    last: Mapping[tuple[str, str], Released]
    ended: frozenset[str]

    @property
    def comes_back(self) -> bool:
        """Whether the brand would have nothing in force without this version."""
        return self.before is not None and self.ended == set(self.tags)

    @property
    def same_locales(self) -> bool:
        """Whether it has the locales of the version before."""
        return set(self.tags) == set(self.policies)

    @property
    def same(self) -> bool:
        """Whether it has the words of the version before in every locale."""
        if self.before is None or not self.same_locales:
            return False
        policies = self.policies.values()
        pairs = ((policy, self.last[policy.brand.id, policy.locale]) for policy in policies)
        return all(has_words(policy, last.words, redacted=last.redacted) for policy, last in pairs)

    @property
    def editorial(self) -> bool:
        """Whether all commits since the latest version of each policy are editorial."""
        return all(
            (last := self.last.get((policy.brand.id, policy.locale))) is not None
            and self.datings[policy.locale].commit == last.source
            for policy in self.policies.values()
        )


@dataclass(frozen=True, slots=True)
class _Terms:
    """The id of a future version, its days, its kind of change, and its tag, if any."""

    version: str
    published: date
    in_force: date
    change: Change
    tag: str | None
    options: ReleaseOptions

    def message(self, brand: str) -> str:
        """Return the message of the commit."""
        summary = [self.options.summary] if self.options.summary else []
        body = f"In force from {self.in_force}; {self.change}."
        return "\n\n".join([f"Release {brand} {self.version}", *summary, body])


def release(
    root: Path,
    brands: Iterable[str],
    options: ReleaseOptions,
    asked: AppendOptions,
    progress: Progress = lambda *_: None,
) -> tuple[Outcome, ...]:
    """Release the policies of brands in the workspace in `root`; a refusal stops no other brand.

    Raises `AskedWrongly`, `Refused` and `UnknownName` for options that no brand can have.
    """
    options = _checked(options)
    brands = brand_names(FolderSource(root), brands)
    outcomes = []
    for at, brand in enumerate(brands):
        progress(at, len(brands), brand)
        try:
            with writer(root, brand, asked) as ledger_writer:
                outcomes.append(_release(ledger_writer, options))
        except InvalidPolicy as fault:
            outcomes.append(Outcome(brand, fault=fault, problems=fault.problems))
        except PublisherError as fault:
            outcomes.append(Outcome(brand, fault=fault))
    progress(len(brands), len(brands), "")
    return tuple(outcomes)


def _checked(options: ReleaseOptions) -> ReleaseOptions:
    """Return the options with their texts stripped; raises `AskedWrongly` and `Refused`."""
    if options.editorial != (options.reason is not None):
        raise AskedWrongly("--editorial needs --reason TEXT, and --reason is for --editorial only")
    return replace(
        options,
        summary=checked_line("--summary", options.summary),
        reason=checked_line("--reason", options.reason),
        short_notice=checked_line("--short-notice", options.short_notice),
        approvals=tuple(checked_line("--approved-by", name) or "" for name in options.approvals),
    )


def _release(writer: LedgerWriter, options: ReleaseOptions) -> Outcome:
    if writer.about is None:
        raise Refused(
            f"the newest commit has no brand '{writer.brand}'; commit brands/{writer.brand}", 1
        )
    in_force = options.in_force or writer.now.date()
    candidate = _candidate(writer, writer.about, in_force)
    terms = _terms(writer, candidate, options, in_force)
    differences = _differences(writer, candidate)
    addition = _addition(writer, candidate, terms, differences)
    result = writer.append(addition, terms.message(writer.brand), terms.tag)
    notes = (*_lost(writer, candidate, in_force), *_retirements(writer, terms, candidate.policies))
    result = replace(result, notes=notes)
    return Outcome(
        writer.brand,
        result,
        tuple(differences.values()),
        back=tuple(locale for locale in candidate.policies if locale in candidate.ended),
        problems=_problems(writer, candidate),
        proposed=writer.about.proposed,
    )


def _terms(
    writer: LedgerWriter, candidate: _Candidate, options: ReleaseOptions, in_force: date
) -> _Terms:
    """Return the terms of a version; raises `Refused` if it cannot have them."""
    published = writer.now.date()
    _refuse_same(writer, candidate, options)
    change = _change(candidate, options)
    _refuse_day(writer, candidate.before, in_force, published)
    if change == "material":
        refuse_short_notice(writer, in_force, published, options.short_notice)
    version = next_version(published, frozenset(writer.ledger.version_ids))
    tag = f"{writer.brand}/{version}" if options.tag else None
    _refuse_tag(writer, tag)
    return _Terms(version, published, in_force, change, tag, options)


def _addition(
    writer: LedgerWriter,
    candidate: _Candidate,
    terms: _Terms,
    differences: Mapping[str, Difference],
) -> Addition:
    """Return the entry and the documents of a version."""
    recorded = {locale: _recorded(difference) for locale, difference in differences.items()}
    datings = {
        locale: replace(dating, status="released", version=terms.version, in_force=terms.in_force)
        for locale, dating in _dates(candidate, recorded, terms.options).items()
    }
    return writer.version(
        Release,
        frozen_documents(writer.head, candidate.workspace, candidate.policies, datings),
        version=terms.version,
        origin="released",
        change=terms.change,
        reason=terms.options.reason,
        published=terms.published,
        in_force_from=terms.in_force,
        short_notice=terms.options.short_notice,
        locales=recorded_locales(candidate.policies, datings),
        source=writer.head.commit,
        summary=terms.options.summary,
        changes=recorded,
        approvals=terms.options.approvals,
        tools=recorded_tools(),
    )


def recorded_locales(
    policies: Mapping[str, Policy], datings: Mapping[str, Dating], default: date | None = None
) -> dict[str, object]:
    """Return the fields of an entry on each locale; `default` is the date of an undated policy."""
    return {
        locale: {
            "last_updated": datings[locale].last_updated or default,
            "words": words_digest(policy),
        }
        for locale, policy in policies.items()
    }


def _recorded(difference: Difference) -> ClauseChanges:
    """Return the fields of an entry for a redline."""
    summary = changes(difference.redline)
    return ClauseChanges(**{name: getattr(summary, name) for name in ClauseChanges.model_fields})


def _lost(writer: LedgerWriter, candidate: _Candidate, in_force: date) -> Iterator[str]:
    """Yield which locales of the version before this one ends, as it does not have them."""
    kept = candidate.ended.union(candidate.policies)
    for locale, tag in candidate.tags.items():
        if locale not in kept:
            yield (
                f"nothing is in force in {tag} from {in_force}, as this version does not have it. "
                f"If it should, write {tag} under `locales` in brands/{writer.brand}/brand.yaml, "
                "commit, and release again"
            )


def _retirements(writer: LedgerWriter, terms: _Terms, locales: Iterable[str]) -> tuple[str, ...]:
    """Return which retirements end a version that is to be released."""
    begins = takes_effect(terms.in_force, writer.now, writer.timezone)
    ends = writer.timeline.retiring(len(writer.ledger) + 1, begins)
    return tuple(
        retirement_note(end, terms.version, begins)
        for end in ends
        if end.locale in (None, *locales)
    )


def retirement_note(end: Retire, version: str, begins: datetime) -> str:
    """Return what a retirement does to a version that begins at a moment."""
    where = f" in {end.locale}" if end.locale is not None else ""
    back = f"A release after that, with --in-force {end.on} or later, brings it back"
    if begins < retired_at(end):
        return f"version {version} ends{where} on {end.on}, with the retirement. {back}"
    return f"version {version} never comes into force{where}: the retirement comes first. {back}"


def _problems(writer: LedgerWriter, candidate: _Candidate) -> tuple[Problem, ...]:
    """Return the warnings about a released version."""
    datings = candidate.datings.values()
    problems = tuple(problem for dating in datings for problem in dating.problems)
    before = candidate.before
    if before is None:
        return problems
    today = writer.now.date()
    return problems + grown(writer.head, writer.brand, before.version, before.source, today)


# --- what would be released ---


def _candidate(writer: LedgerWriter, about: Brand, in_force: date) -> _Candidate:
    """Return the future version, with its dates; raises `InvalidPolicy` and `Refused`."""
    workspace, policies = _publishable(writer)
    lineage = Lineage(writer.working.archive, writer.working)
    before = next(lineage.releases(writer.brand), None)
    if before is None:
        _refuse_renamed(writer, lineage)
    last = lineage.latest(policies.values())
    tags: dict[str, str] = {}
    ended: set[str] = set()
    if before is not None:
        tags = lineage.locales(before)
        begins = takes_effect(in_force, writer.now, writer.timezone)
        timeline = Timeline(lineage.ledger(before.brand))
        ended = {locale for locale, tag in tags.items() if timeline.ended(before, begins, tag)}
    pairs = [(policy, about) for policy in policies.values()]
    dated = Dates(writer.head, writer.asked.cache).of(pairs, last)
    datings = dict(zip(policies, dated, strict=True))
    _refuse_dates(writer, datings, last)
    return _Candidate(lineage, workspace, policies, datings, before, tags, last, frozenset(ended))


def _publishable(writer: LedgerWriter) -> tuple[Workspace, dict[str, Policy]]:
    """Return the brand's policies by locale, with their workspace.

    Raises `InvalidPolicy` for a policy with errors or open questions, `Refused` where uncommitted
    changes would reach one.
    """
    source, brand = writer.head.source, writer.brand
    committed = policies_at(source, (brand,))
    policies = {locale: policy for (_, locale), policy in committed.whole.items()}
    files = frozenset(path for policy in policies.values() for path in policy.files)
    problems = [
        *committed.problems,
        *unordered(writer.head, (brand,)),
        *vanished_texts(committed.workspace, files),
        *refusals(writer.head, brand, writer.now.date()),
        *open_questions(policies.values()),
    ]
    if problems:
        raise InvalidPolicy(tuple(dict.fromkeys(problems)))
    changed = uncommitted(writer.working.source, source, brand)
    for path in changed:
        try:
            writer.working.source.read(path)
        except Unreadable as fault:
            raise Refused(f"{path} {fault.reason}; {fault.fix}", 1) from fault
    if changed:
        raise Refused(
            f"uncommitted changes reach the policy of {brand}: {', '.join(changed)}; commit "
            "them, or set them aside with `git stash`, then release",
            1,
        )
    return committed.workspace, policies


def _differences(writer: LedgerWriter, candidate: _Candidate) -> dict[str, Difference]:
    """Return how the policies, by locale, differ from those of the version before, if it has them.

    A redacted text cannot be compared, and is left out. Raises `ArchiveDamaged`.
    """
    before, lineage = candidate.before, candidate.lineage
    if before is None:
        return {}
    start = Timeline(lineage.ledger(before.brand)).start(before)
    today = writer.now.date()
    origins = (
        Origin(before.version, "version", before.brand, before.version, start),
        Origin("HEAD", "commit", writer.brand, writer.head.commit or "", today),
    )
    differences = {}
    for locale, policy in candidate.policies.items():
        tag = lineage.tag(before, locale)
        if tag is not None:
            with suppress(Redacted):
                old = archived_policy(lineage.archive, before, tag)
                differences[locale] = Difference(redline(old, policy), origins, locale)
    return differences


def _change(candidate: _Candidate, options: ReleaseOptions) -> Change:
    """Return the kind of change: editorial only if the options, or all commits, say so.

    Adding or removing a locale is material, and so is bringing back a brand. The first version
    under a new name is compared with the last one under the former name.
    """
    if candidate.before is None:
        if options.editorial:
            raise Refused("the first version of a policy cannot be editorial")
        return "first"
    if options.editorial:
        return "editorial"
    if candidate.comes_back or not candidate.same_locales:
        return "material"
    return "editorial" if candidate.editorial else "material"


def _dates(
    candidate: _Candidate, recorded: Mapping[str, ClauseChanges], options: ReleaseOptions
) -> Mapping[str, Dating]:
    """Return the dates to show: for an `editorial` release, those of the version before."""
    if not options.editorial:
        return candidate.datings
    kept = {}
    for locale, dating in candidate.datings.items():
        last = candidate.last.get((candidate.policies[locale].brand.id, locale))
        if last is not None:
            renamed = recorded[locale].renamed if locale in recorded else ()
            old = {new: old for old, new in renamed}
            days = {
                id: last.clauses.get(old.get(id, id), last.last_updated) for id in dating.clauses
            }
            kept[locale] = replace(dating, last_updated=last.last_updated, clauses=days)
    return {**candidate.datings, **kept}


# --- what stops a release ---


def _refuse_renamed(writer: LedgerWriter, lineage: Lineage) -> None:
    """Refuse a first version while another archive has lost its brand: it may be the same brand.

    Its versions, and the dates of its words, would not go on.
    """
    for name in lineage.orphans(writer.head.source):
        raise Refused(
            f"it would be the first version of {writer.brand}, and versions/{name} has versions of "
            f"'{name}', which is no longer in brands/; if {writer.brand} is its new name, write "
            f"`was: [{name}]` in {brand_file(writer.brand)} and commit that; if it is gone, run "
            f"`publisher retire {name} --on DATE --reason TEXT` first",
            1,
        )


def _refuse_same(writer: LedgerWriter, candidate: _Candidate, options: ReleaseOptions) -> None:
    """Refuse a version with the words of the one before."""
    before = candidate.before
    if before is None or options.editorial or candidate.comes_back or not candidate.same:
        return
    name = "" if before.brand == writer.brand else f", released as {before.brand}"
    raise Refused(
        f"{writer.brand} has the words of its version {before.version}{name}: there is nothing "
        "to release; released versions never change. To issue the same words again, for example "
        "with an accessible PDF, add --editorial --reason TEXT"
    )


def _refuse_dates(
    writer: LedgerWriter,
    datings: Mapping[str, Dating],
    last: Mapping[tuple[str, str], Released],
) -> None:
    """Raise `InvalidPolicy` or `Refused` for policies whose dates are missing or wrong."""
    problems = errors(problem for dating in datings.values() for problem in dating.problems)
    if problems:
        raise InvalidPolicy(tuple(dict.fromkeys(problems)))
    for locale, dating in datings.items():
        day, earlier = dating.last_updated, last.get((writer.brand, locale))
        if day is None:
            raise Refused(
                f"the policy of {writer.brand} in {locale} has no date: "
                f"{dating.problems[0] if dating.problems else 'no commit dates it'}",
                4,
            )
        if earlier is not None and day < earlier.last_updated:
            fault = f"on {day}, before those of version {earlier.version} ({earlier.last_updated})"
        elif day > writer.now.date():
            fault = f"in the future, on {day}"
        else:
            continue
        raise Refused(
            f"the words of {writer.brand} in {locale} were last updated {fault}: commit "
            f"{(dating.commit or '')[:10]} has a false date; commit the change again, with the "
            "right date",
            4,
        )


def _refuse_day(
    writer: LedgerWriter, earlier: Release | None, in_force: date, published: date
) -> None:
    """Refuse a day before publication, or before the previous version takes effect."""
    if in_force < published:
        raise Refused(
            f"a version published on {published} cannot come into force before that day, on "
            f"{in_force}; give that day or a later one with --in-force"
        )
    if earlier is None:
        return
    if published < earlier.published:
        raise Refused(
            f"it is still {published} in {writer.timezone}, and version {earlier.version} was "
            "published on a later day; release tomorrow",
            4,
        )
    start = Timeline(read_ledger(writer.working.archive, earlier.brand)).start(earlier)
    if in_force < start:  # the versions before it took effect earlier
        raise Refused(
            f"version {earlier.version} comes into force on {start}, so a later version cannot "
            f"come into force before it, on {in_force}; give --in-force {start} or later, or move "
            f"the earlier one with `publisher reschedule {earlier.brand} {earlier.version}`"
        )


def refuse_short_notice(
    writer: LedgerWriter, in_force: date, published: date, short_notice: str | None
) -> None:
    """Raise `Refused` for a material version that takes effect before the notice period ends."""
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


def _refuse_tag(writer: LedgerWriter, tag: str | None) -> None:
    if tag is None:
        return
    if any(known.name == tag for known in tags(writer.repository, tag)):
        raise Refused(f"there is a tag {tag} already; delete it, or leave out --tag")
    if writer.asked.sign is not None:
        refuse_signer(writer.working, writer.ledger, writer.asked.sign, writer.now, tag=True)
