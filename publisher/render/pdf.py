"""A policy → a `PdfJob`, to be typeset here or in another process."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from functools import lru_cache
from itertools import chain
from typing import Any

from publisher.errors import InvalidPolicy
from publisher.policy.dating import Dating
from publisher.policy.json import json
from publisher.policy.tree import Clause, Policy, text_of
from publisher.policy.words import words_digest
from publisher.render.fonts import FOLDER, lacking, opened
from publisher.render.languages import labels, labels_of
from publisher.render.markdown import markdown
from publisher.render.page import banner, page, quoted, running_date, stylesheet, watermark
from publisher.render.pdf_job import PdfJob
from publisher.render.style import Style
from publisher.repository.source import Source

_FIRST = 3
"""The words of a piece of text by which its line is found."""


def manuscript(policy: Policy, dating: Dating, style: Style, source: Source) -> PdfJob:
    """Return everything that the PDF of a policy is made from: its page, Markdown and JSON.

    Raises `InvalidPolicy` if the bundled fonts do not have a character of the files in `source`.
    """
    problems = lacking(policy, source)
    if problems:
        raise InvalidPolicy(problems)
    return PdfJob(
        brand=policy.brand.id,
        locale=policy.locale,
        subject=f"{policy.brand.name}: {policy.title}",
        words_digest=words_digest(policy),
        dated=datetime.combine(dating.last_updated or date(1970, 1, 1), time(), tzinfo=UTC),
        width=style.width,
        wider=style.paper.wider,
        type_size=style.theme.type_size,
        page=page(policy, dating, style, _css(policy, dating, style), "pdf"),
        texts=tuple(chain.from_iterable(_texts(clause, source) for clause in policy.clauses)),
        sources=(
            ("policy.json", json(policy, dating)),
            ("policy.md", markdown(policy, dating)),
        ),
    )


def _texts(clause: Clause, source: Source) -> Iterator[tuple[str, int | None, str]]:
    """Yield the pieces of text of a clause, each with its file, and its line if that is known.

    It is the first line, after the piece before, with the first words of the piece; there is none
    if those come from a fact or come after a link.
    """
    written = (source.read(clause.path) or b"").decode(errors="replace")
    at = 0
    for text in (clause.title, *text_of(clause).split("\n")):
        start = written.find(" ".join(text.split()[:_FIRST]), at) if text.strip() else -1
        at = max(at, start)
        yield clause.path, written.count("\n", 0, start) + 1 if start >= 0 else None, text


def _css(policy: Policy, dating: Dating, style: Style) -> str:
    own, drawn = labels_of(policy), watermark(policy, dating)
    values: dict[str, Any] = {
        "banner": quoted(banner(policy, dating)),
        "clauses": len(policy.clauses),
        "of": quoted(own["of"]),
        "page": quoted(own["page"]),
        "running_brand": quoted(policy.brand.name),
        "running_date": quoted(running_date(policy, dating)),
        "running_title": quoted(f"{policy.title} – {policy.brand.domain}"),
        "watermark": _watermark(own[drawn], labels("en")[drawn]) if drawn else "",
    }
    return stylesheet("pdf.css", style, values)


@lru_cache
def _watermark(word: str, english: str) -> str:
    """Return `word` drawn across a page as an image of outlines: seen, but not text.

    The English word stands in for one in a script that the font does not have.
    """
    from fontTools.misc.transform import Transform
    from fontTools.pens.svgPathPen import SVGPathPen
    from fontTools.pens.transformPen import TransformPen

    font = opened(FOLDER / "NotoSans-Bold.ttf")
    glyphs, names = font.getGlyphSet(), font.getBestCmap()
    shown = word if all(ord(character) in names for character in word) else english
    drawn = [glyphs[names[ord(character)]] for character in shown]
    width = sum(glyph.width for glyph in drawn)
    pen = SVGPathPen(glyphs, ntos=lambda number: f"{number:.1f}")
    scale = 190 / width
    at = (
        Transform()
        .translate(75, 106)
        .rotate(-0.96)
        .scale(scale, -scale)
        .translate(-width / 2, -350)
    )
    for glyph in drawn:
        glyph.draw(TransformPen(pen, at))
        at = at.translate(glyph.width, 0)
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 212">'
        f'<path fill="#f1ecec" d="{pen.getCommands()}"/></svg>'
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
