"""Measurements by route template: how many requests, how they ended, how long they took. No id ever is a label."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The metrics of one application, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter("kilde_http_requests", "Requests answered.", labels, registry=self._registry)
        self._seconds = Histogram(
            "kilde_http_request_seconds",
            "Time from a request's head to the end of its answer.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._open = Gauge("kilde_http_open_requests", "Requests under way.", registry=self._registry)

    def started(self) -> None:
        """Note that a request came in."""
        self._open.inc()

    def ended(self, method: str, route: str, *, status: int, seconds: float) -> None:
        """Note that a request was answered."""
        self._open.dec()
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def names(self) -> list[str]:
        """Return the names of all metrics."""
        return sorted(family.name for family in self._registry.collect())

    def text(self) -> bytes:
        """Return all metrics in the text format of Prometheus."""
        return generate_latest(self._registry)
