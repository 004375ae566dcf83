"""What git can say of the archive: whether anything committed there was altered, ever."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from publisher.errors import GitFailed
from publisher.repository.reading import Repository
from publisher.repository.runner import run, unguarded

_STATUS = {"M": "altered", "D": "deleted", "T": "replaced by a link or a submodule"}
_HARMLESS = {"text": ("unset",)}
_ATTRIBUTES = ("text", "filter", "ident", "working-tree-encoding")


@dataclass(frozen=True, slots=True)
class Alteration:
    """A file that a commit altered, deleted or replaced: `what` says which."""

    commit: str
    path: str
    what: str

    @property
    def deleted(self) -> bool:
        """Whether the file was deleted."""
        return self.what == _STATUS["D"]


def altered(repository: Repository, commit: str, folder: str) -> Iterator[Alteration]:
    """Yield what commits up to `commit` did to files below a folder, other than to add them.

    A rename is a deletion. Merges are compared with each parent: else one that drops a file would
    go unseen (git-log, "History Simplification").
    """
    ids = run(
        repository.git, "rev-list", "--full-history", commit, "--", folder
    ).split()  # fmt: skip
    said = run(
        repository.git, "diff-tree", "--stdin", "-m", "-r", "-z", "--no-renames",
        "--diff-filter=MDT", "--raw", "--no-abbrev", "--", folder, lines=ids,
    )  # fmt: skip
    fields = iter(said.split("\0"))
    at = ""
    for field in fields:
        if field.startswith(":"):
            before, after, status = field.split()[2:5]
            path = _inside(repository, next(fields))
            if before != after or status == "T":  # else only its mode is another
                yield Alteration(at, path, _STATUS[status])
        elif field:
            at = field.strip()


def blobs(repository: Repository, commit: str, folder: str) -> dict[str, tuple[str, str]]:
    """Return mode and id of every file below a folder in a commit, by its workspace path."""
    said = run(
        repository.git, "ls-tree", "-r", "-z", "--full-tree", commit, "--",
        f"{repository.prefix}/{folder}".lstrip("/"),
    )  # fmt: skip
    found = {}
    for line in filter(None, said.split("\0")):
        about, _, path = line.partition("\t")
        mode, _, id = about.split()
        found[_inside(repository, path)] = (mode, id)
    return found


def folders(repository: Repository, commit: str, folder: str) -> tuple[str, ...]:
    """Return the names of the folders in a folder of the workspace, in a commit."""
    said = run(
        repository.git, "ls-tree", "-d", "-z", "--full-tree", "--name-only", commit, "--",
        f"{repository.prefix}/{folder}/".lstrip("/"),
    )  # fmt: skip
    return tuple(path.rpartition("/")[2] for path in filter(None, said.split("\0")))


def missing(repository: Repository, ids: Iterable[str]) -> frozenset[str]:
    """Return those of `ids` that are no commits of this repository."""
    asked = sorted(set(ids))
    if not asked:
        return frozenset()
    said = run(repository.git, "cat-file", "--batch-check=%(objecttype)", lines=asked)
    return frozenset(
        id for id, answer in zip(asked, said.splitlines(), strict=True) if answer != "commit"
    )


def branch(repository: Repository) -> str | None:
    """Return the name of the branch that is checked out; None for a detached HEAD."""
    name = run(repository.git, "rev-parse", "--symbolic-full-name", "HEAD").strip()
    return name.removeprefix("refs/heads/") if name != "HEAD" else None


def filtered(repository: Repository, paths: Sequence[str]) -> str | None:
    """Return what would make git store or check out files as other bytes, or not at all.

    That is an attribute, as gitattributes(5) knows them, or a line of a ``.gitignore``.
    """
    git = unguarded(repository.folder)
    said = run(git, "check-attr", "-z", *_ATTRIBUTES, "--", *paths).split("\0")
    for path, attribute, value in zip(said[::3], said[1::3], said[2::3], strict=False):
        if value not in _HARMLESS.get(attribute, ("unset", "unspecified")):
            return f"git's attribute '{attribute}' is {value} for {path}"
    try:
        ignored = run(git, "check-ignore", "--no-index", "--", *paths).splitlines()
    except GitFailed:
        return None  # which git tells by its status: it ignores none
    why = run(git, "check-ignore", "--no-index", "--verbose", "--", ignored[0])
    rule, _, path = why.splitlines()[0].partition("\t")
    return f"git ignores {path} ({rule})"


def _inside(repository: Repository, path: str) -> str:
    return path.removeprefix(f"{repository.prefix}/") if repository.prefix else path
