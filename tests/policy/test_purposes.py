"""What data is used for, as facts: the registry of purposes, and terms in each language."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from support.workspaces import clause, policy, read, small

from publisher.build.build import build
from publisher.compose import compose
from publisher.compose.terms import term
from publisher.errors import InvalidPolicy
from publisher.policy.dating import Dating
from publisher.policy.json import json as json_bytes
from publisher.policy.periods import parse_period
from publisher.policy.tree import Paragraph, Policy, Table, plain_text
from publisher.policy.words import words_digest

PURPOSES = """\
answering:
  name: {en: Answering questions, nl: Vragen beantwoorden}
  people: {en: people who write, nl: wie schrijft}
  data: {en: "name, address", nl: "naam, adres"}
  basis:
    legitimate-interests: {en: being able to answer, nl: kunnen antwoorden}
  recipients: [mailer, bank]
  kept: [invoices]
  provision: voluntary
billing:
  name: Billing
  data: {en: amounts, nl: bedragen}
  basis: [contract, legal-obligation]
  recipients: [bank]
  kept: [invoices]
"""
TABLE = clause("""\
| What for | Data | On which basis | Who receives it | How long |
| --- | --- | --- | --- | --- |
{% for each in purposes %}
| {{ each.name }} | {{ each.data }} | {% for basis in each.bases %}{% if not loop.first %}; {% endif %}{{ basis.name }}{% if basis.what %}: {{ basis.what }}{% endif %}{% endfor %} | {{ each.recipients | join(", ") }} | {% for words in each.kept %}{{ words }} {% endfor %} |
{% endfor %}
""")


def brand(text: str) -> str:
    return f"""\
name: Alpha
domain: alpha.example
contact: privacy@alpha.example
audience: [businesses]
timezone: Europe/Brussels
processors: [mailer, bank]
retention: [invoices]
{text}
"""


def table(tmp_path: Path, locale: str = "en") -> Policy:
    files = {
        "shared/purposes.yaml": PURPOSES,
        "shared/policy.yaml": "title: {en: Policy, nl: Verklaring}\norder: [data]\n",
        f"shared/clauses/{locale}/data.md": TABLE,
        "brands/alpha/brand.yaml": brand(f"locales: [{locale}]\npurposes: [answering, billing]"),
        "brands/beta/brand.yaml": None,
    }
    unused = ("who", "data", "rights") if locale != "en" else ("who", "rights")
    files |= {f"shared/clauses/en/{name}.md": None for name in unused}
    return policy(small(tmp_path, files), locale=locale)


def cells(said: Policy) -> list[list[str]]:
    (block,) = said.clauses[0].blocks
    assert isinstance(block, Table)
    return [[plain_text(cell) for cell in row] for row in block.rows]


def test_a_table_of_purposes_says_bases_recipients_and_periods(tmp_path: Path) -> None:
    assert cells(table(tmp_path)) == [
        [
            "Answering questions",
            "name, address",
            "legitimate interests (Art. 6(1)(f)): being able to answer",
            "Mailer Ltd, Our bank",
            "for 10 years.",
        ],
        [
            "Billing",
            "amounts",
            "contract (Art. 6(1)(b)); legal obligation (Art. 6(1)(c))",
            "Our bank",
            "for 10 years.",
        ],
    ]


def test_the_table_is_written_in_the_language_of_the_policy(tmp_path: Path) -> None:
    first, second = cells(table(tmp_path, "nl"))
    assert first[2] == "gerechtvaardigde belangen (art. 6, lid 1, f): kunnen antwoorden"
    assert second[2].startswith("overeenkomst (art. 6, lid 1, b); wettelijke verplichting")
    assert first[3:] == ["Mailer Ltd, Onze bank", "10 jaar lang."]


@pytest.mark.thorough
def test_every_format_has_the_table(tmp_path: Path) -> None:
    table(tmp_path / "workspace")
    build(tmp_path / "workspace", tmp_path / "built")
    folder = tmp_path / "built/alpha/en"
    pages = [(folder / f"policy.{kind}").read_text() for kind in ("html", "md", "json")]
    printed = PdfReader(folder / "policy.pdf").pages[0].extract_text()
    assert "legitimate interests" in " ".join(printed.split()), "no word is broken"
    for page in pages:
        assert "legitimate interests (Art. 6(1)(f)): being able to answer" in page


@pytest.mark.parametrize(
    ("typed", "dutch", "german", "french"),
    [
        ("24 months", "24 maanden", "24 Monate", "24 mois"),
        ("1 month", "1 maand", "1 Monat", "1 mois"),
        ("7 years", "7 jaar", "7 Jahre", "7 ans"),
        ("30 days", "30 dagen", "30 Tage", "30 jours"),
        ("1 day", "1 dag", "1 Tag", "1 jour"),
        ("processor", "verwerker", "Auftragsverarbeiter", "sous-traitant"),
        ("two or three years", *["two or three years"] * 3),
        ("24 maanden", *["24 maanden"] * 3),
    ],
)
def test_periods_and_roles_are_written_per_language(
    typed: str, dutch: str, german: str, french: str
) -> None:
    shown = [getattr(term(typed, each), "shown", typed) for each in ("nl-BE", "de", "fr")]
    assert shown == [dutch, german, french]
    assert term(typed, "nl") == typed, "a template that compares it with what was typed still holds"


@given(st.integers(1, 9999), st.sampled_from(["day", "week", "month", "year"]))
def test_english_is_what_was_typed(number: int, unit: str) -> None:
    typed = f"{number} {unit}{'s' if number > 1 else ''}"
    assert parse_period(typed) == (number, unit)
    assert type(term(typed, "en")) is str


@pytest.mark.parametrize(
    "text", ["1 months", "2 month", "0 days", "7 Years", "7  years", "7 years."]
)
def test_any_other_text_is_no_period(text: str) -> None:
    assert parse_period(text) is None


def test_an_address_and_a_location_may_be_said_per_language(tmp_path: Path) -> None:
    company = """\
name: Acme NV
address: [Kerkstraat 1, {en: "9000 Gent, Belgium", nl: "9000 Gent, België"}]
vat: BE0123 456 749
authority: {name: Data Protection Authority, site: authority.example}
master_locale: en
"""
    text = clause("{{ company.address | join(', ') }}. {{ processor.mailer.location }}.")
    root = small(
        tmp_path,
        {
            "shared/company.yaml": company,
            "shared/policy.yaml": "title: Policy\norder: [data]\n",
            "shared/processors.yaml": "mailer: {name: Mailer, role: processor, location: "
            "{en: Ireland, nl: Ierland}, words: {en: x, nl: x}}\n",
            "shared/retention.yaml": "{}\n",
            "shared/clauses/en/who.md": None,
            "shared/clauses/en/rights.md": None,
            "shared/clauses/en/data.md": text,
            "shared/clauses/nl/data.md": text,
            "brands/alpha/brand.yaml": brand("locales: [en, nl]")
            .replace(", bank", "")
            .replace("[invoices]", "[]"),
            "brands/beta/brand.yaml": None,
        },
    )
    workspace = read(root)
    for locale, line, place in (
        ("en", "9000 Gent, Belgium", "Ireland"),
        ("nl", "9000 Gent, België", "Ierland"),
    ):
        said = compose(workspace, "alpha", locale)
        (block,) = said.clauses[0].blocks
        assert isinstance(block, Paragraph)
        assert plain_text(block.children) == f"Kerkstraat 1, {line}. {place}."
        assert said.controller.address == ("Kerkstraat 1", line)


@pytest.mark.parametrize(
    ("purposes", "own", "message", "fix"),
    [
        (PURPOSES, "purposes: [anwering]", "'anwering' is not in shared/purposes.yaml", "did you mean 'answering'?"),
        (None, "purposes: [answering]", "'answering' is not in shared/purposes.yaml", "enter it in"),
        (PURPOSES.replace("[bank]", "[banc]"), "purposes: [billing]", "'banc' is not in shared/processors.yaml", "'bank'"),
        (PURPOSES.replace("kept: [invoices]", "kept: [invoice]"), "purposes: [billing]", "'invoice' is not in shared/retention.yaml", "'invoices'"),
        (PURPOSES.replace("[contract, legal-obligation]", "[contact]"), "purposes: [billing]", "is 'contact'", "did you mean 'contract'?"),
        (PURPOSES.replace("provision: voluntary", "provision: free"), "purposes: [answering]", "is 'free'", "write 'voluntary'"),
    ],
)  # fmt: skip
def test_a_name_that_is_not_there_is_an_error(
    tmp_path: Path, purposes: str | None, own: str, message: str, fix: str
) -> None:
    files = {"brands/alpha/brand.yaml": brand(f"locales: [en]\n{own}")}
    if purposes is not None:
        files["shared/purposes.yaml"] = purposes
    with pytest.raises(InvalidPolicy) as caught:
        policy(small(tmp_path, files))
    assert any(message in p.message and fix in p.fix for p in caught.value.problems)


@pytest.mark.parametrize(
    ("line", "message", "fix"),
    [
        ("covers: [gdpr-21-5]", "is 'gdpr-21-5'", "did you mean 'gdpr-21-4'?"),
        ("asserts: [no-cookie]", "is 'no-cookie'", "did you mean 'no-cookies'?"),
        ("asserts: [sister]", "is 'sister'", "name the clause that sister brands have"),
        ("review_by: soon", "is 'soon'", "write a date"),
    ],
)
def test_what_a_clause_covers_and_asserts_is_known(
    tmp_path: Path, line: str, message: str, fix: str
) -> None:
    root = small(tmp_path, {"shared/clauses/en/who.md": f"---\ntitle: Who\n{line}\n---\nText.\n"})
    with pytest.raises(InvalidPolicy) as caught:
        policy(root)
    assert any(message in p.message and fix in p.fix for p in caught.value.problems)


def test_new_keys_move_no_word(tmp_path: Path) -> None:
    before = policy(small(tmp_path / "before"))
    more = {
        "shared/purposes.yaml": PURPOSES,
        "shared/company.yaml": (tmp_path / "before/shared/company.yaml").read_text()
        + "country: BE\ndpo: none\nautomated_decisions: none\nprofiles: [gdpr]\n",
        "brands/alpha/brand.yaml": brand(
            "locales: [en]\nsisters: [beta]\npurposes: [answering, billing]\nlanguages: [en]\nmentions: [beta]"
        ),
        "shared/clauses/en/who.md": (tmp_path / "before/shared/clauses/en/who.md")
        .read_text()
        .replace("---\ntitle", "---\ncovers: [gdpr-21-4]\nasserts: [b2b-only]\ntitle"),
    }
    after = policy(small(tmp_path / "after", more))
    assert words_digest(after) == words_digest(before)
    one, other = (json.loads(json_bytes(each, Dating("undated"))) for each in (before, after))
    assert one == other
    assert dataclasses.replace(after, files=before.files) == before
