"""The policies of a brand as they are somewhere: in a version, at a commit, in the working tree."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from publisher.archive.entries import Import, Release, Version
from publisher.archive.fields import is_version
from publisher.archive.folder import archived_brands
from publisher.archive.issued import archived_policy, ledgers, unverified_policy
from publisher.archive.lineage import Lineage
from publisher.archive.moments import When, parse_when
from publisher.compose import compose
from publisher.errors import AskedWrongly, InvalidPolicy, UnknownName, UnknownRevision, did_you_mean
from publisher.history import day_of
from publisher.policy.tree import Policy
from publisher.redline.values import Origin
from publisher.repository.commits import commit as commit_of
from publisher.repository.moment import Moment, source_at
from publisher.repository.reading import Repository
from publisher.repository.source import Source
from publisher.workspace import brands_in, load

DRAFT, CURRENT = "draft", "current"
_ON = "on:"


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of a brand somewhere; `locales` are none where there is no such brand."""

    brand: str
    locales: tuple[str, ...]
    where: Origin
    read: Callable[[str], tuple[Policy, str]]

    def policy(self, locale: str) -> Policy | None:
        """Return the policy in a locale; None where it is not there."""
        return self.read(locale)[0] if locale in self.locales else None

    def origin(self, locale: str) -> Origin:
        """Return where the policy in a locale comes from."""
        unverified = self.read(locale)[1] if locale in self.locales else ""
        return replace(self.where, unverified=unverified)


class Sides:
    """Finds what is to be compared; `now` says what is in force today.

    With `unverified`, a version that is not as it was released is taken as it is, and marked so.
    """

    def __init__(self, working: Moment, now: datetime, *, unverified: bool) -> None:
        self.working = working
        self.now = now
        self.unverified = unverified
        self.ledger = ledgers(working.archive)
        self.lineage = Lineage(working.archive, self.ledger)

    def of(self, brand: str, asked: str) -> Policies:
        """Return the policies of a brand in what was asked for.

        That is a version's id, ``current``, ``on:DATE`` or ``on:MOMENT``, ``draft``, or a git
        revision, in this order. Raises `UnknownName`, `UnknownRevision`, `NotInForce`,
        `AskedWrongly`.
        """
        if asked == DRAFT:
            return self._composed(brand, self.working.source, Origin(asked, "draft", brand))
        if asked == CURRENT or asked.startswith(_ON):
            return self._in_force(brand, asked)
        if is_version(asked):
            known = self.lineage.having(brand, self.now, asked) if self._versions(brand) else None
            version = known.ledger.version(asked) if known is not None else None
            if version is None:
                raise UnknownName("version", asked, self._versions(brand))
            return self._archived(brand, version, asked, tuple(version.locales))
        return self._committed(brand, asked)

    def _versions(self, brand: str) -> tuple[str, ...]:
        """Return the ids of all versions of a brand, under whatever name."""
        names = self.lineage.archives(brand)
        return tuple(id for name in names for id in self.ledger(name).version_ids)

    def brands(self) -> tuple[str, ...]:
        """Return every brand that there is, or was released."""
        there = (*brands_in(self.working.source), *archived_brands(self.working.archive))
        return tuple(dict.fromkeys(there))

    def _in_force(self, brand: str, asked: str) -> Policies:
        on = None if asked == CURRENT else _when(asked)
        if not self._versions(brand):
            if brand not in self.brands():
                raise UnknownName("brand", brand, self.brands())
            raise AskedWrongly(
                f"nothing of {brand} is in force, as it has no released version; name what to "
                f"compare with, such as the newest commit: `publisher diff {brand} HEAD`"
            )
        known = self.lineage.answering(brand, self.now, on)
        question = known.asked(on)
        found = known.on(question)
        _refuse_several(found, asked)
        there = known.spoken(found[0], question)
        if not there:
            known.refuse_retired(found[0], question, None)
        return self._archived(brand, found[0], asked, there)

    def _archived(
        self, brand: str, version: Version, asked: str, locales: Collection[str]
    ) -> Policies:
        archive = self.working.archive

        tags = {
            today: tag for today, tag in self.lineage.locales(version).items() if tag in locales
        }

        @cache
        def read(locale: str) -> tuple[Policy, str]:
            if self.unverified:
                return unverified_policy(archive, version, tags[locale])
            return archived_policy(archive, version, tags[locale]), ""

        start = None  # which nobody knows for certain
        if isinstance(version, Release):
            known = self.lineage.having(version.brand, self.now, version.version)
            period = known.period(version)
            start = period.since if not period.empty else None
        where = Origin(asked, "version", version.brand, version.version, start)
        return Policies(brand, tuple(tags), where, read)

    def _committed(self, brand: str, asked: str) -> Policies:
        repository = self.working.repository
        if repository is None:
            raise AskedWrongly(
                f"'{asked}' is no version of {brand}, and there is no git repository here; name a "
                f"version (`publisher versions {brand}` lists them) or 'draft'"
            )
        commit = self._resolved(repository, brand, asked)
        source = source_at(repository, commit)
        where = Origin(asked, "commit", brand, commit)
        try:
            found = self._composed(brand, source, where)
        except InvalidPolicy as fault:
            raise _at(fault, commit) from fault
        day = day_of(commit_of(commit, repository.object(commit), ()), _zone(source, brand))
        return replace(found, where=replace(where, day=day))

    def _resolved(self, repository: Repository, brand: str, asked: str) -> str:
        try:
            return repository.resolve(asked)
        except UnknownRevision as fault:
            repository.refuse_shallow()
            names = (DRAFT, CURRENT, *self._versions(brand), *repository.names())
            raise UnknownRevision(asked, fault.reason, did_you_mean(asked, names)) from None

    def _composed(self, brand: str, source: Source, where: Origin) -> Policies:
        """Return the policies that a source comes to; raises `InvalidPolicy`."""

        def nothing(locale: str) -> tuple[Policy, str]:
            raise KeyError(locale)

        brand = self.lineage.called(brand, source)
        if brand not in brands_in(source):
            return Policies(brand, (), where, nothing)
        workspace = load(source, (brand,))
        parsed = workspace.brands[brand]
        if parsed.value is None:
            raise InvalidPolicy(parsed.problems)

        tags = self.lineage.retagged(brand, parsed.value.locales)

        @cache
        def read(locale: str) -> tuple[Policy, str]:
            try:
                return compose(workspace, brand, tags[locale]), ""
            except InvalidPolicy as fault:
                raise (_at(fault, where.id) if where.id else fault) from fault

        return Policies(brand, tuple(tags), where, read)


def _refuse_several(found: tuple[Version, ...], asked: str) -> None:
    """Raise `AskedWrongly` where locales were imported as versions of their own."""
    imported = [each for each in found if isinstance(each, Import)]
    if len(imported) > 1:
        named = ", ".join(f"{each.version} ({each.locale})" for each in imported)
        raise AskedWrongly(f"'{asked}' means each of {named}; name the one to compare")


def _at(fault: InvalidPolicy, commit: str) -> InvalidPolicy:
    """Return a fault with its places at a commit, as git names them."""
    there = (replace(each, path=f"{commit[:10]}:{each.path}") for each in fault.problems)
    return InvalidPolicy(tuple(there))


def _zone(source: Source, brand: str) -> str:
    parsed = load(source, (brand,)).brands.get(brand) if brand in brands_in(source) else None
    return parsed.value.timezone if parsed is not None and parsed.value is not None else "UTC"


def _when(asked: str) -> When:
    when = parse_when(asked.removeprefix(_ON))
    if when is None:
        raise AskedWrongly(
            f"on: takes a day of the calendar, such as on:2026-11-22, not '{asked}'; for a moment, "
            "write on:2026-11-22T09:00"
        )
    return when
