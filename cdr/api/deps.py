"""What every endpoint starts with: the caller, the services of the caller's tenant, the body, and a thread to work in.

Endpoints are thin `async def`: they read the body with a cap, then run one service call in a worker thread under the
limiter of its kind, so that slow queries never hold up commits, reads or health checks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import ParamSpec, TypeVar

import anyio
import anyio.to_thread
from fastapi import Request

from cdr.api.settings import ApiSettings
from cdr.errors import NotSupported, TimedOut, TooLarge
from cdr.identity import Caller
from cdr.services.kernel import Services
from cdr.services.query import QueryService

P = ParamSpec("P")
T = TypeVar("T")


class Work(StrEnum):
    """The kinds of work that have threads of their own."""

    COMMIT = "commit"
    READ = "read"
    QUERY = "query"


@dataclass(frozen=True, slots=True, kw_only=True)
class Threads:
    """The limiters of one application, one a kind of work; `stream` counts the streamed answers that are open."""

    commit: anyio.CapacityLimiter
    read: anyio.CapacityLimiter
    query: anyio.CapacityLimiter
    stream: anyio.CapacityLimiter

    @classmethod
    def of(cls, settings: ApiSettings) -> Threads:
        """Return the limiters that the settings ask for."""
        return cls(
            commit=anyio.CapacityLimiter(settings.commit_threads),
            read=anyio.CapacityLimiter(settings.read_threads),
            query=anyio.CapacityLimiter(settings.query_threads),
            stream=anyio.CapacityLimiter(settings.query_streams),
        )


def settings_of(request: Request) -> ApiSettings:
    """Return the settings of the application that got the request."""
    settings: ApiSettings = request.app.state.settings
    return settings


def services_of(request: Request) -> Services:
    """Return the services of the caller's tenant."""
    services: Services = request.app.state.services
    return services


def queries_of(request: Request) -> QueryService:
    """Return the service that answers AQL; `NotSupported` where this process has none."""
    service = services_of(request).query
    if service is None:
        raise NotSupported("this server answers no queries", code="NO_QUERIES")
    return service


def caller_of(request: Request) -> Caller:
    """Return who asks; the authentication in `cdr.api.auth` put it there before any endpoint runs."""
    caller: Caller = request.state.caller
    return caller


async def run(request: Request, work: Work, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a service call in a worker thread, under the limiter of its kind of work."""
    threads: Threads = request.app.state.threads
    limiter: anyio.CapacityLimiter = getattr(threads, work)
    return await anyio.to_thread.run_sync(lambda: function(*args, **kwargs), limiter=limiter)


async def chunks_of(request: Request) -> AsyncIterator[bytes]:
    """Yield the pieces of a long body; `TimedOut` when one of them takes longer than a whole body may."""
    settings = settings_of(request)
    pieces = request.stream().__aiter__()
    while True:
        with anyio.move_on_after(settings.body_timeout) as scope:
            try:
                piece = await pieces.__anext__()
            except StopAsyncIteration:
                return
        if scope.cancelled_caught:
            raise TimedOut(f"each part of the body must arrive within {settings.body_timeout:g} seconds")
        yield piece


async def body_of(request: Request, *, limit: int | None = None) -> bytes:
    """Return the request body; `TooLarge` above the limit (bytes), `TimedOut` when it comes in too slowly."""
    settings = settings_of(request)
    most = settings.max_body_bytes if limit is None else limit
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise TooLarge(f"a body of at most {most} bytes is accepted")
    chunks: list[bytes] = []
    size = 0
    with anyio.move_on_after(settings.body_timeout) as scope:
        async for chunk in request.stream():
            size += len(chunk)
            if size > most:
                raise TooLarge(f"a body of at most {most} bytes is accepted")
            chunks.append(chunk)
    if scope.cancelled_caught:
        raise TimedOut(f"the body must arrive within {settings.body_timeout:g} seconds")
    return b"".join(chunks)
