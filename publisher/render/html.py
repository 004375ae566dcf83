"""A policy → one self-contained page of HTML, for the screen or for WeasyPrint."""

from __future__ import annotations

import base64
import hashlib
import traceback
from datetime import date
from functools import lru_cache
from importlib.resources import files
from types import CodeType
from typing import Any, Literal

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from publisher import __version__
from publisher.errors import InvalidPolicy
from publisher.model.dating import Dating
from publisher.model.policy import Policy, asked_of_whole
from publisher.model.problem import error
from publisher.render.body import Body
from publisher.render.labels import direction, labels, long_date
from publisher.render.states import state
from publisher.render.style import Style

Medium = Literal["screen", "pdf"]

_ENVIRONMENT = ImmutableSandboxedEnvironment(
    autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
)
_PLAIN = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
_TEMPLATES = "shared/templates"


def html(policy: Policy, dating: Dating, style: Style) -> bytes:
    """Return the policy as a page of HTML: no script, and no request to anywhere."""
    css = stylesheet("screen.css", style, {}) + style.css
    return page(policy, dating, style, css, "screen").encode()


def page(policy: Policy, dating: Dating, style: Style, css: str, medium: Medium) -> str:
    """Return the policy as HTML with a stylesheet, for a medium."""
    own = labels(policy.locale)
    numbers = {question: number for number, question in enumerate(policy.questions, 1)}
    body = Body(own, numbers, unbroken=medium == "pdf")
    clauses = [
        {
            "id": clause.id,
            "title": clause.title,
            "body": body.clause(clause),
            "asked": sorted(numbers[question] for question in asked_of_whole(clause)),
            "last_changed": _date(dating.clauses.get(clause.id), policy.locale),
        }
        for clause in policy.clauses
    ]
    questions = [
        {"text": q.text, "place": own["asked_in"].replace("{place}", f"{q.path}:{q.line}")}
        for q in policy.questions
    ]
    css = f"\n{css.strip()}\n"
    values = {
        "brand": {"name": policy.brand.name, "domain": policy.brand.domain},
        "clauses": clauses,
        "content_security_policy": content_security_policy(css),
        "controller": {
            "name": policy.controller.name,
            "address": ", ".join(policy.controller.address),
        },
        "css": Markup(css),
        "direction": direction(policy.locale),
        "in_force": _date(dating.in_force, policy.locale),
        "generator": f"publisher {__version__}",
        "labels": dict(own),
        "last_updated": _date(dating.last_updated, policy.locale),
        "locale": policy.locale,
        "logo": style.logo,
        "medium": medium,
        "questions": questions,
        "state": state(dating, policy.locale),
        "status": dating.status,
        "title": policy.title,
        "version": dating.version if dating.frozen else None,
    }
    filled = fill_page("policy.html", style, values)
    _refuse_lost(filled, clauses)
    return filled


def _refuse_lost(filled: str, clauses: list[dict[str, Any]]) -> None:
    """Raise `InvalidPolicy` where a company's template leaves out what a clause says."""
    for clause in clauses:
        if str(clause["body"]) not in filled:
            message = f"leaves out what the clause '{clause['id']}' says"
            mend = "write {{ clause.body }} for each of `clauses`"
            raise InvalidPolicy((error("lost", f"{_TEMPLATES}/policy.html", None, message, mend),))


def content_security_policy(css: str) -> str:
    """Return the policy that lets a page have this stylesheet, images of its own, and no more."""
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def fill_page(name: str, style: Style, values: dict[str, Any]) -> str:
    """Return the toolkit's page `name`, or the company's own, filled in."""
    return _filled(_ENVIRONMENT, name, style, values)


def stylesheet(name: str, style: Style, values: dict[str, Any]) -> str:
    """Return the toolkit's stylesheet `name`, or the company's own, filled in."""
    accents = {"accent": style.accent, "accent_dark": style.accent_dark}
    return _filled(_PLAIN, name, style, accents | values)


def quoted(text: str) -> str:
    """Return `text` as it may stand between the quotes of a CSS string."""
    return "".join(c if c.isalnum() or c in " .,-–:" else f"\\{ord(c):x} " for c in text)


def _filled(
    environment: ImmutableSandboxedEnvironment, name: str, style: Style, values: dict[str, Any]
) -> str:
    """Return a template, filled in; raises `InvalidPolicy` where the company's own is faulty."""
    own = style.templates.get(name)
    path = f"{_TEMPLATES}/{name}"
    try:
        code = _compiled(environment, own or packaged(name), name, path)
        return environment.template_class.from_code(environment, code, {}).render(values)
    except TemplateSyntaxError as fault:
        line, message = fault.lineno, str(fault.message)
    except (TemplateError, TypeError, ValueError, RecursionError) as fault:
        frames = traceback.extract_tb(fault.__traceback__)
        line = next((f.lineno or 1 for f in reversed(frames) if f.filename == path), 1)
        message = str(fault)
    if own is None:
        raise RuntimeError(f"the template {name} of the toolkit itself: {message}")
    mend = "mend the template, or delete it to use the toolkit's own"
    raise InvalidPolicy((error("template", path, line, message.rstrip("."), mend),))


@lru_cache
def _compiled(
    environment: ImmutableSandboxedEnvironment, template: str, name: str, path: str
) -> CodeType:
    return environment.compile(template, name=name, filename=path)


@lru_cache
def packaged(name: str) -> str:
    """Return one of the toolkit's own templates."""
    return (files("publisher") / "data" / "templates" / name).read_text(encoding="utf-8")


def _date(day: date | None, locale: str) -> dict[str, str] | None:
    return None if day is None else {"iso": day.isoformat(), "long": long_date(day, locale)}
