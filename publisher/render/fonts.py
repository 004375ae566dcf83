"""The bundled fonts: their folder, and the characters that they do not have."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from publisher.problem import Problem, error

if TYPE_CHECKING:
    from publisher.policy.tree import Policy
    from publisher.repository.source import Source

FOLDER = Path(str(files("publisher") / "data" / "fonts"))
FAMILY = "Noto Sans"
FALLBACK = "Publisher "
"""The start of the names of fonts for characters that the family does not have."""

# What the fonts have for certain, so that they need not be opened for most policies: Latin, Greek
# and Cyrillic letters, and the punctuation that goes with them.
_COMMON = re.compile("[\t\n -~\xa0-\u017f\u0391-\u03a1\u03a3-\u03ce\u0400-\u045f–—‘’“”„†•…‰‹›€™]+")
_BETWEEN_TAGS = re.compile("(?<![^<>])[^<>]++(?=<|$)")  # each character is looked at once
# Characters that nobody can read, even if a font has them: those that turn the text round unseen,
# and those for private use.
_NEVER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ue000-\uf8ff]")


def lacking(policy: Policy, source: Source) -> tuple[Problem, ...]:
    """Return a problem for each character that no font has, at its place in a file of `source`."""
    from publisher.policy.characters import name_of
    from publisher.policy.tree import text_of
    from publisher.workspace.names import COMPANIES

    texts = {clause.path: f"{clause.title}\n{text_of(clause)}" for clause in policy.clauses}
    texts[f"brands/{policy.brand.id}/brand.yaml"] = f"{policy.brand.name}"
    texts["shared/policy.yaml"] = policy.title
    companies = (path for path in policy.files if path.startswith(COMPANIES))
    company = next(companies, "shared/company.yaml")
    texts[company] = "\n".join((policy.controller.name, *policy.controller.address))
    return tuple(
        error(
            "glyph",
            *_place(character, path, policy, source),
            f"has '{character}' ({name_of(character)}), which the bundled fonts do not have",
            "write it with Latin, Greek or Cyrillic letters",
        )
        for path, text in texts.items()
        for character in uncovered(text)
    )


def uncovered(text: str) -> tuple[str, ...]:
    """Return the characters of a text that no font has, each once."""
    rare = dict.fromkeys(_COMMON.sub("", text))
    return tuple(c for c in rare if ord(c) not in _covered() | _fallback())


def spelled(text: str) -> str:
    """Return a name for computers, with code points in place of unfamiliar letters.

    Nothing in it can be mistaken for another letter, or reversed by its neighbours.
    """
    return _written(text, _covered())


def written_out(text: str) -> str:
    """Return `text` for people, with code points in place of characters that cannot be shown."""
    return _written(text, _covered() | _fallback())


def page_written_out(page: str) -> str:
    """Return a page of HTML whose text has the code point of each character that no font has.

    For texts that can no longer be changed: each can be shown, and nothing is lost.
    """
    return _BETWEEN_TAGS.sub(lambda text: without_gaps(text[0]), page)


def without_gaps(text: str) -> str:
    """Return `text` with ``[U+65E5]`` for each character that no font has."""
    if not _COMMON.sub("", text):
        return text
    there = _covered() | _fallback()
    return "".join(
        c if c in "\n\r\t" or (ord(c) in there and not _NEVER.match(c)) else _code_point(c)
        for c in text
    )


def _written(text: str, there: frozenset[int]) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c if c == "\xa0" or (c.isprintable() and ord(c) in there) else _code_point(c) for c in text
    )


def _code_point(character: str) -> str:
    return f"[U+{ord(character):04X}]"


def fonts_named() -> str:
    """Return the name of the fonts, with a digest of their files."""
    digest = hashlib.sha256()
    for path in sorted(FOLDER.glob("*.ttf")):
        digest.update(path.read_bytes())
    return f"{FAMILY} {digest.hexdigest()[:16]}"


def _place(character: str, path: str, policy: Policy, source: Source) -> tuple[str, int | None]:
    """Return the file and line that a character comes from: `path`, or what it quotes."""
    for file in (path, *sorted(policy.files - {path})):
        before, separator, _ = (source.read(file) or b"").partition(character.encode())
        if separator:
            return file, before.count(b"\n") + 1
    return path, None


@lru_cache
def _covered() -> frozenset[int]:
    """Return the code points that every face of the family has."""
    return frozenset.intersection(*_characters("NotoSans-*.ttf"))


@lru_cache
def _fallback() -> frozenset[int]:
    """Return the code points that one of the other fonts has."""
    return frozenset.union(*_characters("Publisher*.ttf"))


def _characters(names: str) -> list[frozenset[int]]:
    return [frozenset(opened(path).getBestCmap()) for path in sorted(FOLDER.glob(names))]


def opened(path: Path) -> Any:
    """Return a font of the toolkit; its glyphs have numbers for names.

    Reading the names takes longer than reading everything else that is needed.
    """
    from fontTools.ttLib import TTFont

    font = TTFont(BytesIO(path.read_bytes()), lazy=True)
    font.setGlyphOrder([str(number) for number in range(font["maxp"].numGlyphs)])
    return font
