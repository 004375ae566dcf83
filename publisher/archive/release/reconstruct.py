"""``publisher reconstruct``: versions, and their ends, from before the archive began."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from publisher.archive.dated_policies import DatedPolicies
from publisher.archive.entries import Absence, Reconstruct, entry_bytes, sha256
from publisher.archive.fields import next_version
from publisher.archive.lineage import Lineage
from publisher.archive.release.append import AppendOptions, AppendResult, LedgerWriter, writer
from publisher.archive.release.release import recorded_locales
from publisher.archive.store import Addition
from publisher.archive.timeline import Timeline
from publisher.compose.brands import Progress
from publisher.errors import AskedWrongly, InvalidPolicy, PublisherError, Refused, UnknownName
from publisher.history.places import Names
from publisher.history.presence import Account, Line, Revision, Unread, ends
from publisher.policy.dating import Dating
from publisher.policy.tree import Policy
from publisher.problem import Problem
from publisher.render.documents import frozen_documents, past_style
from publisher.render.toolchain import recorded_tools
from publisher.repository.moment import Moment, committed, open_workspace, source_at
from publisher.repository.reading import Repository
from publisher.workspace.parsed import Workspace

SHOWN = 3
"""Reasons to give where every revision is left out."""
_DRAFT = "it was a draft: it quoted what nobody had confirmed"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A past material revision of a brand, and the id and locales of its future version.

    `version` is None for a revision that is left out; `reason` says why. If its documents get a
    plain look, `plain` are the problems of its own.
    """

    revision: Revision
    version: str | None
    locales: tuple[str, ...] = ()
    reason: str = ""
    plain: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """A day from which the repository no longer had some locales: reconstructed versions end."""

    commit: str
    day: date
    locales: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """The past revisions of a brand, oldest first, and what was appended.

    `outside` counts the revisions outside the days that were asked for. `unread` are the commits
    from before the first released version that cannot be read.
    """

    brand: str
    proposals: tuple[Proposal, ...]
    ends: tuple[End, ...] = ()
    outside: int = 0
    unread: tuple[Unread, ...] = ()
    appended: tuple[AppendResult, ...] = ()


@dataclass(frozen=True, slots=True)
class _Text:
    """A brand's policies at a commit, with their dates, by locale."""

    moment: Moment
    workspace: Workspace
    policies: Mapping[str, Policy]
    datings: Mapping[str, Dating]


def reconstruct(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    asked: AppendOptions,
    *,
    since: date | None = None,
    until: date | None = None,
    freeze: bool = False,
    progress: Progress = lambda *_: None,
) -> Reconstruction:
    """Propose a version for each past material revision of a brand, and `freeze` them if asked.

    Only revisions from before the first released version count, from the day `since` to the day
    `until`. If the repository no longer had a locale of a version, an entry records that, on
    whatever day. All entries go into one commit. Raises `UnknownName`, `AskedWrongly`, and
    `Refused` if there is nothing to reconstruct.
    """
    if since is not None and until is not None and until < since:
        raise AskedWrongly(f"--until {until} is before --since {since}")
    asked = replace(asked, dry_run=asked.dry_run or not freeze)
    with writer(root, brand, asked, _last_zone(root, brand)) as prepared:
        line = _line(prepared.repository, prepared.head.commit or "", prepared.working, brand)
        days = line.days(prepared.timezone, prepared.now.date())
        account = line.account(days)
        maker = _Maker(prepared, days, line.commits, freeze=freeze)
        changed = [revision for revision in account.revisions if revision.changed]
        taken = [revision for revision in changed if _between(revision.day, since, until)]
        for at, revision in enumerate(taken):
            progress(at, len(taken), str(revision.day or revision.commit[:10]))
            maker.propose(revision)
        progress(len(taken), len(taken), "")
        proposals = tuple(maker.proposals)
        removed = {revision.commit: revision.removed for revision in account.revisions}
        ended, unread = tuple(maker.ends(removed)), tuple(maker.unread(account))
        if not ended and not any(proposal.version for proposal in proposals):
            within = [gap for gap in unread if _meets(gap, since, until)]
            raise Refused(_nothing(brand, proposals, within))
        appended: tuple[AppendResult, ...] = ()
        if freeze:
            message = _message(brand, proposals, ended)
            appended = prepared.append_all(maker.chained(ended), message)
    outside = len(changed) - len(taken)
    return Reconstruction(brand, proposals, ended, outside, unread, appended)


def _last_zone(root: Path, brand: str) -> str:
    """Return the last time zone of a brand that exists only in history, nothing for any other.

    Raises `UnknownName` for a brand that history does not have either.
    """
    with open_workspace(root) as moment:
        lineage = Lineage(moment.archive, moment)
        known = (*lineage.archived, *lineage.brands)
        repository, commit = moment.repository, moment.commit
        if brand in known or lineage.today(brand) in known or not repository or not commit:
            return ""
        repository.refuse_shallow()
        line = _line(repository, commit, moment, brand)
        zone = next((about.timezone for about in line.brands(brand)), "")
        if not zone:
            raise UnknownName("brand", brand, known)
        return zone


def _line(repository: Repository, head: str, moment: Moment, brand: str) -> Line:
    """Return the commits to search for a brand's policies, under any of its names."""
    lineage = Lineage(moment.archive, moment)
    today = lineage.today(brand)
    former = lineage.names[today].was if today in lineage.names else ()
    return Line(repository, head, today, Names(former))


def _first(lineage: Lineage, brand: str) -> date | None:
    """Return the day from which released versions of a brand, under any name, are in force."""
    days = (Timeline(lineage.ledger(name)).first for name in lineage.archives(brand))
    return min(filter(None, days), default=None)


def _between(day: date | None, since: date | None, until: date | None) -> bool:
    if day is None:
        return since is None and until is None
    return (since is None or since <= day) and (until is None or day <= until)


def _meets(gap: Unread, since: date | None, until: date | None) -> bool:
    """Return whether one of the days on which commits cannot be read may be asked for."""
    begun = until is None or gap.day is None or gap.day <= until
    return begun and (since is None or gap.until_day is None or since < gap.until_day)


def _nothing(brand: str, proposals: tuple[Proposal, ...], unread: Iterable[Unread]) -> str:
    reasons = [
        f"{proposal.revision.day or proposal.revision.commit[:10]}: {proposal.reason}"
        for proposal in proposals
    ]
    reasons += [f"{gap.day or gap.commit[:10]}: cannot be read: {gap.reason}" for gap in unread]
    if not reasons:
        return f"{brand} has no material revision in that time, so there is nothing to reconstruct"
    more = f"; and {len(reasons) - SHOWN} more" if len(reasons) > SHOWN else ""
    return f"nothing can be reconstructed for {brand}. {'; '.join(reasons[:SHOWN])}{more}"


def _message(brand: str, proposals: tuple[Proposal, ...], ends: tuple[End, ...]) -> str:
    """Return the message of the commit."""
    versions = [proposal.version for proposal in proposals if proposal.version]
    if not versions:
        days = [str(end.day) for end in ends]
        return f"Record where {brand} ended, {_span(days)}\n\nAs the repository said before."
    return f"Reconstruct {brand} {_span(versions)}\n\nFrom what the repository said before."


def _span(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


class _Maker:
    """Makes a proposal of each revision and, to `freeze` them, the additions to the archive."""

    def __init__(
        self, writer: LedgerWriter, days: Mapping[str, date], line: Sequence[str], *, freeze: bool
    ) -> None:
        self.writer = writer
        self.freeze = freeze
        self.lineage = Lineage(writer.working.archive, writer.working)
        self.first = _first(self.lineage, writer.brand)
        self.days = days
        self.line = line
        self.known = {entry.source: entry for entry in writer.ledger.of(Reconstruct)}
        self.ids = set(writer.ledger.version_ids)
        self.proposals: list[Proposal] = []
        self.additions: dict[str, Addition] = {}

    def propose(self, revision: Revision) -> None:
        """Propose a version for a revision, or give the reason for leaving it out."""
        try:
            self.proposals.append(self._proposal(revision))
        except PublisherError as fault:
            reason = str(fault).partition("\n")[0]
            self.proposals.append(Proposal(revision, None, reason=reason))

    def _proposal(self, revision: Revision) -> Proposal:
        reason, day = self._reason_against(revision), revision.day
        text = self._text(revision.commit) if not reason else None
        if text is None or day is None:
            return Proposal(revision, None, reason=reason or _DRAFT)
        version = next_version(day, frozenset(self.ids), "-reconstructed")
        if self.freeze:
            self.additions[revision.commit] = self._addition(version, day, text)
        self.ids.add(version)
        own = next(iter(text.workspace.brands.values()))
        refused = past_style(text.moment.source, own)[1]
        return Proposal(revision, version, tuple(text.policies), plain=refused)

    def unread(self, account: Account) -> Iterator[Unread]:
        """Yield the commits that cannot be read, if no released version answers for their days."""
        for gap in account.unread:
            if self.first is None or gap.day is None or gap.day < self.first:
                yield gap

    def ends(self, removed: Mapping[str, Iterable[str]]) -> Iterator[End]:
        """Yield the ends of archived or proposed versions that no entry records yet."""
        locales = {source: tuple(entry.locales) for source, entry in self.known.items()}
        locales |= {p.revision.commit: p.locales for p in self.proposals if p.version}
        # a version is recorded after an end on its day, and so answers in place of it
        new = {(p.revision.day, name) for p in self.proposals if p.version for name in p.locales}
        recorded = {
            (entry.source, name)
            for entry in self.writer.ledger.of(Absence)
            for name in entry.locales
            if (entry.on, name) not in new
        }
        for commit, names in ends(self.line, self.days, locales, removed).items():
            left = tuple(name for name in names if (commit, name) not in recorded)
            if left and (self.first is None or self.days[commit] < self.first):
                yield End(commit, self.days[commit], left)

    def chained(self, ended: Iterable[End]) -> tuple[Addition, ...]:
        """Return the additions in the order of the commits, chained to each other."""
        absences = {end.commit: self._absence(end) for end in ended}
        chained: list[Addition] = []
        previous = self.writer.ledger.head
        for commit in self.line:
            for addition in (self.additions.get(commit), absences.get(commit)):
                if addition is None:
                    continue
                number = len(self.writer.ledger) + len(chained) + 1
                entry = addition.entry.model_copy(update={"sequence": number, "previous": previous})
                chained.append(replace(addition, entry=entry))
                previous = sha256(entry_bytes(entry))
        return tuple(chained)

    def _absence(self, end: End) -> Addition:
        entry = self.writer.entry(Absence, locales=end.locales, on=end.day, source=end.commit)
        return Addition(entry)

    def _reason_against(self, revision: Revision) -> str:
        """Return why a revision is left out, whatever its text; empty if it is not."""
        day = revision.day
        if day is None:
            return "its date cannot be true"
        if self.first is not None and day >= self.first:
            return f"from {self.first} on, released versions show what was in force"
        if revision.commit in self.known:
            return f"it is in the archive already, as {self.known[revision.commit].version}"
        same = [commit for commit in self.line if self.days.get(commit) == day]
        for commit in same[same.index(revision.commit) + 1 :]:
            if commit in self.known:
                return f"it was replaced on that day by {self.known[commit].version}"
        return ""

    def _text(self, commit: str) -> _Text | None:
        """Return a brand's policies at a commit; None if it has none, or only drafts."""
        moment = committed(self.writer.repository, commit)
        moment = replace(moment, source=source_at(self.writer.repository, commit, past=True))
        brand = self.lineage.called(self.writer.brand, moment.source)
        dated = DatedPolicies(moment, None, self.writer.asked.cache).of((brand,))
        whole = {key: policy for key, policy in dated.whole.items() if not policy.draft}
        if dated.problems and not whole:
            raise InvalidPolicy(dated.problems)
        if not whole:
            return None
        policies = {locale: policy for (_, locale), policy in whole.items()}
        datings = {c.locale: c.dating for c in dated.composed if c.locale in policies}
        return _Text(moment, dated.workspace, policies, datings)

    def _addition(self, version: str, day: date, text: _Text) -> Addition:
        commit, today = text.moment.commit, self.writer.now.date()
        datings = {
            locale: replace(
                dating, status="reconstructed", version=version, commit=commit, recorded=today
            )
            for locale, dating in text.datings.items()
        }
        return self.writer.version(
            Reconstruct,
            frozen_documents(text.moment, text.workspace, text.policies, datings, past=True),
            version=version,
            origin="reconstructed",
            revised=day,
            locales=recorded_locales(text.policies, datings, default=day),
            source=commit,
            tools=recorded_tools(),
        )
