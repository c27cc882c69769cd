"""Where the published web templates and simplified compositions lie, and how to read them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import orjson

from cdr.am.opt14 import read_opt
from cdr.am.template import OperationalTemplate
from cdr.webtemplate import WebTemplate, build
from tests.support.corpus import files, shared, shared_folder

BETTER = "data/better-care+web-template/src/test/resources"
SDK = "data/ehrbase+openEHR_SDK/test-data/src/main/resources"
INTEGRATION = "data/ehrbase+integration-tests/tests/robot/_resources/test_data_sets"
CONFORMANCE = "data/openEHR+specifications-CNF/tests/platform/robot/_resources/test_data_sets"

# Published web template -> the operational template that it was made from.
PAIRS = {
    **{
        f"{BETTER}/compatibility/web-templates/{name}.json": f"{BETTER}/compatibility/templates/{name}.xml"
        for name in (
            "Anamnesis",
            "Colposcopy",
            "HPV Report",
            "MED - Allergy history Summary",
            "Malnutrition universal screening tool",
            "Tanner stages",
            "Vital Signs Pathfinder Demo",
            "Waterlow pressure damage risk assessment",
        )
    },
    f"{BETTER}/compatibility/web-templates/Falls care plan.json": f"{BETTER}/convert/templates/Falls care plan.opt",
    f"{SDK}/webtemplate/AlternativeEvents.json": f"{SDK}/operationaltemplate/AlternativeEvents.opt",
    f"{SDK}/webtemplate/GECCO_Diagnose.json": f"{SDK}/operationaltemplate/GECCO_Diagnose.opt",
    f"{SDK}/webtemplate/befund_der_blutgasanalyse.json": f"{SDK}/operationaltemplate/Befund_der_Blutgasanalyse.opt",
    f"{SDK}/webtemplate/corona_anamnese.json": f"{SDK}/operationaltemplate/corona_anamnese.opt",
    f"{SDK}/webtemplate/test_all_types.json": f"{CONFORMANCE}/valid_templates/all_types/Test_all_types.opt",
    f"{INTEGRATION}/valid_templates/expected_webtemplates/Corona_Anamnese_wt.json": (
        f"{SDK}/operationaltemplate/corona_anamnese.opt"
    ),
}


def read_json(path: Path) -> Any:
    """Return the content of a JSON file; a licence in `//` lines at its head is skipped."""
    text = path.read_text(encoding="utf-8-sig")
    return orjson.loads(re.sub(r"\A(?:\s*//[^\n]*\n)+", "", text))


@cache
def template_at(path: str) -> tuple[WebTemplate, OperationalTemplate]:
    """Return the web template and operational template of a source below the shared folder."""
    template = read_opt(shared(*path.split("/")).read_bytes())
    return build(template), template


def sources() -> list[Path]:
    """Return all operational templates of the shared data."""
    return [
        *files("*.opt"),
        *files("*.xml", "better-care+web-template", "src", "test", "resources", "compatibility", "templates"),
    ]


@cache
def templates_by_root() -> dict[str, list[str]]:
    """Return the paths of the templates that can be read, by the id of their web template's root."""
    from cdr.errors import KildeError

    found: dict[str, list[str]] = {}
    folder = shared_folder()
    assert folder is not None
    for path in sources():
        key = str(path.relative_to(folder))
        try:
            web_template, template = template_at(key)
        except KildeError:
            continue
        if template.rm_type == "COMPOSITION":
            found.setdefault(web_template.root.id, []).append(key)
    return found


def tree(obj: Any) -> Any:
    """Return an RM object as plain dicts and lists."""
    return msgspec.to_builtins(obj)
