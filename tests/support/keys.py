"""Pairs of SSH keys to sign with."""

from __future__ import annotations

import subprocess
from pathlib import Path


def key_pair(private: Path) -> Path:
    """Make a pair of keys; return its private half, beside which `.pub` is the public one."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", private.name, "-f", private]
    subprocess.run(command, check=True)
    return private


def key_pairs(folder: Path, *names: str) -> Path:
    """Make a pair of keys of each name in a folder; return the folder."""
    for name in names:
        key_pair(folder / name)
    return folder
