"""Definitions of stored queries over HTTP: store, list, read, remove.

Source: ITS-REST 1.1.0, Definition API, Query.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from cdr.api.answers import json_answer
from cdr.api.deps import Work, body_of, caller_of, queries_of, run, settings_of
from cdr.api.headers import location
from cdr.errors import BadInput, BadParameter
from cdr.ports import QueryRecord
from cdr.services.query_stored import StoredQueries
from cdr.versioning.committal import time_text

router = APIRouter(tags=["QUERY"], prefix="/definition/query")

_MAX_BODY = 1024 * 1024


class _Definition(msgspec.Struct):
    """What a body says of a query; `parameters` are types by name, `purposes` texts by language."""

    q: str
    purpose: str = ""
    parameters: dict[str, str] | None = None
    category: str = ""
    purposes: dict[str, str] | None = None


@router.api_route("", methods=["GET"])
async def list_all_queries(request: Request) -> Response:
    """List all stored queries, or those of one `category`."""
    return await _list(request, "")


@router.api_route("/{name}", methods=["GET"])
async def list_queries(request: Request, name: str) -> Response:
    """List the stored queries whose names begin with a text, of one `category` if it is given."""
    return await _list(request, name)


@router.api_route("/{name}", methods=["PUT"])
async def store_query(request: Request, name: str) -> Response:
    """Store a query as the next version of its name."""
    return await _store(request, name, None)


@router.api_route("/{name}/{version}", methods=["GET"])
async def read_query(request: Request, name: str, version: str) -> Response:
    """Read one version of a stored query."""
    record = await run(request, Work.READ, _stored(request).get, name, version=version)
    return json_answer(_shown(record))


@router.api_route("/{name}/{version}", methods=["PUT"])
async def store_query_version(request: Request, name: str, version: str) -> Response:
    """Store a query under a version of its own."""
    return await _store(request, name, version)


@router.api_route("/{name}/{version}", methods=["DELETE"], status_code=204)
async def remove_query(request: Request, name: str, version: str) -> Response:
    """Remove one version of a stored query."""
    await run(request, Work.COMMIT, _stored(request).remove, name, version)
    return Response(status_code=204)


async def _list(request: Request, prefix: str) -> Response:
    category = request.query_params.get("category", "")
    records = await run(request, Work.READ, _stored(request).list, prefix, category=category)
    shown = [_shown(record) for record in records]
    if settings_of(request).query_list == "versions":
        return json_answer({"name": prefix, "versions": shown})
    return json_answer(shown)


async def _store(request: Request, name: str, version: str | None) -> Response:
    for parameter in ("query_type", "type"):
        if request.query_params.get(parameter, "AQL").upper() != "AQL":
            raise BadParameter("query_type should be AQL, the only language that is offered", code="QUERY_TYPE")
    body = _definition(await body_of(request, limit=_MAX_BODY))
    record = await run(
        request,
        Work.COMMIT,
        _stored(request).put,
        caller_of(request),
        name,
        body.q,
        version=version,
        purpose=body.purpose,
        parameters=body.parameters,
        category=body.category,
        purposes=body.purposes,
    )
    remarks = await run(request, Work.READ, _stored(request).remarks, record)
    answer = json_answer(_shown(record) | ({"notes": [asdict(each) for each in remarks]} if remarks else {}))
    answer.headers["Location"] = location(request, "definition", "query", record.name, record.version)
    return answer


def _definition(source: bytes) -> _Definition:
    """Return the definition in a body: the bare query, or JSON with the query as `q`."""
    try:
        text = source.decode()
    except UnicodeDecodeError as error:
        raise BadInput("The body should be UTF-8.", code="QUERY_BODY") from error
    if not text.lstrip().startswith("{"):
        return _Definition(q=text.strip())
    try:
        return msgspec.json.decode(text, type=_Definition)
    except msgspec.DecodeError as error:
        raise BadInput("The body should be a query, or JSON with the query as q.", code="QUERY_BODY") from error


def _shown(record: QueryRecord) -> dict[str, Any]:
    """Return a stored query as the REST specification shows it, and what more is known of it."""
    shown: dict[str, Any] = {
        "name": record.name,
        "type": "AQL",
        "version": record.version,
        "saved": time_text(record.time_created),
        "q": record.text,
    }
    if record.purpose:
        shown["purpose"] = record.purpose
    if record.author:
        shown["author"] = record.author
    if record.parameters:
        shown["parameters"] = dict(record.parameters)
    if record.category:
        shown["category"] = record.category
    if record.purposes:
        shown["purposes"] = dict(record.purposes)
    return shown


def _stored(request: Request) -> StoredQueries:
    return queries_of(request).stored
