"""What is wrong with an import, a reconstruction or a redaction, and what users are told."""

from __future__ import annotations

from collections.abc import Callable

from archives import noon
from bad_archives import DAMAGED, ONE, Case
from workspaces import Repo

from publisher.tasks.appending import Appending
from publisher.tasks.redact import redact

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
           Appending(noon("2025-02-02")))  # fmt: skip


def _back(repo: Repo) -> None:
    data = (repo.workspace / PDF).read_bytes()
    _redacted(repo)
    (repo.workspace / PDF).write_bytes(data)


CASES = (
    Case("an old version of a day that is known",
         "error: alpha has released versions in force from 2025-01-10 on, so it is known what was in force on 2025-01-10; what was released is never changed. Nothing was written",
         2, _there("README.md"), (*ON, "2025-01-10")),
    Case("an old version of a day to come", "error: 2025-06-16 has not come yet: an old document was in force before today. Nothing was written",
         2, _there("README.md"), (*ON, "2025-06-16")),
    Case("a claimed date that is none", "error: --claimed-date takes a day of the calendar such as 2026-11-22, not 'May 2019'",
         2, _there("README.md"), (*ON, "May 2019")),
    Case("an old document that is not there", "README.md is no file that can be read; name the old document itself",
         2, command=(*ON, "2019-05-25")),
    Case("a PDF that is none", "old.pdf is no PDF", 2, _there("old.pdf"), _file("old.pdf")),
    Case("an old document of an unknown kind", "old.rtf has the ending .rtf, which is not known here; save it as one of .pdf, .html, .htm, .md, .markdown, .docx, .txt",
         2, _there("old.rtf"), _file("old.rtf")),
    Case("an old document in a language without labels", "error: --locale takes a language such as nl, or nl-BE, not 'xx'; there are labels and dates for de, el, en, fr, nl and pl",
         2, _there("README.md"), (*ON, "2019-05-25", "--locale", "xx")),
    Case("nothing to reconstruct", "error: nothing of alpha is to be reconstructed. 2025-01-11: from 2025-01-10 on, released versions tell what was in force",
         2, command=("reconstruct", "alpha", "--since", "2025-01-10")),
    Case("days the wrong way round", "error: --until 2024-01-01 lies before --since 2025-01-01",
         2, command=("reconstruct", "alpha", "--since", "2025-01-01", "--until", "2024-01-01")),
    Case("a file to redact that there is not", "error: unknown file of 2025-01-10 'en/policy.pfd'; did you mean 'en/policy.pdf'?",
         2, command=(*REDACT, "en/policy.pfd", *WHY)),
    Case("the sums, to redact", "error: SHA256SUMS and the ledger stay, as the proof. Nothing was written", 2, command=(*REDACT, "SHA256SUMS", *WHY)),
    Case("a file that was redacted, again", "error: en/policy.pdf of version 2025-01-10 is redacted already, by 0003-redact-2025-01-10.json. Nothing was written",
         2, _redacted, (*REDACT, "en/policy.pdf", *WHY)),
    Case("a document that was redacted",
         f"error: {PDF} was redacted by 0003-redact-2025-01-10.json, by authority of A court: Names a customer. Its SHA-256 stays in SHA256SUMS; its bytes are gone. Nothing was written",
         2, _redacted, ("get", "alpha", "--version", "2025-01-10")),
    Case("a redacted document that came back", f"{PDF}: is here still, or again, though 0003-redact-2025-01-10.json redacts it: delete it",
         3, _back, ("verify",)),
    Case("a release where a redacted document came back", f"error: alpha was not released: {PDF}: is here still, or again, though 0003-redact-2025-01-10.json redacts it: delete it: {DAMAGED}",
         3, _back),
    Case("another day for what was not released", "error: unknown version '2019-05-25-imported'; ", 2,
         command=("reschedule", "alpha", "2019-05-25-imported", "--in-force", "2025-07-01", "--reason", "x")),
)  # fmt: skip
