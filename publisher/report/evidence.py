"""Evidence for outsiders → the terminal, or JSON."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from publisher.report.terminal import console, print_json, print_rows
from publisher.report.versions import also, certainty, period, texts_said, version_said

if TYPE_CHECKING:
    from publisher.tasks.bundle import Bundle


def bundle(made: Bundle, *, json: bool) -> None:
    """Print what was bundled, and how to check it."""
    path = str(made.path) if made.path is not None else None
    name = shlex.quote(path or f"{made.name}.zip")
    check = f"unzip {name} && cd {made.name} && sha256sum --quiet -c SHA256SUMS"
    if json:
        print_json(
            {
                **version_said(made.version, made.period),
                "locale": made.locale,
                "sha256": made.sha256,
                "files": made.files,
                "redacted": list(made.missing),
                "texts": texts_said(made),
                "entry": made.version.name,
                "file": path,
                "check": check,
            }
        )
        return
    aside = path is None
    version = made.version
    console(stderr=aside).print(f"[bold]{version.brand} {version.version}[/], {made.locale}")
    rows = {
        "certainty": certainty(version),
        "period": period(made.period),
        "also": also(made),
        "file": path or "standard output",
        "sha256": made.sha256,
        "holds": f"{made.files} files; evidence-letter.pdf tells of them, and how to check them",
        "redacted": ", ".join(made.missing),
        "check": check,
    }
    print_rows({name: value for name, value in rows.items() if value}, stderr=aside)
