"""``publisher get --bundle``: the evidence of a version, for an outsider who trusts nobody.

Everything in it follows from the archive, but for the colour of the letter and the two files that
say whose keys and time-stamps count: these are those of the working tree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from publisher.archive.evidence import zipped
from publisher.archive.folder import ArchiveFolder
from publisher.archive.sums import NAME, sums_bytes
from publisher.errors import PublisherError
from publisher.model.evidence import Evidence
from publisher.model.ledger import Version, sha256
from publisher.model.moments import Asked, Period, Text, When
from publisher.render.style import Style, plain_style
from publisher.source import FolderSource
from publisher.tasks.evidence import Gathered
from publisher.tasks.get import archived, asked_for, target, write_new
from publisher.tasks.lineage import Lineage
from publisher.workspace import brands_in, load

LETTER = "evidence-letter.pdf"


@dataclass(frozen=True, slots=True)
class Bundle:
    """The evidence of a version, as a zip: its bytes, and where it was written, if it was.

    `missing` are the paths of the version's files that were redacted; `asked` and `texts` are as
    in `publisher.tasks.get.Got`.
    """

    version: Version
    locale: str
    period: Period
    name: str
    data: bytes
    sha256: str
    files: int
    missing: tuple[str, ...]
    asked: Asked | None = None
    texts: tuple[Text, ...] = ()
    path: Path | None = None


def bundle(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    now: datetime,
    *,
    on: When | None = None,
    version: str | None = None,
    locale: str | None = None,
    output: Path | None = None,
    write: bool = True,
) -> Bundle:
    """Return the evidence of the version in force on a day, or of a version, and write it.

    Which version that is, is decided as `publisher.tasks.get.get` does. Raises what that raises,
    `SigningFailed` where ssh-keygen is missing, and `LibraryMissing`; nothing is written then.
    """
    archive = ArchiveFolder(root)
    lineage = Lineage(archive)
    known = archived(lineage, brand, now, on, version)
    meant = asked_for(known, on, version, lineage.tags(brand, locale))
    gathered = Gathered(root, archive, known, meant.version, meant.locale)
    evidence = gathered.evidence(meant)
    files = gathered.files | {LETTER: _letter(evidence, _style(root, lineage.today(brand)))}
    files[NAME] = sums_bytes(files)
    data = zipped(evidence.name, files, evidence.record.newest.entry.recorded_at)
    made = Bundle(
        meant.version,
        meant.locale,
        gathered.period,
        evidence.name,
        data,
        sha256(data),
        len(files),
        tuple(each.path for each in evidence.files if each.redacted),
        meant.asked,
        meant.texts,
    )
    if not write:
        return made
    path = target(root, output, f"{evidence.name}.zip")
    write_new(path, data)
    return replace(made, path=path)


def _style(root: Path, brand: str) -> Style:
    """Return a plain style in the colour of the brand, if the working tree still has it."""
    source = FolderSource(root)
    try:
        own = load(source, (brand,)).brands[brand].value if brand in brands_in(source) else None
    except PublisherError:
        own = None
    return plain_style(own.theme.accent if own is not None else None)


def _letter(evidence: Evidence, style: Style) -> bytes:
    from publisher.render.letter.pdf import manuscript
    from publisher.render.typeset import typeset

    return typeset(manuscript(evidence, style))
