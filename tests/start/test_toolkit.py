"""What a new workspace installs: an address others can reach, or a wheel that it carries."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from publisher.start.surroundings import address_of, requirements

VCS = {"vcs": "git", "commit_id": "a" * 40}


@pytest.mark.parametrize(
    ("direct", "address"),
    [
        (
            {"url": "https://git.example/x.git", "vcs_info": VCS},
            f"git+https://git.example/x.git@{'a' * 40}",
        ),
        (
            {"url": "https://git.example/x.git", "vcs_info": VCS, "subdirectory": "kit"},
            f"git+https://git.example/x.git@{'a' * 40}#subdirectory=kit",
        ),
        (
            {
                "url": "https://x.example/a-1-py3-none-any.whl",
                "archive_info": {"hashes": {"sha256": "b" * 64}},
            },
            f"https://x.example/a-1-py3-none-any.whl#sha256={'b' * 64}",
        ),
        ({"url": "https://x.example/a.tar.gz", "archive_info": {}}, "https://x.example/a.tar.gz"),
        ({"url": "file:///home/x/a-1-py3-none-any.whl", "archive_info": {}}, ""),
        ({"url": "file:///home/x/kit", "dir_info": {"editable": True}}, ""),
        ({"url": "file:///home/x/kit.git", "vcs_info": VCS}, ""),
        ({}, ""),
    ],
)
def test_an_address_is_taken_where_others_can_reach_it(
    direct: dict[str, Any], address: str
) -> None:
    assert address_of(direct) == address


@pytest.mark.parametrize(
    "spec",
    ["policy-publisher==0.1.0", "git+https://git.example/x.git@v1", "https://x.example/a.whl"],
)
def test_what_is_named_stands_in_the_requirements(spec: str) -> None:
    assert requirements(f" {spec} ") == {"requirements.txt": f"{spec}\n".encode()}


def test_a_wheel_that_is_named_is_copied(tmp_path: Path) -> None:
    wheel = tmp_path / "policy_publisher-9-py3-none-any.whl"
    wheel.write_bytes(b"wheel")
    assert requirements(str(wheel)) == {
        "requirements.txt": f"./vendor/{wheel.name}\n".encode(),
        f"vendor/{wheel.name}": b"wheel",
    }


def test_a_checkout_becomes_a_wheel_whose_record_is_true_and_whose_bytes_stay() -> None:
    files = requirements(None)
    (name,) = (name for name in files if name.startswith("vendor/"))
    assert files["requirements.txt"] == f"./{name}\n".encode()
    assert requirements(None) == files
    with zipfile.ZipFile(BytesIO(files[name])) as wheel:
        names = wheel.namelist()
        (record,) = (entry for entry in names if entry.endswith("RECORD"))
        rows = [row.rsplit(",", 2) for row in wheel.read(record).decode().splitlines()]
        assert [row[0] for row in rows] == names
        for path, digest, size in rows[:-1]:
            content = wheel.read(path)
            sha256 = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode()
            assert (digest, int(size)) == (f"sha256={sha256.rstrip('=')}", len(content))
    assert {"publisher/__init__.py", "publisher/data/start/brand.yaml"} <= {*names}
    assert not [entry for entry in names if "__pycache__" in entry or "direct_url" in entry]
