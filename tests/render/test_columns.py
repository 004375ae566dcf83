"""Where words break, and how wide columns are: properties, before anything is laid out."""

from __future__ import annotations

from itertools import accumulate, pairwise

from hypothesis import given
from hypothesis import strategies as st

from publisher.render.breaks import BREAK, HYPHEN, JOIN, broken, words
from publisher.render.columns import SMALLEST, Measured, column, plan

LETTERS = st.text(alphabet="abcdefghijklmnop/.-_?&=:@0123456789äß", min_size=1, max_size=90)
CELLS = st.lists(st.lists(LETTERS, max_size=8).map(" ".join), min_size=1, max_size=4)
UPRIGHT, ACROSS, SIZE, GAP = 459.0, 705.6, 9.0, 8.5


def measured(text: str) -> Measured:
    return text, [0.0, *accumulate(0.55 for _ in text)], [False] * len(text)


@given(word=LETTERS, room=st.floats(min_value=4, max_value=60))
def test_a_word_is_broken_into_parts_that_fit_and_leave_no_letters_alone(
    word: str, room: float
) -> None:
    _, at, _ = measured(word)
    breaks = broken(word, at, room, "de")
    cuts = [place for place, character in breaks if character in (BREAK, HYPHEN)]
    assert all(3 <= place <= len(word) - 3 for place in cuts)
    assert all(character in (BREAK, HYPHEN, JOIN) for _, character in breaks)
    for start, end in pairwise([0, *cuts, len(word)]):
        assert at[end] - at[start] <= room or end - start <= 6


@given(columns=st.lists(CELLS, min_size=1, max_size=10))
def test_columns_share_the_page_and_break_no_word_where_none_need_break(
    columns: list[list[str]],
) -> None:
    made = [column([measured(cell) for cell in cells]) for cells in columns]
    found = plan(made, UPRIGHT, ACROSS, SIZE)
    room = ACROSS if found.across else UPRIGHT
    assert abs(sum(found.widths) - room) < 0.5
    assert SMALLEST <= found.size <= SIZE
    assert all(width > 0 for width in found.rooms)
    longest = [
        max((0.55 * (end - start) for cell in cells for start, end in words(cell)), default=0)
        for cells in columns
    ]
    if sum(longest) * SIZE * 1.02 + GAP * (len(columns) - 1) < UPRIGHT:
        for width, least in zip(found.rooms, longest, strict=True):
            assert width >= least * found.size - 0.1


def test_short_columns_get_what_they_need_and_long_ones_the_rest() -> None:
    texts = ("30 minutes", "Acme Hosting", "word " * 200)
    found = plan([column([measured(text)]) for text in texts], UPRIGHT, ACROSS, SIZE)
    assert not found.across
    assert found.size == SIZE
    for width, text in zip(found.rooms[:2], texts[:2], strict=True):
        assert 0 <= width - 0.55 * len(text) * SIZE < 2


def test_a_hash_is_never_broken() -> None:
    text, at, _ = measured("0123456789abcdef" * 4)
    made = [column([measured("a/long/path/of/a/file" * 3)]), column([(text, at, [True] * 64)])]
    found = plan(made, UPRIGHT, ACROSS, SIZE)
    assert found.rooms[1] >= 64 * 0.55 * found.size
