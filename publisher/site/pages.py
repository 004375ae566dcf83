"""What a brand's site shows → its pages: frozen text in a frame that says when it is in force."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from publisher import __version__
from publisher.archive.entries import Import
from publisher.archive.moments import day_in
from publisher.archive.notified import days_of
from publisher.policy.tree import Policy
from publisher.render.body import Body
from publisher.render.languages import direction, labels, labels_of
from publisher.render.page import content_security_policy, packaged, quoted, stylesheet
from publisher.render.style import FooterLine, Style
from publisher.site.changes import Comparing, in_known_language
from publisher.site.labels import Labels, language_name
from publisher.site.values import CHANGES, BrandSite, Document, LocaleSite, LocaleVersion

TO_CURRENT, VERSIONS = "to-current/", "versions/"
"""The addresses of the pages below a version, and of the list of versions below a locale."""
FEED, TIMEMAP, FRAGMENT = "feed.atom", "timemap.link", "policy.fragment.html"
"""The names of files below a locale."""
_RECENT = 5
_REDLINE = "site-changes.html"
_MARKS = ("marked_added", "marked_removed", "marked_moved")
_PAGES = Environment(
    loader=FunctionLoader(packaged),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page: an address in the brand's folder, and the text to click on."""

    path: str
    text: str
    locale: str = ""
    here: bool = False


class Pages:
    """Makes the pages of a brand's site."""

    def __init__(self, site: BrandSite, comparing: Comparing) -> None:
        self.site = site
        self.comparing = comparing
        self.sheet = cache(partial(_sheet, site.style))
        self.named = {(locale.locale, version.id): version for locale, version in site.versions()}

    def all(self) -> Iterator[tuple[str, bytes]]:
        """Yield all pages, each with its address in the brand's folder."""
        yield "", self._home()
        for locale in self.site.locales:
            yield f"{locale.locale}/", self._now(locale)
            yield f"{locale.locale}/{VERSIONS}", self._list(locale)
            for tag in locale.former:
                yield f"{tag}/", self._moved(locale, tag)
            for version in locale.versions:
                yield version.folder, self._version(locale, version)
                yield f"{version.folder}{CHANGES}", self._before(locale, version)
                yield f"{version.folder}{TO_CURRENT}", self._to_current(locale, version)
                for document in version.documents:
                    if document.redaction is not None:
                        path = f"{version.folder}{document.name}/"
                        yield path, self._redacted(locale, version, document)
        yield "404.html", self._unknown()

    def fragment(self, locale: LocaleSite) -> bytes:
        """Return the policy in force as a fragment, for a CMS to put into its own page."""
        version = locale.current
        frame = _Frame(self, f"{locale.locale}/{FRAGMENT}", locale)
        main = (version.main or "") if version is not None else ""
        inner = main[main.find(">") + 1 : main.rfind("</main>")]
        values = {"version": version, "inner": Markup(inner), "facts": frame.facts(version)}
        return frame.fill("site-fragment.html", locale=locale.locale, **values)

    # --- pages -----------------------------------------------------------------------------------

    def _home(self) -> bytes:
        first = self.site.locales[0]
        frame = _Frame(self, "", first)
        cards = [self._card(locale) for locale in self.site.locales]
        recent = [self._row(frame, first, version) for version in first.versions[:_RECENT]]
        return frame.page("site-home.html", frame.t("centre"), cards=cards, recent=recent)

    def _card(self, locale: LocaleSite) -> dict[str, Any]:
        frame = _Frame(self, "", locale)
        version = locale.current
        title = next((v.title for v in (version, *locale.versions) if v and v.title), "")
        return {
            "t": frame.t,
            "locale": locale.locale,
            "language": language_name(locale.locale),
            "title": title or frame.t("centre"),
            "page": frame.to(f"{locale.locale}/"),
            "facts": frame.facts(version),
            "pdf": frame.document(version, "policy.pdf"),
            "changes": frame.changes(version),
            "older": frame.to(f"{locale.locale}/{VERSIONS}"),
            "ended": "" if version else frame.absence(locale)[0],
            "upcoming_note": frame.upcoming_note(locale),
        }

    def _now(self, locale: LocaleSite) -> bytes:
        version = locale.current
        frame = _Frame(self, f"{locale.locale}/", locale)
        if version is None:
            title, text = frame.absence(locale)
            links = self._instead(locale, frame)
            return frame.notice(title, text, links)
        return self._policy(frame, locale, version)

    def _instead(self, locale: LocaleSite, frame: _Frame) -> list[Link]:
        links = [Link(version.folder, frame.t("read_it")) for version in locale.upcoming[:1]]
        if locale.last is not None:
            links.append(Link(locale.last.folder, frame.t("read_last")))
        return [*links, Link(f"{locale.locale}/{VERSIONS}", frame.t("all_versions"))]

    def _version(self, locale: LocaleSite, version: LocaleVersion) -> bytes:
        return self._policy(_Frame(self, version.folder, locale, version), locale, version)

    def _policy(self, frame: _Frame, locale: LocaleSite, version: LocaleVersion) -> bytes:
        """Return a page with the text of a version: the frozen one, or the extracted one."""
        t = frame.t
        title = version.title or t("version", version=version.id)
        main, note = self._text(frame, version)
        clauses = version.policy.clauses if version.policy is not None else ()
        rows = [self._row(frame, locale, other) for other in locale.versions[:_RECENT]]
        return frame.page(
            "site-policy.html",
            title,
            version=version,
            facts=frame.facts(version),
            main=main,
            note=note,
            contents=[
                (clause.id, clause.number, clause.title) for clause in clauses if clause.title
            ],
            contents_label=frame.own["contents"],
            pdf=frame.document(version, "policy.pdf"),
            files=[frame.file(version, document) for document in version.documents],
            files_note=t(_files_note(version), command="sha256sum FILE"),
            sums=frame.to(f"{version.folder}SHA256SUMS"),
            linked=frame.to(f"{version.folder}policy.jsonld"),
            changes=frame.changes(version),
            to_current=self._comparison(frame, locale, version),
            upcoming_note=frame.upcoming_note(locale) if version.standing == "current" else None,
            recent=rows,
        )

    def _text(self, frame: _Frame, version: LocaleVersion) -> tuple[Markup | None, str]:
        """Return the text to show, and a note on it."""
        if version.main is not None:
            return Markup(version.main), ""
        if isinstance(version.version, Import):
            if version.policy is None:
                return None, frame.t("no_text")
            return _extracted(version.policy), frame.t("text_note")
        return None, frame.t("no_page")

    def _comparison(self, frame: _Frame, locale: LocaleSite, version: LocaleVersion) -> str:
        """Return the address of the comparison with the version in force, if there is one."""
        there = locale.current is not None and version.standing not in ("current", "corrected")
        return frame.to(f"{version.folder}{TO_CURRENT}") if there else ""

    def _list(self, locale: LocaleSite) -> bytes:
        frame = _Frame(self, f"{locale.locale}/{VERSIONS}", locale)
        rows = [self._row(frame, locale, version) for version in locale.versions]
        return frame.page("site-versions.html", frame.t("all_versions"), rows=rows)

    def line(self, locale: LocaleSite, version: LocaleVersion) -> str:
        """Return what a version changed, in a line: the summary of its release, or its words."""
        before = locale.before(version)
        changes = self.comparing.compare(before, version) if before is not None else None
        return version.summary or (changes.line if changes is not None else "")

    def _row(self, frame: _Frame, locale: LocaleSite, version: LocaleVersion) -> dict[str, Any]:
        t = frame.t
        before = locale.before(version)
        changes = self.comparing.compare(before, version) if before is not None else None
        return {
            "id": version.id,
            "standing": version.standing,
            "state": t(f"is_{version.standing}"),
            "period": period(t, version),
            "page": frame.to(version.folder),
            "pdf": frame.document(version, "policy.pdf"),
            "change": t(version.change) if version.change else "",
            "summary": version.summary or "",
            "line": (changes.line or t("no_changes")) if changes is not None else "",
            "changes": frame.to(f"{version.folder}{CHANGES}") if changes is not None else "",
            "to_current": self._comparison(frame, locale, version),
            "notified": notified(t, version),
            "published": t("published", day=version.published) if version.change else "",
            "clock": clock_corrected(t, version),
        }

    def _before(self, locale: LocaleSite, version: LocaleVersion) -> bytes:
        frame = _Frame(self, f"{version.folder}{CHANGES}", locale, version)
        before = locale.before(version)
        if before is None:
            why = "no_before" if version.datable else "no_before_known"
            return self._no_redline(frame, version, frame.t("changes_before"), frame.t(why))
        return self._redline(frame, before, version, frame.t("changes_before"))

    def _to_current(self, locale: LocaleSite, version: LocaleVersion) -> bytes:
        frame = _Frame(self, f"{version.folder}{TO_CURRENT}", locale, version)
        current, title = locale.current, frame.t("changes_current")
        if current is None or current == version:
            why = "no_current" if current is None else "same_as_current"
            return self._no_redline(frame, version, title, frame.t(why))
        old, new = (current, version) if version in locale.upcoming else (version, current)
        return self._redline(frame, old, new, title)

    def _redline(self, frame: _Frame, old: LocaleVersion, new: LocaleVersion, title: str) -> bytes:
        changes = self.comparing.compare(old, new)
        if changes is None:
            return self._no_redline(frame, new, title, frame.t("not_comparable"))
        sides = [self._side(frame, "before", old), self._side(frame, "after", new)]
        return frame.page(
            _REDLINE,
            title,
            main=Markup(changes.main),
            sides=sides,
            summary=new.summary if old == frame.locale.before(new) else "",
        )

    def _side(self, frame: _Frame, name: str, version: LocaleVersion) -> dict[str, str]:
        return {
            "name": frame.own[name],
            "id": version.id,
            "page": frame.to(version.folder),
            "state": frame.t(f"is_{version.standing}"),
            "period": period(frame.t, version),
        }

    def _no_redline(self, frame: _Frame, version: LocaleVersion, title: str, text: str) -> bytes:
        links = [Link(version.folder, frame.t("version", version=version.id))]
        return frame.notice(title, text, links)

    def _redacted(self, locale: LocaleSite, version: LocaleVersion, document: Document) -> bytes:
        frame = _Frame(self, f"{version.folder}{document.name}/", locale, version)
        entry = document.redaction
        day = entry.recorded_at.date() if entry is not None else None
        text = frame.t("redacted_text", day=day)
        links = [Link(version.folder, frame.t("version", version=version.id))]
        return frame.notice(frame.t("redacted"), text, links, document.sha256)

    def _moved(self, locale: LocaleSite, tag: str) -> bytes:
        frame = _Frame(self, f"{tag}/", locale)
        links = [Link(f"{locale.locale}/", frame.t("moved_link"))]
        title, text = frame.t("moved"), frame.t("moved_text")
        return frame.notice(title, text, links)

    def _unknown(self) -> bytes:
        frame = _Frame(self, "404.html", self.site.locales[0])
        links = [
            Link(f"{locale.locale}/{VERSIONS}", language_name(locale.locale), locale.locale)
            for locale in self.site.locales
        ]
        return frame.notice(frame.t("not_found"), frame.t("not_found_text"), links)


def _sheet(style: Style, marks: tuple[str, ...], template: str) -> str:
    """Return the stylesheet of a page; a redline's has the words that mark changes."""
    sheets = [stylesheet("screen.css", style, {})]
    if template == _REDLINE:
        words = dict(zip(_MARKS, map(quoted, marks), strict=True))
        sheets.append(stylesheet("redline.css", style, words))
    sheets.append(stylesheet("site.css", style, {}))
    text = "\n".join(sheet.strip() for sheet in sheets)
    return f"\n{text}\n"


def _extracted(policy: Policy) -> Markup:
    """Return the text of an imported document, as its clauses."""
    body = Body(labels_of(in_known_language(policy)), {}, printed=False)
    parts = [
        Markup('<section id="{}">\n{}{}</section>\n').format(
            clause.id,
            Markup("<h2>{}</h2>\n").format(clause.title) if clause.title else "",
            body.clause(clause),
        )
        for clause in policy.clauses
    ]
    return Markup('<main id="_policy">\n{}</main>').format(Markup("").join(parts))


def _files_note(version: LocaleVersion) -> str:
    """Return the name of the label for a version's files."""
    return "files_note_imported" if isinstance(version.version, Import) else "files_note"


def period(t: Labels, version: LocaleVersion) -> str:
    """Return in words when a version is in force, or is asserted to have been."""
    since, until = version.period.since, version.period.until
    if since is None:
        return t("unknown_day")
    if version.period.empty:
        return t("never_period", day=since)
    if until is None:
        return t("from" if version.standing in ("upcoming", "imported") else "since", day=since)
    if until == since:
        return t("hours", first=since) if version.period.ends_within else t.day(since)
    return t("from_to", first=since, last=until)


def notified(t: Labels, version: LocaleVersion) -> str:
    """Return in words when customers were told about a version, if that is recorded."""
    days = [day for entry in version.notices for day in days_of(entry)]
    if not days:
        return ""
    first, last = min(days), max(days)
    if first == last:
        return t("notified", day=first)
    return t("notified_between", first=first, last=last)


def clock_corrected(t: Labels, version: LocaleVersion) -> str:
    """Return a note that a clock was wrong when a version was recorded, if it was."""
    entry = version.version
    if entry.clock is None:
        return ""
    wrong, right = (day_in(one.recorded_at, one.timezone) for one in (entry.as_written, entry))
    return t("clock_corrected", wrong=wrong, day=right)


class _Frame:
    """What surrounds the text of a page at an address: for a locale, and of a version, if any."""

    def __init__(
        self, pages: Pages, path: str, locale: LocaleSite, version: LocaleVersion | None = None
    ) -> None:
        self.site = pages.site
        self.sheet = pages.sheet
        self.named = pages.named
        self.path = path
        self.locale = locale
        self.version = version
        own = locale.own_texts
        self.t = Labels(locale.locale, own)
        self.own = own.kinds["labels"] if own is not None else labels(self.t.locale)

    def to(self, path: str) -> str:
        """Return the relative address of another page, or file, of the same brand."""
        here = self.path if self.path.endswith("/") else posixpath.dirname(self.path)
        target = posixpath.relpath(path or ".", here or ".")
        return f"{target}/" if not path or path.endswith("/") else target

    def absolute(self, path: str) -> str:
        """Return the whole address of a page, or the relative one if that is unknown."""
        base = self.site.base_url
        return f"{base}{path}" if base is not None else self.to(path)

    def document(self, version: LocaleVersion | None, name: str) -> str:
        """Return the address of a document of a version, if it has one."""
        there = version is not None and version.document(name) is not None
        return self.to(f"{version.folder}{name}") if there and version is not None else ""

    def changes(self, version: LocaleVersion | None) -> str:
        """Return the address of the changes in a version, if there is one before it."""
        there = version is not None and self.locale.before(version) is not None
        return self.to(f"{version.folder}{CHANGES}") if there and version is not None else ""

    def file(self, version: LocaleVersion, document: Document) -> dict[str, Any]:
        """Return the facts about a document that a page shows."""
        redaction = document.redaction
        ending = "/" if redaction is not None else ""
        day = redaction.recorded_at.date() if redaction is not None else None
        return {
            "name": document.name,
            "page": self.to(f"{version.folder}{document.name}{ending}"),
            "size": "" if redaction else self.t("bytes", size=max(1, document.size // 1000)),
            "redacted": self.t("redacted_short", day=day) if day is not None else "",
            "sha256": document.sha256,
        }

    def facts(self, version: LocaleVersion | None) -> list[str]:
        """Return when a version is in force, when its words changed last, and its id."""
        if version is None:
            return []
        t, since = self.t, version.period.since
        if version.standing == "current" and since is not None:
            facts = [t("in_force_since", day=since)]
        elif version.standing == "upcoming" and since is not None:
            facts = [t("comes_on", day=since)]
        else:
            facts = [f"{t('period')}: {period(t, version)}"]
        if version.last_updated is not None:
            facts.append(t("last_updated", day=version.last_updated))
        facts += filter(None, [clock_corrected(t, version)])
        return [*facts, t("version", version=version.id)]

    def absence(self, locale: LocaleSite) -> tuple[str, str]:
        """Return why no version is in force in a locale: as a title, and as a text."""
        t, last = self.t, locale.last
        coming = locale.upcoming[0].period.since if locale.upcoming else None
        if last is not None and last.period.until is not None:
            alone = all(site.current is None for site in self.site.locales)
            return t("ended_brand" if alone else "ended"), t("ended_text", day=last.period.until)
        if coming is not None:
            return t("not_yet"), t("not_yet_text", day=coming)
        return t("none"), t("none_text")

    def upcoming_note(self, locale: LocaleSite) -> dict[str, str] | None:
        """Return the note on the version to come, if there is one."""
        version = next(iter(locale.upcoming), None)
        if version is None:
            return None
        return {
            "text": self.t("to_come", day=version.period.since),
            "page": self.to(version.folder),
            "changes": self.to(f"{version.folder}{TO_CURRENT}"),
        }

    def banner(self) -> dict[str, str] | None:
        """Return the banner of a version that is not in force."""
        version = self.version
        if version is None or version.standing == "current":
            return None
        t, current = self.t, self.locale.current
        instead = f"{self.locale.locale}/" if current is not None else ""
        last = self.locale.last if current is None and self.locale.last != version else None
        return {
            "text": t(f"banner_{version.standing}"),
            "more": self._more(version),
            "link": self.to(instead or (last.folder if last is not None else "")),
            "name": t("read_current") if instead else t("read_last") if last else t("centre"),
        }

    def _more(self, version: LocaleVersion) -> str:
        t, period = self.t, version.period
        match version.standing:
            case "imported" if period.since is None:
                return t("more_imported_unknown")
            case "corrected":
                return t("more_corrected", by=getattr(period.ended_by, "version", ""))
            case "upcoming" | "never":
                return t(f"more_{version.standing}", day=period.since)
            case standing:
                values = {"first": period.since, "last": period.until}
                return t(f"more_{standing}", **values)

    @cached_property
    def indexed(self) -> bool:
        """Whether search engines are to show the page: it is about what is in force."""
        of_now = self.version is None or self.version.standing == "current"
        kept = self.locale.current is not None or not self.path
        return (
            of_now
            and kept
            and self.path != "404.html"
            and not self.path.endswith((CHANGES, TO_CURRENT))
        )

    @cached_property
    def canonical(self) -> str:
        """The address that search engines are to show in place of the page's own."""
        if self.version is not None:
            return f"{self.locale.locale}/"
        return "" if self.path == "404.html" else self.path

    def languages(self) -> list[Link]:
        """Return the page in other languages: of the same version, or of the one in force."""
        links = []
        for other in self.site.locales:
            same = self.named.get((other.locale, self.version.id)) if self.version else None
            tail = self._tail()
            path = f"{same.folder}{tail}" if same is not None else f"{other.locale}/"
            if self.version is None and tail == VERSIONS:
                path = f"{other.locale}/{VERSIONS}"
            here = other.locale == self.locale.locale
            links.append(Link(path, language_name(other.locale), other.locale, here))
        return links

    def _tail(self) -> str:
        return next((e for e in (CHANGES, TO_CURRENT, VERSIONS) if self.path.endswith(e)), "")

    def crumbs(self) -> list[Link]:
        """Return the path to the page: the brand, the policy, the version."""
        t = self.t
        title = next((v.title for v in self.locale.versions if v.title), t("centre"))
        ways = [Link("", t("centre"))]
        if self.path not in ("", "404.html"):
            ways.append(Link(f"{self.locale.locale}/", title))
        if self.path.endswith(VERSIONS) or self.version is not None:
            ways.append(Link(f"{self.locale.locale}/{VERSIONS}", t("all_versions")))
        if self.version is not None:
            ways.append(Link(self.version.folder, self.version.id))
        return [way for way in ways if way.path != self.path]

    def asking(self) -> str:
        """Return how to ask for more, as a released text names the controller."""
        known = next((v.policy for v in self.locale.versions if v.policy and v.main), None)
        if known is None:
            return ""
        address = ", ".join(known.controller.address)
        return self.t("ask_text", controller=known.controller.name, address=address)

    def notice(self, title: str, text: str, links: Sequence[Link], sha256: str = "") -> bytes:
        """Return a page that says why a text is missing, and where to continue."""
        return self.page("site-notice.html", title, text=text, links=links, sha256=sha256)

    def page(self, template: str, title: str, **values: Any) -> bytes:
        """Return a page with the frame around it."""
        css = self.sheet(tuple(self.own[mark] for mark in _MARKS), template)
        shared = {
            "absolute": self.absolute,
            "asking": self.asking(),
            "banner": self.banner(),
            "canonical": self.absolute(self.canonical),
            "content_security_policy": content_security_policy(css),
            "crumbs": self.crumbs(),
            "css": Markup(css),
            "direction": direction(self.t.locale),
            "feed": self.to(f"{self.locale.locale}/{FEED}"),
            "footer": self._footer(),
            "generator": f"publisher {__version__}",
            "header_link": self._header_link(),
            "indexed": self.indexed,
            "languages": self.languages(),
            "list_json": self.to("versions.json"),
            "locale": self.t.locale,
            "text_locale": self.locale.locale,
            "redline": template == _REDLINE,
            "standing": self.version.standing if self.version is not None else "now",
            "timemap": self.to(f"{self.locale.locale}/{TIMEMAP}") if self.site.base_url else "",
            "title": title,
        }
        return self.fill(template, **shared, **values)

    def fill(self, template: str, **values: Any) -> bytes:
        """Return a template, filled in."""
        site = self.site
        known = {"t": self.t, "site": site, "to": self.to, "home": self.to(""), "frame": self}
        return _PAGES.get_template(template).render(known | values).encode()

    def _footer(self) -> list[FooterLine]:
        with suppress(KeyError):  # a locale that ended may be missing in the theme of today
            return self.site.style.footer(self.locale.locale)
        return []

    def _header_link(self) -> FooterLine | None:
        with suppress(KeyError):
            return self.site.style.header_link(self.locale.locale)
        return None
