"""Redlines as Word documents: accept all is the new policy, reject all is the old one."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from random import Random

import docx as docx_library
import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree
from policies import Maker, pairs, written
from soffice import settle
from worddocs import Document, said, shown, texts

from publisher.model.policy import Policy
from publisher.model.redline import Origin
from publisher.redline import redline
from publisher.render.word import docx, package

WHEN = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ORIGINS = (
    Origin("current", "version", "alpha", "2026-11-22", date(2026, 12, 22)),
    Origin("draft", "draft", "alpha"),
)

COMPANY = (
    "who-we-are",
    "Who we are",
    """*Cloudnovi* is a brand of Example BV. Write to [our office](https://old.example/contact), or
by post. We answer within 30 days, and **always** in your language.

A second paragraph tells you that we look at each question with care, and at whom it comes from.

> The controller decides why and how.

Our officer knows more.[^1]

[^1]: Appointed under Article 37.""",
)
DATA = (
    "data",
    "What we keep",
    """We keep:

- your name
- your e-mail address
- the number of your telephone
  1. at home
  2. at work

## Who gets it

### Recipients

| Recipient | What for | Where |
|---|---|---|
| Odoo | billing software and the books | Belgium |
| Combell | hosting of all our servers | Belgium |
| Mailjet | newsletters | France |

Cookies
: Small files that your browser keeps.""",
)
RIGHTS = (
    "rights",
    "Your rights",
    """You have the right of access, see [who we are](#who-we-are). It is free.

You can complain to the authority.""",
)
OLD = written(COMPANY, DATA, RIGHTS)
NEW = written(
    (
        *RIGHTS[:2],
        """You have the right of access, see [who we are](#who-we-are). It costs you nothing.

You can complain to the authority.""",
    ),
    (
        *COMPANY[:2],
        COMPANY[2]
        .replace("*Cloudnovi*", "Cloudnovi")
        .replace("old.example", "new.example")
        .replace("30 days", "one month")
        .replace("each question with care", "every question carefully"),
    ),
    (
        *DATA[:2],
        DATA[2]
        .replace("your name\n- your e-mail address", "your e-mail addresses\n- your name")
        .replace("  2. at work", "  2. at work\n  3. elsewhere")
        .replace("billing software", "accounting software")
        .replace("| Mailjet | newsletters | France |\n", "")
        .replace("### Recip", "## Recip"),
    ),
    title="Privacy notice",
)

ENDED = written(("a", "A", "We keep it for a year\n\nThe rest stays as it is."))
WENT_ON = written(
    (
        "a",
        "A",
        "We keep it for a year or two\n\n## For whom\n\nFor you.\n\nThe rest stays as it is.",
    )
)


def made(old: Policy | None, new: Policy | None) -> bytes:
    return docx(redline(old, new), ORIGINS, "A. Lawyer", WHEN)


@pytest.mark.thorough
@settings(suppress_health_check=list(HealthCheck))
@given(pairs())
def test_accept_all_is_the_new_policy_and_reject_all_the_old(both: tuple[Policy, Policy]) -> None:
    old, new = both
    data = made(old, new)
    assert Document(data, "accept").read() == said(new)
    assert Document(data, "reject").read() == said(old)


@pytest.mark.thorough
def test_libreoffice_accepts_and_rejects_alike(tmp_path: Path) -> None:
    both = {"written": (OLD, NEW), "back": (NEW, OLD), "came": (None, NEW), "went": (OLD, None)}
    both["split"] = (ENDED, WENT_ON)
    chance = Random(1)
    while len(both) < 40:
        maker = Maker(chance)
        old = maker.policy()
        both[str(len(both))] = (old, maker.edited(old))
    folder = tmp_path / "documents"
    folder.mkdir()
    for name, pair in both.items():
        (folder / f"{name}.docx").write_bytes(made(*pair))
    settle(folder, tmp_path / "profile")
    for name, (old, new) in both.items():
        for way, policy in (("accept", new), ("reject", old)):
            read = shown((folder / way / f"{name}.docx").read_bytes())
            assert read == texts(said(policy)), (name, way)


def test_what_moved_and_what_changed_on_the_way_can_be_told_apart() -> None:
    tracked = Document(made(OLD, NEW), "accept").tracked()
    assert (
        "".join(tracked["moveFrom"][:5])
        == "".join(tracked["moveTo"][:5])
        == ("Your rightsYou have the right of access, see who we are. It .")
    )
    assert "is free" in tracked["del"]
    assert "costs you nothing" in tracked["ins"]
    assert tracked["del"][-4:-1] == ["Mailjet", "newsletters", "France"]
    assert tracked["rPrChange"] == ["Cloudnovi"]
    (reshaped,) = tracked["pPrChange"]
    assert reshaped.startswith("Recipients")


def test_a_changed_target_of_a_link_is_said_in_a_comment() -> None:
    with zipfile.ZipFile(BytesIO(made(OLD, NEW))) as archive:
        comments = etree.fromstring(archive.read("word/comments.xml"))
    summary, target = ("".join(comment.itertext()) for comment in comments)
    assert summary.startswith("Title of the policy changed; ")
    assert target == "https://old.example/contact → https://new.example/contact"


def test_the_same_redline_gives_the_same_bytes_which_say_who_and_when() -> None:
    data = made(OLD, NEW)
    assert data == made(OLD, NEW)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert {each.date_time for each in archive.infolist()} == {(2026, 11, 23, 9, 30, 0)}
        names = archive.namelist()
        text = "".join(archive.read(each).decode() for each in names if each.endswith(".xml"))
    assert not [each for each in names if "thumbnail" in each or "customXml" in each]
    assert set(re.findall(r'w:author="([^"]*)"', text)) == {"A. Lawyer"}
    assert set(re.findall(r'w:date="([^"]*)"', text)) == {"2026-11-23T09:30:00Z"}
    ids = re.findall(r'<w:(?!comment)\w+(?<!End) w:id="(\d+)"', text)
    assert len(ids) > 20
    assert len(ids) == len(set(ids))
    core = docx_library.Document(BytesIO(data)).core_properties
    assert (core.title, core.author) == ("Privacy notice – Alpha", "A. Lawyer")
    assert core.created == core.modified == WHEN


def test_the_page_header_says_what_is_compared_and_warns_of_what_cannot_be_trusted() -> None:
    altered = replace(ORIGINS[0], unverified="SHA256SUMS does not match")
    data = docx(redline(OLD, NEW), (altered, ORIGINS[1]), "A. Lawyer", WHEN)
    header = docx_library.Document(BytesIO(data)).sections[0].header.paragraphs
    assert [each.text for each in header] == [
        "Alpha · Redline: Version 2026-11-22 (In force from 22 December 2026) → "
        "Working copy, not released",
        "Version 2026-11-22 (In force from 22 December 2026). Warning: this text is not proven to be "
        "what was released. SHA256SUMS does not match",
    ]
    assert header[1].style.name == "Warning"


@pytest.mark.parametrize("locale", ["en", "nl-BE", "el"])
def test_a_document_is_in_the_policys_language(locale: str) -> None:
    data = docx(redline(None, replace(OLD, locale=locale)), ORIGINS, "A. Lawyer", WHEN)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert f'<w:lang w:val="{locale}"' in archive.read("word/styles.xml").decode()


def test_a_script_that_runs_from_the_right_does_so_in_the_document() -> None:
    made = docx_library.Document()
    package.dress(made, "ar")
    (normal,) = made.styles.element.xpath("w:style[w:name/@w:val='Normal']")
    assert normal.xpath("w:pPr/w:bidi")
    assert normal.xpath("w:rPr/w:rtl")
    assert made.styles.element.xpath("w:style/w:tblPr/w:bidiVisual")


def test_without_the_extra_it_is_said_how_to_get_it() -> None:
    program = (
        "import sys; sys.modules['docx'] = None\n"
        "from publisher.render.word import docx\n"
        "docx(None, None, '', None)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stderr.splitlines()[-1]
    assert "python-docx cannot be loaded" in said
    assert "install policy-publisher[word]" in said
    assert "doctor" not in said
