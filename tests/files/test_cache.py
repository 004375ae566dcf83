"""The cache: what is stored comes back, or nothing does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.files.cache import Cache, cache_folder, key


def stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_stored_comes_back(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c")
    assert cache.empty
    assert cache.get(key("a")) is None
    cache.put(key("a"), b"what")
    assert not cache.empty
    assert Cache(tmp_path / "c").get(key("a")) == b"what"
    assert cache.get(key("b")) is None


@given(st.lists(st.one_of(st.text(), st.binary())), st.lists(st.one_of(st.text(), st.binary())))
def test_other_parts_have_another_key(one: list[str | bytes], other: list[str | bytes]) -> None:
    plain = [
        [p.encode("utf-8", "surrogateescape") if isinstance(p, str) else p for p in parts]
        for parts in (one, other)
    ]
    assert (key(*one) == key(*other)) == (plain[0] == plain[1])


@given(st.data())
def test_every_damage_is_noticed(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    cache = Cache(folder)
    cache.put(key("a"), b"some bytes of a document")
    (entry,) = stored(folder)
    whole = entry.read_bytes()
    kind = data.draw(st.sampled_from(["flip", "cut", "longer", "empty"]))
    at = data.draw(st.integers(0, len(whole) - 1))
    match kind:
        case "flip":
            damaged = bytearray(whole)
            damaged[at] ^= 1 << data.draw(st.integers(0, 7))
        case "cut":
            damaged = bytearray(whole[:at])
        case "longer":
            damaged = bytearray(whole + b"x")
        case _:
            damaged = bytearray()
    entry.write_bytes(bytes(damaged))
    assert cache.get(key("a")) is None
    cache.put(key("a"), b"new")
    assert cache.get(key("a")) == b"new"


def test_an_entry_that_was_moved_is_no_entry(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put(key("a"), b"a")
    (entry,) = stored(tmp_path)
    other = tmp_path / key("b")[:2] / key("b")[2:]
    other.parent.mkdir(exist_ok=True)
    entry.rename(other)
    assert cache.get(key("b")) is None


def test_a_folder_that_takes_nothing_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file")
    cache.put(key("a"), b"a")
    assert cache.get(key("a")) is None
    cache.trim()


def test_a_folder_that_cannot_be_is_empty(tmp_path: Path) -> None:
    assert Cache(tmp_path / ("x" * 300)).empty


def test_what_was_used_least_recently_goes_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for number in range(8):
        cache.put(key(str(number)), bytes(100))
        path = tmp_path / key(str(number))[:2] / key(str(number))[2:]
        os.utime(path, (number, number))
    cache.get(key("0"))
    cache.trim(largest=5 * 132)
    left = [number for number in range(8) if cache.get(key(str(number))) is not None]
    assert left == [0, 7]


def test_the_variable_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PUBLISHER_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path


def test_a_relative_folder_for_caches_is_ignored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PUBLISHER_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    assert cache_folder() == tmp_path / ".cache/policy-publisher"


def test_a_user_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PUBLISHER_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    assert cache_folder() is None
    assert Cache(cache_folder()).empty
