"""A short, private name for a Unix socket that may lie under a long path.

The name of a socket has at most 107 bytes, the data directory has no such limit. Clients connect through a link in a
folder that only its owner may enter; the link's name is made of the directory's, so a restart gives the same address.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

LONGEST = 100


def link_to(socket: Path) -> Path:
    """Return a link to the socket, made anew; its path has at most 100 bytes."""
    folder = _private_folder()
    name = hashlib.sha256(os.fsencode(socket)).hexdigest()[:16] + ".sock"
    link = folder / name
    fresh = folder / f"{name}.{os.getpid()}"
    with contextlib.suppress(FileNotFoundError):
        fresh.unlink()
    fresh.symlink_to(socket)
    fresh.replace(link)
    return link


def _private_folder() -> Path:
    """Return a folder of this user alone, under a temporary directory whose path is short enough."""
    for parent in (tempfile.gettempdir(), "/tmp"):
        folder = Path(parent) / f"kilde-{os.getuid()}"
        if len(os.fsencode(folder)) + 40 > LONGEST:
            continue
        with contextlib.suppress(FileExistsError, PermissionError):
            folder.mkdir(mode=0o700)
        if _is_private(folder):
            return folder
    # Somebody else owns the usual name: take an unguessable one.
    return Path(tempfile.mkdtemp(prefix="kilde-", dir="/tmp"))


def _is_private(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o077
