"""The possible targets of links in documents: the same as in clauses."""

from __future__ import annotations

import re
from urllib.parse import unquote

_WEB = re.compile(r"https?://[^\s/?#@:\[\]<>\"]+(:[0-9]+)?([/?#][^\s<>\"]*)?", re.IGNORECASE)
_MAIL = re.compile(r"mailto:[^\s@?<>\"]+@[^\s@?<>\"]+", re.IGNORECASE)
_PHONE = re.compile(r"tel:\+?[0-9().-]+")
_INSIDE = re.compile(r"#[^\s#]+")


def target_of(written: str) -> str:
    """Return the target of a link: a page, an address, a place in the document; or nothing.

    The text of any other link stays, without the link.
    """
    bare = re.sub(r"[\t\n\r]", "", written).strip()
    if _WEB.fullmatch(bare):
        scheme, rest = bare.split(":", 1)
        return f"{scheme.lower()}:{rest}"
    if bare[:7].lower() == "mailto:":
        address = "mailto:" + unquote(bare[7:].partition("?")[0])
        return address if _MAIL.fullmatch(address) else ""
    if bare[:4].lower() == "tel:":
        number = "tel:" + re.sub(r"\s", "", unquote(bare[4:]).partition(";")[0])
        return number if _PHONE.fullmatch(number) else ""
    return bare if _INSIDE.fullmatch(bare) else ""


def lost_target(written: str) -> bool:
    """Return whether a link has a target that is lost with it, as its text does not name it."""
    bare = written.strip()
    return bool(bare) and not target_of(bare) and not bare.lower().startswith(("javascript:", "#"))
