"""Where each run of a policy's text was written: kept by composing, beside the words."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from support.policies import policies
from support.workspaces import EVERYTHING, SMALL, policy, small

from publisher.compose import compose
from publisher.policy.dating import Dating
from publisher.policy.json import json as json_bytes
from publisher.policy.json import read_policy
from publisher.policy.tree import Place, Policy, plain_text, runs_in
from publisher.policy.words import words
from publisher.repository.source import FolderSource
from publisher.workspace import load


def placed(said: Policy, clause: str) -> list[tuple[str, int, str]]:
    """Return the pieces of a clause's text, each with where it was written."""
    (one,) = (each for each in said.clauses if each.id == clause)
    pieces = []
    for run, places in zip(runs_in(one), one.places, strict=True):
        text, ends = plain_text(run), [*(place.at for place in places[1:]), None]
        pieces += [(p.path, p.line, text[p.at : e]) for p, e in zip(places, ends, strict=True)]
    return [piece for piece in pieces if piece[2].strip()]


def test_each_line_of_a_paragraph_has_its_own_place(tmp_path: Path) -> None:
    text = "---\ntitle: Who\n---\nOne *line*,\nanother `line` of\n{{ brand.name }}.\\\nA third.\n\n- An item.\n"
    said = policy(small(tmp_path, {"shared/clauses/en/who.md": text}))
    path = "shared/clauses/en/who.md"
    assert placed(said, "who") == [
        (path, 4, "One line, "),
        (path, 5, "another line of "),
        (path, 6, "Alpha. "),
        (path, 7, "A third."),
        (path, 9, "An item."),
    ]


def test_words_of_a_registry_are_placed_in_the_registry(tmp_path: Path) -> None:
    said = policy(small(tmp_path))
    assert ("shared/clauses/en/data.md", 9, "Mailer Ltd ") in placed(said, "data")
    assert ("shared/processors.yaml", 5, "sends Alpha's letters.") in placed(said, "data")
    assert ("shared/retention.yaml", 4, "for 10 years.") in placed(said, "data")


def test_what_a_brand_puts_into_a_block_is_placed_in_its_file(tmp_path: Path) -> None:
    own = (
        '{% extends "shared/data.md" %}\n{% block what %}We keep your *name* here.{% endblock %}\n'
    )
    said = policy(small(tmp_path, {"brands/alpha/clauses/en/data.md": own}))
    assert placed(said, "data")[0] == ("brands/alpha/clauses/en/data.md", 2, "We keep your")


def test_a_part_is_placed_in_its_file(tmp_path: Path) -> None:
    files = {
        "shared/clauses/en/who.md": '---\ntitle: Who\n---\nText, {% include "shared/_part.md" %} and more.\n',
        "shared/clauses/en/_part.md": "a part",
    }
    pieces = placed(policy(small(tmp_path, files)), "who")
    assert ("shared/clauses/en/_part.md", 1, "a part") in pieces
    assert pieces[-1] == ("shared/clauses/en/who.md", 4, " and more.")


def test_every_run_of_every_kind_of_block_has_a_place(tmp_path: Path) -> None:
    written = EVERYTHING.replace("{{ facts.unsure }}", "it").replace(
        "{{ kept.invoices.period }}", "ten"
    )
    said = policy(small(tmp_path, {"shared/clauses/en/data.md": written}))
    lines = written.split("\n")
    assert len(placed(said, "data")) == 23
    for path, line, text in placed(said, "data"):
        assert path == "shared/clauses/en/data.md"
        first = text.split()[0].strip(".,:")
        assert first in lines[line - 1], (line, text)


def test_the_example_has_its_places() -> None:
    said = compose(load(FolderSource(ROOT)), "cloudnovi", "en")
    for clause in said.clauses:
        for path, line, text in placed(said, clause.id):
            written = (ROOT / path).read_text().split("\n")[line - 1]
            quotes = "{{" in written or "{%" in written
            assert quotes or any(word in written for word in text.split()), (path, line)


@given(policies(), st.integers(1, 9))
def test_places_are_no_words_and_no_part_of_any_document(said: Policy, line: int) -> None:
    place = ((Place(0, "shared/x.md", line),),)
    other = replace(said, clauses=tuple(replace(c, places=place) for c in said.clauses))
    assert other == said
    assert hash(other) == hash(said)
    assert words(other) == words(said)
    data = json_bytes(other, Dating("undated"))
    assert data == json_bytes(said, Dating("undated"))
    assert "places" not in json.loads(data)["clauses"][0] if said.clauses else True
    assert read_policy(data).clauses == said.clauses


def facts_in(said: Policy, clause: str) -> list[tuple[str, str, int]]:
    """Return the facts in a clause's text, each with where it was written."""
    (one,) = (each for each in said.clauses if each.id == clause)
    return [
        (plain_text(run)[fact.begin : fact.end], fact.path, fact.line)
        for run, facts in zip(runs_in(one), one.quoted, strict=True)
        for fact in facts
    ]


def test_a_fact_is_placed_in_its_file_wherever_it_is_quoted(tmp_path: Path) -> None:
    text = (
        "In 2030 and *after {{ facts.years }}*, `{{ facts.years }}` or\n"
        "[{{ brand.contact }}](mailto:{{ brand.contact }}).[^n]\n\n"
        "| A | B |\n|---|---|\n| <br>{{ facts.years }} | {{ company.address[0] | upper }} |\n\n"
        "- {{ facts.unsure }} and {{ facts.spaced }} of {{ kept.invoices.period }}\n\n"
        "[^n]: See {{ processor.bank.name }} at {{ brand.domain }}.\n"
    )
    facts = "  years: '30'\n  unsure: {value: maybe, unconfirmed: Is it so?}\n  spaced: \"a  b\"\n"
    files = {
        "shared/clauses/en/who.md": f"---\ntitle: Who\n---\n{text}",
        "shared/company.yaml": SMALL["shared/company.yaml"] + facts,
        "shared/processors.yaml": SMALL["shared/processors.yaml"].replace(
            "{en: Our bank, nl: Onze bank}", "\n    nl: Onze bank\n    en: Our bank"
        ),
    }
    company, brand = "shared/company.yaml", "brands/alpha/brand.yaml"
    assert facts_in(policy(small(tmp_path, files)), "who") == [
        ("30", company, 8),
        ("30", company, 8),
        ("privacy@alpha.example", brand, 3),
        ("30", company, 8),
        ("a b", company, 10),
        ("10 years", "shared/retention.yaml", 3),
        ("Our bank", "shared/processors.yaml", 9),
        ("alpha.example", brand, 2),
    ]


def test_facts_are_no_part_of_a_policys_words_json_or_equality(tmp_path: Path) -> None:
    said = policy(small(tmp_path))
    bare = replace(said, clauses=tuple(replace(clause, quoted=()) for clause in said.clauses))
    assert bare == said
    assert words(bare) == words(said)
    assert json_bytes(bare, Dating("ready")) == json_bytes(said, Dating("ready"))
