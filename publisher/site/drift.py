"""``publisher drift``: which version the page on the web shows, word for word.

The reader of old documents separates the words of the page from everything around them. All of a
version's words must be there, one after the other; what is before and after them is the site's own,
and is reported.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, groupby
from pathlib import Path
from urllib.parse import urljoin

from publisher.archive.entries import Release, sha256
from publisher.archive.fields import Shown
from publisher.archive.issued import released
from publisher.archive.lineage import Lineage
from publisher.errors import AskedWrongly, NotADocument, UnknownName
from publisher.files.named import Unread, read_named
from publisher.intake import extract, format_of, policy_of
from publisher.intake.clauses import unnumbered
from publisher.intake.draft import Extracted, counted
from publisher.intake.formats import charset_of
from publisher.policy.tree import Clause, Link, Policy, inlines_in, plain_text, runs_in
from publisher.problem import visible
from publisher.redline import redline
from publisher.redline.values import Difference, Origin
from publisher.render.languages import labels_of, long_date
from publisher.render.style import plain_style
from publisher.repository.source import ArchiveFolder, FolderSource, Source
from publisher.site.changes import in_known_language
from publisher.site.contents import Look, read_site
from publisher.site.drift_fetch import Allowed, Fetched, PageUnread, fetch
from publisher.site.values import LocaleSite, LocaleVersion
from publisher.workspace import brands_in, parsed_brand

_LEAST = 0.1
"""The share of a version's words that a page must have to count as a policy."""
_HIDDEN = re.compile(
    r"<(a|span)\b(?>[^<>]*\bdata-cfemail=[\"']([0-9a-fA-F]{4,600})[\"'])[^<>]*+>[^<]{0,200}</\1\s*>"
)
_HIDDEN_LINK = re.compile(r"/cdn-cgi/l/email-protection#([0-9a-fA-F]{4,600})")
_STRUCK = re.compile(r"<(del|s|strike)(?=[\s>])", re.IGNORECASE)
_ANCHOR = re.compile(
    r"<a\b(?>[^<>]*\bhref=[\"']?#)[^<>]*+>\s{0,9}(?:[#¶§🔗]|&para;|&sect;|&#182;)\s{0,9}</a\s*>",
    re.IGNORECASE,
)
"""A mark beside a title that leads to it."""
_CONTROLS = re.compile(
    r"\b(?:aria-controls|data-(?:bs-)?target)\s*=\s*[\"']#?([^\"'<>\s]+)[\"']", re.IGNORECASE
)
_PANEL = re.compile(r"<[a-z](?>[^<>]*\bid\s*=\s*[\"']([^\"'<>\s]+)[\"'])[^<>]*+>", re.IGNORECASE)
_CLOSED = re.compile(
    r"\shidden(?:=(?:[\"'][^\"'<>]*[\"']))?(?=[\s>])|\saria-hidden\s*=\s*[\"']?true[\"']?"
    r"|(?:display\s*:\s*none|visibility\s*:\s*hidden)",
    re.IGNORECASE,
)
_HREF = re.compile(r"\bhref\s*=\s*([\"'])([^\"'<>#][^\"'<>]*)\1", re.IGNORECASE)
_FOLDED = {
    **str.maketrans("’‘‚‛“”„‟\u00a0\u202f‐‑", "''''\"\"\"\"  --", "\u00ad\u200b\u2060\ufeff"),
    **{ord(sign): unicodedata.normalize("NFKC", sign) for sign in "ﬀﬁﬂﬃﬄﬅﬆ"},
}
"""Quotes, spaces, hyphens and ligatures of sites, as they are typed; and invisible characters.
"""
_CONTEXT = 4
_FEW = 8
_NEARER = 2


@dataclass(frozen=True, slots=True)
class WordsDiffer:
    """A place where a page has words that a version does not: in which clause, and after what.

    `expected` are the version's words, `shown` those of the page; either may be empty.
    """

    clause: str
    behind: str
    expected: str
    shown: str


@dataclass(frozen=True, slots=True)
class Drift:
    """What a page shows: all words of `version`, the nearest one, or all except the differences.

    `current` is the version in force, if any. `archive` and `tag` are the names of the brand and
    the locale in the archive of `version`. `difference` is the redline of `version` and the page.
    `notes` are worth knowing, but not faults.
    """

    brand: str
    locale: str
    page: str
    sha256: str
    verdict: Shown
    version: str
    standing: str
    current: str | None
    differences: tuple[WordsDiffer, ...]
    notes: tuple[str, ...]
    difference: Difference = field(repr=False)
    archive: str
    tag: str
    fetched: Fetched | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a text in their order, each with the title of its clause; and its addresses."""

    words: tuple[str, ...]
    clauses: tuple[str, ...]
    addresses: Counter[str]


def drift(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    now: datetime,
    *,
    page: str | None = None,
    locale: str | None = None,
    allowed: Allowed | None = None,
) -> Drift:
    """Return which version of a brand a page shows: at an address, or in a saved file.

    Without `page`, it is the one that the brand's file names. Raises `PageUnread` if nothing can be
    fetched, or if it is not a policy; `AskedWrongly`, `UnknownName`, `NotADocument`,
    `NeverReleased`, `ArchiveDamaged`.
    """
    lineage = Lineage(ArchiveFolder(root))
    name = lineage.today(brand)
    shown = read_site(lineage, name, now, Look(None, None, plain_style()))
    site = _locale(shown.locales, locale)
    where = page or _default(FolderSource(root), name, site.locale)
    if "://" in where:
        fetched = fetch(where, allowed or Allowed())
        data, format, base = _decoded(fetched), fetched.format, fetched.url
    else:
        fetched, path, base = None, Path(where), ""
        data = _saved(path)
        format = format_of(path.name, data)
    verdict = _judged(lineage.archive, site, _Page(where, data, format, base))
    raw = fetched.data if fetched is not None else data
    return replace(verdict, brand=name, sha256=sha256(raw), fetched=fetched)


def _locale(sites: Sequence[LocaleSite], locale: str | None) -> LocaleSite:
    """Return the locale with a tag of today or before; raises `UnknownName`."""
    if locale is None:
        if len(sites) > 1:
            names = ", ".join(site.locale for site in sites)
            raise AskedWrongly(f"there are policies in {names}; name one with --locale")
        return sites[0]
    for site in sites:
        if locale in (site.locale, *site.former):
            return site
    raise UnknownName("locale", locale, (site.locale for site in sites))


def _default(source: Source, brand: str, locale: str) -> str:
    """Return the address of the page that a brand's file names; raises `AskedWrongly`."""
    parsed = parsed_brand(source, brand) if brand in brands_in(source) else None
    if parsed is not None and parsed.value is not None and locale in parsed.value.site.url:
        return parsed.value.site.url[locale]
    raise AskedWrongly(
        f"no address is known for the policy of {brand} in {locale}. Name its address, or "
        f"write `site: {{url: {{{locale}: https://…}}}}` in brands/{brand}/brand.yaml"
    )


def _saved(path: Path) -> bytes:
    try:
        return read_named(path)
    except Unread as fault:
        raise PageUnread(f"{path} {fault}. Name a saved page, or its address") from fault


def _decoded(fetched: Fetched) -> bytes:
    """Return a page's bytes, in UTF-8 if the server said what they are in."""
    if fetched.charset is None or fetched.format == "pdf":
        return fetched.data
    try:
        text = fetched.data.decode(charset_of(fetched.charset))
    except (LookupError, UnicodeError) as fault:
        raise PageUnread(
            f"{fetched.url} is not in {fetched.charset}, although its server says so. "
            "Correct the header"
        ) from fault
    return "\ufeff".encode() + text.removeprefix("\ufeff").encode()


# --- the verdict ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Live:
    """A page as it was read: where it is, and its text, to be compared with versions of `site`."""

    where: str
    site: LocaleSite
    text: Policy

    def shows(
        self, version: LocaleVersion, differences: tuple[WordsDiffer, ...], notes: Iterable[str]
    ) -> Drift:
        """Return the verdict that the page shows a version, except for differences."""
        current = self.site.current
        same: Shown = "in-force" if version == current else "another-version"
        old = in_known_language(_policy(version))
        new = replace(self.text, locale=old.locale, controller=old.controller)
        brand = version.version.brand
        origins = (
            Origin(version.id, "version", brand, version.id, version.period.since),
            Origin(visible(self.where), "draft", brand),
        )
        return Drift(
            brand=brand,
            locale=self.site.locale,
            page=self.where,
            sha256="",
            verdict="other-words" if differences else same,
            version=version.id,
            standing=version.standing,
            current=current.id if current is not None else None,
            differences=differences,
            notes=tuple(notes),
            difference=Difference(redline(old, new), origins, old.locale),
            archive=brand,
            tag=version.locale,
        )


@dataclass(frozen=True, slots=True)
class _Page:
    """A page as it was read; `base` is the address of its relative links, if that is known."""

    where: str
    data: bytes
    format: str
    base: str


def _extracted(where: str, data: bytes, format: str) -> Extracted:
    """Return the text of a page; a format other than HTML has limits of time and memory."""
    if format == "html":
        return extract(data, format, visible=True)
    from publisher.archive.release.import_version import Document, extract_apart

    return extract_apart(Document(where, format, data))


def _judged(archive: Source, site: LocaleSite, page: _Page) -> Drift:
    """Return the version that the text of a page is, or is nearest to; raises `PageUnread`."""
    where, data, format = page.where, page.data, page.format
    versions = [v for v in site.versions if v.policy is not None and v.standing != "corrected"]
    if not versions:
        raise AskedWrongly(f"no version in {site.locale} has a text to compare with")
    text, notes = _revealed(data, page.base) if format == "html" else (data, ())
    try:
        taken = _extracted(where, text, format)
    except NotADocument as fault:
        raise PageUnread(f"{where} {fault.reason}. Check it in a browser") from fault
    unread = (note for note in taken.notes if note not in taken.omissions)
    notes += tuple(unread) if format == "html" else ()
    live = _Live(where, site, policy_of(taken, _policy(versions[0]).brand, site.locale))
    ordered = sorted(versions, key=lambda version: version != site.current)
    for version in ordered:
        shown = _words(live.text, _own_lines(archive, version))
        for words in _ways(archive, version):
            at = _inside(words.words, shown.words)
            if at is not None and not words.addresses - shown.addresses:
                around = _around(shown, at, at + len(words.words))
                return live.shows(version, (), (*notes, *around))
    best = _nearest(ordered, _words(live.text))
    shown = _words(live.text, _own_lines(archive, best))
    _refuse_nothing(where, data, best, shown)
    return live.shows(best, tuple(_differences(best, shown)), notes)


def _policy(version: LocaleVersion) -> Policy:
    if version.policy is None:
        raise LookupError(f"version {version.id} has no text")
    return version.policy


def _ways(archive: Source, version: LocaleVersion) -> Iterator[_Words]:
    """Yield the words of a version: from its tree, and as read from its frozen page."""
    yield _words(_policy(version))
    if version.main is not None:
        page = f"<!doctype html><title>x</title>{version.main}".encode()
        read = policy_of(extract(page, "html"), _policy(version).brand, version.locale)
        yield _words(read, _own_lines(archive, version))


def _words(policy: Policy, without: frozenset[str] = frozenset()) -> _Words:
    """Return the words of a policy, except in the lines `without`."""
    words: list[str] = []
    clauses: list[str] = []
    for clause in policy.clauses:
        title = unnumbered(clause.title)
        for line in (title, *(plain_text(run) for run in runs_in(clause))):
            if _folded(line) not in without:
                spelled = _folded(line).split()
                words += spelled
                clauses += [title] * len(spelled)
    return _Words(tuple(words), tuple(clauses), Counter(_addresses(policy.clauses)))


def _folded(text: str) -> str:
    """Return a text as sites set it: curly quotes as straight ones, white space as spaces."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_FOLDED).split())


def _addresses(clauses: Iterable[Clause]) -> Iterator[str]:
    """Yield the targets of links, except those in the policy."""
    for inline in chain.from_iterable(inlines_in(clause) for clause in clauses):
        if isinstance(inline, Link) and ":" in inline.target:
            yield inline.target.rstrip("/")


def _own_lines(archive: Source, version: LocaleVersion) -> frozenset[str]:
    """Return the toolkit's own lines between the words on the pages of a version."""
    entry = version.version
    if not isinstance(entry, Release) or version.policy is None:
        return frozenset()
    label = labels_of(in_known_language(version.policy))["last_changed"]
    days = set(released(archive, entry, version.locale).clauses.values())
    return frozenset(_folded(f"{label} {long_date(day, version.locale)}") for day in days)


def _inside(words: tuple[str, ...], text: tuple[str, ...]) -> int | None:
    """Return where all words are in a text, one after the other; None if they are not."""
    if not words:
        return None
    length, first = len(words), words[:_FEW]
    starts = (at for at, word in enumerate(text) if word == words[0])
    likely = (at for at in starts if text[at : at + _FEW][:length] == first)
    return next((at for at in likely if text[at : at + length] == words), None)


def _nearest(versions: Sequence[LocaleVersion], shown: _Words) -> LocaleVersion:
    """Return the nearest version: the first one, unless another is far nearer.

    The first one is the version in force, which the page should show.
    """
    away = [_distance(_words(_policy(version)), shown) for version in versions]
    nearest = min(range(len(versions)), key=away.__getitem__)
    return versions[nearest if away[nearest] * _NEARER < away[0] else 0]


def _around(shown: _Words, first: int, last: int) -> Iterator[str]:
    """Yield what a page says before and after a policy."""
    for where, words in (("before", shown.words[:first]), ("behind", shown.words[last:])):
        if words:
            more = f" … ({len(words)} words)" if len(words) > 12 else ""
            yield f"{where} the policy, the page says: {' '.join(words[:12])}{more}"


def _distance(old: _Words, new: _Words) -> int:
    from rapidfuzz.distance import Indel

    return int(Indel.distance(old.words, new.words))


def _refuse_nothing(where: str, data: bytes, version: LocaleVersion, shown: _Words) -> None:
    """Raise `PageUnread` for a page that has almost nothing of a policy."""
    own = _words(_policy(version)).words
    common = (len(own) + len(shown.words) - _distance(_words(_policy(version)), shown)) / 2
    if common >= _LEAST * len(own) and len(shown.words) >= _LEAST * len(own):
        return
    what = "is not the policy, but an error page or another page"
    if re.search(rb"type\s*=\s*[\"']?password", data, re.IGNORECASE):
        what = "asks for a password"
    elif len(shown.words) < 50 and re.search(rb"<script\b", data, re.IGNORECASE):
        what = "is built by scripts, which publisher does not run"
    elif re.search(rb"<iframe\b", data, re.IGNORECASE):
        what = "has its text in another page that it embeds (an iframe), or is not the policy"
    raise PageUnread(
        f"{where} {what}; it has {round(common)} of the policy's {len(own)} words. Check it in a "
        "browser, or save the page and name the file"
    )


def _differences(version: LocaleVersion, shown: _Words) -> Iterator[WordsDiffer]:
    """Yield where the words of a page differ from those of a version."""
    from rapidfuzz.distance import Indel

    own = _words(_policy(version))
    steps = list(Indel.opcodes(own.words, shown.words))
    equal = [at for at, step in enumerate(steps) if step.tag == "equal"]
    if not equal:
        yield WordsDiffer("", "", _shortened(own.words), _shortened(shown.words))
        return
    for differs, group in groupby(enumerate(steps), lambda step: step[1].tag != "equal"):
        places, some = zip(*group, strict=True)
        if not differs:
            continue
        expected = own.words[some[0].src_start : some[-1].src_end]
        words = shown.words[some[0].dest_start : some[-1].dest_end]
        edge = places[0] < equal[0] or places[0] > equal[-1]
        if edge and not expected:
            continue
        at = min(some[0].src_start, len(own.clauses) - 1)
        behind = " ".join(own.words[max(0, at - _CONTEXT) : some[0].src_start])
        yield WordsDiffer(own.clauses[at], behind, _shortened(expected), _shortened(words))
    for address, count in sorted((own.addresses - shown.addresses).items()):
        times = f" ({count} times)" if count > 1 else ""
        yield WordsDiffer("", "", f"a link to {address}{times}", "")


def _shortened(words: Sequence[str]) -> str:
    if len(words) <= 24:
        return " ".join(words)
    return f"{' '.join(words[:12])} … {' '.join(words[-6:])} ({len(words)} words)"


def _revealed(data: bytes, base: str) -> tuple[bytes, tuple[str, ...]]:
    """Return a page as its visitors see it, with notes on that.

    Addresses that Cloudflare hid are decoded, parts that open on a click are open, what is struck
    out is hidden, and links that start at `base` are whole.
    """
    text = data.decode("utf-8", "surrogateescape")
    text, hidden = _HIDDEN.subn(lambda match: _address(match[2]), text)
    text, linked = _HIDDEN_LINK.subn(lambda match: f"mailto:{_address(match[1])}", text)
    text, struck = _STRUCK.subn(r"<\1 hidden", _ANCHOR.sub("", text))
    text, opened = _opened(text)
    if base:
        text = _HREF.sub(lambda match: f"href={match[1]}{_joined(base, match[2])}{match[1]}", text)
    notes = {
        f"Cloudflare hides {counted(hidden or linked, 'e-mail address', 'e-mail addresses')} of "
        "the page from readers without scripts, and they were decoded. Serve it with "
        "`Cache-Control: no-transform`": hidden or linked,
        f"{counted(struck, 'place is', 'places are')} struck out on the page, and not read": struck,
        f"{counted(opened, 'part of the page opens', 'parts of the page open')} on a click only; "
        "all was read": opened,
    }
    shown = tuple(note for note, count in notes.items() if count)
    return text.encode("utf-8", "surrogateescape"), shown


def _opened(text: str) -> tuple[str, int]:
    """Return a page with all parts opened that a control on it opens, and how many were closed."""
    controlled, count = set(_CONTROLS.findall(text)), 0

    def open_(tag: re.Match[str]) -> str:
        nonlocal count
        if tag[1] not in controlled:
            return tag[0]
        seen, closed = _CLOSED.subn("", tag[0])
        count += bool(closed)
        return seen

    return _PANEL.sub(open_, text) if controlled else text, count


def _joined(base: str, target: str) -> str:
    try:
        return urljoin(base, target)
    except ValueError:
        return target


def _address(digits: str) -> str:
    key, *rest = bytes.fromhex(digits[: len(digits) // 2 * 2])
    decoded = bytes(byte ^ key for byte in rest).decode("utf-8", "replace")
    return re.sub(r"[<>&\"']", "", decoded)
