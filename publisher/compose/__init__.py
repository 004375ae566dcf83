"""Workspace × brand × locale → policy.

`context` lays out the facts that a clause may quote, `language` is the small template language that
it may quote them in, `markdown` turns the text that results into the tree, `policy` puts the
clauses together.
"""

from publisher.compose.order import unplaced
from publisher.compose.policy import compose

__all__ = ["compose", "unplaced"]
