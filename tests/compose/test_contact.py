"""How to reach a brand, by mailbox or web form, and whom its policy is for."""

from __future__ import annotations

import typing
from pathlib import Path

import pytest
from support.workspaces import SMALL, clause, policy, small

from publisher.build.check import check
from publisher.errors import InvalidPolicy
from publisher.policy.tree import Link, inlines_in, plain_text
from publisher.policy.words import words_digest
from publisher.problem import Problem
from publisher.workspace.scalars import Audience

FORM = "https://alpha.example/contact?topic=privacy#form"
WHO, ALPHA, BETA = "shared/clauses/en/who.md", "brands/alpha/brand.yaml", "brands/beta/brand.yaml"
LINK = clause("{{ company.name }}: [{{ brand.contact }}]({{ brand.contact_link }}).")
OLD = clause("{{ company.name }}: [{{ brand.contact }}](mailto:{{ brand.contact }}).")


def _with(contact: str, brand: str = "alpha") -> str:
    own = SMALL[f"brands/{brand}/brand.yaml"]
    return own.replace(f"contact: privacy@{brand}.example", f"contact: {contact}")


@pytest.mark.parametrize(
    "contact",
    ["privacy@alpha.example", "{unconfirmed: Which?, value: p@alpha.example}", "{unconfirmed: Q?}"],
)
def test_contact_link_says_what_a_mailto_link_says(tmp_path: Path, contact: str) -> None:
    old, new = (
        policy(small(tmp_path / name, {ALPHA: _with(contact), WHO: who}))
        for name, who in (("old", OLD), ("new", LINK))
    )
    assert words_digest(old) == words_digest(new)
    assert old.questions == new.questions


def test_a_form_is_linked_as_it_is(tmp_path: Path) -> None:
    root = small(tmp_path, {ALPHA: _with(f'"{FORM}"'), WHO: LINK})
    (link,) = (one for one in inlines_in(policy(root).clauses[0]) if isinstance(one, Link))
    assert (link.target, plain_text((link,))) == (FORM, FORM)
    assert _about(check(root).problems, "controller") == []


def test_a_mail_link_to_a_form_is_an_error_at_its_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidPolicy) as fault:
        policy(small(tmp_path, {ALPHA: _with(f'"{FORM}"'), WHO: OLD}))
    assert str(fault.value) == (
        f"{WHO}:4: has a link to 'mailto:{FORM}', which is a web form and no mailbox; write "
        "{{ brand.contact_link }} in place of mailto:…"
    )


def test_a_policy_that_hides_its_form_is_remarked(tmp_path: Path) -> None:
    who = clause("{{ company.name }} answers.")
    root = small(tmp_path, {ALPHA: _with(f'"{FORM}"'), WHO: who})
    (problem,) = (p for p in _about(check(root).problems, "controller") if p.path == ALPHA)
    assert str(problem).startswith(
        f"{ALPHA}:3: what is published for Alpha does not quote its web form, {FORM}"
    )
    assert "{{ brand.contact_link }}" in problem.fix


def test_the_form_of_another_brand_is_a_leak(tmp_path: Path) -> None:
    who = clause("{{ company.name }} [answers](https://forms.example/beta).")
    form = _with("https://forms.example/beta", "beta")
    problems = _about(check(small(tmp_path, {WHO: who, BETA: form})).problems, "leak")
    assert ["the web form of Beta" in problem.message for problem in problems] == [True]


@pytest.mark.parametrize("kind", typing.get_args(Audience))
def test_a_clause_for_one_audience_is_in_the_policies_for_it(tmp_path: Path, kind: str) -> None:
    only = f"---\ntitle: Only\nwhen: {{audience: {kind}}}\n---\nOnly you.\n"
    own = SMALL[ALPHA].replace("[businesses]", f"[{kind}]")
    who = clause(f'{{% if "{kind}" in brand.audience %}}for you{{% endif %}} and all')
    root = small(tmp_path, {ALPHA: own, "shared/clauses/en/data.md": only, WHO: who})
    assert "Only" in [one.title for one in policy(root).clauses]
    assert "for you and all" in str(policy(root).clauses[0].blocks)
    if kind != "consumers":
        assert "Only" not in [one.title for one in policy(root, "beta").clauses]


PURPOSES = """\
jobs:
  name: Work
  basis: {contract: your work}
  recipients: [mailer, bank]
  kept: [invoices]
"""


@pytest.mark.parametrize(
    ("audience", "remarked"),
    [
        ("[businesses]", True),
        ("[employees]", False),
        ("[applicants]", False),
        ("[visitors]", False),
        ("[businesses, employees]", False),
    ],
)
def test_only_customers_that_are_companies_have_no_contract(
    tmp_path: Path, audience: str, *, remarked: bool
) -> None:
    own = SMALL[ALPHA].replace("[businesses]", audience) + "purposes: [jobs]\n"
    root = small(tmp_path, {ALPHA: own, "shared/purposes.yaml": PURPOSES})
    assert bool(_about(check(root).problems, "basis-contract")) is remarked


def test_an_unknown_audience_is_named_with_those_that_there_are(tmp_path: Path) -> None:
    own = SMALL[ALPHA].replace("[businesses]", "[employes]")
    who = clause('{% if "employes" in brand.audience %}x{% endif %}y')
    problems = check(small(tmp_path, {BETA: own, WHO: who})).problems
    assert [str(p) for p in problems if p.severity == "error"] == [
        f"{BETA}:4: 'audience.1' is 'employes'; did you mean 'employees'?",
        f"{WHO}:4: unknown value 'employes'; did you mean 'employees'?",
    ]


def _about(problems: tuple[Problem, ...], rule: str) -> list[Problem]:
    return [problem for problem in problems if problem.rule == rule]
