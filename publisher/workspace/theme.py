"""The choices for the look of a brand's documents: a list, not code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from publisher.workspace.scalars import Localised, Model, explained


@dataclass(frozen=True, slots=True)
class _Within:
    """Numbers within limits, typed in digits, in steps."""

    least: int
    most: int
    step: float = 1.0

    def __call__(self, value: Any) -> float:
        typed = isinstance(value, str) and re.fullmatch(r"\d{1,3}(\.\d)?", value)
        number = float(value) if typed else -1.0
        if number % self.step or not self.least <= number <= self.most:
            steps = "a whole number" if self.step == 1 else f"a number, in steps of {self.step},"
            raise ValueError(f"write {steps} from {self.least} to {self.most}")
        return number

    @property
    def schema(self) -> WithJsonSchema:
        """Its schema for editors."""
        limits = {"minimum": self.least, "maximum": self.most, "multipleOf": self.step}
        return WithJsonSchema({"type": "number", **limits})


def _drawing(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*\.svg", value):
        raise ValueError("write the name of a drawing beside brand.yaml: logo.svg")
    return value


def _address(value: str) -> str:
    if not re.fullmatch(r"(https://|mailto:|tel:)[^\s<>\"']+", value):
        raise ValueError("write an address that begins with https://, mailto: or tel:")
    return value


Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Drawing = Annotated[str, AfterValidator(_drawing)]
"""The name of a drawing in the brand's folder."""
Address = Annotated[str, AfterValidator(_address)]
"""Where a link leads to, outside the policy."""
_SIZES, _LENGTHS, _RADII = _Within(9, 12, 0.5), _Within(50, 80), _Within(0, 12)
PointSize = Annotated[float, BeforeValidator(_SIZES), _SIZES.schema]
Characters = Annotated[float, BeforeValidator(_LENGTHS), _LENGTHS.schema]
Pixels = Annotated[float, BeforeValidator(_RADII), _RADII.schema]


class Linked(Model):
    """A line of plain text that leads somewhere."""

    text: Localised = Field(description="The text that is shown.")
    url: Address = Field(description="Where it leads.")


class Theme(Model):
    """What a brand's documents look like.

    Colours for text must be readable on what lies behind them (WCAG 2.2, 1.4.3, level AA). PDFs are
    on white paper, in the light colours.
    """

    accent: Colour = explained("Links, rules and titles.", "#1f4e79")
    accent_dark: Colour | None = explained(
        "The same on dark; left out, it is a lighter tint of the accent."
    )
    paper: Colour = explained("Behind the text, on a light screen.", "#ffffff")
    paper_dark: Colour = explained("The same on a dark screen.", "#15181d")
    ink: Colour = explained("The text, on a light screen and in PDFs.", "#1c2026")
    ink_dark: Colour = explained("The text on a dark screen.", "#e6e9ee")
    type_size: PointSize = explained("Of the text, in points; a screen's is in proportion.", 10.0)
    measure: Characters = explained("The length of a line, in characters, about.", 75.0)
    heading_weight: Literal["regular", "bold"] = explained("Of titles.", "bold")
    corner: Pixels = explained("The radius of corners on screens, in pixels; 0 is square.", 3.0)
    spacing: Literal["compact", "normal", "airy"] = explained(
        "Between lines and paragraphs.", "normal"
    )
    logo: Drawing | None = explained("Shown in place of the name; left out, logo.svg if it exists.")
    logo_dark: Drawing | None = explained("The same on a dark screen.")
    header_link: Linked | None = explained(
        "A way back to the brand's site, above the title on screens."
    )
    footer: tuple[Localised | Linked, ...] = Field(
        default=(), max_length=8, description="Lines of plain text below the policy."
    )


class RefusedTheme(Theme):
    """The toolkit's own look, in place of a theme of the past that rules since then refuse."""
