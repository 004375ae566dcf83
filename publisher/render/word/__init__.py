"""A policy → a Word document in the toolkit's look; and the parts that redlines in Word share."""

from __future__ import annotations

from publisher.policy.dating import Dating
from publisher.policy.tree import Policy
from publisher.render.style import Style


def docx(policy: Policy, dating: Dating, style: Style, source: str = "") -> bytes:
    """Return a policy as a Word document, to be read and edited: changes in it are tracked.

    Each clause has a bookmark, ``clause_ID``. Facts and words of registries are in content
    controls, which name the places where they were written. The file's properties name its origin:
    `source` is the commit. A part of it has the policy's tree. The same arguments give the same
    bytes.
    """
    from publisher.render.word.flow import document

    return document(policy, dating, style, source)
