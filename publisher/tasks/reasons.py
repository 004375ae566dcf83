"""Why a change of files does not reach a policy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from publisher.model.policy import Policy
from publisher.model.source import Source, Unreadable

_CLAUSE = re.compile(r"shared/clauses/([^/]+)/(.+)\.md")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a policy says what it said, though the file at `path` has changed.

    ``overridden``: the brand has a clause of its own, `by`. ``locale``: the file is for another
    locale. ``absent``: the policy has no such clause. ``unused``: nothing of the policy is made
    from it. ``condition``: the policy is made from it, and what changed is said elsewhere, but
    under a condition that is not met here, or of facts that are not quoted here. ``no words``: what
    changed is said nowhere in it.
    """

    path: str
    why: Literal["overridden", "locale", "absent", "unused", "condition", "no words"]
    by: str | None = None


def reasons(policy: Policy, files: Iterable[str], spread: frozenset[str]) -> tuple[Reason, ...]:
    """Return the reasons, one for each changed file but those of other brands.

    `spread` are the files that reach any policy.
    """
    own = f"brands/{policy.brand.id}/"
    return tuple(
        _reason(policy, path, spread)
        for path in files
        if path.startswith(own) or not path.startswith("brands/")
    )


def _reason(policy: Policy, path: str, spread: frozenset[str]) -> Reason:
    if path in policy.files:
        return Reason(path, "condition" if path in spread else "no words")
    found = _CLAUSE.fullmatch(path)
    if found is None:
        return Reason(path, "unused")
    locale, id = found.groups()
    if locale != policy.locale:
        return Reason(path, "locale", locale)
    override = f"brands/{policy.brand.id}/clauses/{locale}/{id}.md"
    if any(clause.path == override for clause in policy.clauses):
        return Reason(path, "overridden", override)
    return Reason(path, "unused" if id.startswith("_") else "absent")


def changed_files(old: Source, new: Source) -> tuple[str, ...]:
    """Return the files of the company that two sources have otherwise, sorted."""
    paths = {path for source in (old, new) for path in _files(source)}
    return tuple(sorted(path for path in paths if _read(old, path) != _read(new, path)))


def _files(source: Source) -> Iterator[str]:
    waiting = ["brands", "shared"]
    while waiting:
        folder = waiting.pop()
        try:
            names = source.list(folder)
        except Unreadable:
            yield folder
            continue
        for name in names:
            path = f"{folder}/{name}"
            if name.endswith("/"):
                waiting.append(path.removesuffix("/"))
            else:
                yield path


def _read(source: Source, path: str) -> bytes | str | None:
    try:
        data = source.read(path)
    except Unreadable as fault:
        return fault.reason
    return None if data is None else data.replace(b"\r\n", b"\n")
