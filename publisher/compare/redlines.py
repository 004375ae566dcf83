"""Redlines as documents, one for each locale, and where they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from publisher.errors import AskedWrongly, GitFailed
from publisher.files.format import DOCX, HTML, JSON, MARKDOWN, PDF, endings
from publisher.files.output import file_in, is_folder, refuse_read, write_document
from publisher.redline.values import Difference, Origin
from publisher.render.documents import style_today
from publisher.render.style import Style
from publisher.repository.reading import Repository
from publisher.repository.source import FolderSource
from publisher.repository.writing import identity

FORMATS = endings(HTML, PDF, MARKDOWN, JSON, DOCX)
"""The formats of documents, and the endings of their files."""
PRINTED = ("markdown", "json")
"""Formats that are printed without --output."""


@dataclass(frozen=True, slots=True)
class Look:
    """How to make redlines: of both policies in `full`, or a `summary` of the differences.

    `author` and `now` are those of the tracked changes in a Word document.
    """

    format: str
    now: datetime
    author: str
    full: bool = False
    summary: bool = False


def refuse_shortening(look: Look) -> None:
    """Raise `AskedWrongly` for a format that is always complete."""
    if (look.full or look.summary) and look.format not in ("text", "markdown"):
        raise AskedWrongly(
            f"--full and --summary are for text and markdown; {look.format} has the numbers, what "
            "differs, and what stayed, in any case"
        )


def refuse_one_after_the_other(differences: Iterable[Difference], format: str) -> None:
    """Raise `AskedWrongly` for several documents in one pipe: no program could read them."""
    locales = [difference.locale for difference in differences]
    if len(locales) > 1 and format not in PRINTED:
        raise AskedWrongly(
            f"there is a redline for each of {', '.join(locales)}; name one with --locale"
        )


def author(root: Path) -> str:
    """Return the name of the git user, for the changes in a Word document."""
    repository = Repository.find(root)
    if repository is None:
        return "publisher"
    with repository:
        try:
            return identity(repository).rpartition(" <")[0]
        except GitFailed:
            return "publisher"


def document(root: Path, difference: Difference, look: Look) -> bytes:
    """Return a redline as a document.

    Raises `LibraryMissing`, and `InvalidPolicy` if the brand's theme cannot be used.
    """
    redline, origins = difference.redline, difference.origins
    match look.format:
        case "markdown":
            from publisher.redline.views.markdown import markdown

            return markdown(redline, origins, full=look.full, summary=look.summary).encode()
        case "json":
            from publisher.redline.views.json import json

            return json(redline, origins)
        case "docx":
            from publisher.redline.word import docx

            return docx(redline, origins, look.author, look.now, _style(root, difference).plain)
        case "html":
            from publisher.redline.views.page import html

            return html(redline, origins, _style(root, difference))
        case _:
            from publisher.redline.views.json import json
            from publisher.redline.views.page import manuscript
            from publisher.render.worker import typeset_apart

            sources = (("redline.json", json(redline, origins)),)
            return typeset_apart(manuscript(redline, origins, _style(root, difference), sources))


def written(
    root: Path,
    differences: Iterable[Difference],
    look: Look,
    output: Path | str | None,
    read: Iterable[str | None] = (),
) -> tuple[Path, ...]:
    """Write redlines, each in a file; return the paths.

    `output` is a file or a folder (`file_in` tells them apart); without it, the files are
    ``BRAND-OLD-NEW-LOCALE.EXTENSION`` in the working folder. Raises `AskedWrongly` for one file and
    several locales, for a place in the workspace's own folders, and for a file that is among those
    `read`; `CannotWrite`.
    """
    differences, read = tuple(differences), tuple(read)
    if output is not None and not is_folder(output) and len(differences) > 1:
        locales = ", ".join(difference.locale for difference in differences)
        raise AskedWrongly(
            f"there is a redline for each of {locales}; name one with --locale, or a folder, "
            "such as redlines/, with --output"
        )
    paths = [file_in(root, output, f"{name(d)}.{FORMATS[look.format]}") for d in differences]
    for path in paths:
        refuse_read(path, read)
    documents = [document(root, difference, look) for difference in differences]
    for path, data in zip(paths, documents, strict=True):
        write_document(path, data)
    return tuple(paths)


def name(difference: Difference) -> str:
    """Return the name of a redline's file, without its ending."""
    old, new = difference.origins
    sides = [old.brand, _named(old), *([] if old.brand == new.brand else [new.brand]), _named(new)]
    return "-".join(dict.fromkeys((*sides, difference.locale)))


def _named(origin: Origin) -> str:
    if origin.kind == "file":
        return re.sub(r"[^\w.-]+", "-", Path(origin.id).stem).strip("-.") or "file"
    return (origin.id[:10] if origin.kind == "commit" else origin.id) or "draft"


def _style(root: Path, difference: Difference) -> Style:
    brands = [origin.brand for origin in difference.origins]
    return style_today(FolderSource(root), brands, difference.redline.policy.locale)
