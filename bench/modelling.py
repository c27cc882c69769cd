"""`python -m bench.modelling`: how long archetypes take to read and templates to compile.

Reads the published archetypes and template sources in the folder that is given (the test data beside the checkout):
every archetype of more than 150 kB, and the template source that gives the largest operational template.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.machine import about_machine
from cdr.am.adl.reader import read_archetype
from cdr.am.compile import ArchetypeLibrary, compile_template
from cdr.am.oet import read_oet
from cdr.am.opt14_write import write_opt
from cdr.errors import KildeError


def _milliseconds(work: Callable[[], object], times: int) -> tuple[float, float]:
    """Return the median and the maximum of the wall-clock time of a piece of work."""
    work()
    spent = []
    for _ in range(times):
        before = time.perf_counter()
        work()
        spent.append((time.perf_counter() - before) * 1000)
    return statistics.median(spent), max(spent)


def _largest_source(folder: Path) -> tuple[bytes, ArchetypeLibrary, int]:
    """Return the source that compiles into the largest template, a library for it, and the template's size."""
    repositories = sorted(path for path in folder.iterdir() if path.is_dir())
    best: tuple[bytes, ArchetypeLibrary, int] = (b"", ArchetypeLibrary(), 0)
    for repository in repositories:
        library = ArchetypeLibrary([repository, *repositories])
        for path in sorted(repository.rglob("*.oet")):
            source = path.read_bytes()
            try:
                size = len(write_opt(compile_template(read_oet(source), library).template))
            except KildeError:
                continue
            if size > best[2]:
                best = source, library, size
    return best


def main() -> None:
    """Measure and print one markdown table."""
    parser = argparse.ArgumentParser(prog="python -m bench.modelling", description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    options = parser.parse_args()
    print("| what | size | median ms | most ms | target ms |")
    print("|---|---:|---:|---:|---:|")
    large = [path for path in sorted(options.data.rglob("*.adl")) if path.stat().st_size > 150_000]
    figures = [_milliseconds(partial(read_archetype, path.read_bytes()), options.times) for path in large]
    medians, most = [median for median, _ in figures], [longest for _, longest in figures]
    print(f"| {len(large)} archetypes | > 150 kB | {statistics.median(medians):.1f} | {max(most):.1f} | 100 |")
    source, library, size = _largest_source(options.data)

    def compile_largest() -> bytes:
        return write_opt(compile_template(read_oet(source), library).template)

    median, longest = _milliseconds(compile_largest, options.times)
    print(f"| largest template, archetypes known | {size // 1000} kB | {median:.1f} | {longest:.1f} | 5000 |")
    print()
    print(about_machine(workers=None))


main()
