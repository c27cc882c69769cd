"""AQL over HTTP: ad hoc and stored queries, with GET and POST, as JSON, or streamed as CSV or lines of JSON.

A GET carries parameters of the query beside its own ones; a POST has them in `query_parameters`. Unknown parameters are
taken for parameters of the query.

Source: ITS-REST 1.1.0, Query API.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from aql.params import Spelling
from cdr.api.deps import Work, body_of, caller_of, queries_of, run
from cdr.api.media import Media, accepted
from cdr.api.query_streams import STREAMED, streamed, streams_of
from cdr.errors import BadInput, BadParameter
from cdr.identity import Caller
from cdr.services.query import Page, QueryService
from cdr.services.query_parameters import check_values
from cdr.services.query_result import encode_json
from cdr.services.query_stream import Asked as Streamed

router = APIRouter(tags=["QUERY"], prefix="/query")

_OFFERED = (Media.JSON, Media.CSV, Media.NDJSON)
_OWN = frozenset(
    {
        *("q", "ehr_id", "offset", "fetch", "query_parameters", "format"),
        *("exclude_other_subjects", "explain", "cursor", "total"),
    }
)
# The value of `explain` with which the query is run, to tell real counts and times.
_RUN = "run"
_MAX_BODY = 4 * 1024 * 1024
# Of offset and fetch: more would leave the 64 bits of the database and of JSON.
_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request asks for, wherever it says so."""

    text: str | None
    parameters: Mapping[str, Any]  # JSON values
    ehr_id: str | None
    page: Page
    leaves_out_other_subjects: bool
    is_explained: bool
    is_run: bool
    cursor: str | None
    has_total: bool


@router.api_route("/aql", methods=["GET"])
async def run_aql(request: Request) -> Response:
    """Run the query in `q`."""
    return await _ad_hoc(request, asked_in_address(request))


@router.api_route("/aql", methods=["POST"])
async def run_aql_body(request: Request) -> Response:
    """Run the query in the body's `q`."""
    return await _ad_hoc(request, await asked_in_body(request))


@router.api_route("/{name}", methods=["GET"])
async def run_stored(request: Request, name: str) -> Response:
    """Run the latest version of a stored query."""
    return await _stored(request, asked_in_address(request), name, None)


@router.api_route("/{name}", methods=["POST"])
async def run_stored_body(request: Request, name: str) -> Response:
    """Run the latest version of a stored query, with the parameters in the body."""
    return await _stored(request, await asked_in_body(request), name, None)


@router.api_route("/{name}/{version}", methods=["GET"])
async def run_stored_version(request: Request, name: str, version: str) -> Response:
    """Run a version of a stored query; the beginning of one means the latest that begins so."""
    return await _stored(request, asked_in_address(request), name, version)


@router.api_route("/{name}/{version}", methods=["POST"])
async def run_stored_version_body(request: Request, name: str, version: str) -> Response:
    """Run a version of a stored query, with the parameters in the body."""
    return await _stored(request, await asked_in_body(request), name, version)


async def _ad_hoc(request: Request, asked: Asked) -> Response:
    if asked.text is None or not asked.text.strip():
        raise BadParameter("q should hold the query", code="AQL_QUERY")
    service, caller, text = _service(request), caller_of(request), asked.text
    if asked.is_explained:
        plan = await run(
            request,
            Work.QUERY,
            service.explain,
            caller,
            text,
            parameters=asked.parameters,
            ehr_id=asked.ehr_id,
            is_run=asked.is_run,
        )
        return Response(plan, media_type=Media.TEXT)

    return await _answered(request, asked, text, None)


async def _stored(request: Request, asked: Asked, name: str, version: str | None) -> Response:
    record = await run(request, Work.READ, _service(request).stored.get, name, version=version)
    check_values(record, asked.parameters)
    return await _answered(request, asked, record.text, f"{record.name}/{record.version}")


async def _answered(request: Request, asked: Asked, text: str, name: str | None) -> Response:
    """Run a query and answer in the media type that is accepted; `name` is that of a stored query."""
    media = accepted(request, _OFFERED)
    service, caller = _service(request), caller_of(request)
    wanted = Streamed(
        text=text,
        parameters=asked.parameters,
        ehr_id=asked.ehr_id,
        page=asked.page,
        cursor=asked.cursor,
        leaves_out_other_subjects=asked.leaves_out_other_subjects,
        has_total=asked.has_total,
        name=name,
    )
    if media in STREAMED:
        return await streamed(request, wanted, media)

    def answer() -> bytes:
        if asked.cursor is not None:
            return encode_json(streams_of(request).page(caller, wanted))
        found = service.run(
            caller,
            text,
            parameters=asked.parameters,
            ehr_id=asked.ehr_id,
            page=asked.page,
            leaves_out_other_subjects=asked.leaves_out_other_subjects,
            name=name,
        )
        if asked.has_total:
            found = replace(found, meta={**found.meta, "total": _total(service, caller, wanted)})
        return encode_json(found)

    return _answer(await run(request, Work.QUERY, answer), media)


def _total(service: QueryService, caller: Caller, asked: Streamed) -> int:
    return service.total(
        caller,
        asked.text,
        parameters=asked.parameters,
        ehr_id=asked.ehr_id,
        leaves_out_other_subjects=asked.leaves_out_other_subjects,
    )


def asked_in_address(request: Request) -> Asked:
    """Return what the parameters of a GET ask for. Errors: `BadParameter`."""
    given = request.query_params
    parameters: dict[str, Any] = _named({name: Spelling(given[name]) for name in given if name not in _OWN})
    nested = given.get("query_parameters")
    if nested:
        parameters |= _named(_nested(nested))
    return Asked(
        text=given.get("q"),
        parameters=parameters,
        ehr_id=given.get("ehr_id") or _ehr_header(request),
        page=Page(offset=_whole(given.get("offset"), "offset") or 0, fetch=_whole(given.get("fetch"), "fetch")),
        leaves_out_other_subjects=_is_true(given.get("exclude_other_subjects")),
        is_explained=_is_true(given.get("explain")) or given.get("explain") == _RUN,
        is_run=given.get("explain") == _RUN,
        cursor=given.get("cursor") or None,
        has_total=_is_true(given.get("total")),
    )


async def asked_in_body(request: Request) -> Asked:
    """Return what the body of a POST asks for; parameters of the address fill in. Errors: `BadInput`."""
    source = await body_of(request, limit=_MAX_BODY)
    try:
        body = orjson.loads(source) if source.strip() else {}
    except orjson.JSONDecodeError as error:
        raise BadInput("The body should be JSON.", code="AQL_BODY") from error
    if not isinstance(body, dict):
        raise BadInput("The body should be a JSON object.", code="AQL_BODY")
    inside = asked_in_address(request)
    text = body.get("q", inside.text)
    nested = body.get("query_parameters")
    if text is not None and not isinstance(text, str):
        raise BadInput("q should be a string.", code="AQL_BODY")
    if nested is not None and not isinstance(nested, dict):
        raise BadInput("query_parameters should be a JSON object.", code="AQL_BODY")
    flattened = {name: value for name, value in body.items() if name not in _OWN}
    parameters = {**inside.parameters, **_named(flattened), **_named(nested or {})}
    ehr_id = body.get("ehr_id", inside.ehr_id)
    if ehr_id is not None and not isinstance(ehr_id, str):
        raise BadInput("ehr_id should be a string.", code="AQL_BODY")
    offset, fetch = body.get("offset"), body.get("fetch")
    cursor = body.get("cursor", inside.cursor)
    if cursor is not None and not isinstance(cursor, str):
        raise BadInput("cursor should be a string.", code="AQL_BODY")
    return Asked(
        text=text,
        parameters=parameters,
        ehr_id=ehr_id,
        page=Page(
            offset=inside.page.offset if offset is None else _whole(offset, "offset") or 0,
            fetch=inside.page.fetch if fetch is None else _whole(fetch, "fetch"),
        ),
        leaves_out_other_subjects=_is_true(body.get("exclude_other_subjects")) or inside.leaves_out_other_subjects,
        is_explained=_is_true(body.get("explain")) or body.get("explain") == _RUN or inside.is_explained,
        is_run=body.get("explain") == _RUN or inside.is_run,
        cursor=cursor or None,
        has_total=_is_true(body.get("total")) or inside.has_total,
    )


def _service(request: Request) -> QueryService:
    return queries_of(request)


def _answer(content: bytes, media: Media) -> Response:
    """Return a result set with an ETag of its own, as ITS-REST 1.1.0, Query API, ETag_RESULT_SET has it."""
    digest = blake2b(content, digest_size=16).hexdigest()
    return Response(content, media_type=media, headers={"ETag": f'W/"{digest}"'})


def _ehr_header(request: Request) -> str | None:
    return request.headers.get("openehr-ehr-id") or None


def _nested(text: str) -> dict[str, Any]:
    """Return parameters that a GET has in one value: a JSON object, or `name=value&...`."""
    try:
        found = json.loads(text)
    except ValueError:
        pairs = [pair.partition("=") for pair in text.split("&") if pair]
        return {name: Spelling(value) for name, _, value in pairs}
    except RecursionError:
        found = None
    if not isinstance(found, dict):
        raise BadParameter("query_parameters should be a JSON object.", code="AQL_PARAMETER")
    return found


def _named(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters by their names; some clients write the `$` that the query has before each."""
    return {name.removeprefix("$"): value for name, value in parameters.items()}


def _whole(value: object, name: str) -> int | None:
    if value is None or value == "":
        return None
    spelled = str(value)
    if isinstance(value, bool) or not (spelled.isascii() and spelled.isdecimal() and len(spelled) <= _MOST_DIGITS):
        most = "9" * _MOST_DIGITS
        raise BadParameter(f"{name} should be a whole number from 0 to {most}.", code="AQL_PAGE")
    return int(spelled)


def _is_true(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.lower() == "true")
