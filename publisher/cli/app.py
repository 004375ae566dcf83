"""The command line's root: its commands in the order of use, and what it does without one.

A new command needs its name in `PANELS` and `_MODULES`, and a function with `@command` in a module
of this room.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from copy import copy
from importlib import import_module
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, TypeVar, get_type_hints

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from publisher import __version__
from publisher.cli.options import (
    APPENDING,
    Appending,
    WorkspaceDir,
    given_twice,
    now,
    root_of,
    say_left_out,
)
from publisher.cli.terminal import line
from publisher.cli.terminal import progress as progress_shown
from publisher.errors import NotAWorkspace

PANELS = {
    "Set up": ("init", "schema", "doctor"),
    "Write": ("check", "build", "impact"),
    "Compare": ("diff", "history"),
    "Publish": (
        "status",
        "release",
        "reschedule",
        "retire",
        "correct-clock",
        "site",
        "drift",
        "notices",
    ),
    "Answer": ("versions", "get", "search", "export"),
    "Prove": ("verify", "timestamp", "endorse"),
    "Take in": ("import-version", "reconstruct", "redact"),
}
"""The commands by panel, as `--help` lists them: in the order in which they are used."""
_PANEL_OF = {name: panel for panel, names in PANELS.items() for name in names}

_MODULES = {
    "archive": (
        *("release", "reschedule", "retire", "correct-clock"),
        *("versions", "get", "export", "verify", "status"),
    ),
    "compare": ("diff", "impact"),
    "notices": ("notices",),
    "notices_mail": ("notices",),
    "past": ("search", "import-version", "reconstruct", "redact"),
    "policies": ("check", "build", "history", "schema", "doctor"),
    "prove": ("timestamp", "endorse"),
    "site": ("site", "drift"),
    "start": ("init",),
}
"""The modules of this room, with the commands that each of them adds."""

Function = TypeVar("Function", bound=Callable[..., Any])


def _no_type(ctx: Any) -> str:  # noqa: ARG001 - Typer's signature
    return ""


class _Strict:
    """Shows no type next to flags and arguments, where it means nothing.

    Refuses an option that takes one value and is given twice: only the last one would count.
    """

    def make_parser(self, ctx: Any) -> Any:
        parser = super().make_parser(ctx)  # type: ignore[misc]  # of the class mixed in
        parse = parser.parse_args

        def once(args: list[str]) -> Any:
            values, rest, order = parse(args=args)
            given = Counter(param for param in order if isinstance(param, TyperOption))
            for param, times in given.items():
                if times > 1 and not (param.is_flag or param.multiple or ctx.resilient_parsing):
                    raise given_twice(param.opts[0])
            return values, rest, order

        parser.parse_args = once
        return parser

    def get_params(self, ctx: Any) -> Any:
        params = super().get_params(ctx)  # type: ignore[misc]  # of the class mixed in
        for param in params:
            if isinstance(param, TyperArgument) or (
                isinstance(param, TyperOption) and param.is_flag
            ):
                vars(param)["display_type_rich"] = _no_type
        return params


class _Command(_Strict, TyperCommand):
    pass


class _Group(_Strict, TyperGroup):
    pass


class _Commands(_Group):
    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer's signature
        return [*_PANEL_OF, *(name for name in self.commands if name not in _PANEL_OF)]


app = typer.Typer(
    name="publisher",
    cls=_Commands,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="`publisher help COMMAND` explains a command.\n\n"
    "Example: [bold]publisher build lantern --format pdf[/bold]",
)


def _shown(example: str) -> str:
    return f"Example: [bold]{example}[/bold]"


def group(name: str, help: str, example: str) -> typer.Typer:
    """Return a new group of commands, in the panel that has its name."""
    commands = typer.Typer(
        name=name,
        cls=_Group,
        help=help,
        no_args_is_help=True,
        epilog=_shown(example),
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.add_typer(commands, rich_help_panel=_PANEL_OF[name])
    return commands


def command(example: str, commands: typer.Typer | None = None) -> Callable[[Function], Function]:
    """Return a decorator for a command: of a group, or in the panel that has its name."""

    def decorate(function: Function) -> Function:
        name = function.__name__.replace("_", "-")
        registered = (commands or app).command(
            name,
            cls=_Command,
            rich_help_panel=_PANEL_OF[name] if commands is None else None,
            epilog=_shown(example),
        )
        registered(_with_options(function))
        return function

    return decorate


def _with_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a command that has the options of `Appending` in place of its parameter `append`."""
    if not any(default is APPENDING for default in function.__defaults__ or ()):
        return function
    types = get_type_hints(Appending, include_extras=True)
    parameters: list[Parameter] = []
    for one in signature(function, eval_str=True).parameters.values():
        options = Appending._field_defaults if one.default is APPENDING else {one.name: one.default}
        parameters += [
            one.replace(name=name, default=default, annotation=types.get(name, one.annotation))
            for name, default in options.items()
        ]

    def run(**values: Any) -> Any:
        append = Appending(**{name: values.pop(name) for name in Appending._fields})
        return function(**values, append=append)

    run.__doc__ = function.__doc__
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    vars(run)["__signature__"] = Signature(parameters)
    return run


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """Return the root with only the command that `arguments` name first; without one, with all.

    Loading and setting up all commands takes longer than running some of them.
    """
    name = next(iter(arguments), "")
    modules = [module for module, names in _MODULES.items() if name in names]
    for module in modules or _MODULES:
        import_module(f"publisher.cli.{module}")
    if not modules:
        return app
    one = copy(app)
    one.registered_commands = [info for info in app.registered_commands if info.name == name]
    one.registered_groups = [
        info
        for info in app.registered_groups
        if info.typer_instance is not None and info.typer_instance.info.name == name
    ]
    return one


def _version(asked: bool) -> None:
    if asked:
        line(f"publisher {__version__}")
        raise typer.Exit


@app.callback()
def _start(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - its callback prints it
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version.")
    ] = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Publish the privacy policies of every brand of a company, and prove what they said."""
    if context.invoked_subcommand is not None:
        return
    try:
        root = root_of(workspace)
    except NotAWorkspace:
        if workspace is not None:
            raise
        line(context.get_help())
        return
    from publisher.archive.release.status import status
    from publisher.cli.status_output import overview
    from publisher.files.cache import Cache, cache_folder

    say_left_out(root, ())
    with progress_shown() as progress:
        standings = status(root, now(), Cache(cache_folder()), progress=progress)
    overview(root, standings)


@app.command("help", hidden=True, cls=_Command, epilog="Example: [bold]publisher help get[/bold]")
def _help(
    context: typer.Context,
    command: Annotated[
        str | None, typer.Argument(metavar="COMMAND", help="The command; all if none is named.")
    ] = None,
) -> None:
    """Explain a command, or list all commands."""
    asked = [command] if command is not None else []
    app_for(asked)(
        [*asked, "--help"], prog_name=context.parent.info_name if context.parent else None
    )
