"""What comes with Kilde (templates, stored queries): what of it is here, and storing it item by item."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request, Response

from cdr.api.answers import json_answer
from cdr.api.deps import Work, caller_of, run, services_of
from cdr.errors import BadParameter

router = APIRouter(tags=["CONTENT"])


@router.get("/content")
async def list_content(request: Request, kind: str = "") -> Response:
    """List what comes with this installation and whether it is here: absent, present or different."""
    service = services_of(request).content
    items = await run(request, Work.READ, service.list, caller_of(request), kind=kind or None)
    return json_answer({"content": [asdict(item) for item in items]})


@router.post("/content/{kind}/{name}")
async def load_content(request: Request, kind: str, name: str, replace: str = "false") -> Response:
    """Store one item; one that is here stays, unless it is different and `replace` is true."""
    if replace.lower() not in ("true", "false"):
        raise BadParameter("replace is true or false", code="REPLACE")
    service = services_of(request).content
    outcome = await run(
        request, Work.COMMIT, service.load, caller_of(request), kind, name, replace=replace.lower() == "true"
    )
    return json_answer({"kind": kind, "name": name, "outcome": outcome})
