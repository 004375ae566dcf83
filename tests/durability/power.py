"""A power cut at any moment of a release: what had not been brought to the disk may be lost.

The writes of a release are traced, and replayed up to each moment on a model of a file system. What
was brought to the disk is there. Of the rest anything may be there, or not: all of it, none, all but
one thing, one thing alone, or what came first; a file without its bytes, or with half of them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from support.archives import archive, released, say
from support.keys import key_pair
from support.workspaces import Repo

from durability.aftermath import BRAND, versions
from durability.figures import Figure, figure
from durability.tracing import WRITING
from publisher.archive.ledger import HEAD
from publisher.archive.store import Store
from publisher.archive.verify.examine import examine

_LINE = re.compile(r"\d+ +(\w+)\((.*)\) += (?!-1)")
_PATHS = re.compile(r'<([^<>"]+)>|"([^"]*)"')


@dataclass(frozen=True)
class Write:
    """Something that changes what is on a disk: `what` is done to a path, or to two of them.

    `bytes` are those of a file, `name` a change of names; `sync` brings what is in a file, or the
    names in a folder, to the disk.
    """

    what: str
    path: str
    other: str = ""


@dataclass
class Disk:
    """A model of what is on a disk: folders, and files with their bytes, by their paths."""

    folders: set[str] = field(default_factory=set)
    files: dict[str, str] = field(default_factory=dict)
    """Which bytes a file has, told by the path that it was first written to."""
    bytes: dict[str, float] = field(default_factory=dict)
    """How much of them is there, from 0 to 1."""

    def apply(self, write: Write) -> None:
        """Do what a write does, if it can be done."""
        path, other = write.path, write.other
        if write.what == "bytes":
            self.bytes[path] = 1.0
        elif write.what == "half":
            self.bytes[path] = 0.5
        elif _parent(path) not in self.folders and write.what in ("mkdir", "create"):
            return
        elif write.what == "mkdir":
            self.folders.add(path)
        elif write.what == "create":
            self.files[path] = path
        elif write.what == "link" and path in self.files and _parent(other) in self.folders:
            self.files[other] = self.files[path]
        elif write.what == "unlink":
            self.files.pop(path, None)
        elif write.what == "rmdir" and not any(
            each.startswith(f"{path}/") for each in chain(self.folders, self.files)
        ):
            self.folders.discard(path)
        elif write.what == "rename" and path in self.folders:
            self._rename(path, other)
        elif write.what == "rename" and path in self.files and _parent(other) in self.folders:
            self.files[other] = self.files.pop(path)

    def _rename(self, path: str, other: str) -> None:
        def moved(each: str) -> str:
            inside = each == path or each.startswith(f"{path}/")
            return other + each.removeprefix(path) if inside else each

        self.folders = {moved(each) for each in self.folders}
        self.files = {moved(each): origin for each, origin in self.files.items()}


def trials(folder: Path) -> Iterator[Figure]:
    """Yield what is left of releases by a power cut, before and after success was reported."""
    key = key_pair(folder / "key")
    cut: list[str] = []
    done: list[str] = []
    for name, before in (("first", False), ("second", True)):
        repo = archive(folder / name)
        if before:
            released(repo, "2024-03-01")
            say(repo, "More.", date="2024-03-02T12:00:00+0000")
        trial = Trial(repo, key)
        cut += chain.from_iterable(trial.at(moment) for moment in range(len(trial.writes)))
        done += trial.at(len(trial.writes), reported=True)
    yield figure(
        "power",
        cut,
        "states that a power cut can leave of a release: the old archive or the new one",
    )
    yield figure("power", done, "states after success was reported: the new version is there")


class Trial:
    """A release that was traced: its writes, the archive before it, and the bytes of its files."""

    def __init__(self, repo: Repo, key: Path) -> None:
        self.before = versions(repo.workspace)
        self.old = repo.root.with_name(f"{repo.root.name}-old")
        shutil.copytree(repo.root, self.old, symlinks=True)
        log = repo.root.with_suffix(".log")
        subprocess.run(
            ["strace", "-f", "-y", "-o", str(log), "-e", f"trace={','.join(f'?{n}' for n in WRITING)}",
             sys.executable, "-m", "publisher", "release", BRAND, "--sign", str(key), "--no-commit"],
            cwd=repo.root, check=True, capture_output=True,
        )  # fmt: skip
        self.writes = list(_writes(log.read_text(errors="replace"), f"{repo.root}/"))
        (new,) = set(versions(repo.workspace)) - set(self.before)
        self.new = (*self.before, new)
        self.contents = {
            path.relative_to(repo.root).as_posix(): path.read_bytes()
            for path in (repo.root / "versions").rglob("*")
            if path.is_file()
        }

    def at(self, moment: int, *, reported: bool = False) -> list[str]:
        """Return what is wrong with each state that a power cut can leave at a moment."""
        told = []
        for kept in _possible(self.writes[:moment]):
            wrong = self._left(kept, (self.new,) if reported else (self.before, self.new))
            told.append(
                f"after {moment} writes, with {len(kept)} of them kept: {wrong}" if wrong else ""
            )
        return told

    def _left(self, kept: list[Write], allowed: tuple[tuple[str, ...], ...]) -> str:
        disk = Disk()
        disk.folders = {"", "versions", f"versions/{BRAND}", f"versions/{BRAND}/ledger"}
        disk.folders = {each for each in disk.folders if (self.old / each).is_dir()}
        for write in kept:
            disk.apply(write)
        root = self.old.with_name("left")
        if root.exists():
            shutil.rmtree(root)
        root.mkdir()
        if (self.old / "versions").exists():
            shutil.copytree(self.old / "versions", root / "versions")
        for path in sorted(disk.folders):
            (root / path).mkdir(exist_ok=True)
        for path, origin in disk.files.items():
            data = self._bytes(origin)
            (root / path).write_bytes(data[: int(len(data) * disk.bytes.get(origin, 0))])
        Store(root, BRAND).sweep(())
        examined = examine(root, BRAND)
        if examined.findings:
            return str(examined.findings[0])
        found = tuple(each.version for each in examined.versions)
        return "" if found in allowed else f"{found} stand, and not one of {allowed}"

    def _bytes(self, origin: str) -> bytes:
        """Return the bytes that were written to a path, which has another name since."""
        inside = origin.split("/", 3)[3]
        entry = next(name for name in self._new_entries())
        if inside == "intent":
            return f"{entry}\n".encode()
        if inside == HEAD:
            return self.contents[f"versions/{BRAND}/{HEAD}"]
        if inside.startswith("version/"):
            folder = f"versions/{BRAND}/{self.new[-1]}"
            return self.contents[f"{folder}/{inside.removeprefix('version/')}"]
        return self.contents[f"versions/{BRAND}/ledger/{inside}"]

    def _new_entries(self) -> list[str]:
        names = [path.rpartition("/")[2] for path in self.contents if "/ledger/" in path]
        return [name for name in names if f"-{self.new[-1]}.json" in name and name.endswith("json")]


def _possible(writes: list[Write]) -> Iterator[list[Write]]:
    """Yield the writes of which a power cut can leave the results, in each way that is tried."""
    loose = [
        at for at, write in enumerate(writes) if write.what != "sync" and not _synced(writes, at)
    ]
    kept: list[Callable[[int], bool]] = [lambda _: True, lambda _: False]
    for each in loose:
        kept += [lambda at, each=each: at != each, lambda at, each=each: at == each,
                 lambda at, each=each: at <= each]  # type: ignore[misc]  # fmt: skip
    seen = set()
    for keep in kept:
        state = tuple(at for at, write in enumerate(writes)
                      if write.what != "sync" and (at not in loose or keep(at)))  # fmt: skip
        if state not in seen:
            seen.add(state)
            yield [writes[at] for at in state]
    for each in loose:
        if writes[each].what == "bytes":
            yield [Write("half", w.path) if at == each else w
                   for at, w in enumerate(writes) if w.what != "sync"]  # fmt: skip


def _synced(writes: list[Write], at: int) -> bool:
    """Return whether a write was brought to the disk by a later one."""
    write = writes[at]
    where = {write.path} if write.what == "bytes" else {_parent(write.other or write.path)}
    return any(later.what == "sync" and later.path in where for later in writes[at:])


def _writes(log: str, root: str) -> Iterator[Write]:
    """Yield the writes below `root`, in a folder of its archive, from a log of strace."""
    for line in log.splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        name, rest = found[1], found[2]
        named = [one or two for one, two in _PATHS.findall(rest)]
        paths = [each.removeprefix(root) for each in named if each.startswith(root)]
        if name in ("unlinkat", "mkdirat") and len(named) > 1 and not named[1].startswith("/"):
            paths = [f"{named[0].removeprefix(root)}/{named[1]}"]
        if name == "fsync" and f"{named[0]}/" == root:
            yield Write("sync", "")
        if not paths or not (paths[-1] == "versions" or paths[-1].startswith("versions/")):
            continue
        yield from _as_writes(name, rest, paths)


def _as_writes(name: str, rest: str, paths: list[str]) -> Iterator[Write]:
    path = paths[-1] if name in ("openat", "unlinkat") else paths[0]
    if name == "openat" and "O_CREAT" in rest:
        path = paths[0]
        yield Write("create", path)
        yield Write("bytes", path)
    elif name in ("mkdir", "mkdirat"):
        yield Write("mkdir", path)
    elif name in ("fsync", "fdatasync"):
        yield Write("sync", path)
    elif name in ("rename", "link"):
        yield Write(name, paths[0], paths[1])
    elif name == "rmdir" or "AT_REMOVEDIR" in rest:
        yield Write("rmdir", path)
    elif name in ("unlink", "unlinkat"):
        yield Write("unlink", path)


def _parent(path: str) -> str:
    return path.rpartition("/")[0]
