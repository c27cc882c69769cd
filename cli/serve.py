"""`kilde serve`: the database, the processes that answer, and the ready line."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from cdr.config import Audience, AuthMode, SettingError, Settings, described
from cli.options import with_settings

if TYPE_CHECKING:
    from cdr.bootstrap import Running

SERVE_SETTINGS = tuple(each.name for each in described() if each.about.audience is Audience.SERVER)


@click.command()
@with_settings(*SERVE_SETTINGS)
def serve(settings: Settings) -> None:
    """Run the server.

    Prints `listening on http://...` once it accepts connections. SIGTERM and Ctrl-C let requests under way finish and
    end it with status 0.
    """
    from cli.server.socket import bind  # not needed for `kilde serve --help`

    prepare_process(settings)
    with bind(settings) as bound:
        if settings.workers > 1:
            _serve_with_workers(settings, bound)
        else:
            serve_alone(settings, bound)


def prepare_process(settings: Settings) -> None:
    """Refuse what must not be served, and set up log lines and signals."""
    from cli.server import logs
    from cli.server.socket import is_loopback

    if settings.auth is AuthMode.NONE and not is_loopback(settings.host):
        raise SettingError(
            f"expected --auth basic or oidc: without authentication only this machine may connect, "
            f"and --host {settings.host} lets others in"
        )
    logs.configure(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        # Until the server has handlers of its own; an exit, unlike the default, lets the database stop in order.
        signal.signal(number, lambda *_: sys.exit(0))


def serve_alone(
    settings: Settings,
    bound: socket.socket,
    *,
    before: Callable[[Running], None] | None = None,
    after: Callable[[], None] | None = None,
) -> None:
    """Run database and server in this process until a signal.

    `before` is called before connections are accepted, `after` once the ready line is out.
    """
    from cdr.bootstrap import build, database  # loads the whole repository
    from cli.server.process import serve_until_stopped

    def ready() -> None:
        _announce(bound)
        if after is not None:
            after()

    with database(settings) as uri, build(settings, uri=uri) as running:
        if before is not None:
            before(running)
        serve_until_stopped(running, bound, ready=ready)


def _serve_with_workers(settings: Settings, bound: socket.socket) -> None:
    """Run the database here and the server in several processes, until a signal."""
    from cdr.bootstrap import database, prepare
    from cli.server.workers import Workers

    with database(settings) as uri:
        prepare(settings, uri=uri)
        Workers(settings, bound, uri).run(ready=lambda: _announce(bound))


def _announce(bound: socket.socket) -> None:
    """Print the ready line."""
    from cli.server.socket import address_of

    click.echo(f"listening on {address_of(bound)}")
    sys.stdout.flush()
