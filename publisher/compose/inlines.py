"""Inline Markdown → inlines: text, emphasis, links, and unconfirmed passages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import unescape
from typing import NamedTuple

from markdown_it.common.normalize_url import normalizeLink
from markdown_it.tree import SyntaxTreeNode

from publisher.compose import placeholders
from publisher.compose.syntax import COMMENTS, TARGET
from publisher.policy.characters import LONGEST, forbidden
from publisher.policy.tree import (
    Code,
    Emphasis,
    Inline,
    LineBreak,
    Link,
    NoteReference,
    Place,
    Quoted,
    Text,
    Unconfirmed,
    plain_text,
    walk,
)
from publisher.problem import Edit, Problem, error, warning
from publisher.workspace.scalars import FORM

DEEPEST = 12
"""The deepest nesting of blocks, and of inlines."""

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z0-9]{2,31});")
_REFUSED = {
    "image": ("has an image", "say it in words: a clause has text only"),
    "fence": ("has a block of code", "write a paragraph or a list"),
}
_TEXT_STAYS = "leave the tags out: the text between them stays"
_HTML = {
    "a": "write [text](https://…)",
    "b": "write **text**",
    "em": "write *text*",
    "h1": "write ## in front of a heading",
    "h2": "write ## in front of a heading",
    "h3": "write ### in front of a heading",
    "i": "write *text*",
    "li": "write a list: lines that begin with `- `",
    "ol": "write a list: lines that begin with `1. `, `2. `",
    "p": "leave the tags out: an empty line divides paragraphs",
    "strong": "write **text**",
    "table": "write a table: | between the cells, and |---|---| below the first row",
    "ul": "write a list: lines that begin with `- `",
    **dict.fromkeys(("center", "div", "font", "section", "small", "span", "u"), _TEXT_STAYS),
    "details": "leave the tags out, and write the text of <summary> as a heading: ## …",
    "summary": "leave the tags out, and write the text of <summary> as a heading: ## …",
    "hr": "leave it out: titles divide a policy",
    "img": "say it in words: a clause has text only",
    **dict.fromkeys(("sub", "sup"), "write the character itself, as in ² or ₂, or a note: [^1]"),
}
"""What to write instead of elements of HTML."""
_TAG = re.compile(r"\s*</?([A-Za-z][A-Za-z0-9]*)\b[^>]*>", re.DOTALL)
_TARGETS = "write https://…, mailto:…, tel:… or #clause-id"
_MARKS = re.compile(r"\]\(|\]\[|\] \(https?:|~~|``|\*\*|__")
_LINE_FEED = "br"
_NESTING = ("em", "strong", "link")


class Anchor(NamedTuple):
    """A link to a clause, and where it stands; `numbered` if it shows that clause's number."""

    target: str
    location: placeholders.Location
    numbered: bool


class InlineBuilder:
    """Builds the inlines of one clause, and notes their problems.

    `line` is the line of the text that is being read; `locations` says where each line was written.
    `anchors` are the links inside the policy; `referred` has number and line of each footnote that
    the text refers to; `linked` are the labels of links that it uses. `cell` is true while a cell
    of a table is read. `places` say where each run was written; the run that is being read has
    `length` characters so far, and its lines have `begun`. `quoted` has the facts in each run, and
    `facts` those in this one.
    """

    def __init__(
        self,
        lines: list[str],
        locations: Sequence[placeholders.Location],
        first_note: int,
        origins: Sequence[tuple[placeholders.Origin, ...]] = (),
    ) -> None:
        self.lines = lines
        self.locations = locations
        self.first_note = first_note
        self.origins = origins
        self.places: list[tuple[Place, ...]] = []
        self.quoted: list[tuple[Quoted, ...]] = []
        self.length = 0
        self.begun: list[Place] = []
        self.facts: list[Quoted] = []
        self.line = 0
        self.anchors: list[Anchor] = []
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.referred: dict[str, tuple[int, int]] = {}
        self.linked: set[str] = set()
        self.cell = False

    def location(self, line: int) -> placeholders.Location:
        """Return where a line of the text was written."""
        return self.locations[min(line, len(self.locations) - 1)]

    def problem(self, rule: str, message: str, fix: str, line: int | None = None) -> None:
        """Note a problem, at a line of the text or the one that is being read."""
        where = self.location(self.line if line is None else line)
        self.problems.append(error(rule, *where, message, fix))

    def warn(
        self,
        rule: str,
        message: str,
        fix: str,
        line: int | None = None,
        edits: Iterable[tuple[int, str, str]] = (),
    ) -> None:
        """Warn of what readers see differently from the source; `edits` change lines."""
        where = self.location(self.line if line is None else line)
        changes = tuple(Edit(*self.location(at), *change) for at, *change in edits)
        self.warnings.append(warning(rule, *where, placeholders.plain(message), fix, changes))

    def refuse(self, node: SyntaxTreeNode) -> None:
        """Note that a policy cannot have a node."""
        self.problem(
            "markdown",
            *_REFUSED.get(node.type, (f"has a {node.type}", "write it another way")),
        )

    def html(self, node: SyntaxTreeNode) -> Iterable[Inline]:
        """Return the inlines of a piece of HTML: a line break, or an item of a list in a cell.

        A comment is left out; all other HTML is refused.
        """
        content = placeholders.plain(node.content)
        tag = _TAG.fullmatch(content.rstrip())
        name = tag[1].lower() if tag else ""
        if name == _LINE_FEED:
            return (LineBreak(),)
        if self.cell and name in ("ul", "li"):
            opens = name == "li" and "</" not in content
            return (LineBreak(), Text("• ")) if opens else ()
        shown = content.strip().splitlines()[0][:40]
        if COMMENTS.fullmatch(content):
            fix = "leave it out: a note to colleagues goes after a # between the --- lines"
            self.warn("dropped", f"has a comment, which readers do not see: {shown}", fix)
            return ()
        first = _TAG.match(content)
        known = _HTML.get(first[1].lower(), "") if first else ""
        if self.cell and name == "ol":
            known = "write 1. … <br> 2. …"
        fix = known or "write Markdown instead"
        self.problem("markdown", f"has raw HTML: {shown}", f"{fix}; to show a '<', write \\<")
        return ()

    def check_marks(self, text: str) -> None:
        """Warn about text that looks like mistyped Markdown."""
        for mark in _MARKS.finditer(text):
            around = text[max(0, mark.start() - 12) : mark.end() + 12].strip()
            message = f"shows '{mark[0]}' as text: … {around} …"
            fix = "fix the Markdown, or ignore this if the text is intended"
            self.warn("literal-marks", message, fix)

    def check_entities(self) -> None:
        """Report characters that no policy may contain, written as ``&#x…;`` or by name."""
        for number, line in enumerate(self.lines):
            for entity in _ENTITY.findall(line):
                path, at = self.location(number)
                self.problems += forbidden(path, unescape(entity), at)

    def check_lengths(self) -> None:
        """Report the first line that is too long."""
        for number, line in enumerate(self.lines):
            if len(line) > LONGEST:
                self.too_long("line", len(line), number, "lines")
                return

    def too_long(self, what: str, length: int, line: int, several: str) -> None:
        """Report a line or a paragraph that is too long."""
        message = f"has a {what} of {length:,} characters, more than {LONGEST:,}"
        self.problem("too-long", message, f"divide it into several {several}", line)

    def run(self, node: SyntaxTreeNode) -> tuple[Inline, ...]:
        """Return the inlines of a block that holds text."""
        if node.map:
            self.line = node.map[0]
        first = self.line
        self.length, self.begun = 0, [Place(0, *self.location(first))]
        self.facts = []
        built = list(self._inlines([n for child in node.children for n in child.children], 0))
        before = len(built)
        while self.cell and built and isinstance(built[0], LineBreak):
            del built[0]
        cut = before - len(built)
        while built and (isinstance(built[-1], LineBreak) or _blank(built[-1])):
            built.pop()
        self.places.append(self._places(tuple(built), first))
        facts = (Quoted(q.begin - cut, q.end - cut, q.path, q.line) for q in self.facts)
        self.quoted.append(tuple(facts))
        return tuple(built)

    def _places(self, run: tuple[Inline, ...], first: int) -> tuple[Place, ...]:
        """Return where the parts of a run were written: its lines, and words of registries."""
        places, text, at = self.begun, "", 0
        for origin in (origin for line in self.origins[first : self.line + 1] for origin in line):
            text = text or plain_text(run)
            begin = text.find(origin.text, at)
            if begin < 0 or not origin.text:
                continue
            at = begin + len(origin.text)
            behind = max(place for place in self.begun if place.at <= at)
            kept = [place for place in places if not begin <= place.at <= at]
            own = Place(begin, origin.path, origin.line)
            places = [*kept, own, behind._replace(at=at)]
        return tuple(sorted(places, key=lambda place: place.at))

    def _inlines(self, nodes: Iterable[SyntaxTreeNode], depth: int) -> tuple[Inline, ...]:
        if depth > DEEPEST:
            self.problem("nesting", "is nested too deeply", "write it with fewer levels")
            return ()
        built: list[Inline] = []
        for node in nodes:
            for inline in self._inline(node, depth):
                last = built[-1] if built else None
                if isinstance(inline, Text) and isinstance(last, Text):
                    built[-1] = Text(last.text + inline.text)
                else:
                    built.append(inline)
                if node.type not in _NESTING:
                    self.length += len(plain_text((inline,)))
            if node.type in ("softbreak", "hardbreak"):
                self.begun.append(Place(self.length, *self.location(self.line)))
        return tuple(built)

    def _inline(self, node: SyntaxTreeNode, depth: int) -> Iterable[Inline]:
        match node.type:
            case "text":
                self.check_marks(placeholders.plain(node.content))
                self.note_facts(node.content)
                return _text(node.content)
            case "softbreak":
                self.line += 1
                return (Text(" "),)
            case "hardbreak":
                self.line += 1
                return (LineBreak(),)
            case "code_inline":
                self.note_facts(node.content)
                code = Code(_on_one_line(placeholders.plain(node.content)))
                return (_unsure(code, node.content),)
            case "em" | "strong":
                return (Emphasis(self._inlines(node.children, depth + 1), node.type == "strong"),)
            case "link":
                return self._link(node, depth)
            case "html_inline":
                return self.html(node)
            case "footnote_ref":
                label = node.meta["label"]
                number = self.first_note + len(self.referred)
                return (NoteReference(self.referred.setdefault(label, (number, self.line))[0]),)
            case _:
                self.refuse(node)
                return ()

    def note_facts(self, content: str) -> None:
        """Note the facts in the text that comes next."""
        for begin, end, place in placeholders.facts(content):
            first, last = (self.length + _length(content[:at]) for at in (begin, end))
            self.facts.append(Quoted(first, last, *place))

    def _link(self, node: SyntaxTreeNode, depth: int) -> Iterable[Inline]:
        children = self._inlines(node.children, depth + 1)
        href = str(node.attrs.get("href", ""))
        self.linked.add(node.meta.get("label", ""))
        if node.attrs.get("title"):
            self.problem("link", "has a link with a title", "leave it out: readers never see it")
        if any(not isinstance(p, str) and not p[0] for p in placeholders.pieces(href)):
            # The link has no target until the fact is known.
            if any(isinstance(child, Unconfirmed) for child in children):
                return children
            return (Unconfirmed(children, placeholders.questions(href)[0]),)
        written = placeholders.plain(href)
        target = written if written.startswith("#") else normalizeLink(written)
        if not (TARGET.fullmatch(written) and TARGET.fullmatch(target)):
            message, fix = f"has a link to '{written}'", _TARGETS
            if written.startswith(f"mailto:{FORM}"):
                message += ", which is a web form and no mailbox"
                fix = "write {{ brand.contact_link }} in place of mailto:…"
            self.problem("link", message, fix)
        elif not children and not target.startswith("#"):
            self.problem("link", f"has a link to '{target}' without text", "write [text](target)")
        elif target.startswith("#"):
            self.anchors.append(Anchor(target, self.location(self.line), not children))
        return (_unsure(Link(target, children), href),)


def _length(content: str) -> int:
    """Return how many characters readers see of text with tokens."""
    pieces = placeholders.pieces(content)
    return sum(len(_on_one_line(p if isinstance(p, str) else p[0])) for p in pieces)


def _text(content: str) -> Iterable[Inline]:
    for piece in placeholders.pieces(content):
        if isinstance(piece, str):
            yield Text(_on_one_line(piece))
        else:
            value, question = piece
            yield Unconfirmed((Text(_on_one_line(value)),) if value else (), question)


def _unsure(inline: Inline, written: str) -> Inline:
    """Return an inline, marked as unconfirmed if the text it was `written` from is."""
    marked = {part.question for part in walk((inline,)) if isinstance(part, Unconfirmed)}
    for question in placeholders.questions(written):
        if question not in marked:
            inline = Unconfirmed((inline,), question)
    return inline


def _blank(inline: Inline) -> bool:
    return isinstance(inline, Text) and not inline.text.strip()


def _on_one_line(text: str) -> str:
    """Return `text` with line ends and tabs, which a fact may have, as spaces."""
    return re.sub(r"[ \t\n]+", " ", text)
