"""Time-stamps: a query, its reply in the ledger, and what it proves to whom, years later."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import ROOT, Run
from support.archives import archive, noon, released, say, state
from support.authorities import NAME, NOON, Authority, authority
from support.keys import key_pair
from support.workspaces import Repo

from publisher.archive.entries import Timestamp, entry_bytes, read_entry, sha256
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.timestamp import Stamped, take_in, write_query
from publisher.archive.trust.timestamp_reply import query
from publisher.archive.verify.verify import Verified, verify
from publisher.cli.proofs_output import lines
from publisher.errors import AskedWrongly, PublisherError, StampsUnchecked, UnknownName

LEDGER = "versions/alpha/ledger"
ONE, TWO = f"{LEDGER}/0001-release-2025-01-10.json", f"{LEDGER}/0002-release-2025-01-20.json"
STAMP = f"{LEDGER}/0003-timestamp-2025-02-01.json"
UNCHECKED = "that was not checked: give the certificates of authorities that you trust"


@pytest.fixture(scope="session")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repo = archive(tmp_path_factory.mktemp("stamps") / "repo")
    released(repo, "2025-01-10")
    say(repo, "Second.", date="2025-01-11T12:00:00+0000")
    released(repo, "2025-01-20")
    return repo.root


@pytest.fixture(scope="session")
def stamped_original(
    tmp_path_factory: pytest.TempPathFactory, original: Path, tsa: Authority
) -> Path:
    root = tmp_path_factory.mktemp("stamped") / "repo"
    shutil.copytree(original, root)
    take(Repo.of(root), tsa)
    return root


@pytest.fixture
def repo(original: Path, tmp_path: Path) -> Repo:
    """A repository with two versions."""
    shutil.copytree(original, tmp_path / "repo")
    return Repo.of(tmp_path / "repo")


@pytest.fixture
def stamped(stamped_original: Path, tmp_path: Path) -> Repo:
    """The same, with a time-stamp of its second entry."""
    shutil.copytree(stamped_original, tmp_path / "stamped")
    return Repo.of(tmp_path / "stamped")


def take(
    repo: Repo,
    tsa: Authority,
    version: str | None = None,
    at: str = NOON,
    now: datetime | None = None,
    **how: object,
) -> Stamped:
    """Ask the authority about the newest entry, or that of a version, and take in its reply."""
    file = repo.root.parent / "reply.tsr"
    asked = repo.root.parent / "query.tsq"
    asked.unlink(missing_ok=True)
    write_query(repo.workspace, "alpha", version, asked)
    file.write_bytes(tsa.reply(asked.read_bytes(), at))
    return into(repo, file, version, now, **how)


def into(
    repo: Repo,
    file: Path,
    version: str | None = None,
    now: datetime | None = None,
    authorities: Path | None = None,
    **how: object,
) -> Stamped:
    asked = AppendOptions(now or noon("2025-02-01") + timedelta(minutes=2), **how)  # type: ignore[arg-type]
    return take_in(repo.workspace, "alpha", version, file, asked, authorities=authorities)


def told(verified: Verified) -> list[str]:
    return [text for each in verified.proofs for text in lines(each)]


def test_a_reply_is_kept_untouched_with_what_it_tells(repo: Repo, tsa: Authority) -> None:
    done = take(repo, tsa)
    entry = done.appended.entry
    assert isinstance(entry, Timestamp)
    assert not done.checked
    reply = (repo.root.parent / "reply.tsr").read_bytes()
    assert (repo.workspace / f"{STAMP}.tsr").read_bytes() == reply
    assert (entry.name, entry.entry) == (STAMP.rpartition("/")[2], 2)
    assert entry.digest == sha256((repo.workspace / TWO).read_bytes())
    assert entry.reply == sha256(reply)
    assert entry.authority == NAME
    assert entry.time.utcoffset() == timedelta(hours=1), "in the brand's time zone"
    assert abs(entry.time - datetime.fromisoformat(f"{NOON}+00:00")) < timedelta(seconds=5)
    assert repo.git("status", "--porcelain") == ""
    names = repo.git("show", "--format=", "--name-only", "HEAD").split()
    assert names == ["versions/alpha/ledger.head", STAMP, f"{STAMP}.tsr"]
    verified = verify(repo.workspace)
    assert (verified.findings, verified.notes) == ((), ())
    (line,) = told(verified)
    assert re.match(
        r"alpha: entry 2 and all before it were there by 2025-02-01 12:00:0\d UTC \(± 0.5 s\), said "
        rf"by {re.escape(NAME)}; {UNCHECKED}", line
    ), line  # fmt: skip


def test_it_is_proven_to_those_who_trust_the_authority(
    stamped: Repo, tsa: Authority, run: Run
) -> None:
    """The authority's own certificate ended with 2025."""
    verified = verify(stamped.workspace, authorities=tsa.roots)
    assert (verified.findings, verified.notes) == ((), ())
    (line,) = told(verified)
    assert line.endswith(f"UTC (± 0.5 s), proven by {NAME}")
    done = run("verify", "--json", "--authorities", str(tsa.roots), cwd=stamped.workspace)
    assert done.returncode == 0, done.stderr
    proofs = json.loads(done.stdout)["proofs"]["alpha"]
    by = [each["proven_by"] for each in proofs["entries"]]
    assert (
        by[0]
        == by[1]
        == proofs["timestamps"][0]["time"].replace("13:", "12:").replace("+01", "+00")
    )
    assert by[2] is None
    assert proofs["timestamps"][0] | {"time": ""} == {
        "entry": 3, "proves": 2, "time": "", "accuracy_seconds": 0.5, "authority": NAME,
        "checked": True,
    }  # fmt: skip
    done = run("verify", "--json", cwd=stamped.workspace)
    proofs = json.loads(done.stdout)["proofs"]["alpha"]
    assert not any(each["proven_by"] for each in proofs["entries"])


def test_the_workspace_says_which_authorities_it_trusts(stamped: Repo, tsa: Authority) -> None:
    file = "shared/timestamp_authorities.pem"
    stamped.commit({file: tsa.roots.read_text()}, "Trust", "2025-02-02T12:00:00+0000")
    assert "proven by" in told(verify(stamped.workspace))[0]
    assert take(stamped, tsa, at="2025-03-01 12:00:00", now=noon("2025-03-02")).checked
    (stamped.workspace / file).write_text((tsa.folder / "other.pem").read_text())
    verified = verify(stamped.workspace)
    assert f"{file} differs from the newest commit; the file here counts" in verified.notes
    assert {each.path for each in verified.findings} == {
        f"{STAMP}.tsr", f"{LEDGER}/0004-timestamp-2025-03-01.json.tsr",
    }  # fmt: skip
    assert "unable to get" in verified.findings[0].message
    assert told(verified) == []
    (stamped.workspace / file).write_text("nothing")
    with pytest.raises(PublisherError, match=f"{file}: has no certificate in PEM"):
        verify(stamped.workspace)


def test_each_version_has_its_earliest_time(repo: Repo, tsa: Authority) -> None:
    take(repo, tsa, "2025-01-10", "2025-02-01 12:00:00")
    take(repo, tsa, None, "2025-03-01 12:00:00", noon("2025-03-02"))
    take(repo, tsa, "2025-01-20", "2025-04-01 12:00:00", noon("2025-04-02"))
    take(repo, tsa, "2025-01-10", "2025-05-01 12:00:00", noon("2025-05-02"))
    verified = verify(repo.workspace, authorities=tsa.roots)
    assert (verified.findings, verified.notes) == ((), ())
    (found,) = verified.proofs
    months = [
        each.time.month if (each := found.earliest(number)) else None for number in range(1, 7)
    ]
    assert months == [2, 3, 3, None, None, None]
    assert "entry 3 and all before it were there by 2025-03-01" in told(verified)[0]


def test_an_entry_may_be_signed_and_stamped(repo: Repo, tsa: Authority, tmp_path: Path) -> None:
    key = key_pair(tmp_path / "key")
    done = take(repo, tsa, sign=str(key))
    assert [path.suffix for path in done.appended.paths] == [".sig", ".tsr", ".json", ".head"]
    assert verify(repo.workspace).findings == ()
    (repo.workspace / f"{STAMP}.sig").unlink()
    assert f"{STAMP}.sig" in {each.path for each in verify(repo.workspace).findings}


def test_what_needs_no_commit_and_what_writes_nothing(repo: Repo, tsa: Authority) -> None:
    before = state(repo)
    assert take(repo, tsa, dry_run=True).appended.paths == ()
    assert state(repo) == before
    assert take(repo, tsa, commit=False).appended.commit is None
    assert repo.git("log", "--format=%s", "-1") == "Release alpha 2025-01-20"
    assert [each.split()[0] for each in verify(repo.workspace).notes] == [STAMP]


def test_the_query(repo: Repo, tmp_path: Path) -> None:
    file = tmp_path / "query.tsq"
    done = write_query(repo.workspace, "alpha", None, file)
    assert done.digest == sha256((repo.workspace / TWO).read_bytes())
    assert file.read_bytes() == query(done.digest)
    assert write_query(repo.workspace, "alpha", "2025-01-20", file) == done, "it is the same"
    with pytest.raises(AskedWrongly, match="exists already, and is a different file; name another"):
        write_query(repo.workspace, "alpha", "2025-01-10", file)
    for place in ("versions/alpha/ledger/query", "versions/query"):
        with pytest.raises(AskedWrongly, match="is among the company's own files, in versions/"):
            write_query(repo.workspace, "alpha", None, repo.workspace / place)
    with pytest.raises(PublisherError, match="free space, or name another file with --query"):
        write_query(repo.workspace, "alpha", None, tmp_path / "query.tsq" / "below")
    with pytest.raises(UnknownName, match="unknown version '2025-01-11'"):
        write_query(repo.workspace, "alpha", "2025-01-11", tmp_path / "other")
    write_query(repo.workspace, "alpha", None, tmp_path / "dry", dry_run=True)
    assert not (tmp_path / "dry").exists()


def test_the_printed_commands_go_on_with_it(
    repo: Repo, tsa: Authority, tmp_path: Path, run: Run
) -> None:
    done = run("timestamp", "alpha", "2025-01-10", "--query", "a query.tsq", cwd=repo.workspace)
    assert done.returncode == 0, done.stderr
    rows = dict(
        each.split(maxsplit=1) for each in done.stdout.splitlines() if each.startswith("  ")
    )
    curl = shlex.split(rows["now"])
    assert curl[:3] == ["curl", "-H", "Content-Type: application/timestamp-query"]
    assert curl[3:] == ["--data-binary", "@a query.tsq", "URL", ">", "reply.tsr"]
    now = datetime.now(UTC) - timedelta(seconds=5)
    reply = Authority(renewed(tsa, tmp_path, now)).reply(
        (repo.workspace / curl[4][1:]).read_bytes(), f"{now:%Y-%m-%d %H:%M:%S}"
    )
    (repo.workspace / curl[-1]).write_bytes(reply)
    command = shlex.split(rows["then"])
    assert command[0] == "publisher"
    done = run(*command[1:], cwd=repo.workspace)
    assert done.returncode == 0, done.stderr
    assert "alpha, entry 1, is time-stamped" in done.stdout
    assert UNCHECKED in done.stdout
    done = run(*command[1:], cwd=repo.workspace)
    assert (done.returncode, done.stdout) == (2, "")
    assert "reply.tsr is in the archive already, as entry 3. Nothing was written" in done.stderr


def renewed(tsa: Authority, tmp_path: Path, now: datetime) -> Path:
    """Return the authority with a certificate that is valid now."""
    from support.authorities import SUBJECT, issue

    folder = tmp_path / "renewed"
    shutil.copytree(tsa.folder, folder)
    days = (now - datetime(2024, 1, 1, tzinfo=UTC)).days + 2
    issue(Authority(folder), "stamps", "inter", SUBJECT, str(days))
    return folder


# --- what is refused ---


def test_what_is_refused_writes_nothing(repo: Repo, tsa: Authority, tmp_path: Path) -> None:
    file = tmp_path / "reply.tsr"
    before = state(repo)

    def why(data: bytes, version: str | None = None, now: str = "2025-02-01", **how: object) -> str:
        file.write_bytes(data)
        with pytest.raises(PublisherError) as raised:
            into(repo, file, version, noon(now) + timedelta(minutes=2), **how)
        assert state(repo) == before
        assert str(raised.value).endswith(". Nothing was written")
        return str(raised.value)

    one = (repo.workspace / ONE).read_bytes()
    reply = tsa.reply(query(sha256(one)))
    assert "is not a reply of a time-stamping authority in DER" in why(b"<html>busy")
    assert "grants no time-stamp: the authority answered 'rejected'" in why(
        tsa.reply(tsa.query(one, "-sha384", "-cert"))
    )
    assert "certifies a hash made with SHA-1" in why(tsa.reply(tsa.query(one, "-sha1", "-cert")))
    assert "is for another text: no entry of alpha has the hash" in why(tsa.reply(query("0" * 64)))
    assert (
        "proves entry 1, 0001-release-2025-01-10.json, and not entry 2, the entry of 2025-01-20"
        in why(reply, "2025-01-20")
    )
    assert "and the clock here says 2025-01-31 12:02:00 UTC; set the clock" in why(
        reply, now="2025-01-31"
    )
    assert "and entry 1 was recorded at 2025-01-10 12:00:00 UTC: one of the two clocks is" in why(
        tsa.reply(query(sha256(one)), "2025-01-10 11:54:00")
    )
    other = tsa.folder / "other.pem"
    assert "is not confirmed by the trusted authorities: unable to get" in why(
        reply, authorities=other
    )
    assert "is not confirmed by its certificate" in why(reply[:-1] + bytes([reply[-1] ^ 1]))
    assert "does not include the certificate of the key that signed it" in why(
        tsa.reply(tsa.query(one, "-sha256"))
    )
    assert "is larger than 1 MB" in why(b"0" * 1_000_001)
    with pytest.raises(PublisherError, match="cannot be read: no such file or directory"):
        into(repo, tmp_path / "nothing")
    file.write_bytes(reply)
    with pytest.raises(UnknownName, match="unknown version '2025-01-11'"):
        into(repo, file, "2025-01-11")
    into(repo, file)


def test_clocks_may_be_a_little_apart(repo: Repo, tsa: Authority) -> None:
    """Also at midnight: the entry says an earlier day than its reply."""
    before = datetime(2025, 2, 1, 22, 58, tzinfo=UTC)
    entry = take(repo, tsa, at="2025-02-01 23:01:00", now=before).appended.entry
    assert entry.name == "0003-timestamp-2025-02-02.json"
    take(repo, tsa, "2025-01-10", "2025-02-03 12:00:00", noon("2025-02-03"))
    assert verify(repo.workspace).findings == ()


def test_without_a_new_openssl_it_is_said(
    stamped: Repo, tsa: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version, said in (
        (None, "it is not installed"),
        ("LibreSSL 3.3.6", "it is LibreSSL 3.3.6"),
    ):
        monkeypatch.setattr(
            "publisher.archive.trust.timestamp_check.openssl_version", lambda v=version: v
        )
        with pytest.raises(StampsUnchecked, match=f"{said}; run `publisher doctor`"):
            verify(stamped.workspace)
        say(stamped, "Third.", date="2025-02-02T12:00:00+0000")
        released(stamped, "2025-02-10" if version else "2025-02-09", editorial=True, reason="Same")


# --- what is found ---


def rewritten(change: Callable[[Timestamp], dict[str, object]], reply: bytes | None = None):
    """Return what writes the time-stamp's entry anew, and its reply, as a forger would."""

    def apply(repo: Repo) -> None:
        file = repo.workspace / STAMP
        entry = read_entry(file.read_bytes())
        assert isinstance(entry, Timestamp)
        fields = change(entry)
        if reply is not None:
            (repo.workspace / f"{STAMP}.tsr").write_bytes(reply)
            fields |= {"reply": sha256(reply)}
        file.write_bytes(entry_bytes(entry.model_copy(update=fields)))

    return apply


def found(repo: Repo, authorities: Path | None = None) -> str:
    """Return what is found by those who do not see git."""
    shutil.rmtree(repo.root / ".git", ignore_errors=True)
    verified = verify(repo.workspace, authorities=authorities)
    assert told(verified) == []
    return "\n".join(map(str, verified.findings))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda e: {"time": e.time - timedelta(days=1)}, "says that it is 0003-timestamp-2025-01-31.json"),
        (
            lambda e: {"time": e.time.replace(second=30, microsecond=0)},
            "says 2025-02-01T13:00:30+01:00; its reply says 2025-02-01T12:00:0",
        ),
        (lambda e: {"authority": "CN=Another"}, "names the authority CN=Another; its reply names"),
        (lambda e: {"entry": 1}, "proves an entry 1 whose SHA-256 is different here"),
        (lambda e: {"entry": 7}, "proves entry 7, which is not before it"),
        (lambda e: {"digest": "0" * 64}, "proves an entry 2 whose SHA-256 is different here"),
        (
            lambda e: {"recorded_at": e.time - timedelta(minutes=6)},
            "was recorded before the moment that it proves",
        ),
    ],
)  # fmt: skip
def test_an_entry_that_says_otherwise_than_its_reply_is_found(
    stamped: Repo, change: Callable[[Timestamp], dict[str, object]], message: str
) -> None:
    rewritten(change)(stamped)
    assert f"{STAMP}: {message}" in found(stamped)


def test_a_reply_about_another_entry_is_found(stamped: Repo, tsa: Authority) -> None:
    one = (stamped.workspace / ONE).read_bytes()
    reply = tsa.reply(query(sha256(one)))
    rewritten(lambda _: {}, reply)(stamped)
    assert f"{STAMP}: proves an entry 2 that its reply is not about" in found(stamped)


def test_false_replies_are_found(stamped: Repo, tsa: Authority) -> None:
    reply = (stamped.workspace / f"{STAMP}.tsr").read_bytes()
    flipped = reply[:-1] + bytes([reply[-1] ^ 1])
    rewritten(lambda _: {}, flipped)(stamped)
    assert f"{STAMP}.tsr: is not confirmed by its certificate: " in found(stamped)
    rewritten(lambda _: {}, b"nothing")(stamped)
    assert f"{STAMP}.tsr: is not a reply of a time-stamping authority" in found(stamped)


def test_the_reply_of_one_who_is_no_authority_is_found(stamped: Repo, tsa: Authority) -> None:
    """Trusted for something else, by the same root: a whole entry of his, with a true signature."""
    reply = (stamped.workspace / f"{STAMP}.tsr").read_bytes()
    at = reply.index(b"\x30", reply.index(bytes.fromhex("060b2a864886f70d0109100104")) + 13)
    info = reply[at : at + 3 + reply[at + 2]]
    forged = tsa.forged(info, "code")
    rewritten(lambda _: {"authority": "CN=Code, O=Acme NV"}, forged)(stamped)
    assert "purpose" in found(stamped, tsa.roots)


def test_every_bit_of_a_reply_is_watched(stamped: Repo) -> None:
    file = stamped.workspace / f"{STAMP}.tsr"
    data = file.read_bytes()
    for bit in range(0, len(data) * 8, len(data) * 8 // 12):
        said = bytearray(data)
        said[bit // 8] ^= 1 << bit % 8
        file.write_bytes(said)
        verified = verify(stamped.workspace)
        assert f"{STAMP}.tsr" in {each.path for each in verified.findings}
        assert told(verified) == []
    file.unlink()
    assert "is missing: the entry holds its SHA-256" in {
        each.message for each in verify(stamped.workspace).findings
    }


def test_a_broken_chain_proves_nothing(stamped: Repo, tsa: Authority) -> None:
    file = stamped.workspace / ONE
    file.write_bytes(file.read_bytes().replace(b"Ops", b"Sop"))
    assert verify(stamped.workspace, authorities=tsa.roots).proofs[0].stamps == ()


# --- those who do not trust this tool ---


def test_the_commands_of_the_documentation_are_true(stamped: Repo, tsa: Authority) -> None:
    """The authority's certificate has expired since, so that the moment must be given."""
    page = (ROOT / "docs/past-versions.md").read_text()
    command = re.search(r"^openssl ts -verify (?:.*\\\n)*.*$", page, re.MULTILINE)
    moment = re.search(r"`(-attime [^`]*)`", page)
    assert command is not None
    assert moment is not None
    names = {
        "0002-release-2026-05-18.json": TWO.rpartition("/")[2],
        "0003-timestamp-2026-05-18.json": STAMP.rpartition("/")[2],
        "authority.pem": str(tsa.roots),
        "2026-05-18 08:12:07": NOON,
    }
    entry = stamped.workspace / TWO
    for data, given, said in (
        (entry.read_bytes(), "", "certificate has expired"),
        (entry.read_bytes(), moment[1], "Verification: OK"),
        (entry.read_bytes() + b"\n", moment[1], "Verification: FAILED"),
    ):
        entry.write_bytes(data)
        line = f"{command[0].partition('  #')[0]} {given}"
        for name, real in names.items():
            line = line.replace(name, real)
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=stamped.workspace / LEDGER, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert said in done.stdout + done.stderr, done
