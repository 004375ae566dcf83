"""What is wrong with an import, a reconstruction or a redaction, and what users are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from publisher.archive.release.append import AppendOptions
from publisher.archive.release.import_version import import_version
from publisher.archive.release.lifecycle import redact
from support.archives import noon
from support.bad_archives import DAMAGED, ONE, Case
from support.messages import FOLDER
from support.workspaces import Repo

PDF = f"{ONE}/en/policy.pdf"
IMPORT = ("import-version", "alpha", "{workspace}/README.md", "--source", "A letter")
ON = (*IMPORT, "--claimed-date")
REDACT = ("redact", "alpha", "2025-01-10")
WHY = ("--reason", "Names a customer", "--authority", "A court")


def _file(name: str) -> tuple[str, ...]:
    return (*IMPORT[:2], f"{{workspace}}/{name}", *IMPORT[3:], "--claimed-date", "2019-05-25")


def _there(name: str, data: bytes = b"Old words.\n") -> Callable[[Repo], object]:
    return lambda repo: (repo.workspace / name).write_bytes(data)


def _redacted(repo: Repo) -> None:
    redact(repo.workspace, "alpha", "2025-01-10", "en/policy.pdf", "Names a customer", "A court",
           AppendOptions(noon("2025-02-02")))  # fmt: skip


def _imported(repo: Repo) -> None:
    """Import README.md as of 25 May 2019, then correct that."""
    path = repo.workspace / "README.md"
    path.write_bytes(b"Old words.\n")
    for day, corrects in ((25, None), (26, "2019-05-25-imported")):
        import_version(repo.workspace, "alpha", [path], date(2019, 5, day), "A letter",
                       AppendOptions(noon("2025-02-02")), corrects=corrects)  # fmt: skip


def _back(repo: Repo) -> None:
    data = (repo.workspace / PDF).read_bytes()
    _redacted(repo)
    (repo.workspace / PDF).write_bytes(data)


def _altered(repo: Repo) -> None:
    path = repo.workspace / ONE / "en/policy.json"
    path.write_bytes(path.read_bytes() + b" ")


CASES = (
    Case("an import for a day with a released version",
         "error: alpha has released versions in force from 2025-01-10 on, so the archive already says what was in force on 2025-01-10. Released versions never change. Nothing was written",
         2, _there("README.md"), (*ON, "2025-01-10")),
    Case("an import with a day in the future", "error: 2025-06-16 is in the future: an old document was in force before today. Nothing was written",
         2, _there("README.md"), (*ON, "2025-06-16")),
    Case("an import with a day before the web", "error: 0001-01-01 is in no year that a policy can be of; give one of 1990 to 9000. Nothing was written",
         2, _there("README.md"), (*ON, "0001-01-01")),
    Case("an invalid claimed date", "error: --claimed-date takes a calendar day such as 2026-11-22, not 'May 2019'",
         2, _there("README.md"), (*ON, "May 2019")),
    Case("an old document that cannot be read", f"error: {FOLDER}/README.md is not a file that can be read; name the old document itself",
         2, command=(*ON, "2019-05-25")),
    Case("a file that is not a PDF", "error: old.pdf is not a PDF; give it the ending of its format, or take another copy of it", 2, _there("old.pdf"), _file("old.pdf")),
    Case("an old document of an unknown kind", "error: old.epub has the ending .epub, which publisher cannot read; save it as one of .pdf, .html, .htm, .md, .markdown, .docx, .txt",
         2, _there("old.epub"), _file("old.epub")),
    Case("an old document in a language without labels", "error: --locale takes a language such as nl, or nl-BE, not 'xx'; there are labels and dates for de, el, en, es, fr, it, nl, pl, pt",
         2, _there("README.md"), (*ON, "2019-05-25", "--locale", "xx")),
    Case("an old document in a language that the brand does not have", "error: alpha has no locale 'fr', but en; name the document's with --locale. If the brand had this one then, and has it no longer, add --former-locale",
         2, _there("README.md"), (*ON, "2019-05-25", "--locale", "fr")),
    Case("the same import a second time", "error: the archive has this document already, as 2019-05-26-imported, of the same day and source; `publisher get alpha --version 2019-05-26-imported` gets it. Nothing was written",
         2, _imported, (*ON, "2019-05-26")),
    Case("a correction that corrects nothing", "error: 2019-05-26-imported has the same document, day and source, so nothing would be corrected; give the right --claimed-date or --source, or a better document. Nothing was written",
         2, _imported, (*ON, "2019-05-26", "--corrects", "2019-05-26-imported")),
    Case("a correction of a corrected import", "error: 2019-05-25-imported was corrected already, by 2019-05-26-imported; to correct that one, give --corrects 2019-05-26-imported. Nothing was written",
         2, _imported, (*ON, "2019-05-27", "--corrects", "2019-05-25-imported")),
    Case("a correction in another language", "error: 2019-05-26-imported is in en, and a document in nl cannot correct it; name a version in nl, or give --locale en. Nothing was written",
         2, _imported, (*ON, "2019-05-27", "--locale", "nl", "--corrects", "2019-05-26-imported")),
    Case("a correction of an unknown version", "error: unknown imported version '2019-05-27-imported'; did you mean '2019-05-26-imported'?",
         2, _imported, (*ON, "2019-05-27", "--corrects", "2019-05-27-imported")),
    Case("a correction of a released version", "error: 2025-01-10 was released, and --corrects takes an imported version (there are no imports); name one, or leave --corrects out. Nothing was written",
         2, _there("README.md"), (*ON, "2019-05-27", "--corrects", "2025-01-10")),
    Case("nothing to reconstruct", "error: nothing can be reconstructed for alpha. 2025-01-11: from 2025-01-10 on, released versions show what was in force; 2025-02-01: from 2025-01-10 on, released versions show what was in force. Nothing was written",
         2, command=("reconstruct", "alpha", "--since", "2025-01-10")),
    Case("--until before --since", "error: --until 2024-01-01 is before --since 2025-01-01",
         2, command=("reconstruct", "alpha", "--since", "2025-01-01", "--until", "2024-01-01")),
    Case("an unknown file to redact", "error: unknown file of 2025-01-10 'en/policy.pfd'; did you mean 'en/policy.pdf'?",
         2, command=(*REDACT, "en/policy.pfd", *WHY)),
    Case("a redaction of SHA256SUMS", "error: SHA256SUMS and the ledger are the proof, and cannot be redacted. Nothing was written", 2, command=(*REDACT, "SHA256SUMS", *WHY)),
    Case("a redaction of a redacted file", "error: en/policy.pdf of version 2025-01-10 is redacted already, by 0003-redact-2025-01-10.json. Nothing was written",
         2, _redacted, (*REDACT, "en/policy.pdf", *WHY)),
    Case("a request for a redacted document",
         f"error: {PDF} was redacted by 0003-redact-2025-01-10.json, by authority of A court: Names a customer. Its SHA-256 stays in SHA256SUMS; its bytes are gone. Nothing was written",
         2, _redacted, ("get", "alpha", "--version", "2025-01-10")),
    Case("a redacted document that came back", f"{PDF}: is still here, or has come back, though 0003-redact-2025-01-10.json redacts it; delete it",
         3, _back, ("verify",)),
    Case("a release where a redacted document came back", f"error: alpha was not released: {PDF}: is still here, or has come back, though 0003-redact-2025-01-10.json redacts it; delete it. {DAMAGED}",
         3, _back),
    Case("a search for a text without words", "error: '§ -' has no letter or digit to search for. Give a word or a phrase", 2, command=("search", "§ -")),
    Case("a search in an unknown brand", "error: unknown brand 'alpa'; did you mean 'alpha'?", 2, command=("search", "second", "--brand", "alpa")),
    Case("a search in a brand without a version", "error: 'beta' has no released version; brands with one: alpha", 2, command=("search", "second", "--brand", "beta")),
    Case("a search in a language that no text has", "error: unknown locale 'fr'; known: en", 2, command=("search", "second", "--locale", "fr")),
    Case("a search on a day in the future", "error: 2025-06-16 is in the future, so nobody knows yet what alpha will say then; today (2025-06-15), version 2025-01-20 is in force, and nothing is scheduled until then. `--version ID` gets a version. Nothing was written", 2, command=("search", "second", "--on", "2025-06-16")),
    Case("a search on an invalid day", "error: --on takes a calendar day such as 2026-11-22, or a moment such as 2026-11-22T09:00, not 'May 2019'", 2, command=("search", "second", "--on", "May 2019")),
    Case("a search in an altered text",
         f"error: {ONE}/en/policy.json is altered: its SHA-256 is not in SHA256SUMS. {DAMAGED}", 3, _altered, ("search", "second")),
    Case("a new day for an imported version", "error: unknown version '2019-05-25-imported'; known: 2025-01-10, 2025-01-20", 2,
         command=("reschedule", "alpha", "2019-05-25-imported", "--in-force", "2025-07-01", "--reason", "x")),
)  # fmt: skip
