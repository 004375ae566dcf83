"""Redlines as pages: both policies are in them, whole, and everybody can tell what became of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from conftest import examples
from hypothesis import HealthCheck, given, settings
from playwright.sync_api import Browser
from pypdf import PdfReader
from support.browsers import nu_errors, opened, violations
from support.policies import pairs, policy, written
from support.redlines import NEW, OLD, STYLE, policies

from publisher.policy.fragments import Fragment, fragments
from publisher.policy.kinds import inside, text_of
from publisher.policy.tree import Clause, Code, List, Paragraph, Policy, Question, Text, Unconfirmed
from publisher.redline import redline
from publisher.redline.values import SIDES, Redline, Side, walk
from publisher.redline.values import opened as whole_part
from publisher.redline.views.page import html, manuscript
from publisher.redline.views.plain_text import plain_text
from publisher.render.typeset import typeset

VERAPDF = Path(__file__).parents[1] / "validators" / "verapdf"
ORIGINS = (OLD, NEW)
SOME = settings(max_examples=examples(150), suppress_health_check=list(HealthCheck))


# --- what a page says ----------------------------------------------------------------------------


def parsed(old: Policy | None, new: Policy | None) -> tuple[Redline, BeautifulSoup]:
    found = redline(old, new)
    return found, BeautifulSoup(html(found, ORIGINS, STYLE), "html.parser")


def said(clause: Clause) -> str:
    """Return all characters of a clause, from its tree alone."""
    return bare("".join(_said(kind, node) for kind, node in inside("clause", clause)))


def _said(kind: Any, node: Any) -> str:
    run = text_of(kind, node)
    if run is None:
        return "".join(_said(*each) for each in inside(kind, node))
    return "".join(map(_characters, fragments(run)))


def _characters(fragment: Fragment) -> str:
    match fragment.leaf:
        case Text(text) | Code(text):
            return text
        case Unconfirmed():
            return "[to be confirmed]"
    return ""


def bare(text: str) -> str:
    return unicodedata.normalize("NFC", re.sub(r"\s+", "", text))


def left(elements: list[Tag], *unwanted: str) -> str:
    """Return what is left of a clause without some of its elements, and without our own words.

    One that was divided or joined is in several elements; its notes stand behind all of them.
    """
    copy = BeautifulSoup("".join(map(str, elements)), "html.parser")
    ours = [".state", ".states", ".ways", ".remark", ".label", ".mark", "sup"]
    for each in copy.select(", ".join([*ours, *unwanted])):
        each.extract()
    noted = [each.extract() for each in copy.select(".notes")]
    return bare(copy.get_text() + "".join(each.get_text() for each in noted))


def clauses(found: Redline, soup: BeautifulSoup) -> Iterator[tuple[Any, Tag]]:
    return zip(found.clauses, soup.select("main > .clause:not(.same), .unchanged"), strict=True)


def read(found: Redline, soup: BeautifulSoup, side: Side) -> dict[str, list[Tag]]:
    """Return the elements of each clause of one of the policies; those without a title have none.

    What goes on with the clause before it in that policy has its title as text of that.
    """
    elements: dict[str, list[Tag]] = {}
    for clause, element in clauses(found, soup):
        if clause.part.status == "from" or getattr(clause.part, side) is None:
            continue
        title = whole_part(clause.part).parts[0]
        if not any(plain_text(title, each).strip() for each in SIDES):
            for heading in element.select("h2"):
                heading.extract()
        if side in clause.part.continued:
            [*elements.values()][-1].append(element)
        else:
            elements[getattr(clause, side)] = [element]
    return elements


@SOME
@given(pairs(shrinking=False))
def test_both_policies_can_be_read_in_one_text(both: tuple[Policy, Policy]) -> None:
    found, soup = parsed(*both)
    unwanted: dict[Side, list[str]] = {"old": ["ins", ".on-the-way"], "new": ["del"]}
    for side, whole in zip(SIDES, both, strict=True):
        elements = read(found, soup, side)
        if side == "new":
            assert list(elements) == [clause.id for clause in whole.clauses]
        for clause in whole.clauses:
            text = left(elements.pop(clause.id), ".old", ".new", *unwanted[side])
            assert text == said(clause) or (side == "old" and clause.id in column_moved(found))
        assert not elements


def column_moved(found: Redline) -> set[str | None]:
    """Return the clauses with a table of which a column is shown where the new policy has it."""
    return {
        clause.old for clause in found.clauses
        if any(part.kind in ("header", "row") and any(cell.move for cell in part.parts)
               for part in walk(clause.part))
    }  # fmt: skip


@SOME
@given(pairs(shrinking=False))
def test_both_policies_stand_side_by_side(both: tuple[Policy, Policy]) -> None:
    found, soup = parsed(*both)
    unwanted: dict[Side, list[str]] = {
        "old": [".new", ".newside", "h2 ins", "h2 .on-the-way"],
        "new": [".old", ".oldside", "del"],
    }
    for side, whole in zip(SIDES, both, strict=True):
        elements = read(found, soup, side)
        for clause in whole.clauses:
            assert left(elements.pop(clause.id), ".both", *unwanted[side]) == said(clause)
        assert not elements


@settings(SOME, max_examples=examples(80))
@given(pairs(shrinking=False))
def test_every_id_is_there_once_and_every_link_leads_to_one(both: tuple[Policy, Policy]) -> None:
    for old, new in (both, (None, both[1]), (both[0], None)):
        found = redline(old, new)
        for page in (html(found, ORIGINS, STYLE), manuscript(found, ORIGINS, STYLE).page):
            sound(BeautifulSoup(page, "html.parser"))


@settings(SOME, max_examples=examples(80))
@given(pairs(shrinking=False))
def test_what_must_be_seen_on_paper_is_there_in_order(both: tuple[Policy, Policy]) -> None:
    made = manuscript(redline(*both), ORIGINS, STYLE)
    page, at = bare(BeautifulSoup(made.page, "html.parser").get_text()), 0
    for _, _, text in made.texts:
        found = page.find(bare(text), at)
        assert found >= 0
        at = found + len(bare(text))


def sound(soup: BeautifulSoup) -> None:
    ids = [each["id"] for each in soup.select("[id]")]
    assert len(ids) == len(set(ids))
    targets = {str(each["href"])[1:] for each in soup.select('[href^="#"]')}
    assert targets <= set(ids)
    assert not soup.select(
        "a a, p p, p div, p li, ins p, del p, script, [style]:not(.labelled > li), [onclick]"
    )


# --- what it looks like --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Policy, Policy]:
    return policies(tmp_path_factory.mktemp("redline"))


@pytest.fixture(scope="module")
def redlines(both: tuple[Policy, Policy]) -> dict[str, tuple[Redline, Any]]:
    """An edited policy, one that went, one that stayed, one in Greek, drafts, lists in groups."""
    old, new = both
    doubtful = replace(OLD, brand="netvpx", unverified="SHA256SUMS names another file")
    greek = [replace(each, locale="el") for each in both]
    return {
        "edited": (redline(old, new), ORIGINS),
        "gone": (redline(old, None), (doubtful, NEW)),
        "same": (redline(new, new), (NEW, NEW)),
        "greek": (redline(*greek), ORIGINS),
        "draft": (redline(*drafts()), ORIGINS),
        "grouped": (redline(*grouped()), ORIGINS),
        "ungrouped": (redline(*reversed(grouped())), ORIGINS),
    }


@pytest.fixture(scope="module")
def pages(redlines: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the page of each redline."""
    folder = tmp_path_factory.mktemp("pages")
    for name, (found, origins) in redlines.items():
        (folder / f"{name}.html").write_bytes(html(found, origins, STYLE))
    return folder


@pytest.fixture(scope="module")
def printed(redlines: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Typesets one of the redlines; returns the PDF."""
    folder = tmp_path_factory.mktemp("printed")

    @cache
    def pdf(name: str) -> Path:
        files = (("redline.json", b"{}"),)
        path = folder / f"{name}.pdf"
        path.write_bytes(typeset(manuscript(*redlines[name], STYLE, files)))
        return path

    return pdf


def drafts() -> tuple[Policy, Policy]:
    """Two drafts, in which a fact is confirmed, a list numbered anew and an item moved."""
    asked = Question("Is it?", "shared/company.yaml", 3)
    unsure = Paragraph(
        (Text("We are "), Unconfirmed((Text("Example BV"),), asked), Text(" in Ghent."))
    )
    sure = Paragraph((Text("We are Example BV in "), Unconfirmed((), asked), Text(".")))
    listed = written(
        ("a", "A", "1. Names of people\n2. Addresses of places\n3. Numbers of telephones\n\n- one\n- two"),
        ("b", "B", "See [a](#a) and `this`.\n\nOr [one **bold** link](https://x.example)."),
    )  # fmt: skip
    again = written(
        ("a", "A", "3. Names of people\n4. Numbers of telephones\n5. Addresses of places\n\n- one\n- two"),
        ("c", "B", "See [b](#c) and this.\n\nOr [one **bold** link](https://x.example) too."),
    )  # fmt: skip
    for each in (listed, again):
        assert isinstance(each.clauses[0].blocks[0], List)
    begun = Clause("who", "Who", (unsure,), (), (asked,), "f.md")
    ended = Clause("who", "Who", (sure,), (), (asked,), "f.md")
    return (
        replace(policy((begun, *listed.clauses)), questions=(asked,)),
        replace(policy((ended, *again.clauses)), questions=(asked,)),
    )


def grouped() -> tuple[Policy, Policy]:
    """Two policies: paragraphs, lists, headings, quotations and clauses in other groups."""
    moved = "We delete what you send us within a year of your last visit to our site."
    stays = "Nothing that you read elsewhere, or that anybody says, changes any of these rules."
    old = written(
        ("a", "Texts", "We keep it. You may ask for it.\nLikeness\nWe may use it.\n\nWe ask for your name, your address and your number."),
        ("b", "Lists", "1. one apple\n2. two pears\n\nSome text between.\n\n1. three plums. They are blue.\n\nThey wrote:\n\nWe keep it safe."),
        ("c", "More", f"We are Alpha. {moved}\n\n{stays}\n\n## Cookies\n\nWe set cookies when you visit."),
    )  # fmt: skip
    new = written(
        ("a", "Texts", "We keep it.\n\nYou may ask for it.\n\n## Likeness\n\nWe may use it.\n\nWe ask for\n\n- your name,\n- your address and\n- your number."),
        ("b", "Lists", "1. one apple\n2. two pears\n\n   Some text between.\n3. three plums.\n4. They are blue.\n\nThey wrote:\n\n> We keep it safe."),
        ("c", "More", f"We are Alpha.\n\n{stays} {moved}"),
        ("d", "Cookies", "We set cookies when you visit."),
    )  # fmt: skip
    return old, new


NAMES = ["edited", "gone", "same", "greek", "draft", "grouped", "ungrouped"]


@pytest.mark.usefixtures("validators")
@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (320, "dark"), pytest.param(1400, "dark", marks=pytest.mark.thorough), pytest.param(320, "light", marks=pytest.mark.thorough)])  # fmt: skip
@pytest.mark.parametrize("name", ["edited", "gone", "same", "draft", "grouped"])
def test_axe_finds_nothing(
    browser: Browser, pages: Path, name: str, width: int, scheme: str
) -> None:
    assert violations(browser, pages / f"{name}.html", width, scheme) == []


@pytest.mark.thorough
@pytest.mark.usefixtures("validators")
def test_the_nu_html_checker_finds_no_error(pages: Path) -> None:
    assert nu_errors(*(pages / f"{name}.html" for name in NAMES)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_page_runs_nothing_asks_for_nothing_and_is_sound(
    browser: Browser, pages: Path, name: str
) -> None:
    file = pages / f"{name}.html"
    sound(BeautifulSoup(file.read_bytes(), "html.parser"))
    page = browser.new_context(offline=True).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    assert page.evaluate("getComputedStyle(document.querySelector('.skip')).position") == "absolute"
    page.context.close()


@pytest.mark.parametrize("width", [320, 1400])
def test_a_page_never_scrolls_sideways(browser: Browser, pages: Path, width: int) -> None:
    page = opened(browser, pages / "edited.html", width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_reader_chooses_between_two_columns_and_one_text(browser: Browser, pages: Path) -> None:
    def seen(selector: str) -> bool:
        return page.locator(f"#security .row-changed > {selector}").first.is_visible()

    page = opened(browser, pages / "edited.html", 1400)
    assert [seen(".old"), seen(".new"), seen(".both")] == [True, True, False]
    one, other = (page.locator(f"#security .row-changed > {each}").first.bounding_box() for each in (".old", ".new"))  # fmt: skip
    assert one is not None
    assert other is not None
    assert one["y"] == other["y"]
    assert one["x"] + one["width"] < other["x"]
    page.get_by_label("In one text").check()
    assert [seen(".old"), seen(".new"), seen(".both")] == [False, False, True]
    page.get_by_label("Side by side").check()
    page.set_viewport_size({"width": 400, "height": 800})
    assert [seen(".old"), seen(".new"), seen(".both")] == [False, False, True]
    page.set_viewport_size({"width": 1400, "height": 800})
    page.emulate_media(media="print")
    assert [seen(".old"), seen(".new"), seen(".both")] == [False, False, True]


def test_links_go_from_change_to_change(browser: Browser, pages: Path) -> None:
    page = opened(browser, pages / "edited.html", 1400)
    found = []
    page.locator("#what-we-collect").get_by_role("link", name="Next change").focus()
    while True:
        page.keyboard.press("Enter")
        place = page.evaluate("location.hash.slice(1)")
        found.append(place)
        after = page.locator(f"[id='{place}']").get_by_role("link", name="Next change")
        if not after.count():
            break
        after.focus()
    assert found == ["retention", "sharing", "your-rights", "security", "children", "_old-changes", "applicants"]  # fmt: skip
    page.get_by_role("link", name="Moved to “Sharing and processors”").click()
    assert page.locator(":target").inner_text().startswith("1 Moved here from “What we collect”")


def test_screen_readers_are_told_what_was_added_and_removed(browser: Browser, pages: Path) -> None:
    page = opened(browser, pages / "edited.html", 400)
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
    nodes = {node["nodeId"]: node for node in tree["nodes"]}
    heard = " ".join(" ".join(spoken(nodes, tree["nodes"][0]["nodeId"])).split())
    assert "[removed: within 72 hours ]" in heard
    assert "[added: without undue delay ]" in heard
    assert "[moved: We may send you" in heard
    copied = page.evaluate(
        "getSelection().selectAllChildren(document.querySelector('#security')), getSelection().toString()"
    )
    assert "[added" not in copied


def spoken(nodes: dict[str, Any], id: str) -> Iterator[str]:
    """Yield the texts in the accessibility tree of the browser, in reading order."""
    node = nodes[id]
    if not node["ignored"] and node["role"]["value"] == "StaticText":
        yield node["name"]["value"]
        return
    for child in node["childIds"]:
        yield from spoken(nodes, child)


def test_a_page_says_what_is_compared_and_what_came_of_it(pages: Path) -> None:
    soup = BeautifulSoup((pages / "edited.html").read_bytes(), "html.parser")
    header = soup.header.get_text(" ", strip=True)  # type: ignore[union-attr]
    for text in ("Version 2026-02-01", "15 February 2026", "on:2026-03-14", "Working copy, not released"):  # fmt: skip
        assert text in header
    rows = [[cell.get_text() for cell in row.select("td")] for row in soup.select(".summary tr")]
    assert ["How long we keep it", "Moved · Changed", "5", "0", "69"] in rows
    assert ["What we collect", "Changed", "13", "0", "0"] in rows
    assert ["Changes", "Removed", "0", "32", "0"] in rows
    assert (
        "[link: was “Website analytics”, now https://plausible.io/data-policy]" in soup.get_text()
    )
    assert "[emphasis: was plain, now italic]" in soup.get_text()
    gone = BeautifulSoup((pages / "gone.html").read_bytes(), "html.parser")
    assert "There is no policy" in gone.select_one(".absent").get_text()  # type: ignore[union-attr]
    assert "SHA256SUMS" in gone.select_one(".warning").get_text()  # type: ignore[union-attr]
    same = BeautifulSoup((pages / "same.html").read_bytes(), "html.parser")
    assert "No differences" in same.get_text()
    assert not same.select("main ins, main del")
    draft = BeautifulSoup((pages / "draft.html").read_bytes(), "html.parser").get_text()
    for text in ("[now confirmed]", "[to be confirmed]", "Id b, now c", "Numbering changed", "emphasis: was code, now plain"):  # fmt: skip
        assert text in draft


# --- paper ---------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_verapdf_finds_every_pdf_valid(printed: Callable[[str], Path]) -> None:
    if shutil.which("javac") is None and not os.environ.get("CI"):
        pytest.skip("no JDK: `make test` installs it where it may")
    done = subprocess.run(
        [VERAPDF, "3a,ua1", *map(printed, NAMES)],
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASS") == 2 * len(NAMES)


def test_items_have_the_numbers_that_their_own_policy_gives_them(
    printed: Callable[[str], Path],
) -> None:
    taken = subprocess.run(
        ["pdftotext", "-layout", printed("edited"), "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    numbered = re.findall(r"^ *(\d\. \S+ \S+)", taken, re.MULTILINE)
    assert numbered == ["1. We ask", "2. [–You may", "2. We never", "3. [+We ask", "1. See the"]


@pytest.mark.thorough
def test_text_taken_out_of_a_pdf_tells_what_was_added_and_removed(
    printed: Callable[[str], Path],
) -> None:
    pdf = printed("edited")
    taken = subprocess.run(
        ["pdftotext", "-raw", pdf, "-"], capture_output=True, text=True, check=True
    ).stdout
    text = " ".join(taken.split())
    assert (
        "notify the Belgian Data Protection Authority [–within 72 hours–][+without undue delay+] and tell"
        in text
    )
    assert "1 Moved to “Sharing and processors” [–We may send you a letter" in text
    assert "1 Moved here from “What we collect” [=We may send you a letter" in text
    assert re.search(r"Unchanged [\w ·]*Website analytics", text)
    assert PdfReader(pdf).attachments["redline.json"] == [b"{}"]
