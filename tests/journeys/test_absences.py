"""What a repository no longer had: answers day by day, against composing at each commit."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import Run
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.archives import noon
from support.histories import LOCALES, START, Answer, Made, World, history, span, told
from support.letters import LETTER, text, unpacked
from support.workspaces import Repo

from publisher.archive.entries import Reconstruct
from publisher.archive.evidence.bundle import bundle
from publisher.archive.folder import read_ledger
from publisher.archive.get import Request, get
from publisher.archive.in_force import InForce
from publisher.archive.release import reconstruct as tasks
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.reconstruct import Reconstruction, reconstruct
from publisher.archive.verify.verify import verify
from publisher.errors import NotInForce, Refused
from publisher.policy.dating import Dating
from publisher.policy.json import json
from publisher.policy.tree import Policy
from publisher.repository.source import ArchiveFolder

NOW = noon("2025-06-15")


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    """Make no PDFs: what is asked here is which text answers, not how it looks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "frozen_documents", _only_json)
        yield


def _only_json(
    moment: object,
    workspace: object,
    policies: Mapping[str, Policy],
    datings: Mapping[str, Dating],
    **how: object,
) -> dict[str, bytes]:
    return {f"{locale}/policy.json": json(each, datings[locale])
            for locale, each in policies.items()}  # fmt: skip


def frozen(repo: Repo, **asked: date | None) -> Reconstruction:
    return reconstruct(repo.workspace, "alpha", AppendOptions(NOW), freeze=True, **asked)  # type: ignore[arg-type]


def answer(repo: Repo, day: date) -> Answer:
    """Return the words digest that answers for a day, by locale."""
    known = InForce(read_ledger(ArchiveFolder(repo.workspace), "alpha"), NOW)
    found: Answer = {}
    for locale in LOCALES:
        try:
            version = known.on(known.asked(day), locale)[0]
        except NotInForce:
            found[locale] = None
        else:
            assert isinstance(version, Reconstruct)
            found[locale] = version.locales[locale].words
    return found


def at(days: float, world: World, message: str = "change") -> Made:
    return Made(world, START + timedelta(days=days), message)


ONE = World()
TWO = replace(ONE, words={"en": "Two.", "nl": "Twee."})
ENGLISH = replace(ONE, locales=("en",))
AWAY = replace(ONE, there=False)
DRAFT = replace(ONE, draft=frozenset(LOCALES))

CRAFTED = {
    "a locale goes": [at(0, ONE), at(5, ENGLISH)],
    "a locale goes and another changes": [
        at(0, ONE), at(5, replace(ENGLISH, words=TWO.words)), at(9, TWO)],
    "the same words come back": [at(0, ONE), at(5, ENGLISH), at(9, ONE)],
    "the brand goes": [at(0, ONE), at(5, AWAY), at(6, replace(AWAY, words=TWO.words))],
    "the brand goes and comes back": [at(0, ONE), at(5, AWAY), at(9, ONE)],
    "gone and back on one day": [at(0, ONE), at(5, ENGLISH), at(5.1, ONE), at(9, TWO)],
    "gone, back, gone on one day": [at(0, ONE), at(5, ENGLISH), at(5.1, ONE), at(5.2, ENGLISH)],
    "changed and gone on one day": [at(0, ONE), at(5, TWO), at(5.1, AWAY)],
    "by an editorial commit": [
        at(0, ONE), at(5, ENGLISH, "x\n\nPolicy-Change: editorial\n"),
        at(9, ONE, "x\n\nPolicy-Change: editorial\n")],
    "behind a gap": [
        at(0, ONE), at(4, replace(ONE, broken=frozenset({"brand"}))), at(6, ENGLISH)],
    "a gap is no end": [
        at(0, ONE), at(4, replace(ONE, broken=frozenset({"shared"}))), at(6, ONE)],
    "a gap of one day": [
        at(0, ONE), at(4, replace(ONE, broken=frozenset({"shared"}))), at(4.1, ONE)],
    "a gap from the beginning": [
        at(0, replace(ONE, broken=frozenset({"brand"}))), at(4, ONE)],
    "a gap in which it goes": [
        at(0, ONE), at(4, replace(ONE, broken=frozenset({"en"}))), at(6, AWAY), at(9, ONE)],
    "in a gap": [
        at(0, ONE), at(4, replace(ENGLISH, broken=frozenset({"shared"}))), at(6, ENGLISH)],
    "a gap at the end": [
        at(0, ONE), at(4, ENGLISH), at(6, replace(ENGLISH, broken=frozenset({"en"})))],
    "one locale is broken": [
        at(0, ONE), at(4, replace(TWO, broken=frozenset({"nl"}))), at(6, TWO)],
    "a draft is no end": [at(0, ONE), at(4, DRAFT), at(8, TWO)],
    "a draft goes": [at(0, ONE), at(4, DRAFT), at(6, AWAY), at(8, DRAFT), at(10, TWO)],
    "a draft is confirmed as it was": [at(0, replace(DRAFT, words=TWO.words)),
        at(4, replace(TWO, words={"en": "Two. maybe", "nl": "Twee. maybe"}))],
    "dates run backwards": [at(0, ONE), at(9, ENGLISH), at(5, replace(ENGLISH, words=TWO.words)),
        at(7, TWO), at(12, ENGLISH)],
    "another brand": [at(0, AWAY), at(3, ONE), at(6, AWAY), at(9, TWO)],
}  # fmt: skip


DAILY = ("a gap at the end", "dates run backwards", "a draft goes", "one locale is broken")
"""Those that are tried each day, beside the histories that the property below makes."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name in DAILY else pytest.mark.thorough) for name in CRAFTED],
)
def test_each_day_is_answered_as_the_repository_says(name: str, tmp_path: Path) -> None:
    commits = CRAFTED[name]
    repo = history(tmp_path / "repo", commits)
    frozen(repo)
    for day, expected in told(repo.root, span(commits)).items():
        assert answer(repo, day) == expected, day
    assert verify(repo.workspace, rebuild=True).findings == ()
    with pytest.raises(Refused, match="nothing can be reconstructed for alpha"):
        frozen(repo)


WORLDS = st.builds(
    World,
    words=st.fixed_dictionaries(dict.fromkeys(LOCALES, st.sampled_from(["One.", "Two."]))),
    locales=st.sampled_from([LOCALES, LOCALES, ("en",), ("nl",)]),
    there=st.sampled_from([True, True, True, False]),
    broken=st.sampled_from(
        [
            frozenset(),
            frozenset(),
            frozenset(),
            frozenset({"shared"}),
            frozenset({"brand"}),
            frozenset({"nl"}),
        ]
    ),
    draft=st.sampled_from([frozenset(), frozenset(), frozenset({"nl"}), frozenset(LOCALES)]),
)
STEPS = st.lists(
    st.tuples(WORLDS, st.sampled_from([0.1, 0.1, 1, 2, 3, -1])), min_size=1, max_size=7
)


@settings(max_examples=5, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(STEPS, st.sampled_from([ONE, TWO, ENGLISH, AWAY]), st.integers(-2, 12), st.integers(0, 12))
def test_any_history_in_any_parts(
    steps: list[tuple[World, float]], last: World, since: int, length: int
) -> None:
    passed = itertools.accumulate(days for _, days in steps)
    commits = [at(0, ONE)] + [
        at(days, world) for days, (world, _) in zip(passed, steps, strict=True)
    ]
    commits.append(replace(commits[-1], world=last))
    with tempfile.TemporaryDirectory() as folder:
        repo = history(Path(folder) / "repo", commits)
        first = START.date() + timedelta(days=since)
        with suppress(Refused):
            frozen(repo, since=first, until=first + timedelta(days=length))
        before = entries(repo)
        try:
            frozen(repo)
        except Refused:
            assert before
        assert dict(before.items() & entries(repo).items()) == before, "nothing is changed"
        for day, expected in told(repo.root, span(commits)).items():
            assert answer(repo, day) == expected, day
        assert verify(repo.workspace).findings == ()


def test_versions_from_before_ends_were_recorded_are_healed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    commits = [at(0, ONE), at(5, ENGLISH), at(9, TWO), at(12, AWAY), at(20, ONE)]
    repo = history(tmp_path / "repo", commits)
    monkeypatch.setattr(tasks._Maker, "ends", lambda *_: ())
    frozen(repo)
    monkeypatch.undo()
    before = entries(repo)
    asked = ("alpha", "--on", "2024-01-08", "--locale", "nl")
    assert run("get", *asked, cwd=repo.workspace).returncode == 0, "as it was answered then"
    listed = run("reconstruct", "alpha", cwd=repo.workspace)
    assert "alpha, 0 versions and 2 ends to be reconstructed" in listed.stdout
    assert "no longer in the repository  nl\n" in listed.stdout
    assert "no longer in the repository  en, nl\n" in listed.stdout
    assert entries(repo) == before
    done = frozen(repo)
    assert [(end.day, end.locales) for end in done.ends] == [
        (date(2024, 1, 7), ("nl",)), (date(2024, 1, 14), ("en", "nl"))]  # fmt: skip
    assert before.items() < entries(repo).items()
    assert repo.git("log", "-1", "--format=%s") == (
        "Record where alpha ended, 2024-01-07 to 2024-01-14"
    )
    for day, expected in told(repo.root, span(commits)).items():
        assert answer(repo, day) == expected, day
    with pytest.raises(Refused, match="it is in the archive already"):
        frozen(repo)
    commit = done.ends[0].commit[:10]
    told_now = run("get", *asked, cwd=repo.workspace)
    assert told_now.returncode == 2
    assert f"not in nl from 2024-01-07 on (commit {commit})" in told_now.stderr
    assert "until 2024-01-11-reconstructed" in told_now.stderr
    assert "The last text before that is 2024-01-02-reconstructed" in told_now.stderr
    english = run("get", *asked[:3], "--output", "/dev/null", cwd=repo.workspace)
    assert "alpha 2024-01-02-reconstructed, en" in english.stdout
    gone = run("get", *asked[:2], "2024-01-15", cwd=repo.workspace)
    assert "not in en, nl from 2024-01-14 on" in gone.stderr
    shown = run("versions", "alpha", cwd=repo.workspace).stdout
    assert f"not in nl from 2024-01-07 on (commit {commit})" in shown
    assert verify(repo.workspace, rebuild=True).findings == ()


def test_a_new_name_or_folder_is_no_end(tmp_path: Path) -> None:
    repo = history(tmp_path / "repo", [at(0, ONE), at(3, TWO)])
    repo.git("mv", "brands/alpha", "brands/nova")
    named = repo.workspace / "brands/nova/brand.yaml"
    named.write_text(named.read_text() + "was: [alpha]\n")
    renamed = repo.commit(date="2024-01-10T12:00:00Z")
    repo.git("mv", "brands", "shared", ".gitattributes", repo_folder(repo, "legal"))
    repo.workspace = repo.root / "legal"
    repo.commit(date="2024-01-12T12:00:00Z")
    only = (repo.workspace / "brands/nova/brand.yaml").read_text().replace("[en, nl]", "[en]")
    dropped = repo.commit({"brands/nova/brand.yaml": only}, date="2024-01-15T12:00:00Z")
    done = reconstruct(repo.workspace, "nova", AppendOptions(NOW), freeze=True)
    assert [each.version for each in done.proposals if each.version] == [
        "2024-01-02-reconstructed", "2024-01-05-reconstructed"]  # fmt: skip
    assert [(end.commit, end.locales) for end in done.ends] == [(dropped, ("nl",))]
    assert renamed not in [each.revision.commit for each in done.proposals]
    for name in ("nova", "alpha"):
        got_then = get(repo.workspace, name, NOW, on=date(2024, 1, 14), locale="nl", write=False)
        assert got_then.version.version == "2024-01-05-reconstructed"
        with pytest.raises(NotInForce, match="not in nl from 2024-01-15 on"):
            get(repo.workspace, name, NOW, on=date(2024, 1, 15), locale="nl", write=False)
    assert verify(repo.workspace, rebuild=True).findings == ()


def test_a_locale_that_went_before_its_brand_had_another_name(tmp_path: Path) -> None:
    repo = history(tmp_path / "repo", [at(0, ONE), at(3, ENGLISH)])
    repo.git("mv", "brands/alpha", "brands/nova")
    named = repo.workspace / "brands/nova/brand.yaml"
    named.write_text(named.read_text() + "was: [alpha]\n")
    repo.commit(date="2024-01-10T12:00:00Z")
    done = reconstruct(repo.workspace, "nova", AppendOptions(NOW), freeze=True)
    assert [(end.day, end.locales) for end in done.ends] == [(date(2024, 1, 5), ("nl",))]
    assert [each.locales for each in done.proposals] == [("en", "nl")]


def repo_folder(repo: Repo, name: str) -> str:
    (repo.root / name).mkdir()
    return name


def test_an_end_is_recorded_whatever_days_were_asked_for(tmp_path: Path) -> None:
    repo = history(tmp_path / "repo", [at(0, ONE), at(5, ENGLISH), at(9, TWO)])
    done = frozen(repo, until=date(2024, 1, 3))
    assert [end.day for end in done.ends] == [date(2024, 1, 7)]
    assert done.outside == 1
    assert answer(repo, date(2024, 1, 8))["nl"] is None
    later = frozen(repo, since=date(2024, 1, 11))
    assert (later.ends, later.outside) == ((), 1)


def test_a_version_of_the_day_of_a_recorded_end_ends_too(tmp_path: Path) -> None:
    commits = [at(0, ONE), at(5, TWO), at(5.1, ENGLISH), at(9, ENGLISH)]
    repo = history(tmp_path / "repo", commits)
    frozen(repo, until=date(2024, 1, 3))
    frozen(repo)
    for day, expected in told(repo.root, span(commits)).items():
        assert answer(repo, day)["nl"] == expected["nl"], day
    assert verify(repo.workspace).findings == ()


def test_a_letter_says_until_when_the_repository_said_so(tmp_path: Path) -> None:
    repo = history(tmp_path / "repo", [at(0, ONE), at(5, AWAY), at(9, ONE)])
    done = frozen(repo)
    made = bundle(
        repo.workspace, Request("alpha", NOW, on=date(2024, 1, 4), locale="en", write=False)
    )
    said = text(unpacked(made.data, tmp_path) / LETTER)
    assert "The repository" not in said.partition("from 2 January 2024 (2024-01-02) until")[0]
    assert "until 6 January 2024 (2024-01-06), both days included" in said
    assert (
        "Entry 0002 sets the end: from 7 January 2024 (2024-01-07) on, the repository did not "
        f"have the policy in the language version en, as commit {done.ends[0].commit} shows."
    ) in said
    assert (
        "The repository had it again from 11 January 2024 (2024-01-11) on, as version "
        "2024-01-11-reconstructed."
    ) in said
    assert "Entry 0002, recorded at 2025-06-15T14:00:00+02:00: the language version en not" in said
    with pytest.raises(NotInForce, match="not in en from 2024-01-07 on"):
        bundle(repo.workspace, Request("alpha", NOW, on=date(2024, 1, 8), locale="en", write=False))


def entries(repo: Repo) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in repo.workspace.glob("versions/alpha/ledger/*")}
