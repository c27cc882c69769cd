"""What ITS-REST has and Kilde leaves out: each address says so, and `docs/conformance.md` says why."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from cdr.errors import NotSupported

router = APIRouter(tags=["LEFT OUT"])
_METHODS = ["GET", "POST", "PUT", "DELETE"]


@router.api_route("/demographic/{rest:path}", methods=_METHODS, status_code=501)
async def demographic(request: Request, rest: str) -> Response:
    """Say that there is no demographic service."""
    raise NotSupported("the demographic service is not offered; people live in the population register", code="PARTY")


@router.api_route("/ehr/{ehr_id}/tags", methods=_METHODS, status_code=501)
@router.api_route("/ehr/{ehr_id}/{resource}/{uid_based_id}/tags", methods=_METHODS, status_code=501)
@router.api_route("/ehr/{ehr_id}/{resource}/{uid_based_id}/tags/{key}", methods=_METHODS, status_code=501)
async def tags(request: Request, ehr_id: str, resource: str = "", uid_based_id: str = "", key: str = "") -> Response:
    """Say that there are no item tags."""
    raise NotSupported("item tags are not offered", code="ITEM_TAG")
