"""What is wrong with keys and time-stamps, and what users are told."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from publisher.archive.entries import sha256
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.timestamp import take_in
from publisher.archive.trust.timestamp_reply import query
from support.archives import by_hand, noon, released
from support.authorities import NOON, Authority, authority, sequence, value
from support.bad_archives import FIRST, LEDGER, ONE, REFUSED, RELEASE, SECOND, THIRD, Case
from support.keys import key_pair
from support.workspaces import Repo

SIGNERS = "shared/allowed_signers"
OTHER = "ssh-ed25519 " + base64.b64encode(
    b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(range(32))
).decode()  # fmt: skip
TAKE = ("timestamp", "alpha", "--tsa-reply", "../reply.tsr")
RETIRE = ("retire", "alpha", "--on", "2025-07-01", "--reason", "Sold")
ENDORSE = ("endorse", "alpha", "3", "--reason", "Ops forgot the key", "--sign", "../ours")
STAMP = f"{LEDGER}/0003-timestamp-2025-02-01.json"
_FOLDER = TemporaryDirectory()


@cache
def _tsa() -> Authority:
    return authority(Path(_FOLDER.name))


def _allow(*lines: str) -> Callable[[Repo], None]:
    """Write the file of allowed signers; OURS is the key that the next version may be signed with."""

    def allow(repo: Repo) -> None:
        key = repo.root.parent / "ours"
        if not key.exists():
            key_pair(key)
        ours = (repo.root.parent / "ours.pub").read_text().strip()
        text = "".join(f"{each.replace('OURS', ours)}\n" for each in lines)
        (repo.workspace / SIGNERS).write_text(text)

    return allow


def _signed(repo: Repo) -> None:
    _allow("legal@acme.example OURS")(repo)
    released(repo, "2025-02-02", sign=str(repo.root.parent / "ours"))
    repo.commit({"shared/clauses/en/data.md": None}, "change", "2025-02-03T12:00:00+0000")


def _forgotten(repo: Repo) -> None:
    _signed(repo)
    by_hand(repo, "retire", on="2025-07-01", locale=None, reason="Sold")


def _reply(path: str = SECOND, at: str = NOON, *options: str) -> Callable[[Repo], Path]:
    """Let the authority prove an entry."""

    def reply(repo: Repo) -> Path:
        data = (repo.workspace / path).read_bytes()
        asked = _tsa().query(data, *options) if options else query(sha256(data))
        file = repo.root.parent / "reply.tsr"
        file.write_bytes(_tsa().reply(asked, at))
        return file

    return reply


def _says(data: bytes) -> Callable[[Repo], object]:
    return lambda repo: (repo.root.parent / "reply.tsr").write_bytes(data)


def _taken(repo: Repo) -> None:
    now = noon("2025-02-01") + timedelta(minutes=2)
    take_in(repo.workspace, "alpha", None, _reply()(repo), AppendOptions(now))


def _altered(repo: Repo) -> None:
    _taken(repo)
    file = repo.workspace / f"{STAMP}.tsr"
    file.write_bytes(file.read_bytes()[:-1] + b"x")


def _roots(name: str, then: Callable[[Repo], object]) -> Callable[[Repo], None]:
    def prepare(repo: Repo) -> None:
        then(repo)
        (repo.root.parent / "roots.pem").write_bytes((_tsa().folder / f"{name}.pem").read_bytes())

    return prepare


REJECTED = sequence(
    sequence(b"\x02\x01\x02", sequence(value(0x0C, b"Too many requests")), b"\x03\x02\x05\x20")
)
CASES = (
    # --- keys ---
    Case("a key that is not there", "error: alpha was not released: '…/none' is not an SSH key that ssh-keygen can read: …", 4,
         command=("release", "alpha", "--sign", "{workspace}/none", "--dry-run")),
    Case("a comparison with a folder that is no clone", "error: '/' is not a folder with a clone, a revision of this repository, or the SHA-256 of an entry (64 hexadecimal digits). Name one of them", 2,
         command=("verify", "--against", "/")),
    Case("a key that may not sign",
         f'{REFUSED}shared/allowed_signers does not let the key SHA256:… sign for policy-release today; to allow it, add this line there and commit it: `ops@acme.example namespaces="policy-release,git" ssh-ed25519 AAAA…`. Nothing was written',
         2, _allow(f"legal@acme.example {OTHER}"), (*RELEASE, "--sign", "../ours")),
    Case("a key that has expired",
         f"{REFUSED}shared/allowed_signers does not let the key SHA256:… sign for policy-release today; line 1 allows it until 2025-03-01 00:00 UTC; sign with the key that is valid now. Nothing was written",
         2, _allow('legal@acme.example valid-before="20250301Z" OURS'), (*RELEASE, "--sign", "../ours")),
    Case("a key for another purpose",
         f'{REFUSED}shared/allowed_signers does not let the key SHA256:… sign for git today; line 1 allows it to sign for policy-release only; write namespaces="policy-release,git" there. Nothing was written',
         2, _allow('legal@acme.example namespaces="policy-release" OURS'), (*RELEASE, "--sign", "../ours", "--tag")),
    Case("an unsigned entry after a signed one",
         "error: entry 3 of alpha is signed by the key SHA256:…, and this entry is not; sign it with --sign KEY, or say with --unsigned REASON why it is not signed. Nothing was written",
         2, _signed, RETIRE),
    Case("--unsigned where no entry is signed",
         "error: no entry of alpha is signed, so this one needs no reason for not being signed; leave out --unsigned. Nothing was written",
         2, command=(*RETIRE, "--unsigned", "The key is in the safe")),
    Case("--sign together with --unsigned",
         "error: --sign signs the entry, and --unsigned says why it is not signed; give one of them. Nothing was written",
         2, _signed, (*RETIRE, "--unsigned", "The key is in the safe", "--sign", "../ours")),
    Case("an unsigned entry in the archive, after a signed one",
         f"{LEDGER}/0004-retire-2025-07-01.json: is not signed, and an entry before it is; if it is yours, say so with `publisher endorse alpha 4 --reason TEXT --sign KEY`",
         3, _forgotten, ("verify",)),
    Case("an unknown entry to endorse",
         "error: the ledger of alpha has no entry 9; it has the entries 1 to 3, and `publisher verify` names those to endorse. Nothing was written",
         2, _signed, (*ENDORSE[:2], "9", *ENDORSE[3:])),
    Case("an entry that needs no endorsement", "error: entry 3 is signed by legal@acme.example, so it needs no endorsement. Nothing was written",
         2, _signed, ENDORSE),
    Case("a line without a key in allowed_signers",
         f'error: {SIGNERS}:2: has no key, or options that cannot be read; write a line such as: legal@example.com namespaces="policy-release,git" ssh-ed25519 AAAA…',
         1, _allow("legal@acme.example OURS", "ops@acme.example"), ("verify",)),
    Case("an unknown option in allowed_signers",
         f"error: {SIGNERS}:1: has the unknown option 'namespace'; use namespaces, valid-after, valid-before, cert-authority",
         1, _allow('legal@acme.example namespace="git" OURS'), ("verify",)),
    Case("an invalid time in allowed_signers",
         f'error: {SIGNERS}:1: has valid-after="2025-01-01", which is not a time; write one such as 20270131 or 20270131120000Z',
         1, _allow('legal@acme.example valid-after="2025-01-01" OURS'), ("verify",)),
    Case("an empty allowed_signers", f"error: {SIGNERS}: names no key; write a line such as: legal@example.com namespaces=\"policy-release,git\" ssh-ed25519 AAAA…, or delete the file", 1, _allow(), ("verify",)),
    Case("a signature by a key that had expired",
         f"{THIRD}.sig: is by the key SHA256:…, which was not allowed to sign then; if it is yours, say so with `publisher endorse alpha 3 --reason TEXT --sign KEY`", 3,
         lambda repo: (_signed(repo), _allow('legal@acme.example valid-before="20250201Z" OURS')(repo)), ("verify",)),
    # --- time-stamps ---
    Case("--query together with --tsa-reply", "error: give --query FILE to ask, then --tsa-reply FILE to take in the answer",
         2, command=("timestamp", "alpha")),
    Case("a query that would overwrite a file", "error: ../query.tsq exists already, and is a different file; name another",
         2, lambda repo: (repo.root.parent / "query.tsq").write_text("x"), ("timestamp", "alpha", "--query", "../query.tsq")),
    Case("a file that is not a time-stamp reply",
         "error: ../reply.tsr is not a reply of a time-stamping authority in DER (application/timestamp-reply): it begins with '<html>502 Bad Gateway'. Nothing was written",
         2, _says(b"<html>502 Bad Gateway"), TAKE),
    Case("a reply that grants no time-stamp",
         "error: ../reply.tsr grants no time-stamp: the authority answered 'rejected' (Too many requests; such requests are not permitted or supported); ask it again, or another one. Nothing was written",
         2, _says(REJECTED), TAKE),
    Case("a reply about another text",
         "error: ../reply.tsr is for another text: no entry of alpha has the hash that it certifies, …; ask with the query that `publisher timestamp alpha --query FILE` writes. Nothing was written",
         2, _reply(f"{ONE}/SHA256SUMS"), TAKE),
    Case("a reply about another version",
         "error: ../reply.tsr proves entry 1, 0001-release-2025-01-10.json, and not entry 2, the entry of 2025-01-20; leave the version out to take it in. Nothing was written",
         2, _reply(FIRST), ("timestamp", "alpha", "2025-01-20", *TAKE[2:])),
    Case("a reply with a weak hash",
         "error: ../reply.tsr certifies a hash made with SHA-1, which proves nothing here; ask with the query that `publisher timestamp BRAND --query FILE` writes (SHA-256). Nothing was written",
         2, _reply(SECOND, NOON, "-sha1", "-cert"), TAKE),
    Case("a reply from the future", "error: ../reply.tsr says that it was made at 2025-06-15 12:06:00 UTC, and the clock here says 2025-06-15 12:00:00 UTC; set the clock, or ask another authority. Nothing was written",
         4, _reply(SECOND, "2025-06-15 12:06:00"), TAKE),
    Case("a reply from before the entry",
         "error: ../reply.tsr says that it was made at 2025-01-20 11:54:00 UTC, and entry 2 was recorded at 2025-01-20 12:00:00 UTC: one of the two clocks is wrong; set the clock here, or ask another authority. Nothing was written",
         2, _reply(SECOND, "2025-01-20 11:54:00"), TAKE),
    Case("a reply without its certificate",
         "error: ../reply.tsr does not include the certificate of the key that signed it: a query must ask for it, with certReq; ask again, or another authority. Nothing was written",
         2, _reply(SECOND, NOON, "-sha256"), TAKE),
    Case("a reply from an untrusted authority",
         "error: ../reply.tsr is not confirmed by the trusted authorities: unable to get local issuer certificate; ask again, or another authority, or add its root certificate to shared/timestamp_authorities.pem. Nothing was written",
         2, _roots("other", _reply()), (*TAKE, "--authorities", "../roots.pem")),
    Case("a reply that is in the archive already", "error: ../reply.tsr is in the archive already, as entry 3. Nothing was written", 2, _taken, TAKE),
    Case("a file of authorities without a certificate",
         "error: shared/timestamp_authorities.pem: has no certificate in PEM; put those of the time-stamping authorities there, or delete it",
         1, lambda repo: (repo.workspace / "shared/timestamp_authorities.pem").write_text("x"), ("verify",)),
    Case("an altered time-stamp", f"{STAMP}.tsr: is altered: its SHA-256 is not in 0003-timestamp-2025-02-01.json", 3, _altered, ("verify",)),
    Case("a time-stamp from an untrusted authority",
         f"{STAMP}.tsr: is not confirmed by the trusted authorities: unable to get local issuer certificate",
         3, _roots("other", _taken), ("verify", "--authorities", "../roots.pem")),
)  # fmt: skip
