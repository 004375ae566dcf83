"""Evidence → the letter's page of HTML, and the job that typesets it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from markupsafe import Markup

from publisher import __version__
from publisher.archive.evidence.answer import answer, asked, title_of
from publisher.archive.evidence.letter_sentences import Words, code, digest, recorded_day
from publisher.archive.evidence.record import SUMS, extracted, redactions, rows
from publisher.archive.evidence.values import Evidence
from publisher.archive.evidence.verification import WIDTH, Step, proofs, steps
from publisher.render.fonts import page_written_out, without_gaps
from publisher.render.languages import direction
from publisher.render.page import fill_page, quoted, stylesheet
from publisher.render.pdf_job import PdfJob
from publisher.render.style import Style

_SIZE = 7.9
"""The size of commands, in points, at which `WIDTH` characters fit on a line."""


def page(evidence: Evidence, style: Style) -> str:
    """Return the letter as HTML."""
    words = Words(evidence.locale, evidence.own_texts)
    steps_shown = steps(evidence, words)
    values: dict[str, Any] = {
        "answer": list(answer(evidence, words)),
        "as_of": words.as_of(evidence.record.newest.entry),
        "asked": asked(evidence, words),
        "brand": evidence.subject.brand.name,
        "controller": evidence.subject.controller,
        "css": Markup("\n{}\n").format(Markup(_css(evidence, style, words, steps_shown))),
        "declaration": _declaration(evidence, words),
        "direction": direction(words.locale),
        "document": title_of(evidence, words),
        "documents_said": words("documents_said", folder=_folder(evidence), sums=SUMS),
        "extracted": extracted(evidence, words),
        "files": [
            {"path": code(file.path), "size": file.size, "sha256": digest(file.sha256)}
            for file in evidence.files
        ],
        "generator": f"publisher {__version__}",
        "labels": dict(words.labels),
        "language": words.language(evidence.locale),
        "locale": words.locale,
        "modified": recorded_day(evidence.record.newest.entry).isoformat(),
        "proofs": list(proofs(evidence, words)),
        "redactions": list(redactions(evidence, words)),
        "rows": list(rows(evidence, words)),
        "steps": steps_shown,
        "version": code(evidence.version.version),
        "words": words,
    }
    return fill_page("letter.html", values)


def _folder(evidence: Evidence) -> Markup:
    return code(f"versions/{evidence.version.brand}/{evidence.version.version}/")


def _declaration(evidence: Evidence, words: Words) -> list[Markup]:
    """Return the paragraphs of the declaration."""
    brand, version = evidence.subject.brand.name, evidence.version
    return [
        words(
            "declare_that",
            version=code(version.version),
            title=title_of(evidence, words),
            brand=brand,
            controller=evidence.subject.holder or brand,
        ),
        words(
            "declare_entry",
            number=f"{version.sequence:04}",
            sha256=digest(evidence.record.of.sha256),
        ),
    ]


def _css(evidence: Evidence, style: Style, words: Words, steps_shown: tuple[Step, ...]) -> str:
    brand, version = evidence.subject.brand, evidence.version.version
    parts = [part for step in steps_shown for part in step.parts]
    commands = [command for part in parts for command in part.commands]
    longest = max(len(line) for command in commands for line in command.split("\n"))
    values: dict[str, Any] = {
        "clauses": 0,
        "command_size": f"{_SIZE * min(1.0, WIDTH / longest):.2f}",
        "of": quoted(words.labels["of"]),
        "page": quoted(words.labels["page"]),
        "running_brand": quoted(without_gaps(brand.name)),
        "running_date": quoted(f"{words.labels['version']} {version}"),
        "running_title": quoted(without_gaps(f"{words('title')} – {brand.domain or brand.name}")),
        "watermark": "",
    }
    sheets = (stylesheet(name, style, values) for name in ("pdf.css", "letter-pdf.css"))
    return "\n".join(sheets)


_PAGE = "publisher/data/templates/letter.html"


def manuscript(evidence: Evidence, style: Style) -> PdfJob:
    """Return the job for the PDF of a letter; it depends on the evidence and the style alone."""
    words = Words(evidence.locale, evidence.own_texts)
    return PdfJob(
        brand=evidence.version.brand,
        locale=words.locale,
        subject=without_gaps(
            f"{words('title')}: {evidence.subject.brand.name} {evidence.version.version}"
        ),
        words_digest="",
        dated=evidence.record.newest.entry.recorded_at.astimezone(UTC),
        width=style.width,
        wider=style.paper.wider,
        type_size=style.theme.type_size,
        page=page_written_out(page(evidence, style)),
        texts=tuple((_PAGE, None, without_gaps(text)) for text in _texts(evidence)),
        sources=(),
    )


def _texts(evidence: Evidence) -> Iterator[str]:
    """Yield the texts that the PDF must show: every hash, and every command."""
    for file in evidence.files:
        yield file.sha256
    yield evidence.record.of.sha256
    yield evidence.version.sums
    yield evidence.record.newest.sha256
    for step in steps(evidence, Words(evidence.locale, evidence.own_texts)):
        for part in step.parts:
            yield from part.commands
    yield evidence.record.of.sha256
