"""The trailer ``Policy-Change`` in a commit's message → the kind of change, and its mistakes.

A trailer is a line ``Policy-Change: VALUE`` in the last paragraph. ``editorial`` and ``material``
are about the commit itself, ``editorial COMMIT`` and ``material COMMIT`` about an earlier one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from typing import Literal, get_args

Change = Literal["editorial", "material"]

CHANGES: tuple[Change, ...] = get_args(Change)
LIKE = "^[^[:alnum:]]*p.?l.{0,5}[^[:alnum:]]{0,3}c.{0,4}g"
"""The beginning of a line that may be meant as a trailer; for ``git rev-list --grep``."""
ID = re.compile(r"[0-9a-f]{7,40}")

_REVIEWED = re.compile(r"^reviewed[ \t]*:(.+)$", re.IGNORECASE | re.MULTILINE)
_TRAILER = re.compile(r"policy-change[ \t]*:(.*)", re.IGNORECASE)
_REMARK = re.compile(r"(editorial|material)\s+(\S.*)")
_ALIKE = re.compile(r"\W*([^\W\d][^:=：>]{6,24}?)\s*(?:[-=]>|[:=：])\s*(.*)")
_BARE = re.compile(r"\W*(policy\W{0,3}changes?)\W+(.*)", re.IGNORECASE)
_KEY = re.compile(r"policy[-\u2010-\u2015_]change", re.IGNORECASE)


def reviewed(message: str) -> tuple[str, ...]:
    """Return the paths that were reviewed by a message: ``Reviewed: PATH``, in its last part.

    A path may be between marks, start with ``./``, or be as Windows writes it.
    """
    last = message.rstrip().rpartition("\n\n")[2]
    paths = (match[1].strip().strip("`'\"<>") for match in _REVIEWED.finditer(last))
    return tuple(path.replace("\\", "/").removeprefix("./") for path in paths)


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake in a trailer of a commit.

    `meant` is the intended change, if that is clear; `about` is the id of the intended commit: None
    for its own commit, empty if that is unclear.
    """

    message: str
    meant: Change | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Trailers:
    """A commit's statements: `values` on itself, lower case; `remarks` on others, by their ids."""

    values: tuple[str, ...] = ()
    remarks: tuple[tuple[Change, str], ...] = ()
    faults: tuple[Fault, ...] = ()


def read_trailers(message: str) -> Trailers:
    """Return the trailers of a message."""
    lines = message.rstrip().split("\n")
    start = len(lines) - message.rstrip().rpartition("\n\n")[2].count("\n") - 1
    values: list[str] = []
    remarks: list[tuple[Change, str]] = []
    faults: list[Fault] = []
    for line, following in zip(lines[start:], [*lines[start + 1 :], ""], strict=True):
        trailer = _TRAILER.match(line)
        if trailer is None:
            continue
        value = trailer[1].strip().lower()
        if following[:1] in (" ", "\t") and following.strip():
            faults.append(Fault(f"has {_shown(line)}, which continues in a line that is not read"))
        remark = _REMARK.fullmatch(value)
        if remark is None:
            values.append(value)
            faults += _unknown(line, value)
        elif ID.fullmatch(remark[2]):
            remarks.append((_change(remark[1]), remark[2]))
        else:
            name = trailer[1].strip()[remark.start(2) :]
            what = f"and '{name[:40]}' is not the id of a commit, 7 to 40 digits of 0-9 and a-f"
            faults.append(Fault(f"has {_shown(line)}, {what}", _change(remark[1]), about=""))
    if len({*values} & {*CHANGES}) > 1:
        faults.append(Fault("says that it is both editorial and material, and counts as material"))
    faults += _unread(lines, start, values)
    return Trailers(tuple(values), tuple(remarks), tuple(dict.fromkeys(faults)))


def _unknown(line: str, value: str) -> Iterator[Fault]:
    if value not in CHANGES:
        yield Fault(f"has {_shown(line)}, which is not understood", _near(value))


def _unread(lines: list[str], start: int, values: list[str]) -> Iterator[Fault]:
    """Yield the lines that look like trailers, but are not read as such."""
    for at, line in enumerate(lines):
        trailer = _TRAILER.match(line)
        if trailer is not None and at < start:
            value = trailer[1].strip().lower()
            if value not in values:
                where = "above its last paragraph, where it is not read"
                yield Fault(f"has {_shown(line)} {where}", _near(value))
        elif trailer is None and _is_alike(line, first=at == 0):
            value = (_ALIKE.match(line) or _BARE.match(line) or ["", "", ""])[2]
            message = f"has the line '{line.strip()[:60]}', which is not read as a trailer"
            yield Fault(message, _near(value))


def _is_alike(line: str, *, first: bool) -> bool:
    """Return whether a line was intended as a trailer; the first may be an ordinary subject."""
    alike = _ALIKE.match(line)
    if alike is None:
        bare = _BARE.match(line)
        return bare is not None and _near(bare[2]) is not None
    key, value = alike[1], alike[2]
    if _KEY.fullmatch(key):
        return True
    letters = re.sub(r"[^a-z]", "", key.lower())
    if SequenceMatcher(None, letters, "policychange").ratio() < 0.85:
        return False
    return _near(value) is not None or (not first and len(value.split()) == 1)


def _near(value: str) -> Change | None:
    """Return the change that the first word of a value is, or nearly is."""
    word = re.match(r"\W*([a-z]+)", value.lower())
    near = get_close_matches(word[1], CHANGES, n=1, cutoff=0.7) if word else []
    return _change(near[0]) if near else None


def _change(word: str) -> Change:
    return "editorial" if word == "editorial" else "material"


def _shown(line: str) -> str:
    return f"the trailer {line.strip()[:60]}"
