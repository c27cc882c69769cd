"""Versions of a template compared: every kind of change with its verdict, and the verdict proven by data."""

from __future__ import annotations

import pytest

from cdr.am.change import Change, Kind, Verdict, worst
from cdr.am.diff import compare
from cdr.am.opt14 import read_opt
from cdr.webtemplate.flat_diff import flat_changes
from tests.support.corpus import files, shared
from tests.support.sources import all_values

Changes = tuple[tuple[str, str], ...]

_ELEMENT = "ELEMENT[at0040] occurrences matches {%s} matches {value matches {DV_TEXT matches {*}}}\n"
_CLOSE = "CLUSTER[at0013] occurrences matches {0..1}"
_NAMED = 'name matches {DV_TEXT matches {value matches {"%s"}}}\n'
_CODES = "[local::at0020, at0021, at0022]"
_COLOURS = '{"red", "green", "blue"}'
_NUMBER = "{|0..100|}"
_KG = "|0.0..200.0|"
_ORDINAL = "0|[local::at0030], 1|[local::at0031], 2|[local::at0032]"
_SLOT = "/openEHR-EHR-CLUSTER\\.one\\.v1|openEHR-EHR-CLUSTER\\.two\\.v1/"
_GROUP = "items cardinality matches {1..2; unordered} matches {\n\t\t\t\t\t\t\tELEMENT[at0014]"
_WEIGHT = "ELEMENT[at0003] occurrences matches {0..1} matches {\n"


def _protocol(existence: str) -> Changes:
    """Return the change that gives the evaluation a protocol."""
    start = "EVALUATION[at0000] matches {\n"
    return ((start, f"{start}protocol {existence} matches {{ITEM_TREE[at0040] matches {{*}}}}\n"),)


# kind -> what the old version has, what the new one has (both as changes to the same small archetype)
CASES: dict[Kind, tuple[Changes, Changes]] = {
    Kind.OPTIONAL_NODE_ADDED: ((), ((_CLOSE, _ELEMENT % "0..1" + _CLOSE),)),
    Kind.MANDATORY_NODE_ADDED: ((), ((_CLOSE, _ELEMENT % "1..1" + _CLOSE),)),
    Kind.NODE_REMOVED: (((_CLOSE, _ELEMENT % "0..1" + _CLOSE),), ()),
    Kind.PROHIBITED_NODE_REMOVED: (((_CLOSE, _ELEMENT % "0..0" + _CLOSE),), ()),
    Kind.TYPE_ADDED: (
        (("DV_TEXT matches {*}\n\t\t\t\t\t\t\tDV_COUNT matches {*}", "DV_TEXT matches {*}"),),
        (),
    ),
    Kind.TYPE_REMOVED: (
        (),
        (("DV_TEXT matches {*}\n\t\t\t\t\t\t\tDV_COUNT matches {*}", "DV_TEXT matches {*}"),),
    ),
    Kind.SLOT_ADDED: (((f"allow_archetype CLUSTER[at0012] occurrences matches {{0..1}} matches {{\n\t\t\t\t\t\tinclude\n\t\t\t\t\t\t\tarchetype_id/value matches {{{_SLOT}}}\n\t\t\t\t\t}}", ""),), ()),
    Kind.SLOT_REMOVED: ((), ((f"allow_archetype CLUSTER[at0012] occurrences matches {{0..1}} matches {{\n\t\t\t\t\t\tinclude\n\t\t\t\t\t\t\tarchetype_id/value matches {{{_SLOT}}}\n\t\t\t\t\t}}", ""),)),
    Kind.SLOT_WIDENED: ((), ((_SLOT, _SLOT[:-1] + "|openEHR-EHR-CLUSTER\\.three\\.v1/"),)),
    Kind.SLOT_NARROWED: ((), ((_SLOT, "/openEHR-EHR-CLUSTER\\.one\\.v1/"),)),
    Kind.ATTRIBUTE_CONSTRAINED: ((("DV_IDENTIFIER matches {id matches {/[A-Z]{3}-[0-9]{4}/}}", "DV_IDENTIFIER matches {*}"),), ()),
    Kind.ATTRIBUTE_FREED: ((), (("DV_IDENTIFIER matches {id matches {/[A-Z]{3}-[0-9]{4}/}}", "DV_IDENTIFIER matches {*}"),)),
    Kind.NAME_CONSTRAINED: ((), ((_WEIGHT, _WEIGHT + _NAMED % "Body weight"),)),
    Kind.NAME_CHANGED: (((_WEIGHT, _WEIGHT + _NAMED % "Body weight"),), ((_WEIGHT, _WEIGHT + _NAMED % "Mass"),)),
    Kind.NAME_WIDENED: (((_WEIGHT, _WEIGHT + _NAMED % "Body weight"),), ((_WEIGHT, _WEIGHT + _NAMED % 'Body weight", "Mass'),)),
    Kind.NAME_FREED: (((_WEIGHT, _WEIGHT + _NAMED % "Body weight"),), ()),
    Kind.MINIMUM_RAISED: ((), (("ELEMENT[at0002] occurrences matches {0..2}", "ELEMENT[at0002] occurrences matches {1..2}"),)),
    Kind.MINIMUM_LOWERED: ((("ELEMENT[at0002] occurrences matches {0..2}", "ELEMENT[at0002] occurrences matches {1..2}"),), ()),
    Kind.MAXIMUM_LOWERED: ((), (("ELEMENT[at0002] occurrences matches {0..2}", "ELEMENT[at0002] occurrences matches {0..1}"),)),
    Kind.MAXIMUM_RAISED: ((), (("ELEMENT[at0002] occurrences matches {0..2}", "ELEMENT[at0002] occurrences matches {0..*}"),)),
    Kind.MADE_MANDATORY: (_protocol(""), _protocol("existence matches {1..1}")),
    Kind.MADE_OPTIONAL: (_protocol("existence matches {1..1}"), _protocol("")),
    Kind.PROHIBITED: (_protocol(""), _protocol("existence matches {0..0}")),
    Kind.ALLOWED: (_protocol("existence matches {0..0}"), _protocol("")),
    Kind.CARDINALITY_NARROWED: ((), ((_GROUP, _GROUP.replace("1..2", "1..1")),)),
    Kind.CARDINALITY_WIDENED: ((), ((_GROUP, _GROUP.replace("1..2", "1..5")),)),
    Kind.ORDER_CHANGED: ((), ((_GROUP, _GROUP.replace("unordered", "ordered")),)),
    Kind.CODES_ADDED: ((), ((_CODES, "[local::at0020, at0021, at0022, at0040]"),)),
    Kind.CODES_REMOVED: ((), ((_CODES, "[local::at0020]"),)),
    Kind.TERMINOLOGY_CHANGED: ((), ((_CODES, "[SNOMED-CT::1, 2]"),)),
    Kind.STEPS_ADDED: ((), ((_ORDINAL, _ORDINAL + ", 3|[local::at0040]"),)),
    Kind.STEPS_REMOVED: ((), ((_ORDINAL, "0|[local::at0030]"),)),
    Kind.UNITS_ADDED: ((), (('["2"] = <units = <"g">', '["3"] = <units = <"mg">>\n["2"] = <units = <"g">'),)),
    Kind.UNITS_REMOVED: ((), (('["2"] = <units = <"g"> magnitude = <|0.0..200000.0|> precision = <|0|>>', ""),)),
    Kind.PROPERTY_CHANGED: ((), (("[openehr::124]", "[openehr::355]"),)),
    Kind.RANGE_WIDENED: ((), ((_NUMBER, "{|0..1000|}"),)),
    Kind.RANGE_NARROWED: ((), ((_NUMBER, "{|0..2|}"),)),
    Kind.PRECISION_WIDENED: ((), (("precision = <|0..1|>", "precision = <|0..3|>"),)),
    Kind.PRECISION_NARROWED: ((), (("precision = <|0..1|>", "precision = <|0|>"),)),
    Kind.TEXTS_ADDED: ((), ((_COLOURS, '{"red", "green", "blue", "black"}'),)),
    Kind.TEXTS_REMOVED: ((), ((_COLOURS, '{"red"}'),)),
    Kind.LIST_OPENED: ((), ((_COLOURS, '{"red", "green", "blue", ...}'),)),
    Kind.LIST_CLOSED: (((_COLOURS, '{"red", "green", "blue", ...}'),), ()),
    Kind.PATTERN_CHANGED: ((), (("yyyy-??-??", "yyyy-mm-dd"),)),
    Kind.PATTERN_REMOVED: ((), (("PDTH/|PT0H..P10D|", "|PT0H..P10D|"),)),
    Kind.BOOLEAN_NARROWED: ((), (("{True, False}", "{True}"),)),
    Kind.BOOLEAN_WIDENED: ((("{True, False}", "{True}"),), ()),
    Kind.ASSUMED_CHANGED: ((), ((_CODES, "[local::at0020, at0021, at0022; at0021]"),)),
    Kind.LABEL_CHANGED: ((), (('<"Colour">', '<"Hue">'),)),
}  # fmt: skip


def _kinds(old: Changes, new: Changes) -> list[Kind]:
    return [change.kind for change in compare(all_values(*old), all_values(*new))]


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.name)
def test_one_change_is_found_as_what_it_is(kind: Kind) -> None:
    old, new = CASES[kind]
    assert _kinds(old, new) == [kind]


def test_the_table_has_at_least_thirty_kinds() -> None:
    assert len(CASES) >= 30


def test_a_narrowed_and_widened_range_is_both() -> None:
    assert set(_kinds((), ((_NUMBER, "{|50..1000|}"),))) == {Kind.RANGE_NARROWED, Kind.RANGE_WIDENED}


def test_changes_say_where_and_what() -> None:
    (change,) = compare(all_values(), all_values((_CODES, "[local::at0020]")))
    assert change == Change(
        Kind.CODES_REMOVED,
        "/content[openEHR-EHR-EVALUATION.all_values.v1]/data[at0001]/items[at0002]/value/defining_code",
        before="at0021, at0022",
    )


def test_a_new_label_breaks_flat_keys_but_no_data() -> None:
    old, new = all_values(), all_values(('<"Colour">', '<"Hue">'))
    changes = flat_changes(old, new)
    assert [(change.kind, change.before, change.after) for change in changes] == [
        (Kind.FLAT_ID_CHANGED, "all_values/every_value/colour", "all_values/every_value/hue")
    ]
    assert worst([change.flat for change in changes]) is Verdict.BREAKING
    assert worst([change.data for change in changes]) is Verdict.COMPATIBLE


def test_no_changes_are_compatible() -> None:
    assert worst([]) is Verdict.COMPATIBLE


def test_every_published_template_equals_itself() -> None:
    shared("data")
    count = 0
    for path in files("*.opt", "openEHR+specifications-CNF") + files("*.opt", "ehrbase+openEHR_SDK"):
        try:
            template = read_opt(path.read_bytes())
        except Exception:
            continue
        again = read_opt(path.read_bytes())
        assert compare(template, again) == []
        assert flat_changes(template, again) == []
        count += 1
    assert count > 20


def test_a_null_flavour_stands_for_a_value_that_has_become_mandatory() -> None:
    old = "ELEMENT[at0004] occurrences matches {0..1} matches {\n\t\t\t\t\t\tvalue matches"
    assert _kinds((), ((old, old.replace("value matches", "value existence matches {1..1} matches")),)) == []
