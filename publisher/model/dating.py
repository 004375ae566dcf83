"""When a policy last changed, and how far it is from being published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from publisher.model.problem import Problem

Status = Literal["ready", "draft", "uncommitted", "undated"]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a commit says of itself.

    `time` is the committer's, in seconds since 1970 UTC, or None where it cannot be read;
    `policy_change` are the values of the trailer ``Policy-Change``, lower case.
    """

    time: int | None
    policy_change: tuple[str, ...]

    @property
    def editorial(self) -> bool:
        """Whether the commit says that it leaves the meaning of policies alone."""
        return bool(self.policy_change) and set(self.policy_change) == {"editorial"}


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit on the first-parent line.

    `changed` are the workspace paths that differ from `parent`, its first parent;
    `stamp` is what it says of itself.
    """

    id: str
    parent: str | None
    changed: frozenset[str]
    stamp: Stamp


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
