"""The catalogue says what the official JSON Schema of RM 1.1.0 says, class by class."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aql.catalog import RmCatalog
from cdr import rm
from cdr.rm.catalog import CATALOG, fields, is_concrete, python_class, rm_name
from tests.support.corpus import shared

# Definitions of the schema that no EHR or demographic store holds.
NOT_OURS = {
    "ADDRESSED_MESSAGE", "ARCHETYPE_HRID", "ARRAY", "DATE", "DATE_TIME", "DURATION", "INTERNET_ID", "INTERVAL", "ISO8601_TYPE",
    "ISO_OID", "LIST", "MESSAGE", "RESOURCE_DESCRIPTION", "RESOURCE_DESCRIPTION_ITEM", "SET", "SYNC_EXTRACT",
    "SYNC_EXTRACT_REQUEST", "SYNC_EXTRACT_SPEC", "TERMINOLOGY_CODE", "TERMINOLOGY_TERM", "TIME", "TRANSLATION_DETAILS", "URI",
    "UUID", "VALIDITY_KIND", "VERSION_STATUS", "VERSION_TREE_ID", "GENERIC_CONTENT_ITEM", "OPENEHR_CONTENT_ITEM",
}  # fmt: skip

# Attributes where the schema and the class tables differ, with the reason; the class tables win.
ONLY_IN_SCHEMA: dict[tuple[str, str], str] = {
    ("DV_QUANTITY", "property"): "left the class table before RM 1.0; kept in the schema by mistake",
    ("EHR_ACCESS", "settings"): "its type is abstract and has no concrete class, so no value can exist",
}
ONLY_IN_CATALOG: dict[tuple[str, str], str] = {
    ("EHR", "tags"): "added by the class table of RM 1.1.0",
}
MANDATORY_DIFFERS: dict[tuple[str, str], str] = {
    ("ACTIVITY", "action_archetype_id"): "1..1 in the class table",
    ("CONTACT", "addresses"): "1..1 in the class table",
    ("DV_URI", "value"): "1..1 in the class table",
    ("DV_EHR_URI", "value"): "1..1 in the class table",
    ("EHR", "contributions"): "0..1 in the class table",
} | {
    (name, "uid"): "an invariant (PARTY.Uid_mandatory) and not an attribute's multiplicity: a rule checks it"
    for name in ("AGENT", "GROUP", "ORGANISATION", "PERSON", "ROLE")
}
TYPE_DIFFERS: dict[tuple[str, str], str] = {
    ("GENERIC_ENTRY", "data"): "ITEM in the class table, ITEM_TREE in the schema: both are accepted",
    ("DV_INTERVAL", "lower"): "the schema leaves the generic parameter open",
    ("DV_INTERVAL", "upper"): "the schema leaves the generic parameter open",
    ("ORIGINAL_VERSION", "data"): "the schema leaves the generic parameter open",
}


def _schema() -> dict[str, Any]:
    path = shared("data", "openEHR+specifications-ITS-JSON", "components", "openehr_rm_1.1.0_all.json")
    definitions: dict[str, Any] = json.loads(path.read_text("utf-8"))["definitions"]
    return {
        name: body
        for name, body in definitions.items()
        if name not in NOT_OURS and "EXTRACT" not in name and not name.startswith("X_")
    }


def test_catalog_satisfies_the_protocol_of_the_query_language() -> None:
    catalog: RmCatalog = CATALOG
    assert catalog.attributes("ELEMENT")["value"].rm_type == "DATA_VALUE"


def test_every_class_of_the_schema_is_a_concrete_class() -> None:
    missing = sorted(name for name in _schema() if not CATALOG.is_class(name) or CATALOG.is_abstract(name))
    assert missing == []


def test_attributes_and_their_types_agree_with_the_schema() -> None:
    differences = {
        (name, attribute)
        for name, body in _schema().items()
        for attribute in set(body["properties"]) - {"_type"} ^ set(CATALOG.attributes(name))
    }
    assert differences == set(ONLY_IN_SCHEMA) | set(ONLY_IN_CATALOG)


def test_obligation_agrees_with_the_schema() -> None:
    differences = {
        (name, attribute.name)
        for name, body in _schema().items()
        for attribute in CATALOG.attributes(name).values()
        if attribute.name in body["properties"]
        and attribute.is_mandatory != (attribute.name in body.get("required", ()))
    }
    assert differences == set(MANDATORY_DIFFERS)


def test_kind_of_each_attribute_agrees_with_the_schema() -> None:
    primitives = {"string": "String", "integer": "Integer", "number": "Real", "boolean": "Boolean"}
    for name, body in _schema().items():
        for key, node in body["properties"].items():
            attribute = CATALOG.attributes(name).get(key)
            if attribute is None or (name, key) in TYPE_DIFFERS:
                continue
            assert attribute.is_multiple == (node.get("type") == "array"), (name, key)
            member = node["items"] if attribute.is_multiple else node
            if "$ref" in member:
                assert attribute.rm_type == member["$ref"].rsplit("/", 1)[1], (name, key)
            elif "allOf" in member:
                declared = {
                    choice["if"]["properties"]["_type"]["const"]
                    for choice in member["allOf"]
                    if "properties" in choice.get("if", {})
                }
                assert declared == set(fields(python_class(name))[key].choices), (name, key)
            else:
                assert attribute.rm_type == primitives[member["type"]], (name, key)


def test_rm_names_are_the_tags_of_the_concrete_classes() -> None:
    for name in CATALOG.class_names():
        rm_class = CATALOG.python_class(name)
        if is_concrete(rm_class):
            assert rm_class.__struct_config__.tag == name


def test_abstract_classes_are_known() -> None:
    assert CATALOG.is_abstract("LOCATABLE")
    assert not CATALOG.is_abstract("VERSIONED_OBJECT")
    assert not CATALOG.is_abstract("String")


def test_subtypes_are_concrete_and_include_the_class_itself() -> None:
    assert CATALOG.subtypes("DV_TEXT") == {"DV_TEXT", "DV_CODED_TEXT"}
    assert CATALOG.subtypes("ITEM") == {"ELEMENT", "CLUSTER"}
    assert CATALOG.subtypes("Real") == {"Real"}


def test_supertypes_include_the_class_itself() -> None:
    assert CATALOG.supertypes("OBSERVATION") == {
        "OBSERVATION", "CARE_ENTRY", "ENTRY", "CONTENT_ITEM", "LOCATABLE", "PATHABLE",
    }  # fmt: skip


def test_inherited_attributes_come_first() -> None:
    assert list(CATALOG.attributes("ELEMENT"))[:2] == ["name", "archetype_node_id"]
    assert list(CATALOG.attributes("ELEMENT"))[-3:] == ["null_flavour", "value", "null_reason"]


def test_rm_name_of_an_object() -> None:
    assert rm_name(rm.DvEhrUri(value="ehr:/x")) == "DV_EHR_URI"


def test_unknown_names_are_no_classes() -> None:
    assert not CATALOG.is_class("DV_NOTHING")
    with pytest.raises(KeyError):
        CATALOG.attributes("DV_NOTHING")
