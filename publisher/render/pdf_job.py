"""Everything that a PDF is made from, as a value for another process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PdfJob:
    """Everything that a PDF is made from: the same manuscript gives the same bytes.

    `sources` are the names and the bytes of the files that are attached to it, with the date
    `dated`; `subject` describes them. `texts` are the pieces of text that must be seen in
    it, in order, each with the file that says so and, if known, the line. `words_digest` is empty
    where it is not of one policy. `width` is the width of the text on an upright page, `wider` by
    how much it is wider on a page across, and `type_size` the size of its type, all in pt.
    """

    brand: str
    locale: str
    subject: str
    words_digest: str
    dated: datetime
    width: float
    wider: float
    type_size: float
    page: str
    texts: tuple[tuple[str, int | None, str], ...]
    sources: tuple[tuple[str, bytes], ...]
