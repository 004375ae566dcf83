"""Rules on what policies say: each makes its remark where it should, and nowhere else."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from support import legal
from support.legal import TODAY, base, beside_git, cases, edit, law, lay, remarks, told, write

from publisher.archive.law_checks import remarked
from publisher.build.check import check
from publisher.checks.catalogue import catalogue, countries
from publisher.checks.sentences import sentences
from publisher.compose import compose
from publisher.policy.tree import Clause, Paragraph, Place, Text
from publisher.repository.source import FolderSource
from publisher.workspace import load

RULES = cases("rules.yaml")
DECISIONS = [*cases("decisions.yaml"), *cases("decisions-more.yaml")]
FINE = cases("fine.yaml")
CLOUDNOVI = (legal.LAW / "cloudnovi.txt").read_text(encoding="utf-8").split("\n")


# --- each rule -----------------------------------------------------------------------------------


@pytest.mark.parametrize("case", RULES, ids=[f"{at}-{c['rule']}" for at, c in enumerate(RULES)])
def test_what_breaks_a_rule_gives_one_remark(tmp_path: Path, case: Any) -> None:
    found = law(lay(tmp_path, case))
    assert [each.rule for each in found] == [case["rule"]], told(found)
    (one,) = found
    assert f"{one.path}:{one.line}" == case["at"], str(one)
    assert case.get("says", "") in one.message
    rules = catalogue().rules
    severities = {rules[id].severity for id in rules if id.partition(" ")[0] == one.rule}
    assert one.severity == case.get("severity", one.severity)
    assert one.severity in severities


def test_numbers_that_python_does_not_read(tmp_path: Path) -> None:
    many = "9" * 5000
    clause = base(tmp_path) / "shared/clauses/en/your-rights.md"
    clause.write_text(clause.read_text().replace("one month", f"{many} days"))
    rights = tmp_path / "shared/rights.yaml"
    rights.write_text(re.sub("article: .*", f"article: Art. {many}", rights.read_text(), count=1))
    assert "reply" in {remark.rule for remark in law(tmp_path)}


OVER_TIME = ("override-behind", "translation-behind", "promise-notice", "us-ca-updated")
"""Rules on what is handed in: test_overrides.py, test_evidence.py and the test below break them."""


def test_every_rule_has_a_case() -> None:
    known = {id.partition(" ")[0] for id in catalogue().rules}
    assert {*(case["rule"] for case in RULES), *OVER_TIME} == known


@pytest.mark.parametrize(("day", "aged"), [(date(2025, 11, 25), True), (date(2025, 11, 26), False)])
def test_california_asks_for_an_update_each_year(tmp_path: Path, day: date, aged: bool) -> None:
    company = "shared/company.yaml"
    edit(base(tmp_path), [{"in": company, "append": "profiles: [us-ca]\n"}])
    found = remarked(beside_git(tmp_path), ["acme", "bolt"], TODAY, {"acme": day}).problems
    assert [str(each.path) for each in found] == (["brands/acme/brand.yaml"] if aged else [])
    edit(tmp_path, [{"in": company, "find": "profiles: [us-ca]\n", "put": ""}])
    assert law(tmp_path) == ()


@pytest.mark.parametrize("case", DECISIONS, ids=[case["name"] for case in DECISIONS])
def test_what_authorities_found_fault_with_is_remarked_on_until_it_is_fixed(
    tmp_path: Path, case: Any
) -> None:
    edit(base(tmp_path), case["broken"])
    found = remarks(tmp_path)
    got = sorted((each.rule, each.severity, each.path) for each in found)
    assert got == sorted((e["rule"], e["severity"], e["path"]) for e in case["expect"])
    for expected in case["expect"]:
        of_rule = [each.message for each in found if each.rule == expected["rule"]]
        assert any(expected.get("says", "") in message for message in of_rule), of_rule
    edit(tmp_path, case["fixed"])
    assert told(remarks(tmp_path)) == []


def test_a_policy_without_faults_gives_no_remark(tmp_path: Path) -> None:
    assert told(remarks(base(tmp_path))) == []


@pytest.mark.parametrize("case", FINE, ids=[f"{at}" for at, _ in enumerate(FINE)])
def test_a_harmless_sentence_gives_no_remark(tmp_path: Path, case: Any) -> None:
    edit(base(tmp_path), case.get("edits"))
    if "text" in case:
        path = f"shared/clauses/en/{case['clause']}.md"
        edit(tmp_path, [{"in": path, "append": f"\n{case['text']}\n"}])
    assert told(remarks(tmp_path)) == []


@pytest.mark.parametrize("language", ["en", "nl", "fr", "de"])
def test_ordinary_prose_gives_no_remark(tmp_path: Path, language: str) -> None:
    paragraphs = legal.cases(f"prose-{language}.yaml")
    assert len({*paragraphs}) == len(paragraphs) >= 40
    assert remarked_in(tmp_path, language, paragraphs) == []


FAULTS = [
    (rule, language, text)
    for rule, texts in cases("faults.yaml").items()
    for language, text in texts.items()
]


MORE_FAULTS = [
    pytest.param(rule, language, text, marks=pytest.mark.thorough)
    for rule, texts in cases("faults-more.yaml").items()
    for language, several in texts.items()
    for text in several
]


@pytest.mark.parametrize(("rule", "language", "text"), [*FAULTS, *MORE_FAULTS])
def test_a_fault_is_found_in_every_language(
    tmp_path: Path, rule: str, language: str, text: str
) -> None:
    (found,) = remarked_in(tmp_path, language, [text])
    assert f"[{rule} " in found


def remarked_in(root: Path, language: str, paragraphs: list[str]) -> list[str]:
    """Return the remarks on paragraphs in a language, in the workspace that has none."""
    spoken(base(root), language)
    path = f"shared/clauses/{language}/why.md"
    before = (root / path).read_text()
    write(root, path, before + "\n\n".join(["", *paragraphs, ""]))
    first = before.count("\n") + 1
    return [str(p) for p in law(root) if p.path == path and (p.line or 0) >= first]


def spoken(root: Path, language: str) -> None:
    """Say that a workspace's English is another language."""
    for clause in (root / "shared/clauses/en").iterdir():
        write(root, f"shared/clauses/{language}/{clause.name}", clause.read_text())
    for name in ("shared/company.yaml", "brands/acme/brand.yaml", "brands/bolt/brand.yaml"):
        text = (root / name).read_text()
        text = re.sub(r"(master_locale: )en", rf"\g<1>{language}", text)
        write(root, name, text.replace("locales: [en]", f"locales: [{language}]"))
    for registry in (root / "shared").glob("*.yaml"):
        text = re.sub(r"^( *)en: ", rf"\g<1>{language}: ", registry.read_text(), flags=re.MULTILINE)
        registry.write_text(text)


BLENDED = {
    "en": "We process it on the basis of your consent or our legitimate interest.",
    "nl": "De rechtsgrond is uw toestemming of ons gerechtvaardigd belang.",
    "fr": "La base juridique est votre consentement ou notre intérêt légitime.",
    "de": "Rechtsgrundlage ist Ihre Einwilligung oder unser berechtigtes Interesse.",
}
APART = {
    "en": "You can take along what you gave us where it is based on your consent or a contract.",
    "nl": "U hebt recht op wat u ons gaf op basis van uw toestemming of een overeenkomst.",
    "fr": "Vous avez droit à ce qui repose sur votre consentement ou un contrat.",
    "de": "Sie haben ein Recht auf alles, was auf Ihrer Einwilligung oder einem Vertrag beruht.",
}


@pytest.mark.parametrize("language", [*BLENDED])
def test_bases_are_blended_in_words_where_no_purposes_are_noted(
    tmp_path: Path, language: str
) -> None:
    spoken(base(tmp_path), language)
    for own in tmp_path.glob("brands/*/brand.yaml"):
        own.write_text(re.sub(r"(?m)^purposes: .*\n", "", own.read_text()))
    clause = tmp_path / f"shared/clauses/{language}/why.md"
    clause.write_text(f"{clause.read_text()}\n{APART[language]}\n\n{BLENDED[language]}\n")
    line = clause.read_text().count("\n")
    (found,) = (each for each in law(tmp_path) if each.rule == "basis-blended")
    assert (found.path, found.line) == (f"shared/clauses/{language}/why.md", line)


TRIGGERS = [
    *(f"{text} " for texts in cases("faults.yaml").values() for text in texts.values()),
    *(line[1] for case in RULES for line in case.get("add", ()) if line[0].endswith(".md")),
    "We ", "may ", "not ", "; ", '"', "(", "*", "[x](https://acme-advies.example) ", "\n", "{{ brand.name }} ",
]  # fmt: skip


@pytest.mark.thorough
@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(TRIGGERS), max_size=12), st.sampled_from(["en", "nl", "pl"]))
def test_whatever_is_written_every_remark_has_a_line_of_its_file(
    parts: list[str], language: str
) -> None:
    with TemporaryDirectory() as folder:
        root = base(Path(folder))
        write(root, "shared/clauses/en/why.md", f"---\ntitle: Why\n---\nWhy. {''.join(parts)}\n")
        spoken(root, language)
        for each in law(root):
            lines = (root / each.path).read_text().split("\n")
            assert 1 <= (each.line or 0) <= len(lines), str(each)
            assert each.grounds is None or each.grounds.places[0] == (each.path, each.line)


# --- the example ---------------------------------------------------------------------------------


def test_the_example_has_the_remarks_that_a_lawyer_has_and_no_other() -> None:
    found = [each for each in check(ROOT, today=TODAY).problems if each.severity != "question"]
    expected = sorted(filter(None, CLOUDNOVI))
    assert sorted(f"{p.severity} {p.rule} {p.path}:{p.line}" for p in found) == expected


def test_what_is_unconfirmed_is_not_remarked_on() -> None:
    drafts = check(ROOT, brands=["kgb-hosting", "netvpx"], today=TODAY).problems
    own = [each for each in drafts if each.path.startswith("brands/") and each.grounds]
    assert own == []


# --- places --------------------------------------------------------------------------------------


def test_a_remark_names_the_line_of_the_sentence(tmp_path: Path) -> None:
    base(tmp_path)
    text = "\nWe answer\nquickly. We keep all data\nfor as long as necessary.\n"
    edit(tmp_path, [{"in": "shared/clauses/en/why.md", "append": text}])
    (one,) = law(tmp_path)
    assert (one.path, one.line) == ("shared/clauses/en/why.md", 9)


def test_remarks_that_differ_in_the_brand_only_are_one(tmp_path: Path) -> None:
    root = lay(tmp_path, next(case for case in RULES if case["rule"] == "basis-unsaid"))
    (one,) = law(root)
    assert one.grounds is not None
    assert one.grounds.brands == ("acme", "bolt")
    (alone,) = check(root, brands=["bolt"], today=TODAY).problems
    assert alone.grounds is not None
    assert "Acme" not in alone.message
    assert alone.grounds.fingerprint == one.grounds.fingerprint


def test_a_translation_is_not_remarked_on_again_but_leaks_are(tmp_path: Path) -> None:
    base(tmp_path)
    for clause in (tmp_path / "shared/clauses/en").iterdir():
        text = (
            clause.read_text() + "\nWe keep data as long as necessary. See acme-advies.example.\n"
        )
        write(tmp_path, f"shared/clauses/nl/{clause.name}", text.replace("covers", "# covers"))
    brand = "brands/bolt/brand.yaml"
    edit(tmp_path, [{"in": brand, "find": "locales: [en]", "put": "locales: [en, nl]"}])
    for registry in (tmp_path / "shared").glob("*.yaml"):
        text = re.sub(
            r"^( +)en: (.*)$", r"\g<0>\n\1nl: \2", registry.read_text(), flags=re.MULTILINE
        )
        registry.write_text(text)
    found = law(tmp_path)
    assert {each.rule for each in found} == {"leak"}
    assert len(found) == 12


# --- claims --------------------------------------------------------------------------------------


CONTRARY = (
    ("shared/processors.yaml", "device: none", "device: none\n  cookies: some"),
    ("shared/company.yaml", ": none", ":\n  en: a program ranks couriers"),
    ("shared/clauses/en/why.md", "title: Why", "title: Why\ncovers: [gdpr-13-2-f]"),
    ("shared/clauses/en/device.md", "Our sites store nothing on your device", "Ask us"),
    ("shared/purposes.yaml", "  provision: statutory", "  provision: statutory\n  marketing: yes\n  special:\n    en: explicit consent"),
)  # fmt: skip
"""What contradicts every claim, in the workspace without faults."""


@pytest.mark.parametrize("language", ["en", "nl", "fr", "de"])
def test_a_claim_is_told_from_what_only_looks_like_one(tmp_path: Path, language: str) -> None:
    edit(base(tmp_path), [{"in": name, "find": a, "put": b} for name, a, b in CONTRARY])
    spoken(tmp_path, language)
    clause = tmp_path / f"shared/clauses/{language}/why.md"
    texts = cases("claims.yaml")[language]
    first = clause.read_text().count("\n") + 2
    paragraphs = [*texts["fine"], *texts["bad"]]
    clause.write_text(clause.read_text() + "".join(f"\n{text}\n" for text in paragraphs))
    claimed = {
        paragraphs[(line - first) // 2]
        for problem in law(tmp_path)
        if problem.rule == "claim" and problem.grounds is not None
        for _, line in problem.grounds.places
    }
    assert claimed == set(texts["bad"])


def test_harmless_sentences_give_no_remark_together(tmp_path: Path) -> None:
    base(tmp_path)
    for clause, text in cases("fine-more.yaml"):
        edit(tmp_path, [{"in": f"shared/clauses/en/{clause}.md", "append": f"\n{text}\n"}])
    assert told(remarks(tmp_path)) == []


@pytest.mark.parametrize(
    ("declared", "rules"),
    [
        ("", ["claim"]),
        ("asserts: []\n", []),
        ("asserts: [no-marketing]\n", ["claim"]),
        ("asserts: [no-cookies:helpdesk]\n", []),
        ("asserts: [no-cookies]\n", ["claim"]),
    ],
)
def test_what_a_clause_declares_goes_before_what_its_words_seem_to_claim(
    tmp_path: Path, declared: str, rules: list[str]
) -> None:
    base(tmp_path)
    text = f"---\ntitle: Device\n{declared}---\nWe do not use cookies.\n"
    write(tmp_path, "shared/clauses/en/cookies.md", text)
    edits = (
        ("shared/policy.yaml", "[who-we-are,", "[who-we-are, cookies,"),
        ("shared/processors.yaml", "device: none", "device: none\n  cookies: some"),
    )
    edit(tmp_path, [{"in": name, "find": find, "put": put} for name, find, put in edits])
    assert [each.rule for each in law(tmp_path)] == rules


# --- acceptance ----------------------------------------------------------------------------------


def accept(root: Path, of: str, rule: str = "kept-vague", until: str = "") -> None:
    entry = f"- remark: {rule}\n  of: {of}\n  because: It is meant.\n  by: counsel\n{until}"
    write(root, "shared/accepted.yaml", entry)


def vague(root: Path) -> Path:
    base(root)
    text = "\nWe keep data for as long as necessary. We like it.\n"
    edit(root, [{"in": "shared/clauses/en/why.md", "append": text}])
    return root


def only(root: Path, today: date = TODAY) -> tuple[str, str]:
    (one,) = law(root, today)
    assert one.grounds is not None
    return one.grounds.fingerprint, str(one)


def test_what_is_accepted_is_counted_and_stays_silent(tmp_path: Path) -> None:
    accept(vague(tmp_path), only(tmp_path)[0])
    report = check(tmp_path, today=TODAY)
    assert (report.problems, report.accepted) == ((), 1)


def test_an_edit_elsewhere_in_the_clause_keeps_an_acceptance(tmp_path: Path) -> None:
    accept(vague(tmp_path), only(tmp_path)[0])
    why = "shared/clauses/en/why.md"
    edit(tmp_path, [{"in": why, "find": "We like it.", "put": "We like them."}])
    edit(tmp_path, [{"in": why, "find": "- Answering", "put": "More.\n\n- Answering"}])
    assert law(tmp_path) == ()


def test_an_edit_of_the_sentence_brings_the_remark_back(tmp_path: Path) -> None:
    accept(vague(tmp_path), only(tmp_path)[0])
    edit(tmp_path, [{"in": "shared/clauses/en/why.md", "find": "We keep", "put": "We will keep"}])
    back, unused = sorted(law(tmp_path), key=lambda each: each.rule, reverse=True)
    assert (back.rule, unused.rule) == ("kept-vague", "acceptance")
    assert "there is no such remark" in unused.message


def test_an_acceptance_ends(tmp_path: Path) -> None:
    accept(vague(tmp_path), only(tmp_path)[0], until="  until: 2027-01-31\n")
    assert law(tmp_path, date(2027, 1, 31)) == ()
    _, said = only(tmp_path, date(2027, 2, 1))
    assert "(accepted by counsel until 2027-01-31: It is meant.)" in said


def test_an_error_cannot_be_accepted(tmp_path: Path) -> None:
    root = lay(tmp_path, next(case for case in RULES if case["rule"] == "leak"))
    accept(root, only(root)[0], rule="leak")
    assert [each.rule for each in law(root)] == ["leak", "acceptance"]
    assert "is an error and cannot be accepted" in law(root)[1].message


def test_an_acceptance_of_no_rule_says_which_may_be_meant(tmp_path: Path) -> None:
    accept(base(tmp_path), "12345678", rule="kept-vage")
    assert "did you mean 'kept-vague'?" in only(tmp_path)[1]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("- remark: fee\n", "'1.of' is missing"),
        ("- {remark: fee, of: 123, because: x, by: y}\n", "'1.of' is '123'"),
        ("fee\n", "is not a list"),
        (
            "- {remark: fee, of: 12345678, because: see, by: y}\n- remark: fee\n  of: 12345678\n"
            "  because: agreed # in May\n  by: y\n",
            "'2.because' loses '# in May'",
        ),
    ],
)
def test_a_faulty_file_of_acceptances_is_an_error(tmp_path: Path, entry: str, message: str) -> None:
    write(base(tmp_path), "shared/accepted.yaml", entry)
    assert any(each.message.startswith(message) for each in law(tmp_path)), law(tmp_path)


def test_a_fingerprint_that_was_cut_off_says_where_to_find_it(tmp_path: Path) -> None:
    entry = "- {remark: fee, of: 123, because: x, by: y}\n"
    write(base(tmp_path), "shared/accepted.yaml", entry)
    (one,) = (problem for problem in law(tmp_path) if problem.message.startswith("'1.of'"))
    assert one.fix == "write the eight digits that `publisher check` prints after the rule"


# --- over time, and by country -------------------------------------------------------------------


def test_a_day_of_review_counts_when_it_has_passed(tmp_path: Path) -> None:
    clause = "shared/clauses/en/why.md"
    put = "title: Why\nreview_by: 2027-01-31"
    edit(base(tmp_path), [{"in": clause, "find": "title: Why", "put": put}])
    assert law(tmp_path, date(2027, 1, 31)) == ()
    (one,) = law(tmp_path, date(2027, 2, 1))
    assert (one.rule, one.path, one.line) == ("review-due", clause, 3)


def test_lists_of_law_that_are_due_for_review_give_one_note(tmp_path: Path) -> None:
    base(tmp_path)
    assert law(tmp_path, countries().review_by) == ()
    (one,) = law(tmp_path, countries().review_by + timedelta(1))
    assert (one.severity, one.rule) == ("note", "catalogue")
    assert str(countries().review_by) in one.message


def test_a_law_that_the_catalogue_lacks_is_an_error(tmp_path: Path) -> None:
    retention = "shared/retention.yaml"
    edit(base(tmp_path), [{"in": retention, "find": "be-vat-records", "put": "be-vat-record"}])
    (one,) = law(tmp_path)
    assert (one.severity, one.line, one.fix) == ("error", 11, "did you mean 'be-vat-records'?")


def test_belgian_rules_are_for_companies_in_belgium(tmp_path: Path) -> None:
    root = lay(tmp_path, next(case for case in RULES if case["rule"] == "kept-law"))
    company = "shared/company.yaml"
    edit(root, [{"in": company, "find": "country: BE", "put": "country: DE"}])
    assert law(root) == ()
    edit(root, [{"in": company, "append": "profiles: [gdpr, be]"}])
    assert [each.rule for each in law(root)] == ["kept-law"]


def test_every_authority_and_day_is_real() -> None:
    assert catalogue().reviewed <= countries().review_by
    for rule in catalogue().rules.values():
        assert rule.authority
        for each in rule.authority:
            assert each.url.startswith("https://")


# --- sentences -----------------------------------------------------------------------------------


@given(st.lists(st.text(alphabet="abcXY .;!?()\"'’\n", max_size=30), max_size=4))
def test_no_sentence_is_lost_or_torn(texts: list[str]) -> None:
    said = compose(load(FolderSource(ROOT)), "cloudnovi", "en")
    blocks = tuple(Paragraph((Text(text),)) for text in texts)
    places = tuple((Place(0, "x.md", at),) for at, _ in enumerate(texts))
    clause = Clause("a", "A", blocks, (), (), "x.md", places=places)
    found = sentences(replace(said, clauses=(clause,)))
    for at, text in enumerate(texts):
        here = [each.text for each in found if each.place()[1] == at]
        assert "".join("".join(here).split()) == "".join(text.replace("’", "'").split())


def test_abbreviations_end_no_sentence(tmp_path: Path) -> None:
    text = "\nWe use Tiketto Inc. (e.g. For tickets), see Art. 6. It works! Fine\n"
    edit(base(tmp_path), [{"in": "shared/clauses/en/why.md", "append": text}])
    said = compose(load(FolderSource(tmp_path)), "acme", "en")
    texts = [each.text for each in sentences(said) if each.clause.id == "why"][-3:]
    assert texts == ["We use Tiketto Inc. (e.g. For tickets), see Art. 6.", "It works!", "Fine"]


def test_no_acceptance_is_idle_while_a_policy_is_missing(tmp_path: Path) -> None:
    accept(vague(tmp_path), only(tmp_path)[0])
    edit(tmp_path, [{"in": "shared/clauses/en/why.md", "append": "{{ company.nmae }}\n"}])
    assert law(tmp_path) == ()


def test_a_clause_of_another_brand_is_not_asked_about(tmp_path: Path) -> None:
    front = "---\ntitle: Contact\nreview_by: 2026-01-31\n---\nWrite to {{ brand.contact }}.\n"
    write(base(tmp_path), "brands/acme/clauses/en/contact.md", front)
    assert [each.rule for each in check(tmp_path, today=TODAY).problems] == ["review-due"]
    assert check(tmp_path, brands=["bolt"], today=TODAY).problems == ()


def test_a_subset_of_brands_makes_no_acceptance_idle(tmp_path: Path) -> None:
    root = lay(tmp_path, next(case for case in RULES if case["rule"] == "basis-contract"))
    accept(root, only(root)[0], rule="basis-contract")
    for brands in (["acme"], ["bolt"], ["acme", "bolt"]):
        assert remarked(beside_git(root), brands, TODAY + timedelta(1)).problems == ()
