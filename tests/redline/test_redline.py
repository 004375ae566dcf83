"""Redlines: exact, the same in both directions, and as a lawyer would mark them by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import groupby

import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.policies import pairs, policies, written

from bench import edits
from publisher.policy.fragments import plain
from publisher.policy.tree import NoteReference, Policy
from publisher.policy.words import words
from publisher.redline import accepted, redline, rejected
from publisher.redline.lcs import stretches
from publisher.redline.tokens import key, tokens
from publisher.redline.values import Counts, Part, Redline, Segment, opened, walk

OPPOSITES = {"added": "removed", "split": "joined", "divided": "joined"}
SWAPPED = {field.name: field.name for field in fields(Counts)}
for name in list(SWAPPED):
    what, _, done = name.rpartition("_")
    other = f"{what}_{OPPOSITES.get(done)}"
    if other in SWAPPED:
        SWAPPED |= {name: other, other: name}


@given(pairs(), st.booleans())
def test_a_redline_is_exact(both: tuple[Policy, Policy], confetti: bool) -> None:
    exact(*both, confetti=confetti)


@pytest.mark.thorough
@settings(max_examples=10_000, suppress_health_check=list(HealthCheck))
@given(pairs(shrinking=False))
def test_ten_thousand_redlines_are_exact(both: tuple[Policy, Policy]) -> None:
    exact(*both)


def exact(old: Policy, new: Policy, *, confetti: bool = False) -> None:
    """Accept all, reject all, and swap the policies."""
    there, back = redline(old, new, confetti=confetti), redline(new, old, confetti=confetti)
    assert accepted(there) == rejected(back) == new
    assert rejected(there) == accepted(back) == old
    assert bool(there.counts) or words(old) == words(new)
    mirror_image(there, back)


def mirror_image(there: Redline, back: Redline) -> None:
    """Compare a redline with that of the policies swapped."""
    assert (there.old, there.new) == (back.new, back.old)
    for name, other in SWAPPED.items():
        assert getattr(there.counts, name) == getattr(back.counts, other)
    parts = ([p for c in way.clauses for p in walk(c.part)] for way in (there, back))
    one, other = (
        sorted(map(_said, way_parts, [flip] * len(way_parts)))
        for way_parts, flip in zip(parts, (0, 1), strict=True)
    )
    assert one == other


def _said(part: Part, flip: int) -> str:
    sides = [part.old, part.new]
    runs = [
        [s.kind, s.restyled, bool(s.move), *([s.new, s.old] if flip else [s.old, s.new])]
        for s in part.run
    ]
    # Removed text stands before added text in both directions.
    runs = [
        run
        for changed, group in groupby(runs, lambda run: run[0] == "changed")
        for run in (sorted(group, key=lambda run: not run[3]) if changed else group)
    ]
    kinds = [part.was or part.kind, part.kind]
    ends = [part.move and part.move.end == "from", part.move and part.move.end == "to"]
    continued = ["old" in part.continued, "new" in part.continued]
    if flip:
        sides, kinds, ends, continued = (both[::-1] for both in (sides, kinds, ends, continued))
    return repr((kinds, sides, runs, part.same, ends, continued))


@given(policies())
def test_identical_policies_give_an_empty_redline(policy: Policy) -> None:
    compared = redline(policy, policy)
    assert compared.empty
    assert not compared.counts
    assert not any(clause.differs for clause in compared.clauses)


@given(policies())
def test_a_policy_that_came_or_went_is_added_or_removed_whole(policy: Policy) -> None:
    assert accepted(redline(None, policy)) == policy
    assert rejected(redline(None, policy)) is None
    assert rejected(redline(policy, None)) == policy
    assert redline(None, policy).counts.clauses_added == len(policy.clauses)
    assert redline(policy, None).counts.clauses_removed == len(policy.clauses)


# --- as a lawyer would mark it -------------------------------------------------------------------


def marked(old: str, new: str, locale: str = "en") -> str:
    """Return two paragraphs as one, with marks on removed and added text."""
    one, other = (replace(written(("a", "A", text)), locale=locale) for text in (old, new))
    paragraph = redline(one, other).clauses[0].part.parts[1]
    return "".join(_marked(segment) for segment in opened(paragraph).run)


def _marked(segment: Segment) -> str:
    old, new = ("".join(plain(fragment.leaf) for fragment in side) for side in segment[1:3])
    if segment.kind == "changed":
        return (f"[-{old}-]" if old else "") + (f"[+{new}+]" if new else "")
    return new + (f"<{', '.join(segment.restyled)}>" if segment.restyled else "")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("for 30 days.", "for 14 days.", "for [-30 days-][+14 days+]."),
        ("until 14 March 2025, then", "until 15 March 2025, then",
         "until [-14 March 2025-][+15 March 2025+], then"),
        ("since 2025-03-14 only", "since 2025-03-15 only",
         "since [-2025-03-14-][+2025-03-15+] only"),
        ("write to a@x.example now", "write to b@x.example now",
         "write to [-a@x.example-][+b@x.example+] now"),
        ("see https://x.example/a, please", "see https://x.example/b, please",
         "see [-https://x.example/a-][+https://x.example/b+], please"),
        ("fines of € 20,000 a day", "fines of € 30,000 a day",
         "fines of [-€ 20,000-][+€ 30,000+] a day"),
        ("under Art. 6(1)(b) GDPR", "under Art. 6(1)(f) GDPR",
         "under Art. [-6(1)(b)-][+6(1)(f)+] GDPR"),
        ("open to 17:30 daily", "open to 18:30 daily", "open to [-17:30-][+18:30+] daily"),
        ("call +32 3 123 45 67 now", "call +32 3 123 45 68 now",
         "call [-+32 3 123 45 67-][++32 3 123 45 68+] now"),
        ("name, address and age", "name and age", "name[-, address-] and age"),
        ("we keep it (mostly)", "we keep it", "we keep it[- (mostly)-]"),
        ("we keep it", "we keep it.", "we keep it[+.+]"),
        ("processors", "processor's", "[-processors-][+processor's+]"),
        ("kept. Deleted then. Gone.", "kept. Gone.", "kept. [-Deleted then. -]Gone."),
        ("a *b* c", "a b c", "a b<emphasis> c"),
        ("[b](https://x.example) c", "[b](https://y.example) c", "b<link> c"),
        ("one two three four five six", "uno two tres four cinco six",
         "[-one two three four five-][+uno two tres four cinco+] six"),
    ],
)  # fmt: skip
def test_what_is_marked(old: str, new: str, expected: str) -> None:
    assert marked(old, new) == expected


def test_languages_without_spaces() -> None:
    assert (
        marked("我们不会出售您的个人数据。", "我们不会分享您的个人数据。", "zh")
        == "我们不会[-出售-][+分享+]您的个人数据。"
    )
    assert "[-ขาย-]" in marked("เราไม่ขายข้อมูลของคุณ", "เราไม่เก็บข้อมูลของคุณ", "th")
    assert marked("個人情報を販売する。", "個人情報を共有する。", "ja").startswith("個人情報を")


def test_a_paragraph_moves_where_no_spaces_are_written_too() -> None:
    text = "我们收集您的姓名和电子邮件地址，以便回复您的询问。我们将保留您的数据{}天。"
    old = written(("a", "甲", f"其他。\n\n{text.format('三十')}"), ("b", "乙", "别的。"))
    new = written(("a", "甲", "其他。"), ("b", "乙", f"别的。\n\n{text.format('六十')}"))
    compared = redline(*(replace(policy, locale="zh") for policy in (old, new)))
    assert (
        compared.counts.passages_moved
        == compared.counts.words_added
        == compared.counts.words_removed
        == 1
    )


@pytest.mark.parametrize("locale", ["en", "nl", "fr", "de"])
def test_amounts_have_the_units_of_the_language(locale: str) -> None:
    unit = {"en": "months", "nl": "maanden", "fr": "mois", "de": "Monate"}[locale]
    assert marked(f"x 6 {unit} y", f"x 7 {unit} y", locale) == f"x [-6 {unit}-][+7 {unit}+] y"


OLD = written(
    ("who", "Who we are", "We are Alpha. See [our site](https://x.example).\n\nWe keep it for you, and for nobody else."),
    ("data", "Data", "- your name\n- your address\n- your phone number\n\n| Kind | Kept |\n|---|---|\n| mail | one year |\n| logs | two years |"),
    ("rights", "Rights", "You have rights."),
)  # fmt: skip
NEW = written(
    ("rights", "Rights", "You have many rights."),
    ("who", "Who we are", "We are Alpha. See [our site](https://y.example)."),
    ("data", "Data", "- your phone number\n- your name\n- your whole address\n\nWe keep it for you, and really for nobody else.\n\n| Kind | Kept |\n|---|---|\n| mail | one year |\n| logs | three years |"),
)  # fmt: skip


def test_what_moved_is_moved_wherever_it_went() -> None:
    compared = redline(OLD, NEW)
    ends = [(part.kind, part.status) for clause in compared.clauses for part in walk(clause.part)
            if part.move]  # fmt: skip
    assert ends == [
        ("clause", "to"), ("paragraph", "from"), ("item", "to"), ("item", "from"),
        ("paragraph", "to"), ("clause", "from"),
    ]  # fmt: skip
    counts = compared.counts
    assert (counts.clauses_moved, counts.passages_moved) == (1, 2)
    assert (counts.words_added, counts.words_removed, counts.links_changed) == (4, 1, 1)
    changed = {clause.new for clause in compared.clauses if clause.counts.clauses_changed}
    assert changed == {"rights", "who", "data"}


def test_a_row_and_a_column_of_a_table() -> None:
    old = written(("a", "A", "| K | V |\n|---|---|\n| x | old words |\n| y | two |"))
    new = written(
        ("a", "A", "| K | New | V |\n|---|---|---|\n| x | 1 | new words |\n| y | 2 | two |")
    )
    rows = redline(old, new).clauses[0].part.parts[1].parts
    assert [[cell.status for cell in row.parts] for row in rows] == [
        ["same", "added", "same"], ["same", "added", "changed"], ["same", "added", "same"],
    ]  # fmt: skip


def test_rows_and_items_that_are_much_alike_move() -> None:
    rows = ["| Access logs of the website | 30 days |", "| Error logs of the website | 60 days |"]
    items = ["- Access logs of the website", "- Error logs of the website"]
    for lead, lines in (("| Kind | Kept |\n|---|---|\n", rows), ("", items)):
        old, new = (written(("a", "A", lead + "\n".join(order))) for order in (lines, lines[::-1]))
        counts = redline(old, new).counts
        assert (counts.passages_moved, counts.words_added, counts.words_removed) == (1, 0, 0)


def test_a_renamed_clause_and_a_link_to_it_are_no_change_of_words() -> None:
    old = written(("a", "A", "See [b](#b)."), ("b", "B", "Text of some length."))
    new = written(("a", "A", "See [b](#c)."), ("c", "B", "Text of some length."))
    compared = redline(old, new)
    assert compared.counts == Counts(clauses_renamed=1)
    assert [clause.renamed for clause in compared.clauses] == [False, True]


def test_a_heading_of_another_level_keeps_its_words() -> None:
    compared = redline(
        written(("a", "A", "## G\n\n### H\n\nx")), written(("a", "A", "## G\n\n## H\n\nx"))
    )
    assert compared.counts == Counts(structure_changed=1, clauses_changed=1)


def outline(old: str, new: str) -> list[str]:
    """Return the texts of a clause in order, with marks on removed and added text."""
    compared = redline(written(("a", "A", old)), written(("a", "A", new)))
    leaves = [part for part in _opened(compared.clauses[0].part) if part.run]
    return [" ".join(_outlined(part)) for part in leaves[1:]]


def _opened(part: Part) -> Iterator[Part]:
    yield opened(part)
    for inside in opened(part).parts:
        yield from _opened(inside)


def _outlined(part: Part) -> Iterator[str]:
    yield from ({"old": "¶+", "new": "¶-"}[side] for side in part.continued)
    yield f"{part.was}→{part.kind}" if part.was else part.kind
    yield _text(part)


def _text(part: Part) -> str:
    return "".join(map(_marked, opened(part).run)).strip()


@pytest.mark.parametrize(
    ("old", "new", "expected", "counted"),
    [
        ("We keep it. You may ask for it. We delete it then.", "We keep it.\n\nYou may ask for it. We delete it then.",
         ["paragraph We keep it.", "¶+ paragraph You may ask for it. We delete it then."], {"paragraphs_split": 1}),
        ("Cookies may be switched off. See the Website & Cookie Notice for details. **Buying.** If you buy, we use your address.",
         "Cookies may be switched off. See the Privacy Policy of our Websites for details.\n\n**Buying.** If you buy, we use your address.",
         ["paragraph Cookies may be switched off. See the [-Website & Cookie Notice-][+Privacy Policy of our Websites+] for details.",
          "¶+ paragraph Buying. If you buy, we use your address."],
         {"paragraphs_split": 1, "words_added": 5, "words_removed": 3, "punctuation_removed": 1}),
        ("You may take part.\nLikeness\nThe operator uses it.", "You may take part.\n\n## Likeness\n\nThe operator uses it.",
         ["paragraph You may take part.", "¶+ paragraph→heading Likeness", "¶+ paragraph The operator uses it."],
         {"paragraphs_split": 2, "structure_changed": 1}),
        ("We ask for your name, your address and your phone number.",
         "We ask for\n\n- your name,\n- your address and\n- your phone number.",
         ["paragraph We ask for", "¶+ paragraph your name,", "¶+ paragraph your address and", "¶+ paragraph your phone number."],
         {"paragraphs_split": 3, "structure_changed": 1}),
        ("- We ask for your name. We keep it for a year.\n- We keep nothing else.",
         "- We ask for your name.\n- We keep it for a year.\n- We keep nothing else.",
         ["paragraph We ask for your name.", "¶+ paragraph We keep it for a year.", "paragraph We keep nothing else."],
         {"paragraphs_split": 1}),
        ("- one apple here\n- two pears there\n\nA text between the lists.\n\n- three plums\n- four figs",
         "- one apple here\n- two pears there\n\n  A text between the lists.\n- three plums\n- four figs",
         ["paragraph one apple here", "paragraph two pears there", "paragraph A text between the lists.",
          "paragraph three plums", "paragraph four figs"],
         {"lists_joined": 1, "structure_changed": 1}),
        ("- fruit of any kind\n- red apples\n- green pears\n- other food", "- fruit of any kind\n  - red apples\n  - green pears\n- other food",
         ["paragraph fruit of any kind", "paragraph red apples", "paragraph green pears", "paragraph other food"],
         {"structure_changed": 1}),
        ("One stays where it is. Two goes over to the next text.\n\nThree was alone in its own text.",
         "One stays where it is.\n\nTwo goes over to the next text. Three was alone in its own text.",
         ["paragraph One stays where it is.", "¶+ paragraph Two goes over to the next text.",
          "¶- paragraph Three was alone in its own text."],
         {"paragraphs_split": 1, "paragraphs_joined": 1}),
    ],
)  # fmt: skip
def test_text_in_other_groups_is_not_written_again(
    old: str, new: str, expected: list[str], counted: dict[str, int]
) -> None:
    assert outline(old, new) == expected
    exact(written(("a", "A", old)), written(("a", "A", new)))
    counts = redline(written(("a", "A", old)), written(("a", "A", new))).counts
    assert counts == Counts(clauses_changed=1, **counted)


def test_few_words_are_marked_where_text_is_in_other_groups() -> None:
    """200 edits of the example: hardly more words are marked than the fewest possible."""
    grouped, moved = edits.Figures(), edits.Figures()
    for way, old, new in edits.pairs(edits.example(ROOT), 200):
        figures = moved if way.startswith("sentence") else grouped
        figures.add(redline(old, new), old, new)
    assert grouped.marked <= 1.02 * grouped.fewest
    assert grouped.moved == grouped.again == 0
    assert moved.marked <= moved.fewest / 4
    assert moved.again <= moved.moved / 10


def test_a_sub_heading_that_becomes_a_clause_divides_it() -> None:
    text = "We set cookies when you visit. They are small files."
    old = written(("a", "A", f"We are Alpha.\n\n## Cookies\n\n{text}"))
    new = written(("a", "A", "We are Alpha."), ("b", "Cookies", text))
    exact(old, new)
    compared = redline(old, new)
    assert compared.counts == Counts(clauses_divided=1, structure_changed=1)
    assert [(clause.old, clause.new) for clause in compared.clauses] == [("a", "a"), (None, "b")]
    assert [part.kind for part in compared.clauses[1].part.parts] == ["title", "paragraph"]
    assert redline(new, old).counts == Counts(clauses_joined=1, structure_changed=1)


def test_a_sentence_moves_with_what_was_changed_in_it() -> None:
    moved = "We delete what you send us within {} of your last visit to our site."
    other = "Nothing that you read elsewhere, or that anybody says, changes any of the rules on this page."
    old = written(("a", "A", f"We are Alpha. {moved.format('a year')}\n\n{other}"))
    new = written(("a", "A", f"We are Alpha.\n\n{other} {moved.format('two years')}"))
    exact(old, new)
    counts = redline(old, new).counts
    assert (counts.words_added, counts.words_removed, counts.passages_moved) == (2, 2, 1)
    assert (counts.words_moved, counts.punctuation_added) == (14, 0)


@given(pairs())
def test_no_more_is_marked_than_is_needed(both: tuple[Policy, Policy]) -> None:
    compared = redline(*both, confetti=True)
    leaves = [part for clause in compared.clauses for part in walk(clause.part) if part.run]
    for part in leaves:
        if part.old is None or part.new is None or any(segment.restyled for segment in part.run):
            continue
        if any(isinstance(f.leaf, NoteReference) for s in part.run for f in (*s.old, *s.new)):
            continue  # notes count from one in each clause
        sides = [[key(t) for t in tokens("".join(plain(f.leaf) for s in part.run for f in s[side]), "en")[1]]
                 for side in (1, 2)]  # fmt: skip
        kept = sum(len(tokens("".join(plain(f.leaf) for f in s.new), "en")[1])
                   for s in part.run if s.kind == "same")  # fmt: skip
        best = sum(stretch.old[1] - stretch.old[0] for stretch in stretches(*sides) if stretch.same)
        assert kept >= best or len(part.run) == 1
