"""Template sources compile to operational templates: published ones, and every kind of rule on a small one."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from cdr import rm
from cdr.am.adl.reader import read_archetype
from cdr.am.compile import ArchetypeLibrary, Compiled, compile_template
from cdr.am.constraints import ArchetypeSlot, CCodePhrase, CCodeReference, CComplexObject, CDvQuantity, CPrimitiveObject
from cdr.am.intervals import Interval, Multiplicity
from cdr.am.oet import SourceNode, read_oet
from cdr.am.opt14 import read_opt
from cdr.am.opt14_write import write_opt
from cdr.am.primitives import CString
from cdr.errors import BadInput
from tests.support.corpus import files, shared
from tests.support.trees import dump

SETS = ("ppazos+openEHR-OPT", "src", "main", "resources", "sets")

COMPOSITION = """archetype (adl_version=1.4)
	openEHR-EHR-COMPOSITION.visit.v1
concept
	[at0000]
language
	original_language = <[ISO_639-1::en]>
definition
	COMPOSITION[at0000] matches {
		category matches {
			DV_CODED_TEXT matches {defining_code matches {[openehr::433]}}
		}
		content cardinality matches {0..*; unordered} matches {
			allow_archetype EVALUATION[at0001] occurrences matches {0..*} matches {
				include
					archetype_id/value matches {/openEHR-EHR-EVALUATION\\.mood(-[a-z]+)*\\.v1/}
			}
		}
	}
ontology
	term_definitions = <["en"] = <items = <
		["at0000"] = <text = <"Visit"> description = <"-">>
		["at0001"] = <text = <"Findings"> description = <"-">>
	>>>
"""

EVALUATION = """archetype (adl_version=1.4)
	openEHR-EHR-EVALUATION.mood.v1
concept
	[at0000]
language
	original_language = <[ISO_639-1::en]>
	translations = <["nb"] = <language = <[ISO_639-1::nb]> author = <["name"] = <"Kilde">>>>
definition
	EVALUATION[at0000] matches {
		data matches {
			ITEM_TREE[at0001] matches {
				items cardinality matches {0..*; unordered} matches {
					ELEMENT[at0002] occurrences matches {0..1} matches {
						value matches {
							DV_CODED_TEXT matches {defining_code matches {[local::at0010, at0011, at0012]}}
							DV_TEXT matches {*}
						}
					}
					ELEMENT[at0003] occurrences matches {0..*} matches {
						value matches {
							C_DV_QUANTITY <list = <["1"] = <units = <"h">> ["2"] = <units = <"min">>>>
						}
					}
					ELEMENT[at0004] occurrences matches {1..1} matches {
						value matches {DV_TEXT matches {*}}
					}
				}
			}
		}
	}
ontology
	term_definitions = <
		["en"] = <items = <
			["at0000"] = <text = <"Mood"> description = <"-">>
			["at0001"] = <text = <"Tree"> description = <"-">>
			["at0002"] = <text = <"State"> description = <"-">>
			["at0003"] = <text = <"Sleep"> description = <"-">>
			["at0004"] = <text = <"Note"> description = <"-">>
			["at0010"] = <text = <"Low"> description = <"-">>
			["at0011"] = <text = <"Even"> description = <"-">>
			["at0012"] = <text = <"High"> description = <"-">>
		>>
		["nb"] = <items = <
			["at0000"] = <text = <"Stemningsleie"> description = <"-">>
		>>
	>
"""

OET = """<?xml version="1.0"?>
<template xmlns="openEHR/v1/Template" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <id>6f0c8c05-57e4-44c2-8a0c-38c1c7f0a3ef</id>
  <name>visit.v1</name>
  <description><lifecycle_state>Initial</lifecycle_state><details><purpose>To test.</purpose></details></description>
  <definition xsi:type="COMPOSITION" archetype_id="openEHR-EHR-COMPOSITION.visit.v1">
    <Content xsi:type="EVALUATION" archetype_id="openEHR-EHR-EVALUATION.mood.v1" path="/content[at0001]" max="1">
      {rules}
    </Content>
  </definition>
</template>
"""

SLOT_ID = frozenset({"slot_node_id"})
ITEMS = "/content[openEHR-EHR-EVALUATION.mood.v1]/data[at0001]/items"


def _library() -> ArchetypeLibrary:
    library = ArchetypeLibrary()
    library.add(read_archetype(COMPOSITION.encode()))
    library.add(read_archetype(EVALUATION.encode()))
    return library


def _compile(rules: str = "", *, language: str = "") -> Compiled:
    return compile_template(read_oet(OET.replace("{rules}", rules).encode()), _library(), language=language)


def _codes(rules: str) -> list[tuple[str, str]]:
    with pytest.raises(BadInput) as caught:
        _compile(rules)
    return [(issue.code, issue.path) for issue in caught.value.issues]


def _constraint(kind: str, body: str, *, node: str = "at0002") -> str:
    return f'<Rule path="/data[at0001]/items[{node}]"><constraint xsi:type="{kind}">{body}</constraint></Rule>'


def test_an_archetype_takes_the_place_of_the_slot_it_fills() -> None:
    template = _compile().template
    content = template.root.attribute("content")
    assert content is not None
    assert [child.archetype_node_id for child in content.children] == ["openEHR-EHR-EVALUATION.mood.v1"]
    assert content.children[0].occurrences == Multiplicity(0, 1)
    assert not any(isinstance(node, ArchetypeSlot) for node in template.nodes())


def test_the_template_survives_writing_and_reading() -> None:
    template = _compile().template
    again = read_opt(write_opt(template))
    # The format has no place for the id of the slot that an archetype filled.
    assert dump(again.root, without=SLOT_ID) == dump(template.root, without=SLOT_ID)
    assert (again.template_id, again.uid, again.language) == (template.template_id, template.uid, "en")


def test_the_language_is_chosen_and_the_others_are_kept() -> None:
    with pytest.raises(BadInput) as caught:
        _compile(language="nb")
    assert caught.value.issues[0].code == "OET_LANGUAGE"  # the composition archetype has no Norwegian
    template = _compile().template
    node = template.node_at("/content[openEHR-EHR-EVALUATION.mood.v1]")
    assert node is not None and template.label(node, "nb") == "Stemningsleie"


def test_a_hidden_node_is_gone() -> None:
    template = _compile('<Rule path="/data[at0001]/items[at0003]" max="0" />').template
    assert template.node_at(f"{ITEMS}[at0003]") is None


def test_a_rule_below_a_hidden_node_is_no_fault() -> None:
    rules = '<Rule path="/data[at0001]" max="1" /><Rule path="/data[at0001]/items[at0003]" max="0" />'
    assert _compile(rules + _constraint("quantityConstraint", "<includedUnits>h</includedUnits>", node="at0003"))


def test_to_hide_what_is_not_there_is_a_warning() -> None:
    compiled = _compile('<Rule path="/data[at0001]/items[at0999]" max="0" />')
    assert [(issue.code, issue.path) for issue in compiled.warnings] == [("OET_PATH", "line 8")]


def test_occurrences_are_narrowed() -> None:
    template = _compile('<Rule path="/data[at0001]/items[at0003]" min="1" max="2" />').template
    node = template.node_at(f"{ITEMS}[at0003]")
    assert node is not None and node.occurrences == Multiplicity(1, 2)


def test_a_name_is_constrained_and_a_clone_stands_beside_its_original() -> None:
    rules = (
        '<Rule path="/data[at0001]/items[at0003]" name="At night" />'
        '<Rule path="/data[at0001]/items[at0003]" clone="true" name="By day" />'
    )
    template = _compile(rules).template
    nodes = template.nodes_at(f"{ITEMS}[at0003]")
    assert [template.label(node) for node in nodes] == ["At night", "By day"]


def test_the_composition_takes_the_name_that_the_definition_gives_it() -> None:
    source = OET.replace("{rules}", "").replace('.visit.v1">', '.visit.v1" name="Home visit">')
    template = compile_template(read_oet(source.encode()), _library()).template
    assert template.root.names == ("Home visit",)
    assert _compile().template.root.names == ()


def test_a_mandatory_node_makes_the_single_attribute_that_holds_it_mandatory() -> None:
    def existence(rules: str) -> Multiplicity:
        element = _compile(rules).template.node_at(f"{ITEMS}[at0003]")
        assert isinstance(element, CComplexObject)
        value = element.attribute("value")
        assert value is not None
        return value.existence

    assert existence("") == Multiplicity(0, 1)
    assert existence('<Rule path="/data[at0001]/items[at0003]/value" min="1" />') == Multiplicity(1, 1)


def test_a_local_value_set_is_narrowed_in_both_ways() -> None:
    for body in (
        "<includedValues>local::at0010</includedValues><includedValues>local::at0012</includedValues>",
        "<excludedValues>local::at0011::Even</excludedValues>",
    ):
        template = _compile(_constraint("textConstraint", body)).template
        phrase = [node for node in template.nodes() if isinstance(node, CCodePhrase) and node.terminology == "local"]
        assert phrase[0].codes == ("at0010", "at0012")


def test_external_codes_become_the_value_set_and_bring_their_texts() -> None:
    body = "<includedValues>SNOMED-CT::366979004::Depressed mood</includedValues>"
    template = _compile(_constraint("textConstraint", body)).template
    phrase = next(
        node for node in template.nodes() if isinstance(node, CCodePhrase) and node.terminology == "SNOMED-CT"
    )
    assert phrase.codes == ("366979004",)
    term = template.term(phrase, "SNOMED-CT::366979004")
    assert term is not None and term.text == "Depressed mood"


def test_a_term_query_becomes_a_reference_to_a_value_set() -> None:
    body = '<termQueryId terminologyID="SNOMED-CT" terminologyLang="nb" queryName="moods" />'
    template = _compile(_constraint("textConstraint", body)).template
    reference = next(node for node in template.nodes() if isinstance(node, CCodeReference))
    assert reference.reference_set_uri == "terminology:SNOMED-CT?subset=moods&language=nb"


def test_texts_are_listed_and_the_list_may_be_open() -> None:
    constraint = (
        '<constraint xsi:type="textConstraint" limitToList="false"><includedValues>Rolig</includedValues></constraint>'
    )
    template = _compile(f'<Rule path="/data[at0001]/items[at0004]">{constraint}</Rule>').template
    leaf = next(
        node
        for node in template.nodes()
        if isinstance(node, CPrimitiveObject) and isinstance(node.item, CString) and "Rolig" in node.item.values
    )
    assert leaf.item == CString(values=("Rolig",), is_open=True)


def test_alternatives_are_narrowed_to_types() -> None:
    template = _compile(_constraint("multipleConstraint", "<includedTypes>Text</includedTypes>")).template
    value = template.node_at(f"{ITEMS}[at0002]").attribute("value")  # type: ignore[union-attr]
    assert [child.rm_type for child in value.children] == ["DV_TEXT"]


def test_units_and_magnitudes_are_narrowed() -> None:
    body = (
        "<includedUnits>h</includedUnits><unitMagnitude><unit>h</unit><maxMagnitude>24.0</maxMagnitude>"
        "<minMagnitude>0.0</minMagnitude><includesMaximum>true</includesMaximum>"
        "<includesMinimum>false</includesMinimum></unitMagnitude>"
    )
    template = _compile(_constraint("quantityConstraint", body, node="at0003")).template
    (item,) = next(node for node in template.nodes() if isinstance(node, CDvQuantity)).items
    assert (item.units, item.magnitude) == ("h", Interval(0.0, 24.0, False, True))


def test_a_default_becomes_the_value_that_a_form_starts_with() -> None:
    rules = (
        '<Rule path="/data[at0001]/items[at0002]" default="local::at0011::Even" />'
        '<Rule path="/data[at0001]/items[at0004]" default="Rolig" />'
    )
    template = read_opt(write_opt(_compile(rules).template))
    found = {default.path: default.value for default in template.default_values}
    coded = found[f"{ITEMS}[at0002]"]
    assert isinstance(coded, rm.DvCodedText)
    assert (coded.value, coded.defining_code.code_string) == ("Even", "at0011")
    assert found[f"{ITEMS}[at0004]"] == rm.DvText(value="Rolig")


def test_an_event_is_narrowed_to_its_kind() -> None:
    source = OET.replace(
        "{rules}",
        '<Rule path="/data[at0001]/items[at0003]"><eventConstraint><allowedType>PointInTime</allowedType></eventConstraint></Rule>',
    )
    with pytest.raises(BadInput) as caught:
        compile_template(read_oet(source.encode()), _library())
    assert [issue.code for issue in caught.value.issues] == ["OET_CONSTRAINT"]


def test_annotations_and_form_hints_keep_their_path() -> None:
    template = _compile(
        '<Rule path="/data[at0001]/items[at0003]" annotation="ask gently" hide_on_form="true" />'
    ).template
    assert template.annotations_at(f"{ITEMS}[at0003]") == {"comment": "ask gently"}
    assert [(hint.path, hint.items) for hint in template.view] == [(f"{ITEMS}[at0003]", {"hide_on_form": "true"})]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ('<Rule path="/data[at0001]/items[at0099]" min="1" />', [("OET_PATH", "line 8")]),
        ('<Rule path="/data[at0001" min="1" />', [("OET_PATH", "line 8")]),
        ('<Rule path="/data[at0001]/items[at0004]" max="4" />', [("OET_OCCURRENCES", "line 8")]),
        ('<Rule path="/data[at0001]/items[at0004]" min="0" max="1" />', [("OET_OCCURRENCES", "line 8")]),
        ('<Rule path="/data[at0001]" max="0" />', [("OET_OCCURRENCES", "line 8")]),
        (_constraint("textConstraint", "<includedValues>local::at0077</includedValues>"), [("OET_CONSTRAINT", "line 8")]),
        (_constraint("multipleConstraint", "<includedTypes>Count</includedTypes>"), [("OET_CONSTRAINT", "line 8")]),
        (_constraint("multipleConstraint", "<includedTypes>Cunt</includedTypes>"), [("OET_CONSTRAINT", "line 8")]),
        (_constraint("quantityConstraint", "<includedUnits>kg</includedUnits>", node="at0003"), [("OET_CONSTRAINT", "line 8")]),
        (_constraint("countConstraint", "<minMagnitude>1</minMagnitude>", node="at0003"), [("OET_CONSTRAINT", "line 8")]),
        ('<Rule path="/data[at0001]/items[at0003]" default="much" />', [("OET_DEFAULT", "line 8")]),
        (_constraint("noConstraint", ""), [("OET_TYPE", "line 8")]),
        ('<Items xsi:type="CLUSTER" archetype_id="openEHR-EHR-CLUSTER.gone.v1" path="/data[at0001]/items[at0002]" />', [("OET_ARCHETYPE", "line 8")]),
        ('<Rule path="/data[at0001]/items[at0099]" min="1" />\n<Rule path="/data[at0001]/items[at0004]" max="4" />', [("OET_PATH", "line 8"), ("OET_OCCURRENCES", "line 9")]),
    ],
)  # fmt: skip
def test_every_fault_points_into_the_source(rules: str, expected: list[tuple[str, str]]) -> None:
    assert _codes(rules) == expected


def test_a_slot_refuses_what_it_does_not_admit() -> None:
    library = _library()
    library.add(read_archetype(EVALUATION.replace("EVALUATION.mood", "EVALUATION.diet").encode()))
    source = OET.replace("{rules}", "").replace("EVALUATION.mood", "EVALUATION.diet")
    with pytest.raises(BadInput) as caught:
        compile_template(read_oet(source.encode()), library)
    assert [issue.code for issue in caught.value.issues] == ["OET_SLOT"]


def test_a_broken_archetype_hides_nothing_but_itself(tmp_path: Path) -> None:
    (tmp_path / "visit.adl").write_text(COMPOSITION)
    (tmp_path / "mood.adl").write_text(EVALUATION.replace("ontology", "ontologi"))
    library = ArchetypeLibrary([tmp_path])
    assert library.get("openEHR-EHR-COMPOSITION.visit.v1") is not None
    with pytest.raises(BadInput) as caught:
        compile_template(read_oet(OET.replace("{rules}", "").encode()), library)
    assert [issue.code for issue in caught.value.issues] == ["OET_ARCHETYPE"]


@pytest.mark.parametrize(
    "source", [b"", b"<template/>", b"<!DOCTYPE x><template/>", b"<a", b'<template xmlns="openEHR/v1/Template"/>']
)
def test_a_broken_source_is_bad_input(source: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        read_oet(source)
    assert caught.value.issues


def _archetypes(node: SourceNode) -> list[str]:
    return [node.archetype_id, *(name for child in node.children for name in _archetypes(child))]


def test_published_sources_compile_when_their_archetypes_are_there() -> None:
    data = shared("data")
    schema = etree.XMLSchema(
        etree.parse(data / "ehrbase+openEHR_SDK" / "opt-1.4" / "src" / "main" / "xsd" / "Template.xsd")
    )
    repositories = sorted(path for path in data.iterdir() if path.is_dir())
    libraries: dict[Path, ArchetypeLibrary] = {}
    compiled: list[str] = []
    for path in files("*.oet"):
        source = read_oet(path.read_bytes())
        own = next(folder for folder in repositories if folder in path.parents)
        first = path.parent if "sets" in path.parts else own
        library = libraries.setdefault(first, ArchetypeLibrary([first, own, *repositories]))
        if any(name not in library for name in _archetypes(source.root)):
            continue
        written = write_opt(compile_template(source, library).template)
        assert schema.validate(etree.fromstring(written)), (path.name, schema.error_log)
        assert read_opt(written).template_id == source.name
        compiled.append(path.name)
    assert len(compiled) == 27


@pytest.mark.parametrize(
    ("folder", "source", "published", "language"),
    [
        ("service_request", "Service request.oet", "Service request en.opt", "en"),
        ("service_request", "Service request.oet", "Service request es.opt", "es"),
        ("composition_action_1", "Composition action.oet", "Composition action en.opt", "en"),
        ("test_multi_lang", "Test multi lang EN.oet", "Test multi lang EN.opt", "en"),
        ("test_multi_lang", "Prueba multi lenguaje ES.oet", "Prueba multi lenguaje ES.opt", "es"),
        ("test_intervals", "test_intervals.en.v1.oet", "test_intervals.en.v1.opt", "en"),
        ("actividad_fisica", "Actividad fisica.oet", "Actividad fisica.opt", "es"),
    ],
)
def test_published_sets_give_the_published_template_node_by_node(
    folder: str, source: str, published: str, language: str
) -> None:
    place = shared("data", *SETS, folder)
    library = ArchetypeLibrary([place])
    template = compile_template(read_oet((place / source).read_bytes()), library, language=language).template
    expected = read_opt((place / published).read_bytes())
    # The published files carry the terms of one language only and no definitions of ac-codes.
    terms = frozenset({"term_definitions", "constraint_definitions", "constraint_bindings"})
    assert dump(read_opt(write_opt(template)).root, without=terms) == dump(expected.root, without=terms)
