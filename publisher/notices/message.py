"""``publisher notices prepare``: what the customers of a brand are told about a version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.policy import default
from email.utils import format_datetime
from itertools import dropwhile
from pathlib import Path
from zoneinfo import ZoneInfo

from publisher.archive.entries import Release, sha256
from publisher.archive.folder import read_document
from publisher.archive.in_force import InForce
from publisher.archive.issued import archived_policy, document_path
from publisher.archive.lineage import Lineage
from publisher.archive.notice_record import digest_of, message_digest
from publisher.archive.notified import last_day
from publisher.compose.context_facts import lay_out
from publisher.errors import InvalidPolicy, Refused, UnknownName
from publisher.notices.mail_headers import message_with, unstructured
from publisher.notices.template import (
    UNCONFIRMED,
    Facts,
    fill,
    labels_in,
    own_templates,
    strange,
    template,
)
from publisher.notices.values import Attachment, Message, Notice
from publisher.policy.tree import OwnTexts
from publisher.problem import Problem, in_order, mild
from publisher.redline import redline
from publisher.redline.views.marked_lines import Passage, passages
from publisher.redline.views.phrases import happenings
from publisher.render.languages import language, long_date
from publisher.repository.moment import open_workspace
from publisher.repository.source import ArchiveFolder, Source
from publisher.site.labels import Labels
from publisher.site.site import checked_address
from publisher.site.values import CHANGES, version_address
from publisher.workspace import load
from publisher.workspace.facts import Brand
from publisher.workspace.parsed import Workspace
from publisher.workspace.scalars import FORM

_PASSAGES, _ROOM = 12, 5000
"""How many passages a message shows at most, and of how many characters."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A notice that nobody has approved yet.

    `dated` is when its day was set, `contact` the mailbox of the brand; previews have both. `until`
    is the last day for it, None if nothing sets one. `notes` say what is missing in the notice.
    """

    notice: Notice
    dated: datetime
    contact: str
    until: date | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """The version that a notice is about, in the archive of `known`.

    `earlier` are the releases before it, newest first, each with what answers for it.
    """

    lineage: Lineage
    known: InForce
    release: Release
    earlier: tuple[tuple[Release, InForce], ...]

    @property
    def begins(self) -> datetime:
        """The moment at which it comes into force, where the brand is."""
        zone = ZoneInfo(self.known.timeline.scheduled(self.release).timezone)
        return self.known.timeline.begin(self.release).astimezone(zone)

    def before(self, locale: str) -> tuple[Release, str] | None:
        """Return the version that was in force before it, and the locale's tag in that one."""
        for release, known in self.earlier:
            tag = self.lineage.tag(release, locale)
            if tag is not None and not known.timeline.period(release, known.now).empty:
                return release, tag
        return None

    def follows(self, release: Release) -> bool:
        """Return whether a release is the one directly before it, as the site compares them."""
        return bool(self.earlier) and self.earlier[0][0] == release


def prepare(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    version: str,
    now: datetime,
    *,
    attach: bool = False,
    base_url: str | None = None,
) -> Prepared:
    """Return the notice of a version that is in force or to come, a message for each locale.

    With `attach`, each has its PDF. `base_url` is where the folder of the sites is served; without
    it, the brand's file says where its own is; without either, a notice has no links.

    Raises `UnknownName`, `NeverReleased`, `Refused` for a version without a notice, or too old for
    one, and for a notice with neither link nor PDF; `InvalidPolicy` for facts and templates that
    cannot be used; `ArchiveDamaged`, `Redacted`.
    """
    subject = subject_of(root, brand, version, now)
    workspace, own = _facts(subject, brand)
    base = _base(subject.lineage.today(brand), own, base_url)
    if base is None and not attach:
        raise Refused(
            f"no address is known for the site of {brand}, so that its notice could not lead to "
            "the text. Write `site: {base_url: https://…/}` in its brand.yaml, give --base-url, "
            "or attach the text with --attach pdf"
        )
    release = subject.release
    messages = {
        locale: _message(subject, workspace, locale, base, attach=attach)
        for locale in release.locales
    }
    master = workspace.company.content.master_locale
    notice = notice_of(
        release.brand,
        release.version,
        subject.begins,
        master if master in messages else next(iter(messages)),
        messages,
    )
    notes = [] if base is not None else ["no address is known for the site: no links"]
    notes += [f"{path} is not read as a template" for path in strange(subject.lineage.archive)]
    dated = subject.known.timeline.scheduled(release).recorded_at
    until = last_day(subject.known.timeline, release, own.notice_days)
    return Prepared(notice, dated, str(own.contact), until, tuple(notes))


def subject_of(root: Path, brand: str, version: str, now: datetime) -> Subject:
    """Return the version that customers are to be told about.

    Raises `NeverReleased`, `UnknownName`, and `Refused` for one that was not released, is the
    first, or is no longer in force.
    """
    lineage = Lineage(ArchiveFolder(root))
    known = lineage.having(brand, now, version)
    release = known.ledger.version(version)
    if release is None:
        ids = (id for chained in known.chain for id in chained.ledger.version_ids)
        raise UnknownName("version", version, ids)
    if not isinstance(release, Release):
        raise Refused(
            f"{version} was {release.origin}, not released; customers are told about released "
            "versions"
        )
    state = known.timeline.period(release, known.now).state
    if state not in ("in force", "upcoming"):
        raise Refused(
            f"{version} of {brand} is {state}; customers are told about the version in force, or "
            "one to come, which `publisher versions` lists"
        )
    if release.change == "first":
        raise Refused(
            f"{version} is the first version of {brand}: no text changes, so there is nothing to "
            "tell customers"
        )
    return Subject(lineage, known, release, tuple(_earlier(known, release)))


def _earlier(known: InForce, release: Release) -> Iterator[tuple[Release, InForce]]:
    """Yield the releases before a release, of all archives of its brand, newest first."""
    every = [(other, chained) for chained in known.chain for other in chained.ledger.releases()]
    after = dropwhile(lambda pair: pair[0] != release, every)
    next(after, None)
    yield from after


def _facts(subject: Subject, brand: str) -> tuple[Workspace, Brand]:
    """Return the workspace, with the brand that the facts are about; raises `InvalidPolicy`."""
    today = subject.lineage.today(brand)
    workspace = load(subject.lineage.archive, (today,))
    if today not in workspace.brands:
        raise Refused(f"{brand} is no longer in brands/, so the notice cannot say how to reach it")
    parsed = (*workspace.shared, workspace.brands[today])
    if any(file.value is None for file in parsed):
        raise InvalidPolicy(in_order(problem for file in parsed for problem in file.problems))
    return workspace, workspace.brands[today].content


def _base(brand: str, own: Brand, base_url: str | None) -> str | None:
    """Return the address of a brand's site, None if nobody knows it; raises `AskedWrongly`."""
    if base_url is not None:
        return f"{checked_address(base_url)}{brand}/"
    return own.site.base_url


def _message(
    subject: Subject, workspace: Workspace, locale: str, base: str | None, *, attach: bool
) -> Message:
    """Return the message in a locale, as the version names it."""
    archive, release = subject.lineage.archive, subject.release
    spoken = subject.lineage.retagged(release.brand, (locale,))
    today = next(iter(spoken))
    attachments: tuple[Attachment, ...] = ()
    if attach:
        data = read_document(archive, release, document_path(locale, "pdf"))
        name = f"{release.brand}-{release.version}-{locale}.pdf"
        attachments = (Attachment(name, data),)
    context = lay_out(workspace, subject.lineage.today(release.brand), today)
    if context.problems:
        raise InvalidPolicy(context.problems)
    content = _content(subject, locale, base, attachments, context.given.texts)
    if len(release.locales) > 1 and today != workspace.company.content.master_locale:
        content = content.without_summary()
    filled = fill(template(archive, today), context, content)
    return Message(filled.subject, filled.text, filled.html, attachments)


def _content(
    subject: Subject,
    locale: str,
    base: str | None,
    attachments: tuple[Attachment, ...],
    own: OwnTexts | None,
) -> Facts:
    """Return the content of a notice in a locale: what changes, from when, and where to read it.

    `own` are the workspace's texts in place of the toolkit's.
    """
    archive, release = subject.lineage.archive, subject.release
    before = subject.before(locale)
    t = Labels(locale, own)
    changes: tuple[str, ...] = (t("new_language"),)
    shown: tuple[Passage, ...] = ()
    if before is not None:
        old = archived_policy(archive, *before)
        comparison = redline(old, archived_policy(archive, release, locale))
        changes = happenings(comparison, labels_in(t.locale, own)) or (t("no_changes").rstrip("."),)
        shown = _short(tuple(passages(comparison)))
    policy = f"{base}{version_address(locale, release.version)}" if base is not None else None
    return Facts(
        version=release.version,
        in_force_from=long_date(subject.begins.date(), locale),
        summary=release.summary,
        changes=changes,
        passages=shown,
        redline=f"{policy}{CHANGES}" if policy and before and subject.follows(before[0]) else None,
        policy=policy,
        before=f"{base}{version_address(before[1], before[0].version)}"
        if base is not None and before is not None
        else None,
        attachment=attachments[0].name if attachments else None,
    )


def template_problems(
    root: Path, *, brands: Sequence[str] = (), locales: Sequence[str] = (), at: str | None = None
) -> tuple[Problem, ...]:
    """Return what is wrong with the workspace's own templates, for any version.

    Each is filled in for the brands and locales that use it: with all facts of a notice, and, for
    warnings, without those that a notice may lack. What it quotes may be unconfirmed.
    """
    with open_workspace(root, at) as moment:
        try:
            templates = own_templates(moment.source)
        except InvalidPolicy as fault:
            return fault.problems
        workspace = load(moment.source, brands or None) if templates else None
        if workspace is None or any(file.value is None for file in workspace.shared):
            return ()
        own = ((brand, file.value) for brand, file in workspace.brands.items())
        uses = [(brand, tag) for brand, value in own if value is not None for tag in value.locales]
        problems = [
            problem
            for brand, tag in uses
            if {tag, language(tag)} & templates.keys() and (not locales or tag in locales)
            for problem in _template_problems(moment.source, workspace, brand, tag)
        ]
    return in_order(problems)


def _template_problems(
    source: Source, workspace: Workspace, brand: str, locale: str
) -> tuple[Problem, ...]:
    """Return what is wrong with the template of a brand and a locale."""
    context = lay_out(workspace, brand, locale)
    passages = (Passage("Clause", "Before", "After"),)
    day, address = long_date(date(2026, 11, 22), locale), "https://example.com/"
    some = Facts("2026-11-22", day, None, ("Changes",), (), None, address, None, None)
    every = Facts(
        *("2026-11-22", day, "Summary", ("Changes",), passages), *(address,) * 3, "policy.pdf"
    )
    try:
        own = template(source, locale)
        fill(own, context, every)
    except InvalidPolicy as fault:
        draft = any(problem.rule == UNCONFIRMED for problem in fault.problems)
        return () if draft else fault.problems
    try:
        fill(own, context, some)
    except InvalidPolicy as fault:
        return mild(fault.problems)
    return ()


def _short(shown: tuple[Passage, ...]) -> tuple[Passage, ...]:
    """Return passages if a message has room for all of them: a part would mislead."""
    size = sum(len(passage.before) + len(passage.after) for passage in shown)
    return shown if len(shown) <= _PASSAGES and size <= _ROOM else ()


# --- digests and previews ------------------------------------------------------------------------


def notice_of(
    brand: str,
    version: str,
    in_force_from: datetime,
    default_locale: str,
    messages: Mapping[str, Message],
) -> Notice:
    """Return a notice with its digests: they change with any text, attachment, or moment."""
    digests = {
        locale: message_digest(
            message.subject,
            message.text,
            message.html,
            {file.name: sha256(file.data) for file in message.attachments},
        )
        for locale, message in messages.items()
    }
    digest = notice_digest(brand, version, in_force_from, default_locale, digests)
    return Notice(brand, version, in_force_from, default_locale, messages, digests, digest)


def notice_digest(
    brand: str,
    version: str,
    in_force_from: datetime,
    default_locale: str,
    digests: Mapping[str, str],
) -> str:
    """Return the digest of a notice, from the digests of its messages."""
    begins = in_force_from.astimezone(UTC).isoformat()
    return digest_of([brand, version, begins, default_locale, dict(digests)])


def preview(prepared: Prepared, locale: str) -> bytes:
    """Return a message as mail without a recipient: the same bytes each time."""
    notice = prepared.notice
    message, mark = notice.messages[locale], notice.digests[locale]
    sender = {} if prepared.contact.startswith(FORM) else {"From": prepared.contact}
    headers = {
        "Subject": unstructured("Subject", message.subject),
        **sender,
        "Date": format_datetime(prepared.dated),
        "Message-ID": f"<{mark[:32]}@preview.invalid>",
    }
    mail = message_with(headers, default.clone(utf8=True))
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    mail.set_boundary(f"alternative-{mark[:32]}")
    for attached in message.attachments:
        mail.add_attachment(
            attached.data, maintype="application", subtype="pdf", filename=attached.name
        )
        mail.set_boundary(f"mixed-{mark[:32]}")
    mail["Content-Language"] = locale
    return mail.as_bytes()
