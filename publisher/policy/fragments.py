"""Running text ↔ fragments: a tree of inlines, flattened so that it can be cut anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from publisher.policy.tree import (
    Code,
    Emphasis,
    Inline,
    LineBreak,
    Link,
    NoteReference,
    Text,
    Unconfirmed,
)

Mark = Emphasis | Link | Unconfirmed
"""An element around text, without its children."""
Leaf = Text | Code | LineBreak | NoteReference | Mark
"""What has no children: a stretch of text, what stands for one, or an element around nothing."""

_NOTE = 0xD800
UNKNOWN = chr(0xDFFF)
"""Lone surrogates, which no text has, are in plain text for notes and for unknown facts."""


class Fragment(NamedTuple):
    """A stretch of text with the elements around it, outermost first.

    `path` has the place of each of them, and of the leaf itself, among its siblings: two fragments
    with the same path are of one leaf.
    """

    leaf: Leaf
    marks: tuple[Mark, ...]
    path: tuple[int, ...]

    @property
    def elements(self) -> tuple[Leaf, ...]:
        """The elements around the stretch, and the leaf itself."""
        return (*self.marks, self.leaf)


def fragments(
    inlines: Iterable[Inline], marks: tuple[Mark, ...] = (), path: tuple[int, ...] = ()
) -> Iterator[Fragment]:
    """Yield the fragments of running text."""
    for at, inline in enumerate(inlines):
        here = (*path, at)
        if isinstance(inline, Emphasis | Link | Unconfirmed) and inline.children:
            mark = replace(inline, children=())
            yield from fragments(inline.children, (*marks, mark), here)
        else:
            yield Fragment(inline, marks, here)


def inlines(fragments: Iterable[Fragment], depth: int = 0) -> tuple[Inline, ...]:
    """Return the running text that fragments come from; they are in its order."""
    built: list[Inline] = []
    for _, group in groupby(fragments, lambda fragment: fragment.path[depth]):
        members = tuple(group)
        first = members[0]
        if len(first.path) == depth + 1:
            built.append(_joined(first.leaf, members))
        else:
            built.append(replace(first.marks[depth], children=inlines(members, depth + 1)))
    return tuple(built)


def _joined(leaf: Leaf, members: tuple[Fragment, ...]) -> Inline:
    if isinstance(leaf, Text | Code):
        return type(leaf)("".join(plain(member.leaf) for member in members))
    return leaf


def plain(leaf: Leaf, first_note: int = 1) -> str:
    """Return the text of a leaf; what has none is a line feed, a lone surrogate, or nothing."""
    match leaf:
        case Text(text) | Code(text):
            return text
        case LineBreak():
            return "\n"
        case NoteReference(number):
            return chr(_NOTE + (number - first_note + 1) % 1024)
        case Unconfirmed():
            return UNKNOWN
        case _:
            return ""


def characters(fragments: Iterable[Fragment], first_note: int = 1) -> str:
    """Return the text of fragments, each as `plain` returns it."""
    return "".join([plain(fragment.leaf, first_note) for fragment in fragments])


def blank(fragments: Iterable[Fragment]) -> bool:
    """Return whether fragments are only white space, without a link."""
    stretches = tuple(fragments)
    return not targets(stretches) and not characters(stretches).strip()


def targets(fragments: Iterable[Fragment]) -> tuple[str, ...]:
    """Return the targets of the links that fragments are in, each once."""
    marks = (mark for fragment in fragments for mark in fragment.elements)
    return tuple(dict.fromkeys(mark.target for mark in marks if isinstance(mark, Link)))
