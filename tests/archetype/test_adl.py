"""ADL 1.4 archetypes: what is read, what is refused and where, and that printing loses nothing."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from cdr.am.adl.odin import OdinInterval, OdinKeyed, OdinTerm, OdinText, read_odin
from cdr.am.adl.odin_writer import write_attributes
from cdr.am.adl.reader import read_archetype
from cdr.am.adl.rules import check
from cdr.am.adl.source import AdlSyntaxError
from cdr.am.adl.writer import write_archetype
from cdr.am.archetype import Archetype
from cdr.am.constraints import CCodePhrase, CDvOrdinal, CDvQuantity, CPrimitiveObject, walk
from cdr.am.intervals import Interval, Multiplicity
from cdr.am.primitives import CDuration
from cdr.errors import BadInput
from tests.support.corpus import files, names, shared
from tests.support.trees import dump

ADL_FILES = files("*.adl")

# Files whose text breaks the grammar, with the defect.
REFUSED = {
    "openEHR-DEMOGRAPHIC-ITEM_TREE.person_details.v0.adl": "ADL_DUPLICATE_KEY",  # at0310 is defined twice
    "openehr-test_pkg-SOME_TYPE.FAIL_c_dv_quantity_minimal.v1.adl": "ADL_MISSING_SECTION",  # it has no concept
    "openEHR-EHR-OBSERVATION.test_regex.v1.adl": "ADL_SYNTAX",  # one of the two has a stray word, "junk"
}

MINIMAL = """archetype (adl_version=1.4; uid=5b1d3cb6-4f0b-4c1a-9a5e-0b1d7ee5d0aa)
	openEHR-EHR-OBSERVATION.step_count.v1

concept
	[at0000]	-- Step count

language
	original_language = <[ISO_639-1::en]>
	translations = <
		["nb"] = <
			language = <[ISO_639-1::nb]>
			author = <
				["name"] = <"Kilde">
			>
		>
	>

description
	original_author = <
		["name"] = <"Kilde">
	>
	details = <
		["en"] = <
			language = <[ISO_639-1::en]>
			purpose = <"To record steps.">
		>
	>
	lifecycle_state = <"in_development">

definition
	OBSERVATION[at0000] matches {	-- Step count
		data matches {
			HISTORY[at0001] matches {
				events cardinality matches {1..*; unordered} matches {
					EVENT[at0002] occurrences matches {0..*} matches {	-- Any event
						data matches {
							ITEM_TREE[at0003] matches {
								items cardinality matches {0..*; unordered} matches {
									ELEMENT[at0004] occurrences matches {0..1} matches {	-- Rate
										value matches {
											C_DV_QUANTITY <
												property = <[openehr::382]>
												list = <
													["1"] = <
														units = <"/min">
														magnitude = <|0.0..<300.0|>
													>
												>
											>
										}
									}
									ELEMENT[at0005] matches {
										value matches {
											0|[local::at0006],	-- none
											1|[local::at0007]
										}
									}
									ELEMENT[at0008] matches {
										value matches {
											DV_DURATION matches {
												value matches {PT24H}
											}
										}
									}
								}
							}
						}
					}
				}
			}
		}
	}

ontology
	term_definitions = <
		["en"] = <
			items = <
				["at0000"] = <text = <"Step count"> description = <"Steps.">>
				["at0001"] = <text = <"History"> description = <"-">>
				["at0002"] = <text = <"Any event"> description = <"-">>
				["at0003"] = <text = <"Tree"> description = <"-">>
				["at0004"] = <text = <"Rate"> description = <"-">>
				["at0005"] = <text = <"Effort"> description = <"-">>
				["at0006"] = <text = <"None"> description = <"-">>
				["at0007"] = <text = <"Some"> description = <"-">>
				["at0008"] = <text = <"Period"> description = <"-">>
			>
		>
		["nb"] = <
			items = <
				["at0000"] = <text = <"Antall skritt"> description = <"Skritt.">>
			>
		>
	>
"""


def _minimal(*changes: tuple[str, str]) -> Archetype:
    text = MINIMAL
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read_archetype(text.encode())


def _codes(archetype: Archetype) -> list[str]:
    return [issue.code for issue in check(archetype) if issue.severity == "error"]


def test_header_gives_id_and_uid() -> None:
    archetype = _minimal()
    assert archetype.archetype_id == "openEHR-EHR-OBSERVATION.step_count.v1"
    assert archetype.uid == "5b1d3cb6-4f0b-4c1a-9a5e-0b1d7ee5d0aa"
    assert archetype.languages == ("en", "nb")


def test_text_falls_back_to_the_original_language() -> None:
    archetype = _minimal()
    assert archetype.text("at0000", "nb") == "Antall skritt"
    assert archetype.text("at0004", "nb") == "Rate"


def test_domain_constraints_are_typed() -> None:
    nodes = list(walk(_minimal().definition))
    quantity = next(node for node in nodes if isinstance(node, CDvQuantity))
    assert quantity.items[0].magnitude == Interval(0.0, 300.0, upper_included=False)
    ordinal = next(node for node in nodes if isinstance(node, CDvOrdinal))
    assert [(item.value, item.symbol.code) for item in ordinal.items] == [(0, "at0006"), (1, "at0007")]


def test_a_duration_is_not_taken_for_a_type_name() -> None:
    leaf = next(node for node in walk(_minimal().definition) if isinstance(node, CPrimitiveObject))
    assert leaf.item == CDuration(range=Interval("PT24H", "PT24H"))


def test_events_of_a_history_are_multiple() -> None:
    data = _minimal().definition.attribute("data")
    assert data is not None and not data.is_multiple
    history = data.children[0]
    events = history.attribute("events")  # type: ignore[attr-defined]
    assert events.is_multiple and events.cardinality.interval == Multiplicity(1, None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("events cardinality", "events cardinalty"),
        ("{0..*} matches {\t-- Any event", "{5..2} matches {\t-- Any event"),
        ('units = <"/min">', 'units <"/min">'),
        ("ontology\n", "ontologi\n"),
    ],
)
def test_a_syntax_error_names_its_line(old: str, new: str) -> None:
    line = MINIMAL[: MINIMAL.index(old)].count("\n") + 1
    with pytest.raises(BadInput) as caught:
        _minimal((old, new))
    (issue,) = caught.value.issues
    assert issue.path.startswith(f"line {line},"), issue.path


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("\topenEHR-EHR-OBSERVATION.step_count.v1", "\topenEHR-OBSERVATION.step_count.v1", "ADL_VARID"),
        ("\topenEHR-EHR-OBSERVATION.step_count.v1", "\topenEHR-EHR-EVALUATION.step_count.v1", "ADL_VARDT"),
        ("concept\n\t[at0000]", "concept\n\t[at0099]", "ADL_VARCN"),
        ("\nconcept", "\nspecialise\n\topenEHR-EHR-OBSERVATION.steps.v1\n\nconcept", "ADL_VARXS"),
        ("original_language = <[ISO_639-1::en]>", "original_language = <[ISO_639-1::fr]>", "ADL_VOLT"),
        ("ELEMENT[at0004]", "ELEMENT[at0044]", "ADL_VATDF"),
        ("0|[local::at0006],\t-- none\n\t\t\t\t\t\t\t\t\t\t\t1|[local::at0007]", "DV_CODED_TEXT matches {defining_code matches {[ac0001]}}", "ADL_VACDF"),
        ("ELEMENT[at0005] matches {", "use_node ELEMENT /data[at0009]\nELEMENT[at0005] matches {", "ADL_VDFPT"),
        ("ELEMENT[at0005] matches {", "use_node CLUSTER /data[at0001]/events[at0002]/data[at0003]/items[at0004]\nELEMENT[at0005] matches {", "ADL_VUNT"),
        ("ELEMENT[at0005] matches {", "allow_archetype CLUSTER[at0005] matches { include archetype_id/value matches {/(/} }\nELEMENT[at0006] matches {", "ADL_VDFAI"),
        ("ELEMENT[at0005]", "ELEMENT[at0004]", "ADL_VCOSU"),
        ("items cardinality matches {0..*; unordered}", "items cardinality matches {0..1; unordered}", "ADL_VCOC"),
        ("ELEMENT[at0005]", "ELEMENT", "ADL_VCOID"),
        ("HISTORY[at0001] matches", "HISTORY[at0001] occurrences matches {0..2} matches", "ADL_VACSO"),
        ("ITEM_TREE[at0003]", "ITEM_BUSH[at0003]", "ADL_VCORM"),
        ("DV_DURATION matches {\n\t\t\t\t\t\t\t\t\t\t\t\tvalue", "DV_DURATION matches {\n\t\t\t\t\t\t\t\t\t\t\t\tlength", "ADL_VCARM"),
        ("HISTORY[at0001] matches", "ITEM_TREE[at0001] matches", "ADL_VCORMT"),
        ("data matches {\n\t\t\tHISTORY", "data existence matches {0..1} matches {\n\t\t\tHISTORY", "ADL_VCAEX"),
    ],
)  # fmt: skip
def test_each_validity_rule_is_reported_by_name(old: str, new: str, code: str) -> None:
    assert _codes(_minimal()) == []
    assert code in _codes(_minimal((old, new)))


def test_a_missing_translation_is_a_warning() -> None:
    (issue,) = [issue for issue in check(_minimal()) if issue.code == "ADL_VOTM"]
    assert issue.severity == "warning"
    assert "nb" in issue.expected


def test_odin_keeps_every_kind_of_value() -> None:
    text = (
        'a = <"x\\"y"> b = <1, 2> c = <-1.5> d = <True> e = <[local::at0001]> f = <|0..<10|> g = <2020-01-02>\n'
        'h = <["k"] = <"v">> i = <> j = <PT5M> -- comment\nk = <inner = <http://example.org/x>>'
    )
    value = read_odin(text)
    assert value == {
        "a": 'x"y',
        "b": [1, 2],
        "c": -1.5,
        "d": True,
        "e": OdinTerm("local", "at0001"),
        "f": OdinInterval(0, 10, True, False),
        "g": OdinText("2020-01-02"),
        "h": OdinKeyed({"k": "v"}),
        "i": None,
        "j": OdinText("PT5M"),
        "k": {"inner": OdinText("http://example.org/x")},
    }
    assert read_odin(write_attributes(value)) == value


def test_odin_nesting_is_capped() -> None:
    with pytest.raises(AdlSyntaxError, match="levels"):
        read_odin("a = <" * 5000)


@pytest.mark.parametrize(
    "text", ["", "archetype", "archetype\n\tx\nconcept", "\x00", "definition\n", "archetype (adl_version=2.0.5)\n\tx"]
)
def test_broken_text_is_bad_input(text: str) -> None:
    with pytest.raises(BadInput):
        read_archetype(text.encode())


def test_bytes_that_are_not_utf8_are_bad_input() -> None:
    with pytest.raises(BadInput, match="UTF-8"):
        read_archetype(MINIMAL.encode("utf-16"))


def test_the_published_archetypes_are_there() -> None:
    shared("data")
    assert len(ADL_FILES) > 900


@pytest.mark.parametrize("path", ADL_FILES, ids=list(names(ADL_FILES)))
def test_published_archetypes_print_and_read_back_equal(path: Path) -> None:
    source = path.read_bytes()
    expected = REFUSED.get(path.name)
    try:
        archetype = read_archetype(source)
    except BadInput as error:
        assert error.issues[0].code == expected
        return
    again = read_archetype(write_archetype(archetype).encode())
    assert dump(again.definition) == dump(archetype.definition)
    for field in dataclasses.fields(Archetype):
        if field.name not in ("definition", "source", "invariants"):
            assert getattr(again, field.name) == getattr(archetype, field.name), field.name


def test_published_archetypes_obey_the_rules() -> None:
    shared("data")
    violating: dict[str, set[str]] = {}
    for path in ADL_FILES:
        try:
            archetype = read_archetype(path.read_bytes())
        except BadInput:
            continue
        for code in _codes(archetype):
            violating.setdefault(path.name, set()).add(code)
    assert violating == {
        # two sections are mandatory where the cardinality leaves room for one
        "CEN-EN13606-COMPOSITION.InformeClinicoAtencionPrimaria.v1.adl": {"ADL_VCOC"},
        # at0014 and at0026 have no term
        "CEN-EN13606-ENTRY.PresionSanguinea.v1.adl": {"ADL_VATDF"},
        "openEHR-EHR-COMPOSITION.review.v1.codeadded.adl": {"ADL_VATDF"},
        # PARTY_IDENTITY.details is mandatory in the reference model
        "openEHR-DEMOGRAPHIC-GROUP.generic_group.v1.adl": {"ADL_VCAEX"},
        "openEHR-DEMOGRAPHIC-ORGANISATION.generic_organization.v1.adl": {"ADL_VCAEX"},
        "openEHR-DEMOGRAPHIC-PERSON.generic_person.v1.adl": {"ADL_VCAEX"},
    }


def test_code_phrases_keep_terminology_and_order() -> None:
    archetype = _minimal(
        ("0|[local::at0006],\t-- none\n\t\t\t\t\t\t\t\t\t\t\t1|[local::at0007]", "DV_CODED_TEXT matches { defining_code matches {[local::\nat0007, -- some\nat0006; at0006]} }")
    )  # fmt: skip
    phrase = next(node for node in walk(archetype.definition) if isinstance(node, CCodePhrase))
    assert (phrase.terminology, phrase.codes) == ("local", ("at0007", "at0006"))
    assert phrase.assumed is not None and phrase.assumed.code == "at0006"
