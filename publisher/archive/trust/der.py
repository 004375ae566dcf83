"""Reads DER (ITU-T X.690), as far as replies of time-stamping authorities need it.

OpenSSL checks signatures (`timestamp_check`), nothing here does. DER allows one form of each value,
and every other form is refused, so that all readers read the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

BOOLEAN, INTEGER, BITS, OCTETS, OID, UTF8 = 0x01, 0x02, 0x03, 0x04, 0x06, 0x0C
GENERALIZED_TIME, SEQUENCE, SET = 0x18, 0x30, 0x31
_ENCODINGS = {
    UTF8: "utf-8",
    0x13: "ascii",  # PrintableString
    0x14: "latin-1",  # TeletexString, as it is used
    0x16: "ascii",  # IA5String
    0x1C: "utf-32-be",  # UniversalString
    0x1E: "utf-16-be",  # BMPString
}
_LONGEST = 128
"""How many bytes a number or an object identifier may have: Python writes no number of any size."""
_TIME = re.compile(r"(\d{14})(?:\.(\d*[1-9]))?Z")


class NotDer(ValueError):
    """The bytes are not the expected value, or not in DER."""


def context(number: int, *, constructed: bool = True) -> int:
    """Return the identifier of a context-specific tag."""
    return 0x80 | (0x20 if constructed else 0) | number


@dataclass(frozen=True, slots=True)
class Value:
    """A value: its identifier, its content, and all of its bytes."""

    tag: int
    content: bytes
    raw: bytes

    def parts(self) -> Iterator[Value]:
        """Yield the values that it is made of; raises `NotDer`."""
        start = 0
        while start < len(self.content):
            value = _first(self.content, start)
            yield value
            start += len(value.raw)

    def fields(self) -> Fields:
        """Return the values that it is made of, to be taken one by one; raises `NotDer`."""
        return Fields(self)


class Fields:
    """The fields of a sequence, in their order."""

    def __init__(self, value: Value) -> None:
        self._left = [*value.parts()]

    def take(self, tag: int) -> Value:
        """Return the next field, which must be of this kind; raises `NotDer`."""
        value = self.maybe(tag)
        if value is None:
            next_tag = f"{self._left[0].tag:#04x}" if self._left else "the end"
            raise NotDer(f"{next_tag} is where {tag:#04x} should be")
        return value

    def maybe(self, tag: int) -> Value | None:
        """Return the next field if it is of this kind."""
        return self._left.pop(0) if self._left and self._left[0].tag == tag else None

    def any(self) -> Value:
        """Return the next field, of any kind; raises `NotDer`."""
        if not self._left:
            raise NotDer("a field is missing")
        return self._left.pop(0)

    def end(self) -> None:
        """Raise `NotDer` if there are more fields."""
        if self._left:
            raise NotDer(f"{self._left[0].tag:#04x} is where the end should be")


def read(data: bytes, tag: int) -> Value:
    """Return the one value that the bytes are, of this kind; raises `NotDer`."""
    value = _first(data)
    if len(value.raw) != len(data):
        raise NotDer("it has bytes after its end")
    if value.tag != tag:
        raise NotDer(f"it begins with {value.tag:#04x}, not with {tag:#04x}")
    return value


def whole(value: Value) -> int:
    """Return an INTEGER as a number; raises `NotDer`."""
    content = value.content
    if not content or (
        len(content) > 1 and content[0] in (0, 0xFF) and (content[0] ^ content[1]) < 0x80
    ):
        raise NotDer("a number is not in its shortest form")
    if len(content) > _LONGEST:
        raise NotDer("a number is too large")
    return int.from_bytes(content, "big", signed=True)


def oid(value: Value) -> str:
    """Return an object identifier as numbers with dots between them; raises `NotDer`."""
    if not value.content or value.content[-1] & 0x80:
        raise NotDer("an object identifier has no end")
    if len(value.content) > _LONGEST:
        raise NotDer("an object identifier is too long")
    numbers, number = [], 0
    for byte in value.content:
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def text(value: Value) -> str:
    """Return a string of any of the usual kinds; raises `NotDer`."""
    try:
        return value.content.decode(_ENCODINGS[value.tag])
    except (KeyError, UnicodeDecodeError):
        raise NotDer("a text is of an unknown kind") from None


def moment(value: Value) -> datetime:
    """Return a GeneralizedTime, to the microsecond (RFC 3161 §2.4.2: in UTC, to any fraction)."""
    match = _TIME.fullmatch(value.content.decode("ascii", "replace"))
    if match is None:
        raise NotDer("a time is not of the form 20261122093000Z")
    try:
        seconds = datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise NotDer("a time is not in the calendar") from None
    return seconds.replace(microsecond=int((match[2] or "0")[:6].ljust(6, "0")))


def _first(data: bytes, start: int = 0) -> Value:
    """Return the value that begins at `start`."""
    head = start + 2
    if len(data) < head or data[start] & 0x1F == 0x1F:
        raise NotDer("a value has no tag and length")
    length, at = data[start + 1], head
    if length & 0x80:
        at += length & 0x7F
        length = int.from_bytes(data[head:at], "big")
        if not head < at <= head + 4 or len(data) < at or data[head] == 0 or length < 0x80:
            raise NotDer("a length is not in its shortest form")
    end = at + length
    if len(data) < end:
        raise NotDer("a value is cut off")
    return Value(data[start], data[at:end], data[start:end])
