"""`python -m bench.flat`: how long FLAT takes beside canonical JSON, and how long a web template takes to build.

The composition is an example of the project's own template, repeated until it has about 50 kB of canonical JSON; the
largest template is the one below the folder that is given (the published test data beside the checkout).
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import orjson

from bench.machine import about_machine
from cdr import rm
from cdr.am.opt14 import read_opt
from cdr.errors import KildeError
from cdr.formats import canonical_json, flat, structured
from cdr.formats.flat.example import Detail, Kind, example
from cdr.resources import templates
from cdr.validation import validate
from cdr.webtemplate import build, to_json
from cdr.webtemplate.build import build_anew

_NOW = datetime(2024, 3, 15, 9, 30, tzinfo=UTC)
_SIZE = 50_000


def _milliseconds(work: Callable[[], object], times: int) -> tuple[float, float]:
    """Return the median and the 95th percentile of the wall-clock time of a piece of work."""
    work()
    spent = []
    for _ in range(times):
        before = time.perf_counter()
        work()
        spent.append((time.perf_counter() - before) * 1000)
    return statistics.median(spent), statistics.quantiles(spent, n=20)[-1]


def _composition_of_size() -> tuple[rm.Composition, Path]:
    path = templates()[0]
    template = read_opt(path.read_bytes())
    made = example(build(template), template, detail=Detail.COMPLETE, kind=Kind.OUTPUT)
    once = list(made.content or [])
    while len(canonical_json.encode(made)) < _SIZE:
        made.content = [*(made.content or []), *once]
    return made, path


def main() -> None:
    """Measure and print one markdown table."""
    parser = argparse.ArgumentParser(prog="python -m bench.flat", description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--templates", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    options = parser.parse_args()
    composition, path = _composition_of_size()
    template = read_opt(path.read_bytes())
    web_template = build(template)
    body = canonical_json.encode(composition)
    keys = flat.encode(composition, web_template, template)
    text = orjson.dumps(keys)
    nested = orjson.dumps(structured.nest(keys))
    work: dict[str, Callable[[], object]] = {
        "canonical JSON, decode": lambda: canonical_json.decode(body, rm.Composition),
        "canonical JSON, decode and validate": lambda: validate(canonical_json.decode(body, rm.Composition), template),
        "FLAT, decode": lambda: flat.decode(orjson.loads(text), web_template, template, now=_NOW),
        "FLAT, encode": lambda: orjson.dumps(flat.encode(composition, web_template, template)),
        "STRUCTURED, decode": lambda: structured.decode(orjson.loads(nested), web_template, template, now=_NOW),
    }
    print(f"{len(body)} bytes of canonical JSON, {len(keys)} keys, {len(text)} bytes of FLAT\n")
    print("| work | median ms | p95 ms |\n|---|---|---|")
    for name, one in work.items():
        median, high = _milliseconds(one, options.times)
        print(f"| {name} | {median:.2f} | {high:.2f} |")
    largest = _largest(options.templates)
    if largest is not None:
        source = largest.read_bytes()
        found = read_opt(source)
        nodes = sum(1 for _ in build(found).root.walk())
        median, high = _milliseconds(lambda: build_anew(found), 10)
        print(
            f"| web template of {largest.name} ({len(source) // 1024} kB, {nodes} nodes) | {median:.1f} | {high:.1f} |"
        )
        median, high = _milliseconds(lambda: to_json(build(found)), 10)
        print(f"| the same from memory, as JSON | {median:.1f} | {high:.1f} |")
    print(f"\n{about_machine(workers=None)}")


def _largest(folder: Path) -> Path | None:
    """Return the largest operational template below a folder that can be read, None without one."""
    for path in sorted(folder.rglob("*.opt"), key=lambda one: one.stat().st_size, reverse=True):
        try:
            read_opt(path.read_bytes())
        except (KildeError, msgspec.DecodeError):
            continue
        return path
    return None


if __name__ == "__main__":
    main()
