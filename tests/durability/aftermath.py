"""After a command that failed: what is left, and whether the next one works."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from support.archives import try_release
from support.workspaces import Repo

from publisher.archive.verify.examine import examine
from publisher.archive.verify.verify import verify

BRAND = "alpha"
CODES = (0, 1, 2, 3, 4, -9)
"""How a command may end: by a documented code, or killed."""
TRIES = 5
_LOCK = re.compile(r"Unable to create '([^']*\.lock)'")


def versions(root: Path) -> tuple[str, ...]:
    """Return the versions that stand in an archive."""
    return tuple(each.version for each in examine(root, BRAND).versions)


def aftermath(repo: Repo, before: tuple[str, ...], code: int, output: str) -> str:
    """Return what is wrong after a release that was stopped, or nothing.

    The archive must be the old or the new one; no command shows a traceback; and the next release
    works, after what its message tells to do, if anything.
    """
    if code not in CODES:
        return f"ended with {code}: {output.strip()[-300:]}"
    if "Traceback" in output:
        return f"a traceback: {output.strip()[-300:]}"
    left = versions(repo.workspace)
    if left[: len(before)] != before or len(left) > len(before) + 1:
        return f"neither the old archive nor the new one: {left}"
    if code == 0 and len(left) == len(before):
        return "success was reported, and nothing was released"
    found = verify(repo.workspace).findings
    if found:
        return f"verify finds {found[0]}"
    return _next(repo, left)


def _next(repo: Repo, before: tuple[str, ...]) -> str:
    """Release the next version; do what the message says until it works."""
    said: list[str] = []
    how: dict[str, object] = {"editorial": True, "reason": "again"} if before else {}
    for day in range(1, TRIES):
        now = datetime.now(UTC) + timedelta(days=day)
        outcome = try_release(repo, now, BRAND, **how)
        if outcome.appended is not None:
            found = verify(repo.workspace).findings
            return f"after the next release, verify finds {found[0]}" if found else ""
        message = str(outcome.fault)
        said.append(message)
        if "--unsigned REASON" in message:
            how["unsigned"] = "tried without a key"
        elif not _obey(repo, message):
            break
    return f"the next release fails: {' / '.join(said)}"


def _obey(repo: Repo, message: str) -> bool:
    """Do what a message tells to do; return whether it tells anything."""
    if _unlocked(message):
        return True
    told = re.search(r"`(git (?:-C \S+ )?add --force [^`]*)`", message)
    if told is None:
        return False
    for _ in range(TRIES):
        try:
            typed(told[1], Path.cwd())
        except subprocess.CalledProcessError as fault:
            if not _unlocked(str(fault.stderr)):
                return False
        else:
            return True
    return False


def typed(command: str, folder: Path) -> None:
    """Type the command of a message into a shell, in a folder."""
    how = {"shell": True, "check": True, "capture_output": True, "text": True}
    subprocess.run(command, cwd=folder, **how)  # type: ignore[call-overload]  # noqa: PLW1510


def _unlocked(message: str) -> bool:
    """Delete the lock that a killed git has left, as git says; return whether it says so."""
    lock = _LOCK.search(message)
    if lock is not None:
        Path(lock[1]).unlink()
    return lock is not None
