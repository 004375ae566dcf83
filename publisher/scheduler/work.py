"""The work that a command does for each brand, as this machine and workers see it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from publisher.files.cache import Cache
from publisher.repository.moment import Moment

TOGETHER = 16
"""Brands that a worker gets at a time where each takes a fraction of a second."""

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Files(Protocol):
    """The files that results come from, at one moment.

    `common` is the digest of those that all brands read, None if one is unreadable.
    """

    @property
    def common(self) -> str | None: ...  # noqa: D102

    def own(self, brand: str) -> str | None:
        """Return the digest of a brand's own files; None if one is unreadable."""


class BrandWork(Files, Protocol[T_co]):
    """Work on brands that began at one moment."""

    def do(self, brand: str) -> T_co:
        """Return the result for a brand; raises the `PublisherError` that stops the command."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How messages describe the work: a brand "was not `done`", and a process "`does`" it.

    They are about the brand's `folder`. `fix` says what to do with a brand that ends its process,
    and `again` what to do where the work stopped.
    """

    done: str
    does: str
    folder: str = "brands"
    fix: str = "shorten its longest tables and lists"
    again: str = "run this again"


class Work(Protocol[T_co]):
    """What a command does for each brand, as a frozen value that can be sent to workers.

    `word` says that it makes Word documents, which takes tools of its own. `together` is the most
    brands that a worker gets at a time: if each takes little time, sending it and its result would
    take a large part of that.
    """

    @property
    def together(self) -> int: ...  # noqa: D102
    @property
    def word(self) -> bool: ...  # noqa: D102
    @property
    def wording(self) -> Wording: ...  # noqa: D102

    def begin(self, moment: Moment, root: Path, cache: Cache) -> BrandWork[T_co]:
        """Begin it in this process, for the workspace in `root` at a moment."""
