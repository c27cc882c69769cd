"""`kilde serve`: the database, the processes that answer, and the ready line."""

from __future__ import annotations

import signal
import socket
import sys

import click

from cdr.config import AuthMode, SettingError, Settings
from cli.options import STORE_SETTINGS, with_settings

SERVE_SETTINGS = ("host", "port", *STORE_SETTINGS, "auth", "workers", "drain_seconds", "max_body_mb", "log_level")


@click.command()
@with_settings(*SERVE_SETTINGS)
def serve(settings: Settings) -> None:
    """Run the server.

    Prints `listening on http://...` once it accepts connections. SIGTERM and Ctrl-C let requests under way finish and
    end it with status 0.
    """
    run_server(settings)


def run_server(settings: Settings) -> None:
    """Run database and server until a signal; what `kilde serve` and `kilde demo` do."""
    from cli.server import logs
    from cli.server.socket import address_of, bind, is_loopback  # not needed for `kilde serve --help`

    logs.configure(settings)
    if settings.auth is AuthMode.NONE and not is_loopback(settings.host):
        raise SettingError(
            f"expected --auth basic or oidc: without authentication only this machine may connect, "
            f"and --host {settings.host} lets others in"
        )
    for number in (signal.SIGTERM, signal.SIGINT):
        # Until the server has handlers of its own; an exit, unlike the default, lets the database stop in order.
        signal.signal(number, lambda *_: sys.exit(0))
    with bind(settings) as bound:
        _serve(settings, bound, f"listening on {address_of(bound)}")


def _serve(settings: Settings, bound: socket.socket, line: str) -> None:
    """Start the database and answer requests on the socket."""
    from cdr.bootstrap import build, database, prepare  # loads the whole repository

    def ready() -> None:
        click.echo(line)
        sys.stdout.flush()

    with database(settings) as uri:
        if settings.workers > 1:
            from cli.server.workers import Workers

            prepare(settings, uri=uri)
            Workers(settings, bound, uri).run(ready=ready)
            return
        from cli.server.process import serve_until_stopped

        with build(settings, uri=uri) as running:
            serve_until_stopped(running, bound, ready=ready)
