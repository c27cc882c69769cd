"""`make bench`: a small run gives the whole table."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.support.command import Server, environment
from tests.support.tree import CHECKOUT


def test_a_small_run_measures_everything(server: Server) -> None:
    options = ["--url", server.url, "--compositions", "60", "--seconds", "0.4", "--queries", "5"]
    run = subprocess.run(
        [sys.executable, "-m", "bench", *options],
        cwd=CHECKOUT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    rows = [line.split("|")[1:-1] for line in run.stdout.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == 8
    assert all(re.search(r"\d", measured) and target.strip() for _, measured, target in rows)
    assert "cores of" in run.stdout
