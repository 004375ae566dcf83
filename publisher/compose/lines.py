"""Which line ends of a template are part of what it says."""

from __future__ import annotations

import re

_ALONE = re.compile(r"[ \t]*(\{%((?!%\}).)*%\}|\{#((?!#\}).)*#\})[ \t]*")
_TAG_FIRST = re.compile(r"^([ \t]+\{[%#])(?![-+])")
_TAG_LAST = re.compile(r"(?<![-+])([%#]\})$")


def keep_lines(text: str) -> str:
    """Return a template in which only a line that holds one tag and nothing else vanishes.

    Jinja would drop the end of every line that ends in a tag, and so join paragraphs, and the
    indentation of every line that begins with one; a plus sign in the tag forbids it.
    """
    return "\n".join(
        line if _ALONE.fullmatch(line) else _TAG_LAST.sub(r"+\1", _TAG_FIRST.sub(r"\1+", line))
        for line in text.split("\n")
    )
