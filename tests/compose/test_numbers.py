"""``numbering: clauses``: numbers and references to them, labels that follow the clauses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from lxml import html as lxml_html
from support.workspaces import clause, policy, read, small

from publisher.compose import compose
from publisher.errors import InvalidPolicy
from publisher.policy.dating import Dating
from publisher.policy.json import json, read_policy
from publisher.policy.tree import Link, Policy
from publisher.policy.words import words, words_digest
from publisher.redline import accepted, redline, rejected
from publisher.redline.values import Origin
from publisher.redline.views.marked_lines import lines, title
from publisher.redline.word import docx
from publisher.render.markdown import markdown
from publisher.render.page import html
from publisher.render.style import style_of
from publisher.repository.source import FolderSource

UNDATED = Dating("ready")
OUTLINE = "title: {en: Privacy Policy}\norder: [who, data]\nnumbering: clauses\n"
FILES = {
    "shared/policy.yaml": OUTLINE,
    "shared/clauses/en/who.md": clause("What we keep is in section [](#data).", "Who we are"),
    "shared/clauses/en/data.md": clause("As section [](#who) says."),
    "shared/clauses/en/terms.md": clause("A new one.", "Terms"),
}
ORIGINS = (Origin("old", "draft", "alpha"), Origin("new", "draft", "alpha"))


@pytest.fixture
def both(tmp_path: Path) -> tuple[Policy, Policy]:
    """Return a numbered policy, and one with a clause more ahead of the others."""
    old = policy(small(tmp_path / "old", FILES), "beta")
    more = FILES | {"shared/policy.yaml": OUTLINE.replace("[who", "[terms, who")}
    return old, policy(small(tmp_path / "new", more), "beta")


def references(there: Policy) -> list[tuple[str, int | None]]:
    runs = (clause.blocks[0].children for clause in there.clauses)  # type: ignore[union-attr]
    return [(each.target, each.number) for run in runs for each in run if isinstance(each, Link)]


def test_references_follow_the_clauses(both: tuple[Policy, Policy]) -> None:
    old, new = both
    assert [clause.number for clause in new.clauses] == [1, 2, 3]
    assert references(old) == [("#data", 2), ("#who", 1)]
    assert references(new) == [("#data", 3), ("#who", 2)]


def test_each_brand_has_its_own_order(tmp_path: Path) -> None:
    brand = (small(tmp_path, FILES) / "brands/beta/brand.yaml").read_text()
    changed = brand + "clauses: {place: [{clause: terms, after: who}]}\n"
    root = small(tmp_path, FILES | {"brands/beta/brand.yaml": changed})
    assert references(policy(root, "alpha"))[0] == ("#data", 2)
    assert references(policy(root, "beta"))[0] == ("#data", 3)


def test_numbers_are_no_words(both: tuple[Policy, Policy], tmp_path: Path) -> None:
    old, new = both
    bare = [replace(clause, number=None) for clause in old.clauses]
    assert words_digest(old) == words_digest(replace(old, clauses=tuple(bare)))
    assert '"See' not in words(old)
    found = redline(old, new)
    assert [clause.differs for clause in found.clauses] == [True, False, False]
    assert accepted(found) == replace(new, files=accepted(found).files)
    assert rejected(found) == replace(old, files=rejected(found).files)
    other = small(tmp_path / "x", FILES | {"shared/clauses/en/who.md":
                  clause("What we keep is in section [](#who).", "Who we are")})  # fmt: skip
    assert redline(old, policy(other, "beta")).counts.links_changed == 1


def test_every_format_shows_the_numbers(both: tuple[Policy, Policy], tmp_path: Path) -> None:
    there = both[1]
    root = small(tmp_path / "style", FILES)
    style = style_of(FolderSource(root), read(root).brands["beta"])
    page = lxml_html.fromstring(html(there, UNDATED, style).decode())
    assert [each.text_content() for each in page.iter("h2")][1:] == [
        "1. Terms", "2. Who we are", "3. Your data",
    ]  # fmt: skip
    assert "2. Who we are" in page.find(".//nav").text_content()
    assert "is in section 3." in page.text_content()
    text = markdown(there, UNDATED).decode()
    assert "## 2. Who we are {#who}" in text
    assert "is in section [3](#data)." in text
    assert read_policy(json(there, UNDATED)).clauses == there.clauses
    plain = policy(small(tmp_path / "plain"), "beta")
    assert b'"number": null' not in json(plain, UNDATED)


def test_redlines_show_the_numbers_of_both_sides(both: tuple[Policy, Policy]) -> None:
    old, new = both
    found = redline(old, new)
    heads = ["".join(piece.text for piece in title(clause.part)) for clause in found.clauses]
    assert heads == ["1. Terms", "2. Who we arenumber 1 → 2", "3. Your datanumber 2 → 3"]
    (line,) = (
        "".join(piece.text for piece in line.pieces)
        for line in lines(found.clauses[1].part, full=True)
    )
    assert line == "What we keep is in section 3."


def test_word_counts_the_clauses(both: tuple[Policy, Policy]) -> None:
    made = docx(redline(*both), ORIGINS, "A", datetime(2026, 1, 1, tzinfo=UTC))
    document = Document(BytesIO(made))
    numbers = [
        each._p.pPr.numPr.numId.val
        for each in document.paragraphs
        if each.style is not None and each.style.style_id == "Heading2"
    ]
    assert len(numbers) == 3
    assert len(set(numbers)) == 1
    said = document.element.body.xpath("string()")
    assert "section 23." in said  # the old number struck, the new one written behind it


def test_without_numbering_a_reference_is_an_error(tmp_path: Path) -> None:
    files = FILES | {"shared/policy.yaml": OUTLINE.replace("numbering: clauses\n", "")}
    with pytest.raises(InvalidPolicy) as fault:
        compose(read(small(tmp_path, files)), "beta", "en")
    assert [problem.line for problem in fault.value.problems] == [4, 4]
