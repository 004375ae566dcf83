"""What a company need not have, and what nobody has said of it yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.workspaces import SMALL, clause, policy, small

from publisher.build.check import check
from publisher.errors import InvalidPolicy
from publisher.policy.dating import UNDATED
from publisher.render.markdown import markdown

COMPANY = SMALL["shared/company.yaml"]
WITHOUT = "".join(
    line for line in COMPANY.splitlines(True) if not line.startswith(("vat:", "authority:"))
)
WHO = "shared/clauses/en/who.md"


def _text(root: Path, brand: str = "alpha") -> str:
    return markdown(policy(root, brand), UNDATED).decode()


def test_a_company_needs_neither_vat_number_nor_authority(tmp_path: Path) -> None:
    tested = clause(
        "{% if authority.name != none %}no{% endif %}{% if company.vat %}no{% endif %}yes"
    )
    root = small(tmp_path, {"shared/company.yaml": WITHOUT, WHO: tested})
    assert "\nyes\n" in _text(root)
    assert not [p for p in check(root).problems if p.severity == "error"]


@pytest.mark.parametrize(
    ("quoting", "key"),
    [
        ("Know: {{ company.vat }}.", "shared/company.yaml has no `vat`"),
        ("{{ authority.name }}", "shared/company.yaml has no `authority.name`"),
        ("[ask]({{ authority.site }})", "shared/company.yaml has no `authority.site`"),
        ("{{ authority.name | upper }}", "shared/company.yaml has no `authority.name`"),
        ("{{ company.vat | length }}", "shared/company.yaml has no `vat`"),
        ("{{ company.visits | first }}", "shared/company.yaml has no `visits`"),
        ("{{ company.dpo | sort | join }}", "shared/company.yaml has no `dpo`"),
        ("{{ company.dpo | join }}", "shared/company.yaml has no `dpo`"),
        ("{% for x in company.vat %}{{ x }}{% endfor %}", "shared/company.yaml has no `vat`"),
        ('{% if "B" in company.vat %}x{% endif %}', "shared/company.yaml has no `vat`"),
        ('{% if company.vat < "B" %}x{% endif %}', "shared/company.yaml has no `vat`"),
        ("{{ facts[company.vat] }}", "shared/company.yaml has no `vat`"),
        ("{{ brand.automated_decisions }}", "shared/company.yaml has no `automated_decisions`"),
        ("{{ processor.bank.location }}", "shared/processors.yaml has no `bank.location`"),
        (
            "{% for one in processors %}{{ one.safeguard }}{% endfor %}",
            "shared/processors.yaml has no `mailer.safeguard`",
        ),
        (
            "{% for one in purposes %}{{ one.kept | join }}{% endfor %}",
            "shared/retention.yaml has no `invoices.words`",
        ),
        (
            "{% for one in purposes %}{{ one.bases[0].what }}{% endfor %}",
            "shared/purposes.yaml has no `sales.basis.contract`",
        ),
    ],
)
def test_quoting_what_nobody_gave_is_the_error(tmp_path: Path, quoting: str, key: str) -> None:
    files = {
        "shared/company.yaml": WITHOUT,
        "shared/retention.yaml": "invoices: {name: Invoices}\n",
        "shared/purposes.yaml": "sales: {name: Sales, basis: contract, kept: [invoices]}\n",
        "brands/alpha/brand.yaml": SMALL["brands/alpha/brand.yaml"] + "purposes: [sales]\n",
        "shared/clauses/en/data.md": clause("Data."),
        WHO: clause(f"One.\n\nTwo {quoting}"),
    }
    with pytest.raises(InvalidPolicy) as fault:
        policy(small(tmp_path, files))
    assert str(fault.value) == (
        f"{WHO}:6: a fact without a value is quoted here: {key}; fill it in there, or test the "
        "fact with {% if … != none %}"
    )


def test_an_entry_whose_words_no_clause_quotes_needs_none(tmp_path: Path) -> None:
    names = (
        "{% for each in processors %}{{ each.name }}{% if each.words %}no{% endif %} {% endfor %}"
    )
    files = {
        "shared/processors.yaml": "mailer: {name: Mailer, role: processor}\n"
        "bank: {name: Bank, role: recipient}\n",
        "shared/clauses/en/data.md": clause(names),
    }
    root = small(tmp_path, files)
    assert "Mailer Bank" in _text(root)
    assert not [p for p in check(root).problems if p.severity == "error"]


def test_an_address_that_nobody_confirmed_makes_a_draft_even_where_no_clause_quotes_it(
    tmp_path: Path,
) -> None:
    asked = "address:\n  - {unconfirmed: In which street?, value: Kerkstraat 1}\n  - 9000 Gent\n"
    line = next(line for line in COMPANY.splitlines(True) if line.startswith("address:"))
    root = small(tmp_path, {"shared/company.yaml": COMPANY.replace(line, asked)})
    drafted = policy(root)
    assert drafted.draft
    assert [(q.text, q.path, q.line) for q in drafted.questions] == [
        ("In which street?", "shared/company.yaml", 3)
    ]
    assert drafted.controller.address == ("Kerkstraat 1", "9000 Gent")


def test_decisions_by_machines_are_a_fact_of_the_company_or_of_the_brand(tmp_path: Path) -> None:
    quoting = clause("Decided: {{ brand.automated_decisions }}.")
    own = SMALL["brands/beta/brand.yaml"] + "automated_decisions: {en: who gets credit}\n"
    root = small(
        tmp_path,
        {
            "shared/company.yaml": f"{COMPANY}automated_decisions: none\n",
            "brands/beta/brand.yaml": own,
            WHO: quoting,
        },
    )
    assert "Decided: none." in _text(root)
    assert "Decided: who gets credit." in _text(root, "beta")
