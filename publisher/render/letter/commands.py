"""The commands with which a reader checks a bundle: POSIX sh, as they are to be copied.

A line that would be wider than the page is broken where the shell lets it be. None depends on two
spaces in a row, of which text that is copied out of a PDF may lose one.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from datetime import UTC

from publisher.model.evidence import ALLOWED_SIGNERS, AUTHORITIES, Evidence, Recorded
from publisher.model.ledger import Entry, Import, Release, Timestamp

WIDTH = 92
"""Characters that a line of the page has room for."""
OWN_AUTHORITIES = "authorities.pem"
"""The file in which a reader puts certificates, where the bundle has none."""
_SUMS = "SHA256SUMS"
_NAMESPACE = "policy-release"


def unpack(evidence: Evidence) -> str:
    """Return what unpacks the bundle, and compares each file with the bundle's list."""
    name = shlex.quote(evidence.name)
    return _lines(f"unzip {name}.zip", f"cd {name}", f"sha256sum --quiet -c {_SUMS} && echo OK")


def files(evidence: Evidence) -> str:
    """Return what compares the version's files with its own list; nothing where none is left."""
    gone = [each.path for each in evidence.files if each.redacted]
    if len(gone) == len(evidence.files):
        return ""
    if not gone:
        return _lines((f"(cd {_folder(evidence)} &&", f"sha256sum -c {_SUMS})"))
    left_out = [f"-e {shlex.quote(f' {_pattern(path)}$')}" for path in gone]
    return _lines((f"(cd {_folder(evidence)} &&", "grep -v", *left_out, _SUMS, "| sha256sum -c -)"))


def sums(evidence: Evidence) -> str:
    """Return what looks for the hash of the version's list in the entry."""
    return _lines(
        ("sum=$(sha256sum", f"< {_folder(evidence)}/{_SUMS}", "| cut -c 1-64)"),
        ('grep "\\"sums\\": \\"$sum\\""', _path(evidence.version), "&& echo OK"),
    )


def chain(evidence: Evidence) -> str:
    """Return what follows the chain, whose entries are sorted by number: 10000 behind 9999."""
    ledger = f"versions/{evidence.version.brand}/ledger"
    return _lines(
        (f"(cd {ledger} &&", "sha256sum $(ls | grep 'json$' | sort -n) | {"),
        "  before=null state=OK",
        "  while read -r sum entry; do",
        r'    grep -q "^ \"previous\": $before\$" "$entry" ||',
        '      state="${state#OK}BROKEN at $entry "',
        r'    before="\"$sum\""',
        "  done",
        '  echo "$state"; echo "$before"; })',
    )


def signature(evidence: Evidence, each: Recorded) -> str:
    """Return what checks the signature of an entry: whose it is, if that is known."""
    path = _path(each.entry)
    how = ["ssh-keygen -Y check-novalidate", f"-n {_NAMESPACE}"]
    if each.principal is not None:
        how[0] = f"ssh-keygen -Y verify -f {ALLOWED_SIGNERS}"
        how.append(f"-I {shlex.quote(each.principal)}")
        if evidence.dated:
            at = each.entry.recorded_at.astimezone(UTC)
            how.append(f"-Overify-time={at:%Y%m%d%H%M%SZ}")
    return _lines((*how, f"-s {path}.sig", f"< {path}"))


def stamp(evidence: Evidence, each: Timestamp, proven: str) -> str:
    """Return what checks a time-stamp of the entry whose file is named `proven`.

    The authority's certificate counts as it was then: it may have expired since.
    """
    known = AUTHORITIES if evidence.authorities else OWN_AUTHORITIES
    data = f"versions/{each.brand}/ledger/{proven}"
    return _lines(
        (
            f"openssl ts -verify -attime {each.time.timestamp():.0f}",
            f"-data {data}",
            f"-in {_path(each)}.tsr",
            f"-CAfile {known}",
        )
    )


def git(evidence: Evidence) -> str:
    """Return what asks a clone of the repository; every entry changes the head of its ledger."""
    version = evidence.version
    asked: list[str | tuple[str, ...]] = [
        (
            "git log -m --full-history --diff-filter=MDRT --name-status",
            f"-- versions/{version.brand}",
            f"':!versions/{version.brand}/ledger.head'",
        )
    ]
    if not isinstance(version, Import):
        asked.append(f"git show --no-patch {version.source}")
    if isinstance(version, Release):
        asked.append(f"git tag --list {version.brand}/{version.version}")
    return _lines(*asked)


def _folder(evidence: Evidence) -> str:
    return f"versions/{evidence.version.brand}/{evidence.version.version}"


def _path(entry: Entry) -> str:
    return f"versions/{entry.brand}/ledger/{entry.name}"


def _pattern(path: str) -> str:
    """Return what matches a path, and no other, as a basic regular expression."""
    return re.sub(r"([.*\[\]^$\\])", r"\\\1", path)


def _lines(*commands: str | tuple[str, ...]) -> str:
    """Return commands, a line each; one that is given in parts may be broken between these."""
    return "\n".join("\n".join(_broken(each)) for each in commands)


def _broken(command: str | tuple[str, ...]) -> Iterable[str]:
    if isinstance(command, str):
        yield command
        return
    line, *parts = command
    for part in parts:
        if len(line) + len(part) + 3 > WIDTH:
            yield f"{line} \\"
            line = f"  {part}"
        else:
            line = f"{line} {part}"
    yield line
