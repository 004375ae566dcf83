"""Puts a policy together: which clauses, from which files, saying what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from publisher.compose import tokens
from publisher.compose.context import lay_out, localised
from publisher.compose.language import render, render_words
from publisher.compose.markdown import parse
from publisher.compose.order import order_of, where_named
from publisher.compose.references import extended
from publisher.compose.values import Words
from publisher.errors import InvalidPolicy, UnknownName, did_you_mean
from publisher.model.facts import Condition
from publisher.model.policy import (
    BrandName,
    Clause,
    Controller,
    Policy,
    Question,
    Unconfirmed,
    inlines_in,
)
from publisher.model.problem import Problem, error, in_order
from publisher.model.workspace import ClauseSource, Workspace, brand_file


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


@dataclass(frozen=True, slots=True)
class _Written:
    """A clause, with the links inside the policy that it makes."""

    clause: Clause
    anchors: tuple[tuple[str, tokens.Location], ...]


class _Composer:
    def __init__(self, workspace: Workspace, brand: str, locale: str) -> None:
        self.workspace = workspace
        self.brand = brand
        self.locale = locale
        self.own = workspace.brands[brand].content
        self.context = lay_out(workspace, brand, locale)
        self.problems = list(self.context.problems)
        self.files = {file.path for file in (*workspace.shared, workspace.brands[brand])}
        self.files |= {brand_file(sister) for sister in self.own.sisters}
        self.known = self.templates()
        self.absent: set[str] = set()
        self.left_out: list[Question] = []
        self.notes = 0

    def policy(self) -> Policy:
        order, problems = order_of(self.workspace, self.brand)
        self.problems += problems
        written = [clause for id in order if (clause := self.clause(id)) is not None]
        self.check_anchors(written, {*order} - self.absent)
        title = self.policy_title()
        if self.problems:
            raise InvalidPolicy(in_order(self.problems), frozenset(self.files))
        company = self.workspace.company.content
        clauses = tuple(each.clause for each in written)
        questions = (*(q for clause in clauses for q in clause.questions), *self.left_out)
        return Policy(
            brand=BrandName(self.brand, self.own.name, self.own.domain),
            locale=self.locale,
            title=title,
            controller=Controller(company.name, company.address),
            clauses=clauses,
            questions=tuple(dict.fromkeys(questions)),
            files=frozenset(self.files),
        )

    def policy_title(self) -> str:
        outline = self.workspace.outline
        title = localised(outline.content.title, self.locale)
        if title is None:
            message = f"the title has no text for locale {self.locale}"
            mend = f"add a line `{self.locale}: …`"
            self.problems.append(error("fact", outline.path, outline.line("title"), message, mend))
        return title or ""

    # --- files ---

    def find(self, name: str) -> tuple[str, str] | None:
        """Return path and body of the template ``shared/NAME.md`` or ``brand/NAME.md``."""
        source = self.source(name)
        return None if source is None else (source.path, source.body)

    def source(self, name: str) -> ClauseSource | None:
        """Return the clause that a template is, an empty one where its file is broken."""
        layer, _, file = name.partition("/")
        folder = "shared" if layer == "shared" else f"brands/{self.brand}"
        path = f"{folder}/clauses/{self.locale}/{file}"
        self.files.add(path)
        parsed = self.workspace.clauses.get(path)
        if parsed is None:
            return None
        self.problems += parsed.problems
        return parsed.value or ClauseSource(path, None, 1, (), None, "")

    def templates(self) -> tuple[str, ...]:
        """Return the names of all templates in this brand and locale."""
        folders = {
            f"shared/clauses/{self.locale}/": "shared/",
            f"brands/{self.brand}/clauses/{self.locale}/": "brand/",
        }
        return tuple(
            layer + path.removeprefix(folder)
            for folder, layer in folders.items()
            for path in self.workspace.clauses
            if path.startswith(folder)
        )

    # --- clauses ---

    def clause(self, id: str) -> _Written | None:
        """Return the clause `id`; None if it has no place here, or has a problem."""
        name = f"brand/{id}.md"
        source = self.source(name)
        if source is None:
            name = f"shared/{id}.md"
            source = self.source(name)
        if source is None:
            path = f"clauses/{self.locale}/{id}.md"
            message = f"there is no clause '{id}' in {self.locale} for {self.brand}"
            mend = f"write shared/{path} or brands/{self.brand}/{path}"
            where = where_named(self.workspace, self.brand, id)
            self.problems.append(error("no-clause", *where, message, mend))
            return None
        line = [source, *self.ancestors(source, name)]
        if any(self.workspace.clauses[each.path].value is None for each in line):
            return None
        questions = [question for each in line for question in each.questions]
        conditional = next((each for each in line if each.when is not None), None)
        if (
            conditional is None
            or conditional.when is None
            or self.holds(conditional.when, conditional.path, questions)
        ):
            return self.write(id, name, line, questions)
        self.absent.add(id)
        self.left_out += questions
        return None

    def ancestors(self, source: ClauseSource, name: str) -> Iterator[ClauseSource]:
        """Yield the clauses that one extends, nearest first."""
        seen = {name}
        parent = extended(source.path, source.body)
        while parent is not None and parent not in seen:
            seen.add(parent)
            found = self.source(parent)
            if found is None:
                return
            yield found
            parent = extended(found.path, found.body)

    def holds(self, when: Condition, path: str, questions: list[Question]) -> bool:
        """Return whether a condition holds; one on unconfirmed processors asks their question."""
        known = self.workspace.processors.content.root
        if when.processor is not None and when.processor not in known:
            mend = did_you_mean(when.processor, known) or "name one of shared/processors.yaml"
            message = f"there is no processor '{when.processor}'"
            self.problems.append(error("fact", path, 1, message, mend))
        self.context.asked.take()
        in_use = when.processor is None or when.processor in self.context.facts["processor"]
        questions += self.context.asked.take()
        return (
            in_use
            and (when.audience is None or when.audience in self.own.audience)
            and (not when.locale or self.locale in when.locale)
        )

    def write(
        self, id: str, name: str, line: Sequence[ClauseSource], questions: list[Question]
    ) -> _Written | None:
        """Return the clause that the template `name` comes to; `line` is it and its ancestors."""
        before = len(self.problems)
        title = self.title(line)
        context = self.context
        rendered, problems = render(name, context.facts, context.asked, self.find, self.known)
        self.problems += problems
        if rendered is None or len(self.problems) > before:
            return None
        parts = (self.workspace.clauses[path].value for path in rendered.paths)
        questions += [q for part in parts if part is not None for q in part.questions]
        questions += [*rendered.questions, *title.questions]
        text, locations = tokens.take_lines(rendered.text, line[0].path)
        content = parse(text, locations, first_note=self.notes + 1)
        self.problems += content.problems
        self.notes += len(content.notes)
        path = line[0].path
        clause = Clause(
            id, " ".join(tokens.plain(title).split()), content.blocks, content.notes, (), path
        )
        if len(self.problems) == before:
            self.check_empty(clause)
        inside = (i.question for i in inlines_in(clause) if isinstance(i, Unconfirmed))
        asking = tuple(dict.fromkeys((*questions, *inside)))
        return _Written(replace(clause, questions=asking), content.anchors)

    def title(self, line: Sequence[ClauseSource]) -> Words:
        """Return a clause's title, with tokens: its own, or that of the clause that it extends."""
        titled = next((each for each in line if each.title is not None), line[0])
        where = (titled.path, titled.title_line)
        facts, asked = self.context.facts, self.context.asked
        text = render_words(*where, titled.title or "", facts, asked)
        if isinstance(text, Problem):
            self.problems.append(text)
        elif not text and not extended(line[-1].path, line[-1].body):
            mend = "add `title: …` between the --- lines"
            self.problems.append(error("front-matter", *where, "has no title", mend))
        return text if isinstance(text, Words) else Words("", (), asked)

    def check_empty(self, clause: Clause) -> None:
        if not clause.blocks:
            own = brand_file(self.brand)
            mend = f"omit it with `clauses.omit` in {own}, or give it a condition"
            message = f"comes to no text at all for {self.brand}"
            self.problems.append(error("empty", clause.path, None, message, mend))

    def check_anchors(self, written: Sequence[_Written], ids: set[str]) -> None:
        """Report links to clauses that the policy does not have; those in `ids` it has."""
        for each in written:
            for target, (path, line) in each.anchors:
                if target[1:] not in ids:
                    mend = (
                        did_you_mean(target[1:], ids) or f"clauses here: {', '.join(sorted(ids))}"
                    )
                    message = f"links to '{target}', which is no clause of {self.brand}"
                    self.problems.append(error("anchor", path, line, message, mend))
