"""Any two policies compared: what can be asked for, what is answered, and what is refused."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import jsonschema
import pytest
from conftest import ROOT, Run
from support.archives import DATA, archive, noon, released, say, try_release
from support.intakes import STYLES, docx, said
from support.workspaces import SMALL, Repo, clause

from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import retire
from publisher.compare.diff import diff
from publisher.errors import (
    ArchiveDamaged,
    AskedWrongly,
    InvalidPolicy,
    NotInForce,
    PublisherError,
    ShallowClone,
    UnknownName,
    UnknownRevision,
)
from publisher.redline import accepted, rejected
from publisher.redline.values import Difference
from publisher.redline.views.json import json as as_json
from publisher.redline.views.page import html
from publisher.render.style import plain_style

TODAY = noon("2025-06-15")
BETA = SMALL["brands/beta/brand.yaml"]


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A brand with three versions, the third not in force yet, and words since; another retired."""
    repo = archive(tmp_path_factory.mktemp("past") / "repo")
    released(repo, "2025-01-10")
    released(repo, "2025-01-10", "beta")
    say(repo, "We keep your name and your address.", date="2025-02-01T12:00:00+0000")
    released(repo, "2025-03-01", in_force=date(2025, 4, 1))
    retire(repo.workspace, "beta", date(2025, 5, 1), "Sold", AppendOptions(noon("2025-04-20")))
    say(repo, "We keep your name only.", date="2025-05-02T12:00:00+0000")
    released(repo, "2025-06-01", in_force=date(2025, 7, 1))
    repo.git("tag", "before-draft")
    say(repo, "We keep your whole name.", date="2025-06-10T12:00:00+0000")
    (repo.workspace / DATA).write_text(clause("We keep nothing."))
    return repo.root


@pytest.fixture
def repo(past: Path, tmp_path: Path) -> Repo:
    """A copy of it, to be changed."""
    return Repo.of(shutil.copytree(past, tmp_path / "repo"))


def differing(root: Path, *asked: str, brand: str = "alpha", **more: object) -> Difference:
    """Return the one difference of what is asked for."""
    names = dict(zip(("old", "new"), asked, strict=False))
    (found,) = diff(root, brand, TODAY, **names, **more)  # type: ignore[arg-type]
    return found


def texts(found: Difference) -> tuple[str, str]:
    """Return what the clause of the test says on both sides."""
    sides = rejected(found.redline), accepted(found.redline)
    return tuple(  # type: ignore[return-value]
        str(next(c.blocks[0] for c in side.clauses if c.id == "data")) if side else ""
        for side in sides
    )


@pytest.mark.parametrize(
    ("asked", "old", "new"),
    [
        ((), "your name and your address", "nothing"),
        (("current",), "your name and your address", "nothing"),
        (("2025-01-10", "current"), "We keep your name.", "your name and your address"),
        (("on:2025-03-31", "on:2025-04-01"), "We keep your name.", "your name and your address"),
        (("2025-06-01", "HEAD"), "your name only", "your whole name"),
        (("before-draft", "main"), "your name only", "your whole name"),
        (("HEAD", "draft"), "your whole name", "nothing"),
        (("draft", "2025-01-10"), "nothing", "We keep your name."),
    ],
)
def test_what_can_be_compared(past: Path, asked: tuple[str, ...], old: str, new: str) -> None:
    before, after = texts(differing(past, *asked))
    assert old in before
    assert new in after


def test_where_the_policies_come_from(past: Path) -> None:
    old, new = differing(past, "current", "HEAD").origins
    assert (old.kind, old.id, old.day) == ("version", "2025-03-01", date(2025, 4, 1))
    assert (new.kind, len(new.id), new.day) == ("commit", 40, date(2025, 6, 10))
    assert (old.asked, new.asked, old.brand) == ("current", "HEAD", "alpha")


def test_another_brand(past: Path) -> None:
    found = differing(past, "HEAD", other="beta")
    assert [each.brand for each in found.origins] == ["alpha", "beta"]
    assert {each.id for each in found.origins} == {found.origins[0].id}
    assert "changed" in {each.part.status for each in found.redline.clauses}


def test_nothing_differs(past: Path, run: Run) -> None:
    assert differing(past, "2025-06-01", "before-draft").redline.empty
    done = run("diff", "alpha", "HEAD", "HEAD", "--exit-code", cwd=past)
    assert (done.returncode, "no differences" in done.stdout) == (0, True)


def test_a_brand_or_a_locale_that_was_not_there_is_shown_whole(repo: Repo, run: Run) -> None:
    dutch = SMALL["brands/alpha/brand.yaml"].replace("[en]", "[en, nl]")
    files = {f"shared/clauses/nl/{id}.md": clause("Tekst.") for id in ("who", "data", "rights")}
    gamma = {"brands/gamma/brand.yaml": BETA.replace("Beta", "Gamma").replace("beta", "gamma")}
    repo.commit({"brands/alpha/brand.yaml": dutch, **files, **gamma})
    found = differing(repo.workspace, "2025-01-10", "HEAD", locales=["nl"])
    assert rejected(found.redline) is None
    assert found.redline.counts.clauses_added == 3
    done = run("diff", "gamma", "2025-06-01", "HEAD", cwd=repo.workspace)
    assert "unknown version '2025-06-01'" in done.stderr
    done = run("diff", "gamma", "before-draft", "HEAD", cwd=repo.workspace)
    said = "gamma has no policy in en in commit"
    assert said in done.stdout
    assert "the other is shown whole, as added" in done.stdout
    gone = run("diff", "gamma", "HEAD", "before-draft", cwd=repo.workspace)
    assert "shown whole, as removed" in gone.stdout


@pytest.mark.parametrize(
    ("asked", "more", "kind", "message"),
    [
        (("2025-06-02",), {}, UnknownName, "unknown version '2025-06-02'; did you mean"),
        (("befor-draft",), {}, UnknownRevision, "did you mean 'before-draft'?"),
        (("curent",), {}, UnknownRevision, "did you mean 'current'?"),
        (("--output=x",), {}, UnknownRevision, "is not the name of a revision"),
        (("on:2025-02-30",), {}, AskedWrongly, "on: takes a calendar day"),
        (("on:2030-01-01",), {}, NotInForce, "is in the future"),
        (("on:2020-01-01",), {}, NotInForce, "the first, 2025-01-10, was in force"),
        ((), {"locales": ["nl"]}, UnknownName, "unknown locale 'nl'"),
        ((), {"brand": "alpa"}, UnknownName, "did you mean 'alpha'?"),
        (("HEAD",), {"brand": "alpa"}, UnknownName, "did you mean 'alpha'?"),
        (("HEAD",), {"other": "bta"}, UnknownName, "did you mean 'beta'?"),
        (("current",), {"brand": "beta"}, NotInForce, "it was retired on 2025-05-01"),
    ],
)
def test_what_is_asked_wrongly(
    past: Path,
    asked: tuple[str, ...],
    more: dict[str, object],
    kind: type[PublisherError],
    message: str,
) -> None:
    with pytest.raises(kind) as caught:
        differing(past, *asked, **more)  # type: ignore[arg-type]
    assert message in str(caught.value)
    assert caught.value.exit_code == 2


def test_an_ambiguous_hash(repo: Repo) -> None:
    ids: dict[str, str] = {}
    while True:
        id = repo.git("commit-tree", "-m", str(len(ids)), "HEAD^{tree}")
        if id[:4] in ids:
            break
        ids[id[:4]] = id
    with pytest.raises(UnknownRevision, match="is ambiguous"):
        differing(repo.workspace, id[:4])


def test_a_brand_without_a_version_is_told_what_to_compare(repo: Repo) -> None:
    gamma = BETA.replace("Beta", "Gamma").replace("beta", "gamma")
    repo.commit({"brands/gamma/brand.yaml": gamma})
    with pytest.raises(AskedWrongly, match="`publisher diff gamma HEAD`"):
        differing(repo.workspace, brand="gamma")


def test_a_shallow_clone(repo: Repo) -> None:
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.root}", str(repo.root / "shallow"))
    with pytest.raises(ShallowClone):
        differing(repo.root / "shallow", "before-draft~3")


def test_a_version_that_is_not_as_it_was(repo: Repo, run: Run) -> None:
    path = repo.workspace / "versions/alpha/2025-03-01/en/policy.json"
    path.write_text(path.read_text().replace("your address", "your secrets"))
    with pytest.raises(ArchiveDamaged):
        differing(repo.workspace)
    found = differing(repo.workspace, unverified=True)
    assert "policy.json is altered" in found.origins[0].unverified
    assert "secrets" in texts(found)[0]
    done = run("diff", "alpha", "--unverified", cwd=repo.workspace)
    assert (done.returncode, "not verified:" in done.stdout) == (2, False) or done.stdout
    marked = run("diff", "alpha", "2025-03-01", "--unverified", cwd=repo.workspace)
    assert "not verified: versions/alpha/2025-03-01/en/policy.json is altered" in marked.stdout
    comment = run(
        "diff", "alpha", "2025-03-01", "--unverified", "--format", "md", cwd=repo.workspace
    )
    assert "**Not verified**" in comment.stdout
    path.write_text("{")
    with pytest.raises(ArchiveDamaged):
        differing(repo.workspace, unverified=True)


def test_a_policy_with_errors_says_where(repo: Repo, run: Run) -> None:
    repo.commit({DATA: clause("{{ nothing }}")})
    broken = repo.git("rev-parse", "HEAD")
    repo.commit({DATA: clause("Fixed.")})
    with pytest.raises(InvalidPolicy):
        differing(repo.workspace, broken)
    done = run("diff", "alpha", broken, cwd=repo.workspace)
    assert done.returncode == 1
    assert f"{broken[:10]}:{DATA}:4: " in done.stderr
    assert "Traceback" not in done.stderr


# --- what is printed -----------------------------------------------------------------------------


def test_the_text_reads_without_colour(past: Path, run: Run) -> None:
    done = run("diff", "alpha", "2025-03-01", "2025-06-01", cwd=past)
    assert "version 2025-03-01, in force from 2025-04-01 → version 2025-06-01" in done.stdout
    assert "We keep your name [-and your address-]{+only+}." in done.stdout
    assert "+1 −3 words" in done.stdout
    assert "\x1b" not in done.stdout
    whole = run("diff", "alpha", "2025-03-01", "2025-06-01", "--full", cwd=past).stdout
    assert "Your rights" in whole
    assert "Your rights" not in done.stdout
    short = run("diff", "alpha", "2025-03-01", "2025-06-01", "--summary", cwd=past).stdout
    assert "Your data  (data) changed, +1 −3 words" in short
    assert "{+" not in short


def test_the_exit_code(past: Path, run: Run) -> None:
    asked = ("diff", "alpha", "2025-03-01", "2025-06-01")
    assert run(*asked, cwd=past).returncode == 0
    assert run(*asked, "--exit-code", cwd=past).returncode == 1
    assert run(*asked, "--exit-code", "--json", cwd=past).returncode == 1


def test_the_json_has_the_published_form(past: Path, run: Run, tmp_path: Path) -> None:
    schema = json.loads((ROOT / "shared/schemas/redline-1.json").read_text())
    done = run("diff", "alpha", "2025-03-01", "2025-06-01", "--json", cwd=past)
    (document,) = json.loads(done.stdout)
    jsonschema.validate(document, schema)
    assert document["counts"]["words_added"] == 1
    assert document["counts"]["words_removed"] == 3
    assert document["old"]["day"] == "2025-04-01"
    out = tmp_path / "redline.json"
    assert run("diff", "alpha", "2025-03-01", "2025-06-01", "--output", str(out), cwd=past)
    assert json.loads(out.read_text()) == document


def test_the_markdown_escapes_what_it_quotes(repo: Repo, run: Run) -> None:
    repo.commit({DATA: clause("We keep \\<b\\> and \\*stars\\* and \\[x\\](y).")})
    done = run("diff", "alpha", "2025-06-01", "HEAD", "--format", "markdown", cwd=repo.workspace)
    assert "\\<b\\>" in done.stdout
    assert "<ins>" in done.stdout
    assert "<b>" not in done.stdout


def test_where_documents_are_written(past: Path, run: Run, tmp_path: Path) -> None:
    asked = ("diff", "alpha", "2025-03-01", "2025-06-01")
    done = run(*asked, "--format", "md", "--output", str(tmp_path), cwd=past)
    path = tmp_path / "alpha-2025-03-01-2025-06-01-en.md"
    assert done.stdout.strip() == str(path)
    assert path.read_text().startswith("## alpha/en")
    for folder in ("versions", "brands", "shared/clauses/en"):
        refused = run(*asked, "--output", f"{folder}/x.md", cwd=past)
        assert refused.returncode == 2
        assert "is among the company's own files" in refused.stderr
    assert run(*asked, "--output", "x.txt", cwd=past).returncode == 2
    assert "cannot write" in run(*asked, "--output", f"{path}/x.md", cwd=past).stderr
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_several_locales_need_a_folder(repo: Repo, run: Run, tmp_path: Path) -> None:
    dutch = SMALL["brands/alpha/brand.yaml"].replace("[en]", "[en, nl]")
    files = {f"shared/clauses/nl/{id}.md": clause("Tekst.") for id in ("who", "data", "rights")}
    repo.commit({"brands/alpha/brand.yaml": dutch, **files})
    asked = ("diff", "alpha", "before-draft", "HEAD", "--format", "md", "--output")
    refused = run(*asked, str(tmp_path / "one.md"), cwd=repo.workspace)
    assert "name one with --locale" in refused.stderr
    (tmp_path / "out").mkdir()
    assert run(*asked, str(tmp_path / "out"), cwd=repo.workspace).returncode == 0
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_a_dry_run_shows_the_redline(repo: Repo, run: Run) -> None:
    text = clause("We keep your middle name only.")
    repo.commit({DATA: text}, date="2025-07-02T12:00:00+0000")
    outcome = try_release(repo, "2025-08-01", dry_run=True)
    (found,) = outcome.differences
    assert found.redline.counts.words_added == 1
    done = run("release", "alpha", "--dry-run", cwd=repo.workspace)
    assert "{+middle +}" in done.stdout


def test_documents_of_every_format(past: Path, run: Run, tmp_path: Path) -> None:
    asked = ("diff", "alpha", "2025-03-01", "2025-06-01", "--output")
    starts = {"html": b"<!doctype html>", "pdf": b"%PDF-1.7", "docx": b"PK", "md": b"## alpha/en"}
    for ending, start in starts.items():
        path = tmp_path / f"redline.{ending}"
        done = run(*asked, str(path), cwd=past)
        assert (done.returncode, done.stdout) == (0, f"{path}\n")
        assert path.read_bytes().startswith(start)
    with zipfile.ZipFile(tmp_path / "redline.docx") as word:
        tracked = word.read("word/document.xml")
    assert b'w:author="C"' in tracked or b'w:author="Ops"' in tracked


@pytest.mark.parametrize("name", ["O\x01ps", "O\x1bps", "O\ufffeps"])
def test_a_word_redline_by_a_user_whose_name_no_xml_may_have(
    repo: Repo, run: Run, tmp_path: Path, name: str
) -> None:
    repo.git("config", "user.name", name)
    path = tmp_path / "redline.docx"
    done = run("diff", "alpha", "HEAD", "draft", "--output", str(path), cwd=repo.workspace)
    assert (done.returncode, done.stderr) == (0, "")
    assert path.read_bytes().startswith(b"PK")


def test_a_library_that_is_missing_is_named_and_no_package_that_nobody_owns(
    past: Path, tmp_path: Path
) -> None:
    script = (
        "import sys; sys.modules['docx'] = None; sys.argv[0] = 'publisher'\n"
        "from publisher.cli import main; main()"
    )
    asked = ["diff", "alpha", "2025-03-01", "2025-06-01", "--output", str(tmp_path / "x.docx")]
    done = subprocess.run(
        [sys.executable, "-c", script, *asked],
        cwd=past,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert "error: the Python library 'docx' is missing. Install publisher again" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_version_without_text_cannot_be_compared(repo: Repo) -> None:
    folder = repo.workspace / "versions/alpha/2025-06-01"
    (folder / "en/policy.json").unlink()
    with pytest.raises(ArchiveDamaged, match="is missing"):
        differing(repo.workspace, "2025-06-01", unverified=True)
    sums = folder / "SHA256SUMS"
    lines = [line for line in sums.read_text().splitlines() if not line.endswith("policy.json")]
    old = hashlib.sha256(sums.read_bytes()).hexdigest()
    sums.write_text("".join(f"{line}\n" for line in lines))
    (entry,) = (repo.workspace / "versions/alpha/ledger").glob("*-release-2025-06-01.json")
    new = hashlib.sha256(sums.read_bytes()).hexdigest()
    entry.write_text(entry.read_text().replace(old, new))
    with pytest.raises(AskedWrongly, match="version 2025-06-01 of alpha has no text in en"):
        differing(repo.workspace, "2025-06-01")


def test_what_has_all_is_neither_shortened_nor_prolonged(past: Path, run: Run) -> None:
    for option in ("--full", "--summary"):
        done = run("diff", "alpha", "2025-03-01", "2025-06-01", "--json", option, cwd=past)
        assert done.returncode == 2
        assert "are for text and markdown" in done.stderr


def test_the_title_and_the_controller_are_shown(repo: Repo, run: Run) -> None:
    outline, company = SMALL["shared/policy.yaml"], SMALL["shared/company.yaml"]
    repo.commit({
        "shared/policy.yaml": outline.replace("Privacy Policy", "Privacy Notice"),
        "shared/company.yaml": company.replace("Acme NV", "Acme SA"),
    })  # fmt: skip
    for format, marks in (("text", "[-{}-]{{+{}+}}"), ("markdown", "<del>{}</del><ins>{}</ins>")):
        done = run("diff", "alpha", "HEAD~1", "HEAD", "--format", format, cwd=repo.workspace)
        assert marks.format("Policy", "Notice") in done.stdout
        assert marks.format("NV", "SA") in done.stdout


def test_a_link_that_leads_elsewhere_is_shown_where_its_words_differ_too(
    repo: Repo, run: Run
) -> None:
    repo.commit({DATA: clause("See [our list](https://x.example/a) for it.")})
    repo.commit({DATA: clause("See [the whole register](https://x.example/b) for it.")})
    for format in ("text", "markdown", "json"):
        done = run("diff", "alpha", "HEAD~1", "HEAD", "--format", format, cwd=repo.workspace)
        said = done.stdout.replace("\\", "")
        assert "https://x.example/a" in said
        assert "https://x.example/b" in said


def test_what_stayed_is_not_marked_as_changed(repo: Repo, run: Run) -> None:
    repo.commit({DATA: clause("One.\n\nTwo three.")})
    repo.commit({DATA: clause("One.\n\nTwo four.")})
    done = run("diff", "alpha", "HEAD~1", "HEAD", "--full", cwd=repo.workspace)
    assert "    One." in done.stdout
    assert "  ~ Two" in done.stdout


# --- files ---------------------------------------------------------------------------------------


def test_a_file_is_compared_without_being_taken_in(repo: Repo, run: Run, tmp_path: Path) -> None:
    (repo.workspace / DATA).write_text(clause("We keep your name."))
    assert run("build", "alpha", cwd=repo.workspace).returncode == 0
    for format in ("html", "md", "pdf"):
        file = repo.workspace / f"build/alpha/en/policy.{format}"
        for sides in (("draft", str(file)), (str(file), "draft")):
            done = run("diff", "alpha", *sides, cwd=repo.workspace)
            assert done.returncode == 0, done.stderr
            same = "+0 −0 words; 1 link changed" if format == "pdf" else "no differences"
            assert same in done.stdout
            assert f"the file {file.name}" in done.stdout
    assert repo.git("status", "--porcelain", "versions") == ""


TRACKED = (
    '<w:p><w:pPr><w:pStyle w:val="Kop2"/></w:pPr><w:r><w:t>{title}</w:t></w:r></w:p><w:p><w:r><w:t>We keep </w:t></w:r>'
    "<w:del><w:r><w:delText>nothing</w:delText></w:r></w:del><w:ins><w:r><w:t>all</w:t></w:r></w:ins>"
    "<w:r><w:t>.</w:t></w:r></w:p><w:p><w:r><w:drawing/></w:r></w:p>"
)


@pytest.mark.parametrize("format", ["html", "markdown", "json", "docx", "pdf"])
def test_what_could_not_be_read_of_a_file_is_said(
    format: str, repo: Repo, run: Run, tmp_path: Path
) -> None:
    file, output = tmp_path / "counsel.docx", tmp_path / f"redline.{format}"
    file.write_bytes(docx(TRACKED.format(title="Data"), styles=STYLES))
    asked = ("diff", "alpha", "draft", str(file), "--format", format, "--output", str(output))
    done = run(*asked, cwd=repo.workspace)
    assert done.returncode == 0, done.stderr
    assert "1 image was left out" in readable(output)


def readable(file: Path) -> str:
    """Return the text of a redline in any format."""
    if file.suffix == ".pdf":
        command = ["pdftotext", "-raw", str(file), "-"]
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout
    if file.suffix == ".docx":
        with zipfile.ZipFile(file) as package:
            return "".join(package.read(name).decode("latin-1") for name in package.namelist())
    return file.read_text(encoding="utf-8")


def test_tracked_changes_of_a_file_are_accepted_or_rejected(repo: Repo, tmp_path: Path) -> None:
    file = tmp_path / "counsel.docx"
    file.write_bytes(docx(TRACKED.format(title="Data"), styles=STYLES))
    sides = {"old": str(file), "new": str(file)}
    for as_sent, word, done in ((False, "all", "accepted"), (True, "nothing", "rejected")):
        (one,) = diff(repo.workspace, "alpha", TODAY, **sides, as_sent=as_sent)
        assert one.redline.empty
        policy = accepted(one.redline)
        assert policy is not None
        assert said(policy.clauses[0]) == [f"We keep {word}."]
        assert f"as if all were {done}" in one.origins[0].notes[-1]


@pytest.mark.skipif(sys.platform == "darwin", reason="names of files are UTF-8 there")
def test_a_file_whose_name_is_not_utf8_is_compared_in_each_format(
    repo: Repo, tmp_path: Path
) -> None:
    file = tmp_path / os.fsdecode(b"old\xff.txt")
    file.write_text("We keep your name.\n")
    (one,) = diff(repo.workspace, "alpha", TODAY, old=str(file), new="draft")
    assert b"udcff.txt" in html(one.redline, one.origins, plain_style())
    assert json.loads(as_json(one.redline, one.origins))


def test_brackets_in_the_name_of_a_file_are_shown(repo: Repo, run: Run) -> None:
    (repo.workspace / "policy [final].md").write_text("# Policy\n\n## Data\n\nWe keep it.\n")
    done = run("diff", "alpha", "policy [final].md", "draft", cwd=repo.workspace)
    assert done.stdout.startswith("alpha/en: the file policy [final].md → the working tree\n")


def test_a_file_in_one_of_several_languages_needs_its_name(repo: Repo, tmp_path: Path) -> None:
    brand = repo.workspace / "brands/alpha/brand.yaml"
    brand.write_text(brand.read_text().replace("locales: [en]", "locales: [en, nl]"))
    file = tmp_path / "old.txt"
    file.write_text("We keep your name.\n")
    with pytest.raises(AskedWrongly, match="name it with --locale"):
        diff(repo.workspace, "alpha", TODAY, old=str(file), new="draft")
    (one,) = diff(repo.workspace, "alpha", TODAY, old=str(file), new="draft", locales=["en"])
    assert one.locale == "en"
