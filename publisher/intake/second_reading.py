"""A second, plain reading of a document, compared with its extraction word by word.

The readers of the formats decide what belongs to the text and in which order. A plain reading
decides nothing: it is all the text of a file. A word that only one of the two has is noted, with
its place, unless a note on the extraction names it already.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from publisher.intake.draft import Extracted, Passage, counted, shortened
from publisher.policy.numerals import label
from publisher.policy.tree import Block, Clause, List, runs_in
from publisher.policy.tree import plain_text as text_of_run

_TOKEN = re.compile(r"[^\W_]+|[^\w\s]")
_INSIDE = re.compile(r"(?<=[^\W\d_])[-\u2010\u2011\u00ad\ufffe\x02](?:[^\S\n]*\n\s*+)?(?=[^\W\d_])")
"""Hyphens inside words: one at the end of a line may not belong to its word."""
_UNSEEN = re.compile(
    "[\u00ad\u034f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)
_BULLETS = frozenset("●○■□▪▫◦◆◇►➢✓❖")
_ANCHOR = 3
"""How many words in a row mark the same place, if both readings have them once."""
_NEAR = 3
"""Words that may be between two missing ones of the same place."""
_PLACES = 3
"""The most places that a note names."""


@dataclass(frozen=True, slots=True)
class _Word:
    """A word in the form that is compared, and its place: the passage, start and end."""

    form: str
    passage: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Reading:
    """One of the two readings: its passages, and their words."""

    passages: tuple[Passage, ...]
    words: tuple[_Word, ...]

    @property
    def forms(self) -> list[str]:
        """The words as they are compared."""
        return [word.form for word in self.words]


def compared(passages: Iterable[Passage], extracted: Extracted) -> tuple[str, ...]:
    """Return the notes on text that only the plain reading has, or only the extraction."""
    file = _reading(passages)
    text = _reading(Passage("", text) for text in _texts(extracted))
    old, new = file.forms, text.forms
    missing, added = Counter(old), Counter(new)
    missing.subtract((*new, *_forms((*extracted.left_out, *_labels(extracted.clauses)))))
    added.subtract((*old, *_forms((extracted.title, *extracted.supplied))))
    differing = []
    divided: list[str] = []
    for here, there in _gaps(old, new):
        if "".join(old[here]) == "".join(new[there]):
            divided.append(_shown(text.words[there], text.passages))
            missing.subtract(old[here])
            added.subtract(new[there])
        else:
            differing.append((here, there))
    lost = [w for a, b in differing for w in _only(file.words[a], new[b], missing)]
    more = [w for a, b in differing for w in _only(text.words[b], old[a], added)]
    unread = sum(passage.text.count("\ufffd") for passage in text.passages)
    return (
        *_missing(lost, "the document", "the extracted text", file.passages),
        *_missing(more, "the extracted text", "a plain reading of the document", text.passages),
        *_divided(divided),
        *_unread(unread),
    )


def _missing(
    words: Sequence[_Word], there: str, here: str, passages: Sequence[Passage]
) -> Iterator[str]:
    if words:
        what = counted(len(words), f"word of {there} is", f"words of {there} are")
        yield f"{what} missing in {here}: {_places(words, passages)}"


def _divided(texts: Sequence[str]) -> Iterator[str]:
    if texts:
        where = counted(len(texts), "place", "places")
        yield f"a plain reading divides words differently in {where}: {_listed(texts)}"


def _unread(characters: int) -> Iterator[str]:
    if characters:
        what = counted(characters, "character", "characters")
        yield f"{what} could not be read; the extracted text has \ufffd there"


# --- words ---------------------------------------------------------------------------------------


def _texts(extracted: Extracted) -> Iterator[str]:
    """Yield the texts of an extraction, in its order."""
    yield extracted.title
    for clause in extracted.clauses:
        yield clause.title
        for run in runs_in(clause):
            yield text_of_run(run)


def _labels(clauses: Iterable[Clause]) -> Iterator[str]:
    """Yield the labels of ordered lists: text in some formats, and layout in others."""
    for clause in clauses:
        for block in (*clause.blocks, *(b for note in clause.notes for b in note.blocks)):
            yield from _labels_in(block)
        yield from (str(note.number) for note in clause.notes for _ in range(2))


def _labels_in(block: Block) -> Iterator[str]:
    if isinstance(block, List):
        for number, item in enumerate(block.items, block.start or 0):
            if block.start is not None:
                yield label(block.style, number)
            for inner in item:
                yield from _labels_in(inner)


def _forms(texts: Iterable[str]) -> list[str]:
    return _reading(Passage("", text) for text in texts).forms


def _reading(passages: Iterable[Passage]) -> _Reading:
    """Return passages without hyphens inside words and invisible characters, and their words."""
    kept = tuple(Passage(passage.place, _joined(passage.text)) for passage in passages)
    words = (
        _Word(form, number, match.start(), match.end())
        for number, passage in enumerate(kept)
        for match in _TOKEN.finditer(passage.text)
        if (form := _form(match[0]))
    )
    return _Reading(kept, tuple(words))


def _joined(text: str) -> str:
    return _UNSEEN.sub("", _INSIDE.sub("", text))


def _form(token: str) -> str:
    if token[0].isalnum():
        return unicodedata.normalize("NFKC", token)
    symbol = unicodedata.category(token) in ("Sm", "Sc", "So") and not token.isascii()
    return token if symbol and token not in _BULLETS else ""


# --- the comparison ------------------------------------------------------------------------------


def _gaps(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[slice, slice]]:
    """Yield the stretches of two sequences that differ, in time that grows with their length."""
    at, to = 0, 0
    for here, there in (*_anchors(old, new), (len(old), len(new))):
        while at < here and to < there and old[at] == new[to]:
            at, to = at + 1, to + 1
        end, until = here, there
        while end > at and until > to and old[end - 1] == new[until - 1]:
            end, until = end - 1, until - 1
        if end > at or until > to:
            yield slice(at, end), slice(to, until)
        at, to = here + 1, there + 1


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return the places of words that both sequences have once, in the order of both."""
    first, second = _once(old), _once(new)
    pairs = [(at, second[words]) for words, at in first.items() if words in second]
    tails: list[int] = []
    chains: list[tuple[int, int, int]] = []  # the pair, and the number of the one before it
    last: list[int] = []
    for number, (at, to) in enumerate(pairs):
        length = bisect_left(tails, to)
        chains.append((at, to, last[length - 1] if length else -1))
        tails[length : length + 1] = [to]
        last[length : length + 1] = [number]
    anchors: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        at, to, number = chains[number]
        anchors.append((at, to))
    return anchors[::-1]


def _once(words: Sequence[str]) -> dict[tuple[str, ...], int]:
    """Return the rows of words that occur once in a sequence, with their places."""
    rows = [tuple(words[at : at + _ANCHOR]) for at in range(len(words) - _ANCHOR + 1)]
    often = Counter(rows)
    return {row: at for at, row in enumerate(rows) if often[row] == 1}


def _only(here: Sequence[_Word], there: Iterable[str], budget: Counter[str]) -> Iterator[_Word]:
    """Yield the words that only the first stretch has, unless they are elsewhere."""
    others = Counter(there)
    for word in here:
        if others[word.form] > 0:
            others[word.form] -= 1
        elif budget[word.form] > 0:
            budget[word.form] -= 1
            yield word


# --- places --------------------------------------------------------------------------------------


def _places(words: Sequence[_Word], passages: Sequence[Passage]) -> str:
    groups: list[list[_Word]] = []
    for word in words:
        last = groups[-1][-1] if groups else None
        if last is None or last.passage != word.passage or _between(last, word, passages) > _NEAR:
            groups.append([])
        groups[-1].append(word)
    return _listed([_place(group, passages) for group in groups])


def _between(one: _Word, other: _Word, passages: Sequence[Passage]) -> int:
    text = passages[one.passage].text[one.end : max(one.end, other.start)]
    return len(text.split()) if len(text) < 100 else 100


def _place(group: Sequence[_Word], passages: Sequence[Passage]) -> str:
    passage = passages[group[0].passage]
    shown = _shown(group, passages)
    if passage.place:
        return f"{shown} ({passage.place})"
    before = passage.text[max(0, group[0].start - 60) : group[0].start].split()[-4:]
    return f"{shown} (after “{' '.join(before)}”)" if before else f"{shown} (at the start)"


def _shown(group: Sequence[_Word], passages: Sequence[Passage]) -> str:
    first, last = group[0], group[-1]
    if first.passage != last.passage:
        last = first
    return f"“{shortened(passages[first.passage].text[first.start : last.end])}”"


def _listed(texts: Sequence[str]) -> str:
    rest = len(texts) - _PLACES
    more = f", and in {counted(rest, 'other place', 'other places')}" if rest > 0 else ""
    return "; ".join(texts[:_PLACES]) + more
