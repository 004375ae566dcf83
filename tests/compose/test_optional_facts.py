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


@pytest.mark.parametrize("fact", ["company.vat", "authority.name", "authority.site"])
def test_quoting_what_a_company_does_not_have_is_the_error(tmp_path: Path, fact: str) -> None:
    root = small(
        tmp_path, {"shared/company.yaml": WITHOUT, WHO: clause(f"Know: {{{{ {fact} }}}}.")}
    )
    with pytest.raises(InvalidPolicy) as fault:
        policy(root)
    assert str(fault.value) == (
        f"{WHO}:4: a fact without a value is quoted here; give it one, or test it with {{% if %}}"
    )


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
