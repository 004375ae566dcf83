"""What a build comes to, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from publisher.policy.dating import Status
from publisher.problem import Problem


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
