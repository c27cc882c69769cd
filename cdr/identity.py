"""Who asks, what time it is and where new identifiers come from.

`Caller` is the first argument of every service call. `Clock` and `UidSource` have a real and a fixed form, so that
tests and golden files are repeatable.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from aql.access import AccessFilter

__all__ = ["AccessFilter", "Caller", "Clock", "FixedClock", "RandomUids", "SequentialUids", "SystemClock", "UidSource"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The person or system behind a call.

    `tenant` names the municipality (from a token claim or the configured host, never from a body); `person` is the
    user's id; `role` one of the roles of the role table; `purpose` and `basis` are the declared purpose of use and its
    legal ground, empty where the login does not carry them.
    """

    tenant: str
    person: str
    role: str
    purpose: str = ""
    basis: str = ""


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """Return the time now, aware, in UTC, whole milliseconds."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the time now, aware, in UTC, cut to whole milliseconds (what MongoDB keeps)."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


class FixedClock:
    """A clock that moves one second at each look, from a fixed start."""

    def __init__(self, start: datetime = datetime(2024, 1, 1, 12, 0, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        """Return the next second."""
        self._now += timedelta(seconds=1)
        return self._now


class UidSource(Protocol):
    """Where new identifiers come from."""

    def new(self) -> str:
        """Return a new UUID in its canonical lower-case form."""


class RandomUids:
    """Random UUIDs."""

    def new(self) -> str:
        """Return a random UUID, version 4."""
        return str(uuid.uuid4())


class SequentialUids:
    """UUIDs that count from 1, for tests and golden files."""

    def __init__(self) -> None:
        self._last = 0

    def new(self) -> str:
        """Return the next UUID of the sequence."""
        self._last += 1
        return str(uuid.UUID(int=self._last, version=4))
