"""The policies of a brand to compare: of a version, at a commit, in the working tree, in a file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from publisher.archive.entries import Import, Release, Version
from publisher.archive.fields import is_version
from publisher.archive.folder import archived_brands
from publisher.archive.issued import archived_policy, unverified_policy
from publisher.archive.lineage import Lineage
from publisher.archive.moments import When, parse_when
from publisher.archive.release.import_version import document_at, extract_apart
from publisher.compose import compose
from publisher.errors import AskedWrongly, InvalidPolicy, UnknownName, UnknownRevision, did_you_mean
from publisher.history import day_of
from publisher.intake import FORMATS, policy_of
from publisher.intake.clauses import unnumbered
from publisher.policy.tree import BrandName, Clause, Link, Policy, with_parts
from publisher.problem import visible
from publisher.redline.values import Origin
from publisher.render.own_texts import texts_in
from publisher.repository.commits import commit as commit_of
from publisher.repository.moment import Moment, not_checked_out, source_at, unknown_brand
from publisher.repository.reading import Repository
from publisher.repository.source import Source
from publisher.workspace import brands_in, load

DRAFT, CURRENT = "draft", "current"
_ON = "on:"


@dataclass(frozen=True, slots=True)
class Side:
    """The policies of a brand on one side; `locales` is empty if the brand is missing."""

    brand: str
    locales: tuple[str, ...]
    where: Origin
    read: Callable[[str], tuple[Policy, str]]

    def policy(self, locale: str) -> Policy | None:
        """Return the policy in a locale; None if it is missing."""
        return self.read(locale)[0] if locale in self.locales else None

    def origin(self, locale: str) -> Origin:
        """Return where the policy in a locale comes from."""
        unverified = self.read(locale)[1] if locale in self.locales else ""
        return replace(self.where, unverified=unverified)


class Sides:
    """Resolves what the user asks to compare; `now` decides what is in force today.

    With `unverified`, a version that was altered after its release is read, and marked. With
    `as_sent`, Word files are read with their tracked changes rejected.
    """

    def __init__(
        self, working: Moment, now: datetime, *, unverified: bool, as_sent: bool = False
    ) -> None:
        self.working = working
        self.now = now
        self.unverified = unverified
        self.as_sent = as_sent
        self.lineage = Lineage(working.archive)
        self.ledger = self.lineage.ledger

    def of(self, brand: str, asked: str) -> Side:
        """Return the policies of a brand in a version, at a commit, or in the working tree.

        `asked` is a version's id, ``current``, ``on:DATE`` or ``on:MOMENT``, ``draft``, or a git
        revision. Raises `UnknownName`, `UnknownRevision`, `NotInForce`, `AskedWrongly`.
        """
        if asked == DRAFT:
            if brand in not_checked_out(self.working.source, "brands"):
                raise unknown_brand(self.working.source, brand, ())
            return self._composed(brand, self.working.source, Origin(asked, "draft", brand))
        if asked == CURRENT or asked.startswith(_ON):
            return self._in_force(brand, asked)
        if is_version(asked):
            return self._version(brand, asked)
        return self._committed(brand, asked)

    def in_file(self, brand: str, asked: str, like: Side | None, locales: Iterable[str]) -> Side:
        """Return the policy in a file, as the only locale that is compared.

        Its brand and its controller are those of the other side, `like`. Raises `AskedWrongly`, and
        `NotADocument` for a file whose text cannot be read.
        """
        document = document_at(Path(asked))
        extracted = extract_apart(document, as_sent=self.as_sent)
        if not extracted.clauses:
            raise AskedWrongly(
                f"{document.name} has no text that could be extracted, so it cannot be compared. "
                "Take another copy of it, in another format"
            )
        locale = _only(locales or (like.locales if like is not None else self._spoken(brand)))
        other = like.policy(locale) if like is not None else None
        name = other.brand if other is not None else BrandName(brand, brand, "")
        controller = other.controller if other is not None else None
        policy = _named_alike(policy_of(extracted, name, locale, controller), other)
        where = Origin(visible(asked), "file", brand, document.name, notes=extracted.notes)
        return Side(brand, (locale,), where, lambda _: (policy, ""))

    def _spoken(self, brand: str) -> tuple[str, ...]:
        return self.of(brand, DRAFT).locales

    def brands(self) -> tuple[str, ...]:
        """Return every brand of the working tree and of the archive."""
        working = brands_in(self.working.source)
        return tuple(dict.fromkeys((*working, *archived_brands(self.working.archive))))

    def _versions(self, brand: str) -> tuple[str, ...]:
        """Return the ids of all versions of a brand, under whatever name."""
        names = self.lineage.archives(brand)
        return tuple(id for name in names for id in self.ledger(name).version_ids)

    def _version(self, brand: str, id: str) -> Side:
        known = self.lineage.having(brand, self.now, id) if self._versions(brand) else None
        version = known.ledger.version(id) if known is not None else None
        if version is None:
            raise UnknownName("version", id, self._versions(brand))
        return self._archived(version, id, version.locales)

    def _in_force(self, brand: str, asked: str) -> Side:
        on = None if asked == CURRENT else _when(asked)
        if not self._versions(brand):
            if brand not in self.brands():
                raise unknown_brand(self.working.source, brand, self.brands())
            raise AskedWrongly(
                f"nothing of {brand} is in force, as it has no released version; name what to "
                f"compare with, such as the newest commit: `publisher diff {brand} HEAD`"
            )
        known = self.lineage.answering(brand, self.now, on)
        question = known.asked(on)
        newest, *others = known.on(question)
        _refuse_several((newest, *others), asked)
        spoken = known.spoken(newest, question)
        if not spoken:
            known.refuse_retired(newest, question, None)
        return self._archived(newest, asked, spoken)

    def _archived(self, version: Version, asked: str, locales: Collection[str]) -> Side:
        archive = self.working.archive
        tags = {
            today: tag for today, tag in self.lineage.locales(version).items() if tag in locales
        }

        @cache
        def read(locale: str) -> tuple[Policy, str]:
            unverified = ""
            if self.unverified:
                policy, unverified = unverified_policy(archive, version, tags[locale])
            else:
                policy = archived_policy(archive, version, tags[locale])
            return replace(policy, own_texts=texts_in(archive, locale)), unverified

        where = Origin(asked, "version", version.brand, version.version, self._start(version))
        return Side(version.brand, tuple(tags), where, read)

    def _start(self, version: Version) -> date | None:
        """Return the day on which a released version came into force; None for other versions."""
        if not isinstance(version, Release):
            return None
        period = self.lineage.having(version.brand, self.now, version.version).period(version)
        return period.since if not period.empty else None

    def _committed(self, brand: str, asked: str) -> Side:
        repository = self.working.repository
        if repository is None:
            self._refuse_brand(brand, asked)
            raise AskedWrongly(
                f"'{asked}' is not a version of {brand}, and there is no git repository here; "
                f"name a version (`publisher versions {brand}` lists them) or 'draft'"
            )
        commit = self._resolved(repository, brand, asked)
        source = source_at(repository, commit)
        side = self._composed(brand, source, Origin(asked, "commit", brand, commit))
        day = day_of(commit_of(commit, repository.object(commit), ()), _zone(source, brand))
        return replace(side, where=replace(side.where, day=day))

    def _refuse_brand(self, brand: str, asked: str) -> None:
        """Raise `AskedWrongly` for a brand in the place of a version or file."""
        if asked in self.brands():
            raise AskedWrongly(
                f"'{asked}' is a brand. To compare two brands, run "
                f"`publisher diff {brand} --with {asked}`"
            )

    def _resolved(self, repository: Repository, brand: str, asked: str) -> str:
        try:
            return repository.resolve(asked)
        except UnknownRevision as fault:
            self._refuse_brand(brand, asked)
            _refuse_file(Path(asked))
            repository.refuse_shallow()
            names = (DRAFT, CURRENT, *self._versions(brand), *repository.names())
            raise UnknownRevision(asked, fault.reason, did_you_mean(asked, names)) from None

    def _composed(self, brand: str, source: Source, where: Origin) -> Side:
        """Return the policies of a source, each composed when it is read.

        Raises `InvalidPolicy` for a brand whose file has errors; `read` does so for a policy that
        has.
        """
        brand = self.lineage.called(brand, source)
        workspace = load(source, (brand,))
        parsed = workspace.brands.get(brand)
        if parsed is not None and parsed.value is None:
            raise _at(InvalidPolicy(parsed.problems), where.id)
        locales = parsed.content.locales if parsed is not None else ()
        tags = self.lineage.retagged(brand, locales)

        @cache
        def read(locale: str) -> tuple[Policy, str]:
            try:
                return compose(workspace, brand, tags[locale]), ""
            except InvalidPolicy as fault:
                raise _at(fault, where.id) from fault

        return Side(brand, tuple(tags), where, read)


def _refuse_file(path: Path) -> None:
    """Raise `AskedWrongly` for a file that cannot be compared."""
    ending, known = path.suffix[1:].lower(), ", ".join(f".{ending}" for ending in FORMATS)
    if path.is_dir():
        raise AskedWrongly(f"{path} is a folder. Name a file in it: {known}")
    if path.exists() and ending in FORMATS:
        what = "is not a file, but a pipe, a socket or a device"
        raise AskedWrongly(f"{path} {what}. Name a saved document")
    if path.exists():
        raise AskedWrongly(f"{path} is in a format that cannot be read. Save it as one of {known}")
    if ending in FORMATS:
        raise AskedWrongly(f"there is no file {path}; name the file with its folder")


def is_file(asked: str | None) -> bool:
    """Return whether the user asked for a file: it exists, and has the ending of a document."""
    path = Path(asked or "")
    return path.suffix[1:].lower() in FORMATS and path.is_file()


def _named_alike(policy: Policy, other: Policy | None) -> Policy:
    """Return the policy of a file with the clause ids of another one, if titles are the same.

    A file does not have ids of clauses.
    """
    known: dict[str, str] = {}
    for clause in () if other is None else other.clauses:
        known[_bare(clause)] = "" if _bare(clause) in known else clause.id
    taken = {clause.id for clause in policy.clauses if not known.get(_bare(clause))}
    ids: dict[str, str] = {}
    for clause in policy.clauses:
        id = known.get(_bare(clause), "")
        if id and id not in taken:
            ids[clause.id] = id
            taken.add(id)

    def renamed(part: Any) -> Any:
        if isinstance(part, Link) and part.target.startswith("#"):
            part = replace(part, target=f"#{ids.get(part.target[1:], part.target[1:])}")
        return with_parts(part, renamed)

    return replace(
        policy,
        clauses=tuple(replace(renamed(c), id=ids.get(c.id, c.id)) for c in policy.clauses),
    )


def _bare(clause: Clause) -> str:
    return unnumbered(clause.title).casefold()


def _only(locales: Iterable[str]) -> str:
    """Return the only locale; raises `AskedWrongly` for several, or for none."""
    known = tuple(dict.fromkeys(locales))
    if len(known) == 1:
        return known[0]
    listed = f" ({', '.join(known)})" if known else ""
    raise AskedWrongly(f"a file has one language; name it with --locale{listed}")


def _refuse_several(versions: tuple[Version, ...], asked: str) -> None:
    """Raise `AskedWrongly` if each locale was imported as a version of its own."""
    imported = [version for version in versions if isinstance(version, Import)]
    if len(imported) > 1:
        named = ", ".join(f"{version.version} ({version.locale})" for version in imported)
        raise AskedWrongly(f"'{asked}' means each of {named}; name the one to compare")


def _at(fault: InvalidPolicy, commit: str) -> InvalidPolicy:
    """Return a fault whose paths name the commit, as git does; the same for no commit."""
    if not commit:
        return fault
    problems = (replace(p, path=f"{commit[:10]}:{p.path}") for p in fault.problems)
    return InvalidPolicy(tuple(problems))


def _zone(source: Source, brand: str) -> str:
    parsed = load(source, (brand,)).brands.get(brand)
    return parsed.value.timezone if parsed is not None and parsed.value is not None else "UTC"


def _when(asked: str) -> When:
    when = parse_when(asked.removeprefix(_ON))
    if when is None:
        raise AskedWrongly(
            f"on: takes a calendar day, such as on:2026-11-22, not '{asked}'; for a moment, "
            "write on:2026-11-22T09:00"
        )
    return when
