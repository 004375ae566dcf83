"""Which clauses a brand has, and in which order."""

from __future__ import annotations

from publisher.errors import did_you_mean
from publisher.problem import Problem, error
from publisher.workspace.parsed import Workspace


def order_of(workspace: Workspace, brand: str) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """Return the ids of a brand's clauses: the shared order with the brand's changes.

    The files of the brand and of the order must have their values.
    """
    outline, own = workspace.outline, workspace.brands[brand]
    problems = []
    order: list[str] = []
    for index, id in enumerate(outline.content.order):
        if id in order:
            message = f"'{id}' appears twice in the order"
            line = outline.line("order", index)
            problems.append(error("order", outline.path, line, message, "delete one"))
        else:
            order.append(id)

    def known(id: str, *where: str | int) -> bool:
        if id not in order:
            fix = did_you_mean(id, order) or f"the order has {', '.join(order)}"
            message = f"'{id}' is not in the order of clauses"
            problems.append(error("order", own.path, own.line("clauses", *where), message, fix))
        return id in order

    for index, id in enumerate(own.content.clauses.omit):
        if known(id, "omit", index):
            order.remove(id)
    for index, place in enumerate(own.content.clauses.place):
        if place.clause in order:
            order.remove(place.clause)
        at = 0
        if place.after is not None and known(place.after, "place", index, "after"):
            at = order.index(place.after) + 1
        order.insert(at, place.clause)
    return tuple(order), tuple(problems)


def unplaced(workspace: Workspace, brand: str) -> tuple[Problem, ...]:
    """Return a problem for each clause file of `brand` that its policy would ignore."""
    own = workspace.brands[brand]
    if own.value is None or workspace.outline.value is None:
        return ()
    order, _ = order_of(workspace, brand)
    folder = f"brands/{brand}/clauses/"
    problems = []
    for path in workspace.clauses:
        locale, _, name = path.removeprefix(folder).partition("/")
        id = name.removesuffix(".md")
        if not path.startswith(folder) or id.startswith("_"):
            continue
        if locale not in own.value.built:
            fix = f"add {locale} to `locales` or `proposed` in {own.path}, or delete the file"
            problems.append(error("unplaced", path, None, f"{brand} has no locale {locale}", fix))
        elif id not in order:
            fix = did_you_mean(id, order) or f"place it with `clauses.place` in {own.path}"
            message = f"overrides no clause: '{id}' is not in the order of {brand}"
            problems.append(error("unplaced", path, None, message, fix))
    return tuple(problems)


def where_named(workspace: Workspace, brand: str, id: str) -> tuple[str, int]:
    """Return the path and line that put the clause `id` into a brand's policy."""
    outline, own = workspace.outline, workspace.brands[brand]
    for index, place in enumerate(own.content.clauses.place):
        if place.clause == id:
            return own.path, own.line("clauses", "place", index)
    return outline.path, outline.line("order", outline.content.order.index(id))
