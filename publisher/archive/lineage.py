"""The archives of a brand that had other names: under its name today, and under former ones.

``was`` in a brand's file lists these names. An archive stays where it is, and keeps the name under
which it was recorded; questions about the brand, by any of its names, are answered from all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, TypeVar

from publisher.archive.before_release import Past
from publisher.archive.elsewhere import among, deleted, references
from publisher.archive.entries import Release, Version
from publisher.archive.folder import archived_brands
from publisher.archive.fork import Forked
from publisher.archive.fork_origins import read_ledger
from publisher.archive.in_force import InForce
from publisher.archive.ledger import Ledger, ledger_folder
from publisher.archive.moments import When
from publisher.archive.timeline import Timeline
from publisher.errors import (
    ArchiveDamaged,
    ArchiveMissing,
    GitFailed,
    InvalidPolicy,
    NeverReleased,
    NewerArchive,
    PublisherError,
    ReleasedElsewhere,
)
from publisher.problem import Problem, error, warning
from publisher.repository.moment import Moment, left_out, open_workspace
from publisher.repository.source import FOLDER, ArchiveFolder, Source, Unreadable
from publisher.repository.sparse import left_out_of
from publisher.workspace import brands_in, former_names
from publisher.workspace.names import FormerNames, brand_file

if TYPE_CHECKING:
    from publisher.policy.dating import Released
    from publisher.policy.tree import Policy
    from publisher.repository.reading import Repository

T = TypeVar("T")
_FEW = 20
"""So many brands are looked up in history by their names; more are all looked through."""
_NEVER = datetime.min.replace(tzinfo=UTC)


def _of(chain: tuple[InForce, ...], moment: datetime) -> InForce:
    """Return the versions for a moment: released ones first, then those from before them."""
    released = (known for known in chain if known.timeline.newest(moment) is not None)
    asserted = (
        known for known in chain if known.past.during(moment, moment) or known.past.absent(moment)
    )
    return next(released, None) or next(asserted, None) or chain[-1]


class Lineage:
    """The brands of a workspace, under whatever name, and their archives.

    `archive` has the workspace's files, those below ``versions/`` of any size. With `before_fork`,
    a ledger that two clones continued counts as it was before that. A brand whose archive a
    commit has, and the working tree has not, is not taken for one without a release, unless what a
    sparse checkout has `suffices`. `moment` is the workspace, if it is open already.
    """

    def __init__(
        self,
        archive: Source,
        moment: Moment | None = None,
        *,
        before_fork: bool = False,
        suffices: bool = False,
    ) -> None:
        self.archive = archive
        self._moment = moment
        self._suffices = suffices
        self._before_fork = before_fork
        self._never: set[str] = set()  # brands of which no commit had a ledger
        self.ledger = cache(self._ledger)
        self.former = cache(partial(former_names, archive))

    def _ledger(self, name: str) -> Ledger:
        """Return a ledger; raises what `archives` does for one that should not be empty."""
        ledger = read_ledger(self.archive, name, before_fork=self._before_fork)
        if not len(ledger):
            self._refuse_missing({name}, ledger_folder)
        return ledger

    def _ask(self, question: Callable[[Repository, str], T], default: T) -> T:
        """Return what git knows of the newest commit, where the archive is a folder's."""
        if not isinstance(self.archive, ArchiveFolder):
            return default
        opened = nullcontext(self._moment) if self._moment else open_workspace(self.archive.root)
        with suppress(GitFailed), opened as moment:
            if moment.repository is not None and moment.commit is not None:
                return question(moment.repository, moment.commit)
        return default

    @cached_property
    def brands(self) -> tuple[str, ...]:
        """The brands that the workspace has; a folder without a file is left over."""
        return tuple(brand for brand in brands_in(self.archive) if self.has(brand))

    @cached_property
    def _folders(self) -> frozenset[str]:
        return frozenset(brands_in(self.archive))

    def has(self, brand: str) -> bool:
        """Return whether the workspace has a brand of this id."""
        try:
            return brand in self._folders and self.archive.read(brand_file(brand)) is not None
        except Unreadable:
            return True

    @cached_property
    def archived(self) -> tuple[str, ...]:
        """The names under which there are archives.

        Raises `ArchiveDamaged` or `NotCheckedOut` if the archive of a brand is not here.
        """
        return self.archived_among(())

    def archived_among(self, brands: Collection[str]) -> tuple[str, ...]:
        """Return the names among `brands` under which there are archives; all, if it has none.

        Raises `ArchiveDamaged` or `NotCheckedOut` if the archive of one of them is not here.
        """
        self._refuse_vanished(brands or self.brands)
        if not (brands or self._here):
            self._refuse_deleted(self._deleted)
        return tuple(name for name in self._here if not brands or name in brands)

    @cached_property
    def _here(self) -> tuple[str, ...]:
        return archived_brands(self.archive)

    def _refuse_vanished(self, brands: Iterable[str]) -> None:
        """Raise `ArchiveDamaged` or `NotCheckedOut` for archives that are elsewhere."""
        absent = set(brands) - set(self._here)
        linked = absent & set(self.archive.list(FOLDER)) if absent else absent
        if linked:
            raise ArchiveDamaged(f"{FOLDER}/{min(linked)} is a link, or not a folder")
        self._refuse_missing(absent, lambda brand: f"{FOLDER}/{brand}")

    def _refuse_missing(self, brands: Collection[str], folder: Callable[[str], str]) -> None:
        """Raise `ArchiveMissing` or `NotCheckedOut` where git has the folder of one of `brands`.

        The newest commit has it, or one before that. The brands have no such folder here.
        """
        if not brands or not isinstance(self.archive, ArchiveFolder):
            return
        missing, there = frozenset[str](), self._committed & {*brands}
        if there:
            missing = self._ask(partial(among, brands=there, folder=folder), missing)
        removed = missing - left_out(self.archive.root, FOLDER) if missing else missing
        if removed:
            raise ArchiveMissing(
                f"{folder(min(removed))} is in the newest commit, but missing here"
            )
        if missing and not self._suffices:
            raise left_out_of(self.archive.root).brand(min(missing))
        self._refuse_deleted({*brands} - missing - self._never)

    def _refuse_deleted(self, brands: Collection[str]) -> None:
        """Raise `ArchiveMissing` where commits deleted the ledger of one of `brands`.

        History is gone through for a few at first, and for all once more are asked for.
        """
        if not brands:
            return
        if self._never or len(brands) > _FEW:
            removed = self._deleted
        else:
            removed = self._ask(partial(deleted, brands=brands), {})
        for brand in sorted(removed.keys() & brands):
            raise removed[brand]
        self._never |= {*brands}

    @cached_property
    def _deleted(self) -> Mapping[str, ArchiveMissing]:
        return self._ask(deleted, {})

    @cached_property
    def _committed(self) -> frozenset[str]:
        """The names under which the newest commit has archives, where these are a folder's."""
        from publisher.repository.witness import folders

        return self._ask(lambda git, commit: frozenset(folders(git, commit, FOLDER)), frozenset())

    def elsewhere(self, brands: Collection[str] = ()) -> dict[str, str]:
        """Return the branch or tag that has versions of a brand, by brand, where none are here.

        It is asked for `brands`, or for all of the workspace.
        """
        wanted = brands or self.brands
        absent = {b for b in wanted if b not in self._here or not len(self.ledger(b))}
        return self._ask(partial(references, brands=absent), {}) if absent else {}

    def never_released(self, brand: str) -> PublisherError:
        """Return the error for a brand without versions here; it says where there are some.

        Raises what `archived` does where they should be here.
        """
        self._refuse_vanished((brand,))
        for name, reference in self.elsewhere({brand}).items():
            return ReleasedElsewhere(name, reference)
        return NeverReleased(brand, self._here)

    def unmerged(self, brands: Collection[str] = ()) -> Iterator[Problem]:
        """Yield a warning for each brand of which only another branch, or a tag, has versions."""
        for brand, reference in self.elsewhere(brands).items():
            message = f"is not here, and {reference} has released versions of '{brand}'"
            fix = f"run `git merge {reference}` before you answer or release anything of '{brand}'"
            yield warning("archive", f"{FOLDER}/{brand}", None, message, fix)

    @cached_property
    def names(self) -> Mapping[str, FormerNames]:
        """What each brand of the workspace was called before."""
        return {brand: self.former(brand) for brand in self.brands}

    def today(self, name: str) -> str:
        """Return today's id of a brand that is, or was, called `name`.

        A brand of the workspace keeps its id, even if others claim it as a former name: that is
        their error, and their files are not read. Raises `InvalidPolicy` if its former names cannot
        be true.
        """
        claims = [name] if self.has(name) else self._claims.get(name, [])
        problems = tuple(p for brand in claims for p in self.untrue(brand))
        if problems:
            raise InvalidPolicy(problems)
        return claims[0] if claims else name

    @cached_property
    def _claims(self) -> Mapping[str, list[str]]:
        """The brands that say of a name that it was theirs."""
        claims: dict[str, list[str]] = defaultdict(list)
        for brand, former in self.names.items():
            for name in former.was:
                claims[name].append(brand)
        return claims

    def archives(self, name: str) -> tuple[str, ...]:
        """Return the names under which a brand has archives: the newest of these first."""
        today, former = self.today(name), self._former(name).was
        self._refuse_vanished((today, *former))
        older = sorted(set(former) & set(self._here), key=self._begun, reverse=True)
        return (today, *older) if today in self._here else tuple(older)

    def _former(self, name: str) -> FormerNames:
        """Return the former names of a brand, given any of its names."""
        today = self.today(name)
        return self.former(today) if self.has(today) else FormerNames()

    def _begun(self, name: str) -> datetime:
        """Return when the first entry of an archive was recorded."""
        ledger = self.ledger(name)
        return ledger.entry(1).recorded_at if len(ledger) else _NEVER

    def chain(self, name: str, now: datetime) -> tuple[InForce, ...]:
        """Return the archives of a brand under each of its names, the newest first.

        The last version under a former name ends when the first one under the next name begins.
        Raises what `never_released` returns for a brand without an archive, and
        `ArchiveDamaged`.
        """
        ledgers = [self.ledger(archive) for archive in self.archives(name)]
        if not ledgers:
            raise self.never_released(name)
        timelines: list[Timeline] = []
        after: Timeline | None = None
        for ledger in ledgers:
            timelines.append(Timeline(ledger, after))
            after = timelines[-1] if timelines[-1].first is not None else after
        first = after or timelines[0]
        chain = tuple(
            InForce(ledger, now, timeline, Past(ledger, first))
            for ledger, timeline in zip(ledgers, timelines, strict=True)
        )
        for known in chain:
            known.chain = chain
        return chain

    def answering(self, name: str, now: datetime, on: When | None = None) -> InForce:
        """Return the archive of a brand at a moment, on a day, or `now`: the one of its name then.

        Raises what `InForce.asked` does.
        """
        chain = self.chain(name, now)
        known = _of(chain, now)
        return known if on is None else _of(chain, known.asked(on).last)

    def having(self, name: str, now: datetime, version: str) -> InForce:
        """Return the archive with a version, by its id: the one of that name, if it has it."""
        chain = sorted(self.chain(name, now), key=lambda known: known.ledger.brand != name)
        return next((known for known in chain if known.ledger.version(version)), chain[0])

    def releases(self, name: str) -> Iterator[Release]:
        """Yield the released versions of a brand, of all its archives, newest first."""
        for archive in self.archives(name):
            yield from self.ledger(archive).releases()

    def newest_with(self, name: str, locale: str) -> tuple[Release, str] | None:
        """Return the latest version of a brand that has a locale, and the locale's tag in it."""
        for release in self.releases(name):
            tag = self.tag(release, locale)
            if tag is not None:
                return release, tag
        return None

    def latest(self, policies: Iterable[Policy]) -> dict[tuple[str, str], Released]:
        """Return each policy's data in the latest version that has it, by brand and locale.

        Raises `ArchiveDamaged`.
        """
        from publisher.archive.issued import released

        latest = {}
        for policy in policies:
            newest = self.newest_with(policy.brand.id, policy.locale)
            if newest is not None:
                latest[policy.brand.id, policy.locale] = released(self.archive, *newest)
        return latest

    def tag(self, version: Version, locale: str) -> str | None:
        """Return the tag that a version has a locale under; None if it does not have it."""
        return next(
            (tag for tag in self.tags(version.brand, locale) if tag in version.locales), None
        )

    def tags(self, name: str, locale: str | None) -> tuple[str | None, ...]:
        """Return a locale's tag, and those that it had before, or its only one of today."""
        if locale is None:
            return (None,)
        names = self._former(name).was_locales
        later = [today for today, former in names.items() if locale in former]
        return (locale, *names.get(locale, ()), *(later if len(later) == 1 else ()))

    def locales(self, version: Version) -> dict[str, str]:
        """Return the locales of a version by their tags of today, with those that they have in it.

        A tag that several locales had before stays what it is.
        """
        return self.retagged(version.brand, tuple(version.locales))

    def retagged(self, name: str, tags: tuple[str, ...]) -> dict[str, str]:
        """Return tags that a brand had, by those that they are today."""
        names = self._former(name).was_locales
        retagged = {}
        for tag in tags:
            later = [today for today, former in names.items() if tag in former]
            retagged[later[0] if len(later) == 1 and later[0] not in tags else tag] = tag
        return retagged

    def called(self, name: str, source: Source) -> str:
        """Return a brand's id in a source: today's id if the source has it."""
        names, brands = (self.today(name), *self._former(name).was), brands_in(source)
        return next((brand for brand in names if brand in brands), name)

    def untrue(self, brand: str) -> Iterator[Problem]:
        """Yield where the former names of a brand cannot be true."""
        if self.former(brand) == FormerNames():
            return
        from publisher.workspace import parsed_brand

        parsed = parsed_brand(self.archive, brand)
        for at, name in enumerate(self.former(brand).was):
            line = parsed.line("was", at)
            others = [other for other in self._claims.get(name, ()) if other != brand]
            if self.has(name):
                which = "the brand itself" if name == brand else f"'{name}', a brand in brands/"
                yield error("was", parsed.path, line, f"'was' names {which}", "delete it there")
            elif others:
                message = f"'was' names '{name}', and so does {brand_file(others[0])}"
                yield error("was", parsed.path, line, message, "delete it in one of the two")
        if parsed.value is None:
            return
        for tag, former in parsed.value.was_locales.items():
            line, spoken = parsed.line("was_locales", tag), parsed.value.locales
            for locale in (locale for locale in former if locale in spoken):
                message = f"'was_locales' names '{locale}', which is among `locales`"
                yield error("was", parsed.path, line, message, "delete it in one of the two")
            if tag not in spoken:
                message = f"'was_locales' has '{tag}', which is not among `locales`"
                yield error(
                    "was", parsed.path, line, message, "write the tag that the locale has now"
                )

    def problems(self) -> Iterator[Problem]:
        """Yield where former names cannot be true, and which archives have lost their brand."""
        for brand in self.brands:
            yield from self.untrue(brand)
        for name in self._here:
            yield from self.lost(name)

    @cached_property
    def _claimed(self) -> frozenset[str]:
        return frozenset(name for former in self.names.values() for name in former.was)

    def goes_on(self, name: str) -> bool:
        """Return whether an archive has a released version, and no retirement of the brand."""
        timeline = Timeline(self.ledger(name))
        return timeline.earliest is not None and timeline.ends() is None

    def orphans(self, head: Source) -> Iterator[str]:
        """Yield the archives that go on, and whose name is no brand's in a source, nor was one's.

        One that is damaged is left out: `verify` reports it.
        """
        alone = {*self._here} - {*brands_in(head)}
        for name in sorted(alone - Lineage(head)._claimed if alone else alone):
            with suppress(ArchiveDamaged, Forked, NewerArchive):
                if self.goes_on(name):
                    yield name

    def lost(self, name: str) -> Iterator[Problem]:
        """Yield a problem if an archive has lost its brand, or a locale of it.

        Raises `ArchiveMissing`.
        """
        try:
            yield from self._lost(name, known=name in self.brands or name in self._claimed)
        except ArchiveMissing:
            raise
        except (ArchiveDamaged, Forked, InvalidPolicy, NewerArchive):
            return  # `verify` reports it

    def _lost(self, name: str, *, known: bool) -> Iterator[Problem]:
        """Yield a problem if the brand, or a locale, of a version in force has vanished."""
        newest, where = next(self.releases(name), None), f"versions/{name}"
        if newest is None or newest.brand != name:
            return
        timeline = Timeline(self.ledger(name))
        if not known:
            if self.goes_on(name):
                message = f"has versions of the brand '{name}', which is not in brands/"
                fix = (
                    f"if it has another name now, write `was: [{name}]` in its brand.yaml; if it "
                    f"is gone, run `publisher retire {name} --on DATE --reason TEXT`"
                )
                yield warning("was", where, None, message, fix)
            return
        from publisher.workspace import parsed_brand

        brand = parsed_brand(self.archive, self.today(name))
        for today, tag in self.locales(newest).items():
            if brand.value and today not in brand.value.locales and timeline.ends(tag) is None:
                message = f"has versions in '{tag}', which is not among the locales of {brand.path}"
                fix = (
                    f"if it has another tag now, write `was_locales: {{TAG: [{tag}]}}` there; if "
                    f"it is gone, run `publisher retire {name} --locale {tag} --on DATE "
                    "--reason TEXT`"
                )
                yield warning("was", where, None, message, fix)
