"""Units that are struck out and inserted whole: amounts, dates, numbers with units; typography."""

from __future__ import annotations

import pytest
from support.policies import written

from publisher.redline import redline
from publisher.redline.tokens import tokens
from publisher.redline.values import Counts
from tests.redline.test_redline import exact, marked


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        *(("en", amount) for amount in (
            "€20 million", "€ 1.5 billion", "EUR 20 million", "20 million euros", "€20m", "US$ 5",
            "US$5", "CA$ 7.50", "A$3,000", "$5", "10 %", "5.5%", "24 months", "24-month", "5 GB",
            "3 percent", "14 March 2025", "March 14, 2025", "2 million")),
        *(("de", amount) for amount in (
            "20 Mio. €", "20 Mio. Euro", "20 Millionen Euro", "1,5 Mrd. €", "10 %", "3 Prozent")),
        *(("fr", amount) for amount in (
            "20 millions d’euros", "20 millions d'euros", "20 M€", "2 milliards de dollars des États-Unis",
            "4 %", "1er mars 2026", "3 pour cent")),
        *(("nl", amount) for amount in ("€ 20 miljoen", "20 miljoen euro", "20 mln. euro")),
        *(("el", amount) for amount in ("20 εκατ. €", "20 εκατομμύρια ευρώ", "24 μήνες")),
        *(("pl", amount) for amount in ("20 mln zł", "20 milionów euro", "1 marca 2026")),
        *(("ja", amount) for amount in ("2026年3月", "2026年3月1日", "20億円", "30日間", "24か月")),
        *(("zh", amount) for amount in ("2026年3月1日", "30天", "24个月", "20万元")),
    ],
)  # fmt: skip
def test_an_amount_is_one(locale: str, text: str) -> None:
    assert tokens(text, locale)[1] == [text]
    around = {"ja": ("あ", "い"), "zh": ("则", "不")}.get(locale, ("x ", " y"))
    assert text in tokens(text.join(around), locale)[1]


def test_a_full_stop_behind_an_amount_ends_the_sentence() -> None:
    assert tokens("up to €20 million. Then", "en")[1] == ["up", "to", "€20 million", ".", "Then"]


def test_a_date_within_text_without_spaces_is_replaced_whole() -> None:
    assert tokens("自 2026 年 3 月 1 日 起", "zh")[1] == ["自", "2026 年 3 月 1 日", "起"]
    assert (
        marked("本政策自2026年3月1日起生效。", "本政策自2026年4月1日起生效。", "zh")
        == "本政策自[-2026年3月1日-][+2026年4月1日+]起生效。"
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("We don't sell.", "We don’t sell.", "We don[-'-][+’+]t sell."),
        ('say "yes" or "no" to it', "say “yes” or „no“ to it",
         "say [-\"-][+“+]yes[-\"-][+”+] or [-\"-][+„+]no[-\"-][+“+] to it"),
        ("a co-op here", "a co‑op here", "a co[---][+‑+]op here"),
        ("wait... and see", "wait… and see", "wait[-...-][+…+] and see"),
        ("this - and that", "this – and that", "this [---][+–+] and that"),
        ("we *don't*", "we don’t", "we don<emphasis>[-'-][+’+]t<emphasis>"),
    ],
)  # fmt: skip
def test_typography_is_punctuation_and_changes_no_word(old: str, new: str, expected: str) -> None:
    assert marked(old, new) == expected
    counts = redline(written(("a", "A", old)), written(("a", "A", new))).counts
    assert (counts.words_added, counts.words_removed) == (0, 0)
    assert counts.punctuation_added == counts.punctuation_removed > 0
    exact(written(("a", "A", old)), written(("a", "A", new)))


def test_a_word_replaced_beside_another_sign_is_a_word_replaced() -> None:
    assert marked("we don't keep it", "we don’t hold it") == (
        "we don[-'-][+’+]t [-keep-][+hold+] it"
    )


def test_a_space_that_glues_words_is_shown_and_one_that_moves_is_none() -> None:
    apart, glued, moved = (
        written(("a", "A", f"See {text}rules."))
        for text in ("[the ](https://a.example/)house ", "[the](https://a.example/)house ",
                     "[the](https://a.example/) house ")
    )  # fmt: skip
    assert redline(apart, glued).counts == Counts(words_added=1, words_removed=2, clauses_changed=1)
    assert redline(apart, moved).empty
