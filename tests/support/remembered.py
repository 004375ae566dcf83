"""Lets everything that is remembered between compositions be forgotten."""

from __future__ import annotations

from publisher.compose import clause as clauses
from publisher.compose import context_facts, grammar, markdown, references, templates
from publisher.policy import words
from publisher.workspace.loader import _clauses_of, _parse_clause, _parse_yaml


def forget() -> None:
    """Let the next composition, and the next words, be the first."""
    for remembered in (
        clauses._content,
        clauses._lines,
        clauses._referred,
        clauses._shaped,
        clauses._written,
        context_facts._laid_out,
        grammar.parsed,
        markdown._part,
        templates._compiled,
        references.extended,
        words._as_linked,
        words._clause_words,
        words._heading_titles,
        _clauses_of,
        _parse_clause,
        _parse_yaml,
    ):
        remembered.cache_clear()
