"""Composition: shared clauses and overrides, conditions, facts, and what is unconfirmed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.workspaces import SMALL, clause, policy, read, small

from publisher.compose import compose, unplaced
from publisher.errors import InvalidPolicy, UnknownName
from publisher.policy.characters import forbidden
from publisher.policy.tree import Policy, Text, inlines_in
from publisher.policy.words import words

BRAND = SMALL["brands/alpha/brand.yaml"]


def text_of(made: Policy, id: str = "data") -> str:
    """Return the words of one clause, as JSON."""
    (found,) = (each for each in made.clauses if each.id == id)
    return json.dumps(json.loads(words(made))[1][made.clauses.index(found)], ensure_ascii=False)


def errors(root: Path, brand: str = "alpha", locale: str = "en") -> list[str]:
    with pytest.raises(InvalidPolicy) as fault:
        policy(root, brand, locale)
    return [str(problem) for problem in fault.value.problems]


def with_clause(tmp_path: Path, text: str, name: str = "shared/clauses/en/data.md") -> Path:
    return small(tmp_path, {name: clause(text)})


# --- facts ---------------------------------------------------------------------------------------


def test_facts_and_registries_are_quoted(workspace: Path) -> None:
    receivers = ["ul", [["p", "Mailer Ltd sends Alpha's letters."]], [["p", "Our bank moves money."]],
                 [["p", "Invoices for 10 years."]]]  # fmt: skip
    mail = ["a", "mailto:privacy@alpha.example", "privacy@alpha.example"]
    assert json.loads(words(policy(workspace))) == [
        "Privacy Policy",
        [
            ["Who we are", [["p", "Acme NV runs alpha.example. Write to ", mail, "."]]],
            ["Your data", [["p", "We keep your name."], ["p", "Who receives it:"], receivers]],
            [
                "Your rights",
                [
                    ["ul", [["p", "See your data."]]],
                    [
                        "p",
                        "See ",
                        ["a", "#Who we are", "who we are"],
                        ". We answer within 30 days.",
                    ],
                ],
            ],
        ],
    ]


@given(
    st.text(
        st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30
    ).filter(lambda text: not forbidden("f", text))
)
def test_a_fact_is_shown_not_interpreted(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:  # fmt: skip
    company = SMALL["shared/company.yaml"] + f"  odd: {json.dumps(value, ensure_ascii=False)}\n"
    root = small(
        tmp_path_factory.mktemp("w"),
        {"shared/company.yaml": company, "shared/clauses/en/data.md": clause("{{ facts.odd }}")},
    )
    (found,) = [each for each in policy(root).clauses if each.id == "data"]
    assert list(inlines_in(found)) == [Text(value)]


@pytest.mark.parametrize(
    "value",
    ["# a", "- a", "1. a", "> a", "*a*", "[a](b)", "<b>", "| a |", "a  \nb", "&amp;", "`a`"],
)
def test_markdown_in_a_fact_is_shown(tmp_path: Path, value: str) -> None:
    company = SMALL["shared/company.yaml"] + f"  odd: {json.dumps(value, ensure_ascii=False)}\n"
    root = small(
        tmp_path,
        {"shared/company.yaml": company, "shared/clauses/en/data.md": clause("{{ facts.odd }}")},
    )
    assert json.loads(text_of(policy(root)))[1] == [["p", " ".join(value.split())]]


def test_a_brands_own_fact_comes_before_the_companys(tmp_path: Path) -> None:
    root = small(tmp_path, {"brands/alpha/brand.yaml": BRAND + "facts: {answer-days: 10 days}\n"})
    assert "within 10 days" in text_of(policy(root), "rights")
    assert "within 30 days" in text_of(policy(root, "beta"), "rights")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n{{ brand.controler }}", "data.md:5: unknown fact 'brand.controler'"),
        ("{{ brand.nam }}", "data.md:4: unknown fact 'brand.nam'; did you mean 'brand.name'?"),
        ("{{ brnd.name }}", "data.md:4: unknown fact 'brnd'; did you mean 'brand'?"),
        ("{% if false %}{{ company.vta }}{% endif %}", "unknown fact 'company.vta'; did you mean 'company.vat'?"),
        ("{% for p in processors %}\n{{ p.nam }}\n{% endfor %}", "data.md:5: unknown fact 'nam'; did you mean 'name'?"),
        ("{{ company.visits }}", "data.md:4: a fact without a value is quoted here"),
        ("{{ company }}", "data.md:4: a group of facts is quoted as if it were text"),
        ("{{ processors }}", "data.md:4: a list is quoted as if it were text"),
        ("a\n\n100 {% of", "data.md:6: encountered unknown tag 'of'"),
        ("a {{ brand.name", "data.md:4: {{ is not closed, or does not hold a fact; end it with }}"),
        ("a brand.name }}", "data.md:4: '}}' closes nothing"),
        ("{{ brand.name }", "data.md:4: {{ is not closed"),
        ("{{ brand.name is here", "data.md:4: "),
        ("{% if locale %}\nx", "{% if %} is not closed; add {% endif %}"),
        ("x {% endif %}", "data.md:4: {% endif %} closes nothing"),
        ("x\n{% include 'shared/nope.md' %}", "data.md:5: includes 'shared/nope.md', which does not exist"),
        ("{% include '../../etc/passwd' %}", "data.md:4: includes '../../etc/passwd', which is not the name of a clause"),
        ("{% include 'shared/data.md' %}", "data.md:4: includes itself: shared/data.md → shared/data.md"),
        ("{% include brand.name %}", "data.md:4: includes something without a name"),
        ("{% set x = 1 %}", "data.md:4: a clause cannot have {% set %}"),
        ("{% macro m() %}{% endmacro %}", "a clause cannot have {% macro %}"),
        ("{{ brand.name.upper() }}", "data.md:4: a clause cannot have calls"),
        ("{{ 'a' * 9 }}", "data.md:4: a clause cannot have arithmetic"),
        ("{{ 'a' ~ 'b' }}", "data.md:4: a clause cannot have the operator ~"),
        ("{{ brand.name | safe }}", "data.md:4: unknown filter 'safe'"),
        ("{{ brand.name | first | nope }}", "unknown filter 'nope'"),
        ("{{ ''.__class__ }}", "data.md:4:"),
        ("{% for brand in processors %}{% endfor %}", "data.md:4: the loop's name 'brand' hides a fact"),
        ("{% for a in processors %}{% for b in processors %}{% for c in processors %}{% for d in processors %}x{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
         "data.md:4: loops are nested too deeply"),
    ],
)  # fmt: skip
def test_a_fault_in_a_template_is_told_with_its_line(
    tmp_path: Path, text: str, expected: str
) -> None:
    found = errors(with_clause(tmp_path, text))
    assert any(expected in each for each in found), found


def test_an_include_cycle_is_told_with_its_way(tmp_path: Path) -> None:
    root = small(
        tmp_path,
        {
            "shared/clauses/en/data.md": clause('{% include "shared/_a.md" %}'),
            "shared/clauses/en/_a.md": '{% include "shared/_b.md" %}',
            "shared/clauses/en/_b.md": '\n{% include "shared/_a.md" %}',
        },
    )
    assert errors(root) == [
        "shared/clauses/en/_b.md:2: includes itself: "
        "shared/_a.md → shared/_b.md → shared/_a.md; break the circle"
    ]


def test_faults_in_several_clauses_come_together(tmp_path: Path) -> None:
    root = small(
        tmp_path,
        {
            "shared/clauses/en/data.md": clause("{{ brand.a }} {{ brand.b }}"),
            "shared/clauses/en/who.md": clause("<b>x</b>"),
        },
    )
    assert len(errors(root)) == 4


def test_the_line_of_a_fault_survives_includes_loops_and_front_matter(tmp_path: Path) -> None:
    root = small(
        tmp_path,
        {
            "shared/clauses/en/data.md": clause(
                "{% for p in processors %}\n- {{ p.name }}\n{% endfor %}\n\n"
                '{% include "shared/_part.md" %}\n\n<b>x</b>'
            ),
            "shared/clauses/en/_part.md": "fine\n\n<i>y</i>\n",
        },
    )
    assert sorted({each.partition(": ")[0] for each in errors(root)}) == [
        "shared/clauses/en/_part.md:3",
        "shared/clauses/en/data.md:10",
    ]


@pytest.mark.parametrize("text", ["<i>x", "Two.\n\n<i>x", "{{ brand.name }}\n\n<i>x"])
def test_the_line_of_a_fault_in_a_last_line_without_an_end(tmp_path: Path, text: str) -> None:
    root = small(tmp_path, {"shared/clauses/en/data.md": clause(text).removesuffix("\n")})
    (problem,) = errors(root)
    assert problem.startswith(f"shared/clauses/en/data.md:{4 + text.count(chr(10))}: ")


# --- overrides -----------------------------------------------------------------------------------


def test_a_brands_clause_overrides_the_shared_one_whole(tmp_path: Path) -> None:
    root = small(tmp_path, {"brands/alpha/clauses/en/data.md": clause("Only this.", "Data")})
    assert text_of(policy(root)) == '["Data", [["p", "Only this."]]]'
    assert "We keep your name" in text_of(policy(root, "beta"))


def test_a_fault_in_a_shared_clause_is_nothing_to_a_brand_that_overrides_it(tmp_path: Path) -> None:
    root = small(
        tmp_path,
        {
            "brands/alpha/clauses/en/data.md": clause("Only this.", "Data"),
            "shared/clauses/en/data.md": "broken",
        },
    )
    assert "Only this." in text_of(policy(root))
    assert "shared/clauses/en/data.md" not in policy(root).files
    assert errors(root, "beta")


def test_a_brands_clause_overrides_a_block_and_inherits_the_rest(tmp_path: Path) -> None:
    override = (
        '{% extends "shared/data.md" %}\n'
        "{% block what %}{{ super() }} And your address.{% endblock %}\n"
    )
    root = small(tmp_path, {"brands/alpha/clauses/en/data.md": override})
    said = text_of(policy(root))
    assert '"We keep your name. And your address."' in said
    assert said.startswith('["Your data"')
    assert "Mailer Ltd" in said


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ('{% extends "shared/data.md" %}\n\nLost.\n{% block what %}{% endblock %}',
         "brands/alpha/clauses/en/data.md:3: text outside blocks would be lost"),
        ('{% extends "shared/data.md" %}\n{{ brand.name }}',
         "brands/alpha/clauses/en/data.md:2: text outside blocks would be lost"),
        ('{% extends "shared/data.md" %}\n{% block wat %}x{% endblock %}',
         "brands/alpha/clauses/en/data.md:2: block 'wat' is not in the clause that is extended; did you mean 'what'?"),
        ('{% extends "shared/dta.md" %}',
         "brands/alpha/clauses/en/data.md:1: extends 'shared/dta.md', which does not exist; did you mean 'shared/data.md'?"),
        ('{% if true %}{% extends "shared/data.md" %}{% endif %}\nx', "text outside blocks would be lost"),
    ],
)  # fmt: skip
def test_what_jinja_would_drop_is_a_problem(tmp_path: Path, override: str, expected: str) -> None:
    name = "brands/alpha/clauses/en/data.md"
    body = f"---\ntitle: Your data\n---\n{override}" if override.startswith("{% if") else override
    found = errors(small(tmp_path, {name: body}))
    assert any(expected in each for each in found), found


def test_an_override_of_a_clause_that_does_not_exist_is_a_problem(tmp_path: Path) -> None:
    root = small(tmp_path, {"brands/alpha/clauses/en/rihgts.md": clause("x")})
    assert [str(problem) for problem in unplaced(read(root), "alpha")] == [
        "brands/alpha/clauses/en/rihgts.md: overrides no clause: 'rihgts' is not in the order of "
        "alpha; did you mean 'rights'?"
    ]
    assert not unplaced(read(root), "beta")


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("a\n{% if true %}\nb\n{% endif %}\nc", [["p", "a b c"]]),
        ("{% if true %}a{% endif %}\n\nb", [["p", "a"], ["p", "b"]]),
        ("a\n\n{% block x %}{% endblock %}\n\nb", [["p", "a"], ["p", "b"]]),
        ("a {# note #}\n\nb", [["p", "a"], ["p", "b"]]),
        ("- a\n  {% if true %}- b{% endif %}\n", [["ul", [["p", "a"], ["ul", [["p", "b"]]]]]]),
        ("- a\n{% for p in processors %}\n  - {{ p.id }}\n{% endfor %}\n- c",
         [["ul", [["p", "a"], ["ul", [["p", "mailer"]], [["p", "bank"]]]], [["p", "c"]]]]),
    ],
)  # fmt: skip
def test_a_tag_alone_on_its_line_leaves_no_trace_and_others_keep_the_line(
    tmp_path: Path, template: str, expected: list[object]
) -> None:
    root = with_clause(tmp_path, template)
    assert json.loads(text_of(policy(root)))[1] == expected


@pytest.mark.parametrize("block", ["New.", "\nNew.\n", "\n\nNew.\n\n"])
def test_a_block_put_in_stays_a_paragraph_of_its_own(tmp_path: Path, block: str) -> None:
    root = small(
        tmp_path,
        {
            "shared/clauses/en/data.md": clause("a\n\n{% block x %}{% endblock %}\n\nb"),
            "brands/alpha/clauses/en/data.md": '{% extends "shared/data.md" %}\n'
            f"{{% block x %}}{block}{{% endblock %}}\n",
        },
    )
    assert json.loads(text_of(policy(root)))[1] == [["p", "a"], ["p", "New."], ["p", "b"]]


# --- order and conditions ------------------------------------------------------------------------


def ids(made: Policy) -> list[str]:
    return [each.id for each in made.clauses]


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        ("omit: [who]", ["data"]),
        ("place: [{clause: data}]", ["data", "who"]),
        ("place: [{clause: own, after: who}]", ["who", "own", "data"]),
        ("omit: [who]\n  place: [{clause: own, after: data}]", ["data", "own"]),
        ("place: [{clause: own}, {clause: who, after: own}]", ["own", "who", "data"]),
    ],
)
def test_a_brand_adjusts_the_order(tmp_path: Path, clauses: str, expected: list[str]) -> None:
    changes: dict[str, str | bytes | None] = {
        "brands/alpha/brand.yaml": f"{BRAND}clauses:\n  {clauses}\n",
        "shared/policy.yaml": "title: P\norder: [who, data]\n",
    }
    if "own" in clauses:
        changes["brands/alpha/clauses/en/own.md"] = clause("Ours.", "Own")
    root = small(tmp_path, changes)
    assert ids(policy(root)) == expected
    assert ids(policy(root, "beta")) == ["who", "data"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("clauses: {omit: [whoo]}", "brand.yaml:10: 'whoo' is not in the order of clauses; did you mean 'who'?"),
        ("clauses: {place: [{clause: x, after: y}]}", "brand.yaml:10: 'y' is not in the order of clauses"),
        ("clauses: {place: [{clause: x}]}", "brand.yaml:10: there is no clause 'x' in en for alpha; write shared/clauses/en/x.md or brands/alpha/clauses/en/x.md"),
    ],
)  # fmt: skip
def test_an_order_that_names_nothing_is_a_problem(
    tmp_path: Path, change: str, expected: str
) -> None:
    root = small(tmp_path, {"brands/alpha/brand.yaml": f"{BRAND}{change}\n"})
    assert any(expected in each for each in errors(root))


@pytest.mark.parametrize(
    ("when", "alpha", "beta"),
    [
        ("{audience: consumers}", False, True),
        ("{processor: mailer}", True, False),
        ("{audience: businesses, processor: mailer}", True, False),
        ("{locale: [nl]}", False, False),
        ("{locale: [nl, en]}", True, True),
    ],
)
def test_a_clause_with_a_condition(tmp_path: Path, when: str, alpha: bool, beta: bool) -> None:
    root = small(
        tmp_path,
        {
            "shared/clauses/en/data.md": f"---\ntitle: D\nwhen: {when}\n---\nx\n",
            "shared/clauses/en/rights.md": clause("y"),
        },
    )
    assert ("data" in ids(policy(root)), "data" in ids(policy(root, "beta"))) == (alpha, beta)


def test_a_condition_inside_a_clause(tmp_path: Path) -> None:
    text = '{% if "consumers" in brand.audience %}You{% else %}Your company{% endif %}.'
    root = with_clause(tmp_path, text)
    assert "Your company." in text_of(policy(root))
    assert "You." in text_of(policy(root, "beta"))


def test_a_link_to_a_clause_that_the_brand_does_not_have(tmp_path: Path) -> None:
    root = small(tmp_path, {"brands/alpha/brand.yaml": f"{BRAND}clauses: {{omit: [who]}}\n"})
    assert errors(root) == [
        "shared/clauses/en/rights.md:8: links to '#who', which is not a clause of alpha; "
        "clauses here: data, rights"
    ]


def test_a_clause_that_comes_to_nothing_is_a_problem(tmp_path: Path) -> None:
    root = with_clause(tmp_path, '{% if "consumers" in brand.audience %}x{% endif %}')
    assert "has no text for alpha" in errors(root)[0]
    assert policy(root, "beta")


# --- locales -------------------------------------------------------------------------------------


def dutch(tmp_path: Path, changes: dict[str, str | bytes | None] | None = None) -> Path:
    return small(
        tmp_path,
        {
            "brands/beta/brand.yaml": SMALL["brands/beta/brand.yaml"].replace("[en]", "[en, nl]"),
            "shared/clauses/nl/who.md": clause("{{ company.name }} zijn wij.", "Wie wij zijn"),
            "shared/clauses/nl/data.md": clause(
                "{% for p in processors %}{{ p.name }} {{ p.words }}{% endfor %}", "Uw gegevens"
            ),
            "shared/clauses/nl/rights.md": clause("{% for r in rights %}{{ r.words }}{% endfor %}", "Rechten"),
            **(changes or {}),
        },
    )  # fmt: skip


def test_a_locale_has_its_own_clauses_and_words(tmp_path: Path) -> None:
    made = policy(dutch(tmp_path), "beta", "nl")
    assert made.title == "Privacyverklaring"
    assert json.loads(words(made))[1][1] == ["Uw gegevens", [["p", "Onze bank verplaatst geld."]]]


def test_an_unconfirmed_period_is_in_the_words_of_the_locale(tmp_path: Path) -> None:
    registry = SMALL["shared/retention.yaml"]
    registry = registry.replace("10 years", "{unconfirmed: How long?, value: 10 years}")
    text = clause("{{ kept.invoices.period }}", "Gegevens")
    root = dutch(tmp_path, {"shared/retention.yaml": registry, "shared/clauses/nl/data.md": text})
    made = policy(root, "beta", "nl")
    assert text_of(made) == '["Gegevens", [["p", "10 jaar"]]]'
    assert [question.text for question in made.questions] == ["How long?"]


def test_what_a_locale_lacks_is_a_problem_at_its_line(tmp_path: Path) -> None:
    registry = SMALL["shared/processors.yaml"].replace(", nl: verplaatst geld.", "")
    root = dutch(tmp_path, {"shared/processors.yaml": registry, "shared/clauses/nl/who.md": None})
    found = errors(root, "beta", "nl")
    assert (
        "shared/processors.yaml:9: 'bank.words' has no text for locale nl; add a line `nl: …`"
        in found
    )
    assert any("there is no clause 'who' in nl for beta" in each for each in found)
    assert policy(root, "beta", "en")


def test_a_brand_or_locale_that_is_not_there(workspace: Path) -> None:
    with pytest.raises(UnknownName, match=r"unknown brand 'alhpa'; did you mean 'alpha'\?"):
        policy(workspace, "alhpa")
    with pytest.raises(UnknownName, match="unknown locale of alpha 'nl'; known: en"):
        policy(workspace, "alpha", "nl")


@pytest.mark.parametrize(
    ("sister", "message"),
    [
        ("bete", "there is no brand 'bete'; did you mean 'beta'?"),
        ("zulu", "there is no brand 'zulu'; fix the name, or delete it"),
        (
            "alpha",
            "the sister brand 'alpha' has no usable name and domain; delete it: a brand is not its own sister",
        ),
    ],
)
def test_a_sister_that_cannot_be_quoted_is_named(tmp_path: Path, sister: str, message: str) -> None:
    brand = BRAND.replace("sisters: [beta]", f"sisters: [{sister}]")
    assert errors(small(tmp_path, {"brands/alpha/brand.yaml": brand})) == [
        f"brands/alpha/brand.yaml:7: {message}"
    ]


# --- unconfirmed ---------------------------------------------------------------------------------

UNSURE = BRAND.replace(
    "contact: privacy@alpha.example", "contact: {unconfirmed: Which mailbox?, value: a@b.example}"
)


def test_a_policy_that_quotes_an_unconfirmed_fact_is_a_draft(tmp_path: Path) -> None:
    root = small(tmp_path, {"brands/alpha/brand.yaml": UNSURE})
    made = policy(root)
    assert made.draft
    assert [(q.text, q.path, q.line) for q in made.questions] == [
        ("Which mailbox?", "brands/alpha/brand.yaml", 3)
    ]
    assert not policy(root, "beta").draft


def test_an_unconfirmed_fact_that_is_not_quoted_asks_nothing(tmp_path: Path) -> None:
    unsure = BRAND + "facts: {x: {unconfirmed: Which?}}\n"
    assert not policy(small(tmp_path, {"brands/alpha/brand.yaml": unsure})).draft


@pytest.mark.parametrize(
    "text",
    [
        "{{ facts.x }}",
        "{{ facts.x | upper }}",
        "{{ [facts.x, 'b'] | join(', ') }}",
        "a [b](https://x.example/{{ facts.x }}) c {{ facts.x }}",
        "{% if facts.x == 'y' %}a{% else %}b{% endif %}",
        "`{{ facts.x }}`",
        "[a](mailto:{{ facts.x }})",
    ],
)
def test_no_way_of_quoting_hides_that_a_fact_is_unconfirmed(tmp_path: Path, text: str) -> None:
    root = small(
        tmp_path,
        {
            "brands/alpha/brand.yaml": BRAND + "facts: {x: {unconfirmed: 'Which?', value: v@w.be}}\n",
            "brands/alpha/clauses/en/data.md": clause(text),
        },
    )  # fmt: skip
    assert [question.text for question in policy(root).questions] == ["Which?"]


@pytest.mark.parametrize(
    "text",
    [
        "{% for p in processors %}- {{ p.name }}\n{% endfor %}",
        '{% if "mailer" in brand.processors %}a{% else %}b{% endif %}',
        "{{ processor.mailer.name }}",
        *(f"{{{{ brand.processors | {filter} }}}}" for filter in ("first", "last", "sort | last")),
    ],
)
def test_whatever_reads_an_unconfirmed_list_is_a_draft(tmp_path: Path, text: str) -> None:
    brand = BRAND.replace("[mailer, bank]", "{unconfirmed: Which processors?, value: [mailer]}")
    root = small(
        tmp_path,
        {"brands/alpha/brand.yaml": brand, "brands/alpha/clauses/en/data.md": clause(text)},
    )
    assert [question.text for question in policy(root).questions] == ["Which processors?"]


def test_an_unknown_entry_of_an_unconfirmed_list_is_named_where_nobody_sees_it(
    tmp_path: Path,
) -> None:
    brand = BRAND.replace("[mailer, bank]", "{unconfirmed: Which processors?, value: [mailer]}")
    text = clause("Here.{% if false %}{{ processor.mailr.name }}{% endif %}")
    files = {"brands/alpha/brand.yaml": brand, "brands/alpha/clauses/en/data.md": text}
    with pytest.raises(InvalidPolicy) as fault:
        policy(small(tmp_path, files))
    (problem,) = fault.value.problems
    assert "unknown fact 'processor.mailr'; did you mean 'processor.mailer'?" in str(problem)


def test_an_unconfirmed_list_asks_and_is_at_fault_at_its_lines(tmp_path: Path) -> None:
    asking = BRAND.replace("[mailer, bank]", "\n  value:\n  - mailer\n  unconfirmed: Which?")
    (question,) = policy(small(tmp_path, {"brands/alpha/brand.yaml": asking})).questions
    assert question.line == 1 + asking.split("\n").index("  unconfirmed: Which?")
    wrong = asking.replace("- mailer", "- mailer\n  - nobody")
    (problem,) = errors(small(tmp_path, {"brands/alpha/brand.yaml": wrong}))
    line = 1 + wrong.split("\n").index("  - nobody")
    assert problem.startswith(f"brands/alpha/brand.yaml:{line}: 'nobody' is not in")


def test_purposes_are_unknown_where_no_registry_has_any(tmp_path: Path) -> None:
    root = with_clause(tmp_path, "{% for purpose in purposes %}- {{ purpose.name }}\n{% endfor %}")
    (problem,) = errors(root)
    assert problem.startswith("shared/clauses/en/data.md:4: unknown fact 'purposes'; known here: ")


def test_words_that_quote_what_is_unconfirmed_shape_nothing_unseen(tmp_path: Path) -> None:
    words = "{% if processor.bank.location == 'Ghent' %}here{% else %}there{% endif %}"
    text = "{% if processor.bank.words == 'here' %}Nearby.{% else %}Abroad.{% endif %}"
    registry = SMALL["shared/processors.yaml"].replace(
        "  words: {en: moves money.",
        f'  location: {{unconfirmed: Where?}}\n  words: {{en: "{words}"',
    )
    root = small(
        tmp_path,
        {"shared/processors.yaml": registry, "brands/alpha/clauses/en/data.md": clause(text)},
    )
    assert [question.text for question in policy(root).questions] == ["Where?"]


@pytest.mark.parametrize("value", ["[mailer]", "[]"])
def test_a_condition_on_an_unconfirmed_list_asks_even_if_it_does_not_hold(
    tmp_path: Path, value: str
) -> None:
    brand = BRAND.replace("[mailer, bank]", f"{{unconfirmed: Which?, value: {value}}}")
    root = small(
        tmp_path,
        {
            "brands/alpha/brand.yaml": brand,
            "shared/clauses/en/data.md": "---\ntitle: D\nwhen: {processor: mailer}\n---\nx\n",
        },
    )
    assert [question.text for question in policy(root).questions] == ["Which?"]


def test_a_clause_may_ask_too_and_what_extends_it_asks_the_same(tmp_path: Path) -> None:
    asking = "---\ntitle: D\nunconfirmed: [Is this so?]\n---\nx{% block b %}{% endblock %}\n"
    root = small(
        tmp_path,
        {
            "shared/clauses/en/data.md": asking,
            "brands/alpha/clauses/en/data.md": "---\nunconfirmed: [And that?]\n---\n"
            '{% extends "shared/data.md" %}',
        },
    )
    assert [question.text for question in policy(root).questions] == ["And that?", "Is this so?"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{{ facts.x and "yes" }}', "yes"),
        ('{{ facts.x == "5" and "five" or "other" }}', "five"),
        ("{{ facts.x | length }}", "1"),
        ('{% for k in ["a"] if facts.x == "5" %}{{ k }}{% endfor %}', "a"),
        ('{% if facts.x in ["5"] %}a{% endif %}', "a"),
        ('{% if "5" in facts.x %}a{% endif %}', "a"),
        ("{% if facts.x > '4' %}a{% endif %}", "a"),
        ("{{ facts.x | first }}", "5"),
        ("{{ [facts.x, '1'] | sort | last }}", "5"),
    ],
)
def test_an_unconfirmed_fact_shapes_nothing_unseen(tmp_path: Path, text: str, shown: str) -> None:
    brand = BRAND + 'facts: {x: {unconfirmed: Which?, value: "5"}}\n'
    root = small(
        tmp_path,
        {"brands/alpha/brand.yaml": brand, "brands/alpha/clauses/en/data.md": clause(text)},
    )
    made = policy(root)
    assert [question.text for question in made.questions] == ["Which?"]
    assert shown in text_of(made)


@pytest.mark.parametrize(
    "changes",
    [
        {"shared/clauses/en/data.md": clause(
            "{% for e in processors %}{% if e.location == 'Ireland' %}in{% endif %} x{% endfor %}")},
        {"shared/clauses/en/data.md": clause("{{ processor.mailer.words }}")},
        {"shared/clauses/en/data.md": '---\ntitle: "{% if processor.mailer.location %}A{% endif %}"\n---\nx\n'},
    ],
)  # fmt: skip
def test_an_unconfirmed_fact_of_a_registry_shapes_nothing_unseen(
    tmp_path: Path, changes: dict[str, str | bytes | None]
) -> None:
    registry = SMALL["shared/processors.yaml"].replace(
        "location: Ireland", "location: {unconfirmed: Where?, value: Ireland}"
    ).replace("sends {{ brand.name }}'s", "sends {% if entry.location %}{% endif %}{{ brand.name }}'s")  # fmt: skip
    root = small(tmp_path, {"shared/processors.yaml": registry, **changes})
    assert [question.text for question in policy(root).questions] == ["Where?"]


def test_the_questions_of_an_included_part_are_asked(tmp_path: Path) -> None:
    root = small(
        tmp_path,
        {
            "shared/clauses/en/data.md": clause('{% include "shared/_part.md" %}'),
            "shared/clauses/en/_part.md": "---\nunconfirmed: [Is this right?]\n---\nText.\n",
        },
    )
    assert [question.text for question in policy(root).questions] == ["Is this right?"]


# --- what would be lost --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"shared/clauses/en/data.md": clause("{% block a %}A {% block b %}B{% endblock %}{% endblock %}"),
          "brands/alpha/clauses/en/data.md": '{% extends "shared/data.md" %}\n{% block a %}A2{% endblock %}\n{% block b %}LOST{% endblock %}'},
         "brands/alpha/clauses/en/data.md:3: block 'b' is inside a block that is overridden without it"),
        ({"shared/clauses/en/data.md": clause('{% include "shared/who.md" %}')},
         "data.md:4: includes the clause 'shared/who.md'; move the shared text into a part"),
        ({"shared/clauses/en/_p.md": "---\ntitle: T\n---\nx\n",
          "shared/clauses/en/data.md": clause('{% include "shared/_p.md" %}')},
         "shared/clauses/en/_p.md:1: is a part, not a clause"),
        ({"shared/clauses/en/data.md": clause('[a](https://x.example "lost")')},
         "data.md:4: has a link with a title"),
        ({"shared/clauses/en/data.md": clause("1. a\n3. b")}, "data.md:5: has the number 3 where 2 comes next"),
        ({"shared/clauses/en/data.md": clause("## Clause #")}, "data.md:4: has a heading that ends in #"),
        ({"shared/clauses/en/data.md": clause("x[^a]\n\n[^a]: [^a]: lost")}, "data.md:6: has two footnotes [^a]"),
        ({"shared/clauses/en/data.md": clause("x[^a]\n\n[^a]:\n")}, "data.md:6: has an empty footnote [^a]"),
        ({"shared/clauses/en/data.md": clause("##\n\na")}, "data.md:4: has an empty heading"),
        ({"shared/processors.yaml": SMALL["shared/processors.yaml"].replace("moves money.", '"moves\\n\\nmoney."')},
         "shared/processors.yaml:9: has more than one paragraph"),
        ({"shared/processors.yaml": SMALL["shared/processors.yaml"].replace("moves money.", "moves <b>money</b>.")},
         "shared/processors.yaml:9: has raw HTML: <b>"),
        ({"shared/clauses/en/data.md": "---\ntitle: '{% if locale == \"nl\" %}A{% endif %}'\n---\nx\n"},
         "data.md:2: has no title"),
        ({"shared/clauses/en/data.md": clause("{% raw %}x{% endraw %}")}, "data.md:4: a clause cannot have {% raw %}"),
        ({"shared/clauses/en/data.md": clause("a\n\n&#xe002;61&#xe003;")}, "data.md:6: has the invisible or private character U+E002"),
        ({"shared/clauses/en/data.md": clause("a&shy;b &ZeroWidthSpace;")}, "data.md:4: has the invisible or private character U+00AD"),
        ({"shared/clauses/en/data.md": clause('{{ "\\ue002" }}')}, "data.md:4: has the invisible or private character U+E002"),
        ({"shared/clauses/en/data.md": "---\ntitle: T\nwhen: {processor: maler}\n---\nx\n"}, "there is no processor 'maler'; did you mean 'mailer'?"),
    ],
)  # fmt: skip
def test_what_would_be_lost_or_deceive_is_a_problem(
    tmp_path: Path, changes: dict[str, str | bytes | None], expected: str
) -> None:
    found = errors(small(tmp_path, changes))
    assert any(expected in each for each in found), found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{{ [brand.name, "*b*"] | join(", ") }}', [["p", "Alpha, *b*"]]),
        ('{{ "*x*" }} {{ "{{" }}', [["p", "*x* {{"]]),
        ("{{ brand.name | upper }}", [["p", "ALPHA"]]),
        ('{{ facts["items"] }}', [["p", "five"]]),
        ("{{ facts.items }}", [["p", "five"]]),
        ("\\[^1]", [["p", "[^1]"]]),
    ],
)
def test_what_is_quoted_is_text(tmp_path: Path, text: str, expected: list[object]) -> None:
    root = small(
        tmp_path,
        {
            "brands/alpha/brand.yaml": BRAND + "facts: {items: five}\n",
            "brands/alpha/clauses/en/data.md": clause(text),
        },
    )
    assert json.loads(text_of(policy(root)))[1] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ " + "9" * 5000 + " }}", "data.md:1: is not understood"),
        ("{{ brand" + ".a" * 3000 + " }}", "data.md"),
        ("{% if locale %}" * 200 + "x" + "{% endif %}" * 200, "data.md"),
        ("*a " * 700 + "a*" * 700, "data.md"),
        ("{% for a in brand.name %}x{% endfor %}", "a loop goes through something that is not a list"),
        ('{{ brand.name | join("x") }}', "only a list can be joined"),
        ("{{ processor.mailer.words | upper }}", "only the case of a fact can be changed"),
        ('{{ facts["answer-day"] }}', "unknown fact 'facts[\"answer-day\"]'; did you mean 'facts[\"answer-days\"]'?"),
        ("{{ facts.answer-days }}", 'a name with a hyphen needs brackets: facts["answer-days"]'),
        ('{% if "plausble" in brand.processors %}x{% endif %}', "unknown value 'plausble'"),
        ('{% if "consumer" in brand.audience %}x{% endif %}', "unknown value 'consumer'; did you mean 'consumers'?"),
        ("{%- if locale -%}\nz\n{%- endif -%}\n\n<b>x</b>", "shared/clauses/en/data.md:"),
    ],
)  # fmt: skip
def test_hostile_and_mistaken_templates_are_told(tmp_path: Path, text: str, expected: str) -> None:
    found = errors(with_clause(tmp_path, text))
    assert any(expected in each for each in found), found


def test_parts_that_multiply_are_refused_quickly(tmp_path: Path) -> None:
    parts: dict[str, str | bytes | None] = {
        f"shared/clauses/en/_{a}.md": f'{{% include "shared/_{b}.md" %}}' * 12
        for a, b in zip("abcdef", "bcdefg", strict=True)
    }
    root = small(
        tmp_path,
        {**parts, "shared/clauses/en/_g.md": "x", "shared/clauses/en/data.md": clause('{% include "shared/_a.md" %}')},
    )  # fmt: skip
    assert "is made of more than 1000 parts" in errors(root)[0]


# --- what is read --------------------------------------------------------------------------------


def test_a_policy_records_what_it_looked_up_found_or_not(workspace: Path) -> None:
    files = policy(workspace).files
    assert {
        "shared/company.yaml", "shared/processors.yaml", "brands/alpha/brand.yaml",
        "brands/beta/brand.yaml", "shared/clauses/en/who.md", "brands/alpha/clauses/en/who.md",
    } <= files  # fmt: skip
    assert not any(path.startswith("brands/beta/clauses") for path in files)


def test_composing_is_pure(workspace: Path) -> None:
    loaded = read(workspace)
    assert compose(loaded, "alpha", "en") == compose(loaded, "alpha", "en")
    assert compose(read(workspace), "alpha", "en") == compose(loaded, "alpha", "en")
