"""Evidence for outsiders: who has nothing of ours but the bundle can check all that it says."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from pypdf import PdfReader
from support.archives import archive, noon, released, say, state
from support.documents import LANGUAGES
from support.keys import key_pair
from support.ledgers import chained, entry
from support.letters import (
    LETTER,
    OUTSIDERS,
    appended,
    authority,
    commands,
    few,
    shell,
    stamped,
    text,
    unpacked,
)
from support.workspaces import SMALL, Repo, clause, small, write

from publisher.archive.entries import Import, Reconstruct, Redact, sha256
from publisher.archive.evidence.bundle import Bundle, bundle
from publisher.archive.evidence.letter_sentences import Words
from publisher.archive.folder import sums_bytes
from publisher.archive.get import Request
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import reschedule, retire
from publisher.errors import ArchiveDamaged, AskedWrongly, NotInForce
from publisher.render.languages import languages, texts

VERAPDF = Path(__file__).parents[1] / "validators" / "verapdf"
TODAY = noon("2025-06-15")
EVERY = ("en", *sorted(LANGUAGES))
WHO = "legal@acme.example"
REASON = "Named <b>a person</b> & {number}"


@cache  # the archives of these tests do not change
def bundled(repo: Repo, brand: str = "alpha", **asked: Any) -> Bundle:
    return bundle(repo.workspace, Request(brand, asked.pop("now", TODAY), write=False, **asked))


def letter(made: Bundle, folder: Path) -> Path:
    return unpacked(made.data, folder) / LETTER


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key to sign with; its public half beside it."""
    return key_pair(tmp_path_factory.mktemp("key") / "key")


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory, key: Path) -> Repo:
    """A brand in every language: signed, rescheduled, superseded by a version of the same day."""
    repo = archive(tmp_path_factory.mktemp("full") / "repo")
    own = {
        f"shared/clauses/{locale}/{name}.md": clause(said, name.title())
        for locale, said in LANGUAGES.items()
        for name in ("who", "data", "rights")
    }
    brand = SMALL["brands/alpha/brand.yaml"].replace("[en]", f"[{', '.join(EVERY)}]")
    brand = re.sub("(processors|retention): .*\n", "", brand) + 'theme: {accent: "#7a1f3d"}\n'
    titles = ", ".join(f"{each}: {texts('letters', each)['policy']}" for each in EVERY)
    outline = SMALL["shared/policy.yaml"].replace(
        "en: Privacy Policy, nl: Privacyverklaring", titles
    )
    see = SMALL["shared/rights.yaml"].replace(
        "{en: See your data., nl: Uw gegevens inzien.}",
        f"{{{', '.join(f'{each}: x' for each in EVERY)}}}",
    )
    public = " ".join(key.with_suffix(".pub").read_text().split()[:2])
    allowed = f'{WHO} namespaces="policy-release,git" {public}\n'
    repo.commit(
        {
            **own,
            "brands/alpha/brand.yaml": brand,
            "shared/policy.yaml": outline,
            "shared/rights.yaml": see,
            "shared/allowed_signers": allowed,
        },
        "Say it in every language\n\nReviewed: shared/policy.yaml",
    )
    sign = str(key)
    released(repo, "2025-01-10", sign=sign, approvals=("Counsel",), summary="First")
    reviewed = "\n".join(f"Reviewed: shared/clauses/{locale}/data.md" for locale in LANGUAGES)
    more = f"Say more\n\n{reviewed}"
    say(repo, "Second.", more, date="2025-02-01T12:00:00+0000")
    released(repo, "2025-03-01", sign=sign, in_force=date(2025, 4, 1))
    asked = AppendOptions(noon("2025-03-10"), sign=sign)
    reschedule(repo.workspace, "alpha", "2025-03-01", date(2025, 4, 15), "Not ready", asked)
    say(repo, "Third.", more, date="2025-03-11T12:00:00+0000")
    again = datetime(2025, 6, 1, 14, tzinfo=UTC)
    released(repo, "2025-06-01", sign=sign, in_force=date(2025, 7, 1))
    say(repo, "Fourth.", more, date="2025-06-01T12:30:00+0000")
    released(repo, again, sign=sign, in_force=date(2025, 8, 1), tag=False)
    return repo


def frozen(repo: Repo, version: str, files: dict[str, bytes]) -> str:
    """Put files into a version's folder; return the SHA-256 of their list."""
    folder = repo.workspace / "versions/alpha" / version
    for name, data in (files | {"SHA256SUMS": sums_bytes(files)}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return sha256(sums_bytes(files))


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A brand with a file that was redacted, time-stamps, and versions that were not released."""
    repo = archive(tmp_path_factory.mktemp("past") / "repo")
    first = released(repo, "2025-02-01")
    folder = repo.workspace / "versions/alpha/2025-02-01"
    policy = {f"en/{each.name}": each.read_bytes() for each in (folder / "en").iterdir()}
    old: dict[str, Any] = {
        "kind": "import",
        "origin": "imported",
        "locale": "en",
        "words": None,
        "tools": {},
    }
    for version, claimed, said in (
        ("2020-01-01-imported", date(2020, 1, 1), "A scan, 古い, from “Counsel”"),
        ("unknown-imported", None, "Found."),
    ):
        data = {"en/policy.pdf": said.encode(), "en/extracted.md": b"Scanned.\n"}
        about = {
            "version": version,
            "claimed_date": claimed,
            "provenance": said,
            "sums": frozen(repo, version, data),
        }
        files = {"en/policy.pdf": {"name": "old.pdf", "digest": sha256(said.encode())}}
        appended(repo, Import, "2025-02-02", **old, **about, files=files)
    again: dict[str, Any] = {
        "kind": "reconstruct",
        "origin": "reconstructed",
        "revised": date(2019, 1, 1),
    }
    sums = frozen(repo, "2019-01-01-reconstructed", policy)
    about = {"source": first.source, "tools": {}, "sums": sums, "locales": first.locales}
    appended(repo, Reconstruct, "2025-02-03", version="2019-01-01-reconstructed", **again, **about)
    conf = authority(tmp_path_factory.mktemp("authority") / "tsa")
    (repo.workspace / "shared/timestamp_authorities.pem").write_bytes(
        conf.with_name("ca.pem").read_bytes()
    )
    stamped(repo, conf, "2025-02-04")
    gone = {
        "version": "2025-02-01",
        "file": "en/policy.html",
        "digest": sha256(policy["en/policy.html"]),
    }
    appended(
        repo,
        Redact,
        "2025-02-05",
        kind="redact",
        reason=REASON,
        authority="Art. 17 GDPR",
        **gone,
    )
    (folder / "en/policy.html").unlink()
    stamped(repo, conf, "2025-02-06")
    return repo


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return few(tmp_path_factory.mktemp("programs") / "bin")


@pytest.fixture(scope="module")
def letters(full: Repo, past: Repo, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The letters of one day in every language, and those of versions with all else to tell."""
    folder = tmp_path_factory.mktemp("letters")
    made = {each: bundled(full, on=date(2025, 4, 20), locale=each) for each in EVERY}
    made |= {
        "redacted": bundled(past, version="2025-02-01"),
        "imported": bundled(past, on=date(2020, 5, 1)),
        "reconstructed": bundled(past, on=date(2019, 5, 1)),
        "unknown": bundled(past, version="unknown-imported"),
        "hours": bundled(past, on=date(2025, 2, 1)),
    }
    return {name: letter(each, folder / name) for name, each in made.items()}


# --- the words -----------------------------------------------------------------------------------


def test_every_language_has_a_letter_here() -> None:
    assert set(languages()) == set(EVERY)


def test_a_policy_in_another_language_has_an_english_letter() -> None:
    words = Words("sv")
    assert (words.locale, words.language("sv")) == ("en", "Swedish (sv)")
    assert Words("nl-BE").language("nl-BE") == "Nederlands (België) (nl-BE)"


# --- an outsider ---------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", ["en", "el"])
def test_an_outsider_follows_the_letter(
    full: Repo, tmp_path: Path, programs: Path, locale: str
) -> None:
    made = bundled(full, on=date(2025, 4, 20), locale=locale)
    (tmp_path / f"{made.name}.zip").write_bytes(made.data)
    steps = commands(letter(made, tmp_path / "aside"))
    unpack, files, sums, chain, *signed, git = steps
    if not shutil.which("unzip"):
        unpacked(made.data, tmp_path)
        unpack = "\n".join(unpack.split("\n")[1:])
    done = shell(unpack, tmp_path, programs)
    assert (done.returncode, done.stdout.split("\n")[-2]) == (0, "OK"), done
    folder = tmp_path / made.name
    done = shell(files, folder, programs)
    assert done.returncode == 0, done
    assert done.stdout.count(": OK\n") == 4 * len(EVERY) == done.stdout.count("\n")
    done = shell(sums, folder, programs)
    assert (done.returncode, done.stdout.split("\n")[-2]) == (0, "OK"), done
    done = shell(chain, folder, programs)
    newest = max((folder / "versions/alpha/ledger").glob("*.json"))
    assert done.stdout == f'OK\n"{sha256(newest.read_bytes())}"\n'
    assert sha256(newest.read_bytes()) in text(folder / LETTER)
    assert len(signed) == 3  # of the version, of what rescheduled it, of the newest entry
    for each in signed:
        done = shell(each, folder, programs)
        assert done.returncode == 0, done
        assert done.stdout.startswith(f'Good "policy-release" signature for {WHO} with ED25519')
    log, show, tag = git.replace("\\\n", "").split("\n")
    assert full.git(*shlex.split(log)[1:]) == ""
    assert full.git(*show.split()[1:]).startswith("commit ")
    assert full.git(*tag.split()[1:]) == ""


ALTERED = {
    "versions/alpha/2025-03-01/nl/policy.pdf": {1, 2},
    "versions/alpha/2025-03-01/SHA256SUMS": {1, 2, 3},
    "versions/alpha/ledger/0002-release-2025-03-01.json": {1, 4, 5},
    "versions/alpha/ledger/0001-release-2025-01-10.json": {1, 4},
    "versions/alpha/ledger/0002-release-2025-03-01.json.sig": {1, 5},
    "versions/alpha/2025-01-10/SHA256SUMS": {1},
}
"""Files of a bundle, with the steps of the letter that find them altered."""


@pytest.mark.parametrize("path", ALTERED)
def test_what_was_altered_is_found_by_the_step_that_looks(
    full: Repo, tmp_path: Path, programs: Path, path: str
) -> None:
    made = bundled(full, version="2025-03-01", locale="nl")
    folder = unpacked(made.data, tmp_path)
    unpack, *steps, _ = commands(folder / LETTER)
    data = bytearray((folder / path).read_bytes())
    at = data.index(b"Ops") if path.endswith(".json") else len(data) // 2
    data[at] ^= 2
    (folder / path).write_bytes(data)
    first = "\n".join(unpack.split("\n")[2:])
    failed = {number for number, each in enumerate([first, *steps], 1) if fails(each, folder, programs)}  # fmt: skip
    assert {min(number, 5) for number in failed} == ALTERED[path]
    if 2 not in failed:
        return
    # Whoever alters a file can write the bundle's own list anew: the other steps still find it.
    files = {each.relative_to(folder).as_posix(): each for each in folder.rglob("*")}
    del files["SHA256SUMS"]
    anew = {name: each.read_bytes() for name, each in files.items() if each.is_file()}
    (folder / "SHA256SUMS").write_bytes(sums_bytes(anew))
    assert not fails(first, folder, programs)
    assert fails(steps[0], folder, programs)


def fails(command: str, folder: Path, programs: Path) -> bool:
    done = shell(command, folder, programs)
    return done.returncode != 0 or "BROKEN" in done.stdout


def test_the_chain_is_followed_beyond_9999_entries(
    full: Repo, tmp_path: Path, programs: Path
) -> None:
    made = bundled(full, version="2025-03-01", locale="en")
    chain = commands(letter(made, tmp_path / "bundle"))[3]
    ledger = tmp_path / "versions/alpha/ledger"
    ledger.mkdir(parents=True)
    previous = "null"
    for number in (9998, 9999, 10000, 10001, 100000):
        data = f'{{\n "x": "\\"previous\\": null",\n "previous": {previous}\n}}\n'.encode()
        (ledger / f"{number}-release-2025-01-01.json").write_bytes(data)
        previous = f'"{sha256(data)}"'
    assert shell(chain, tmp_path, programs).stdout == f"OK\n{previous}\n"
    (ledger / "10000-release-2025-01-01.json").unlink()
    done = shell(chain, tmp_path, programs)
    assert done.stdout == f"BROKEN at 10001-release-2025-01-01.json \n{previous}\n"


# --- what is in it -------------------------------------------------------------------------------


def test_a_bundle_has_what_the_archive_has_and_no_other_documents(
    full: Repo, tmp_path: Path
) -> None:
    made = bundled(full, on=date(2025, 4, 20), locale="fr")
    folder = unpacked(made.data, tmp_path)
    assert folder.name == "alpha-2025-03-01-fr-evidence" == made.name
    there = {
        each.relative_to(folder).as_posix(): each.read_bytes()
        for each in folder.rglob("*")
        if each.is_file()
    }
    listed = dict(line.split("  ")[::-1] for line in there.pop("SHA256SUMS").decode().splitlines())
    assert listed == {path: sha256(data) for path, data in there.items()}
    del there[LETTER]
    for path, data in there.items():
        assert (full.workspace / path).read_bytes() == data
    alpha = full.workspace / "versions/alpha"
    expected = [*(alpha / "ledger").iterdir(), *alpha.glob("*/SHA256SUMS")]
    expected += [each for each in (alpha / "2025-03-01").rglob("*") if each.is_file()]
    names = {each.relative_to(full.workspace).as_posix() for each in expected}
    assert set(there) == names | {"shared/allowed_signers"}
    with zipfile.ZipFile(BytesIO(made.data)) as zipped:
        infos = zipped.infolist()
    assert [each.filename for each in infos] == sorted(each.filename for each in infos)
    assert {each.compress_type for each in infos} == {zipfile.ZIP_STORED}
    assert {each.date_time for each in infos} == {(2025, 6, 1, 14, 0, 0)}
    assert {(each.create_system, each.external_attr >> 16) for each in infos} == {(3, 0o100644)}


def test_the_bytes_are_the_same_anywhere(full: Repo, tmp_path: Path, run: Run) -> None:
    expected = bundled(full, on=date(2025, 4, 20), locale="de").sha256
    asked = ("get", "alpha", "--on", "2025-04-20", "--locale", "de", "--bundle", "--workspace")
    for name, zone, seed in (("a", "Pacific/Auckland", "1"), ("b", "America/New_York", "2")):
        here = tmp_path / name
        here.mkdir()
        done = run(*asked, str(full.workspace), cwd=here, TZ=zone, PYTHONHASHSEED=seed)
        assert done.returncode == 0, done.stderr
        assert sha256((here / "alpha-2025-03-01-de-evidence.zip").read_bytes()) == expected
    if shutil.which("faketime"):
        publisher = (sys.executable, "-m", "publisher")
        done_ = subprocess.run(
            ["faketime", "2031-05-05 05:05:05", *publisher, *asked, full.workspace, "--output", "-"],
            cwd=tmp_path, env={**os.environ, "TZ": "Asia/Tokyo"}, capture_output=True, check=True,
        )  # fmt: skip
        assert sha256(done_.stdout) == expected


def test_the_answer_is_the_same_on_whatever_day_it_is_asked(full: Repo) -> None:
    asked: dict[str, Any] = {"on": date(2025, 6, 2), "locale": "en"}
    late = bundled(full, now=noon("2027-01-01"), **asked).data
    today = bundled(full, now=noon("2025-06-02"), locale="en")
    assert today.data == late


# --- what the letter says ------------------------------------------------------------------------


def test_a_letter_says_what_was_asked_and_what_is_known(letters: dict[str, Path]) -> None:
    said = text(letters["en"])
    for expected in (
        "The text of the document “Privacy policy” of Alpha (alpha.example) that was in force on 20 April 2025 (2025-04-20), in the language version en.",
        "According to the ledger, version 2025-03-01 was in force on 20 April 2025 (2025-04-20).",
        "Period in force: from 15 April 2025 (2025-04-15) until 30 June 2025 (2025-06-30), both days included. The next version is 2025-06-01, in force from 1 July 2025 (2025-07-01).",
        "Entry 0003 changed the day on which it comes into force; the document itself still states 1 April 2025 (2025-04-01). Days are those of the time zone Europe/Brussels.",
        "Origin: released.",
        "Entry 0005 of the ledger, recorded at 2025-06-01T16:00:00+02:00",
        f"which belongs to {WHO} according to shared/allowed_signers.",
        "Reason stated: “Not ready”.",
        "taken from the archive of Acme NV",
        "No time-stamp covers this version.",
    ):
        assert expected in said
    pages = [page.extract_text() for page in PdfReader(letters["en"]).pages]
    assert "Signature" in pages[-1]
    assert "What was asked" in pages[0]


def test_no_command_is_broken_by_the_page(letters: dict[str, Path]) -> None:
    found = {name: commands(each) for name, each in letters.items()}
    assert len({tuple(found[locale][1:6]) for locale in EVERY}) == 1
    for each in found.values():
        for command in each:
            assert "“" not in command
            assert "\u00ad" not in command
            assert subprocess.run(["sh", "-n", "-c", command], check=False).returncode == 0


def test_commands_of_the_longest_names_can_be_copied(tmp_path: Path, programs: Path) -> None:
    root, brand = small(tmp_path / "workspace"), "-".join(["brand"] * 10 + ["ends"])
    files = {"en/policy.md": b"x", "en/a scan of ten pages, as it was named, 01 to 10.pdf": b"y"}
    sums = sums_bytes(files)
    made = entry("release", date(2024, 1, 1), brand=brand, sums=sha256(sums))
    (record,) = chained([made])
    write(root / "versions" / brand, {f"2024-01-01/{name}": data for name, data in files.items()})
    write(
        root / "versions" / brand,
        {"2024-01-01/SHA256SUMS": sums, f"ledger/{record.name}": record.data},
    )
    folder = unpacked(bundle(root, Request(brand, TODAY, write=False)).data, tmp_path)
    for command in commands(folder / LETTER)[1:-1]:
        assert not fails(command, folder, programs)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (
            {"version": "2025-06-01", "locale": "en"},
            "Period in force: from 1 July 2025 (2025-07-01) until 31 July 2025 (2025-07-31), both days included. The next version is 2025-06-01.2, in force from 1 August 2025 (2025-08-01). When the newest entry of the ledger was recorded, that period had not yet begun.",
        ),
        (
            {"version": "2025-06-01.2", "locale": "en"},
            "Period in force: from 1 August 2025 (2025-08-01); no end is recorded in the ledger up to entry 0005. When the newest",
        ),
        (
            {"version": "2025-01-10", "locale": "en"},
            "Approved by Counsel",
        ),
    ],
)  # fmt: skip
def test_other_versions(full: Repo, tmp_path: Path, asked: dict[str, str], expected: str) -> None:
    made = bundled(full, **asked)
    assert made.name == f"alpha-{asked['version']}-en-evidence"
    assert expected in text(letter(made, tmp_path))


def test_a_retired_brand(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    released(repo, "2025-01-10", "beta")
    retire(repo.workspace, "beta", date(2025, 5, 1), "Sold.", AppendOptions(noon("2025-04-20")))
    with pytest.raises(NotInForce, match="it was retired on 2025-05-01"):
        bundled(repo, "beta")
    said = text(letter(bundled(repo, "beta", on=date(2025, 4, 30)), tmp_path / "out"))
    assert "from 10 January 2025, 13:00:00 (2025-01-10T13:00:00+01:00) until the end of 30 April 2025 (2025-04-30). Entry 0002 sets the end: it retired the policy of Beta from 1 May 2025 (2025-05-01). Reason stated: “Sold.”." in said  # fmt: skip
    assert "The entry is not signed." in said
    assert "There is no signature to check." in said


def test_two_locales_are_two_questions(full: Repo) -> None:
    with pytest.raises(AskedWrongly, match="name one with --locale"):
        bundled(full, version="2025-03-01")
    made = bundled(full, version="2025-03-01", locale="nl")
    assert made.name == "alpha-2025-03-01-nl-evidence"


# --- what was not released, and what is gone -----------------------------------------------------


def test_a_redacted_file_is_left_out_and_named(
    past: Repo, letters: dict[str, Path], programs: Path
) -> None:
    folder = letters["redacted"].parent
    assert not (folder / "versions/alpha/2025-02-01/en/policy.html").exists()
    said = text(letters["redacted"])
    sums = (folder / "versions/alpha/2025-02-01/SHA256SUMS").read_text()
    digest = next(line[:64] for line in sums.splitlines() if line.endswith("html"))
    assert (
        "The file en/policy.html is not in this bundle: entry 0006 of the ledger, recorded on 5 February 2025 (2025-02-05), removed it from the archive. "
        f"Its SHA-256 was {digest}. Reason stated: “{REASON}”. By authority of: “Art. 17 GDPR”."
    ) in said  # fmt: skip
    _, files, sums, chain, *_ = commands(letters["redacted"])
    done = shell(files, folder, programs)
    assert (done.returncode, done.stdout.count(": OK")) == (0, 3), done
    assert not fails(sums, folder, programs)
    assert not fails(chain, folder, programs)


def test_time_stamps_are_checked_with_openssl_alone(
    letters: dict[str, Path], tmp_path: Path
) -> None:
    folder = letters["redacted"].parent
    said = text(letters["redacted"])
    assert "Time-stamps that cover the entry: 2. The first:" in said
    assert (
        "+00:00, by CN=Stamps: entry 0005 proves entry 0004, and with it all entries before."
        in said
    )
    assert "compare them with those that the authorities publish" in said
    stamps = commands(letters["redacted"])[4:-1]
    assert len(stamps) == 2
    found = few(tmp_path / "bin", (*OUTSIDERS, "openssl"))
    for each in stamps:
        assert not fails(each, folder, found)
        swapped = each.replace("0004-reconstruct-2019-01-01-reconstructed", "0003-import-unknown-imported").replace("0006-redact-2025-02-01", "0001-release-2025-02-01")  # fmt: skip
        assert swapped != each
        assert fails(swapped, folder, found)
        before = re.sub(r"attime \d+", "attime 1000000000", each)
        assert fails(before, folder, found)  # the authority was none then


def test_a_version_of_which_nothing_is_left(past: Repo, tmp_path: Path) -> None:
    root = Repo.of(shutil.copytree(past.root, tmp_path / "copy"))
    folder = root.workspace / "versions/alpha/2025-02-01/en"
    for each in sorted(folder.iterdir()):
        gone = {
            "version": "2025-02-01",
            "file": f"en/{each.name}",
            "digest": sha256(each.read_bytes()),
        }
        appended(
            root, Redact, "2025-02-07", kind="redact", reason="All", authority="A court", **gone
        )
        each.unlink()
    made = bundled(root, version="2025-02-01")
    said = text(letter(made, tmp_path / "out"))
    assert "All files of this version were removed from the archive; there is nothing to" in said
    assert "“Privacy policy” of Alpha (alpha.example)" in said  # as the working tree says
    assert len(made.missing) == 4
    (root.workspace / "brands/alpha/brand.yaml").unlink()
    assert "“Privacy policy” of alpha (alpha)" in text(
        letter(bundled(root, version="2025-02-01", now=noon("2025-06-16")), tmp_path / "bare")
    )


def test_what_was_not_released_says_so(letters: dict[str, Path]) -> None:
    said = text(letters["imported"])
    for expected in (
        "For 1 May 2020 (2020-05-01), the archive has no released version. Version 2020-01-01-imported, an imported document, came into force on that day or before, as its source asserts;",
        "Period, as far as it is asserted: from 1 January 2020 (2020-01-01) until 1 February 2025, 13:00:00 (2025-02-01T13:00:00+01:00).",
        "The next version is 2025-02-01, in force from 1 February 2025, 13:00:00 (2025-02-01T13:00:00+01:00).",
        "“A scan, [U+53E4][U+3044], from “Counsel””.",
        "Further versions in the archive claim the same day, with no greater certainty: 2019-01-01-reconstructed.",
        "Its source asserts everything else.",
        "A program extracted the text in en/extracted.md from the document",
        "document “Privacy policy” of Alpha (alpha.example)",
        "taken from the archive of Acme NV",
    ):
        assert expected in said
    assert (
        len(commands(letters["imported"])[-1].split("git ")) == 2
    )  # there is no commit to ask for
    assert "must print nothing but files that an entry of the ledger redacts" in said
    said = text(letters["reconstructed"])
    assert "has neither a released version nor an imported document" in said
    assert "they are not proof of what was published" in said
    assert "nobody has asserted one" in text(letters["unknown"])


def test_every_text_of_a_day_is_named_with_its_hours(letters: dict[str, Path]) -> None:
    said = text(letters["hours"])
    for expected in (
        "According to the ledger, version 2025-02-01 was the last one in force on 1 February 2025 (2025-02-01). For 1 February 2025 (2025-02-01), the ledger has these texts, in chronological order:",
        "Version 2019-01-01-reconstructed, reconstructed from the repository: until 13:00:00+01:00.",
        "Version 2020-01-01-imported, an imported document, as its source asserts: until 13:00:00+01:00.",
        "Version 2025-02-01, from 13:00:00+01:00.",
        "Period in force: from 1 February 2025, 13:00:00 (2025-02-01T13:00:00+01:00); no end is recorded",
    ):
        assert expected in said


def test_a_key_that_nobody_vouches_for(full: Repo, tmp_path: Path, programs: Path) -> None:
    root = shutil.copytree(full.workspace, tmp_path / "copy")
    (root / "shared/allowed_signers").unlink()
    made = bundle(root, Request("alpha", TODAY, version="2025-06-01.2", locale="en", write=False))
    folder = unpacked(made.data, tmp_path)
    assert "No file in this bundle states whose key it was when" in text(folder / LETTER)
    (check,) = commands(folder / LETTER)[4:-1]
    assert shell(check, folder, programs).stdout.startswith('Good "policy-release" signature with')


def test_a_key_that_has_ended_since(full: Repo, tmp_path: Path, programs: Path) -> None:
    root = shutil.copytree(full.workspace, tmp_path / "copy")
    allowed = root / "shared/allowed_signers"
    allowed.write_text(
        allowed.read_text().replace("namespaces", 'valid-before="20250701",namespaces')
    )
    made = bundle(root, Request("alpha", TODAY, version="2025-06-01.2", locale="en", write=False))
    folder = unpacked(made.data, tmp_path)
    (check,) = commands(folder / LETTER)[4:-1]
    assert not fails(check, folder, programs)
    assert fails(check.replace("20250601", "20250801"), folder, programs)


# --- damage, and questions asked wrongly ---------------------------------------------------------


DAMAGE = {
    "versions/alpha/2025-03-01/pl/policy.md": "altered",
    "versions/alpha/2025-03-01/SHA256SUMS": "altered",
    "versions/alpha/2025-01-10/SHA256SUMS": "altered",
    "versions/alpha/ledger/0001-release-2025-01-10.json": "does not hold the SHA-256 of the entry before it",
    "versions/alpha/ledger/0003-reschedule-2025-03-01.json.sig": "altered|signature of it",
}


@pytest.mark.parametrize("path", DAMAGE)
@pytest.mark.parametrize("gone", [False, True])
def test_nothing_damaged_is_handed_out(full: Repo, tmp_path: Path, path: str, gone: bool) -> None:
    root = shutil.copytree(full.workspace, tmp_path / "copy")
    file = root / path
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.unlink() if gone else file.write_bytes(data)
    asked = {"version": "2025-03-01", "locale": "en", "output": tmp_path / "out.zip"}
    with pytest.raises(ArchiveDamaged, match="missing" if gone else DAMAGE[path]) as fault:
        bundle(root, Request("alpha", TODAY, **asked))  # type: ignore[arg-type]
    assert fault.value.exit_code == 3
    assert not (tmp_path / "out.zip").exists()


def test_a_signature_by_another_is_found(full: Repo, tmp_path: Path) -> None:
    root = shutil.copytree(full.workspace, tmp_path / "copy")
    ledger = root / "versions/alpha/ledger"
    one, other = sorted(ledger.glob("*.sig"))[:2]
    shutil.copy(one, other)
    with pytest.raises(ArchiveDamaged, match="is not a signature of it"):
        bundle(root, Request("alpha", TODAY, version="2025-03-01", locale="en", write=False))


def test_from_the_command_line(full: Repo, tmp_path: Path, run: Run) -> None:
    asked = (
        "get",
        "alpha",
        "--version",
        "2025-03-01",
        "--locale",
        "en",
        "--bundle",
        "--workspace",
        str(full.workspace),
    )
    before = state(full)
    done = run(*asked, cwd=tmp_path)
    file = tmp_path / "alpha-2025-03-01-en-evidence.zip"
    assert done.returncode == 0, done.stderr
    for each in (
        "in force from 2025-04-15 until 2025-06-30",
        sha256(file.read_bytes()),
        "evidence-letter.pdf",
        "sha256sum --quiet -c SHA256SUMS",
    ):
        assert each in done.stdout
    check = next(line.split("  ")[-1] for line in done.stdout.splitlines() if "  check" in line)
    subprocess.run(["sh", "-c", check], cwd=tmp_path, check=True, capture_output=True)
    done = run(*asked, "--json", cwd=tmp_path)  # the same file is there already
    assert json.loads(done.stdout)["sha256"] == sha256(file.read_bytes())
    done = run(*asked, "--format", "pdf", cwd=tmp_path)
    assert (done.returncode, "leave out --format" in done.stderr) == (2, True)
    assert state(full) == before


# --- for decades, for everybody ------------------------------------------------------------------


@pytest.mark.thorough
def test_verapdf_finds_every_letter_valid(letters: dict[str, Path]) -> None:
    if shutil.which("javac") is None and not os.environ.get("CI"):
        pytest.skip("no JDK: `make test` installs it where it may")
    done = subprocess.run(
        [VERAPDF, "3a,ua1", *letters.values()],
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASS") == 2 * len(letters)


@pytest.mark.thorough
@pytest.mark.parametrize("locale", EVERY)
def test_a_letter_is_in_the_language_of_the_policy(letters: dict[str, Path], locale: str) -> None:
    assert PdfReader(letters[locale]).trailer["/Root"]["/Lang"] == locale
    said = text(letters[locale])
    for key in ("asked", "answer", "documents", "record", "check", "proves", "declaration"):
        assert texts("letters", locale)[key] in said
