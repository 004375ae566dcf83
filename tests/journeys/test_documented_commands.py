"""Every command in `--help`, the README and the docs does what it says, tried as it stands.

The commands of a page run one after the other, as a reader would run them, in the workspace that
`publisher init demo --example` makes; the example of each command's help has one of its own.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from support.demo import MADE
from support.shell import publisher
from typer.core import TyperGroup
from typer.main import get_command

from publisher.cli.app import PANELS, app_for

MESSAGES = ROOT / "docs/problems.md"
"""Quotes what test_bad_input has commands say, of other workspaces."""
DOCS = sorted({*(ROOT / "docs").glob("*.md")} - {MESSAGES})
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS]
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
PLACEHOLDER = re.compile(r"\b(?!SHA|PDF|HEAD)[A-Z]{2,}\b|…|\[")
COMMANDS = [name for names in PANELS.values() for name in names]

NOT_RUN: dict[str, str] = {
    "publisher init policies": "terminal",
    MADE: "made",
    "publisher site --serve": "endless",
    "publisher --install-completion": "shell",
    "publisher timestamp lantern --tsa-reply reply.tsr --sign ~/.ssh/policy": "authority",
    "publisher release lantern --sign policy.pub": "agent",
    "publisher release lantern --in-force 2027-01-05 --sign ~/.ssh/policy --no-commit": (
        "alternative"
    ),
    'publisher retire lantern --locale nl --on 2027-03-31 --reason "No more Dutch" '
    "--sign ~/.ssh/policy": "language",
    'publisher endorse lantern 5 --reason "Ops forgot the key; legal has compared it" '
    "--sign ~/.ssh/policy": "accident",
    'publisher notices approve 3f9c02d1a7b44e10 --by "Jane Doe"': "digest",
}
"""Commands that are not run, and why, in one word."""
NETWORK = (
    "publisher drift ",
    *(f"publisher notices {name} " for name in ("send", "bounced", "told", "forget")),
)
"""What begins so needs a page on the web, or a mail server: tests/site and tests/notices have them."""
FOREIGN = {
    "make": "suite",
    "git": "history",
    "ssh-keygen": "passphrase",
    "ssh-add": "agent",
    "curl": "network",
    "python3": "network",
    "pip": "network",
    "echo": "key",
    "cd": "letter",
    "cat": "letter",
    "sha256sum": "letter",
    "grep": "letter",
    "openssl": "letter",
}
"""Why commands of others are not run, in one word, by their first; `letter`: test_bundle runs them."""
OPS = {
    f"GIT_{who}_{key}": value
    for who in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "Ops"), ("EMAIL", "ops@quayside.example"))
}
"""Who commits, also in a repository that a command makes."""
CODES: dict[str, int] = {
    'publisher correct-clock lantern --at 2026-12-04T10:15 --reason "The laptop was a year ahead"': 2,
}
"""What commands end with that do not end with 0, as the page says."""


def commands(page: Path) -> list[str]:
    """Return the commands that a page shows, in its order, as they are typed."""
    text = page.read_text()
    shown = []
    for fence in FENCE.finditer(text):
        if fence[1] in ("sh", "console"):
            lines = fence[2].replace("\\\n", " ").splitlines()
            shown += [(fence.start(), line.removeprefix("$ ")) for line in lines]
    prose = FENCE.sub(lambda fence: re.sub(r"[^\n]", " ", fence[0]), text)
    shown += [(code.start(), code[1]) for code in re.finditer(r"`(publisher [^`]+)`", prose)]
    cut = [re.sub(r"\s+#.*", "", line) for _, line in sorted(shown, key=lambda each: each[0])]
    return [" ".join(line.split()) for line in cut if line and not line.startswith((" ", "#"))]


def example(name: str) -> str:
    """Return the example in the help of a command."""
    epilog = get_command(app_for(())).commands[name].epilog
    return re.fullmatch(r"Example: \[bold\](publisher .+)\[/bold\]", epilog)[1]


def run(command: str, there: Path) -> None:
    """Run a command in a folder, and see that it ends as it should."""
    words = [word.replace("~", str(Path.home())) for word in shlex.split(command)[1:]]
    done = publisher(*words, **OPS)
    assert done.code == CODES.get(command, 0), (command, done.out[-500:], done.err)
    assert there.exists()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_in_help_runs(demo: Path, name: str) -> None:
    assert example(name).split()[1] == name
    if example(name).startswith(NETWORK):
        return
    run(example(name), demo)


@pytest.mark.thorough
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_run(demo: Path, page: Path) -> None:
    for command in commands(page):
        own = command.startswith("publisher")
        assert own or command.split()[0] in FOREIGN, command
        if own and not (
            command in NOT_RUN
            or command.startswith(NETWORK)
            or PLACEHOLDER.search(command)
            or mention(command)
        ):
            run(command, demo)


def meant(words: list[str]) -> tuple[Any, list[str]]:
    """Return the command that words name, of a group or not, and the words behind it."""
    found = get_command(app_for(())).commands[words[1]]
    if isinstance(found, TyperGroup) and words[2:] and words[2] in found.commands:
        return found.commands[words[2]], words[3:]
    return found, words[2:]


def mention(command: str) -> bool:
    """Return whether a command is only named: it has no arguments, and would need some."""
    found, words = meant(command.split())
    needy = found.name == "history" or isinstance(found, TyperGroup)
    needy = needy or any(parameter.required for parameter in found.params)
    return needy and "--overrides" not in words and all(word.startswith("-") for word in words)


def test_a_command_with_placeholders_names_options_that_there_are() -> None:
    known = get_command(app_for(())).commands
    for page in PAGES:
        for command in filter(PLACEHOLDER.search, commands(page)):
            words = command.replace("[", " ").replace("]", " ").split()
            if words[0] != "publisher" or words[1] not in known:
                continue
            found, words = meant(words)
            options = {option for parameter in found.params for option in parameter.opts}
            given = {word.rstrip("…)") for word in words if word.startswith("--")}
            assert given <= options, (page.name, command)


def test_nothing_is_left_out_that_no_page_has() -> None:
    shown = {command for page in PAGES for command in commands(page)}
    assert NOT_RUN.keys() | CODES.keys() <= shown
    assert FOREIGN.keys() <= {command.split()[0] for command in shown}
