"""Approved notices: ``shared/notices/BRAND-VERSION.yaml`` records each text that somebody approved.

The recorded text is sent, whatever the workspace says then; it is refused once the version takes
effect at another moment, or the record was edited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from publisher.archive.entries import Release, sha256
from publisher.archive.folder import read_document
from publisher.archive.issued import document_path
from publisher.archive.lineage import Lineage
from publisher.archive.moments import day_in
from publisher.archive.notice_record import (
    Approval,
    Approvals,
    ApprovedText,
    approvals,
    record_path,
)
from publisher.archive.release.append import checked_text
from publisher.errors import AskedWrongly, InvalidPolicy, PublisherError, Refused
from publisher.files.output import write_document
from publisher.notices.message import (
    Prepared,
    Subject,
    notice_digest,
    notice_of,
    prepare,
    subject_of,
)
from publisher.notices.values import Attachment, Message, Notice
from publisher.problem import error
from publisher.repository.source import ArchiveFolder

_SHORTEST = 12
"""The fewest digits that may stand for a digest."""
_DIGITS = re.compile(rf"[0-9a-f]{{{_SHORTEST},64}}")
_HEADING = "# Written by `publisher notices approve`. An edit withdraws the approval.\n"
_KIND = "pdf"


@dataclass(frozen=True, slots=True)
class Approved:
    """An approval that was recorded, and the path of its file."""

    notice: Notice
    path: Path


def approve(
    root: Path, digest: str, by: str, now: datetime, *, base_url: str | None = None
) -> Approved:
    """Record the approval of the notice with a digest, or its first digits.

    The notices of all versions in force or to come are prepared again, with the same `base_url` as
    in `prepare`. Raises `AskedWrongly` for an unknown digest, `CannotWrite`.
    """
    by = checked_text("--by", by)
    if not _DIGITS.fullmatch(digest):
        raise AskedWrongly(
            f"'{digest}' is not the digest of a notice; give the one that `publisher notices "
            f"prepare` prints, or its first {_SHORTEST} digits"
        )
    for prepared in _candidates(root, now, base_url):
        if prepared.notice.digest.startswith(digest):
            return Approved(prepared.notice, _recorded(root, prepared.notice, by, now))
    raise AskedWrongly(
        f"no notice has the digest {digest} now: the text, the version or its day has changed, or "
        "another --base-url was given. Run `publisher notices prepare BRAND VERSION` again, and "
        "approve the digest that it prints"
    )


def _candidates(root: Path, now: datetime, base_url: str | None) -> Iterator[Prepared]:
    """Yield every notice that could be approved, with and without attachment."""
    lineage = Lineage(ArchiveFolder(root))
    for brand in dict.fromkeys(map(lineage.today, lineage.archived)):
        for known in lineage.chain(brand, now):
            newest = known.timeline.newest(known.now)
            releases = (*((newest,) if newest else ()), *known.timeline.upcoming(known.now))
            for release in releases:
                for attach in (False, True):
                    with suppress(PublisherError):
                        yield prepare(
                            root, brand, release.version, now, attach=attach, base_url=base_url
                        )


def _recorded(root: Path, notice: Notice, by: str, now: datetime) -> Path:
    """Append an approval to the record of its version; return its path."""
    earlier = approvals(ArchiveFolder(root), notice.brand, notice.version)
    path = root / record_path(notice.brand, notice.version)
    if earlier and (earlier[-1].digest, earlier[-1].by) == (notice.digest, by):
        return path
    approval = Approval(
        digest=notice.digest,
        by=by,
        approved_on=day_in(now, str(notice.in_force_from.tzinfo)),
        in_force_from=notice.in_force_from,
        default_locale=notice.default_locale,
        messages={
            locale: ApprovedText(
                digest=notice.digests[locale],
                subject=message.subject,
                text=message.text,
                html=message.html,
                attachments={file.name: sha256(file.data) for file in message.attachments},
            )
            for locale, message in notice.messages.items()
        },
    )
    whole = Approvals(approvals=(*earlier, approval)).model_dump(mode="json")
    path.parent.mkdir(exist_ok=True)
    write_document(path, (_HEADING + _yaml(whole)).encode())
    return path


class _Dumper(yaml.SafeDumper):
    """Writes a text of several lines in as many lines."""


def _text(dumper: yaml.SafeDumper, text: str) -> Any:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _yaml(value: object) -> str:
    written: str = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000)
    return written


def approved(root: Path, brand: str, version: str, now: datetime) -> Notice:
    """Return the approved notice of a version, with exactly the text that was approved.

    Raises `Refused` if none is approved, where the record was edited, and where the version takes
    effect at another moment; and what `subject_of` does.
    """
    subject = subject_of(root, brand, version, now)
    release = subject.release
    path = record_path(release.brand, release.version)
    known = approvals(subject.lineage.archive, release.brand, release.version)
    again = f"`publisher notices prepare {brand} {version}`, then `publisher notices approve`"
    if not known:
        raise Refused(f"no notice of {brand} {version} is approved; run {again}")
    approval = known[-1]
    if approval.in_force_from != subject.begins:
        raise Refused(
            f"{brand} {version} takes effect on {subject.begins:%Y-%m-%d}, but its approved "
            f"notice says {approval.in_force_from:%Y-%m-%d}. Give a new notice: run {again}"
        )
    notice = _restored(subject, approval)
    if (notice.digest, dict(notice.digests)) != (approval.digest, approval.digests):
        raise Refused(f"{path} is not as it was approved; restore it, or run {again}")
    return notice


def approved_before(root: Path, brand: str, version: str, digest: str) -> Notice:
    """Return the notice with a digest that was approved, without attachments: to record it only.

    The version may have been moved since, or may no longer be in force: the notice was sent anyway.
    `brand` is the name of the archive. Raises `Refused` if the record does not have the notice, or
    was edited.
    """
    known = approvals(ArchiveFolder(root), brand, version)
    approval = next((one for one in reversed(known) if one.digest == digest), None)
    path = record_path(brand, version)
    if approval is None:
        raise Refused(f"{path} does not have the notice {digest[:_SHORTEST]}…; restore the file")
    begins, default = approval.in_force_from, approval.default_locale
    own = notice_digest(brand, version, begins, default, approval.digests)
    if own != digest or not all(text.intact for text in approval.messages.values()):
        raise Refused(f"{path} is not as it was approved; restore it")
    messages = {
        locale: Message(text.subject, text.text, text.html)
        for locale, text in approval.messages.items()
    }
    return Notice(brand, version, begins, default, messages, approval.digests, digest)


def _restored(subject: Subject, approval: Approval) -> Notice:
    """Return a notice from its record, with attachments from the archive."""
    release = subject.release
    messages = {
        locale: Message(
            text.subject,
            text.text,
            text.html,
            tuple(
                Attachment(name, _attachment(subject, release, locale)) for name in text.attachments
            ),
        )
        for locale, text in approval.messages.items()
    }
    return notice_of(
        release.brand, release.version, subject.begins, approval.default_locale, messages
    )


def _attachment(subject: Subject, release: Release, locale: str) -> bytes:
    if locale not in release.locales:
        path = record_path(release.brand, release.version)
        fix = "restore the file as it was committed"
        message = f"names the locale '{locale}', which {release.version} does not have"
        raise InvalidPolicy((error("notice", path, None, message, fix),))
    return read_document(subject.lineage.archive, release, document_path(locale, _KIND))
