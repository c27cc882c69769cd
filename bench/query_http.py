"""Queries over HTTP, alone and while others commit or ask: any openEHR server, a connection for each client."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from bench.measure import BASE
from bench.query_kinds import KINDS, Kind
from bench.query_records import ehr_id

SINGLE, POPULATION = KINDS[0], next(kind for kind in KINDS if "mean" in kind.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Wall-clock milliseconds at the client."""

    what: str
    cold: float
    middle: float
    high: float
    count: int


def measure(url: str, *, ehrs: int, times: int, say: Callable[[str], None]) -> Iterator[Times]:
    """Yield the times of all kinds, one client, nobody else."""
    with httpx.Client(base_url=url, timeout=300) as client:
        for kind in KINDS:
            say(f"over HTTP: {kind.name}")
            yield _asked(client, kind, ehrs=ehrs, times=times if kind.is_single else max(10, times // 6))


def under_load(url: str, *, ehrs: int, seconds: float, say: Callable[[str], None]) -> Iterator[Times]:
    """Yield what queries take beside 0, 1 and 4 writers, and what commits take beside 4 queries about everyone."""
    for writers in (0, 1, 4):
        say(f"queries beside {writers} writers")
        with writing(url, writers, ehrs=ehrs) as _, httpx.Client(base_url=url, timeout=300) as client:
            for kind in (SINGLE, POPULATION):
                # One ask before: what writers changed while nobody asked is not part of the question.
                times = _during(client, kind, ehrs=ehrs, seconds=seconds)
                yield _times(f"{kind.name}; {writers} writers", times)
    for readers in (0, 4):
        say(f"4 writers beside {readers} queries about everyone")
        with writing(url, 4, ehrs=ehrs, seconds=seconds + 2) as commits:
            answers = _readers(url, readers, seconds=seconds + 2)
        yield _times(f"commit; 4 writers, {readers} queries about everyone at a time", commits[5:])
        if answers:
            yield _times("queries about everyone, 4 at a time beside 4 writers", answers)


@contextmanager
def writing(url: str, writers: int, *, ehrs: int, seconds: float = 0.0) -> Iterator[list[float]]:
    """Commit in another process during the block, or for some seconds; afterwards the list holds each commit's time."""
    times: list[float] = []
    if not writers:
        yield times
        return
    command = [sys.executable, "-m", "bench.query_writers", url, str(writers), str(ehrs), str(seconds or 600)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    process.stdout.readline()
    try:
        yield times
    finally:
        if seconds == 0.0:
            process.stdin.close()
        times.extend(json.loads(process.stdout.read()))
        process.wait(60)


def _during(client: httpx.Client, kind: Kind, *, ehrs: int, seconds: float) -> list[float]:
    stop = time.perf_counter() + seconds
    times: list[float] = []
    while time.perf_counter() < stop:
        times.append(_ask(client, kind, len(times), ehrs=ehrs))
    return times


def _readers(url: str, count: int, *, seconds: float) -> list[float]:
    times: list[float] = []

    def work() -> None:
        with httpx.Client(base_url=url, timeout=300) as client:
            times.extend(_during(client, POPULATION, ehrs=1, seconds=seconds))

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def _asked(client: httpx.Client, kind: Kind, *, ehrs: int, times: int) -> Times:
    cold = _ask(client, kind, 0, ehrs=ehrs)
    return _times(kind.name, [_ask(client, kind, number, ehrs=ehrs) for number in range(1, times + 1)], cold=cold)


def _ask(client: httpx.Client, kind: Kind, number: int, *, ehrs: int) -> float:
    body: dict[str, object] = {"q": kind.text}
    if kind.is_single:
        body["query_parameters"] = {"ehr": ehr_id(number * 7919 % ehrs + 1)}
    begun = time.perf_counter()
    answer = client.post(f"{BASE}/query/aql", json=body)
    spent = time.perf_counter() - begun
    if answer.status_code not in (200, 204):
        raise SystemExit(f"the server answered {answer.status_code}: {answer.text[:300]}")
    return spent * 1e3


def _times(what: str, times: Sequence[float], *, cold: float = 0.0) -> Times:
    ordered = sorted(times)
    middle, high = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
    return Times(what=what, cold=cold, middle=middle, high=high, count=len(ordered))
