"""Documents to canonical JSON compositions, through FLAT and the templates that come with Kilde."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from cdr import resources
from cdr.am.opt14 import read_opt
from cdr.am.template import OperationalTemplate
from cdr.formats import canonical_json, flat
from cdr.webtemplate import WebTemplate, build
from cli.demo.town import keys
from cli.demo.town.statements import Document


def composition_json(document: Document, key: str) -> bytes:
    """Return a document as a canonical JSON composition without uid; `key` is its id in the source system."""
    web_template, template = _template(document.template)
    now = datetime.fromisoformat(document.start)
    return canonical_json.encode(flat.decode(keys.flat(document, key), web_template, template, now=now))


def template_id(document: Document) -> str:
    """Return the id of a document's template."""
    return _template(document.template)[1].template_id


@cache
def _template(name: str) -> tuple[WebTemplate, OperationalTemplate]:
    """Return a template and its web template by the name of its file."""
    template = read_opt((resources.folder("templates") / f"{name}.opt").read_bytes())
    return build(template), template
