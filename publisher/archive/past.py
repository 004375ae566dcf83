"""What may have been in force before the first released version.

An imported document was, as somebody asserts, from a day on; a reconstructed one is what the
repository said from a day on. Each counts until the next of its origin, in its locale, and none of
them once a released version is in force: what was released is never changed by them. A document
that is imported again, with another date, corrects what was asserted of it before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property

from publisher.archive.ledger import Ledger
from publisher.archive.timeline import Period, State, Timeline
from publisher.model.ledger import Import, Reconstruct

Unreleased = Import | Reconstruct
"""The entry of a version that was not released."""

_DAY = timedelta(days=1)


def claimed(entry: Unreleased) -> date | None:
    """Return the day from which a version is said to have been in force; None if unknown."""
    return entry.claimed_date if isinstance(entry, Import) else entry.revised


class Past:
    """Answers from the entries of a ledger that tell of the time before its first release."""

    def __init__(self, ledger: Ledger, timeline: Timeline) -> None:
        self._ledger = ledger
        self._timeline = timeline

    @cached_property
    def entries(self) -> tuple[Unreleased, ...]:
        """The entries of versions that were not released, newest first."""
        return tuple(each for each in self._ledger.versions() if isinstance(each, Unreleased))

    @cached_property
    def corrected(self) -> frozenset[str]:
        """The imported versions whose very document was imported again later."""
        later: set[tuple[str, str]] = set()
        found = set()
        for each in self.entries:
            if isinstance(each, Import):
                documents = {(each.locale, original.digest) for original in each.files.values()}
                if documents & later:
                    found.add(each.version)
                later |= documents
        return frozenset(found)

    def on(self, day: date, locale: str | None = None) -> tuple[Unreleased, ...]:
        """Return what may have been in force on a day, the most certain first.

        Imported documents come before reconstructed ones.
        """
        found = [each for each in self.entries if self._covers(each, day, locale)]
        imported = [each for each in found if isinstance(each, Import)]
        return (*imported, *(each for each in found if isinstance(each, Reconstruct)))

    def undated(self, locale: str | None = None) -> tuple[Import, ...]:
        """Return the imported versions of an unknown day."""
        return tuple(
            each
            for each in self.entries
            if isinstance(each, Import)
            and claimed(each) is None
            and locale in (None, each.locale)
            and each.version not in self.corrected
        )

    def period(self, entry: Unreleased, locale: str | None = None) -> Period:
        """Return when a version may have been in force, in a locale or in all that it has.

        `since` is None where nobody knows, and `until` too then, or where nothing later is known.
        """
        since = claimed(entry)
        state: State = "asserted" if isinstance(entry, Import) else "reconstructed"
        if since is None:
            return Period(None, None, state)
        if entry.version in self.corrected:
            return Period(since, since - _DAY, state)
        return Period(since, min(self._ends(entry, since, locale), default=None), state)

    def _covers(self, entry: Unreleased, day: date, locale: str | None) -> bool:
        if locale is not None and locale not in entry.locales:
            return False
        period = self.period(entry, locale)
        return (
            period.since is not None
            and period.since <= day
            and (period.until is None or day <= period.until)
        )

    def _ends(self, entry: Unreleased, since: date, locale: str | None) -> Iterator[date]:
        """Yield the days after which a version is not the one any more."""
        first = self._timeline.first
        if first is not None:
            yield first - _DAY
        mine = {locale} if locale is not None else set(entry.locales)
        for other in self.entries:
            begins = claimed(other)
            if other.version in self.corrected:
                continue
            if type(other) is type(entry) and begins is not None and mine <= set(other.locales):
                later = begins == since and other.sequence > entry.sequence
                if begins > since or later:
                    yield begins - _DAY
