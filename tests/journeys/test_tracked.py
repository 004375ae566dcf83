"""Redlines as Word documents: accept all is the new policy, reject all is the old one."""

from __future__ import annotations

import re
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
from support.policies import Maker, pairs, written
from support.regroups import regrouped, regroups
from support.soffice import settle
from support.worddocs import Document, faults, marked, said, shown, texts

from publisher.policy.tree import Policy
from publisher.redline import redline
from publisher.redline.values import Origin
from publisher.redline.word import docx
from publisher.render.style import Style
from publisher.render.word.package import WordFile

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


def exact(old: Policy, new: Policy) -> list[str]:
    """Return a redline's paragraphs with their changes, from which both policies can be had."""
    data = made(old, new)
    assert Document(data, "accept").read() == said(new)
    assert Document(data, "reject").read() == said(old)
    assert faults(data) == []
    return marked(data)[2:]


@pytest.mark.thorough
@settings(suppress_health_check=list(HealthCheck))
@given(pairs() | regroups())
def test_accept_all_is_the_new_policy_and_reject_all_the_old(both: tuple[Policy, Policy]) -> None:
    exact(*both)


@pytest.mark.thorough
def test_libreoffice_accepts_and_rejects_alike(tmp_path: Path) -> None:
    both = {"written": (OLD, NEW), "back": (NEW, OLD), "came": (None, NEW), "went": (OLD, None)}
    both["split"] = (ENDED, WENT_ON)
    chance = Random(1)
    while len(both) < 20:
        both[str(len(both))] = regrouped(chance)
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


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("We keep it. You may ask. We delete it then.", "We keep it.\n\nYou may ask. We delete it then.",
         ["We keep it. ¶+", "You may ask. We delete it then.¶"]),
        ("You may turn cookies off. See the Cookie Notice for details. **Buying.** If you buy, we use your address.",
         "You may turn cookies off. See the Website Policy for details.\n\n**Buying.** If you buy, we use your address.",
         ["You may turn cookies off. See the [-Cookie Notice-][+Website Policy+] for details. ¶+",
          "Buying. If you buy, we use your address.¶"]),
        ("You may take part.\nLikeness\nThe operator uses it.", "You may take part.\n\n## Likeness\n\nThe operator uses it.",
         ["You may take part. ¶+", "Likeness ¶+ Normal → Heading3", "The operator uses it.¶"]),
        ("Your rights\n\nYou may ask.", "## Your rights\n\nYou may ask.", ["Your rights¶ Normal → Heading3", "You may ask.¶"]),
        ("We ask for your name, your address and your phone number.", "We ask for\n\n- your name,\n- your address and\n- your phone number.",
         ["We ask for ¶+", "your name, ¶+ Normal → ListParagraph 1", "your address and ¶+ Normal → ListParagraph 1",
          "your phone number.¶ Normal → ListParagraph 1"]),
        ("Your full name.\n\nYour postal address.", "- Your full name.\n- Your postal address.",
         ["Your full name.¶ Normal → ListParagraph 1", "Your postal address.¶ Normal → ListParagraph 1"]),
        ("1. where law asks for it;\n2. where you agree.", "(a) where law asks for it;\n\n(b) where you agree.",
         ["where law asks for it;¶ ListParagraph 1 → ListParagraph 2", "where you agree.¶ ListParagraph 1 → ListParagraph 2"]),
        ("- We ask for your name. We keep it for a year.\n- We keep nothing else.", "- We ask for your name.\n- We keep it for a year.\n- We keep nothing else.",
         ["We ask for your name. ¶+", "We keep it for a year.¶", "We keep nothing else.¶"]),
        ("- one apple here\n- two pears there\n\nA text between the lists.\n\n- three plums\n- four figs",
         "- one apple here\n- two pears there\n\n  A text between the lists.\n- three plums\n- four figs",
         ["one apple here¶", "two pears there¶", "A text between the lists.¶ Normal → ListParagraph",
          "three plums¶ ListParagraph 2 → ListParagraph 1", "four figs¶ ListParagraph 2 → ListParagraph 1"]),
        ("- fruit of any kind\n- red apples\n- other food", "- fruit of any kind\n  - red apples\n- other food",
         ["fruit of any kind¶", "red apples¶ ListParagraph 1 → ListParagraph 2", "other food¶"]),
        ("Take care of what you send.\n\nWe keep it for a year.", "> Take care of what you send.\n\nWe keep it for a year.",
         ["Take care of what you send.¶ Normal → Quote", "We keep it for a year.¶"]),
        ("One stays where it is. Two goes over to the next text.\n\nThree was alone in its own text.",
         "One stays where it is.\n\nTwo goes over to the next text. Three was alone in its own text.",
         ["One stays where it is. ¶+", "Two goes over to the next text. ¶-", "Three was alone in its own text.¶"]),
        ("We keep it here. We tell you of each change by letter in good time. Ask us for more.\n\nAnother text stays as it is. It says nothing new.",
         "We keep it here. Ask us for more.\n\nAnother text stays as it is. We tell you of each change by post and by letter in good time. It says nothing new.",
         ["We keep it here. [<We tell you of each change by <][<letter in good time. <]Ask us for more.¶",
          "Another text stays as it is. [>We tell you of each change by >][+post and by +][>letter in good time. >]It says nothing new.¶"]),
    ],
)  # fmt: skip
def test_where_paragraphs_end_and_how_they_look_is_tracked_and_no_word_is_written_again(
    old: str, new: str, expected: list[str]
) -> None:
    clauses = [(("a", "A", text), ("z", "Z", "The end.")) for text in (old, new)]
    one, other = (written(*some) for some in clauses)
    assert exact(one, other)[1:-2] == expected
    swapped = [line.translate(str.maketrans("+-<>", "-+><")) for line in expected]
    back = [re.sub(r" (\w+(?: \d)?) → (.*)", r" \2 → \1", line) for line in swapped]
    assert [_unnumbered(line) for line in exact(other, one)[1:-2]] == [
        _unnumbered(line) for line in back
    ]


def _unnumbered(line: str) -> str:
    """Return a paragraph without the numbers of lists, and what was removed ahead of what came."""
    line = re.sub(r"(ListParagraph) \d", r"\1", line)
    return re.sub(r"(\[\+[^]]*\+\])(\[-[^]]*-\])", r"\2\1", line)


def test_text_does_not_run_from_one_side_of_a_table_to_the_other() -> None:
    """Word joins no paragraph to a table, so what is ahead of it is written anew."""
    ahead, behind = (
        "We keep your name and address.",
        "We tell you in good time whom we give them to.",
    )
    old = written(("a", "A", f"{ahead} {behind}"))
    new = written(("a", "A", f"{ahead}\n\n| Who |\n|---|\n| Odoo |\n\n{behind}"))
    assert exact(old, new)[1:] == [f"[+{ahead}+][+ +]¶+", "¶+", f"[-{ahead}-][- -]{behind}¶"]
    assert exact(new, old)[1:] == [f"[-{ahead}-][- -]¶-", "¶-", f"[+{ahead}+][+ +]{behind}¶"]


def test_a_heading_that_becomes_a_clause_looks_otherwise_and_a_link_leads_to_it() -> None:
    inside = "We set cookies when you visit us. They are small files."
    old = written(("a", "A", f"We are Alpha.\n\n## Cookies\n\n{inside}"), ("z", "Z", "The end."))
    new = written(("a", "A", "We are Alpha."), ("cookies", "Cookies", inside),
                  ("z", "Z", "The end, see [cookies](#cookies)."))  # fmt: skip
    assert exact(old, new)[:4] == [
        "A¶",
        "We are Alpha.¶",
        "Cookies¶ Heading3 → Heading2",
        f"{inside}¶",
    ]
    assert exact(new, old)[2] == "Cookies¶ Heading2 → Heading3"
    with zipfile.ZipFile(BytesIO(made(old, new))) as archive:
        assert b'w:name="clause_cookies"' in archive.read("word/document.xml")


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
    made = WordFile("ar", Style()).docx
    (normal,) = made.styles.element.xpath("w:style[w:name/@w:val='Normal']")
    assert normal.xpath("w:pPr/w:bidi")
    assert normal.xpath("w:rPr/w:rtl")
    assert made.styles.element.xpath("w:style/w:tblPr/w:bidiVisual")
