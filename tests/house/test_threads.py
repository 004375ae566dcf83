"""Everything may be called from many threads at once: they say what one thread says."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest
from markdown_it.ruler import Ruler
from support.sources import Files
from support.workspaces import SMALL, Repo, clause, small

from publisher.build.build import build
from publisher.compose import compose, syntax
from publisher.errors import InvalidPolicy
from publisher.intake import extract
from publisher.intake import markdown as old_markdown
from publisher.policy.dating import Dating
from publisher.policy.tree import Policy
from publisher.policy.words import words_digest
from publisher.redline import redline
from publisher.render.markdown import markdown as rendered
from publisher.render.page import html
from publisher.render.pdf_job import PdfJob
from publisher.render.style import plain_style
from publisher.render.typeset import typeset
from publisher.repository.reading import Repository
from publisher.workspace import load

T = TypeVar("T")
THREADS = 8

ALPHA, COMPANY = "brands/alpha/brand.yaml", "shared/company.yaml"
PROCESSORS, RETENTION = "shared/processors.yaml", "shared/retention.yaml"
DATA, WHO = "shared/clauses/en/data.md", "shared/clauses/en/who.md"
QUOTING = {
    **SMALL,
    DATA: SMALL[DATA]
    + "\n{% if 'bank' in brand.processors %}Paid by bank.{% endif %}\n"
    + "{% if company.vat == 'BE0123 456 749' %}As registered.{% else %}As announced.{% endif %}\n",
    WHO: clause("{{ company.name }}, {{ company.vat }}: {{ brand.contact }}.", "Who we are"),
}
"""A workspace whose clauses write, compare, count and go through what may be unconfirmed."""
FACTS = (
    (ALPHA, "contact: privacy@alpha.example", "contact: {unconfirmed: Which?, value: x@a.example}"),
    (ALPHA, "processors: [mailer, bank]", "processors: {unconfirmed: All?, value: [mailer, bank]}"),
    (ALPHA, "retention: [invoices]", "retention: {unconfirmed: How long?, value: [invoices]}"),
    (ALPHA, "name: Alpha", "name: Alfa"),
    (COMPANY, "vat: BE0123 456 749", "vat: {unconfirmed: Registered?, value: BE0123 456 749}"),
    (COMPANY, "answer-days: 30 days", "answer-days: {unconfirmed: How fast?, value: 30 days}"),
    (COMPANY, "name: Acme NV", "name: Acme SA"),
    (RETENTION, "period: 10 years", "period: {unconfirmed: Ten?, value: 10 years}"),
    (PROCESSORS, "en: moves money.", 'en: "moves money of {{ company.vat }}."'),
    (WHO, "{{ brand.contact }}", "{{ brand.contact | upper }}"),
    (DATA, "title: Your data", "title: Your data\nwhen: {processor: mailer}"),
    (DATA, "title: Your data", "title: Data of {{ company.vat }}"),
)
"""One fact as it is in one workspace, and as it is in another."""


def one_fact_apart() -> list[dict[str, str]]:
    """Return workspaces that differ from the first in one fact each, but for a question in both."""
    made = [QUOTING]
    for path, here, there in FACTS:
        assert here in QUOTING[path]
        made.append({**QUOTING, path: QUOTING[path].replace(here, there)})
    asked = {**QUOTING, ALPHA: QUOTING[ALPHA].replace(*FACTS[0][1:])}
    return [*made, *({**each, ALPHA: asked[ALPHA]} for each in made if each[ALPHA] == SMALL[ALPHA])]


@contextmanager
def often_interrupted() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def at_once(work: Callable[[int], T]) -> list[T]:
    """Return what `work` comes to in each of many threads that begin together."""
    gate = Barrier(THREADS)

    def begin(number: int) -> T:
        gate.wait()
        return work(number)

    with often_interrupted(), ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(begin, range(THREADS)))


def anew(files: dict[str, str], number: int) -> dict[str, str]:
    """Return files that say the same in other bytes, so that nothing remembered fits them."""
    return {
        path: f"{text}\n{{# {number} #}}\n" if path.endswith(".md") else text
        for path, text in files.items()
    }


def composed(files: dict[str, str], brand: str) -> tuple[object, ...]:
    """Return all that composing says: the policy, its words, questions and files, or problems."""
    try:
        policy = compose(load(Files(files)), brand, "en")
    except InvalidPolicy as fault:
        return fault.problems, fault.files
    questions = [clause.questions for clause in policy.clauses]
    return policy, words_digest(policy), policy.questions, questions, policy.files


def test_threads_compose_what_one_thread_does() -> None:
    jobs = [(files, brand) for files in one_fact_apart() for brand in ("alpha", "beta")]
    alone = [composed(*job) for job in jobs]
    drafts = [said[0].draft for said in alone if isinstance(said[0], Policy)]
    assert len(drafts) == len(jobs)
    assert 10 < sum(drafts) < len(drafts) - 5

    def work(number: int) -> list[int]:
        wrong = []
        for step in range(60):
            at = (number % 2 + step * 5) % len(jobs)
            files, brand = jobs[at]
            if composed(anew(files, step % 3), brand) != alone[at]:
                wrong.append(at)
        return wrong

    assert at_once(work) == [[]] * THREADS


def test_threads_see_no_parser_half_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """markdown-it puts its rules together at first use, where other threads see them half done."""
    parsers = [syntax._parser(), old_markdown._parser()]

    def late(_: Ruler[object]) -> None:
        raise AssertionError("rules are put together while threads may parse")

    monkeypatch.setattr(Ruler, "__compile__", late)
    for parser in parsers:
        assert "<em>so</em>" in parser.render("- a *so*\n\n| a |\n|---|\n| b[^n] |\n\n[^n]: c\n")


def test_threads_read_old_documents() -> None:
    pdf = typeset(page("<h1>Privacy notice</h1><p>We keep your name.</p>" * 20))
    documents = [(pdf, "pdf"), (b"# Notice\n\nA *word*.[^n]\n\n[^n]: Said.", "markdown")]
    alone = [extract(*document) for document in documents]
    assert at_once(lambda number: extract(*documents[number % 2])) == [
        alone[n % 2] for n in range(8)
    ]


def page(body: str) -> PdfJob:
    """Return a document of a brand's with nothing but a body."""
    style = 'body { font-family: "Noto Sans" }'
    text = f'<!doctype html><html lang="en"><title>T</title><style>{style}</style>{body}</html>'
    made = datetime(2026, 11, 22, tzinfo=UTC)
    return PdfJob("alpha", "en", "T", "", made, 460.0, 246.6, 10.0, text, (), ())


def test_threads_typeset_what_one_thread_does() -> None:
    pages = [page(f"<p>Number {number}.</p>") for number in range(4)]
    alone = [typeset(each) for each in pages]

    def work(number: int) -> bytes | str:
        if number % 2:
            return typeset(pages[number // 2])
        with pytest.raises(InvalidPolicy) as fault:
            typeset(page("<p>\U000e0100\ue123</p>"))
        return fault.value.problems[0].rule

    wanted = [alone[number // 2] if number % 2 else "glyph" for number in range(THREADS)]
    handlers = logging.getLogger("weasyprint").handlers
    assert at_once(work) == wanted
    assert logging.getLogger("weasyprint").handlers == handlers


def test_threads_hide_and_show_the_environment_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    root = Repo(small(tmp_path / "w")).root

    def work(_: int) -> list[str]:
        folders = []
        for _ in range(4):
            repository = Repository.find(root)
            assert repository is not None
            folders.append(repository.folder.name)
        return folders

    assert at_once(work) == [["w"] * 4] * THREADS
    assert os.environ["GIT_DIR"] == str(tmp_path / "elsewhere")


def test_threads_build_at_once(tmp_path: Path) -> None:
    """Into one folder, each with processes of its own; and the process stays as it was."""
    root = Repo(small(tmp_path / "w", {ALPHA: QUOTING[ALPHA], DATA: QUOTING[DATA]}))
    root.commit()
    build(root.root, tmp_path / "alone", formats=("html", "pdf", "json"), jobs=1)
    main, environment = sys.modules["__main__"], dict(os.environ)

    def work(number: int) -> int:
        brands = (("alpha",), ("beta",), ())[number % 3]
        formats = ("html", "pdf", "json") if number < 2 else ("html", "json")
        report = build(root.root, tmp_path / "out", brands=brands, formats=formats, jobs=1)
        return len(report.failed) + len(report.problems)

    assert at_once(work) == [0] * THREADS
    assert sys.modules["__main__"] is main
    assert dict(os.environ) == environment
    assert files_of(tmp_path / "out") == files_of(tmp_path / "alone")


def files_of(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_threads_compare_and_render_what_one_thread_does() -> None:
    policies = [composed(files, "alpha")[0] for files in one_fact_apart()]
    texts = [policy for policy in policies if isinstance(policy, Policy)]

    def work(number: int) -> list[object]:
        said: list[object] = []
        for step in range(len(texts)):
            at = (step + number) % len(texts)
            dating = Dating("draft" if texts[at].draft else "undated")
            style = plain_style()
            said.append((at, redline(texts[0], texts[at]), html(texts[at], dating, style),
                         rendered(texts[at], dating)))  # fmt: skip
        return sorted(said, key=str)

    alone = work(0)
    assert at_once(work) == [alone] * THREADS
