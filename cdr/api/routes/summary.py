"""Content services over HTTP: the list, a summary in the form that the caller asks for, and reviews of what it shows.

`format` (json, fhir, csv, text, html) or Accept chooses the form, `lang` (nb, en) or Accept-Language the words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
from fastapi import APIRouter, Request, Response

from cdr.api.answers import json_answer
from cdr.api.deps import Work, body_of, caller_of, run, services_of
from cdr.api.errors import NotAcceptable
from cdr.api.media import Media, accepted
from cdr.errors import BadInput, BadParameter, NotSupported
from cdr.formats.summary import Language, Links, write_csv, write_fhir, write_html, write_json, write_text
from cdr.reconcile import Outcome
from cdr.reconcile.summary import Asked, Summary
from cdr.services.summary.review import Judgement
from cdr.services.summary.service import SummaryService

router = APIRouter(tags=["SUMMARY"])

_NAMES: Mapping[str, Media] = {
    "json": Media.JSON,
    "fhir": Media.FHIR,
    "csv": Media.CSV,
    "text": Media.TEXT,
    "html": Media.HTML,
}
_MAX_BODY = 256 * 1024
_LANGUAGES = {"nb": Language.NB, "no": Language.NB, "nn": Language.NB, "en": Language.EN}
_WEIGHT = re.compile(r"q\s*=\s*([01](?:\.[0-9]{0,3})?)")
# The page loads nothing and runs nothing; its style and its icon are within it.
_PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)


class _ReviewBody(msgspec.Struct, forbid_unknown_fields=True):
    """What a review says. `outcome`: not_reviewed (a comment alone), confirmed, corrected, rejected, outdated."""

    outcome: Outcome = Outcome.NOT_REVIEWED
    service: str = ""
    group: str = ""
    statements: tuple[str, ...] = ()
    comment: str = ""
    name: str = ""
    role: str = ""


@router.get("/summary")
async def list_services(request: Request) -> Response:
    """List the content services with their versions, titles and queries."""
    service = _service(request)
    found = [
        {
            "key": one.key,
            "version": one.version,
            "title": one.title,
            "about": one.about,
            "category": one.category or None,
            "formats": sorted(_NAMES),
            "sections": [{"key": rule.key, "title": rule.title, "critical": rule.is_critical} for rule in one.sections],
            "queries": {name: query.aql for name, query in one.queries.items()},
        }
        for one in service.services()
    ]
    return json_answer({"services": found})


@router.get("/ehr/{ehr_id}/summary/{service}")
async def read_summary(request: Request, ehr_id: str, service: str) -> Response:
    """Return a summary of one resident; `from`, `to` and `actor` choose what is shown beside critical information."""
    media, language = _media(request), _language(request)
    given = request.query_params
    asked = Asked(begin=given.get("from", ""), end=given.get("to", ""), actor=given.get("actor", ""))
    summaries, caller = _service(request), caller_of(request)

    def answer() -> bytes:
        summary = summaries.summarise(caller, ehr_id, service, asked=asked)
        return _written(summary, media, language, summaries)

    body = await run(request, Work.QUERY, answer)
    headers = {"Content-Language": language.value, "Vary": "Accept, Accept-Language"}
    if media is Media.HTML:
        headers |= {"Content-Security-Policy": _PAGE_POLICY, "Referrer-Policy": "same-origin"}
    return Response(body, media_type=media, headers=headers)


@router.post("/ehr/{ehr_id}/review")
async def review(request: Request, ehr_id: str) -> Response:
    """Store a clinician's review of a group or of single statements; answer with the version that holds it."""
    reviews = services_of(request).review
    if reviews is None:
        raise NotSupported("this server answers no queries", code="NO_QUERIES")
    source = await body_of(request, limit=_MAX_BODY)
    try:
        body = msgspec.json.decode(source, type=_ReviewBody)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        outcomes = ", ".join(Outcome)
        message = f"a review is a JSON object with outcome ({outcomes}), service and group or statements, and comment"
        raise BadInput(message, code="REVIEW_BODY") from error
    said = Judgement(
        outcome=body.outcome,
        service=body.service,
        group=body.group,
        statements=body.statements,
        comment=body.comment,
        name=body.name,
        role=body.role,
    )
    record = await run(request, Work.COMMIT, reviews.review, caller_of(request), ehr_id, said)
    return json_answer({"version_uid": record.uid, "outcome": body.outcome.value}, status=201)


def _written(summary: Summary, media: Media, language: Language, summaries: SummaryService) -> bytes:
    if media is Media.FHIR:
        return write_fhir(summary, language)
    if media is Media.CSV:
        return write_csv(summary, language)
    if media is Media.TEXT:
        return write_text(summary, language)
    if media is Media.HTML:
        return write_html(summary, language, Links({one.key: one.title for one in summaries.services()}))
    return write_json(summary)


def _service(request: Request) -> SummaryService:
    service = services_of(request).summary
    if service is None:
        raise NotSupported("this server answers no queries", code="NO_QUERIES")
    return service


def _media(request: Request) -> Media:
    name = request.query_params.get("format", "").strip().lower()
    if not name:
        return accepted(request, tuple(_NAMES.values()))
    if name not in _NAMES:
        raise NotAcceptable(f"format is one of {', '.join(_NAMES)}")
    return _NAMES[name]


def _language(request: Request) -> Language:
    """Return the language of `lang`, else the one that Accept-Language likes best, else Norwegian."""
    given = request.query_params.get("lang", "").strip().lower()
    if given:
        if given not in tuple(Language):
            raise BadParameter(f"lang is one of {', '.join(Language)}", code="LANGUAGE")
        return Language(given)
    liked = [_liking(part) for part in request.headers.get("accept-language", "").lower().split(",")]
    # The first of equals: sorting keeps their order.
    for tag, weight in sorted(liked, key=lambda one: -one[1]):
        if tag in _LANGUAGES and weight > 0:
            return _LANGUAGES[tag]
    return Language.NB


def _liking(part: str) -> tuple[str, float]:
    """Return the primary tag of a language and its weight, 0 to 1. Source: RFC 9110, 12.5.4."""
    name, _, weight = part.partition(";")
    found = _WEIGHT.fullmatch(weight.strip())
    return name.strip().split("-")[0], float(found[1]) if found else 1.0
