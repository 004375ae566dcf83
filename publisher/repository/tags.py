"""The tags of versions."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from publisher.errors import GitFailed, UnknownRevision
from publisher.repository.git import run, run_lines
from publisher.repository.reading import Repository


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag: its name, its message, the commit that it names, and whether it is signed."""

    name: str
    message: str
    commit: str
    signed: bool
    repository: Repository = field(repr=False)

    def verifies(self, allowed_signers: Path) -> bool:
        """Return whether one of those in a file has signed it (gitformat-signature).

        The file's times are in UTC.
        """
        options = ["gpg.format=ssh", f"gpg.ssh.allowedSignersFile={allowed_signers.resolve()}"]
        git = self.repository.runner(options)
        git.update_environment(TZ="UTC")
        try:
            run(git, "verify-tag", "--", f"refs/tags/{self.name}")
        except GitFailed:
            return False
        return True


class Tags:
    """The tags of a repository, or those whose names begin with `prefix`: git lists them once."""

    def __init__(self, repository: Repository, prefix: str = "") -> None:
        self.repository = repository
        form = "%00".join(
            ("%(refname:strip=2)", "%(objectname)", "%(objecttype)", "%(*objectname)")
        )
        command = f"for-each-ref --format={form}%00%(*objecttype)"
        listed = run_lines(repository.git, command, f"refs/tags/{prefix}")
        self._refs = sorted(tuple(line.split("\0")) for line in listed)

    def of(self, prefix: str) -> Iterator[Tag]:
        """Yield the tags whose names begin with `prefix`."""
        for at in range(bisect_left(self._refs, (prefix,)), len(self._refs)):
            name, id, kind, *named = self._refs[at]
            if not name.startswith(prefix):
                return
            content = self.repository.object(id).decode("utf-8", "replace") if kind == "tag" else ""
            message = content.partition("\n\n")[2]
            commit = self._commit(name, [id, kind] if kind == "commit" else named)
            if commit is not None:
                signed = "\n-----BEGIN SSH SIGNATURE-----\n" in message
                yield Tag(name, message, commit, signed, self.repository)

    def _commit(self, name: str, named: Sequence[str]) -> str | None:
        """Return the commit that a tag names, directly or through other tags; None without one."""
        id, kind = named
        if kind == "commit":
            return id
        try:
            return self.repository.resolve(f"refs/tags/{name}")
        except (GitFailed, UnknownRevision):
            return None


def tags(repository: Repository, prefix: str) -> Iterator[Tag]:
    """Yield the tags whose names begin with `prefix`."""
    yield from Tags(repository, prefix).of(prefix)


def tag_ids(repository: Repository) -> str:
    """Return all tags, with the ids of their objects."""
    return run(repository.git, "for-each-ref --format=%(refname)%00%(objectname)", "refs/tags/")
