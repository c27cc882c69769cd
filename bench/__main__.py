"""`python -m bench`: run the measurements and print the table."""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext

from bench.machine import about_machine
from bench.measure import Bench
from bench.server import serving
from bench.table import as_markdown


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--url", help="measure this server instead of starting one; it must be empty")
    parser.add_argument("--compositions", type=int, default=20_000, help="how many are loaded before queries")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each rate of commits is measured")
    parser.add_argument("--queries", type=int, default=300, help="how often each query is asked")
    parser.add_argument("--workers", type=int, default=1, help="processes of the server that is started")
    options = parser.parse_args()
    with nullcontext(options.url) if options.url else serving(options.workers) as url:
        bench = Bench(url, compositions=options.compositions, seconds=options.seconds, queries=options.queries)
        rows = list(bench.run(say=lambda line: print(line, file=sys.stderr)))
    print(as_markdown(rows))
    print()
    print(about_machine(workers=options.workers if not options.url else None))


main()
