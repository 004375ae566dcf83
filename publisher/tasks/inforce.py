"""Which version of a brand was in force on a day, or an exact answer why none was."""

from __future__ import annotations

from datetime import date, datetime

from publisher.archive.ledger import Ledger
from publisher.archive.past import Past, claimed
from publisher.archive.timeline import Period, Timeline, When, day_in
from publisher.errors import NotInForce
from publisher.model.ledger import Release, Version


class InForce:
    """Answers for one brand, from its ledger; `now` says which day is today."""

    def __init__(self, ledger: Ledger, now: datetime) -> None:
        self.ledger = ledger
        self.now = now
        self.timeline = Timeline(ledger)
        self.past = Past(ledger, self.timeline)

    def on(self, on: date | None, locale: str | None = None) -> tuple[Version, ...]:
        """Return what was in force on a day, or now: the most certain first.

        That is the newest released version that had come into force by then, be it retired or not;
        before the first of these, what is asserted by imported documents, then what was
        reconstructed from git. Raises `NotInForce` for a day to come, or where nothing is known.
        """
        if not len(self.ledger):
            raise NotInForce(f"{self.ledger.brand} has no version")
        today = day_in(self.now, self.ledger.entry(len(self.ledger)).timezone)
        if on is not None and on > today:
            raise NotInForce(self._future(on, today))
        release = self.timeline.newest(self.now if on is None else on)
        found = (release,) if release is not None else self.past.on(on or today, locale)
        if not found:
            raise NotInForce(self._nothing(on or today, today, locale))
        return found

    def period(self, version: Version, locale: str | None = None) -> Period:
        """Return when a version is, or is said to have been, in force, and its state now."""
        if isinstance(version, Release):
            return self.timeline.period(version, self.now, locale)
        return self.past.period(version, locale)

    def refuse_retired(self, version: Version, on: date | None, locale: str | None) -> None:
        """Raise `NotInForce` if a version, or one locale of it, had been retired by then."""
        when: When = self.now if on is None else on
        if not isinstance(version, Release):
            return
        retired = self.timeline.ended(version, when, locale)
        if retired is None:
            return
        what = f"{version.brand} in {retired.locale}" if retired.locale else version.brand
        raise NotInForce(
            f"on {day_in(when, version.timezone)}, no version of {what} was in force: it was "
            f"retired on {retired.on} ({retired.reason}). The last one was {version.version}; "
            f"`--version {version.version}` gets it"
        )

    def spoken(self, version: Version, on: date | None) -> tuple[str, ...]:
        """Return the locales of a version that had not been retired by a day, or now."""
        when: When = self.now if on is None else on
        return tuple(
            name
            for name in version.locales
            if not isinstance(version, Release) or self.timeline.ended(version, when, name) is None
        )

    def _nothing(self, on: date, today: date, locale: str | None) -> str:
        first = next((n for n in self.ledger.names if n.kind == "release"), None)
        brand = self.ledger.brand
        what = f"on {on}, no version of {brand} was in force"
        if first is not None:
            release = self.ledger.release(first.sequence)
            start = self.timeline.start(release)
            what += (
                f": the first, {release.version}, {'is' if start > today else 'was'} in force from "
                f"{start}"
            )
        else:
            counting = (e for e in self.past.entries if e.version not in self.past.corrected)
            dated = {day: each for each in counting if (day := claimed(each)) is not None}
            what += ", as far as is known"
            if dated:
                what += f": the first, {dated[min(dated)].version}, is of {min(dated)}"
        known = [each.version for each in self.past.undated(locale)]
        if known:
            return (
                f"{what}. Of an unknown date is what was imported as {', '.join(known)}; "
                "`--version ID` gets it"
            )
        return f"{what}. What was published before that, this archive does not know"

    def _future(self, on: date, today: date) -> str:
        brand = self.ledger.brand
        current = self.timeline.newest(self.now)
        gone = current is not None and self.timeline.ended(current, self.now) is not None
        name = current.version if current is not None and not gone else "no version"
        coming = [
            f"{each.version} comes into force on {self.timeline.start(each)}"
            for each in self.timeline.upcoming(self.now)
            if self.timeline.start(each) <= on
        ]
        ends = self.timeline.ends()
        if ends is not None and today < ends <= on:
            coming.append(f"{brand} is retired on {ends}")
        return (
            f"{on} has not come yet, so nobody can say what {brand} will say then; today, {today}, "
            f"{name} is in force, and {', then '.join(coming) or 'nothing is scheduled until then'}"
            ". `--version ID` gets a version"
        )
