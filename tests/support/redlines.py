"""Redlines of the example company's own policy, with every kind of change that lawyers make."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from conftest import ROOT

from publisher.compose.brands import compose_all, load_brands
from publisher.policy.tree import Policy
from publisher.redline.values import Origin
from publisher.render.style import plain_style
from publisher.repository.source import FolderSource

STYLE = plain_style("#0b5cad")
OLD = Origin("on:2026-03-14", "version", "cloudnovi", "2026-02-01", date(2026, 2, 15))
NEW = Origin("draft", "draft", "cloudnovi")
TABLE = """

## Cookies

| Name | Purpose | Kept for |
| --- | --- | --- |
| session | keeps you signed in | until you sign out |
| language | remembers your language | 6 months |
| visits | counts visits | 12 months |

1. We ask before we set any other cookie.
2. You may delete cookies in your browser at any time.
3. We never sell what they tell us.

Cookie[^1]
: a small file that a website leaves in your browser

[^1]: See the *ePrivacy* Directive.
"""
TABLE_AFTER = """

## Cookies

| Name | Purpose | Set by | Kept for |
| --- | --- | --- | --- |
| session | keeps you signed in | us | until you sign out |
| language | remembers the language that you chose | us | 12 months |
| basket | remembers what you put in your basket | us | 1 day |

1. We ask before we set any other cookie.
2. We never sell what they tell us.
3. We ask you again after a year.

Cookie[^1]
: a small text file that a website leaves in your browser

[^1]: See the *ePrivacy* Directive, as amended.
"""
GONE = (
    "\n\nWe may send you a letter by post where the law asks us to tell you something in writing."
)
ALPHA, BETA = "brands/cloudnovi/clauses/en", "shared/clauses/en"
EDITS = [
    (f"{BETA}/your-rights.md", "within 30 days", "within one month"),
    (f"{BETA}/your-rights.md", "We don't charge for routine requests.", "The **first** request is free of charge."),
    (f"{ALPHA}/what-we-collect.md", "(#website-analytics)", "(https://plausible.io/data-policy)"),
    (f"{ALPHA}/what-we-collect.md", "typically name, email, company,", "typically *name*, email, phone number, company,"),
    (f"{ALPHA}/what-we-collect.md", GONE, ""),
    (f"{ALPHA}/what-we-collect.md", "We do not collect", "- Applicants. Your curriculum vitae and the letter that came with it.\n\nWe do not collect"),
    (f"{BETA}/sharing.md", "{% endfor %}\n", "{% endfor %}\n" + GONE.replace("asks", "requires") + "\n"),
    (f"{BETA}/retention.md", "{% endfor %}\n", "{% endfor %}\n\nAfter that we erase it.\n"),
    (f"{BETA}/security.md", TABLE, TABLE_AFTER),
    (f"{BETA}/security.md", "within 72 hours", "without undue delay"),
    (f"{ALPHA}/children.md", "title: ", "title: Minors and "),
]  # fmt: skip


def policies(folder: Path) -> tuple[Policy, Policy]:
    """Return the policy of a brand before and after many edits."""
    for part in ("brands", "shared"):
        shutil.copytree(ROOT / part, folder / part)
    _replace(folder, f"{ALPHA}/what-we-collect.md", None, GONE)
    _replace(folder, f"{BETA}/security.md", None, TABLE)
    old = _composed(folder)
    for path, before, after in EDITS:
        _replace(folder, path, before, after)
    (folder / f"{BETA}/applicants.md").write_text(
        "---\ntitle: Applicants\n---\nWe keep what you send us for six months after the post is filled.\n"
    )
    order = "shared/policy.yaml"
    _replace(folder, order, "  - retention\n", "")  # moves up
    _replace(folder, order, "  - contact-form\n", "  - retention\n  - contact-form\n")
    _replace(folder, order, "  - changes\n", "  - applicants\n")  # one goes, one comes
    return old, _composed(folder)


def _replace(folder: Path, path: str, before: str | None, after: str) -> None:
    file = folder / path
    text = file.read_text()
    assert before is None or before in text, (path, before)
    file.write_text(text.rstrip("\n") + after if before is None else text.replace(before, after, 1))


def _composed(folder: Path) -> Policy:
    (made,) = compose_all(load_brands(FolderSource(folder), ["cloudnovi"]))
    assert made.policy is not None, made.problems
    return made.policy
