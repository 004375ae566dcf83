"""Whom a workspace trusts: ``shared/allowed_signers``, ``shared/timestamp_authorities.pem``.

The working tree's file counts, or one that the user names instead: an auditor brings a copy of
their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from publisher.archive.trust.signatures import AllowedSigners, allowed_signers
from publisher.archive.trust.signers import read_signers, written
from publisher.archive.trust.timestamp_check import read_authorities
from publisher.errors import AskedWrongly, InvalidTrust, NotFetched, SigningFailed
from publisher.files.named import Unread, read_named
from publisher.policy.characters import LARGEST
from publisher.problem import Problem, error
from publisher.repository.moment import Moment, source_at
from publisher.repository.source import Source, Unreadable

ALLOWED_SIGNERS = "shared/allowed_signers"
"""OpenSSH's file of the keys that may sign, in the workspace."""
AUTHORITIES = "shared/timestamp_authorities.pem"
"""The certificates of the authorities whose time-stamps count, in the workspace."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom to trust: those who may sign, and a file of authorities' certificates in PEM.

    If `stamps` is false, time-stamps are read and compared, but their signatures are not checked.
    `certificates` is the text of that file.
    """

    signers: AllowedSigners | None = None
    authorities: Path | None = None
    stamps: bool = True
    certificates: str = field(default="", repr=False)


NOBODY = Trust(stamps=False)
"""Trusts nobody, and leaves the signatures of time-stamps unchecked."""


@contextmanager
def trusted(
    moment: Moment, signers_file: Path | None, authorities_pem: Path | None
) -> Iterator[tuple[Trust, tuple[str, ...]]]:
    """Give whom to trust, and notes on the files that say so: the workspace's, or those named.

    Copies of the files are used, so that changes during the work have no effect. Raises
    `InvalidTrust` and `AskedWrongly`.
    """
    with TemporaryDirectory() as folder:
        signers = _signers(moment, signers_file, Path(folder))
        authorities = authorities_file(moment, authorities_pem, Path(folder))
        own = {
            ALLOWED_SIGNERS: signers_file is None and signers is not None,
            AUTHORITIES: authorities_pem is None and authorities is not None,
        }
        notes = (_differs(moment, path) for path, counts in own.items() if counts)
        certificates = authorities.read_text("ascii") if authorities is not None else ""
        yield Trust(signers, authorities, certificates=certificates), tuple(filter(None, notes))


def copied(trust: Trust, folder: Path) -> Trust:
    """Return the same trust with its files in a folder: another machine does not have them yet."""
    signers, authorities = trust.signers, trust.authorities
    if signers is not None:
        signers = replace(signers, file=folder / "allowed_signers")
        signers.file.write_text(written(signers.signers), encoding="utf-8")
    if authorities is not None:
        authorities = folder / "authorities.pem"
        authorities.write_text(trust.certificates, encoding="ascii")
    return replace(trust, signers=signers, authorities=authorities)


@contextmanager
def workspace_signers(moment: Moment) -> Iterator[AllowedSigners | None]:
    """Give those who may sign, by the workspace's file, if it has one; raises `InvalidTrust`."""
    with TemporaryDirectory() as folder:
        yield _signers(moment, None, Path(folder))


def untrusted(moment: Moment) -> tuple[Problem, ...]:
    """Return what is wrong with the workspace's files that say whom it trusts.

    Without ssh-keygen, nobody can tell whether a key there is whole; the rest is checked.
    """
    problems: list[Problem] = []
    with TemporaryDirectory() as folder:
        for read in (_signers, authorities_file):
            try:
                read(moment, None, Path(folder))
            except InvalidTrust as fault:
                problems += fault.problems
            except SigningFailed:
                continue
    return tuple(problems)


def _signers(moment: Moment, named: Path | None, folder: Path) -> AllowedSigners | None:
    data = _read(moment.source, ALLOWED_SIGNERS, named, "allowed signers")
    if data is None:
        return None
    where = str(named or ALLOWED_SIGNERS)
    signers, problems = read_signers(where, data)
    if problems:
        raise InvalidTrust(problems, named=named is not None)
    return allowed_signers(where, signers, folder)


def authorities_file(moment: Moment, named: Path | None, folder: Path) -> Path | None:
    """Return a copy, in a folder, of the certificates of authorities that are trusted, if any."""
    data = _read(moment.source, AUTHORITIES, named, "certificates of time-stamping authorities")
    if data is None:
        return None
    certificates, problems = read_authorities(str(named or AUTHORITIES), data)
    if problems:
        raise InvalidTrust(problems, named=named is not None)
    file = folder / "authorities.pem"
    file.write_text(certificates, encoding="ascii")
    return file


def _read(source: Source, path: str, named: Path | None, of: str) -> bytes | None:
    """Return the file that the user names, or the workspace's, if it has one."""
    if named is not None:
        try:
            return read_named(named, LARGEST)
        except Unread as fault:
            raise AskedWrongly(f"{named} {fault}; name the file of {of}") from fault
    try:
        return source.read(path)
    except Unreadable as fault:
        raise InvalidTrust((error("file", path, None, fault.reason, fault.fix),)) from fault


def _differs(moment: Moment, path: str) -> str | None:
    """Return a note if a file differs from the newest commit."""
    if moment.repository is None or moment.commit is None:
        return None
    try:
        committed = source_at(moment.repository, moment.commit).read(path)
    except (Unreadable, NotFetched):
        committed = None
    if committed == moment.source.read(path):
        return None
    return f"{path} differs from the newest commit; the file here counts"
