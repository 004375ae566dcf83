"""Puts a policy together: which clauses, from which files, saying what."""

from __future__ import annotations

from collections.abc import Sequence

from publisher.compose.clause import Scope, Written, write_clause
from publisher.compose.context import lay_out, localised
from publisher.compose.numbers import number
from publisher.compose.order import order_of
from publisher.errors import InvalidPolicy, UnknownName, did_you_mean
from publisher.model.policy import BrandName, Controller, Policy
from publisher.model.problem import error, in_order
from publisher.model.workspace import Workspace, brand_file


def compose(workspace: Workspace, brand: str, locale: str) -> Policy:
    """Return what `brand` says in `locale`.

    Pure: the same workspace gives the same policy. Raises `InvalidPolicy` with every problem that
    stops it, and `UnknownName` if there is no such brand, or it has no policy in that locale.
    """
    if brand not in workspace.brands:
        raise UnknownName("brand", brand, workspace.brands)
    files = (*workspace.shared, workspace.brands[brand])
    if any(file.value is None for file in files):
        problems = in_order(problem for file in files for problem in file.problems)
        paths = {file.path for file in files} | {problem.path for problem in problems}
        raise InvalidPolicy(problems, frozenset(paths))
    locales = workspace.brands[brand].content.locales
    if locale not in locales:
        raise UnknownName(f"locale of {brand}", locale, locales)
    return _Composer(workspace, brand, locale).policy()


class _Composer:
    def __init__(self, workspace: Workspace, brand: str, locale: str) -> None:
        self.workspace = workspace
        self.brand = brand
        self.locale = locale
        self.own = workspace.brands[brand].content
        self.scope = Scope(workspace, brand, locale, lay_out(workspace, brand, locale))
        self.problems = list(self.scope.context.problems)

    def policy(self) -> Policy:
        order, problems = order_of(self.workspace, self.brand)
        self.problems += problems
        written = self.written(order)
        clauses = tuple(each.clause for each in written if each.clause is not None)
        if self.workspace.outline.content.numbering == "clauses":
            clauses = number(clauses)
        absent = {id for id, each in zip(order, written, strict=True) if each.absent}
        self.check_anchors(written, {*order} - absent)
        title = self.title()
        files = self.files(written)
        if self.problems:
            raise InvalidPolicy(in_order(self.problems), files)
        company = self.workspace.company.content
        questions = (
            *(question for clause in clauses for question in clause.questions),
            *(question for each in written for question in each.left_out),
        )
        return Policy(
            brand=BrandName(self.brand, self.own.name, self.own.domain),
            locale=self.locale,
            title=title,
            controller=Controller(company.name, company.address),
            clauses=clauses,
            questions=tuple(dict.fromkeys(questions)),
            files=files,
        )

    def written(self, order: Sequence[str]) -> list[Written]:
        written: list[Written] = []
        notes = 0
        for id in order:
            each = write_clause(self.scope, id, first_note=notes + 1)
            self.problems += each.problems
            notes += len(each.clause.notes) if each.clause is not None else 0
            written.append(each)
        return written

    def files(self, written: Sequence[Written]) -> frozenset[str]:
        """Return the paths that were looked up."""
        files = {file.path for file in (*self.workspace.shared, self.workspace.brands[self.brand])}
        files.update(brand_file(sister) for sister in self.own.sisters)
        return frozenset(files.union(*(each.read for each in written)))

    def title(self) -> str:
        outline = self.workspace.outline
        title = localised(outline.content.title, self.locale)
        if title is None:
            message = f"the title has no text for locale {self.locale}"
            mend = f"add a line `{self.locale}: …`"
            self.problems.append(error("fact", outline.path, outline.line("title"), message, mend))
        return title or ""

    def check_anchors(self, written: Sequence[Written], ids: set[str]) -> None:
        """Report links to clauses that the policy does not have; those in `ids` it has."""
        for each in written:
            for target, (path, line), numbered in each.anchors:
                if numbered and self.workspace.outline.content.numbering is None:
                    message = f"shows the number of '{target}', and clauses have no numbers"
                    mend = (
                        f"write `numbering: clauses` in {self.workspace.outline.path}, or write "
                        f"what it says between the brackets: [text]({target})"
                    )
                    self.problems.append(error("anchor", path, line, message, mend))
                elif target[1:] not in ids:
                    mend = (
                        did_you_mean(target[1:], ids) or f"clauses here: {', '.join(sorted(ids))}"
                    )
                    message = f"links to '{target}', which is no clause of {self.brand}"
                    self.problems.append(error("anchor", path, line, message, mend))
