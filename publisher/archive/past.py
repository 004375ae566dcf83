"""What may have been in force before the first released version.

An imported document was, as somebody asserts, from a day on; a reconstructed one is what the
repository said from a day on. Each counts until the next of its origin, in its locale, and none of
them from the moment at which the first released version is in force: what was released is never
changed by them. Of two of one day, each may have been for some of its hours. A document that is
imported again, with another date, corrects what was asserted of it before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from functools import cached_property

from publisher.archive.ledger import Ledger
from publisher.archive.timeline import Timeline
from publisher.model.ledger import Import, Reconstruct, Release
from publisher.model.moments import Period, State, Text, day_in, first_moment, next_day

Unreleased = Import | Reconstruct
"""The entry of a version that was not released."""


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
        entries: list[Unreleased] = [*self._ledger.of(Import), *self._ledger.of(Reconstruct)]
        return tuple(sorted(entries, key=lambda entry: entry.sequence, reverse=True))

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

    def during(
        self, first: datetime, last: datetime, locale: str | None = None
    ) -> tuple[Text, ...]:
        """Return what may have been in force from `first` to `last`, the most certain first.

        Imported documents come before reconstructed ones.
        """
        texts = [
            Text(entry, period)
            for entry in self.entries
            if locale in (None, *entry.locales)
            and (period := self.period(entry, locale)).meets(first, last)
        ]
        return tuple(sorted(texts, key=lambda text: isinstance(text.version, Reconstruct)))

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

        It is unknown where nobody knows its day, and open where nothing later is known. Its days
        are asserted, and taken to begin as days do in the time zone that was recorded with them.
        """
        since = claimed(entry)
        state: State = "asserted" if isinstance(entry, Import) else "reconstructed"
        begins = self._begins(entry)
        if begins is None:
            return Period(None, None, None, entry.timezone, state)
        if entry.version in self.corrected:
            return Period(since, begins, begins, entry.timezone, state)
        ends = self._ends(entry, begins, locale)
        end, by = min(ends, key=lambda found: found[0], default=(None, None))
        return Period(since, begins, end, entry.timezone, state, by)

    def _begins(self, entry: Unreleased) -> datetime | None:
        day = claimed(entry)
        return first_moment(day, entry.timezone) if day is not None else None

    def _ends(
        self, entry: Unreleased, begins: datetime, locale: str | None
    ) -> Iterator[tuple[datetime, Release | Unreleased]]:
        """Yield the moments from which a version is not the one any more, and what is then."""
        released = self._timeline.earliest
        if released is not None:
            yield self._timeline.begin(released), released
        mine = {locale} if locale is not None else set(entry.locales)
        for other in self.entries:
            other_begins = self._begins(other)
            if other.version in self.corrected:
                continue
            if type(other) is type(entry) and other_begins and mine <= set(other.locales):
                if other_begins > begins:
                    yield other_begins, other
                elif other_begins == begins and other.sequence > entry.sequence:
                    yield next_day(day_in(begins, entry.timezone), entry.timezone), other
