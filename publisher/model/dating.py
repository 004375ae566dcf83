"""When a policy last changed, and how far it is from being published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from publisher.model.problem import Problem

Status = Literal["ready", "draft", "uncommitted", "undated"]


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit on the first-parent line.

    `time` is the committer's, in seconds since 1970 UTC, or None where it cannot be read; `changed`
    are the workspace paths that differ from the first parent; `policy_change` is the value of the
    trailer ``Policy-Change``, lower case, or the empty string.
    """

    id: str
    parent: str | None
    time: int | None
    policy_change: str
    changed: frozenset[str]

    @property
    def editorial(self) -> bool:
        """Whether the commit says of itself that it leaves the meaning alone."""
        return self.policy_change == "editorial"


@dataclass(frozen=True, slots=True)
class Dating:
    """What git says of a policy's age.

    `last_updated` is the date, in the brand's time zone, of the newest material revision, which
    `commit` made. It is None for a policy that is a draft, is not committed, or has no history.
    """

    status: Status
    last_updated: date | None = None
    commit: str | None = None
    problems: tuple[Problem, ...] = ()
