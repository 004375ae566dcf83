"""Writes one clause: finds its files, and fills them in for a brand and locale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from publisher.compose import placeholders
from publisher.compose.context_facts import Context
from publisher.compose.grammar import comments
from publisher.compose.inlines import Anchor
from publisher.compose.markdown import Content, parse
from publisher.compose.order import where_named
from publisher.compose.references import extended, referred
from publisher.compose.templates import LONGEST, Rendered, render, render_words
from publisher.compose.unconfirmed import Words
from publisher.errors import did_you_mean
from publisher.policy.memory import remembered
from publisher.policy.tree import Clause, Question, Unconfirmed, inlines_in
from publisher.problem import Problem, error, errors
from publisher.workspace.facts import Condition
from publisher.workspace.loader import is_partial
from publisher.workspace.parsed import ClauseSource, Parsed, Workspace


@dataclass(frozen=True, slots=True)
class Scope:
    """What all clauses of one policy share; `context` has its facts."""

    workspace: Workspace
    brand: str
    locale: str
    context: Context


@dataclass(frozen=True, slots=True)
class Written:
    """The result of writing a clause.

    `clause` is None if it has a problem, or if it is `absent` from this policy; `left_out` are its
    questions then. `anchors` are its links inside the policy, with their places. `read` are the
    paths that were looked up for it, whether they exist or not. `warnings` name what readers see
    differently from the source.
    """

    clause: Clause | None
    absent: bool
    anchors: tuple[Anchor, ...]
    left_out: tuple[Question, ...]
    problems: tuple[Problem, ...]
    read: frozenset[str]
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """A text, where each of its lines was written, and the words of registries in each.

    Equal only to itself, so that lookups in caches are quick.
    """

    text: str
    locations: tuple[placeholders.Location, ...]
    origins: tuple[tuple[placeholders.Origin, ...], ...]


Files = Mapping[str, Parsed[ClauseSource]]


def write_clause(scope: Scope, id: str, first_note: int) -> Written:
    """Write the clause `id`; its notes count from `first_note`.

    A clause with the same facts and the same files is not written again, so that a policy can be
    followed through thousands of commits.
    """
    context, clauses = scope.context, scope.workspace.clauses
    files = _files(clauses, scope.brand, scope.locale, id)
    if not files:
        return _missing(scope, id)
    written = _written(context, id, first_note, files)
    if written.problems:  # to suggest a file, all files are needed
        return _Writer(context, id, first_note, clauses).written()
    return written


@remembered(4096, lambda *given: sum(map(_length, given[-1])))
def _written(
    context: Context, id: str, first_note: int, files: tuple[Parsed[ClauseSource], ...]
) -> Written:
    return _Writer(context, id, first_note, {file.path: file for file in files}).written()


def _length(file: Parsed[ClauseSource]) -> int:
    return len(file.value.body) if file.value is not None else 0


def _files(clauses: Files, brand: str, locale: str, id: str) -> tuple[Parsed[ClauseSource], ...]:
    """Return the files that a clause can be made of: its own, and those that they refer to.

    A brand's file hides the shared one, unless it refers to that.
    """
    files = {}
    waiting = [path for path in _own(id, brand, locale) if path in clauses][:1]
    for path in waiting:
        file = clauses.get(path)
        if file is not None and path not in files:
            files[path] = file
            waiting += [_path(name, brand, locale) for name in _referred(file)]
    return tuple(files.values())


@lru_cache(maxsize=4096)
def _own(id: str, brand: str, locale: str) -> tuple[str, ...]:
    return tuple(_path(f"{layer}/{id}.md", brand, locale) for layer in ("brand", "shared"))


@remembered(2048, _length)
def _referred(file: Parsed[ClauseSource]) -> tuple[str, ...]:
    return () if file.value is None else referred(file.path, file.value.body)


def _path(name: str, brand: str, locale: str) -> str:
    """Return the path of the template ``shared/NAME.md`` or ``brand/NAME.md``."""
    layer, _, file = name.partition("/")
    folder = "shared" if layer == "shared" else f"brands/{brand}"
    return f"{folder}/clauses/{locale}/{file}"


def _missing(scope: Scope, id: str) -> Written:
    elsewhere = _elsewhere(scope, id)
    if elsewhere is not None:
        return Written(None, True, (), (), (), elsewhere)
    path = f"clauses/{scope.locale}/{id}.md"
    own = f"brands/{scope.brand}/{path}"
    message = f"there is no clause '{id}' in {scope.locale} for {scope.brand}"
    fix = f"write shared/{path} or {own}"
    where = where_named(scope.workspace, scope.brand, id)
    problem = error("no-clause", *where, message, fix)
    return Written(None, False, (), (), (problem,), frozenset([f"shared/{path}", own]))


def _elsewhere(scope: Scope, id: str) -> frozenset[str] | None:
    """Return the paths of a clause that exists for other locales only; None for any other clause.

    Such a clause has a file in another locale, whose condition names locales, but not this one; and
    all its files have such a condition.
    """
    brand, clauses = scope.brand, scope.workspace.clauses
    locales = {path.split("/")[-2] for path in clauses if path.endswith(f"/{id}.md")}
    locales.add(scope.locale)
    paths = frozenset(path for locale in locales for path in _own(id, brand, locale))
    files = [file for path in sorted(paths) if (file := clauses.get(path)) is not None]
    conditions = [file.value.when for file in files if file.value is not None]
    spoken = [when.locale if when is not None else () for when in conditions]
    limited = [locales for locales in spoken if locales]
    if len(limited) < len({file.path.split("/")[-2] for file in files}) or not limited:
        return None
    return None if any(scope.locale in locales for locales in limited) else paths


@remembered(1024)
def _lines(text: str, path: str) -> Lines:
    """Return the output of a template without its marks; `path` is the clause's own file."""
    return Lines(*placeholders.take_lines(text, path), placeholders.take_origins(text))


@remembered(1024, lambda lines, texts, _: len(lines.text) + sum(map(len, texts)))
def _content(lines: Lines, texts: tuple[str, ...], first_note: int) -> Content | None:
    """Return the content of a template with the output `lines`; several brands may share it.

    `texts` are those that its shape leaves out. None if it may be too long with them.
    """
    text = placeholders.filled(lines.text, texts, LONGEST)
    return None if text is None else parse(text, lines.locations, first_note, lines.origins)


@remembered(1024, lambda *given: len(given[2]))
def _shaped(
    context: Context, name: str, shape: str, parts: tuple[Parsed[ClauseSource], ...]
) -> Rendered | None:
    """Return the output of a template whose texts its `shape` leaves out; None for a faulty one.

    `parts` are the other files that it is made of.
    """
    bodies = {file.path: file.value.body if file.value else "" for file in parts}

    def find(other: str) -> tuple[str, str] | None:
        path = _path(other, context.given.brand, context.given.locale)
        body = shape if other == name else bodies.get(path)
        return None if body is None else (path, body)

    return render(name, context.noted(), find)[0]


class _Writer:
    """Writes a clause once, from the `files` by path."""

    def __init__(self, context: Context, id: str, first_note: int, files: Files) -> None:
        self.context = context
        self.given = context.given
        self.noted = context.noted()
        self.id = id
        self.first_note = first_note
        self.files = files
        self.absent = False
        self.anchors: tuple[Anchor, ...] = ()
        self.left_out: list[Question] = []
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.read: set[str] = set()

    def written(self) -> Written:
        """Return the clause with everything that was noted on the way."""
        clause = self.clause()
        return Written(
            clause=None if self.problems else clause,
            absent=self.absent,
            anchors=self.anchors,
            left_out=tuple(self.left_out),
            problems=tuple(self.problems),
            read=frozenset(self.read),
            warnings=tuple(self.warnings),
        )

    # --- files ---

    def find(self, name: str) -> tuple[str, str] | None:
        """Return path and body of the template ``shared/NAME.md`` or ``brand/NAME.md``."""
        source = self.source(name)
        return None if source is None else (source.path, source.body)

    def source(self, name: str) -> ClauseSource | None:
        """Return the clause of a template, an empty one if its file is broken."""
        return self.look_up(_path(name, self.given.brand, self.given.locale))

    def look_up(self, path: str) -> ClauseSource | None:
        """Return the clause in a file, an empty one if the file is broken."""
        parsed = self.files.get(path)
        if path not in self.read and parsed is not None:
            self.problems += errors(parsed.problems)
            self.warnings += [p for p in parsed.problems if p.severity != "error"]
        self.read.add(path)
        if parsed is None:
            return None
        return parsed.value or ClauseSource(path, None, 1, (), None, "")

    def templates(self) -> Iterator[str]:
        """Yield the names of all templates in this brand and locale."""
        for layer in ("shared/", "brand/"):
            folder = _path(layer, self.given.brand, self.given.locale)
            for path in self.files:
                if path.startswith(folder):
                    yield layer + path.removeprefix(folder)

    # --- the clause ---

    def clause(self) -> Clause | None:
        """Return the clause; None if it has a problem, or is absent."""
        name = f"brand/{self.id}.md"
        source = self.source(name)
        if source is None:
            name = f"shared/{self.id}.md"
            source = self.source(name)
        if source is None:
            return None
        line = [source, *self.ancestors(source, name)]
        if self.problems:
            return None
        questions = [question for source in line for question in source.questions]
        conditional = next((source for source in line if source.when is not None), None)
        if conditional is not None and not self.holds(conditional, questions):
            self.absent = True
            self.left_out = questions
            return None
        return self.write(name, line, questions)

    def ancestors(self, source: ClauseSource, name: str) -> Iterator[ClauseSource]:
        """Yield the clauses that a clause extends, nearest first."""
        seen = {name}
        parent = extended(source.path, source.body)
        while parent is not None and parent not in seen:
            seen.add(parent)
            ancestor = self.source(parent)
            if ancestor is None:
                return
            yield ancestor
            parent = extended(ancestor.path, ancestor.body)

    def holds(self, source: ClauseSource, questions: list[Question]) -> bool:
        """Return whether a source's condition holds; unconfirmed processors add their question."""
        when, known = source.when or Condition(), self.given.processors.content.root
        if when.processor is not None and when.processor not in known:
            fix = did_you_mean(when.processor, known) or "name one of shared/processors.yaml"
            message = f"there is no processor '{when.processor}'"
            self.problems.append(error("fact", source.path, 1, message, fix))
        self.noted.take()
        in_use = when.processor is None or when.processor in self.noted.fact("processor")
        questions += self.noted.take()
        own = self.given.own.content
        return (
            in_use
            and (when.audience is None or when.audience in own.audience)
            and (not when.locale or self.given.locale in when.locale)
        )

    def write(
        self, name: str, line: Sequence[ClauseSource], questions: list[Question]
    ) -> Clause | None:
        """Return the clause that the template `name` makes; `line` is it and its ancestors."""
        title = self.title(line)
        filled = self.filled_in(name, line[0].path)
        if filled is None or self.problems:
            return None
        rendered, content = filled
        parts = [self.files[path].value for path in rendered.paths]
        questions += [q for part in parts if part is not None for q in part.questions]
        questions += [*rendered.questions, *title.questions]
        self.problems += content.problems
        self.warnings += content.warnings
        for part in parts:
            self.warnings += comments(part.path, 1, part.body) if part is not None else ()
        self.anchors = content.anchors
        path = line[0].path
        plain = " ".join(placeholders.plain(title).split())
        clause = Clause(
            self.id,
            plain,
            content.blocks,
            content.notes,
            (),
            path,
            places=content.places,
            quoted=content.quoted,
        )
        if not self.problems:
            self.check_empty(clause)
        inlines = inlines_in(clause) if placeholders.unsure(rendered.text) else ()
        inside = (i.question for i in inlines if isinstance(i, Unconfirmed))
        return replace(clause, questions=tuple(dict.fromkeys((*questions, *inside))))

    def filled_in(self, name: str, path: str) -> tuple[Rendered, Content] | None:
        """Return the output of a template at `path`, and its content; None if it is faulty.

        Templates that differ only in their texts share a shape, which is filled in once.
        """
        own = self.files[path]
        bare = is_partial(path) or own.value is None or "extends" in own.value.body
        shape = None if bare else placeholders.shape(own.content.body)
        if shape is not None:
            parts = tuple(file for file in self.files.values() if file is not own)
            rendered = _shaped(self.context, name, shape[0], parts)
            content = self.content(rendered, path, shape[1])
            if rendered is not None and content is not None:
                for part in rendered.paths:
                    self.look_up(part)
                return rendered, content
        rendered, problems = render(name, self.noted, self.find, self.templates())
        self.problems += problems
        content = self.content(rendered, path, ())
        return None if rendered is None or content is None else (rendered, content)

    def content(
        self, rendered: Rendered | None, path: str, texts: tuple[str, ...]
    ) -> Content | None:
        """Return the content of a template's output, with the `texts` of its shape."""
        if rendered is None:
            return None
        return _content(_lines(rendered.text, path), texts, self.first_note)

    def title(self, line: Sequence[ClauseSource]) -> Words:
        """Return a clause's own title, or the title of a clause it extends, with tokens."""
        titled = next((source for source in line if source.title is not None), line[0])
        where = (titled.path, titled.title_line)
        text = render_words(*where, titled.title or "", self.noted)
        self.warnings += comments(*where, titled.title or "")
        if isinstance(text, Problem):
            self.problems.append(text)
        elif not text and titled.title is not None:
            fix = "write a title for every case in which the clause is shown"
            self.problems.append(error("front-matter", *where, "has no title", fix))
        return text if isinstance(text, Words) else Words("", ())

    def check_empty(self, clause: Clause) -> None:
        """Report a clause without text."""
        if not clause.blocks:
            own = self.given.own.path
            fix = f"omit it with `clauses.omit` in {own}, or give it a condition"
            message = f"has no text for {self.given.brand}"
            self.problems.append(error("empty", clause.path, None, message, fix))
