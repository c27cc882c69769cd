"""Long work shows how far it is where somebody watches, and nothing where nobody does."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.support.command import environment
from tests.support.tree import CHECKOUT

CODE = "from cli.progress import progress\nwith progress('synthetic residents', 3) as done:\n    done(1)\n    done(2)\n"


def test_a_terminal_sees_a_bar_with_the_count() -> None:
    watched, terminal = pty.openpty()
    # Wide enough for the whole bar: a terminal without a size has 80 columns.
    process = subprocess.Popen(
        [sys.executable, "-c", CODE], cwd=CHECKOUT, env=environment(TERM="xterm", COLUMNS="100"), stderr=terminal
    )
    os.close(terminal)
    seen = _read_all(watched)
    assert process.wait(30) == 0
    assert "synthetic residents" in seen
    assert "3/3" in seen


def test_a_file_sees_nothing(tmp_path: Path) -> None:
    with (tmp_path / "stderr").open("w") as stderr:
        subprocess.run([sys.executable, "-c", CODE], cwd=CHECKOUT, env=environment(), stderr=stderr, check=True)
    assert (tmp_path / "stderr").read_text() == ""


def _read_all(descriptor: int) -> str:
    """Return everything that comes out of a terminal until its other end closes."""
    chunks = []
    try:
        while chunk := os.read(descriptor, 4096):
            chunks.append(chunk)
    except OSError:
        # How Linux says that the other end is closed.
        pass
    finally:
        os.close(descriptor)
    return b"".join(chunks).decode()
