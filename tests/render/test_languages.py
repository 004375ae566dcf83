"""The toolkit's texts, which every language has, and those of a workspace's own."""

from __future__ import annotations

import re
import string
from datetime import date
from pathlib import Path

import pytest
import yaml

import publisher
from publisher.compose.terms import term
from publisher.render.languages import known, languages, long_date, texts

DATA = Path(publisher.__file__).parent / "data"
TERRITORIES = sorted(path.stem for path in (DATA / "labels").glob("*-*.yaml"))
KINDS = ("labels", "letters", "site")


def places(text: str) -> list[list[str]]:
    """The places for values in each form of a text."""
    return [
        sorted({name for _, name, _, _ in string.Formatter().parse(form) if name})
        for form in text.split(" | ")
    ]


@pytest.mark.parametrize("locale", [*languages(), *TERRITORIES])
@pytest.mark.parametrize("kind", KINDS)
def test_every_language_has_every_text_with_the_same_places(kind: str, locale: str) -> None:
    own, english = texts(kind, locale), texts(kind, "en")
    assert [*own] == [*english]
    for key, text in own.items():
        assert places(text) == places(english[key]), f"{kind}/{locale}: {key}"
        assert text.strip(" ") == text
        if locale != "en" and text == english[key]:
            assert len(text) < 40, f"{kind}/{locale}: {key} is not translated"


def test_each_kind_has_the_same_languages() -> None:
    names = {kind: sorted(path.stem for path in (DATA / kind).glob("*.yaml")) for kind in KINDS}
    assert len({*map(tuple, names.values())}) == 1
    terms = yaml.safe_load((DATA / "terms.yaml").read_text())
    assert {*languages()} == {locale for locale in terms if "-" not in locale}
    assert all(terms[locale].keys() == terms["en"].keys() for locale in languages())


def test_a_territory_takes_the_texts_of_its_language_and_has_some_of_its_own() -> None:
    assert texts("labels", "es-MX") == texts("labels", "es")
    brazil, portugal = texts("letters", "pt-BR"), texts("letters", "pt")
    assert (portugal["file"], brazil["file"]) == ("Ficheiro", "Arquivo")
    assert brazil["document"] == portugal["document"]
    assert getattr(term("processor", "pt-BR"), "shown", "") == "operador"
    assert getattr(term("processor", "pt"), "shown", "") == "subcontratante"
    assert known("pt-BR")
    assert not known("pt-DE"), "Babel has no dates for it"


@pytest.mark.parametrize(
    ("locale", "first"),
    [
        ("es", "1 de noviembre de 2026"),
        ("fr-BE", "1er novembre 2026"),
        ("it", "1º novembre 2026"),
        ("pt", "1 de novembro de 2026"),
        ("pt-BR", "1º de novembro de 2026"),
        ("en", "1 November 2026"),
        ("en-US", "November 1, 2026"),
    ],
)
def test_dates_are_written_as_the_language_writes_them(locale: str, first: str) -> None:
    assert long_date(date(2026, 11, 1), locale) == first
    assert re.search(r"\b11\b", long_date(date(2026, 11, 11), locale))


@pytest.mark.parametrize("locale", ["es", "it", "it-CH", "pt", "pt-BR", "nl"])
def test_every_period_has_words(locale: str) -> None:
    for unit in ("day", "week", "month", "year"):
        for typed in (f"1 {unit}", f"30 {unit}s"):
            shown = getattr(term(typed, locale), "shown", typed)
            assert unit not in shown or locale == "nl"
            assert "duration" not in shown
