"""Pieces of sentences that several reports have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publisher.model.changes import Changes
    from publisher.model.ledger import ClauseChanges


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 entry``, ``2 entries``."""
    plural = {"entry": "entries"}.get(noun, f"{noun}s")
    return f"{number} {noun if number == 1 else plural}"


def clauses_said(found: Changes | ClauseChanges) -> str:
    """Return in words what became of clauses."""
    named = {"added": found.added, "changed": found.changed, "removed": found.removed,
             "moved": found.moved}  # fmt: skip
    said = [f"{name} {', '.join(ids)}" for name, ids in named.items() if ids]
    said += [f"renamed {old} to {new}" for old, new in found.renamed]
    return "; ".join(said) or "as before"
