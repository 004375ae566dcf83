"""What a policy's text shows that its author did not mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from publisher.model.fragments import blank, fragments
from publisher.model.nodes import Kind, inside
from publisher.model.policy import Paragraph, Policy
from publisher.model.problem import Problem, warning


def blank_paragraphs(policy: Policy) -> Iterator[Problem]:
    """Yield a warning for each clause with a paragraph of white space only."""
    for clause in policy.clauses:
        nodes = _nodes("clause", clause)
        if any(isinstance(each, Paragraph) and blank(fragments(each.children)) for each in nodes):
            message = "has a paragraph of spaces only, which readers do not see"
            mend = "delete it: what counts as words leaves it out"
            yield warning("blank", clause.path, None, message, mend)


def _nodes(kind: Kind, whole: Any) -> Iterator[Any]:
    yield whole
    for inner, each in inside(kind, whole):
        yield from _nodes(inner, each)
