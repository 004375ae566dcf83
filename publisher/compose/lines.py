"""Which line ends of a template are part of what it says, and which braces."""

from __future__ import annotations

import re

from publisher.compose.written import HEADING_ID

_ALONE = re.compile(r"[ \t]*(\{%((?!%\}).)*%\}|\{#((?!#\}).)*#\})[ \t]*")
_TAG_FIRST = re.compile(r"^([ \t]+\{[%#])(?![-+])")
_TAG_LAST = re.compile(r"(?<![-+])([%#]\})$")


def keep_lines(text: str) -> str:
    """Return a template in which only a line that holds one tag and nothing else vanishes.

    Jinja would drop the end of every line that ends in a tag, and so join paragraphs, and the
    indentation of every line that begins with one; a plus sign in the tag forbids it. An id behind
    a heading, ``{#types}``, would begin a comment; where that would not end, it is written as
    ``{:#types}``.
    """
    if "{#" in text and "#}" not in text[text.rindex("{#") :]:
        text = _kept_ids(text)
    return "\n".join(
        line if _ALONE.fullmatch(line) else _TAG_LAST.sub(r"+\1", _TAG_FIRST.sub(r"\1+", line))
        for line in text.split("\n")
    )


def _kept_ids(text: str) -> str:
    """Return a template in which an id behind a heading, and behind all comments, is one."""
    lines = text.split("\n")
    last = max((at for at, line in enumerate(lines) if "#}" in line), default=-1)
    for at in range(last + 1, len(lines)):
        found = HEADING_ID.match(lines[at])
        if found is not None:
            head = lines[at].rpartition("{#")[0]
            lines[at] = f"{head}{{:#{found[1]}}}"
    return "\n".join(lines)
