"""Characters that old documents have, and those that none should have: two documents with all."""

from __future__ import annotations

import sys
import unicodedata
from datetime import date
from html import escape
from pathlib import Path

from publisher.archive.release.append import AppendOptions
from publisher.archive.release.import_version import import_version
from support.archives import archive, noon
from support.workspaces import Repo

SHOWN = "≥ ≤ → ← ✓ ✗ ● ○ ■ □ ☑ ☐ ☒ • ★ ™ ∀ ℝ ½ ① ☎ ₹ שלום العربية हिन्दी বাংলা ไทย հայ ქართ"
"""What the bundled fonts have, though not the family that all else is set in."""
WRITTEN_OUT = {
    "🛡️": "[U+1F6E1][U+FE0F]",
    "隐私": "[U+9690][U+79C1]",
    "한국": "[U+D55C][U+AD6D]",
    "አማርኛ": "[U+12A0][U+121B][U+122D][U+129B]",
    "👩‍💻": "[U+1F469]\u200d[U+1F4BB]",
    "✅": "[U+2705]",
    "✓\ufe0e": "✓[U+FE0E]",
    "\U00013000": "[U+13000]",
    "\u0378": "[U+0378]",
    "\U0001fffe": "[U+1FFFE]",
}
"""What no bundled font has, or nobody has given a meaning to."""
GONE = "\x01\x85\x9f\u200b\u202e\u2066\ufeff\ue123\U000f0000\U000e0041"
"""What taking a document in leaves out, or turns into a space: controls, and private use."""
COMBINING = "e\u0301 o\u0332 a\u035cb \u1ab0 n\u20dd"


def of_every_block() -> str:
    """Return two characters of each block of 128 code points, without the bare spaces."""
    odd = (chr(at + step) for at in range(0, sys.maxunicode + 1, 128) for step in (5, 77))
    kept = (c for c in odd if unicodedata.category(c) not in ("Co", "Cs", "Cc", "Zs", "Zl", "Zp"))
    known = [c for c in kept if unicodedata.name(c, "") or ord(c) < 0x3000]
    return " ".join("".join(known[at : at + 12]) for at in range(0, len(known), 12))


def page(*texts: str, title: str = "Notice", last: str = "May") -> bytes:
    """Return an old document with texts in its titles, paragraphs, lists, tables and links."""
    first, *_ = said = [escape(text) for text in texts]
    body = "".join(f"<h2>{text[:40]}</h2><p>{text}</p><ul><li>{text}</li></ul>" for text in said)
    table = f"<table><tr><th>{first}</th><th>B</th></tr><tr><td>{first}</td><td>c</td></tr></table>"
    link = f'<p><a href="https://x.example/{first}">{first}</a> Changed in {last}.</p>'
    html = f"<!doctype html><meta charset=utf-8><title>x</title><main><h1>{escape(title)}</h1>"
    return f"{html}{body}{table}{link}</main>".encode("utf-8", "surrogatepass")


def odd_archive(folder: Path) -> Repo:
    """Make an archive with two imported versions, whose names, titles, sources, texts are odd."""
    repo = archive(folder / "repo")
    texts = " ".join((SHOWN, *WRITTEN_OUT, GONE, COMBINING)), of_every_block()
    for day, last in (("2019-05-25", "May"), ("2020-05-25", "June")):
        file = folder / f"{last} 隐私 ≥ 🛡️ é.html"
        file.write_bytes(page(*texts, title="🛡️ Privacy ≥ 16 – 隐私 שלום", last=last))
        asked = AppendOptions(noon("2025-06-15"))
        claimed = date.fromisoformat(day)
        import_version(repo.workspace, "alpha", [file], claimed, "网站 ≥ 🛡️ ⚖", asked)
    return repo
