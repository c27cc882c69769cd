"""One owner for a data directory: a lock with a process id, and what to do with a mongod that outlived its owner.

The kernel drops a `flock` when its process ends, however it ends, so a lock file left behind is never in the way.
A mongod whose parent was killed gets SIGTERM from the kernel; a new owner waits for it here, and ends it if need be.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time
from pathlib import Path

from cdr.errors import Conflict
from cdr.store.mongod import DATABASE_FOLDER

LOCK_FILE = "kilde.lock"


class DataLock:
    """The lock on a data directory; taken from `acquire` until `release` or the end of the process."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / LOCK_FILE
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock and write our process id into it; `Conflict` names the process that has it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise Conflict(
                f"One process at a time may use the data directory {self._path.parent}; "
                f"process {owner or 'unknown'} is using it. Stop that one first, or choose another directory.",
                code="DataDirectoryInUse",
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor
        # A forked worker shares the lock; it must not keep it after its parent was killed.
        os.register_at_fork(after_in_child=self._forget)

    def release(self) -> None:
        """Give the lock back; the file stays, empty, so that nobody locks a file that is being removed."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def _forget(self) -> None:
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None


def is_owned(directory: Path) -> bool:
    """Tell whether some process owns the data directory now."""
    try:
        descriptor = os.open(directory / LOCK_FILE, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def orphaned_mongod(directory: Path) -> int | None:
    """Return the process id of a mongod that still runs on the data directory, or None.

    The number in mongod's own lock file is believed only when that process is a mongod whose working directory is
    this very directory: numbers are reused.
    """
    try:
        text = (directory / DATABASE_FOLDER / "mongod.lock").read_text("ascii").strip()
        process = int(text)
    except (OSError, ValueError):
        return None
    return process if _is_mongod_of(process, directory) else None


def end_orphaned_mongod(directory: Path, *, patience: float = 30.0) -> None:
    """End a mongod left over on the directory: SIGTERM, and SIGKILL when it is not gone after `patience` seconds.

    Both are safe: mongod recovers from its journal.
    """
    process = orphaned_mongod(directory)
    if process is None:
        return
    for sign, wait in ((signal.SIGTERM, patience), (signal.SIGKILL, 10.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, sign)
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            if not _is_mongod_of(process, directory):
                return
            time.sleep(0.05)
    raise Conflict(
        f"No other mongod may run on the data directory {directory}; process {process} does and cannot be ended.",
        code="DataDirectoryInUse",
    )


def _is_mongod_of(process: int, directory: Path) -> bool:
    proc = Path("/proc") / str(process)
    try:
        # The state is the field after the name in parentheses; a zombie has no files open any more.
        state = (proc / "stat").read_text().rpartition(")")[2].split()[0]
        arguments = (proc / "cmdline").read_bytes().split(b"\0")
        return (
            state != "Z" and b"mongod" in os.path.basename(arguments[0]) and os.path.samefile(proc / "cwd", directory)
        )
    except (OSError, IndexError):
        return False
