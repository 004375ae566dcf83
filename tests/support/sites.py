"""An archive with all that a site can show: old, current and coming versions, of every origin."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from publisher.archive.release.append import AppendOptions
from publisher.archive.release.import_version import import_version
from publisher.archive.release.lifecycle import redact, retire
from publisher.render import documents
from support.archives import archive, noon, released, say
from support.workspaces import SMALL, Repo, clause

NOW = noon("2025-06-15")
BASE = "https://alpha.example/privacy/"
LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="150" height="40">'
    '<rect width="36" height="36" y="2" rx="8" fill="#6b2fb3"/><circle cx="18" cy="20" r="9" fill="#fff"/>'
    '<rect x="48" y="13" width="98" height="14" rx="7" fill="#6b2fb3"/></svg>'
)
OLD_PAGE = b"""<!doctype html><html lang="en"><title>Old policy</title><script>alert(1)</script>
<nav>Home</nav><h1>Privacy</h1><h2>Who we are</h2><p>Acme NV runs alpha.example.</p>
<h2>Your data</h2><p>We keep your name and your street.</p></html>
"""
_SITE = f"""\
locales: [en, nl, fr]
site: {{base_url: "{BASE}", url: {{en: "{BASE}en/"}}}}
theme: {{accent: "#6b2fb3", corner: 6, header_link: {{text: {{en: To alpha.example, nl: Naar alpha.example, fr: Vers alpha.example}}, url: "https://alpha.example"}}}}
"""
_WORDS = {
    "nl": ("Wie we zijn", "Uw gegevens", "Uw rechten", "We bewaren uw naam."),
    "fr": ("Qui nous sommes", "Vos données", "Vos droits", "Nous conservons votre nom."),
}


def _translated() -> dict[str, str]:
    files = {"brands/alpha/logo.svg": LOGO}
    files["brands/alpha/brand.yaml"] = SMALL["brands/alpha/brand.yaml"].replace(
        "locales: [en]\n", _SITE
    )
    files["shared/policy.yaml"] = (
        "title: {en: Privacy Policy, nl: Privacyverklaring, fr: Politique de confidentialité}\n"
        "order: [who, data, rights]\n"
    )
    beta = SMALL["brands/beta/brand.yaml"]
    files["brands/beta/brand.yaml"] = f"{beta}site: {{base_url: 'https://beta.example/privacy/'}}\n"
    for name in ("processors", "retention", "rights"):
        path = f"shared/{name}.yaml"
        files[path] = SMALL[path].replace("nl:", "fr: en français, nl:")
    files["shared/company.yaml"] = SMALL["shared/company.yaml"]
    for locale, (who, data, rights, text) in _WORDS.items():
        folder = f"shared/clauses/{locale}"
        files[f"{folder}/who.md"] = clause("{{ company.name }}, {{ brand.domain }}.", who)
        files[f"{folder}/data.md"] = clause(text, data)
        files[f"{folder}/rights.md"] = clause("{{ brand.contact }}", rights)
    return files


def _say(repo: Repo, text: str, date: str) -> None:
    """Commit another text of the English clause, which the translations need not follow."""
    reviewed = "\n".join(f"Reviewed: shared/clauses/{locale}/data.md" for locale in _WORDS)
    say(repo, text, f"change\n\n{reviewed}", date)


def full_archive(root: Path) -> Repo:
    """Return a repository whose first brand has versions of every standing on 15 June 2025.

    French ended, the second brand is retired, and a PDF was redacted.
    """
    repo = archive(root)
    repo.commit(_translated(), "translate", "2024-01-03T12:00:00+0000")
    old = root / "old.html"
    old.write_bytes(OLD_PAGE)
    first = AppendOptions(noon("2024-02-01"))
    import_version(
        repo.workspace, "alpha", [old], date(2019, 5, 25), "A mail of counsel", first, locale="en"
    )
    old.unlink()
    released(repo, "2024-03-01", summary="The first version in this archive")
    _say(repo, "We keep your name. We never sell it.", date="2024-06-01T12:00:00+0000")
    released(repo, "2024-06-10")
    _say(repo, "We keep your name and address.", date="2025-01-02T12:00:00+0000")
    released(repo, "2025-01-10", in_force=date(2025, 3, 1))
    text = "We keep your name and address.\n\n- for two years\n- {{ company.vat }}"
    _say(repo, text, date="2025-01-20T12:00:00+0000")
    released(repo, "2025-02-01", in_force=date(2025, 3, 1), summary="We say how long we keep it")
    _say(repo, f"{text}\n- and no longer", date="2025-06-02T12:00:00+0000")
    released(repo, "2025-06-10", in_force=date(2025, 7, 1), summary="We name the limit")
    released(repo, "2025-06-11", "beta")
    asked = AppendOptions(noon("2025-06-12"))
    retire(repo.workspace, "beta", date(2025, 6, 12), "Sold", asked)
    retire(repo.workspace, "alpha", date(2025, 6, 12), "No reader", asked, locale="fr")
    redact(repo.workspace, "alpha", "2024-06-10", "en/policy.pdf", "A name", "A court", asked)
    return repo


def without_typesetting(patch: pytest.MonkeyPatch) -> None:
    """Let versions have a stand-in for their PDFs, which take long to make."""
    submit = SimpleNamespace(submit=lambda _, job: job)
    patch.setattr(documents, "workers", lambda _: nullcontext(submit))
    patch.setattr(documents, "collect", lambda job, _: f"%PDF-1.7\n{job.page}".encode())
