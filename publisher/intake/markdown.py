"""Markdown → titles and blocks: CommonMark with tables, footnotes and definition lists.

It is rendered as HTML, which is then read, so that raw HTML in it counts as on any page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from publisher.intake import html
from publisher.intake.draft import Draft
from publisher.intake.html_blocks import NOTE, NOTE_TEXT, OWN_ID

_FRONT = re.compile(r"\s*---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"[A-Za-z_][\w .-]*:(?:\s|$)|\s|-\s|#|\Z")
_TITLE = re.compile(r"^title[ \t]*:[ \t]*(.+?)[ \t]*$", re.MULTILINE | re.IGNORECASE)
_OWN_ID = re.compile(r"[ \t]*\{:?[ \t]*#([^\s{}#]+)[^{}]*\}[ \t]*$")


def read(text: str) -> Draft:
    """Return the draft of a Markdown document."""
    front, body = _parted(text.replace("\r\n", "\n").replace("\r", "\n"))
    draft = html.read(_parser().render(body), fragment=True)
    if front is None:
        return draft
    title_line = _TITLE.search(front)
    title = _unquoted(title_line[1]) if title_line else ""
    others = [line for line in front.splitlines() if line.strip() and not _TITLE.match(line)]
    remark = ("the front matter was left out, except the title",) if others else ()
    return replace(draft, title=title, remarks=(*remark, *draft.remarks))


def _parted(text: str) -> tuple[str | None, str]:
    """Return the front matter, or None, and the text behind it."""
    match = _FRONT.match(text)
    if match is None:
        return None, text
    front = match[1] or ""
    lines = front.splitlines()
    if not front.strip() or not all(_FIELD.match(line) for line in lines) or ":" not in front:
        return None, text
    return front, text[match.end() :]


def _unquoted(value: str) -> str:
    for quote in ("'", '"'):
        if len(value) > 1 and value[0] == quote == value[-1]:
            return value[1:-1].replace(quote * 2 if quote == "'" else '\\"', quote)
    return "" if value in ("|", ">", "|-", ">-") else value


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": 60}).enable("table")
    parser.use(footnote_plugin, inline=False, move_to_end=False, always_match_refs=False)
    parser.use(deflist_plugin)
    parser.core.ruler.before("inline", "own_ids", _own_ids)
    parser.add_render_rule("footnote_ref", _note)
    parser.add_render_rule("footnote_reference_open", _note_open)
    parser.add_render_rule("footnote_reference_close", _note_close)
    parser.render("*now*")  # so that no thread finds its rules half put together at first use
    return parser


def _own_ids(state: StateCore) -> None:
    """Take the ids that some write behind titles, ``{#who-we-are}``, out of them."""
    for before, token in zip(state.tokens, state.tokens[1:], strict=False):
        id = _OWN_ID.search(token.content) if before.type == "heading_open" else None
        if id:
            token.content = token.content[: id.start()]
            before.attrs["id"] = before.attrs[OWN_ID] = id[1]


Tokens = Sequence[Any]


def _note(_self: Any, tokens: Tokens, at: int, _options: Any, env: Mapping[str, Any]) -> str:
    return f'<sup {NOTE}="{_number(tokens[at].meta["label"], env)}"></sup>'


def _note_open(_self: Any, tokens: Tokens, at: int, _options: Any, env: Mapping[str, Any]) -> str:
    return f'<aside {NOTE_TEXT}="{_number(tokens[at].meta["label"], env)}">\n'


def _note_close(_self: Any, _tokens: Tokens, _at: int, _options: Any, _env: Any) -> str:
    return "</aside>\n"


def _number(label: str, env: Any) -> int:
    """Return the number of a footnote, counted from 1 in the order of the document."""
    numbers: dict[str, int] = env.setdefault("numbers", {})
    return numbers.setdefault(label, len(numbers) + 1)
