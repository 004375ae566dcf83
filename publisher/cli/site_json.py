"""Built sites, and what pages on the web show → JSON."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from publisher.archive.fields import Shown
from publisher.cli.json import Form
from publisher.site.values import Standing


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


class DifferenceForm(Form):
    """A place where the words of a page differ from those of a version."""

    clause: str
    behind: str
    expected: str
    shown: str


class DriftForm(Form):
    """Which version a page shows."""

    brand: str
    locale: str
    page: str
    sha256: str
    verdict: Shown
    version: str
    standing: Standing
    current: str | None
    differences: tuple[DifferenceForm, ...]
    notes: tuple[str, ...]


OUTPUTS: dict[str, Any] = {
    "drift": DriftForm,
    "site": SitesForm,
    "site-due": tuple[DueForm, ...],
}
"""The forms of what is printed, by command."""
