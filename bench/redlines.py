"""Texts to compare, and what others make of them."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

import htmldiff2
import redlines

from publisher.policy.fragments import plain
from publisher.policy.tree import Clause, Policy, Text, inlines_of
from publisher.redline import redline
from publisher.redline.tokens import counted
from publisher.redline.values import walk
from publisher.render.body import Body
from publisher.render.languages import labels

_SPACED = re.compile(r"\S+\s*")
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


def times(policy: Policy, number: int) -> Policy:
    """Return a policy with all its clauses so many times, each time with other numbers in it."""
    clauses = [_numbered(clause, at) for at in range(number) for clause in policy.clauses]
    return replace(policy, clauses=tuple(clauses))


def _numbered(clause: Clause, at: int) -> Clause:
    titled = f"{clause.title} {at}"
    return replace(clause, id=f"{clause.id}-{at}", title=titled)


def edited(policy: Policy, share: float, seed: int = 1) -> Policy:
    """Return a policy with a share of its words replaced, put in, or left out, here and there."""
    chance = random.Random(seed)

    def text(value: str) -> str:
        words = re.split(r"(\s+)", value)
        for at in range(0, len(words), 2):
            if words[at] and chance.random() < share:
                words[at] = chance.choice(["", "another", f"{words[at]} indeed", "newly-put words"])
        return "".join(words)

    def node(value: Any) -> Any:
        if isinstance(value, Text):
            return Text(text(value.text))
        if isinstance(value, tuple):
            return tuple(map(node, value))
        if hasattr(value, "__dataclass_fields__"):
            names = [
                n for n in ("blocks", "items", "children", "rows", "header") if hasattr(value, n)
            ]
            return replace(value, **{name: node(getattr(value, name)) for name in names})
        return value

    return replace(policy, clauses=tuple(node(clause) for clause in policy.clauses))


def html(policy: Policy) -> str:
    """Return the clauses of a policy as HTML."""
    body = Body(labels("en"), {}, printed=False)
    return "\n".join(f"<h2>{c.title}</h2>\n{body.clause(c)}" for c in policy.clauses)


def text(policy: Policy) -> str:
    """Return the words of a policy as plain text, a block on each line."""
    lines = []
    for clause in policy.clauses:
        lines.append(clause.title)
        for block in clause.blocks:
            lines += ("".join(map(_plain, run)) for run in inlines_of(block))
    return "\n\n".join(lines)


def _plain(inline: Any) -> str:
    if hasattr(inline, "text"):
        return str(inline.text)
    return "".join(_plain(each) for each in getattr(inline, "children", ())) or " "


# --- what each of them marks ---------------------------------------------------------------------


def words(text: str) -> int:
    """Return how many words there are in a text; an amount with its unit is one, a date, too."""
    return counted(text, "en")[0]


def by_us(old: Policy, new: Policy) -> int:
    """Compare two policies; return how many words are marked as added or removed."""
    found = redline(old, new, confetti=True)
    marked = (s for clause in found.clauses for part in walk(clause.part) for s in part.run)
    return sum(
        words(plain(each.leaf))
        for segment in marked
        if segment.kind == "changed"
        for each in (*segment.old, *segment.new)
    )


def by_difflib(old: str, new: str) -> int:
    """Compare two texts by words, punctuation and white space: all that a text is made of."""
    return _by_difflib(_TOKEN.findall(old), _TOKEN.findall(new))


def by_difflib_without_space(old: str, new: str) -> int:
    """Compare two texts by what stands between white space: quicker, but neither comes back."""
    return _by_difflib(_SPACED.findall(old), _SPACED.findall(new))


def _by_difflib(one: list[str], other: list[str]) -> int:
    marked = 0
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag != "equal":
            marked += words("".join(one[i1:i2])) + words("".join(other[j1:j2]))
    return marked


def by_redlines(old: str, new: str) -> int:
    """Compare two texts with `redlines`."""
    said = redlines.Redlines(old, new).output_markdown
    spans = re.findall(r"<span style='color:[^>]*>(.*?)</span>", said, re.DOTALL)
    return sum(map(words, spans))


def by_htmldiff2(old: str, new: str) -> int:
    """Compare two pages with `htmldiff2`."""
    said = htmldiff2.render_html_diff(old, new)
    marked = re.findall(r"<(ins|del)\b[^>]*>(.*?)</\1>", said, re.DOTALL)
    return sum(words(re.sub(r"<[^>]*>", "", each)) for _, each in marked)
