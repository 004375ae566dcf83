"""Lists whose items have labels, ``(a)`` ``ii.`` ``B)``: a rule for the parser of Markdown.

CommonMark reads these labels as text. So that no text becomes a list by accident, a label begins a
list only if the next label of its kind begins a later line, or if it continues the numbers of a
list before it. Directly below a line of text, a list must begin with its first label, and not after
an unfinished reference: ``Article 6(1)``, and ``(a)`` on the next line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from publisher.policy.numerals import LABEL, readings

_MARK = re.compile(rf"({LABEL.pattern})(?=[ \t]|$)")
_PLAIN_MARK = re.compile(r"(?:[-+*]|[0-9]{1,9}[.)])(?=[ \t]|$)")
_REFERS = re.compile(r"[\d)§]$")
_STEP = 2
"""How many columns further in than its label the content of an item begins, at least."""
_OPEN = "labelled lists"

_Reading = tuple[str, int]


def labelled_lists(parser: MarkdownIt) -> None:
    """Have a parser read lists with labels."""
    parser.block.ruler.after(
        "list", "labelled_list", _rule, {"alt": ["paragraph", "reference", "blockquote"]}
    )


def _rule(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    if not _readings(state, line):
        return False
    if silent and state.parentType == "paragraph" and _goes_on(state, line):
        return True
    first = _first(state, line, end, silent=silent)
    if first is not None and not silent:
        _list(state, line, end, *first)
    return first is not None


def _text(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _readings(state: StateBlock, line: int) -> tuple[_Reading, ...]:
    """Return the readings of the label that begins a line; CommonMark reads plain numbers."""
    label = _MARK.match(_text(state, line))
    if label is None or _PLAIN_MARK.match(label[0]):
        return ()
    return readings(label[1])


def _goes_on(state: StateBlock, line: int) -> bool:
    """Return whether a line is the next item of one of the lists that are open."""
    styles = {style for style, _ in _readings(state, line)}
    column = state.sCount[line]
    return any(
        style in styles and at - _STEP < column < at + _STEP and column < state.blkIndent
        for style, at in state.env.get(_OPEN, ())
    )


def _first(state: StateBlock, line: int, end: int, *, silent: bool) -> _Reading | None:
    """Return style and number of the list that begins at a line, if one does."""
    candidates = _readings(state, line)
    interrupting = silent and state.parentType == "paragraph"
    if interrupting and _REFERS.search(_text(state, line - 1).rstrip()):
        return None
    if not interrupting:
        going_on = next((reading for reading in candidates if reading in _expected(state)), None)
        if going_on is not None:
            return going_on
    return next(
        (
            (style, number)
            for style, number in candidates
            if (number == 1 or not interrupting)
            and _followed(state, line, end, (style, number + 1))
        ),
        None,
    )


def _expected(state: StateBlock) -> Iterator[_Reading]:
    """Yield the readings that would continue each earlier list in the same place."""
    seen: set[str] = set()
    for token in reversed(state.tokens):
        if token.level < state.level:
            return
        if token.type == "ordered_list_close" and token.level == state.level and token.meta:
            style, number = token.meta["next"]
            if style not in seen:
                yield style, number
            seen.add(style)


def _followed(state: StateBlock, line: int, end: int, by: _Reading) -> bool:
    """Return whether the next label begins a later line, with no other text between."""
    column = state.sCount[line]
    apart = False
    for at in range(line + 1, end):
        if state.isEmpty(at):
            apart = True
            continue
        if state.sCount[at] < min(column, state.blkIndent):
            return False
        if state.sCount[at] < column + _STEP:
            candidates = _readings(state, at)
            if any(style == by[0] for style, _ in candidates):
                return by in candidates
            if apart or _text(state, at).startswith("#"):
                return False
        apart = False
    return False


def _list(state: StateBlock, line: int, end: int, style: str, number: int) -> None:
    """Write the tokens of a list that begins at a line."""
    opening = state.push("ordered_list_open", "ol", 1)
    opening.attrs = {"start": number}
    opening.meta = {"style": style, "astray": _astray(state, line)}
    at = len(state.tokens)
    parent, state.parentType = state.parentType, "list"
    enclosing = state.env.setdefault(_OPEN, [])
    enclosing.append((style, state.sCount[line]))
    begin, here, tight, apart = line, line, True, False
    while True:
        after = _item(state, here, end)
        tight = tight and after and not apart
        apart = state.line - here > 1 and state.isEmpty(state.line - 1)
        here = state.line
        if here >= end or state.sCount[here] < state.blkIndent:
            break
        numbers = [value for kind, value in _readings(state, here) if kind == style]
        if not numbers:
            break
        number = numbers[0]
    enclosing.pop()
    state.parentType = parent
    closing = state.push("ordered_list_close", "ol", -1)
    closing.meta = {"next": (style, number + 1)}
    opening.map = [begin, here]
    if tight:
        _tighten(state, at)


def _astray(state: StateBlock, line: int) -> bool:
    """Return whether a list is further in than one above it, but not as far as its text."""
    above = state.tokens[-2].type if len(state.tokens) > 1 else ""
    return above.endswith("list_close") and state.sCount[line] > state.blkIndent


def _item(state: StateBlock, line: int, end: int) -> bool:
    """Write the tokens of an item; return whether its paragraphs are close together."""
    label = _text(state, line).split(None, 1)[0]
    column = state.sCount[line]
    behind = state.bMarks[line] + state.tShift[line] + len(label)
    content = state.skipSpaces(behind)
    written = content < state.eMarks[line]
    start = column + len(label) + (min(content - behind, 4) if written else 1)
    opening = state.push("list_item_open", "li", 1)
    opening.info = label
    kept = state.tight, state.listIndent, state.blkIndent
    place = state.bMarks[line], state.tShift[line], state.sCount[line]
    state.listIndent, state.blkIndent = state.blkIndent, _edge(state, line, end, start)
    state.tight = True
    state.bMarks[line], state.tShift[line], state.sCount[line] = content, 0, start
    if not written and state.isEmpty(line + 1):
        state.line = min(line + 2, end)
    else:
        state.md.block.tokenize(state, line, end)
    tight = state.tight
    state.tight, state.listIndent, state.blkIndent = kept
    state.bMarks[line], state.tShift[line], state.sCount[line] = place
    state.push("list_item_close", "li", -1)
    opening.map = [line, state.line]
    return tight


def _edge(state: StateBlock, line: int, end: int, start: int) -> int:
    """Return the column from which on lines are in an item whose text begins at `start`.

    Labels are wide, and authors indent by less than CommonMark demands.
    """
    column, edge, apart = state.sCount[line], start, False
    for at in range(line + 1, end):
        if state.isEmpty(at):
            apart = True
            continue
        listed = bool(_readings(state, at) or _PLAIN_MARK.match(_text(state, at)))
        if state.sCount[at] < column + _STEP:
            if apart or listed:
                break
        elif apart or listed:
            edge = min(edge, state.sCount[at])
        apart = False
    return edge


def _tighten(state: StateBlock, first: int) -> None:
    """Hide the paragraphs of a list's own items, as they stand close together."""
    for at in range(first, len(state.tokens)):
        token = state.tokens[at]
        if token.level == state.level + 2 and token.type.startswith("paragraph_"):
            token.hidden = True
