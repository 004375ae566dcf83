"""Refuses, before anything is written, a key that the allowed signers do not list.

An entry never changes: if it is signed with the wrong key, or not at all, `publisher verify`
reports it for ever.
"""

from __future__ import annotations

from datetime import UTC, datetime

from publisher.archive.fields import is_line
from publisher.archive.ledger import Ledger
from publisher.archive.trust.signatures import (
    NAMESPACE,
    AllowedSigners,
    fingerprint,
    public_key,
    refuse_unable,
)
from publisher.archive.trust.signers import Signer
from publisher.archive.trust.trust_files import ALLOWED_SIGNERS, workspace_signers
from publisher.errors import GitFailed, Refused
from publisher.repository.moment import Moment
from publisher.repository.reading import Repository
from publisher.repository.writing import identity

NAMESPACES = f"{NAMESPACE},git"
TAGS = "git"


def signed_or_not(key: str | None, unsigned: str | None) -> dict[str, str | None]:
    """Return the fields about an entry's signature: the key, or the reason for no signature."""
    return {
        "signer": fingerprint(key) if key else None,
        "unsigned": unsigned.strip() if unsigned is not None else None,
    }


def refuse_signer(  # noqa: PLR0913 - they are what it depends on
    working: Moment,
    ledger: Ledger,
    key: str | None,
    now: datetime,
    *,
    unsigned: str | None = None,
    tag: bool = False,
) -> None:
    """Refuse a key that may not sign now, and an unsigned entry where others are signed.

    `unsigned` is the reason for no key. With `tag`, the key signs a tag, too. A workspace without
    the file of allowed signers allows every key. Raises `SigningFailed` if `key` is not one, or
    cannot sign.
    """
    with workspace_signers(working) as allowed:
        if key is None:
            _refuse_unsigned(ledger, unsigned)
        elif unsigned is not None:
            raise Refused(
                "--sign signs the entry, and --unsigned says why it is not signed; give one of them"
            )
        elif allowed is None:
            fingerprint(key)  # so that it fails now, not after all the work
        else:
            for namespace in (NAMESPACE, TAGS) if tag else (NAMESPACE,):
                _refuse_key(allowed, key, namespace, now, working.repository)
        if key is not None:
            refuse_unable(key)


def _refuse_unsigned(ledger: Ledger, reason: str | None) -> None:
    """Refuse an unsigned entry after a signed one, unless a reason is given."""
    if reason is not None and not is_line(reason.strip()):
        raise Refused("--unsigned takes text on one line")
    entries = (ledger.entry(number) for number in range(len(ledger), 0, -1))
    signed = next((entry for entry in entries if entry.signer is not None), None)
    if signed is None and reason is not None:
        raise Refused(
            f"no entry of {ledger.brand} is signed, so this one needs no reason for not being "
            "signed; leave out --unsigned"
        )
    if signed is not None and reason is None:
        raise Refused(
            f"entry {signed.sequence} of {ledger.brand} is signed by the key {signed.signer}, and "
            "this entry is not; sign it with --sign KEY, or say with --unsigned REASON why it is "
            "not signed"
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
            return  # only its signature shows whom it names
        raise Refused(
            f"{key} is a certificate, and {ALLOWED_SIGNERS} has no line with cert-authority, so "
            "it would count for nothing; sign with the key itself"
        )
    if any(signer.at(now) for signer in allowed.of(mark, namespace)):
        return
    signers = [s for s in allowed.signers if s.fingerprint == mark and not s.certifies]
    lapsed = [signer for signer in signers if signer.for_namespace(namespace)]
    if lapsed:
        fix = f"{_period(lapsed)}; sign with the key that is valid now"
    elif signers:
        fix = (
            f"line {signers[0].line} allows it to sign for {signers[0].namespaces} only; write "
            f'namespaces="{NAMESPACES}" there'
        )
    else:
        who, text = _address(repository), public or f"<the text of {key}.pub>"
        line = f'{who} namespaces="{NAMESPACES}" {text}'
        fix = f"to allow it, add this line there and commit it: `{line}`"
    raise Refused(
        f"{ALLOWED_SIGNERS} does not let the key {mark} sign for {namespace} today; {fix}"
    )


def _period(signers: list[Signer]) -> str:
    """Return when a key may sign, by the lines that have it."""
    periods = []
    for signer in signers:
        after = [f"from {_moment(signer.after)}"] if signer.after is not None else []
        before = [f"until {_moment(signer.before)}"] if signer.before is not None else []
        periods.append(f"line {signer.line} allows it {' '.join(after + before)}")
    return ", ".join(periods)


def _moment(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _address(repository: Repository | None) -> str:
    """Return the address of the git user, to name as the principal."""
    try:
        user = identity(repository) if repository is not None else ""
    except GitFailed:
        user = ""
    return user.rpartition("<")[2].removesuffix(">").replace(" ", "") or "NAME@EXAMPLE.COM"
