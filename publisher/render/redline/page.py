"""A redline → its page of HTML, for the screen or for WeasyPrint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from itertools import groupby
from typing import Any

from markupsafe import Markup

from publisher import __version__
from publisher.model.redline import Counts, Origin, Part, Redline, opened
from publisher.render.html import Medium, content_security_policy, fill_page, quoted, stylesheet
from publisher.render.labels import direction, labels, long_date
from publisher.render.redline.clauses import Writer
from publisher.render.redline.groups import SIDES
from publisher.render.redline.origins import origin_of
from publisher.render.redline.runs import Runs
from publisher.render.redline.summary import summary
from publisher.render.redline.texts import plain_text
from publisher.render.redline.told import Told
from publisher.render.style import Style

_MAIN = ("words_added", "words_removed", "words_moved")


def page(
    redline: Redline, origins: tuple[Origin, Origin], style: Style, css: str, medium: Medium
) -> str:
    """Return a redline as HTML with a stylesheet, for a medium."""
    policy = redline.policy
    happened = summary(redline, policy.locale)
    own = labels(policy.locale)
    css = f"\n{css.strip()}\n"
    clauses = Writer(redline, own, aside=medium == "screen").clauses()
    values = {
        "beside": not (redline.empty or None in (redline.old, redline.new)),
        "brand": {"name": policy.brand.name, "domain": policy.brand.domain},
        "clauses": clauses,
        "content_security_policy": content_security_policy(css),
        "controller": _line(redline.controller, redline),
        "counts": redline.counts,
        "css": Markup(css),
        "direction": direction(policy.locale),
        "empty": redline.empty,
        "figures": list(_figures(redline.counts, policy.locale)),
        "happened": happened,
        "generator": f"publisher {__version__}",
        "labels": dict(own),
        "locale": policy.locale,
        "logo": style.logo,
        "logo_dark": style.logo_dark,
        "medium": medium,
        "runs": list(_runs(clauses)),
        "plain_title": title_of(redline),
        "sides": [
            _side(redline, origins, at, own["before" if at == 0 else "after"]) for at in (0, 1)
        ],
        "title": _line(redline.title, redline),
    }
    return fill_page("redline.html", values)


def styles(redline: Redline, style: Style, names: tuple[str, ...], values: dict[str, Any]) -> str:
    """Return stylesheets of the toolkit's own with the words that they show."""
    own = labels(redline.policy.locale)
    said = {
        f"marked_{what}": quoted(own[f"marked_{what}"]) for what in ("added", "removed", "moved")
    }
    sheets = (stylesheet(name, style.plain, said | values) for name in names)
    return "\n".join(sheets)


def title_of(redline: Redline) -> str:
    """Return the title of the newer policy that there is."""
    return plain_text(redline.title, "old" if redline.new is None else "new")


def _runs(clauses: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield clauses one by one, but those that did not change with their neighbours."""
    for kind, group in groupby(clauses, lambda clause: clause["kind"]):
        run = list(group)
        yield from [run] if kind == "same" else ([clause] for clause in run)


def _line(part: Part, redline: Redline) -> Markup:
    """Return a line of plain text above the clauses."""
    own = labels(redline.policy.locale)
    told = {side: Told(own, {}, {}, printed=False) for side in SIDES}
    return Runs(own, told, {"old": {}, "new": {}}).run(opened(part).run, None, None)


def _side(redline: Redline, origins: tuple[Origin, Origin], at: int, name: str) -> dict[str, Any]:
    locale, origin = redline.policy.locale, origins[at]
    policy = (redline.old, redline.new)[at]
    own = labels(locale)
    brands = {each.brand.id for each in (redline.old, redline.new) if each}
    two = len(brands | {each.brand for each in origins}) > 1
    day = _day(origin.day, locale)
    return {
        "absent": own["absent_before" if at == 0 else "absent_after"] if policy is None else "",
        "asked": origin.asked if origin.asked != origin.id else "",
        "brand": (policy.brand.name if policy else origin.brand) if two else "",
        "day": day and {"name": own["in_force" if origin.kind == "version" else "committed"]} | day,
        "draft": policy is not None and policy.draft,
        "name": name,
        "origin": origin_of(origin, locale),
        "unverified": origin.unverified,
    }


def _day(day: date | None, locale: str) -> dict[str, str] | None:
    return None if day is None else {"iso": day.isoformat(), "long": long_date(day, locale)}


def _figures(counts: Counts, locale: str) -> Iterator[dict[str, Any]]:
    """Yield what was counted: words first and always, all else where there is any."""
    own = labels(locale)
    for each in fields(counts):
        count = getattr(counts, each.name)
        if count or each.name in _MAIN:
            yield {"name": own[each.name], "count": count, "main": each.name in _MAIN}
