"""Content in the formats that clients write and read: canonical JSON and XML, FLAT, STRUCTURED.

Comes in: the bytes of a body with its format. Goes out: RM objects, and bytes of the wanted format from the stored
canonical JSON. `cdr.formats.registry` has the canonical ones; FLAT and STRUCTURED need the template, found here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

import orjson

from cdr import rm
from cdr.am.template import OperationalTemplate
from cdr.errors import BadInput, NotSupported
from cdr.formats import canonical_json, flat, registry, structured
from cdr.formats.canonical_json_lenient import check_texts, parse
from cdr.formats.registry import Format
from cdr.issue import Issue, Stage
from cdr.services.context import Context
from cdr.services.history import version_json, version_object
from cdr.services.lookup import template_for_commit
from cdr.versioning.model import VersionRecord
from cdr.webtemplate import build

R = TypeVar("R", bound=rm.RmObject)


_CONTENT: tuple[type[rm.RmObject], ...] = (rm.Composition, rm.EhrStatus, rm.Folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body as it was sent; `template_id` is what the request names beside it, needed by FLAT and STRUCTURED."""

    content: bytes
    format: Format = Format.JSON
    template_id: str | None = None


def decode(body: Body, rm_class: type[R]) -> R:
    """Return the object in a canonical body; `BadInput` when it is none."""
    return registry.decode(body.content, body.format, rm_class=rm_class)


def encode(content: bytes, wanted: Format) -> bytes:
    """Return stored canonical JSON in the wanted canonical format, unchanged where that is JSON."""
    if wanted is Format.JSON:
        return content
    return encode_object(canonical_json.decode_any(content, _CONTENT), wanted)


def decode_composition(context: Context, body: Body) -> rm.Composition:
    """Return the composition in a body of any format.

    Errors: `BadInput` when it is none, `Invalid` when the template that FLAT or STRUCTURED needs is not known.
    """
    if not body.format.needs_template:
        return decode(body, rm.Composition)
    # Syntax, depth and repeated keys are refused as in canonical JSON; the numbers of FLAT are plain ones.
    parse(body.content, limits=canonical_json.DEFAULT_LIMITS)
    tree = json.loads(body.content)
    if not isinstance(tree, dict):
        issue = Issue(code="FLAT_KEY", path="$", expected="an object", stage=Stage.STRUCTURE)
        raise BadInput("the body must be a JSON object", code="FLAT", issues=[issue])
    if canonical_json.has_odd_text(body.content):
        check_texts(tree)
    template = _template_of_keys(context, body, tree)
    decoder = flat.decode if body.format is Format.FLAT else structured.decode
    return decoder(tree, build(template), template, now=context.clock.now(), dialect=context.flat_dialect)


def encode_object(obj: rm.RmObject, wanted: Format) -> bytes:
    """Return an object of the reference model in a canonical format."""
    return registry.encode(obj, wanted)


def encode_composition(context: Context, record: VersionRecord, wanted: Format) -> bytes:
    """Return the composition of a version in any format.

    Errors: `Invalid` when FLAT or STRUCTURED has no key for something in it.
    """
    if not wanted.needs_template:
        return encode(record.content or b"", wanted)
    composition = canonical_json.decode(record.content or b"", rm.Composition)
    template = _template_of_version(context, record)
    encoder = flat.encode if wanted is Format.FLAT else structured.encode
    return orjson.dumps(encoder(composition, build(template), template, dialect=context.flat_dialect))


def encode_version(record: VersionRecord, wanted: Format) -> bytes:
    """Return a whole version, ORIGINAL_VERSION or IMPORTED_VERSION, in a canonical format."""
    if wanted is Format.JSON:
        return version_json(record)
    data = None if record.content is None else canonical_json.decode_any(record.content, _CONTENT)
    return encode_object(version_object(record, data=cast(rm.AnyVersioned | None, data)), wanted)


def _template_of_keys(context: Context, body: Body, tree: Mapping[str, object]) -> OperationalTemplate:
    """Return the template that the request names, else the one whose root is the root of the keys."""
    if body.template_id is not None:
        return context.compiled.of(template_for_commit(context, body.template_id))
    roots = {key.split("/")[0].split("|")[0].split(":")[0] for key in tree} - {"ctx"}
    if len(roots) == 1:
        root = roots.pop()
        compiled = (context.compiled.of(record) for record in context.templates.list())
        fitting = [template for template in compiled if build(template).root.id == root]
        if len(fitting) == 1:
            return fitting[0]
    return context.compiled.of(template_for_commit(context, None))


def _template_of_version(context: Context, record: VersionRecord) -> OperationalTemplate:
    stored = context.templates.revision(record.template_revision or "")
    if stored is None:
        raise NotSupported("the template of this version is not here, so that only canonical formats can be given")
    return context.compiled.of(stored)
