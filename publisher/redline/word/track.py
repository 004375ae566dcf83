"""How something in a document is tracked, and what is in it."""

from __future__ import annotations

from typing import Literal

Track = Literal["", "ins", "del", "moveFrom", "moveTo"]
"""How something is tracked, if it is: the elements of ECMA-376 Part 1, 17.13.5."""

STAYS: Track = ""
ADDED: Track = "ins"
REMOVED: Track = "del"
FROM: Track = "moveFrom"
TO: Track = "moveTo"


def added(track: Track) -> Track:
    """Return how something is tracked that is new in what is tracked so."""
    return ADDED if track in (STAYS, TO) else track


def removed(track: Track) -> Track:
    """Return how something is tracked that is gone from what is tracked so.

    What is gone from something that moved is removed where that moved from. Where it moved to,
    nothing is said of it: Word can track that something came and went, but LibreOffice then takes
    it for something that stays.
    """
    return REMOVED if track in (STAYS, FROM) else track
