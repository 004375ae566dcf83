"""``publisher init``: a company's new workspace, from starter clauses by GDPR Art. 13 and 14.

What nobody has answered is an open question, so that the policies build at once, as drafts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from babel.core import Locale

from publisher.build.check import check
from publisher.checks.catalogue import countries
from publisher.errors import InvalidPolicy
from publisher.problem import errors
from publisher.render.languages import language
from publisher.start.answers import Answers
from publisher.start.surroundings import DATA, NOTICE, data, filled, new_workspace, surroundings

_REGISTRIES = ("policy", "processors", "purposes", "retention", "rights")
_ACCENTS = ("#0b5cad", "#8a2432", "#2f5d3a", "#5b3a8c", "#8a4b08")
_ENGLISH = re.compile(r"^( *)en: (.*\n)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Started:
    """A new workspace, and how many questions are open in it."""

    root: Path
    questions: int


def init(folder: Path, answers: Answers, now: datetime, toolkit: str | None = None) -> Started:
    """Make the workspace of a company in `folder`, a repository with one commit, made at `now`.

    The folder is there whole, or not at all. `toolkit` is what pip installs for it; left out, what
    runs now. Raises `AskedWrongly` for a folder with files, and `GitFailed`.
    """
    folder = folder.absolute()  # a working folder that is replaced has no path afterwards
    contents = surroundings(answers.company, toolkit) | starter(answers)
    message = f"Start the privacy policies of {answers.company}"
    with new_workspace(folder, contents, message, now, author=None) as root:
        problems = check(root, today=now.date()).problems
        if errors(problems):
            raise InvalidPolicy(errors(problems))
    questions = sum(problem.severity == "question" for problem in problems)
    return Started(folder, questions)


def starter(answers: Answers) -> dict[str, bytes]:
    """Return the texts of a new workspace by their paths."""
    texts = {
        "shared/company.yaml": _schema("company") + _company(answers),
        **{f"shared/{name}.yaml": _registry(name, answers.locales) for name in _REGISTRIES},
        **{
            f"brands/{id}/brand.yaml": _schema("brand", "../../shared/") + _brand(answers, at)
            for at, (id, _) in enumerate(answers.brands)
        },
        **dict(_clauses(answers.locales)),
    }
    return {path: text.encode() for path, text in texts.items()}


def _schema(name: str, folder: str = "") -> str:
    return f"# yaml-language-server: $schema={folder}schemas/{name}.json\n{NOTICE}"


def _quoted(text: str) -> str:
    """Return a text as YAML reads it, whatever it has."""
    return json.dumps(text, ensure_ascii=False)


def _asked(question: str) -> str:
    return f"\n  unconfirmed: {_quoted(question)}"


def _company(answers: Answers) -> str:
    name, country = answers.company, answers.country
    inside = not country or country in countries().eea
    place = "" if country else ", and in which country is it established (country: BE)"
    decisions = (
        f"Do machines alone take decisions about people at {name} (GDPR Art. 22)? If not, write "
        "automated_decisions: none."
    )
    officer = (
        f"Which mailbox has the data protection officer of {name} (GDPR Art. 37)? If there is "
        "none, write dpo: none."
    )
    number = f"Which VAT number has {name}? If it has none, delete vat."
    agent = (
        f"Who represents {name} in the European Union (GDPR Art. 27)? If nobody does, delete "
        "representative."
    )
    return filled(
        data("company.yaml"),
        company=_quoted(name),
        address_question=_quoted(f"What is the address of {name}, line by line{place}?"),
        country=f"country: {_quoted(country)}" if country else "# country: BE",
        master=answers.locales[0],
        vat=f"vat:{_asked(number)}" if inside else "# vat: where there is a number",
        authority=_authority(name) if inside else "# authority: where one is competent",
        dpo_question=_quoted(officer),
        decisions_question=_quoted(decisions),
        representative="" if inside else f"representative:{_asked(agent)}",
    )


def _authority(company: str) -> str:
    question = _quoted(f"Which authority supervises {company} (GDPR Art. 51)?")
    return filled(data("authority.yaml"), question=question).rstrip()


def _brand(answers: Answers, at: int) -> str:
    _, domain = answers.brands[at]
    question = _asked(
        f"Which mailbox or web form (https://…) answers privacy questions for {domain}?"
    )
    return filled(
        data("brand.yaml"),
        name=_quoted(domain),
        brand=domain,
        domain=domain,
        contact=_quoted(answers.contact) if answers.contact else question,
        locales=", ".join(map(_quoted, answers.locales)),
        zone=answers.timezone,
        accent=_quoted(_ACCENTS[at % len(_ACCENTS)]),
    )


def _registry(name: str, locales: tuple[str, ...]) -> str:
    """Return a registry with its texts in every locale: the English ones."""
    lines = "".join(rf"\1{_quoted(locale)}: \2" for locale in locales)
    return _schema(name) + _ENGLISH.sub(lines, data("shared", f"{name}.yaml"))


def _clauses(locales: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the clauses of every locale by path; those not in English ask for a translation."""
    for file in sorted(DATA.joinpath("clauses").iterdir(), key=lambda file: file.name):
        head, body = file.read_text(encoding="utf-8").removeprefix("---\n").split("---\n", 1)
        for locale in locales:
            asked = head if language(locale) == "en" else _translation(head, locale)
            yield f"shared/clauses/{locale}/{file.name}", f"---\n{NOTICE}{asked}---\n{body}"


def _translation(head: str, locale: str) -> str:
    name = Locale.parse(locale, sep="-").get_display_name("en")
    question = (
        f"Not yet translated into {name}: neither this clause nor what it quotes from shared/. "
        "Who translates it?"
    )
    unconfirmed = "" if "unconfirmed:\n" in head else "unconfirmed:\n"
    return f"{head}{unconfirmed}  - {_quoted(question)}\n"
