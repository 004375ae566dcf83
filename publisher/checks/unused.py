"""What is in the workspace and in no policy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from publisher.problem import Problem, error, warning
from publisher.workspace.facts import UnconfirmedIds
from publisher.workspace.parsed import ClauseSource, Parsed, Workspace

_SHARED = re.compile(r"shared/clauses/([^/]+)/([^/_][^/]*)\.md")


def unused_clauses(workspace: Workspace, used: frozenset[str]) -> Iterator[Problem]:
    """Yield a warning for each clause file that no policy reads; `used` are those read."""
    for path in workspace.clauses:
        if path not in used:
            part = path.rpartition("/")[2].startswith("_")
            fix = f"{'include it' if part else 'name it in shared/policy.yaml'}, or delete it"
            yield warning("unused", path, None, "is in no policy", fix)


def unordered_clauses(workspace: Workspace, brands: Iterable[str]) -> Iterator[Problem]:
    """Yield an error for each shared clause that `brands` could show, and no brand does.

    It is in no order, neither the shared one nor a brand's, and no other clause extends it.
    `workspace` has all brands; as one whose file has errors may place any clause, nothing is
    yielded then.
    """
    files = workspace.brands.values()
    if workspace.outline.value is None or any(brand.value is None for brand in files):
        return
    placed = {place.clause for brand in files for place in brand.content.clauses.place}
    order = {*workspace.outline.value.order, *placed}
    spoken = {locale for name in brands for locale in workspace.brands[name].content.locales}
    for path in workspace.clauses:
        clause = _SHARED.fullmatch(path)
        if clause is None or clause[1] not in spoken or clause[2] in order:
            continue
        if not any(_reads(other, path) for other in workspace.clauses.values()):
            message = "is in no order of clauses, so that no policy shows it"
            fix = f"name it in {workspace.outline.path}, place it in a brand.yaml, or delete it"
            yield error("unused", path, None, message, fix)


def _reads(other: Parsed[ClauseSource], path: str) -> bool:
    """Return whether a clause extends the shared clause at `path`."""
    _, _, locale, name = path.split("/")
    here = f"/clauses/{locale}/" in other.path and other.path != path
    return here and other.value is not None and f"shared/{name}" in other.value.body


def unused_entries(workspace: Workspace) -> Iterator[Problem]:
    """Yield a warning for each entry of a registry that no brand names."""
    for key, registry in (
        ("processors", workspace.processors),
        ("retention", workspace.retention),
        ("purposes", workspace.purposes),
    ):
        named: set[str] = set()
        for brand in workspace.brands.values():
            ids = getattr(brand.value, key, ())
            named.update(ids.value if isinstance(ids, UnconfirmedIds) else ids)
        for id in registry.value.root if registry.value else ():
            if id not in named:
                fix = f"name it under `{key}` in a brand.yaml, or delete it"
                line = registry.document.line((id,))
                yield warning("unused", registry.path, line, f"no brand names '{id}'", fix)
