"""Puts a policy together: which clauses, from which files, with which numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from publisher.compose.clause import Scope, Written, write_clause
from publisher.compose.context_facts import lay_out, localised
from publisher.compose.heading_links import linked, meant, names_of
from publisher.compose.inlines import Anchor
from publisher.compose.order import order_of
from publisher.errors import InvalidPolicy, UnknownName, did_you_mean
from publisher.policy.tree import (
    BrandName,
    Clause,
    Controller,
    Link,
    Policy,
    Question,
    headings_in,
    with_parts,
)
from publisher.problem import error, in_order
from publisher.render.own_texts import file_names, own_texts
from publisher.workspace.facts import UnconfirmedText
from publisher.workspace.names import brand_file, texts_file
from publisher.workspace.parsed import Parsed, Workspace


@dataclass(frozen=True, slots=True)
class Composition:
    """A policy, and what it is composed of: the results of its clauses, in order, by their ids."""

    policy: Policy
    scope: Scope
    written: Mapping[str, Written]

    @property
    def workspace(self) -> Workspace:
        """The workspace that the policy is composed from."""
        return self.scope.workspace


def compose(workspace: Workspace, brand: str, locale: str) -> Policy:
    """Return what `brand` says in `locale`.

    Pure: the same workspace gives the same policy. Raises `InvalidPolicy` with every problem, and
    `UnknownName` for an unknown brand or a locale that the brand does not have.
    """
    return composition(workspace, brand, locale).policy


def composition(
    workspace: Workspace, brand: str, locale: str, near: Composition | None = None
) -> Composition:
    """Return what `compose` returns, with what it is composed of.

    A clause made of the same facts and files as in the composition `near` is taken from there.
    """
    if brand not in workspace.brands:
        raise UnknownName("brand", brand, workspace.brands)
    files = workspace.files_of(brand)
    if any(file.value is None for file in files):
        problems = in_order(problem for file in files for problem in file.problems)
        paths = {file.path for file in files} | {problem.path for problem in problems}
        raise InvalidPolicy(problems, frozenset(paths))
    locales = workspace.brands[brand].content.built
    if locale not in locales:
        raise UnknownName(f"locale of {brand}", locale, locales)
    return _Composer(workspace, brand, locale).composition(near)


class _Composer:
    def __init__(self, workspace: Workspace, brand: str, locale: str) -> None:
        self.workspace = workspace
        self.brand = brand
        self.locale = locale
        self.own = workspace.brands[brand].content
        self.company = workspace.company_of(brand)
        self.scope = Scope(workspace, brand, locale, lay_out(workspace, brand, locale))
        self.texts, faults = own_texts(workspace.texts, locale)
        self.problems = [*faults, *self.scope.context.problems]
        self.warnings = list(self.scope.context.warnings)

    def composition(self, near: Composition | None) -> Composition:
        """Return the policy with its clauses; raises `InvalidPolicy` with every problem."""
        order, problems = order_of(self.workspace, self.brand)
        self.problems += problems
        written = self.written(order, self.unchanged(near) if near is not None else {})
        policy = self.policy(order, written)
        return Composition(policy, self.scope, dict(zip(order, written, strict=True)))

    def unchanged(self, near: Composition) -> dict[str, Written]:
        """Return the clauses of another composition that are made of the same facts and files."""
        if near.scope.context is not self.scope.context:
            return {}
        now, then = self.workspace.clauses, near.workspace.clauses
        edited = {path for path, file in now.items() if then.get(path) is not file}
        edited |= then.keys() - now.keys()
        return {
            id: result
            for id, result in near.written.items()
            if result.clause is not None and edited.isdisjoint(result.read)
        }

    def policy(self, order: Sequence[str], written: Sequence[Written]) -> Policy:
        """Put the policy together; raises `InvalidPolicy` with every problem."""
        absent = {id for id, result in zip(order, written, strict=True) if result.absent}
        clauses = tuple(self.linked(written, {*order} - absent))
        if self.workspace.outline.content.numbering == "clauses":
            clauses = number(clauses)
        self.check_titles(clauses)
        title = self.title()
        files = self.files(written)
        if self.problems:
            raise InvalidPolicy(in_order((*self.problems, *self.warnings)), files)
        questions = (
            *(question for clause in clauses for question in clause.questions),
            *(question for result in written for question in result.left_out),
            *self.address_questions(),
        )
        return Policy(
            brand=BrandName(self.brand, self.own.name, self.own.domain),
            locale=self.locale,
            title=title,
            controller=Controller(self.company.content.name, self.address()),
            clauses=clauses,
            questions=tuple(dict.fromkeys(questions)),
            files=files,
            warnings=in_order(self.warnings),
            own_texts=self.texts,
        )

    def address(self) -> tuple[str, ...]:
        """Return the company's address; laying out the facts has checked that it has the locale.

        An unconfirmed line is the text proposed for it, if any.
        """
        lines = (
            line.value if isinstance(line, UnconfirmedText) else localised(line, self.locale)
            for line in self.company.content.address
        )
        return tuple(filter(None, lines))

    def address_questions(self) -> Iterator[Question]:
        """Yield the questions on the company's address, which every document shows at its top."""
        file = self.company
        for at, line in enumerate(file.content.address):
            if isinstance(line, UnconfirmedText):
                where = ("address", at, "unconfirmed")
                yield Question(line.unconfirmed, file.path, file.line(*where))

    def written(self, order: Sequence[str], known: Mapping[str, Written]) -> list[Written]:
        """Return the results of all clauses, with consecutive numbers of notes.

        Those that are `known` are not written again, if their notes keep their numbers.
        """
        written: list[Written] = []
        notes = 0
        for id in order:
            result = known.get(id)
            if result is None or _first_notes(result) not in ([], [notes + 1]):
                result = write_clause(self.scope, id, first_note=notes + 1)
            self.problems += result.problems
            self.warnings += result.warnings
            notes += len(result.clause.notes) if result.clause is not None else 0
            written.append(result)
        return written

    def files(self, written: Sequence[Written]) -> frozenset[str]:
        """Return the paths that were looked up."""
        files = {file.path for file in self.workspace.files_of(self.brand)}
        files.update(brand_file(sister) for sister in self.own.sisters)
        files.update(map(texts_file, file_names(self.locale)))
        return frozenset(files.union(*(result.read for result in written)))

    def title(self) -> str:
        """Return the brand's title, or the one in shared/policy.yaml; report a missing text."""
        outline = self.workspace.outline
        file: Parsed[Any] = outline if self.own.title is None else self.workspace.brands[self.brand]
        title = localised(self.own.title or outline.content.title, self.locale)
        if title is None:
            message = f"the title has no text for locale {self.locale}"
            fix = f"add a line `{self.locale}: …`"
            self.problems.append(error("fact", file.path, file.line("title"), message, fix))
        return title or ""

    def check_titles(self, clauses: Sequence[Clause]) -> None:
        """Report clauses without a title; only the first may have none, if it has no headings."""
        for at, clause in enumerate(clauses):
            if clause.title or (at == 0 and not any(headings_in(clause))):
                continue
            file = self.workspace.clauses[clause.path].value
            fix = "add `title: …` between the --- lines"
            message = "has no title" if at else "has headings, but no title above them"
            line = file.title_line if file is not None else None
            self.problems.append(error("front-matter", clause.path, line, message, fix))

    def linked(self, written: Sequence[Written], ids: set[str]) -> Iterator[Clause]:
        """Yield the clauses with their links to clauses of the policy, whose ids are `ids`.

        All other links lead to a heading of their own clause, or are reported.
        """
        for result in written:
            clause = result.clause
            if clause is None:
                continue
            if not result.anchors:  # then no heading has one that a link leads to, either
                yield clause
                continue
            others = [a for a in result.anchors if a.numbered or a.target[1:] not in ids]
            names = names_of(clause) if others else {}
            for anchor in others:
                self.check_anchor(anchor, ids, names)
            headed = any(heading.anchor for heading in headings_in(clause))
            targets = frozenset(a.target for a in others if a.target[1:] not in ids)
            yield linked(clause, targets) if targets or headed else clause

    def check_anchor(self, anchor: Anchor, ids: set[str], names: Mapping[str, int]) -> None:
        """Report a link that leads to no clause in `ids` and no heading in `names`."""
        outline, target = self.workspace.outline, anchor.target
        if anchor.numbered and outline.content.numbering is None:
            message = f"shows the number of '{target}', but clauses have no numbers"
            fix = (
                f"write `numbering: clauses` in {outline.path}, or the text of the link between "
                f"the brackets: [text]({target})"
            )
            self.problems.append(error("anchor", *anchor.location, message, fix))
        elif anchor.numbered and target[1:] not in ids:
            self.unknown(anchor, ids, ())
        elif target[1:] not in ids and meant(target, names) is None:
            self.unknown(anchor, ids, names)

    def unknown(self, anchor: Anchor, ids: Iterable[str], names: Iterable[str]) -> None:
        """Report a link that leads nowhere, with the targets that exist."""
        known = f"clauses here: {', '.join(sorted(ids))}"
        known += f"; headings: {', '.join(sorted(names))}" if names else ""
        fix = did_you_mean(anchor.target[1:], (*ids, *names)) or known
        message = f"links to '{anchor.target}', which is not a clause of {self.brand}"
        self.problems.append(error("anchor", *anchor.location, message, fix))


def _first_notes(result: Written) -> list[int]:
    """Return the number of the first note of a clause, if it has any."""
    return [note.number for note in result.clause.notes[:1]] if result.clause is not None else []


def number(clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
    """Return clauses with their numbers, from 1 in their order; one without a title has none.

    Every link to a clause that has no text gets the number of that clause. Numbers are labels, not
    words.
    """
    counted = count(1)
    numbers = {f"#{clause.id}": next(counted) for clause in clauses if clause.title}

    def referring(node: Any) -> Any:
        if isinstance(node, Link) and not node.children:
            return replace(node, number=numbers.get(node.target))
        return with_parts(node, referring)

    return tuple(
        replace(referring(clause), number=numbers.get(f"#{clause.id}")) for clause in clauses
    )
