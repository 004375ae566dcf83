"""A `PdfJob` → PDF, with WeasyPrint.

The fonts are the toolkit's own and no others: fontconfig is pointed at them before WeasyPrint loads
it, so that no font of the machine can slip in.
"""

from __future__ import annotations

import ctypes.util
import logging
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from io import BytesIO
from threading import Lock
from types import ModuleType
from typing import Any

from publisher.errors import InvalidPolicy, LibraryMissing
from publisher.problem import error
from publisher.render.advances import widths, without_breaks
from publisher.render.conformance import VARIANT, fix_lists, with_claims
from publisher.render.fit import fit
from publisher.render.fonts import FALLBACK, FAMILY, FOLDER
from publisher.render.pdf_job import PdfJob

os.environ["FONTCONFIG_FILE"] = str(FOLDER / "fonts.conf")


@contextmanager
def _by_exact_name() -> Iterator[None]:
    """Let libraries be found only by the names that Linux gives them.

    WeasyPrint tries other systems' names first, and Python asks the compiler for each: two thirds
    of the time that importing it takes.
    """
    find = ctypes.util.find_library
    if sys.platform == "linux":
        ctypes.util.find_library = lambda name: None  # noqa: ARG005 - so it is called
    try:
        yield
    finally:
        ctypes.util.find_library = find


class _Later(ModuleType):
    """A module that is loaded when one of its functions is called, or when all is imported."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is not self:
            return getattr(import_module(self.__name__), name)

        def call(*given: Any, **named: Any) -> Any:
            return getattr(import_module(self.__name__), name)(*given, **named)

        return call


@contextmanager
def _loaded_later(*names: str) -> Iterator[None]:
    """Let modules that are imported here be loaded when they are used.

    Only where HarfBuzz is too old to cut fonts down, or for variable fonts, does WeasyPrint need
    all these parts of fontTools: a third of the time that importing it takes. If any of it fails,
    WeasyPrint is imported again without it.
    """
    later = {name: _Later(name) for name in names if name not in sys.modules}
    sys.modules.update(later)
    try:
        yield
    except Exception:  # noqa: BLE001 - the import that follows says what is wrong
        for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
            del sys.modules[name]
    finally:
        for name in later:
            del sys.modules[name]


try:
    with _by_exact_name():
        with _loaded_later("fontTools.subset", "fontTools.varLib.instancer"):
            import_module("weasyprint")
        import weasyprint
        from weasyprint.text.ffi import harfbuzz_subset
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse
    from publisher.render import weasyprint_patches
    from publisher.render.page_checks import faults
except OSError as missing:
    raise LibraryMissing("WeasyPrint", str(missing).splitlines()[0]) from missing

weasyprint_patches.apply()

_SAMPLE = (
    '<html lang="en"><style>p { hyphens: auto; width: 5em }</style>'
    "<p>a <b>b</b> <em>c</em> <em><b>d</b></em> hyphenation<table><tr><td>e</table>"
    '<img src="data:image/svg+xml,<svg xmlns=%22http://www.w3.org/2000/svg%22/>">'
)
"""A page that needs what most documents need: the fonts, a dictionary of English, an image."""

VERSION: str = weasyprint.__version__
REPRODUCIBLE = bool(harfbuzz_subset)
"""Whether HarfBuzz cuts the fonts down: its substitute writes different bytes every time."""


class _Refused(FatalURLFetchingError):  # type: ignore[misc]
    """The document requests something outside it."""


class _Fetcher(URLFetcher):  # type: ignore[misc]
    """Serves the parts that the document contains, and refuses all other requests."""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        if url.startswith("data:"):
            return super().fetch(url, headers)
        raise _Refused(url)


class _Warnings(logging.Handler):
    """Collects the warnings of WeasyPrint: characters that the fonts do not have."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


_NOT_DRAWN = ("Failed to render", "Failed to load")
_ONE_AT_A_TIME = Lock()
"""WeasyPrint logs for the whole process, and Pango's fonts are not made for several threads."""


@contextmanager
def _logged() -> Iterator[list[str]]:
    """Collect what WeasyPrint logs, and keep it from other handlers."""
    warnings, logger = _Warnings(), logging.getLogger("weasyprint")
    handlers, logger.handlers = logger.handlers, [warnings]
    try:
        yield warnings.messages
    finally:
        logger.handlers = handlers


def typeset(manuscript: PdfJob) -> bytes:
    """Return a manuscript as PDF: PDF/A-3a and PDF/UA-1, with its sources attached.

    Raises `InvalidPolicy` if it asks for something outside the document, or its pages do not show
    all of its text (`publisher.render.page_checks`).
    """
    with _ONE_AT_A_TIME, _logged() as messages:
        try:
            document = _laid_out(manuscript)
            problems = tuple(faults(document, manuscript))
            if problems:
                raise InvalidPolicy(problems)
            written = _written(document, manuscript)
        except _Refused as fault:
            message = f"the document asks for {fault}, which is outside it"
            fix = "look for it in logo.svg, and delete it there"
            raise _invalid(manuscript.brand, "outside", message, fix) from None
        _check_fonts(document, messages, manuscript)
        _check_logo(messages, manuscript.brand)
    return written


def drawing(url: str, brand: str, width: float, height: float) -> bytes:
    """Return a PDF whose only page, so many mm wide and high, has a logo, and nothing more.

    Raises `InvalidPolicy` for a brand's logo that cannot be drawn.
    """
    page = (
        f"<style>@page {{ size: {width}mm {height}mm; margin: 0 }} body {{ margin: 0 }} "
        f"img {{ display: block; width: {width}mm; height: {height}mm; object-fit: contain; "
        f'object-position: left }}</style><img src="{url}">'
    )
    with _ONE_AT_A_TIME, _logged() as messages:
        html = weasyprint.HTML(string=page, url_fetcher=_Fetcher(), base_url="policy:")
        written = bytes(html.write_pdf(font_config=_fonts()))
        _check_logo(messages, brand)
    return written


def _laid_out(manuscript: PdfJob) -> Any:
    """Return the pages of a manuscript."""
    html = weasyprint.HTML(string=manuscript.page, url_fetcher=_Fetcher(), base_url="policy:")
    job = manuscript
    fit(html.etree_element, job.width, job.wider, job.type_size, job.locale)
    # Without the hints, `start` of a list and `value` of an item have no effect.
    return html.render(
        font_config=_fonts(), pdf_variant=VARIANT, pdf_tags=True, presentational_hints=True
    )


def _written(document: Any, manuscript: PdfJob) -> bytes:
    """Return pages as a PDF file, with their metadata and sources."""
    _clean_bookmarks(document)
    weasyprint_patches.describe(
        document.metadata,
        lambda rdf: with_claims(rdf, manuscript.locale, manuscript.words_digest),
    )
    document.metadata.attachments = _sources(manuscript)

    def finish(_: Any, pdf: Any) -> None:
        fix_lists(pdf)
        weasyprint_patches.write_once(pdf)

    return bytes(document.write_pdf(finisher=finish, pdf_variant=VARIANT, pdf_tags=True))


def _check_fonts(document: Any, messages: Iterable[str], manuscript: PdfJob) -> None:
    """Raise `InvalidPolicy` for a missing glyph, and `LibraryMissing` for a foreign font."""
    missing = [message for message in messages if "notdef" in message]
    if missing:
        message = f"a character has no glyph in the bundled fonts: {missing[0].partition(': ')[2]}"
        fix = "look for it in the lines of `theme:` in brand.yaml"
        raise _invalid(manuscript.brand, "glyph", message, fix)
    families = {font.family for font in document.fonts.values()}
    foreign = {name for name in families if name != FAMILY and not name.startswith(FALLBACK)}
    if foreign:
        raise LibraryMissing("the bundled fonts", f"this machine's were used: {sorted(foreign)}")


def _check_logo(messages: Iterable[str], brand: str) -> None:
    """Raise `InvalidPolicy` for a logo that WeasyPrint has not drawn completely."""
    if any(message.startswith(_NOT_DRAWN) for message in messages):
        fix = "write plain numbers in its drawing, or export it again as paths"
        raise _invalid(brand, "logo", "the logo has a part that cannot be drawn", fix)


def _invalid(brand: str, rule: str, message: str, fix: str) -> InvalidPolicy:
    return InvalidPolicy((error(rule, f"brands/{brand}", None, message, fix),))


def warm_up() -> None:
    """Load what most documents need: fonts, hyphens, and WeasyPrint's own stylesheets."""
    with _ONE_AT_A_TIME, _logged():
        html = weasyprint.HTML(string=_SAMPLE, url_fetcher=_Fetcher())
        html.write_pdf(font_config=_fonts(), pdf_variant=VARIANT, pdf_tags=True)
    for bold in (False, True):
        widths(bold=bold)


def _clean_bookmarks(document: Any) -> None:
    """Leave the characters that steer line breaks out of the outline."""
    for page in document.pages:
        page.bookmarks[:] = [
            (level, without_breaks(label), place, state)
            for level, label, place, state in page.bookmarks
        ]


def _sources(manuscript: PdfJob) -> list[Any]:
    return [
        weasyprint.Attachment(
            file_obj=BytesIO(data),
            name=name,
            description=manuscript.subject,
            created=manuscript.dated,
            modified=manuscript.dated,
            relationship="Source",
        )
        for name, data in manuscript.sources
    ]


@lru_cache
def _fonts() -> FontConfiguration:
    return FontConfiguration()
