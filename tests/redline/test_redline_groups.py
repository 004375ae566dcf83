"""Text in other groups than before, as it is shown: as a lawyer marks it by hand."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from support.policies import written

from publisher.redline import redline
from publisher.redline.values import Origin, Redline
from publisher.redline.views.marked_lines import Line, lines
from publisher.redline.views.page import html
from publisher.render.style import plain_style

ORIGIN = Origin("current", "version", "alpha", "2026-02-01")
MARKS = {"removed": "[-{}-]", "added": "{{+{}+}}", "note": " <{}>"}

SPLIT = ("We keep it. You may ask for it.", "We keep it.\n\nYou may ask for it.")
HEADED = ("You may take part.\nLikeness\nWe may use it.", "You may take part.\n\n## Likeness\n\nWe may use it.")  # fmt: skip
LISTED = ("We ask for your name, your address and your number.", "We ask for\n\n- your name,\n- your address and\n- your number.")  # fmt: skip
WRAPPED = ("Your full name.\n\nYour postal address.", "1. Your full name.\n2. Your postal address.")
ITEMS = ("1. We ask for it. We keep it for a year.\n2. Other data are not kept.", "1. We ask for it.\n2. We keep it for a year.\n3. Other data are not kept.")  # fmt: skip
OWN = ("- We ask for it.\n\n  We keep it for a year.\n- Other data are not kept.", "- We ask for it.\n- We keep it for a year.\n- Other data are not kept.")  # fmt: skip
LISTS = ("1. one apple\n2. two pears\n\nSome text between them.\n\n1. three plums", "1. one apple\n2. two pears\n\n   Some text between them.\n3. three plums")  # fmt: skip
LEVELS = ("- fruit of any kind\n- red apples\n- green pears", "- fruit of any kind\n  - red apples\n  - green pears")  # fmt: skip
QUOTED = ("They wrote:\n\nWe keep your data safe.", "They wrote:\n\n> We keep your data safe.")
TAKEN_IN = ("We ask for:\n\nyour full name,\n\n- your address.", "We ask for:\n\n- your full name,\n- your address.")  # fmt: skip


def compared(old: str, new: str) -> Redline:
    return redline(written(("a", "A", old)), written(("a", "A", new)))


def text(line: Line) -> str:
    pieces = (MARKS.get(piece.marked, "{}").format(piece.text) for piece in line.pieces)
    return "  " * line.depth + line.lead + "".join(pieces)


@pytest.mark.parametrize(
    ("before", "after", "shown", "back"),
    [
        (*SPLIT, ["We keep it.{+¶+}", "You may ask for it."],
         ["We keep it. [-¶-]You may ask for it."]),
        (*HEADED, ["You may take part.{+¶+}", "Likeness{+¶+} <now a heading>", "We may use it."],
         ["You may take part. [-¶-]Likeness <no longer a heading>[-¶-]We may use it."]),
        (*LISTED, ["We ask for{+¶+}", "- your name,{+¶+} <now a list>", "- your address and{+¶+}", "- your number."],
         ["We ask for [-¶-]your name, <no longer a list>[-¶-]your address and [-¶-]your number."]),
        (*WRAPPED, ["1. Your full name. <now a list>"], ["Your full name. <no longer a list>"]),
        (*ITEMS, ["1. We ask for it.{+¶+}", "2. We keep it for a year."],
         ["1. We ask for it. [-¶-]We keep it for a year."]),
        (*OWN, ["- We keep it for a year. <now an item of its own>"],
         ["  We keep it for a year. <now part of the item above>"]),
        (*LISTS, ["  Some text between them. <now part of the item above>", "3. three plums <lists joined> <numbering changed>"],
         ["Some text between them. <no longer part of the item above>",
          "1. three plums <list divided> <list numbered from 3 → numbered from 1>"]),
        (*LEVELS, ["  - red apples <now one level lower>"], ["- red apples <now one level higher>"]),
        (*QUOTED, ["  We keep your data safe. <now a quotation>"], ["We keep your data safe. <no longer a quotation>"]),
        (*TAKEN_IN, ["- your full name, <now an item of the list>"], ["your full name, <no longer an item of the list>"]),
    ],
)  # fmt: skip
def test_lines_strike_no_word_that_stays(
    before: str, after: str, shown: list[str], back: list[str]
) -> None:
    for old, new, expected in ((before, after, shown), (after, before, back)):
        (clause,) = compared(old, new).clauses
        assert [text(line) for line in lines(clause.part)] == expected


@pytest.mark.parametrize("before_and_after", [SPLIT, HEADED, LISTED, WRAPPED, ITEMS, OWN, LISTS, LEVELS, QUOTED, TAKEN_IN])  # fmt: skip
def test_a_page_marks_nothing_but_the_ends_of_paragraphs(before_and_after: tuple[str, str]) -> None:
    for old, new in (before_and_after, before_and_after[::-1]):
        soup = page(old, new)
        assert {tag.get_text() for tag in soup.select(".row ins, .row del")} <= {"¶"}
        assert soup.select(".row-changed")


def page(old: str, new: str) -> BeautifulSoup:
    document = html(compared(old, new), (ORIGIN, ORIGIN), plain_style("#0b5cad"))
    return BeautifulSoup(document, "html.parser")


def test_a_paragraph_mark_has_a_name_for_those_who_do_not_see_it() -> None:
    there, back = (page(*texts).select_one(".both .mark [role=img]") for texts in (SPLIT, SPLIT[::-1]))  # fmt: skip
    assert there is not None
    assert back is not None
    assert there["aria-label"] == "paragraph split here"
    assert back["aria-label"] == "paragraphs joined here"


def test_each_side_has_the_paragraphs_of_its_policy() -> None:
    soup = page(*HEADED)
    assert [tag.name for tag in soup.select(".row .old > *")] == ["p"]
    assert [tag.name for tag in soup.select(".row .new > *")] == ["p", "h3", "p"]
    assert len(soup.select(".row")) == 1
    assert not soup.select(".old .mark")
    assert [tag.get_text() for tag in soup.select(".new .mark")] == ["¶", "¶"]


def test_lists_that_are_one_count_on() -> None:
    (joined,) = page(*LISTS).select(".both ol")
    assert [item["value"] for item in joined.select("li")] == ["1", "2", "3"]
    divided = page(*LISTS[::-1]).select(".both ol")
    assert [item["value"] for ordered in divided for item in ordered.select("li")] == [
        "1",
        "2",
        "1",
    ]
    apart = page("1. one apple\n2. two pears\n\nBetween.\n\n1. three plums", "1. one apple\n2. two pears\n3. three plums")  # fmt: skip
    assert [item["value"] for item in apart.select(".both li")] == ["1", "2", "3"]
