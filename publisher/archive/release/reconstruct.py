"""``publisher reconstruct``: versions, and their ends, of the time before there was an archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from publisher.archive.dated_policies import DatedPolicies
from publisher.archive.entries import Absence, Reconstruct, entry_bytes, sha256
from publisher.archive.fields import next_version
from publisher.archive.folder import NAME, sums_bytes
from publisher.archive.lineage import Lineage
from publisher.archive.release.append import AppendOptions, AppendResult, LedgerWriter, writer
from publisher.archive.store import Addition
from publisher.archive.timeline import Timeline
from publisher.compose.brands import Progress
from publisher.errors import AskedWrongly, InvalidPolicy, PublisherError, Refused, UnknownName
from publisher.history.places import Names
from publisher.history.presence import Line, Revision, ends
from publisher.policy.dating import Dating
from publisher.policy.tree import Policy
from publisher.policy.words import words_digest
from publisher.render.documents import frozen_documents
from publisher.render.toolchain import recorded_tools
from publisher.repository.moment import Moment, committed, open_workspace
from publisher.repository.reading import Repository
from publisher.workspace.parsed import Workspace

SHOWN = 3
"""Reasons that are given where all revisions are left out."""
_DRAFT = "it was a draft: it quoted what nobody had confirmed"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A past material revision of a brand, and the version that it would become.

    `version` is None for one that is left out; `reason` says why. `locales` are those that the
    version has.
    """

    revision: Revision
    version: str | None
    locales: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """Where reconstructed versions end, as the repository did not have some locales from a day."""

    commit: str
    day: date
    locales: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """What a brand's history has, oldest first, and what was frozen of it.

    `outside` counts the revisions of other days than were asked for.
    """

    brand: str
    proposals: tuple[Proposal, ...]
    ends: tuple[End, ...] = ()
    outside: int = 0
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

    Only revisions from before the first released version count, and of those the ones from the day
    `since` to the day `until`. Where the repository had a locale of a version no longer, an entry
    says so, whatever the days. All are committed in one commit. Raises `UnknownName`, `Refused` and
    `AskedWrongly` where there is nothing to reconstruct.
    """
    if since is not None and until is not None and until < since:
        raise AskedWrongly(f"--until {until} lies before --since {since}")
    asked = replace(asked, dry_run=asked.dry_run or not freeze)
    with writer(root, brand, asked, _last_zone(root, brand)) as prepared:
        line = _line(prepared.repository, prepared.head.commit or "", prepared.working, brand)
        days = line.days(prepared.timezone, prepared.now.date())
        revisions = [*line.revisions(days)]
        maker = _Maker(prepared, days, line.commits, freeze=freeze)
        wanted = [each for each in revisions if each.changed]
        taken = [each for each in wanted if _between(each.day, since, until)]
        for at, revision in enumerate(taken):
            progress(at, len(taken), str(revision.day or revision.commit[:10]))
            maker.take(revision)
        progress(len(taken), len(taken), "")
        found = tuple(maker.proposals)
        ended = tuple(maker.ends({each.commit: each.gone for each in revisions}))
        if not ended and not any(each.version for each in found):
            raise Refused(_nothing(brand, found))
        appended: tuple[AppendResult, ...] = ()
        if freeze:
            appended = prepared.append_all(maker.chained(ended), _message(brand, found, ended))
    return Reconstruction(brand, found, ended, len(wanted) - len(taken), appended)


def _last_zone(root: Path, brand: str) -> str:
    """Return the last time zone of a brand that only history has, nothing for any other.

    Raises `UnknownName` for a brand that never was.
    """
    with open_workspace(root) as moment:
        lineage = Lineage(moment.archive)
        there = (*lineage.archived, *lineage.brands)
        if (
            brand in there
            or lineage.today(brand) in there
            or moment.repository is None
            or moment.commit is None
        ):
            return ""
        moment.repository.refuse_shallow()
        line = _line(moment.repository, moment.commit, moment, brand)
        zone = next((about.timezone for about in line.brands(brand)), "")
        if not zone:
            raise UnknownName("brand", brand, there)
        return zone


def _line(repository: Repository, head: str, moment: Moment, brand: str) -> Line:
    """Return the commits that are searched for what a brand said, under any of its names."""
    lineage = Lineage(moment.archive)
    today = lineage.today(brand)
    former = lineage.names[today].was if today in lineage.names else ()
    return Line(repository, head, today, Names(former))


def _first(lineage: Lineage, brand: str) -> date | None:
    """Return the day from which released versions of a brand, under any name, are in force."""
    archives = lineage.archives(brand)
    days = (Timeline(lineage.ledger(name)).first for name in archives)
    return min(filter(None, days), default=None)


def _between(day: date | None, since: date | None, until: date | None) -> bool:
    if day is None:
        return since is None and until is None
    return (since is None or since <= day) and (until is None or day <= until)


def _nothing(brand: str, proposals: tuple[Proposal, ...]) -> str:
    if not proposals:
        return f"{brand} has no material revision in that time, so there is nothing to reconstruct"
    reasons = [
        f"{each.revision.day or each.revision.commit[:10]}: {each.reason}" for each in proposals
    ]
    more = f"; and {len(reasons) - SHOWN} more" if len(reasons) > SHOWN else ""
    return f"nothing of {brand} is to be reconstructed. {'; '.join(reasons[:SHOWN])}{more}"


def _message(brand: str, proposals: tuple[Proposal, ...], ends: tuple[End, ...]) -> str:
    """Return the message of the commit."""
    versions = [each.version for each in proposals if each.version]
    if not versions:
        days = [str(each.day) for each in ends]
        return f"Record where {brand} ended, {_span(days)}\n\nAs the repository said before."
    return f"Reconstruct {brand} {_span(versions)}\n\nFrom what the repository said before."


def _span(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


class _Maker:
    """Makes proposals of revisions and, to `freeze` them, what is to be appended."""

    def __init__(
        self, writer: LedgerWriter, days: Mapping[str, date], line: Sequence[str], *, freeze: bool
    ) -> None:
        self.writer = writer
        self.freeze = freeze
        self.lineage = Lineage(writer.working.archive)
        self.first = _first(self.lineage, writer.brand)
        self.days = days
        self.line = line
        self.known = {entry.source: entry for entry in writer.ledger.of(Reconstruct)}
        self.taken = set(writer.ledger.version_ids)
        self.proposals: list[Proposal] = []
        self.additions: dict[str, Addition] = {}

    def take(self, revision: Revision) -> None:
        """Propose a version for a revision, or say why it is left out."""
        reason = self._left_out(revision)
        text = None
        if not reason:
            try:
                text = self._text(revision.commit)
            except PublisherError as fault:
                reason = str(fault).partition("\n")[0]
        if text is None or revision.day is None:
            self.proposals.append(Proposal(revision, None, reason=reason or _DRAFT))
            return
        version = next_version(revision.day, frozenset(self.taken), "-reconstructed")
        try:
            if self.freeze:
                self.additions[revision.commit] = self._addition(version, revision.day, text)
        except PublisherError as fault:
            self.proposals.append(Proposal(revision, None, reason=str(fault).partition("\n")[0]))
            return
        self.taken.add(version)
        self.proposals.append(Proposal(revision, version, tuple(text.policies)))

    def ends(self, gone: Mapping[str, Iterable[str]]) -> Iterator[End]:
        """Yield where versions end that are in the archive, or proposed, and no entry says so."""
        said = {source: tuple(entry.locales) for source, entry in self.known.items()}
        said |= {each.revision.commit: each.locales for each in self.proposals if each.version}
        recorded = {
            (entry.source, name)
            for entry in self.writer.ledger.of(Absence)
            for name in entry.locales
        }
        for commit, names in ends(self.line, self.days, said, gone).items():
            left = tuple(name for name in names if (commit, name) not in recorded)
            if left and (self.first is None or self.days[commit] < self.first):
                yield End(commit, self.days[commit], left)

    def chained(self, ended: Iterable[End]) -> tuple[Addition, ...]:
        """Return what is to be appended, in the order of the commits, each behind the other."""
        absences = {each.commit: Addition(self._absence(each), {}) for each in ended}
        chained: list[Addition] = []
        common = self.writer.common
        previous = common["previous"]
        for commit in self.line:
            for addition in (self.additions.get(commit), absences.get(commit)):
                if addition is None:
                    continue
                number = len(self.writer.ledger) + len(chained) + 1
                entry = addition.entry.model_copy(update={"sequence": number, "previous": previous})
                chained.append(replace(addition, entry=entry))
                previous = sha256(entry_bytes(entry))
        return tuple(chained)

    def _absence(self, end: End) -> Absence:
        about = {"kind": "absence", "locales": end.locales, "on": end.day, "source": end.commit}
        return Absence.model_validate(self.writer.common | about)

    def _left_out(self, revision: Revision) -> str:
        """Return why a revision is left out, whatever it says; nothing if it is not."""
        day = revision.day
        if day is None:
            return "its date cannot be true"
        if self.first is not None and day >= self.first:
            return f"from {self.first} on, released versions tell what was in force"
        if revision.commit in self.known:
            return f"it is in the archive already, as {self.known[revision.commit].version}"
        same = [each for each in self.line if self.days.get(each) == day]
        for commit in same[same.index(revision.commit) + 1 :]:
            if commit in self.known:
                return f"it was replaced on that day by {self.known[commit].version}"
        return ""

    def _text(self, commit: str) -> _Text | None:
        """Return what a brand said at a commit; None for nothing, or nothing but drafts."""
        moment = committed(self.writer.repository, commit)
        brand = self.lineage.called(self.writer.brand, moment.source)
        found = DatedPolicies(moment, None, self.writer.asked.cache).of((brand,))
        workspace = found.workspace
        whole = [each for each in found.composed if each.policy and not each.policy.draft]
        problems = found.problems
        if problems and not whole:
            raise InvalidPolicy(problems)
        if not whole:
            return None
        policies = {each.policy.locale: each.policy for each in whole if each.policy}
        datings = {each.policy.locale: each.dating for each in whole if each.policy}
        return _Text(moment, workspace, policies, datings)

    def _addition(self, version: str, day: date, text: _Text) -> Addition:
        commit = text.moment.commit
        datings = {
            locale: replace(
                dating,
                status="reconstructed",
                version=version,
                commit=commit,
                recorded=self.writer.now.date(),
            )
            for locale, dating in text.datings.items()
        }
        files = frozen_documents(text.moment, text.workspace, text.policies, datings, past=True)
        sums = sums_bytes(files)
        entry = Reconstruct.model_validate(
            self.writer.common
            | {
                "kind": "reconstruct",
                "version": version,
                "origin": "reconstructed",
                "revised": day,
                "locales": {
                    locale: {
                        "last_updated": datings[locale].last_updated or day,
                        "words": words_digest(policy),
                    }
                    for locale, policy in text.policies.items()
                },
                "source": commit,
                "tools": recorded_tools(),
                "sums": sha256(sums),
            }
        )
        return Addition(entry, {**files, NAME: sums})
