"""The formats of documents: their names, and what the names of their files end in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from publisher.errors import UnknownName


@dataclass(frozen=True, slots=True)
class Format:
    """A format: files that we write have the first of `endings`, `aliases` are other names."""

    name: str
    endings: tuple[str, ...]
    media_type: str
    aliases: tuple[str, ...] = ()


HTML = Format("html", ("html", "htm"), "text/html")
PDF = Format("pdf", ("pdf",), "application/pdf")
MARKDOWN = Format("markdown", ("md", "markdown"), "text/markdown", ("md",))
JSON = Format("json", ("json",), "application/json")
TEXT = Format("text", ("txt",), "text/plain")
DOCX = Format(
    "docx",
    ("docx",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ("word",),
)
_ALIASES = {alias: format.name for format in (MARKDOWN, DOCX) for alias in format.aliases}


def endings(*formats: Format) -> dict[str, str]:
    """Return what the names of files end in, by the names of their formats."""
    return {format.name: format.endings[0] for format in formats}


PUBLISHED = endings(HTML, PDF, MARKDOWN, JSON)
"""The formats in which a policy is published."""


def known_format(name: str, known: Collection[str] = PUBLISHED) -> str:
    """Return which of the `known` formats a name means; raises `UnknownName`."""
    format = _ALIASES.get(name, name)
    if format not in known:
        raise UnknownName("format", name, known)
    return format
