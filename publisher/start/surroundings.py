"""What a new workspace has around its texts: git, schemas, workflows, and its toolkit."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

import publisher
from publisher.errors import AskedWrongly, GitFailed
from publisher.files.named import Unread, read_named
from publisher.files.output import new_folder, write_file
from publisher.repository.reading import Repository
from publisher.repository.writing import commit, create, identity
from publisher.workspace.schemas import SCHEMAS, schema_document

NOTICE = "# A start, and not legal advice: a lawyer must read it. Free to use and to change.\n"
DATA = files("publisher") / "data" / "start"
_PROJECT = "policy-publisher"
_NOT_IN_WHEELS = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json")


def surroundings(company: str, toolkit: str | None) -> dict[str, bytes]:
    """Return the files around the texts; `toolkit` is what pip installs, or a wheel's file.

    Raises `AskedWrongly` for a toolkit that cannot be named.
    """
    names = {
        ".gitattributes": "gitattributes",
        ".gitignore": "gitignore",
        ".github/workflows/policies.yml": "github.yml",
        ".gitlab-ci.yml": "gitlab.yml",
    }
    return {
        **{path: data("files", name).encode() for path, name in names.items()},
        "README.md": filled(data("files", "README.md"), company=company).encode(),
        **{
            f"shared/schemas/{name}.json": schema_document(model.model_json_schema())
            for name, model in SCHEMAS.items()
        },
        **requirements(toolkit),
    }


def data(*path: str) -> str:
    """Return a text of the toolkit's own."""
    return DATA.joinpath(*path).read_text(encoding="utf-8")


def filled(text: str, **values: str) -> str:
    """Return a text with its ``$names`` filled in."""
    return Template(text).substitute(values)


@contextmanager
def new_workspace(
    folder: Path, contents: Mapping[str, bytes], message: str, now: datetime, author: str | None
) -> Iterator[Path]:
    """Make a repository with one commit; `folder` is it once the work in the context is done.

    Raises `GitFailed` if git does not know who commits, if `author` does not say so.
    """
    with new_folder(folder) as root:
        create(root)
        repository = Repository.find(root)
        if repository is None:
            raise GitFailed(f"git made no repository in {root}; run `publisher doctor`")
        with repository:
            if author is None:
                identity(repository)
            for name, content in contents.items():
                write_file(root / name, content)
            commit(repository, [*contents], message, now, author)
        yield root


def requirements(toolkit: str | None) -> dict[str, bytes]:
    """Return requirements.txt, and the wheel that it names, if it names one.

    Without `toolkit`: from where the running toolkit was installed (PEP 610), if others can install
    it from there, too; else a wheel of the running toolkit.
    """
    if toolkit is not None:
        return _named(toolkit.strip())
    try:
        distribution = metadata.distribution(_PROJECT)
    except metadata.PackageNotFoundError:
        raise AskedWrongly(
            "this toolkit is not installed, so that nobody can tell where others get it; name it "
            "with --toolkit SPEC, as for pip"
        ) from None
    address = address_of(json.loads(distribution.read_text("direct_url.json") or "{}"))
    if address:
        return {"requirements.txt": f"{_PROJECT} @ {address}\n".encode()}
    name = f"{_PROJECT.replace('-', '_')}-{distribution.version}-py3-none-any.whl"
    return _vendored(name, _wheel(distribution))


def _named(toolkit: str) -> dict[str, bytes]:
    if not toolkit or not toolkit.isprintable():
        raise AskedWrongly("--toolkit takes one line, as for pip: an address, or a wheel's file")
    if not toolkit.endswith(".whl") or "://" in toolkit:
        return {"requirements.txt": f"{toolkit}\n".encode()}
    try:
        return _vendored(Path(toolkit).name, read_named(Path(toolkit)))
    except Unread as fault:
        raise AskedWrongly(f"the wheel {toolkit} {fault}; name one that exists") from None


def _vendored(name: str, wheel: bytes) -> dict[str, bytes]:
    return {"requirements.txt": f"./vendor/{name}\n".encode(), f"vendor/{name}": wheel}


def address_of(direct: Mapping[str, Any]) -> str:
    """Return the address that PEP 610's record has, if it is one on the network; else nothing."""
    url = str(direct.get("url", ""))
    folder = direct.get("subdirectory")
    if url.startswith("file:"):
        return ""
    if "vcs_info" in direct:
        version = direct["vcs_info"]
        inside = f"#subdirectory={folder}" if folder else ""
        return f"{version['vcs']}+{url}@{version['commit_id']}{inside}"
    hashes = direct.get("archive_info", {}).get("hashes", {})
    fragments = [f"subdirectory={folder}"] if folder else []
    fragments += [f"sha256={hashes['sha256']}"] if "sha256" in hashes else []
    return url + (f"#{'&'.join(fragments)}" if fragments else "")


def _wheel(distribution: metadata.Distribution) -> bytes:
    """Return a wheel of an installed distribution; the same files give the same bytes."""
    package = Path(publisher.__file__).parent
    contents = {
        f"{package.name}/{path.relative_to(package).as_posix()}": path.read_bytes()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    folder = f"{_PROJECT.replace('-', '_')}-{distribution.version}.dist-info"
    for path in distribution.files or ():
        if path.parts[0] == folder and path.name not in _NOT_IN_WHEELS:
            contents[path.as_posix()] = Path(str(path.locate())).read_bytes()
    contents = dict(sorted(contents.items()))
    rows = [f"{name},{_digest(content)},{len(content)}\n" for name, content in contents.items()]
    record = f"{folder}/RECORD"
    contents[record] = "".join((*rows, f"{record},,\n")).encode()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name)  # with the first date that zip files know
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            wheel.writestr(entry, content)
    return archive.getvalue()


def _digest(content: bytes) -> str:
    """Return a hash as wheels record it (PEP 427)."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    return f"sha256={digest}"
