"""Workspaces with faults that a lawyer would find: laid over one that has none."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from conftest import ROOT

from publisher.archive.law_checks import remarked
from publisher.build.check import check
from publisher.problem import Problem
from publisher.repository.moment import Moment
from publisher.repository.source import FolderSource
from publisher.workspace import load

LAW = ROOT / "tests" / "data" / "law"
TODAY = date(2026, 11, 26)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
IGNORED = ("unused", "literal-marks", "unconfirmed")


def cases(name: str) -> Any:
    """Return the cases in a file."""
    return yaml.load((LAW / name).read_bytes(), _LOADER)


def base(root: Path) -> Path:
    """Copy the workspace without faults to a folder."""
    shutil.copytree(LAW / "base", root, dirs_exist_ok=True)
    return root


def remarks(root: Path) -> tuple[Problem, ...]:
    """Return the problems of a workspace that are about what its policies say, or worse."""
    return tuple(each for each in check(root, today=TODAY).problems if each.rule not in IGNORED)


def law(root: Path, today: date = TODAY) -> tuple[Problem, ...]:
    """Return what the rules of the catalogue alone remark."""
    moment = beside_git(root)
    return remarked(moment, tuple(load(moment.source).brands), today).problems


def beside_git(root: Path) -> Moment:
    """Return a workspace as it lies in a folder, without a history."""
    source = FolderSource(root)
    return Moment(source, source, None, None, committed=False)


def edit(root: Path, edits: Sequence[Mapping[str, Any]] | None) -> None:
    """Make the edits of a case."""
    for each in edits or ():
        if "new" in each:
            write(root, each["new"], each["text"])
            continue
        path = root / each["in"]
        text = path.read_text(encoding="utf-8")
        if "find" in each:
            assert each["find"] in text, each
            text = text.replace(each["find"], each["put"], 1)
        else:
            text = text.rstrip("\n") + "\n" + each["append"]
        path.write_text(text, encoding="utf-8")


def write(root: Path, name: str, text: str) -> None:
    """Write a file below a folder."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def lay(root: Path, case: Mapping[str, Any]) -> Path:
    """Make the edits of a rule's case on the base workspace."""
    base(root)
    for name, find, text in case.get("put", ()):
        edit(root, [{"in": name, "find": find, "put": text}])
    for name, text in case.get("add", ()):
        edit(root, [{"in": name, "append": text}])
    for name, text in case.get("new", ()):
        write(root, name, text)
    return root


def told(problems: Sequence[Problem]) -> list[str]:
    """Return problems as a person reads them, for messages of failed tests."""
    return [re.sub(r"; .*", "", str(problem)) for problem in problems]
