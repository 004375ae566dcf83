"""The objects of a repository, by their ids: one process serves a few, another one many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from publisher.errors import GitFailed
from publisher.repository.git import ask, own_environment, run
from publisher.repository.headers import Difference, parents, time_of, tree_of

if TYPE_CHECKING:
    from publisher.repository.git import Git

SERVED = 32
"""Up to this many objects are read one by one; for more, a separate process is faster."""
_NOTHING = "0" * 40


class ObjectReader:
    """Reads the objects of a repository through `git`, from several threads."""

    def __init__(self, git: Git) -> None:
        self.git = git
        self._serving = Lock()
        self._ahead = _Ahead()
        self._kept: dict[str, bytes] = {}
        self.object = lru_cache(maxsize=4096)(self._object)
        self.expect = self._ahead.expect

    def close(self) -> None:
        """End the processes that serve objects."""
        self.git.clear_cache()

    def time(self, commit: str) -> int | None:
        """Return when a commit, given by its id, was committed, in seconds since 1970 UTC."""
        return time_of(self.object(commit))

    def tree(self, commit: str) -> str:
        """Return the id of the tree of a commit, given by its id."""
        tree = tree_of(self.object(commit))
        if tree is None:
            raise GitFailed(f"{commit} is not a commit")
        return tree

    def _object(self, id: str) -> bytes:
        """Return the content of a commit, tree or blob."""
        ahead = self._ahead.take(id, self.objects)
        return ahead if ahead is not None else self.served(id)[1]

    def served(self, id: str) -> tuple[str, bytes, str]:
        """Return the kind, the content and the id of an object.

        It may have a name, such as ``HEAD``, for its current object. One process serves all.
        """
        try:
            with self._serving, nullcontext() if self.git.cat_file_all else own_environment():
                answer: tuple[Any, ...] = self.git.get_object_data(id)
        except (ValueError, BrokenPipeError) as fault:  # others are no fault of the repository
            if not str(fault).endswith("missing'"):  # it has ended: the next one asks another
                self.git.clear_cache()
            raise _no_object(id) from None
        name, kind, _, content = answer
        return bytes(kind).decode(), bytes(content), bytes(name).decode()

    def kinds(self, ids: Sequence[str]) -> list[str]:
        """Return the kinds of objects, in order, such as ``commit``; "missing" without one."""
        if len(ids) <= SERVED:
            with suppress(GitFailed):
                return [self.served(id)[0] for id in ids]
        output = run(self.git, "cat-file --batch-check=%(objecttype)", lines=ids)
        return [line.rpartition(" ")[2] for line in output.splitlines()]

    def kept_objects(self, ids: Sequence[str]) -> Iterator[bytes]:
        """Yield the content of many small objects, in order, most of which are needed again."""
        new = [id for id in ids if id not in self._kept]
        self._kept |= zip(new, self.objects(new), strict=True)
        return map(self._kept.__getitem__, ids)

    def objects(self, ids: Sequence[str]) -> Iterator[bytes]:
        """Yield the content of many objects, in order."""
        if len(ids) <= SERVED:
            with suppress(GitFailed):  # or the reason is named below
                yield from [self.served(id)[1] for id in ids]
                return
        output = ask(self.git, "cat-file --batch", lines=ids)
        at = 0
        for id in ids:
            end = output.index(b"\n", at)
            header = output[at:end].split()
            if len(header) != 3:
                raise _no_object(id)
            at = end + 1 + int(header[2]) + 1
            yield output[end + 1 : at - 1]


class _Ahead:
    """Objects that will be asked for in about that order: git gives out many at a time.

    If most of them are not needed, as in a repository of many brands, it stops.
    """

    def __init__(self) -> None:
        self.expect(())

    def expect(self, ids: Iterable[str]) -> None:
        """Have these objects read ahead, in place of those before."""
        self._ids = tuple(dict.fromkeys(ids))
        self._at = {id: at for at, id in enumerate(self._ids)}
        self._read: dict[str, bytes] = {}
        self._start = 0
        self._size = 16

    def take(self, id: str, objects: Callable[[Sequence[str]], Iterator[bytes]]) -> bytes | None:
        """Return an object, and read some after it by `objects`; None if it is not among them."""
        at = self._at.get(id)
        if at is not None and at < self._start:
            return None  # objects that are requested together come in any order
        if at is not None and id not in self._read:
            if len(self._read) > self._size // 4:  # half of what was read last
                self._at.clear()
                return None
            self._start = at
            wanted = self._ids[at : at + self._size]
            for other in wanted:
                self._at.pop(other, None)
            self._size = min(2 * self._size, 512)
            try:
                self._read = dict(zip(wanted, objects(wanted), strict=True))
            except GitFailed:
                self._at.clear()  # one of them is missing: its own request reports that
        return self._read.pop(id, None)


def before(
    commits: Mapping[str, bytes],
    trees: Mapping[str, str | None],
    changed: Mapping[str, Sequence[Difference]],
    folders: Sequence[str],
) -> Iterator[str]:
    """Yield the ids of the content that each commit changed in some folders, and its parent.

    Composing a policy before the commit reads these, and a search after it has not read them yet.
    """
    inside = tuple(f"{folder}/" for folder in folders)
    for id, content in commits.items():
        parent = parents(content)[:1]
        yield from parent
        yield from (str(trees[id]) for id in parent)
        for change in changed.get(id, ()):
            if change.path.startswith(inside) or change.path in folders:
                yield from [change.before] if change.before != _NOTHING else ()


def _no_object(id: str) -> GitFailed:
    return GitFailed(
        f"git has no object {id}; run `git fsck`, or, if this clone is partial, "
        "`git fetch --refetch --no-filter`"
    )
