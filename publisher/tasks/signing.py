"""Refuses, before anything is written, a signature that the allowed signers do not bear out.

An entry is never changed: one that is signed by the wrong key, or not at all, stays a finding of
`publisher verify`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from publisher.archive.ledger import Ledger
from publisher.archive.signatures import (
    NAMESPACE,
    AllowedSigners,
    fingerprint,
    public_key,
)
from publisher.archive.signers import Signer
from publisher.errors import GitFailed, Refused
from publisher.model.evidence import ALLOWED_SIGNERS
from publisher.repository import Repository
from publisher.repository.writing import identity
from publisher.tasks.trusting import workspace_signers
from publisher.tasks.workspaces import Moment

NAMESPACES = f"{NAMESPACE},git"
TAGS = "git"


def refuse_signer(
    working: Moment, ledger: Ledger, key: str | None, now: datetime, *, tag: bool = False
) -> None:
    """Refuse a key that may not sign now, or none where entries are signed.

    `tag` says that it is to sign a tag, too. A workspace without the file allows all.
    """
    with workspace_signers(working) as allowed:
        if allowed is None:
            return
        if key is None:
            _refuse_unsigned(ledger)
            return
        for namespace in (NAMESPACE, TAGS) if tag else (NAMESPACE,):
            _refuse_key(allowed, key, namespace, now, working.repository)


def _refuse_unsigned(ledger: Ledger) -> None:
    for number in range(1, len(ledger) + 1):
        entry = ledger.entry(number)
        if entry.signer is not None:
            raise Refused(
                f"the entries of {ledger.brand} are signed since entry {number}, and "
                f"{ALLOWED_SIGNERS} says by whose keys; sign this one, too, with --sign KEY"
            )


def _refuse_key(
    allowed: AllowedSigners,
    key: str,
    namespace: str,
    now: datetime,
    repository: Repository | None,
) -> None:
    mark = fingerprint(key)
    public = public_key(key)
    if public is not None and "-cert-" in public:
        if allowed.certifying:
            return  # whom it names, only its signature tells
        raise Refused(
            f"{key} is a certificate, and {ALLOWED_SIGNERS} has no line with cert-authority, so "
            "that it would count for nothing; sign with the key itself"
        )
    if any(each.at(now) for each in allowed.of(mark, namespace)):
        return
    there = [each for each in allowed.signers if each.fingerprint == mark and not each.certifies]
    lapsed = [each for each in there if each.for_namespace(namespace)]
    if lapsed:
        mend = f"{_period(lapsed)}; sign with the key that is valid now"
    elif there:
        mend = (
            f"line {there[0].line} lets it sign for {there[0].namespaces} only; write "
            f'namespaces="{NAMESPACES}" there'
        )
    else:
        who, text = _address(repository), public or f"<the text of {key}.pub>"
        line = f'{who} namespaces="{NAMESPACES}" {text}'
        mend = f"if it is to be, add this line there, and commit it: `{line}`"
    raise Refused(
        f"{ALLOWED_SIGNERS} does not let the key {mark} sign for {namespace} today; {mend}"
    )


def _period(signers: list[Signer]) -> str:
    """Return when a key may sign, by the lines that have it."""
    said = []
    for each in signers:
        after = f"from {_moment(each.after)}" if each.after is not None else ""
        before = f"until {_moment(each.before)}" if each.before is not None else ""
        said.append(f"line {each.line} lets it {' '.join(filter(None, (after, before)))}")
    return ", ".join(said)


def _moment(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _address(repository: Repository | None) -> str:
    """Return the address of the git user, to name as the principal."""
    try:
        said = identity(repository) if repository is not None else ""
    except GitFailed:
        said = ""
    return said.rpartition("<")[2].removesuffix(">").replace(" ", "") or "NAME@EXAMPLE.COM"
