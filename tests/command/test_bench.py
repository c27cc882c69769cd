"""`make bench` and `python -m bench.commits`: small runs give whole tables."""

from __future__ import annotations

import re
import subprocess
import sys

from bench.commits import Run
from tests.support.command import Server, environment, serving
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


def test_a_small_run_tells_what_commits_and_reads_cost() -> None:
    with serving() as own:
        run = Run(own.url, own.process.pid, workers=1, seconds=0.4)
        rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in run.rows([1])]
    assert [row[1].split(",")[0] for row in rows] == [
        "memory",
        "commit",
        "bulk",
        "read a composition",
        "memory",
    ]
    for row in rows[1:4]:
        assert float(row[2]) > 1
        assert float(row[5]) + float(row[6]) > 0
    assert re.search(r"server [1-9]\d+ MiB, mongod [1-9]\d+ MiB", rows[0][1] + rows[0][2]) is not None
