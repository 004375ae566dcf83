"""Overrides, and what has changed in the clauses that they override since the last review.

A brand's clause replaces the shared one with its id, or some of its blocks: the hidden text can
change unseen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from publisher.compose.references import extended
from publisher.history.followers import (
    UNKNOWN,
    Before,
    Since,
    paragraphs_of,
    since_review,
)
from publisher.repository.moment import Moment
from publisher.repository.source import Source, bytes_of
from publisher.workspace.loader import parse_clause
from publisher.workspace.parsed import ClauseSource, Workspace

_PATH = re.compile(r"brands/([^/]+)/(clauses/([^/]+)/([^/_][^/]*)\.md)")
_BLOCK = re.compile(r"\{%[-+]?\s*(?:block\s+(\w+)|endblock)\b.*?%\}")
_SUPER = re.compile(r"\bsuper\s*\(")


@dataclass(frozen=True, slots=True)
class Override:
    """A brand's clause that replaces the one in `followed`, whole, or some of its `blocks`.

    `hidden` is the text of the shared clause there today.
    """

    brand: str
    locale: str
    clause: str
    path: str
    followed: str
    blocks: tuple[str, ...]
    hidden: str = ""
    since: Since = UNKNOWN

    @property
    def behind(self) -> bool:
        """Whether something has changed that the override hides."""
        return self.since.changed is not None

    def own(self, source: Source) -> object:
        """Return the text of the override, in a source."""
        return bytes_of(source, self.path)

    def text(self, source: Source) -> tuple[str, ...]:
        """Return the paragraphs of the shared clause that the override hides, in a source."""
        data = bytes_of(source, self.followed)
        return _hidden(self, parse_clause(self.followed, data)[0] if data else None)


def overrides(
    moment: Moment, workspace: Workspace, before: Before = since_review
) -> tuple[Override, ...]:
    """Return the overrides of the brands of a workspace, by path, with what has changed since.

    `before` reads the history before a moment. Without commits, no change is known. Raises
    `GitFailed`.
    """
    listed = tuple(_overrides(workspace))
    line = before(moment) if listed else None
    if line is None:
        return listed
    return tuple(
        replace(override, since=line.since(override, _zone(workspace, override)))
        for override in listed
    )


def _zone(workspace: Workspace, override: Override) -> str:
    return workspace.brands[override.brand].content.timezone


def _overrides(workspace: Workspace) -> Iterator[Override]:
    """Yield the overrides among the clauses of released locales."""
    for path, file in sorted(workspace.clauses.items()):
        named = _PATH.fullmatch(path)
        own = workspace.brands.get(named[1]) if named else None
        if named is None or file.value is None or own is None or own.value is None:
            continue
        base = extended(path, file.value.body)
        shared = f"shared/clauses/{named[3]}/{(base or '').removeprefix('shared/')}"
        shared = shared if base else f"shared/{named[2]}"
        if named[3] in own.value.locales and shared in workspace.clauses:
            inside = _blocks(file.value.body) if base else {}
            blocks = tuple(name for name, text in inside.items() if not _SUPER.search(text))
            if blocks or not base:
                override = Override(named[1], named[3], named[4], path, shared, blocks)
                hidden = _hidden(override, workspace.clauses[shared].value)
                yield replace(override, hidden="\n\n".join(hidden))


def _blocks(body: str) -> Mapping[str, str]:
    """Return the text of each block of a template."""
    blocks: dict[str, str] = {}
    open_blocks: list[tuple[str, int]] = []
    for mark in _BLOCK.finditer(body):
        if mark[1]:
            open_blocks.append((mark[1], mark.end()))
        elif open_blocks:
            name, start = open_blocks.pop()
            blocks[name] = body[start : mark.start()]
    return blocks


def _hidden(override: Override, shared: ClauseSource | None) -> tuple[str, ...]:
    """Return what an override hides of a shared clause, paragraph by paragraph."""
    if shared is None:
        return ()
    blocks = _blocks(shared.body) if override.blocks else {}
    texts = [blocks.get(name, "") for name in override.blocks] or [shared.title or "", shared.body]
    return paragraphs_of(_BLOCK.sub("", text) for text in texts)
