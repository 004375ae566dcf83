"""The summary of a redline: its events in words, in every format and in every language."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import get_args

import pytest
from hypothesis import given
from lxml import etree
from lxml import html as lxml_html
from support.policies import pairs, written
from support.redlines import NEW, OLD, STYLE

from publisher.cli.diff_output import difference
from publisher.cli.terminal import console
from publisher.policy.tree import Policy
from publisher.redline import redline
from publisher.redline.events import Event, EventKind, events
from publisher.redline.values import Difference
from publisher.redline.views.json import json as to_json
from publisher.redline.views.markdown import markdown
from publisher.redline.views.page import html, manuscript
from publisher.redline.views.phrases import summary
from publisher.redline.word import docx
from publisher.render.languages import labels, languages

WHEN = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
UNDONE = (("added", "removed"), ("split", "joined"), ("divided", "joined"), ("made", "unmade"))
OPPOSITES = {
    f"{what}_{one}": f"{what}_{other}"
    for pair in UNDONE
    for one, other in (pair, pair[::-1])
    for what in ("clause", "column", "row", "paragraph", "heading", "list")
    if {f"{what}_{one}", f"{what}_{other}"} <= {*get_args(EventKind)}
}
ROWS = "| Name | Service |\n|---|---|\n| Kilo | Mail |\n| Lima | Forum |"
BEFORE = written(
    ("who", "Who we are", "We are Alpha."),
    ("shared", "Sharing", ROWS),
    ("rights", "8. Your rights", "- ask\n- object"),
    ("old", "Old matters", "Nobody needs this."),
)
AFTER = written(
    ("who", "About us", "We are Alpha."),
    ("shared", "Sharing",
     "| Name | Seat | Service |\n|---|---|---|\n| Kilo | Ghent | Mail |\n| Delta | Nice | Forum |"),
    ("rights", "9. Your rights", "1. ask\n2. object"),
    ("jobs", "Applicants", "We keep what you send us for a year."),
)  # fmt: skip
SAID = (
    "Clause “Old matters” removed; clause “Applicants” added; clause renamed: “Who we are” → “About "
    "us”; column “Seat” added; row “Lima” removed; row “Delta” added; the numbering of a list changed; "
    "clauses “About us”, “Sharing”, “9. Your rights” changed."
)


def test_the_summary_names_what_happened_and_what_matters_first() -> None:
    assert summary(redline(BEFORE, AFTER), labels("en")) == SAID


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("We keep it.", "We keep it.", ""),
        ("We keep it.", "We **keep** it.", "Clause “A” changed."),
        ("One paragraph of some length.\n\nTwo of them, which is a much longer one.\n\nThree.",
         "Two of them, which is a much longer one.\n\nThree.\n\nOne paragraph of some length.",
         "A passage moved; clause “A” changed."),
        ("## B\n\n### C\n\nd", "## B\n\n## C\n\nd",
         "The level of a heading changed; clause “A” changed."),
        ("We keep it. We never sell it to anybody.\n\nAsk us what you like.",
         "We keep it.\n\nWe never sell it to anybody.\n\nAsk us what you like.",
         "A paragraph split; clause “A” changed."),
        ("We keep it for you.\n\nWe never sell it to anybody.\n\nAsk us.",
         "We keep it for you. We never sell it to anybody.\n\nAsk us.",
         "Two paragraphs joined; clause “A” changed."),
        ("We keep all of it.\n\nYour choices\n\nYou may object.",
         "We keep all of it.\n\n## Your choices\n\nYou may object.",
         "A line made a heading; clause “A” changed."),
        ("We keep your name\n\nand your postal address\n\nand no more.",
         "- We keep your name\n- and your postal address\n\nand no more.",
         "A paragraph made a list; clause “A” changed."),
        ("- your name\n- your address\n\nand\n\n- your telephone number",
         "- your name\n- your address\n- your telephone number",
         "Two lists joined; clause “A” changed."),
        ("- fruit of any kind\n- red apples\n- green pears\n- vegetables",
         "- fruit of any kind\n  - red apples\n  - green pears\n- vegetables",
         "Level of list items changed; clause “A” changed."),
        ("| N | S |\n|---|---|\n| a | b |", "| S | N |\n|---|---|\n| b | a |",
         "Column “N” moved; clause “A” changed."),
        ("| N | S |\n|---|---|\n| a | b |", "| N | T |\n|---|---|\n| a | b |",
         "Column renamed: “S” → “T”; clause “A” changed."),
        ("| N | S |\n|---|---|\n| a | x |\n| b | y |", "| N | S |\n|---|---|\n| b | y |\n| a | x |",
         "Row “a” moved; clause “A” changed."),
    ],
)  # fmt: skip
def test_each_kind_of_event(old: str, new: str, expected: str) -> None:
    compared = redline(written(("a", "A", old)), written(("a", "A", new)))
    assert (
        summary(compared, labels("en"))
        .replace("Row “b”", "Row “a”")
        .replace("“S” moved", "“N” moved")
        == expected
    )


def test_a_sub_heading_that_becomes_a_clause_divides_it() -> None:
    text = "We set cookies when you visit. They are small files."
    old = written(("a", "About us", f"We are Alpha, a company.\n\n## Cookies\n\n{text}"))
    new = written(("a", "About us", "We are Alpha, a company."), ("c", "Cookies", text))
    assert summary(redline(old, new), labels("en")).startswith("Clause “About us” divided")
    assert summary(redline(new, old), labels("en")).startswith(
        "Clause “About us” joined with another"
    )


def test_only_the_first_names_are_told_and_long_ones_are_cut() -> None:
    rows = "".join(f"\n| {name} | x |" for name in ("one", "two", "three", "four", "five"))
    head = "| Name | Use |\n|---|---|\n| Kilo | x |"
    long = "word " * 30
    compared = redline(
        written(("a", "A", head)), written(("a", "A", f"{head}{rows}"), ("b", long, "Text."))
    )
    happened = summary(compared, labels("en"))
    assert "rows “one”, “two”, “three” and 2 more added" in happened
    assert f"clause “{'word ' * 12}…” added".casefold() in happened.casefold()


def test_a_renamed_column_without_a_head_is_named_by_a_dash() -> None:
    old, new = (written(("a", "A", f"| N | {head} |\n|---|---|\n| a | b |")) for head in ("", "T"))
    assert "column renamed: “–” → “T”" in summary(
        redline(old, new), labels("en")
    ).casefold().replace("t”", "T”")


def test_there_is_nothing_to_tell_of_one_policy() -> None:
    assert (
        summary(redline(None, BEFORE), labels("en"))
        == summary(redline(BEFORE, None), labels("en"))
        == ""
    )


@given(pairs(shrinking=False))
def test_going_back_undoes_what_happened(both: tuple[Policy, Policy]) -> None:
    there, back = (
        {event.kind: event for event in events(redline(*way))} for way in (both, both[::-1])
    )
    for kind, event in there.items():
        assert back[OPPOSITES.get(kind, kind)].count == event.count  # type: ignore[index]
    for event in there.values():
        assert not event.was or len(event.was) == len(event.names) == event.count


@pytest.mark.parametrize("locale", languages())
def test_every_format_has_the_summary_in_the_language_of_the_policy(locale: str) -> None:
    compared = redline(*(replace(policy, locale=locale) for policy in (BEFORE, AFTER)))
    happened = summary(compared, labels(locale))
    assert "{" not in happened
    assert (happened == SAID) is (locale == "en")
    assert happened.startswith(labels(locale)["did_clause_removed"][:3].capitalize())
    (line,) = lxml_html.fromstring(html(compared, (OLD, NEW), STYLE).decode()).find_class(
        "happened"
    )
    assert line.text_content() == happened
    assert (
        happened
        in lxml_html.fromstring(manuscript(compared, (OLD, NEW), STYLE).page).text_content()
    )
    read = json.loads(to_json(compared, (OLD, NEW)))
    assert read["summary"] == happened
    assert read["events"][0] == {"kind": "clause_removed", "count": 1, "names": ["Old matters"], "was": []}  # fmt: skip
    with zipfile.ZipFile(BytesIO(docx(compared, (OLD, NEW), "A", WHEN))) as archive:
        comments = etree.fromstring(archive.read("word/comments.xml"))
        assert happened in "".join(comments.itertext())
        assert happened not in archive.read("word/document.xml").decode()
    assert f"\n\n{SAID}\n\n" in markdown(compared, (OLD, NEW))


def test_the_terminal_shows_the_summary(capsys: pytest.CaptureFixture[str]) -> None:
    difference(Difference(redline(BEFORE, AFTER), (OLD, NEW), "en"), console())
    assert SAID in capsys.readouterr().out


def test_an_event_of_a_note_in_a_cell_can_be_written() -> None:
    old = written(("a", "A", "| N |\n|---|\n| a |"))
    new = written(("a", "A", "| N |\n|---|\n| a |\n| b[^1] |\n\n[^1]: Note."))
    compared = redline(old, new)
    assert Event("row_added", 1, ("b",)) in events(compared)
    assert summary(compared, labels("en")).encode()
