"""A redline → one self-contained page of HTML."""

from __future__ import annotations

from publisher.model.redline import Origin, Redline
from publisher.render.redline.page import page, styles
from publisher.render.style import Style


def html(redline: Redline, origins: tuple[Origin, Origin], style: Style) -> bytes:
    """Return a redline as a page of HTML: no script, and no request to anywhere.

    `origins` say where the old policy and the new one come from. On a wide screen the policies
    stand side by side, or in one text as everywhere else, as the reader likes; clauses that did not
    change are folded away.
    """
    css = styles(redline, style, ("screen.css", "redline.css"), {})
    return page(redline, origins, style, css, "screen").encode()
