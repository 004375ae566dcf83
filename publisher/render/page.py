"""A policy → one self-contained page of HTML, for the screen or for WeasyPrint.

`state` is the line on the state of a document, such as draft.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from publisher import __version__
from publisher.policy.dating import Dating
from publisher.policy.tree import Policy, Question, asked_of_all, asked_of_whole
from publisher.render.body import Body
from publisher.render.languages import direction, labels_of, long_date
from publisher.render.style import SPACES, Style

_STATES = {
    "ready": "not_released",
    "proposed": "proposed",
    "draft": "draft",
    "uncommitted": "not_committed",
    "undated": "undated",
}


def state(policy: Policy, dating: Dating) -> str:
    """Return the line on a document's state; empty for a released one."""
    own, locale = labels_of(policy), policy.locale
    if dating.status == "released":
        return ""
    if dating.recorded is not None:
        day, commit = long_date(dating.recorded, locale), (dating.commit or "")[:10]
        return own[dating.status].replace("{day}", day).replace("{commit}", commit)
    return own[_STATES[dating.status]]


def banner(policy: Policy, dating: Dating) -> str:
    """Return the line on every page of a document that is not released; empty for an archived one.

    Every single page must show it.
    """
    if dating.frozen:
        return ""
    return " · ".join(dict.fromkeys((state(policy, dating), labels_of(policy)["not_released"])))


def watermark(policy: Policy, dating: Dating) -> str:
    """Return the label across each page of a document that is not released; empty for others."""
    if dating.frozen:
        return ""
    if dating.status == "proposed":
        return "proposed_watermark"
    return "watermark" if policy.draft else "not_released"


def running_date(policy: Policy, dating: Dating) -> str:
    """Return the date of a document, or its version, as every page shows it; empty without one."""
    own = labels_of(policy)
    if dating.frozen:
        return f"{own['version']} {dating.version}"
    if dating.last_updated is None:
        return ""
    return f"{own['last_updated']} {long_date(dating.last_updated, policy.locale)}"


Medium = Literal["screen", "pdf"]

_PAGES = Environment(
    autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
)
_SHEETS = Environment(undefined=StrictUndefined)  # noqa: S701 - of numbers and colours


def html(policy: Policy, dating: Dating, style: Style) -> bytes:
    """Return the policy as a page of HTML: no script, and no request to anywhere."""
    css = stylesheet("screen.css", style, {"banner": quoted(banner(policy, dating))})
    return page(policy, dating, style, css, "screen").encode()


def page(policy: Policy, dating: Dating, style: Style, css: str, medium: Medium) -> str:
    """Return the policy as HTML with a stylesheet, for a medium."""
    own, locale, controller = labels_of(policy), policy.locale, policy.controller
    questions = [
        {"text": q.text, "place": own["asked_in"].replace("{place}", f"{q.path}:{q.line}")}
        for q in policy.questions
    ]
    css = f"\n{css.strip()}\n"
    values = {
        "asked_of_all": _asked(policy, asked_of_all(policy)),
        "banner": banner(policy, dating),
        "brand": {"name": policy.brand.name, "domain": policy.brand.domain},
        "clauses": _clauses(policy, dating, medium),
        "content_security_policy": content_security_policy(css),
        "controller": {"name": controller.name, "address": ", ".join(controller.address)},
        "css": Markup(css),
        "direction": direction(locale),
        "footer": style.footer(locale),
        "header_link": style.header_link(locale),
        "in_force": shown_day(dating.in_force, locale),
        "generator": f"publisher {__version__}",
        "labels": dict(own),
        "last_updated": shown_day(dating.last_updated, locale),
        "locale": locale,
        "logo": style.logo,
        "logo_dark": style.logo_dark,
        "medium": medium,
        "questions": questions,
        "state": state(policy, dating),
        "status": dating.status,
        "title": policy.title,
        "version": dating.version if dating.frozen else None,
    }
    return fill_page("policy.html", values)


def _clauses(policy: Policy, dating: Dating, medium: Medium) -> list[dict[str, Any]]:
    """Return the clauses as the template shows them; a date only if it is not the policy's."""
    numbers = {question: number for number, question in enumerate(policy.questions, 1)}
    body = Body(labels_of(policy), numbers, printed=medium == "pdf")
    common = asked_of_all(policy)
    changed = {id: day for id, day in dating.clauses.items() if day != dating.last_updated}
    return [
        {
            "id": clause.id,
            "number": clause.number,
            "title": clause.title,
            "body": body.clause(clause),
            "asked": _asked(policy, (q for q in asked_of_whole(clause) if q not in common)),
            "last_changed": shown_day(changed.get(clause.id), policy.locale),
        }
        for clause in policy.clauses
    ]


def _asked(policy: Policy, questions: Iterable[Question]) -> list[int]:
    """Return the numbers of some questions of a policy."""
    return sorted(policy.questions.index(question) + 1 for question in questions)


def content_security_policy(css: str) -> str:
    """Return the policy that allows a page this stylesheet and its own images, and no more."""
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def fill_page(name: str, values: dict[str, Any]) -> str:
    """Return the page `name`, filled in."""
    return _template(_PAGES, name).render(values)


def stylesheet(name: str, style: Style, values: dict[str, Any]) -> str:
    """Return the stylesheet `name`, filled in with the tokens of a style."""
    theme = style.theme
    tokens = {
        "banner": "",
        "light": style.light,
        "dark": style.dark,
        "printed": style.printed,
        "size": theme.type_size,
        "measure": theme.measure,
        "weight": {"regular": 400, "bold": 700}[theme.heading_weight],
        "corner": theme.corner,
        "space": SPACES[theme.spacing],
        "side": style.side,
        "sheet": style.paper.name,
    }
    return _template(_SHEETS, name).render(tokens | values)


def quoted(text: str) -> str:
    """Return `text` escaped for a CSS string."""
    return "".join(c if c.isalnum() or c in " .,-–:" else f"\\{ord(c):x} " for c in text)


@lru_cache
def _template(environment: Environment, name: str) -> Template:
    return environment.from_string(packaged(name))


@lru_cache
def packaged(name: str) -> str:
    """Return one of the toolkit's own templates."""
    return (files("publisher") / "data" / "templates" / name).read_text(encoding="utf-8")


def shown_day(day: date | None, locale: str) -> dict[str, str] | None:
    """Return a day as templates show it."""
    return None if day is None else {"iso": day.isoformat(), "long": long_date(day, locale)}
