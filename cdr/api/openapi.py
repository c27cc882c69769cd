"""The server's own OpenAPI description: the routes, what bodies they read, and how errors look."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST

from cdr.api.media import CONTENT, Media

_READ: dict[str, tuple[Media, ...]] = {
    "composition": (Media.JSON, Media.XML, Media.FLAT, Media.STRUCTURED),
    "bulk": (Media.NDJSON,),
    "template": (Media.XML,),
    "query": (Media.JSON, Media.TEXT),
}
_DEFAULT = (Media.JSON, Media.XML)
# What answers are written in, by the first part that an address has; the others hold plain or canonical values.
_WRITTEN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("/rest/ecis/", (Media.JSON, Media.XML)),
    ("/management/prometheus", (CONTENT_TYPE_LATEST.partition(";")[0],)),
    ("/example", CONTENT),
    ("/definition/template/", (Media.XML, Media.WEB_TEMPLATE, Media.JSON)),
    ("/definition/query", (Media.JSON, Media.TEXT)),
    ("/query/", (Media.JSON, Media.CSV, Media.NDJSON)),
    ("/ehr/{ehr_id}/composition", CONTENT),
)
_SUCCESSES = {
    "get": ("200",),
    "post": ("200", "201"),
    "put": ("200", "201", "204"),
    "delete": ("200", "204"),
    "options": ("200",),
}
# Reads of these answer 204 when what they name is deleted.
_DELETABLE = ("/composition/{uid", "/directory")
_SAID = {"200": "Done; the body is the answer.", "201": "Made.", "204": "Done, or there is nothing to give."}
_HEADERS = ("Prefer", "Accept", "openehr-version", "openehr-audit-details")
_STATUSES = ("400", "401", "403", "404", "406", "408", "409", "412", "413", "415", "422", "431", "500", "501", "503")


def described(app: FastAPI) -> dict[str, Any]:
    """Return the description as plain JSON values."""
    found = app.openapi()
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    schemas["Error"] = _error_schema()
    # What FastAPI says of its own validation does not apply: endpoints read everything themselves.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            if method in ("post", "put"):
                operation.setdefault("requestBody", {"content": {media: {} for media in _media_of(path)}})
                _add_headers(operation, _HEADERS)
            if method in ("put", "delete"):
                _add_headers(operation, ("If-Match",))
            operation["responses"].pop("422", None)
            _add_successes(operation["responses"], method=method, path=path)
            for status in _STATUSES:
                operation["responses"].setdefault(status, _error())
    return found


def _media_of(path: str) -> tuple[Media, ...]:
    return next((media for part, media in _READ.items() if f"/{part}" in path), _DEFAULT)


def _add_successes(responses: dict[str, Any], *, method: str, path: str) -> None:
    """Say what an operation answers when all is well: with and without a body, whatever Prefer asks for."""
    deletable = method == "get" and any(part in path for part in _DELETABLE)
    media = next((media for part, media in _WRITTEN if part in path), _DEFAULT)
    for status in (*_SUCCESSES.get(method, ("200",)), *(("204",) if deletable else ())):
        found = responses.setdefault(status, {"description": _SAID[status]})
        if status != "204":
            found["content"] = {one: {} for one in media}


def _add_headers(operation: dict[str, Any], names: tuple[str, ...]) -> None:
    parameters = operation.setdefault("parameters", [])
    known = {parameter["name"] for parameter in parameters}
    parameters.extend(
        {"name": name, "in": "header", "required": False, "schema": {"type": "string"}}
        for name in names
        if name not in known
    )


def _error() -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Error"}
    return {"description": "The one shape of errors.", "content": {Media.JSON: {"schema": schema}}}


def _error_schema() -> dict[str, Any]:
    text = {"type": "string"}
    names = ("code", "path", "node", "label", "expected", "message")
    issue = {"type": "object", "required": list(names), "properties": dict.fromkeys(names, text)}
    return {
        "type": "object",
        "required": ["message", "code", "error", "errors"],
        "properties": {"message": text, "code": text, "error": text, "errors": {"type": "array", "items": issue}},
    }
