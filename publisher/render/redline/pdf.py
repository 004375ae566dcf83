"""A redline → all that its PDF is made from."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from publisher.model.redline import Origin, Redline
from publisher.render.fonts import page_written_out, without_gaps
from publisher.render.html import quoted
from publisher.render.labels import labels
from publisher.render.manuscript import Manuscript
from publisher.render.redline.origins import origin_of
from publisher.render.redline.page import page, styles, title_of
from publisher.render.redline.texts import shown
from publisher.render.style import Style


def manuscript(
    redline: Redline,
    origins: tuple[Origin, Origin],
    style: Style,
    sources: tuple[tuple[str, bytes], ...] = (),
) -> Manuscript:
    """Return what the PDF of a redline is made from: its page, and files to attach to it.

    `origins` say where the old policy and the new one come from. The page has both policies in one
    text, whose marks can be read: text that is copied out of a PDF is neither underlined nor struck
    out. Of clauses that did not change it has the titles. Old texts cannot be changed any more: a
    character that no bundled font has is shown as its code point.
    """
    policy = redline.policy
    own = labels(policy.locale)
    days = [origin.day for origin in origins if origin.day]
    named = " – ".join(origin_of(each, policy.locale) for each in origins)
    title = without_gaps(f"{title_of(redline)} – {policy.brand.domain}")
    values = {
        "clauses": 0,
        "of": quoted(own["of"]),
        "page": quoted(own["page"]),
        "running_brand": quoted(without_gaps(policy.brand.name)),
        "running_date": quoted(without_gaps(f"{own['redline']}: {named}")),
        "running_title": quoted(title),
        "watermark": "",
    }
    css = styles(redline, style, ("pdf.css", "redline-pdf.css"), values)
    return Manuscript(
        brand=policy.brand.id,
        locale=policy.locale,
        subject=without_gaps(f"{own['redline']}: {policy.brand.name}: {title_of(redline)}"),
        words_digest="",
        made=datetime.combine(max(days, default=date(1970, 1, 1)), time(), tzinfo=UTC),
        width=style.width,
        type_size=style.theme.type_size,
        page=page_written_out(page(redline, origins, style, css, "pdf")),
        texts=tuple((path, None, without_gaps(text)) for path, text in shown(redline)),
        sources=sources,
    )
