"""The sentences of evidence letters, per language, and the values in them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.core import Locale, UnknownLocaleError
from markupsafe import Markup, escape

from publisher.archive.entries import Entry
from publisher.archive.moments import day_in, first_moment
from publisher.policy.tree import OwnTexts
from publisher.render.fonts import spelled, written_out
from publisher.render.languages import known, labels, long_date, texts

DEFAULT = "en"
"""The language of letters on policies in a language without sentences."""

_WHOLE = 56
"""A name of so many characters is never broken."""


def code(text: str) -> Markup:
    """Return text for a computer, unchanged, and on one line if it is short."""
    kind = "whole" if len(text) <= _WHOLE else "long"
    return Markup('<code class="{}">{}</code>').format(kind, spelled(text))


def digest(text: str) -> Markup:
    """Return a hash, on one line."""
    return Markup('<code class="whole hash">{}</code>').format(text)


def shown(value: str | int) -> Markup:
    """Return a value as text of a page; invisible characters are written out."""
    return value if isinstance(value, Markup) else escape(written_out(str(value)))


class Words:
    """Returns sentences in the language of a locale, as text of a page.

    `own` are the workspace's, in place of the toolkit's.
    """

    def __init__(self, locale: str, own: OwnTexts | None = None) -> None:
        self.locale = locale if own is not None or known(locale) else DEFAULT
        kinds = own.kinds if own is not None else {}
        self.labels = kinds.get("labels") or labels(self.locale)
        self._sentences = kinds.get("letters") or texts("letters", self.locale)

    def __call__(self, key: str, /, **values: str | int) -> Markup:
        """Return a sentence with values in it, unchanged."""
        put = {name: shown(value) for name, value in values.items()}
        return Markup(escape(self._sentences[key])).format(**put)

    def day(self, day: date) -> Markup:
        """Return a day in words and in digits."""
        return self("dated", long=_unbroken(long_date(day, self.locale)), iso=day.isoformat())

    def moment(self, moment: datetime, zone: str) -> Markup:
        """Return a moment in words and in digits, as clocks of a time zone show it."""
        local = moment.astimezone(ZoneInfo(zone))
        long = _unbroken(long_date(local.date(), self.locale))
        iso = _unbroken(local.isoformat())
        return self("dated_time", long=long, time=f"{local:%H:%M:%S}", iso=iso)

    def from_(self, moment: datetime, zone: str) -> Markup:
        """Return the day that begins at a moment, or the moment."""
        day = day_in(moment, zone)
        if moment == first_moment(day, zone):
            return self.day(day)
        return self.moment(moment, zone)

    def as_of(self, newest: Entry) -> Markup:
        """Return the sentence about the newest entry that the letter knows."""
        return self("as_of_said", number=f"{newest.sequence:04}", moment=moment(newest.recorded_at))

    def recorded(self, when: datetime) -> Markup:
        """Return the sentence about the moment of an entry."""
        return self("recorded", moment=moment(when))

    def language(self, locale: str) -> str:
        """Return the name of a locale's language, and the locale."""
        try:
            name = Locale.parse(locale, sep="-").get_display_name(self.locale.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            name = None
        return f"{name} ({locale})" if name else locale


def recorded_day(entry: Entry) -> date:
    """Return the day on which an entry was recorded, where the brand is."""
    return entry.recorded_at.astimezone(ZoneInfo(entry.timezone)).date()


def moment(when: datetime) -> Markup:
    """Return a moment in digits, with its distance from UTC."""
    return _unbroken(when.isoformat())


def _unbroken(text: str) -> Markup:
    return Markup('<span class="unbroken">{}</span>').format(text)
