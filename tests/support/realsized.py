"""Clauses of the size that real ones have: a CCPA notice, a list of cookies, terms; and tables."""

from __future__ import annotations

import random

LISTED = (
    "Item {0}: identifiers such as a real name, an alias, a postal address, a unique personal "
    "identifier, an internet protocol address, an e-mail address or an account name. "
)
CATEGORIES = ("Identifiers", "Customer records", "Protected classifications", "Geolocation data")
CELLS = ("session", "30 minutes", "Art. 6(1)(f)", "1 452,00", "analytics/marketing", "Acme Hosting")
LONG = (
    "https://statly.example/legal/privacy/english/notice-for-partners-2026-11-22-final-web.html",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "Rechtsschutzversicherungsgesellschaften",
    "__Secure-next-auth.session-token",
)


def ccpa(rows: int = 110, characters: int = 480) -> str:
    """Return a notice at collection: a table with three columns of long text."""
    head = ("Category", "Sources", "Purposes", "Recipients")
    text = "".join(LISTED.format(number) for number in range(1, 2 + characters // 150))
    cells = [text[at : at + characters].strip() for at in (0, 9, 21)]
    return table(head, [(f"{CATEGORIES[n % 4]} {n}", *cells) for n in range(rows)])


def cookies(rows: int = 120) -> str:
    """Return a list of cookies."""
    head = ("Cookie", "Provider", "Lifetime", "Purpose")
    purposes = ("Keeps you signed in.", "Counts visits, and remembers nothing else about you.")
    names = ("_ga", "session_id", "__Secure-next-auth.session-token", "CookieConsent_2026")
    return table(
        head,
        [
            (f"{names[n % 4]}_{n}", f"Acme Hosting {n}", "30 minutes", purposes[n % 2])
            for n in range(rows)
        ],
    )


def terms(clauses: int = 40) -> str:
    """Return terms: numbered paragraphs below headings, with references and addresses."""
    return "\n\n".join(
        f"## Clause {n}\n\n1. You must keep your password secret, as clause {n + 1} says.\n"
        "2. You must not:\n\n   - copy the service;\n   - sell it on.\n\n"
        f"The notice is at https://alpha.example/legal/terms/english/clause-{n}-of-the-terms.html."
        for n in range(1, clauses + 1)
    )


def tables(number: int, seed: int = 1) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """Return tables of every kind: each cell begins with a name of its own, as `t3r2c1`."""
    chance = random.Random(seed)
    made = []
    for index in range(number):
        columns = chance.choice((1, 2, 3, 4, 5, 6, 8))
        rows = [
            tuple(_cell(chance, f"t{index}r{row}c{column}") for column in range(columns))
            for row in range(chance.randint(1, 4))
        ]
        made.append((rows[0], rows[1:] or [tuple(f"t{index}r1c{c}" for c in range(columns))]))
    return made


def _cell(chance: random.Random, name: str) -> str:
    kind = chance.choice(("short", "short", "long", "words", "none"))
    words = {
        "short": chance.choice(CELLS),
        "long": chance.choice(LONG),
        "words": " ".join(chance.choices(LISTED.split(), k=chance.randint(5, 60))),
        "none": "",
    }[kind]
    return f"{name} {words}".strip()


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"
