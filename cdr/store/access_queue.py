"""The access log of a server: entries are written a moment after the answer, many at a time.

Theory: written one by one they cost each read as much as the read itself. Here a thread writes what has come in about
fifty times a second. An orderly end writes the rest; a process that is killed loses the entries of its last
hundredths of a second, as little as a crash of the database takes back of entries that wait for no journal. While
entries cannot be written nothing is answered either: the next access tries to write them all, and fails if that fails.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence

import structlog

from cdr.errors import KildeError
from cdr.identity import Caller
from cdr.store.access_log import MongoAccessLog
from cdr.store.client import Document

LINGER_SECONDS = 0.02
# A database that is slower than what comes in: the one who brings more waits until all is written.
_MOST_WAITING = 5_000

_log = structlog.get_logger("kilde.store")


class QueuedAccessLog:
    """The `AccessLog` of one tenant in a process that serves; call `close` when it ends."""

    def __init__(self, log: MongoAccessLog) -> None:
        self._inner = log
        self._waiting: list[Document] = []
        self._lock = threading.Lock()
        # Only one writes at a time, so that what failed goes out before what came later.
        self._writing = threading.Lock()
        self._has_some = threading.Event()
        self._failed = False
        self._closing = False
        self._thread: threading.Thread | None = None

    def record(self, caller: Caller, *, action: str, resource: str, ehr_ids: Sequence[str], detail: str = "") -> None:
        """Note one access; `StoreUnavailable` while earlier ones cannot be written."""
        noted = self._inner.noted(caller, action=action, resource=resource, ehr_ids=ehr_ids, detail=detail)
        with self._lock:
            self._waiting.extend(noted)
            must_write = self._failed or self._closing or len(self._waiting) > _MOST_WAITING
            if self._thread is None and not self._closing:
                self._thread = threading.Thread(target=self._work, name="kilde-access-log", daemon=True)
                self._thread.start()
        if must_write:
            self.flush()
        elif not self._has_some.is_set():
            self._has_some.set()

    def entries(self, *, ehr_id: str | None = None, limit: int = 100) -> Iterator[Mapping[str, object]]:
        """Return the newest entries first, of one EHR or of all."""
        self.flush()
        return self._inner.entries(ehr_id=ehr_id, limit=limit)

    def flush(self) -> None:
        """Write what waits; `StoreUnavailable` when that is not possible, and it goes on waiting."""
        with self._writing:
            with self._lock:
                entries, self._waiting = self._waiting, []
            try:
                self._inner.write(entries)
            except BaseException:
                with self._lock:
                    # The driver has given each its id: one that did get through is not written twice.
                    self._waiting = entries + self._waiting
                    self._failed = True
                raise
            self._failed = False

    def close(self) -> None:
        """Write the rest and stop; what cannot be written is counted in the log."""
        with self._lock:
            self._closing = True
            thread = self._thread
        self._has_some.set()
        if thread is not None:
            thread.join()
        try:
            self.flush()
        except KildeError:
            _log.error("access log entries could not be written", count=len(self._waiting))

    def _work(self) -> None:
        pause = threading.Event()
        while not self._closing:
            self._has_some.wait()
            pause.wait(LINGER_SECONDS)
            self._has_some.clear()
            try:
                self.flush()
            except KildeError:
                # Whoever comes next tries again and is told; and so does this thread, in a while.
                pause.wait(0.5)
                self._has_some.set()
            except Exception as error:
                _log.error("the access log meets a mistake", error=type(error).__name__)
