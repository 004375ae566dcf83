"""The widths of characters in the bundled fonts, known before the layout.

Kerning is left out: it mostly moves letters closer together.
"""

from __future__ import annotations

from functools import lru_cache

from publisher.render.fonts import FOLDER, opened

INVISIBLE = "\u00ad\u200b\u2060"
"""Invisible characters that say where a line may break."""


class _Widths(dict[str, float]):
    """Widths of characters, in parts of the font size; unknown characters count as square."""

    def __missing__(self, character: str) -> float:
        return 1.0


@lru_cache
def widths(*, bold: bool) -> _Widths:
    """Return the advance widths of the characters of one face, in em."""
    font = opened(FOLDER / f"NotoSans-{'Bold' if bold else 'Regular'}.ttf")
    size, measured = font["head"].unitsPerEm, font["hmtx"]
    advances = {chr(at): measured[glyph][0] / size for at, glyph in font.getBestCmap().items()}
    return _Widths(advances | dict.fromkeys(INVISIBLE, 0.0))


def without_breaks(text: str) -> str:
    """Return `text` without the characters that say where a line may break."""
    return text.translate(dict.fromkeys(map(ord, INVISIBLE)))
