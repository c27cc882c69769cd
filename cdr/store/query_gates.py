"""How many questions about everyone a process works on at once, so that commits and reads come through between them.

One that reads object by object, or fills columns, keeps a processor busy for seconds: one at a time. One that is
answered from columns takes milliseconds: two at a time. Questions about one EHR pass without a gate.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cdr.errors import TimedOut

_HEAVY = 1
_LIGHT = 2
# While commits are under way, questions from columns rest this many times as long as the last one took, so that four
# who ask without a pause do not take the processors from those who write.
_REST = 2.0
_LONGEST_REST = 0.1


def _nobody() -> bool:
    return False


class Gates:
    """The gates of one process; `is_writing` tells whether commits are under way."""

    def __init__(self, *, is_writing: Callable[[], bool] = _nobody) -> None:
        self._heavy = threading.BoundedSemaphore(_HEAVY)
        self._light = threading.BoundedSemaphore(_LIGHT)
        self._is_writing = is_writing
        self._rests_until = 0.0

    @contextmanager
    def heavy(self, deadline: float) -> Iterator[None]:
        """Wait for a turn among those that take long; `TimedOut` when the deadline comes first."""
        with _turn(self._heavy, deadline):
            yield

    @contextmanager
    def light(self, deadline: float) -> Iterator[None]:
        """Wait for a turn among those that are answered from columns."""
        with _turn(self._light, deadline):
            rest = min(self._rests_until, deadline) - time.monotonic()
            if rest > 0:
                time.sleep(rest)
            begun = time.monotonic()
            try:
                yield
            finally:
                if self._is_writing():
                    ended = time.monotonic()
                    self._rests_until = ended + min(_LONGEST_REST, _REST * (ended - begun))


@contextmanager
def _turn(gate: threading.BoundedSemaphore, deadline: float) -> Iterator[None]:
    if not gate.acquire(timeout=max(0.0, deadline - time.monotonic())):
        raise TimedOut("The query should get its turn within its time limit; others about everyone are being answered.")
    try:
        yield
    finally:
        gate.release()
