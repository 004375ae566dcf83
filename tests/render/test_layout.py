"""Tables and long words on the pages of PDFs: nothing is torn, cut off, covered or lost."""

from __future__ import annotations

import re
import subprocess
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pytest
from support.realsized import ccpa, cookies, table, tables, terms
from support.workspaces import clause, policy, small

from publisher.errors import InvalidPolicy
from publisher.intake.formats import extract
from publisher.policy.dating import Dating
from publisher.policy.tree import text_of
from publisher.render.advances import widths
from publisher.render.breaks import words as words_of
from publisher.render.page import html
from publisher.render.pdf import manuscript
from publisher.render.pdf_job import PdfJob
from publisher.render.style import Style
from publisher.render.typeset import typeset
from publisher.repository.source import FolderSource

WIDTH, GAP = Style().width, 8.5
LEFT, RIGHT = (595.3 - WIDTH) / 2, (595.3 + WIDTH) / 2


def written(root: Path, text: str) -> PdfJob:
    """Return the manuscript of a policy with a clause of this text."""
    small(root, {"brands/alpha/clauses/en/data.md": clause(text)})
    return manuscript(policy(root), Dating("undated"), Style(), FolderSource(root))


@dataclass(frozen=True)
class Word:
    page: int
    left: float
    top: float
    right: float
    bottom: float
    text: str


@dataclass(frozen=True)
class Pages:
    """A PDF as pdftotext sees it."""

    file: Path

    @cached_property
    def sizes(self) -> list[tuple[float, float]]:
        found = re.findall(r'<page width="([\d.]+)" height="([\d.]+)"', self._boxes)
        return [(float(width), float(height)) for width, height in found]

    @cached_property
    def words(self) -> list[Word]:
        found = []
        for page, part in enumerate(self._boxes.split("<page ")[1:]):
            for match in re.finditer(
                r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)<',
                part,
            ):
                left, top, right, bottom = map(float, match.groups()[:4])
                found.append(Word(page, left, top, right, bottom, match.group(5)))
        return found

    @cached_property
    def _boxes(self) -> str:
        return subprocess.run(
            ["pdftotext", "-bbox", self.file, "-"], capture_output=True, text=True, check=True
        ).stdout

    @cached_property
    def raw(self) -> list[str]:
        """The text of each page."""
        return subprocess.run(
            ["pdftotext", "-raw", self.file, "-"], capture_output=True, text=True, check=True
        ).stdout.split("\f")[:-1]


def pages(root: Path, text: str) -> Pages:
    (root / "policy.pdf").write_bytes(typeset(written(root / "w", text)))
    return Pages(root / "policy.pdf")


def assert_inside(found: Pages) -> None:
    for word in found.words:
        width, height = found.sizes[word.page]
        assert word.left >= LEFT - 1, word
        assert word.right <= width - LEFT + 1, word
        assert 0 <= word.top <= word.bottom <= height, word


# --- tables --------------------------------------------------------------------------------------

F01 = table(
    ("Cookie", "Provider", "Lifetime", "Purpose"),
    [
        ("session_id", "Acme Hosting", "30 minutes", "Keeps you signed in."),
        ("preferences", "Acme Hosting", "12 months", "Remembers the language and more. " * 15),
    ],
)
ADDRESS = "https://optout.statly.example/preferences?token=" + "0123456789abcdef" * 5


def test_an_ordinary_table_has_whole_words_and_terms_on_one_line(tmp_path: Path) -> None:
    found = pages(tmp_path, F01)
    lines = {(word.page, round(word.top)): [] for word in found.words}  # type: ignore[var-annotated]
    for word in found.words:
        lines[word.page, round(word.top)].append(word.text)
    for line in ("Cookie Provider Lifetime Purpose", "session_id Acme Hosting 30 minutes",
                 "preferences Acme Hosting 12 months"):  # fmt: skip
        assert any(" ".join(words).startswith(line) for words in lines.values()), line
    assert_inside(found)


def test_addresses_and_hashes_are_broken_within_the_margins_and_copied_whole(
    tmp_path: Path,
) -> None:
    text = f"Notice: {ADDRESS}?{ADDRESS} tells more.\n\n- {ADDRESS}\n\n" + table(
        ("Cookie", "Set by", "Notice"), [("_op", "Opto", ADDRESS)]
    )
    found = pages(tmp_path, text)
    assert_inside(found)
    everything = "".join(found.raw)
    assert not re.search("[\u00ad\u200b\u2060]", everything)
    assert re.sub(r"\s", "", everything).count(ADDRESS) == 4
    assert {"Cookie", "Opto", "_op"} <= {word.text for word in found.words}


def test_what_may_be_long_anywhere_stays_inside(tmp_path: Path) -> None:
    long = "Donaudampfschifffahrtsgesellschaftskapitän" * 3
    text = f"## {long} and {ADDRESS}\n\n{long}\n: {ADDRESS} {long}\n\n> 1. - {long} {ADDRESS}\n\nx[^a]\n\n[^a]: {ADDRESS} {long}\n"
    root = small(
        tmp_path / "w",
        {
            "shared/policy.yaml": f"title: {{en: '{long}'}}\norder: [who, data, rights]\n",
            "brands/alpha/clauses/en/data.md": clause(text, f"{long} {ADDRESS}"),
        },
    )
    made = manuscript(policy(root), Dating("undated"), Style(), FolderSource(root))
    (tmp_path / "policy.pdf").write_bytes(typeset(made))
    assert_inside(Pages(tmp_path / "policy.pdf"))


def least(column: list[str]) -> float:
    """Return how wide the widest word of a column is in bold, as headers are, with some room."""
    return max(
        sum(widths(bold=True)[c] for c in cell[a:b]) for cell in column for a, b in words_of(cell)
    )


def test_tables_of_every_kind(tmp_path: Path) -> None:
    made = tables(30)
    text = "\n\n".join(f"Before it:\n\n{table(head, rows)}" for head, rows in made)
    found = pages(tmp_path, text)
    assert_inside(found)
    at = {word.text: word for word in found.words if re.fullmatch(r"t\d+r\d+c\d+", word.text)}
    shown: dict[str, int] = defaultdict(int)
    for word in found.words:
        shown[word.text] += 1
    fitting = 0
    for head, rows in made:
        columns = [list(column) for column in zip(head, *rows, strict=True)]
        for row in (head, *rows):
            cells = [at[cell.split()[0]] for cell in row]
            assert len({(word.page, round(word.top)) for word in cells}) == 1
            assert [word.left for word in cells] == sorted(word.left for word in cells)
        for column in columns:
            assert len({round(at[cell.split()[0]].left) for cell in column}) == 1
        if sum(least(column) * 9.2 + GAP for column in columns) <= WIDTH:
            fitting += 1
            for cell in (cell for column in columns for cell in column):
                assert all(word in shown for word in cell.split()), cell
    assert fitting > 8


def test_a_row_higher_than_a_page_goes_over_pages_below_the_header(tmp_path: Path) -> None:
    long = " ".join(f"word{number}" for number in range(1500))
    text = table(("Name", "Everything"), [("x", long), ("y", long), ("z", "short")])
    found = pages(tmp_path, text)
    assert_inside(found)
    assert len(found.raw) > 3
    assert sum("Name Everything" in page for page in found.raw) >= len(found.raw) - 1


def test_a_table_that_has_no_room_gets_a_page_across_and_the_text_behind_it_none(
    tmp_path: Path,
) -> None:
    head = tuple(f"Heading{number}" for number in range(12))
    text = f"First.\n\nThe table:\n\n{table(head, [head, head])}\n\nBehind it."
    found = pages(tmp_path, text)
    assert_inside(found)
    across = [width > height for width, height in found.sizes]
    assert across == [False, True, False]
    assert "The table:" in found.raw[1]
    assert "Behind it." in found.raw[2]


# --- real sizes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "header"),
    [
        (ccpa(40), "Category Sources Purposes Recipients"),
        pytest.param(cookies(), "Cookie Provider Lifetime Purpose", marks=pytest.mark.thorough),
        pytest.param(terms(), "", marks=pytest.mark.thorough),
    ],
    ids=["ccpa", "cookies", "terms"],
)
def test_policies_of_real_size(tmp_path: Path, text: str, header: str) -> None:
    found = pages(tmp_path, text)
    assert_inside(found)
    for page in found.raw[1:-1]:
        assert header in page
    if header:  # no row is split: the first words of all its cells are on the page of its name
        last = re.findall(
            r"(?:data|classifications|records|Identifiers|\w+_)\s?(\d+)", "".join(found.raw)
        )
        assert len(last) >= text.count("\n") - 2
    lines = {round(word.top) for word in found.words if word.page == len(found.raw) - 1}
    assert len(lines) - 3 >= 3  # besides those of the margins


def test_a_cell_takes_no_longer_than_a_paragraph(tmp_path: Path) -> None:
    said = " ".join(f"Item {number} of the examples that the law gives." for number in range(70))
    texts = (said, table(("a", "b"), [("x", said)]), "Nothing.")
    made = [written(tmp_path / str(n), text) for n, text in enumerate(texts)]
    times = [min(_seconds(each) for _ in range(2)) for each in made]
    paragraph, cell, nothing = times
    assert cell - nothing < 3 * max(paragraph - nothing, 0.1)


def _seconds(made: PdfJob) -> float:
    start = time.process_time()
    typeset(made)
    return time.process_time() - start


# --- the last check ------------------------------------------------------------------------------

WHITE = "content: ''; background: #fff"
HOSTILE = [
    ("main p { margin-left: -90pt }", "outside-margins"),
    ("main p { position: relative; left: 400pt }", "outside-margins"),
    ("main p { margin-right: -300pt; white-space: nowrap; word-spacing: 90pt }", "outside-margins"),
    ("@page { margin-bottom: 0 } main p { position: absolute; top: 2000pt }", "outside-margins"),
    ("main p { font-size: 1px }", "small-text"),
    ("main p { font-size: calc(1pt * 5) }", "small-text"),
    ("main p { color: white }", "faint-text"),
    ("main p { color: #c1c1c1 }", "faint-text"),
    ("main p { color: rgba(0, 0, 0, 0.2) }", "faint-text"),
    ("main section { opacity: 0.3 }", "faint-text"),
    ("main { background: #444 }", "faint-text"),
    ("@page { background: #222 }", "faint-text"),
    ("main p { background: linear-gradient(white, black) }", "faint-text"),
    (f"main {{ position: relative }} main::after {{ {WHITE}; position: absolute; inset: 0 }}", "covered"),
    (f"html::after {{ {WHITE}; position: fixed; top: 0; left: 0; width: 400pt; height: 600pt }}", "covered"),
    ("main p { margin-top: -20pt }", "covered"),
    ("main p + ul { transform: translateY(-20pt) }", "lost"),
    ("main p { border-bottom: 20pt solid white; margin-bottom: -20pt; position: relative; z-index: 1; height: 1pt }", "covered"),
    ("main p { display: none }", "lost"),
    ("main p { visibility: hidden }", "lost"),
    ("main p { height: 1px; overflow: hidden }", "lost"),
    ("main p { transform: scale(0.1) }", "lost"),
    ("main p { position: absolute; clip: rect(0, 0, 0, 0) }", "lost"),
    ("main { display: flex; flex-direction: column-reverse }", "lost"),
    ("#rights { position: absolute; top: 0 } #who, #data { position: relative; top: 160pt }", "out-of-order"),
]  # fmt: skip


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> PdfJob:
    text = "We keep your name.\n\n- and address\n\nWe give it to nobody."
    return written(tmp_path_factory.mktemp("well"), text)


@pytest.mark.parametrize(("css", "rule"), HOSTILE)
def test_a_page_that_cannot_be_read_is_refused(well: PdfJob, css: str, rule: str) -> None:
    with pytest.raises(InvalidPolicy) as fault:
        typeset(replace(well, page=well.page.replace("</style>", f"{css}</style>")))
    rules = {problem.rule for problem in fault.value.problems}
    assert rule in rules, [str(problem) for problem in fault.value.problems]


def test_the_file_and_the_line_are_named(well: PdfJob) -> None:
    css = "#data p:last-child { color: white }"
    with pytest.raises(InvalidPolicy) as fault:
        typeset(replace(well, page=well.page.replace("</style>", f"{css}</style>")))
    assert [str(problem) for problem in fault.value.problems] == [
        "brands/alpha/clauses/en/data.md:8: has text with a contrast of 1.0:1, less than 4.5:1, in "
        "the PDF of alpha: 'We give it to nobody.'; this is a fault of publisher itself: please "
        "report it, with the clause"
    ]


def test_a_page_that_can_be_read_is_not(well: PdfJob) -> None:
    assert typeset(well).startswith(b"%PDF")


# --- the ends of pages ---------------------------------------------------------------------------


ENDS = {
    "paragraph": "The last line.",
    "list": "The list:\n\n" + "\n".join(f"- item {n}" for n in range(4)),
    "table": "The table:\n\n" + table(("a", "b"), [(f"a{n}", f"b{n}") for n in range(4)]),
    "terms": "Term\n: Meaning one\n\nOther\n: Meaning two",
    "heading": "## Sub\n\nText.",
    "quotation": "> Quoted.",
}


@pytest.mark.thorough
@pytest.mark.parametrize("end", ENDS)
def test_no_last_page_has_less_than_three_lines_and_none_ends_with_what_leads_on(
    tmp_path: Path, end: str
) -> None:
    for number in range(18, 30, 2):
        filled = "\n\n".join(f"Paragraph {n} of this." for n in range(number))
        root = small(
            tmp_path / str(number),
            {
                "brands/alpha/clauses/en/data.md": clause(f"{filled}\n\n{ENDS[end]}"),
                "shared/policy.yaml": "title: {en: Privacy Policy}\norder: [who, data]\n",
            },
        )
        made = manuscript(policy(root), Dating("undated"), Style(), FolderSource(root))
        (root / "policy.pdf").write_bytes(typeset(made))
        found = Pages(root / "policy.pdf")
        inner = [word for word in found.words if 65 < word.top < 770]
        for page in range(len(found.raw)):
            lines = sorted({round(word.top / 4) for word in inner if word.page == page})
            last = [word.text for word in inner if round(word.top / 4) == lines[-1]]
            assert last[-1] not in ("list:", "table:", "Sub")
            assert page == 0 or page < len(found.raw) - 1 or len(lines) >= 3, (number, last)


def test_a_short_table_does_not_pull_the_one_before_it_along(tmp_path: Path) -> None:
    rows = [(f"a{n}", f"b{n}<br>c") for n in range(25)]
    found = pages(tmp_path, f"{table(('a', 'b'), rows)}\n\n{table(('c', 'd'), [('x', 'y')])}")
    assert max(word.bottom for word in found.words if word.page == 0 and word.top < 770) > 700


def test_the_lines_of_a_list_in_a_cell_hang(tmp_path: Path) -> None:
    item = "an item whose text goes on over the end of the line so that one sees how it is set " * 2
    cells = [(f"• {item}<br>• two", f"(a) {item}<br>(b) **two**"), ("– single", "plain<br>lines")]
    found = pages(tmp_path, table(("One", "Two"), cells))
    marks = [word for word in found.words if word.text == "•" and word.top > 300][:2]
    starts = {
        round(word.left)
        for word in found.words
        if marks[0].top + 5 < word.top < marks[1].top - 5 and word.left < 250
    }
    assert min(starts) > marks[0].left + 5
    html_page = html(policy(tmp_path / "w"), Dating("undated"), Style()).decode()
    assert html_page.count('class="item"') == 2
    assert html_page.count('class="item wide"') == 2


def test_an_address_in_lines_stays_together(tmp_path: Path) -> None:
    filled = "\n\n".join(
        f"Filled {n}.\n\nAcme{n} NV  \nStreet{n}  \n9000 Gent  \nCountry{n}" for n in range(30)
    )
    found = pages(tmp_path, filled)
    at = {word.text: word.page for word in found.words}
    assert len(found.raw) > 3
    assert all(at[f"Acme{n}"] == at[f"Street{n}"] == at[f"Country{n}"] for n in range(30))


# --- hyphens -------------------------------------------------------------------------------------

LONG_WORDS = {
    "en": "characteristically incomprehensible representatives communicate extraordinarily",
    "nl": "verwerkingsverantwoordelijken gegevensbeschermingsautoriteiten samenwerkingsverbanden",
    "de": "Datenschutzbeauftragte Aufbewahrungspflichten verantwortlicherweise benachrichtigt",
    "pl": "odpowiedzialność przechowywanie zainteresowanych przetwarzających powiadomienie",
    "el": "επεξεργαστείτε δημοσιοποιήσουμε υποχρεώσεις διαβιβάζονται προστασίας",
    "tr": "sorumluluklarımızdan değerlendirilmesi bilgilendirmelerimizden kullanabileceksiniz",
}


KEPT = "privacy@administration.example internationalisation.example ADMINISTRATIONS 12345678ab"


@pytest.mark.parametrize(
    "locale",
    [
        pytest.param(name, marks=[] if name in ("de", "el") else pytest.mark.thorough)
        for name in LONG_WORDS
    ],
)
def test_words_are_hyphenated_by_their_language_and_taken_out_whole(
    tmp_path: Path, locale: str
) -> None:
    words = LONG_WORDS[locale].split()
    line = " ".join(f"{words[n % len(words)]} {'aeiou'[: n % 6]}".strip() for n in range(90))
    kept = " ".join(f"{KEPT} {'e' * n}" for n in range(1, 20))
    heading = " ".join(words * 3)
    made = written(tmp_path, f"{line}.\n\n{kept}.\n\n## {heading}\n\n`{heading}`\n\n- {line}.")
    page = made.page.replace('<html lang="en"', f'<html lang="{locale}"')
    (tmp_path / "policy.pdf").write_bytes(typeset(replace(made, page=page, locale=locale)))
    shown = Pages(tmp_path / "policy.pdf")
    ends = [word.text for word in shown.words if word.text.endswith("\u2010")]
    assert bool(ends) == (locale != "tr"), "a language without patterns is left alone"
    assert not {end.rstrip("\u2010") for end in ends} & set(re.findall(r"\w+", KEPT.lower()))
    assert all(len(end) > 3 for end in ends)
    large = {word.text for word in shown.words if word.bottom - word.top > 14}
    assert not large & set(ends), "headings are not hyphenated"
    taken = extract((tmp_path / "policy.pdf").read_bytes(), "pdf")
    own = next(clause for clause in taken.clauses if clause.title == "Your data")
    assert text_of(own).split() == f"{line}. {kept}. {heading} {heading} {line}.".split()
