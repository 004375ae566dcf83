"""The Markdown of clauses: CommonMark, changed where authors mean something different.

CommonMark with tables, footnotes and definition lists. Indented code is switched off. A heading may
be underlined with three dashes or more; one or two, or ``=``, are text, as they always were here.
``[label]: target`` defines a link only if the target can be linked to; a different one is text. A
comment of HTML that shares its lines with text, and ``<br>``, are in a paragraph.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.html_block import html_block
from markdown_it.rules_block.lheading import lheading
from markdown_it.rules_block.reference import reference
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_ref

from publisher.compose import placeholders
from publisher.compose.labelled import labelled_lists
from publisher.policy.characters import LONGEST

TARGET = re.compile(
    r"https?://[^\s/?#@:\[\]]+(:[0-9]+)?([/?#].*)?"
    r"|mailto:(?!\S*%0[AaDd])[^\s@]+@[^\s@]+|tel:\+?[0-9().-]+|#[^\s#]+"
)
"""Where a link may lead."""
COMMENTS = re.compile(r"\s*(<!--.*?-->\s*)+", re.DOTALL)
"""Comments of HTML alone."""
_BREAK = re.compile(r"\s*</?br\b", re.IGNORECASE)
_FEWEST_DASHES = 3
_LABEL = re.compile(r"\[\^[^ \n\]]{1,999}\]")
"""A reference to a note; labels have 999 characters at most (CommonMark, link labels)."""
TOO_LONG = "too long"
"""The name, in the environment of a reading, of the length and the line of a paragraph."""


def _underlined(state: StateBlock, first: int, last: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's form
    """Read a heading that is underlined with dashes."""
    start, length = state.line, len(state.tokens)
    parent = state.parentType
    if not lheading(state, first, last, silent):
        state.parentType = parent
        return False
    line = state.line - 1
    underline = state.src[state.bMarks[line] : state.eMarks[line]].strip(" \t>")
    if underline.startswith("=") or len(underline) < _FEWEST_DASHES:
        del state.tokens[length:]
        state.line, state.parentType = start, parent
        return False
    return True


def _html(state: StateBlock, first: int, last: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's form
    """Read a block of HTML, but what can be read in a paragraph."""
    start, length = state.line, len(state.tokens)
    if not html_block(state, first, last, silent):
        return False
    line = state.src[state.bMarks[first] : state.eMarks[first]]
    if silent:
        return not _BREAK.match(line)
    content = state.tokens[-1].content
    in_text = content.lstrip().startswith("<!--") and not COMMENTS.fullmatch(content)
    if _BREAK.match(content) or (in_text and "\n\n" not in content.strip()):
        del state.tokens[length:]
        state.line = start
        return False
    return True


def _reference(state: StateBlock, first: int, last: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's form
    """Read the definition of a link's target."""
    start = state.line
    known = {**state.env.get("references", {})}
    again = [*state.env.get("duplicate_refs", ())]
    if not reference(state, first, last, silent):
        return False
    defined = [
        definition for label, definition in state.env["references"].items() if label not in known
    ]
    defined += state.env.get("duplicate_refs", [])[len(again) :]
    if all(TARGET.fullmatch(placeholders.plain(definition["href"])) for definition in defined):
        return True
    state.line = start
    state.env["references"], state.env["duplicate_refs"] = known, again
    return False


def _short(state: StateCore) -> None:
    """Keep paragraphs that are too long from being read; say so in the environment."""
    for token in state.tokens:
        if token.type == "inline" and len(token.content) > LONGEST:
            line = token.map[0] if token.map else 0
            state.env.setdefault(TOO_LONG, (len(token.content), line))
            token.content = ""


def _note_reference(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the parser's form
    """Read a reference to a note, without looking for its end further than a label can reach."""
    near = _LABEL.match(state.src, state.pos)
    return near is not None and footnote_ref(state, silent, always_match=True)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": 100, "store_labels": True}).enable("table")
    parser.use(footnote_plugin, inline=False, move_to_end=False, always_match_refs=True)
    parser.inline.ruler.at("footnote_ref", _note_reference)
    parser.core.ruler.after("block", "short", _short)
    parser.use(deflist_plugin)
    parser.use(labelled_lists)
    parser.disable(["code", "lheading"])
    rules = parser.block.ruler
    rules.at("html_block", _html, {"alt": ["paragraph", "reference", "blockquote"]})
    rules.at("reference", _reference)
    rules.before("paragraph", "underlined", _underlined)
    # What a link may lead to is decided when the tree is built, where a fault can be reported.
    parser.validateLink = lambda url: bool(url) or True  # type: ignore[method-assign]
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    parser.parse("*now*")  # so that no thread finds its rules half put together at first use
    return parser


PARSER = _parser()
