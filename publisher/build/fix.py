"""``publisher check --fix``: fixes in the files what takes no thought, and changes no words.

Each problem may carry edits of lines. They are tried on the files in memory; those are kept whose
problem is gone afterwards and that change the words of no policy.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from publisher.compose.brands import brand_names, compose_all, load_brands
from publisher.errors import AskedWrongly
from publisher.files.output import write_document
from publisher.policy.words import words
from publisher.problem import Problem, in_order
from publisher.repository.moment import open_workspace
from publisher.repository.source import Source

_ROUNDS = 8
"""Times that what a fix lets be read is looked at again, at most."""
_ENDS = re.compile("(\r\n|\r|\n)")
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Fixed:
    """A file that was fixed: what it said, and what it says."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class FixReport:
    """The files that were fixed; `unproved` are paths whose words could not be compared.

    `changing` are paths in which the edits would have changed words, and were not made.
    """

    fixed: tuple[Fixed, ...]
    unproved: tuple[str, ...]
    changing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _State:
    """What is wrong, and the words of each policy that can be composed, with the files it read."""

    problems: tuple[Problem, ...]
    words: Mapping[tuple[str, str | None], str]
    files: frozenset[str]


class _Edited:
    """A source with some of its files changed."""

    def __init__(self, source: Source, files: Mapping[str, bytes]) -> None:
        self.source = source
        self.files = files

    def read(self, path: str) -> bytes | None:
        return self.files[path] if path in self.files else self.source.read(path)

    def list(self, folder: str) -> tuple[str, ...]:
        return self.source.list(folder)


def fix(root: Path, *, brands: Iterable[str] = (), dry_run: bool = False) -> FixReport:
    """Fix the files of the workspace in `root`, or those that `brands` read, and say which.

    No policy's words change, nor those of other brands.

    Nothing is written in a dry run. Every other byte of a file stays. Raises `UnknownName`,
    `CannotWrite`, and `AskedWrongly` where a file changed in the meantime.
    """
    with open_workspace(root) as moment:
        source = moment.source
        desk = _Desk(source, brand_names(source, brands))
        desk.work()
        before = {path: source.read(path) or b"" for path in desk.files}
        if not dry_run:
            for path, data in desk.files.items():
                _write(root / path, before[path], data)
    fixed = (Fixed(path, before[path].decode(), desk.files[path].decode()) for path in before)
    return FixReport(tuple(fixed), *map(tuple, map(sorted, (desk.unproved, desk.changing))))


class _Desk:
    """Tries edits; `files` are those changed for good."""

    def __init__(self, source: Source, brands: tuple[str, ...]) -> None:
        self.source = source
        self.brands = brands
        self.files: dict[str, bytes] = {}
        self.unproved: set[str] = set()
        self.changing: set[str] = set()

    def work(self) -> None:
        state = self.state(self.files)
        for _ in range(_ROUNDS):
            self.unproved = set()
            done = {**self.files}
            for path in sorted({edit.path for p in state.problems for edit in p.edits}):
                state = self.try_file(path, state)
            if done == self.files:
                return

    def state(self, files: Mapping[str, bytes]) -> _State:
        workspace = load_brands(_Edited(self.source, files), ())
        composed = compose_all(workspace)
        policies = {(c.brand, c.locale): c.policy for c in composed if c.policy is not None}
        problems = [problem for problem in workspace.problems if self.concerned(problem)]
        for each in composed:
            if each.brand in self.brands:
                problems += each.problems
                problems += each.policy.warnings if each.policy is not None else ()
        return _State(
            in_order(problems),
            {name: words(policy) for name, policy in policies.items()},
            frozenset(path for policy in policies.values() for path in policy.files),
        )

    def concerned(self, problem: Problem) -> bool:
        """Return whether a problem is not in a file of another brand's own."""
        folder, _, name = problem.path.partition("/")
        return folder != "brands" or name.partition("/")[0] in self.brands

    def try_file(self, path: str, state: _State) -> _State:
        """Return the state after the edits of a file, or the same where they are not made."""
        told = [p for p in state.problems if any(edit.path == path for edit in p.edits)]
        data = _Edited(self.source, self.files).read(path) or b""
        changed = edited(data, told, path)
        if changed == data:
            return state
        proved = path in state.files or all(_self_evident(problem) for problem in told)
        if not proved:
            self.unproved.add(path)
            return state
        files = {**self.files, path: changed}
        after = self.state(files)
        same = all(after.words.get(name) == text for name, text in state.words.items())
        if not same or any(problem in after.problems for problem in told):
            self.changing.add(path)
            return state
        self.files = files
        return after


def _self_evident(problem: Problem) -> bool:
    """Return whether edits change no words whatever else the file says: quotes, the invisible."""
    return problem.rule in ("yaml-syntax", "character")


def edited(data: bytes, problems: Iterable[Problem], path: str) -> bytes:
    """Return a file with the edits of problems in it; a line that they empty is taken out."""
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
    """Take an empty line out of lines and their ends, and the one below where two would stand."""
    above = at == 0 or not parts[at - 2].strip()
    below = at + 2 < len(parts) and not parts[at + 2].strip()
    if not (above or below):
        return  # the paragraphs around it would become one
    count = 2 if above and below and at + 3 < len(parts) else 1
    del parts[at : at + 2 * count]


def _write(path: Path, before: bytes, data: bytes) -> None:
    if path.read_bytes() != before:
        raise AskedWrongly(f"{path} changed in the meantime, and was not written; try again")
    mode = stat.S_IMODE(path.stat().st_mode)
    write_document(path, data)
    path.chmod(mode)
