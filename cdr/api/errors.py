"""From errors to answers: the one table of exceptions and statuses, and the one shape of an error body.

Shape: `{"message", "code", "error": "<reason phrase>", "errors": [{code, path, node, label, expected, message}]}`.
Nothing in it comes from the data: issues say where something is wrong and what was expected there.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from http import HTTPStatus

import msgspec
import structlog
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from cdr.api.headers import etag, location
from cdr.errors import (
    BadInput,
    Conflict,
    Deleted,
    Invalid,
    KildeError,
    NotFound,
    NotPermitted,
    NotSupported,
    PreconditionMissing,
    StoreUnavailable,
    TimedOut,
    TooLarge,
    VersionConflict,
)
from cdr.issue import Issue, Severity

STATUSES: tuple[tuple[type[KildeError], int], ...] = (
    (BadInput, 400),
    (PreconditionMissing, 400),
    (NotPermitted, 403),
    (NotFound, 404),
    (TimedOut, 408),
    (Conflict, 409),
    (VersionConflict, 412),
    (TooLarge, 413),
    (Invalid, 422),
    (NotSupported, 501),
    (StoreUnavailable, 503),
)
RETRY_AFTER = "2"
_VERSIONED = re.compile(r"/ehr/\{ehr_id\}/(composition|ehr_status|directory)(?:/|\Z)")
_INNER_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_log = structlog.get_logger("kilde.http")


class NotAuthenticated(KildeError):
    """The request does not say who asks, or not in a way that holds."""


class UnsupportedMedia(KildeError):
    """The body has a media type that is not read here."""


class NotAcceptable(KildeError):
    """None of the accepted media types is offered here."""


_HTTP_ONLY: tuple[tuple[type[KildeError], int], ...] = (
    (NotAuthenticated, 401),
    (NotAcceptable, 406),
    (UnsupportedMedia, 415),
)


def status_of(error: KildeError, *, names_version_in_header: bool = False) -> int:
    """Return the status for an error.

    A stale version is 412 where If-Match named it, and 409 where the path or the body did.
    """
    if isinstance(error, VersionConflict) and not names_version_in_header:
        return 409
    for kind, status in (*STATUSES, *_HTTP_ONLY):
        if isinstance(error, kind):
            return status
    return 500


def error_body(status: int, message: str, *, code: str, issues: Iterable[Issue] = ()) -> bytes:
    """Return the body of an error answer as JSON."""
    return msgspec.json.encode(
        {
            "message": message,
            "code": spelled(code),
            "error": _phrase(status),
            "errors": [issue_body(one) for one in issues],
        }
    )


def spelled(code: str) -> str:
    """Return an error code in the one spelling of answers: upper-case words with underscores.

    Errors without a code of their own have the name of their class.

    >>> spelled("StoreUnavailable"), spelled("EHR_UNKNOWN")
    ('STORE_UNAVAILABLE', 'EHR_UNKNOWN')
    """
    return _INNER_CAPITAL.sub("_", code).upper()


def issue_body(issue: Issue) -> dict[str, str]:
    """Return an issue as an entry of `errors`."""
    body = {
        "code": issue.code,
        "path": issue.path,
        "node": issue.node,
        "label": issue.label,
        "expected": issue.expected,
        "message": issue.message,
    }
    if issue.severity is Severity.WARNING:
        body["severity"] = issue.severity
    return body


def error_response(
    status: int, message: str, *, code: str, issues: Iterable[Issue] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """Return an error answer."""
    return Response(
        error_body(status, message, code=code, issues=issues),
        status_code=status,
        media_type="application/json",
        headers=dict(headers or {}),
    )


def response_of(request: Request, error: KildeError) -> Response:
    """Return the answer to a request that met an error of ours."""
    status = status_of(error, names_version_in_header="if-match" in request.headers)
    headers: dict[str, str] = {}
    if isinstance(error, VersionConflict) and error.latest_uid:
        headers["ETag"] = etag(request, error.latest_uid)
        headers |= _address_of_version(request, error.latest_uid)
    if isinstance(error, Deleted):
        headers["ETag"] = etag(request, error.version_uid)
    if isinstance(error, StoreUnavailable):
        headers["Retry-After"] = RETRY_AFTER
    if isinstance(error, NotAuthenticated):
        headers["WWW-Authenticate"] = request.app.state.authenticator.challenge
    return error_response(status, error.message, code=error.code, issues=error.issues, headers=headers)


def _address_of_version(request: Request, uid: str) -> dict[str, str]:
    """Return where the newest version of what a request is about can be read, {} where its address does not tell.

    Source: ITS-REST 1.1.0, EHR API, 412 and 409 of COMPOSITION, EHR_STATUS and DIRECTORY.
    """
    ehr_id = request.path_params.get("ehr_id")
    found = _VERSIONED.search(str(getattr(request.scope.get("route"), "path", "")))
    if ehr_id is None or found is None:
        return {}
    return {"Location": location(request, "ehr", ehr_id, found[1], uid)}


def install_error_handlers(app: FastAPI) -> None:
    """Make the application answer every error in the one shape."""
    app.add_exception_handler(KildeError, _on_kilde_error)
    app.add_exception_handler(HTTPException, _on_http_exception)


def unexpected(error: Exception, *, route: str) -> Response:
    """Return the answer to a mistake of our own: a log id, and in the log the classes of what happened, no values."""
    log_id = str(uuid.uuid4())
    trace = []
    walker = error.__traceback__
    while walker is not None:
        code = walker.tb_frame.f_code
        trace.append(f"{code.co_qualname if hasattr(code, 'co_qualname') else code.co_name}:{walker.tb_lineno}")
        walker = walker.tb_next
    _log.error("unexpected error", log_id=log_id, error=type(error).__name__, route=route, trace=trace[-12:])
    return error_response(500, f"an unexpected error happened; its log id is {log_id}", code="UNEXPECTED")


async def _on_kilde_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, KildeError):
        raise error
    return response_of(request, error)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    messages = {404: "no resource has this address", 405: "the resource does not offer this method"}
    message = messages.get(error.status_code, _phrase(error.status_code))
    code = {404: "ROUTE_UNKNOWN", 405: "METHOD_NOT_ALLOWED"}.get(error.status_code, "HTTP")
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_methods_of(request))
    return error_response(error.status_code, message, code=code, headers=headers)


def _methods_of(request: Request) -> list[str]:
    """Return the methods that the address of a request offers, over all routes that fit it."""
    fitting = (
        route.methods or set()
        for route in request.app.routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
    )
    return sorted(set().union(*fitting))


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Error"
