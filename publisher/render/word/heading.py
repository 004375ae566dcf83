"""What the page header says: which two policies these are, and whether they can be trusted."""

from __future__ import annotations

from collections.abc import Iterator

from publisher.model.redline import Origin, Redline
from publisher.render.labels import labels
from publisher.render.redline.origins import dated_origin_of
from publisher.render.redline.texts import plain_text


def headline(redline: Redline, origins: tuple[Origin, Origin]) -> str:
    """Return which two policies are compared, and whose they are."""
    locale = redline.policy.locale
    old, new = (dated_origin_of(origin, locale) for origin in origins)
    compared = f"{labels(locale)['redline']}: {{}} → {{}}"
    if origins[0].brand == origins[1].brand:
        return f"{redline.policy.brand.name} · {compared.format(old, new)}"
    return compared.format(f"{origins[0].brand}, {old}", f"{origins[1].brand}, {new}")


def warnings(redline: Redline, origins: tuple[Origin, Origin]) -> Iterator[str]:
    """Yield a warning for each version whose text cannot be trusted, with the reason."""
    locale = redline.policy.locale
    for origin in origins:
        if origin.unverified:
            warning = labels(locale)["unverified"]
            yield f"{dated_origin_of(origin, locale)}. {warning} {origin.unverified}"


def title_of(redline: Redline) -> str:
    """Return the title of the newer policy that there is, with its brand."""
    title = plain_text(redline.title, "old" if redline.new is None else "new")
    return f"{title} – {redline.policy.brand.name}"
