"""The words of all archived texts, in an index (SQLite's FTS5) in the user's cache.

The index is derived from the archive, and safe to delete. For each brand it holds a digest of the
ledger; a brand whose ledger has another one is read again, so that redacted words leave it with the
next search. It is checked and replaced as a whole: nothing damaged counts, nothing deleted remains.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from publisher.archive.entries import Version
from publisher.archive.ledger import in_order, ledger_folder
from publisher.archive.lineage import Lineage
from publisher.errors import AskedWrongly, LibraryMissing, Redacted
from publisher.files.cache import Cache, key
from publisher.repository.source import Source, Unreadable, bytes_of

if TYPE_CHECKING:
    from publisher.policy.tree import Policy

FORMAT = "1"
"""The version of the index; another one is made again."""
_TABLES = """
CREATE TABLE archives (brand TEXT PRIMARY KEY, ledger TEXT);
CREATE VIRTUAL TABLE texts USING fts5 (folded, shown UNINDEXED, tokenize = 'unicode61');
CREATE TABLE clauses (text INTEGER, brand TEXT, version TEXT, locale TEXT, clause TEXT, title TEXT);
CREATE TABLE unread (brand TEXT, version TEXT, locale TEXT, reason TEXT);
CREATE INDEX by_text ON clauses (text);
CREATE INDEX by_brand ON clauses (brand);
"""
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_ACCENTS = re.compile("[\u0300-\u036f]")
_UNSPACED = re.compile("([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff])")
"""Letters of scripts that put no spaces between words: each counts as a word."""
_SIGNS = re.compile(r"[\W_]+")

Progress = Callable[[int, int, str], None]


def folded(text: str) -> str:
    """Return the words of a text with single spaces, without case, accents and other signs."""
    plain = _UNSEEN.sub("", text)
    if plain.isascii():
        return _SIGNS.sub(" ", plain.casefold()).strip()
    plain = _ACCENTS.sub("", normalize("NFKD", plain)).casefold()
    plain = _UNSPACED.sub(r" \1 ", normalize("NFKC", plain))
    return _SIGNS.sub(" ", plain).strip()


@dataclass(frozen=True, slots=True)
class Place:
    """A clause of a version in one locale, with its text; `clause` is empty for the policy's title.

    `passages` are its paragraphs, headings, items and cells.
    """

    brand: str
    version: str
    locale: str
    clause: str
    title: str
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """A version, in one locale, without a text that can be searched, and why."""

    brand: str
    version: str
    locale: str
    reason: str


class Index:
    """The index of the archives of some brands, in a database that has them all."""

    def __init__(self, database: sqlite3.Connection, brands: Collection[str]) -> None:
        self._database = database
        self._brands = brands

    def find(self, words: Iterable[str]) -> Iterator[Place]:
        """Yield the clauses that have all of some words, or phrases, which are `folded`."""
        query = " ".join(f'"{word}"' for word in words)  # no word has a sign of FTS5's own
        texts = "SELECT rowid, shown FROM texts WHERE texts MATCH ?"
        places = "SELECT brand, version, locale, clause, title FROM clauses WHERE text = ?"
        for text, shown in _rows(self._database, texts, query):
            passages = tuple(shown.split("\n"))
            for brand, version, locale, clause, title in _rows(self._database, places, text):
                if brand in self._brands:
                    yield Place(brand, version, locale, clause, title, passages)

    def unread(self) -> tuple[Unread, ...]:
        """Return the versions without a text that can be searched."""
        rows = _rows(self._database, "SELECT brand, version, locale, reason FROM unread")
        return tuple(Unread(*row) for row in rows if row[0] in self._brands)

    def locales(self) -> frozenset[str]:
        """Return the locales of all texts."""
        tables = "SELECT locale FROM clauses UNION SELECT locale FROM unread"
        return frozenset(locale for (locale,) in _rows(self._database, tables))


@contextmanager
def index_of(
    lineage: Lineage, brands: Collection[str], cache: Cache, place: str, progress: Progress
) -> Iterator[Index]:
    """Yield the index of the archives of `brands`, which knows the archive as it is now.

    It is kept at a place in the cache. Raises `ArchiveDamaged` if a text that it does not have yet
    is not as it was archived, and what reading a ledger raises; `LibraryMissing` where SQLite has
    no FTS5.
    """
    ledgers = {brand: _ledger(lineage.archive, brand) for brand in brands}
    with closing(_opened(cache.get(place))) as database:
        known = dict(_rows(database, "SELECT brand, ledger FROM archives"))
        stale = [brand for brand in brands if known.get(brand) != ledgers[brand]]
        outdated = {*stale, *(known.keys() - set(lineage.archived))} & known.keys()
        if stale or outdated:
            database.execute("BEGIN")
            _forget(database, outdated)
            for at, brand in enumerate(stale):
                progress(at, len(stale), brand)
                _add(database, lineage, brand)
                _rows(database, "INSERT INTO archives VALUES (?, ?)", brand, ledgers[brand])
            database.execute("COMMIT")
            database.execute("VACUUM")
            cache.put(place, database.serialize())
        yield Index(database, brands)


def _rows(database: sqlite3.Connection, query: str, *values: object) -> list[tuple[Any, ...]]:
    return database.execute(query, values).fetchall()


def _opened(stored: bytes | None) -> sqlite3.Connection:
    """Return the stored index, in memory; an empty one if there is none."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    if stored is not None:
        database.deserialize(stored)
        return database
    try:
        database.executescript(_TABLES)
    except sqlite3.OperationalError as fault:
        database.close()
        fix = "install a Python whose SQLite has FTS5"
        raise LibraryMissing("SQLite's FTS5", str(fault), fix) from None
    return database


def _ledger(archive: Source, brand: str) -> str:
    """Return a text that changes whenever a brand's ledger does, by its chain.

    It has the names of all entries, and the newest entry.
    """
    folder = ledger_folder(brand)
    try:
        names = in_order(archive.list(folder))
    except Unreadable:
        return ""  # which reading the ledger then explains
    newest = bytes_of(archive, f"{folder}/{names[-1]}") if names else None
    return key(*names, newest or b"")


def _forget(database: sqlite3.Connection, brands: Iterable[str]) -> None:
    """Delete some brands from the index, so that no trace of them stays in its file."""
    for brand in brands:
        for table in ("archives", "clauses", "unread"):
            _rows(database, f"DELETE FROM {table} WHERE brand = ?", brand)  # noqa: S608 - of the three
    _rows(database, "DELETE FROM texts WHERE rowid NOT IN (SELECT text FROM clauses)")
    _rows(database, "INSERT INTO texts (texts) VALUES ('optimize')")


def _add(database: sqlite3.Connection, lineage: Lineage, brand: str) -> None:
    """Add the texts of a brand's archive, and which of its versions have none."""
    for version in lineage.ledger(brand).versions():
        for locale in version.locales:
            about = (brand, version.version, locale)
            policy = _text(lineage.archive, version, locale)
            if isinstance(policy, str):
                _rows(database, "INSERT INTO unread VALUES (?, ?, ?, ?)", *about, policy)
                continue
            for clause, title, shown in _clauses(policy):
                number = _number(shown)
                if not _rows(database, "SELECT 1 FROM texts WHERE rowid = ?", number):
                    words = folded(shown)
                    query = "INSERT INTO texts (rowid, folded, shown) VALUES (?, ?, ?)"
                    _rows(database, query, number, words, shown)
                query = "INSERT INTO clauses VALUES (?, ?, ?, ?, ?, ?)"
                _rows(database, query, number, *about, clause, title)


def _text(archive: Source, version: Version, locale: str) -> Policy | str:
    """Return the policy of a version in a locale, or why it has no text."""
    from publisher.archive.issued import archived_policy

    try:
        return archived_policy(archive, version, locale)
    except Redacted as fault:
        return f"its text was redacted by {fault.entry}"
    except AskedWrongly:
        return "its documents have no text that can be read"


def _clauses(policy: Policy) -> Iterator[tuple[str, str, str]]:
    """Yield the id, title and passages of each clause, and of the policy's title."""
    from publisher.policy.tree import plain_text, runs_in

    yield "", policy.title, _line(policy.title)
    for clause in policy.clauses:
        passages = (_line(plain_text(run)) for run in runs_in(clause))
        yield clause.id, clause.title, "\n".join([_line(clause.title), *filter(None, passages)])


def _line(text: str) -> str:
    return " ".join(text.split())


def _number(shown: str) -> int:
    """Return the number of a text: equal texts are in the index once."""
    return int.from_bytes(hashlib.sha256(shown.encode("utf-8", "surrogatepass")).digest()[:7])
