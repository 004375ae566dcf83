"""Inputs that nobody should write: seeds of every kind of file, mutated."""

from __future__ import annotations

import random

from support.workspaces import EVERYTHING, SMALL

SEEDS = [text.encode() for text in (*SMALL.values(), EVERYTHING)]
WORDS = [
    word.encode("utf-8", "surrogatepass")
    for word in (
        # YAML
        "&a ", "*a", "<<: ", "!!int ", "!x ", ": ", "- ", "? ", "{", "}", "[", "]", "|\n", ">-\n",
        "%YAML 1.2\n", "---\n", "...\n", "# ", "'", '"', "\t", "null", "~", "NO", "0x1F", "1e999",
        "2024-02-30", "\\x00", "\\u0000", '"\\ud800"', "name: ", "en: ", "unconfirmed: ", "words: ",
        # templates
        "{{", "}}", "{%", "%}", "{#", "#}", "{{ brand.name }}", "{{ company }}", "{{ nothing }}",
        "{% for x in processors %}", "{% endfor %}", "{% if x %}", "{% else %}", "{% endif %}",
        "{% block a %}", "{% endblock %}", '{% extends "shared/who.md" %}', "{{ super() }}",
        '{% include "shared/_a.md" %}', '{% include "shared/who.md" %}', "{% raw %}", "{% macro m() %}",
        "{{ x.__class__ }}", "{{ ''.join }}", "{{ range(9**9) }}", "{{ 'a' * 9**9 }}", " | join(',')",
        " | sort", " | upper", "{{ processors | length }}", "{{ 1/0 }}", "{% set a = 1 %}", "loop.index",
        "{{ (((((((((((((((((((((((1))))))))))))))))))))))) }}", "{{ a if b else c }}", "{{ [[[[[[]]]]]] }}",
        # Markdown
        "# ", "###### ", "> ", ">>>>>> ", "1. ", "9999999999. ", "* ", "+ ", "    ", "\n\n", "```\n",
        "~~~", "[a](b)", "[a](javascript:x)", "![a](b)", "[^n]", "[^n]: ", "[a]: /b\n", "<b>", "</b>",
        "<!-- ", "-->", "&nbsp;", "&#0;", "&#xD800;", "&unknown;", "|a|b|\n|-|-|\n|c|d|\n", "| ", ":-:",
        "Term\n: what\n", "***", "___", "\\", "`", "``", "http://x.example", "<http://x.example>", "~",
        # characters
        "\x00", "\ufeff", "\u200b", "\u202e", "\u2028", "\x85", "\x1b[31m", "\ue000", "\ue00441\ue005",
        "\ud800", "é", "e\u0301", "日", "🙂", "ß", "İ", "\r", "\r\n", "\f", "\v",
    )
] + [b"\xff", b"\xfe\xff", b"\xc3", b"\xed\xa0\x80"]  # fmt: skip


def mutated(chance: random.Random, seed: bytes | None = None) -> bytes:
    """Return a seed, or one of `SEEDS`, changed in one to eight places."""
    data = bytearray(chance.choice(SEEDS) if seed is None else seed)
    for _ in range(chance.randint(1, 8)):
        at = chance.randint(0, len(data))
        to = min(len(data), at + chance.choice((1, 2, 5, 20, 100)))
        match chance.randint(0, 7):
            case 0:
                del data[at:to]
            case 1:
                data[at:at] = data[at:to]
            case 2 | 3 | 4:
                data[at:at] = chance.choice(WORDS)
            case 5:
                data[at:at] = (data[at:to] or b"> ") * chance.choice((2, 10, 100, 400))
            case 6:
                other = chance.choice(SEEDS)
                start = chance.randint(0, len(other))
                data[at:to] = other[start : start + chance.choice((5, 50, 500))]
            case _:
                if at < len(data):
                    data[at] ^= 1 << chance.randint(0, 7)
        del data[20_000:]
    return bytes(data)
