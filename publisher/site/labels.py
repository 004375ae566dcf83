"""The words of the pages around the policies, per locale, with names of days and languages.

They belong to the toolkit, and are not words of a policy.
"""

from __future__ import annotations

from datetime import date

from babel.core import Locale, UnknownLocaleError

from publisher.policy.tree import OwnTexts
from publisher.render.languages import known, long_date, texts

_DEFAULT = "en"


class Labels:
    """The texts of the frame of a page in a locale; in English if it has none of its own.

    `own` are the workspace's texts, in place of the toolkit's.
    """

    def __init__(self, locale: str, own: OwnTexts | None = None) -> None:
        self.locale = locale if own is not None or known(locale) else _DEFAULT
        self.texts = own.kinds["site"] if own is not None else texts("site", self.locale)

    def __call__(self, name: str, **values: object) -> str:
        """Return a text, with values in their places; a day is written out."""
        text = self.texts[name]
        for key, value in values.items():
            shown = self.day(value) if isinstance(value, date) else str(value)
            text = text.replace(f"{{{key}}}", shown)
        return text

    def day(self, day: date) -> str:
        """Return a day in words."""
        return long_date(day, self.locale)


def language_name(locale: str) -> str:
    """Return the name of a language in that language; its tag if the name is unknown."""
    try:
        parsed = Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        return locale
    name = parsed.get_display_name(parsed) or locale
    return f"{name[:1].upper()}{name[1:]}"
