"""Unintended content of a policy's text.

Unconfirmed facts are listed here, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from publisher.policy.fragments import blank, fragments
from publisher.policy.kinds import Kind, inside
from publisher.policy.tree import Paragraph, Policy
from publisher.problem import Problem, warning


def blank_paragraphs(policy: Policy) -> Iterator[Problem]:
    """Yield a warning for each clause with a paragraph of white space only."""
    for clause in policy.clauses:
        nodes = _nodes("clause", clause)
        if any(isinstance(node, Paragraph) and blank(fragments(node.children)) for node in nodes):
            message = "has a paragraph of spaces only, which readers do not see"
            fix = "delete it: what counts as words leaves it out"
            yield warning("blank", clause.path, None, message, fix)


def _nodes(kind: Kind, whole: Any) -> Iterator[Any]:
    yield whole
    for inner, node in inside(kind, whole):
        yield from _nodes(inner, node)


def open_questions(policies: Iterable[Policy]) -> Iterator[Problem]:
    """Yield each question to legal once, however many policies quote its fact."""
    for question in dict.fromkeys(q for policy in policies for q in policy.questions):
        fix = "once it is answered, write the answer there, and delete `unconfirmed`"
        yield Problem("question", "unconfirmed", question.path, question.line, question.text, fix)
