"""What customers are told: what changes, from when, where to read it, and whom to write to."""

from __future__ import annotations

import email
import email.policy
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Run
from support.archives import DATA, noon, released, say
from support.bad_notices import WHOLE, template
from support.notices import BASE, NOW, STARTS, VERSION, with_notice_due
from support.workspaces import SMALL, Repo, clause, write

from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import reschedule, retire
from publisher.errors import InvalidPolicy, Refused
from publisher.notices.message import Prepared, prepare, preview, template_problems
from publisher.notices.template import template as own_template
from publisher.render.languages import languages
from publisher.repository.source import FolderSource
from publisher.site.site import site

LINKS = (f"{BASE}en/{VERSION}/changes/", f"{BASE}en/{VERSION}/", f"{BASE}en/2025-01-10/")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return with_notice_due(tmp_path / "repo")


def prepared(repo: Repo, **how: Any) -> Prepared:
    return prepare(repo.workspace, "alpha", VERSION, NOW, **how)


def test_a_notice_tells_what_changes_from_when_where_and_whom_to_write_to(repo: Repo) -> None:
    notice = prepared(repo).notice
    message = notice.messages["en"]
    assert message.subject == "Alpha: our privacy policy changes on 1 March 2025"
    for part in (
        "1 March 2025",
        "We also keep the name of your dog",
        "Clause “Your data” changed",
        "privacy@alpha.example",
        "Acme NV, Kerkstraat 1, 9000 Gent, Belgium",
        *LINKS,
    ):
        assert part in message.text
        assert part in message.html
    assert notice.in_force_from.isoformat() == "2025-03-01T00:00:00+01:00"
    assert (notice.default_locale, *notice.messages) == ("en", "en")


def test_a_few_changes_are_shown_before_and_after_and_many_are_left_to_the_redline(
    repo: Repo,
) -> None:
    text = prepared(repo).notice.messages["en"].text
    assert (
        "Your data\n\n- Until then: We keep your name.\n- From then on: We keep your name and"
        in text
    )
    many = "\n\n".join(f"Paragraph {number} of the new text." for number in range(20))
    repo.commit({DATA: clause(many, "Your data")}, "many", "2025-01-22T12:00:00+0000")
    released(repo, "2025-01-23", in_force=date(2025, 3, 2))
    notice = prepare(repo.workspace, "alpha", "2025-01-23", noon("2025-01-24")).notice
    text = notice.messages["en"].text
    assert "Clause “Your data” changed" in text
    assert "Until then" not in text


def test_a_row_of_a_table_that_is_new_or_gone_has_no_empty_other_side(repo: Repo) -> None:
    for day, row in ((22, ""), (23, "| Post | Van |\n"), (24, "")):
        table = f"| Purpose | Who |\n| --- | --- |\n| Mail | Us |\n{row}"
        repo.commit({DATA: clause(table, "Your data")}, "row", f"2025-01-{day}T12:00:00+0000")
        released(repo, f"2025-01-{day}", in_force=date(2025, 3, day))
        text = (
            prepare(repo.workspace, "alpha", f"2025-01-{day}", noon("2025-01-25"))
            .notice.messages["en"]
            .text
        )
        if row:
            assert "Your data\n\n- New: Post | Van\n" in text
    assert "Your data\n\n- No longer: Post | Van\n" in text


def test_links_of_a_notice_lead_to_pages_of_the_site(repo: Repo, tmp_path: Path) -> None:
    site(repo.workspace, tmp_path / "site", NOW, brands=["alpha"])
    message = prepared(repo).notice.messages["en"]
    for link in LINKS:
        assert f'href="{link}"' in message.html
        assert (tmp_path / "site/alpha" / link.removeprefix(BASE) / "index.html").is_file()


def test_the_page_needs_nothing_from_anywhere_and_says_its_language(repo: Repo) -> None:
    page = prepared(repo).notice.messages["en"].html
    assert '<html lang="en" dir="ltr">' in page
    assert "<title>Alpha: our privacy policy changes" in page
    assert page.count("<h1") == 1
    assert "<h2>" in page
    assert "<h3" not in page
    for asking in ("src=", "<link", "<script", "url(", "@import", "<style"):
        assert asking not in page


def test_previews_are_mail_with_the_same_bytes_each_time(repo: Repo) -> None:
    first, second = prepared(repo, attach=True), prepared(repo, attach=True)
    assert preview(first, "en") == preview(second, "en")
    mail = email.message_from_bytes(preview(first, "en"), policy=email.policy.default)
    assert mail["Subject"] == "Alpha: our privacy policy changes on 1 March 2025"
    assert (mail["From"], mail["To"], mail["Content-Language"]) == (
        "privacy@alpha.example",
        None,
        "en",
    )
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert plain.get_content() == first.notice.messages["en"].text
    assert page is not None
    assert "<h1" in page.get_content()
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == f"alpha-{VERSION}-en.pdf"
    frozen = repo.workspace / f"versions/alpha/{VERSION}/en/policy.pdf"
    assert attached.get_content() == frozen.read_bytes()
    assert first.notice.digest != prepared(repo).notice.digest, "the attachment is approved, too"


def test_without_a_site_a_notice_has_the_pdf_and_no_links(repo: Repo) -> None:
    write(repo.workspace, {"brands/alpha/brand.yaml": SMALL["brands/alpha/brand.yaml"]})
    with pytest.raises(Refused, match="no address is known for the site of alpha"):
        prepared(repo)
    without = prepared(repo, attach=True)
    assert without.notes == ("no address is known for the site: no links",)
    assert "http" not in without.notice.messages["en"].text
    assert f"alpha-{VERSION}-en.pdf" in without.notice.messages["en"].text


def test_a_base_url_is_where_all_sites_are_served(repo: Repo) -> None:
    text = prepared(repo, base_url="https://acme.example/p").notice.messages["en"].text
    assert f"https://acme.example/p/alpha/en/{VERSION}/" in text


def test_the_digest_changes_with_the_text_and_with_the_moment(repo: Repo) -> None:
    first = prepared(repo).notice
    template(WHOLE)(repo)
    other = prepared(repo).notice
    assert first.digest != other.digest
    reschedule(
        repo.workspace,
        "alpha",
        VERSION,
        date(2025, 4, 1),
        "later",
        AppendOptions(noon("2025-01-22")),
    )
    moved = prepare(repo.workspace, "alpha", VERSION, noon("2025-01-23")).notice
    assert "1 April 2025" in moved.messages["en"].text
    assert moved.digest not in (first.digest, other.digest)


def test_what_customers_are_told_is_compared_with_what_was_in_force(repo: Repo) -> None:
    say(repo, "We keep your cat's name.", date="2025-01-22T12:00:00+0000")
    released(repo, "2025-01-23", in_force=STARTS)
    now = noon("2025-01-24")
    message = prepare(repo.workspace, "alpha", "2025-01-23", now).notice.messages["en"]
    assert f"{BASE}en/2025-01-10/" in message.text, "the one between is never in force"
    assert f"{BASE}en/2025-01-23/changes/" not in message.text, "the site compares with that one"
    with pytest.raises(Refused, match="is superseded"):
        prepared(repo)


def test_nobody_is_told_of_the_first_version_or_a_retired_one(repo: Repo) -> None:
    released(repo, "2025-01-21", "beta")
    with pytest.raises(Refused, match="is the first version of beta"):
        prepare(repo.workspace, "beta", "2025-01-21", NOW, attach=True)
    day = date(2025, 3, 5)
    retire(repo.workspace, "alpha", day, "sold", AppendOptions(noon("2025-01-22")))
    with pytest.raises(Refused, match="is retired"):
        prepare(repo.workspace, "alpha", VERSION, noon("2025-03-06"))


def test_a_fact_cannot_break_the_subject_or_become_markup(repo: Repo) -> None:
    name = '"Alpha\\nBcc: all@acme.example <b>*x*</b>"'
    brand = (repo.workspace / "brands/alpha/brand.yaml").read_text()
    write(
        repo.workspace, {"brands/alpha/brand.yaml": brand.replace("name: Alpha", f"name: {name}")}
    )
    ready = prepared(repo)
    subject = ready.notice.messages["en"].subject
    assert subject.startswith("Alpha Bcc: all@acme.example <b>*x*</b>: our")
    mail = email.message_from_bytes(preview(ready, "en"), policy=email.policy.default)
    assert mail["Bcc"] is None
    assert "<b>" not in ready.notice.messages["en"].html


def test_own_templates_have_the_facts_of_clauses_and_are_shown_as_text(repo: Repo) -> None:
    more = "1. {{ processors[0].name }}\n2. {{ company.vat }}\n\n> Quoted\n\n| A | B |\n| --- | --- |\n| 1 | 2 |\n"
    template(f"{WHOLE}\n{more}")(repo)
    text = prepared(repo).notice.messages["en"].text
    assert "1. Mailer Ltd\n2. BE0123 456 749\n\n> Quoted\n\nA: 1\nB: 2\n" in text
    assert f"Read it <{BASE}en/{VERSION}/>" in text


def test_a_file_that_is_no_template_is_named(repo: Repo) -> None:
    write(repo.workspace, {f"shared/notices/{name}": "x" for name in ("en.txt", "EN.md")})
    assert prepared(repo).notes == (
        "shared/notices/EN.md is not read as a template",
        "shared/notices/en.txt is not read as a template",
    )


def test_a_brand_may_be_reached_by_a_web_form(repo: Repo) -> None:
    form = "https://alpha.example/privacy-form"
    brand = (repo.workspace / "brands/alpha/brand.yaml").read_text()
    text = brand.replace("contact: privacy@alpha.example", f"contact: {form}")
    write(repo.workspace, {"brands/alpha/brand.yaml": text})
    ready = prepared(repo)
    assert f'href="{form}"' in ready.notice.messages["en"].html
    mail = email.message_from_bytes(preview(ready, "en"), policy=email.policy.default)
    assert mail["From"] is None


def test_a_language_without_a_text_needs_one_of_the_workspace(repo: Repo) -> None:
    with pytest.raises(
        InvalidPolicy, match=r"shared/notices/ga\.md: is missing: the toolkit has no"
    ):
        own_template(FolderSource(repo.workspace), "ga")


def test_all_that_is_wrong_with_a_template_is_said_at_once(repo: Repo) -> None:
    template("---\ntitle: News\n---\nSomething changes.\n")(repo)
    with pytest.raises(InvalidPolicy) as fault:
        prepared(repo)
    assert [str(problem).partition(";")[0] for problem in fault.value.problems] == [
        f"shared/notices/en.md:4: does not say {what}"
        for what in ("what changes", "from when", "where to read it", "how to reach you")
    ]


@pytest.mark.thorough
def test_each_language_of_the_toolkit_has_a_text_of_its_own(tmp_path: Path) -> None:
    repo = with_notice_due(tmp_path / "repo")
    tags = ("nl", "fr", "de", "pl", "el", "es", "it", "pt")
    assert {"en", *tags} == set(languages())
    files: dict[str, str | None] = {}
    brand = (repo.workspace / "brands/alpha/brand.yaml").read_text()
    spoken = f"locales: [en, {', '.join(tags)}]"
    names = ", ".join(f"{tag}: Privacy {tag}" for tag in ("en", *tags))
    files["shared/policy.yaml"] = f"title: {{{names}}}\norder: [who, data, rights]\n"
    files |= {"shared/processors.yaml": "{}\n", "shared/retention.yaml": "{}\n"}
    files |= {"shared/rights.yaml": "{}\n"}
    files["brands/alpha/brand.yaml"] = (
        brand.replace("locales: [en]", spoken)
        .replace("processors: [mailer, bank]\n", "")
        .replace("retention: [invoices]\n", "")
    )
    for tag in ("en", *tags):
        for id in ("who", "data", "rights"):
            files[f"shared/clauses/{tag}/{id}.md"] = clause(f"{id} {tag}", f"Title {id} {tag}")
    beta = SMALL["brands/beta/brand.yaml"].replace("processors: [bank]\n", "")
    files["brands/beta/brand.yaml"] = beta.replace("retention: [invoices]\n", "")
    repo.commit(files, "languages", "2025-01-24T12:00:00+0000")
    released(repo, "2025-01-25", in_force=STARTS, summary="More languages")
    notice = prepare(repo.workspace, "alpha", "2025-01-25", noon("2025-01-26")).notice
    assert list(notice.messages) == ["en", *tags]
    subjects = {message.subject for message in notice.messages.values()}
    assert len(subjects) == len(notice.messages)
    for locale, message in notice.messages.items():
        assert f'<html lang="{locale}"' in message.html
        assert ("More languages" in message.text) == (locale == "en"), "it is in that language"
        assert "2025" in message.subject


def test_the_command_prints_the_messages_and_what_to_do_next(
    repo: Repo, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.cli.notices.now", lambda: NOW)
    asked = ("notices", "prepare", "alpha", VERSION)
    done = run(*asked, cwd=repo.workspace)
    assert done.returncode == 0, done.stderr
    digest = prepared(repo).notice.digest
    assert prepared(repo).notice.messages["en"].text in done.stdout
    assert digest in done.stdout
    assert re.search(r"tell by +2025-01-30\n", done.stdout)
    assert f"publisher notices approve {digest[:16]} --by NAME" in done.stdout
    done = run(*asked, "--output", "../out", cwd=repo.workspace)
    assert done.returncode == 0, done.stderr
    names = {path.name for path in (repo.workspace.parent / "out").iterdir()}
    assert names == {f"alpha-{VERSION}-en.eml", f"alpha-{VERSION}-en.html"}


def test_the_texts_of_the_toolkit_are_templates_as_others_are() -> None:
    for language in languages():
        text = (ROOT / f"publisher/data/notices/{language}.md").read_text(encoding="utf-8")
        for part in ("notice.changes", "notice.in_force_from", "notice.policy", "brand.contact"):
            assert part in text


def test_templates_behind_a_link_are_named_by_check(repo: Repo) -> None:
    (repo.workspace / "mine").mkdir()
    (repo.workspace / "shared/notices").symlink_to("../mine")
    (problem,) = template_problems(repo.workspace)
    assert str(problem) == "shared/notices: is a symbolic link; copy the file itself in"
