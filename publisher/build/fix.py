"""``publisher check --fix``: fixes files mechanically, without a change of any policy's words.

Each problem may carry edits of lines. They are tried on the files in memory. An edit is kept if its
problem disappears and no policy's words change.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from publisher.compose.brands import brand_names, policies_at
from publisher.errors import AskedWrongly
from publisher.files.output import write_document
from publisher.policy.words import words
from publisher.problem import Problem, in_order
from publisher.repository.moment import open_workspace
from publisher.repository.source import Source

_ROUNDS = 8
"""Rounds at most: a fixed file may become readable, and show further problems."""
_ENDS = re.compile("(\r\n|\r|\n)")
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Fixed:
    """A file that was fixed: its text before and after."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class FixReport:
    """The files that were fixed, and those that were not.

    `unproved` are paths that no valid policy reads, so that words could not be compared; `changing`
    are paths whose edits would change words.
    """

    fixed: tuple[Fixed, ...]
    unproved: tuple[str, ...]
    changing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _State:
    """The problems of a workspace, the words of its valid policies, and the files these read."""

    problems: tuple[Problem, ...]
    words: Mapping[tuple[str, str], str]
    files: frozenset[str]


class _Edited:
    """A source with some of its files changed."""

    def __init__(self, source: Source, files: Mapping[str, bytes]) -> None:
        self.source = source
        self.files = files

    def read(self, path: str) -> bytes | None:
        """Return the file as edited, or as the source has it."""
        return self.files[path] if path in self.files else self.source.read(path)

    def list(self, folder: str) -> tuple[str, ...]:
        return self.source.list(folder)


def fix(root: Path, *, brands: Iterable[str] = (), dry_run: bool = False) -> FixReport:
    """Fix the files of the workspace in `root`, or those that `brands` read, and report them.

    No words of any policy change, also of other brands, nor any other byte of a file. A dry run
    writes nothing. Raises `UnknownName`, `CannotWrite`, and `AskedWrongly` if a file changed in the
    meantime.
    """
    with open_workspace(root) as moment:
        source = moment.source
        fixer = _Fixer(source, brand_names(source, brands))
        fixer.run()
        before = {path: source.read(path) or b"" for path in fixer.files}
        if not dry_run:
            for path, data in fixer.files.items():
                _write(root / path, before[path], data)
    fixed = (Fixed(path, before[path].decode(), fixer.files[path].decode()) for path in before)
    return FixReport(tuple(fixed), tuple(sorted(fixer.unproved)), tuple(sorted(fixer.changing)))


class _Fixer:
    """Tries edits in memory; `files` are the fixed ones."""

    def __init__(self, source: Source, brands: tuple[str, ...]) -> None:
        self.source = source
        self.brands = brands
        self.files: dict[str, bytes] = {}
        self.unproved: set[str] = set()
        self.changing: set[str] = set()

    def run(self) -> None:
        """Try all edits, again and again until nothing more can be fixed."""
        state = self._state(self.files)
        for _ in range(_ROUNDS):
            self.unproved = set()
            before = {**self.files}
            for path in sorted({edit.path for p in state.problems for edit in p.edits}):
                state = self._try_file(path, state)
            if before == self.files:
                return

    def _state(self, files: Mapping[str, bytes]) -> _State:
        policies = policies_at(_Edited(self.source, files), proposed=True)
        problems = [p for p in policies.workspace.problems if self._concerns(p)]
        for composed in policies.composed:
            if composed.brand in self.brands:
                problems += composed.problems
                problems += composed.policy.warnings if composed.policy is not None else ()
        return _State(
            in_order(problems),
            {key: words(policy) for key, policy in policies.whole.items()},
            frozenset(path for policy in policies.whole.values() for path in policy.files),
        )

    def _concerns(self, problem: Problem) -> bool:
        """Return whether a problem is in a shared file, or in one of `brands`."""
        folder, _, name = problem.path.partition("/")
        return folder != "brands" or name.partition("/")[0] in self.brands

    def _try_file(self, path: str, state: _State) -> _State:
        """Return the state after the edits of a file, or the same if these are not kept."""
        problems = [p for p in state.problems if any(edit.path == path for edit in p.edits)]
        data = _Edited(self.source, self.files).read(path) or b""
        changed = edited(data, problems, path)
        if changed == data:
            return state
        if path not in state.files and not all(map(_self_evident, problems)):
            self.unproved.add(path)
            return state
        files = {**self.files, path: changed}
        after = self._state(files)
        same = all(after.words.get(name) == text for name, text in state.words.items())
        if not same or any(problem in after.problems for problem in problems):
            self.changing.add(path)
            return state
        self.files = files
        return after


def _self_evident(problem: Problem) -> bool:
    """Return whether a problem's edits never change words: of quotes, of invisible characters."""
    return problem.rule in ("yaml-syntax", "character")


def edited(data: bytes, problems: Iterable[Problem], path: str) -> bytes:
    """Return a file after the edits of problems, without the lines that they empty."""
    text = data.decode()
    bom = _BOM if text.startswith(_BOM) else ""
    parts = _ENDS.split(text.removeprefix(_BOM))
    emptied = []
    for edit in (edit for problem in problems for edit in problem.edits if edit.path == path):
        at = min(2 * (edit.line - 1), len(parts) - 1)
        before = parts[at]
        parts[at] = before.replace(edit.written, edit.right, 1)
        if before.strip() and not parts[at].strip():
            emptied.append(at)
    for at in sorted(emptied, reverse=True):
        _take_out(parts, at)
    return f"{bom}{''.join(parts)}".encode()


def _take_out(parts: list[str], at: int) -> None:
    """Delete an empty line, with its end, and the one below if two empty lines would follow."""
    above = at == 0 or not parts[at - 2].strip()
    below = at + 2 < len(parts) and not parts[at + 2].strip()
    if not (above or below):
        return  # the paragraphs above and below would become one
    count = 2 if above and below and at + 3 < len(parts) else 1
    del parts[at : at + 2 * count]


def _write(path: Path, before: bytes, data: bytes) -> None:
    if path.read_bytes() != before:
        raise AskedWrongly(f"{path} changed in the meantime, and was not written; try again")
    mode = stat.S_IMODE(path.stat().st_mode)
    write_document(path, data)
    path.chmod(mode)
