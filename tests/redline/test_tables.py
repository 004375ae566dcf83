"""Tables compared: columns first, then rows by their names, then cells, alike in every view."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html
from support.growth import grows_in_step
from support.policies import Maker, written
from support.policies import policy as policy_of
from support.redlines import NEW, OLD, STYLE

from publisher.policy.tree import Clause, Policy, Table, Text
from publisher.redline import redline
from publisher.redline.values import Redline, walk
from publisher.redline.views.marked_lines import lines
from publisher.redline.views.page import Writer, html
from publisher.redline.word.document import Flow
from publisher.render.languages import labels
from publisher.render.word.content import Grid
from tests.redline.test_redline import exact

MARKS = {"removed": "[-{}-]", "added": "[+{}+]", "moved": "[={}=]", "note": " <{}>"}
VIEWS = ("both", "old", "new", "whole")
NAMES = ["Kilo", "Lima", "Mike", "Forum software", "Ireland", "24 months", "1", "2", "yes", "",
         "We keep your address for as long as you have an account"]  # fmt: skip


def table(head: str, *rows: str) -> str:
    """Return a table in Markdown; cells are divided by a bar."""
    return "\n".join(
        f"| {' | '.join(row.split('|'))} |"
        for row in (head, "|".join("-" * (head.count("|") + 1)), *rows)
    )


def marked(old: str, new: str) -> list[str]:
    """Return the rows of a table that changed, one line each."""
    compared = redline(written(("a", "A", old)), written(("a", "A", new)))
    return [
        "".join(MARKS.get(piece.marked, "{}").format(piece.text) for piece in line.pieces)
        for line in lines(compared.clauses[0].part, full=True)
    ]


KILO, LIMA, MIKE = "Kilo|Mail|Belgium", "Lima|Forum software|Ireland", "Mike|Payments|Spain"
HEAD = "Name|Service|Data kept in"


def test_a_row_under_another_name_is_another_row_however_alike() -> None:
    assert marked(table(HEAD, KILO, LIMA), table(HEAD, KILO, "Delta|Forum software|France")) == [
        "Name | Service | Data kept in",
        "Kilo | Mail | Belgium",
        "[-Lima-] | [-Forum software-] | [-Ireland-]",
        "[+Delta+] | [+Forum software+] | [+France+]",
    ]


def test_a_moved_row_has_the_cells_of_the_columns_of_its_table() -> None:
    new = table(f"{HEAD}|Seat", f"{MIKE}|Madrid", f"{KILO}|Ghent", f"{LIMA}|Cork")
    assert marked(table(HEAD, KILO, LIMA, MIKE), new) == [
        "Name | Service | Data kept in | [+Seat+]",
        "[=Mike=] | [=Payments=] | [=Spain=] | [+Madrid+]",
        "Kilo | Mail | Belgium | [+Ghent+]",
        "Lima | Forum software | Ireland | [+Cork+]",
        "[=Mike=] | [=Payments=] | [=Spain=]",
    ]


def test_a_table_with_the_same_heads_is_the_same_whatever_its_rows() -> None:
    rows = marked(table(HEAD, KILO), table(HEAD, "Oscar|Chat|France", "Papa|Backups|Italy"))
    assert rows[0] == "Name | Service | Data kept in"
    assert [row[:2] for row in rows[1:]] == ["[-", "[+", "[+"]


def test_columns_that_changed_places_move_as_one() -> None:
    new = table("Name|Data kept in|Service", "Kilo|Belgium|Mail", "Lima|France|Forum software")
    assert marked(table(HEAD, KILO, LIMA), new) == [
        "Name | Data kept in | [=Service=] <column 2 → 3>",
        "Kilo | Belgium | [=Mail=]",
        "Lima | [-Ireland-][+France+] | [=Forum software=]",
    ]
    compared = redline(written(("a", "A", table(HEAD, KILO, LIMA))), written(("a", "A", new)))
    assert compared.counts.passages_moved == 1
    assert {part.move.number for part in walk(compared.clauses[0].part) if part.move} == {1}


def test_a_column_goes_and_another_comes_where_there_are_as_many_as_before() -> None:
    new = table("Name|Seat|Service", "Kilo|Ghent|Mail", "Lima|Cork|Forum software")
    assert marked(table(HEAD, KILO, LIMA), new) == [
        "Name | [+Seat+] | Service | [-Data kept in-]",
        "Kilo | [+Ghent+] | Mail | [-Belgium-]",
        "Lima | [+Cork+] | Forum software | [-Ireland-]",
    ]


def test_a_column_under_another_head_is_the_same_by_what_stands_in_it() -> None:
    new = table("Name|Location|Service", "Kilo|Belgium|Mail", "Lima|Ireland|Forum software")
    assert marked(table(HEAD, KILO, LIMA), new)[0] == (
        "Name | [-Data kept in-][+Location+] | [=Service=] <column 2 → 3>"
    )


def test_columns_of_the_same_few_words_are_not_the_same() -> None:
    old = table("Name|Shared|Purpose", "Kilo|yes|Mail", "Lima|no|Forum", "Mike|yes|Payments")
    new = table("Name|Purpose|Kept", "Kilo|Mail|yes", "Lima|Forum|no", "Mike|Payments|yes")
    assert marked(old, new)[0] == "Name | [-Shared-] | Purpose | [+Kept+]"
    named = table("Name|Given on|Purpose", "Kilo|yes|Mail", "Lima|no|Forum", "Mike|yes|Payments")
    assert marked(old, named)[0] == "Name | [-Shared-][+Given on+] | Purpose"


def test_heads_put_right_are_changed_heads_and_no_moved_columns() -> None:
    new = table("Name|Data kept in|Service", KILO, LIMA)
    assert marked(table(HEAD, KILO, LIMA), new) == [
        "Name | [-Service-][+Data kept in+] | [-Data kept in-][+Service+]",
        "Kilo | Mail | Belgium",
        "Lima | Forum software | Ireland",
    ]


def test_rows_sorted_anew_under_a_new_column_are_no_renames() -> None:
    names = ["Oscar", "Kilo", "Mike", "Lima"]
    old = table("Name|Service", *(f"{name}|Software as a service" for name in names))
    new = table(
        "Name|Seat|Service", *(f"{name}|Cork|Software as a service" for name in sorted(names))
    )
    counts = redline(written(("a", "A", old)), written(("a", "A", new))).counts
    assert (counts.words_removed, counts.words_added, counts.passages_moved) == (0, 5, 2)


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("Mailchmp", "Mailchimp", True),
        ("Stripe Inc", "Stripe, Inc.", True),
        ("Google", "Google Ireland", True),
        ("Lima", "Delta", False),
        ("Lima", "Lina", True),
        ("Section 1", "Section 2", False),
        ("Class A", "Class B", False),
        ("Your name, address and the date of your birth", "Your name, address and age", True),
        ("The address from which you came to us", "The name that you give us there", False),
        ("The address from which you came to us", "The address from which you come to our site", True),
    ],
)  # fmt: skip
def test_a_name_put_right_is_the_same_row(old: str, new: str, same: bool) -> None:
    rows = marked(
        *(table("Name|Service", KILO[:9], f"{name}|Forum software") for name in (old, new))
    )
    assert (len(rows) == 3) is same, rows


def test_a_correction_does_not_take_the_name_of_another_row() -> None:
    old = table("Name|Kept", "Access log|1 day", "Access logs|2 days")
    new = table("Name|Kept", "Access logs|2 days", "Errors|3 days")
    assert marked(old, new) == [
        "Name | Kept",
        "[-Access log-] | [-1 day-]",
        "Access logs | 2 days",
        "[+Errors+] | [+3 days+]",
    ]


def test_rows_of_one_name_are_told_apart_by_the_next_column() -> None:
    old = table("Purpose|Name|Seat", "Marketing|Kilo|Ghent", "Marketing|Lima|Cork")
    new = table("Purpose|Name|Seat", "Marketing|Kilo|Ghent", "Marketing|Oscar|Cork")
    assert marked(old, new)[2:] == [
        "[-Marketing-] | [-Lima-] | [-Cork-]",
        "[+Marketing+] | [+Oscar+] | [+Cork+]",
    ]


def test_rows_without_a_name_are_told_apart_by_the_next_column() -> None:
    old = table("Purpose|Name|Seat", "Marketing|Kilo|Ghent", "|Lima|Cork")
    new = table("Purpose|Name|Seat", "Marketing|Kilo|Ghent", "|Oscar|Cork")
    assert marked(old, new)[2:] == [" | [-Lima-] | [-Cork-]", " | [+Oscar+] | [+Cork+]"]


def test_rows_of_one_name_with_another_number_have_changed() -> None:
    old = table("Log|Kept", "Visits|30 days", "Visits|60 days", "Errors|1 day")
    new = table("Log|Kept", "Visits|30 days", "Visits|90 days", "Errors|1 day")
    assert marked(old, new)[2] == "Visits | [-60 days-][+90 days+]"


def test_a_row_that_begins_with_a_text_may_have_it_rewritten() -> None:
    rest = "name, e-mail address|our contract with you|until you leave"
    old = table("Purpose|Data|Ground|Kept", f"To answer your questions|{rest}")
    new = table("Purpose|Data|Ground|Kept", f"To reply to your requests|{rest}")
    assert len(marked(old, new)) == 2


def test_rows_with_a_number_in_front_are_told_apart_by_what_is_behind_it() -> None:
    old = table("No.|Name|Seat", "1|Kilo|Ghent", "2|Lima|Cork")
    new = table("No.|Name|Seat", "1|Lima|Cork", "2|Kilo|Ghent")
    assert marked(old, new)[1:] == [
        "[-2-][+1+] | [=Lima=] | [=Cork=]",
        "[-1-][+2+] | Kilo | Ghent",
        "[=2=] | [=Lima=] | [=Cork=]",
    ]


# --- every view ----------------------------------------------------------------------------------


def some_tables(chance: Random) -> tuple[Policy, Policy]:
    """Return a policy of tables with few names, and the same after some edits."""
    maker = Maker(chance)
    maker.run = lambda depth=0: (Text(chance.choice(NAMES)),)  # type: ignore[method-assign]

    def made() -> Table:
        width = chance.randint(1, 4)
        header, *rows = maker.several(6, lambda: maker.several(width, maker.run, width), 2)
        return Table(header, tuple(rows), ("",) * width)

    maker.table = made  # type: ignore[method-assign]
    blocks = maker.several(2, made, 1)
    old = policy_of(tuple(Clause(id, id, blocks, (), (), "x.md") for id in "ab"))
    return old, maker.edited(old)


@settings(max_examples=60)
@given(st.integers(0, 2**64).map(Random))
def test_tables_are_exact_and_every_row_has_the_cells_of_one_table(chance: Random) -> None:
    old, new = some_tables(chance)
    exact(old, new)
    compared = redline(old, new)
    for aside in (True, False):
        for clause in Writer(compared, labels("en"), aside).clauses():
            views = (row[view] for row in clause.get("rows", ()) for view in VIEWS if view in row)
            assert all(len(widths) == 1 for view in views for widths in _widths(view))
    assert all(len({len(row.cells) for row in grid.rows}) == 1 for grid in _grids(compared))


def _widths(view: str) -> list[set[int]]:
    """Return how many cells the rows of each table have."""
    tables = (table.split("<tr") for table in view.split("<table")[1:])
    return [{len(re.findall("</t[hd]>", row)) for row in rows[1:]} for rows in tables]


def _grids(compared: Redline) -> list[Grid]:
    flow = Flow(labels("en"))
    flow.redline(compared)
    return [item for item in flow.items if isinstance(item, Grid)]


def test_the_head_of_a_column_that_moved_says_from_where() -> None:
    new = table("Name|Data kept in|Service", "Kilo|Belgium|Mail")
    compared = redline(written(("a", "A", table(HEAD, KILO))), written(("a", "A", new)))
    page = lxml_html.fromstring(html(compared, (OLD, NEW), STYLE).decode())
    (head,) = page.xpath("//div[@class='both']//th[contains(@class, 'moved')]")
    assert head.text_content() == "Service [column: was 2, now 3]"
    old = page.xpath("//div[@class='old']//th")
    assert [cell.text_content() for cell in old] == ["Name", "Service", "Data kept in"]
    french = redline(*(replace(policy, locale="fr") for policy in (
        written(("a", "A", table(HEAD, KILO))), written(("a", "A", new)))))  # fmt: skip
    assert (
        "colonne\N{NO-BREAK SPACE}: avant 2, désormais 3"
        in html(french, (OLD, NEW), STYLE).decode()
    )


def test_the_work_on_columns_grows_with_their_number() -> None:
    def both(columns: int) -> tuple[Policy, Policy]:
        heads = [f"head {at}" for at in range(columns)]
        old, new = (
            table("|".join(row), "|".join(f"{cell} cell" for cell in row))
            for row in (heads, ["first", *heads[:-1]])
        )
        return written(("a", "A", old)), written(("a", "A", new))

    assert grows_in_step(both, lambda given: redline(*given), 250)
