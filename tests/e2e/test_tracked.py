"""Redlines as Word documents: accept all is the new policy, reject all is the old one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from policies import Maker, pairs, written
from soffice import settle
from worddocs import Document, said, shown, texts

from publisher.model.policy import Policy
from publisher.model.redline import Origin
from publisher.redline import redline
from publisher.render.word import docx

WHEN = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ORIGINS = (
    Origin("current", "version", "alpha", "2026-11-22", date(2026, 12, 22)),
    Origin("draft", "draft", "alpha"),
)

COMPANY = (
    "who-we-are",
    "Who we are",
    """*Cloudnovi* is a brand of Example BV. Write to [our office](https://old.example/contact), or
by post. We answer within 30 days, and **always** in your language.

A second paragraph tells you that we look at each question with care, and at whom it comes from.

> The controller decides why and how.

Our officer knows more.[^1]

[^1]: Appointed under Article 37.""",
)
DATA = (
    "data",
    "What we keep",
    """We keep:

- your name
- your e-mail address
- the number of your telephone
  1. at home
  2. at work

## Who gets it

### Recipients

| Recipient | What for | Where |
|---|---|---|
| Odoo | billing software and the books | Belgium |
| Combell | hosting of all our servers | Belgium |
| Mailjet | newsletters | France |

Cookies
: Small files that your browser keeps.""",
)
RIGHTS = (
    "rights",
    "Your rights",
    """You have the right of access, see [who we are](#who-we-are). It is free.

You can complain to the authority.""",
)
OLD = written(COMPANY, DATA, RIGHTS)
NEW = written(
    (
        *RIGHTS[:2],
        """You have the right of access, see [who we are](#who-we-are). It is free of charge.

You can complain to the authority.""",
    ),
    (
        *COMPANY[:2],
        COMPANY[2]
        .replace("*Cloudnovi*", "Cloudnovi")
        .replace("old.example", "new.example")
        .replace("30 days", "one month")
        .replace("each question with care", "every question carefully"),
    ),
    (
        *DATA[:2],
        DATA[2]
        .replace("your name\n- your e-mail address", "your e-mail addresses\n- your name")
        .replace("  2. at work", "  2. at work\n  3. elsewhere")
        .replace("billing software", "accounting software")
        .replace("| Mailjet | newsletters | France |\n", "")
        .replace("### Recip", "## Recip"),
    ),
    title="Privacy notice",
)


def made(old: Policy | None, new: Policy | None) -> bytes:
    return docx(redline(old, new), ORIGINS, "A. Lawyer", WHEN)


@settings(suppress_health_check=list(HealthCheck))
@given(pairs())
def test_accept_all_is_the_new_policy_and_reject_all_the_old(both: tuple[Policy, Policy]) -> None:
    old, new = both
    data = made(old, new)
    assert Document(data, "accept").read() == said(new)
    assert Document(data, "reject").read() == said(old)


def test_libreoffice_accepts_and_rejects_alike(tmp_path: Path) -> None:
    both = {"written": (OLD, NEW), "came": (None, NEW), "went": (OLD, None)}
    chance = Random(1)
    while len(both) < 23:
        maker = Maker(chance)
        old = maker.policy()
        both[str(len(both))] = (old, maker.edited(old))
    folder = tmp_path / "documents"
    folder.mkdir()
    for name, pair in both.items():
        (folder / f"{name}.docx").write_bytes(made(*pair))
    settle(folder, tmp_path / "profile")
    for name, (old, new) in both.items():
        for way, policy in (("accept", new), ("reject", old)):
            read = shown((folder / way / f"{name}.docx").read_bytes())
            assert read == texts(said(policy)), (name, way)
