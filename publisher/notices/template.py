"""A notice's template, filled in with facts → a subject, plain text and HTML.

Templates have the form of clauses: the title is the subject, the body is Markdown with the facts
that clauses have. `notice` has further facts: what changes, from when, and where to read it.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any

from publisher.archive.fields import is_line
from publisher.archive.notice_record import FOLDER
from publisher.compose import placeholders
from publisher.compose.context_facts import Context
from publisher.compose.markdown import parse
from publisher.compose.templates import render, render_words
from publisher.compose.unconfirmed import Noted
from publisher.errors import InvalidPolicy
from publisher.policy.kinds import ByKind
from publisher.policy.tree import (
    Block,
    Clause,
    Code,
    DefinitionList,
    Emphasis,
    Heading,
    Inline,
    LineBreak,
    Link,
    List,
    OwnTexts,
    Paragraph,
    Question,
    Quote,
    Table,
    Text,
    Unconfirmed,
    inlines_in,
    text_of,
)
from publisher.problem import Problem, error, errors
from publisher.redline.views.marked_lines import Passage
from publisher.render.body import Body
from publisher.render.languages import DATA, direction, labels, language
from publisher.render.page import fill_page
from publisher.repository.source import Source
from publisher.workspace.loader import parse_clause
from publisher.workspace.names import listed, read
from publisher.workspace.parsed import ClauseSource

_TEMPLATE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*\.md")
UNCONFIRMED = "unconfirmed"
"""The rule of the problem that a template quotes something unconfirmed."""
_WIDTH = 76
"""Characters in a line of plain text."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The content of a notice in one locale; None for what it does not have.

    `changes` describe what differs, `passages` show it. `in_force_from` is a day in words.
    `redline`, `policy` and `before` are the addresses of the redline, and of both texts.
    """

    version: str
    in_force_from: str
    summary: str | None
    changes: tuple[str, ...]
    passages: tuple[Passage, ...]
    redline: str | None
    policy: str | None
    before: str | None
    attachment: str | None

    def without_summary(self) -> Facts:
        """Return the facts without the summary, which is in the master locale."""
        return replace(self, summary=None)

    def laid_out(self) -> dict[str, Any]:
        """Return the facts as a template sees them."""
        names = ("version", "in_force_from", "summary", "redline", "policy", "before", "attachment")
        passages = [
            {"clause": clause, "texts": [asdict(passage) for passage in inside]}
            for clause, inside in groupby(self.passages, lambda passage: passage.clause)
        ]
        lists = {"changes": [*self.changes], "passages": passages}
        return {**{name: getattr(self, name) for name in names}, **lists}


@dataclass(frozen=True, slots=True)
class Filled:
    """A template filled in: a subject of one line, plain text, and a page of HTML."""

    subject: str
    text: str
    html: str


def template(source: Source, locale: str) -> ClauseSource:
    """Return the template for a locale: the workspace's own, or the toolkit's.

    The one of the locale comes before the one of its language. Raises `InvalidPolicy`.
    """
    for name in dict.fromkeys((locale, language(locale))):
        path = f"{FOLDER}/{name}.md"
        data, faults = read(source, path)
        if faults:
            raise InvalidPolicy(faults)
        if data is not None:
            return _parsed(path, data)
    name = f"{language(locale)}.md"
    own = DATA / "notices" / name
    if not own.is_file():
        message = f"is missing: the toolkit has no text of a notice in {locale}"
        raise InvalidPolicy((error("notice", f"{FOLDER}/{name}", None, message, "write it"),))
    return _parsed(f"publisher/data/notices/{name}", own.read_bytes())


def own_templates(source: Source) -> dict[str, str]:
    """Return the paths of the workspace's own templates, by their locale or language.

    Raises `InvalidPolicy` if their folder cannot be read.
    """
    names, faults = listed(source, FOLDER)
    if faults:
        raise InvalidPolicy(faults)
    own = filter(_TEMPLATE.fullmatch, names)
    return {name.removesuffix(".md"): f"{FOLDER}/{name}" for name in own}


def labels_in(locale: str, own: OwnTexts | None) -> Mapping[str, str]:
    """Return the labels of documents in a locale: the workspace's own, or the toolkit's."""
    return own.kinds["labels"] if own is not None else labels(locale)


def strange(source: Source) -> Iterator[str]:
    """Yield the files among the templates that are neither a template nor a record of approvals."""
    for name in source.list(FOLDER):
        if not (_TEMPLATE.fullmatch(name) or name.endswith(".yaml") or name.startswith(".")):
            yield f"{FOLDER}/{name}"


def _parsed(path: str, data: bytes) -> ClauseSource:
    clause, problems = parse_clause(path, data)
    if clause is None or errors(problems):
        raise InvalidPolicy(problems)
    if clause.title is None:
        fix = "write the subject of the message after `title:`"
        raise InvalidPolicy((error("notice", path, 1, "has no title", fix),))
    return clause


def fill(own: ClauseSource, context: Context, facts: Facts) -> Filled:
    """Return a template filled in for a locale.

    Raises `InvalidPolicy` with every problem: constructs that clauses cannot have, unconfirmed
    facts, and missing mandatory parts.
    """
    shared = {**context.facts, "notice": facts.laid_out()}
    noted = Noted(shared, context.unsure)
    subject, problems = _subject(own, noted)
    rendered, more = render(
        own.path, noted, lambda name: (own.path, own.body) if name == own.path else None
    )
    problems += more
    if rendered is None or problems:
        raise InvalidPolicy(problems)
    lines, places = placeholders.take_lines(rendered.text, own.path)
    content = parse(lines, places, 1, placeholders.take_origins(rendered.text))
    clause = Clause("", subject, content.blocks, content.notes, (), own.path)
    asked = (*own.questions, *rendered.questions, *_asked(clause))
    problems = (
        *errors(content.problems),
        *_unconfirmed(own, asked),
        *_misplaced(own, clause),
        *_missing(own, clause, context, facts),
    )
    if problems:
        raise InvalidPolicy(problems)
    return Filled(subject, f"{plain(clause.blocks)}\n", _page(clause, context))


def _subject(own: ClauseSource, noted: Noted) -> tuple[str, tuple[Problem, ...]]:
    """Return the subject on one line, which no fact can break."""
    words = render_words(own.path, own.title_line, own.title or "", noted)
    if isinstance(words, Problem):
        return "", (words,)
    subject = " ".join(placeholders.plain(words).split())
    problems = _unconfirmed(own, words.questions)
    if not is_line(subject):
        fix = "write visible characters on one line"
        problems += (error("notice", own.path, own.title_line, "has no usable subject", fix),)
    return subject, problems


def _asked(clause: Clause) -> Iterator[Question]:
    for inline in inlines_in(clause):
        if isinstance(inline, Unconfirmed):
            yield inline.question


def _unconfirmed(own: ClauseSource, asked: Iterable[Question]) -> tuple[Problem, ...]:
    """Return an error for each open question: customers are not told unconfirmed facts."""
    return tuple(
        error(
            UNCONFIRMED,
            own.path,
            own.title_line,
            f"quotes what is unconfirmed at {question.path}:{question.line}",
            "confirm it, or leave it out",
        )
        for question in dict.fromkeys(asked)
    )


def _misplaced(own: ClauseSource, clause: Clause) -> Iterator[Problem]:
    """Yield an error for what has no meaning in a message: conditions, and links to clauses."""
    if own.when is not None or own.covers or own.asserts:
        fix = "leave only `title` there"
        yield error("notice", own.path, 1, "has front matter of a clause", fix)
    for inline in inlines_in(clause):
        if isinstance(inline, Link) and inline.target.startswith("#"):
            message = f"has a link to '{inline.target}', which a message does not have"
            fix = "link to {{ notice.policy }}"
            yield error("notice", own.path, _first_line(own), message, fix)


def _missing(
    own: ClauseSource, clause: Clause, context: Context, facts: Facts
) -> Iterator[Problem]:
    """Yield an error for each part that every notice must have."""
    text = " ".join(text_of(clause).split())
    inlines = list(inlines_in(clause))
    links = {inline.target for inline in inlines if isinstance(inline, Link)}
    contact, link = (str(context.facts["brand"][name]) for name in ("contact", "contact_link"))
    changes = [facts.summary] if facts.summary and _has(text, facts.summary) else facts.changes
    parts = {
        "what changes": (all(_has(text, change) for change in changes), "changes"),
        "from when": (_has(text, facts.in_force_from), "in_force_from"),
        "where to read it": (
            facts.attachment is not None or bool(links & {facts.redline, facts.policy}),
            "policy",
        ),
    }
    for what, (there, name) in parts.items():
        if not there:
            fix = f"quote `notice.{name}`"
            yield error("notice", own.path, _first_line(own), f"does not say {what}", fix)
    if not (_has(text, contact) or link in links):
        fix = "quote `brand.contact`"
        yield error("notice", own.path, _first_line(own), "does not say how to reach you", fix)


def _has(text: str, part: str) -> bool:
    return " ".join(part.split()) in text


def _first_line(own: ClauseSource) -> int:
    """Return the line on which the body of a template begins."""
    return len(own.body) - len(own.body.lstrip("\n")) + 1


def _page(clause: Clause, context: Context) -> str:
    """Return a message as a page whose styles are its elements' own; it asks for nothing."""
    blocks = tuple(
        replace(block, level=block.level - 1) if isinstance(block, Heading) else block
        for block in clause.blocks
    )
    locale = context.given.locale
    body = Body(labels_in(locale, context.given.texts), {}, printed=False).clause(
        replace(clause, blocks=blocks)
    )
    values: Mapping[str, Any] = {
        "body": body,
        "direction": direction(locale),
        "locale": locale,
        "subject": clause.title,
    }
    return fill_page("notice.html", dict(values))


# --- plain text ----------------------------------------------------------------------------------


def plain(blocks: Iterable[Block]) -> str:
    """Return blocks as plain text."""
    return _Writer().blocks(blocks)


class _Writer(ByKind[str]):
    def blocks(self, blocks: Iterable[Block], *, tight: bool = False) -> str:
        """Return blocks as text, with an empty line between them unless they are tight."""
        return ("\n" if tight else "\n\n").join(self.block(block) for block in blocks)

    def paragraph(self, paragraph: Paragraph) -> str:
        return "\n".join(map(_wrapped, _run(paragraph.children).split("\n")))

    def heading(self, heading: Heading) -> str:
        return _wrapped(_run(heading.children).upper())

    def list(self, whole: List) -> str:
        items = []
        for number, item in enumerate(whole.items):
            mark = "- " if whole.start is None else f"{whole.label(number)} "
            inside = self.blocks(item, tight=whole.tight)
            items.append(mark + textwrap.indent(inside, " " * len(mark)).lstrip())
        return ("\n" if whole.tight else "\n\n").join(items)

    def quote(self, quote: Quote) -> str:
        return textwrap.indent(self.blocks(quote.blocks), "> ", lambda _: True)

    def table(self, table: Table) -> str:
        names = [_run(cell) for cell in table.header]
        return "\n\n".join("\n".join(_cells(names, row)) for row in table.rows)

    def definitions(self, whole: DefinitionList) -> str:
        parts = []
        for definition in whole.definitions:
            meanings = "\n".join(self.blocks(blocks) for blocks in definition.descriptions)
            parts.append(f"{_run(definition.term)}\n{textwrap.indent(meanings, '  ')}")
        return "\n\n".join(parts)


def _cells(names: Sequence[str], row: Sequence[tuple[Inline, ...]]) -> Iterable[str]:
    for name, cell in zip(names, row, strict=True):
        text = " ".join(_run(cell).split())
        if text:
            yield _wrapped(f"{name}: {text}" if name else text)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _run(inlines: Iterable[Inline]) -> str:
    return "".join(map(_inline, inlines))


def _inline(inline: Inline) -> str:
    match inline:
        case Text(text) | Code(text):
            return text
        case LineBreak():
            return "\n"
        case Emphasis(children):
            return _run(children)
        case Link(target, children):
            text = _run(children)
            address = target.removeprefix("mailto:").removeprefix("tel:")
            return text if text in (address, target) else f"{text} <{address}>"
        case _:
            return ""
