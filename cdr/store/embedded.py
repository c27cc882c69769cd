"""The embedded MongoDB: a mongod that this process starts, watches and stops.

One process owns a data directory (`kilde serve`, `kilde import`, a test run); everybody else connects to the address
that `start` returns. The mongod is restarted when it dies, and the kernel ends it when its owner dies.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from cdr.errors import StoreUnavailable
from cdr.store.data_lock import DataLock, end_orphaned_mongod, is_owned
from cdr.store.diagnose import explain_failed_start, require_mongod
from cdr.store.mongod import DATABASE_FOLDER, LOG, REPLICA_SET, SOCKET, command_line
from cdr.store.socket_link import link_to

_STOP_SECONDS = 30.0
_LOG_LIMIT = 16 * 1024 * 1024
_ALREADY_INITIALIZED = 23
_NOT_YET_INITIALIZED = 94

# Run by a bare interpreter: ask the kernel for SIGTERM at the owner's death, make files private, become mongod. The
# owner may have died before the request, hence the look at the parent.
_LAUNCHER = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 15, 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.umask(0o077)
os.execv(sys.argv[2], sys.argv[2:])
"""


class EmbeddedMongo:
    """A mongod on a data directory, from `start` to `stop`, restarted in between if it dies.

    `cache_gb` is WiredTiger's cache in GiB, `oplog_mb` the size of the replication log in MB, `patience` how many
    seconds a start may take, `mongod` the program, None for the one of the wheel or the PATH.
    """

    def __init__(
        self,
        data_dir: str | os.PathLike[str],
        *,
        cache_gb: float = 0.5,
        oplog_mb: int = 128,
        patience: float = 60.0,
        mongod: Path | None = None,
    ) -> None:
        self._configured = mongod
        self._directory = Path(data_dir).absolute()
        self._cache_gb = cache_gb
        self._oplog_mb = oplog_mb
        self._patience = patience
        self._lock = DataLock(self._directory)
        self._process: subprocess.Popen[bytes] | None = None
        self._guardian: threading.Thread | None = None
        self._stopping = threading.Event()
        self._started = threading.Event()
        self._failure: str | None = None
        self._link: Path | None = None
        self._uri = ""
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        """Return the process id of the running mongod, or None."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> str:
        """Start mongod and return the URI to connect to, once it takes writes.

        `Conflict` when another process uses the directory; `StoreUnavailable` with what to install or free when
        mongod cannot be started.
        """
        program = require_mongod(self._configured)
        (self._directory / DATABASE_FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory.chmod(0o700)
        self._lock.acquire()
        try:
            end_orphaned_mongod(self._directory)
            _prepare_log(self._directory / LOG)
            self._link = link_to(self._directory / SOCKET)
            self._uri = _uri_of(self._link)
            self._stopping.clear()
            self._started.clear()
            self._failure = None
            # The kernel's signal at the parent's death belongs to the thread that started the child, so one thread
            # that lives as long as the owner starts them all.
            self._guardian = threading.Thread(
                target=self._guard, args=(program,), name="kilde-embedded-mongo", daemon=True
            )
            self._guardian.start()
            self._await_primary()
        except BaseException:
            self.stop()
            raise
        return self._uri

    def stop(self) -> None:
        """Stop mongod cleanly and give the data directory free; does nothing when it is stopped."""
        self._stopping.set()
        guardian, self._guardian = self._guardian, None
        if guardian is not None:
            self._signal(signal.SIGTERM)
            guardian.join(_STOP_SECONDS)
            if guardian.is_alive():
                # It recovers from its journal.
                self._signal(signal.SIGKILL)
                guardian.join()
        self._process = None
        if self._link is not None:
            self._link.unlink(missing_ok=True)
            self._link = None
        self._lock.release()

    def __enter__(self) -> EmbeddedMongo:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def uri(self) -> str:
        """Return the URI that `start` returned."""
        return self._uri

    def _guard(self, program: Path) -> None:
        """Run mongod until told to stop; start it again, ever more slowly, when it dies."""
        delay = 0.1
        while not self._stopping.is_set():
            begun = time.monotonic()
            try:
                self._process = self._spawn(program)
            except OSError:
                # No memory or process to be had now; the next attempt may have more luck.
                self._process = None
            if self._process is not None:
                if self._stopping.is_set():
                    self._signal(signal.SIGTERM)
                # Without a time limit: this costs nothing while mongod runs.
                self._process.wait()
            if self._stopping.is_set():
                return
            if not self._started.is_set():
                self._failure = explain_failed_start(program, directory=self._directory)
                self._started.set()
                return
            self.restarts += 1
            delay = 0.1 if time.monotonic() - begun > 10 else min(delay * 2, 5.0)
            self._stopping.wait(delay)

    def _signal(self, number: signal.Signals) -> None:
        """Send a signal to mongod, if there is one."""
        process = self._process
        if process is not None:
            process.send_signal(number)

    def _spawn(self, program: Path) -> subprocess.Popen[bytes]:
        arguments = command_line(program, cache_gb=self._cache_gb, oplog_mb=self._oplog_mb)
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid()), *arguments],
            cwd=self._directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # A Ctrl-C at the terminal is for the owner, which then stops mongod in its own order.
            start_new_session=True,
        )

    def _await_primary(self) -> None:
        """Wait until the mongod is a primary, making it a replica set of one member the first time."""
        deadline = time.monotonic() + self._patience
        client: MongoClient[dict[str, object]] = MongoClient(
            self._uri, serverSelectionTimeoutMS=200, heartbeatFrequencyMS=500, connectTimeoutMS=1000
        )
        try:
            while time.monotonic() < deadline:
                if self._failure is not None:
                    raise StoreUnavailable(self._failure, code="EmbeddedMongo")
                if self._is_primary(client):
                    self._started.set()
                    return
                time.sleep(0.02)
        finally:
            client.close()
        raise StoreUnavailable(
            f"The embedded MongoDB should be ready within {self._patience:g} seconds; "
            f"its log is {self._directory / LOG}.",
            code="EmbeddedMongo",
        )

    def _is_primary(self, client: MongoClient[dict[str, object]]) -> bool:
        try:
            hello = client.admin.command("hello")
            if hello.get("isWritablePrimary"):
                return True
            if not hello.get("setName"):
                member = {"_id": 0, "host": f"./{SOCKET}"}
                config = {"_id": REPLICA_SET, "members": [member], "settings": {"electionTimeoutMillis": 1000}}
                client.admin.command("replSetInitiate", config)
        except OperationFailure as error:
            if error.code not in (_ALREADY_INITIALIZED, _NOT_YET_INITIALIZED):
                raise StoreUnavailable(
                    f"The embedded MongoDB should form a replica set; it answered code {error.code}.",
                    code="EmbeddedMongo",
                ) from error
        except PyMongoError:
            return False
        return False


def running_uri(data_dir: str | os.PathLike[str]) -> str | None:
    """Return the URI of the mongod that another process runs on the data directory, None when nobody owns it."""
    directory = Path(data_dir).absolute()
    if not is_owned(directory):
        return None
    return _uri_of(link_to(directory / SOCKET))


def _uri_of(socket: Path) -> str:
    """Return the URI of a mongod behind a socket of a short enough name."""
    return f"mongodb://{quote(str(socket), safe='')}/?directConnection=true"


def _prepare_log(log: Path) -> None:
    """Make the log private before mongod opens it, and put a long one aside."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
    os.close(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    log.chmod(0o600)
