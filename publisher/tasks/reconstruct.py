"""``publisher reconstruct``: versions of what a repository said before it had an archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from publisher.archive.store import Addition
from publisher.archive.sums import NAME, sums_bytes
from publisher.archive.timeline import Timeline
from publisher.errors import AskedWrongly, InvalidPolicy, PublisherError, Refused
from publisher.model.dating import Dating
from publisher.model.fields import next_version
from publisher.model.ledger import Reconstruct, entry_bytes, sha256
from publisher.model.policy import Policy
from publisher.model.words import words_digest
from publisher.model.workspace import Workspace
from publisher.tasks.appending import Appended, Appending, Desk, desk
from publisher.tasks.built import Progress
from publisher.tasks.dates import Dates
from publisher.tasks.freezing import frozen_documents, recorded_tools
from publisher.tasks.history import Entry as Revision
from publisher.tasks.history import history
from publisher.tasks.lineage import Lineage
from publisher.tasks.policies import compose_all, load_brands
from publisher.tasks.workspaces import Moment, committed
from publisher.workspace import brands_in

SHOWN = 3
"""Reasons that are given where all revisions are left out."""
_DRAFT = "it was a draft: it quoted what nobody had confirmed"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A past material revision of a brand, and the version that it would become.

    `version` is None for one that is left out; `reason` says why. `locales` are those that the
    commit has.
    """

    revision: Revision
    version: str | None
    locales: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """What a brand's history has, oldest first, and what was frozen of it."""

    brand: str
    proposals: tuple[Proposal, ...]
    appended: tuple[Appended, ...] = ()


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
    asked: Appending,
    *,
    since: date | None = None,
    until: date | None = None,
    freeze: bool = False,
    progress: Progress = lambda *_: None,
) -> Reconstruction:
    """Propose a version for each past material revision of a brand, and `freeze` them if asked.

    Only revisions from before the first released version count, and of those the ones from the day
    `since` to the day `until`. All are committed in one commit. Raises `UnknownName`, `Refused` and
    `AskedWrongly` where there is nothing to reconstruct.
    """
    if since is not None and until is not None and until < since:
        raise AskedWrongly(f"--until {until} lies before --since {since}")
    revisions = _revisions(root, brand)
    with desk(root, brand, replace(asked, dry_run=asked.dry_run or not freeze)) as prepared:
        line = prepared.repository.line(prepared.head.commit or "")
        wanted = [revisions[id] for id in reversed(line) if id in revisions]
        maker = _Maker(prepared, freeze=freeze)
        for at, revision in enumerate(wanted):
            progress(at, len(wanted), str(revision.day or revision.commit[:10]))
            if _between(revision.day, since, until):
                maker.take(revision)
        progress(len(wanted), len(wanted), "")
        proposals = tuple(maker.proposals)
        if not any(each.version for each in proposals):
            raise Refused(_nothing(brand, proposals))
        appended = prepared.append_all(maker.additions, maker.message) if freeze else ()
    return Reconstruction(brand, proposals, appended)


def _revisions(root: Path, brand: str) -> dict[str, Revision]:
    """Return a brand's material revisions in any locale, by their commits."""
    found: dict[str, Revision] = {}
    for each in history(root, brand):
        for entry in each.entries:
            if entry.kind == "material":
                found.setdefault(entry.commit, entry)
    return found


def _between(day: date | None, since: date | None, until: date | None) -> bool:
    if day is None:
        return since is None and until is None
    return (since is None or since <= day) and (until is None or day <= until)


def _nothing(brand: str, proposals: tuple[Proposal, ...]) -> str:
    if not proposals:
        return f"{brand} has no material revision in that time, so there is nothing to reconstruct"
    reasons = [f"{each.revision.day or each.revision.commit[:10]}: {each.reason}"
               for each in proposals]  # fmt: skip
    more = f"; and {len(reasons) - SHOWN} more" if len(reasons) > SHOWN else ""
    return f"nothing of {brand} is to be reconstructed. {'; '.join(reasons[:SHOWN])}{more}"


def _first(lineage: Lineage, brand: str) -> date | None:
    """Return the day from which released versions of a brand, under any name, are in force."""
    archives = lineage.archives(brand)
    days = (Timeline(lineage.ledger(name)).first for name in archives)
    return min(filter(None, days), default=None)


class _Maker:
    """Makes proposals of revisions and, to `freeze` them, what is to be appended."""

    def __init__(self, desk: Desk, *, freeze: bool) -> None:
        self.desk = desk
        self.freeze = freeze
        self.lineage = Lineage(desk.working.archive)
        self.first = _first(self.lineage, desk.brand)
        self.known = {entry.source: entry.version for entry in desk.ledger.of(Reconstruct)}
        self.taken = set(desk.ledger.version_ids)
        self.proposals: list[Proposal] = []
        self.additions: list[Addition] = []

    @property
    def message(self) -> str:
        """The message of the commit."""
        versions = [each.version for each in self.proposals if each.version]
        which = versions[0] if len(versions) == 1 else f"{versions[0]} to {versions[-1]}"
        return f"Reconstruct {self.desk.brand} {which}\n\nFrom what the repository said before."

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
                self.additions.append(self._addition(version, revision.day, text))
        except PublisherError as fault:
            self.proposals.append(Proposal(revision, None, reason=str(fault).partition("\n")[0]))
            return
        self.taken.add(version)
        self.proposals.append(Proposal(revision, version, tuple(text.policies)))

    def _left_out(self, revision: Revision) -> str:
        """Return why a revision is left out, whatever it says; nothing if it is not."""
        if revision.day is None:
            return "its date cannot be true"
        if self.first is not None and revision.day >= self.first:
            return f"from {self.first} on, released versions tell what was in force"
        if revision.commit in self.known:
            return f"it is in the archive already, as {self.known[revision.commit]}"
        return ""

    def _text(self, commit: str) -> _Text | None:
        """Return what a brand said at a commit; None for nothing, or nothing but drafts."""
        moment = committed(self.desk.repository, commit)
        brand = self.lineage.called(self.desk.brand, moment.source)
        if brand not in brands_in(moment.source):
            raise Refused("the brand was taken out of the workspace")
        workspace = load_brands(moment.source, (brand,))
        composed = compose_all(workspace)
        problems = tuple(problem for each in composed for problem in each.problems)
        if problems:
            raise InvalidPolicy(problems)
        policies = [each.policy for each in composed if each.policy and not each.policy.draft]
        if not policies:
            return None
        about = workspace.brands[brand].content
        datings = Dates(moment).of([(policy, about) for policy in policies])
        return _Text(
            moment,
            workspace,
            {policy.locale: policy for policy in policies},
            {policy.locale: dating for policy, dating in zip(policies, datings, strict=True)},
        )

    def _addition(self, version: str, day: date, text: _Text) -> Addition:
        commit = text.moment.commit
        datings = {
            locale: replace(
                dating,
                status="reconstructed",
                version=version,
                commit=commit,
                recorded=self.desk.now.date(),
            )
            for locale, dating in text.datings.items()
        }
        files = frozen_documents(text.moment, text.workspace, text.policies, datings, past=True)
        sums = sums_bytes(files)
        entry = Reconstruct.model_validate(
            self.desk.common
            | self._chained()
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

    def _chained(self) -> dict[str, object]:
        """Return the fields by which an entry follows the one that was made before it, if any."""
        if not self.additions:
            return {}
        last = self.additions[-1].entry
        return {"sequence": last.sequence + 1, "previous": sha256(entry_bytes(last))}
