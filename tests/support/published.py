"""The published compositions with the templates they are made with: what each repository presents side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from cdr import rm
from cdr.am.opt14 import read_opt
from cdr.am.template import OperationalTemplate
from cdr.errors import BadInput
from cdr.formats import canonical_json
from cdr.issue import errors_of
from cdr.validation import validate
from tests.support.corpus import files, shared_folder


@cache
def templates_by_id() -> dict[str, list[tuple[Path, OperationalTemplate]]]:
    """Return every readable published template with its file, by template id; several share an id."""
    found: dict[str, list[tuple[Path, OperationalTemplate]]] = {}
    for path in files("*.opt"):
        try:
            template = read_opt(path.read_bytes())
        except BadInput:
            continue  # tests/archetype/refused_templates.json lists these
        found.setdefault(template.template_id, []).append((path, template))
    return found


@cache
def compositions() -> tuple[tuple[str, Path], ...]:
    """Return the compositions in canonical JSON whose template is published too, by their place in the data."""
    folder = shared_folder()
    return tuple(
        (str(path.relative_to(folder / "data")), path)
        for path in files("*.json")
        if folder is not None and "recorded" not in path.parts and _template_id(path) in templates_by_id()
    )


def _template_id(path: Path) -> str | None:
    source = path.read_bytes()
    if b'"COMPOSITION"' not in source:
        return None
    try:
        tree = json.loads(source)
        return tree["archetype_details"]["template_id"]["value"] if tree["_type"] == "COMPOSITION" else None
    except (ValueError, KeyError, TypeError):
        return None


def templates_for(path: Path) -> list[OperationalTemplate]:
    """Return the templates of a composition's id: those of its own repository if there are any."""
    known = templates_by_id()[str(_template_id(path))]
    folder = shared_folder()
    assert folder is not None
    repository = path.relative_to(folder / "data").parts[0]
    own = [template for file, template in known if file.relative_to(folder / "data").parts[0] == repository]
    return own or [template for _, template in known]


def verdict(path: Path) -> list[str]:
    """Return the codes of the errors of a composition against the template it fits best, [] where it is valid."""
    try:
        composition = canonical_json.decode(path.read_bytes(), rm.Composition)
    except BadInput as refused:
        return sorted({issue.code for issue in refused.issues})
    found = [errors_of(validate(composition, template).issues) for template in templates_for(path)]
    return sorted({issue.code for issue in min(found, key=len)})


def valid_compositions() -> Iterator[tuple[str, bytes, OperationalTemplate]]:
    """Yield the compositions that a template accepts: place, source and that template."""
    for name, path in compositions():
        source = path.read_bytes()
        try:
            composition = canonical_json.decode(source, rm.Composition)
        except BadInput:
            continue
        for template in templates_for(path):
            if validate(composition, template).is_valid:
                yield name, source, template
                break
