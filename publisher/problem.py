"""What is wrong in a workspace, as values: collected, never raised one by one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning", "note", "question"]


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of one line of a file: `right` in the first place of what is `written`."""

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
    """Why a remark on what a policy says is made.

    `fingerprint` stays the same while the rule, the file and the sentence or entry do; `places` are
    all where it holds, `brands` those whose policies it is about. `catalogue` is the version of the
    rules. `accepted` says by whom a remark was accepted that is back.
    """

    authority: tuple[Authority, ...]
    fingerprint: str
    places: tuple[tuple[str, int], ...]
    brands: tuple[str, ...]
    catalogue: str
    accepted: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, where it is, and how to fix it.

    `path` is relative to the workspace, with forward slashes; `line` counts from 1, or is None
    where the file as a whole is meant. `rule` is a short, stable name for machines. `edits` fix it
    without a change of words, where that can be done mechanically. `grounds` are those of a remark
    on what a policy says; errors of that kind stop `release` and not `build`.
    """

    severity: Severity
    rule: str
    path: str
    line: int | None
    message: str
    fix: str
    edits: tuple[Edit, ...] = field(default=(), compare=False)
    grounds: Grounds | None = None

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        text = f"{where}: {self.message}; {self.fix}" if self.fix else f"{where}: {self.message}"
        if self.grounds is None:
            return text
        cited = ", ".join(map(str, self.grounds.authority))
        accepted = f" ({self.grounds.accepted})" if self.grounds.accepted else ""
        cited = f" ({cited})" if cited else ""
        return f"{text}{accepted}{cited} [{self.rule} {self.grounds.fingerprint}]"


def error(rule: str, path: str, line: int | None, message: str, fix: str) -> Problem:
    """Return a problem that stops the policies that it touches from being built."""
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
    """Return those of `problems` that stop what they touch."""
    return tuple(problem for problem in problems if problem.severity == "error")


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return `problems` without repeats, by path and line."""
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda p: (p.path, p.line or 0, p.rule, p.message)))
