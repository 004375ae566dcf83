"""Problems in a workspace, as values: collected, never raised one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

Severity = Literal["error", "warning", "note", "question"]
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""What steers a terminal, breaks lines or turns text round, and bytes that are no text."""


def visible(text: str) -> str:
    """Return a text from files or git in which nothing acts unseen: it can be in any output."""
    return _UNSEEN.sub(lambda character: ascii(character[0])[1:-1], text)


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of one line of a file: `right` in place of `written`, where that first occurs."""

    path: str
    line: int
    written: str
    right: str


@dataclass(frozen=True, slots=True)
class Authority:
    """A provision, guideline or decision; one that is not `seen` was cited from memory."""

    cite: str
    url: str
    seen: bool

    def __str__(self) -> str:
        return self.cite if self.seen else f"{self.cite} [to be confirmed]"


@dataclass(frozen=True, slots=True)
class Grounds:
    """The grounds of a remark on the content of a policy.

    `fingerprint` stays the same as long as the rule, the file and the sentence or entry do;
    `places` are all places of the remark, `brands` the brands whose policies it concerns.
    `catalogue` is the version of the rules. `accepted` says who accepted a remark that is back.
    """

    authority: tuple[Authority, ...]
    fingerprint: str
    places: tuple[tuple[str, int], ...]
    brands: tuple[str, ...]
    catalogue: str
    accepted: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: what is wrong, where, and how to fix it, in visible characters.

    `path` is relative to the workspace, with forward slashes; `line` counts from 1, or is None for
    the whole file. `rule` is a short, stable name for machines. `edits` fix the problem without a
    change of words, if a machine can do that. A remark on the content of a policy has `grounds`;
    errors of that kind stop `release`, but not `build`.
    """

    severity: Severity
    rule: str
    path: str
    line: int | None
    message: str
    fix: str
    edits: tuple[Edit, ...] = field(default=(), compare=False)
    grounds: Grounds | None = None

    def __post_init__(self) -> None:
        for name in ("path", "message", "fix"):
            object.__setattr__(self, name, visible(getattr(self, name)))

    @property
    def fault(self) -> str:
        """Where it is, and what is wrong, on one line."""
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{where}: {self.message}"

    def __str__(self) -> str:
        text = f"{self.fault}; {self.fix}" if self.fix else self.fault
        if self.grounds is None:
            return text
        cited = ", ".join(map(str, self.grounds.authority))
        accepted = f" ({self.grounds.accepted})" if self.grounds.accepted else ""
        cited = f" ({cited})" if cited else ""
        return f"{text}{accepted}{cited} [{self.rule} {self.grounds.fingerprint}]"


def error(rule: str, path: str, line: int | None, message: str, fix: str) -> Problem:
    """Return a problem that stops `build` of the policies that it touches."""
    return Problem("error", rule, path, line, message, fix)


def warning(  # noqa: PLR0913 - they are a problem's parts
    rule: str,
    path: str,
    line: int | None,
    message: str,
    fix: str,
    edits: tuple[Edit, ...] = (),
) -> Problem:
    """Return a problem that stops nothing."""
    return Problem("warning", rule, path, line, message, fix, edits)


def errors(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems that are errors."""
    return tuple(problem for problem in problems if problem.severity == "error")


def mild(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems of proposed texts: errors are warnings there, as they stop nothing."""
    return tuple(
        replace(problem, severity="warning") if problem.severity == "error" else problem
        for problem in problems
    )


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return `problems` without repeats, by path and line."""
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda p: (p.path, p.line or 0, p.rule, p.message)))
