"""Example data for a template, in any format: what a client may send, or what it will get."""

from __future__ import annotations

import orjson

from cdr.errors import NotSupported
from cdr.formats import flat, structured
from cdr.formats.flat.example import Detail, Kind, example, mapping
from cdr.formats.registry import Format
from cdr.identity import Caller
from cdr.services.context import Context
from cdr.services.lookup import template_of
from cdr.services.representation import encode_object
from cdr.webtemplate import build


def template_example(
    context: Context,
    caller: Caller,
    template_id: str,
    *,
    kind: Kind,
    detail: Detail,
    wanted: Format,
) -> bytes:
    """Return an example composition; an input in FLAT and STRUCTURED says in `ctx/` what it can.

    Errors: `NotFound` for an unknown template, `NotSupported` for one that is not of a composition.
    """
    template = context.compiled.of(template_of(context, template_id))
    if template.rm_type != "COMPOSITION":
        raise NotSupported("examples are made for templates of compositions", code="EXAMPLE")
    web_template = build(template)
    if wanted not in (Format.FLAT, Format.STRUCTURED):
        return encode_object(example(web_template, template, kind=kind, detail=detail), wanted)
    if kind is Kind.INPUT:
        keys = mapping(web_template, template, kind=kind, detail=detail)
    else:
        made = example(web_template, template, kind=kind, detail=detail)
        keys = flat.encode(made, web_template, template, dialect=context.flat_dialect)
    return orjson.dumps(keys if wanted is Format.FLAT else structured.nest(keys))
