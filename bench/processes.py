"""What a server's processes cost: CPU time and memory of the server and of its database, from `/proc`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU seconds used so far, and bytes of memory in use now, of the server's processes and of mongod."""

    server_seconds: float
    mongod_seconds: float
    server_bytes: int
    mongod_bytes: int


def cost_of(pid: int) -> Cost:
    """Return what a process and all below it have used; those that are called mongod are counted apart."""
    seconds = {False: 0.0, True: 0.0}
    sizes = {False: 0, True: 0}
    for one in _tree(pid):
        try:
            text = Path(f"/proc/{one}/stat").read_text()
            pages = int(Path(f"/proc/{one}/statm").read_text().split()[1])
        except OSError:
            continue
        # The name stands in brackets and may hold anything; the 14th and 15th field are user and system time.
        name, _, rest = text.partition("(")[2].rpartition(")")
        fields = rest.split()
        is_mongod = name == "mongod"
        seconds[is_mongod] += (int(fields[11]) + int(fields[12])) / _TICKS
        sizes[is_mongod] += pages * _PAGE
    return Cost(
        server_seconds=seconds[False],
        mongod_seconds=seconds[True],
        server_bytes=sizes[False],
        mongod_bytes=sizes[True],
    )


def _tree(pid: int) -> list[int]:
    """Return a process with everything that it and its children started."""
    found = [pid]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found.extend(int(child) for child in children.read_text().split())
            except OSError:
                continue
    return found
