"""The look of a brand's documents: the tokens of its theme, worked out.

A theme is a list of choices (`publisher.workspace.theme.Theme`), not code: every choice leaves
every word of a policy legible.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from publisher.errors import InvalidPolicy
from publisher.problem import Problem, error
from publisher.render.colours import READABLE, contrast, mixed
from publisher.render.logo import logo_url
from publisher.repository.source import Source, Unreadable
from publisher.workspace.facts import Brand
from publisher.workspace.parsed import Parsed, Workspace
from publisher.workspace.scalars import Localised
from publisher.workspace.theme import Linked, Theme

PAPER = "#ffffff"
"""The ground of PDFs."""
SPACES = {"compact": 0.8, "normal": 1.0, "airy": 1.25}
LOGO = "logo.svg"

_CODE = ("policy.html", "screen.css", "pdf.css")
_SOFT, _LINE, _SHADE = 0.3, 0.84, 0.955
"""How far the ink is mixed with the paper: for lesser text, for rules, for grounds."""
_WIDEST = 174
"""The width of the text on a page at most, in mm."""
_MARKS = ("#fff1b8", "#4d3f00")
"""The grounds of unconfirmed passages, on light and on dark paper."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A size of paper, as CSS names it; `width` and `height` are in mm.

    `wider` says how much wider the text on a page across is than on an upright one, in pt.
    """

    name: str
    width: float
    height: float
    wider: float


A4 = Paper("A4", 210, 297, 246.6)
LETTER = Paper("letter", 215.9, 279.4, 180.0)
_PAPERS: Final = {"a4": A4, "letter": LETTER}
_ON_LETTER = frozenset(
    ["BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"]
)
"""Territories whose paper is US letter: CLDR, supplementalData.xml, `paperSize`."""


def paper_of(workspace: Workspace, brand: str, locale: str) -> Paper:
    """Return the paper of a brand's documents in a locale.

    The brand's file may name it. Where it does not, the paper is that of the locale's territory;
    where the locale names none, that of the country of the brand's company.
    """
    parsed = workspace.brands.get(brand)
    own = parsed.value if parsed is not None else None
    if own is not None and own.paper is not None:
        return _PAPERS[own.paper]
    company = workspace.company_of(brand).value if own is not None else workspace.company.value
    _, *subtags = locale.split("-")
    country = company.country if company is not None else None
    territory = next((tag for tag in subtags if len(tag) < len("Latn")), country)
    return LETTER if territory in _ON_LETTER else A4


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a document, on light or on dark.

    `soft` is the ink of lesser text, `line` the ink of rules; `shade` and `mark` are grounds.
    """

    accent: str
    paper: str
    ink: str

    @property
    def soft(self) -> str:
        """The ink of lesser text, as pale as can be read."""
        steps = (mixed(self.ink, self.paper, _SOFT * step / 10) for step in range(10, 0, -1))
        return next((ink for ink in steps if self._readable(ink)), self.ink)

    @property
    def line(self) -> str:
        """The ink of rules between rows, which need no contrast."""
        return mixed(self.ink, self.paper, _LINE)

    @property
    def shade(self) -> str:
        """The ground of passages that are set apart."""
        return mixed(self.ink, self.paper, _SHADE)

    @property
    def mark(self) -> str:
        """The ground of unconfirmed passages."""
        return max(_MARKS, key=lambda ground: contrast(self.ink, ground))

    def _readable(self, ink: str) -> bool:
        return all(contrast(ink, ground) >= READABLE for ground in (self.paper, self.shade))


@dataclass(frozen=True, slots=True)
class FooterLine:
    """A line below a policy, in one locale; `url` where it is a link."""

    text: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Style:
    """A brand's look. `logo` and `logo_dark` are ``data:`` URLs; `theme` has all other choices."""

    theme: Theme = field(default_factory=Theme)
    logo: str | None = None
    logo_dark: str | None = None
    paper: Paper = A4

    @property
    def light(self) -> Palette:
        """The colours on a light screen."""
        return Palette(self.theme.accent, self.theme.paper, self.theme.ink)

    @property
    def dark(self) -> Palette:
        """The colours on a dark screen."""
        theme = self.theme
        accent = theme.accent_dark or _lighter(theme.accent, theme.paper_dark)
        return Palette(accent, theme.paper_dark, theme.ink_dark)

    @property
    def printed(self) -> Palette:
        """The colours of PDFs."""
        return Palette(self.theme.accent, PAPER, self.theme.ink)

    @property
    def side(self) -> float:
        """The margin of a PDF's pages to the left and the right, in mm."""
        width = 162 * (self.theme.measure / 75) * (self.theme.type_size / 10)
        return round((self.paper.width - min(width, _WIDEST)) / 2, 1)

    @property
    def width(self) -> float:
        """The width of the text on a PDF's pages, in pt."""
        return (self.paper.width - 2 * self.side) * 72 / 25.4

    @property
    def plain(self) -> Style:
        """The toolkit's own look, with the brand's accent and logo: for redlines and letters."""
        return replace(self, theme=plain_style(self.theme.accent).theme)

    def on(self, paper: Paper) -> Style:
        """Return the style on a size of paper."""
        return replace(self, paper=paper)

    def header_link(self, locale: str) -> FooterLine | None:
        """Return the way back to the brand's site, in a locale."""
        link = self.theme.header_link
        return _line(link, locale) if link is not None else None

    def footer(self, locale: str) -> list[FooterLine]:
        """Return the lines below a policy in a locale."""
        return [_line(line, locale) for line in self.theme.footer]


def style_of(
    source: Source, own: Parsed[Brand], *, past: bool = False, locale: str | None = None
) -> Style:
    """Return the style of a brand, from the theme in its file and the drawings beside it.

    Its texts exist in all locales that the brand releases, and in `locale`, if one is named. Raises
    `InvalidPolicy` for a colour that cannot be read on its ground, a faulty logo, and stylesheets
    or templates of the company's own. With `past`, the latter are ignored: documents of a commit
    from the time before themes get the look of its theme.
    """
    theme, folder = own.content.theme, own.path.rpartition("/")[0]
    problems: list[Problem] = [] if past else [*_refused(source, folder)]
    problems += _unreadable(own)
    spoken = own.content.locales if locale is None else (*own.content.locales, locale)
    problems += _untranslated(own, tuple(dict.fromkeys(spoken)))
    logo = _logo(source, folder, own, "logo", problems)
    logo_dark = _logo(source, folder, own, "logo_dark", problems)
    if problems:
        raise InvalidPolicy(tuple(problems))
    return Style(theme, logo, logo_dark)


def plain_style(accent: str | None = None) -> Style:
    """Return the toolkit's own style, in a brand's accent where that can be read on paper."""
    if accent is None or contrast(accent, PAPER) < READABLE:
        return Style()
    return Style(Theme(accent=accent))


@lru_cache
def _lighter(colour: str, paper: str) -> str:
    """Return the nearest tint of a colour that can be read on dark paper."""
    tints = (mixed(colour, "#ffffff", step / 100) for step in range(101))
    return next((tint for tint in tints if contrast(tint, paper) >= READABLE + 1), "#ffffff")


def _unreadable(own: Parsed[Brand]) -> Iterator[Problem]:
    """Yield the colours of text that cannot be read on their background."""
    style = Style(own.content.theme)
    light, dark, printed = style.light, style.dark, style.printed
    pairs = [
        ("ink", light.ink, (light.paper, light.shade, light.mark, PAPER, printed.mark)),
        ("ink_dark", dark.ink, (dark.paper, dark.shade, dark.mark)),
        ("accent", light.accent, (light.paper, PAPER)),
        ("accent_dark", dark.accent, (dark.paper,)),
    ]
    for name, colour, grounds in pairs:
        ground = min(grounds, key=lambda ground: contrast(colour, ground))
        ratio = contrast(colour, ground)
        if ratio < READABLE:
            message = f"'theme.{name}' {colour} has a contrast of {ratio:.1f}:1 with {ground}"
            fix = f"choose one of at least {READABLE}:1 (WCAG 2.2 AA)"
            yield error("contrast", own.path, own.line("theme", name), message, fix)


def _untranslated(own: Parsed[Brand], locales: tuple[str, ...]) -> Iterator[Problem]:
    """Yield the texts of a theme that are missing in one of some locales."""
    theme = own.content.theme
    texts: dict[tuple[str | int, ...], Localised | Linked] = {
        ("footer", at): line for at, line in enumerate(theme.footer)
    }
    if theme.header_link is not None:
        texts["header_link", "text"] = theme.header_link
    for where, line in texts.items():
        text = line.text if isinstance(line, Linked) else line
        missing = [tag for tag in locales if isinstance(text, dict) and tag not in text]
        if missing:
            name = ".".join(str(part + 1 if isinstance(part, int) else part) for part in where)
            message = f"'theme.{name}' has no text in {', '.join(missing)}"
            fix = "add it, or write one text for all languages"
            yield error("translation", own.path, own.line("theme", *where), message, fix)


def _refused(source: Source, folder: str) -> Iterator[Problem]:
    """Yield the stylesheets and templates that themes have replaced."""
    places = [f"{folder}/theme.css", *(f"shared/templates/{name}" for name in _CODE)]
    for path in places:
        try:
            there = source.read(path) is not None
        except Unreadable:
            there = True
        if there:
            message = "is no longer used: looks are chosen from a list"
            fix = (
                f"delete it, and set colours, sizes and space under `theme:` in {folder}/brand.yaml"
            )
            yield error("style", path, None, message, fix)


def _line(line: Localised | Linked, locale: str) -> FooterLine:
    text, url = (line.text, line.url) if isinstance(line, Linked) else (line, None)
    return FooterLine(text if isinstance(text, str) else text[locale], url)


def _logo(
    source: Source, folder: str, own: Parsed[Brand], key: str, problems: list[Problem]
) -> str | None:
    """Return a logo as a ``data:`` URL; None if the brand has none, or a faulty one."""
    named: str | None = getattr(own.content.theme, key)
    path = f"{folder}/{named or LOGO}"
    if named is None and key != "logo":
        return None
    try:
        data = source.read(path)
    except Unreadable as fault:
        problems.append(error("not-a-file", path, None, fault.reason, fault.fix))
        return None
    if data is not None:
        url, faults = logo_url(path, data)
        problems += faults
        return url
    if named is not None:
        message = f"'theme.{key}' names {named}, which is not in {folder}"
        problems.append(error("logo", own.path, own.line("theme", key), message, "add the file"))
    return None
