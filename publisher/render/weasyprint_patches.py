"""What is changed in WeasyPrint's private parts: each change with its reason, and for one version.

Each has a test in tests/render/test_weasyprint_patches.py that fails when WeasyPrint can do without
it: delete the change then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import weasyprint
from weasyprint.layout import inline
from weasyprint.text import line_break

from publisher.errors import LibraryMissing
from publisher.render.breaks import JOIN

MAJOR = 70
"""The version of WeasyPrint whose private parts these are."""


class Patch(NamedTuple):
    """A function of WeasyPrint's, and what is put in its place."""

    module: Any
    name: str
    original: Callable[..., Any]
    replacement: Callable[..., Any]


def apply() -> None:
    """Put each replacement in its place; raises `LibraryMissing` for another version."""
    version = weasyprint.__version__
    if version.partition(".")[0] != str(MAJOR):
        reason = f"version {version} is installed, and publisher needs version {MAJOR}"
        fix = f"run `python -m pip install 'weasyprint>={MAJOR},<{MAJOR + 1}'`"
        raise LibraryMissing("WeasyPrint", reason, fix)
    for patch in PATCHES:
        setattr(patch.module, patch.name, patch.replacement)


def describe(metadata: Any, complete: Callable[[bytes], bytes]) -> None:
    """Have a document's XMP metadata be what `complete` makes of them.

    WeasyPrint claims one standard, PDF/A or PDF/UA, and takes in no properties of ours.
    """
    generate = metadata.generate_rdf_metadata
    metadata.generate_rdf_metadata = lambda *arguments: complete(generate(*arguments))


def _fill_line(text: str, style: Any, context: Any, width: Any, *rest: Any, **named: Any) -> Any:
    """Split a text at the end of a line, also where all but the space at its end has room there.

    WeasyPrint breaks such a text, if an element follows it, after its first word, and leaves the
    rest of the line empty.
    """
    split = _split_first_line(text, style, context, width, *rest, **named)
    _, _, resume_at, first_width, _, _ = split
    if resume_at is None or width is None or first_width > width / 2 or text[-1:] != " ":
        return split
    whole = _split_first_line(text.rstrip(" "), style, context, width, *rest, **named)
    return whole if whole[2] is None else split


def _spare_joined(text: str, language: str) -> Any:
    """Return the next word that may be hyphenated: none in what a word joiner keeps whole.

    WeasyPrint hyphenates such words, too.
    """
    return None if JOIN in text else _next_word_boundaries(text, language)


_split_first_line = inline.split_first_line
_next_word_boundaries = line_break.get_next_word_boundaries

PATCHES = (
    Patch(inline, "split_first_line", _split_first_line, _fill_line),
    Patch(line_break, "get_next_word_boundaries", _next_word_boundaries, _spare_joined),
)
