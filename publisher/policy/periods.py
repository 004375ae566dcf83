"""Periods that can be counted: ``24 months``, ``7 years``."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Unit = Literal["day", "week", "month", "year"]
_PERIOD = re.compile(r"([1-9]\d{0,3}) (day|week|month|year)(s?)")
_DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}


class Period(NamedTuple):
    """A number of days, weeks, months or years."""

    number: int
    unit: Unit

    @property
    def years(self) -> float:
        """How many years it is, about."""
        return self.number * _DAYS[self.unit] / _DAYS["year"]


def parse_period(text: str) -> Period | None:
    """Return the period that a text is, as English writes it; None for any other text."""
    match = _PERIOD.fullmatch(text)
    if match is None or (match[1] == "1") is bool(match[3]):
        return None
    return Period(int(match[1]), match[2])  # type: ignore[arg-type]
