"""Which changes of the work tree would reach a brand's documents if they were committed."""

from __future__ import annotations

from dataclasses import replace

from publisher.compose.brands import compose_all, load_brands
from publisher.errors import InvalidPolicy, NotFetched
from publisher.policy.tree import Policy
from publisher.render.style import Style, style_of
from publisher.repository.source import Source, Unreadable
from publisher.workspace import brands_in
from publisher.workspace.parsed import brand_file

Said = dict[str | None, tuple[Policy | None, Style | None]]


def uncommitted(working: Source, head: Source, brand: str) -> tuple[str, ...]:
    """Return the files in which the work tree differs, if the brand's documents would differ, too.

    Line ends do not count: git may check files out with those of Windows.

    Empty if nothing that is uncommitted reaches them.
    """
    files: set[str] = set()
    working, head = _Unix(working), _Unix(head)
    if _said(working, brand, files) == _said(head, brand, files):
        return ()
    for source in (working, head):
        for folder in (f"brands/{brand}", *_clauses(source, brand)):
            files |= {f"{folder}/{name}" for name in _names(source, folder)}
    return tuple(sorted(path for path in files if _read(working, path) != _read(head, path)))


class _Unix:
    """A source, with the line ends that git has."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def read(self, path: str) -> bytes | None:
        data = self.source.read(path)
        return None if data is None else data.replace(b"\r\n", b"\n")

    def list(self, folder: str) -> tuple[str, ...]:
        return self.source.list(folder)


def concerned(working: Source, head: Source) -> tuple[str, ...]:
    """Return the brands of the newest commit that what is uncommitted may reach.

    It is asked first: where nothing lies that the commit does not have, nothing need be composed.
    """
    working, head = _Unix(working), _Unix(head)
    brands = brands_in(head)
    common = ("shared/", *map(brand_file, brands))
    if _plain(working, "brands") != _plain(head, "brands") or not _same(working, head, *common):
        return brands
    return tuple(brand for brand in brands if not _same(working, head, f"brands/{brand}/"))


def _same(working: Source, head: Source, *paths: str) -> bool:
    """Return whether two sources have the same at some paths, and below the folders among them."""
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
    """Return the names in a folder but for hidden files that no clause can be."""
    return [
        name
        for name in source.list(folder)
        if not name.startswith(".") or name.endswith(("/", ".md"))
    ]


def _said(source: Source, brand: str, files: set[str]) -> Said | None:
    """Return what a brand's documents are made of, by locale; None where there is no such brand.

    Notes in `files` what was looked up.
    """
    if brand not in brands_in(source):
        return None
    workspace = load_brands(source, (brand,))
    own = workspace.brands[brand]
    try:
        style = style_of(source, own) if own.value is not None else None
    except InvalidPolicy:
        style = None
    said: Said = {}
    for each in compose_all(workspace):
        files |= each.policy.files if each.policy is not None else frozenset()
        files |= {problem.path for problem in each.problems}
        said[each.locale] = each.policy and replace(each.policy, files=frozenset()), style
    return said


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
