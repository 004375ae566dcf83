"""Redlines as Word documents: accept all is the new policy, reject all is the old one."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import HealthCheck, given, settings
from policies import pairs
from worddocs import Document, said

from publisher.model.policy import Policy
from publisher.model.redline import Origin
from publisher.redline import redline
from publisher.render.word import docx

WHEN = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ORIGINS = (
    Origin("current", "version", "alpha", "2026-11-22", date(2026, 12, 22)),
    Origin("draft", "draft", "alpha"),
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
