"""Messages as docs/problems.md shows them: whole, with … where each run has something different."""

from __future__ import annotations

import re

FOLDER = "/home/ops/policies"
"""What they have in the place of a workspace."""


def pattern(message: str) -> re.Pattern[str]:
    """Return what matches the messages that a message with … stands for; … has no line break."""
    return re.compile(".+".join(map(re.escape, message.split("…"))))


def line_of(message: str, output: str) -> str | None:
    """Return the line, or the lines, of an output that are a message, from end to end."""
    whole = re.search(f"(?m)^{pattern(message).pattern}$", output)
    return whole[0] if whole is not None else None
