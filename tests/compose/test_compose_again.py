"""What is remembered between compositions never shows: warm and cold, the same policy."""

from __future__ import annotations

import pytest
from conftest import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from support.remembered import forget
from support.sources import Files
from support.workspaces import SMALL, clause

from publisher.compose import compose, placeholders, references
from publisher.errors import InvalidPolicy
from publisher.policy import words
from publisher.policy.tree import Policy
from publisher.workspace import load

DATA, WHO = "shared/clauses/en/data.md", "shared/clauses/en/who.md"
OWN = "brands/alpha/clauses/en/data.md"
PART = "shared/clauses/en/_part.md"
ALPHA, BETA = "brands/alpha/brand.yaml", "brands/beta/brand.yaml"
COMPANY, OUTLINE = "shared/company.yaml", "shared/policy.yaml"
EDITS: list[tuple[str, str | None]] = [
    (DATA, SMALL[DATA]),
    (DATA, SMALL[DATA].replace("your name", "your *name*")),
    (DATA, clause("A note.[^n]\n\n[^n]: Said below.")),
    (DATA, clause('{% include "shared/_part.md" %}')),
    (DATA, clause("{{ nothing }}")),
    (DATA, "---\ntitle: Data\nwhen: {processor: mailer}\n---\nSent.\n"),
    (DATA, "---\ntitle: Data\nunconfirmed: [Is it so?]\n---\n{{ brand.domain }}\n"),
    (OWN, '{% extends "shared/data.md" %}{% block what %}Ours: {{ super() }}{% endblock %}'),
    (OWN, clause("Ours.[^a]\n\n[^a]: Note.")),
    (OWN, None),
    (PART, "We are {{ company.name }}.\n"),
    (PART, "Part of {{ brand.name }}.\n"),
    (PART, None),
    (WHO, SMALL[WHO]),
    (WHO, clause("Another note.[^n]\n\n[^n]: First.", "Who")),
    (ALPHA, SMALL[ALPHA]),
    (ALPHA, SMALL[ALPHA].replace("processors: [mailer, bank]", "processors: [bank]")),
    (ALPHA, SMALL[ALPHA].replace("contact: privacy@alpha.example", "contact: {unconfirmed: Which?}")),
    (BETA, SMALL[BETA].replace("name: Beta", "name: Gamma")),
    (BETA, SMALL[BETA]),
    (COMPANY, SMALL[COMPANY].replace("Acme NV", "Acme SA")),
    (COMPANY, SMALL[COMPANY]),
    (OUTLINE, SMALL[OUTLINE].replace("who, data", "data, who")),
    (OUTLINE, SMALL[OUTLINE]),
]  # fmt: skip


def composed(files: dict[str, str], brand: str) -> Policy | tuple[object, ...]:
    try:
        return compose(load(Files(files), (brand,)), brand, "en")
    except InvalidPolicy as fault:
        return fault.problems


@settings(max_examples=examples(60))
@given(st.lists(st.sampled_from(EDITS), min_size=1, max_size=8))
def test_warm_and_cold_are_the_same(edits: list[tuple[str, str | None]]) -> None:
    files = dict(SMALL)
    stages = []
    for path, text in edits:
        if text is None:
            files.pop(path, None)
        else:
            files[path] = text
        stages.append(dict(files))
    warm = [composed(stage, brand) for stage in stages for brand in ("alpha", "beta")]
    said = [words.words(each) if isinstance(each, Policy) else None for each in warm]
    for number, (stage, brand) in enumerate((s, b) for s in stages for b in ("alpha", "beta")):
        forget()
        cold = composed(stage, brand)
        assert warm[number] == cold
        assert said[number] == (words.words(cold) if isinstance(cold, Policy) else None)


PIECES = (
    "Plain.", "a  b", " ", "\t", "\n", "\n\n", "\u00a0", "- x", "{{ company.name }}", "{{- brand.name -}}",
    "{{ nothing }}", "{% for each in processors %}", "{{ each.name }}", "{%- endfor %}", "{% endfor %}",
    "{% if brand.name == \"Alpha\" %}", "{%+ else -%}", "{% endif %}", "{% block what %}", "{% endblock %}",
    '{% include "shared/_part.md" %}', '{{ "{{" }}', "{{ 'it' }}", '"', "it's", "}}", "{", "%}", "{# c #}",
    "## H {#h}", "{% raw %}", '{% if "x %}',
)  # fmt: skip


@settings(max_examples=examples(120))
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=9))
def test_the_shape_of_a_template_gives_what_the_template_gives(pieces: list[str]) -> None:
    files = {**SMALL, DATA: clause("".join(pieces)), PART: "We are {{ company.name }}.\n"}
    shaped = composed(files, "alpha")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(placeholders, "shape", lambda _: None)
        patched.setattr(references, "shape", lambda _: None)
        forget()
        assert composed(files, "alpha") == shaped
