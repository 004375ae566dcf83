"""The server of `site --serve` goes on, and stays quiet, whatever it is asked."""

from __future__ import annotations

import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

SCRIPT = """\
import signal, sys
signal.signal(2, signal.default_int_handler)
from pathlib import Path
from publisher.site.serve import loopback
loopback(Path(sys.argv[1]), 0, lambda url: print(url, flush=True))
"""
RESET = struct.pack("ii", 1, 0)


def answer(port: int, path: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 10) as asking:
        asking.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return asking.makefile("rb").readline()


def test_a_path_with_a_nul_and_a_browser_that_breaks_off(tmp_path: Path) -> None:
    (tmp_path / "large.html").write_bytes(b"x" * 5_000_000)
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline().decode().strip("/\n").rpartition(":")[2])
            assert answer(port, b"/%00") == b"HTTP/1.0 404 File not found\r\n"
            for _ in range(3):
                with socket.create_connection(("127.0.0.1", port), 10) as leaving:
                    leaving.sendall(b"GET /large.html HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    leaving.recv(1)
                    leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            assert answer(port, b"/large.html") == b"HTTP/1.0 200 OK\r\n"
            server.send_signal(signal.SIGINT)
            assert server.communicate(timeout=10)[1] == b""
            assert server.returncode == 0
        finally:
            server.kill()
