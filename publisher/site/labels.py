"""The words of the pages around the policies, per locale, and days and languages as they name them.

They belong to the toolkit, and are no words of a policy.
"""

from __future__ import annotations

from datetime import date

from babel.core import Locale, UnknownLocaleError

from publisher.policy.tree import OwnTexts
from publisher.render.languages import known, long_date, texts

_DEFAULT = "en"


class Labels:
    """What the frame of a page says in a locale; in English where there are no words of its own.

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
    """Return what speakers of a language call it; its tag if that is unknown."""
    try:
        parsed = Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        return locale
    name = parsed.get_display_name(parsed) or locale
    return f"{name[:1].upper()}{name[1:]}"
