"""Reads a page from the web: by TLS, from a public address, within limits, without credentials.

The name is resolved once, and what it leads to is checked and then connected to, so that nobody can
let it lead elsewhere in between.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from time import monotonic
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from publisher import __version__
from publisher.errors import AskedWrongly, PublisherError

LARGEST = 5 << 20
"""Bytes of a page, at most."""
_SECONDS = 30.0
_REDIRECTS = 5
_MOVED = (301, 302, 303, 307, 308)
_CHUNK = 1 << 16
_KINDS = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/pdf": "pdf",
    "text/markdown": "markdown",
    "text/plain": "text",
}


class PageUnread(PublisherError):
    """A page that could not be fetched, or is not the policy's: exit code 4."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a fetch may do that it does not do by itself: without TLS, from private addresses."""

    http: bool = False
    private: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as a server sent it: `url` is where it was in the end, `format` what kind it is."""

    url: str
    data: bytes = field(repr=False)
    format: str
    charset: str | None
    status: int
    headers: tuple[tuple[str, str], ...]


def fetch(url: str, allowed: Allowed, clock: Callable[[], float] = monotonic) -> Fetched:
    """Return a page; raises `PageUnread`, and `AskedWrongly` for an address that is none."""
    ends = clock() + _SECONDS
    here = _checked(url, allowed)
    for _ in range(_REDIRECTS + 1):
        with_host = here.geturl()
        connection = _connected(here, allowed, ends - clock())
        try:
            query = f"?{here.query}" if here.query else ""
            path = quote(f"{here.path or '/'}{query}", safe="/?%&=;:+,@!$'()*~")
            headers = {"User-Agent": f"publisher/{__version__}", "Accept-Encoding": "identity"}
            connection.request("GET", path, headers=headers)
            with connection.getresponse() as response:
                if response.status not in _MOVED:
                    return _read(with_host, response, lambda: ends - clock())
                here = _moved(here, response, allowed)
        except (OSError, HTTPException, zlib.error, EOFError) as fault:
            raise PageUnread(f"{with_host} cannot be read: {_reason(fault)}. Try again") from fault
        finally:
            connection.close()
    raise PageUnread(f"{url} is redirected more than {_REDIRECTS} times. Name the last address")


def _checked(url: str, allowed: Allowed) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as fault:
        raise AskedWrongly(f"'{url}' is not an address: {fault}") from fault
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise AskedWrongly(f"'{url}' is not an address that begins with https://, or a file")
    if parts.username is not None or parts.password is not None:
        raise AskedWrongly(
            "the address has a name or a password in it, and a policy is public. Leave them out"
        )
    if parts.scheme == "http" and not allowed.http:
        raise AskedWrongly(f"{url} is not https, so anybody can change it. Allow it with --http")
    return parts


def _moved(here: SplitResult, response: HTTPResponse, allowed: Allowed) -> SplitResult:
    """Return where a redirect leads; raises `PageUnread` if that is another host."""
    target = urljoin(here.geturl(), response.getheader("Location", ""))
    there = _checked(target, allowed)
    same = {(here.hostname or "").removeprefix("www."), (there.hostname or "").removeprefix("www.")}
    if len(same) > 1:
        raise PageUnread(
            f"{here.geturl()} redirects to another host, {target}. If the policy is there, name "
            "that address"
        )
    return there


def _connected(here: SplitResult, allowed: Allowed, seconds: float) -> HTTPConnection:
    """Return a connection to a host; raises `PageUnread`."""
    host, secure = here.hostname or "", here.scheme == "https"
    port = here.port or (443 if secure else 80)
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as fault:
        raise PageUnread(f"{host} is not known: {_reason(fault)}. Check the address") from fault
    addresses = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
    for address in addresses:
        if not allowed.private and not ipaddress.ip_address(address.partition("%")[0]).is_global:
            raise PageUnread(
                f"{host} is at {address}, which is no public address. Allow it with --private"
            )
    connection = HTTPConnection(_ascii(host), port, timeout=max(seconds, 0.01))
    connection.default_port = 443 if secure else 80
    try:
        connection.sock = _socket(addresses, port, max(seconds, 0.01))
        if secure:
            context = ssl.create_default_context()
            connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
    except ssl.SSLCertVerificationError as fault:
        connection.close()
        reason = fault.verify_message or "it cannot be verified"
        raise PageUnread(f"the certificate of {host} is wrong: {reason}. Renew it") from fault
    except OSError as fault:
        connection.close()
        raise PageUnread(f"{host} cannot be reached: {_reason(fault)}. Try again") from fault
    return connection


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
    """Return what a server answered; raises `PageUnread` where that is no page, or too large."""
    if response.status != 200:
        raise PageUnread(
            f"{url} answers {response.status} ({response.reason or 'no reason'}), not the policy. "
            "Check the address in a browser"
        )
    kind = response.headers.get_content_type()
    if kind not in _KINDS:
        raise PageUnread(f"{url} is of the type {kind}, which is no page. Name a page, or a PDF")
    data = bytearray()
    while chunk := response.read(_CHUNK):
        data += chunk
        if len(data) > LARGEST:
            raise PageUnread(f"{url} is larger than {LARGEST >> 20} MB. Name the policy's own page")
        if left() < 0:
            raise PageUnread(f"{url} took longer than {_SECONDS:.0f} seconds. Try again")
    encoding = response.getheader("Content-Encoding", "identity").lower()
    headers = tuple((n, v) for n, v in response.getheaders() if n.lower() != "set-cookie")
    charset = response.headers.get_content_charset()
    plain = _unpacked(url, bytes(data), encoding)
    return Fetched(url, plain, _KINDS[kind], charset, response.status, headers)


def _unpacked(url: str, data: bytes, encoding: str) -> bytes:
    if encoding in ("identity", ""):
        return data
    if encoding not in ("gzip", "x-gzip"):
        raise PageUnread(
            f"{url} is packed as {encoding}, which nobody asked for. Save the page, and name "
            "the file"
        )
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    plain = unpacker.decompress(data, LARGEST + 1)
    if len(plain) > LARGEST:
        raise PageUnread(f"{url} is larger than {LARGEST >> 20} MB. Name the policy's own page")
    return plain


def _reason(fault: BaseException) -> str:
    return (getattr(fault, "strerror", None) or str(fault) or type(fault).__name__).lower()
