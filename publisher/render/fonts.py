"""The bundled fonts: where they lie, and which characters they lack."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from publisher.model.characters import name_of
from publisher.model.policy import Policy, text_of
from publisher.model.problem import Problem, error
from publisher.model.source import Source

FOLDER = Path(str(files("publisher") / "data" / "fonts"))
FAMILY = "Noto Sans"

# What the fonts have for certain, so that they need not be opened for most policies: Latin, Greek
# and Cyrillic letters, and the punctuation that goes with them.
_COMMON = re.compile("[\t\n -~\xa0-\u017f\u0391-\u03a1\u03a3-\u03ce\u0400-\u045f–—‘’“”„†•…‰‹›€™]+")


def lacking(policy: Policy, source: Source) -> tuple[Problem, ...]:
    """Return a problem for each character that the fonts lack, where a file of `source` has it."""
    said = {clause.path: f"{clause.title}\n{text_of(clause)}" for clause in policy.clauses}
    said[f"brands/{policy.brand.id}/brand.yaml"] = f"{policy.brand.name}"
    said["shared/policy.yaml"] = policy.title
    said["shared/company.yaml"] = "\n".join((policy.controller.name, *policy.controller.address))
    return tuple(
        error(
            "glyph",
            *_place(character, path, policy, source),
            f"has '{character}' ({name_of(character)}), which the bundled fonts lack",
            "write it with Latin, Greek or Cyrillic letters",
        )
        for path, text in said.items()
        for character in dict.fromkeys(_COMMON.sub("", text))
        if ord(character) not in _covered()
    )


def spelled(text: str) -> str:
    """Return `text` with the code points of characters that cannot be seen, or that fonts lack."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(each if _seen(each) else f"[U+{ord(each):04X}]" for each in text)


def fonts_named() -> str:
    """Return the name of the fonts, with a digest of their files."""
    digest = hashlib.sha256()
    for path in sorted(FOLDER.glob("*.ttf")):
        digest.update(path.read_bytes())
    return f"{FAMILY} {digest.hexdigest()[:16]}"


def _seen(character: str) -> bool:
    return character == "\xa0" or (character.isprintable() and ord(character) in _covered())


def _place(character: str, path: str, policy: Policy, source: Source) -> tuple[str, int | None]:
    """Return the file and line that a character comes from: `path`, or what it quotes."""
    for file in (path, *sorted(policy.files - {path})):
        before, found, _ = (source.read(file) or b"").partition(character.encode())
        if found:
            return file, before.count(b"\n") + 1
    return path, None


@lru_cache
def _covered() -> frozenset[int]:
    """Return the code points that every one of the faces has."""
    from fontTools.ttLib import TTFont

    faces = []
    for path in sorted(FOLDER.glob("*.ttf")):
        with TTFont(path) as font:
            faces.append(frozenset(font.getBestCmap()))
    return frozenset.intersection(*faces)
