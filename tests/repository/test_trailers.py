"""What the trailer Policy-Change says, and what people write in place of it."""

from __future__ import annotations

import re

import pytest

from publisher.repository.trailers import LIKE, Fault, read_trailers

ID = "a1b2c3d"


def git_finds(message: str) -> bool:
    """Return whether git looks at a message at all."""
    pattern = LIKE.replace("[:alnum:]", "a-zA-Z0-9")
    return re.search(pattern, message, re.IGNORECASE | re.MULTILINE | re.ASCII) is not None


@pytest.mark.parametrize(
    ("message", "values", "remarks"),
    [
        ("Fix\n\nPolicy-Change: editorial", ["editorial"], []),
        ("Policy-Change: editorial", ["editorial"], []),
        ("Fix\r\n\r\nPolicy-Change: editorial\r\n", ["editorial"], []),
        ("Fix\n\npolicy-change :  Editorial \nSigned-off-by: A <a@x>\n\n", ["editorial"], []),
        ("Fix\n\nPolicy-Change: material", ["material"], []),
        (f"Fix\n\nPolicy-Change: editorial {ID}", [], [("editorial", ID)]),
        (f"Fix\n\nPolicy-Change: Editorial  {ID.upper()}", [], [("editorial", ID)]),
        (
            f"Fix\n\nPolicy-Change: editorial\nPolicy-Change: editorial {ID}\n"
            f"Policy-Change: material {'0' * 40}",
            ["editorial"],
            [("editorial", ID), ("material", "0" * 40)],
        ),
        ("Policy change: add retention", [], []),
        ("Change policy\n\nThe trailer Policy-Change: editorial is explained.", [], []),
        ("Squash\n\nPolicy-Change: editorial\n\nPolicy-Change: editorial", ["editorial"], []),
        ("Say more\n\nPolicy: editorial board", [], []),
    ],
)
def test_what_is_understood(
    message: str, values: list[str], remarks: list[tuple[str, str]]
) -> None:
    said = read_trailers(message)
    assert ([*said.values], [*said.remarks], said.faults) == (values, remarks, ())


@pytest.mark.parametrize(
    ("message", "what", "meant"),
    [
        (
            "x\n\nPolicy-Change: editoral",
            "Policy-Change: editoral, which is not unders",
            "editorial",
        ),
        ("x\n\nPolicy-Change: 'editorial'", "which is not understood", "editorial"),
        ("x\n\nPolicy-Change: editorial.", "which is not understood", "editorial"),
        ("x\n\nPolicy-Change:", "which is not understood", None),
        ("x\n\nPolicy-Change: minor", "which is not understood", None),
        ("x\n\nPolicy-Change: editorial HEAD~1", "'HEAD~1' is not the id of a commit", "editorial"),
        ("x\n\nPolicy-Change: editorial a1b2c3", "'a1b2c3' is not the id of a commit", "editorial"),
        (f"x\n\nPolicy-Change: editorial {ID} {ID}", "is not the id of a commit", "editorial"),
        (f"x\n\nPolicy-Change: editorial\n {ID}", "continues in a line that is not read", None),
        ("x\n\nPolicy-Change: editorial\nPolicy-Change: material", "counts as material", None),
        ("x\n\nPolicy-Change: editorial\n\nMore.", "above its last paragraph", "editorial"),
        ("x\n\nPolicy-Change: editorial\n\nSigned-off-by: A <a@x>", "above its last", "editorial"),
        ("x\n\n  Policy-Change: editorial", "is not read as a trailer", "editorial"),
        ("x\n\n> Policy-Change: editorial", "is not read as a trailer", "editorial"),
        ("x\n\n`Policy-Change: editorial`", "is not read as a trailer", "editorial"),
        ("x\n\nPolicy-Change = editorial", "is not read as a trailer", "editorial"),
        ("x\n\nPolicy-Change editorial", "is not read as a trailer", "editorial"),
        ("x\n\nPolicy-Change：editorial", "is not read as a trailer", "editorial"),
        ("x\n\nPolicy‑Change: editorial", "is not read as a trailer", "editorial"),
        ("x\n\nPolicy Change: editorial", "is not read as a trailer", "editorial"),
        ("x\n\nPolicyChange: editorial", "is not read as a trailer", "editorial"),
        ("x\n\nPolicy-Changes: editorial", "is not read as a trailer", "editorial"),
        ("x\n\nPolcy-Change: editorial", "is not read as a trailer", "editorial"),
        ("x\n\nPolicy-Chagne: editorial", "is not read as a trailer", "editorial"),
        ("x\n\nPolicy Change: minor", "is not read as a trailer", None),
    ],
)
def test_what_is_told(message: str, what: str, meant: str | None) -> None:
    assert git_finds(message)
    (fault,) = read_trailers(message).faults
    assert what in fault.message
    assert fault.meant == meant


def test_a_fault_is_told_once() -> None:
    twice = "x\n\nPolicy-Change: minor\nPolicy-Change: minor"
    assert read_trailers(twice).faults == (
        Fault("has the trailer Policy-Change: minor, which is not understood"),
    )
