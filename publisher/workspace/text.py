"""Bytes → text: UTF-8 only, of a sane size, without characters that deceive the eye."""

from __future__ import annotations

from publisher.model.characters import LARGEST, forbidden, without_dropped
from publisher.model.problem import Problem, error


def decode(path: str, data: bytes) -> tuple[str, tuple[Problem, ...]]:
    """Return the text of a file, with lines ending in LF, and what is wrong with it.

    The text is empty where it cannot be told. Characters of no width are left out of it, with a
    warning.
    """
    if len(data) > LARGEST:
        mend = "split it into several"
        return "", (error("too-large", path, None, "is larger than 1 MB", mend),)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]:
        return "", (error("encoding", path, 1, "is UTF-16", "save it as UTF-8"),)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        message = f"is not UTF-8: byte 0x{data[fault.start]:02x}"
        return "", (error("encoding", path, line, message, "save it as UTF-8"),)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text, told = without_dropped(path, text)
    return text, (*told, *forbidden(path, text))
