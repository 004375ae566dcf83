"""When a policy last changed, and how far it is from being published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from publisher.problem import Problem

Status = Literal[
    "ready", "released", "reconstructed", "extracted", "proposed", "draft", "uncommitted", "undated"
]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a policy is kept: the workspace's folder in the repository, the brand's id, the locale.

    It is a place to look, not the identity of a policy: folders are moved and renamed.
    """

    prefix: str
    brand: str
    locale: str


@dataclass(frozen=True, slots=True)
class Released:
    """The data of a policy in the latest released version, in one locale.

    `source` is the id of the commit that it was released from, `words` the reading digest of its
    words, or, if its text was `redacted`, the digest in the ledger; `last_updated` is the date that
    it shows. `clauses` has the day that each of its clauses last changed, by its id then, in the
    order of the version.
    """

    version: str
    source: str
    words: str
    last_updated: date
    clauses: Mapping[str, date]
    redacted: bool = False


@dataclass(frozen=True, slots=True)
class Dating:
    """How old a policy is, by git and by the latest released version.

    `last_updated` is the date, in the brand's time zone, of the newest material revision, and
    `commit` the commit that made it; or both are those of the latest released version. It is None
    for a policy that is only proposed, is a draft, is not committed, or has no history.

    `clauses` has the day that each clause last changed, by clause id; a clause without one is left
    out, and all are where `last_updated` is None. `version` is the latest released version, if it
    has exactly the words of this policy; in the documents of a version it is that one, and
    `in_force` the day on which it comes into force. `recorded` is the day on which a version was
    reconstructed from `commit`, or its text extracted from an imported document.
    """

    status: Status
    last_updated: date | None = None
    commit: str | None = None
    problems: tuple[Problem, ...] = ()
    clauses: Mapping[str, date] = field(default_factory=dict)
    version: str | None = None
    in_force: date | None = None
    recorded: date | None = None

    @property
    def frozen(self) -> bool:
        """Whether it belongs to a version in the archive, whose id is `version`."""
        return self.status in ("released", "reconstructed", "extracted")


UNDATED = Dating("undated")
