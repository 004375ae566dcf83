"""YAML without surprises.

Every scalar is the text that was typed: ``NO``, ``1.10`` and ``12:30`` stay what they are.
Duplicate keys, anchors, aliases, merge keys, tags and second documents are problems with their
line. Built on PyYAML's parser events, so that each value has its line, and one fault does not hide
the next.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from publisher.policy.characters import forbidden
from publisher.problem import Edit, Problem, error
from publisher.workspace.parsed import Document, Where

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEEPEST = 64
"""The deepest nesting."""
_COMMENT = re.compile(r"(?:[ \t]+|[ \t]*\n( *))(#.*)")
"""A comment after a value, or in the next line, where the value might go on."""
_MARKED = re.compile("""[“”„«»][^“”„«»]*[“”„«»"]|[‘’‚‹›][^‘’‚‹›]*[‘’‚‹›']""")
"""A value in quotation marks that are none to YAML, such as those of Word; each alone."""

_UNQUOTED = re.compile(
    r"([ ]*(?:- )*[\w-]+:[ ]+)([^\s'\"\[{&*!|>%@`#][^#]*?(?::(?= )|:$)[^#]*?)[ ]*"
)
"""A key and a value without quotes that has a colon."""


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not been read yet."""

    value: dict[str, Any] | list[Any]
    where: Where
    column: int
    key: str | None = None
    keys: dict[str, int] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)


def parse(path: str, text: str, first_line: int = 1) -> tuple[Document, tuple[Problem, ...]]:
    """Return the document that `text` is, and its problems.

    `first_line` is the line of the file at which `text` starts. After a fault of syntax the
    document holds the top-level values that were complete before it; one that may be part of the
    fault is left out. A key that appears twice is left out.
    """
    reader = _Reader(path, text, first_line)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            reader.take(event)
            if len(reader.open) > DEEPEST:
                reader.problem(event, "yaml-depth", "is nested too deeply", "flatten it")
                reader.drop_last()
                break
    except yaml.YAMLError as fault:
        reader.syntax(fault)
        reader.drop_last()
    marked = frozenset(reader.marked)
    return Document(reader.value, reader.lines, reader.comments, marked), tuple(reader.problems)


class _Reader:
    def __init__(self, path: str, text: str, first_line: int) -> None:
        self.path = path
        self.text = text
        self.first_line = first_line
        self.value: Any = None
        self.lines: dict[Where, int] = {}
        self.comments: dict[Where, tuple[int, str]] = {}
        self.marked: set[Where] = set()
        self.open: list[_Open] = []
        self.problems: list[Problem] = []
        self.documents = 0

    def line(self, event: Any) -> int:
        """Return the line of an event in the file."""
        return int(event.start_mark.line) + self.first_line

    def problem(self, event: Any, rule: str, message: str, fix: str) -> None:
        """Note an error at an event."""
        self.problems.append(error(rule, self.path, self.line(event), message, fix))

    def syntax(self, fault: yaml.YAMLError) -> None:
        """Report a fault of syntax in words for people who do not know YAML."""
        mark = getattr(fault, "problem_mark", None) or getattr(fault, "context_mark", None)
        reason = getattr(fault, "problem", None) or getattr(fault, "reason", None) or str(fault)
        fix = "check the indentation, colons and quotes there and in the line above"
        if "quoted scalar" in str(getattr(fault, "context", "")):
            mark = fault.context_mark  # type: ignore[attr-defined]
            reason, fix = "a quote is not closed", "close it, or write two to show one"
        elif "mapping values are not allowed" in reason and mark is not None:
            self.unquoted(mark.line)
            return
        elif "cannot start any token" in reason:
            fix = "indent with spaces, not tabs; quote a value that starts with @, ` or %"
        line = mark.line + self.first_line if mark else None
        self.problems.append(
            error("yaml-syntax", self.path, line, f"is not valid YAML: {reason}", fix)
        )

    def unquoted(self, number: int) -> None:
        """Report a value with a colon, which YAML would read as a key, by its line from 0."""
        text = self.text.split("\n")[number]
        line = number + self.first_line
        pair = _UNQUOTED.fullmatch(text)
        message, fix = "is not valid YAML: mapping values are not allowed here", ""
        if pair is None:
            fix = "put a value with a colon in quotes, and indent lines that belong together alike"
            self.problems.append(error("yaml-syntax", self.path, line, message, fix))
            return
        quoted = json.dumps(pair[2], ensure_ascii=False)
        message = f"is not valid YAML: '{pair[2]}' has a colon"
        edit = Edit(self.path, line, pair[2], quoted)
        fix = f"put it in quotes: {pair[1].strip()} {quoted}"
        problem = error("yaml-syntax", self.path, line, message, fix)
        self.problems.append(replace(problem, edits=(edit,)))

    def drop_last(self) -> None:
        """Leave out the top-level value that a fault may be part of: the last, or an open one."""
        key_follows = len(self.open) == 1 and self.open[0].key is not None
        if isinstance(self.value, dict) and self.value and not key_follows:
            self.value.popitem()

    def take(self, event: Any) -> None:
        """Take the next event of the parser."""
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents == 2:
                    fix = "keep one document in a file: delete the line ---"
                    self.problem(event, "yaml-documents", "a second document starts here", fix)
            case yaml.AliasEvent():
                self._no_anchors(event)
                self._add(None, event)
            case yaml.ScalarEvent():
                self._no_anchors(event)
                self.problems += forbidden(self.path, event.value, self.line(event))
                self._scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._no_anchors(event)
                self._start({} if isinstance(event, yaml.MappingStartEvent) else [], event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.open.pop()

    def _no_anchors(self, event: Any) -> None:
        if event.anchor is not None:
            kind = "alias" if isinstance(event, yaml.AliasEvent) else "anchor"
            self.problem(event, "yaml-alias", f"has an {kind}", "write the value out")
        tag = getattr(event, "tag", None)
        if tag is not None and tag != "!":
            short = tag.replace("tag:yaml.org,2002:", "!!")
            self.problem(event, "yaml-tag", f"has the tag {short}", "leave the tag out")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        parent = self.open[-1] if self.open else None
        if parent is None or isinstance(parent.value, list) or parent.key is not None:
            empty = event.value == "" and not event.style
            where = self._add(None if empty else event.value, event)
            if not event.style:
                self._comment(where, event, parent.column if parent else 0)
                if _MARKED.fullmatch(event.value):
                    self.marked.add(where)
        else:
            self._key(parent, event)

    def _comment(self, where: Where, event: Any, column: int) -> None:
        """Keep the comment after a plain value, which may have been meant as part of it."""
        end = event.end_mark
        comment = _COMMENT.match(self.text, end.index)
        if comment is not None and (comment[1] is None or len(comment[1]) > column):
            line = end.line + (comment[1] is not None) + self.first_line
            self.comments[where] = (line, comment[2].rstrip())

    def _key(self, parent: _Open, event: yaml.ScalarEvent) -> None:
        key = event.value
        if not key:
            self.problem(event, "yaml-key", "has an empty key", "give it a name")
        if key == "<<":
            self.problem(event, "yaml-merge", "has a merge key", "write the values out")
        if key in parent.keys:
            first = parent.keys[key]
            message = f"'{key}' appears twice: in lines {first} and {self.line(event)}"
            self.problem(event, "yaml-duplicate", message, "keep one of the two")
            parent.repeated.add(key)
        parent.key = key
        parent.keys.setdefault(key, self.line(event))
        self.lines.setdefault((*parent.where, key), self.line(event))

    def _where(self, event: Any) -> Where:
        """Return the place of the value that starts now."""
        if not self.open:
            return ()
        parent = self.open[-1]
        if isinstance(parent.value, list):
            return (*parent.where, len(parent.value))
        if parent.key is None:
            self.problem(event, "yaml-key", "has a key that is not text", "give it a plain name")
            parent.key = ""
        return (*parent.where, parent.key)

    def _add(self, value: Any, event: Any) -> Where:
        where = self._where(event)
        self.lines.setdefault(where, self.line(event))
        if not self.open:
            if self.documents == 1:
                self.value = value
            return where
        parent = self.open[-1]
        if isinstance(parent.value, list):
            parent.value.append(value)
        else:
            if parent.key in parent.repeated:
                parent.value.pop(parent.key, None)
            elif parent.key:
                parent.value[parent.key] = value
            parent.key = None
        return where

    def _start(self, value: dict[str, Any] | list[Any], event: Any) -> None:
        column = int(event.start_mark.column)
        self.open.append(_Open(value, self._add(value, event), column))
