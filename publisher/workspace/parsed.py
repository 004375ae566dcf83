"""A workspace as read: facts and clauses, each with its path, lines and problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar

from publisher.errors import did_you_mean
from publisher.policy.tree import Question
from publisher.problem import Problem, error
from publisher.workspace.facts import (
    Brand,
    BrandIdentity,
    Company,
    Condition,
    Controller,
    Outline,
    Processors,
    Purposes,
    RetentionPeriods,
    Rights,
    Texts,
)
from publisher.workspace.names import COMPANIES, company_file

T_co = TypeVar("T_co", covariant=True)
Where = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The content of a YAML file: mappings, lists, text and None; and the line of each value.

    `comments` has the line and the text of each comment after a value without quotes; `marked` are
    the values without quotes that are in quotation marks of another kind.
    """

    value: Any
    lines: Mapping[Where, int]
    comments: Mapping[Where, tuple[int, str]] = field(default_factory=dict)
    marked: frozenset[Where] = frozenset()

    def line(self, where: Where) -> int:
        """Return the line of the value at `where`, or of the nearest one around it."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)


@dataclass(frozen=True, slots=True)
class ClauseSource:
    """A clause as it is in its file.

    `body` is a template of Markdown; blank lines stand for the front matter, so that its lines have
    the numbers that they have in the file. `front` is the front matter as it was read.
    """

    path: str
    title: str | None
    title_line: int
    questions: tuple[Question, ...]
    when: Condition | None
    body: str
    covers: tuple[str, ...] = ()
    asserts: tuple[str, ...] = ()
    review_by: date | None = None
    front: Document = field(default_factory=lambda: Document(None, {}))


@dataclass(frozen=True, slots=True, eq=False)
class Parsed(Generic[T_co]):
    """A file as read: its value, if it is valid, and its problems.

    Equal only to itself, so that lookups in caches are quick: a file with the same path and bytes
    is read once.
    """

    path: str
    value: T_co | None
    problems: tuple[Problem, ...]
    document: Document = field(default_factory=lambda: Document(None, {}))

    @property
    def content(self) -> T_co:
        """The value of a file that is known to have one."""
        if self.value is None:
            raise LookupError(f"{self.path} could not be read")
        return self.value

    def line(self, *where: str | int) -> int:
        """Return the line of the value at `where`, or of the nearest one around it."""
        return self.document.line(where)


@dataclass(frozen=True, slots=True)
class Workspace:
    """The policies of a company, or of a group, in files.

    `known` are existing brands: those that are read or quoted, or all if a quoted one is missing.
    `left_out` are sisters that a sparse checkout leaves out, each with the command that checks it
    out. `texts` are the company's own labels,
    by locale.
    """

    company: Parsed[Company]
    companies: Mapping[str, Parsed[Controller]]
    outline: Parsed[Outline]
    processors: Parsed[Processors]
    retention: Parsed[RetentionPeriods]
    rights: Parsed[Rights]
    purposes: Parsed[Purposes]
    known: frozenset[str]
    left_out: Mapping[str, str]
    brands: Mapping[str, Parsed[Brand]]
    names: Mapping[str, BrandIdentity]
    clauses: Mapping[str, Parsed[ClauseSource]]
    stray: tuple[Problem, ...]
    identities: tuple[Parsed[BrandIdentity], ...] = ()
    texts: Mapping[str, Parsed[Texts]] = field(default_factory=dict)

    @property
    def shared(self) -> tuple[Parsed[Any], ...]:
        """The files that policies share; shared/purposes.yaml may be missing."""
        registries = (self.processors, self.retention, self.rights, self.purposes)
        return (self.company, self.outline, *registries)

    def files_of(self, brand: str) -> tuple[Parsed[Any], ...]:
        """Return the files of facts that a brand's policy reads."""
        own = self.brands[brand]
        company = self.company_of(brand) if own.value is not None else self.company
        return (company, *self.shared[1:], own)

    def company_of(self, brand: str) -> Parsed[Controller]:
        """Return the controller of a brand; an unknown one is a problem of the brand's file."""
        own = self.brands[brand]
        id = own.content.controller
        if id is None:
            return self.company
        if id in self.companies:
            return self.companies[id]
        path = company_file(id)
        fix = did_you_mean(id, self.companies) or f"write {path}, or fix the name"
        message = f"there is no company '{id}' in {COMPANIES}"
        problem = error("controller", own.path, own.line("controller"), message, fix)
        return Parsed(path, None, (problem,))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems of the files themselves."""
        own = (*self.companies.values(), *self.brands.values(), *self.clauses.values())
        parsed = (*self.shared, *own)
        labels = (problem for file in self.texts.values() for problem in file.problems)
        return (*self.stray, *(problem for file in parsed for problem in file.problems), *labels)
