"""The letter's section on how the reader checks it, and what that proves.

The reader gets commands in POSIX sh, to copy. Lines wider than the page are broken where the shell
allows it. None needs two spaces in a row: text copied out of a PDF may lose one.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC

from markupsafe import Markup

from publisher.archive.entries import Entry, Import, Reconstruct, Release, Timestamp
from publisher.archive.evidence.letter_sentences import Words, code
from publisher.archive.evidence.record import SUMS
from publisher.archive.evidence.values import Evidence, Recorded
from publisher.archive.trust.trust_files import ALLOWED_SIGNERS, AUTHORITIES

WIDTH = 92
"""Characters that a line of the page has room for."""
OWN_AUTHORITIES = "authorities.pem"
"""The file in which a reader puts certificates, where the bundle has none."""
_SUMS = "SHA256SUMS"
_NAMESPACE = "policy-release"


def unpack(evidence: Evidence) -> str:
    """Return commands that unpack the bundle, and compare each file with the bundle's list."""
    name = shlex.quote(evidence.name)
    return _lines(f"unzip {name}.zip", f"cd {name}", f"sha256sum --quiet -c {_SUMS} && echo OK")


def files(evidence: Evidence) -> str:
    """Return a command that compares the version's files with its list; "" if all are redacted."""
    redacted = [file.path for file in evidence.files if file.redacted]
    if len(redacted) == len(evidence.files):
        return ""
    if not redacted:
        return _lines((f"(cd {_folder(evidence)} &&", f"sha256sum -c {_SUMS})"))
    left_out = [f"-e {shlex.quote(f' {_pattern(path)}$')}" for path in redacted]
    return _lines((f"(cd {_folder(evidence)} &&", "grep -v", *left_out, _SUMS, "| sha256sum -c -)"))


def sums(evidence: Evidence) -> str:
    """Return commands that look for the hash of the version's list in the entry."""
    return _lines(
        ("sum=$(sha256sum", f"< {_folder(evidence)}/{_SUMS}", "| cut -c 1-64)"),
        ('grep "\\"sums\\": \\"$sum\\""', _path(evidence.version), "&& echo OK"),
    )


def chain(brand: str) -> str:
    """Return a command that follows the chain; entries are sorted by number: 10000 after 9999."""
    ledger = f"versions/{brand}/ledger"
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


def signature(evidence: Evidence, recorded: Recorded) -> str:
    """Return a command that checks the signature of an entry, and its owner if known."""
    path = _path(recorded.entry)
    how = ["ssh-keygen -Y check-novalidate", f"-n {_NAMESPACE}"]
    if recorded.principal is not None:
        how[0] = f"ssh-keygen -Y verify -f {ALLOWED_SIGNERS}"
        how.append(f"-I {shlex.quote(recorded.principal)}")
        if evidence.dated:
            at = recorded.entry.recorded_at.astimezone(UTC)
            how.append(f"-Overify-time={at:%Y%m%d%H%M%SZ}")
    return _lines((*how, f"-s {path}.sig", f"< {path}"))


def stamp(evidence: Evidence, entry: Timestamp, proven: str) -> str:
    """Return a command that checks a time-stamp of the entry in the file `proven`.

    The authority's certificate counts as it was then: it may have expired since.
    """
    known = AUTHORITIES if evidence.authorities else OWN_AUTHORITIES
    data = f"versions/{entry.brand}/ledger/{proven}"
    return _lines(
        (
            f"openssl ts -verify -attime {entry.time.timestamp():.0f}",
            f"-data {data}",
            f"-in {_path(entry)}.tsr",
            f"-CAfile {known}",
        )
    )


def git(evidence: Evidence) -> str:
    """Return commands for a clone of the repository; every entry changes the head of its ledger."""
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
    """Return a basic regular expression that matches a path, and no other."""
    return re.sub(r"([.*\[\]^$\\])", r"\\\1", path)


def _lines(*commands: str | tuple[str, ...]) -> str:
    """Return commands, a line each; a tuple may be broken between its parts."""
    return "\n".join("\n".join(_broken(command)) for command in commands)


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


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph, and the commands that follow it."""

    text: Markup
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A step: what to do, and how."""

    title: Markup
    parts: tuple[Part, ...]


def steps(evidence: Evidence, words: Words) -> tuple[Step, ...]:
    """Return the steps, in their order."""
    parts = {
        "unpack": (Part(words("step_unpack_said"), (unpack(evidence),)),),
        "files": (_files(evidence, words),),
        "sums": (Part(words("step_sums_said"), (sums(evidence),)),),
        "chain": (
            Part(
                words("step_chain_said", previous=code("previous")),
                (chain(evidence.version.brand),),
            ),
        ),
        "signatures": tuple(_signatures(evidence, words)),
        "stamps": (_stamps(evidence, words),),
        "git": (_git(evidence, words),),
    }
    return tuple(Step(words(f"step_{name}"), paragraphs) for name, paragraphs in parts.items())


def _files(evidence: Evidence, words: Words) -> Part:
    command = files(evidence)
    redacted = [file.path for file in evidence.files if file.redacted]
    if not command:
        return Part(words("step_files_none"))
    if not redacted:
        return Part(words("step_files_said"), (command,))
    return Part(words("step_files_redacted", files=code(", ".join(redacted))), (command,))


def _signatures(evidence: Evidence, words: Words) -> Iterator[Part]:
    """Yield how to check signatures by known owners, then the others."""
    if not evidence.signed:
        yield Part(words("step_signatures_none"))
    for named in (True, False):
        entries = [e for e in evidence.signed if (e.principal is not None) == named]
        if entries:
            key = "step_signatures_said" if named else "step_signatures_bare"
            text = words(key, file=code(ALLOWED_SIGNERS))
            yield Part(text, tuple(signature(evidence, entry) for entry in entries))


def _stamps(evidence: Evidence, words: Words) -> Part:
    if not evidence.record.stamps:
        return Part(words("step_stamps_none"))
    if evidence.authorities:
        text = words("step_stamps_said", file=code(AUTHORITIES))
    else:
        text = words("step_stamps_bare", file=code(OWN_AUTHORITIES))
    commands = (stamp(evidence, entry, proven) for entry, proven in evidence.record.stamps)
    return Part(text, tuple(commands))


def _git(evidence: Evidence, words: Words) -> Part:
    version = evidence.version
    key = "step_git_redacted" if evidence.record.redactions else "step_git_said"
    texts = [words(key, folder=code(f"versions/{version.brand}"))]
    texts += [words("step_git_source")] if not isinstance(version, Import) else []
    texts += [words("step_git_tag")] if isinstance(version, Release) else []
    return Part(Markup(" ").join(texts), (git(evidence),))


def proofs(evidence: Evidence, words: Words) -> Iterator[Markup]:
    """Yield what the evidence proves, then what it does not."""
    version = evidence.version
    yield words("proves_files", number=f"{version.sequence:04}")
    yield words("proves_chain")
    yield words("proves_archived")
    if isinstance(version, Import):
        yield words("proves_imported")
    if isinstance(version, Reconstruct):
        yield words("proves_reconstructed")
    if any(file.redacted for file in evidence.files):
        yield words("proves_redacted", sums=SUMS)
    yield words("proves_not_end")
    if evidence.signed:
        yield words("proves_signature")
    if evidence.record.stamps:
        yield words("proves_stamp")
    yield words("proves_clock")
