"""Content of the workspace that is in no policy."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from itertools import chain

from publisher.problem import Problem, error, warning
from publisher.repository.source import Source, Unreadable
from publisher.workspace.facts import UnconfirmedIds
from publisher.workspace.parsed import ClauseSource, Parsed, Workspace

_SHARED = re.compile(r"shared/clauses/([^/]+)/([^/_][^/]*)\.md")
_KNOWN = {
    "shared": re.compile(
        r"(accepted|company|mail|policy|processors|purposes|retention|rights)\.yaml|allowed_signers"
        r"|timestamp_authorities\.pem|(clauses|companies|labels|notices|schemas)/"
    ),
    "shared/notices": re.compile(r".*\.(md|yaml)"),
    "brands": re.compile(r"brand\.yaml|logo\.svg|theme\.css|clauses/"),
}
"""The allowed content of brands' folders and shared ones; another rule refuses some of it."""
_NOTES = re.compile(r"\..*|readme.*", re.IGNORECASE)


def strange_files(source: Source, workspace: Workspace) -> Iterator[Problem]:
    """Yield a warning for each file beside the clauses that is part of no policy."""
    folders: dict[str, tuple[str | None, ...]] = {"shared": (), "shared/notices": ()}
    for brand, file in workspace.brands.items():
        if file.value is not None:  # which names its logos
            folders[f"brands/{brand}"] = (file.value.theme.logo, file.value.theme.logo_dark)
    for folder, logos in folders.items():
        known = _KNOWN.get(folder) or _KNOWN["brands"]
        names: tuple[str, ...] = ()
        with suppress(Unreadable):
            names = source.list(folder)
        for name in names:
            if not (known.fullmatch(name) or _NOTES.fullmatch(name) or name in logos):
                message = "is nothing that policies are made from"
                fix = "move it out of the folder, or delete it"
                yield warning("stray-file", f"{folder}/{name}", None, message, fix)


def unused_clauses(workspace: Workspace, used: frozenset[str]) -> Iterator[Problem]:
    """Yield a warning for each file of clauses or labels that no policy reads.

    `used` are those read.
    """
    for file in workspace.texts.values():
        if file.path not in used:
            fix = "add the language to the `locales` of a brand, or delete the file"
            yield warning("unused", file.path, 1, "no policy is in this language", fix)
    for path in workspace.clauses:
        if path not in used:
            part = path.rpartition("/")[2].startswith("_")
            fix = f"{'include it' if part else 'name it in shared/policy.yaml'}, or delete it"
            yield warning("unused", path, None, "is in no policy", fix)


def unordered_among(
    shared: Workspace, spoken: Collection[str], brands: Iterable[Workspace]
) -> Iterator[Problem]:
    """Yield an error for each shared clause in a `spoken` locale that no brand shows.

    It is in no order, neither the shared one nor a brand's, and no other clause extends it. All
    `brands` are searched, one by one, as far as needed. A brand whose file has errors may place any
    clause, so nothing is yielded then.
    """
    if shared.outline.value is None:
        return
    named = ((path, _SHARED.fullmatch(path)) for path in shared.clauses)
    left = {path: clause[2] for path, clause in named if clause and clause[1] in spoken}
    left = {path: id for path, id in left.items() if id not in shared.outline.value.order}
    for workspace in chain((shared,), brands if left else ()):
        if not left:
            return
        files = workspace.brands.values()
        if any(brand.value is None for brand in files):
            return
        placed = {place.clause for brand in files for place in brand.content.clauses.place}
        clauses = workspace.clauses.values()
        for path in [path for path, id in left.items() if id in placed]:
            del left[path]
        for path in [path for path in left if any(_reads(other, path) for other in clauses)]:
            del left[path]
    for path in left:
        message = "is in no list of clauses, so no policy shows it"
        fix = f"name it in {shared.outline.path}, place it in a brand.yaml, or delete it"
        yield error("unused", path, None, message, fix)


def _reads(other: Parsed[ClauseSource], path: str) -> bool:
    """Return whether a clause extends the shared clause at `path`."""
    _, _, locale, name = path.split("/")
    here = f"/clauses/{locale}/" in other.path and other.path != path
    return here and other.value is not None and f"shared/{name}" in other.value.body


def unused_entries(workspace: Workspace) -> Iterator[Problem]:
    """Yield a warning for each entry of a registry, and each company, that no brand names."""
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
    controllers = {brand.value.controller for brand in workspace.brands.values() if brand.value}
    for id, file in workspace.companies.items():
        if id not in controllers:
            fix = f"write `controller: {id}` in a brand.yaml, or delete it"
            yield warning("unused", file.path, None, "is the controller of no brand", fix)
