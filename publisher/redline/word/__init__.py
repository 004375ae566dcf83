"""A redline → a Word document with tracked changes, to accept, reject and answer in Word."""

from __future__ import annotations

from datetime import datetime

from publisher.redline.values import Origin, Redline
from publisher.render.style import Style


def docx(
    redline: Redline,
    origins: tuple[Origin, Origin],
    author: str,
    when: datetime,
    style: Style | None = None,
) -> bytes:
    """Return a redline as a Word document, in which every difference is a tracked change.

    Accepting all changes gives the new policy's text, rejecting all gives the old one's; without
    such a policy the text is empty. `origins` are the sources of the old and the new policy, for
    the page header; `author` made the changes, at `when`, which has a time zone. The document has
    the look `style`. The same arguments give the same bytes.
    """
    from publisher.redline.word.document import document

    return document(redline, origins, author, when, style or Style())
