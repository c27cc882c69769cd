"""A server to measure: `kilde serve` in a process of its own, on a temporary folder."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

READY = "listening on "


@contextmanager
def serving(workers: int) -> Iterator[str]:
    """Run a server for the block and give its URL."""
    with started(workers) as (url, _):
        yield url


@contextmanager
def started(workers: int, *, data: Path | None = None) -> Iterator[tuple[str, int]]:
    """Run a server for the block and give its URL and the id of its first process; on a folder of its own or `data`."""
    with tempfile.TemporaryDirectory(prefix="kilde-bench-") as temporary:
        folder = str(data or temporary)
        command = [sys.executable, "-m", "cli", "serve", "--port", "0", "--data", folder, "--workers", str(workers)]
        # Log lines of requests are written as in production, but not to this terminal.
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith(READY):
                raise SystemExit("the server did not start; see `kilde serve`")
            yield line.removeprefix(READY).strip(), process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
