"""The headers of a message as they go out (RFC 5322, RFC 2047), folded here.

Python's own writer folds no header here: in a long one, it drops the quotation marks around names
with commas, and puts addresses of pages in encoded words; on some names, it stops.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from email.header import Header
from email.message import EmailMessage
from email.parser import Parser
from email.policy import EmailPolicy
from email.utils import quote

_WIDTH, _LONGEST = 60, 900
"""The letters in a line of text, and in a word; with the name of a header, a line may have 998."""


def message_with(headers: Mapping[str, str], policy: EmailPolicy[EmailMessage]) -> EmailMessage:
    """Return a message without content; each header is written as it is."""
    text = "".join(f"{name}: {value}\n" for name, value in headers.items())
    return Parser(EmailMessage, policy=policy.clone(refold_source="none")).parsestr(f"{text}\n")


def unstructured(header: str, text: str) -> str:
    """Return a text of one line as the value of a header."""
    return _folded(text) if _is_plain(text) else _encoded(header, text)


def mailbox(header: str, name: str, address: str) -> str:
    """Return an address, with the name of its owner if that is known, as the value of a header."""
    if not name:
        return address
    phrase = f'"{quote(name)}"'
    return f"{_folded(phrase) if _is_plain(phrase) else _encoded(header, name)}\n <{address}>"


def _is_plain(text: str) -> bool:
    """Return whether a text may be in a header without being encoded."""
    return text.isascii() and "=?" not in text and max(map(len, text.split())) <= _LONGEST


def _encoded(header: str, text: str) -> str:
    return Header(text, "utf-8", header_name=header).encode()


def _folded(text: str) -> str:
    lines = textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n ".join(lines)
