"""A policy as Markdown, read again."""

from __future__ import annotations

import pytest

from publisher.compose.markdown import parse
from publisher.policy.tree import Block
from publisher.render.languages import labels
from publisher.render.markdown import _Writer


@pytest.mark.parametrize(
    "text",
    [
        "**Whole.** Then",
        "You may **object.**",
        "*a*",
        "a **b** c",
        "a **(b)** c",
        "(**b**), “**q**” – *r*.",
        "- **Item.** Text\n- *b*",
        "| **a.** | b |\n| --- | --- |\n| *c* | **d** and *e!* |",
        "`x`**y** [**z**](https://a.example)",
        "**a *b* c**",
    ],
)
def test_emphasis_stays_wherever_it_is(text: str) -> None:
    blocks = read(text)
    assert read(_Writer(labels("en"), {}, ()).blocks(blocks)) == blocks


def read(text: str) -> tuple[Block, ...]:
    return parse(text, [("f.md", number + 1) for number in range(text.count("\n") + 1)]).blocks
