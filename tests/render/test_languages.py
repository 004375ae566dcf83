"""The toolkit's texts, which every language has, and those of a workspace's own."""

from __future__ import annotations

import io
import re
import string
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from support.workspaces import SMALL, clause, policy, read, small

import publisher
from publisher.archive.evidence.letter_sentences import Words
from publisher.checks.unused import strange_files, unused_clauses
from publisher.compose.brands import compose_all, load_brands
from publisher.compose.terms import term
from publisher.policy.dating import Dating
from publisher.policy.words import words_digest
from publisher.redline import redline
from publisher.redline.values import Origin
from publisher.redline.views.page import html as redline_html
from publisher.redline.word import docx
from publisher.render.fonts import lacking
from publisher.render.languages import direction, known, languages, long_date, texts
from publisher.render.markdown import markdown
from publisher.render.own_texts import english_file, own_texts, texts_in
from publisher.render.page import html
from publisher.render.pdf import _watermark
from publisher.render.style import Style
from publisher.repository.source import FolderSource
from publisher.site.labels import Labels
from publisher.workspace.facts import Texts
from publisher.workspace.parsed import Parsed

ORIGINS = (Origin("a", "commit", "alpha", "a" * 40), Origin("draft", "draft", "alpha"))
NOW = datetime(2026, 1, 1, tzinfo=UTC)

DATA = Path(publisher.__file__).parent / "data"
TERRITORIES = sorted(path.stem for path in (DATA / "labels").glob("*-*.yaml"))
KINDS = ("exports", "labels", "letters", "site")


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


@pytest.mark.parametrize("locale", ["zz", "", "../x", "en_US"])
def test_a_language_that_nobody_knows_is_dated_in_english(locale: str) -> None:
    """An archive may have been written by another version of Babel, or by hand."""
    assert long_date(date(2026, 11, 1), locale) == "1 November 2026"
    assert direction(locale) == "ltr"


@pytest.mark.parametrize("locale", ["es", "it", "it-CH", "pt", "pt-BR", "nl"])
def test_every_period_has_words(locale: str) -> None:
    for unit in ("day", "week", "month", "year"):
        for typed in (f"1 {unit}", f"30 {unit}s"):
            shown = getattr(term(typed, locale), "shown", typed)
            assert unit not in shown or locale == "nl"
            assert "duration" not in shown


# --- a workspace's own ---------------------------------------------------------------------------

OWN = "shared/labels/ro.yaml"
ENGLISH = english_file().decode()


def own(**given: dict[str, str]) -> str:
    """A file of texts, each marked as Romanian but for those that are given."""
    kinds = yaml.safe_load(ENGLISH)
    marked = {
        kind: {key: re.sub(r"(^| \| )", r"\1RO ", text) for key, text in there.items()}
        | given.get(kind, {})
        for kind, there in kinds.items()
    }
    return yaml.safe_dump(marked, allow_unicode=True, sort_keys=False, width=9999)


def romanian(root: Path, text: str | None) -> Path:
    """Write a workspace with a policy in Romanian, which quotes the role of a processor."""
    brand = SMALL["brands/alpha/brand.yaml"].replace("[en]", "[ro]")
    see = SMALL["shared/rights.yaml"].replace("nl: Uw", "ro: Datele, nl: Uw")
    titles = SMALL["shared/policy.yaml"].replace("nl: Privacyverklaring", "ro: Politica")
    role = "{% for one in processors %}{{ one.role }}{% endfor %}"
    files = {
        f"shared/clauses/ro/{name}.md": clause(role, name) for name in ("who", "data", "rights")
    }
    registries = {
        f"shared/{name}.yaml": SMALL[f"shared/{name}.yaml"].replace("nl: ", "ro: a, nl: ")
        for name in ("processors", "retention")
    }
    changes = {"brands/alpha/brand.yaml": brand, "shared/rights.yaml": see}
    return small(root, {**files, **registries, **changes, "shared/policy.yaml": titles, OWN: text})


def faults(root: Path) -> list[str]:
    (composed,) = compose_all(load_brands(FolderSource(root), ["alpha"]))
    return [f"{p.path}:{p.line}: {p.message}; {p.fix}" for p in composed.problems]


def test_a_workspace_brings_the_labels_of_a_language(tmp_path: Path) -> None:
    made = policy(romanian(tmp_path, own(terms={"processor": "împuternicit"})), locale="ro")
    page = html(made, Dating("undated"), Style()).decode()
    assert "RO This is not a released version" in page
    assert 'lang="ro"' in page
    assert "RO Controller" in markdown(made, Dating("undated")).decode()
    compared = redline(None, made)
    assert "RO Summary" in redline_html(compared, ORIGINS, Style()).decode()
    with zipfile.ZipFile(io.BytesIO(docx(compared, ORIGINS, "A", NOW))) as parts:
        assert b"RO Redline: RO Commit" in b"".join(map(parts.read, parts.namelist()))
    assert Labels("ro", made.own_texts)("read") == "RO Read the policy"
    assert Words("ro", made.own_texts)("check").startswith("RO How to check it")
    assert not lacking(made, FolderSource(tmp_path))


def test_labels_are_no_words_but_terms_are_where_a_clause_quotes_them(tmp_path: Path) -> None:
    plain = policy(romanian(tmp_path / "a", own()), locale="ro")
    labelled = policy(romanian(tmp_path / "b", own(labels={"page": "Pagina"})), locale="ro")
    assert words_digest(plain) == words_digest(labelled)
    assert plain != labelled, "its documents differ, which a release must notice"
    other = policy(romanian(tmp_path / "c", own(terms={"processor": "împuternicit"})), locale="ro")
    assert words_digest(other) != words_digest(plain)
    assert OWN in other.files, "so that history looks at the commits that change it"
    unquoted = policy(romanian(tmp_path / "d", own(terms={"consent": "acord"})), locale="ro")
    assert words_digest(unquoted) == words_digest(plain)


def test_an_old_policy_whose_labels_are_gone_is_shown_in_english(tmp_path: Path) -> None:
    made = replace(policy(romanian(tmp_path, own()), locale="ro"), own_texts=None)
    page = redline_html(redline(None, made), ORIGINS, Style()).decode()
    assert "Summary" in page
    assert 'lang="ro"' in page
    assert texts_in(FolderSource(tmp_path), "ro") is not None
    assert texts_in(FolderSource(tmp_path), "sv") is None
    (tmp_path / OWN).write_text("labels: {}\n")
    assert texts_in(FolderSource(tmp_path), "ro") is None, "which is an error of `check` alone"


def test_a_language_without_labels_says_where_to_bring_them(tmp_path: Path) -> None:
    (fault,) = faults(romanian(tmp_path, None))
    assert fault.startswith("brands/alpha/brand.yaml:")
    assert f"or bring your own labels in {OWN}" in fault


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("  version: RO Version\n", "", "1: 'labels' has no text for version; add them; `publisher schema` writes labels-en.yaml"),
        ("  version:", "  versoin:", "3: unknown key 'labels.versoin'; did you mean 'version'?"),
        ("RO Id {old}", "RO Id", "'labels.renamed' has places for values that differ from English; write exactly these: {new} {old}"),
        ("RO Id {old}", "RO Id {old} {other}", "'labels.renamed' has places for values"),
        ("RO Id {old}", "RO Id {old!r}", "'labels.renamed' has places for values"),
        ("RO Id {old}", "RO Id {old} {", "'labels.renamed' has places for values"),
        ("RO Version\n", "RO <b>Version\n", "'labels.version' has '<', and labels are plain text; write it without markup"),
        ("RO Version\n", "RO *Version*\n", "'labels.version' has '*'"),
        ("RO Version\n", "RO Version &amp;\n", "'labels.version' has '&amp;'"),
        ("RO clause {names} removed | RO", "RO", "'labels.did_clause_removed' needs two forms, for one and for several"),
        ("RO Version\n", "''\n", "'labels.version' is empty; fill it in"),
        ("RO Version\n", "\n", "'labels.version' has no value"),
        ("site:\n", "sites:\n", "unknown key 'sites'"),
        ("RO Version\n", "日本\n", "3: 'labels.version' has '日' (U+65E5 CJK UNIFIED IDEOGRAPH-65E5), which the bundled fonts do not have; write it"),
    ],
)  # fmt: skip
def test_a_fault_in_own_labels_is_named_with_its_line(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    text = own()
    assert before in text
    found = faults(romanian(tmp_path, text.replace(before, after, 1)))
    assert any(fault.startswith(f"{OWN}:") and said in fault for fault in found), found


def test_a_script_without_a_font_is_one_fault(tmp_path: Path) -> None:
    kinds = {
        k: {key: f"{text}語" for key, text in v.items()} for k, v in yaml.safe_load(ENGLISH).items()
    }
    text = yaml.safe_dump(kinds, allow_unicode=True, sort_keys=False, width=9999)
    glyphs = [fault for fault in faults(romanian(tmp_path, text)) if "fonts" in fault]
    assert len(glyphs) == 1
    assert f"and {sum(map(len, kinds.values())) - 1} other texts have such characters" in glyphs[0]


def test_own_labels_come_before_the_toolkits_and_the_territory_before_its_language() -> None:
    def parsed(locale: str) -> Parsed[Texts]:
        kinds = yaml.safe_load(ENGLISH)
        kinds["labels"]["version"] = f"V {locale}"
        return Parsed(f"shared/labels/{locale}.yaml", Texts(**kinds), ())

    def version(locale: str, *there: str) -> str | None:
        made, problems = own_texts({name: parsed(name) for name in there}, locale)
        assert not problems
        return made.kinds["labels"]["version"] if made is not None else None

    assert version("pt-BR", "pt", "pt-BR") == "V pt-BR"
    assert version("pt-BR", "pt") == "V pt"
    assert version("pt", "pt-BR") is None
    assert own_texts({}, "nl") == (None, ())
    _, problems = own_texts({"tlh": parsed("tlh")}, "tlh")
    assert [p.message for p in problems] == ["the toolkit cannot write dates in 'tlh'"]


def test_a_word_in_another_script_is_drawn_in_english() -> None:
    assert _watermark("טיוטה", "DRAFT") == _watermark("DRAFT", "DRAFT")
    assert _watermark("PROIECT", "DRAFT") != _watermark("DRAFT", "DRAFT")


def test_strange_and_unused_files_of_labels_are_named(tmp_path: Path) -> None:
    root = small(tmp_path, {OWN: ENGLISH, "shared/labels/Romanian.yaml": ENGLISH})
    assert [p.path for p in read(root).stray] == ["shared/labels/Romanian.yaml"]
    unused = [p.path for p in unused_clauses(read(root), policy(root).files)]
    assert OWN in unused
    assert not list(strange_files(FolderSource(root), read(root)))


def test_no_french_sentence_elides_before_a_name() -> None:
    """French writes d’Alpha, and no sentence knows the first letter of a name beforehand."""
    names = ("brand", "controller", "principal", "by", "authority", "name", "title")
    before = re.compile(rf"\b(de|que|ne|le|la|se|du|au) {{({'|'.join(names)})}}")
    for path in sorted(DATA.glob("*/fr.yaml")):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert not before.search(line), f"{path.parent.name}: {line}"
