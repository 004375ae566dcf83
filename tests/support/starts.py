"""A company that begins, and what it answers to the questions of its starter."""

from __future__ import annotations

import re
from pathlib import Path

from publisher.start.answers import answers

SHOP = answers("Moulin SAS", ["moulin=moulin.fr", "lavande=lavande.fr"], ["en", "nl"], "FR")
ALONE = answers(
    "Prairie Goods Inc.",
    ["prairie=prairie.com"],
    ["en-US"],
    "US",
    "https://prairie.com/privacy-questions?from=policy",
    "America/Chicago",
)

_FACTS = {
    "address": "address: [1 rue du Moulin, '26110 Nyons, France']\n",
    "vat": "vat: FR00123456789\n",
    "authority": "authority: {name: CNIL, site: cnil.fr}\n",
    "dpo": "dpo: none\n",
    "automated_decisions": "automated_decisions: none\n",
    "representative": "representative: Moulin SAS in Nyons\n",
    "contact": "contact: privacy@moulin.fr\n",
    "audience": "audience: [consumers]\nlanguages: [LOCALES]\n",
    "processors": "processors: [hosting, email, accountant]\n",
    "retention": "retention: [server-logs, messages, customer-records, newsletter]\n",
    "purposes": "purposes: [website, enquiries, customers, newsletter]\n",
}
_REGISTRIES = {
    "processors": [
        ("The company that hosts our website", "Hébergeur Exemple"),
        ("The company that runs our mailboxes", "Courrier Exemple"),
        (r"location:\n +unconfirmed: .*", "location: France\n  countries: [FR]"),
    ],
    "retention": [(r"period:\n +unconfirmed: .*", "period: 10 years")],
    "purposes": [
        ("keeping books and invoices", "keeping invoices (Code de commerce, Art. L123-22)")
    ],
}


def fill_in(root: Path) -> None:
    """Answer every question, as somebody who is entitled to would; the translations stand."""
    for file in (root / "shared/company.yaml", *root.glob("brands/*/brand.yaml")):
        _facts(file)
    for name, changes in _REGISTRIES.items():
        _changed(root / f"shared/{name}.yaml", changes)
    for file in root.glob("shared/clauses/*/*.md"):
        _changed(file, [(r"unconfirmed:\n(  - .*\n)+", "")])


def _facts(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    locales = re.search(r"locales: \[(.*)\]", text)
    for key, answer in _FACTS.items():
        if key == "contact" and 'contact: "' in text:
            continue  # it is answered
        fact = answer.replace("LOCALES", locales[1] if locales else "")
        text = re.sub(
            rf"^{key}:.*\n(?:[ ]+.*\n)*", lambda _, fact=fact: fact, text, flags=re.MULTILINE
        )
    file.write_text(text, encoding="utf-8")


def _changed(file: Path, changes: list[tuple[str, str]]) -> None:
    text = file.read_text(encoding="utf-8")
    for pattern, new in changes:
        text = re.sub(pattern, new, text)
    file.write_text(text, encoding="utf-8")
