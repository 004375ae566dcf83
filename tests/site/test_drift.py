"""Which version a page on the web shows: told from a real server, whatever surrounds the text."""

from __future__ import annotations

import gzip
import os
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

import pytest
from conftest import Run
from support.archives import archive as one_version
from support.archives import released, say
from support.bad_sites import LOCAL, PAGE, WEB, Answer, WebCase
from support.messages import pattern
from support.sites import NOW
from support.workspaces import Repo

from publisher.errors import AskedWrongly, PublisherError, UnknownName
from publisher.site import drift_fetch
from publisher.site.drift import Drift, _inside, _revealed, drift
from publisher.site.drift_fetch import PageUnread, fetch

CURRENT, OLD = "2025-02-01", "2024-06-10"
CMS = """<!doctype html><html lang="en"><head><title>Alpha – Privacy</title></head><body>
<header><a href="/">Alpha</a><nav><ul><li>Products</li><li>Prices</li></ul></nav></header>
<div id="cookie-banner" class="cookie-consent"><p>We use cookies.</p><button>OK</button></div>
<div class="page"><article><h1>Privacy Policy</h1>{}</article></div>
<aside><h2>Newsletter</h2><form><input type="email"><button>Subscribe</button></form></aside>
<footer><p>© Alpha. All rights reserved.</p></footer><script src="/app.js"></script></body></html>
"""


@dataclass
class Served:
    """A server on loopback: what it answers, by path, and the headers that it was asked with."""

    url: str
    answers: dict[str, Answer]
    asked: list[dict[str, str]]

    def page(self, body: str | bytes, path: str = "/privacy", **about: Any) -> str:
        data = body.encode() if isinstance(body, str) else body
        self.answers[path] = Answer(data, **about)
        return f"{self.url}{path}"


@pytest.fixture
def served() -> Iterator[Served]:
    found = Served("", {}, [])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(dict(self.headers))
            answer = found.answers.get(self.path, Answer(b"<h1>Not found</h1>", 404))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *values: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        found.url = f"http://127.0.0.1:{server.server_port}"
        yield found
        server.shutdown()
        thread.join()


def frozen(repo: Repo, version: str = CURRENT, locale: str = "en") -> str:
    """Return what a CMS would have been given: the clauses of a version, without their frame."""
    page = (repo.workspace / f"versions/alpha/{version}/{locale}/policy.html").read_text()
    return page[page.index("<main") : page.index("</main>")].partition(">")[2]


def judged(repo: Repo, page: str, **how: Any) -> Drift:
    return drift(repo.workspace, "alpha", NOW, page=page, allowed=LOCAL, **({"locale": "en"} | how))


# --- the verdict ---------------------------------------------------------------------------------


def test_the_version_in_force_inside_a_cms_is_word_for_word(archive: Repo, served: Served) -> None:
    found = judged(archive, served.page(CMS.format(frozen(archive))))
    assert (found.verdict, found.version, found.differences) == ("in-force", CURRENT, ())
    assert "Cookie" not in served.asked[0]
    assert "Authorization" not in served.asked[0]


@pytest.mark.parametrize("address", ["en/index.html", f"en/{CURRENT}/index.html"])
def test_our_own_site_shows_the_version_in_force(
    archive: Repo, sites: Path, served: Served, address: str
) -> None:
    found = judged(archive, served.page((sites / "alpha" / address).read_bytes()))
    assert (found.verdict, found.differences, found.notes) == ("in-force", (), ())


def test_every_frozen_page_and_every_locale_is_recognised(archive: Repo) -> None:
    for folder in sorted((archive.workspace / "versions/alpha").glob("20*/*")):
        version, locale = folder.parent.name, folder.name
        for name in ("policy.html", "policy.md"):
            if (folder / name).exists():
                found = judged(archive, str(folder / name), locale=locale)
                assert found.differences == (), (folder, name)
                assert found.version == version or locale != "en", (folder, name)


def test_a_word_changed_inside_a_cms_is_named(archive: Repo, served: Served) -> None:
    text = frozen(archive)
    assert "for two years" in text
    changed = CMS.format(text.replace("for two years", "for three years"))
    found = judged(archive, served.page(changed))
    assert found.verdict == "other-words"
    (named,) = found.differences
    assert (named.clause, named.expected, named.shown) == ("Your data", "two", "three")
    assert named.behind == "name and address. for"


def test_an_older_version_is_named(archive: Repo, served: Served) -> None:
    found = judged(archive, served.page(CMS.format(frozen(archive, OLD))))
    assert (found.verdict, found.version, found.current) == ("another-version", OLD, CURRENT)


def test_a_clause_that_is_missing_is_named(archive: Repo, served: Served) -> None:
    text = frozen(archive)
    without = text[: text.index('<section id="rights"')]
    found = judged(archive, served.page(CMS.format(without)))
    assert found.verdict == "other-words"
    (named,) = found.differences
    assert named.clause == "Your rights"
    assert named.expected.startswith("Your rights See your data.")
    assert named.shown == ""


def test_a_sentence_put_in_between_is_named_and_one_around_is_told(
    archive: Repo, served: Served
) -> None:
    text = frozen(archive)
    put = text.replace("<ul>", "<p>We sell it.</p><ul>", 1)
    (named,) = judged(archive, served.page(CMS.format(put))).differences
    assert (named.expected, named.shown) == ("", "We sell it.")
    around = judged(archive, served.page(CMS.format(f"{text}<p>We sell all of it.</p>")))
    assert around.verdict == "in-force"
    assert around.notes == ("behind the policy, the page says: We sell all of it.",)


def test_a_link_that_leads_elsewhere_is_named(archive: Repo, served: Served) -> None:
    text = frozen(archive).replace("mailto:privacy@alpha.example", "mailto:sales@alpha.example")
    found = judged(archive, served.page(CMS.format(text)))
    assert [each.expected for each in found.differences] == [
        "a link to mailto:privacy@alpha.example"
    ]


def hidden(address: str, key: int = 0x5A) -> str:
    return bytes([key, *(byte ^ key for byte in address.encode())]).hex()


def test_an_address_that_cloudflare_hides_is_decoded(archive: Repo, served: Served) -> None:
    address = "privacy@alpha.example"
    link = f'<a href="mailto:{address}">'
    text = frozen(archive)
    start = text.index(link)
    end = text.index("</a>", start)
    code = hidden(address)
    replaced = (
        f'<a href="/cdn-cgi/l/email-protection#{code}"><span class="__cf_email__" '
        f'data-cfemail="{code}">[email&#160;protected]</span>'
    )
    found = judged(archive, served.page(CMS.format(text[:start] + replaced + text[end:])))
    assert found.verdict == "in-force"
    assert found.notes[0].startswith("Cloudflare hides 1 e-mail address of")


def test_curly_quotes_and_wrapped_lines_are_no_other_words(archive: Repo, served: Served) -> None:
    text = (
        frozen(archive).replace("We answer", "We\n\n   answer").replace("name and", "name&nbsp;and")
    )
    assert judged(archive, served.page(CMS.format(text))).verdict == "in-force"


def test_a_long_page_of_the_same_words_takes_no_time(archive: Repo, tmp_path: Path) -> None:
    page = tmp_path / "live.html"
    page.write_text(CMS.format(f"<p>{'Who we ' * 50_000}</p>{frozen(archive)}"))
    began = time.process_time()
    assert judged(archive, str(page)).verdict == "in-force"
    words = tuple(f"word{at}" for at in range(3000))
    text = tuple(word for at in range(3000) for word in (f"word{at}", "more"))
    assert _inside(words, words[:1] * 100_000 + words) == 100_000
    assert _inside(words, text) is None
    assert time.process_time() - began < 8


def test_cookies_are_not_kept(served: Served) -> None:
    about = {"Content-Type": "text/html", "Set-Cookie": "a=b", "Set-Cookie2": "a=b", "X": "y"}
    names = [name for name, _ in fetch(served.page("x", headers=about), LOCAL).headers]
    assert "X" in names
    assert not [name for name in names if "Cookie" in name]


def test_what_only_looks_alike_is_no_other_words(tmp_path: Path) -> None:
    repo = one_version(tmp_path / "repo")
    say(repo, "Our “first” office is offline, in Aix-la-Chapelle; fluent.")
    released(repo, "2025-01-10")
    text = frozen(repo, "2025-01-10")
    for old, new in (
        ("ffi", "ﬃ"),
        ("fl", "ﬂ"),
        ("-la-", "\u2011la\u2010"),
        ("“", "„"),
    ):
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "live.html").write_text(CMS.format(text))
    found = drift(repo.workspace, "alpha", NOW, page=str(tmp_path / "live.html"))
    assert (found.verdict, found.differences) == ("in-force", ())


def test_marks_beside_titles_that_lead_to_them_are_no_words(archive: Repo, served: Served) -> None:
    for mark in ("#", "¶", "&para;"):
        link = f'<a class="anchor" href="#who" aria-label="Link">{mark}</a></h2>'
        page = served.page(CMS.format(frozen(archive).replace("</h2>", link)))
        assert judged(archive, page).verdict == "in-force"
    page = served.page(CMS.format(frozen(archive).replace("</h2>", '<a href="#">No</a></h2>')))
    assert judged(archive, page).verdict == "other-words"


def test_what_the_page_strikes_out_is_not_said(archive: Repo, served: Served) -> None:
    text = frozen(archive)
    struck = text.replace("We keep your name and", "<s>We keep</s> your name and")
    found = judged(archive, served.page(CMS.format(struck)))
    assert [place.expected for place in found.differences] == ["We keep"]
    assert found.notes == ("1 place is struck out on the page, and not read",)
    old = text.replace("for two", "for <del>one</del><del>three</del> two")
    found = judged(archive, served.page(CMS.format(old)))
    assert found.verdict == "in-force"
    assert found.notes == ("2 places are struck out on the page, and not read",)


@pytest.mark.parametrize(
    "closed", ["hidden", 'hidden=""', "aria-hidden=true", 'style="color: red; display: none"']
)
def test_what_opens_on_a_click_is_read_and_what_never_opens_is_not(
    archive: Repo, served: Served, closed: str
) -> None:
    panel = f'<div id="all" {closed}>{frozen(archive)}</div>'
    button = '<button aria-controls="all" aria-expanded="false">Open</button>'
    found = judged(archive, served.page(CMS.format(button + panel)))
    assert found.verdict == "in-force"
    assert found.notes == ("1 part of the page opens on a click only; all was read",)
    with pytest.raises(PageUnread, match="it has 0 of the policy's 16 words"):
        judged(archive, served.page(CMS.format(panel)))


def test_a_link_may_start_at_its_own_page(served: Served, tmp_path: Path) -> None:
    repo = one_version(tmp_path / "repo")
    say(repo, f"Read [more]({served.url}/a/more).")
    released(repo, "2025-01-10")
    text = frozen(repo, "2025-01-10")
    for href, verdict in (("/a/more", "in-force"), ("more", "in-force"), ("/b", "other-words")):
        assert f'href="{served.url}/a/more"' in text
        live = text.replace(f"{served.url}/a/more", href)
        page = served.page(CMS.format(live), "/a/privacy")
        found = drift(repo.workspace, "alpha", NOW, page=page, allowed=LOCAL)
        assert found.verdict == verdict


@pytest.mark.parametrize(
    "endless",
    [
        *('<a data-cfemail="abcd">', "<a ", '<a href="#', '<p id="x" ', ' href="a', "<del "),
        *("href=# ", 'id="x" ', 'data-cfemail="abcd" '),
    ],
)
def test_a_page_full_of_what_never_ends_takes_no_time(endless: str) -> None:
    began = time.process_time()
    page = f'<a aria-controls="q" {endless * 20_000}'
    _revealed(page.encode(), "https://alpha.example/")
    assert time.process_time() - began < 2


def test_a_page_of_a_policy_that_was_withdrawn_is_no_version_in_force(
    archive: Repo, served: Served
) -> None:
    found = judged(archive, served.page(CMS.format(frozen(archive, locale="fr"))), locale="fr")
    assert (found.verdict, found.current) == ("another-version", None)


# --- what cannot be read -------------------------------------------------------------------------

ANSWERED = [case for case in WEB if case.answer is not None and "too long" not in case.what]
REFUSED = [case for case in WEB if case.answer is None and "certificate" not in case.what]
(SLOW,) = (case for case in WEB if "too long" in case.what)
(UNTRUSTED,) = (case for case in WEB if "certificate" in case.what)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A repository with one version of 46 words."""
    repo = one_version(tmp_path_factory.mktemp("small") / "repo")
    released(repo, "2025-01-10")
    return repo


@pytest.mark.parametrize("case", ANSWERED, ids=lambda case: case.what)
def test_what_is_no_policy_is_not_judged(small: Repo, served: Served, case: WebCase) -> None:
    assert case.answer is not None
    served.answers["/privacy"] = case.answer
    refused(small, f"{served.url}/privacy", case)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.what)
def test_what_is_asked_wrongly_or_not_allowed(small: Repo, served: Served, case: WebCase) -> None:
    host = served.url.removeprefix("http://")
    assert "secret" not in refused(small, case.page.replace("{host}", host), case)
    assert served.asked == []


def test_a_pdf_that_takes_too_long_is_not_judged(
    small: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.archive.release.import_version.SECONDS", 0)
    saved = small.workspace / "versions/alpha/2025-01-10/en/policy.pdf"
    with pytest.raises(PublisherError, match=r"takes too much time or memory\. Check it"):
        drift(small.workspace, "alpha", NOW, page=str(saved), locale="en")


def refused(repo: Repo, page: str, case: WebCase) -> str:
    """Look at a page that cannot be judged; return the message."""
    with pytest.raises(PublisherError) as fault:
        drift(repo.workspace, "alpha", NOW, page=page, locale="en", allowed=case.allowed)
    assert pattern(case.message.replace(PAGE, page)).fullmatch(str(fault.value)), str(fault.value)
    assert fault.value.exit_code == case.code
    return str(fault.value)


def test_a_page_that_takes_too_long_is_given_up(served: Served) -> None:
    times = iter([0.0, 0.0, *[99.0] * 9])
    url = served.page("x")
    with pytest.raises(PublisherError, match=pattern(SLOW.message.replace(PAGE, url))) as fault:
        fetch(url, LOCAL, lambda: next(times))
    assert fault.value.exit_code == SLOW.code


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b""])
def test_a_server_that_answers_a_byte_at_a_time_is_given_up(
    head: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift_fetch, "_SECONDS", 0.3)
    enough = threading.Event()

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(head)
            while not enough.wait(0.05):
                self.request.sendall(b"X")

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        host, port = server.server_address[:2]
        try:
            for scheme in ("http", "https"):
                with pytest.raises(PageUnread, match=r"longer than|cannot be reached"):
                    fetch(f"{scheme}://{host!s}:{port}/", LOCAL)
        finally:
            enough.set()
            server.shutdown()


def test_a_page_that_is_packed_in_two_parts_is_read_whole(served: Served) -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"two")
    about = {"Content-Type": "text/html", "Content-Encoding": "gzip"}
    assert fetch(served.page(packed, headers=about), LOCAL).data == b"one two"


def test_a_character_set_that_a_server_names_twice_is_unknown(served: Served) -> None:
    about = {"Content-Type": "text/html; charset*=utf-8; charset*0=latin-1"}
    assert fetch(served.page("x", headers=about), LOCAL).charset is None


def test_a_certificate_that_is_wrong_is_told(small: Repo, tmp_path: Path) -> None:
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *name]
    files = ["-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"]
    subprocess.run([*made, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        refused(
            small, UNTRUSTED.page.replace("{host}", f"127.0.0.1:{server.server_port}"), UNTRUSTED
        )
        server.shutdown()
        thread.join()


def test_a_redirect_within_the_host_is_followed(archive: Repo, served: Served) -> None:
    served.page(CMS.format(frozen(archive)), "/new")
    served.page("", "/old", status=301, headers={"Location": "/new"})
    assert judged(archive, f"{served.url}/old").verdict == "in-force"


def test_an_address_loses_the_white_space_at_its_ends_as_in_a_browser(
    archive: Repo, served: Served
) -> None:
    whole = served.page(CMS.format(frozen(archive)), "/new")
    served.page("", "/old", status=301, headers={"Location": "/new "})
    for address in (f"{served.url}/old", f" {whole} "):
        fetched = judged(archive, address).fetched
        assert fetched is not None
        assert fetched.url == whole


def test_a_character_set_without_a_name_is_none(archive: Repo, served: Served) -> None:
    about = {"Content-Type": "text/html; charset="}
    page = served.page(CMS.format(frozen(archive)), headers=about)
    assert judged(archive, page).verdict == "in-force"


def test_the_redline_names_a_saved_page_whose_name_is_no_text(
    archive: Repo, run: Run, tmp_path: Path
) -> None:
    page = tmp_path / os.fsdecode(b"caf\xe9.html")
    page.write_text(CMS.format(frozen(archive)))
    for name in ("redline.html", "redline.pdf"):
        done = run(
            "drift", "alpha", str(page), "--locale", "en", "--output", str(tmp_path / name),
            cwd=archive.workspace,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (1, "")  # another version is in force
        assert (tmp_path / name).exists()


def test_the_page_that_the_brands_file_names_is_the_default(archive: Repo) -> None:
    with pytest.raises(PublisherError, match=r"alpha\.example is an unknown host"):
        drift(archive.workspace, "alpha", NOW, locale="en")
    with pytest.raises(AskedWrongly, match="no address is known for the policy of alpha in nl"):
        drift(archive.workspace, "alpha", NOW, locale="nl")
    with pytest.raises(AskedWrongly, match="there are policies in en, nl, fr; name one"):
        drift(archive.workspace, "alpha", NOW)
    with pytest.raises(UnknownName, match="unknown locale 'de'"):
        drift(archive.workspace, "alpha", NOW, locale="de")


def test_the_command_line(archive: Repo, served: Served, tmp_path: Path, run: Run) -> None:
    (tmp_path / "live.html").write_text(CMS.format(frozen(archive).replace("30 days", "60 days")))
    command = ("drift", "alpha", str(tmp_path / "live.html"), "--locale", "en")
    redline = str(tmp_path / "redline.html")
    done = run(*command, "--output", redline, cwd=archive.workspace)
    assert done.returncode == 1, done.stderr
    assert "differs from 2025-06-10" in done.stdout
    assert "[–30–][+60+]" in done.stdout
    assert "<ins>" in Path(redline).read_text()
    done = run(*command, "--json", cwd=archive.workspace)
    assert '"expected": "30"' in done.stdout
