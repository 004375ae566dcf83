"""The changes of WeasyPrint's private parts, each with its reason, for one version.

Some change how a page looks; the others save time, and leave every byte as it is. Each has a test
in tests/render/test_weasyprint_patches.py that fails when WeasyPrint can do without it: delete the
change then.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from itertools import cycle, islice
from operator import itemgetter
from typing import Any, NamedTuple

import pydyf
import weasyprint
from weasyprint import images
from weasyprint.layout import inline, percent, preferred
from weasyprint.svg import defs
from weasyprint.text import line_break
from weasyprint.text.ffi import ffi, gobject, pango

from publisher.errors import LibraryMissing
from publisher.render.breaks import JOIN

MAJOR = 70
"""The version of WeasyPrint whose private parts these are."""


class Patch(NamedTuple):
    """A function of WeasyPrint's, and its replacement."""

    module: Any
    name: str
    original: Callable[..., Any]
    replacement: Callable[..., Any]


def apply() -> None:
    """Put each replacement in its place; raises `LibraryMissing` for another version."""
    version = weasyprint.__version__
    if version.partition(".")[0] != str(MAJOR):
        reason = f"version {version} is installed, and publisher needs version {MAJOR}"
        fix = f"run `python -m pip install 'weasyprint>={MAJOR},<{MAJOR + 1}'`"
        raise LibraryMissing("WeasyPrint", reason, fix)
    for patch in PATCHES:
        setattr(patch.module, patch.name, patch.replacement)


@contextmanager
def plain() -> Iterator[None]:
    """Take the replacements away for a time, to compare with WeasyPrint alone."""
    for patch in PATCHES:
        setattr(patch.module, patch.name, patch.original)
    try:
        yield
    finally:
        apply()


def describe(metadata: Any, complete: Callable[[bytes], bytes]) -> None:
    """Have `complete` change a document's XMP metadata.

    WeasyPrint claims one standard, PDF/A or PDF/UA, and takes in no properties of ours.
    """
    generate = metadata.generate_rdf_metadata
    metadata.generate_rdf_metadata = lambda *arguments: complete(generate(*arguments))


def _fill_line(text: str, style: Any, context: Any, width: Any, *rest: Any, **named: Any) -> Any:
    """Split a text at the end of a line, even if all of it fits except the space at its end.

    WeasyPrint breaks such a text, if an element follows it, after its first word, and leaves the
    rest of the line empty.
    """
    split = _split_once(text, style, context, width, *rest, **named)
    _, _, resume_at, first_width, _, _ = split
    if resume_at is None or width is None or first_width > width / 2 or text[-1:] != " ":
        return split
    whole = _split_once(text.rstrip(" "), style, context, width, *rest, **named)
    return whole if whole[2] is None else split


def _spare_joined(text: str, language: str) -> Any:
    """Return the next word that may be hyphenated: none in what a word joiner keeps whole.

    WeasyPrint hyphenates such words, too.
    """
    return None if JOIN in text else _next_word_boundaries(text, language)


_MOST_COLOURS = 10_000
"""The colours of a gradient, at most, with all its repetitions."""


def _some(values: Iterable[Any]) -> Iterator[Any]:
    """Yield the colours, or steps, of a gradient again and again, but not endlessly.

    WeasyPrint repeats a gradient without a limit, until time or memory is spent. It does not draw a
    picture that raises an exception, and warns.
    """
    yield from islice(cycle(values), _MOST_COLOURS)
    raise ValueError("a gradient is repeated too often")


def _spread_rings(spread: str, positions: Any, *more: Any) -> Any:
    """Return the colours of a radial gradient with its repetitions, if they are not too many."""
    _, fx, fy, fr, cx, cy, r, width, height, matrix = more
    if spread != "pad":
        right, bottom = matrix.invert.transform_point(width, height)
        far = fr + sum(map(abs, (right, bottom, fx, fy, cx, cy)))
        ring = abs(r - fr) * (positions[-1] - positions[0]) / len(positions)
        if ring and not far <= _MOST_COLOURS * ring:  # also not a number
            raise ValueError("a gradient is repeated too often")
    return _spread_radial_gradient(spread, positions, *more)


# --- the same bytes in less time -----------------------------------------------------------------

_MEMORABLE = 2_000
"""Characters of a text, at most, whose lines are remembered: what is remembered stays small."""
_SIDES = ("top", "right", "bottom", "left")
_LENGTHS = (
    *(f"margin_{side}" for side in _SIDES),
    *(f"padding_{side}" for side in _SIDES),
    *(f"{bound}{axis}" for bound in ("", "min_", "max_") for axis in ("width", "height")),
)
_USED = (*_LENGTHS, *(f"border_{side}_width" for side in _SIDES))
_lengths = itemgetter(*_USED, "box_sizing", "border_collapse")
_font = itemgetter(
    "direction",
    "lang",
    "font_language_override",
    "font_style",
    "font_stretch",
    "font_weight",
    "font_size",
    "font_kerning",
    "font_variant_ligatures",
    "font_variant_position",
    "font_variant_caps",
    "font_variant_numeric",
    "font_variant_alternates",
    "font_variant_east_asian",
    "font_feature_settings",
    "font_variation_settings",
)


def _split_once(text: str, style: Any, context: Any, *rest: Any, **named: Any) -> Any:
    """Split a text at the end of a line; remember it while the document is laid out.

    WeasyPrint splits the same text again for each layout of its page and its table.
    """
    if context is None or len(text) > _MEMORABLE:
        return _split_first_line(text, style, context, *rest, **named)
    known = context.__dict__.setdefault("split_lines", {})
    key = text, id(style), rest, tuple(named.items())
    if key not in known:  # with the style, whose id is taken as long as it lives
        known[key] = style, _split_first_line(text, style, context, *rest, **named)
    layout, *split = known[key][1]
    return copy(layout), *split


def _set_up(layout: Any, style: Any) -> None:
    """Begin the layout of a text as a copy of an empty one in the same font.

    WeasyPrint describes the font to Pango for each line, and again to draw it.
    """
    cache = getattr(style, "cache", None)
    if cache is None:  # of a text in an SVG image
        _setup(layout, style)
        return
    empty = cache.setdefault("empty_layouts", {})
    underlined = style["text_decoration_line"] != "none"
    key = repr((style["font_family"], underlined, _font(style)))
    if key not in empty:
        empty[key] = object.__new__(line_break.Layout)
        _setup(empty[key], style)
    layout.__dict__.update(empty[key].__dict__)
    layout.style = style
    layout.layout = ffi.gc(pango.pango_layout_copy(empty[key].layout), gobject.g_object_unref)


def _resolve_once(box: Any, containing_block: Any) -> None:
    """Set the lengths of a box; remember them if none depends on the block around it.

    WeasyPrint goes through all of them, and does so again for each layout.
    """
    style = box.style
    values = _lengths(style)
    known = style.__dict__.get("resolved_lengths")
    if known is not None and known[0] == values:
        box.__dict__.update(known[1])
        return
    _resolve_percentages(box, containing_block)
    lengths = values[: len(_LENGTHS)]
    absolute = all(value == "auto" or getattr(value, "unit", "") == "px" for value in lengths)
    if absolute and style["border_collapse"] != "collapse":
        used = {name: getattr(box, name) for name in _USED}
        style.__dict__["resolved_lengths"] = values, used


def _draw_once(image: Any, stream: Any, width: float, height: float, style: Any) -> None:
    """Draw an SVG image; remember it if it stands alone in a group, as the watermark of each page.

    WeasyPrint reads its paths again for each page.
    """
    before, resources = [*stream.stream], stream._resources
    states = resources["ExtGState"]
    if len(before) > 1 or states:
        _draw(image, stream, width, height, style)
        return
    key = before, width, height, stream.page_rectangle
    known = image.__dict__.get("drawn")
    if known is not None and known[0] == key:
        stream.stream += known[1]
        states.update(known[2])
        return
    _draw(image, stream, width, height, style)
    if not any(resources[kind] for kind in ("XObject", "Pattern", "Shading")):
        image.__dict__["drawn"] = key, stream.stream[len(before) :], dict(states)


class _Written(pydyf.Object):  # type: ignore[misc]
    """An object of a PDF whose bytes are made once."""

    data = b""
    compressible = False

    def __init__(self, planned: pydyf.Object) -> None:
        super().__init__()
        self.number, self.generation = planned.number, planned.generation
        self.offset, self.free = planned.offset, planned.free
        self.compressible = planned.compressible
        if self.free != "f":
            self.data = planned.data


def write_once(pdf: Any) -> None:
    """Have the bytes of each object of a PDF that is complete be made once.

    pydyf makes, and compresses, them twice: to write them, and for the identifier of the file.
    """
    pdf.objects[:] = map(_Written, pdf.objects)


def _modules_with(function: Callable[..., Any]) -> Iterator[Any]:
    """Yield the modules of WeasyPrint that have imported a function."""
    for name, module in sorted(sys.modules.items()):
        if name.startswith("weasyprint.") and vars(module).get(function.__name__) is function:
            yield module


_split_first_line = inline.split_first_line
_next_word_boundaries = line_break.get_next_word_boundaries
_setup = line_break.Layout.setup
_resolve_percentages = percent.resolve_percentages
_spread_radial_gradient = defs.spread_radial_gradient
_draw = images.SVGImage.draw
ffi.cdef("PangoLayout * pango_layout_copy (PangoLayout *layout);")

PATCHES = (
    Patch(inline, "split_first_line", _split_first_line, _fill_line),
    Patch(line_break, "get_next_word_boundaries", _next_word_boundaries, _spare_joined),
    Patch(defs, "cycle", cycle, _some),
    Patch(defs, "spread_radial_gradient", _spread_radial_gradient, _spread_rings),
    Patch(preferred, "split_first_line", _split_first_line, _split_once),
    Patch(line_break.Layout, "setup", _setup, _set_up),
    Patch(images.SVGImage, "draw", _draw, _draw_once),
    *(
        Patch(module, "resolve_percentages", _resolve_percentages, _resolve_once)
        for module in _modules_with(_resolve_percentages)
    ),
)
