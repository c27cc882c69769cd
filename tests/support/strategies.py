"""Random RM objects of every class that satisfy every rule, for round trips and other laws.

`objects(rm.Composition)` gives a strategy. Attributes that are not required come and go; trees are a few levels deep.
Values are drawn from what the rules allow: codes of the right groups, limits in order, units of UCUM.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import strategies as st

from cdr import rm
from cdr.rm.catalog import Field, fields
from cdr.terminology import code_set_codes, external_id, group_codes
from cdr.terminology.rules import terminology_rules_for
from tests.support.builders import archetyped

# Characters that both formats can hold: XML has no control characters but tab and line ends.
_CHARACTERS = st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=("Cs", "Cc", "Cn", "Co"))
TEXT = st.one_of(st.text(_CHARACTERS, max_size=12), st.sampled_from(["", " ", "a\tb\nc", "<&>\"'", "æøå", "]]>"]))
NOT_EMPTY = st.text(_CHARACTERS, min_size=1, max_size=12)
_REALS = st.floats(allow_nan=False, allow_infinity=False, width=64)
_INTEGERS = st.integers(-(2**63), 2**63 - 1)
_UUIDS = st.uuids().map(str)
_MINUTES = st.integers(0, 59).map(lambda minute: f"{minute:02}")
_DAYS = st.dates().map(str)
_TIMES = st.builds(
    lambda hour, minute, rest: f"{hour:02}:{minute}{rest}",
    st.integers(0, 23), _MINUTES, st.sampled_from(["", ":00", ":59.5", ":30,123456789", ":01Z", "Z", "+02:00", "-0330"]),
)  # fmt: skip
_DURATIONS = st.sampled_from(["P1Y", "P2M", "P3W", "P4DT5H", "PT6M7.8S", "-P1D", "P1Y2M3W4DT5H6M7S", "PT0S"])
_ARCHETYPES = st.sampled_from(["openEHR-EHR-OBSERVATION.pulse.v2", "openEHR-EHR-CLUSTER.device-x.v1", "a-b-C.d.v0"])
_UNITS = st.sampled_from(["m", "mm[Hg]", "kg/m2", "Cel", "1", "%", "{score}"])
_DEEPEST = 3


@cache
def objects(rm_class: type[rm.RmObject], depth: int = 0) -> st.SearchStrategy[Any]:
    """Return a strategy of valid objects of a concrete class; `depth` is how far down the tree they stand."""
    return st.deferred(lambda: _build(rm_class, depth))


def _build(rm_class: type[rm.RmObject], depth: int) -> st.SearchStrategy[Any]:
    name = rm_class.rm_name()
    special = _SPECIAL.get(name)
    if special is not None:
        return special(depth)
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    overrides: dict[str, st.SearchStrategy[Any]] = {}
    for base in reversed(rm_class.__mro__):
        if issubclass(base, rm.RmObject) and base is not rm.RmObject:
            overrides |= _overrides(base.rm_name(), depth)
    for attribute, field in fields(rm_class).items():
        strategy = overrides.get(attribute)
        is_forced = attribute in overrides and (rm_class.rm_name(), attribute) not in _STILL_OPTIONAL
        if strategy is None:
            codes = _coded(rm_class, attribute)
            strategy = _value(field, depth) if codes is None else codes
        if field.is_mandatory or is_forced:
            required[attribute] = strategy
        elif depth < _DEEPEST or field.primitive is not None:
            optional[attribute] = strategy
    made = st.fixed_dictionaries(required, optional=optional).map(lambda values: rm_class(**values))
    return made.filter(_FILTERS[name]) if name in _FILTERS else made


def _value(field: Field, depth: int) -> st.SearchStrategy[Any]:
    if field.primitive is not None:
        return {str: NOT_EMPTY, bool: st.booleans(), int: _INTEGERS, float: _REALS}[field.primitive]
    choices = [choice for choice in field.choices.values() if depth < _DEEPEST or choice.rm_name() not in _BRANCHES]
    # Chosen first and made then, so that only the strategies of one path through the tree are ever built.
    classes = choices or list(field.choices.values())[-1:]
    member = st.sampled_from(classes).flatmap(lambda choice: objects(choice, depth + 1))
    return st.lists(member, min_size=1, max_size=2) if field.is_multiple else member


# Classes that are not entered any more once the tree is deep enough.
_BRANCHES = {
    "CLUSTER",
    "SECTION",
    "DV_INTERVAL",
    "ITEM_TABLE",
    "DV_PARAGRAPH",
    "DV_CODED_TEXT",
    "ITEM_LIST",
    "ITEM_TREE",
    "DV_MULTIMEDIA",
}
_STILL_OPTIONAL = {("DV_QUANTITY", "units_system")}


def _coded(rm_class: type[rm.RmObject], attribute: str) -> st.SearchStrategy[Any] | None:
    """Return a strategy of codes of the right vocabulary where a terminology rule asks for one."""
    for rule in terminology_rules_for(rm_class):
        if rule.attribute != attribute:
            continue
        codes, system = (
            (group_codes(rule.vocabulary), "openehr")
            if rule.is_group
            else (code_set_codes(rule.vocabulary), external_id(rule.vocabulary))
        )
        identified = rm.TerminologyId(value=system)
        phrases = st.builds(rm.CodePhrase, terminology_id=st.just(identified), code_string=st.sampled_from(codes))
        if "CODE_PHRASE" in fields(rm_class)[attribute].choices:
            return phrases
        return st.builds(rm.DvCodedText, value=TEXT, defining_code=phrases)
    return None


def _root(archetype_id: str) -> dict[str, st.SearchStrategy[Any]]:
    return {"archetype_node_id": st.just(archetype_id), "archetype_details": st.just(archetype_id).map(archetyped)}


def _no(*attributes: str) -> dict[str, st.SearchStrategy[Any]]:
    return {attribute: st.none() for attribute in attributes}


def _overrides(name: str, depth: int) -> dict[str, st.SearchStrategy[Any]]:
    make = _OVERRIDES.get(name)
    return make() if make else {}


_OVERRIDES: dict[str, Callable[[], dict[str, st.SearchStrategy[Any]]]] = {
    "HIER_OBJECT_ID": lambda: {"value": _UUIDS},
    "OBJECT_VERSION_ID": lambda: {"value": _UUIDS.map(lambda uid: f"{uid}::local.kilde::1")},
    "ARCHETYPE_ID": lambda: {"value": _ARCHETYPES},
    "OBJECT_REF": lambda: {"namespace": st.sampled_from(["local", "a.b", "x:y/z"])},
    "PARTY_REF": lambda: {"type": st.sampled_from(["PERSON", "ROLE"])},
    "ACCESS_GROUP_REF": lambda: {"type": st.just("ACCESS_GROUP")},
    "DV_TEXT": lambda: {"value": TEXT},
    "DV_EHR_URI": lambda: {"value": NOT_EMPTY.map(lambda text: f"ehr:/{text}")},
    "TERM_MAPPING": lambda: {"match": st.sampled_from("<>=?")},
    # A range of its own type beside the value; the rule about status and range has tests of its own.
    "DV_ORDERED": lambda: _no("normal_range"),
    "DV_QUANTIFIED": lambda: {"magnitude_status": st.sampled_from([None, "=", "<", ">=", "~"])},
    "DV_AMOUNT": lambda: {"accuracy": st.sampled_from([None, 0.5, 99.5])},
    "DV_QUANTITY": lambda: {"units": _UNITS, "units_system": st.just("http://unitsofmeasure.org")},
    "DV_DATE": lambda: {"value": st.one_of(_DAYS, _DAYS.map(lambda day: day[:7]), _DAYS.map(lambda day: day[:4]))},
    "DV_TIME": lambda: {"value": _TIMES},
    "DV_DATE_TIME": lambda: {"value": st.builds("{}T{}".format, _DAYS, _TIMES)},
    "DV_DURATION": lambda: {"value": _DURATIONS},
    "DV_PERIODIC_TIME_SPECIFICATION": lambda: {"value": st.just(rm.DvParsable(value="x", formalism="HL7:PIVL"))},
    "DV_MULTIMEDIA": lambda: {"data": st.binary(max_size=9).map(lambda data: data.hex()), "size": st.integers(0, 2**31)} | _no("integrity_check"),
    "LOCATABLE": lambda: {"archetype_node_id": st.sampled_from(["at0001", "at0002.1", "id3"])},
    "HISTORY": lambda: _no("period"),
    "ENTRY": lambda: _root("openEHR-EHR-EVALUATION.problem_diagnosis.v1"),
    "COMPOSITION": lambda: _root("openEHR-EHR-COMPOSITION.encounter.v1"),
    "EHR_STATUS": lambda: _root("openEHR-EHR-EHR_STATUS.generic.v1"),
    "EHR_ACCESS": lambda: _root("openEHR-EHR-EHR_ACCESS.generic.v1"),
    "PARTY": lambda: _root("openEHR-DEMOGRAPHIC-PERSON.person.v1") | {"uid": objects(rm.HierObjectId)} | _no("relationships"),
    "PARTY_IDENTIFIED": lambda: {"name": NOT_EMPTY},
    "ORIGINAL_VERSION": lambda: _no("preceding_version_uid"),
    "ITEM_TAG": lambda: {"key": st.sampled_from(["flag", "a b"])},
    "EHR": lambda: {
        name: _references(target, many=many)
        for name, target, many in (
            ("ehr_status", "VERSIONED_EHR_STATUS", False), ("ehr_access", "VERSIONED_EHR_ACCESS", False),
            ("contributions", "CONTRIBUTION", True), ("compositions", "VERSIONED_COMPOSITION", True),
        )
    } | _no("directory", "folders"),
}  # fmt: skip


def _references(target: str, *, many: bool) -> st.SearchStrategy[Any]:
    one = st.builds(rm.ObjectRef, namespace=st.just("local"), type=st.just(target), id=objects(rm.HierObjectId))
    return st.lists(one, min_size=1, max_size=2) if many else one


def _interval(depth: int) -> st.SearchStrategy[Any]:
    def make(low: int, high: int, kind: int, bounds: tuple[bool, bool]) -> rm.DvInterval:
        low, high = min(low, high), max(low, high)
        limit: Callable[[int], rm.DvOrdered] = (
            lambda n: rm.DvCount(magnitude=n),
            lambda n: rm.DvQuantity(magnitude=float(n), units="m"),
            lambda n: rm.DvDate(value=f"{n % 9000 + 1000 if n >= 0 else 1000:04}"),
            lambda n: rm.DvProportion(numerator=float(n), denominator=1.0, type=1),
        )[kind]
        lower, upper = (None if bounds[0] else limit(low)), (None if bounds[1] else limit(high))
        return rm.DvInterval(
            lower=lower, upper=upper, lower_unbounded=bounds[0], upper_unbounded=bounds[1],
            lower_included=not bounds[0], upper_included=not bounds[1],
        )  # fmt: skip

    numbers = st.integers(0, 8000)
    return st.builds(make, numbers, numbers, st.integers(0, 3), st.tuples(st.booleans(), st.booleans()))


def _proportion(depth: int) -> st.SearchStrategy[Any]:
    whole = st.integers(1, 1000).map(float)
    real = st.floats(0.5, 1000)
    return st.one_of(
        st.builds(
            rm.DvProportion, numerator=_REALS, denominator=real, type=st.just(0), precision=st.sampled_from([None, 2])
        ),
        st.builds(rm.DvProportion, numerator=real, denominator=st.just(1.0), type=st.just(1)),
        st.builds(rm.DvProportion, numerator=real, denominator=st.just(100.0), type=st.just(2)),
        st.builds(
            rm.DvProportion, numerator=whole, denominator=whole, type=st.sampled_from([3, 4]), precision=st.just(0)
        ),
    )


def _element(depth: int) -> st.SearchStrategy[Any]:
    null = _coded(rm.Element, "null_flavour")
    assert null is not None
    named = {"name": objects(rm.DvText, depth + 1), "archetype_node_id": st.sampled_from(["at0004", "at0005.1"])}
    full = st.builds(rm.Element, value=_value(fields(rm.Element)["value"], depth), **named)
    empty = st.builds(
        rm.Element, null_flavour=null, null_reason=st.one_of(st.none(), objects(rm.DvText, depth + 1)), **named
    )
    return st.one_of(full, full, empty)


def _table(depth: int) -> st.SearchStrategy[Any]:
    row = st.builds(
        rm.Cluster, name=objects(rm.DvText, depth + 1), archetype_node_id=st.just("at0010"),
        items=st.lists(objects(rm.Element, depth + 1), min_size=1, max_size=2),
    )  # fmt: skip
    return st.builds(
        rm.ItemTable,
        name=objects(rm.DvText, depth + 1),
        archetype_node_id=st.just("at0009"),
        rows=st.lists(row, min_size=1, max_size=2),
    )


def _reference_range(depth: int) -> st.SearchStrategy[Any]:
    return st.builds(rm.ReferenceRange, meaning=objects(rm.DvText, depth + 1), range=_interval(depth))


_SPECIAL: dict[str, Callable[[int], st.SearchStrategy[Any]]] = {
    "DV_INTERVAL": _interval,
    "DV_PROPORTION": _proportion,
    "ELEMENT": _element,
    "ITEM_TABLE": _table,
    "REFERENCE_RANGE": _reference_range,
}
_FILTERS: dict[str, Callable[[Any], bool]] = {
    "HISTORY": lambda history: bool(history.events) or history.summary is not None,
    "FOLDER": lambda folder: len({child.name.value for child in folder.folders or []}) == len(folder.folders or []),
}
