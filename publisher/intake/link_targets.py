"""The targets that links in documents may have."""

from __future__ import annotations

import re

_WEB = re.compile(r"https?://[^\s/?#@:\[\]<>\"]+(:[0-9]+)?([/?#][^\s<>\"]*)?", re.IGNORECASE)
_MAIL = re.compile(r"mailto:[^\s@?<>\"]+@[^\s@?<>\"]+", re.IGNORECASE)
_INSIDE = re.compile(r"#[^\s#]+")


def target_of(written: str) -> str:
    """Return the target of a link: a page, an address, or a place in the document; or nothing.

    The text of any other link stays, without the link.
    """
    bare = re.sub(r"[\t\n\r]", "", written).strip()
    if _WEB.fullmatch(bare):
        scheme, rest = bare.split(":", 1)
        return f"{scheme.lower()}:{rest}"
    if bare[:7].lower() == "mailto:":
        address = "mailto:" + bare[7:].partition("?")[0]
        return address if _MAIL.fullmatch(address) else ""
    return bare if _INSIDE.fullmatch(bare) else ""
