"""Compares what the documents of a version say with its policy.json.

Hashes prove that nobody altered a document since its entry, but not that the documents of the
version said the same when it was written. Imported versions are left out: their text was extracted
from the document, by the reader of that time.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from publisher.archive.entries import Version
from publisher.archive.folder import version_folder
from publisher.archive.issued import TREE, document_path
from publisher.archive.verify.findings import Examined, Finding
from publisher.errors import NotADocument
from publisher.intake import Extracted, extract
from publisher.intake.clauses import unnumbered
from publisher.intake.pdf.pdfium import attachments
from publisher.policy.json import read_policy
from publisher.policy.numerals import LABEL
from publisher.policy.tree import (
    Clause,
    Code,
    Inline,
    LineBreak,
    Link,
    NoteReference,
    Text,
    inlines_in,
    runs_in,
    walk,
)
from publisher.policy.words import words_digest
from publisher.render.languages import labels_of, long_date

_NAMED = 12
"""The most words that a finding quotes."""
_HYPHENS = dict.fromkeys(map(ord, "-\u00ad\u2010\u2011"))
"""Typesetting divides words by them, and the reader of PDFs joins these."""
_COMPARED = ("html", "markdown", "pdf")


def contradicting(
    one: Examined, version: Version, locale: str, altered: Collection[str]
) -> Iterator[Finding]:
    """Yield which documents of a version, or files in them, contradict its policy.

    Documents that are `altered` are findings already.
    """
    folder = version_folder(one.brand, version.version)
    tree = one.read(f"{folder}/{locale}/{TREE}")
    if tree is None:
        return
    try:
        expected = _Expected(tree)
    except (AttributeError, KeyError, TypeError, ValueError):
        return  # `misquoted` says so
    for format in _COMPARED:
        path = f"{folder}/{document_path(locale, format)}"
        if path in one.files and path not in one.redacted and path not in altered:
            data = one.read(path) or b""
            for what in expected.differences(format, data):
                yield Finding(path, what, version.version)


class _Expected:
    """What the documents of a policy must say, from its first clause on, and its title.

    Above the clauses are the labels, dates and contents of the toolkit. Between the words it writes
    when a clause was changed (in a page), and labels of lists and numbers of notes (in a PDF). A
    policy with questions is a draft, and its documents name these.
    """

    def __init__(self, tree: bytes) -> None:
        self.policy = read_policy(tree)
        self.digest = words_digest(self.policy)
        self.title = _joined(self.policy.title.split())
        clauses = self.policy.clauses
        self.words = {noted: _words(clauses, noted=noted) for noted in (False, True)}
        self.targets = _targets(clauses)
        self.untitled = bool(clauses) and not clauses[0].title
        days = {clause.get("last_changed") for clause in json.loads(tree)["clauses"]} - {None}
        label, locale = (
            labels_of(self.policy)["last_changed"],
            self.policy.locale,
        )
        texts = (f"{label} {long_date(date.fromisoformat(day), locale)}" for day in days)
        self.own = {_joined(text.split()) for text in (*texts, self.policy.brand.name)}

    def differences(self, format: str, data: bytes) -> Iterator[str]:
        """Yield the differences between a document, with the files in it, and the policy."""
        try:
            read = extract(data, format)
            files = attachments(data) if format == "pdf" else ()
        except NotADocument as fault:
            yield f"cannot be compared with {TREE}: it {fault.reason}"
            return
        yield from self._compared(read)
        for name, content in files:
            for what in self._inside(name, content):
                yield f"{what}, in the attached {name}"

    def _inside(self, name: str, content: bytes) -> Iterator[str]:
        """Yield the differences between a file in a document and the policy."""
        if name.endswith(".md"):
            yield from self.differences("markdown", content)
        elif name.endswith(".json"):
            try:
                same = words_digest(read_policy(content)) == self.digest
            except (AttributeError, KeyError, TypeError, ValueError):
                same = False
            if not same:
                yield f"has words that differ from {TREE}"

    def _compared(self, read: Extracted) -> Iterator[str]:
        """Yield the differences between a text and the policy."""
        head = [clause for clause in read.clauses[:1] if not clause.title]
        clauses = read.clauses if self.untitled else read.clauses[len(head) :]
        clauses = clauses[1:] if self._is_contents(clauses[:1]) else clauses
        if self.title not in _joined([*read.title.split(), *_words(head)]):
            yield f"is titled “{read.title}”; {TREE} is titled “{self.policy.title}”"
        shown = _words(clauses)
        reasons = [list(self._other_words(own, shown)) for own in self.words.values()]
        yield from min(reasons, key=len)
        targets = _targets(clauses)
        for target in sorted(self.targets - targets):
            yield f"has no link to {target}; {TREE} has one"
        for target in sorted(targets - self.targets):
            yield f"has a link to {target}; {TREE} has none"

    def _is_contents(self, clauses: Sequence[Clause]) -> bool:
        """Return whether this is a table of contents that was read as a clause."""
        if not clauses or clauses[0].title != labels_of(self.policy)["contents"]:
            return False
        titles = _joined(word for clause in self.policy.clauses for word in clause.title.split())
        text = _words(clauses)[len(clauses[0].title.split()) :]
        return all(_joined([word]).rstrip(".0123456789…") in titles for word in text)

    def _other_words(self, own: Sequence[str], shown: Sequence[str]) -> Iterator[str]:
        """Yield where the words of a text differ from those of the policy."""
        from rapidfuzz.distance import Indel

        if _joined(own) == _joined(shown):
            return
        at = to = 0
        for same in (*Indel.opcodes(own, shown), None):
            if same is not None and same.tag != "equal":
                continue
            ends = (same.src_start, same.dest_start) if same else (len(own), len(shown))
            missing, added = own[at : ends[0]], shown[to : ends[1]]
            head = self.untitled and at == 0
            if _joined(missing) != _joined(added) and not self._is_own(missing, added, head=head):
                yield _difference(missing, added)
            at, to = (same.src_end, same.dest_end) if same else ends

    def _is_own(self, missing: Sequence[str], added: Sequence[str], *, head: bool) -> bool:
        """Return whether the toolkit writes between the words of a policy what was added."""
        if missing:
            return False
        rest = _joined(word for word in added if not LABEL.fullmatch(word))
        for text in self.own:
            rest = rest.replace(text, "")
        return not rest or head or bool(self.policy.questions)


def _difference(missing: Sequence[str], added: Sequence[str]) -> str:
    says = f"says “{_some(added)}”" if added else f"does not say “{_some(missing)}”"
    if added and missing:
        return f"{says}; {TREE} says “{_some(missing)}”"
    return f"{says}; {TREE} does{'' if missing else ' not'}"


def _some(words: Sequence[str]) -> str:
    """Return words; only the first if there are many."""
    more = f" … ({len(words)} words)" if len(words) > _NAMED else ""
    return " ".join(words[:_NAMED]) + more


def _joined(words: Iterable[str]) -> str:
    """Return words without the changes of typesetting: ends of lines, and divided words."""
    return unicodedata.normalize("NFC", "".join(words)).translate(_HYPHENS)


def _words(clauses: Iterable[Clause], *, noted: bool = False) -> list[str]:
    """Return the words of clauses; `noted` with the numbers of notes, as PDF and HTML have them."""
    words: list[str] = []
    for clause in clauses:
        words += unnumbered(clause.title).split()
        for run in runs_in(clause):
            words += "".join(_text(inline, noted=noted) for inline in walk(run)).split()
    return words


def _text(inline: Inline, *, noted: bool) -> str:
    match inline:
        case Text(text) | Code(text):
            return text
        case LineBreak():
            return " "
        case NoteReference(number) if noted:
            return str(number)
    return ""


def _targets(clauses: Iterable[Clause]) -> set[str]:
    """Return the targets of links outside the policy."""
    inlines = (inline for clause in clauses for inline in inlines_in(clause))
    targets = (inline.target for inline in inlines if isinstance(inline, Link))
    return {target.rstrip("/") for target in targets if ":" in target}
