"""Requirements on the models that files alone prove: B13, T1d and I1.7."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cdr import resources
from cdr.am.adl.reader import read_archetype
from cdr.am.archetype import Archetype
from cdr.am.opt14 import read_opt
from cdr.am.template import OperationalTemplate
from cdr.webtemplate.page import definition_page, title_of
from tests.support.tree import CHECKOUT

TEMPLATES = resources.templates()
SERVICE = "openEHR-EHR-CLUSTER.municipal_service.v0"
DECISION = "openEHR-EHR-ADMIN_ENTRY.municipal_service_decision.v0"
WITH_SERVICES = ("tjenestevedtak", "tjenestehendelse", "tjenestesoknad")
_VERSION = re.compile(r"\d+\.\d+\.\d+(-[a-z0-9.]+)?")

each = pytest.mark.parametrize("path", TEMPLATES, ids=[path.stem for path in TEMPLATES])


def _template(name: str) -> OperationalTemplate:
    return read_opt((resources.folder("templates") / f"{name}.opt").read_bytes())


def _archetype(archetype_id: str) -> Archetype:
    (file,) = resources.folder("archetypes").rglob(f"{archetype_id}.adl")
    return read_archetype(file.read_bytes())


def _details(archetype: Archetype) -> dict[str, object]:
    details = archetype.description["other_details"]
    assert isinstance(details, dict)
    return dict(details)


@each
def test_b13_a_template_has_a_definition_for_people_in_both_languages(path: Path) -> None:
    template = _template(path.stem)
    for language, name in (("nb", f"{path.stem}.nb.md"), ("en", f"{path.stem}.md")):
        page = (CHECKOUT / "docs" / "templates" / name).read_text(encoding="utf-8")
        assert page.startswith(f"# {title_of(template, language)}\n")
        assert template.description.details[language].purpose in page
        assert template.description.other_details["category"] in page
        assert page.count("\n| ") > 5
    assert definition_page(template, "nb") != definition_page(template, "en")


@each
def test_b13_every_element_of_a_template_is_in_its_definition(path: Path) -> None:
    template = _template(path.stem)
    page = definition_page(template, "en")
    for node in template.nodes():
        if node.rm_type == "ELEMENT":
            root = template.path_of(template.archetype_root_of(node)).rstrip("/")
            assert f"| `{template.path_of(node)[len(root) :]}` |" in page


@each
def test_b13_a_template_has_examples_and_test_cases(path: Path) -> None:
    folder = path.parent / "examples" / path.stem
    names = {file.name for file in folder.iterdir()}
    assert names == {"minimal.json", "minimal.flat.json", "full.json", "full.flat.json", "invalid"}
    assert len(list((folder / "invalid").glob("*.json"))) >= 2


@pytest.mark.parametrize("archetype_id", [SERVICE, DECISION])
def test_t1d_the_model_of_services_is_a_versioned_archetype(archetype_id: str) -> None:
    archetype = _archetype(archetype_id)
    assert _VERSION.fullmatch(str(_details(archetype)["revision"]))
    assert archetype.description["lifecycle_state"]
    assert {"nb", "en"} == set(archetype.languages)


@pytest.mark.parametrize("name", WITH_SERVICES)
def test_t1d_the_model_of_services_is_in_versioned_templates(name: str) -> None:
    template = _template(name)
    assert SERVICE in template.archetype_ids
    assert _VERSION.fullmatch(template.description.other_details["sem_ver"])
    assert template.template_id.endswith(".v1")


def test_t1d_a_service_can_be_granted_and_ongoing() -> None:
    template = _template("tjenestevedtak")
    page = definition_page(template, "en")
    assert "Granted (`at0011`)" in page and "Granted, not started (`at0042`); Ongoing (`at0043`)" in page


@pytest.mark.parametrize("archetype_id", [SERVICE, DECISION])
def test_i1_7_the_definition_of_services_is_open_to_others(archetype_id: str) -> None:
    """Its licence lets others use it, and it lies there in the interchange form of openEHR, explained in two languages."""
    archetype = _archetype(archetype_id)
    assert _details(archetype)["licence"] == "Apache-2.0"
    assert archetype.adl_version == "1.4"
    details = archetype.description["details"]
    assert isinstance(details, dict)
    for texts in details.values():
        assert isinstance(texts, dict)
        assert texts["purpose"] and texts["use"] and texts["misuse"]


@pytest.mark.parametrize("name", WITH_SERVICES)
def test_i1_7_templates_of_services_are_open_to_others(name: str) -> None:
    template = _template(name)
    assert template.description.other_details["licence"] == "Apache-2.0"
    assert f"templates/{name}.md" in (CHECKOUT / "docs" / "templates.md").read_text(encoding="utf-8")
    assert "templates.md" in (CHECKOUT / "docs" / "index.md").read_text(encoding="utf-8")
