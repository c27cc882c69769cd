"""The outermost layer: addresses made plain, a request id, the access log, metrics, and mistakes turned into a 500.

Theory: the path loses an alias (`/ehrbase`) and a trailing slash before routing, and the UUID of an EHR is put in small
letters, so that every address works in all its spellings without a redirect. The log line and the metrics name the
route's template, never the path: ids of
patients' records stay out of both.
"""

from __future__ import annotations

import re
import time
import uuid

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cdr.api.errors import error_response, unexpected
from cdr.api.headers import ALIAS, is_host
from cdr.api.metrics import Metrics
from cdr.api.settings import ApiSettings

# RFC 9562, section 4: UUIDs are written in small letters and read in any, so that two spellings are never two EHRs.
_EHR_UUID = re.compile(r"(?<=/ehr/)[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?=/|\Z)")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Answers hold patients' data: no cache keeps them, no browser guesses at their type.
_ALWAYS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
# What one request may bring beside its body; the protocol closes connections that bring far more.
MOST_HEADER_BYTES = 64 * 1024
_log = structlog.get_logger("kilde.access")


class Observer:
    """Middleware around the whole application."""

    def __init__(self, app: ASGIApp, *, settings: ApiSettings, metrics: Metrics) -> None:
        self._app = app
        self._settings = settings
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        _make_plain(scope, self._settings.aliases)
        request_id = _request_id(scope)
        status = 500
        has_started = False
        began = time.perf_counter()

        is_head = scope["method"] == "HEAD"
        if is_head:
            # RFC 9110, section 9.3.2: as GET, without the content. The server goes on to see HEAD in its own scope.
            scope = {**scope, "method": "GET"}

        async def watched(message: Message) -> None:
            nonlocal status, has_started
            if is_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            if message["type"] == "http.response.start":
                has_started = True
                status = message["status"]
                message["headers"] = [*message["headers"], *_ALWAYS, (b"x-request-id", request_id.encode())]
            await send(message)

        self._metrics.started()
        try:
            refusal = self._refusal(scope)
            if refusal is not None:
                await refusal(scope, receive, watched)
            else:
                await self._app(scope, receive, watched)
        except Exception as error:
            answer = unexpected(error, route=_route(scope))
            if not has_started:
                await answer(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - began
            method = "HEAD" if is_head else scope["method"] if scope["method"] in _METHODS else "OTHER"
            self._metrics.ended(method, _route(scope), status=status, seconds=seconds)
            _log.info(
                "request",
                method=method,
                route=_route(scope),
                status=status,
                milliseconds=round(seconds * 1000, 1),
                request_id=request_id,
            )

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        """Return the answer to a request that is not even looked at, None for all others."""
        if scope["method"] not in _METHODS:
            return error_response(501, "the method is not known here", code="METHOD_UNKNOWN")
        encoding = _header(scope, b"content-encoding").lower()
        if encoding not in ("", "identity"):
            return error_response(415, "a body without content encoding is read here", code="CONTENT_ENCODING")
        if sum(len(name) + len(text) for name, text in scope["headers"]) > MOST_HEADER_BYTES:
            return error_response(431, f"headers of at most {MOST_HEADER_BYTES} bytes are read", code="HEADERS")
        if not is_host(_header(scope, b"host")):
            return error_response(400, "the header Host must hold a name or an address", code="HOST")
        if "\x00" in scope["path"]:
            return error_response(400, "an address without NUL characters is read here", code="ADDRESS")
        return None


def _make_plain(scope: Scope, aliases: tuple[str, ...]) -> None:
    path: str = scope["path"]
    for alias in aliases:
        if path == alias or path.startswith(alias + "/"):
            path = path[len(alias) :] or "/"
            scope[ALIAS] = alias
            break
    if len(path) > 1 and path.endswith("/"):
        path = path.rstrip("/") or "/"
    path = _EHR_UUID.sub(lambda found: found[0].lower(), path)
    scope["path"] = path
    # Routing reads `path`; what still reads `raw_path` must see the same address.
    scope["raw_path"] = path.encode("utf-8", "surrogateescape")


def _route(scope: Scope) -> str:
    route = scope.get("route")
    return str(getattr(route, "path", "")) or "unknown"


def _header(scope: Scope, name: bytes) -> str:
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1")).strip()
    return ""


def _request_id(scope: Scope) -> str:
    given = _header(scope, b"x-request-id")
    return given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
