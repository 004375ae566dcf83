"""What is wrong in a workspace, as values: collected, never raised one by one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "question"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, where it is, and how to mend it.

    `path` is relative to the workspace, with forward slashes; `line` counts from 1, or is None
    where the file as a whole is meant. `rule` is a short, stable name for machines.
    """

    severity: Severity
    rule: str
    path: str
    line: int | None
    message: str
    mend: str

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{where}: {self.message}; {self.mend}" if self.mend else f"{where}: {self.message}"


def error(rule: str, path: str, line: int | None, message: str, mend: str) -> Problem:
    """Return a problem that stops the policies that it touches from being built."""
    return Problem("error", rule, path, line, message, mend)


def warning(rule: str, path: str, line: int | None, message: str, mend: str) -> Problem:
    """Return a problem that stops nothing."""
    return Problem("warning", rule, path, line, message, mend)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return `problems` without repeats, by path and line."""
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda p: (p.path, p.line or 0, p.rule, p.message)))
