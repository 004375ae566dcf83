"""The files of a brand's site for software: feeds, lists by date, metadata, headers for hosts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from publisher.policy.tree import Controller
from publisher.site.labels import Labels
from publisher.site.pages import FEED, FRAGMENT, TIMEMAP, VERSIONS, Pages, notified, period
from publisher.site.values import BrandSite, LocaleSite, LocaleVersion

SUMS, LINKED = "SHA256SUMS", "policy.jsonld"
_ATOM = "http://www.w3.org/2005/Atom"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_MEDIA = {
    ".pdf": "application/pdf",
    ".html": "text/html",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".json": "application/json",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_FOREVER = "public, max-age=31536000, immutable, no-transform"
_SHORT = "public, max-age=300, no-transform"
HOSTS = ("_headers", "_redirects", "nginx.conf")
"""The files with which hosts serve the others; they have no addresses."""


def machine_files(pages: Pages) -> Iterator[tuple[str, bytes]]:
    """Yield all files for software and for hosts, except ``versions.json``, by their paths."""
    site = pages.site
    for locale in site.locales:
        yield f"{locale.locale}/{FEED}", _feed(pages, locale)
        yield f"{locale.locale}/{FRAGMENT}", pages.fragment(locale)
        if site.base_url is not None:
            yield f"{locale.locale}/{TIMEMAP}", _timemap(site.base_url, locale)
        for version in locale.versions:
            yield f"{version.folder}{LINKED}", _linked(site, version)
    if site.base_url is not None:
        yield "sitemap.xml", _sitemap(site, site.base_url)
    prefix = urlsplit(site.base_url).path if site.base_url is not None else "/"
    yield HOSTS[0], _headers(site, prefix).encode()
    yield HOSTS[1], _redirects(site, prefix).encode()
    yield HOSTS[2], _nginx(site, prefix).encode()


# --- versions over time --------------------------------------------------------------------------


def _feed(pages: Pages, locale: LocaleSite) -> bytes:
    """Return the feed of a locale's versions (Atom, RFC 4287), newest first.

    Its id does not depend on where it is served: `tag:` addresses (RFC 4151) have the domain that
    the version itself names.
    """
    site, t = pages.site, Labels(locale.locale, locale.own_texts)
    feed = Element("feed", {"xmlns": _ATOM, "xml:lang": t.locale})
    oldest = locale.versions[-1]
    newest = max(map(_updated, locale.versions))
    _text(feed, "id", f"{_tag(site, oldest)}/{locale.locale}")
    _text(feed, "title", f"{site.name}: {t('all_versions')}")
    _text(feed, "updated", _stamp(newest))
    _text(SubElement(feed, "author"), "name", site.name)
    page = f"{site.base_url or '../'}{locale.locale}/"
    SubElement(feed, "link", {"rel": "self", "href": f"{page}{FEED}"})
    SubElement(feed, "link", {"rel": "alternate", "href": f"{page}{VERSIONS}"})
    for version in locale.versions:
        entry = SubElement(feed, "entry")
        _text(entry, "id", f"{_tag(site, version)}/{version.locale}/{version.id}")
        _text(entry, "title", f"{version.title or t('centre')} ({version.id})")
        _text(entry, "updated", _stamp(_updated(version)))
        href = f"{site.base_url or '../'}{version.folder}"
        SubElement(entry, "link", {"rel": "alternate", "href": href})
        notice = notified(t, version)
        parts = (
            f"{t('period')}: {period(t, version)}.",
            f"{notice}." if notice else "",
            pages.line(locale, version),
        )
        _text(entry, "summary", " ".join(filter(None, parts)))
    return _xml(feed)


def _updated(version: LocaleVersion) -> datetime:
    """Return when a version was recorded, or the newest notice of it."""
    notices = (entry.recorded_at for entry in version.notices)
    return max((version.version.recorded_at, *notices))


def _tag(site: BrandSite, version: LocaleVersion) -> str:
    policy = version.policy
    domain = policy.brand.domain if policy is not None and version.main else site.domain
    return f"tag:{domain},{version.published.year}:{version.version.brand}"


def _timemap(base: str, locale: LocaleSite) -> bytes:
    """Return the versions with the moments from which they were in force (Memento, RFC 7089, 5).

    A day begins where the brand is: the moments are those of its time zone, written in UTC.
    """
    shown = [
        (v.period.begins, v)
        for v in reversed(locale.versions)
        if v.datable and not v.period.empty and v.standing != "upcoming"
    ]
    dated = sorted(((at, v) for at, v in shown if at is not None), key=lambda pair: pair[0])
    page = f"{base}{locale.locale}/"
    between = ""
    if dated:
        between = f'; from="{_http(dated[0][0])}"; until="{_http(dated[-1][0])}"'
    lines = [
        f'<{page}>; rel="original"',
        f'<{page}{TIMEMAP}>; rel="self"; type="application/link-format"{between}',
    ]
    for at, (begins, version) in enumerate(dated):
        first, last = at == 0, at == len(dated) - 1
        rel = " ".join(["first"] * first + ["last"] * last + ["memento"])
        lines.append(f'<{base}{version.folder}>; rel="{rel}"; datetime="{_http(begins)}"')
    return (",\n".join(lines) + "\n").encode()


def _linked(site: BrandSite, version: LocaleVersion) -> bytes:
    """Return a version in the terms of schema.org (JSON-LD)."""
    base, period, policy = site.base_url or "", version.period, version.policy
    page = f"{base}{version.folder}" if base else "./"
    covered = f"{period.since or '..'}/{period.until or '..'}"
    facts = {
        "@context": "https://schema.org",
        "@type": "DigitalDocument",
        "@id": page,
        "name": version.title or None,
        "inLanguage": version.locale,
        "version": version.id,
        "creativeWorkStatus": version.standing,
        "datePublished": version.published.isoformat(),
        "dateModified": version.last_updated.isoformat() if version.last_updated else None,
        "temporalCoverage": None if period.empty or period.since is None else covered,
        "abstract": version.summary,
        "about": {"@type": "Brand", "name": site.name, "url": f"https://{site.domain}/"},
        "publisher": _organization(policy.controller) if policy is not None else None,
        "encoding": [
            {
                "@type": "MediaObject",
                "contentUrl": f"{page}{document.name}",
                "encodingFormat": _media(document.name),
                "contentSize": str(document.size),
                "sha256": document.sha256,
            }
            for document in version.documents
            if document.redaction is None
        ],
    }
    kept = {name: value for name, value in facts.items() if value is not None}
    return (json.dumps(kept, ensure_ascii=False, indent=1) + "\n").encode()


def _organization(controller: Controller) -> dict[str, str] | None:
    """Return what is known of a controller: for an imported document, only its name."""
    if not controller.name:
        return None
    named = {"@type": "Organization", "name": controller.name}
    address = ", ".join(controller.address)
    return {**named, "address": address} if address else named


def _sitemap(site: BrandSite, base: str) -> bytes:
    """Return the pages that search engines are to show (sitemaps.org)."""
    urls = Element("urlset", {"xmlns": _SITEMAP})
    current = [locale for locale in site.locales if locale.current is not None]
    paths = ["", *(f"{locale.locale}/{below}" for locale in current for below in ("", VERSIONS))]
    for path in paths:
        url = SubElement(urls, "url")
        SubElement(url, "loc").text = f"{base}{path}"
    return _xml(urls)


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def _xml(root: Element) -> bytes:
    indent(root, " ")
    text: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _http(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)


# --- hosts ---------------------------------------------------------------------------------------


def _media(name: str) -> str:
    ending = f".{name.rpartition('.')[2]}"
    return _MEDIA.get(ending, "application/octet-stream").partition(";")[0]


def _common(site: BrandSite) -> dict[str, str]:
    """Return the headers of all files; pages name the rest of their policies themselves."""
    around = f"frame-ancestors 'self' https://{site.domain} https://*.{site.domain}"
    return {
        "Content-Security-Policy": around,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _kinds(site: BrandSite) -> list[tuple[str, dict[str, str]]]:
    """Return the places of files, with ``:name`` for a folder, and the headers for each.

    Only one place fits each file: some hosts join the headers of all that do.
    """
    frozen = {document.name for _, v in site.versions() for document in v.documents}
    kinds = [
        (
            f":locale/:version/{name}",
            {"Cache-Control": _FOREVER, "X-Robots-Tag": "noindex"} | _typed(name),
        )
        for name in sorted(frozen | {SUMS})
    ]
    places = ["", ":locale/", ":locale/:page/", ":locale/:version/:page/"]
    kinds += [(place, {"Cache-Control": _SHORT}) for place in places]
    own = [LINKED, FEED, TIMEMAP, FRAGMENT, "versions.json", "sitemap.xml"]
    folders = [":locale/:version/", *[":locale/"] * 3, "", ""]
    return kinds + [
        (f"{folder}{name}", {"Cache-Control": _SHORT} | _typed(name))
        for folder, name in zip(folders, own, strict=True)
    ]


def _typed(name: str) -> dict[str, str]:
    """Return the header for a type that hosts do not know by the name of the file."""
    types = {
        SUMS: "text/plain; charset=utf-8",
        LINKED: "application/ld+json",
        FEED: "application/atom+xml; charset=utf-8",
        TIMEMAP: "application/link-format",
    }
    media = types.get(name) or (_MEDIA[".md"] if name.endswith(".md") else None)
    return {"Content-Type": media} if media is not None else {}


def _headers(site: BrandSite, prefix: str) -> str:
    """Return the headers as Netlify and Cloudflare Pages read them."""
    blocks = [(f"{prefix}*", _common(site))]
    blocks += [(f"{prefix}{place}", headers) for place, headers in _kinds(site)]
    lines = ["# Written by `publisher site`."]
    for place, headers in blocks:
        lines += [place, *(f"  {name}: {value}" for name, value in headers.items()), ""]
    return "\n".join(lines)


def _ways(site: BrandSite) -> Iterator[tuple[str, str]]:
    """Yield the addresses that lead to a file of the version in force, whichever that is."""
    for locale in site.locales:
        version = locale.current
        for document in version.documents if version is not None else ():
            if version is not None and document.redaction is None:
                yield f"{locale.locale}/{document.name}", f"{version.folder}{document.name}"


def _redirects(site: BrandSite, prefix: str) -> str:
    lines = [f"{prefix}{old} {prefix}{new} 302" for old, new in _ways(site)]
    return "\n".join(["# Written by `publisher site`.", *lines, ""])


def _nginx(site: BrandSite, prefix: str) -> str:
    """Return a file to include in a server block of nginx."""
    lines = [
        "# Written by `publisher site`; include it in the server block that has the folder.",
        f"location {prefix} {{",
        "  try_files $uri $uri/index.html =404;",
        f"  error_page 404 {prefix}404.html;",
        *_added(_common(site) | {"Cache-Control": _SHORT}),
        "}",
    ]
    for place, headers in _kinds(site):
        if place and not place.endswith("/"):
            pattern = re.escape(prefix + place).replace(":locale", "[^/]+")
            lines.append(f"location ~ ^{pattern.replace(':version', '[^/]+')}$ {{")
            media = headers.get("Content-Type")
            others = {name: text for name, text in headers.items() if name != "Content-Type"}
            lines += [f'  types {{ }} default_type "{media}";'] if media else []
            lines += [*_added(_common(site) | others), "}"]
    for old, new in _ways(site):
        lines.append(f"location = {prefix}{old} {{ return 302 {prefix}{new}; }}")
    return "\n".join([*lines, ""])


def _added(headers: dict[str, str]) -> Iterator[str]:
    for name, value in headers.items():
        yield f'  add_header {name} "{value}";'
