"""One serving process: uvicorn on a bound socket, until SIGTERM or SIGINT, then draining.

Both the only process of `--workers 1` and each of several run `serve_until_stopped`.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Generator

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cdr.bootstrap import Running
from cdr.config import Settings

# More than the application reads, so that what is only a bit too long gets a proper answer.
_MOST_HEAD_BYTES = 256 * 1024


def serve_until_stopped(running: Running, bound: socket.socket, *, ready: Callable[[], None]) -> None:
    """Answer requests on the socket until a signal says stop; `ready` is called once connections are accepted.

    Requests under way get `drain_seconds` to finish.
    """
    server = _Server(_config(running.settings, running), ready)
    uvicorn_loop = server.config.get_loop_factory()
    with asyncio.Runner(loop_factory=uvicorn_loop) as runner:
        runner.run(_run(server, bound))


async def _run(server: _Server, bound: socket.socket) -> None:
    """Serve in the running event loop; the first signal drains, the second stops at once."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    try:
        await server.serve(sockets=[bound])
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            # From here on the database is being stopped in order; one more signal must not cut that short.
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)


def _config(settings: Settings, running: Running) -> uvicorn.Config:
    """Return how uvicorn runs here: its access log stays off, since paths hold identifiers of people."""
    return uvicorn.Config(
        running.app,
        http=_Protocol,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=max(1, round(settings.drain_seconds)),
    )


class _Protocol(HttpToolsProtocol):
    """HTTP as uvicorn reads it, with an end to how much may come in before a request has begun.

    The application refuses long headers with words; this keeps endless ones out of memory.
    """

    _is_in_head = True
    _head_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Read what came in; close the connection when headers go on and on."""
        super().data_received(data)
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > _MOST_HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("The headers of a request should be shorter.")

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._is_in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Stop counting: bodies have limits of their own."""
        self._is_in_head = False
        super().on_headers_complete()


class _Server(uvicorn.Server):
    """A uvicorn server that leaves signals to us: uvicorn's own way ends the process by the signal, not with 0."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Do nothing: `_run` has set the handlers."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to accept, then say so."""
        await super().startup(sockets=sockets)
        if self.started and not self.should_exit:
            self._ready()

    def stop(self) -> None:
        """Ask for the end: in order the first time, at once the second."""
        if self.should_exit:
            self.force_exit = True
        self.should_exit = True
