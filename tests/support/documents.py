"""A workspace whose documents have all that documents can have; validators look at them."""

from __future__ import annotations

from pathlib import Path

from support.workspaces import EVERYTHING, SMALL, clause, small

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><path d="M0 0h120v40z" fill="#135"/></svg>'
LANGUAGES = {
    "de": "Wir verarbeiten personenbezogene Daten gemäß der Datenschutz-Grundverordnung, auch solche von Rechtsschutzversicherungsgesellschaften; die Löschung erfolgt nach Ablauf der Aufbewahrungsfrist.",
    "el": "Επεξεργαζόμαστε τα προσωπικά σας δεδομένα σύμφωνα με τον κανονισμό, και τα διαγράφουμε μόλις δεν χρειάζονται πια.",
    "es": "Tratamos sus datos personales según el Reglamento: ¿con qué finalidad, durante cuánto tiempo y con qué legitimación? Se explica más abajo.",
    "fr": "Nous traitons vos données à caractère personnel pour la durée nécessaire : l’œuvre, l’intérêt légitime et « la finalité » y sont décrits.",
    "it": "Trattiamo i Suoi dati personali in conformità al regolamento; perché, e per quanto tempo, è indicato più sotto.",
    "nl": "Wij verwerken uw persoonsgegevens voor de doeleinden hieronder; één arbeidsongeschiktheidsverzekeringsmaatschappij ontvangt ze ook.",
    "pl": "Przetwarzamy Państwa dane osobowe zgodnie z przepisami: źródło, żądanie, sprzeciw i usunięcie są opisane poniżej.",
    "pt": "Tratamos os seus dados pessoais nos termos do regulamento: as finalidades, os prazos de conservação e a oposição são descritos abaixo.",
}
"""A sentence in each language but English."""

_PARAGRAPH = (
    "We keep what you tell us for as long as the law asks us to, and no longer. You may ask what we "
    "hold, have it corrected, and have it erased. "
)
_SECTION = """\
## Part {0}

{1}

1. first
   - and inside
     - and further inside
2. second

| what | how long | why |
| --- | :-: | --: |
| invoices of part {0} | ten years | the law |
| letters of part {0} | two years | our interest |

Term {0}
: what it means
"""
LONG = "\n".join(_SECTION.format(number, 5 * (_PARAGRAPH * 3 + "\n\n")) for number in range(1, 71))
WORD = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz" * 3


def documents(root: Path) -> Path:
    """Write the workspace: a draft, a ready policy in nine languages with a logo, a long one."""
    alpha, beta = SMALL["brands/alpha/brand.yaml"], SMALL["brands/beta/brand.yaml"]
    everywhere = ", ".join(f"{locale}: {text}" for locale, text in _each("See your data.").items())
    plain = beta.replace("processors: [bank]", "processors: []").replace("[invoices]", "[]")
    files: dict[str, str | bytes | None] = {
        "shared/policy.yaml": f"title: {{{_listed(_each('Privacy Policy'))}}}\norder: [who, data, rights]\n",
        "shared/rights.yaml": f"access: {{article: Art. 15, words: {{{everywhere}}}}}\n",
        "brands/alpha/clauses/en/data.md": EVERYTHING,
        "brands/alpha/brand.yaml": alpha + "facts: {unsure: {unconfirmed: Is it?}}\n",
        "brands/beta/clauses/en/data.md": EVERYTHING.replace("{{ facts.unsure }}", "it").replace(
            "{{ kept.invoices.period }}", "it"
        ),
        "brands/beta/brand.yaml": plain.replace("[en]", f"[en, {', '.join(LANGUAGES)}]"),
        "brands/beta/logo.svg": SVG,
        "brands/long/brand.yaml": plain.replace("name: Beta", "name: Long"),
        "brands/long/clauses/en/data.md": clause(f"{WORD}\n\n{LONG}"),
    }
    for locale, text in LANGUAGES.items():
        folder = f"shared/clauses/{locale}"
        files[f"{folder}/who.md"] = clause(
            f"{{{{ company.name }}}}. {text}", text.split(",")[0][:40]
        )
        files[f"{folder}/data.md"] = clause(f"1. {text}\n\n   > {text}\n2. {text}", text[:30])
        files[f"{folder}/rights.md"] = clause(
            "{% for r in rights %}{{ r.words }}{% endfor %}", text[:20]
        )
    return small(root, files)


def _each(text: str) -> dict[str, str]:
    return dict.fromkeys(["en", *LANGUAGES], text)


def _listed(texts: dict[str, str]) -> str:
    return ", ".join(f"{locale}: {text}" for locale, text in texts.items())
