"""Shows a site on this machine, as a host would serve it; nobody else can reach it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from publisher.errors import AskedWrongly

_HOST = "127.0.0.1"
_HERE = (_HOST, "localhost")


class _Handler(SimpleHTTPRequestHandler):
    """Serves files to this machine's own browsers, and logs nothing."""

    def send_head(self) -> Any:
        if self.headers.get("Host", "").partition(":")[0] not in _HERE:
            self.send_error(421, "Ask 127.0.0.1")  # a name that somebody lets lead here
            return None
        try:
            return super().send_head()
        except ValueError:  # a NUL in the path
            self.send_error(404, "File not found")
            return None

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *values: Any) -> None:
        """Stay quiet."""


class _Server(ThreadingHTTPServer):
    """Continues silently if a browser closes the connection."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet."""


def loopback(folder: Path, port: int, began: Callable[[str], None]) -> None:
    """Serve a folder on loopback until ^C; `began` gets the address.

    Raises `AskedWrongly` if the port is taken.
    """
    try:
        server = _Server((_HOST, port), partial(_Handler, directory=str(folder)))
    except OSError as fault:
        reason = (fault.strerror or str(fault)).lower()
        raise AskedWrongly(
            f"port {port} cannot be used: {reason}. Give another with --port"
        ) from fault
    with server, suppress(KeyboardInterrupt):
        began(f"http://{_HOST}:{server.server_port}/")
        server.serve_forever()
