"""What is made from a template: the web template at an address of its own, and example data.

Source: ITS-REST 1.1.0, definition, `definition_template_adl1.4_example_get`. The address `/webtemplate` is one that
existing clients call; reading the template with its media type gives the same.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from fastapi import APIRouter, Request, Response

from cdr.api.answers import content
from cdr.api.deps import Work, caller_of, run, services_of
from cdr.api.media import CONTENT, FORMATS, Media, accepted
from cdr.errors import BadParameter
from cdr.formats.flat.example import Detail, Kind
from cdr.services.template_example import template_example

router = APIRouter(tags=["TEMPLATE"], prefix="/definition/template")
E = TypeVar("E", bound=StrEnum)


@router.get("/adl1.4/{template_id:path}/example")
async def read_example(request: Request, template_id: str) -> Response:
    """Give example data for a template: `type` is input or output, `detail_level` required, medium or complete."""
    media = accepted(request, CONTENT)
    kind = _choice(request, "type", Kind.INPUT)
    detail = _choice(request, "detail_level", Detail.REQUIRED)
    context, caller = services_of(request).context, caller_of(request)

    def make() -> bytes:
        return template_example(context, caller, template_id, kind=kind, detail=detail, wanted=FORMATS[media])

    return content(request, await run(request, Work.READ, make), media)


@router.get("/adl1.4/{template_id:path}/webtemplate")
async def read_web_template(request: Request, template_id: str) -> Response:
    """Read a template as a web template."""
    media = accepted(request, (Media.WEB_TEMPLATE, Media.JSON))
    caller, service = caller_of(request), services_of(request).template

    def make() -> bytes:
        return service.web_template(service.read(caller, template_id))

    return content(request, await run(request, Work.READ, make), media)


def _choice(request: Request, name: str, default: E) -> E:
    """Return a query parameter as a member of its enum. Errors: `BadParameter` for anything else."""
    text = request.query_params.get(name, "").strip().lower()
    if not text:
        return default
    try:
        return type(default)(text)
    except ValueError as error:
        raise BadParameter(f"{name} is one of {', '.join(type(default))}", code="PARAMETER") from error
