"""Write docs/rules.md, the page for counsel, from the catalogue: python scripts/rules_page.py."""

from __future__ import annotations

from pathlib import Path

from publisher.checks.catalogue import Rule, catalogue, countries, unfilled

PAGE = Path(__file__).parent.parent / "docs" / "rules.md"
HEAD = """\
# The rules on what policies say

<!-- Made by scripts/rules_page.py from publisher/data/law/: do not edit. -->

`publisher check` compares what each policy says with the law and with what the company has
recorded about itself. This page lists every rule, for counsel. The law is as of {reviewed}
(catalogue {version}); the lists of countries and periods are due for review by {review}. Nothing
here is legal advice.

- **error**: the text contradicts a fact, or sends people to another brand. `check` fails and
  `release` refuses; `build` does not stop, so that the text can be seen and corrected. An error
  cannot be accepted.
- **warning**: an authority could find fault with it. `check --strict` fails. Of warnings,
  only `translation-behind` stops `release`, and not once it is accepted.
- **note**: a lawyer would mention it.

`publisher check --explain RULE` says more about a rule. An authority that is marked *to be
confirmed* was cited from memory: look it up before you rely on it.

Rules look at facts, at what clauses declare (`covers`, `asserts`) and at words, in English,
Dutch, French and German. Where there are facts, they win. A claim that a clause declares under
`asserts` is compared with the facts as it is declared, and its words are not searched for it;
`asserts: []` declares that the clause claims nothing. There are no remarks on what is unconfirmed:
its open question is enough. Each remark appears once, however many brands it concerns, and names
the line of the sentence or entry.

## Accept a remark

If somebody has reviewed a remark and accepts it, write it down in `shared/accepted.yaml`, with the
eight digits at the end of the remark:

```yaml
- remark: child-age
  of: 7e2bdd6d
  about: the age in the clause about children
  because: 16 is meant; it holds in every country
  by: counsel
  until: 2027-11-26        # optional: the remark returns on this day
```

From then on, `check` only counts the remark, until the sentence or the entry changes. An acceptance
that applies to nothing is itself a remark.

## Rules
"""
FAMILIES = (
    ("Purposes and legal bases", "purposes-missing purpose basis basis-blended basis-contract "
     "basis-law basis-unsaid interest consent-withdrawal withdrawal-idle consent-fiction "
     "purpose-implied vague hedged"),
    ("Who receives data", "recipient-unnamed recipient-role recipient-contract recipient-unsaid "
     "recipient-unregistered service-unnamed transfer"),
    ("How long", "kept kept-vague kept-law"),
    ("Rights", "rights objection reply fee complaint"),
    ("The company, and what else must be told", "controller company-number representative dpo "
     "dpo-unsaid automation language provision source child-age change-notice breach-promise"),
    ("The reader's device", "device device-reason"),
    ("Claims", "claim claim-personal claim-ip"),
    ("Other laws, where `profiles` in shared/company.yaml names them", "uk-authority "
     "uk-representative company-register us-ca-changes us-ca-updated"),
    ("Between brands, and over time", "leak sister review-due override-behind "
     "translation-behind promise-notice acceptance"),
)  # fmt: skip


def page() -> str:
    """Return the page."""
    known = catalogue()
    head = HEAD.format(
        reviewed=known.reviewed,
        version=known.version.partition(" ")[0],
        review=countries().review_by,
    )
    parts = [head]
    for title, ids in FAMILIES:
        rows = [row for id in ids.split() for row in _rows(id)]
        table = [
            "| rule | severity | it says | why | authority |",
            "| --- | --- | --- | --- | --- |",
        ]
        parts.append("\n".join([f"### {title}\n", *table, *rows]) + "\n")
    return "\n".join(parts)


def _rows(id: str) -> list[str]:
    rules = catalogue().rules
    named = (rules.get(name) for name in (id, f"{id} unsaid", f"{id} proposed"))
    return [_row(rule) for rule in named if rule is not None]


def _row(rule: Rule) -> str:
    cited = ", ".join(
        f"[{authority.cite}]({authority.url})" + ("" if authority.seen else " *to be confirmed*")
        for authority in rule.authority
    )
    id = rule.id.partition(" ")[0]
    cells = (f"`{id}`", rule.severity, unfilled(rule.say), rule.why, cited)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
