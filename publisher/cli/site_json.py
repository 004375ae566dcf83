"""Sites that were built → JSON."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from publisher.cli.json import Form


class BuiltForm(Form):
    """The site of a brand, as it was written."""

    brand: str
    folder: Path
    versions: int
    files: int
    written: int
    next_build: date | None
    because: str
    notes: tuple[str, ...]


class SitesForm(Form):
    """The sites that were written, and the brands that have no release."""

    sites: tuple[BuiltForm, ...]
    passed_over: tuple[str, ...]


class DueForm(Form):
    """A brand whose site must be built, and why."""

    brand: str
    because: str


OUTPUTS: dict[str, Any] = {"site": SitesForm, "site-due": tuple[DueForm, ...]}
"""The forms of what is printed, by command."""
