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
from publisher.intake.draft import Draft, Title
from publisher.intake.html_blocks import NOTE, NOTE_TEXT, OWN_ID
from publisher.policy.tree import Paragraph, plain_text

_FRONT = re.compile(
    r"\s*(?:---[ \t]*\n(.*?\n)?(?:---|\.\.\.)|\+\+\+[ \t]*\n(.*?\n)?\+\+\+)[ \t]*(?:\n|\Z)",
    re.DOTALL,
)
"""Front matter in YAML, or in TOML."""
_FIELD = re.compile(r"[A-Za-z_][\w .-]*:(?:\s|$)|\s|-\s|#|\Z")
_TOML_FIELD = re.compile(r"[\w.\"'-]+\s*=|\s|\[|#|\]|\"|\Z")
_TITLE = re.compile(
    r"^title[ \t]*[:=][ \t]*([^ \t\n](?:.*[^ \t\n])?)[ \t]*$", re.MULTILINE | re.IGNORECASE
)
_LABELS = re.compile(r".+ · \S+\.\w+ [^:]{2,40}: .+ [^:]{2,40}: ")
"""The first line below the title of a document of our own, and two labels."""
_OWN_ID = re.compile(r"(?<![ \t])[ \t]*+\{:?[ \t]*#([^\s{}#]+)[^{}]*\}[ \t]*$")


_HIDDEN = re.compile(
    r"!\[[^\]]{0,500}\]"  # what an image shows
    r"|(?<=\])\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"\n]*\"|\s+'[^'\n]*')?\)"  # where links go
    r"|(?<=\])\[[^\]\n]*\]"
    r"|^ {0,3}\[[^\]^\n]+\]:[ \t]*\S.*$"
    r"|\[\^[^\]\n]{1,200}\]:?"  # references to footnotes
    r"|^(?:[ \t]|>)*\d{1,9}[.)](?=\s)|^[ \t]*(?:`{3,}|~{3,}).*$"
    r"|\{:?[ \t]*#[^{}\n]*\}",
    re.MULTILINE,
)
"""Characters of Markdown that are not text: a reader does not see them."""


_CODE = re.compile(
    r"^(`{3,}+|~{3,}+)[^`\n]*\n.{0,20000}?\n\1|(?<!`)(`{1,9})(?!`).{1,1000}?(?<!`)\2(?!`)",
    re.DOTALL | re.MULTILINE,
)
_SIGNS = re.compile(r"[<>\[\]{}&]")


def plain(text: str) -> str:
    """Return the text of a Markdown document without its marks: for the second reading."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = _CODE.sub(lambda code: _SIGNS.sub(lambda sign: f"&#{ord(sign[0])};", code[0]), lines)
    return html.plain(_HIDDEN.sub("", kept))


def read(text: str) -> Draft:
    """Return the draft of a Markdown document."""
    front, body = _parted(text.replace("\r\n", "\n").replace("\r", "\n"))
    draft = _without_labels(html.read(_parser().render(body), fragment=True))
    if front is None:
        return draft
    title_line = _TITLE.search(front)
    title = _unquoted(title_line[1]) if title_line else ""
    remark = "the front matter was left out, except the title"
    lines = [line for line in front.splitlines() if line.strip()]
    omitted = [("" if _TITLE.match(line) else remark, line) for line in lines]
    return replace(draft, title=title, omitted=(*omitted, *draft.omitted))


def _without_labels(draft: Draft) -> Draft:
    """Return the draft of a document of our own without the lines below its title.

    Only such a document has an id at each section, and its brand and dates below the title.
    """
    title, lines = (*draft.pieces[:2], None, None)[:2]
    titles = [piece for piece in draft.pieces[1:] if isinstance(piece, Title)]
    sections = [piece for piece in titles if piece.level == 2]
    own = bool(sections) and all(section.id for section in sections)
    if not own or not isinstance(title, Title) or not isinstance(lines, Paragraph):
        return draft
    text = plain_text(lines.children)
    if not _LABELS.match(text):
        return draft
    remark = "the lines that publisher wrote below the title were left out"
    pieces = (title, *draft.pieces[2:])
    return replace(draft, pieces=pieces, omitted=((remark, text), *draft.omitted))


def _parted(text: str) -> tuple[str | None, str]:
    """Return the front matter, or None, and the text after it."""
    match = _FRONT.match(text)
    if match is None:
        return None, text
    front, field, mark = (
        (match[1], _FIELD, ":") if match[2] is None else (match[2], _TOML_FIELD, "=")
    )
    lines = (front or "").splitlines()
    if not front or not all(field.match(line) for line in lines) or mark not in front:
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
    """Remove ids after titles, ``{#who-we-are}``."""
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
