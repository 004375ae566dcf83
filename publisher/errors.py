"""The exceptions: faults that stop the work.

Everything that a user can fix in the workspace is a `publisher.problem.Problem`, a value. An
exception ends a command; its message says what is wrong and what to do now, and `exit_code` is the
exit code of the command:

| code | meaning |
| --- | --- |
| 1 | the workspace has errors |
| 2 | asked wrongly |
| 3 | the archive does not verify |
| 4 | the environment failed |
"""

from __future__ import annotations

import signal
from collections.abc import Iterable
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publisher.problem import Problem

FAULTY = 70
"""The exit code after a fault of our own: EX_SOFTWARE of sysexits.h."""
_ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
ENDING = tuple(getattr(signal, name) for name in _ENDING if hasattr(signal, name))
"""The signals that end a command, with its processes and unfinished files: ^C, and others."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for the known name nearest to `word`, or nothing."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else ""


class PublisherError(Exception):
    """A fault that stops a command; `str()` is the message for the user."""

    exit_code = 4


class AskedWrongly(PublisherError):
    """The command line names something unknown."""

    exit_code = 2


class NotAWorkspace(AskedWrongly):
    """Neither this folder nor one above it has both ``brands/`` and ``shared/``."""

    def __init__(self, folder: str) -> None:
        super().__init__(
            f"{folder} is not in a workspace: no folder upwards has both brands/ and shared/; "
            "change to the workspace or name it with --workspace DIR, or make one with "
            "`publisher init DIR`"
        )


_NAMED = 40
"""Known names that a message lists, at most."""


class UnknownName(AskedWrongly):
    """A brand, locale or format that the workspace does not have."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
        named = f"known: {', '.join(known[:_NAMED]) or 'none'}{more}"
        hint = did_you_mean(name, known) or named
        super().__init__(f"unknown {kind} '{name}'; {hint}")


class NotADocument(AskedWrongly):
    """A file whose text cannot be read: another format than its name says, locked, or too large.

    `genuine` says whether it is a document anyway, which an archive can keep as it is.
    """

    def __init__(self, name: str, reason: str, fix: str, *, genuine: bool = False) -> None:
        self.name, self.reason, self.fix, self.genuine = name, reason, fix, genuine
        super().__init__(f"{name} {reason}; {fix}")

    def __reduce__(self) -> tuple[object, ...]:
        return partial(NotADocument, genuine=self.genuine), (self.name, self.reason, self.fix)


class NeverReleased(AskedWrongly):
    """A brand without a version in the archive."""

    def __init__(self, brand: str, released: Iterable[str]) -> None:
        released = sorted({*released} - {brand})  # a folder without entries is no version
        hint = did_you_mean(brand, released) or (
            f"brands with one: {', '.join(released)}"
            if released
            else "`publisher release` releases"
        )
        super().__init__(f"'{brand}' has no released version; {hint}")


class UnknownRevision(AskedWrongly):
    """Git does not know this name, or it is ambiguous."""

    def __init__(self, revision: str, reason: str, hint: str = "") -> None:
        self.reason = reason
        hint = hint or "name a commit, a tag or a branch (`git log --oneline` lists the commits)"
        super().__init__(f"'{revision}' {reason}; {hint}")


class ReleasedElsewhere(PublisherError):
    """A brand whose released versions another branch, or a tag, has, and the work tree has not."""

    def __init__(self, brand: str, reference: str) -> None:
        super().__init__(
            f"the work tree has no version of '{brand}', and {reference} has released versions of "
            f"it. Run `git merge {reference}`, or ask in a work tree of {reference}"
        )


class NotInForce(AskedWrongly):
    """No document answers the question exactly; the message names the nearest ones."""

    def __init__(self, message: str) -> None:
        super().__init__(f"{message}. Nothing was written")


class InvalidPolicy(PublisherError):
    """A policy cannot be composed: `problems` has every reason.

    `files` are the paths that were looked up before that, whether they exist or not.
    """

    exit_code = 1

    def __init__(self, problems: tuple[Problem, ...], files: frozenset[str] = frozenset()) -> None:
        self.problems = problems
        self.files = files
        super().__init__("\n".join(str(problem) for problem in problems))

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return InvalidPolicy, (self.problems, self.files)


class GitFailed(PublisherError):
    """Git could not answer."""


class ShallowClone(GitFailed):
    """The clone does not have the history that dating needs."""

    def __init__(self) -> None:
        super().__init__(
            "this clone is shallow: the commits that date the policies are missing; "
            "run `git fetch --unshallow`, then try again"
        )


class NotCheckedOut(PublisherError):
    """A brand, its archive, or a file that a sparse checkout leaves out.

    `command` checks it out.
    """

    def __init__(self, what: str, command: str) -> None:
        self.what, self.command = what, command
        super().__init__(
            f"{what} checked out here, as the checkout is sparse; run `{command}`, then try again"
        )

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return NotCheckedOut, (self.what, self.command)


class NotFetched(PublisherError):
    """A file is only Git LFS's pointer to its content (Git LFS, specification 1)."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path} is a Git LFS pointer, not the file itself; run `git lfs pull`, and "
            "keep policies out of LFS: git could not tell when their words changed"
        )


class LibraryMissing(PublisherError):
    """A library that a command needs cannot be loaded; `fix` says what to do."""

    def __init__(self, library: str, reason: str, fix: str = "run `publisher doctor`") -> None:
        self.library, self.reason, self.fix = library, reason, fix
        super().__init__(f"{library} cannot be loaded: {reason}; {fix}")

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return LibraryMissing, (self.library, self.reason, self.fix)


class UnusableZone(PublisherError):
    """This machine's time zone, as the variable TZ or /etc/localtime has it, cannot be read."""

    def __init__(self, fault: Exception) -> None:
        super().__init__(
            f"this machine's time zone cannot be used: {str(fault).rstrip('.')}. Set the variable "
            "TZ to a zone such as Europe/Brussels"
        )


class SchedulerFailed(PublisherError):
    """A scheduler, or its workers, cannot do the work; `build` keeps what it has made."""


class ArchiveDamaged(PublisherError):
    """A file in the archive differs from the file that was released; `fix` says what to do."""

    exit_code = 3

    def __init__(
        self,
        what: str,
        fix: str = "run `publisher verify`, which lists all faults, and restore the altered files "
        "from git or from another clone",
    ) -> None:
        self.what, self.fix = what, fix
        super().__init__(f"{what}. The archive was altered: {fix}")

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.what, self.fix)


class ArchiveMissing(ArchiveDamaged):
    """A brand's archive that a commit has, and the work tree has not."""


class NewerArchive(PublisherError):
    """An entry of a newer publisher, which may change the meaning of all other entries."""

    def __init__(self, path: str, unknown: str) -> None:
        super().__init__(
            f"{path} was written by a newer version of publisher ({unknown}). Update it"
        )


class Redacted(AskedWrongly):
    """A file that was removed from the archive."""

    def __init__(self, path: str, entry: str, reason: str, authority: str) -> None:
        self.entry = entry
        super().__init__(
            f"{path} was redacted by {entry}, by authority of {authority}: {reason}. Its SHA-256 "
            "stays in SHA256SUMS; its bytes are gone. Nothing was written"
        )


class Refused(PublisherError):
    """A release, or another entry, would be wrong; nothing was written."""

    exit_code = 2

    def __init__(self, message: str, exit_code: int = 2) -> None:
        self.exit_code = exit_code
        super().__init__(f"{message}. Nothing was written")


class ArchiveLocked(PublisherError):
    """Another process appends to the archive."""

    def __init__(self, holder: str) -> None:
        self.holder = holder
        super().__init__(
            f"another command is appending to the archive: {holder}; wait until it is done, then "
            "try again. Nothing was written"
        )


class CannotArchive(PublisherError):
    """The archive cannot be written to."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"cannot write {path}: {reason}; the archive is unchanged. Free some space, or fix "
            "the permissions, then try again"
        )


class NotDeleted(PublisherError):
    """A redaction was recorded, but its file could not be deleted."""

    def __init__(self, entry: str, path: str, reason: str, command: str) -> None:
        super().__init__(
            f"{entry} is recorded, but {path} could not be deleted: {reason}. Fix that and delete "
            f"it, or let the next command that appends to the archive do it; then run `{command}`"
        )


class CommitFailed(PublisherError):
    """An entry was recorded, but git did not commit it."""

    def __init__(self, entry: str, reason: str, command: str) -> None:
        super().__init__(
            f"{entry} is recorded, but git did not commit it: {reason}. Nothing is lost. Do not "
            f"release again: run `{command}`"
        )


class TagFailed(PublisherError):
    """A version was recorded and committed, but git did not tag it."""

    def __init__(self, entry: str, reason: str, tag: str, key: str | None) -> None:
        signed = f"git -c gpg.format=ssh -c user.signingkey={key} tag --sign"
        command = signed if key is not None else "git tag --annotate"
        super().__init__(
            f"{entry} is recorded and committed, but git did not tag it: {reason}. Do not "
            f"release again: run `git log -1 --format=%B | {command} --force -F - {tag}`"
        )


class SigningFailed(PublisherError):
    """An entry cannot be signed, or a signature cannot be checked."""


class InvalidTrust(PublisherError):
    """A file of allowed signers, or of time-stamping authorities, has faults.

    It belongs to the workspace, or the user has `named` it.
    """

    def __init__(self, problems: tuple[Problem, ...], *, named: bool = False) -> None:
        self.problems = problems
        self.exit_code = 2 if named else 1
        super().__init__("\n".join(str(problem) for problem in problems))


class StampsUnchecked(PublisherError):
    """The machine cannot check time-stamps."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"time-stamps are checked by `openssl`, version 1.1.1 or newer, but {reason}; run "
            "`publisher doctor`"
        )


class CannotWrite(PublisherError):
    """The output folder cannot be written to."""

    def __init__(
        self, path: str, reason: str, fix: str = "Free space, or choose another place"
    ) -> None:
        super().__init__(f"cannot write {path}: {reason}; the files there are unchanged. {fix}")
