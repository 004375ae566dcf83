"""A policy → PDF. The only module that imports WeasyPrint.

The fonts are the toolkit's own and no others: fontconfig is pointed at them before WeasyPrint loads
it, so that no font of the machine can slip in.
"""

from __future__ import annotations

import base64
import logging
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import lru_cache
from io import BytesIO
from typing import Any

from publisher.errors import InvalidPolicy, LibraryMissing
from publisher.model.dating import Dating
from publisher.model.policy import Policy
from publisher.model.problem import error
from publisher.model.words import words_digest
from publisher.render.conformance import VARIANT, mend_lists, with_claims
from publisher.render.fonts import FAMILY, FOLDER, lacking
from publisher.render.html import page, stylesheet
from publisher.render.json import json
from publisher.render.labels import labels, long_date
from publisher.render.markdown import markdown
from publisher.render.style import Style

os.environ["FONTCONFIG_FILE"] = str(FOLDER / "fonts.conf")

try:
    import weasyprint
    from weasyprint.layout import inline
    from weasyprint.text.ffi import harfbuzz_subset
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse
except OSError as missing:
    raise LibraryMissing("WeasyPrint", str(missing).splitlines()[0]) from missing

VERSION: str = weasyprint.__version__
REPRODUCIBLE = bool(harfbuzz_subset)
"""Whether fonts are cut down by HarfBuzz: what stands in for it writes other bytes every time."""


def _mend_line_breaks(split: Callable[..., Any]) -> Callable[..., Any]:
    """Return WeasyPrint's `split_first_line` without its fault where only a last space is too wide.

    Text before a link or another element, which fits on the line but for the space that ends it,
    would be broken after its first word, leaving the rest of the line empty (WeasyPrint 70).
    """

    def mended(text: str, style: Any, context: Any, width: Any, *rest: Any, **named: Any) -> Any:
        found = split(text, style, context, width, *rest, **named)
        _, _, resume_at, found_width, _, _ = found
        if resume_at is None or width is None or found_width > width / 2 or text[-1:] != " ":
            return found
        whole = split(text.rstrip(" "), style, context, width, *rest, **named)
        return whole if whole[2] is None else found

    return mended


inline.split_first_line = _mend_line_breaks(inline.split_first_line)


class _Refused(FatalURLFetchingError):  # type: ignore[misc]
    """The document asks for something outside it."""


class _Fetcher(URLFetcher):  # type: ignore[misc]
    """Serves what the document carries in itself, and refuses all else."""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        if url.startswith("data:"):
            return super().fetch(url, headers)
        raise _Refused(url)


class _Warnings(logging.Handler):
    """Collects what WeasyPrint logs: characters that the fonts lack."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def pdf(policy: Policy, dating: Dating, style: Style) -> bytes:
    """Return the policy as PDF: PDF/A-3a and PDF/UA-1, with its Markdown and JSON attached.

    Raises `InvalidPolicy` where a stylesheet asks for something outside the document, or the
    bundled fonts lack a character.
    """
    problems = lacking(policy)
    if problems:
        raise InvalidPolicy(problems)
    markup = page(policy, dating, style, _css(policy, dating, style), "pdf")
    warnings = _Warnings()
    logger = logging.getLogger("weasyprint")
    handlers, logger.handlers = logger.handlers, [warnings]
    try:
        html = weasyprint.HTML(string=markup, url_fetcher=_Fetcher(), base_url="policy:")
        document = html.render(font_config=_fonts(), pdf_variant=VARIANT, pdf_tags=True)
        _describe(document.metadata, policy)
        document.metadata.attachments = _sources(policy, dating)
        written = bytes(
            document.write_pdf(
                finisher=lambda _, file: mend_lists(file), pdf_variant=VARIANT, pdf_tags=True
            )
        )
    except _Refused as fault:
        message = f"the document asks for {fault}, which is outside it"
        mend = "embed it as data:, or delete it from theme.css or shared/templates/"
        folder = f"brands/{policy.brand.id}"
        raise InvalidPolicy((error("outside", folder, None, message, mend),)) from None
    finally:
        logger.handlers = handlers
    foreign = {font.family for font in document.fonts.values()} - {FAMILY}
    missing = [message for message in warnings.messages if "notdef" in message]
    if foreign or missing:
        reason = missing[0] if missing else f"this machine's were used: {sorted(foreign)}"
        raise LibraryMissing("the bundled fonts", reason)
    return written


def _describe(metadata: Any, policy: Policy) -> None:
    """Let a document's XMP metadata say what we know of it, besides what WeasyPrint says."""
    generate = metadata.generate_rdf_metadata

    def described(*arguments: Any) -> bytes:
        return with_claims(generate(*arguments), policy.locale, words_digest(policy))

    metadata.generate_rdf_metadata = described


def _sources(policy: Policy, dating: Dating) -> list[Any]:
    """Return what a policy's PDF was made from, to be attached: the tree, and its text."""
    when = datetime.combine(dating.last_updated or date(1970, 1, 1), time(), tzinfo=UTC)
    return [
        weasyprint.Attachment(
            file_obj=BytesIO(data),
            name=name,
            description=f"{policy.brand.name}: {policy.title}",
            created=when,
            modified=when,
            relationship="Source",
        )
        for name, data in (
            ("policy.json", json(policy, dating)),
            ("policy.md", markdown(policy, dating)),
        )
    ]


def _css(policy: Policy, dating: Dating, style: Style) -> str:
    own = labels(policy.locale)
    if dating.last_updated is not None:
        when = f"{own['last_updated']} {long_date(dating.last_updated, policy.locale)}"
    else:
        when = own[{"draft": "draft", "uncommitted": "not_committed"}.get(dating.status, "undated")]
    values = {
        "of": _quoted(own["of"]),
        "page": _quoted(own["page"]),
        "running_brand": _quoted(policy.brand.name),
        "running_date": _quoted(when),
        "running_title": _quoted(f"{policy.title} – {policy.brand.domain}"),
        "watermark": _watermark(own["watermark"]) if policy.draft else "",
    }
    return stylesheet("pdf.css", style, values) + style.css


def _quoted(text: str) -> str:
    """Return `text` as it may stand between the quotes of a CSS string."""
    return "".join(c if c.isalnum() or c in " .,-–:" else f"\\{ord(c):x} " for c in text)


@lru_cache
def _fonts() -> FontConfiguration:
    return FontConfiguration()


@lru_cache
def _watermark(word: str) -> str:
    """Return `word` drawn across an A4 page as an image of outlines: seen, but not text."""
    from fontTools.misc.transform import Transform
    from fontTools.pens.svgPathPen import SVGPathPen
    from fontTools.pens.transformPen import TransformPen
    from fontTools.ttLib import TTFont

    with TTFont(FOLDER / "NotoSans-Bold.ttf") as font:
        glyphs, names = font.getGlyphSet(), font.getBestCmap()
    drawn = [glyphs[names[ord(character)]] for character in word]
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
