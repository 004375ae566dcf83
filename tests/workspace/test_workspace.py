"""Loading: every problem of a workspace in one run, at its line, without stopping other brands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.workspaces import SMALL, clause, policy, read, small, write

from publisher.errors import InvalidPolicy
from publisher.policy.words import words
from publisher.repository.source import FolderSource
from publisher.workspace import brands_in

BRAND = SMALL["brands/alpha/brand.yaml"]


def said(root: Path) -> list[str]:
    return [str(problem) for problem in read(root).problems]


def test_the_small_workspace_has_no_problems(workspace: Path) -> None:
    assert said(workspace) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("contact:", "contct:", "brands/alpha/brand.yaml:3: unknown key 'contct'; did you mean 'contact'?"),
        ("name: Alpha\n", "", "brands/alpha/brand.yaml:1: 'name' is missing; add it"),
        ("name: Alpha", "name:", "brands/alpha/brand.yaml:1: 'name' has no value; fill it in (with quotes, if it starts with #), or delete the line if it is optional"),
        ("domain: alpha.example", "domain: https://a.be/", "brands/alpha/brand.yaml:2: 'domain' is 'https://a.be/'; write a domain without scheme and path: example.com"),
        ("[businesses]", "[busineses]", "brands/alpha/brand.yaml:4: 'audience.1' is 'busineses'; did you mean 'businesses'?"),
        ("[businesses]", "businesses", "brands/alpha/brand.yaml:4: 'audience' is not a list; write lines that start with `- `"),
        ("Europe/Brussels", "Brussels", "brands/alpha/brand.yaml:6: 'timezone' is 'Brussels'; write a time zone such as Europe/Brussels"),
        ("locales: [en]", "locales: [NO]", "brands/alpha/brand.yaml:5: 'locales.1' is 'NO'; write a language tag: en, nl-BE"),
        ("timezone", "baseline: {last_updated: 2026-02-30, source: x}\ntimezone", "brands/alpha/brand.yaml:6: 'baseline.last_updated' is '2026-02-30'; there is no such day: write one that exists"),
        ("timezone", "baseline: {last_updated: 0205-02-28, source: x}\ntimezone", "brands/alpha/brand.yaml:6: 'baseline.last_updated' is '0205-02-28'; write a day from 1990 on"),
        ("timezone", "baseline: {last_updated: 30/02/2026, source: x}\ntimezone", "brands/alpha/brand.yaml:6: 'baseline.last_updated' is '30/02/2026'; write a date such as 2026-11-22"),
        ("contact: privacy@alpha.example", "contact: {unconfirmd: Which?}", "brands/alpha/brand.yaml:3: unknown key 'contact.unconfirmd'; did you mean 'unconfirmed'?"),
        ("contact: privacy@alpha.example", "contact: {value: a@b.be}", "brands/alpha/brand.yaml:3: 'contact' has a `value` but no question; add `unconfirmed:` with the question, or, if the value is confirmed, write it behind `contact:`"),
        ("contact: privacy@alpha.example", "contact: mailto:privacy@alpha.example", "brands/alpha/brand.yaml:3: 'contact' is 'mailto:privacy@alpha.example'; write an e-mail address: privacy@example.com, or https://example.com/contact for a web form"),
        ("contact: privacy@alpha.example", "contact: privacy at alpha", "brands/alpha/brand.yaml:3: 'contact' is 'privacy at alpha'; write an e-mail address: privacy@example.com, or https://example.com/contact for a web form"),
        ("name: Alpha", 'name: "Alpha', "brands/alpha/brand.yaml:1: is not valid YAML: a quote is not closed; close it, or write two to show one"),
        ("timezone", "site: {base_url: \"https://a\u2100.example/\"}\ntimezone", "brands/alpha/brand.yaml:6: 'site.base_url' is 'https://a\u2100.example/'; write an address such as https://example.com/privacy/"),
        ("timezone", "site: {url: {en: \"https://[::1/\"}}\ntimezone", "brands/alpha/brand.yaml:6: 'site.url.en' is 'https://[::1/'; write an address such as https://example.com/privacy/"),
        ("timezone", "theme: {accent: red}\ntimezone", "brands/alpha/brand.yaml:6: 'theme.accent' is 'red'; write a colour as # and six digits 0-9, a-f: '#1f4e79'"),
    ],
)  # fmt: skip
def test_a_fault_in_a_brand_is_told_with_line_and_fix(
    tmp_path: Path, before: str, after: str, expected: str
) -> None:
    assert before in BRAND
    root = small(tmp_path, {"brands/alpha/brand.yaml": BRAND.replace(before, after)})
    assert expected in said(root)


def test_all_problems_come_in_one_run(tmp_path: Path) -> None:
    root = small(
        tmp_path,
        {
            "brands/alpha/brand.yaml": BRAND.replace("contact:", "contct:").replace("name: A", "nam: A"),
            "brands/beta/brand.yaml": "- a list\n",
            "shared/clauses/en/who.md": "no front matter\n",
            "shared/clauses/en/data.md": "---\ntitel: Your data\n---\ntext\n",
        },
    )  # fmt: skip
    paths = {problem.path for problem in read(root).problems}
    assert paths >= {
        "brands/alpha/brand.yaml",
        "brands/beta/brand.yaml",
        "shared/clauses/en/who.md",
        "shared/clauses/en/data.md",
    }
    assert "shared/clauses/en/data.md:2: unknown key 'titel'; did you mean 'title'?" in said(root)


@pytest.mark.parametrize(
    "broken",
    [
        "name: Beta\ndomain: beta.example\ncontact: 'x\n",
        "name: Beta\ndomain: beta.example\nlocales: nope\n",
        "name: Beta\ndomain: beta.example\nname_: x\ncontact: a\ncontact: b\n",
    ],
)
def test_a_fault_in_one_brand_leaves_the_others_their_policies(tmp_path: Path, broken: str) -> None:
    alpha_names_beta = {
        "shared/clauses/en/who.md": clause("{% for s in brand.sisters %}{{ s.name }}{% endfor %}.")
    }
    well = policy(small(tmp_path / "well", alpha_names_beta))
    root = small(tmp_path / "ill", {**alpha_names_beta, "brands/beta/brand.yaml": broken})
    assert words(policy(root)) == words(well)
    with pytest.raises(InvalidPolicy) as fault:
        policy(root, "beta")
    assert {problem.path for problem in fault.value.problems} == {"brands/beta/brand.yaml"}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "shared/clauses/en/who.md:1: is empty; write the clause, or delete the file"),
        ("---\ntitle: A\n---\nx".encode("utf-16"), "shared/clauses/en/who.md:1: is UTF-16; save it as UTF-8"),
        (b"---\ntitle: A\n---\ncaf\xe9\n", "shared/clauses/en/who.md:4: is not UTF-8: byte 0xe9; save it as UTF-8"),
        (b"---\ntitle: A\n---\na\x00b\n", "shared/clauses/en/who.md:4: has the invisible or private character U+0000; delete it"),
        ("---\ntitle: A\n---\na\u202eb\n".encode(), "shared/clauses/en/who.md:4: has the invisible or private character U+202E RIGHT-TO-LEFT OVERRIDE; delete it"),
        ("---\ntitle: A\n---\n\ue000\n".encode(), "shared/clauses/en/who.md:4: has the invisible or private character U+E000; delete it"),
        (b"---\ntitle: A\n---\n" + b"x" * 1_000_001, "shared/clauses/en/who.md: is larger than 1 MB; split it into several"),
        (b"---\ntitle: A\nx\n", "shared/clauses/en/who.md:1: has no front matter; start the file with `---`, `title: \xe2\x80\xa6`, `---`, each on a line of its own".encode("latin-1").decode()),
    ],
)  # fmt: skip
def test_bytes_that_are_no_clause(tmp_path: Path, data: bytes, expected: str) -> None:
    root = small(tmp_path, {"shared/clauses/en/who.md": data})
    assert expected in said(root)


def test_windows_line_endings_and_a_byte_order_mark_change_no_words(tmp_path: Path) -> None:
    files = {name: text.replace("\n", "\r\n") for name, text in SMALL.items()}
    files["shared/clauses/en/who.md"] = "\ufeff" + files["shared/clauses/en/who.md"]
    root = write(tmp_path / "windows", files)
    assert words(policy(root)) == words(policy(small(tmp_path / "unix")))


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    root = small(tmp_path / "w")
    (tmp_path / "secret").write_text(clause("secret"))
    (root / "shared/clauses/en/who.md").unlink()
    (root / "shared/clauses/en/who.md").symlink_to(tmp_path / "secret")
    assert "shared/clauses/en/who.md: is a symbolic link; copy the file itself in" in said(root)


def test_a_clause_behind_a_linked_folder_is_refused(tmp_path: Path) -> None:
    root = small(tmp_path / "w")
    (root / "shared/clauses/en").rename(tmp_path / "elsewhere")
    (root / "shared/clauses/en").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InvalidPolicy):
        policy(root)


def test_a_pipe_is_refused_and_does_not_hang(tmp_path: Path) -> None:
    root = small(tmp_path)
    (root / "shared/company.yaml").unlink()
    os.mkfifo(root / "shared/company.yaml")
    assert said(root) == [
        "shared/company.yaml: is not an ordinary file; put a text file in its place"
    ]


@pytest.mark.parametrize("name", ["Gamma", "con", "a b", "-rf", "a_b", ".."])
def test_a_brand_is_named_so_that_it_works_everywhere(tmp_path: Path, name: str) -> None:
    root = small(tmp_path / "w")
    if name != "..":
        write(root, {f"brands/{name}/brand.yaml": BRAND})
        assert [problem.rule for problem in read(root).problems] == ["name"]
    assert brands_in(FolderSource(root)) == ("alpha", "beta")


def test_a_file_that_would_be_passed_over_is_a_problem(tmp_path: Path) -> None:
    root = small(tmp_path, {"shared/clauses/en/extra.txt": "x", "brands/readme": "x"})
    assert [(problem.rule, problem.path) for problem in read(root).problems] == [
        ("stray-file", "brands/readme"),
        ("stray-file", "shared/clauses/en/extra.txt"),
    ]
