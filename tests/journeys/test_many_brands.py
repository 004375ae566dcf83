"""Commands about one brand among many: they read that brand, what is shared, and nothing of others.

What they say of it is the same, however many others there are, and in whatever state.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from conftest import Run
from hypothesis import given, settings
from hypothesis import strategies as st
from support.archives import archive, released
from support.workspaces import SMALL, Repo, clause, write

from publisher.archive.release.append import AppendOptions
from publisher.archive.release.release import ReleaseOptions, release
from publisher.archive.release.status import status
from publisher.build.check import check
from publisher.compare.impact import impact
from publisher.compare.revisions import history
from publisher.compose.brands import policies_at
from publisher.policy.words import words
from publisher.repository.moment import source_at
from publisher.repository.reading import Repository
from publisher.repository.source import FolderSource
from publisher.workspace import identities_in, identity

NOW = datetime(2024, 3, 1, tzinfo=UTC)
TODAY = date(2024, 3, 1)
BETA = SMALL["brands/beta/brand.yaml"]
OTHERS = {
    "brands/gamma/brand.yaml": BETA.replace("Beta", "Gamma").replace("beta", "gamma"),
    "brands/gamma/clauses/en/data.md": clause("Gamma keeps nothing."),
    "brands/torn/brand.yaml": "name: [\n",
    "brands/binary/brand.yaml": "\0\0",
    "brands/torn/clauses/en/data.md": "",
}
"""Brands of which most are broken."""
_OPENED: list[str] = []
_WATCHING: list[bool] = []


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and _WATCHING and isinstance(arguments[0], str | bytes):
        _OPENED.append(os.fsdecode(arguments[0]))


sys.addaudithook(_hear)


@contextmanager
def opened(root: Path) -> Iterator[set[str]]:
    """Give the brands, and the archives of brands, whose files are opened in a workspace."""
    names: set[str] = set()
    _OPENED.clear()
    _WATCHING.append(True)
    try:
        yield names
    finally:
        _WATCHING.clear()
    inside = (Path(path) for path in _OPENED if path.startswith(str(root)))
    parts = (path.relative_to(root).parts for path in inside)
    names.update(part[1] for part in parts if len(part) > 2 and part[0] in ("brands", "versions"))


@pytest.fixture
def many(repo: Repo) -> Repo:
    """The small workspace, with brands beside it of which most are broken."""
    repo.git("config", "user.name", "Ops")
    repo.git("config", "user.email", "ops@cloudnovi.example")
    repo.commit(OTHERS | {".gitattributes": "versions/** -text -filter -ident\n"})
    repo.git("config", "user.name", "A")
    repo.git("config", "user.email", "a@b.example")
    return repo


COMMANDS: dict[str, Callable[[Path], object]] = {
    "check": lambda root: check(root, brands=["beta"], today=TODAY),
    "status": lambda root: status(root, NOW, brands=["beta"]),
    "history": lambda root: history(root, "beta"),
    "release": lambda root: release(
        root, ["beta"], ReleaseOptions(), AppendOptions(NOW, dry_run=True)
    ),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_on_a_brand_opens_nothing_of_others(many: Repo, command: str) -> None:
    root = many.workspace
    alone = COMMANDS[command](root)
    with opened(root) as brands:
        assert COMMANDS[command](root) == alone
    assert brands <= {"beta"}
    many.commit(dict.fromkeys(OTHERS))
    if command == "check":
        assert COMMANDS[command](root) == alone


def test_an_edit_of_a_brand_is_read_in_that_brand_only(many: Repo, run: Run) -> None:
    write(many.workspace, {"brands/beta/clauses/en/data.md": clause("Beta keeps nothing.")})
    with opened(many.workspace) as brands:
        report = impact(many.workspace, NOW)
    assert brands == {"beta"}
    assert [one.brand for one in report.reached] == ["beta"]
    assert (report.apart, report.failed) == (4, ())
    shown = run("impact", cwd=many.workspace).stdout
    assert "the words of 1 of 1 policies that may read it" in shown
    assert "4 brands that read none of the changed files" in shown


@pytest.mark.parametrize("spelt", ["Gamma", "gamma.example", "privacy@gamma.example"])
def test_check_of_a_brand_finds_the_names_of_others(many: Repo, spelt: str) -> None:
    many.commit({"brands/beta/clauses/en/data.md": clause(f"Ask {spelt} for all.")})
    (leak,) = (p for p in check(many.workspace, brands=["beta"]).problems if p.rule == "leak")
    assert "Gamma" in leak.message
    (outcome,) = release(
        many.workspace, ["beta"], ReleaseOptions(), AppendOptions(NOW, dry_run=True)
    )
    assert leak.rule in {problem.rule for problem in outcome.problems}


_NAMES = st.text("Aé b.'\"#:-&\u200b\n", min_size=1, max_size=8).map("N{}".format)


class _OneFile:
    """A source in which every file is the same."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, path: str) -> bytes | None:
        return self.data

    def list(self, folder: str) -> tuple[str, ...]:
        return ()


@given(_NAMES, st.sampled_from([None, "'", '"', ">", "|"]), st.booleans())
def test_a_name_is_found_however_its_file_spells_it(
    name: str, style: str | None, flow: bool
) -> None:
    fields = {"name": name, "domain": "gamma.example", "contact": {"unconfirmed": "Which?"}}
    spelt = yaml.dump(fields, default_style=style, default_flow_style=flow, allow_unicode=True)
    parsed = identity(_OneFile(spelt.encode()), "gamma")
    if parsed is not None:
        files = {"gamma": spelt.encode()}
        assert identities_in(f"See {parsed.name}.", files) == {"gamma": parsed}
        assert identities_in("at gamma.example, see", files) == {"gamma": parsed}


def test_a_file_with_other_names_is_not_parsed() -> None:
    assert (
        identities_in("We are Beta.", {"gamma": OTHERS["brands/gamma/brand.yaml"].encode()}) == {}
    )


BONUS = "shared/clauses/en/bonus.md"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("brands/gamma/brand.yaml", "clauses: {place: [{clause: bonus, after: who}]}\n"),
        ("brands/gamma/clauses/en/more.md", '{% extends "shared/bonus.md" %}\n'),
    ],
)
def test_a_clause_that_only_another_brand_shows_is_in_use(repo: Repo, path: str, text: str) -> None:
    repo.commit(
        {BONUS: clause("A bonus."), "brands/gamma/brand.yaml": OTHERS["brands/gamma/brand.yaml"]}
    )
    rules = {problem.path for problem in check(repo.workspace, brands=["beta"]).problems}
    assert BONUS in rules
    before = OTHERS[path] if path in OTHERS and path.endswith("brand.yaml") else ""
    write(repo.workspace, {path: before + text})
    for _ in ("not committed", "committed"):
        rules = {problem.path for problem in check(repo.workspace, brands=["beta"]).problems}
        assert BONUS not in rules
        repo.commit({})


EDITS: dict[str, str | None] = {
    "shared/clauses/en/data.md": clause("We keep all."),
    "shared/clauses/en/_part.md": "Other part.\n",
    "shared/clauses/en/rights.md": clause("No rights.", "Other title"),
    "shared/policy.yaml": "title: {en: Notice}\norder: [who, data]\n",
    "shared/accepted.yaml": "[]\n",
    "brands/beta/brand.yaml": BETA.replace("name: Beta", "name: Delta"),
    "brands/gamma/clauses/en/data.md": None,
    "brands/alpha/clauses/en/who.md": clause("Who else?"),
}


@pytest.mark.thorough
@settings(max_examples=10)
@given(st.sets(st.sampled_from(sorted(EDITS)), min_size=1, max_size=3))
def test_impact_reaches_what_composing_everything_would(
    tmp_path_factory: pytest.TempPathFactory, paths: set[str]
) -> None:
    repo = Repo(tmp_path_factory.mktemp("impact"))
    part = {"shared/clauses/en/_part.md": "A part.\n"}
    repo.commit(SMALL | OTHERS | part | {
        "shared/clauses/en/who.md": clause('{% include "shared/_part.md" %}'),
        "brands/beta/clauses/en/data.md": clause("Beta."),
        "brands/beta/clauses/en/rights.md": '{% extends "shared/rights.md" %}\n',
        "brands/alpha/clauses/en/rights.md": clause("Sister: {{ brand.sisters[0].name }}."),
    })  # fmt: skip
    write(repo.workspace, {path: EDITS[path] for path in paths})
    report = impact(repo.workspace, NOW)
    assert {(one.brand, one.locale) for one in report.reached} == _differing(repo)
    assert report.files == tuple(sorted(paths))


def _differing(repo: Repo) -> set[tuple[str, str]]:
    git = Repository.find(repo.workspace)
    assert git is not None
    with git:
        old = policies_at(source_at(git, git.resolve("HEAD"))).whole
    new = policies_at(FolderSource(repo.workspace)).whole
    differing = {key for key in old | new if (key in old) != (key in new)}
    both = old.keys() & new.keys()
    failed = old.keys() - new.keys()
    return (differing - failed) | {key for key in both if words(old[key]) != words(new[key])}


def test_a_sparse_checkout_says_what_it_leaves_out(many: Repo, run: Run) -> None:
    root = many.workspace
    many.git("sparse-checkout", "set", "shared", "brands/beta", "versions/beta")
    write(many.workspace, {"shared/clauses/en/data.md": clause("We keep all.")})
    report = impact(root, NOW)
    assert {one.brand for one in report.reached} == {"beta"}
    assert report.left_out == 4
    for command in ("impact", "check", "status", "build", "", "versions", "site"):
        ran = run(*command.split(), cwd=root)
        assert "4 brands are not checked out here" in ran.stderr
        assert "git sparse-checkout add brands/BRAND versions/BRAND" in ran.stderr
    for arguments in (
        "check",
        "build",
        "status",
        "history",
        "impact --brand",
        "release",
        "versions",
    ):
        ran = run(*arguments.split(), "gamma", cwd=root)
        assert ran.returncode == 4
        assert "git sparse-checkout add brands/gamma versions/gamma" in " ".join(
            ran.stderr.replace("\n", " ").split()
        )


_NEED_THE_LEDGER = ("status", "versions", "get alpha", "release alpha", "diff alpha", "site")


_DOCUMENTS = ("get alpha", "export alpha --output ../export.zip")


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    repo = archive(tmp_path_factory.mktemp("archived") / "repo")
    released(repo, "2025-01-10")
    released(repo, "2025-01-10", "beta")
    return repo


def _sparse(repo: Repo, root: Path, *patterns: str) -> Repo:
    """Return a copy of a repository whose checkout is sparse."""
    copy = Repo.of(shutil.copytree(repo.root, root))
    copy.git("update-index", "--refresh")  # a copied file is taken for a changed one, and stays
    copy.git("sparse-checkout", "set", *patterns)
    return copy


@pytest.mark.parametrize(
    ("patterns", "commands", "path"),
    [
        ("--no-cone /* !/versions/*/ledger", _NEED_THE_LEDGER, "alpha/ledger/0001"),
        ("--no-cone /* !/versions/alpha/ledger/0001*", _NEED_THE_LEDGER, "alpha/ledger/0001"),
        ("--no-cone /* !policy.json", ("status", "diff alpha"), "alpha/2025-01-10/en/policy.json"),
        ("--no-cone /* !*.pdf", _DOCUMENTS, "alpha/2025-01-10/en/policy.pdf"),
        ("--no-cone /* !SHA256SUMS", ("get alpha", "diff alpha"), "alpha/2025-01-10/SHA256SUMS"),
        (
            "shared brands versions/alpha/2025-01-10 versions/beta",
            _NEED_THE_LEDGER,
            "alpha/ledger/0001",
        ),
    ],
)
def test_an_archive_that_is_checked_out_in_part_is_not_called_altered(
    archived: Repo, tmp_path: Path, run: Run, patterns: str, commands: Sequence[str], path: str
) -> None:
    repo = _sparse(archived, tmp_path / "repo", *patterns.split())
    cure = "disable" if "--no-cone" in patterns else "add versions/alpha"
    for command in commands:
        ran = run(*command.split(), cwd=repo.workspace)
        said = " ".join(ran.stderr.split())
        assert ran.returncode == 4, command
        assert f"versions/{path}" in said
        assert f"is not checked out here, as the checkout is sparse; run `git sparse-{cure}" in (
            said.replace("git sparse-checkout ", "git sparse-")
        )
        assert "altered" not in said


@pytest.mark.parametrize("pattern", ["*.pdf", "/versions/*/ledger", "ledger.head", "SHA256SUMS"])
def test_verify_checks_in_git_what_a_sparse_checkout_leaves_out(
    archived: Repo, tmp_path: Path, run: Run, pattern: str
) -> None:
    repo = _sparse(archived, tmp_path / "repo", "--no-cone", "/*", f"!{pattern}")
    warning = (
        "warning: the checkout is sparse, and files that it leaves out were checked in git, but "
        "not here: 2 (versions/alpha/"
    )
    for arguments, code in ((), 0), (("--strict",), 4):
        ran = run("verify", *arguments, cwd=repo.workspace)
        assert ran.returncode == code
        assert " ".join(ran.stdout.split()).startswith(warning)
        assert "run `git sparse-checkout disable`, then verify again" in ran.stdout
    repo.git("sparse-checkout", "disable")
    assert run("verify", "--strict", cwd=repo.workspace).stdout.startswith("2 versions")


@pytest.mark.parametrize("pattern", ["!*.pdf", "!/versions/alpha/ledger"])
def test_a_sparse_checkout_excuses_no_file_that_git_does_not_skip(
    archived: Repo, tmp_path: Path, run: Run, pattern: str
) -> None:
    repo = _sparse(archived, tmp_path / "repo", "--no-cone", "/*", pattern)
    folder = repo.workspace / "versions/alpha/2025-01-10/en"
    (folder / "policy.html").unlink()
    (folder / "policy.pdf").write_bytes(b"%PDF-1.7 forged")
    ran = run("verify", cwd=repo.workspace)
    said = " ".join(ran.stdout.split())
    assert ran.returncode == 3
    assert f"{folder.relative_to(repo.workspace)}/policy.html: is missing" in said
    assert f"{folder.relative_to(repo.workspace)}/policy.pdf: is altered" in said


def test_a_sparse_checkout_excuses_no_archive_that_git_does_not_skip(
    archived: Repo, tmp_path: Path, run: Run
) -> None:
    repo = _sparse(archived, tmp_path / "repo", "--no-cone", "/*", "!*.pdf")
    shutil.rmtree(repo.workspace / "versions/beta")
    for command in ("versions", "status", "verify beta", "get beta"):
        ran = run(*command.split(), cwd=repo.workspace)
        assert (ran.returncode, "sparse;" in ran.stderr) == (3, False), command


def test_what_git_has_of_a_file_that_is_left_out_must_be_what_was_released(
    archived: Repo, tmp_path: Path, run: Run
) -> None:
    repo = Repo.of(shutil.copytree(archived.root, tmp_path / "repo"))
    path = "versions/alpha/2025-01-10/en/policy.html"
    repo.commit({path: "forged"})
    repo.git("sparse-checkout", "set", "--no-cone", "/*", "!*.html")
    ran = run("verify", cwd=repo.workspace)
    assert ran.returncode == 3
    assert f"{path}: is altered" in " ".join(ran.stdout.split())


@pytest.mark.parametrize(
    ("left_out", "commands"),
    [
        ("shared/clauses/en/data.md", ("check", "build", "", "status", "diff alpha")),
        ("shared/processors.yaml", ("check", "build", "status", "diff alpha")),
        ("shared/company.yaml", ("check", "build", "status", "impact")),
        ("shared/timestamp_authorities.pem", ("verify", _DOCUMENTS[1])),
        ("brands/alpha/clauses/en/own.md", ("check", "build", "status", "diff alpha")),
        ("brands/alpha/theme.css", ("build", "status")),
        ("shared", ("check", "get alpha", "verify")),
    ],
)
def test_files_that_a_sparse_checkout_leaves_out_are_not_to_be_written_again(
    archived: Repo, tmp_path: Path, run: Run, left_out: str, commands: Sequence[str]
) -> None:
    repo = Repo.of(shutil.copytree(archived.root, tmp_path / "repo"))
    own = {"brands/alpha/clauses/en/own.md": clause("Own."), "brands/alpha/theme.css": "p {}\n"}
    repo.commit({**own, "shared/timestamp_authorities.pem": "-----BEGIN CERTIFICATE-----\n"})
    repo.git("sparse-checkout", "set", "--no-cone", "/*", f"!/{left_out}")
    for command in commands:
        ran = run(*command.split(), cwd=repo.workspace)
        said = " ".join(ran.stderr.split())
        assert ran.returncode == 4, command
        assert "checked out here, as the checkout is sparse; run `git sparse-checkout dis" in said
        assert left_out in said
        assert "commit them" not in said + ran.stdout


def test_a_sister_that_a_sparse_checkout_leaves_out_is_no_unknown_brand(
    repo: Repo, run: Run
) -> None:
    root = repo.workspace
    repo.git("update-index", "--refresh")  # a copied file is taken for a changed one, and stays
    repo.git("sparse-checkout", "set", "shared", "brands/alpha")
    for command in ("check alpha", "build alpha", "diff beta", "diff alpha --with beta"):
        ran = run(*command.split(), cwd=root)
        message = " ".join((ran.stdout + ran.stderr).split())
        assert "beta' is" in message
        assert "checked out here, as the checkout is sparse" in message
        assert "git sparse-checkout add brands/beta" in message
        assert "unknown" not in message
        assert ran.returncode in (1, 4)
    (standing,) = status(root, NOW, brands=["alpha"])
    assert standing.uncommitted == ()
    write(root, {"brands/alpha/clauses/en/data.md": clause("More.")})
    (standing,) = status(root, NOW, brands=["alpha"])
    assert standing.uncommitted == ("brands/alpha/clauses/en/data.md",)
