"""Who said it, and when: every archived text is found, and nothing that a redaction took out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.archives import DATA, archive, noon, released, say
from support.workspaces import Repo

from publisher.archive.release.append import AppendOptions
from publisher.archive.release.import_version import import_version
from publisher.archive.release.lifecycle import redact, retire
from publisher.files.cache import Cache
from publisher.search.index import folded
from publisher.search.search import SearchRequest, SearchResult, search

FIRST = "We ask a third-party café for «help». It answers *soon*."
SECOND = "We ask nobody for help.\n\n- Third party\n- Café"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A brand with two versions: of 10 and of 20 January 2025."""
    repo = archive(tmp_path / "repo")
    say(repo, FIRST, date="2025-01-02T12:00:00+0000")
    released(repo, "2025-01-10")
    say(repo, SECOND, date="2025-01-11T12:00:00+0000")
    released(repo, "2025-01-20")
    return repo


def ask(repo: Repo, text: str, cache: Path | None = None, **how: object) -> SearchResult:
    request = SearchRequest(text, noon("2025-06-15"), **how)  # type: ignore[arg-type]
    return search(repo.workspace, request, Cache(cache), lambda *_: None)


def said(result: SearchResult) -> list[tuple[str, tuple[str, ...]]]:
    return [(hit.version.version, hit.sentences) for hit in result.hits]


ONE = [("2025-01-10", ("We ask a third-party café for «help».",))]


@pytest.mark.parametrize(
    "text", ["third party café", "THIRD-PARTY CAFE", "“third” party, cafe\u0301", "cafe for help"]
)
def test_case_accents_hyphens_and_quotation_marks_do_not_matter(repo: Repo, text: str) -> None:
    assert said(ask(repo, text)) == ONE


def test_a_hit_says_where_and_from_when_to_when(repo: Repo) -> None:
    (hit,) = ask(repo, "it answers soon").hits
    assert (hit.version.brand, hit.locale, hit.clause) == ("alpha", "en", Path(DATA).stem)
    assert hit.sentences == ("It answers soon.",)
    assert (hit.period.since, hit.period.until) == (date(2025, 1, 10), date(2025, 1, 20))
    assert hit.period.state == "superseded"


@pytest.mark.parametrize(
    "text",
    ["third OR nobody", "third*", "folded:third", "NEAR(third party)", "third NOT party", "^third"],
)
def test_no_sign_or_word_is_an_operator(repo: Repo, text: str) -> None:
    shown = {sentence for _, sentences in said(ask(repo, text)) for sentence in sentences}
    assert all(f" {folded(text)} " in f" {folded(sentence)} " for sentence in shown)


@given(text=st.text())
def test_what_is_searched_for_is_words_only(text: str) -> None:
    words = folded(text)
    assert words == folded(words)
    assert not set(words) & set("\"'*^:()-+{}\n\t")
    assert "  " not in words


def test_a_phrase_stands_in_one_passage_and_words_need_not(repo: Repo) -> None:
    result = ask(repo, "party cafe")
    assert (result.match, len(result.hits)) == ("phrase", 1)
    result = ask(repo, "cafe help")
    assert result.match == "words"
    assert [hit.version.version for hit in result.hits] == ["2025-01-20", "2025-01-10"]
    assert result.hits[0].sentences == ("We ask nobody for help.", "Café")


@pytest.mark.parametrize(
    ("on", "versions"),
    [("2025-01-09", []), ("2025-01-10", ["2025-01-10"]), ("2025-01-19", ["2025-01-10"]),
     ("2025-01-20", ["2025-01-20", "2025-01-10"]), ("2025-01-21", ["2025-01-20"]),
     ("2025-03-01", [])],
)  # fmt: skip
def test_a_day_leaves_what_was_in_force_on_it(repo: Repo, on: str, versions: list[str]) -> None:
    retire(repo.workspace, "alpha", date(2025, 3, 1), "Sold", AppendOptions(noon("2025-02-02")))
    hits = ask(repo, "we ask", on=date.fromisoformat(on)).hits
    assert [hit.version.version for hit in hits] == versions


@pytest.fixture(params=[True, False], ids=["kept", "without a cache"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | None]:
    return tmp_path / "cache" if request.param else None


def test_words_that_were_redacted_are_gone_from_answers_and_from_the_index(
    repo: Repo, cache: Path | None
) -> None:
    assert said(ask(repo, "it answers", cache)) == [("2025-01-10", ("It answers soon.",))]
    for name in ("policy.json", "policy.md"):
        redact(repo.workspace, "alpha", "2025-01-10", f"en/{name}", "Names a café", "A court",
               AppendOptions(noon("2025-02-02")))  # fmt: skip
    result = ask(repo, "it answers", cache)
    assert result.hits == ()
    ((version, reason),) = [(text.version, text.reason) for text in result.unread]
    assert (version, reason) == (
        "2025-01-10", "its text was redacted by 0003-redact-2025-01-10.json")  # fmt: skip
    assert [version for version, _ in said(ask(repo, "ask nobody", cache))] == ["2025-01-20"]
    if cache is not None:
        (file,) = (path for path in cache.rglob("*") if path.is_file())
        assert b"answers" not in file.read_bytes()
        assert b"nobody" in file.read_bytes()


def test_a_new_version_is_found_at_once_and_only_its_brand_is_read_again(
    repo: Repo, tmp_path: Path
) -> None:
    assert said(ask(repo, "brand new", tmp_path / "cache")) == []
    say(repo, "This is brand new.", date="2025-02-01T12:00:00+0000")
    released(repo, "2025-02-02")
    assert said(ask(repo, "brand new", tmp_path / "cache")) == [
        ("2025-02-02", ("This is brand new.",))
    ]


@pytest.mark.parametrize("damage", [b"", b"SQLite format 3\0", b"x" * 9000, "HELP", "thirx"])
def test_a_damaged_index_is_made_again(repo: Repo, tmp_path: Path, damage: bytes | str) -> None:
    cache = tmp_path / "cache"
    ask(repo, "third", cache)
    (file,) = (path for path in cache.rglob("*") if path.is_file())
    if isinstance(damage, str):
        word = {"HELP": b"help", "thirx": b"third"}[damage]
        damage = file.read_bytes().replace(word, damage.encode())
        assert damage != file.read_bytes()
    file.write_bytes(damage)
    assert said(ask(repo, "third-party café", cache)) == ONE
    assert said(ask(repo, "third-party café", cache)) == ONE


def test_an_import_of_an_unknown_day_is_named_for_a_day(repo: Repo, tmp_path: Path) -> None:
    old = tmp_path / "old.txt"
    old.write_text("Privacy Policy\n\nWe kept carrier pigeons.\n")
    options = AppendOptions(noon("2025-02-02"))
    import_version(repo.workspace, "alpha", [old], None, "A letter", options)
    assert [hit.period.state for hit in ask(repo, "carrier pigeons").hits] == ["asserted"]
    result = ask(repo, "carrier pigeons", on=date(2020, 1, 1))
    assert result.hits == ()
    assert len(result.undated) == 1


def test_the_title_of_a_policy_is_found_too(repo: Repo) -> None:
    hits = ask(repo, "privacy policy").hits
    assert None in {hit.clause for hit in hits}


def test_brands_that_a_sparse_checkout_leaves_out_are_named(repo: Repo) -> None:
    released(repo, "2025-02-02", "beta")
    assert ask(repo, "it answers").left_out == ()
    repo.git("sparse-checkout", "set", "shared", "brands", "versions/alpha")
    result = ask(repo, "it answers")
    assert ([version for version, _ in said(result)], result.left_out) == (
        ["2025-01-10"],
        ("beta",),
    )
    assert ask(repo, "it answers", brands=("alpha",)).left_out == ()
    repo.git("sparse-checkout", "add", "versions/beta")
    assert ask(repo, "it answers").left_out == ()
