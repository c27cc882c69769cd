"""How many questions about everyone a process works on at once, so that commits and reads come through between them.

One that reads object by object, or fills columns, keeps a processor busy for seconds: one at a time. One that is
answered from columns takes milliseconds: two at a time. Questions about one EHR pass without a gate.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from cdr.errors import TimedOut

_HEAVY = 1
_LIGHT = 2


class Gates:
    """The gates of one runner."""

    def __init__(self) -> None:
        self._heavy = threading.BoundedSemaphore(_HEAVY)
        self._light = threading.BoundedSemaphore(_LIGHT)

    @contextmanager
    def heavy(self, deadline: float) -> Iterator[None]:
        """Wait for a turn among those that take long; `TimedOut` when the deadline comes first."""
        with _turn(self._heavy, deadline):
            yield

    @contextmanager
    def light(self, deadline: float) -> Iterator[None]:
        """Wait for a turn among those that are answered from columns."""
        with _turn(self._light, deadline):
            yield


@contextmanager
def _turn(gate: threading.BoundedSemaphore, deadline: float) -> Iterator[None]:
    if not gate.acquire(timeout=max(0.0, deadline - time.monotonic())):
        raise TimedOut("The query should get its turn within its time limit; others about everyone are being answered.")
    try:
        yield
    finally:
        gate.release()
