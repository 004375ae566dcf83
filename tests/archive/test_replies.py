"""What replies of time-stamping authorities say is read strictly; OpenSSL says if it is true."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.authorities import NAME, Authority, authority, sequence, value

from publisher.archive.entries import sha256
from publisher.archive.trust import der
from publisher.archive.trust.timestamp_check import new_enough, read_authorities, verify_reply
from publisher.archive.trust.timestamp_reply import NoReply, query, read_reply

ENTRY = b'{"sequence": 7}\n'


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def reply(tsa: Authority) -> bytes:
    return tsa.reply(query(sha256(ENTRY)))


def test_the_query_is_the_one_that_openssl_makes(tsa: Authority) -> None:
    assert query(sha256(ENTRY)) == tsa.query(ENTRY, "-sha256", "-cert", "-no_nonce")


def test_a_reply_is_read_as_openssl_reads_it(tsa: Authority, reply: bytes) -> None:
    read = read_reply(reply)
    assert read.proves(ENTRY)
    assert not read.proves(ENTRY + b"\n")
    assert read.authority == NAME
    assert read.accuracy == timedelta(milliseconds=500)
    (tsa.folder / "it.tsr").write_bytes(reply)
    said = subprocess.run(
        ["openssl", "ts", "-reply", "-in", tsa.folder / "it.tsr", "-text"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    stamp = next(each for each in said.splitlines() if each.startswith("Time stamp: "))
    assert read.time.strftime("%b %e %H:%M:%S") in stamp
    assert read.time.replace(microsecond=0) - datetime(2025, 2, 1, 12, tzinfo=UTC) < timedelta(0, 5)


@pytest.mark.parametrize("options", [("-sha512", "-cert"), ("-sha256", "-cert")])
def test_queries_of_others_with_a_nonce_and_another_hash(
    tsa: Authority, options: tuple[str, ...]
) -> None:
    data = tsa.reply(tsa.query(ENTRY, *options))
    read = read_reply(data)
    assert read.proves(ENTRY)
    assert verify_reply(read, data, tsa.roots) is None


def test_who_is_trusted(tsa: Authority, reply: bytes) -> None:
    """The authority's own certificate has expired since; it counts as it was then."""
    read = read_reply(reply)
    assert verify_reply(read, reply, None) is None
    assert verify_reply(read, reply, tsa.roots) is None
    for file in ("other.pem", "inter.pem"):
        told = verify_reply(read, reply, tsa.folder / file)
        assert told is not None
        assert told.startswith("is not confirmed by the trusted authorities: unable to get")
    late = tsa.reply(query(sha256(ENTRY)), at="2026-06-01 12:00:00")
    assert "certificate has expired" in (verify_reply(read_reply(late), late, tsa.roots) or "")


def test_a_certificate_that_is_not_for_time_stamping(tsa: Authority, reply: bytes) -> None:
    info = info_of(reply)
    forged = tsa.forged(info)
    assert verify_reply(read_reply(forged), forged, tsa.roots) is None
    forged = tsa.forged(info, "code")
    told = verify_reply(read_reply(forged), forged, tsa.roots)
    assert told is not None
    assert "purpose" in told


def test_a_reply_without_its_certificate(tsa: Authority) -> None:
    data = tsa.reply(tsa.query(ENTRY, "-sha256"))
    read = read_reply(data)
    assert read.authority == NAME
    assert "does not include the certificate of the key that signed it" in (
        verify_reply(read, data, tsa.roots) or ""
    )
    everything = tsa.folder / "everything.pem"
    names = ("root", "inter", "stamps")
    everything.write_text("".join((tsa.folder / f"{each}.pem").read_text() for each in names))
    assert verify_reply(read, data, everything) is None


def info_of(reply: bytes) -> bytes:
    """Return the TSTInfo in a reply."""
    at = reply.index(b"\x30", reply.index(bytes.fromhex("060b2a864886f70d0109100104")) + 13)
    return der._first(reply[at:]).raw


FIELDS = {
    "version": b"\x02\x01\x01",
    "policy": b"\x06\x04\x2a\x03\x04\x01",
    "imprint": query(sha256(ENTRY))[5:-3],
    "serial": b"\x02\x01\x01",
    "time": value(0x18, b"20250201120000Z"),
    "accuracy": sequence(b"\x02\x01\x02", b"\x80\x02\x01\xf4", b"\x81\x01\x05"),
    "ordering": b"\x01\x01\xff",
    "nonce": b"\x02\x01\x05",
}


def told(tsa: Authority, **fields: bytes) -> str:
    """Return why a reply with other fields in its TSTInfo is none."""
    with pytest.raises(NoReply) as raised:
        read_reply(tsa.forged(sequence(*{**FIELDS, **fields}.values())))
    return str(raised.value)


def test_what_a_reply_may_say(tsa: Authority) -> None:
    read = read_reply(tsa.forged(sequence(*FIELDS.values())))
    assert read.time == datetime(2025, 2, 1, 12, tzinfo=UTC)
    assert read.accuracy == timedelta(seconds=2, milliseconds=500, microseconds=5)
    fine = value(0x18, b"20250201120000.1234567Z")
    read = read_reply(tsa.forged(sequence(*{**FIELDS, "time": fine}.values())))
    assert read.time.microsecond == 123456


@pytest.mark.parametrize(
    ("field", "data", "message"),
    [
        ("version", b"\x02\x01\x02", "its version is not 1"),
        ("version", b"\x02\x02\x00\x01", "shortest form"),
        ("policy", b"\x05\x00", "0x5 is where 0x06 should be"),
        ("time", value(0x18, b"20250201120000"), "a time is not of the form"),
        ("time", value(0x18, b"20250201120000.10Z"), "a time is not of the form"),
        ("time", value(0x18, b"20250201120000+0100"), "a time is not of the form"),
        ("time", value(0x18, b"20250230120000Z"), "not in the calendar"),
        ("time", value(0x17, b"250201120000Z"), "is where 0x18 should be"),
        ("accuracy", sequence(b"\x02\x01\xff"), "its accuracy is out of range"),
        ("nonce", b"\x02\x01\x05\x02\x01\x05", "is where the end should be"),
        ("imprint", sequence(sequence(b"\x06\x05\x2b\x0e\x03\x02\x1a"), value(4, b"1" * 20)),
         "certifies a hash made with SHA-1, which proves nothing here; ask with the query"),
    ],
)  # fmt: skip
def test_what_a_reply_may_not_say(tsa: Authority, field: str, data: bytes, message: str) -> None:
    assert message.replace("0x5 ", "0x05 ") in told(tsa, **{field: data})


def test_a_name_is_one_line_whatever_a_certificate_says() -> None:
    from publisher.archive.trust.timestamp_reply import _name

    def pair(oid: bytes, tag: int, text: bytes) -> bytes:
        return value(0x31, sequence(value(6, oid), value(tag, text)))

    name = sequence(
        pair(b"\x55\x04\x06", 0x13, b"BE"),
        pair(b"\x55\x04\x0a", 0x1E, "Ålpha\n BV".encode("utf-16-be")),
        pair(b"\x2a\x03\x04", 0x0C, "a=b, \u202e\x1b[31m".encode()),
        pair(b"\x55\x04\x03", 0x14, "Zoë".encode("latin-1")),
    )
    assert (
        _name(der.read(name, 0x30)) == "CN=Zoë, 1.2.3.4=a\\=b\\, \ufffd\ufffd[31m, O=Ålpha BV, C=BE"
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "it is empty"),
        (b"<html><body>404 Not Found", "it begins with '<html><body>404 Not Found'"),
        (b"-----BEGIN X", "it is PEM"),
        (query("0" * 64), "it is a query; send that to the authority, and give its answer here"),
        (b"\x30\x80\x00\x00", "a length is not in its shortest form"),
        (b"\x30\x81\x01\x00", "a length is not in its shortest form"),
        (b"\x30\x84\x7f\xff\xff\xff\x00", "a value is cut off"),
        (b"\x3f\x01\x00", "a value has no tag and length"),
        (b"\xff" * 40, "a value has no tag and length"),
        (sequence(sequence(value(2, b"\x7f" * 3000))), "a number is too large"),
        (
            sequence(sequence(b"\2\1\0"), sequence(value(6, b"\xff" * 20000 + b"\x7f"))),
            "an object identifier is too long",
        ),
        (sequence(b"\5\0" * 490_000), "0x05 is where 0x30 should be"),
    ],
)
def test_what_is_no_reply(data: bytes, message: str) -> None:
    with pytest.raises(
        NoReply, match="is not a reply of a time-stamping authority in DER"
    ) as raised:
        read_reply(data)
    assert message in str(raised.value)


def test_a_bare_token_and_what_the_authority_refused(tsa: Authority, reply: bytes) -> None:
    with pytest.raises(NoReply, match="it is a bare token, without the reply around it"):
        read_reply(read_reply(reply).token)
    with pytest.raises(NoReply, match=r"'rejected' \(Message digest algorithm"):
        read_reply(tsa.reply(tsa.query(ENTRY, "-sha384")))
    for status, said in ((3, "waiting"), (4, "a revocation is imminent"), (9, "status 9")):
        with pytest.raises(NoReply, match=f"answered '{said}'; ask it again"):
            read_reply(sequence(sequence(bytes([2, 1, status]))))
    busy = sequence(b"\x02\x01\x02", b"\x03\x03\x00\x00\x02")
    with pytest.raises(NoReply, match=r"'rejected' \(its time source is not available"):
        read_reply(sequence(busy))
    data = sequence(sequence(b"\x02\x01\x01"), read_reply(reply).token)
    assert verify_reply(read_reply(data), data, tsa.roots) is None, "granted, with modifications"


def test_cuts_and_flipped_bits_leave_what_is_said_or_is_found(tsa: Authority, reply: bytes) -> None:
    read = read_reply(reply)
    for length in range(0, len(reply), 3):
        with pytest.raises(NoReply):
            read_reply(reply[:length])
    passed = []
    for bit in range(0, len(reply) * 8, 7):  # which is each bit of some byte
        said = bytearray(reply)
        said[bit // 8] ^= 1 << bit % 8
        try:
            passed.append((read_reply(bytes(said)), bytes(said)))
        except NoReply:
            continue
    assert 0 < len(passed) < len(reply) * 8 // 7
    other = [
        each for each in passed if (each[0].time, each[0].imprint) != (read.time, read.imprint)
    ]
    assert other
    for flipped, data in (*passed[::30], *other[::6]):
        found = verify_reply(flipped, data, tsa.roots)
        assert found or (flipped.time, flipped.imprint) == (read.time, read.imprint)


def test_a_file_of_authorities(tsa: Authority) -> None:
    pem = tsa.roots.read_bytes()
    text, problems = read_authorities("a.pem", b"Root:\r\n" + pem.replace(b"\n", b"\r\n") + pem)
    assert problems == ()
    assert text.count("-----BEGIN CERTIFICATE-----\n") == 2
    assert "Root" not in text
    for data, message in (
        (b"", "a.pem: has no certificate in PEM; put those"),
        (b"\xff\xfe\x00", "a.pem: has no certificate in PEM; put those"),
        *(
            (damaged, "a.pem:1: has an incomplete certificate; get it again")
            for damaged in (
                pem.replace(b"MII", b"!II", 1),
                b"".join(pem.splitlines(keepends=True)[:1] + pem.splitlines(keepends=True)[3:]),
                b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
            )
        ),
    ):
        assert str(read_authorities("a.pem", data)[1][0]).startswith(message)


def test_which_openssl_is_new_enough(tmp_path: Path) -> None:
    known = {"OpenSSL 3.0.19 27 Jan 2026": True, "OpenSSL 1.1.1w  11 Sep 2023": True,
             "OpenSSL 1.0.2k-fips": False, "LibreSSL 3.3.6": False, None: False}  # fmt: skip
    assert {each: new_enough(each) for each in known} == known
