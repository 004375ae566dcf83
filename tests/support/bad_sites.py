"""What goes wrong with the public site, and with pages on the web, and what users are told."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path

from publisher.site.drift_fetch import LARGEST, Allowed
from publisher.site.site import site
from support.archives import noon, released
from support.bad_archives import ALPHA, DAMAGED, ONE, Case
from support.messages import FOLDER
from support.workspaces import SMALL, Repo

BASE = ("--base-url", "https://acme.example/")
PDF = "versions/alpha/2025-01-10/en/policy.pdf"
PAGE = "https://acme.example/privacy"
"""What messages have in the place of a page's address."""
LOCAL = Allowed(http=True, private=True)


def _built(repo: Repo) -> Path:
    """Write the site of the first brand beside the repository; return its list of versions."""
    output = repo.workspace / "site"
    site(repo.workspace, output, noon("2025-06-15"), brands=["alpha"], base_url=BASE[1])
    return output / "alpha/versions.json"


def _lost(repo: Repo) -> None:
    file = _built(repo)
    listed = json.loads(file.read_text())
    file.write_text(json.dumps(listed | {"addresses": [*listed["addresses"], "en/2024-01-01/"]}))


def _altered(repo: Repo) -> None:
    file = repo.workspace / PDF
    file.write_bytes(file.read_bytes()[:-9])


def _both(repo: Repo) -> None:
    released(repo, "2025-02-10", "beta")
    for brand in ("alpha", "beta"):
        text = SMALL[f"brands/{brand}/brand.yaml"]
        address = 'site: {base_url: "https://acme.example/"}\n'
        (repo.workspace / f"brands/{brand}/brand.yaml").write_text(text + address)


def _joined(repo: Repo) -> None:
    released(repo, "2025-02-10", "beta")
    released(repo, "2025-02-10")
    (repo.workspace / "brands/beta/brand.yaml").unlink()
    (repo.workspace / "brands/alpha/brand.yaml").write_text(f"{ALPHA}was: [beta]\n")


def _occupied(repo: Repo) -> None:
    folder = repo.workspace / "site/alpha"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("something else")


def _saved(text: str) -> object:
    return lambda repo: (repo.workspace / "saved.html").write_text(text)


_LOGO = '<svg xmlns="http://www.w3.org/2000/svg" onload="x()"><script>x()</script></svg>'
OUT = ("--output", "{workspace}/site")
CASES = (
    Case("a site for a brand without a release", "error: 'beta' has no released version; brands with one: alpha", 2, command=("site", "beta", *BASE)),
    Case("a site without an address", "error: brands/alpha/brand.yaml does not say where the site of alpha is served. Write `site: {base_url: https://…/}` there, or give --base-url. Nothing was written", 2, command=("site",)),
    Case("an invalid --base-url", "error: --base-url takes an address such as https://example.com/privacy/, not 'acme'", 2, command=("site", "--base-url", "acme")),
    *(
        Case(f"an address of a site with {what}", f"error: --base-url takes an address such as https://example.com/privacy/, not '{' '.join(address.split(chr(10))).encode('utf-8', 'backslashreplace').decode()}'", 2, command=("site", "--base-url", address))
        for what, address in (
            ("a space", "https://acme.example/a b/"),
            ("a line break", "https://acme.example/\nX: y"),
            ("a quotation mark", 'https://acme.example/"/'),
            ("what ends a block of nginx", "https://acme.example/;}/"),
            ("a name and a password", "https://ops:secret@acme.example/"),
            ("half a bracket", "https://[::1/"),
            ("a host that would become another one", "https://a℀.example/"),
            ("a port that does not exist", "https://acme.example:65536/"),
            ("a byte that is not UTF-8", "https://acme.example/\udcff/"),
        )
    ),
    Case("a site whose brand has several faults", "error: brands/alpha/logo.svg:1: has <script>, which a logo may not have; delete it, or draw it", 1, lambda repo: (repo.workspace / "brands/alpha/logo.svg").write_text(_LOGO), ("site", *BASE)),
    Case("two brands with one address", "error: alpha and beta have the same address, https://acme.example/. Give each brand a `site.base_url` of its own. Nothing was written", 2, _both, ("site",)),
    Case("two versions with one address", "error: two pages of alpha would have the address en/2025-02-10/: versions of its former names have the same id, or tags of locales differ in case only. Nothing was written", 2, _joined, ("site", *BASE)),
    Case("a site of a damaged version", f"error: {PDF} is altered: its SHA-256 is not in SHA256SUMS. {DAMAGED}", 3, _altered, ("site", *BASE)),
    Case("a site that would lose an address", f"error: {FOLDER}/site/alpha has en/2024-01-01/, and the new site would not: links to it would break. Restore what the archive or brand.yaml had then, or write to another folder with --output. Nothing was written", 2, _lost, ("site", *BASE, *OUT)),
    Case("a site in a folder with other files", f"error: {FOLDER}/site/alpha has files, but no versions.json that `publisher site` wrote. Name another folder with --output. Nothing was written", 2, _occupied, ("site", *BASE, *OUT)),
    Case("a site with a damaged versions.json", f"error: {FOLDER}/site/alpha/versions.json is not the list that `publisher site` wrote, so nobody can tell which addresses must stay. Put it back, or name another folder with --output. Nothing was written", 2, lambda repo: _built(repo).write_text("{}"), ("site", *BASE, *OUT)),
    Case("a site inside brands/ or shared/", f"error: {FOLDER}/shared/site is among the company's own files, in shared/. Name another place", 2, command=("site", *BASE, "--output", "{workspace}/shared/site")),
    Case("a site for a day before the first release", "error: on 2024-12-31, alpha had no release yet: the first is from 2025-01-10. Give a later day with --on. Nothing was written", 2, command=("site", *BASE, "--on", "2024-12-31")),
    Case("--check-due with another day", "error: --check-due looks at the site of today; leave out --serve and --on", 2, command=("site", "--check-due", "--on", "2025-07-01")),
    Case("drift without the address of a page", "error: no address is known for the policy of alpha in en. Name its address, or write `site: {url: {en: https://…}}` in brands/alpha/brand.yaml", 2, command=("drift", "alpha")),
    Case("drift for a brand without a release", "error: 'beta' has no released version; brands with one: alpha", 2, command=("drift", "beta", "https://beta.example/")),
    Case("drift for an unknown locale", "error: unknown locale 'nl'; known: en", 2, command=("drift", "alpha", "x.html", "--locale", "nl")),
    Case("drift with a missing file", "error: saved.html cannot be read: no such file or directory. Name a saved page, or its address", 4, command=("drift", "alpha", "saved.html")),
    Case("drift with a file without end", "error: /dev/zero is not a file, but a pipe, a socket or a device. Name a saved page, or its address", 4, command=("drift", "alpha", "/dev/zero")),
    Case("drift of an address of another kind", "error: 'ftp://acme.example/' is not an address that begins with https://, or a file", 2, command=("drift", "alpha", "ftp://acme.example/")),
    Case("drift with an empty file", "error: saved.html is empty; take another copy of it", 2, _saved(" "), ("drift", "alpha", "{workspace}/saved.html")),
    Case("--record with a saved page", "error: --record keeps what the web shows, not a saved file; name an address", 2, command=("drift", "alpha", f"{{workspace}}/{ONE}/en/policy.html", "--record")),
    Case("a redaction of an unknown captured page", "error: unknown file of a capture 'captures/x/page.html'; known: none", 2, command=("redact", "alpha", "captures", "x/page.html", "--reason", "A name", "--authority", "A court")),
    Case("an address with a byte that is not UTF-8", "error: 'https://alpha.example/\\udcff' is not UTF-8. Write such bytes as %FF", 2, command=("drift", "alpha", "https://alpha.example/\udcff")),
    Case("an address with an invisible character", r"error: 'https://alpha.example/a\u202eb' has an invisible character. Write it as %FF, or leave it out", 2, command=("drift", "alpha", "https://alpha.example/a\u202eb")),
    Case("drift with a file of an unknown kind", "error: saved.xyz has the ending .xyz, which publisher cannot read; save it as one of .pdf, .html, .htm, .md, .markdown, .docx, .txt", 2, lambda repo: (repo.workspace / "saved.xyz").write_text("x"), ("drift", "alpha", "{workspace}/saved.xyz")),
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What a server answers."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html"})


@dataclass(frozen=True)
class WebCase:
    """A page that is none: what it is, what a server answers, and what users are told."""

    what: str
    message: str
    code: int
    answer: Answer | None = None
    page: str = "http://{host}/privacy"
    allowed: Allowed = LOCAL


_LOGIN = b"<title>Log in</title><form><input name=u><input type='password' name=p></form>"
_SCRIPTS = b"<title>App</title><div id=app></div><script src=/app.js></script>"
_AWAY = {"Location": "https://elsewhere.example/privacy"}


def _typed(**headers: str) -> dict[str, str]:
    return {"Content-Type": "text/html", **{n.replace("_", "-"): v for n, v in headers.items()}}


WEB = (
    WebCase("a page that does not exist", f"{PAGE} answers 404 (Not Found), not the policy. Check the address in a browser", 4, Answer(b"<h1>Gone</h1>", 404)),
    WebCase("a server that fails", f"{PAGE} answers 503 (Service Unavailable), not the policy. Check the address in a browser", 4, Answer(b"no", 503)),
    WebCase("a picture in place of a page", f"{PAGE} has the type image/png, which is not a page. Name a page, or a PDF", 4, Answer(b"x", headers={"Content-Type": "image/png"})),
    WebCase("a page behind a password", f"{PAGE} asks for a password; it has 0 of the policy's 46 words. Check it in a browser, or save the page and name the file", 4, Answer(_LOGIN)),
    WebCase("a page that scripts build", f"{PAGE} is built by scripts, which publisher does not run; it has 0 of the policy's 46 words. Check it in a browser, or save the page and name the file", 4, Answer(_SCRIPTS)),
    WebCase("a page that embeds the policy", f"{PAGE} has its text in another page that it embeds (an iframe), or is not the policy; it has 0 of the policy's 46 words. Check it in a browser, or save the page and name the file", 4, Answer(b"<h1>Privacy</h1><iframe src=x></iframe>")),
    WebCase("an error page with status 200", f"{PAGE} is not the policy, but an error page or another page; it has 0 of the policy's 46 words. Check it in a browser, or save the page and name the file", 4, Answer(b"<h1>Oops</h1><p>Something went wrong.")),
    WebCase("a page that is empty", f"{PAGE} is empty. Check it in a browser", 4, Answer()),
    WebCase("a page that is too large", f"{PAGE} is larger than 5 MB. Name the policy's own page", 4, Answer(b"x" * (LARGEST + 1))),
    WebCase("a page with an unknown compression", f"{PAGE} is compressed as br, which publisher cannot read. Save the page, and name the file", 4, Answer(b"x", headers=_typed(Content_Encoding="br"))),
    WebCase("a page in a character set that no browser knows", f"{PAGE} is not in unicode_escape, although its server says so. Correct the header", 4, Answer(b"x", headers={"Content-Type": "text/html; charset=unicode_escape"})),
    WebCase("a page in an unknown character set", f"{PAGE} is not in klingon, although its server says so. Correct the header", 4, Answer(b"x", headers={"Content-Type": "text/html; charset=klingon"})),
    WebCase("a redirect to another host", f"{PAGE} redirects to another host, https://elsewhere.example/privacy. If the policy is there, name that address", 4, Answer(b"", 302, _AWAY)),
    WebCase("too many redirects", f"{PAGE} is redirected more than 5 times. Name the last address", 4, Answer(b"", 302, {"Location": "/privacy"})),
    WebCase("a redirect to a file", f"{PAGE} redirects to 'file:///etc/hosts', which cannot be read. Check it in a browser", 4, Answer(b"", 302, {"Location": "file:///etc/hosts"})),
    WebCase("a redirect to an invalid address", f"{PAGE} redirects to 'http://[::1', which cannot be read. Check it in a browser", 4, Answer(b"", 302, {"Location": "http://[::1"})),
    WebCase("a redirect to an address with a NUL", rf"{PAGE} redirects to '{PAGE}\x00b', which cannot be read. Check it in a browser", 4, Answer(b"", 302, {"Location": "/privacy\0b"})),
    WebCase("a page that breaks off", f"{PAGE} broke off 9 bytes before its end. Try again", 4, Answer(b"x", headers=_typed(Content_Length="10"))),
    WebCase("a packed page that breaks off", f"{PAGE} cannot be read: compressed file ended before the end-of-stream marker was reached. Try again", 4, Answer(gzip.compress(b"x" * 99)[:-9], headers=_typed(Content_Encoding="gzip"))),
    WebCase("a page without TLS", f"{PAGE} is not https, so anybody can change it. Allow it with --http", 2, allowed=Allowed(private=True)),
    WebCase("a page on a private network", "127.0.0.1 is at 127.0.0.1, which is not a public address. Allow it with --private", 4, allowed=Allowed(http=True)),
    WebCase("a page on this machine", "::1 is at ::1, which is not a public address. Allow it with --private", 4, page="http://[::1]:9/", allowed=Allowed(http=True)),
    WebCase("the metadata address of a cloud", "169.254.169.254 is at 169.254.169.254, which is not a public address. Allow it with --private", 4, page="http://169.254.169.254/latest", allowed=Allowed(http=True)),
    WebCase("an address that contains a password", "the address has a name or a password in it, and a policy is public. Leave them out", 2, page="http://an:secret@{host}/privacy"),
    WebCase("an address without a host", "'https://' is not an address that begins with https://, or a file", 2, page="https://"),
    WebCase("a server that does not answer", "127.0.0.1 cannot be reached: connection refused. Try again", 4, page="http://127.0.0.1:1/"),
    WebCase("an unknown host", "nowhere.invalid is an unknown host: …. Check the address", 4, page="https://nowhere.invalid/"),
    WebCase("a host with an impossible name", f"{'x' * 64}.example is an unknown host: …. Check the address", 4, page=f"https://{'x' * 64}.example/"),
    WebCase("a page that takes too long", f"{PAGE} took longer than 30 seconds. Try again", 4, Answer(b"x")),
    WebCase("an invalid certificate", "the certificate of 127.0.0.1 is invalid: self-signed certificate. Renew it", 4, page="https://{host}/privacy"),
)  # fmt: skip
