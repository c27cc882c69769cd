"""A valid object of every RM class: build one, break one thing.

`build("DV_QUANTITY")` or `build(rm.DvQuantity, magnitude=5.0)` gives a new object that satisfies every rule, with the
required attributes and what the rules ask for; keywords replace attributes. Values are fixed, so tests are repeatable.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from cdr import rm
from cdr.rm.catalog import CATALOG, fields, python_class

R = TypeVar("R", bound=rm.RmObject)

UID = "8849182c-82ad-4088-a07f-48ead4180515"
OTHER_UID = "7d44b88c-4199-4bad-97dc-d78268e01398"
VERSION_UID = f"{UID}::local.kilde::1"
TIME = "2024-05-17T10:15:30+02:00"

# The class that stands for an abstract one.
_TYPICAL = {
    "DV_TEXT": "DV_TEXT", "OBJECT_ID": "HIER_OBJECT_ID", "UID_BASED_ID": "HIER_OBJECT_ID", "PARTY_PROXY": "PARTY_SELF",
    "ITEM_STRUCTURE": "ITEM_TREE", "ITEM": "ELEMENT", "EVENT": "POINT_EVENT", "DV_ENCAPSULATED": "DV_PARSABLE",
    "DATA_VALUE": "DV_TEXT", "DV_ORDERED": "DV_COUNT", "CONTENT_ITEM": "EVALUATION", "LOCATABLE": "ELEMENT",
}  # fmt: skip


def build(rm_class: type[R] | str, **attributes: Any) -> R:
    """Return a valid object of a concrete class, with the given attributes in place of the usual ones."""
    cls: Any = python_class(rm_class) if isinstance(rm_class, str) else rm_class
    values = {name: _required(cls, name) for name, field in fields(cls).items() if field.is_mandatory}
    for base in reversed(cls.__mro__):
        if issubclass(base, rm.RmObject) and base is not rm.RmObject:
            make = _USUAL.get(base.rm_name())
            values |= make() if make else {}
    return cls(**(values | attributes))  # type: ignore[no-any-return]


def text(value: str) -> rm.DvText:
    """Return a plain text."""
    return rm.DvText(value=value)


def code(code_string: str, terminology: str = "openehr") -> rm.CodePhrase:
    """Return a code."""
    return rm.CodePhrase(terminology_id=rm.TerminologyId(value=terminology), code_string=code_string)


def coded(value: str, code_string: str, terminology: str = "openehr") -> rm.DvCodedText:
    """Return a coded text."""
    return rm.DvCodedText(value=value, defining_code=code(code_string, terminology))


def archetyped(archetype_id: str) -> rm.Archetyped:
    """Return what the root of an archetype carries."""
    return rm.Archetyped(archetype_id=rm.ArchetypeId(value=archetype_id), rm_version="1.1.0")


def _required(cls: type[rm.RmObject], name: str) -> Any:
    field = fields(cls)[name]
    if field.primitive is not None:
        return {str: "text", bool: False, int: 1, float: 1.0}[field.primitive]
    target = field.rm_type if field.rm_type in field.choices else _TYPICAL.get(field.rm_type, "")
    if CATALOG.is_abstract(target) or target not in field.choices:
        target = sorted(field.choices)[0]
    value: Any = build(target)
    return [value] if field.is_multiple else value


def _root(archetype_id: str) -> dict[str, Any]:
    return {"archetype_node_id": archetype_id, "archetype_details": archetyped(archetype_id)}


_USUAL: dict[str, Callable[[], dict[str, Any]]] = {
    "HIER_OBJECT_ID": lambda: {"value": UID},
    "OBJECT_VERSION_ID": lambda: {"value": VERSION_UID},
    "ARCHETYPE_ID": lambda: {"value": "openEHR-EHR-OBSERVATION.pulse.v2"},
    "TERMINOLOGY_ID": lambda: {"value": "local"},
    "OBJECT_REF": lambda: {"namespace": "local", "type": "VERSIONED_COMPOSITION"},
    "ACCESS_GROUP_REF": lambda: {"type": "ACCESS_GROUP"},
    "PARTY_REF": lambda: {"namespace": "demographic", "type": "PERSON"},
    "CODE_PHRASE": lambda: {"code_string": "at0001"},
    "DV_TEXT": lambda: {"value": "a text"},
    "DV_URI": lambda: {"value": "https://example.org/a"},
    "DV_EHR_URI": lambda: {"value": "ehr:/a"},
    "TERM_MAPPING": lambda: {"match": "="},
    "DV_PARSABLE": lambda: {"formalism": "text/plain"},
    "DV_TIME_SPECIFICATION": lambda: {"value": build(rm.DvParsable, formalism="HL7:PIVL")},
    "DV_MULTIMEDIA": lambda: {"media_type": code("image/png", "IANA_media-types"), "uri": build(rm.DvUri), "size": 5},
    "DV_QUANTITY": lambda: {"magnitude": 120.5, "units": "mm[Hg]"},
    "DV_PROPORTION": lambda: {"numerator": 1.5, "denominator": 2.5, "type": 0},
    "DV_DATE": lambda: {"value": TIME[:10]},
    "DV_TIME": lambda: {"value": TIME[11:]},
    "DV_DATE_TIME": lambda: {"value": TIME},
    "DV_DURATION": lambda: {"value": "PT1H30M"},
    "DV_INTERVAL": lambda: {
        "lower": rm.DvCount(magnitude=1), "upper": rm.DvCount(magnitude=9),
        "lower_included": True, "upper_included": True,
    },
    "LOCATABLE": lambda: {"name": text("a name"), "archetype_node_id": "at0001"},
    "ELEMENT": lambda: {"value": text("a value")},
    "CLUSTER": lambda: {"items": [build(rm.Element)]},
    "ITEM_SINGLE": lambda: {"item": build(rm.Element)},
    "HISTORY": lambda: {"events": [build(rm.PointEvent)]},
    "INTERVAL_EVENT": lambda: {"math_function": coded("mean", "146")},
    "PARTY_IDENTIFIED": lambda: {"name": "A name"},
    "PARTY_RELATED": lambda: {"relationship": coded("mother", "10")},
    "PARTICIPATION": lambda: {"function": text("nurse")},
    "AUDIT_DETAILS": lambda: {"system_id": "local.kilde", "change_type": coded("creation", "249")},
    "ATTESTATION": lambda: {"reason": text("signed")},
    "ORIGINAL_VERSION": lambda: {"lifecycle_state": coded("complete", "532"), "data": build(rm.Composition)},
    "ENTRY": lambda: _root("openEHR-EHR-EVALUATION.problem_diagnosis.v1")
    | {"language": code("nb", "ISO_639-1"), "encoding": code("UTF-8", "IANA_character-sets")},
    "ISM_TRANSITION": lambda: {"current_state": coded("active", "245")},
    "COMPOSITION": lambda: _root("openEHR-EHR-COMPOSITION.encounter.v1")
    | {
        "language": code("nb", "ISO_639-1"), "territory": code("NO", "ISO_3166-1"),
        "category": coded("event", "433"), "composer": build(rm.PartyIdentified), "context": build(rm.EventContext),
        "content": [build(rm.Evaluation)],
    },
    "EVENT_CONTEXT": lambda: {"setting": coded("home", "225")},
    "EHR_STATUS": lambda: _root("openEHR-EHR-EHR_STATUS.generic.v1"),
    "EHR_ACCESS": lambda: _root("openEHR-EHR-EHR_ACCESS.generic.v1"),
    "EHR": lambda: {
        "ehr_status": build(rm.ObjectRef, type="VERSIONED_EHR_STATUS"),
        "ehr_access": build(rm.ObjectRef, type="VERSIONED_EHR_ACCESS"),
    },
    "PARTY": lambda: _root("openEHR-DEMOGRAPHIC-PERSON.person.v1") | {"uid": build(rm.HierObjectId)},
    "CONTRIBUTION": lambda: {"versions": [build(rm.ObjectRef, type="VERSION")]},
    "ITEM_TAG": lambda: {"key": "flag"},
}  # fmt: skip
