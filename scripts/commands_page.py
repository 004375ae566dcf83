"""Describe every command in Markdown, from the command line itself; docs/conf.py shows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from typer.core import TyperArgument, TyperCommand
from typer.main import get_command

from publisher import errors
from publisher.cli.app import PANELS, app_for

WIDTH = 80
_CODE = re.compile(
    r"(?<![\w`/])(--[a-z][\w-]*(?: [A-Z]+\b)?|[\w./-]+/(?!\w)|Policy-Change)(?![\w`])"
)


def page() -> str:
    """Return a chapter for each panel of the help, and a section for each command."""
    root = get_command(app_for(()))
    commands: dict[str, TyperCommand] = root.commands  # type: ignore[attr-defined]
    parts = ["## Exit codes\n\n", *_exit_codes(), "\n## Before a command\n\n"]
    parts += _table("option", _options(root.params))
    for panel, names in PANELS.items():
        parts.append(f"\n## {panel}\n")
        for name in names:
            parts += _command(name, commands[name])
    return "".join(parts)


def _command(name: str, command: TyperCommand) -> Iterator[str]:
    arguments = [param for param in command.params if isinstance(param, TyperArgument)]
    options = [param for param in command.params if not isinstance(param, TyperArgument)]
    usage = " ".join(["publisher", name, *map(_usage, arguments), "[OPTION]..."])
    yield f"\n### {name}\n\n{_text(command.help or '')}\n\n```\n{usage}\n```\n\n"
    yield from _table("argument", ((_usage(param), param.help) for param in arguments))
    yield from _table("option", _options(options))
    yield f"\nFor example:\n\n```sh\n{_example(command)}\n```\n"


def _usage(argument: TyperArgument) -> str:
    several = "..." if argument.nargs != 1 else ""
    return f"{argument.metavar}{several}" if argument.required else f"[{argument.metavar}]{several}"


def _options(params: Iterable[Any]) -> Iterator[tuple[str, str | None]]:
    for param in params:
        names = ", ".join(sorted(param.opts, key=lambda name: (len(name) > 2, name)))
        value = "" if getattr(param, "is_flag", False) else f" {param.metavar or 'TEXT'}"
        yield f"{names}{value}", param.help


def _table(kind: str, rows: Iterable[tuple[str, str | None]]) -> Iterator[str]:
    lines = [f"| `{name}` | {_text(help or '')} |\n" for name, help in rows]
    if lines:
        yield f"| {kind} | |\n| --- | --- |\n"
        yield from lines
        yield "\n"


def _exit_codes() -> Iterator[str]:
    """Yield the table that the module of the errors has, with the code for no error."""
    rows = [line for line in (errors.__doc__ or "").splitlines() if line.startswith("|")]
    yield "\n".join([*rows[:2], "| 0 | all is well |", *rows[2:]]) + "\n"


def _example(command: TyperCommand) -> str:
    """Return the example of the help, with a new line before an option where it is long."""
    first, *options = re.sub(r"^Example: |\[/?bold\]", "", command.epilog or "").split(" --")
    lines = [first]
    for option in options:
        if len(f"{lines[-1]} --{option}") > WIDTH:
            lines.append(f"    --{option}")
        else:
            lines[-1] += f" --{option}"
    return " \\\n".join(lines)


def _text(help: str) -> str:
    """Return a help text as Markdown: what is typed as code, a paragraph a line."""
    paragraphs = (" ".join(part.split()) for part in help.split("\n\n"))
    text = "\n\n".join(paragraphs).replace("|", "\\|").replace("<", "\\<")
    return _CODE.sub(r"`\1`", text)
