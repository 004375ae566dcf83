"""What a brand's documents look like: accent, logo, own stylesheet, the company's templates."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from publisher.errors import InvalidPolicy
from publisher.model.facts import Brand, Theme
from publisher.model.problem import Problem, error
from publisher.model.source import Source, Unreadable
from publisher.model.workspace import Parsed

PAPER = "#ffffff"
DARK_PAPER = "#15181d"
READABLE = 4.5
"""The contrast that text needs at least: WCAG 2.2, success criterion 1.4.3, level AA."""

TEMPLATES = ("policy.html", "screen.css", "pdf.css")
"""What a company may have in shared/templates/ in place of the toolkit's own."""

_FAR = r"-?\d{3,}"
_NOTHING = r"0(\.0*)?[a-z%]*$"
_HIDING = {
    "clip": "",
    "clip-path": "",
    "color": r"transparent|(rgb|hsl)a?\([^)]*[,/]\s*0(\.0*)?%?\s*\)|#[0-9a-f]{6}00$|#[0-9a-f]{3}0$",
    "content-visibility": "hidden",
    "display": "none",
    "filter": "",
    "font-size": rf"{_NOTHING}|0?\.\d+(px|pt)",
    "height": _NOTHING,
    "left": _FAR,
    "letter-spacing": "-[1-9]",
    "margin-left": r"-\d{3,}",
    "margin-top": r"-\d{3,}",
    "mask": "",
    "mask-image": "",
    "max-height": _NOTHING,
    "max-width": _NOTHING,
    "opacity": "",
    "position": "absolute|fixed",
    "right": _FAR,
    "rotate": "",
    "scale": "",
    "text-indent": _FAR,
    "top": _FAR,
    "transform": "",
    "translate": "",
    "visibility": "hidden|collapse",
    "zoom": "",
}
"""Declarations that can hide text, by property: how their values begin, or nothing for any."""
_NOT_NONE = r"(?!(none|auto|1(\.0*)?|100%|initial|inherit|unset|revert|normal|visible)$)"
"""How the values of those begin, any of which can but for these."""
_NO_TEXT = re.compile(r"(::?(before|after|marker)|\b(img|svg|hr|nav|footer))\s*$")
"""Selectors of what has none of the policy's text."""

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_REACHES_OUT = re.compile(
    r"@import|(?:url|image-set)\(\s*(?![\s'\"]*(?:data:|#|\{\{ watermark \}\}))|</style",
    re.IGNORECASE,
)
_XML_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_LOADS = re.compile(
    rb"<(?:\w+:)?(?:image|use|feimage|script)\b[^>]*?\b(?:href|src)\s*=\s*[\"']"
    rb"(?!#|data:|[\"'])[^\"']*|@import[^;<]*|url\(\s*(?!(?:[\s'\"]|&quot;|&apos;)*(?:#|data:))[^)]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Style:
    """A brand's look. `logo` is a data: URL; `templates` replace the toolkit's by name."""

    accent: str
    accent_dark: str
    logo: str | None = None
    css: str = ""
    templates: Mapping[str, str] = field(default_factory=dict)


def style_of(source: Source, own: Parsed[Brand]) -> Style:
    """Return the style of a brand, from the theme in its file and the files beside it.

    Raises `InvalidPolicy` where the accent cannot be read on its ground, or a stylesheet would load
    something from elsewhere.
    """
    problems: list[Problem] = []
    theme, folder = own.content.theme, own.path.rpartition("/")[0]
    dark = theme.accent_dark or _lighter(theme.accent)
    for key, colour, ground in (("accent", theme.accent, PAPER), ("accent_dark", dark, DARK_PAPER)):
        ratio = contrast(colour, ground)
        if ratio < READABLE:
            message = f"'theme.{key}' {colour} has a contrast of {ratio:.1f}:1 with {ground}"
            mend = f"choose one of at least {READABLE}:1 (WCAG 2.2 AA)"
            problems.append(error("contrast", own.path, own.line("theme", key), message, mend))
    css = _text(source, f"{folder}/theme.css", problems)
    problems += _hiding(f"{folder}/theme.css", css)
    templates = {name: _text(source, f"shared/templates/{name}", problems) for name in TEMPLATES}
    logo = _logo(source, f"{folder}/logo.svg", problems)
    if problems:
        raise InvalidPolicy(tuple(problems))
    return Style(theme.accent, dark, logo, css, {n: text for n, text in templates.items() if text})


def plain_style(theme: Theme) -> Style:
    """Return the style of a brand that has nothing but a theme."""
    return Style(theme.accent, theme.accent_dark or _lighter(theme.accent))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1.0 to 21.0 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _lighter(colour: str) -> str:
    """Return the nearest tint of a colour that can be read on dark paper."""
    for step in range(101):
        tint = "#" + "".join(
            f"{round(c + (255 - c) * step / 100):02x}"
            for c in (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        )
        if contrast(tint, DARK_PAPER) >= READABLE + 1:
            return tint
    return PAPER


def _read(source: Source, path: str, problems: list[Problem]) -> bytes | None:
    try:
        return source.read(path)
    except Unreadable as fault:
        problems.append(error("not-a-file", path, None, fault.reason, fault.mend))
        return None


def _text(source: Source, path: str, problems: list[Problem]) -> str:
    data = _read(source, path, problems)
    if data is None:
        return ""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        problems.append(error("encoding", path, None, "is not UTF-8", "save it as UTF-8"))
        return ""
    if path.endswith(".css"):
        bare = _COMMENT.sub(lambda found: re.sub(r"\S", " ", found[0]), text)
        for found in _REACHES_OUT.finditer(bare):
            line = text.count("\n", 0, found.start()) + 1
            message = f"has '{found[0].strip()}', which reaches outside the document"
            mend = "delete it; embed what it loads as data:"
            problems.append(error("style", path, line, message, mend))
    return text


def _hiding(path: str, css: str) -> Iterator[Problem]:
    """Yield a problem for each declaration that can hide what a policy says."""
    if not css:
        return
    import tinycss2

    waiting = [
        ("", node)
        for node in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    ]
    while waiting:
        selectors, node = waiting.pop(0)
        if node.type == "declaration":
            value = tinycss2.serialize(node.value).strip().lower()
            hiding = _HIDING.get(node.lower_name)
            if hiding is None or not re.match(hiding or _NOT_NONE, value):
                continue
            if not all(_NO_TEXT.search(each) for each in selectors.split(",")):
                message = f"has '{node.name}: {value}', which can hide what the policy says"
                mend = "delete it: a brand's theme sets colours, sizes and space"
                yield error("hiding", path, node.source_line, message, mend)
        elif getattr(node, "content", None):
            if node.type == "qualified-rule":
                selectors = tinycss2.serialize(node.prelude)
            inner = tinycss2.parse_blocks_contents(
                node.content, skip_comments=True, skip_whitespace=True
            )
            waiting += [(selectors, each) for each in inner if each.type != "error"]


def _logo(source: Source, path: str, problems: list[Problem]) -> str | None:
    data = _read(source, path, problems)
    if data is None:
        return None
    bare = _XML_COMMENT.sub(lambda found: re.sub(rb"\S", b" ", found[0]), data)
    for found in _LOADS.finditer(bare):
        message = f"has '{found[0].decode(errors='replace')}', which reaches outside the document"
        line = data.count(b"\n", 0, found.start()) + 1
        problems.append(error("style", path, line, message, "embed it as data:, or draw it"))
    return f"data:image/svg+xml;base64,{base64.b64encode(data).decode()}"
