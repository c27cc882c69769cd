"""Running `kilde` in a process of its own, and a server of its own for tests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.planted import leaks_in
from tests.support.tree import CHECKOUT

READY = "listening on "


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended."""

    status: int
    out: str
    err: str

    # `Any`: whatever JSON the command printed.
    @property
    def json(self) -> Any:
        """Return what was printed, read as JSON."""
        return json.loads(self.out)


def environment(**variables: str) -> dict[str, str]:
    """Return an environment without settings of Kilde but the given ones."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KILDE_")}
    return {**kept, "PYTHONPATH": str(CHECKOUT), **variables}


def kilde(*arguments: str, stdin: str = "", folder: Path | None = None, **variables: str) -> Outcome:
    """Run one command to its end."""
    ended = subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        input=stdin,
        cwd=folder or CHECKOUT,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Outcome(ended.returncode, ended.stdout, ended.stderr)


class Server:
    """A running `kilde serve`; `url` is what its ready line says."""

    def __init__(self, process: subprocess.Popen[str], url: str, log: Path) -> None:
        self.process = process
        self.url = url
        self.log = log

    def stop(self, *, wait: float = 60) -> int:
        """Send SIGTERM and return the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(wait)


@contextmanager
def serving(*arguments: str, data: Path | None = None, command: str = "serve", **variables: str) -> Iterator[Server]:
    """Run a server on a free port with a database of its own, or at `--mongo-uri`; it is stopped after the block."""
    with tempfile.TemporaryDirectory(prefix="kilde-test-") as name:
        log = Path(name) / "stderr"
        with log.open("w") as stderr:
            own = () if "--mongo-uri" in arguments else ("--data", str(data or Path(name) / "data"))
            process = subprocess.Popen(
                [sys.executable, "-m", "cli", command, "--port", "0", *own, *arguments],
                cwd=CHECKOUT,
                env=environment(**variables),
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        try:
            yield Server(process, _await_ready(process, log), log)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(60)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            if process.stdout:
                process.stdout.close()
        leaks = leaks_in(log, (data or Path(name) / "data") / "mongod.log")
        assert leaks == [], "planted texts stand in the logs"


def _await_ready(process: subprocess.Popen[str], log: Path) -> str:
    """Return the URL of the ready line; fail with what the server wrote when it ends first."""
    assert process.stdout is not None
    begun = time.monotonic()
    for line in process.stdout:
        if line.startswith(READY):
            return line.removeprefix(READY).strip()
        if time.monotonic() - begun > 90:
            break
    raise AssertionError(f"the server did not say that it listens; it wrote: {log.read_text()}")
