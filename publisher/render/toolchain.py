"""The tools that documents are rendered with: together with the policy, they decide the bytes."""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import re
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from publisher import __version__
from publisher.render.fonts import fonts_named

_PACKAGE = Path(__file__).parent.parent
_LIBRARIES = {
    "Pango": (
        "pango_version_string",
        ("libpango-1.0.so.0", "libpango-1.0.0.dylib", "libpango-1.0-0.dll"),
    ),
    "HarfBuzz": (
        "hb_version_string",
        ("libharfbuzz.so.0", "libharfbuzz.0.dylib", "libharfbuzz-0.dll"),
    ),
    "HarfBuzz subsetter": (
        "hb_version_string",
        ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib", "libharfbuzz-subset-0.dll"),
    ),
}
_DISTRIBUTIONS = (
    "babel",
    "cssselect2",
    "fonttools",
    "jinja2",
    "markdown-it-py",
    "mdit-py-plugins",
    "pillow",
    "pydantic",
    "pydyf",
    "pyphen",
    "pyyaml",
    "tinycss2",
    "tinyhtml5",
    "weasyprint",
)


@lru_cache
def tools() -> dict[str, str]:
    """Return the versions of the tools, by name; "unknown" for a tool that does not say it."""
    return {
        "publisher": __version__,
        "Python": platform.python_version(),
        **{name: _native(*where) for name, where in _LIBRARIES.items()},
        **{name: _installed(name) for name in _DISTRIBUTIONS},
    }


@lru_cache
def tools_digest() -> str:
    """Return the SHA-256 of the tools' versions, and of this package with its fonts."""
    digest = hashlib.sha256(repr(tools()).encode())
    files = (f"{folder}{os.sep}{name}" for folder, _, names in os.walk(_PACKAGE) for name in names)
    for path in sorted(files):
        if not path.endswith(".pyc"):
            data = Path(path).read_bytes()
            name = path.removeprefix(str(_PACKAGE)).replace(os.sep, "/")
            digest.update(f"{name} {len(data)}\n".encode() + data)
    return digest.hexdigest()


def word_tools() -> str:
    """Return the versions of the libraries that make Word documents, and nothing published."""
    return ", ".join(f"{name} {_installed(name)}" for name in ("python-docx", "lxml", "pypdfium2"))


def reproducible() -> bool:
    """Return whether all versions are known, so that the same tools can be recognized."""
    return "unknown" not in tools().values()


def _native(function: str, names: tuple[str, ...]) -> str:
    for name in names:
        try:
            ask = getattr(ctypes.CDLL(name), function)
        except (OSError, AttributeError):
            continue
        ask.restype = ctypes.c_char_p
        return str(ask().decode())
    return "unknown"


def _installed(name: str) -> str:
    try:
        installed = distribution(name)
    except PackageNotFoundError:
        return "unknown"
    about = installed.read_text("METADATA") or ""
    version = re.search("^Version: (.+)$", about, re.MULTILINE)  # parsing all of it takes longer
    return version[1] if version is not None else installed.version


def recorded_tools() -> dict[str, str]:
    """Return the tools that decide a document's bytes, with their versions."""
    return {**tools(), "fonts": fonts_named()}
