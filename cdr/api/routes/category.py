"""The nine information categories: what they are, their templates, and the compositions of an EHR in one of them."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from cdr.api.answers import json_answer
from cdr.api.deps import Work, body_of, caller_of, queries_of, run, services_of, settings_of
from cdr.api.headers import read_time
from cdr.api.routes.kilde import page_size
from cdr.categories import Category
from cdr.errors import BadInput, BadParameter
from cdr.ports import ListedComposition
from cdr.services.category import CategoryEntry, CategoryService, CategoryUsage, TemplateEntry
from cdr.services.category_coded import CodedShare, coded_shares
from cdr.versioning.committal import time_text

router = APIRouter(tags=["CATEGORY"])

_MAX_BODY = 64 * 1024


class _Registration(msgspec.Struct, forbid_unknown_fields=True):
    national_source: str | None = None


@router.get("/category")
async def list_categories(request: Request) -> Response:
    """List the nine categories with how many templates and compositions each has, and what has no category."""
    context = services_of(request).context
    entries = await run(request, Work.READ, _service(request).list, caller_of(request))
    unregistered = next((entry for entry in entries if entry.category is None), None)
    body = {
        "categories": [_counted(entry.category, entry) for entry in entries if entry.category is not None],
        "unregistered": {
            "templates": [] if unregistered is None else [_template(each) for each in unregistered.templates],
            "compositions": 0 if unregistered is None else unregistered.compositions,
        },
        "registered_only": context.registered_only,
    }
    return json_answer(body)


@router.get("/category/coded")
async def coded_share(request: Request) -> Response:
    """Say for each category how much of what ought to be coded is: values, coded ones and their share (0 to 1)."""
    context, queries = services_of(request).context, queries_of(request)
    shares = await run(request, Work.QUERY, coded_shares, context, queries, caller_of(request))
    return json_answer({"categories": [_share(share) for share in shares]})


@router.get("/category/usage")
async def usage(request: Request, since: str = "") -> Response:
    """Say how often each consumer read and wrote under each template and ran each stored query, from a time on."""
    zone = settings_of(request).time_zone
    begin = read_time(since, zone, parameter="since") if since else None
    rows = await run(request, Work.QUERY, _service(request).usage, caller_of(request), since=begin)
    return json_answer({"since": since or None, "usage": [_used(row) for row in rows]})


@router.get("/category/{key}")
async def show_category(request: Request, key: str) -> Response:
    """Show one category with its templates."""
    entry = await run(request, Work.READ, _service(request).show, caller_of(request), key)
    assert entry.category is not None, "one of the nine was asked for"
    templates = [_template(each) for each in entry.templates]
    return json_answer({**_counted(entry.category, entry), "templates": templates})


@router.get("/category/{key}/template")
async def list_category_templates(request: Request, key: str) -> Response:
    """List the templates of a category."""
    entry = await run(request, Work.READ, _service(request).show, caller_of(request), key)
    return json_answer({"category": key, "templates": [_template(each) for each in entry.templates]})


@router.put("/category/{key}/template/{template_id:path}")
async def register_template(request: Request, key: str, template_id: str) -> Response:
    """Register a template that declares no category under this one, with its national source if there is one."""
    source = await body_of(request, limit=_MAX_BODY)
    try:
        body = msgspec.json.decode(source, type=_Registration) if source.strip() else _Registration()
    except msgspec.DecodeError as error:
        raise BadInput("the body is empty or an object with national_source, a text", code="REGISTRATION") from error
    entry = await run(
        request,
        Work.COMMIT,
        _service(request).register,
        caller_of(request),
        key,
        template_id,
        national_source=body.national_source,
    )
    return json_answer(_template(entry))


@router.delete("/category/{key}/template/{template_id:path}", status_code=204)
async def unregister_template(request: Request, key: str, template_id: str) -> Response:
    """Take the registration of a template back."""
    await run(request, Work.COMMIT, _service(request).unregister, caller_of(request), key, template_id)
    return Response(status_code=204)


@router.get("/ehr/{ehr_id}/category")
async def count_by_category(request: Request, ehr_id: str) -> Response:
    """Say how many compositions an EHR has in each category."""
    counts = await run(request, Work.READ, _service(request).counts, caller_of(request), ehr_id)
    return json_answer({"ehr_id": ehr_id, "categories": counts})


@router.get("/ehr/{ehr_id}/category/{key}")
async def list_by_category(
    request: Request, ehr_id: str, key: str, offset: str = "0", limit: str = "100", drafts: str = "false"
) -> Response:
    """List the newest versions of an EHR's compositions in a category, the one that started last first."""
    if not offset.isascii() or not offset.isdigit() or len(offset) > 9:
        raise BadParameter("offset is a whole number, 0 or more", code="OFFSET")
    if drafts.lower() not in ("true", "false"):
        raise BadParameter("drafts is true or false", code="DRAFTS")
    start, size = int(offset), page_size(request, limit)
    page = await run(
        request,
        Work.READ,
        _service(request).compositions,
        caller_of(request),
        ehr_id,
        key=key,
        offset=start,
        limit=size,
        drafts=drafts.lower() == "true",
    )
    end = start + len(page.compositions)
    body = {
        "ehr_id": ehr_id,
        "category": key,
        "total": page.total,
        "offset": start,
        "next": end if page.compositions and end < page.total else None,
        "compositions": [_composition(one) for one in page.compositions],
    }
    return json_answer(body)


def _service(request: Request) -> CategoryService:
    return services_of(request).category


def _counted(category: Category, entry: CategoryEntry) -> dict[str, Any]:
    return {
        "key": category.key,
        "number": category.number,
        "name": category.name,
        "definition": category.definition,
        "is_not": category.is_not,
        "template_count": len(entry.templates),
        "composition_count": entry.compositions,
    }


def _template(entry: TemplateEntry) -> dict[str, Any]:
    record, state = entry.record, entry.registered
    return {
        "template_id": record.template_id,
        "concept": record.concept,
        "archetype_id": record.root_archetype,
        "national_sources": state.national_sources,
        "declared": state.is_declared,
        "deprecated": record.is_deprecated,
        "compositions": entry.compositions,
    }


def _composition(one: ListedComposition) -> dict[str, Any]:
    return {
        "uid": one.uid,
        "template_id": one.template_id,
        "name": one.name,
        "start_time": time_text(one.start_time),
        "time_committed": time_text(one.time_committed),
        "composer": one.composer,
        "source": one.source,
        "fed_by": one.fed_by,
    }


def _used(used: CategoryUsage) -> dict[str, Any]:
    row = used.usage
    return {
        "category": used.category,
        "template_id": row.template_id,
        "query": row.query,
        "consumer": row.person,
        "action": row.action,
        "count": row.count,
    }


def _share(share: CodedShare) -> dict[str, Any]:
    nodes = [
        {"archetype_id": node.archetype, "path": node.path, "values": node.texts, "coded": node.coded}
        for node in share.nodes
    ]
    return {
        "key": share.category,
        "values": share.texts,
        "coded": share.coded,
        "share": share.share,
        "nodes": nodes,
    }
