"""What somebody who means harm, or is unlucky, does to an archive; and what comes of it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from support.archives import archive, noon, refused, released, say, state, try_release
from support.ledgers import entry
from support.workspaces import SMALL, Repo, clause, write

from publisher.archive.entries import Entry, entry_bytes, read_entry, sha256
from publisher.archive.folder import read_ledger, sums_bytes
from publisher.archive.get import get, versions
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import retire
from publisher.archive.release.status import status
from publisher.archive.verify.verify import verify
from publisher.build.build import build
from publisher.errors import AskedWrongly, NotInForce, PublisherError
from publisher.repository.source import ArchiveFolder

FOLDER = "versions/alpha"
TWO = f"{FOLDER}/ledger/0002-release-2024-04-02.json"
ALPHA = SMALL["brands/alpha/brand.yaml"]


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repo = archive(tmp_path_factory.mktemp("attacks") / "repo")
    released(repo, "2024-03-01")
    say(repo, "Second.", date="2024-04-01T12:00:00+0000")
    released(repo, "2024-04-02", in_force=date(2024, 5, 1))
    return repo.root


@pytest.fixture
def repo(original: Path, tmp_path: Path) -> Repo:
    shutil.copytree(original, tmp_path / "repo", symlinks=True)
    return Repo.of(tmp_path / "repo")


def forge(repo: Repo, made: Entry) -> None:
    """Append an entry by hand, chained as it must be, and commit it."""
    ledger = read_ledger(ArchiveFolder(repo.workspace), "alpha")
    chained = made.model_copy(update={"sequence": len(ledger) + 1, "previous": ledger.head})
    write(repo.workspace, {f"{FOLDER}/ledger/{chained.name}": entry_bytes(chained)})
    repo.git("add", "--all")
    repo.git("commit", "-qm", "forge")


def found(repo: Repo) -> str:
    return "\n".join(str(each) for each in verify(repo.workspace).findings)


# --- releases upon what is not as it was ---


def test_no_release_upon_a_ledger_that_was_cut_off(repo: Repo) -> None:
    say(repo, "Third.", date="2024-05-01T12:00:00+0000")
    (repo.workspace / TWO).unlink()
    shutil.rmtree(repo.workspace / FOLDER / "2024-04-02")
    fault = refused(repo, "2024-06-02")
    assert fault.exit_code == 3
    assert "is in the newest commit, but missing here" in str(fault)
    repo.git("add", "--all")
    assert refused(repo, "2024-06-02").exit_code == 3


def test_no_release_upon_an_uncommitted_edit(repo: Repo) -> None:
    say(repo, "Third.", date="2024-05-01T12:00:00+0000")
    path = repo.workspace / TWO
    path.write_text(path.read_text().replace('"summary": null', '"summary": "forged"'))
    fault = refused(repo, "2024-06-02")
    assert fault.exit_code == 3
    assert "differs from the newest commit" in str(fault)


def test_the_sweep_spares_what_any_entry_or_commit_has(repo: Repo) -> None:
    say(repo, "Third.", date="2024-05-01T12:00:00+0000")
    leftover = f"{FOLDER}/.staging-99999/intent"
    for name in ("0003-release-2024-04-02.json", "0009-release-2024-03-01.json"):
        write(repo.workspace, {leftover: f"{name}\n"})
        try_release(repo, "2024-06-02", dry_run=True)
        assert verify(repo.workspace).findings == ()
    released(repo, "2024-06-02")
    assert not (repo.workspace / leftover).exists()
    assert verify(repo.workspace).findings == ()
    shutil.copytree(repo.workspace / FOLDER / "2024-06-02", repo.workspace / FOLDER / "2024-06-09")
    repo.git("add", "--all", "--force")
    repo.git("commit", "-qm", "by mistake")
    write(repo.workspace, {leftover: "0004-release-2024-06-09.json\n"})
    say(repo, "Fourth.", date="2024-06-03T12:00:00+0000")
    try_release(repo, "2024-06-10")
    assert (repo.workspace / FOLDER / "2024-06-09" / "SHA256SUMS").exists()


def test_what_an_interrupted_release_left_is_not_to_be_committed(repo: Repo) -> None:
    shutil.copytree(repo.workspace / FOLDER / "2024-04-02", repo.workspace / FOLDER / "2024-06-02")
    write(repo.workspace, {f"{FOLDER}/.staging-99/intent": "0003-release-2024-06-02.json\n"})
    verified = verify(repo.workspace)
    assert verified.findings == ()
    assert not [note for note in verified.notes if "git add" in note]


@pytest.mark.parametrize("attributes", ["versions/** -text filter=up\n", "*.json filter=up\n"])
def test_no_entry_goes_through_a_filter(repo: Repo, attributes: str) -> None:
    repo.git("config", "filter.up.clean", "tr a-z A-Z")
    (repo.root / ".git/info").mkdir(exist_ok=True)
    (repo.root / ".git/info/attributes").write_text(attributes)
    before = state(repo)
    with pytest.raises(PublisherError, match="attribute 'filter' is up"):
        retire(repo.workspace, "alpha", date(2024, 7, 1), "Sold", AppendOptions(noon("2024-06-02")))
    assert state(repo) == before


# --- forgeries ---


def test_a_version_that_is_misquoted_is_found(repo: Repo) -> None:
    folder = repo.workspace / FOLDER / "2024-04-02"
    for path in (folder / "en").iterdir():
        path.write_bytes(path.read_bytes().replace(b"Second.", b"Forged."))
    names = {f"en/{path.name}": path.read_bytes() for path in (folder / "en").iterdir()}
    (folder / "SHA256SUMS").write_bytes(sums_bytes(names))
    forged = read_entry((repo.workspace / TWO).read_bytes()).model_copy(
        update={"sums": sha256(sums_bytes(names))}
    )
    (repo.workspace / TWO).write_bytes(entry_bytes(forged))
    repo.git("commit", "-qam", "amended", "--amend")
    assert "policy.json: has words that differ from 0002-release-2024-04-02.json" in found(repo)


FORGED: dict[str, Entry] = {
    "changes what was in force already": entry(
        "retire", date(2024, 5, 20), on=date(2024, 3, 10)
    ),
    "retires fr, which had not been released": entry(
        "retire", date(2024, 5, 20), on=date(2024, 6, 1), locale="fr"
    ),
    "is not about how 2024-04-02 was scheduled before": entry(
        "reschedule", date(2024, 4, 20), version="2024-04-02", in_force_from=date(2024, 6, 1),
        instead_of=date(2024, 5, 2),
    ),
    "was recorded before the previous entry": entry(
        "retire", date(2024, 3, 20), on=date(2024, 6, 1)
    ),
    "comes into force before an earlier version": entry(
        "release", date(2024, 4, 20), source="1" * 40
    ),
}  # fmt: skip


@pytest.mark.parametrize("message", FORGED)
def test_an_entry_that_cannot_have_been_is_found(repo: Repo, message: str) -> None:
    forge(repo, FORGED[message])
    assert message in found(repo)


def test_a_version_that_was_in_force_cannot_be_rescheduled_by_hand(repo: Repo) -> None:
    made = entry(
        "reschedule", date(2024, 5, 20), version="2024-04-02", in_force_from=date(2024, 6, 1),
        instead_of=date(2024, 5, 1),
    )  # fmt: skip
    forge(repo, made)
    assert "changes what was in force already" in found(repo)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"Europe/Brussels"', '"Mars/Base"'),
        ('"Europe/Brussels"', '"Europe"'),
        ('"2024-04-02T14:00:00+02:00"', '"0001-01-01T00:00:00+02:00"'),
        ('"in_force_from": "2024-05-01"', '"in_force_from": "9999-12-31"'),
    ],
)
def test_days_and_zones_that_there_are_not(repo: Repo, old: str, new: str) -> None:
    path = repo.workspace / TWO
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert "is not a ledger entry" in found(repo)
    for ask in (
        lambda: get(repo.workspace, "alpha", noon("2024-06-01")),
        lambda: versions(repo.workspace, noon("2024-06-01")),
        lambda: status(repo.workspace, noon("2024-06-01")),
    ):
        with pytest.raises(PublisherError) as fault:
            ask()
        assert fault.value.exit_code == 3


# --- odd things in the archive ---


def test_links_to_a_brand_and_to_the_archive(repo: Repo, tmp_path: Path) -> None:
    (repo.workspace / FOLDER).rename(tmp_path / "elsewhere")
    (repo.workspace / FOLDER).symlink_to(tmp_path / "elsewhere")
    assert f"{FOLDER}: is a link, or not a folder" in found(repo)
    shutil.move(repo.workspace / "versions", tmp_path / "moved")
    (repo.workspace / "versions").symlink_to(tmp_path / "moved")
    for ask in (
        lambda: verify(repo.workspace),
        lambda: versions(repo.workspace, noon("2024-06-01")),
        lambda: status(repo.workspace, noon("2024-06-01")),
        lambda: get(repo.workspace, "alpha", noon("2024-06-01")),
    ):
        with pytest.raises(PublisherError) as fault:
            ask()
        assert fault.value.exit_code == 3


def test_folders_that_do_not_belong_there(repo: Repo) -> None:
    (repo.workspace / FOLDER / "ledger" / "notes").mkdir()
    assert "ledger/notes: is an empty folder" in found(repo)
    with pytest.raises(PublisherError) as fault:
        get(repo.workspace, "alpha", noon("2024-06-01"))
    assert fault.value.exit_code == 3
    (repo.workspace / FOLDER / "ledger" / "notes").rmdir()
    (repo.workspace / FOLDER / "/".join("d" * 60)).mkdir(parents=True)
    assert "is nested too deeply" in found(repo)


def test_tags_that_name_no_commit_stop_nothing(repo: Repo) -> None:
    blob = repo.git("rev-parse", f"HEAD:{TWO}")
    repo.git("tag", "-a", "-m", "notes", "alpha/notes", blob)
    repo.git("tag", "alpha/caf\u00a0e")
    assert verify(repo.workspace).findings == ()


def test_another_mode_is_no_alteration(repo: Repo) -> None:
    pdf = repo.workspace / FOLDER / "2024-03-01/en/policy.pdf"
    pdf.chmod(0o755)
    repo.git("commit", "-qam", "mode")
    assert verify(repo.workspace).findings == ()


def test_a_telling_that_knows_nothing_is_said_to(repo: Repo, tmp_path: Path) -> None:
    first = repo.git("log", "--format=%H", "--reverse").split()[0]
    assert "has no entry of alpha" in verify(repo.workspace, against=first).notes[0]
    with pytest.raises(AskedWrongly):
        verify(repo.workspace, against="")


def test_a_workspace_in_a_folder_is_compared_with_the_same_folder(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo", "legal")
    released(repo, "2024-03-01")
    repo.git("clone", "-q", str(repo.root), str(tmp_path / "clone"))
    repo.git("clone", "-q", "--bare", str(repo.root), str(tmp_path / "bare"))
    for other in ("clone", "bare"):
        verified = verify(repo.workspace, against=str(tmp_path / other))
        assert "up to entry 1" in verified.notes[0]


# --- what is well is not refused ---


def test_line_ends_of_windows_block_no_release(repo: Repo) -> None:
    logo = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">\n<path d="M0 0h9v9z"/>\n</svg>\n'
    theme = {"brands/alpha/logo.svg": logo}
    repo.commit(theme, date="2024-05-01T12:00:00+0000")
    say(repo, "Third.", date="2024-05-02T12:00:00+0000")
    for path in ("brands/alpha/logo.svg", "shared/clauses/en/data.md"):
        file = repo.workspace / path
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert released(repo, "2024-06-01").sequence == 3


def test_a_tag_of_the_branchs_name_blocks_no_release(repo: Repo) -> None:
    say(repo, "Third.", date="2024-05-02T12:00:00+0000")
    repo.git("tag", "main")
    assert released(repo, "2024-06-01").sequence == 3


def test_an_archive_that_is_taken_out_of_what_is_ignored(repo: Repo) -> None:
    ignored = "*.pdf\nbuild/\n!versions/**\n"
    repo.commit({".gitignore": ignored}, date="2024-05-01T12:00:00+0000")
    say(repo, "Third.", date="2024-05-02T12:00:00+0000")
    assert released(repo, "2024-06-01", summary="«\u00a0Vos données\u00a0»").sequence == 3


def test_a_brand_that_is_gone_can_be_retired(repo: Repo) -> None:
    repo.git("rm", "-rq", "brands/alpha")
    repo.commit(date="2024-05-02T12:00:00+0000")
    retire(repo.workspace, "alpha", date(2024, 6, 1), "Sold", AppendOptions(noon("2024-05-03")))
    with pytest.raises(NotInForce, match="it was retired on 2024-06-01"):
        get(repo.workspace, "alpha", noon("2024-06-01"))


# --- days ---


def test_the_only_locale_is_retired(repo: Repo) -> None:
    asked = AppendOptions(noon("2024-05-03"))
    retire(repo.workspace, "alpha", date(2024, 6, 1), "No English", asked, locale="en")
    for how in ({}, {"on": date(2024, 6, 1)}, {"locale": "en"}):
        with pytest.raises(NotInForce, match="it was retired on 2024-06-01"):
            get(repo.workspace, "alpha", noon("2024-06-02"), **how)  # type: ignore[arg-type]
    (alpha,) = versions(repo.workspace, noon("2024-06-02"))
    assert [each.period.state for each in alpha.versions] == ["retired", "superseded"]
    with pytest.raises(NotInForce, match="2024-04-02 is in force, and alpha is retired on 2024-06"):
        get(repo.workspace, "alpha", noon("2024-05-03"), on=date(2024, 6, 2))
    with pytest.raises(NotInForce, match="no version is in force, and nothing is scheduled"):
        get(repo.workspace, "alpha", noon("2024-06-02"), on=date(2024, 6, 3))


def test_a_zone_further_west(repo: Repo) -> None:
    east = ALPHA.replace("Europe/Brussels", "Pacific/Auckland")
    repo.commit({"brands/alpha/brand.yaml": east}, date="2024-05-02T12:00:00+0000")
    say(repo, "Third.", date="2024-05-03T11:00:00+0000")
    assert released(repo, "2024-05-03").version == "2024-05-04"
    west = ALPHA.replace("Europe/Brussels", "America/Los_Angeles")
    repo.commit({"brands/alpha/brand.yaml": west}, date="2024-05-03T12:30:00+0000")
    say(repo, "Fourth.", date="2024-05-03T12:40:00+0000")
    now = noon("2024-05-03").replace(hour=13)
    assert "release tomorrow" in str(refused(repo, now))


def test_last_updated_does_not_run_backwards(repo: Repo, tmp_path: Path) -> None:
    say(repo, "Third.", date="2023-01-01T12:00:00+0000")
    fault = refused(repo, "2024-06-01")
    assert "before those of version 2024-04-02 (2024-04-01)" in str(fault)
    report = build(repo.workspace, tmp_path / "out", brands=["alpha"], formats=["json"])
    assert report.built[0].status == "ready"


def test_a_clause_with_another_id_keeps_its_date(repo: Repo) -> None:
    old = repo.workspace / "shared/clauses/en/who.md"
    outline = "title: {en: Privacy Policy, nl: Privacyverklaring}\norder: [about, data, rights]\n"
    rights = SMALL["shared/clauses/en/rights.md"].replace("#who", "#about")
    repo.commit(
        {
            "shared/clauses/en/about.md": old.read_text(),
            "shared/clauses/en/who.md": None,
            "shared/clauses/en/rights.md": rights,
            "shared/policy.yaml": outline,
            "shared/clauses/en/data.md": clause("Third."),
        },
        date="2024-05-01T12:00:00+0000",
    )
    made = released(repo, "2024-06-01", editorial=True, reason="Legal says so")
    assert made.changes["en"].renamed == (("who", "about"),)
    document = (repo.workspace / FOLDER / "2024-06-01/en/policy.json").read_text()
    assert document.count('"last_changed": "2024-01-02"') == 2
