"""Text that YAML takes for a comment: an error in fields of free text, and in no others."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st
from support.archives import archive, refused, released
from support.workspaces import SMALL, Repo, small

from publisher.build.build import build
from publisher.build.check import check
from publisher.compare.revisions import history
from publisher.errors import InvalidPolicy
from publisher.workspace.yaml import parse

COMPANY, OUTLINE = "shared/company.yaml", "shared/policy.yaml"
PROCESSORS, RETENTION = "shared/processors.yaml", "shared/retention.yaml"
ALPHA, BETA = "brands/alpha/brand.yaml", "brands/beta/brand.yaml"
DATA = "shared/clauses/en/data.md"

VANISHES = [
    (COMPANY, "name: Acme NV", "name: Acme NV #2", ":1: 'name' loses '#2'"),
    (COMPANY, "vat: BE0123 456 749", "vat: BE0123 456 749\t# 2", ":3: 'vat' loses '# 2'"),
    (COMPANY, 'address: [Kerkstraat 1, "9000 Gent, Belgium"]', "address:\n  - Kerkstraat 1 #2\n  - 9000 Gent", ":3: 'address.1' loses '#2'"),
    (COMPANY, "address: [Kerkstraat 1,", "address: [Kerkstraat 1 #2\n  ,", ":2: 'address.1' loses '#2'"),
    (COMPANY, "vat: BE0123 456 749", "vat: BE0123\n  456 749 #2", ":4: 'vat' loses '#2'"),
    (COMPANY, "vat: BE0123 456 749", "vat: BE0123\n  #456 749", ":4: 'vat' loses '#456 749'"),
    (COMPANY, "authority: {name: Data Protection Authority, site: authority.example}", "authority:\n  name: {en: Authority #2\n  }\n  site: a.example", ":5: 'authority.name.en' loses '#2'"),
    (COMPANY, "answer-days: 30 days", "answer-days: 30 days # or so", ":7: 'facts.answer-days' loses '# or so'"),
    (COMPANY, "vat: BE0123 456 749", "vat:\n  unconfirmed: Is it #3?\n  value: BE0123", ":4: 'vat.unconfirmed' loses '#3?'"),
    (COMPANY, "master_locale: en", "visits: #2 Kerkstraat\nmaster_locale: en", ":5: 'visits' loses '#2 Kerkstraat'"),
    (OUTLINE, "title: {en: Privacy Policy, nl: Privacyverklaring}", "title: Annex #2", ":1: 'title' loses '#2'"),
    (OUTLINE, "title: {en: Privacy Policy, nl: Privacyverklaring}", "title:\n  en: Annex #2\n  nl: Bijlage", ":2: 'title.en' loses '#2'"),
    (PROCESSORS, "location: Ireland", "location: Ireland # Dublin", ":4: 'mailer.location' loses '# Dublin'"),
    (RETENTION, "period: 10 years", "period: 10 years # art. 60", ":3: 'invoices.period' loses '# art. 60'"),
    (ALPHA, "name: Alpha", "name: Alpha #1", ":1: 'name' loses '#1'"),
    (DATA, "title: Your data", "title: Your data #1 é😀", ":2: 'title' loses '#1 é😀'"),
]  # fmt: skip
FINE = [
    (COMPANY, "name: Acme NV", 'name: "Acme NV #2"  # as in the register'),
    (COMPANY, "name: Acme NV", "name: 'Acme NV' # as in the register"),
    (COMPANY, "name: Acme NV", "# as in the register\nname: Acme NV#2"),
    (COMPANY, "name: Acme NV", "name: Acme NV\n# the number of VAT"),
    (COMPANY, "vat: BE0123 456 749", "vat: |  # as it is\n  BE0123 #4"),
    (COMPANY, "address: [", "address:  # as in the register\n  ["),
    (COMPANY, "  answer-days: 30 days", "  answer-days: 30 days\n  # and more"),
    (COMPANY, "master_locale: en", "master_locale: en  # as in Brussels\nmain_branch: main  # ours"),
    (ALPHA, "domain: alpha.example", "domain: alpha.example  # since 2020"),
    (ALPHA, "contact: privacy@alpha.example", "contact: privacy@alpha.example  # read daily"),
    (ALPHA, "timezone: Europe/Brussels", "timezone: Europe/Brussels # CET"),
    (ALPHA, "retention: [invoices]", "retention:\n  - invoices  # all\nnotice_days: 30 # as promised"),
    (PROCESSORS, "role: recipient", "role: recipient # no processor"),
    (DATA, "title: Your data", "title: Your data\nwhen:\n  audience: businesses # only"),
]  # fmt: skip


def errors(root: Path) -> list[str]:
    return [str(each) for each in check(root).problems if each.rule == "comment"]


@pytest.mark.parametrize(("path", "old", "new", "said"), VANISHES)
def test_text_behind_a_space_and_a_hash_is_an_error(
    tmp_path: Path, path: str, old: str, new: str, said: str
) -> None:
    assert old in SMALL[path]
    found = errors(small(tmp_path, {path: SMALL[path].replace(old, new, 1)}))
    assert len(found) == 1, found
    assert found[0].startswith(path + said)


@pytest.mark.parametrize(("path", "old", "new"), FINE)
def test_a_comment_from_which_nothing_vanishes_is_fine(
    tmp_path: Path, path: str, old: str, new: str
) -> None:
    assert old in SMALL[path]
    root = small(tmp_path, {path: SMALL[path].replace(old, new, 1)})
    assert [each for each in check(root).problems if each.severity == "error"] == []


def test_the_message_says_what_vanishes_and_how_to_keep_it(tmp_path: Path, run: Run) -> None:
    root = small(tmp_path, {OUTLINE: 'title: The "Annex" #2\norder: [who, data, rights]\n'})
    told = run("check", cwd=root)
    assert told.returncode == 1
    assert " ".join(told.stdout.split()).startswith(
        "Errors shared/policy.yaml:1: 'title' loses '#2': after a space, # begins a comment; put "
        'the text in quotes ("The \\"Annex\\" #2"), or the comment on a line of its own above it'
    )


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        (ALPHA, "name: Alpha", "name: “Alpha”", ":1: 'name' has quotation marks that would be shown: “Alpha”; write \"Alpha\"; to show the marks, write \"“Alpha”\""),
        (ALPHA, "name: Alpha", "name: „Alpha“", ":1: 'name' has"),
        (ALPHA, "name: Alpha", "name: ‘Alpha’", ":1: 'name' has"),
        (ALPHA, "name: Alpha", "name: «Alpha»", ":1: 'name' has"),
        (ALPHA, "name: Alpha", 'name: “Alpha"', ":1: 'name' has"),
        (ALPHA, "name: Alpha", "name: Alpha\nfacts: {hours: “nine to five”}", ":2: 'facts.hours' has"),
        (COMPANY, "address: [Kerkstraat 1,", "address: [“Kerkstraat 1”,", ":2: 'address.1' has"),
        (COMPANY, "vat: BE0123 456 749", "vat:\n  unconfirmed: “Is it?”\n  value: x", ":4: 'vat.unconfirmed' has"),
        (OUTLINE, "en: Privacy Policy", "en: “Privacy Policy”", ":1: 'title.en' has"),
        (PROCESSORS, "location: Ireland", "location: “Ireland”", ":4: 'mailer.location' has"),
        (RETENTION, "period: 10 years", "period: “Alpha’s ten years”", ":3: 'invoices.period' has"),
        (DATA, "title: Your data", "title: “Your data”", ":2: 'title' has"),
        ("shared/mail.yaml", "", "server: a.example\nuser: “me”\nsender: a@a.example\n", ":2: 'user' has"),
    ],
)  # fmt: skip
def test_marks_of_a_word_processor_are_no_quotes(
    tmp_path: Path, path: str, old: str, new: str, said: str
) -> None:
    text = SMALL.get(path, "")
    assert old in text
    root = small(tmp_path, {path: text.replace(old, new, 1)})
    for brands in ((), ("alpha",)):
        (found,) = (p for p in check(root, brands=brands).problems if p.rule == "quotes")
        assert str(found).startswith(path + said)


@pytest.mark.parametrize(
    "name",
    ["'“Alpha”'", '"“Alpha”"', "“Al” and “pha”", "Alpha “x”", "“Al” pha", "l’Alpha", "|\n  “A”"],
)
def test_marks_that_belong_to_a_text_are_fine(tmp_path: Path, name: str) -> None:
    root = small(tmp_path, {ALPHA: SMALL[ALPHA].replace("name: Alpha", f"name: {name}")})
    assert [each for each in check(root).problems if each.severity == "error"] == []


def test_marks_stop_a_release_and_leave_the_history(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    repo.commit({ALPHA: SMALL[ALPHA].replace("name: Alpha", "name: “Alpha”")})
    fault = refused(repo, "2024-03-06")
    assert isinstance(fault, InvalidPolicy)
    assert [problem.rule for problem in fault.problems] == ["quotes"]
    assert history(repo.workspace, "alpha")


def test_a_release_is_refused_and_a_build_and_the_history_are_not(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    title = SMALL[OUTLINE].replace("{en: Privacy Policy, nl: Privacyverklaring}", "Annex #2")
    repo.commit({OUTLINE: title}, date="2024-03-05T12:00:00+0000")
    (told,) = history(repo.workspace, "alpha")
    assert [(entry.kind, str(entry.day)) for entry in told.entries] == [
        ("material", "2024-03-05"),
        ("material", "2024-01-02"),
    ]
    report = build(repo.workspace, tmp_path / "out", brands=["alpha"], formats=["json"])
    assert report.built[0].last_updated == date(2024, 3, 5)
    fault = refused(repo, "2024-03-06")
    assert isinstance(fault, InvalidPolicy)
    assert [problem.rule for problem in fault.problems] == ["comment"]
    repo.commit({OUTLINE: title.replace("Annex #2", '"Annex #2"')})
    assert released(repo, "2024-03-07")


@pytest.mark.parametrize(
    ("path", "old", "new", "brands"),
    [
        (BETA, "name: Beta", "name: Beta #1", {"alpha", "beta"}),  # alpha names its sister
        (BETA, "retention: [invoices]", "facts:\n  of: its own #1", {"beta"}),
        (ALPHA, "name: Alpha", "name: Alpha #1", {"alpha"}),
        (RETENTION, "period: 10 years", "period: 10 years #1", {"alpha", "beta"}),
    ],
)
def test_it_stops_the_brands_that_it_reaches(
    tmp_path: Path, path: str, old: str, new: str, brands: set[str]
) -> None:
    repo: Repo = archive(tmp_path / "repo")
    repo.commit({path: SMALL[path].replace(old, new, 1)})
    for brand in ("alpha", "beta"):
        if brand in brands:
            assert isinstance(refused(repo, "2024-03-06", brand), InvalidPolicy)
        else:
            assert released(repo, "2024-03-06", brand)


@given(st.text("ab é😀#:'\"|> \n-[],", max_size=12), st.text("ab#😀 ", max_size=5))
def test_a_comment_is_the_rest_of_its_line(value: str, comment: str) -> None:
    text = f"key: {value} # {comment}\n"
    document, problems = parse("f.yaml", text)
    if problems:
        return
    lines = text.splitlines()
    for line, found in document.comments.values():
        assert lines[line - 1].rstrip().endswith(found)
