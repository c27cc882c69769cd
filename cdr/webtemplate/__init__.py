"""Web templates: the simplified, named view of an operational template, and example compositions made from it."""

from __future__ import annotations

from cdr.webtemplate.build import build
from cdr.webtemplate.model import Cardinalities, Input, ListItem, Step, Validation, WebTemplate, WebTemplateNode
from cdr.webtemplate.to_json import to_json

__all__ = [
    "Cardinalities",
    "Input",
    "ListItem",
    "Step",
    "Validation",
    "WebTemplate",
    "WebTemplateNode",
    "build",
    "to_json",
]
