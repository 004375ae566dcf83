"""Text → Markdown that git hosts show unchanged, and that has no effect on them.

GitHub and GitLab search rendered text for ``@names``, ``#12``, ids of commits, ``:emoji:`` and the
like, so that a backslash does not stop them. They search one stretch of text at a time: an
invisible comment divides it. GitHub's documentation recommends an element around ``$``.
"""

from __future__ import annotations

import re
from itertools import pairwise

from publisher.problem import visible
from publisher.render.markdown import escaped

BREAK = "<!-- -->"

_HERE = "\0"
"""Marks the breaks in a text until it is escaped; no text contains it."""
_FREE = r"(?<![^\W_])"
"""A place that is not after a letter or digit."""
_TOKENS = re.compile(
    rf"{_FREE}@(?=\w)|[#!](?=\d)|&(?=\w)|[%~](?=[\"\w])"  # names, issues, epics, milestones, labels
    r"|\[(?=[\[\w+-])|\{(?=[+-])"  # [[a page]], [issue:12], {+ an addition +}
    r"|:(?=[\w+-]+:)"  # :emoji:
    rf"|{_FREE}(?:[Gg][Hh]|[A-Z][A-Z0-9_]+)-(?=\d)|{_FREE}GHSA-(?=\w)"  # GH-12, other trackers' ids
    r"|(?<!\S)/(?=\w)"  # commands to GitLab, and to robots
)
_COMMIT = re.compile(rf"{_FREE}[0-9a-fA-F]{{7,}}(?![^\W_])")
_SHORT = 6
"""The number of digits of a commit's id that no host turns into a link."""
_ADDRESS = re.compile(rf"(?:(?<![A-Za-z])([A-Za-z][A-Za-z0-9+.-]*:)//|{_FREE}(www)\.)(?=(\S+))")
_REFERRING = re.compile(
    r"/(?:-|issues|pulls?|merge_requests|commits?|compare|discussions|epics|milestones|work_items|"
    r"releases|advisories)/"
)
"""Paths of pages that a host cross-references, notifying their followers."""


def inert(text: str) -> str:
    """Return text as Markdown that looks the same, notifies nobody and links nowhere."""
    plain = visible(text.replace(_HERE, ""))
    ends = [0, *sorted(_breaks(plain)), len(plain)]
    broken = escaped(_HERE.join(plain[start:end] for start, end in pairwise(ends)))
    marked = broken.replace("~", "\\~").replace("$", "<span>\\$</span>")
    return marked.replace(_HERE, BREAK)


def _breaks(text: str) -> set[int]:
    """Return the places of breaks in a text; an address with a break inside must not be a link."""
    breaks = {match.end() for match in _TOKENS.finditer(text)}
    for match in _COMMIT.finditer(text):
        breaks.update(range(match.start() + _SHORT, match.end(), _SHORT))
    for match in _ADDRESS.finditer(text):
        inside = any(match.start() < at < match.end(3) for at in breaks)
        if inside or _REFERRING.search(match[3]):
            breaks.add(match.end(1) if match[1] else match.end(2))
    return breaks
