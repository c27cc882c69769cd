"""`kilde doctor`: what stands in the way of running here, and what to do about it."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import click

from cdr import __version__
from cdr.config import SettingError, Settings
from cli.exits import REFUSED
from cli.options import as_json, with_settings
from cli.output import show, show_json

# A clock before this release is wrong, and version times would be too.
_RELEASED = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `problem` says what should be otherwise, "" when all is well."""

    subject: str
    found: str
    problem: str = ""


@click.command()
@with_settings("host", "port", "data", "mongo_uri", "mongod")
@as_json
def doctor(settings: Settings, *, as_json: bool) -> None:
    """Look at this machine and say what is missing.

    Looks at Python, the platform, mongod with its shared libraries, the disk, the port and the clock. Status 1 when
    something must be mended first.
    """
    findings = list(examine(settings))
    rows = [{"subject": each.subject, "found": each.found, "problem": each.problem} for each in findings]
    if as_json:
        show_json(rows)
    else:
        show(rows, ["subject", "found", "problem"], as_json=False, empty="")
    if any(each.problem for each in findings):
        click.get_current_context().exit(REFUSED)


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield what was found, one subject after another."""
    yield Finding("kilde", __version__)
    yield Finding("python", platform.python_version(), "" if sys.version_info >= (3, 11) else "should be 3.11 or newer")
    yield Finding("platform", f"{platform.system()} {platform.machine()}")
    yield from _database(settings)
    yield _port(settings)
    now = datetime.now(UTC)
    yield Finding("clock", f"{now:%Y-%m-%d %H:%M} UTC", "" if now > _RELEASED else "should be set")


def _database(settings: Settings) -> Iterator[Finding]:
    """Yield what there is to say about the database."""
    if settings.mongo_uri is not None:
        yield _reachable(settings.mongo_uri)
        return
    from cdr.store.diagnose import diagnose

    problems = diagnose(settings.data_folder(), mongod=settings.mongod)
    yield from (Finding("database", str(settings.data_folder()), problem) for problem in problems)
    if not problems:
        yield Finding("database", f"mongod can run on {settings.data_folder()}")


def _reachable(uri: str) -> Finding:
    """Say whether the database at an address answers."""
    from cdr.store.client import connect
    from cdr.store.failures import store_failures

    client = connect(uri, selection_ms=3000)
    try:
        with store_failures():
            hello = client.admin.command("hello")
    except Exception as error:  # whatever is wrong with the address is the finding
        return Finding("database", "--mongo-uri", f"should be reachable: {type(error).__name__}")
    finally:
        client.close()
    is_cluster = bool(hello.get("setName") or hello.get("msg") == "isdbgrid")
    return Finding("database", "--mongo-uri answers", "" if is_cluster else "should be a replica set: see the settings")


def _port(settings: Settings) -> Finding:
    """Say whether the port is free."""
    from cli.server.socket import bind

    address = f"{settings.host}:{settings.port}"
    try:
        with bind(settings) as bound:
            bound.listen()
    except (OSError, SettingError):
        return Finding("port", address, "is in use: choose another with --port")
    return Finding("port", f"{address} is free")
