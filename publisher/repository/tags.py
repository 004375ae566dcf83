"""The tags of versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from publisher.errors import GitFailed, UnknownRevision
from publisher.repository.git import guarded, run
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
        git = guarded(self.repository.folder, options)
        git.update_environment(TZ="UTC")
        try:
            run(git, "verify-tag", "--", f"refs/tags/{self.name}")
        except GitFailed:
            return False
        return True


def tags(repository: Repository, prefix: str) -> Iterator[Tag]:
    """Yield the tags whose names begin with `prefix`."""
    command = "for-each-ref --format=%(refname:strip=2)%00%(objecttype)%00%(objectname)"
    output = run(repository.git, command, f"refs/tags/{prefix}")
    for line in output.splitlines():
        name, kind, id = line.split("\0")
        content = repository.object(id).decode("utf-8", "replace") if kind == "tag" else ""
        message = content.partition("\n\n")[2]
        try:
            commit = repository.resolve(f"refs/tags/{name}")
        except (GitFailed, UnknownRevision):
            continue  # it names no commit
        yield Tag(name, message, commit, "\n-----BEGIN SSH SIGNATURE-----\n" in message, repository)


def tag_ids(repository: Repository) -> str:
    """Return all tags, with the ids of their objects."""
    return run(repository.git, "for-each-ref --format=%(refname)%00%(objectname)", "refs/tags/")
