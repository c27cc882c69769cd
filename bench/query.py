"""`python -m bench.query`: how long queries take, in the engine and over HTTP, as a markdown report.

The records are made up and written once into `--data`; the next run finds them there. `--url` measures any openEHR
server over HTTP instead, after loading the records into it with `--load`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from bench import query_engine, query_http
from bench.machine import about_machine
from bench.measure import BASE, prepare
from bench.processes import cost_of
from bench.query_database import opened
from bench.query_engine import Figures
from bench.query_http import Times
from bench.query_records import PER_EHR, compositions, ehr_id
from bench.server import started


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.query", description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=Path(tempfile.gettempdir()) / "kilde-bench-queries", help="folder of the records"
    )
    parser.add_argument("--compositions", type=int, default=20_000, help="how many there are at least")
    parser.add_argument("--times", type=int, default=300, help="how often each query about one EHR is asked")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each mix of clients is measured")
    parser.add_argument("--workers", type=int, default=1, help="processes of the server that is started")
    parser.add_argument("--cache-gb", type=float, default=2.0, help="WiredTiger's cache when measuring the engine")
    parser.add_argument("--engine", action="store_true", help="measure the engine only")
    parser.add_argument("--url", help="measure this server instead")
    parser.add_argument("--load", action="store_true", help="with --url: load templates and records first")
    options = parser.parse_args()
    ehrs = max(1, options.compositions // PER_EHR)
    print(f"# Queries over {ehrs * PER_EHR:,} compositions of {ehrs:,} EHRs\n")
    if options.url:
        if options.load:
            _load(options.url, ehrs)
        _over_http(options.url, ehrs, options)
    else:
        with opened(options.data, number=options.compositions, cache_gb=options.cache_gb, say=_say) as store:
            figures, memory = query_engine.measure(store, ehrs=ehrs, times=options.times, say=_say)
        print(_engine_table(figures))
        print(f"\n{memory}\n")
        if options.engine:
            print(about_machine(workers=options.workers))
            return
        with started(options.workers, data=options.data) as (url, pid):
            with httpx.Client(base_url=url, timeout=60) as client:
                prepare(client)
            _over_http(url, ehrs, options)
            cost = cost_of(pid)
            print(f"\nServer {cost.server_bytes / 1e6:.0f} MB, mongod {cost.mongod_bytes / 1e6:.0f} MB at the end.")
    print("\n" + about_machine(workers=None if options.url else options.workers))


def _over_http(url: str, ehrs: int, options: argparse.Namespace) -> None:
    print(_http_table(query_http.measure(url, ehrs=ehrs, times=options.times, say=_say)))
    print()
    print(_http_table(query_http.under_load(url, ehrs=ehrs, seconds=options.seconds, say=_say)))


def _engine_table(figures: list[Figures]) -> str:
    lines = [
        "| engine | rows | cold ms | p50 ms | p95 ms | processor ms | target ms |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for each in figures:
        target = "" if each.kind.target is None else f"{each.kind.target:g}{'' if each.is_met else ' (missed)'}"
        lines.append(
            f"| {each.kind.name} | {each.rows} | {each.cold:.1f} | {each.middle:.2f} | {each.high:.2f} "
            f"| {each.processor:.2f} | {target} |"
        )
    return "\n".join(lines)


def _http_table(times: object) -> str:
    lines = ["| over HTTP | asked | cold ms | p50 ms | p95 ms |", "|---|--:|--:|--:|--:|"]
    for each in times:  # type: ignore[attr-defined]  # an iterable of times
        assert isinstance(each, Times)
        cold = f"{each.cold:.1f}" if each.cold else ""
        lines.append(f"| {each.what} | {each.count} | {cold} | {each.middle:.2f} | {each.high:.2f} |")
    return "\n".join(lines)


def _load(url: str, ehrs: int) -> None:
    """Put the templates and records into a server by its openEHR interface."""
    with httpx.Client(base_url=url, timeout=300) as client:
        prepare(client)

        def one(number: int) -> None:
            client.put(f"{BASE}/ehr/{ehr_id(number)}").raise_for_status()
            for each in compositions(number):
                client.post(f"{BASE}/ehr/{ehr_id(number)}/composition", json=each).raise_for_status()

        with ThreadPoolExecutor(4) as pool:
            for done, _ in enumerate(pool.map(one, range(1, ehrs + 1)), 1):
                if done % 100 == 0:
                    _say(f"{done} EHRs are loaded")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
