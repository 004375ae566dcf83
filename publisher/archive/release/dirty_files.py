"""Uncommitted files that would change a brand's documents."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from publisher.errors import InvalidPolicy, NotFetched
from publisher.policy.tree import Policy
from publisher.repository.moment import not_checked_out
from publisher.repository.source import Source, Unreadable
from publisher.workspace import brands_in, parsed_brand
from publisher.workspace.names import brand_file

if TYPE_CHECKING:
    from publisher.render.style import Style

    _Inputs = dict[str | None, tuple[Policy | None, Style | None]]
    """The policy and the style of a brand's documents, by locale."""


def uncommitted(working: Source, head: Source, brand: str) -> tuple[str, ...]:
    """Return the uncommitted files, if they would change the brand's documents; none if not.

    Line ends do not count: git may check files out with those of Windows. Neither do the files of a
    sister that a sparse checkout leaves out.
    """
    files: set[str] = set()
    here = working
    working, head = _Unix(working), _Unix(head)
    if _inputs(working, brand, files) == _inputs(head, brand, files):
        return ()
    for source in (working, head):
        for folder in (f"brands/{brand}", *_clauses(source, brand)):
            files |= {f"{folder}/{name}" for name in _names(source, folder)}
    paths = sorted(path for path in files if _read(working, path) != _read(head, path))
    absent = not_checked_out(here, "brands") if paths else ()
    return tuple(p for p in paths if not p.startswith(tuple(f"brands/{id}/" for id in absent)))


class _Unix:
    """A source with the line ends of git."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def read(self, path: str) -> bytes | None:
        """Return the file with the line ends of Unix."""
        data = self.source.read(path)
        return None if data is None else data.replace(b"\r\n", b"\n")

    def list(self, folder: str) -> tuple[str, ...]:
        return self.source.list(folder)


def concerned(working: Source, head: Source, brands: Collection[str]) -> tuple[str, ...]:
    """Return those of `brands`, in the newest commit, that uncommitted files may change.

    It composes nothing, so a clean work tree takes no time. A brand's policies may quote the files
    of its sisters.
    """
    working, head = _Unix(working), _Unix(head)
    if not _same(working, head, "shared/"):
        return tuple(brands)
    clean = {brand for brand in brands if _same(working, head, f"brands/{brand}/")}
    if clean.issuperset(brands_in(head)):  # no brand.yaml has to be read for its sisters
        return ()
    return tuple(
        brand
        for brand in brands
        if brand not in clean or not _same(working, head, *_sisters(head, brand))
    )


def _sisters(head: Source, brand: str) -> tuple[str, ...]:
    """Return the files of sisters that the policies of a brand may read."""
    own = parsed_brand(head, brand).value
    return tuple(map(brand_file, own.sisters)) if own is not None else ()


def _same(working: Source, head: Source, *paths: str) -> bool:
    """Return whether two sources have the same files at paths, and below those that are folders."""
    for path in paths:
        try:
            if not path.endswith("/"):
                same = working.read(path) == head.read(path)
            else:
                names = _plain(working, path[:-1])
                same = names == _plain(head, path[:-1]) and _same(
                    working, head, *(path + name for name in names)
                )
        except (Unreadable, NotFetched):
            return False
        if not same:
            return False
    return True


def _plain(source: Source, folder: str) -> list[str]:
    """Return the names in a folder without hidden files, except those that may be clauses."""
    return [
        name
        for name in source.list(folder)
        if not name.startswith(".") or name.endswith(("/", ".md"))
    ]


def _inputs(source: Source, brand: str, files: set[str]) -> _Inputs | None:
    """Return the inputs of a brand's documents; None if the source does not have the brand.

    Adds to `files` the paths that were read.
    """
    if brand not in brands_in(source):
        return None
    from publisher.compose.brands import policies_at
    from publisher.render.style import paper_of, style_of

    policies = policies_at(source, (brand,))
    own = policies.workspace.brands[brand]
    try:
        style = style_of(source, own) if own.value is not None else None
    except InvalidPolicy:
        style = None
    inputs: _Inputs = {}
    for composed in policies.composed:
        policy = composed.policy
        files |= {problem.path for problem in composed.problems}
        files |= policy.files if policy is not None else frozenset()
        paper = paper_of(policies.workspace, brand, composed.locale or "")
        styled = style and style.on(paper)
        inputs[composed.locale] = policy and replace(policy, files=frozenset()), styled
    return inputs


def _clauses(source: Source, brand: str) -> list[str]:
    folder = f"brands/{brand}/clauses"
    return [f"{folder}/{name.removesuffix('/')}" for name in _names(source, folder, folders=True)]


def _names(source: Source, folder: str, *, folders: bool = False) -> tuple[str, ...]:
    try:
        return tuple(name for name in source.list(folder) if name.endswith("/") is folders)
    except Unreadable:
        return ()


def _read(source: Source, path: str) -> bytes | str | None:
    try:
        return source.read(path)
    except Unreadable as fault:
        return fault.reason
