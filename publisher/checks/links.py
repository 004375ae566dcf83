"""The targets of a policy's links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from publisher.policy.tree import (
    Emphasis,
    Inline,
    Link,
    Policy,
    Unconfirmed,
    plain_text,
    runs_in,
)


@dataclass(frozen=True, slots=True)
class OutsideLink:
    """A link out of a policy, and where it was written."""

    target: str
    brand: str
    locale: str
    path: str
    line: int


def outside_links(policy: Policy) -> Iterator[OutsideLink]:
    """Yield the links that lead out of a policy, in reading order."""
    for clause in policy.clauses:
        for index, run in enumerate(runs_in(clause)):
            for target, at in _links(run, 0):
                place = clause.place(index, at)
                if not target.startswith("#"):
                    yield OutsideLink(
                        target, policy.brand.id, policy.locale, place.path, place.line
                    )


def _links(run: tuple[Inline, ...], at: int) -> Iterator[tuple[str, int]]:
    for inline in run:
        if isinstance(inline, Link):
            yield inline.target, at
        if isinstance(inline, Emphasis | Link | Unconfirmed):
            yield from _links(inline.children, at)
        at += len(plain_text((inline,)))
