"""What stands unconfirmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from publisher.model.policy import Policy
from publisher.model.problem import Problem


def open_questions(policies: Iterable[Policy]) -> Iterator[Problem]:
    """Yield each question to legal once, however many policies quote what it is about."""
    for question in dict.fromkeys(q for policy in policies for q in policy.questions):
        mend = "once it is answered, write the answer there and take `unconfirmed` out"
        yield Problem("question", "unconfirmed", question.path, question.line, question.text, mend)
