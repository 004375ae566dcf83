"""A clause file → front matter and body."""

from __future__ import annotations

import re

from publisher.model.facts import FrontMatter
from publisher.model.policy import Question
from publisher.model.problem import Problem, error, errors
from publisher.model.workspace import ClauseSource, Document
from publisher.workspace.text import decode
from publisher.workspace.validate import validate
from publisher.workspace.yaml import parse

_EXTENDS = re.compile(r"\s*\{%[-+]?\s*extends\b")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


def is_partial(path: str) -> bool:
    """Return whether a file is a part that clauses include, no clause itself: ``_address.md``."""
    return path.rpartition("/")[2].startswith("_")


def parse_clause(path: str, data: bytes) -> tuple[ClauseSource | None, tuple[Problem, ...]]:
    """Return the clause that a file holds, or None, and what is wrong with it."""
    text, told = decode(path, data)
    if errors(told):
        return None, told
    clause, problems = _parse_clause(path, text)
    return clause, (*told, *problems)


def _parse_clause(path: str, text: str) -> tuple[ClauseSource | None, tuple[Problem, ...]]:
    if not text.strip():
        mend = "write the clause, or delete the file"
        return None, (error("empty", path, 1, "is empty", mend),)
    found = _FRONT_MATTER.match(text)
    if found is None and (is_partial(path) or _EXTENDS.match(text)):
        return ClauseSource(path, None, 1, (), None, text), ()
    if found is None:
        mend = "start the file with `---`, `title: …`, `---`, each on a line of its own"
        return None, (error("front-matter", path, 1, "has no front matter", mend),)
    document, faults = parse(path, found[1], first_line=2)
    if document.value is None:
        document = Document({}, document.lines)
    front, more = validate(path, FrontMatter, document)
    if front is None or faults:
        return None, (*faults, *more)
    own = (front.title, front.when, front.covers, front.asserts)
    if is_partial(path) and any(own):
        mend = "leave `title`, `when`, `covers` and `asserts` to the clauses that include it"
        return None, (error("front-matter", path, 1, "is a part, and no clause", mend),)
    questions = tuple(
        Question(question, path, document.line(("unconfirmed", index)))
        for index, question in enumerate(front.unconfirmed)
    )
    blank = "\n" * text.count("\n", 0, found.end())
    return (
        ClauseSource(
            path=path,
            title=front.title,
            title_line=document.line(("title",)),
            questions=questions,
            when=front.when,
            covers=front.covers,
            asserts=front.asserts,
            review_by=front.review_by,
            body=blank + text[found.end() :],
            front=document,
        ),
        (),
    )
