"""Which version of a brand was in force on a day or at a moment, or exactly why none was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from publisher.archive.before_release import Past, claimed
from publisher.archive.entries import Absence, Release, Version
from publisher.archive.ledger import Ledger
from publisher.archive.moments import (
    Asked,
    Period,
    Text,
    When,
    clock,
    day_in,
    first_moment,
    in_order,
    last_moment,
    readings,
    retired_at,
    retired_from,
)
from publisher.archive.timeline import Timeline
from publisher.errors import AskedWrongly, NotInForce


class InForce:
    """Answers for one brand, from its ledger; `now` says which moment is now.

    `timeline` and `past` are the ledger's own, unless they also know other archives of the brand.
    `chain` answers from each of the brand's archives: this one, and those under its other names.
    """

    def __init__(
        self,
        ledger: Ledger,
        now: datetime,
        timeline: Timeline | None = None,
        past: Past | None = None,
    ) -> None:
        self.ledger = ledger
        self.now = now.astimezone(UTC)
        self.timeline = timeline or Timeline(ledger)
        self.past = past or Past(ledger, self.timeline)
        self.chain: tuple[InForce, ...] = (self,)

    def asked(self, on: When | None) -> Asked:
        """Return the day or the moment that is asked about; None is today, up to now.

        Raises `NotInForce` for the future, and `AskedWrongly` for a moment that clocks show twice
        or never, and for a day that was skipped.
        """
        if not len(self.ledger):
            raise NotInForce(f"{self.ledger.brand} has no version")
        zone = self.timeline.zone(on.date() if isinstance(on, datetime) else on or self.now.date())
        if isinstance(on, datetime):
            moment = one_moment(on, zone)
            asked = Asked(moment, moment, zone)
        else:
            day = on or day_in(self.now, zone)
            asked = Asked(first_moment(day, zone), last_moment(day, zone), zone, day)
        if asked.last < asked.first:
            raise AskedWrongly(
                f"{asked.text} was skipped in {zone}. Give the day before or after it"
            )
        if asked.first > self.now:
            raise NotInForce(self._future(asked))
        return replace(asked, last=min(asked.last, self.now))

    def on(self, asked: Asked, locale: str | None = None) -> tuple[Version, ...]:
        """Return the texts in force at a moment, or at the end of a day; the most certain first.

        This is the newest released version that had begun by then, even if it is retired. Before
        the first release, imported documents come first, then what was reconstructed from git.
        Raises `NotInForce` if nothing is known.
        """
        release = self.timeline.newest(asked.last)
        if release is not None:
            return (release,)
        texts = self.past.during(asked.last, asked.last, locale)
        versions = tuple(
            text.version
            for text in texts
            if any(locale in (None, name) for name in self.spoken(text.version, asked))
        )
        if not versions:
            raise NotInForce(self._nothing(asked, locale))
        return versions

    def texts(self, asked: Asked, locale: str) -> tuple[Text, ...]:
        """Return all that was, or may have been, in force on a day in a locale, in its order."""
        day = asked.first, asked.last
        texts = (
            text
            for known in self.chain
            for source in (known.timeline, known.past)
            for text in source.during(*day, locale)
        )
        return in_order(tuple(texts))

    def earlier(self, asked: Asked, locale: str) -> str:
        """Return a sentence on the version in force in a locale earlier on a day, if any."""
        texts = (*self.timeline.during(asked.first, asked.last, locale),)
        if not texts:
            return ""
        named = [f"{text.version.version} {asked.hours(text.period)}" for text in reversed(texts)]
        return (
            f". Earlier that day, {'these were' if texts[1:] else 'this was'} in force in "
            f"{locale}: {', then '.join(named)} "
            f"({asked.zone}); `--version {texts[0].version.version}` gets "
            f"{'the last of them' if texts[1:] else 'it'}"
        )

    def period(self, version: Version, locale: str | None = None) -> Period:
        """Return when a version is, or claims to have been, in force, and its state now."""
        if isinstance(version, Release):
            return self.timeline.period(version, self.now, locale)
        return self.past.period(version, locale)

    def refuse_retired(self, version: Version, asked: Asked, locale: str | None) -> None:
        """Raise `NotInForce` if a version, or one locale of it, had been retired by then."""
        if not isinstance(version, Release):
            return
        retired = self.timeline.ended(version, asked.last, locale)
        if retired is None:
            return
        what = f"{version.brand} in {retired.locale}" if retired.locale else version.brand
        if asked.first < retired_at(retired):
            when = f"from {retired_from(retired)} on"
            how = f"it was retired then ({retired.reason})"
            last = self.earlier(asked, locale or next(iter(version.locales)))
        else:
            when = f"{'on' if asked.on else 'at'} {asked.text}"
            how = f"it was retired on {retired_from(retired)} ({retired.reason})"
            last = f". The last one was {version.version}; `--version {version.version}` gets it"
        raise NotInForce(f"{when}, no version of {what} was in force: {how}{last}")

    def spoken(self, version: Version, asked: Asked) -> tuple[str, ...]:
        """Return the locales in which a version was, or may have been, in force then."""
        if not isinstance(version, Release):
            return self.past.spoken(version, asked.last)
        return tuple(
            name
            for name in version.locales
            if self.timeline.ended(version, asked.last, name) is None
        )

    def _nothing(self, asked: Asked, locale: str | None) -> str:
        brand = self.ledger.brand
        what = f"{'on' if asked.on else 'at'} {asked.text}, no version of {brand} was in force"
        absent = self.past.absent(asked.last, locale)
        if absent:
            absences = "; ".join(self._absent(entry, names) for entry, names in absent.items())
            return f"{what}, as far as is known: {absences}"
        first = self.timeline.earliest
        if first is not None:
            begins, start = self.timeline.begin(first), self.timeline.start(first)
            same = start == asked.day
            what += (
                f": the first, {first.version}, {'is' if begins > self.now else 'was'} in force "
                f"from {clock(begins, asked.zone) if same else start}"
            )
        else:
            counting = (
                entry
                for entry in self.past.entries
                if entry.version not in self.past.corrected and locale in (None, *entry.locales)
            )
            dated = {day: entry for entry in counting if (day := claimed(entry)) is not None}
            what += ", as far as is known"
            if dated:
                what += f": the first, {dated[min(dated)].version}, is from {min(dated)}"
        known = [entry.version for entry in self.past.undated(locale)]
        if known:
            imports = f"Imports of an unknown date: {', '.join(known)}"
            return f"{what}. {imports}; `--version ID` gets one"
        return f"{what}. This archive does not know what was published before that"

    def _absent(self, entry: Absence, names: tuple[str, ...]) -> str:
        """Return when the repository lost some locales, and what it had before."""
        last = {version.version for name in names if (version := self.past.before(entry, name))}
        back = {version.version for name in names if (version := self.past.back(entry, name))}
        until = f", until {', '.join(sorted(back))}" if back else ""
        which = ", ".join(sorted(last))
        return (
            f"the repository says that it was not in {', '.join(names)} from {entry.on} on (commit "
            f"{entry.source[:10]}){until}. The last text before that is {which}; `--version ID` "
            "gets it"
        )

    def _future(self, asked: Asked) -> str:
        brand, timeline = self.ledger.brand, self.timeline
        current = timeline.newest(self.now)
        retired = current is not None and timeline.ended(current, self.now) is not None
        name = f"version {current.version}" if current is not None and not retired else "no version"
        coming = [
            f"{release.version} comes into force on {known.timeline.start(release)}"
            for known in reversed(self.chain)
            for release in known.timeline.upcoming(self.now)
            if known.timeline.begin(release) <= asked.last
        ]
        ends = timeline.ends()
        if ends is not None and self.now < retired_at(ends) <= asked.last:
            coming.append(f"{brand} is retired on {ends.on}")
        today = f"today ({day_in(self.now, asked.zone)})" if asked.on else "now"
        return (
            f"{asked.text} is in the future, so nobody knows yet what {brand} will say then; "
            f"{today}, {name} is in force, and "
            f"{', then '.join(coming) or 'nothing is scheduled until then'}. "
            "`--version ID` gets a version"
        )


def one_moment(on: datetime, zone: str) -> datetime:
    """Return the one moment that is meant; raises `AskedWrongly` where there are two."""
    first, *second = readings(on, zone)
    if not second:
        return first
    local = [moment.astimezone(ZoneInfo(zone)) for moment in (first, *second)]
    twice = local[0].replace(tzinfo=None, fold=0) == on
    how = "occurs twice" if twice else "is skipped by the clocks"
    raise AskedWrongly(
        f"{on.isoformat()} {how} in {zone}: it can mean {local[0].isoformat()} or "
        f"{local[1].isoformat()}. Give one of these two"
    )
