"""An archive with all that sites can show, and its sites, made once."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.sites import NOW, full_archive, without_typesetting
from support.workspaces import Repo

from publisher.site.site import site


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A repository with versions of every standing; nobody may change it."""
    with pytest.MonkeyPatch.context() as patch:
        without_typesetting(patch)
        return full_archive(tmp_path_factory.mktemp("sites") / "repo")


@pytest.fixture(scope="session")
def sites(archive: Repo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sites of its brands, in a folder."""
    output = tmp_path_factory.mktemp("sites") / "site"
    site(archive.workspace, output, NOW)
    return output
