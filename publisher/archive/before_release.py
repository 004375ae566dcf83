"""What may have been in force before the first released version.

Somebody asserts the day from which an imported document was in force; a reconstructed one is the
text of the repository from a day on. Each counts until the next of its origin in its locale, or
until an absence records that the repository no longer had that locale. None counts once the first
released version is in force: they never change what was released. Two versions of one day may each
have been in force for some of its hours. An import that was corrected does not count
(`publisher.archive.corrections`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cached_property

from publisher.archive.clocks import clock_note
from publisher.archive.corrections import corrections, same_document
from publisher.archive.entries import Absence, Import, Reconstruct, Release, Version
from publisher.archive.ledger import Ledger
from publisher.archive.moments import Period, State, Text, day_in, first_moment, next_day
from publisher.archive.timeline import Timeline

Unreleased = Import | Reconstruct
"""The entry of a version that was not released."""

_NEVER = datetime.min.replace(tzinfo=UTC)


def claimed(entry: Unreleased) -> date | None:
    """Return the day from which a version claims to have been in force; None if unknown."""
    return entry.claimed_date if isinstance(entry, Import) else entry.revised


class Past:
    """Answers from the entries of a ledger on the time before its first release."""

    def __init__(self, ledger: Ledger, timeline: Timeline) -> None:
        self._ledger = ledger
        self._timeline = timeline

    @cached_property
    def entries(self) -> tuple[Unreleased, ...]:
        """The entries of versions that were not released, newest first."""
        entries: list[Unreleased] = [*self._ledger.of(Import), *self._ledger.of(Reconstruct)]
        return tuple(sorted(entries, key=lambda entry: entry.sequence, reverse=True))

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """The entries of imported versions, in the order of the ledger."""
        return tuple(reversed([*self._ledger.of(Import)]))

    @cached_property
    def corrections(self) -> Mapping[str, Import]:
        """The newest import that corrects each imported version that was corrected."""
        return corrections(self.imports)

    @cached_property
    def corrected(self) -> frozenset[str]:
        """The imported versions that were corrected."""
        return frozenset(self.corrections)

    @cached_property
    def absences(self) -> tuple[Absence, ...]:
        """The entries on locales that the repository no longer had."""
        return tuple(self._ledger.of(Absence))

    def during(
        self, first: datetime, last: datetime, locale: str | None = None
    ) -> tuple[Text, ...]:
        """Return the possible versions from `first` to `last`, the most certain first.

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
            entry
            for entry in self.entries
            if isinstance(entry, Import)
            and claimed(entry) is None
            and locale in (None, entry.locale)
            and entry.version not in self.corrected
        )

    def period(self, entry: Unreleased, locale: str | None = None) -> Period:
        """Return when a version may have been in force, in a locale or in any that it has.

        It is unknown if its day is, and open if nothing later is known. Its days are asserted, and
        begin as days do in the time zone that was recorded with them.
        """
        since, begins = claimed(entry), self._begins(entry)
        correction = self.corrections.get(entry.version)
        if correction is not None:
            return Period(since, begins, begins, entry.timezone, "corrected", correction)
        state: State = "asserted" if isinstance(entry, Import) else "reconstructed"
        if begins is None:
            return Period(None, None, None, entry.timezone, state)
        ends = [self._end(entry, begins, name) for name in _among(entry.locales, locale)]
        known = [end for end in ends if end is not None]
        if not known or len(known) < len(ends):
            return Period(since, begins, None, entry.timezone, state)
        end, by = max(known, key=lambda end: end[0])
        return Period(since, begins, end, entry.timezone, state, by)

    def spoken(self, entry: Unreleased, moment: datetime) -> tuple[str, ...]:
        """Return the locales in which a version may have been in force at a moment.

        A reconstructed version does not count on the day from which the repository was without it.
        """
        return tuple(
            name
            for name in entry.locales
            if self.period(entry, name).meets(moment, moment)
            and not (isinstance(entry, Reconstruct) and self.absent(moment, name))
        )

    def absent(
        self, moment: datetime, locale: str | None = None
    ) -> Mapping[Absence, tuple[str, ...]]:
        """Return the locales that the repository was without at a moment, by entry."""
        names = {name for absence in self.absences for name in _among(absence.locales, locale)}
        absent: dict[Absence, tuple[str, ...]] = {}
        for name in sorted(names):
            newest = self._newest(moment, name)
            if isinstance(newest, Absence):
                absent[newest] = (*absent.get(newest, ()), name)
        return absent

    def before(self, absence: Absence, locale: str) -> Reconstruct | None:
        """Return the last reconstructed version before an absence in a locale."""
        states = self._states(locale)
        earlier = [state for state in states if self._order(state) < self._order(absence)]
        versions = [state for state in earlier if isinstance(state, Reconstruct)]
        return max(versions, key=self._order, default=None)

    def back(self, absence: Absence, locale: str) -> Reconstruct | None:
        """Return the reconstructed version that ends an absence in a locale, if one does."""
        following = self._following(absence, locale)
        return following if isinstance(following, Reconstruct) else None

    def notes(self, entry: Version) -> Iterator[str]:
        """Yield how other entries concern a version: its clock, or, if not released, its period."""
        if entry.clock is not None:
            yield clock_note(entry)
        if isinstance(entry, Import):
            yield from self._imported(entry)
        elif isinstance(entry, Reconstruct):
            ends: dict[str, list[str]] = {}
            for name in entry.locales:
                end = self.period(entry, name).ended_by
                if isinstance(end, Absence):
                    ends.setdefault(f"from {end.on} on (commit {end.source[:10]})", []).append(name)
            yield from (f"not in {', '.join(names)} {when}" for when, names in ends.items())

    def _imported(self, entry: Import) -> Iterator[str]:
        if entry.version in self.corrections:
            yield f"corrected by {self.corrections[entry.version].version}"
        corrected = entry.corrects or next(
            (name for name, by in self.corrections.items() if by == entry), None
        )
        if corrected is not None:
            yield f"corrects {corrected}"
        same = [
            other.version
            for other in self.imports
            if same_document(other, entry) and other.version not in self.corrected
        ]
        if entry.version in same and same[0] != entry.version:
            yield f"the document of {same[same.index(entry.version) - 1]} again"

    def _begins(self, entry: Unreleased | Absence) -> datetime | None:
        day = entry.on if isinstance(entry, Absence) else claimed(entry)
        return first_moment(day, entry.timezone) if day is not None else None

    def _end(
        self, entry: Unreleased, begins: datetime, locale: str
    ) -> tuple[datetime, Release | Unreleased | Absence] | None:
        """Return the moment at which a version ends, and the entry that ends it."""
        ends: list[tuple[datetime, Release | Unreleased | Absence]] = []
        following = self._following(entry, locale)
        if following is not None:
            same = next_day(day_in(begins, entry.timezone), entry.timezone)
            other = self._begins(following)
            ends.append((other if other is not None and other > begins else same, following))
        released = self._timeline.earliest
        if released is not None:
            ends.append((self._timeline.begin(released), released))
        return min(ends, key=lambda end: end[0], default=None)

    def _following(self, entry: Unreleased | Absence, locale: str) -> Unreleased | Absence | None:
        """Return the first entry after another one that is about a locale."""
        entries = self._claims(locale) if isinstance(entry, Import) else self._states(locale)
        later = (other for other in entries if self._order(other) > self._order(entry))
        return min(later, key=self._order, default=None)

    def _newest(self, moment: datetime, locale: str) -> Reconstruct | Absence | None:
        """Return the last entry that says whether the repository had a locale at a moment."""
        states = (state for state in self._states(locale) if self._order(state)[0] <= moment)
        return max(states, key=self._order, default=None)

    def _claims(self, locale: str) -> Iterator[Import]:
        """Yield the imports of a locale that have a day, and count."""
        for entry in self.imports:
            dated = entry.claimed_date is not None and entry.version not in self.corrected
            if dated and entry.locale == locale:
                yield entry

    def _states(self, locale: str) -> Iterator[Reconstruct | Absence]:
        """Yield the entries that say whether the repository had a locale."""
        yield from (
            entry
            for entry in self.entries
            if isinstance(entry, Reconstruct) and locale in entry.locales
        )
        yield from (absence for absence in self.absences if locale in absence.locales)

    def _order(self, entry: Unreleased | Absence) -> tuple[datetime, int]:
        """Return the key that sorts entries: by their days, then as they were recorded."""
        return self._begins(entry) or _NEVER, entry.sequence


def _among(locales: Iterable[str], locale: str | None) -> tuple[str, ...]:
    """Return a locale if it is among others; if it is None, return all of them."""
    return tuple(name for name in locales if locale in (None, name))
