"""``publisher doctor``: what commands need on this machine, and how to get it."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from publisher.archive.trust.timestamp_check import new_enough, openssl_version
from publisher.errors import LibraryMissing, PublisherError

if TYPE_CHECKING:
    from publisher.repository.reading import Repository

OLDEST_GIT = (2, 31)
_MANY = 5_000
"""Files in a work tree beyond which git itself becomes slow."""
_REQUIRED = re.compile(r"[\w.-]+")
_FONTS = ("Regular", "Bold", "Italic", "BoldItalic")


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check: whether all is well, what was found, and how to fix it."""

    name: str
    well: bool
    found: str
    fix: str = ""


def doctor(root: Path | None) -> tuple[Finding, ...]:
    """Return the findings on this machine, and in the repository of the workspace in `root`."""
    findings = [_python(), _packages(), _zones(), _git(), *_libraries(), _fonts()]
    findings += [_signing(), _stamping()]
    if root is not None and _git().well:
        findings += _repository(root)
    return tuple(findings)


def _python() -> Finding:
    fix = "install Python 3.11 or newer"
    return Finding("Python", sys.version_info >= (3, 11), platform.python_version(), fix)


def _packages() -> Finding:
    """Return whether the Python libraries that the toolkit needs are installed."""
    named = [*filter(None, map(_REQUIRED.match, _required()))]
    missing = [name[0] for name in named if not _installed(name[0])]
    state = f"missing: {', '.join(missing)}" if missing else f"all {len(named)} found"
    return Finding("Python libraries", not missing, state, "install publisher again")


def _required() -> list[str]:
    """Return what the toolkit requires on this system, or nothing if it is not installed."""
    try:
        required = metadata.requires("policy-publisher") or []
    except metadata.PackageNotFoundError:
        return []
    return [text for text in required if ";" not in text]


def _installed(name: str) -> bool:
    try:
        return bool(metadata.version(name))
    except metadata.PackageNotFoundError:
        return False


def _zones() -> Finding:
    there = bool(available_timezones())
    fix = _install("tzdata", "tzdata", "tzdata, with `pip install tzdata`")
    return Finding("Time zones", there, "found" if there else "not found", fix)


def _git() -> Finding:
    fix = _install("git", "git", "git")
    try:
        printed = subprocess.run(
            ["git", "--version"], capture_output=True, text=True, errors="replace", check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return Finding("git", False, "not found", fix)
    version = re.search(r"(\d+)\.(\d+)\S*", printed)
    well = version is not None and (int(version[1]), int(version[2])) >= OLDEST_GIT
    return Finding("git", well, version[0] if version else printed.strip(), fix)


def _signing() -> Finding:
    """Return whether the program that makes and checks signatures is installed."""
    fix = f"to sign, and to check signatures, {_install('openssh-client', 'openssh', 'OpenSSH')}"
    there = shutil.which("ssh-keygen") is not None
    return Finding("ssh-keygen", True, "found" if there else f"not found; {fix}")


def _stamping() -> Finding:
    """Return whether the program that checks time-stamps is installed."""
    fix = f"to check time-stamps, {_install('openssl', 'openssl', 'OpenSSL 1.1.1 or newer')}"
    version = openssl_version() or "not found"
    return Finding("OpenSSL", True, version if new_enough(version) else f"{version}; {fix}")


def _libraries() -> Iterator[Finding]:
    windows = "Pango (through MSYS2: mingw-w64-x86_64-pango)"
    pango = _install("libpango-1.0-0 libpangoft2-1.0-0", "pango", windows)
    try:
        from publisher.render import typeset

        yield Finding("WeasyPrint", True, typeset.VERSION)
    except LibraryMissing as fault:
        native = "doctor" in fault.fix
        name, fix = ("Pango", pango) if native else (fault.library, fault.fix)
        yield Finding(name, False, str(fault).partition("; ")[0], fix)
        return
    subset = _install("libharfbuzz-subset0", "harfbuzz", "HarfBuzz")
    state = "found" if typeset.REPRODUCIBLE else "not found: PDFs would not be reproducible"
    yield Finding("HarfBuzz subsetter", typeset.REPRODUCIBLE, state, subset)


def _fonts() -> Finding:
    folder = files("publisher") / "data" / "fonts"
    missing = [face for face in _FONTS if not (folder / f"NotoSans-{face}.ttf").is_file()]
    state = f"missing: {', '.join(missing)}" if missing else f"{len(_FONTS)} faces of Noto Sans"
    return Finding("Fonts", not missing, state, "install publisher again")


def _repository(root: Path) -> Iterator[Finding]:
    from publisher.repository.reading import Repository
    from publisher.repository.writing import identity

    try:
        repository = Repository.find(root)
    except PublisherError as fault:
        yield Finding("Repository", False, *str(fault).partition("; ")[::2])
        return
    if repository is None:
        fix = "run `git init` and commit: policies are dated from commits"
        yield Finding("Repository", False, "the workspace is not in git", fix)
        return
    with repository:
        try:
            repository.refuse_shallow()
            yield Finding("Repository", True, "complete history")
        except PublisherError as fault:
            yield Finding("Repository", False, *str(fault).partition("; ")[::2])
        for name in repository.substitutes():
            fix = "they are ignored when policies are dated; `git replace -d` deletes them"
            yield Finding("Replaced history", True, f"{name} exists and is ignored", fix)
        try:
            yield Finding("Committer", True, identity(repository))
        except PublisherError as fault:
            fix = str(fault).partition("; ")[2]
            yield Finding("Committer", True, f"unknown; to release, {fix}")
        yield from _size(repository)


def _size(repository: Repository) -> Iterator[Finding]:
    """Yield which files or objects the clone leaves out, and what keeps git quick among many files.

    The number of files is the one in git's index, which is not walked.
    """
    from publisher.repository.git import run

    settings = run(repository.git, "config --list").lower().splitlines()
    sparse = "core.sparsecheckout=true" in settings
    if sparse:
        how = (
            "on; a command on all brands leaves out those that are not checked out. To check out "
            "all, run `git sparse-checkout disable`"
        )
        yield Finding("Sparse checkout", True, how)
    if any(re.fullmatch(r"remote\..*\.promisor=true", setting) for setting in settings):
        how = (
            "some objects may be missing, and only git's own commands fetch them; to have all, run "
            "`git fetch --refetch --no-filter`"
        )
        yield Finding("Partial clone", True, how)
    index = repository.git_file("index")
    number = int.from_bytes(index[8:12])
    if number > _MANY:
        tips = [command for command, needed in _quicker(repository, index, sparse) if needed]
        run_these = f"; to speed git up, run {', '.join(tips)}" if tips else ""
        yield Finding("Files in git", True, f"{number}{run_these}")


def _quicker(repository: Repository, index: bytes, sparse: bool) -> Iterator[tuple[str, bool]]:
    """Yield commands that speed git up among many files, each with whether it would change much."""
    graphs = ("objects/info/commit-graph", "objects/info/commit-graphs/commit-graph-chain")
    found = [repository.git_file(name) for name in graphs]
    paths = b"BIDX" in found[0][:256] or bool(found[1])
    yield "`git commit-graph write --reachable --changed-paths`", not paths
    yield "`git update-index --index-version 4`", int.from_bytes(index[4:8]) < 4
    yield "`git update-index --untracked-cache`", b"UNTR" not in index
    yield "`git sparse-checkout set shared brands/BRAND versions/BRAND`", not sparse


def _install(debian: str, homebrew: str, windows: str) -> str:
    match sys.platform:
        case "darwin":
            return f"run `brew install {homebrew}`"
        case "win32":
            return f"install {windows}"
    return f"run `sudo apt-get install {debian}`"
