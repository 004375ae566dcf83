"""What a policy's text shows that its author did not mean."""

from __future__ import annotations

import re
from collections.abc import Iterator

from publisher.model.policy import Policy, Text, inlines_in
from publisher.model.problem import Problem, warning

_MARKS = re.compile(r"\]\(|\]\[|\] \(https?:|~~|``|\*\*|__")


def literal_marks(policy: Policy) -> Iterator[Problem]:
    """Yield a warning for what looks like mistyped Markdown, and will be shown as it is."""
    for clause in policy.clauses:
        for inline in inlines_in(clause):
            found = _MARKS.search(inline.text) if isinstance(inline, Text) else None
            if found is not None and isinstance(inline, Text):
                around = inline.text[max(0, found.start() - 12) : found.end() + 12].strip()
                mend = "mend the Markdown, or, if it is meant, ignore this"
                message = f"shows '{found[0]}' as text: … {around} …"
                yield warning("literal-marks", clause.path, None, message, mend)
