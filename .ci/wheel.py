# ruff: noqa: INP001 -- a script, not a package
"""Build a wheel, install it into an environment of its own, start the server from it and stop it again.

What this finds and no test does: files that the wheel lacks, dependencies that are not declared, a server that only
works from the checkout. Uses the standard library only.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import urllib.request
import venv
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
READY = "listening on "


def main() -> None:
    """Run all steps; any failure ends this with a status that is not 0."""
    with tempfile.TemporaryDirectory(prefix="kilde-wheel-") as name:
        folder = Path(name)
        run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", name, str(CHECKOUT))
        (wheel,) = folder.glob("kilde-*.whl")
        say(f"built {wheel.name}, {wheel.stat().st_size >> 10} KiB")
        venv.create(folder / "venv", with_pip=True)
        python, kilde = folder / "venv/bin/python", folder / "venv/bin/kilde"
        run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"{wheel}[embedded]")
        run(str(kilde), "--version")
        # From outside the checkout, so that nothing of it can be imported by accident.
        template = run(str(python), "-c", "from cdr import resources; print(len(resources.templates()))", cwd=folder)
        if int(template) == 0:
            sys.exit("the wheel carries no template")
        start(kilde, folder)


def start(kilde: Path, folder: Path) -> None:
    """Start the server on a free port, ask whether it is ready, stop it, and look at its exit status."""
    command = [str(kilde), "serve", "--port", "0", "--data", str(folder / "data")]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        try:
            line = server.stdout.readline().strip() if server.stdout else ""
            if not line.startswith(READY):
                sys.exit(f"expected the ready line, got {line!r}")
            with urllib.request.urlopen(line.removeprefix(READY) + "/health/ready", timeout=30) as answer:
                say(f"/health/ready answers {answer.status}: {json.dumps(json.load(answer))}")
        finally:
            server.send_signal(signal.SIGTERM)
            status = server.wait(timeout=60)
    if status != 0:
        sys.exit(f"expected status 0 after SIGTERM, got {status}")
    say("stopped with status 0")


def run(*command: str, cwd: Path | None = None) -> str:
    """Run a command, which must succeed, and return what it printed."""
    return subprocess.run(command, check=True, cwd=cwd, stdout=subprocess.PIPE, text=True).stdout


def say(line: str) -> None:
    """Tell how far this is."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
