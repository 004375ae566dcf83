"""Evidence → all that the letter's PDF is made from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from publisher.model.evidence import Evidence
from publisher.render.fonts import page_written_out, without_gaps
from publisher.render.letter.check import steps
from publisher.render.letter.page import page
from publisher.render.letter.words import Words
from publisher.render.manuscript import Manuscript
from publisher.render.style import Style

_PAGE = "publisher/data/templates/letter.html"


def manuscript(evidence: Evidence, style: Style) -> Manuscript:
    """Return what the PDF of an evidence letter is made from.

    It follows from the evidence and the style alone: the letter reads no clock.
    """
    words = Words(evidence.locale)
    return Manuscript(
        brand=evidence.version.brand,
        locale=words.locale,
        subject=without_gaps(
            f"{words('title')}: {evidence.subject.brand.name} {evidence.version.version}"
        ),
        words_digest="",
        made=evidence.record.newest.entry.recorded_at.astimezone(UTC),
        width=style.width,
        type_size=style.theme.type_size,
        page=page_written_out(page(evidence, style)),
        texts=tuple(
            ("publisher/data/templates/letter.html", None, without_gaps(each))
            for each in _texts(evidence)
        ),
        sources=(),
    )


def _texts(evidence: Evidence) -> Iterator[str]:
    """Yield what must be seen in it: every hash, and every command."""
    for file in evidence.files:
        yield file.sha256
    yield evidence.record.of.sha256
    yield evidence.version.sums
    yield evidence.record.newest.sha256
    for step in steps(evidence, Words(evidence.locale)):
        for part in step.parts:
            yield from part.commands
    yield evidence.record.of.sha256
