"""The file of allowed signers: what its lines say, what is wrong with them, who may sign when."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from support.keys import key_pairs

from publisher.archive.trust import signatures
from publisher.archive.trust.signatures import (
    allowed_signers,
    fingerprint,
    public_key,
    verify_signature,
)
from publisher.archive.trust.signers import Signer, read_signers, written
from publisher.errors import InvalidTrust

WHERE = "shared/allowed_signers"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys of two people and of an authority, and an entry that one of them has signed."""
    folder = key_pairs(tmp_path_factory.mktemp("keys"), "ours", "theirs", "authority")
    (folder / "entry").write_text("entry\n")
    signatures.sign(folder / "entry", str(folder / "ours"))
    return folder


def public(folder: Path, name: str = "ours") -> str:
    return (folder / f"{name}.pub").read_text().strip()


def signers(text: str) -> tuple[Signer, ...]:
    found, problems = read_signers(WHERE, text.encode())
    assert problems == ()
    return found


def who(folder: Path, text: str, when: str, tmp_path: Path, signed: str = "entry") -> str | None:
    """Return the principals by whose key an entry was signed at a moment."""
    allowed = allowed_signers(WHERE, signers(text), tmp_path)
    key = fingerprint(str(folder / "ours.pub"))
    moment = datetime.fromisoformat(when)
    found = verify_signature(
        (folder / signed).read_bytes(), folder / f"{signed}.sig", key, moment, allowed
    )
    assert found.key == key
    return found.principals


def test_a_line_says_who_may_sign_with_which_key_for_what_and_when(folder: Path) -> None:
    key = public(folder)
    lines = (
        f"a@x.example {key}",
        f'a@x.example,*@y.example namespaces="policy-release,git",valid-after="20250101" {key}',
        f'"a@x.example" VALID-BEFORE="202501311200Z",Valid-After="20250101120000utc" {key} # comment',
        f'\t*@x.example\tcert-authority,namespaces="policy-*,!policy-test"\t{key}',
    )
    one, two, three, four = signers("# ours\r\n\n" + "\r\n".join(lines))
    assert one == Signer(
        3, "a@x.example", " ".join(key.split()[:2]), fingerprint(str(folder / "ours"))
    )
    assert (two.principals, two.namespaces) == ("a@x.example,*@y.example", "policy-release,git")
    assert two.after == datetime(2025, 1, 1, tzinfo=UTC)
    assert (three.principals, three.before) == (
        "a@x.example",
        datetime(2025, 1, 31, 12, tzinfo=UTC),
    )
    assert three.after == datetime(2025, 1, 1, 12, tzinfo=UTC)
    assert three.at(datetime(2025, 1, 31, 12, tzinfo=UTC))
    assert not three.at(datetime(2025, 1, 31, 12, 0, 1, tzinfo=UTC))
    assert four.certifies
    assert [four.for_namespace(each) for each in ("policy-release", "policy-test", "git")] == [
        True, False, False,
    ]  # fmt: skip


def test_keys_in_hardware_are_keys(tmp_path: Path) -> None:
    """A key of a FIDO token names its application (PROTOCOL.u2f)."""
    kind = b"sk-ssh-ed25519@openssh.com"
    parts = (kind, bytes(range(32)), b"ssh:")
    blob = b"".join(len(each).to_bytes(4, "big") + each for each in parts)
    (tmp_path / "sk.pub").write_text(f"{kind.decode()} {base64.b64encode(blob).decode()} token\n")
    (only,) = signers(f"a@x.example {(tmp_path / 'sk.pub').read_text()}")
    assert only.fingerprint == fingerprint(str(tmp_path / "sk.pub"))
    assert allowed_signers(WHERE, (only,), tmp_path).of(only.fingerprint) == (only,)
    assert public_key(str(tmp_path / "sk")) == only.key


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a@x.example", "has no key"),
        ("a@x.example ssh-ed25519", "has no key"),
        ("KEY", "has no key"),
        ("!a@x.example KEY", "names nobody"),
        ("a@x.example ssh-ed25519 AAAAC3Nza", "has an incomplete key"),
        ('a@x.example namespace="git" KEY', "has the unknown option 'namespace'"),
        ("a@x.example no-pty KEY", "has the unknown option 'no-pty'"),
        ("a@x.example namespaces=git KEY", "has options that cannot be read: namespaces=git"),
        ('a@x.example namespaces="a", KEY', "has options that cannot be read"),
        ('a@x.example namespaces="a" valid-after="20250101" KEY', "has no key, or options"),
        ('a@x.example namespaces="a",namespaces="b" KEY', "has namespaces twice"),
        ("a@x.example valid-after KEY", "has an invalid `valid-after`"),
        ('a@x.example cert-authority="yes" KEY', "has an invalid `cert-authority`"),
        (
            'a@x.example valid-after="2025-01-01" KEY',
            'has valid-after="2025-01-01", which is not a time',
        ),
        (
            'a@x.example valid-after="00010101" KEY',
            'has valid-after="00010101", which is not a time',
        ),
        (
            'a@x.example valid-after="20250230" KEY',
            'has valid-after="20250230", which is not a time',
        ),
        (
            'a@x.example valid-after="20260101",valid-before="20250101" KEY',
            "has a valid-before that is not after",
        ),
        (
            "a@x.example ssh-ed25519-cert-v01@openssh.com AAAA",
            "has a certificate in place of a key",
        ),
        ("a\u200b@x.example KEY", "has the invisible or private character U+200B"),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_how_to_fix_it(
    folder: Path, line: str, message: str
) -> None:
    text = f"# a comment\na@x.example {public(folder)}\n{line.replace('KEY', public(folder))}\n"
    _, problems = read_signers(WHERE, text.encode())
    (problem,) = problems
    assert problem.message.startswith(message)
    assert problem.line == 3
    assert problem.fix


def test_many_asterisks_are_one(folder: Path) -> None:
    """Python's expressions would try every way to divide a name among them."""
    many = "*" * 40
    text = f'a@x.example namespaces="{many}x,{many}e" {public(folder)}'
    (signer,), _ = read_signers(WHERE, text.encode())
    assert signer.for_namespace("policy-release")
    assert not signer.for_namespace("git")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", f"{WHERE}: names no key; write a line such as: "),
        (
            b"# ours\n-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
            f"{WHERE}:2: has a private key, which is a secret; delete it here, sign with a new key",
        ),
        (b"# nobody\n\n", f"{WHERE}: names no key; "),
        (b"a@x.example\n\xe9\n", f"{WHERE}:2: is not UTF-8; save it as UTF-8"),
        ("a".encode("utf-16"), f"{WHERE}:1: is not UTF-8; save it as UTF-8"),
        (b"a\0", f"{WHERE}:1: has the invisible or private character U+0000"),
    ],
)
def test_a_file_that_is_none(data: bytes, message: str) -> None:
    _, problems = read_signers(WHERE, data)
    assert str(problems[0]).startswith(message)


WHO = (
    "a@x.example",
    '"a@x.example,*@y.example"',
    "*",
    "!a@x.example,*",
    "ü@x.example",
    '"',
    "!x",
    "#",
)
OPTIONS = (
    'namespaces="policy-release,git"', 'NAMESPACES="*,!git"', 'namespaces=""', 'namespaces="a\\"b"',
    'valid-after="20250101"', 'valid-before="202601010000Z"', 'Valid-Before="20260101120000utc"',
    'valid-after="20270101"', "cert-authority", "Cert-Authority", "no-pty", "valid-after", "", "x=",
    'namespaces="a b"', "namespaces=git",
)  # fmt: skip
KEYS = ("KEY", "KEY", "KEY # a comment", "KEY\r", "ssh-ed25519 AAAA", "ssh-ed25519", "", 'KEY "')
SPACES = (" ", "\t", "  ", " \t ")
LINE = st.tuples(
    st.sampled_from(WHO), st.sampled_from(SPACES),
    st.lists(st.sampled_from(OPTIONS), max_size=3).map(",".join),
    st.sampled_from(SPACES), st.sampled_from(KEYS),
).map("".join)  # fmt: skip


@settings(max_examples=examples(150))
@given(st.lists(LINE, max_size=2))
def test_what_is_accepted_ssh_keygen_accepts_too(folder: Path, lines: list[str]) -> None:
    """Else the one bad line would stop ssh-keygen, and all lines behind it would count for nothing."""
    text = "\n".join(lines).replace("KEY", public(folder))
    found, problems = read_signers(WHERE, text.encode())
    assert all(each.message and each.fix for each in problems)
    if problems:
        return
    try:
        allowed = allowed_signers(WHERE, found, folder)
    except InvalidTrust:
        return
    last = f"last@x.example {public(folder)}\n"
    allowed.file.write_text(allowed.file.read_text() + last)
    done = subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-f", allowed.file, "-I", "last@x.example", "-n",
         "policy-release", "-s", folder / "entry.sig"],
        input=(folder / "entry").read_bytes(), capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (text, done.stderr)


def test_a_key_that_ssh_keygen_cannot_read_is_named(folder: Path, tmp_path: Path) -> None:
    text = f"a@x.example {public(folder)}\na@x.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5\n"
    with pytest.raises(InvalidTrust, match=f"^{WHERE}:2: has a key that ssh-keygen cannot read"):
        allowed_signers(WHERE, signers(text), tmp_path)


def test_a_key_listed_twice_is_its_owners_in_each_period(folder: Path, tmp_path: Path) -> None:
    key = public(folder)
    text = (
        f'old@x.example valid-before="20250101" {key}\nnew@x.example valid-after="20250201" {key}\n'
    )
    assert who(folder, text, "2024-12-31T00:00:00+00:00", tmp_path) == "old@x.example"
    assert who(folder, text, "2025-01-15T00:00:00+00:00", tmp_path) is None
    assert who(folder, text, "2025-03-01T00:00:00+00:00", tmp_path) == "new@x.example"
    both = f"a@x.example {key}\r\n*@y.example,!b@y.example {key}\r\n"
    assert (
        who(folder, both, "2025-03-01T00:00:00+00:00", tmp_path)
        == "a@x.example, *@y.example,!b@y.example"
    )
    assert (
        who(folder, f'a@x.example namespaces="git" {key}', "2025-03-01T00:00:00+00:00", tmp_path)
        is None
    )


def test_a_name_for_the_commands_of_others(folder: Path, tmp_path: Path) -> None:
    """Of a line with several principals, ssh-keygen takes one."""
    key, when = public(folder), datetime(2025, 3, 1, tzinfo=UTC)
    data, signature = (folder / "entry").read_bytes(), folder / "entry.sig"
    mark = fingerprint(str(folder / "ours.pub"))
    file = tmp_path / "file"
    for text, name in (
        (f"a@x.example,b@x.example {key}", "a@x.example"),
        (f'"!b@x.example,Legal team,*@x.example" {key}', "Legal team"),
        (f'a@x.example valid-before="20250101" {key}\nb@x.example {key}', "b@x.example"),
        (f'a@x.example valid-before="20250101" {key}', None),
    ):
        file.write_text(text)
        allowed = allowed_signers(WHERE, signers(text), tmp_path)
        assert verify_signature(data, signature, mark, when, allowed).name == name
        if name is not None:
            subprocess.run(
                ["ssh-keygen", "-Y", "verify", "-f", file, "-I", name, "-n", "policy-release",
                 "-s", signature],
                input=data, capture_output=True, check=True,
            )  # fmt: skip


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/New_York", "Europe/Brussels"])
def test_times_mean_the_same_on_every_machine(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """Also in the hour that a clock shows twice: 2025-10-26 02:30 in Brussels."""
    monkeypatch.setenv("TZ", zone)
    for ends in ("20251026003000", "20251026003000Z"):
        text = f'a@x.example valid-before="{ends}" {public(folder)}'
        for said, well in (
            ("2025-10-26T02:29:59+02:00", True),
            ("2025-10-26T02:30:00+02:00", True),
            ("2025-10-26T02:30:01+02:00", False),
            ("2025-10-26T02:29:59+01:00", False),
        ):
            assert (who(folder, text, said, tmp_path) is not None) is well, (ends, said)


def test_the_copy_for_ssh_keygen_says_what_the_file_says(folder: Path, tmp_path: Path) -> None:
    """A plain ``ssh-keygen -Y verify`` with the copy, and with the file itself, agree."""
    key = public(folder)
    text = f'a@x.example namespaces="policy-release",valid-before="20250601" {key}\n'
    (tmp_path / "file").write_text(text)
    (tmp_path / "copy").write_text(written(signers(text)))
    for when, well in (("20250531", True), ("20250602", False)):
        for name, principal in (("file", "a@x.example"), ("copy", "*")):
            done = subprocess.run(
                ["ssh-keygen", "-Y", "verify", "-f", tmp_path / name, "-I", principal, "-n",
                 "policy-release", "-s", folder / "entry.sig", f"-Overify-time={when}"],
                input=(folder / "entry").read_bytes(), capture_output=True, check=False,
            )  # fmt: skip
            assert (done.returncode == 0) is well


@pytest.fixture
def agent(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An agent that holds our key and its certificate, as hardware would; no file has the key."""
    said = subprocess.run(["ssh-agent", "-s"], capture_output=True, text=True, check=True).stdout
    settings = dict(each.split("=", 1) for each in said.replace("\n", "").split(";") if "=" in each)
    monkeypatch.setenv("SSH_AUTH_SOCK", settings["SSH_AUTH_SOCK"])
    subprocess.run(
        ["ssh-keygen", "-q", "-s", folder / "authority", "-I", "ours", "-n", "a@x.example", "-V",
         "20250101:20300101", folder / "ours.pub"],
        check=True,
    )  # fmt: skip
    subprocess.run(["ssh-add", "-q", folder / "ours"], check=True, capture_output=True)
    yield
    os.kill(int(settings["SSH_AGENT_PID"]), 15)


def test_a_key_in_an_agent_and_one_that_an_authority_certifies(
    folder: Path, tmp_path: Path, agent: None
) -> None:
    for name in ("ours", "ours-cert"):
        copy = tmp_path / f"{name}.pub"
        copy.write_bytes((folder / f"{name}.pub").read_bytes())
        assert public_key(str(copy)) == " ".join(public(folder, name).split()[:2])
        (folder / name.replace("ours", "by")).write_text("entry\n")
        signatures.sign(folder / name.replace("ours", "by"), str(copy))
    assert who(folder, f"a@x.example {public(folder)}", "2025-03-01T00:00:00+00:00", tmp_path, "by")
    authority = public(folder, "authority")
    for pattern, when, expected in (
        ("*@x.example", "2025-03-01", "a@x.example"),
        ("*@y.example", "2025-03-01", None),
        ("*@x.example", "2024-03-01", None),
    ):
        text = f'{pattern} cert-authority,namespaces="policy-release" {authority}'
        moment = f"{when}T00:00:00+00:00"
        assert who(folder, text, moment, tmp_path, "by-cert") == expected
        assert who(folder, text, moment, tmp_path, "by") is None
