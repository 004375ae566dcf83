"""The picture of the rooms in the documentation shows the rooms as they are."""

from __future__ import annotations

import subprocess
import sys

from conftest import ROOT


def test_the_picture_is_as_the_script_draws_it_today() -> None:
    drawn = subprocess.run(
        [sys.executable, ROOT / "scripts" / "rooms"], capture_output=True, text=True, check=True
    )
    picture = ROOT / "docs" / "images" / "rooms.svg"
    assert drawn.stdout == picture.read_text(), "run scripts/rooms > docs/images/rooms.svg"
