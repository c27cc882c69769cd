"""Commits of several threads in one transaction, when they come at once.

Theory: a transaction costs some nine round trips however much it writes. So while one is under way, the commits that
come in wait together, and the next transaction takes them all; a commit that comes alone goes at once and alone.
Nothing changes for anybody: each contribution has its own document and its own sequence numbers, and one that cannot be
written is tried once more alone, so that no commit is refused for the sake of another.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Sequence

from cdr.errors import StoreUnavailable
from cdr.ports import Write

# A transaction that takes longer than this (it is large, or waits for that of another process) no longer holds up the
# others: they go on beside it.
_PATIENCE_SECONDS = 0.1
# Few enough that those who wait do not wait long.
_MOST_WRITES = 32
_MOST_BYTES = 1024 * 1024


class _Ticket:
    """A commit that waits: for its outcome, or to be told to lead the next transaction."""

    __slots__ = ("error", "is_alone", "is_done", "keys", "size", "woken", "write")

    def __init__(self, write: Write) -> None:
        self.write = write
        self.keys = frozenset(_keys(write))
        self.size = sum(len(version.record.content or b"") for version in write.commit.versions)
        self.woken = threading.Event()
        self.is_done = False
        self.is_alone = False
        self.error: StoreUnavailable | None = None


class GroupCommit:
    """Gathers the commits of threads; `carry_out` writes some contributions in one transaction, or none of them."""

    def __init__(self, carry_out: Callable[[Sequence[Write]], None]) -> None:
        self._carry_out = carry_out
        self._lock = threading.Lock()
        self._waiting: deque[_Ticket] = deque()
        self._leaders = 0

    @property
    def is_busy(self) -> bool:
        """Tell whether a transaction is under way."""
        return self._leaders > 0

    def write(self, write: Write) -> None:
        """Write one contribution, alone or together with others; raises what `carry_out` raises for it."""
        ticket = _Ticket(write)
        with self._lock:
            leads = not self._leaders
            if leads:
                self._leaders += 1
            else:
                self._waiting.append(ticket)
        while not leads and not ticket.woken.wait(_PATIENCE_SECONDS):
            leads = self._leaves_the_queue(ticket)
        if not ticket.is_done:
            self._lead(ticket)
        if ticket.is_alone:
            self._carry_out([write])
        elif ticket.error is not None:
            raise ticket.error

    def _leaves_the_queue(self, ticket: _Ticket) -> bool:
        """Take a commit that has waited long enough out of the queue to lead; False when a leader has taken it."""
        with self._lock:
            if ticket not in self._waiting:
                return False
            self._waiting.remove(ticket)
            self._leaders += 1
        return True

    def _lead(self, own: _Ticket) -> None:
        """Write what waits, the leader's own commit among it; then let the first that still waits lead."""
        batch = self._take(own)
        is_known = False
        try:
            self._together(batch)
            is_known = True
        finally:
            with self._lock:
                following = self._waiting.popleft() if self._waiting else None
                if following is None:
                    self._leaders -= 1
            for ticket in batch:
                if not is_known:  # the leader's thread was ended: nobody may take that for a success
                    ticket.error = StoreUnavailable("the outcome of the commit is not known", code="OutcomeUnknown")
                ticket.is_done = True
                if ticket is not own:
                    ticket.woken.set()
            if following is not None:
                following.woken.set()

    def _together(self, batch: list[_Ticket]) -> None:
        if len(batch) == 1:
            self._carry_out([batch[0].write])
            return
        try:
            self._carry_out([ticket.write for ticket in batch])
        except StoreUnavailable as error:
            for ticket in batch:
                ticket.error = StoreUnavailable(error.message, code=error.code)
        except Exception:  # one of them cannot be written: each finds out alone, and raises what it meets
            for ticket in batch:
                ticket.is_alone = True

    def _take(self, own: _Ticket) -> list[_Ticket]:
        """Take the leader's commit and those waiting that go well with it: about other objects, and not too much."""
        batch, left = [own], deque[_Ticket]()
        keys, size = set(own.keys), own.size
        with self._lock:
            for ticket in self._waiting:
                fits = len(batch) < _MOST_WRITES and size + ticket.size <= _MOST_BYTES
                if fits and keys.isdisjoint(ticket.keys):
                    batch.append(ticket)
                    keys |= ticket.keys
                    size += ticket.size
                else:
                    left.append(ticket)
            self._waiting = left
        return batch


def _keys(write: Write) -> Iterator[Hashable]:
    """Yield what no two contributions of one transaction may share, since one of them would be refused."""
    yield write.commit.contribution.uid
    for version in write.commit.versions:
        yield version.record.object_id
    for ehr in (write.new_ehr, write.changed_ehr):
        if ehr is not None:
            yield ehr.ehr_id
            if ehr.subject is not None:
                yield ehr.subject
