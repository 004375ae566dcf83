"""A redline as JSON: a program has both policies back from it, node by node."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from hypothesis import given
from support.policies import pairs, written

from publisher.policy.fragments import fragments
from publisher.policy.kinds import Kind, inside, shape, text_of
from publisher.policy.tree import Policy
from publisher.redline import redline
from publisher.redline.values import Origin
from publisher.redline.views.json import form
from publisher.redline.views.marked_lines import shown

Side = Literal["old", "new"]
ORIGIN = Origin("current", "version", "alpha", "2026-02-01")
STANDING = {
    "old": ("same", "changed", "removed", "from"),
    "new": ("same", "changed", "added", "to"),
}


def document(old: Policy, new: Policy) -> dict[str, Any]:
    return form(redline(old, new), (ORIGIN, ORIGIN)).model_dump()


def one_side(parts: Iterable[dict[str, Any]], side: Side) -> list[dict[str, Any]]:
    """Return what one of the policies has, from the document alone."""
    found: list[dict[str, Any]] = []
    for part in standing(parts, side):
        if side in part["continued"] and found:
            found[-1] = _joined(found[-1], part)
        else:
            found.append(part)
    return found


def standing(parts: Iterable[dict[str, Any]], side: Side) -> Iterator[dict[str, Any]]:
    for part in parts:
        if part["status"] in STANDING[side]:
            yield part
        elif part["move"] is None:
            yield from standing(part["parts"], side)


def _joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return one | {name: [*one[name], *other[name]] for name in ("parts", "run")}


def outlined(part: dict[str, Any], side: Side) -> Any:
    kind = (side == "old" and part["kind_old"]) or part["kind"]
    if part["run"] or not part["parts"]:
        text = "".join(
            each["text"] if each["text"] is not None else each[side] for each in part["run"]
        )
        if text or kind in LEAVES:
            return kind, part[f"shape_{side}"], bare(text)
    return (
        kind,
        part[f"shape_{side}"],
        [outlined(each, side) for each in one_side(part["parts"], side)],
    )


LEAVES = ("paragraph", "heading", "title", "cell", "term")


def outline(kind: Kind, node: Any) -> Any:
    text = text_of(kind, node)
    if text is not None or kind in LEAVES:
        return kind, shape(node), bare(shown(fragments(text or ())))
    return kind, shape(node), [outline(*each) for each in inside(kind, node)]


def bare(text: str) -> str:
    """Return a text without white space; how an accent is encoded is no difference of words."""
    text = unicodedata.normalize("NFC", text)
    return re.sub(r"\s+|(?<=\[)\d(?=\])", "", text)


@given(pairs(shrinking=False))
def test_both_policies_can_be_had_back(both: tuple[Policy, Policy]) -> None:
    clauses = [each["clause"] for each in document(*both)["clauses"]]
    sides: list[tuple[Side, Policy]] = [("old", both[0]), ("new", both[1])]
    for side, policy in sides:
        found = [_noted(outlined(each, side)) for each in one_side(clauses, side)]
        assert found == [_noted(outline("clause", each)) for each in policy.clauses]


def _noted(clause: Any) -> Any:
    """Return a clause with its notes behind all else; one that was divided has them within."""
    kind, shaped, parts = clause
    return kind, shaped, sorted(parts, key=lambda each: each[0] == "note")


def test_what_was_split_and_became_a_heading_is_in_fields() -> None:
    old = written(("a", "A", "You may take part.\nLikeness\nThe operator uses it."))
    new = written(("a", "A", "You may take part.\n\n## Likeness\n\nThe operator uses it."))
    (clause,) = document(old, new)["clauses"]
    found = [
        (each["kind"], each["kind_old"], each["continued"]) for each in clause["clause"]["parts"]
    ]
    assert found == [
        ("title", None, ()),
        ("paragraph", None, ()),
        ("heading", "paragraph", ("old",)),
        ("paragraph", None, ("old",)),
    ]
