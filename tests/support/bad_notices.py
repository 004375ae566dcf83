"""What goes wrong with notices to customers, and what users are told."""

from __future__ import annotations

from collections.abc import Callable

from support.bad_archives import ALPHA, Case
from support.workspaces import Repo

PREPARE = ("notices", "prepare", "alpha", "2025-01-20", "--base-url", "https://acme.example/")
RECORD = ("notices", "record", "alpha", "2025-01-20", "--count", "12")
TEMPLATE = "shared/notices/en.md"
WHOLE = """\
---
title: "{{ brand.name }} changes its policy"
---
From {{ notice.in_force_from }}:

{% for change in notice.changes %}
- {{ change }}
{% endfor %}

[Read it]({{ notice.policy }}), or write to {{ brand.contact }}.
"""
"""A template with all that it must have."""


def template(text: str) -> Callable[[Repo], object]:
    """Return what writes the workspace's own template."""

    def write(repo: Repo) -> None:
        path = repo.workspace / TEMPLATE
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    return write


def without(part: str) -> Callable[[Repo], object]:
    """Return what writes a template that lacks a part."""
    assert part in WHOLE
    return template(WHOLE.replace(part, ""))


def _unsure(repo: Repo) -> None:
    text = f"{ALPHA}facts: {{unsure: {{unconfirmed: Is it?, value: yes}}}}\n"
    (repo.workspace / "brands/alpha/brand.yaml").write_text(text)
    template(f"{WHOLE}\n{{{{ facts.unsure }}}}\n")(repo)


_LOOP = "{% for change in notice.changes %}\n- {{ change }}\n{% endfor %}\n\n"
CASES = (
    Case("a notice of an unknown brand", "error: unknown brand 'gamma'; known: alpha, beta", 2, command=("notices", "prepare", "gamma", "2025-01-20")),
    Case("a notice of an unknown version", "error: unknown version '2025-01-21'; did you mean '2025-01-20'?", 2, command=("notices", "prepare", "alpha", "2025-01-21")),
    Case("a notice of a brand without a release", "error: 'beta' has no released version; brands with one: alpha", 2, command=("notices", "prepare", "beta", "2025-01-20")),
    Case("a notice of an old version", "error: 2025-01-10 of alpha is superseded; customers are told about the version in force, or one to come, which `publisher versions` lists. Nothing was written", 2, command=("notices", "prepare", "alpha", "2025-01-10")),
    Case("a notice that could not lead to the text", "error: no address is known for the site of alpha, so that its notice could not lead to the text. Write `site: {base_url: https://…/}` in its brand.yaml, give --base-url, or attach the text with --attach pdf. Nothing was written", 2, command=PREPARE[:4]),
    Case("a notice with an unknown attachment", "error: --attach takes pdf, not 'docx'", 2, command=(*PREPARE, "--attach", "docx")),
    Case("a faulty template, where the workspace is checked", f"{TEMPLATE}:4: unknown fact 'notice.frm'; known here: attachment, before, changes, in_force_from, passages, policy, redline, summary, version", 1, template(WHOLE.replace("notice.in_force_from", "notice.frm")), ("check",)),
    Case("a template that a notice can break", f"{TEMPLATE}:10: a fact without a value is quoted; test it with {{% if … %}} first", 0, template(WHOLE.replace("notice.policy", "notice.redline")), ("check",)),
    Case("a template that does not say what changes", f"error: {TEMPLATE}:4: does not say what changes; quote `notice.changes`", 1, without(_LOOP), PREPARE),
    Case("a template that does not say from when", f"error: {TEMPLATE}:4: does not say from when; quote `notice.in_force_from`", 1, without(" {{ notice.in_force_from }}"), PREPARE),
    Case("a template that does not say where to read the text", f"error: {TEMPLATE}:4: does not say where to read it; quote `notice.policy`", 1, without("[Read it]({{ notice.policy }})"), PREPARE),
    Case("a template that does not say whom to write to", f"error: {TEMPLATE}:4: does not say how to reach you; quote `brand.contact`", 1, without("{{ brand.contact }}"), PREPARE),
    Case("a template without a subject", f"error: {TEMPLATE}:1: has no title; write the subject of the message after `title:`", 1, template("---\nunconfirmed: [Is it?]\n---\nText\n"), PREPARE),
    Case("a template with front matter of a clause", f"error: {TEMPLATE}:1: has front matter of a clause; leave only `title` there", 1, template(WHOLE.replace("---\nFrom", "when: {locale: [en]}\n---\nFrom")), PREPARE),
    Case("a template with a link to a clause", f"error: {TEMPLATE}:4: has a link to '#rights', which a message does not have; link to {{{{ notice.policy }}}}", 1, template(f"{WHOLE}\n[Rights](#rights)\n"), PREPARE),
    Case("a template with an unknown fact", f"error: {TEMPLATE}:12: unknown fact 'notice.day'; known here: attachment, before, changes, in_force_from, passages, policy, redline, summary, version", 1, template(f"{WHOLE}\n{{{{ notice.day }}}}\n"), PREPARE),
    Case("a template with an unconfirmed fact", f"error: {TEMPLATE}:2: quotes what is unconfirmed at brands/alpha/brand.yaml:10; confirm it, or leave it out", 1, _unsure, PREPARE),
    Case("previews among the company's own files", "error: /home/ops/policies/shared/notices is among the company's own files, in shared/. Name another place", 2, command=(*PREPARE, "--output", "{workspace}/shared/notices")),
    Case("the approval of something other than a digest", "error: 'alpha' is not the digest of a notice; give the one that `publisher notices prepare` prints, or its first 12 digits", 2, command=("notices", "approve", "alpha", "--by", "Counsel")),
    Case("the approval of a notice that nobody prepared", f"error: no notice has the digest {'0' * 16} now: the text, the version or its day has changed, or another --base-url was given. Run `publisher notices prepare BRAND VERSION` again, and approve the digest that it prints", 2, command=("notices", "approve", "0" * 16, "--by", "Counsel")),
    Case("a notice that was given before the release", "error: customers cannot have been told about 2025-01-20 on 2025-01-19: it was published on 2025-01-20, and today is 2025-06-15. Give the day with --on", 2, command=(*RECORD, "--channel", "post", "--on", "2025-01-19")),
    Case("a notice that will be given", "error: customers cannot have been told about 2025-01-20 on 2025-06-16: it was published on 2025-01-20, and today is 2025-06-15. Give the day with --on", 2, command=(*RECORD, "--channel", "post", "--on", "2025-06-16")),
    Case("a notice in a channel that is not one word", "error: --channel takes a word such as post, phone or account, not 'By post': lower-case letters, digits and single hyphens", 2, command=(*RECORD, "--channel", "By post")),
)  # fmt: skip
