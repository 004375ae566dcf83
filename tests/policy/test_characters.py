"""Characters that deceive the eye are told."""

from __future__ import annotations

import pytest

from publisher.policy.characters import disguised


@pytest.mark.parametrize(
    ("text", "disguise"),
    [
        ("name: \u0410lpha", "'\u0410lpha', in which U+0410 CYRILLIC CAPITAL LETTER A"),
        ("[us](https://l\u0430ntern.example)", "'l\u0430ntern', in which U+0430"),
        ("Gr\u03bfss", "'Gr\u03bfss', in which U+03BF GREEK SMALL LETTER OMICRON"),
        ("Москва, Αθήνα, naïve, 10 µm, kΩ, e-mail: почта@alpha.example", ""),
    ],
)
def test_letters_that_look_like_others_are_told(text: str, disguise: str) -> None:
    told = [problem.message for problem in disguised("brand.yaml", text)]
    assert [disguise in message for message in told] == [True] * bool(disguise)


def test_a_word_of_any_length_is_read_once() -> None:
    """To look for a Latin letter from each letter on would take minutes."""
    assert not [*disguised("data.md", "\u0430" * 200_000)]
    assert [*disguised("data.md", "\u0430" * 200_000 + "a")]
