"""Several serving processes on one socket: started, watched, replaced when they die, stopped in order.

The parent owns the database and answers nothing itself. A worker is told over a pipe that its parent is gone.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from cdr.config import Settings
from cli.exits import Unreachable

_READY = b"ready"
# A worker that dies this soon after its start, this many times in a row, will not get better by another start.
_TOO_SOON = 5.0
_MOST_EARLY_DEATHS = 5


@dataclass(slots=True)
class _Worker:
    """One child: `reports` says when it accepts; its end of `lifeline` tells it that we are gone."""

    process: SpawnProcess
    reports: Connection
    lifeline: Connection
    begun: float


class Workers:
    """`settings.workers` processes that serve one socket, from `run` until SIGTERM or SIGINT."""

    def __init__(self, settings: Settings, bound: socket.socket, uri: str) -> None:
        self._settings = settings
        self._socket = bound
        self._uri = uri
        self._workers: list[_Worker] = []
        self._stopping = False
        self._early_deaths = 0

    def run(self, *, ready: Callable[[], None]) -> None:
        """Start the workers, call `ready` when all accept connections, and keep them going until a signal."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        try:
            self._workers = [self._start() for _ in range(self._settings.workers)]
            if self._await_ready():
                ready()
                self._watch()
        finally:
            self._stop()

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._stopping = True

    def _start(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        reports, report_to = context.Pipe(duplex=False)
        watched, lifeline = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(self._settings, self._socket, self._uri, report_to, watched))
        process.start()
        report_to.close()
        watched.close()
        return _Worker(process=process, reports=reports, lifeline=lifeline, begun=time.monotonic())

    def _await_ready(self) -> bool:
        """Wait until every worker accepts; False when told to stop first."""
        for worker in self._workers:
            while not self._stopping and not worker.reports.poll(0.1):
                pass
            if self._stopping:
                return False
            try:
                worker.reports.recv_bytes()
            except EOFError:
                raise Unreachable("a worker process ended while it started; its reason is above") from None
        return True

    def _watch(self) -> None:
        """Replace workers that die, until told to stop."""
        while not self._stopping:
            wait([worker.process.sentinel for worker in self._workers], timeout=0.2)
            for place, worker in enumerate(self._workers):
                if self._stopping or worker.process.is_alive():
                    continue
                self._count_death(worker)
                self._workers[place] = self._start()

    def _count_death(self, worker: _Worker) -> None:
        """Give up when workers keep dying at once."""
        early = time.monotonic() - worker.begun < _TOO_SOON
        self._early_deaths = self._early_deaths + 1 if early else 0
        if self._early_deaths > _MOST_EARLY_DEATHS:
            raise Unreachable("worker processes end right after their start; their reasons are above")
        worker.reports.close()
        worker.lifeline.close()

    def _stop(self) -> None:
        """Let every worker drain, and kill what is left after that."""
        for worker in self._workers:
            if worker.process.is_alive():
                worker.process.terminate()
        deadline = time.monotonic() + self._settings.drain_seconds + 5
        for worker in self._workers:
            worker.process.join(max(0.0, deadline - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()


def _work(settings: Settings, bound: socket.socket, uri: str, report_to: Connection, watched: Connection) -> None:
    """Serve as one of several processes; the body of a child."""
    # Before the event loop has its own handlers, a signal simply ends the start.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    threading.Thread(target=_end_with_parent, args=(watched,), name="kilde-lifeline", daemon=True).start()
    from cdr.bootstrap import build  # a child that is told to stop at once need not have loaded all this
    from cli.server import logs
    from cli.server.process import serve_until_stopped

    logs.configure(settings)
    with build(settings, uri=uri) as running:
        serve_until_stopped(running, bound, ready=lambda: report_to.send_bytes(_READY))


def _end_with_parent(watched: Connection) -> None:
    """Wait for the parent's end of the pipe to close, then stop in order."""
    wait([watched])
    os.kill(os.getpid(), signal.SIGTERM)
