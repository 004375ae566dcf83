"""The options and the results of a build, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from publisher.files.cache import Cache
from publisher.files.format import file_name
from publisher.policy.dating import Status
from publisher.problem import Problem


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What to build, and where; no `locales` are all. `cache` has documents of earlier builds."""

    output: Path
    formats: tuple[str, ...]
    locales: tuple[str, ...]
    cache: Cache

    def paths(self, brand: str, locale: str) -> tuple[Path, ...]:
        """Return where the documents of a policy are written, in the order of the formats."""
        return tuple(self.output / brand / file_name(locale, format) for format in self.formats)


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
    """The results of a build; `failed` are the brands and locales of policies with errors."""

    built: tuple[Built, ...]
    failed: tuple[tuple[str, str | None], ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class BrandBuild:
    """The result of one brand; `files` are its documents, by their paths in its folder."""

    report: BuildReport
    files: Mapping[str, bytes]
