"""Lists of customers as programs export them: nobody is lost, nobody of another brand is told."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mailservers import box, notice
from support.spreadsheets import Formula, xlsx

from publisher.errors import AskedWrongly, Refused
from publisher.notices.customers import (
    Audience,
    Customer,
    Customers,
    read_customers,
    refuse_tracked,
    suppressed_in,
)
from publisher.notices.mail import mail, refuse_lines

AUDIENCE = Audience("alpha", ("alpha", "Alpha Hosting", "alpha.example"), ("en", "nl", "fr"), "en")


def read(folder: Path, data: str | bytes, name: str = "list.csv", **how: object) -> Customers:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_customers(path, AUDIENCE, **how)  # type: ignore[arg-type]


def told(customers: Customers) -> dict[str, str]:
    return {person.address: person.locale for person in customers.people}


def invalid(customers: Customers) -> dict[int, str]:
    return {row.row: row.reason for row in customers.invalid}


ODOO = """\
External ID;Naam;E-mail;Taal;Merk
__export__.1;"Doe, Jane";jane@x.example;nl_BE;Alpha Hosting
;;;;
__export__.2;Bob;"bob@x.example; Bob@X.example, b2@x.example";Dutch (BE) / Nederlands (BE);alpha.example
__export__.3;Carl;carl(at)x.example;fr_BE;alpha
__export__.4;Dora;dora@münchen.example;de_DE;ALPHA
__export__.5;Eve;"Doe, Eve <eve@x.example>";;alpha, beta
__export__.6;Kim;kim@k.example;nl_BE;beta
__export__.7;Jane;JANE@x.example;fr_BE;alpha
__export__.8;Nobody;;fr_BE;alpha
__export__.9;Lou;lou@x.example;nl_BE;
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_an_export_of_odoo(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = io.StringIO()
    rows = csv.reader(io.StringIO(ODOO), delimiter=";")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    result = read(tmp_path, text.getvalue().encode(encoding))
    assert result.columns == {
        "address": "E-mail",
        "locale": "Taal",
        "name": "Naam",
        "brand": "Merk",
    }
    assert told(result) == {
        "jane@x.example": "nl",
        "bob@x.example": "nl",
        "b2@x.example": "nl",
        "dora@xn--mnchen-3ya.example": "en",
        "eve@x.example": "en",
    }
    assert [person.name for person in result.people] == [
        "Doe, Jane",
        "Bob",
        "Bob",
        "Dora",
        "Doe, Eve",
    ]
    assert invalid(result) == {5: "is not an e-mail address", 10: "has no address"}
    assert result.doubles == 2
    assert [(row.row, row.reason) for row in result.conflicts] == [
        (9, "is also in row 2, and is told in nl, as that row says")
    ]
    assert result.others == {"beta": 1, "": 1}
    assert result.unmapped == {"de_DE": 1, "": 1}
    assert result.locales == {"en": 2, "nl": 3}
    assert bool(result.notes) == (encoding == "cp1252")


def test_a_mark_of_utf_8_on_another_encoding_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    result = read(tmp_path, b"\xef\xbb\xbfE-mail;Naam\njane@x.example;Jos\xe9\n")
    assert result.columns == {"address": "E-mail", "name": "Naam"}
    assert [person.name for person in result.people] == ["Jos\xe9"]
    assert len(result.notes) == 2, "of the encoding, and of brands"


def test_a_spreadsheet_with_formulas(tmp_path: Path) -> None:
    rows = [
        [],
        ["Nom", "Adresse e-mail", "Langue", "Nummer"],
        ["Doe, Jane", "jane@x.example", "Français", 3],
        [None],
        ["f", Formula('LOWER("A@x.example")', "a@x.example"), "nl-BE"],
        ["e", Formula("NA()", "#N/A", "e"), "fr"],
        [None, Formula('HYPERLINK("mailto:b@x.example")')],
    ]
    result = read(tmp_path, xlsx({"Clients": rows, "Vide": []}), "list.xlsx")
    assert told(result) == {"jane@x.example": "fr", "a@x.example": "nl"}
    why = "is a formula without a value. Open the list, and save it with its values"
    assert invalid(result) == {6: why, 7: why}
    assert result.notes == (
        "has no column of brands: everybody on it counts as a customer of alpha",
    )
    two = xlsx({"One": rows, "Two": [["Mail"], ["two@x.example"]]})
    with pytest.raises(AskedWrongly, match="has several sheets; name one with --sheet: One, Two"):
        read(tmp_path, two, "list.xlsx")
    assert told(read(tmp_path, two, "list.xlsx", sheet="Two")) == {"two@x.example": "en"}


_PREFIXED = (rb"(</?)(?=row|c\b|f|v|is|t|worksheet|sheetData)", rb"\1x:"), (b"xmlns=", b"xmlns:x=")


@pytest.mark.parametrize(
    "changes",
    [_PREFIXED, [(b'"', b"'")], [(b'<(row|c) r="[^"]*"', rb"<\1")]],  # the first by Open XML SDK
    ids=["prefixed", "quotes", "places"],
)
def test_a_formula_without_value_in_any_form(
    tmp_path: Path, changes: list[tuple[bytes, bytes]]
) -> None:
    formulas = [[Formula('LOWER("B@x.example")')], [Formula("A", "#N/A", "e")]]
    data = xlsx({"S": [["Mail"], ["a@x.example"], *formulas]})
    result = read(tmp_path, _rewritten(data, "sheet1", changes), "list.xlsx")
    assert told(result) == {"a@x.example": "en"}
    assert list(invalid(result)) == [3, 4]


@pytest.mark.parametrize("encoding", ["Shift_JIS", "utf-7", "idna", "unknown"])
def test_a_workbook_in_an_encoding_that_is_not_read(tmp_path: Path, encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{encoding}"?><workbook '.encode()
    data = xlsx({"S": [["Mail"], ["a@x.example"]]})
    with pytest.raises(AskedWrongly, match=r"list\.xlsx cannot be searched for formulas without a"):
        read(tmp_path, _rewritten(data, "workbook.xml", [(b"<workbook ", head)]), "list.xlsx")


def _rewritten(data: bytes, part: str, changes: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return a workbook in which a part has other bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(made, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if part in name and not name.endswith(".rels"):
                for old, new in changes:
                    content = re.sub(old, new, content)
            after.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize("far", ["XFD1048576", "ZZZZZZZ99999999999"])
def test_a_spreadsheet_of_billions_of_cells_is_refused(tmp_path: Path, far: str) -> None:
    whole = io.BytesIO(xlsx({"S": [["Mail"], ["one@x.example"]]}))
    damaged = io.BytesIO()
    with zipfile.ZipFile(whole) as before, zipfile.ZipFile(damaged, "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(b'r="A2"', f'r="{far}"'.encode()))
    with pytest.raises(AskedWrongly, match=r"list\.xlsx cannot be read as a spreadsheet"):
        read(tmp_path, damaged.getvalue(), "list.xlsx")


@pytest.mark.parametrize(
    ("there", "place"),
    [
        ('r="3"', 'r="ZZZZZZZ3"'), ('r="3"', 'r="ZZZZZZZZZZZZZZ3"'), ('r="3"', 'r="XFE3"'),
        ('r="1048577"', ""),
    ],
)  # fmt: skip
def test_a_formula_at_a_place_that_no_sheet_has(tmp_path: Path, there: str, place: str) -> None:
    row = f"<row {there}><c {place}><f>A1</f></c></row></sheetData>".encode()
    data = _rewritten(xlsx({"S": [["Mail"], ["a@x.example"]]}), "sheet1", [(b"</sheetData>", row)])
    with pytest.raises(AskedWrongly, match=r"list\.xlsx cannot be searched for formulas"):
        read(tmp_path, data, "list.xlsx")


def test_a_formula_in_a_column_of_small_letters(tmp_path: Path) -> None:
    data = xlsx({"S": [["Mail"], ["a@x.example"], [Formula("A2")]]})
    small = _rewritten(data, "sheet1", [(b'r="A3"', b'r="a3"')])
    assert "is a formula without a value" in invalid(read(tmp_path, small, "list.xlsx"))[3]


def test_a_spreadsheet_that_unpacks_to_gigabytes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.notices.spreadsheet._UNPACKED", 3 << 20)
    rows = [["Mail"], ["one@x.example"]]
    assert told(read(tmp_path, xlsx({"S": rows}), "list.xlsx"))
    rows += [["x" * 1000]] * 4000
    with pytest.raises(AskedWrongly, match=r"list\.xlsx unpacks to more than 3 MB\. Delete empty"):
        read(tmp_path, xlsx({"S": rows}), "list.xlsx")


def test_a_column_whose_name_two_have(tmp_path: Path) -> None:
    with pytest.raises(AskedWrongly, match="2 columns named 'mail'; give each another name"):
        read(tmp_path, b"Mail,Mail\na@x.example,b@x.example\n", named={"address": "mail"})


def test_names_with_commas_that_nobody_quoted(tmp_path: Path) -> None:
    result = read(tmp_path, "Name,Email,Lang\nDoe, Jane,jane@x.example,nl\nBob,bob@x.example,nl\n")
    assert told(result) == {"bob@x.example": "nl"}
    reason = "has 4 cells, and the first row 3. Put names with commas in quotation marks"
    assert invalid(result) == {2: reason}


def test_a_row_keeps_the_number_that_editors_show(tmp_path: Path) -> None:
    result = read(tmp_path, 'Name,Email\n"Two\nlines",nobody\n\nBob,b@x.example\n')
    assert invalid(result) == {2: "is not an e-mail address"}
    assert [(person.row, person.name) for person in result.people] == [(5, "Bob")]


def test_a_cell_that_is_no_address_takes_no_time(tmp_path: Path) -> None:
    for cell in ("x" * 100_000, "<" * 30_000, "a@" * 30_000):
        result = read(tmp_path, f"Email;Name\nbob@x.example;Bob\n{cell};Long\n")
        assert invalid(result) == {3: "is too long for a cell of addresses"}


def test_columns_that_the_user_names(tmp_path: Path) -> None:
    text = "Work,Home,Speaks\na@work.example,a@home.example,nl\n"
    with pytest.raises(AskedWrongly, match="several columns with e-mail addresses"):
        read(tmp_path, text)
    result = read(tmp_path, text, named={"address": "home", "locale": "Speaks"})
    assert told(result) == {"a@home.example": "nl"}


FAULTS: Mapping[str, tuple[str | bytes, str]] = {
    "an empty list": ("", "list.csv is empty. Name the list of customers"),
    "no addresses": ("Name\nBob\n", "list.csv has no column with e-mail addresses. Name the column with --address-column"),
    "two columns of addresses": ("E-mail,Mail\na@x.example,b@x.example\n", "list.csv has several columns that may be the address: 'E-mail', 'Mail'. Name one with --address-column"),
    "an open quotation mark": ('Email\n"a@x.example\n', "list.csv:2: is not CSV: unexpected end of data. Close the quotation marks there, or export the list again"),
    "UTF-16 without its mark": ("email\nada@example.org\n".encode("utf-16-le"), "list.csv:1: is not text in UTF-8. Export the list as CSV in UTF-8"),
    "no text": (b"\x00\x81\xff", "list.csv:1: is not text in UTF-8. Export the list as CSV in UTF-8"),
    "a spreadsheet as CSV": (b"PK\x03\x04", "is a spreadsheet; let its name end in .xlsx, .xls or .ods"),
    "a list without people": ("Email\n", "list.csv has no customers of alpha: it has nothing below its heads. Name the customers of alpha. Nothing was written"),
    "a list without a usable row": ("Email\na@x.example\u200b\nb\n", "list.csv has no customers of alpha: it has row 2: 'a@x.example\u200b' has an invisible character, and 1 more. Correct the list, or name the customers of alpha. Nothing was written"),
    "another brand's list": ("Email,Brand\na@x.example,beta\nb@x.example,\n", "list.csv has no customers of alpha: it has beta (1), no brand (1). Name the customers of alpha. Nothing was written"),
}  # fmt: skip


@pytest.mark.parametrize("what", FAULTS)
def test_a_list_that_cannot_be_used(tmp_path: Path, what: str) -> None:
    data, message = FAULTS[what]
    with pytest.raises((AskedWrongly, Refused)) as fault:
        read(tmp_path, data)
    assert message in str(fault.value)


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AskedWrongly, match="cannot be read: no such file or directory"):
        read_customers(tmp_path / "none.csv", AUDIENCE)
    with pytest.raises(AskedWrongly, match="cannot be read as a spreadsheet"):
        read(tmp_path, b"PK\x03\x04 broken", "list.xlsx")


def test_who_asked_not_to_be_told(tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    out.write_text("A@x.example\nother@x.example\n")
    result = read(tmp_path, "Email\na@x.example\nb@x.example\n", suppression=out)
    assert [person.address for person in result.people] == ["b@x.example"]
    assert [person.address for person in result.suppressed] == ["a@x.example"]
    out.write_text("a@x.example\nnobody\n")
    with pytest.raises(AskedWrongly, match=r"out.txt:2: is not an e-mail address. Correct it"):
        suppressed_in(out)


def test_nothing_may_lie_in_a_repository(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path / "repo"], check=True)
    (tmp_path / "repo/.gitignore").write_text("private/\n")
    for path in ("repo/list.csv", "repo/private/list.csv"):
        with pytest.raises(
            Refused, match="where lists of customers, journals and keys may not be kept"
        ):
            refuse_tracked(tmp_path / path)
    (tmp_path / "link").symlink_to(tmp_path / "repo")
    with pytest.raises(Refused):
        refuse_tracked(tmp_path / "link" / "key")
    refuse_tracked(tmp_path / "list.csv")


WORDS = st.text(st.characters(codec="utf-8"), max_size=40)


@pytest.mark.property
@given(cell=WORDS, name=WORDS)
def test_no_cell_is_dropped_without_a_word(
    tmp_path_factory: pytest.TempPathFactory, cell: str, name: str
) -> None:
    name, cell = (text.replace('"', "'").replace("\0", "") for text in (name, cell))
    data = f'Name;Email\n"First";first@x.example\n"{name}";"{cell}"'
    result = read(tmp_path_factory.mktemp("list"), data.encode())
    later = [person for person in result.people if person.row > 2]
    assert bool(later or result.invalid or result.doubles) == bool(name.strip() or cell.strip())


HEADERS = sorted(
    b"From To Subject Date Message-ID Auto-Submitted Content-Language MIME-Version"
    b" Content-Type".split()
)


def heads(person: Customer, subject: str = "Our policy") -> list[bytes]:
    """The names of the headers that a person's message has."""
    now = datetime(2026, 12, 1, tzinfo=UTC)
    letter, _ = mail(notice(en=subject), person, box(25), "<a@b.example>", now)
    head = letter.as_bytes().partition(b"\r\n\r\n")[0]
    return sorted(line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1].strip())


@pytest.mark.property
@given(words=WORDS, name=WORDS)
def test_no_name_or_address_adds_a_header(
    tmp_path_factory: pytest.TempPathFactory, words: str, name: str
) -> None:
    folder = tmp_path_factory.mktemp("list")
    for text in (words, f"{words}@x.example", f"a@{words}.example", f"a@x.example\r\nBcc: {words}"):
        cells = [part.replace('"', "").replace("\0", "") for part in (name, text)]
        data = 'Name;Email\n"First";first@x.example\n"{}";"{}"'.format(*cells)
        for person in read(folder, data.encode()).people:
            assert heads(person) == HEADERS
            assert "\n" not in person.address + person.name


@pytest.mark.property
@given(subject=WORDS)
def test_no_subject_adds_a_header(subject: str) -> None:
    try:
        refuse_lines(notice(en=subject))
    except Refused:
        return
    assert heads(Customer("a@x.example", "en", "", 2), subject) == HEADERS


def test_a_subject_of_two_lines_is_refused() -> None:
    with pytest.raises(Refused, match="the subject of the notice in en is not one line of text"):
        refuse_lines(notice(en="Our policy\r\nBcc: all@x.example"))
