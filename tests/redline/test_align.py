"""How much two texts have in common to be shown as one that changed, or one that moved."""

from __future__ import annotations

import pytest
from support.policies import written

from publisher.policy.tree import Policy
from publisher.redline import redline
from publisher.redline.values import Redline, walk

TREES = ["alder", "birch", "cedar", "dogwood", "elm", "fir", "gingko", "hazel", "ivy", "juniper"]
BOATS = [
    "anchor",
    "barge",
    "canoe",
    "dinghy",
    "eight",
    "ferry",
    "galley",
    "hulk",
    "icebreaker",
    "junk",
]
STAYS = "Nothing that stands here is any different."
ALSO = "What you read in this place is as it was before."


def common(number: int) -> str:
    """Return ten words, so many of which are the trees."""
    return " ".join(TREES[:number] + BOATS[number:])


def turned_round(text: str) -> str:
    """Return a text with its words in the opposite order."""
    return " ".join(reversed(text.split()))


def apart(above: str, below: str) -> Policy:
    """Return two clauses with a text that stays in each, the first below a text, the second above."""
    texts = "\n\n".join(filter(None, (above, STAYS))), "\n\n".join(filter(None, (ALSO, below)))
    return written(("a", "A", texts[0]), ("b", "B", texts[1]))


def shown(compared: Redline, *kinds: str) -> list[str]:
    """Return what became of the nodes of some kinds, where anything did."""
    parts = (part for clause in compared.clauses for part in walk(clause.part))
    return [part.status for part in parts if part.kind in kinds and part.status != "same"]


@pytest.mark.parametrize(("number", "changed"), [(3, 10), (4, 6), (5, 5)])
def test_texts_in_one_place_are_one_if_two_words_in_five_are_the_same(
    number: int, changed: int
) -> None:
    """In whatever order they stand."""
    counts = redline(*(written(("a", "A", common(each))) for each in (10, number))).counts
    assert (counts.words_removed, counts.words_added) == (changed, changed)
    assert counts.words_moved == 0
    turned = (written(("a", "A", text)) for text in (common(10), turned_round(common(number))))
    assert shown(redline(*turned), "paragraph") == (
        ["removed", "added"] if changed == 10 else ["changed"]
    )


@pytest.mark.parametrize("number", [4, 5])
def test_a_short_text_is_one_with_a_long_one_that_has_five_of_its_words(number: int) -> None:
    short = " ".join([*TREES[:number], "anchor"])
    long = f"{turned_round(' '.join(TREES[:number]))} {STAYS} {ALSO}"
    compared = redline(written(("a", "A", short)), written(("a", "A", long)))
    assert shown(compared, "paragraph") == (["changed"] if number > 4 else ["removed", "added"])


def test_two_long_texts_without_a_common_word_are_two() -> None:
    texts = (
        " ".join(f"{word}-{at}" for at in range(130) for word in words) for words in (TREES, BOATS)
    )
    compared = redline(*(written(("a", "A", text)) for text in texts))
    assert shown(compared, "paragraph") == ["removed", "added"]


@pytest.mark.parametrize(("number", "moved"), [(5, 0), (6, 6), (9, 9)])
def test_a_text_elsewhere_has_moved_if_three_words_in_five_are_the_same(
    number: int, moved: int
) -> None:
    """So has its paragraph, and not the text alone."""
    compared = redline(apart(common(10), ""), apart("", common(number)))
    counts = compared.counts
    assert shown(compared, "paragraph") == (["from", "to"] if moved else ["removed", "added"])
    assert (counts.words_moved, counts.passages_moved) == (moved, int(moved > 0))
    assert (counts.words_removed, counts.words_added) == (10 - moved, 10 - moved)


@pytest.mark.parametrize("number", [4, 5])
def test_a_changed_text_has_moved_if_it_has_five_of_its_words(number: int) -> None:
    old = f"{turned_round(' '.join(TREES[:number]))} anchor"
    new = " ".join([*TREES[:number], "barge"])
    compared = redline(apart(old, ""), apart("", new))
    assert shown(compared, "paragraph") == (["from", "to"] if number > 4 else ["removed", "added"])


def test_a_note_with_other_words_is_the_same_note() -> None:
    texts = (f"We keep it[^n] here.\n\n[^n]: {common(number)}" for number in (10, 0))
    compared = redline(*(written(("a", "A", text)) for text in texts))
    assert shown(compared, "note") == ["changed"]


@pytest.mark.parametrize(("number", "moved"), [(3, 0), (4, 4)])
def test_fewer_than_four_words_have_not_moved_to_another_clause(number: int, moved: int) -> None:
    few = " ".join(TREES[:number])
    compared = redline(apart(few, ""), apart("", few))
    counts = compared.counts
    assert shown(compared, "paragraph") == (["from", "to"] if moved else ["removed", "added"])
    assert (counts.words_moved, counts.words_added) == (moved, number - moved)


def test_a_single_word_moves_within_its_list() -> None:
    old, new = (f"- {a}\n- {b}\n- {c}" for a, b, c in (TREES[:3], [*TREES[1:3], TREES[0]]))
    counts = redline(written(("a", "A", old)), written(("a", "A", new))).counts
    assert (counts.words_moved, counts.words_added, counts.words_removed) == (1, 0, 0)


def test_a_list_moves_whole() -> None:
    items = "\n".join(f"- {' '.join(words[:5])}" for words in (TREES, BOATS))
    compared = redline(apart(items, ""), apart("", items))
    assert shown(compared, "list", "item", "paragraph") == ["from", "to"]
    assert (compared.counts.passages_moved, compared.counts.words_moved) == (1, 10)


def test_a_text_moves_to_one_of_two_places() -> None:
    text = common(10)
    compared = redline(apart(text, ""), apart("", f"{text}\n\n{text}"))
    assert shown(compared, "paragraph") == ["from", "to", "added"]
    assert (compared.counts.words_moved, compared.counts.words_added) == (10, 10)


@pytest.mark.parametrize("mark", ["-", ">"])
def test_what_was_split_on_its_way_elsewhere_is_split_and_moved(mark: str) -> None:
    first, second = f"{mark} {common(10)}.", f"{' '.join(BOATS[:6])}.".capitalize()
    apart_again = f"\n{mark} " if mark == "-" else f"\n{mark}\n{mark} "
    counts = redline(
        apart(f"{first} {second}", ""), apart("", f"{first}{apart_again}{second}")
    ).counts
    assert (counts.words_moved, counts.paragraphs_split, counts.passages_moved) == (16, 1, 1)
    assert (counts.words_removed, counts.words_added) == (0, 0)


LAND = "Land\n: What is said of it here is as it was before, in every one of its words.\n\n"


@pytest.mark.parametrize(
    ("before", "between"),
    [(LAND + "Wood\n: ", " "), ("| Wood | Sea |\n| --- | --- |\n| ", " | ")],
    ids=["term", "columns"],
)
def test_a_term_and_the_names_of_columns_tell_what_they_are_of(before: str, between: str) -> None:
    texts = (before + between.join((" ".join(w[:5]), " ".join(w[5:]))) for w in (TREES, BOATS))
    counts = redline(*(written(("a", "A", text)) for text in texts)).counts
    assert (counts.words_removed, counts.words_added) == (10, 10)


def test_a_text_that_stays_as_it_was_is_no_changed_form_of_another_one() -> None:
    """Although the text in its former place is like it, and so is the one behind it."""
    stays = "elm hazel dogwood alder cedar fir birch gingko"
    old = written(("a", "A", f"gingko elm birch dogwood alder\n\n{stays}"))
    new = written(("a", "A", f"{stays}\n\nfir dogwood birch cedar alder"))
    counts = redline(old, new).counts
    assert (counts.words_moved, counts.words_added, counts.words_removed) == (0, 5, 5)


@pytest.mark.parametrize(("name", "moved"), [("Wood", 12), ("Stone", 0)])
def test_a_row_moves_to_another_table_under_its_own_name_only(name: str, moved: int) -> None:
    """It may say a little less there."""
    rest = " ".join(BOATS)
    tables = (
        f"| Name | Text |\n| --- | --- |\n{{}}| {stays} | {STAYS} |" for stays in ("Sea", "Air")
    )
    first, second = tables
    gone = f"| Wood | {common(10)} {rest} |\n"
    here = f"| {name} | {common(10)} dock |\n"
    old = written(("a", "A", first.format(gone)), ("b", "B", second.format("")))
    new = written(("a", "A", first.format("")), ("b", "B", second.format(here)))
    assert (redline(old, new).counts.words_moved > 0) is (moved > 0)


def test_a_link_to_a_renamed_clause_is_named_where_its_text_is_the_title() -> None:
    old, new = (
        written(("a", "A", "Write to [](#b) by letter."), ("b", title, STAYS))
        for title in ("The operator", "The company")
    )
    first, second = redline(old, new).clauses
    assert first.counts.links_changed == 1
    assert (second.counts.words_removed, second.counts.words_added) == (1, 1)


def numbered(number: int, last: str) -> str:
    """Return a text that has most of its words from no other one, and one word behind these."""
    return " ".join(f"{tree}-{number}" for tree in TREES[:5]) + f" {last}"


def test_a_long_clause_moves_as_a_short_one_does() -> None:
    """Of so many pairs of texts, only those are compared that share a rare word."""
    many = range(102)
    old, new = ("\n\n".join(numbered(at, f"{word}-{at}") for at in many) for word in BOATS[:2])
    counts = redline(apart(old, ""), apart("", new)).counts
    assert (counts.words_moved, counts.passages_moved) == (5 * len(many), len(many))
    assert (counts.words_removed, counts.words_added) == (len(many), len(many))


@pytest.mark.parametrize("length", [5, 25])
def test_an_item_in_other_words_is_the_same_item_in_a_list_of_any_length(length: int) -> None:
    items = [numbered(at, "anchor") for at in range(length)]
    other = " ".join([turned_round(numbered(2, "")), *BOATS[1:5]])
    old, new = (
        "\n".join(f"- {text}" for text in texts)
        for texts in (items, [*items[:2], other, *items[3:], "barge"])
    )
    compared = redline(written(("a", "A", old)), written(("a", "A", new)))
    assert shown(compared, "item", "paragraph") == ["changed", "changed", "added", "added"]
