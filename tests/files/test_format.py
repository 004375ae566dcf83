"""One list of formats: each known by one name, by its aliases, and by the endings of files."""

from __future__ import annotations

import mimetypes

import pytest

from publisher.archive.issued import DOCUMENTS
from publisher.errors import UnknownName
from publisher.files.format import DOCX, HTML, JSON, MARKDOWN, PDF, PUBLISHED, TEXT, known_format

ALL = (HTML, PDF, MARKDOWN, JSON, TEXT, DOCX)


def test_no_name_and_no_ending_means_two_formats() -> None:
    names = [name for format in ALL for name in (format.name, *format.aliases)]
    endings = [ending for format in ALL for ending in format.endings]
    assert len({*names}) == len(names)
    assert len({*endings}) == len(endings)


def test_media_types_are_those_that_are_registered() -> None:
    known = mimetypes.MimeTypes(filenames=())
    known.add_type("text/markdown", ".md")  # not in the table of Python 3.11
    for format in ALL:
        assert known.guess_type(f"policy.{format.endings[0]}")[0] in (format.media_type, None)


def test_an_alias_is_one_where_its_format_is_known() -> None:
    assert known_format("md") == "markdown"
    assert known_format("word", ("docx",)) == "docx"
    with pytest.raises(UnknownName, match="word"):
        known_format("word", PUBLISHED)


def test_what_is_published_is_a_document_of_a_version() -> None:
    assert {f"policy.{ending}" for ending in PUBLISHED.values()} <= {*DOCUMENTS.values()}
