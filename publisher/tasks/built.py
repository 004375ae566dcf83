"""What a build comes to, as values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from publisher.errors import UnknownName
from publisher.model.dating import Status
from publisher.model.problem import Problem

FORMATS = {"html": "html", "pdf": "pdf", "markdown": "md", "json": "json"}
"""The formats, and what their files' names end in."""
_ALIASES = {"md": "markdown", "word": "docx"}

Progress = Callable[[int, int, str], None]
"""Told how many brands, or policies, of how many are done, and which one is next."""


def known_format(name: str, known: Collection[str] = FORMATS) -> str:
    """Return which of the `known` formats a name means; raises `UnknownName`."""
    format = _ALIASES.get(name, name)
    if format not in known:
        raise UnknownName("format", name, known)
    return format


@dataclass(frozen=True, slots=True)
class Built:
    """One policy that was built. `files` are where it was written, in the order asked for."""

    brand: str
    locale: str
    status: Status
    last_updated: date | None
    words_digest: str
    files: tuple[Path, ...]
    questions: int


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build came to; `failed` are the brands, with locales, that have errors instead."""

    built: tuple[Built, ...]
    failed: tuple[tuple[str, str | None], ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class BrandBuild:
    """What became of one brand; `files` are its documents, by their paths in its folder."""

    report: BuildReport
    files: Mapping[str, bytes]


def file_name(locale: str, format: str) -> str:
    """Return the path of a document in its brand's folder."""
    return f"{locale}/policy.{FORMATS[format]}"
