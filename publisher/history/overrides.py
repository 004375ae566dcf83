"""Overrides, and what has changed in the clauses that they override since somebody looked at both.

A brand's clause stands for the shared one of its id, or for some of its blocks: what it hides there
can change unseen. It counts as reviewed at the newest commit, on the first-parent line, that
changed its file, or that has, or brings, the trailer ``Reviewed: PATH``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from publisher.compose.references import extended
from publisher.history.age import day_of
from publisher.history.places import tree_at
from publisher.policy.tree import BrandName, Clause, Controller, Paragraph, Policy, Text
from publisher.redline import redline
from publisher.redline.values import Redline
from publisher.repository.commit_remarks import reviews_at
from publisher.repository.commits import Commit, signature, stamp
from publisher.repository.folder_history import ids
from publisher.repository.moment import Moment
from publisher.repository.reading import Repository
from publisher.repository.source import Source, Unreadable
from publisher.workspace.load import parse_clause
from publisher.workspace.parsed import ClauseSource, Workspace

_PATH = re.compile(r"brands/([^/]+)/(clauses/([^/]+)/([^/_][^/]*)\.md)")
_BLOCK = re.compile(r"\{%[-+]?\s*(?:block\s+(\w+)|endblock)\b.*?%\}")
_ALL = -1
_SUPER = re.compile(r"\bsuper\s*\(")


@dataclass(frozen=True, slots=True)
class Seen:
    """A commit, the day on which it was made, in the brand's time zone, and its subject.

    A change that is not committed has none of them.
    """

    commit: str = ""
    day: date | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Override:
    """A brand's clause that stands for `shared`, whole, or for those of its `blocks`.

    `hidden` is what the shared clause says there today. `reviewed` is the commit at which somebody
    looked at both; None for one that is not committed as it is. `changed` is the newest commit
    after it that changed what is hidden, and `redline` shows what has changed of that; they are
    None where nothing has.
    """

    brand: str
    locale: str
    clause: str
    path: str
    shared: str
    blocks: tuple[str, ...]
    hidden: str = ""
    reviewed: Seen | None = None
    changed: Seen | None = None
    redline: Redline | None = None

    @property
    def behind(self) -> bool:
        """Whether something has changed that the override hides."""
        return self.changed is not None


def overrides(moment: Moment, workspace: Workspace) -> tuple[Override, ...]:
    """Return the overrides of the brands of a workspace, by path, with what has changed since.

    Without commits, nobody knows of a change. Raises `GitFailed`.
    """
    listed = tuple(_overrides(workspace))
    if not listed or moment.repository is None or moment.commit is None:
        return listed
    line = _Line(moment.repository, moment.commit, moment.source)
    return tuple(line.compared(override, _zone(workspace, override)) for override in listed)


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
    """Return what stands in each block of a template."""
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
    bare = (_BLOCK.sub("", text) for text in texts)
    parts = (part for text in bare for part in re.split(r"\n\s*\n|\n(?=\s*[-*] )", text))
    return tuple(filter(None, (" ".join(part.split()) for part in parts)))


class _Line:
    """The first-parent line from `head` back, as far as it matters for overrides.

    `places` say how far back a commit is, and `touching` which commits changed a file; `source` has
    the files as they are now.
    """

    def __init__(self, repository: Repository, head: str, source: Source) -> None:
        self.repository = repository
        self.head = tree_at(repository, head)
        self.source = source
        self.places = {id: at for at, id in enumerate(repository.line(head))}
        self.reviews = reviews_at(repository, head)
        self.touching: dict[str, list[Commit]] = defaultdict(list)
        touching = repository.touching(head, ("brands", "shared/clauses"), _ALL)
        for commit in repository.commits(touching, repository.remarks(head).on):
            for path in commit.changed:
                self.touching[path].append(commit)

    def compared(self, override: Override, zone: str) -> Override:
        """Return an override with what has changed since it was reviewed, if anything has."""
        if _read(self.source, override.path) != _read(self.head, override.path):
            return override
        reviewed = min(self.reviewed(override.path), key=self.places.__getitem__, default=None)
        if reviewed is None:
            return override
        override = replace(override, reviewed=self.seen(reviewed, zone))
        before = self.hidden(override, tree_at(self.repository, reviewed))
        after = self.hidden(override, self.source)
        changed = self.changed(override, self.places[reviewed])
        if after != self.hidden(override, self.head):
            newest: Seen | None = Seen()
        else:
            newest = self.seen(changed, zone) if changed is not None else None
        if newest is None or before == after:
            return override
        sides = (_policy(override, side) for side in (before, after))
        return replace(override, changed=newest, redline=redline(*sides))

    def reviewed(self, path: str, before: int = -1) -> Iterator[str]:
        """Yield commits at which somebody looked at a file, whatever brand it belonged to then.

        They are those further back than `before`.
        """
        yield from (id for id in self.reviews.get(path, ()) if self.places[id] > before)
        older = (commit for commit in self.touching[path] if self.places[commit.id] > before)
        newest = next(older, None)
        if newest is not None:
            former = self.former(newest, path)
            at = self.places[newest.id]
            yield from self.reviewed(former, at) if former is not None else (newest.id,)

    def former(self, commit: Commit, path: str) -> str | None:
        """Return where a file lay before a commit that only moved it to another brand."""
        name = path.partition("/clauses/")[2]
        others = [p for p in commit.changed if p != path and p.endswith(f"/clauses/{name}")]
        if not others or commit.parent is None:
            return None
        known = ids(self.repository, (commit.parent, commit.id), (path, *others))
        blob = known.get((commit.id, path))
        if blob is None or (commit.parent, path) in known:
            return None
        removed = (p for p in others if (commit.id, p) not in known)
        return next((p for p in removed if known.get((commit.parent, p)) == blob), None)

    def changed(self, override: Override, since: int) -> str | None:
        """Return the newest commit after a place that changed what is hidden, but for editorial."""
        for commit in self.touching[override.shared]:
            if self.places[commit.id] >= since:
                return None
            if not commit.editorial and commit.parent is not None:
                sources = (tree_at(self.repository, id) for id in (commit.parent, commit.id))
                before, after = (self.hidden(override, source) for source in sources)
                if before != after:
                    return commit.id
        return None

    def hidden(self, override: Override, source: Source) -> tuple[str, ...]:
        """Return what an override hides of the shared clause that a source has."""
        data = _read(source, override.shared)
        return _hidden(override, parse_clause(override.shared, data)[0] if data else None)

    def seen(self, id: str, zone: str) -> Seen:
        """Return a commit as people know it."""
        content = self.repository.object(id)
        commit = Commit(id, None, frozenset(), stamp(content))
        return Seen(id, day_of(commit, zone), signature(content).subject)


def _read(source: Source, path: str) -> bytes | None:
    try:
        return source.read(path)
    except Unreadable:
        return None


def _policy(override: Override, paragraphs: tuple[str, ...]) -> Policy:
    """Return what is hidden as a policy of one clause, to be compared."""
    blocks = tuple(Paragraph((Text(text),)) for text in paragraphs)
    clause = Clause(override.clause, override.clause, blocks, (), (), override.shared)
    brand = BrandName(override.brand, override.brand, "")
    none = Controller("", ())
    return Policy(brand, override.locale, "", none, (clause,), (), frozenset())
