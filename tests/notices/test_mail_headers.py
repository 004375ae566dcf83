"""The headers of a message: whatever a person is named, it reaches that person, under that name."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.header import decode_header, make_header

import pytest
from support.mailservers import box, notice

from publisher.notices.customers import Customer
from publisher.notices.mail import mail

NAMES = [
    "Jan Janssens",
    "Association of Owners, Residence Sunflower (Antwerp), represented by its syndic Janssens",
    'Owners of "Sunflower", Block B, Antwerp, represented by their syndic Janssens & Partners',
    "Société Générale de Gestion Immobilière et de Développement, S.A. (en liquidation)",
    f"..={'é' * 80}",
    f":{'a' * 80}",
    "=?utf-8?q?=ED=A0=80?=",
    "=?utf-8?q?a=0D=0ABcc:_b@x.example?=",
    "x" * 200,
    "中文" * 100,
]


def headers(name: str, address: str = "jan@x.example", **how: str) -> dict[str, str]:
    """The headers of a person's message as they are written, each on one line."""
    person, now = Customer(address, "en", name, 2), datetime(2026, 12, 1, tzinfo=UTC)
    letter, _ = mail(notice(en=name), person, box(25, **how), "<a@b.example>", now)
    head = letter.as_bytes().partition(b"\r\n\r\n")[0].decode()
    assert max(map(len, head.split("\r\n"))) < 998  # RFC 5322, section 2.1.1
    lines = re.sub(r"\r\n(?=[ \t])", "", head).split("\r\n")
    return dict(line.split(": ", 1) for line in lines)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("address", ["jan@x.example", "jé@x.example"])
def test_a_message_is_for_one_person_whatever_the_name(name: str, address: str) -> None:
    written = headers(name, address)
    phrase, space, own = written["To"].rpartition(" ")
    assert (space, own) == (" ", f"<{address}>")
    quoted = re.fullmatch(r'"((?:[^"\\]|\\.)*)"', phrase)
    if quoted is not None:
        assert re.sub(r"\\(.)", r"\1", quoted[1]) == name
    else:
        assert all(re.fullmatch(r"=\?utf-8\?[bq]\?[^ ?]+\?=", word) for word in phrase.split(" "))
        assert str(make_header(decode_header(phrase))) == name
    assert str(make_header(decode_header(written["Subject"]))) == name


@pytest.mark.parametrize(
    ("unsubscribe", "link"),
    [
        (f"https://www.alpha.example/{'a' * 100}", None),
        (f"{'a' * 60}@{'b' * 60}.example", None),
        ("https://www.alpha.example/é", "https://www.alpha.example/%C3%A9"),
    ],
)
def test_the_way_to_unsubscribe_is_written_as_it_is(unsubscribe: str, link: str | None) -> None:
    plain = unsubscribe if "://" in unsubscribe else f"mailto:{unsubscribe}"
    assert headers("Jan", unsubscribe=unsubscribe)["List-Unsubscribe"] == f"<{link or plain}>"
