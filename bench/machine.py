"""What a figure was measured on, without which it says nothing."""

from __future__ import annotations

import os
import platform
import re
from importlib import metadata
from pathlib import Path

from cdr import __version__


def about_machine(*, workers: int | None) -> str:
    """Return one paragraph about processor, memory and versions; `workers` is None for a server elsewhere."""
    server = f"{workers} worker{'s' if workers != 1 else ''}" if workers else "a server elsewhere"
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("pymongo", "msgspec", "fastapi", "uvicorn"))
    return (
        f"Kilde {__version__}, {server}; {os.cpu_count()} cores of {_processor()}, {_memory()}; "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, {versions}. "
        f"Server, database and clients share the machine; load average {os.getloadavg()[0]:.1f} at the end."
    )


def _processor() -> str:
    """Return the processor's name as the system tells it."""
    try:
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found.group(1) if found else platform.machine()


def _memory() -> str:
    """Return the size of the machine's memory."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{pages / 2**30:.0f} GiB of memory"
