"""The tools that documents are rendered with: with the policy, they determine the bytes."""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import re
import time
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from publisher import __version__
from publisher.files.cache import Cache, key

_PACKAGE = Path(__file__).parent.parent
_SETTLED = 2.0
"""Seconds after which a file that changes again has another time."""
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
    """Return the versions of the tools, by name; "unknown" for a tool without one."""
    return {
        "publisher": __version__,
        "Python": platform.python_version(),
        **{name: _native(*where) for name, where in _LIBRARIES.items()},
        **{name: _installed(name) for name in _DISTRIBUTIONS},
    }


@lru_cache
def tools_digest(cache: Cache | None = None) -> str:
    """Return the SHA-256 of the tools' versions, and of this package with its fonts.

    With a `cache`, the package is read again only if one of its files was touched.
    """
    touched = _touched() if cache is not None and cache.folder is not None else None
    if cache is None or touched is None:
        return key(repr(tools()), _content())
    name = key("package", *touched)
    content = cache.get(name)
    if content is None:
        content = _content().encode()
        if _touched() == touched:
            cache.put(name, content)
    return key(repr(tools()), content)


def _files() -> list[str]:
    """Return the paths of the files of this package, sorted."""
    files = (f"{folder}{os.sep}{name}" for folder, _, names in os.walk(_PACKAGE) for name in names)
    return sorted(path for path in files if not path.endswith(".pyc"))


def _content() -> str:
    """Return a digest of all files of this package, and of their names."""
    digest = hashlib.sha256()
    for path in _files():
        data = Path(path).read_bytes()
        name = path.removeprefix(str(_PACKAGE)).replace(os.sep, "/")
        digest.update(f"{name} {len(data)}\n".encode() + data)
    return digest.hexdigest()


def _touched() -> list[str] | None:
    """Return size and times of each file of this package; None if one may still be written to.

    The system's time of the last change of a file (`st_ctime_ns`) cannot be set.
    """
    stats = {path: os.stat(path) for path in _files()}  # noqa: PTH116 - many, and quick
    if max(stat.st_ctime for stat in stats.values()) > time.time() - _SETTLED:
        return None
    return [
        f"{path} {stat.st_ino} {stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns}"
        for path, stat in stats.items()
    ]


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
    from publisher.render.fonts import fonts_named

    return {**tools(), "fonts": fonts_named()}
