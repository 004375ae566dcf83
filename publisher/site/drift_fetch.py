"""Reads a page from the web: by TLS, from a public address, within limits, without credentials.

The name is resolved once, and its address is checked before connecting to it, so that it cannot
lead elsewhere in between.
"""

from __future__ import annotations

import gzip
import io
import ipaddress
import socket
import ssl
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Timer
from time import monotonic
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from publisher import __version__
from publisher.archive.fields import is_line
from publisher.errors import AskedWrongly, PublisherError
from publisher.problem import visible

LARGEST = 5 << 20
"""Bytes of a page, at most."""
_SECONDS = 30.0
_REDIRECTS = 5
_MOVED = (301, 302, 303, 307, 308)
_CHUNK = 1 << 16
_EDGES = "".join(map(chr, range(0x21)))
"""What browsers leave out at both ends of an address (WHATWG, URL, 4.4)."""
_KINDS = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/pdf": "pdf",
    "text/markdown": "markdown",
    "text/plain": "text",
}


class PageUnread(PublisherError):
    """A page that could not be fetched, or is not the policy: exit code 4."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a fetch may do only with permission: without TLS, from private addresses."""

    http: bool = False
    private: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as a server sent it: `url` is its final address, `format` its format."""

    url: str
    data: bytes = field(repr=False)
    format: str
    charset: str | None
    status: int
    headers: tuple[tuple[str, str], ...]


def fetch(url: str, allowed: Allowed, clock: Callable[[], float] = monotonic) -> Fetched:
    """Return a page; raises `PageUnread`, and `AskedWrongly` for an invalid address."""
    ends = clock() + _SECONDS
    left = lambda: ends - clock()  # noqa: E731
    here = _checked(url, allowed)
    for _ in range(_REDIRECTS + 1):
        with _connected(here, allowed, left) as connection:
            query = f"?{here.query}" if here.query else ""
            path = quote(f"{here.path or '/'}{query}", safe="/?%&=;:+,@!$'()*~")
            headers = {"User-Agent": f"publisher/{__version__}", "Accept-Encoding": "identity"}
            connection.request("GET", path, headers=headers)
            with connection.getresponse() as response:
                if response.status not in _MOVED:
                    return _read(here.geturl(), response, left)
                here = _moved(here, response, allowed)
    raise PageUnread(f"{url} is redirected more than {_REDIRECTS} times. Name the last address")


def _checked(url: str, allowed: Allowed) -> SplitResult:
    try:
        url.encode()
        parts = urlsplit(url.strip(_EDGES))
        _ = parts.port
    except UnicodeEncodeError as fault:
        raise AskedWrongly(f"'{url}' is not UTF-8. Write such bytes as %FF") from fault
    except ValueError as fault:
        raise AskedWrongly(f"'{url}' is not an address: {fault}") from fault
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise AskedWrongly(f"'{url}' is not an address that begins with https://, or a file")
    if not is_line(parts.geturl()):  # the ledger could not name it
        raise AskedWrongly(
            f"'{visible(url)}' has an invisible character. Write it as %FF, or leave it out"
        )
    if parts.username is not None or parts.password is not None:
        raise AskedWrongly(
            "the address has a name or a password in it, and a policy is public. Leave them out"
        )
    if parts.scheme == "http" and not allowed.http:
        raise AskedWrongly(f"{url} is not https, so anybody can change it. Allow it with --http")
    return parts


def _moved(here: SplitResult, response: HTTPResponse, allowed: Allowed) -> SplitResult:
    """Return where a redirect leads; raises `PageUnread` if that is another host."""
    target = response.getheader("Location", "").encode("latin-1").decode("utf-8", "replace")
    try:
        target = urljoin(here.geturl(), target.strip(_EDGES))
        there = _checked(target, Allowed(http=True))
    except (AskedWrongly, ValueError) as fault:
        raise PageUnread(
            f"{here.geturl()} redirects to '{visible(target)}', which cannot be read. Check it in "
            "a browser"
        ) from fault
    same = {(here.hostname or "").removeprefix("www."), (there.hostname or "").removeprefix("www.")}
    if len(same) > 1:
        raise PageUnread(
            f"{here.geturl()} redirects to another host, {target}. If the policy is there, name "
            "that address"
        )
    return _checked(target, allowed)


@contextmanager
def _connected(
    here: SplitResult, allowed: Allowed, left: Callable[[], float]
) -> Iterator[HTTPConnection]:
    """Give a connection to a host, for the time that is left; raises `PageUnread`."""
    url, host = here.geturl(), here.hostname or ""
    secure = here.scheme == "https"
    port = here.port or (443 if secure else 80)
    addresses = _addresses(host, port, allowed)
    connection = HTTPConnection(_ascii(host), port)
    connection.default_port = 443 if secure else 80
    sockets: list[socket.socket] = []
    timer = Timer(max(left(), 0.01), _hang_up, (sockets,))
    timer.daemon = True
    timer.start()
    try:
        for opened in _opened(host, addresses, port, max(left(), 0.01), secure=secure):
            sockets.append(opened)
            connection.sock = opened
        yield connection
    except (OSError, HTTPException, zlib.error, EOFError, PageUnread) as fault:
        if left() < 0:
            raise _late(url) from fault
        if isinstance(fault, PageUnread):
            raise
        raise PageUnread(f"{url} cannot be read: {_reason(fault)}. Try again") from fault
    finally:
        timer.cancel()
        connection.close()


def _addresses(host: str, port: int, allowed: Allowed) -> list[str]:
    """Return the addresses of a host; raises `PageUnread` if they are unknown, or not public."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as fault:
        raise PageUnread(
            f"{host} is an unknown host: {_reason(fault)}. Check the address"
        ) from fault
    addresses = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
    for address in addresses:
        if not allowed.private and not ipaddress.ip_address(address.partition("%")[0]).is_global:
            raise PageUnread(
                f"{host} is at {address}, which is not a public address. Allow it with --private"
            )
    return addresses


def _opened(
    host: str, addresses: list[str], port: int, seconds: float, *, secure: bool
) -> Iterator[socket.socket]:
    """Yield a socket that leads to a host, and then the one with TLS; raises `PageUnread`."""
    try:
        plain = _socket(addresses, port, seconds)
        yield plain
        if secure:
            context = ssl.create_default_context()
            wrapped = context.wrap_socket(
                plain, server_hostname=host, do_handshake_on_connect=False
            )
            yield wrapped
            wrapped.do_handshake()
    except ssl.SSLCertVerificationError as fault:
        reason = fault.verify_message or "it cannot be verified"
        raise PageUnread(f"the certificate of {host} is invalid: {reason}. Renew it") from fault
    except (OSError, ValueError) as fault:
        raise PageUnread(f"{host} cannot be reached: {_reason(fault)}. Try again") from fault


def _hang_up(sockets: Iterable[socket.socket]) -> None:
    """Close the connection to a server that is too slow: the limit is for the whole answer."""
    for opened in sockets:
        with suppress(OSError):
            socket.socket.shutdown(
                opened, socket.SHUT_RDWR
            )  # the reader gets the end of the data, not None


def _ascii(host: str) -> str:
    """Return a host's name as it is asked for: names of other scripts in Punycode."""
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _socket(addresses: list[str], port: int, seconds: float) -> socket.socket:
    """Return a connection to the first of several addresses that answers; raises `OSError`."""
    for address in addresses[:-1]:
        try:
            return socket.create_connection((address, port), seconds)
        except OSError:
            continue
    return socket.create_connection((addresses[-1], port), seconds)


def _read(url: str, response: HTTPResponse, left: Callable[[], float]) -> Fetched:
    """Return a server's answer; raises `PageUnread` if it is not a page, or too large."""
    if response.status != 200:
        raise PageUnread(
            f"{url} answers {response.status} ({response.reason or 'no reason'}), not the policy. "
            "Check the address in a browser"
        )
    kind = response.headers.get_content_type()
    if kind not in _KINDS:
        raise PageUnread(f"{url} has the type {kind}, which is not a page. Name a page, or a PDF")
    data = bytearray()
    while chunk := response.read1(_CHUNK):
        data += chunk
        if len(data) > LARGEST:
            raise _too_large(url)
    if left() < 0:
        raise _late(url)
    if response.length:
        raise PageUnread(f"{url} broke off {response.length} bytes before its end. Try again")
    encoding = response.getheader("Content-Encoding", "identity").lower()
    headers = tuple((n, v) for n, v in response.getheaders() if "cookie" not in n.lower())
    try:
        charset = response.headers.get_content_charset() or None
    except (TypeError, ValueError):  # of a parameter with two values, or too many digits (RFC 2231)
        charset = None
    plain = _unpacked(url, bytes(data), encoding)
    return Fetched(url, plain, _KINDS[kind], charset, response.status, headers)


def _unpacked(url: str, data: bytes, encoding: str) -> bytes:
    if encoding in ("identity", ""):
        return data
    if encoding not in ("gzip", "x-gzip"):
        raise PageUnread(
            f"{url} is compressed as {encoding}, which publisher cannot read. Save the page, and "
            "name the file"
        )
    plain = gzip.GzipFile(fileobj=io.BytesIO(data)).read(LARGEST + 1)
    if len(plain) > LARGEST:
        raise _too_large(url)
    return plain


def _too_large(url: str) -> PageUnread:
    return PageUnread(f"{url} is larger than {LARGEST >> 20} MB. Name the policy's own page")


def _late(url: str) -> PageUnread:
    return PageUnread(f"{url} took longer than {_SECONDS:.0f} seconds. Try again")


def _reason(fault: BaseException) -> str:
    return (getattr(fault, "strerror", None) or str(fault) or type(fault).__name__).lower()
