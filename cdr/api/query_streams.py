"""Streamed answers over HTTP: lines of JSON and CSV, made in worker threads, a piece at a time.

The first rows are known before the status is sent, so that refusals have a status of their own. What goes wrong later
ends lines of JSON with a last line that says so, and cuts CSV off without the end of the transfer, which every client
notices. Only as many streams as the settings say are open at once; a client that reads slowly holds one of them, and no
thread.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import anyio
from fastapi import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from aql.evaluate_columns import ResultRow
from cdr.api.deps import Threads, Work, caller_of, queries_of, run
from cdr.api.media import Media
from cdr.errors import KildeError, NotSupported, StoreUnavailable
from cdr.services.query_result import csv_head, csv_rows, ndjson_head, ndjson_rows, ndjson_tail
from cdr.services.query_stream import Asked, QueryStream, QueryStreams

STREAMED = (Media.NDJSON, Media.CSV)


def streams_of(request: Request) -> QueryStreams:
    """Return the service of streamed answers; `NotSupported` where this process has none."""
    queries = queries_of(request)
    if queries.row_source is None:
        raise NotSupported("this server streams no answers", code="NO_STREAMS")
    return QueryStreams(queries, queries.row_source)


async def streamed(request: Request, asked: Asked, media: Media) -> Response:
    """Begin an answer and return it as a response that gives the rest. Errors: those of `QueryStreams.open`."""
    threads: Threads = request.app.state.threads
    token = object()
    try:
        threads.stream.acquire_on_behalf_of_nowait(token)
    except anyio.WouldBlock:
        raise StoreUnavailable("fewer streamed answers should be open at once; try again", code="STREAMS") from None
    try:
        stream = await run(request, Work.QUERY, streams_of(request).open, caller_of(request), asked)
    except BaseException:
        threads.stream.release_on_behalf_of(token)
        raise

    async def end() -> None:
        threads.stream.release_on_behalf_of(token)
        with anyio.CancelScope(shield=True):
            await run(request, Work.QUERY, stream.close)

    pieces = _ndjson(request, stream) if media is Media.NDJSON else _csv(request, stream)
    return _Ended(pieces, end, media=media)


class _Ended(StreamingResponse):
    """A streaming response that tidies up however it ends, also when nobody reads it."""

    def __init__(self, pieces: AsyncIterator[bytes], end: Callable[[], Awaitable[None]], *, media: Media) -> None:
        super().__init__(pieces, media_type=media)
        self._end = end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._end()


async def _ndjson(request: Request, stream: QueryStream) -> AsyncIterator[bytes]:
    yield ndjson_head(stream.head)
    batches = stream.batches()
    try:
        while (piece := await run(request, Work.QUERY, _next, batches, ndjson_rows)) is not None:
            yield piece
    except KildeError as error:
        problem = {"code": error.code, "message": error.message}
        yield ndjson_tail({**stream.tail, "error": problem})
        return
    yield ndjson_tail(stream.tail)


async def _csv(request: Request, stream: QueryStream) -> AsyncIterator[bytes]:
    yield csv_head(stream.head)
    batches = stream.batches()
    while (piece := await run(request, Work.QUERY, _next, batches, csv_rows)) is not None:
        yield piece


def _next(batches: Iterator[list[ResultRow]], encode: Callable[[list[ResultRow]], bytes]) -> bytes | None:
    """Return the next rows as text, None at the end. Runs in a thread."""
    rows = next(batches, None)
    return None if rows is None else encode(rows)
