"""A brand's logo: a drawing in SVG, of which only the shapes are allowed.

A document that must look the same for decades cannot load or run anything, or show text in a font
of the machine. Notes of editors, in their own namespaces, are left out.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, TreeBuilder, tostring
from xml.parsers import expat

import tinycss2

from publisher.problem import Problem, error

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SHAPES = _names("path rect circle ellipse line polyline polygon image use")
_ELEMENTS = _SHAPES | _names(
    "svg g defs symbol linearGradient radialGradient stop clipPath mask title desc metadata style"
)
_PROPERTIES = _names(
    "clip-path clip-rule color color-interpolation display enable-background fill fill-opacity "
    "fill-rule isolation mask mask-type mix-blend-mode opacity overflow paint-order "
    "shape-rendering stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset "
    "stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width vector-effect "
    "visibility"
)
_ATTRIBUTES = _PROPERTIES | _names(
    "aria-hidden aria-label aria-labelledby baseProfile class clipPathUnits cx cy d focusable fr "
    "fx fy gradientTransform gradientUnits height href id maskContentUnits maskUnits offset "
    "pathLength points preserveAspectRatio r role rx ry spreadMethod style transform type version "
    "viewBox width x x1 x2 y y1 y2"
)
_OF_TEXT = re.compile(r"font|text-|letter-spacing|word-spacing|line-height|white-space|-|data-")
"""The start of properties and attributes that draw no shapes: they are left out."""
_LOCAL = re.compile(r"#[\w.:-]+")
_PICTURE = re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=\s]+")
_URL = re.compile(r"url\(\s*+['\"]?\s*+(#[\w.:-]++)?\s*+['\"]?\s*+\)", re.IGNORECASE)
_MEASURE = re.compile(r"\s*(\d++(?:\.\d++)?|\.\d++)(px|pt|mm|cm|in|em|%)?\s*")
_NUMBER = re.compile(r"[+-]?(\d++\.?\d*+|\.\d++)(e[+-]?\d{1,2})?", re.ASCII | re.IGNORECASE)
_MOST = 5000
"""The most elements: a logo is not a map."""
_DEEPEST = 64
"""The deepest that elements may be nested."""


def logo_url(path: str, data: bytes) -> tuple[str | None, tuple[Problem, ...]]:
    """Return a drawing as a ``data:`` URL, or None and its problems."""
    reader = _Reader(path)
    root = reader.read(data)
    if root is None or reader.problems:
        return None, tuple(reader.problems)
    drawn = tostring(_named(root), encoding="utf-8")
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn).decode()}", ()


def _named(root: Element) -> Element:
    """Return a drawing whose elements have their names as they are written.

    Python would write the prefixes that a library registered last.
    """
    spaces = {"xmlns": _SVG}
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{_SVG}}}")
        if any(name.startswith("{") for name in element.attrib):
            spaces["xmlns:xlink"] = _XLINK
        element.attrib = {
            name.replace(f"{{{_XLINK}}}", "xlink:"): value for name, value in element.items()
        }
    root.attrib = {**spaces, **root.attrib}
    return root


class _Reader:
    """Reads one drawing, and notes what it may not have."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.builder = TreeBuilder()
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.foreign = 0
        self.count = 0
        self.depth = 0
        self.used: list[tuple[str, int]] = []
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.EntityDeclHandler = self.entity

    def read(self, data: bytes) -> Element | None:
        """Return the drawing's root; None for a file that is not a drawing."""
        again = "export it again from the program that drew it"
        try:
            self.parser.Parse(data, True)
        except expat.ExpatError as fault:
            self.find(f"is not valid XML: {expat.ErrorString(fault.code)}", again, fault.lineno)
            return None
        except (LookupError, ValueError):
            self.find("is in an encoding that is not read", "export it again in UTF-8", 1)
            return None
        except RecursionError:  # of tinycss2
            self.find("has a style that is nested too deeply", again)
            return None
        if self.problems:
            return None
        root = self.builder.close()
        for message, fix in _faults(root, self.used):
            self.find(message, fix, None)
        return root

    def find(self, message: str, fix: str, line: int | None = 0) -> None:
        """Note a problem, at the line that is being read unless another is given."""
        at = self.parser.CurrentLineNumber if line == 0 else line
        if len(self.problems) < 20:
            self.problems.append(error("logo", self.path, at, message, fix))

    def entity(self, *_: object) -> None:
        """Refuse an entity, which can stand for anything, any number of times."""
        self.find("declares an entity", "delete the DOCTYPE")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take in an element, if it draws."""
        space, _, local = name.rpartition(" ")
        if self.foreign or space != _SVG:
            if not self.count:
                self.find("is not an SVG drawing", "export it as SVG")
            self.foreign += 1
            return
        self.count += 1
        self.depth += 1
        if self.count == _MOST:
            self.find(f"has more than {_MOST} elements", "simplify the drawing")
        if self.depth == _DEEPEST + 1:
            message = f"has more than {_DEEPEST} elements in one another"
            self.find(message, "ungroup what is in the drawing")
        if local not in _ELEMENTS:
            fix = "convert text to paths" if local in ("text", "tspan") else "delete it, or draw it"
            self.find(f"has <{local}>, which a logo may not have", fix)
        self.builder.start(f"{{{_SVG}}}{local}", dict(self.attributes(local, attributes)))

    def attributes(self, element: str, given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Yield the attributes that an element may have; note the others."""
        for name, value in given.items():
            space, _, local = name.rpartition(" ")
            if space not in ("", _XLINK) or _OF_TEXT.match(local):
                continue
            if local not in _ATTRIBUTES:
                self.find(f"has {local}= on <{element}>, which a logo may not have", "delete it")
            elif local == "href":
                self.reference(element, value)
            elif local == "style":
                self.declarations(value)
            elif local in _PROPERTIES:
                self.value(local, value)
            yield (f"{{{_XLINK}}}{local}" if space else local), value

    def reference(self, element: str, value: str) -> None:
        """Check the target of a reference: a part of the drawing, or a picture inside it."""
        if element == "use" and _LOCAL.fullmatch(value):
            self.used.append((value[1:], self.parser.CurrentLineNumber))
        elif element == "image" and not _PICTURE.fullmatch(value):
            fix = "embed the picture as a data: URL in PNG or JPEG, or draw it"
            self.find(f"loads '{value[:60]}'", fix)
        elif element != "image" and not _LOCAL.fullmatch(value):
            self.find(
                f"refers to '{value[:60]}', outside the drawing", "draw it here, or delete it"
            )

    def value(self, name: str, value: str) -> None:
        """Check the value of an attribute or property, which may point inside the drawing."""
        bare = _URL.sub(lambda url: "" if url[1] else url[0], value)
        if re.search(r"url\s*\(|\\|expression|javascript:|image-set|@", bare, re.IGNORECASE):
            message = f"has {name}: '{value[:60]}', which reaches outside the drawing"
            self.find(message, "draw it here, or delete it")

    def declarations(self, css: str) -> None:
        """Check the declarations of a style."""
        for node in tinycss2.parse_blocks_contents(css, skip_comments=True, skip_whitespace=True):
            if node.type != "declaration":
                self.find(f"has a style that is not understood: '{css[:60]}'", "export it again")
            elif node.lower_name in _PROPERTIES:
                self.value(node.name, tinycss2.serialize(node.value))
            elif not _OF_TEXT.match(node.lower_name):
                self.find(f"has the style '{node.name}', which a logo may not have", "delete it")

    def rules(self, css: str) -> None:
        """Check the rules of a stylesheet."""
        for node in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
            if node.type == "qualified-rule":
                self.declarations(tinycss2.serialize(node.content))
            else:
                self.find("has a stylesheet with more than rules", "export it again, as attributes")

    def text(self, text: str) -> None:
        """Take in the text of titles and stylesheets."""
        if not self.foreign:
            self.builder.data(text)

    def end(self, name: str) -> None:
        """Close an element."""
        if self.foreign:
            self.foreign -= 1
            return
        self.depth -= 1
        space, _, local = name.rpartition(" ")
        element = self.builder.end(f"{{{space}}}{local}")
        if local == "style":
            self.rules(element.text or "")


def _faults(root: Element, used: list[tuple[str, int]]) -> Iterator[tuple[str, str]]:
    """Yield the faults of a drawing as a whole."""
    if root.tag != f"{{{_SVG}}}svg":
        yield "does not begin with <svg>", "export it as SVG"
        return
    if not any(_local(element) in _SHAPES for element in root.iter()):
        yield "draws nothing", "export it again, or delete the file"
    if not _sized(root):
        yield (
            "has no size",
            "give <svg> a viewBox of four numbers, or a width and a height, above 0",
        )
    identified = {element.get("id"): element for element in root.iter() if element.get("id")}
    for id, line in used:
        target = identified.get(id)
        if target is None:
            yield f"uses '#{id}' in line {line}, which it does not have", "export it again"
        elif any(_local(element) in ("use", "image") for element in target.iter()):
            # Uses of uses can stand for any number of shapes.
            yield f"uses '#{id}' in line {line}, which uses others", "expand it into shapes"


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _sized(root: Element) -> bool:
    box = (root.get("viewBox") or "").strip()
    if box:
        numbers = re.split(r"[\s,]+", box)
        whole = len(numbers) == 4 and all(map(_NUMBER.fullmatch, numbers))
        return whole and all(float(number) > 0 for number in numbers[2:])
    measures = [_MEASURE.fullmatch(root.get(name) or "") for name in ("width", "height")]
    return all(number is not None and float(number[1]) > 0 for number in measures)
