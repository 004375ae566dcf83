"""The public site: frozen bytes beside pages that say what they are, and no address ever lost."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import jsonschema
import pytest
from bs4 import BeautifulSoup
from conftest import ROOT, Run
from playwright.sync_api import Browser
from support.archives import noon
from support.browsers import nu_errors, violations, with_scroll_bars
from support.sites import BASE, NOW
from support.workspaces import Repo

from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import redact
from publisher.cli.schema import schemas
from publisher.errors import AskedWrongly, NeverReleased
from publisher.files.cache import Cache
from publisher.site.labels import Labels
from publisher.site.site import due, site
from publisher.site.values import Standing

CURRENT, OLD, COMING, NEVER = "2025-02-01", "2024-03-01", "2025-06-10", "2025-01-10"
IMPORTED = "2019-05-25-imported"


def files(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder, by their paths."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def page(folder: Path, address: str) -> BeautifulSoup:
    return BeautifulSoup((folder / address / "index.html").read_bytes(), "html.parser")


def copied(repo: Repo, folder: Path) -> Repo:
    shutil.copytree(repo.root, folder, symlinks=True)
    return Repo.of(folder)


# --- what is served ------------------------------------------------------------------------------


def test_a_site_of_a_former_name_is_told(archive: Repo, tmp_path: Path) -> None:
    repo, output = copied(archive, tmp_path / "repo"), tmp_path / "site"
    assert site(repo.workspace, output, NOW, brands=["alpha"]).sites[0].notes == ()
    brands = repo.workspace / "brands"
    (brands / "alpha").rename(brands / "gamma")
    file = brands / "gamma/brand.yaml"
    file.write_text(f"was: [alpha]\n{file.read_text()}")
    (built,) = site(repo.workspace, output, NOW, brands=["gamma"]).sites
    assert built.notes == (
        f"{output}/alpha is the site of the former name alpha, and is unchanged. Redirect its "
        "addresses to the same ones of gamma, and delete it",
    )


def test_a_link_to_where_the_site_is_served_stays(archive: Repo, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/alpha").symlink_to(tmp_path / "served")
    for on in (date(2025, 6, 15), date(2025, 7, 2)):
        site(archive.workspace, tmp_path / "site", NOW, brands=["alpha"], on=on)
        assert (tmp_path / "site/alpha").is_symlink()
        listed = json.loads((tmp_path / "served/versions.json").read_bytes())
        assert listed["on"] == str(on)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["served", "site"]


def test_a_clock_before_the_first_release(archive: Repo, tmp_path: Path) -> None:
    with pytest.raises(
        AskedWrongly, match=r"had no release yet: .* Set this machine's clock right"
    ):
        site(archive.workspace, tmp_path, NOW.replace(year=1999), brands=["alpha"])
    assert not [*tmp_path.iterdir()]


def test_the_frozen_bytes_are_served_as_they_are(archive: Repo, sites: Path) -> None:
    served = 0
    for version in sorted((archive.workspace / "versions/alpha").glob("20*")):
        for frozen in version.glob("*/*"):
            name = frozen.name
            if version.name.endswith("imported") and name == "policy.html":
                name += ".txt"
            there = sites / "alpha" / frozen.parent.name / version.name / name
            assert there.read_bytes() == frozen.read_bytes(), frozen
            served += 1
    assert served > 50


@pytest.mark.parametrize("address", ["en", f"en/{CURRENT}", f"en/{OLD}", f"fr/{COMING}"])
def test_a_page_has_the_frozen_text_verbatim(archive: Repo, sites: Path, address: str) -> None:
    locale, _, version = address.partition("/")
    folder = archive.workspace / "versions/alpha" / (version or CURRENT) / locale
    frozen = (folder / "policy.html").read_bytes()
    main = frozen[frozen.index(b"<main") : frozen.index(b"</main>") + len(b"</main>")]
    assert main in (sites / "alpha" / address / "index.html").read_bytes()
    inner = main[main.index(b">") + 1 : -len(b"</main>")]
    fragment = (sites / "alpha/en/policy.fragment.html").read_bytes()
    assert (inner in fragment) == (address in ("en", f"en/{CURRENT}"))


def test_an_outsider_checks_a_file_with_sha256sum_alone(sites: Path) -> None:
    folder = sites / "alpha/en" / OLD
    summed = subprocess.run(
        ["sha256sum", "policy.pdf"], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.split()[0]
    assert summed in page(sites, f"alpha/en/{OLD}").select_one(".files").get_text()
    assert f"{summed}  en/policy.pdf" in (folder / "SHA256SUMS").read_text()


def test_a_page_runs_nothing_and_asks_for_nothing_elsewhere(sites: Path) -> None:
    pages = [path for path in sites.rglob("*.html") if path.is_file()]
    assert len(pages) > 80
    for path in pages:
        text = path.read_text()
        assert "<script" not in text, path
        soup = BeautifulSoup(text, "html.parser")
        for element in soup.select("[src], link[rel=stylesheet], iframe, object"):
            assert element.get("src", "").startswith("data:"), (path, element)


def test_no_link_within_a_folder_is_dead_and_all_are_relative(sites: Path) -> None:
    looked_at = 0
    for path in sites.rglob("index.html"):
        for link in BeautifulSoup(path.read_bytes(), "html.parser").select("[href]"):
            target = str(link["href"]).partition("#")[0]
            if link.get("rel") in (["canonical"], ["alternate"]) and target.startswith(BASE):
                target = os.path.relpath(sites / "alpha" / target.removeprefix(BASE), path.parent)
            if not target or re.match(r"(https?|mailto):", target):
                assert not target.startswith(BASE), (path, target)
                continue
            there = path.parent / target
            assert (there / "index.html").is_file() or there.is_file(), (path, target)
            looked_at += 1
    assert looked_at > 1000


# --- what a visitor is told ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "banner"),
    [
        ("en", None),
        (f"en/{CURRENT}", None),
        (f"en/{OLD}", "This version is no longer in force. It was in force from 1 March 2024 until 10 June 2024. Read the version in force"),
        (f"en/{COMING}", "This version is not in force yet. It comes into force on 1 July 2025. Read the version in force"),
        (f"en/{NEVER}", "This version was never in force. Another version replaced it before 1 March 2025. Read the version in force"),
        (f"en/{IMPORTED}", "This document is from before the archive. The company says that it was in force from 25 May 2019; this is not proven. Read the version in force"),
        (f"fr/{CURRENT}", "Cette déclaration a été retirée. Le dernier jour où elle a été en vigueur est le 12 juin 2025. Centre de confidentialité"),
    ],
)  # fmt: skip
def test_each_version_says_what_it_is(sites: Path, address: str, banner: str | None) -> None:
    soup = page(sites, f"alpha/{address}")
    told = soup.select_one("body > .banner")
    assert (" ".join(told.get_text().split()) if told else None) == banner
    assert bool(soup.select_one("meta[name=robots][content=noindex]")) == (banner is not None)
    canonical = soup.select_one("link[rel=canonical]")
    assert canonical["href"] == f"{BASE}{address.partition('/')[0]}/"


def test_what_is_in_force_and_what_comes_is_told_at_once(sites: Path) -> None:
    lead = page(sites, "alpha/en").select_one(".lead")
    told = " ".join(lead.get_text(" ").split())
    assert "Privacy Policy In force since 1 March 2025 Last updated on 20 January 2025" in told
    assert "A new version comes into force on 1 July 2025." in told
    assert [link["href"] for link in lead.select(".doors a")] == [
        f"{CURRENT}/policy.pdf",
        f"{CURRENT}/changes/",
        "versions/",
    ]
    home = page(sites, "alpha")
    assert home.select_one(".card .door.main")["href"] == "en/"
    assert [each.get_text() for each in home.select(".languages a")] == [
        "English",
        "Nederlands",
        "Français",
    ]


def test_the_list_has_every_version_with_what_it_changed(sites: Path) -> None:
    rows = page(sites, "alpha/en/versions").select(".versions > li")
    assert [row["class"][0] for row in rows] == [
        "upcoming",
        "current",
        "never",
        "superseded",
        "superseded",
        "imported",
    ]
    told = " ".join(rows[1].get_text(" ").split())
    assert "1 March 2025 – 30 June 2025 In force We say how long we keep it" in told
    assert "Clause “Your data” changed." in told


def test_a_redline_tells_in_words_what_changed(sites: Path) -> None:
    soup = page(sites, f"alpha/en/{CURRENT}/changes")
    assert "Clause “Your data” changed." in soup.select_one("main .happened").get_text()
    assert "for two years" in soup.select_one("section.clause ins").get_text()
    assert [side.get_text() for side in soup.select(".sides a")] == [NEVER, CURRENT]
    to_current = page(sites, f"alpha/en/{OLD}/to-current")
    assert [side.get_text() for side in to_current.select(".sides a")] == [OLD, CURRENT]
    assert "We say how long we keep it" in soup.select_one(".lead").get_text()
    assert "We say" not in to_current.select_one(".lead").get_text(), "others lie between the two"
    for address in (f"{CURRENT}/to-current", f"{IMPORTED}/changes"):
        assert page(sites, f"alpha/en/{address}").select_one("main.notice")


def test_a_locale_and_a_brand_that_ended_leave_a_page(sites: Path) -> None:
    french = page(sites, "alpha/fr")
    assert "n’est plus publiée" in french.h1.get_text()
    assert {f"{CURRENT}/", "versions/"} <= {each["href"] for each in french.select("main a")}
    beta = page(sites, "beta/en")
    assert "has been withdrawn" in beta.h1.get_text()


def test_a_redacted_file_says_so_at_its_address(archive: Repo, sites: Path) -> None:
    soup = page(sites, "alpha/en/2024-06-10/policy.pdf")
    sums = (archive.workspace / "versions/alpha/2024-06-10/SHA256SUMS").read_text()
    assert soup.select_one(".sha").get_text().strip() in sums
    assert "12 June 2025" in soup.main.get_text()
    everything = b"".join(files(sites / "alpha").values())
    assert b"A court" not in everything, "why a file went is in the ledger, not on the web"


def test_an_imported_page_is_served_as_text_which_no_browser_runs(sites: Path) -> None:
    folder = sites / "alpha/en" / IMPORTED
    assert b"<script>" in (folder / "policy.html.txt").read_bytes()
    assert not (folder / "policy.html").exists()
    assert "name and your street" in page(sites, f"alpha/en/{IMPORTED}").main.get_text()


@pytest.mark.parametrize("standing", get_args(Standing))
def test_there_are_words_for_whatever_a_version_can_be(standing: str) -> None:
    texts = Labels("en").texts
    assert f"is_{standing}" in texts
    for kind in ("banner", "more"):
        assert (f"{kind}_{standing}" in texts) == (standing != "current")


# --- what software is told -----------------------------------------------------------------------


def test_the_list_of_versions_follows_its_schema(sites: Path) -> None:
    schema = json.loads(schemas()["site-versions-1.json"])
    for brand in ("alpha", "beta"):
        listed = json.loads((sites / brand / "versions.json").read_text())
        jsonschema.validate(listed, schema)
        there = {f"{sites / brand / address}" for address in listed["addresses"]}
        assert all(Path(path).exists() for path in there)
        for version in (each for locale in listed["locales"] for each in locale["versions"]):
            for file in version["files"]:
                assert (sites / brand / file["path"]).exists()


def test_the_feed_and_the_sitemap_are_what_their_forms_ask_for(sites: Path) -> None:
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ElementTree.parse(sites / "alpha/en/feed.atom").getroot()
    assert feed.tag == f"{atom}feed"
    for element in (feed, *feed.iter(f"{atom}entry")):
        names = [child.tag.removeprefix(atom) for child in element]
        assert all(names.count(name) == 1 for name in ("id", "title", "updated"))
    ids = [entry.findtext(f"{atom}id") for entry in feed.iter(f"{atom}entry")]
    assert len(ids) == len(set(ids)) == 6
    assert ids[0] == f"tag:alpha.example,2025:alpha/en/{COMING}"
    assert max(e.findtext(f"{atom}updated") for e in feed.iter(f"{atom}entry")) == feed.findtext(
        f"{atom}updated"
    )
    sitemap = ElementTree.parse(sites / "alpha/sitemap.xml").getroot()
    shown = [element.text for element in sitemap.iter() if element.tag.endswith("loc")]
    assert f"{BASE}en/" in shown
    assert not any(address.startswith(f"{BASE}fr/") for address in shown)


def test_the_timemap_has_days_of_the_brands_zone(sites: Path) -> None:
    lines = (sites / "alpha/en/timemap.link").read_text().rstrip().split(",\n")
    assert lines[0] == f'<{BASE}en/>; rel="original"'
    mementos = [line for line in lines if "memento" in line]
    assert mementos[0].startswith(f'<{BASE}en/{IMPORTED}/>; rel="first memento"')
    current = f'<{BASE}en/{CURRENT}/>; rel="last memento"; datetime="Fri, 28 Feb 2025 23:00:00 GMT"'
    assert mementos[-1] == current, "midnight in Brussels"
    assert len(mementos) == 4, "neither what comes nor what never was in force"


def test_metadata_names_each_file_with_its_hash(sites: Path) -> None:
    linked = page(sites, f"alpha/en/{CURRENT}").select_one("link[type='application/ld+json']")
    said = json.loads((sites / "alpha/en" / CURRENT / str(linked["href"])).read_text())
    assert said["temporalCoverage"] == "2025-03-01/2025-06-30"
    assert {file["contentUrl"] for file in said["encoding"]} == {
        f"{BASE}en/{CURRENT}/policy.{ending}" for ending in ("pdf", "html", "md", "json")
    }
    assert all(re.fullmatch("[0-9a-f]{64}", file["sha256"]) for file in said["encoding"])


def test_hosts_keep_frozen_files_for_ever_and_pages_for_minutes(sites: Path) -> None:
    blocks = re.findall(
        r"^(/\S+)\n((?:  .+\n)+)", (sites / "alpha/_headers").read_text(), re.MULTILINE
    )
    cached = {place: "immutable" in text for place, text in blocks if "Cache-Control" in text}
    assert cached["/privacy/:locale/:version/policy.pdf"]
    assert not cached["/privacy/:locale/"]
    assert all("no-transform" in text for _, text in blocks if "Cache-Control" in text)
    patterns = [re.sub(r":\w+", "[^/]+", re.escape(place)) for place in cached]
    for path in files(sites / "alpha"):
        address = f"/privacy/{path.removesuffix('index.html')}"
        fitting = [each for each in patterns if re.fullmatch(each, address)]
        assert len(fitting) <= 1, (address, fitting)
    redirects = (sites / "alpha/_redirects").read_text()
    assert f"/privacy/en/policy.pdf /privacy/en/{CURRENT}/policy.pdf 302\n" in redirects


# --- again, and later ----------------------------------------------------------------------------


def test_the_same_bytes_wherever_it_is_built_and_nothing_twice(
    archive: Repo, sites: Path, tmp_path: Path
) -> None:
    code = (
        "import sys; from pathlib import Path; from publisher.site.site import site\n"
        "from datetime import datetime, UTC\n"
        f"site(Path(sys.argv[1]), Path(sys.argv[2]), datetime({NOW.year}, {NOW.month}, {NOW.day}, 12, tzinfo=UTC))"
    )
    away = copied(archive, tmp_path / "elsewhere/repo")
    command = [sys.executable, "-c", code, str(away.workspace), str(tmp_path / "other")]
    odd = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    subprocess.run(command, cwd=ROOT, env=odd, check=True)
    assert files(tmp_path / "other") == files(sites)
    before = {path: path.stat().st_mtime_ns for path in sites.rglob("*")}
    again = site(archive.workspace, sites, NOW, cache=Cache(tmp_path / "cache"))
    assert [each.written for each in again.sites] == [0, 0]
    assert {path: path.stat().st_mtime_ns for path in sites.rglob("*")} == before


def test_on_the_day_that_it_names_the_site_is_due_and_then_shows_it(
    archive: Repo, sites: Path, tmp_path: Path
) -> None:
    output = tmp_path / "site"
    shutil.copytree(sites, output)
    assert due(archive.workspace, output, noon("2025-06-30")) == ()
    late = due(archive.workspace, output, noon("2025-07-01"))
    assert [each.because for each in late] == ["the day 2025-07-01 has come"]
    built = site(archive.workspace, output, NOW, on=date(2025, 7, 1)).sites[0]
    assert built.next_build is None
    told = page(output, "alpha/en").select_one(".facts").get_text()
    assert "In force since 1 July 2025" in told
    assert page(output, f"alpha/en/{CURRENT}").select_one(".banner")
    assert due(archive.workspace, output, noon("2025-07-02")) == ()
    assert due(archive.workspace, tmp_path / "none", NOW)[0].because == "it was never built"


def test_a_file_that_is_redacted_later_vanishes_and_its_address_stays(
    archive: Repo, sites: Path, tmp_path: Path
) -> None:
    repo, output = copied(archive, tmp_path / "repo"), tmp_path / "site"
    shutil.copytree(sites, output)
    for name in ("policy.html", "policy.json"):
        asked = AppendOptions(noon("2025-06-16"))
        redact(repo.workspace, "alpha", OLD, f"en/{name}", "A name", "A court", asked)
    assert [each.because for each in due(repo.workspace, output, NOW, ["alpha"])] == [
        "its archive has entries that the site does not show"
    ]
    site(repo.workspace, output, noon("2025-06-16"))
    assert (output / "alpha/en" / OLD / "policy.html/index.html").is_file()
    assert "taken out of the archive" in page(output, f"alpha/en/{OLD}").main.get_text()
    assert page(output, f"alpha/en/{OLD}/changes").select_one("main.notice")
    before, after = (
        {
            each.rstrip("/")
            for each in json.loads((folder / "alpha/versions.json").read_text())["addresses"]
        }
        for folder in (sites, output)
    )
    assert before <= after


def test_an_address_is_never_lost(archive: Repo, sites: Path, tmp_path: Path) -> None:
    output = tmp_path / "site"
    shutil.copytree(sites, output)
    listed = json.loads((output / "alpha/versions.json").read_text())
    listed["addresses"].append("en/2023-01-01/")
    (output / "alpha/versions.json").write_text(json.dumps(listed))
    before = files(output)
    with pytest.raises(AskedWrongly, match="has en/2023-01-01/, and the new site would not"):
        site(archive.workspace, output, NOW)
    assert files(output) == before


def test_a_brand_that_left_the_workspace_keeps_its_site(archive: Repo, tmp_path: Path) -> None:
    repo = copied(archive, tmp_path / "repo")
    shutil.rmtree(repo.workspace / "brands/beta")
    built = site(repo.workspace, tmp_path / "site", NOW, brands=["beta"]).sites[0]
    assert "no address is known for the site" in built.notes[0]
    assert "has been withdrawn" in page(tmp_path / "site", "beta/en").h1.get_text()
    assert not (tmp_path / "site/beta/sitemap.xml").exists()


def test_a_brand_with_another_name_keeps_the_old_addresses(archive: Repo, tmp_path: Path) -> None:
    repo = copied(archive, tmp_path / "repo")
    (repo.workspace / "brands/alpha").rename(repo.workspace / "brands/gamma")
    file = repo.workspace / "brands/gamma/brand.yaml"
    file.write_text(f"{file.read_text()}was: [alpha]\n")
    site(repo.workspace, tmp_path / "site", NOW, brands=["alpha"])
    assert page(tmp_path / "site", f"gamma/en/{OLD}").select_one(".banner")


def test_a_tag_that_changed_leaves_a_page(archive: Repo, tmp_path: Path) -> None:
    repo = copied(archive, tmp_path / "repo")
    file = repo.workspace / "brands/alpha/brand.yaml"
    text = file.read_text().replace("locales: [en, nl, fr]", "locales: [en, nl-BE, fr]")
    file.write_text(f"{text.replace('nl: Naar', 'nl-BE: Naar')}was_locales: {{nl-BE: [nl]}}\n")
    site(repo.workspace, tmp_path / "site", NOW, brands=["alpha"])
    assert page(tmp_path / "site", "alpha/nl").select_one("main a")["href"] == "../nl-BE/"
    row = page(tmp_path / "site", "alpha/nl-BE/versions").select_one(".versions .period a")
    assert row["href"] == f"../../nl/{COMING}/"


def test_an_unreleased_brand_is_passed_over_unless_it_is_named(
    archive: Repo, tmp_path: Path
) -> None:
    repo = copied(archive, tmp_path / "repo")
    text = (repo.workspace / "brands/beta/brand.yaml").read_text()
    (repo.workspace / "brands/delta").mkdir()
    (repo.workspace / "brands/delta/brand.yaml").write_text(text.replace("Beta", "Delta"))
    assert site(repo.workspace, tmp_path / "site", NOW).passed_over == ("delta",)
    with pytest.raises(NeverReleased, match="'delta' has no released version"):
        site(repo.workspace, tmp_path / "site", NOW, brands=["delta"])


def test_the_command_line(archive: Repo, tmp_path: Path, run: Run) -> None:
    output = str(tmp_path / "site")
    done = run("site", "beta", "--output", output, "--json", cwd=archive.workspace)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["sites"][0]["versions"] == 1
    done = run("site", "beta", "--output", output, "--check-due", cwd=archive.workspace)
    assert (done.returncode, done.stderr) == (0, "")
    done = run("site", "alpha", "--output", output, "--check-due", cwd=archive.workspace)
    assert done.returncode == 1
    assert "the site of alpha must be built: it was never built" in done.stderr


# --- in a browser --------------------------------------------------------------------------------

PAGES = (
    "",
    "en",
    "en/versions",
    f"en/{OLD}",
    f"en/{CURRENT}/changes",
    "fr",
    "en/2024-06-10/policy.pdf",
)


@pytest.mark.usefixtures("validators")
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1400, "dark")])
@pytest.mark.parametrize("address", PAGES)
def test_axe_finds_nothing(
    browser: Browser, sites: Path, address: str, width: int, scheme: str
) -> None:
    assert violations(browser, sites / "alpha" / address / "index.html", width, scheme) == []


@pytest.mark.parametrize("address", PAGES)
def test_a_page_never_scrolls_sideways_and_its_policy_lets_its_style_through(
    browser: Browser, sites: Path, address: str
) -> None:
    opened = browser.new_context(offline=True).new_page()
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    for width in (320, 800, 1400):
        opened.set_viewport_size({"width": width, "height": 800})
        opened.goto((sites / "alpha" / address / "index.html").resolve().as_uri())
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
    position = "getComputedStyle(document.querySelector('.skip')).position"
    assert opened.evaluate(position) == "absolute"
    assert said == []


def test_a_banner_stays_in_sight_and_never_scrolls_sideways(browser: Browser, sites: Path) -> None:
    """To CSS, a scroll bar is a part of the window's width."""
    with with_scroll_bars(browser) as common:
        opened = common.new_page(viewport={"width": 360, "height": 500}, offline=True)
        opened.goto((sites / "alpha/en" / OLD / "index.html").resolve().as_uri())
        opened.evaluate("scrollTo(9e9, 9e9)")
        box = opened.locator(".banner").bounding_box()
        assert box is not None
        assert box["y"] == 0
        assert opened.evaluate("scrollX") == 0


@pytest.mark.thorough
@pytest.mark.usefixtures("validators")
def test_the_nu_html_checker_finds_no_error(sites: Path) -> None:
    pages = [
        path for path in sites.rglob("*.html") if path.is_file() and "fragment" not in path.name
    ]
    assert nu_errors(*pages) == []


def test_on_paper_a_version_has_its_banner_and_no_way_to_click(
    browser: Browser, sites: Path
) -> None:
    context = browser.new_context(offline=True)
    opened = context.new_page()
    opened.emulate_media(media="print", color_scheme="dark")
    opened.goto((sites / "alpha/en" / OLD / "index.html").resolve().as_uri())
    assert opened.locator(".banner").is_visible()
    assert (
        opened.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    )
    for part in (".doors", ".languages", ".versions .ways", ".banner a"):
        assert not opened.locator(part).first.is_visible(), part
    assert opened.locator(".sha code").first.is_visible()
    context.close()
