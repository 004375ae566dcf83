"""A policy → JSON: the tree, with its dates and digest."""

from __future__ import annotations

import json as stdlib
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from publisher.model.dating import Dating
from publisher.model.policy import Policy
from publisher.model.words import words_digest

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
        "words_digest": words_digest(policy),
        "controller": _plain(policy.controller),
        "clauses": [
            _plain(clause) | {"last_changed": _iso(dating.clauses.get(clause.id))}
            for clause in policy.clauses
        ],
        "questions": [_plain(question) for question in policy.questions],
    }
    return (stdlib.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


_TYPED = frozenset(
    [
        "Text",
        "LineBreak",
        "Code",
        "Emphasis",
        "Link",
        "NoteReference",
        "Unconfirmed",
        "Paragraph",
        "Heading",
        "List",
        "Quote",
        "Table",
        "DefinitionList",
    ]
)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        name = type(value).__name__
        typed = {"type": name} if name in _TYPED else {}
        return typed | {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value
