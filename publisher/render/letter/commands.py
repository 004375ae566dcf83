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

WIDTH = 88
"""Characters that a line of the page has room for."""
OWN_AUTHORITIES = "authorities.pem"
"""The file in which a reader puts certificates, where the bundle has none."""
_SUMS = "SHA256SUMS"
_NAMESPACE = "policy-release"
_WORD = re.compile(r"&& echo OK|(?:(?:-{1,2}[\w-]+|<|&&|\|) )*(?:'[^']*'\S*|\S+)")
"""What stays on one line: a word, with the option or the sign before it."""


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
        return _lines(f"(cd {_folder(evidence)} && sha256sum -c {_SUMS})")
    left_out = " ".join(f"-e {shlex.quote(f' {_pattern(path)}$')}" for path in gone)
    return _lines(f"(cd {_folder(evidence)} && grep -v {left_out} {_SUMS} | sha256sum -c -)")


def sums(evidence: Evidence) -> str:
    """Return what looks for the hash of the version's list in the entry."""
    return _lines(
        f"sum=$(sha256sum < {_folder(evidence)}/{_SUMS} | cut -c 1-64)",
        f'grep "\\"sums\\": \\"$sum\\"" {_path(evidence.version)} && echo OK',
    )


def chain(evidence: Evidence) -> str:
    """Return what follows the chain, whose entries are sorted by number: 10000 behind 9999."""
    ledger = f"versions/{evidence.version.brand}/ledger"
    return "\n".join(
        (
            f"(cd {ledger} && sha256sum $(ls | grep 'json$' | sort -n) | {{",
            "  before=null state=OK",
            "  while read -r sum entry; do",
            r'    grep -q "^ \"previous\": $before\$" "$entry" || state="${state#OK}BROKEN at $entry "',
            r'    before="\"$sum\""',
            "  done",
            '  echo "$state"; echo "$before"; })',
        )
    )


def signature(evidence: Evidence, each: Recorded) -> str:
    """Return what checks the signature of an entry: whose it is, if that is known."""
    path = _path(each.entry)
    if each.principal is None:
        how = f"ssh-keygen -Y check-novalidate -n {_NAMESPACE}"
    else:
        who = shlex.quote(each.principal)
        how = f"ssh-keygen -Y verify -f {ALLOWED_SIGNERS} -I {who} -n {_NAMESPACE}"
        if evidence.dated:
            how += f" -Overify-time={each.entry.recorded_at.astimezone(UTC):%Y%m%d%H%M%SZ}"
    return _lines(f"{how} -s {path}.sig < {path}")


def stamp(evidence: Evidence, each: Timestamp, proven: str) -> str:
    """Return what checks a time-stamp of the entry whose file is named `proven`."""
    known = AUTHORITIES if evidence.authorities else OWN_AUTHORITIES
    folder = f"versions/{each.brand}/ledger"
    return _lines(
        f"openssl ts -verify -data {folder}/{proven} -in {_path(each)}.tsr -CAfile {known}"
    )


def git(evidence: Evidence) -> str:
    """Return what asks a clone of the repository."""
    version = evidence.version
    asked = [
        f"git log -m --full-history --diff-filter=MDRT --name-status -- versions/{version.brand}"
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


def _lines(*commands: str) -> str:
    return "\n".join(line for each in commands for line in _broken(each))


def _broken(command: str) -> Iterable[str]:
    """Yield the lines of a command, broken between its words."""
    line = ""
    for word in _WORD.findall(command):
        if line and len(line) + len(word) + 3 > WIDTH:
            yield f"{line} \\"
            line = ""
        line = f"{line} {word}".strip()
    yield line
