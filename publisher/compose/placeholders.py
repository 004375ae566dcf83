"""Facts on their way through the template language and Markdown.

A fact is plain text: Markdown in it must be shown, not interpreted. So a template writes each fact
as a token, digits between two private characters, which Markdown reads as a word; the token becomes
text again when the tree is built. A template also marks the end of each of its lines, so that a
fault found in the Markdown is reported at the line that it was written in. Private characters
cannot come from the workspace's files, whose reader refuses them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from publisher.policy.memory import remembered
from publisher.policy.tree import Question
from publisher.policy.words import UNKNOWN

_FACT = "\ue000{}\ue001"
_UNCONFIRMED = "\ue002{}\ue003"
_LINE = "\ue004{}\ue005"

_MARKUP = re.compile(r"[*_`\\<&\[\]]")
_ORIGIN = "\ue006{}\ue007"

_LEFT_OUT = "\ue008{}\ue009"

_ANY_FACT = re.compile("\ue000([0-9a-f]*)\ue001")
_ANY_UNCONFIRMED = re.compile("\ue002([0-9a-f]*)\ue003")
_ANY_LINE = re.compile("\ue004([0-9a-f]*)\ue005")
_ANY_ORIGIN = re.compile("\ue006([0-9a-f]*)\ue007")
_ANY_LEFT_OUT = re.compile("\ue008([0-9]+)\ue009")
_IN_TAG = r"""(?:[^{}"']|"[^{}"\\]*"|'[^{}'\\]*')*"""
_TAG = re.compile(rf"(\{{\{{{_IN_TAG}\}}\}}|\{{%{_IN_TAG}%\}})")
_TEXT = re.compile(r"\S(?:[^\n]*\S)?")

Location = tuple[str, int]


class Origin(NamedTuple):
    """Words of a registry as readers see them, and where they were written."""

    path: str
    line: int
    text: str


def fact(text: str, place: Location | None = None) -> str:
    """Return the token for a fact, with the place where it was written, if that is known."""
    parts = (text, *(map(str, place) if place is not None else ()))
    return _FACT.format("\0".join(parts).encode().hex())


def facts(text: str) -> Iterator[tuple[int, int, Location]]:
    """Yield where the tokens of facts are in `text`, from and to, and where each was written."""
    for token in _ANY_FACT.finditer(text):
        _, *place = bytes.fromhex(token[1]).decode().split("\0")
        if place:
            yield token.start(), token.end(), (place[0], int(place[1]))


def unconfirmed(value: str, question: Question) -> str:
    """Return the value that stands for an unconfirmed fact until it is written."""
    parts = (value, question.text, question.path, str(question.line))
    return _UNCONFIRMED.format("\0".join(parts).encode().hex())


def origin(path: str, line: int, text: str) -> str:
    """Return the mark to put before words of a registry, which readers see as `text`."""
    return _ORIGIN.format("\0".join((path, str(line), text)).encode().hex())


def without_origins(text: str) -> str:
    """Return `text` without the marks of `origin`."""
    return _ANY_ORIGIN.sub("", text)


def mark_lines(text: str, path: str, line: int, *, inside: bool = False) -> str:
    """Return a template's text, from `line` on, with a mark at the end of each line.

    Of text that is `inside` the lines of others, the last line has no end of its own: it is marked
    in front.
    """
    *lines, last = text.split("\n")
    plain = _MARKUP.split(last.strip(), maxsplit=1)[0].strip()
    if inside and plain:
        last = origin(path, line + len(lines), plain) + last
    marked = [
        text + _LINE.format(f"{path}\0{number}".encode().hex())
        for number, text in enumerate(lines, line)
    ]
    return "\n".join([*marked, last])


def take_origins(text: str) -> tuple[tuple[Origin, ...], ...]:
    """Return, for each line of `text`, the words of registries that it has."""
    if "\ue006" not in text:
        return ()
    return tuple(tuple(map(_origin, _ANY_ORIGIN.findall(line))) for line in text.split("\n"))


def _origin(digits: str) -> Origin:
    path, line, text = bytes.fromhex(digits).decode().split("\0")
    return Origin(path, int(line), text)


@remembered(2048)
def shape(template: str) -> tuple[str, tuple[str, ...]] | None:
    """Return a template with numbers for its texts, and the texts, which `filled` puts back.

    The white space around them stays. None for a template that has braces outside of tags.
    """
    texts: list[str] = []

    def left_out(text: re.Match[str]) -> str:
        texts.append(text[0])
        return _LEFT_OUT.format(len(texts) - 1)

    pieces = _TAG.split(template)
    if any("{" in text or "}" in text for text in pieces[::2]):
        return None
    pieces[::2] = [_TEXT.sub(left_out, text) for text in pieces[::2]]
    return "".join(pieces), tuple(texts)


def filled(text: str, texts: Sequence[str], longest: int) -> str | None:
    """Return the output of a template's shape, with its texts; None if that may be too long."""
    if len(text) + text.count("\ue008") * max(map(len, texts), default=0) > longest:
        return None
    return _ANY_LEFT_OUT.sub(lambda token: texts[int(token[1])], text)


def take_lines(text: str, path: str) -> tuple[str, tuple[Location, ...]]:
    """Return `text` without its marks, and for each of its lines where it was written.

    A line without a mark was written where the next marked line was, or, at the end, after the last
    one; in `path` if no line is marked.
    """
    lines, locations = [], []
    pending = 0
    for line in without_origins(text).split("\n"):
        marks = _ANY_LINE.findall(line)
        pending += 1
        if marks:
            file, number = bytes.fromhex(marks[-1]).decode().split("\0")
            locations += [(file, int(number))] * pending
            pending = 0
        lines.append(_ANY_LINE.sub("", line))
    last = (locations[-1][0], locations[-1][1] + 1) if locations else (path, 1)
    return "\n".join(lines), (*locations, *[last] * pending)


def plain(text: str) -> str:
    """Return `text` with tokens as the text that they stand for, `UNKNOWN` for a missing value."""
    return "".join(p if isinstance(p, str) else p[0] or UNKNOWN for p in pieces(text))


def unsure(text: str) -> bool:
    """Return whether `text` has unconfirmed values."""
    return "\ue002" in text


def questions(text: str) -> tuple[Question, ...]:
    """Return the questions of the unconfirmed values in `text`."""
    return tuple(piece[1] for piece in pieces(text) if not isinstance(piece, str))


def pieces(text: str) -> Iterator[str | tuple[str, Question]]:
    """Yield the parts of `text`: plain text, and unconfirmed values with their questions."""
    if "\ue000" not in text and "\ue002" not in text:
        yield from (text,) if text else ()
        return
    text = _ANY_FACT.sub(lambda token: bytes.fromhex(token[1]).decode().partition("\0")[0], text)
    at = 0
    for token in _ANY_UNCONFIRMED.finditer(text):
        if token.start() > at:
            yield text[at : token.start()]
        yield _unconfirmed(token[1])
        at = token.end()
    if at < len(text):
        yield text[at:]


def _unconfirmed(digits: str) -> tuple[str, Question]:
    value, question, path, line = bytes.fromhex(digits).decode().split("\0")
    return value, Question(question, path, int(line))
