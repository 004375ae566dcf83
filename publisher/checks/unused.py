"""What is in the workspace and in no policy."""

from __future__ import annotations

from collections.abc import Iterator

from publisher.model.facts import UnconfirmedIds
from publisher.model.problem import Problem, warning
from publisher.model.workspace import Workspace


def unused_clauses(workspace: Workspace, used: frozenset[str]) -> Iterator[Problem]:
    """Yield a warning for each clause file that no policy reads; `used` are those read."""
    for path in workspace.clauses:
        if path not in used:
            part = path.rpartition("/")[2].startswith("_")
            mend = f"{'include it' if part else 'name it in shared/policy.yaml'}, or delete it"
            yield warning("unused", path, None, "is in no policy", mend)


def unused_entries(workspace: Workspace) -> Iterator[Problem]:
    """Yield a warning for each entry of a registry that no brand names."""
    for key, registry in (("processors", workspace.processors), ("retention", workspace.retention)):
        named: set[str] = set()
        for brand in workspace.brands.values():
            ids = getattr(brand.value, key, ())
            named.update(ids.value if isinstance(ids, UnconfirmedIds) else ids)
        for id in registry.value.root if registry.value else ():
            if id not in named:
                mend = f"name it under `{key}` in a brand.yaml, or delete it"
                line = registry.document.line((id,))
                yield warning("unused", registry.path, line, f"no brand names '{id}'", mend)
