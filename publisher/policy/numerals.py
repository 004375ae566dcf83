"""Labels of list items: ``(a)``, ``iv.``, ``B)``, ``3.``; reading and writing them.

A style of labels is named by its first label: ``(a)``, ``(i)``, ``A.``. Letters go on after ``z``
as Word and lawyers write them: ``aa``, ``bb``.
"""

from __future__ import annotations

import re

DECIMAL = "1."
"""The style of a list that names none."""
_FIGURE = "(?:[0-9]{1,9}|[a-z]{1,15}|[A-Z]{1,15})"
STYLE = re.compile(r"\([1aAiI]\)|[1aAiI][.)]?")
"""What may be a style."""
LABEL = re.compile(rf"(?:\({_FIGURE}\)|{_FIGURE}[.)])")
"""What may be a label; `readings` decides whether it is one."""

_ROMAN = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)
_VALUES = {sign: number for number, sign in _ROMAN}
_ROMAN_NUMBER = re.compile(r"m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})")
_MOST_LETTERS = 5
"""The most repetitions of a letter: ``zzzzz`` is the 130th label."""


def label(style: str, number: int) -> str:
    """Return the label with this number in a style; the empty style is plain numbers."""
    style = style or DECIMAL
    figure = figure_of(style)
    return style.replace(figure, figures(figure, number))


def figure_of(style: str) -> str:
    """Return which figures a style counts in: one of ``1aAiI``."""
    return style.strip("().")


def figures(figure: str, number: int) -> str:
    """Return a number in the figures that begin with `figure`; in digits where these end."""
    written = ""
    if figure in "aA" and 0 < number <= 26 * _MOST_LETTERS:
        written = chr(ord("a") + (number - 1) % 26) * (1 + (number - 1) // 26)
    elif figure in "iI" and 0 < number < 4000:
        rest = number
        for value, sign in _ROMAN:
            written += sign * (rest // value)
            rest %= value
    return (written.upper() if figure.isupper() else written) or str(number)


def readings(text: str) -> tuple[tuple[str, int], ...]:
    """Return the readings of a label, as style and number: ``i.`` is the first and the ninth."""
    if not LABEL.fullmatch(text):
        return ()
    figure = figure_of(text)
    low = figure.lower()
    styles = []
    if figure.isdigit():
        styles.append(("1", int(figure)))
    if _ROMAN_NUMBER.fullmatch(low):
        signs = re.findall("cm|cd|xc|xl|ix|iv|[mdclxvi]", low)
        styles.append(("i", sum(_VALUES[sign] for sign in signs)))
    if low.isalpha() and len(set(low)) == 1 and len(low) <= _MOST_LETTERS:
        styles.append(("a", ord(low[0]) - ord("a") + 1 + 26 * (len(low) - 1)))
    upper = figure.isupper()
    return tuple(
        (text.replace(figure, first.upper() if upper else first), number)
        for first, number in styles
    )
