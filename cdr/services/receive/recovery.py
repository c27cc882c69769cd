"""Recovery: receipts that were left open are finished, so that every message that was receipted is worked through.

`recover` finishes what nobody works on any more and is called by command; `Watch` calls it in a thread of the server,
at its start and then again and again, since another worker may have died.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import structlog

from cdr.errors import KildeError
from cdr.receipts import Receipt
from cdr.services.receive.process import LEASE
from cdr.services.receive.service import ReceiveService

_log = structlog.get_logger("kilde.receive")
_EVERY_SECONDS = 15.0
_STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What a recovery did: the receipts that it finished, and those that it could not."""

    finished: tuple[str, ...]
    failed: tuple[str, ...]


def recover(service: ReceiveService, *, stop: threading.Event | None = None) -> Recovered:
    """Finish all receipts that are open and that nobody works on; one that fails does not hold up the others.

    Errors: `StoreUnavailable` when the database is lost on the way.
    """
    finished: list[str] = []
    failed: list[str] = []
    seen: set[str] = set()
    while stop is None or not stop.is_set():
        receipt = _next(service)
        if receipt is None or receipt.receipt_id in seen:
            break
        seen.add(receipt.receipt_id)
        try:
            service.finish(receipt)
            finished.append(receipt.receipt_id)
        except KildeError as error:
            _log.error("a receipt could not be finished", receipt=receipt.receipt_id, code=error.code)
            failed.append(receipt.receipt_id)
    return Recovered(finished=tuple(finished), failed=tuple(failed))


class Watch:
    """A thread that recovers what is left open, until it is stopped."""

    def __init__(self, service: ReceiveService) -> None:
        self._service = service
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kilde-recovery", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the receipt that is being worked on, or leave a long one to the next start."""
        self._stop.set()
        self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                recover(self._service, stop=self._stop)
            except KildeError as error:
                _log.warning("recovery has to wait", code=error.code)
            except Exception as error:
                # The thread has to outlive a mistake of ours, or open receipts would stay open; no values in the log.
                _log.error("unexpected error in recovery", error=type(error).__name__)
            self._stop.wait(_EVERY_SECONDS)


def _next(service: ReceiveService) -> Receipt | None:
    now = service.context.clock.now()
    return service.store.claim(now=now, lease=now + LEASE)
