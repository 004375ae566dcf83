"""A policy → JSON: the tree, with its dates and digest."""

from __future__ import annotations

import json as stdlib
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from publisher.policy import tree
from publisher.policy.dating import Dating, Status
from publisher.policy.numerals import DECIMAL, STYLE
from publisher.policy.tree import BrandName, Clause, Controller, Policy
from publisher.policy.words import words_digest

FORMAT = 1
"""The version of this form."""


def json(policy: Policy, dating: Dating) -> bytes:
    """Return the policy as JSON; every node of the tree names its type."""
    value = {
        "format": FORMAT,
        "brand": _plain(policy.brand),
        "locale": policy.locale,
        "title": policy.title,
        "status": dating.status,
        "last_updated": _iso(dating.last_updated),
        "version": dating.version if dating.frozen else None,
        "in_force_from": _iso(dating.in_force),
        "words_digest": words_digest(policy),
        "controller": _plain(policy.controller),
        "clauses": [
            _plain(clause) | {"last_changed": _iso(dating.clauses.get(clause.id))}
            for clause in policy.clauses
        ],
        "questions": [_plain(question) for question in policy.questions],
    }
    return (stdlib.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def read_policy(data: bytes) -> Policy:
    """Return the policy in a document that `json` made, without the files that it was made from.

    Raises `ValueError` for any other document.
    """
    try:
        document = stdlib.loads(data)
        if document["format"] != FORMAT:
            raise ValueError(f"the format {document['format']} is unknown")
        policy = Policy(
            brand=BrandName(**document["brand"]),
            locale=document["locale"],
            title=document["title"],
            controller=Controller(**_tree(document["controller"])),
            clauses=tuple(_tree(document["clauses"])),
            questions=tuple(_tree(document["questions"])),
            files=frozenset(),
        )
        for name in ("brand", "locale", "title", "controller", "clauses", "questions"):
            _check(getattr(policy, name), _fields_of(Policy)[name])
        if len({clause.id for clause in policy.clauses}) < len(policy.clauses):
            raise TypeError("two clauses of it have one id")
    except (KeyError, RecursionError, TypeError) as fault:  # nested too deeply, for one
        raise ValueError(f"not a policy: {fault!r}") from fault
    return policy


def dating_in(data: bytes) -> Dating:
    """Return the dates in a document that `json` made, as far as it has them.

    Raises `ValueError` for any other document.
    """
    try:
        document = stdlib.loads(data)
        changed = {clause["id"]: _day(clause.get(_DATED)) for clause in document["clauses"]}
        if document["status"] not in get_args(Status):
            raise TypeError(f"its status is {str(document['status'])[:40]!a}")
        _check(document["version"], str | None)
        return Dating(
            document["status"],
            _day(document["last_updated"]),
            clauses={id: day for id, day in changed.items() if day is not None},
            version=document["version"],
            in_force=_day(document["in_force_from"]),
        )
    except (AttributeError, KeyError, RecursionError, TypeError) as fault:
        raise ValueError(f"not a policy: {fault!r}") from fault


_TYPED = {kind.__name__: kind for kind in (*get_args(tree.Inline), *get_args(tree.Block))}
_BY_FIELDS = {
    frozenset(field.name for field in fields(kind) if field.compare): kind
    for kind in (tree.Definition, tree.Note, tree.Question, Clause)
}
_BY_FIELDS[frozenset(field.name for field in fields(Clause) if field.compare) - {"number"}] = Clause


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(iso: str | None) -> date | None:
    try:
        return None if iso is None else date.fromisoformat(iso)
    except ValueError:
        raise TypeError(f"it has the day {str(iso)[:40]!a}") from None


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        name = type(value).__name__
        typed = {"type": name} if name in _TYPED else {}
        parts = {
            field.name: _plain(getattr(value, field.name))
            for field in fields(value)
            if field.compare
        }
        return typed | {
            n: part for n, part in parts.items() if part not in ("", None) or n not in _LATER
        }
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value


def _tree(value: Any) -> Any:
    """Return the nodes that `_plain` made `value` from."""
    if isinstance(value, list):
        return tuple(_tree(part) for part in value)
    if not isinstance(value, dict):
        return value
    parts = {name: _tree(part) for name, part in value.items() if name not in ("type", _DATED)}
    kind = _TYPED[value["type"]] if "type" in value else _BY_FIELDS.get(frozenset(parts))
    return kind(**parts) if kind is not None else parts


def _check(value: Any, kind: Any, depth: int = 0) -> None:
    """Raise `TypeError` unless a value is of a kind, and so is all that is in it."""
    if get_origin(kind) is tuple and isinstance(value, tuple):
        for part in value:
            _check(part, get_args(kind)[0], depth)
        return
    kinds = get_args(kind) if isinstance(kind, UnionType) else (kind,)
    if type(value) not in kinds or (isinstance(value, str) and _IN_NO_FILE.search(value)):
        raise TypeError(f"it has {str(value)[:40]!a} in a wrong place")
    if depth > _DEEPEST:
        raise TypeError("it is nested too deeply")
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise TypeError("it has a number with too many digits")
    if isinstance(value, tree.List) and not STYLE.fullmatch(value.style or DECIMAL):
        raise TypeError(f"a list of it has labels such as {value.style[:40]!a}")
    if isinstance(value, tree.Table):
        widths = {len(row) for row in (value.header, value.alignments, *value.rows)}
        if len(widths) > 1 or not value.header:
            raise TypeError("a table of it has rows of several lengths")
    node: type = type(value)
    for name, own in _fields_of(node).items():
        _check(getattr(value, name), own, depth + 1)


@cache
def _fields_of(kind: type) -> Mapping[str, Any]:
    """Return the kinds of a node's fields that are read from a document; none for a plain value."""
    if not is_dataclass(kind):
        return {}
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind) if field.compare}


_IN_NO_FILE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Half a character, and others that JSON can have and XML cannot (XML 1.0, 2.2)."""
_DEEPEST = 64
"""Nodes in one another, at most: twice as many as a clause can have."""
_LARGEST = 10**9
"""The largest number of a list that Markdown can have; Python does not write all others."""
_LATER = ("style", "number", "anchor")
"""Fields that came later, and are left out where they are empty: documents stay as they were."""
_DATED = "last_changed"
