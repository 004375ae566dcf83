"""Workspace × brand × locale → policy.

`context_facts` lays out the facts that a clause may quote, `templates` is the small template
language in which it quotes them, `markdown` turns the resulting text into the tree, `policy` puts
the clauses together; `brands` composes all policies that a command needs.
"""

from publisher.compose.order import unplaced
from publisher.compose.policy import compose

__all__ = ["compose", "unplaced"]
