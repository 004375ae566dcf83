"""A policy → a Word document in the house's look; what redlines in Word have in common with it."""

from __future__ import annotations

from publisher.policy.dating import Dating
from publisher.policy.tree import Policy
from publisher.render.style import Style


def docx(policy: Policy, dating: Dating, style: Style, source: str = "") -> bytes:
    """Return a policy as a Word document, to be read and edited: changes in it are tracked.

    Each clause has a bookmark, ``clause_ID``. Facts and words of registries are in content
    controls, which say where they were written. The file's properties say what it was made
    from: `source` is the commit. A part of it has the policy's tree. The same arguments give the
    same bytes.
    """
    from publisher.render.word.flow import document

    return document(policy, dating, style, source)
