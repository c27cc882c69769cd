"""HTTP to a terminology server: one GET with a time limit, answers kept for a while, and a circuit breaker.

A server that is down is asked a few times, then left alone for a while, so that commits do not each wait for the time
limit. Nothing here raises for what the network does: the answer is then `None`.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

_LARGEST_ANSWER = 8_000_000
# What a server says about a value set or code that it does not know; asking again would give the same.
_DEFINITE_REFUSALS = frozenset({400, 404, 422})


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Where a FHIR R4 terminology server is and how patient Kilde is with it.

    Units: seconds. `failures` failed requests in a row open the circuit for `rest` seconds; `keep` is how long an
    answer is used again. `headers` go with each request (a token, say) and are never logged.
    """

    base_url: str
    timeout: float = 3.0
    keep: float = 3600.0
    entries: int = 10_000
    failures: int = 3
    rest: float = 30.0
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said: a resource, or None where it definitely does not know."""

    resource: Mapping[str, Any] | None


class Server:
    """One terminology server; safe to share between threads."""

    def __init__(self, settings: ServerSettings, *, now: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._now = now
        self._client = httpx.Client(
            base_url=settings.base_url.rstrip("/"),
            timeout=settings.timeout,
            headers={"Accept": "application/fhir+json", **settings.headers},
            follow_redirects=False,
        )
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, Reply]] = OrderedDict()
        self._failures = 0
        self._closed_until = float("-inf")

    @property
    def is_resting(self) -> bool:
        """Tell whether the circuit is open, so that the server is not asked now."""
        return self._now() < self._closed_until

    def get(self, path: str, parameters: Mapping[str, str]) -> Reply | None:
        """Return what the server says, from memory if it said so lately; None if it cannot be asked."""
        key = str(httpx.URL(path, params=dict(parameters)))
        reply = self._remembered(key)
        if reply is not None:
            return reply
        if not self._may_ask():
            return None
        reply = self._ask(path, parameters)
        self._note(key, reply)
        return reply

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask(self, path: str, parameters: Mapping[str, str]) -> Reply | None:
        try:
            with self._client.stream("GET", path, params=dict(parameters)) as response:
                if response.status_code in _DEFINITE_REFUSALS:
                    return Reply(None)
                if response.status_code != httpx.codes.OK:
                    return None
                body = bytearray()
                started = self._now()
                for chunk in response.iter_bytes():
                    body += chunk
                    # The client's limit is for each read; a server that drips would hold a commit for long.
                    if len(body) > _LARGEST_ANSWER or self._now() - started > self._settings.timeout:
                        return None
            resource = httpx.Response(200, content=bytes(body)).json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            return None
        return Reply(resource) if isinstance(resource, dict) else None

    def _remembered(self, key: str) -> Reply | None:
        with self._lock:
            known = self._kept.get(key)
            if known is None or known[0] < self._now():
                return None
            self._kept.move_to_end(key)
            return known[1]

    def _may_ask(self) -> bool:
        """Tell whether a request may go out; after the rest one request at a time tries the server again."""
        with self._lock:
            if self.is_resting:
                return False
            if self._failures >= self._settings.failures:
                self._closed_until = self._now() + self._settings.rest
            return True

    def _note(self, key: str, reply: Reply | None) -> None:
        with self._lock:
            if reply is None:
                self._failures += 1
                if self._failures >= self._settings.failures:
                    self._closed_until = self._now() + self._settings.rest
                return
            self._failures = 0
            self._closed_until = float("-inf")
            self._kept[key] = (self._now() + self._settings.keep, reply)
            while len(self._kept) > self._settings.entries:
                self._kept.popitem(last=False)
