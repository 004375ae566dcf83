"""``publisher search``: finds a text by brand, language and version, and when it was in force."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache as remembered
from pathlib import Path
from typing import Literal

from publisher.archive.entries import Version
from publisher.archive.in_force import InForce
from publisher.archive.lineage import Lineage
from publisher.archive.moments import Asked, Period, When
from publisher.checks.sentences import split
from publisher.errors import AskedWrongly, UnknownName
from publisher.files.cache import Cache, key
from publisher.repository.moment import left_out
from publisher.repository.source import FOLDER, ArchiveFolder
from publisher.repository.sparse import left_out_of
from publisher.search.index import FORMAT, Index, Progress, Unread, folded, index_of

Match = Literal["phrase", "words"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A clause of a version, in one locale, with the text, and its sentences that have it.

    `clause` is None for the title of the policy.
    """

    version: Version
    locale: str
    period: Period
    clause: str | None
    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The places of a text in the archive: of the exact phrase or, without one, of all its words.

    `undated` are hits that may have been in force on the day asked about. `unread` are versions
    whose text cannot be searched. `left_out` are brands in the archive of the newest commit that a
    sparse checkout does not have; `checkout` is the command that checks them out.
    """

    text: str
    match: Match
    hits: tuple[Hit, ...]
    undated: tuple[Hit, ...]
    unread: tuple[Unread, ...]
    left_out: tuple[str, ...]
    checkout: str = ""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What to search for at the moment `now`, and where: in all brands and locales by default."""

    text: str
    now: datetime
    on: When | None = None
    brands: tuple[str, ...] = ()
    locale: str | None = None


def search(root: Path, request: SearchRequest, cache: Cache, progress: Progress) -> SearchResult:
    """Return the places of a text in the archive of the workspace in `root`.

    Case, accents, hyphens and quotation marks do not matter. `cache` keeps the index. Raises
    `AskedWrongly` for a text without words, `UnknownName`, `NeverReleased`, `NotInForce` for a day
    in the future, `ArchiveDamaged`, and what reading a ledger raises.
    """
    words = folded(request.text)
    if not words:
        raise AskedWrongly(
            f"'{request.text}' has no letter or digit to search for. Give a word or a phrase"
        )
    archive = ArchiveFolder(root)
    lineage = Lineage(archive, suffices=True)
    brands = _archives(lineage, request.brands)
    place = key("search", FORMAT, str(archive.root))
    asked = _Asked(root, lineage, request, brands)
    try:
        with index_of(lineage, brands, cache, place, progress) as index:
            return asked.answer(index, words)
    except sqlite3.DatabaseError as fault:
        raise OSError(f"no index can be made ({fault})") from fault


def _archives(lineage: Lineage, brands: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the archives of some brands, or of all; raises `NeverReleased`."""
    archives: list[str] = []
    for brand in brands:
        own = lineage.archives(brand)
        if not own:
            raise lineage.never_released(brand)
        archives += own
    return tuple(dict.fromkeys(archives)) or lineage.archived


class _Asked:
    """A request, and the archives to search, by their names."""

    def __init__(
        self, root: Path, lineage: Lineage, request: SearchRequest, brands: tuple[str, ...]
    ) -> None:
        self.root = root
        self.lineage = lineage
        self.request = request
        self.known = remembered(self._known)
        if brands and request.on is not None:
            self._asked(brands[0])  # so that a day in the future is refused, whatever the text

    def answer(self, index: Index, words: str) -> SearchResult:
        """Return every passage in the index with some words."""
        self._refuse_unknown(index.locales())
        hits = self._hits(index, (words,))
        match: Match = "phrase"
        if not hits and " " in words:
            hits, match = self._hits(index, tuple(words.split())), "words"
        on = self.request.on
        dated = [hit for hit in hits if on is None or self._then(hit)]
        undated = [hit for hit in hits if on is not None and _undated(hit)]
        unread = (one for one in index.unread() if self._wanted(one.brand, one.locale))
        not_here = () if self.request.brands else tuple(sorted(left_out(self.root, FOLDER)))
        return SearchResult(
            self.request.text,
            match,
            tuple(dated),
            tuple(undated),
            tuple(unread),
            not_here,
            left_out_of(self.root).command(*(f"{FOLDER}/{brand}" for brand in not_here)),
        )

    def _hits(self, index: Index, phrases: tuple[str, ...]) -> tuple[Hit, ...]:
        """Return the clauses that have all of some phrases: brand by brand, the newest first."""
        hits = []
        for place in index.find(phrases):
            sentences = _sentences(place.passages, phrases)
            if not sentences or not self._wanted(place.brand, place.locale):
                continue
            known = self.known(place.brand)
            version = known.ledger.version(place.version)
            if version is None:
                raise sqlite3.DatabaseError(f"{place.version} is not in the ledger")
            period = known.period(version, place.locale)
            clause = place.clause or None
            hits.append(Hit(version, place.locale, period, clause, place.title, sentences))
        return tuple(sorted(hits, key=_order))

    def _known(self, archive: str) -> InForce:
        """Return the answers from the archive with a name."""
        chain = self.lineage.chain(archive, self.request.now)
        return next(known for known in chain if known.ledger.brand == archive)

    def _asked(self, archive: str) -> Asked:
        on, now = self.request.on, self.request.now
        return self.lineage.answering(archive, now, on).asked(on)

    def _then(self, hit: Hit) -> bool:
        """Return whether a text was, or may have been, in force on the day asked about."""
        asked = self._asked(hit.version.brand)
        return hit.period.meets(asked.first, asked.last)

    def _wanted(self, brand: str, locale: str) -> bool:
        named = self.request.locale
        return named is None or locale in self.lineage.tags(brand, named)

    def _refuse_unknown(self, locales: frozenset[str]) -> None:
        """Raise `UnknownName` for a locale that no text has, and none had under another tag."""
        named = self.request.locale
        former = {tag for names in self.lineage.names.values() for tag in names.was_locales}
        if named is not None and locales and named not in locales | former:
            raise UnknownName("locale", named, locales)


def _undated(hit: Hit) -> bool:
    """Return whether it is unknown when a text was in force, and no import corrects it."""
    return hit.period.begins is None and hit.period.state != "corrected"


def _order(hit: Hit) -> tuple[str, str, str, int]:
    version = hit.version
    return version.brand, hit.locale, hit.clause or "", -version.sequence


def _sentences(passages: Iterable[str], phrases: Sequence[str]) -> tuple[str, ...]:
    """Return the sentences that have all of some phrases, or the passages that do.

    Where no passage has all of several words, each that has one of them is returned.
    """
    passages = tuple(passages)
    having = [passage for passage in passages if _has(passage, phrases)]
    if not having and len(phrases) > 1:
        return tuple(p for p in passages if any(_has(p, (phrase,)) for phrase in phrases))
    sentences: list[str] = []
    for passage in having:
        own = [sentence for _, sentence in split(passage) if _has(sentence, phrases)]
        sentences += own or [passage]
    return tuple(dict.fromkeys(sentences))


def _has(text: str, phrases: Iterable[str]) -> bool:
    words = f" {folded(text)} "
    return all(f" {phrase} " in words for phrase in phrases)
