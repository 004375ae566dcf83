"""Every kind of block is in every output; a new kind that one of them does not write fails here."""

from __future__ import annotations

import json as stdlib
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import reduce
from io import BytesIO
from operator import getitem
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.policies import policies, policy
from support.redlines import NEW, OLD, STYLE

from publisher.checks.sentences import sentences
from publisher.policy.dating import UNDATED
from publisher.policy.json import dating_in, read_policy
from publisher.policy.json import json as policy_json
from publisher.policy.kinds import BLOCKS, ByKind, Kind, TreeNode, filled, inside, text_of
from publisher.policy.tree import (
    Block,
    Clause,
    Definition,
    DefinitionList,
    Heading,
    List,
    Paragraph,
    Policy,
    Quote,
    Table,
    Text,
    plain_text,
    runs_in,
)
from publisher.policy.words import words
from publisher.redline import redline
from publisher.redline.views.json import json
from publisher.redline.views.markdown import markdown
from publisher.redline.views.page import html
from publisher.redline.word import docx
from publisher.render.body import Body
from publisher.render.languages import labels
from publisher.render.markdown import markdown as policy_markdown
from publisher.render.style import Style
from publisher.render.word import docx as policy_docx

RUN = (Text("quagga"),)
SAMPLES: dict[type, Block] = {
    Paragraph: Paragraph(RUN),
    Heading: Heading(3, RUN),
    List: List(((Paragraph(RUN),),)),
    Quote: Quote((Paragraph(RUN),)),
    Table: Table((RUN,), ((RUN,),), ("",)),
    DefinitionList: DefinitionList((Definition(RUN, ((Paragraph(RUN),),)),)),
}
"""A block of each type, which says "quagga"."""


def clause_with(block: Block | None) -> Clause:
    return Clause("a", "A", (block,) if block else (), (), (), "shared/clauses/en/a.md")


def _document(word: bytes) -> str:
    with zipfile.ZipFile(BytesIO(word)) as package:
        return package.read("word/document.xml").decode()


def outputs(block: Block) -> dict[str, str]:
    """Return all that is made from a policy with a block, and from its redline."""
    old, new = policy((clause_with(None),)), policy((clause_with(block),))
    compared = redline(old, new)
    word = docx(compared, (OLD, NEW), "Counsel", datetime(2026, 11, 23, tzinfo=UTC))
    return {
        "plain text": "".join(plain_text(run) for run in runs_in(new.clauses[0])),
        "sentences": " ".join(sentence.text for sentence in sentences(new)),
        "words": words(new),
        "HTML": str(Body(labels("en"), {}, printed=False).clause(new.clauses[0])),
        "Markdown": policy_markdown(new, UNDATED).decode(),
        "JSON": policy_json(new, UNDATED).decode(),
        "the redline's HTML": html(compared, (OLD, NEW), STYLE).decode(),
        "the redline's Markdown": markdown(compared, (OLD, NEW)),
        "the redline's JSON": json(compared, (OLD, NEW)).decode(),
        "the redline in Word": _document(word),
        "Word": _document(policy_docx(new, UNDATED, Style())),
    }


def test_every_type_of_block_has_a_kind_and_a_sample() -> None:
    assert BLOCKS.keys() == SAMPLES.keys() == set(get_args(Block))


@pytest.mark.parametrize("block", SAMPLES.values(), ids=lambda block: BLOCKS[type(block)])
def test_every_output_shows_every_kind_of_block(block: Block) -> None:
    missing = [name for name, output in outputs(block).items() if "quagga" not in output]
    assert not missing
    read = read_policy(policy_json(policy((clause_with(block),)), UNDATED))
    assert read.clauses[0].blocks == (block,)


def test_a_writer_that_has_no_method_for_a_kind_cannot_be_defined() -> None:
    with pytest.raises(TypeError, match="Writer has no method for heading, quote"):

        class Writer(ByKind[str]):
            """Writes some kinds of block only."""

            paragraph = list = table = definitions = staticmethod(str)


@given(policies())
def test_a_node_is_what_is_in_it(policy: Policy) -> None:
    def rebuilt(kind: Kind, node: TreeNode) -> TreeNode:
        run = text_of(kind, node)
        if run is None:
            return filled(filled(node, ()), tuple(rebuilt(*inner) for inner in inside(kind, node)))
        return filled(filled(node, ()), run)

    for clause in policy.clauses:
        assert rebuilt("clause", clause) == clause


@pytest.mark.parametrize("nested", ["[" * 100_000, '{"clauses": ' * 100_000])
def test_a_document_that_is_nested_too_deeply_is_no_policy(nested: str) -> None:
    for read in (read_policy, dating_in):
        with pytest.raises(ValueError, match="not a policy"):
            read(nested.encode())


WRONG = (7.5, True, 10**30, "x", "\ud800", None, [], [None], [[]], {}, {"type": "Text"})


@given(policies(), st.data())
def test_a_document_with_a_value_of_another_kind_is_no_policy_or_one_to_compare(
    before: Policy, data: st.DataObject
) -> None:
    document = stdlib.loads(policy_json(before, UNDATED))
    named = ("brand", "locale", "title", "controller", "clauses", "questions")
    places = [place for name in named for place in places_in(document[name], (name,))]
    *folder, last = data.draw(st.sampled_from(places))
    reduce(getitem, folder, document)[last] = data.draw(st.sampled_from(WRONG))
    with suppress(ValueError):
        after = read_policy(stdlib.dumps(document).encode())
        assert html(redline(before, after), (OLD, NEW), STYLE)
        assert markdown(redline(after, before), (OLD, NEW))


def places_in(value: Any, place: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each value in a document."""
    yield place
    keys = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    for key in keys:
        yield from places_in(value[key], (*place, key))


@pytest.mark.parametrize(("name", "value"), [("rows", 7), ("header", []), ("alignments", [""] * 9)])
def test_a_table_whose_rows_do_not_fit_is_no_policy(name: str, value: object) -> None:
    document = stdlib.loads(policy_json(policy((clause_with(SAMPLES[Table]),)), UNDATED))
    document["clauses"][0]["blocks"][0][name] = value
    with pytest.raises(ValueError, match="not a policy"):
        read_policy(stdlib.dumps(document).encode())


@pytest.mark.parametrize(
    "block",
    [
        {"type": "Paragraph", "children": [{"type": "Text", "text": "a\x00b"}]},
        {"type": "List", "items": [], "start": 1, "tight": True, "style": "%s{}"},
        {"type": "List", "items": [], "start": 10**10, "tight": True},
        reduce(
            lambda inside, _: {"type": "Quote", "blocks": [inside]},
            range(100),
            {"type": "Quote", "blocks": []},
        ),
    ],
    ids=["character", "label", "number", "depth"],
)
def test_what_no_document_can_show_is_no_policy(block: dict[str, Any]) -> None:
    document = stdlib.loads(policy_json(policy((clause_with(SAMPLES[Table]),)), UNDATED))
    document["clauses"][0]["blocks"] = [block]
    with pytest.raises(ValueError, match="not a policy"):
        read_policy(stdlib.dumps(document).encode())


def test_clauses_of_one_id_are_no_policy() -> None:
    document = stdlib.loads(policy_json(policy((clause_with(SAMPLES[Table]),)), UNDATED))
    document["clauses"] *= 2
    with pytest.raises(ValueError, match="two clauses of it have one id"):
        read_policy(stdlib.dumps(document).encode())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "sold"),
        ("status", 5),
        ("version", 5),
        ("last_updated", "yesterday"),
        ("in_force_from", 5),
        ("clauses", [{"id": "a", "last_changed": "yesterday"}]),
        ("clauses", 5),
    ],
)
def test_dates_of_another_kind_are_none(name: str, value: object) -> None:
    document = stdlib.loads(policy_json(policy((clause_with(SAMPLES[Table]),)), UNDATED))
    with pytest.raises(ValueError, match="a policy: "):
        dating_in(stdlib.dumps(document | {name: value}).encode())
